"""Production: the Erlang pipeline, logistic capacity, utilisation with a lag."""

import numpy as np
import pytest
from scipy import stats

from materiel.mechanisms import Production
from materiel.mechanisms.production import grown

from .toolkit import bench, first_order

TEXT = """
goods: {shell: {name: shells}, rocket: {name: rockets}}
production:
  works: {actor: north, makes: {shell: 1}, capacity: 1k rounds/day, utilisation: 100 %, lead_time: 60 days, stages: 3}
"""
PATH = "production.works"


def step_response(steps, step=1.0, **other):
    """Output per day over input per day after utilisation jumps from 0 to 1 on the first day."""
    h = bench(TEXT, Production).run(steps, other, opening={f"{PATH}.utilisation": 0.0}, step=step, dtype=np.float64)
    return np.diff(h.measures["made[works.shell]"][:, 0]) / (1000 * step)


@pytest.mark.f64
def test_step_response_is_negative_binomial():
    """Exactly: k geometric stages of share k/tau; started on step 0, a round can leave the last stage on step k at the earliest."""
    got = step_response(300)
    n = np.arange(300)
    np.testing.assert_allclose(got, stats.nbinom.cdf(n - 3, 3, 3 / 60), rtol=0, atol=1e-12)


@pytest.mark.f64
def test_step_response_tends_to_the_gamma_distribution():
    """Published: 0.577 at t = tau for k = 3. The step that begins at tau is late by a part of itself, so its error halves."""
    exact = stats.gamma.cdf(60, 3, scale=20)
    assert abs(exact - 0.577) < 5e-4
    responses = [step_response(60 * k + 1, 1 / k) for k in (1, 2, 4)]
    late = [r[-1] for r in responses]
    assert abs(late[0] - exact) < stats.gamma.pdf(60, 3, scale=20)  # less than what a day adds
    first_order(late[0], late[1], exact)
    first_order(late[1], late[2], exact)
    # the steps before and after tau together are late by nothing: what is left is of second order, (k/tau)^2
    assert abs(responses[0][-2:].mean() - exact) < (3 / 60) ** 2


@pytest.mark.f64
def test_mean_and_variance_of_the_delay():
    """Mean exactly tau, variance tau^2 / k - tau steps^2."""
    daily = np.zeros(1500)
    daily[0] = 1.0
    h = bench(TEXT, Production).run(1500, opening={f"{PATH}.utilisation": 0.0}, daily={f"{PATH}.utilisation": daily}, dtype=np.float64)
    out = np.diff(h.measures["made[works.shell]"][:, 0]) / 1000
    n = np.arange(1500)
    assert abs(out.sum() - 1) < 1e-12
    mean = (n * out).sum()
    assert abs(mean - 60) < 1e-9
    assert abs((n**2 * out).sum() - mean**2 - (60**2 / 3 - 60)) < 1e-6


def test_work_in_progress_is_rate_times_lead_time():
    """Steady from the first day: 1000 a day for 60 days lie in the pipeline, and output equals input."""
    h = bench(TEXT, Production).run(200, {f"{PATH}.utilisation": 0.7})
    wip = sum(x for a, x in h.accounts.items() if a.startswith("making:"))
    np.testing.assert_allclose(wip, 0.7 * 1000 * 60, rtol=1e-6)
    np.testing.assert_allclose(np.diff(h.measures["made[works.shell]"][:, 0]), 700, rtol=1e-6)


def test_what_went_in_came_out_or_is_in_work():
    h = bench(TEXT, Production).run(400, {f"{PATH}.lead_time": np.array([2.0, 3.0, 60.0, 700.0])}, opening={f"{PATH}.utilisation": 0.3})
    wip = sum(x for a, x in h.accounts.items() if a.startswith("making:"))
    went_in, out = h.flows["start/works/shell"], h.measures["made[works.shell]"]
    assert np.all(np.abs(wip + out - went_in - wip[0]) <= 1e-6 * (wip[0] + went_in))
    assert np.all(wip >= 0)


GROWS = """
goods: {shell: {name: shells}}
production:
  works:
    {actor: north, makes: {shell: 1}, capacity: 1k rounds/day, capacity_on: 2020-07-19, doubling: 100 days,
    headroom: 3, lead_time: 10 days}
"""


def capacity_by_day(h, step=1.0):
    return np.diff(h.flows["start/works/shell"][:, 0]) / step


@pytest.mark.f64
def test_capacity_is_logistic_and_passes_the_stated_day():
    """K = Kmax / (1 + (Kmax/K0 - 1) 2^(-(t - t0)/T)), K0 = 1000 on day 200, Kmax = 4000; exact in any step."""
    t = np.arange(400)
    exact = 4000 / (1 + 3 * 2.0 ** (-(t - 200) / 100))
    b = bench(GROWS, Production)
    np.testing.assert_allclose(capacity_by_day(b.run(400, dtype=np.float64)), exact, rtol=1e-10)
    np.testing.assert_allclose(capacity_by_day(b.run(800, step=0.5, dtype=np.float64), 0.5)[::2], exact, rtol=1e-10)
    assert exact[200] == 1000


def test_far_below_the_ceiling_capacity_doubles():
    np.testing.assert_allclose(grown(np.float32(1), np.float32(1e6), np.float32(100), np.float32(100)), 2.0, rtol=3e-6)


def test_growth_there_and_back():
    there = grown(np.float32(1000), np.float32(4000), np.float32(100), np.float32(-250))
    np.testing.assert_allclose(grown(there, np.float32(4000), np.float32(100), np.float32(250)), 1000, rtol=1e-5)


def test_at_the_ceiling_nothing_grows():
    assert float(grown(np.float32(4000), np.float32(4000), np.float32(100), np.float32(365))) == 4000


def test_a_line_splits_its_output_by_weight():
    text = TEXT.replace("makes: {shell: 1}", "makes: {shell: 3, rocket: 1}")
    h = bench(text, Production).run(50)
    np.testing.assert_allclose(h.measures["made[works.shell]"][1:], 3 * h.measures["made[works.rocket]"][1:], rtol=1e-6)
    np.testing.assert_allclose(h.measures["made[works.shell]"][-1] + h.measures["made[works.rocket]"][-1], 50_000, rtol=1e-6)


EXPORT = (
    TEXT.replace("stages: 3}", "stages: 3, for_export: {offer: gift, utilisation: 90 %, lag: 40 days}}")
    + """
routes: {rail: {from: north, to: maker, carries: [shell], capacity: 1 containers/day, transit: 5 days, lost: 0}}
offers:
  gift:
    {from: north, to: maker, by: [rail], amount: 1 containers/day, scale: 1, opens: 2020-01-01,
    munition_share: 1, mix: {shell: 1}, reserve: 0}
"""
)
EXPORT = EXPORT.replace("{shell: {name: shells}", "{shell: {name: shells, per_container: 100 rounds/container}")


@pytest.mark.f64
def test_utilisation_moves_to_the_export_value_with_its_lag():
    """u = 0.9 - (0.9 - 0.3)(1 - 1/40)^n from the day after the offer shows as open; closing leads back."""
    b = bench(EXPORT, Production, given=("offer.open[gift]",))
    daily = np.where(np.arange(400) < 200, 1.0, 0.0)
    offered = "given.offer.open[gift]"
    h = b.run(400, {f"{PATH}.utilisation": 0.3}, opening={offered: 0.0}, daily={offered: daily}, dtype=np.float64)
    used = capacity_by_day(h) / 1000
    n = np.arange(201)
    exact = 0.9 - 0.6 * (1 - 1 / 40) ** n
    np.testing.assert_allclose(used[1 : 1 + 201], exact, rtol=1e-12)
    back = 0.3 + (used[201] - 0.3) * (1 - 1 / 40) ** np.arange(199)
    np.testing.assert_allclose(used[201:], back, rtol=1e-12)


def test_an_offer_above_its_scale_asks_for_no_more_than_export_utilisation():
    offered = {"given.offer.open[gift]": np.array([0.0, 0.5, 1.0, 3.0])}
    h = bench(EXPORT, Production, given=("offer.open[gift]",)).run(300, {f"{PATH}.utilisation": 0.3, **offered})
    used = np.diff(h.flows["start/works/shell"], axis=0)[-1] / 1000
    np.testing.assert_allclose(used, [0.3, 0.6, 0.9, 0.9], atol=1e-3)  # 300 days are 7.5 lags: e^-7.5 x 0.6 is left
    assert np.all(np.diff(used) >= 0)


def test_a_capacity_raised_later_raises_output():
    """A course may patch the stated capacity on any day: started rounds follow at once, growing line or not."""
    for text in (TEXT, GROWS):
        factor = np.where(np.arange(400) < 100, 1.0, 3.0)
        h = bench(text, Production).run(400, daily={f"{PATH}.capacity": 1000 * factor})
        plain = bench(text, Production).run(400)
        started, expected = (np.diff(x.flows["start/works/shell"][:, 0]) for x in (h, plain))
        np.testing.assert_allclose(started, expected * factor, rtol=1e-3)  # float32 differences of running totals


SHARED = TEXT.replace("makes: {shell: 1}", "makes: {shell: 3, rocket: 1}, for: {south: 3, friend: 1, maker: 0}")


def test_a_line_works_for_several_actors_by_weight():
    """700 a day in two goods, steady from the first day: three quarters of each to one taker, a quarter to the other."""
    h = bench(SHARED, Production).run(200, {f"{PATH}.utilisation": 0.7})
    for good, share in (("shell", 3 / 4), ("rocket", 1 / 4)):
        for actor, part in (("south", 3 / 4), ("friend", 1 / 4), ("maker", 0)):
            np.testing.assert_allclose(h.accounts[f"depot:{actor}/{good}"][:, 0], 700 * share * part * h.days, rtol=1e-6)
        np.testing.assert_allclose(h.measures[f"made[works.{good}]"][:, 0], 700 * share * h.days, rtol=1e-6)
    assert not any(account.startswith("depot:north/") for account in h.accounts)  # who owns the line keeps nothing


def test_takers_change_nothing_but_where_the_rounds_go():
    """Whoever takes it, with one stage that empties in a step too, the same is started and finished, and nothing is lost."""
    for stages in (1, 3):
        counted = f"stages: {stages}"
        plain, shared = (
            bench(t.replace("stages: 3", counted), Production) for t in (TEXT, TEXT.replace("}, cap", "}, for: {south: 3, friend: 5}, cap"))
        )
        numbers = {f"{PATH}.lead_time": np.array([0.5, 3.0, 60.0])}
        one, many = (b.run(200, numbers, opening={f"{PATH}.utilisation": 0.3}) for b in (plain, shared))
        np.testing.assert_array_equal(one.flows["start/works/shell"], many.flows["start/works/shell"])
        for name in ("made[works.shell]", "output[works]"):
            np.testing.assert_allclose(many.measures[name], one.measures[name], rtol=1e-6)
        total = sum(many.accounts.values())
        assert np.all(np.abs(total - total[0]) <= 1e-6 * many.flows["start/works/shell"][-1])


def test_takers_of_no_weight_get_nothing():
    """All weights 0 is no world that anybody would write; the rounds stay in the works."""
    weights = {f"{PATH}.for.{a}": 0.0 for a in ("south", "friend", "maker")}
    h = bench(SHARED, Production).run(100, weights)
    assert not h.measures["made[works.shell]"].any()
    wip = sum(x for a, x in h.accounts.items() if a.startswith("making:"))
    np.testing.assert_allclose(wip[:, 0] - wip[0, 0], 1000 * h.days, rtol=1e-6)


@pytest.mark.f64
def test_output_is_what_was_finished_the_day_before():
    """All goods and takers of the line together, a day; before the first day the line works as on it."""
    step = 0.5
    h = bench(SHARED, Production).run(300, opening={f"{PATH}.utilisation": 0.2}, step=step, dtype=np.float64)
    finished = sum(h.measures[f"made[works.{g}]"][:, 0] for g in ("shell", "rocket"))
    np.testing.assert_allclose(h.measures["output[works]"][1:, 0], np.diff(finished) / step, rtol=1e-9)
    np.testing.assert_allclose(h.measures["output[works]"][:2, 0], 200, rtol=1e-12)  # 20 % of 1000 a day lie in work
    np.testing.assert_allclose(h.measures["output[works]"][-1, 0], 1000 - 800 * stats.nbinom.sf(299 - 3, 3, 3 * step / 60), rtol=1e-12)
