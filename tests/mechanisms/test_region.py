"""The region: a Richardson pair, its rest and its stability, budgets, joint effort, what alarms."""

import numpy as np
import pytest

from materiel.mechanisms import Reaction

from .toolkit import bench, first_order

THINGS = """
goods: {shell: {name: shells, works: 80 %}}
stocks: {maker.shell: {held: 1 rounds}}
programmes:
  space:
    actor: maker
    from: 2020-01-01
    half_help: 10
    milestones:
      orbit: {name: orbit, hazard: 0.001 per day, multiplier: 1}
      weapon: {name: weapon, hazard: 0.001 per day, multiplier: 1}
  foreign: {actor: friend, from: 2020-01-01, half_help: 10, milestones: {orbit: {name: orbit, hazard: 0.001 per day, multiplier: 1}}}
tests:
  series:
    {actor: maker, from: 2020-01-01, hazard: 0.001 per day, readiness: 1, restraint: 0, active: 1,
    pauses: 0 per day, resumes: 0 per day}
dependence:
  ties:
    actor: maker
    patrons: {north: {actor: north, share: 1, monitoring: 1, opposition: 0, alignment: 0, usual_alignment: 0}}
    exchange: 1M USD/day
    temperature: 1
    sensitivity: 0
    forgetting: 500 days
    warming: 0
    answer_lag: 50 days
    monitoring_answer: 0
    support_answer: 0
    objection: 0
"""
REGION = """
region:
  of: maker
  members:
    near: {actor: south, readiness: 1, reaction: 0.004 per day, fatigue: 0.01 per day, grievance: 0.002 per day}
  threat: 1
  reaction: 0.006 per day
  fatigue: 0.012 per day
  grievance: 0.003 per day
  per_milestone: 0 per day
  per_test: 0 per day
  per_alignment: 0 per day
  dependence: ties
  patron: north
  cooperation: 0
"""
GIVEN = ("milestone[space.orbit]", "milestone[space.weapon]", "milestone[foreign.orbit]", "tests[series]", "alignment[ties.north]")
NEAR = "region.members.near."
K, L, A, B, G, H = 0.004, 0.006, 0.01, 0.012, 0.002, 0.003
REST = ((B * G + K * H) / (A * B - K * L), (A * H + L * G) / (A * B - K * L))


@pytest.fixture(scope="module")
def pair():
    return bench(THINGS + REGION, Reaction, given=GIVEN)


def xy(h, member="near"):
    return h.measures[f"readiness[{member}]"], h.measures["threat"]


@pytest.mark.parametrize("step", [1.0, 20.0])
def test_rest_of_the_pair(pair, step):
    """Richardson: ((b g + k h)/(a b - k l), (a h + l g)/(a b - k l)), from below and from above, whatever the step."""
    start = np.array([0.0, 1.0, 5.0])
    h = pair.run(1200, {NEAR + "readiness": start, "region.threat": start[::-1]}, step=step)
    # the slower root is -0.0061 per day: after 1200 days 7e-4 of the first distance, at most 5, is left
    for ours, rest in zip(xy(h), REST, strict=True):
        np.testing.assert_allclose(ours[-1], rest, atol=5 * 7e-4 + 1e-5)
    still = pair.run(300, {NEAR + "readiness": REST[0], "region.threat": REST[1]}, step=step)
    for ours, rest in zip(xy(still), REST, strict=True):
        np.testing.assert_allclose(ours, rest, rtol=2e-6)


def test_at_rest_if_and_only_if_fatigue_outweighs_reaction(pair):
    """Perturbed from rest, it returns where a b > k l and runs away where a b < k l: 2 % on either side of equality."""
    product = np.array([0.5, 0.98, 1.02, 2.0])  # k l / (a b)
    none = {NEAR + "grievance": 0.0, "region.grievance": 0.0}
    h = pair.run(1200, {**none, NEAR + "reaction": product * A * B / L}, step=10.0)
    late = xy(h)[1][-1] / xy(h)[1][600]
    assert np.all(late[:2] < 1)
    assert np.all(late[2:] > 1)


def test_without_reaction_each_side_is_an_exponential(pair):
    """k = l = 0: x = g/a + (x_0 - g/a) exp(-a t), solved exactly, with a step of any length; the other side's start is nothing to it."""
    for step in (1.0, 30.0):
        h = pair.run(100, {NEAR + "reaction": 0.0, "region.reaction": 0.0, NEAR + "readiness": 3.0}, step=step)
        x, y = xy(h)
        np.testing.assert_allclose(x[:, 0], G / A + (3 - G / A) * np.exp(-A * h.days), rtol=1e-5)
        np.testing.assert_allclose(y[:, 0], H / B + (1 - H / B) * np.exp(-B * h.days), rtol=1e-5)


def test_symmetric_case_is_one_equation_for_the_sum(pair):
    """k = l, a = b: (x + y)' = (k - a)(x + y) + g + h, and the difference decays with -(k + a); half the step, half the error."""
    same = {NEAR + "reaction": K, "region.reaction": K, NEAR + "fatigue": A, "region.fatigue": A, NEAR + "readiness": 2.0}
    sums, differences = [], []
    for step in (2.0, 1.0):
        x, y = xy(pair.run(int(200 / step), same, step=step))
        sums.append((x + y)[-1])
        differences.append((x - y)[-1])
    rest, slope = (G + H) / (A - K), K - A
    exact = rest + (3 - rest) * np.exp(slope * 200)
    np.testing.assert_allclose(sums[1], exact, atol=2e-3)  # the slope is k dt / 2 off: t dt k (a - k) / 2 = 0.0024 of the 0.65 left
    first_order(*sums, exact)
    gap = (G - H) / (A + K)
    np.testing.assert_allclose(differences[1], gap + (1 - gap) * np.exp(-(K + A) * 200), atol=1e-3)


def test_growth_without_fatigue(pair):
    """a = b = 0: x'' = k l x, a hyperbolic cosine; and the sum grows by exp(k t) if both react alike."""
    free = {NEAR + "fatigue": 0.0, "region.fatigue": 0.0, NEAR + "grievance": 0.0, "region.grievance": 0.0}
    h = pair.run(300, {**free, "region.reaction": K})
    np.testing.assert_allclose(xy(h)[0][-1] + xy(h)[1][-1], 2 * (1 + K) ** 300, rtol=1e-5)


MORE = """
    far: {actor: friend, readiness: 2, reaction: 0.002 per day, fatigue: 0.02 per day, grievance: 0 per day}
  threat:"""


def test_members_each_have_a_pair_and_the_threat_their_mean():
    """At rest x_i = (k_i (1 - c) y + g_i)/a_i and b y = l mean x + h; joint effort spares each member's own."""
    h = bench(THINGS + REGION.replace("\n  threat:", MORE), Reaction, given=GIVEN).run(
        1200, {"region.cooperation": np.array([0.0, 0.5, 1.0])}, step=5.0
    )
    (near, y), far = xy(h), xy(h, "far")[0]
    c = np.array([0.0, 0.5, 1.0])
    exact = (H + L * G / A / 2) / (B - L * (1 - c) * (K / A + 0.002 / 0.02) / 2)
    np.testing.assert_allclose(y[-1], exact, rtol=1e-5)
    np.testing.assert_allclose(near[-1], (K * (1 - c) * exact + G) / A, rtol=1e-5)
    np.testing.assert_allclose(far[-1], 0.1 * (1 - c) * exact, rtol=1e-5, atol=1e-6)
    assert np.all(np.diff(near[-1]) < 0)


def test_a_budget_binds_near_its_ceiling():
    """a x (1 + (x / ceiling)^4) = k y + g at rest, and the error halves with the step; a ceiling far off binds nothing."""
    limited = REGION.replace("fatigue: 0.01 per day,", "fatigue: 0.01 per day, ceiling: 2,")
    b = bench(THINGS + limited, Reaction, given=GIVEN)
    ceiling = np.array([1.0, 2.0, 1e6])
    numbers = {"region.reaction": 0.0, "region.grievance": 0.12, NEAR + "ceiling": ceiling}  # the threat rests at 10
    coarse, fine = (xy(b.run(1200, numbers, step=step))[0][-1] for step in (2.0, 1.0))
    arms = K * 10 + G
    roots = [np.roots([A / c**4, 0, 0, 0, A, -arms]) for c in ceiling[:2]]
    exact = np.array([*(r[(abs(r.imag) < 1e-9) & (r.real > 0)].real[0] for r in roots), arms / A])
    np.testing.assert_allclose(fine[:2], exact[:2], atol=arms / 2)  # shown after a day of arming, half of which the budget takes off
    first_order(coarse[:2], fine[:2], exact[:2])
    np.testing.assert_allclose(fine[2], exact[2], rtol=1e-4)
    # however far above its ceiling a member starts, it falls and stays above nothing
    high = b.run(300, {NEAR + "readiness": np.array([1e2, 1e4]), NEAR + "ceiling": 1.0})
    x = xy(high)[0]
    assert np.all(x > 0)
    assert np.all(np.diff(x[:20], axis=0) < 0)


def test_what_alarms_raises_the_threat_by_its_weight(pair):
    """Without reaction b (y - y_rest) = g_1 milestones + g_t tests + g_2 (z - z_0)+; the steps of others alarm nobody."""
    weights = {"region.per_milestone": 0.006, "region.per_test": 0.012, "region.per_alignment": 0.024}
    base = {NEAR + "reaction": 0.0, "region.reaction": 0.0, "region.fatigue": 0.1, **weights}
    seen = {
        "given.milestone[space.orbit]": np.array([0.0, 1, 1, 0, 0]),
        "given.milestone[space.weapon]": np.array([0.0, 0, 1, 0, 0]),
        "given.tests[series]": np.array([0.0, 0, 0, 3, 0]),
        "given.milestone[foreign.orbit]": np.array([0.0, 0, 0, 0, 1]),
    }
    y = xy(pair.run(300, base | seen))[1][-1]
    np.testing.assert_allclose((y - y[0]) * 0.1, [0, 0.006, 0.012, 0.036, 0], atol=1e-6)


def test_only_alignment_above_its_first_value_alarms(pair):
    """The first value is that before the first day, whatever its sign; coming back to it, or falling below, alarms nobody."""
    base = {"region.reaction": 0.0, "region.fatigue": 0.1, "region.per_alignment": 0.024}
    z = np.array([0.5, 0.5, 0.5, -2.0])
    path = np.broadcast_to(np.array([0.5, 1.5, -1.0, -1.0]), (300, 4)).copy()
    path[0] = z
    h = pair.run(300, {**base, "given.alignment[ties.north]": z}, daily={"given.alignment[ties.north]": path})
    y = xy(h)[1][-1]
    np.testing.assert_allclose((y - y[0]) * 0.1, [0, 0.024, 0, 0.024], atol=1e-6)


def test_without_weights_the_pact_changes_nothing(pair):
    """Bit for bit, with everything else on."""
    seen = {f"given.{m}": np.array([0.0, 1.0]) for m in GIVEN}
    for side in xy(pair.run(300, seen)):
        np.testing.assert_array_equal(side[:, 0], side[:, 1])


def test_more_alarm_never_lowers_anybodys_arms(pair):
    rng = np.random.default_rng(8)
    n = 30
    numbers = {f"{NEAR}{r}": rng.uniform(0, 0.02, n) for r in ("reaction", "fatigue", "grievance")}
    numbers |= {f"region.{r}": rng.uniform(0, 0.02, n) for r in ("reaction", "fatigue", "grievance", "per_milestone", "per_test")}
    numbers |= {"region.per_alignment": rng.uniform(0, 0.02, n)}
    calm = xy(pair.run(300, numbers))
    alarmed = xy(pair.run(300, numbers | {f"given.{m}": 1.0 for m in GIVEN[:2]}))
    for c, d in zip(calm, alarmed, strict=True):
        assert np.all(c >= 0)
        assert np.all(d >= c)
    assert np.any(alarmed[0][-1] > calm[0][-1] * 1.01)


# ---- what nobody should write, and somebody will


def test_nobody_shows_what_alarms():
    """A region alone: no programme, no test, no patron runs; the pair still does."""
    h = bench(THINGS + REGION, Reaction).run(300, {f"region.per_{x}": 0.01 for x in ("milestone", "test", "alignment")})
    assert np.all(np.isfinite(xy(h)[1]))
    np.testing.assert_array_equal(xy(h)[1], xy(bench(THINGS + REGION, Reaction, given=GIVEN).run(300))[1])


def test_rates_of_a_whole_step_or_more_stay_sane(pair):
    """Fatigue of 5 a day: the explicit step would swing below zero."""
    h = pair.run(300, {NEAR + "fatigue": 5.0, "region.fatigue": 5.0}, step=7.0)
    for side in xy(h):
        assert np.all((side >= 0) & (side <= 1))
