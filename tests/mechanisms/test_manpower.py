"""People: the pool, recruits, training, call-ups, wastage, wounded who return; nobody is made or lost."""

import numpy as np
import pytest

from materiel.mechanisms import Attrition, ContractError, Manpower, Supplies

from .test_attrition import TEXT as WAR
from .toolkit import bench, first_order, scenario

FORCE = """recruits: 500 people/day, response: 0, most_response: 2.5, wastage: 0.005 per day,
    wounded_per_killed: 3, returning: 60 %, recovery: 90 days"""
TEXT = (
    WAR
    + f"""
manpower:
  a: {{actor: north, troops: ours, {FORCE}}}
  b: {{actor: south, troops: theirs, {FORCE}}}
"""
)
GIVEN = ("front.attacking[a]", "front.attacking[b]", "equivalents[a]", "equivalents[b]")
LOG = {"attrition.alpha": 0.0, "attrition.own_strength_direct": 1.0}  # a constant share of the force is lost each day


@pytest.fixture(scope="module")
def force():
    return bench(TEXT, Attrition, Manpower, Supplies, given=GIVEN)


def of_side(h, s):
    depot = {"a": "depot:north/ours", "b": "depot:south/theirs"}[s]
    return {a: x for a, x in h.accounts.items() if a == depot or a.split(":")[1].split("/")[-1] == s or f"hospital/{s}/" in a}


def test_everybody_is_somewhere(force):
    rng = np.random.default_rng(6)
    n = 40
    most = {"recruits": 5e3, "wastage": 0.05, "wounded_per_killed": 9, "returning": 1, "recovery": 300}
    numbers = {f"manpower.a.{k}": rng.uniform(0.004 * x, x, n) for k, x in most.items()}
    h = force.run(300, {**LOG, **numbers, "manpower.a.response": 1.0})
    for s in "ab":
        accounts = of_side(h, s)
        assert len(accounts) == 8  # depot, casualties, recruits, killed, invalided, wastage, two stages of recovery
        total = sum(accounts.values())
        assert np.all(np.abs(total - total[0]) <= 1e-6 * (total[0] + h.flows[f"recruit/{s}"] + h.measures[f"losses[{s}]"]))
        assert all(np.all(x >= -1e-3) for a, x in accounts.items() if not a.startswith("source:"))


@pytest.mark.f64
def test_steady_strength(force):
    """r = L (1 - w rho) + wastage, w = k / (1 + k) the share of wounded; in steps L = M (1 - e^-lam) exactly."""
    h = force.run(4000, LOG, dtype=np.float64)
    strength = 500 / (-np.expm1(-0.01) * (1 - 0.75 * 0.6) - np.expm1(-0.005))
    np.testing.assert_allclose(h.accounts["depot:north/ours"][-1, 0], strength, rtol=1e-9)
    np.testing.assert_allclose(h.accounts["depot:south/theirs"][-1, 0], strength, rtol=1e-9)
    # Little: those in hospital are the wounded of 90 days
    wards = h.accounts["transit:hospital/a/0"][-1, 0] + h.accounts["transit:hospital/a/1"][-1, 0]
    np.testing.assert_allclose(wards, 90 * 0.75 * strength * -np.expm1(-0.01), rtol=1e-9)


@pytest.mark.f64
def test_wastage_alone_is_exponential(force):
    h = force.run(300, {"attrition.base_rate": 0.0, "manpower.a.recruits": 0.0}, dtype=np.float64)
    np.testing.assert_allclose(h.accounts["depot:north/ours"][:, 0], 1e5 * np.exp(-0.005 * h.days), rtol=1e-12)


def test_shares_of_the_fallen(force):
    h = force.run(1000, LOG)
    fallen = h.measures["losses[a]"][-1, 0] - h.accounts["waiting:casualties/a"][-1, 0]
    np.testing.assert_allclose(h.accounts["sink:killed/a"][-1, 0], fallen / 4, rtol=1e-5)
    left = h.flows["return/a"][-1, 0] + h.flows["retire/a"][-1, 0]
    np.testing.assert_allclose(h.flows["return/a"][-1, 0], 0.6 * left, rtol=1e-5)


def test_recruiting_rises_with_need_up_to_its_bound(force):
    """No losses, no wastage, a force that changes only by the first strength stated: M_0 / M by hand through the opening."""
    still = {"attrition.base_rate": 0.0, "manpower.a.wastage": 0.0, "manpower.a.response": 1.0}
    here = np.array([0.2, 0.5, 0.8, 1.0, 2.0])
    h = force.run(1, {**still, "stocks.north.ours.held": 1e5}, opening={"stocks.north.ours.held": 1e5 * here})
    np.testing.assert_allclose(h.flows["recruit/a"][-1], 500 * np.array([2.5, 2.0, 1.25, 1.0, 0.5]), rtol=1e-5)


@pytest.mark.f64
def test_halving_the_step(force):
    ends = [force.run(200 * k, LOG, step=1 / k, dtype=np.float64).accounts["depot:north/ours"][-1, 0] for k in (1, 2, 4)]
    first_order(ends[0] - ends[2], ends[1] - ends[2], 0.0, 2.5, 3.5)  # (h - h/4) / (h/2 - h/4) = 3


POLICY = """, pool: 1M people, pool_exponent: 1, births: 0 people/day, pay: 1, pay_response: 0.7, loss_aversion: 0, training: 40 days,
    training_stages: 4, call_up: {hazard: 0 per day, size: 30k people, within: 30 days}"""
POLICIES = TEXT.replace("recovery: 90 days", "recovery: 90 days" + POLICY)
AT_ONCE = POLICIES.replace("training: 40 days,\n    training_stages: 4, ", "")
STILL = {"attrition.base_rate": 0.0, "manpower.a.wastage": 0.0}  # nobody leaves
POOL, NU, CALL = "manpower.a.pool", "manpower.a.pool_exponent", "manpower.a.call_up"


@pytest.fixture(scope="module")
def policy():
    return bench(POLICIES, Attrition, Manpower, Supplies, given=GIVEN)


@pytest.fixture(scope="module")
def at_once():
    return bench(AT_ONCE, Attrition, Manpower, Supplies, given=GIVEN)


def test_policy_that_does_nothing_changes_nothing(force, at_once):
    """A pool that does not run short, the pay of the first day, no aversion and no decision: bit for bit the short form."""
    numbers = {**LOG, "manpower.a.response": np.array([0.5, 1.0]), "manpower.a.recruits": np.array([400.0, 700.0])}
    neutral = {f"manpower.{s}.{k}": x for s in "ab" for k, x in (("pool", 1e8), ("pool_exponent", 0.0))}
    short, full = force.run(300, numbers), at_once.run(300, {**numbers, **neutral})
    assert short.measures["losses[a]"][-1].min() > 1e4
    for name, series in short.measures.items():
        np.testing.assert_array_equal(series, full.measures[name], err_msg=name)


def test_everybody_is_somewhere_under_any_policy(policy):
    rng = np.random.default_rng(7)
    n = 40
    most = {"recruits": 5e3, "wastage": 0.05, "returning": 1, "recovery": 300, "pool": 3e5, "pool_exponent": 2, "births": 500}
    most |= {"pay": 3, "pay_response": 2, "loss_aversion": 3, "training": 200}
    most |= {"call_up.hazard": 0.2, "call_up.size": 1e5, "call_up.within": 90}
    numbers = {f"manpower.a.{k}": rng.uniform(0.004 * x, x, n) for k, x in most.items()}
    h = policy.run(300, {**LOG, **numbers, "manpower.a.response": 1.0})
    accounts = of_side(h, "a") | {a: x for a, x in h.accounts.items() if a.startswith("transit:training/a/")}
    assert len(accounts) == 13  # depot, casualties, pool, births, killed, invalided, wastage, two wards, four stages of training
    total, moved = sum(accounts.values()), sum(x for f, x in h.flows.items() if f.endswith("/a"))
    assert np.all(np.abs(total - total[0]) <= 1e-6 * (total[0] + moved))
    assert all(np.all(x >= -1e-3) for a, x in accounts.items() if not a.startswith("source:"))
    assert np.all(h.flows["recruit/a"][-1] + h.flows["call_up/a"][-1] <= (numbers[POOL] + h.flows["births/a"][-1]) * (1 + 1e-6))
    assert (h.flows["call_up/a"][-1] > 0).sum() > 10
    np.testing.assert_allclose(h.measures["recruited[a]"], h.flows["recruit/a"] + h.flows["call_up/a"], rtol=1e-6)


@pytest.mark.f64
def test_the_pool_empties_exponentially(at_once):
    """Z' = -r_0 Z / Z_0: (1 - r_0 / Z_0)^t in steps. With nu = 1/2, Z' = -r_0 sqrt(Z / Z_0): Z = (sqrt(Z_0) - r_0 t / (2 sqrt(Z_0)))^2."""
    h = at_once.run(300, {**STILL, POOL: 1e5}, dtype=np.float64)
    np.testing.assert_allclose(h.accounts["waiting:pool/a"][:, 0], 1e5 * (1 - 500 / 1e5) ** h.days, rtol=1e-9)
    plain = bench(TEXT.replace("recovery: 90 days", "recovery: 90 days, pool: 100k people"), Attrition, Manpower, Supplies, given=GIVEN)
    left = plain.run(300, STILL, dtype=np.float64).measures["pool[a]"]  # an exponent that is not written is 1
    np.testing.assert_allclose(left[1:], h.accounts["waiting:pool/a"][:-1], rtol=1e-9)
    errors = [at_once.run(100 * k, {**STILL, POOL: 1e5, NU: 0.5}, step=1 / k, dtype=np.float64) for k in (1, 2)]
    exact = (np.sqrt(1e5) - 500 * 100 / (2 * np.sqrt(1e5))) ** 2
    first_order(*(h.accounts["waiting:pool/a"][-1] for h in errors), exact)


def test_an_empty_pool_gives_nobody(at_once):
    """Neither recruits nor a call-up, whatever the exponent; of 10,000 people 10,000 come, and of nobody nobody."""
    numbers = {**STILL, POOL: np.array([0.0, 0.0, 1e4]), NU: np.array([0.0, 1.0, 0.0]), f"{CALL}.hazard": 1e3}
    h = at_once.run(300, {**numbers, "stocks.north.ours.held": 2e5}, opening={"stocks.north.ours.held": 1e5})
    np.testing.assert_allclose(h.measures["recruited[a]"][-1], [0, 0, 1e4], rtol=1e-6)
    np.testing.assert_allclose(h.accounts["depot:north/ours"][-1], 1e5 + h.measures["recruited[a]"][-1], rtol=1e-6)
    assert np.all(np.isfinite(list(h.measures.values())))


@pytest.mark.f64
def test_the_pool_where_births_replace_recruits(at_once):
    """births = r_0 (Z / Z_0)^nu: Z = Z_0 (births / r_0)^(1 / nu)."""
    nu = np.array([0.5, 1.0, 2.0])
    for step in (1.0, 2.0):
        h = at_once.run(300, {**STILL, POOL: 5e3, NU: nu, "manpower.a.births": 300.0}, step=step, dtype=np.float64)
        np.testing.assert_allclose(h.measures["pool[a]"][-1], 5e3 * 0.6 ** (1 / nu), rtol=1e-6)  # the slowest returns by 0.08 a day
        np.testing.assert_allclose(h.flows["births/a"][-1], 300 * 300 * step, rtol=1e-9)


@pytest.mark.f64
def test_steady_strength_behind_training(policy):
    """Training delays people and loses none: the same strength as without it; those in training are the recruits of 40 days."""
    fast = {"attrition.base_rate": 0.1, "manpower.a.wastage": 0.2, "manpower.a.recovery": 5.0}
    h = policy.run(300, {**LOG, NU: 0.0, POOL: 1e9, **fast}, dtype=np.float64)
    strength = 500 / (-np.expm1(-0.1) * (1 - 0.75 * 0.6) - np.expm1(-0.2))
    np.testing.assert_allclose(h.accounts["depot:north/ours"][-1, 0], strength, rtol=1e-9)
    trainees = sum(h.accounts[f"transit:training/a/{i}"] for i in range(4))
    np.testing.assert_allclose(trainees[:, 0], 500 * 40, rtol=1e-9)  # from the first day on


@pytest.mark.f64
def test_training_is_an_erlang_delay(policy):
    """A thousand recruits more on one day: k stages that each release the share q = k / tau a day.

    The steps in a stage are geometric, mean 1 / q and variance (1 - q) / q^2; k of them have mean tau = 40 and variance
    tau (tau / k - 1) = 360.
    """
    usual, more = np.full(300, 500.0), np.full(300, 500.0)
    more[0] = 1500.0
    runs = [policy.run(300, {**STILL, NU: 0.0}, daily={"manpower.a.recruits": x}, dtype=np.float64) for x in (more, usual)]
    came = np.diff(runs[0].flows["trained/a"][:, 0] - runs[1].flows["trained/a"][:, 0])
    mean = (np.arange(300) * came).sum() / came.sum()
    assert abs(came.sum() - 1000) < 1e-6
    assert abs(mean - 40) < 1e-6
    assert abs((np.arange(300) ** 2 * came).sum() / came.sum() - mean**2 - 360) < 1e-4
    assert came[:3].max() < 1e-9  # nobody leaves four stages in three days


def test_recruiting_follows_pay_by_its_elasticity(at_once):
    pay, response = np.array([1.0, 2.0, 2.0, 0.5]), np.array([0.7, 0.7, 1.5, 0.7])
    h = at_once.run(1, {**STILL, NU: 0.0, "manpower.a.pay": pay, "manpower.a.pay_response": response})
    np.testing.assert_allclose(h.flows["recruit/a"][-1], 500 * pay**response, rtol=1e-6)


@pytest.mark.f64
def test_losses_deter(at_once):
    """1 % of the force lost a day: exp(-kappa). The share is of those who are left, 0.01 / (1 - 0.01) for X' = X exp(-L / X) in steps.

    It counts losses a day, so that the step does not matter but for that.
    """
    kappa = np.array([0.0, 0.5, 2.0])
    for step in (1.0, 0.5):
        numbers = {**LOG, NU: 0.0, "manpower.a.wastage": 0.0, "manpower.a.loss_aversion": kappa}
        h = at_once.run(2, {**numbers, "manpower.a.recruits": 1e-6}, step=step, dtype=np.float64)
        today = np.diff(h.flows["recruit/a"], axis=0)
        lost = np.expm1(0.01 * step) / step  # the fallen of yesterday over those who were left
        np.testing.assert_allclose(today[1] / today[0], np.exp(-100 * kappa * lost), rtol=1e-6)


def test_decisions_to_mobilise_come_at_their_rate(at_once):
    """Half of the force missing: hazard h / 2. The first decision is exponential, and each calls its size within its time.

    4096 worlds; a share is off by its binomial error.
    """
    n, days = 4096, 250
    numbers = {**STILL, "manpower.a.recruits": 0.0, f"{CALL}.hazard": 0.01, f"{CALL}.size": 1.0, f"{CALL}.within": 1.0, POOL: 1e6}
    h = at_once.run(days, {**numbers, "stocks.north.ours.held": 2e5}, n=n, opening={"stocks.north.ours.held": 1e5}, keep=called)
    taken = h.flows["call_up/a"]
    for t in (20, 100, 249):
        exact = 1 - np.exp(-0.005 * t)  # decided on day t - 1 at the latest, called on day t
        share = (taken[t + 1] > 0).mean()
        assert abs(share - exact) < 4 * np.sqrt(exact * (1 - exact) / n)
    # one a decision; a cycle is an exponential of mean 200, whole days, and the day of the call, during which no hazard runs
    rate = 1 / (1 / -np.expm1(-0.005) + 1)
    assert abs(taken[-1].mean() - (days - 1) * rate) < 4 * np.sqrt((days - 1) * rate / n) + rate


def called(name):
    return name == "call_up/a"


def test_a_call_up_takes_its_size_within_its_time(at_once):
    """Certain on the first day: 30,000 in 30 days from the second, then the next; nobody missing, nobody called."""
    numbers = {**STILL, "manpower.a.recruits": 0.0, f"{CALL}.hazard": 1e6}
    numbers |= {POOL: np.array([1e6, 1e6, 2e4]), "stocks.north.ours.held": np.array([2e5, 1e5, 2e5])}
    h = at_once.run(32, numbers, opening={"stocks.north.ours.held": 1e5})
    taken = h.flows["call_up/a"]
    np.testing.assert_allclose(taken[:, 0], 1e3 * np.clip(np.arange(33) - 1, 0, 30), rtol=1e-5)
    assert not taken[:, 1].any()
    np.testing.assert_allclose(taken[-1, 2], 2e4, rtol=1e-6)


@pytest.mark.parametrize(
    ("less", "said"), [({"pool": None, "call_up": None}, "pool"), ({"pool": None, "births": None}, "pool"), ({"pay_response": None}, "pay")]
)
def test_what_hangs_on_a_missing_field_is_refused(less, said):
    v = scenario(POLICIES).vocabulary
    v = v.model_copy(update={"manpower": v.manpower | {"a": v.manpower["a"].model_copy(update=less)}})
    with pytest.raises(ContractError, match=f"side a .* {said}"):
        Manpower(v)


def test_zeros_stay_finite(policy):
    zeros = dict.fromkeys(("pool", "births", "pay", "training", "recruits", "call_up.size", "call_up.within"), 0.0)
    h = policy.run(
        300, {**LOG, **{f"manpower.a.{k}": x for k, x in zeros.items()}, "stocks.north.ours.held": 0.0, f"{CALL}.hazard": 1.0}, n=40
    )
    for part in (h.accounts, h.measures, h.states):
        assert all(np.all(np.isfinite(x)) for x in part.values())
    assert not h.measures["recruited[a]"].any()
