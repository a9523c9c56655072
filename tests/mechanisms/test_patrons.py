"""Patrons: shares, alignment, events, monitoring that answers, autonomy."""

import math

import numpy as np
import pytest

from materiel.mechanisms import Patrons

from .toolkit import bench, first_order

TERMS = """use: guns, every: 30 days, power: 50 %, enough: 90 days, war_need: 1, peace_value: 10 %,
    value: 1000 USD/round, cost: 100 USD/round, rising_cost: 100 USD/round, outside_receiver: 0 USD/day, outside_supplier: 0 USD/day,
    money_worth: 50 %, technology_scale: 1, yielding: 1, pays_within: 60 days, patience: 90 %"""
OFFER = """by: [rail], amount: 20 containers/day, scale: 1, opens: 2020-01-11, munition_share: 1, mix: {shell: 1}, reserve: 0"""
BARGAIN = f"""
goods: {{shell: {{name: shells, works: 80 %, lethality: 1, per_container: 200 rounds/container}}}}
stocks: {{maker.shell: {{held: 1M rounds}}, friend.shell: {{held: 1M rounds}}}}
routes:
  rail: {{from: maker, to: north, carries: [shell], capacity: 30 containers/day, transit: 20 days, lost: 0}}
  road: {{from: friend, to: north, carries: [shell], capacity: 30 containers/day, transit: 20 days, lost: 0}}
offers:
  gift: {{from: maker, to: north, {OFFER}}}
  sale: {{from: friend, to: north, {OFFER.replace("rail", "road")}}}
fire:
  cover:
    guns: {{actor: north, goods: [shell], usual: 1k rounds/day, most: 2k rounds/day, half_cover: 10 days, steepness: 2,
      horizon: 60 days, smoothing: 14 days}}
bargains:
  deal: {{offer: gift, {TERMS}}}
  other: {{offer: sale, {TERMS}}}
"""
PATRONS = """
dependence:
  ties:
    actor: maker
    patrons:
      big: {actor: friend, share: 90 %, monitoring: 70 %, opposition: 80 %, alignment: 0.5, usual_alignment: 0.5}
      small: {actor: north, share: 10 %, monitoring: 30 %, opposition: 20 %, alignment: 0, usual_alignment: 0}
    exchange: 4M USD/day
    temperature: 0.4
    sensitivity: 0
    forgetting: 500 days
    warming: 0
    answer_lag: 50 days
    monitoring_answer: 0
    support_answer: 0
    objection: 0
"""
GIVEN = ("paying[deal]", "paying[other]")
D = "dependence.ties."
BIG, SMALL = D + "patrons.big.", D + "patrons.small."
PAID = "given.paying[deal]"


@pytest.fixture(scope="module")
def ties():
    return bench(BARGAIN + PATRONS, Patrons, given=GIVEN)


def of(h, family, patron=None):
    return h.measures[f"{family}[ties.{patron}]" if patron else f"{family}[ties]"]


def test_nothing_moves_without_events_or_payments(ties):
    """At rest: every measure stays at what the file states."""
    h = ties.run(300)
    for patron, share, z in (("big", 0.9, 0.5), ("small", 0.1, 0.0)):
        np.testing.assert_allclose(of(h, "patron_share", patron), share, rtol=1e-6)
        np.testing.assert_allclose(of(h, "exchange", patron), 4e6 * share, rtol=1e-6)
        np.testing.assert_array_equal(of(h, "alignment", patron), z)
    np.testing.assert_allclose(of(h, "autonomy"), 1 - 0.9 * 0.7 - 0.1 * 0.3, rtol=1e-6)
    np.testing.assert_allclose(of(h, "concentration"), 0.9**2 + 0.1**2, rtol=1e-6)
    np.testing.assert_allclose(of(h, "restraint"), 0.9 * 0.8 + 0.1 * 0.2, rtol=1e-6)


def test_equal_utilities_give_equal_shares():
    more = "      third: {actor: south, share: 1, monitoring: 1, opposition: 1, alignment: 2, usual_alignment: 2}"
    third = PATRONS.replace("    exchange:", f"{more}\n    exchange:")
    h = bench(BARGAIN + third, Patrons, given=GIVEN).run(100, {BIG + "share": 1.0, SMALL + "share": 1.0, D + "sensitivity": 3.0})
    for patron in ("big", "small", "third"):
        np.testing.assert_allclose(of(h, "patron_share", patron), 1 / 3, rtol=1e-6)
    np.testing.assert_allclose(of(h, "concentration"), 1 / 3, rtol=1e-6)


@pytest.mark.parametrize("step", [1.0, 7.0])
def test_alignment_returns_with_its_half_life(ties, step):
    """The gap to the rest halves in tau ln 2 days, whatever the step: the decay is solved exactly."""
    tau = 140.0 / math.log(2)
    h = ties.run(int(280 / step), {D + "forgetting": tau, BIG + "alignment": 2.0, SMALL + "alignment": -1.0}, step=step)
    np.testing.assert_allclose(of(h, "alignment", "big")[[0, int(140 / step), -1], 0], [2.0, 1.25, 0.875], rtol=1e-5)
    np.testing.assert_allclose(of(h, "alignment", "small")[[0, int(140 / step), -1], 0], [-1.0, -0.5, -0.25], rtol=1e-5)


EVENTS = """
sources: {paper: {title: a paper, published: 2019-12-31}}
events:
  meeting: {on: 2019-12-31, what: visit, says: they met, who: [maker, north], aligns: ties.small, jump: 0.8, source: paper}
  earlier: {on: 2019-09-23, what: vote, says: they voted, who: [maker, north], aligns: ties.small, jump: 0.5, source: paper}
  unheard: {on: 2019-12-01, what: test, says: nobody minded, who: [maker], source: paper}
"""


@pytest.mark.parametrize("step", [1.0, 5.0])
def test_events_move_alignment_on_their_day_and_fade(step):
    """A jump 100 days before the first day has faded to J exp(-100 / tau); one on day 100 appears with that day's end."""
    b = bench(BARGAIN + PATRONS + EVENTS, Patrons, given=GIVEN)
    h = b.run(int(200 / step), {"events.meeting.on": 100.0}, step=step)
    t = h.days
    exact = 0.5 * np.exp(-(t + 100) / 500) + np.where(t > 100, 0.8 * np.exp(-(t - 100) / 500), 0.0)
    np.testing.assert_allclose(of(h, "alignment", "small")[:, 0], exact, rtol=1e-5)
    np.testing.assert_array_equal(of(h, "alignment", "big"), 0.5)
    # the first share is the one stated, although an event was before: the choice answers what has changed since
    np.testing.assert_allclose(of(h, "patron_share", "small")[0], 0.1, rtol=1e-6)


def test_choice_answers_alignment_by_the_logit(ties):
    """The odds of the second patron are its first odds times exp(change of alignment / tau)."""
    h = ties.run(200, {SMALL + "usual_alignment": 1.0, D + "temperature": np.array([0.2, 0.4, 5.0])})
    odds = of(h, "patron_share", "small") / of(h, "patron_share", "big")
    z = of(h, "alignment", "small")
    np.testing.assert_allclose(odds, np.exp(z / np.array([0.2, 0.4, 5.0])) / 9, rtol=1e-4)
    assert np.all(np.diff(odds, axis=0) > 0)


@pytest.mark.parametrize("step", [1.0, 10.0])
def test_payments_warm_at_their_rate(ties, step):
    """Payments as large as all exchange for a short time: `warming` a year; for a long one: rest + tau w / year."""
    numbers = {PAID: 4e6, D + "warming": 0.5, D + "forgetting": np.array([1e7, 20.0])}
    h = ties.run(int(300 / step), numbers, step=step)
    z = of(h, "alignment", "small")[-1]
    np.testing.assert_allclose(z, [0.5 * 300 / 365.25, 0.5 * 20 / 365.25], rtol=1e-4)
    np.testing.assert_array_equal(of(h, "alignment", "big"), 0.5)  # who does not pay does not warm


def test_payments_add_to_the_exchange_of_who_pays(ties):
    h = ties.run(10, {PAID: np.array([0.0, 1e6, 4e6])})
    np.testing.assert_allclose(of(h, "exchange", "small")[1:], np.broadcast_to(4e5 + np.array([0, 1e6, 4e6]), (10, 3)), rtol=1e-6)
    np.testing.assert_allclose(of(h, "patron_share", "big")[-1], 3.6 / np.array([4, 5, 8]), rtol=1e-6)
    np.testing.assert_allclose(of(h, "objection")[-1], 0.0)
    # a bargain of somebody else's is nothing to this actor
    foreign = ties.run(10, {"given.paying[other]": 4e6})
    np.testing.assert_array_equal(of(foreign, "exchange", "small"), of(ties.run(10), "exchange", "small"))


def test_objection_is_in_proportion_to_the_first_share(ties):
    h = ties.run(10, {PAID: np.array([0.0, 4e6]), D + "objection": 2.0})
    np.testing.assert_allclose(of(h, "objection")[-1], [1.8, 0.9], rtol=1e-6)


def test_where_all_watch_alike_payments_leave_autonomy_alone(ties):
    """Bit for bit: shares do not enter at all."""
    numbers = {BIG + "monitoring": 0.37, SMALL + "monitoring": 0.37, D + "warming": 1.0, D + "sensitivity": 2.0}
    h = ties.run(300, {**numbers, PAID: np.array([0.0, 1e5, 3e7])})
    assert np.ptp(of(h, "patron_share", "big")[-1]) > 0.5
    assert np.unique(of(h, "autonomy")).size == 1
    np.testing.assert_allclose(of(h, "autonomy")[0], 0.63, rtol=1e-6)


def test_share_that_moves_to_who_watches_less_raises_autonomy(ties):
    paid = np.linspace(0, 2e7, 21)
    h = ties.run(50, {PAID: paid})
    assert np.all(np.diff(of(h, "autonomy")[-1]) > 0)
    np.testing.assert_allclose(of(h, "autonomy")[-1], 1 - (3.6e6 * 0.7 + (4e5 + paid) * 0.3) / (4e6 + paid), rtol=1e-6)
    worse = ties.run(50, {PAID: paid, SMALL + "monitoring": 0.9})
    assert np.all(np.diff(of(worse, "autonomy")[-1]) < 0)


def test_shares_sum_to_one_and_autonomy_stays_between_who_watches_most_and_least(ties):
    rng = np.random.default_rng(4)
    n = 60
    numbers = {f"{who}{what}": rng.uniform(0, 1, n) for who in (BIG, SMALL) for what in ("share", "monitoring", "opposition")}
    numbers |= {f"{who}{what}": rng.normal(0, 2, n) for who in (BIG, SMALL) for what in ("alignment", "usual_alignment")}
    numbers |= {D + "temperature": rng.uniform(0.02, 3, n), D + "sensitivity": rng.uniform(0, 4, n), PAID: rng.exponential(4e6, n)}
    numbers |= {D + "warming": rng.uniform(0, 2, n), D + "support_answer": rng.normal(0, 3, n), D + "answer_lag": rng.uniform(0.1, 99, n)}
    h = ties.run(300, numbers)
    big, small = of(h, "patron_share", "big"), of(h, "patron_share", "small")
    np.testing.assert_allclose(big + small, 1, atol=3e-7)  # two roundings of float32
    assert np.all((big >= 0) & (small >= 0))
    watched = np.stack([numbers[BIG + "monitoring"], numbers[SMALL + "monitoring"]])
    assert np.all(of(h, "autonomy") >= 1 - watched.max(axis=0) - 3e-7)
    assert np.all(of(h, "autonomy") <= 1 - watched.min(axis=0) + 3e-7)
    assert np.all((of(h, "concentration") >= 0.5 - 1e-6) & (of(h, "concentration") <= 1 + 1e-6))
    answers = ties.run(300, {**numbers, D + "monitoring_answer": rng.normal(0, 5, n)})
    assert np.all((of(answers, "autonomy") >= -3e-7) & (of(answers, "autonomy") <= 1 + 3e-7))


def fallen(h):
    """What the first patron has lost of its share, on the last day."""
    return (of(h, "patron_share", "big")[0] - of(h, "patron_share", "big"))[-1]


def test_the_first_patron_answers_with_its_lag(ties):
    """Payments halve its share at once: monitoring rises by 0.4 * 0.45 (1 - exp(-t / lag)); half the step, half the error."""
    numbers = {PAID: 4e6, D + "monitoring_answer": 0.4}
    watched = []
    for step in (2.0, 1.0):
        h = ties.run(int(60 / step) + 1, numbers, step=step)
        share = of(h, "patron_share", "small")[-1]
        # 1 - m_1 + S_2 (m_1 - m_2) solved for m_1; the day's measure shows what was felt at its start
        watched.append((1 - 0.3 * share - of(h, "autonomy")[-1]) / (1 - share))
    np.testing.assert_allclose(fallen(h), 0.45, rtol=1e-5)
    exact = 0.7 + 0.4 * 0.45 * (1 - math.exp(-60 / 50))
    np.testing.assert_allclose(watched[1], exact, rtol=2e-3)  # error dt t exp(-t / lag) / (2 lag^2) of 0.18: 1e-3
    first_order(*watched, exact)


def test_monitoring_that_rises_repels_and_stays_a_share(ties):
    h = ties.run(300, {PAID: 4e6, D + "monitoring_answer": np.array([0.0, 0.4, 90.0, -90.0]), D + "sensitivity": 2.0})
    assert np.all(np.diff(of(h, "patron_share", "big")[-1, :3]) < 0)
    share = of(h, "patron_share", "big")[-1]
    np.testing.assert_allclose(of(h, "autonomy")[-1, 2:], 1 - share[2:] * [1, 0] - (1 - share[2:]) * 0.3, rtol=1e-5)


def test_support_that_rises_holds_share(ties):
    """X_1 = s_1 X (1 + 2 D): the share comes to rest where D = 0.9 - X_1 / sum; never below nothing."""
    h = ties.run(300, {PAID: 4e6, D + "answer_lag": 10.0, D + "support_answer": np.array([0.0, 2.0, -9.0])})
    d, big = fallen(h), of(h, "exchange", "big")[-1]
    np.testing.assert_allclose(big[:2], 3.6e6 * (1 + np.array([0, 2]) * d[:2]), rtol=1e-4)
    np.testing.assert_allclose(d[:2], 0.9 - big[:2] / (big[:2] + 4.4e6), rtol=1e-4)
    assert d[1] < d[0]
    assert big[2] == 0


# ---- what nobody should write, and somebody will


def test_one_patron_only():
    alone = "\n".join(line for line in PATRONS.splitlines() if "small:" not in line)
    h = bench(BARGAIN + alone, Patrons, given=GIVEN).run(100, {PAID: 4e6, D + "monitoring_answer": 3.0, D + "sensitivity": 3.0})
    np.testing.assert_array_equal(of(h, "patron_share", "big"), 1)
    np.testing.assert_array_equal(of(h, "concentration"), 1)
    np.testing.assert_allclose(of(h, "autonomy"), 0.3, rtol=1e-6)
    assert "exchange[ties.small]" not in h.measures


def test_a_first_patron_with_no_share(ties):
    h = ties.run(100, {BIG + "share": 0.0, PAID: np.array([0.0, 4e6]), D + "monitoring_answer": 1.0, D + "support_answer": 1.0})
    np.testing.assert_array_equal(of(h, "patron_share", "big"), 0)
    np.testing.assert_allclose(of(h, "autonomy"), 0.7, rtol=1e-6)


@pytest.mark.parametrize("numbers", [{D + "exchange": 0.0}, {BIG + "share": 0.0, SMALL + "share": 0.0}, {D + "temperature": 0.0}])
def test_nothing_becomes_not_a_number(ties, numbers):
    h = ties.run(100, {**numbers, D + "warming": 1.0, D + "sensitivity": 1.0, D + "monitoring_answer": 1.0, PAID: np.array([0.0, 4e6])})
    for name, x in h.measures.items():
        assert np.isfinite(x).all(), name
    np.testing.assert_allclose(of(h, "patron_share", "big") + of(h, "patron_share", "small"), 1, atol=3e-7)


def test_without_exchange_the_choice_itself_is_the_share(ties):
    h = ties.run(100, {D + "exchange": 0.0, D + "warming": 1.0, PAID: np.array([0.0, 4e6])})
    np.testing.assert_allclose(of(h, "patron_share", "big")[-1], [0.9, 0.0], rtol=1e-6)
    np.testing.assert_array_equal(of(h, "alignment", "small"), 0)  # payments measured against nothing warm nobody


def test_without_bargains_nobody_pays():
    h = bench("goods: {shell: {name: shells, works: 80 %}}\nstocks: {maker.shell: {held: 1 rounds}}" + PATRONS, Patrons).run(50)
    np.testing.assert_allclose(of(h, "patron_share", "big"), 0.9, rtol=1e-6)
