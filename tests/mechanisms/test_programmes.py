"""Programmes: milestones in their order, help that speeds them, tests that stop and go."""

import math
from itertools import pairwise

import numpy as np
import pytest

from materiel.mechanisms import Programmes
from materiel.scenario import ScenarioError

from .toolkit import Bench, bench, scenario

DEAL = """
goods: {shell: {name: shells, per_container: 200 rounds/container, works: 80 %, lethality: 1}}
stocks: {maker.shell: {held: 10M rounds}, north.shell: {held: 1M rounds}}
routes: {rail: {from: maker, to: north, carries: [shell], capacity: 30 containers/day, transit: 20 days, stages: 4, lost: 0}}
offers:
  gift: {from: maker, to: north, by: [rail], amount: 20 containers/day, scale: 1, opens: 2020-01-11,
    munition_share: 1, mix: {shell: 1}, reserve: 0}
fire:
  cover:
    shells: {actor: north, goods: [shell], usual: 5k rounds/day, most: 9k rounds/day, half_cover: 40 days, steepness: 2,
      horizon: 200 days, smoothing: 14 days}
bargains:
  deal:
    {offer: gift, use: shells, every: 30 days, power: 50 %, enough: 100 days, war_need: 1, peace_value: 10 %, value: 3k USD/round,
    cost: 100 USD/round, rising_cost: 100 USD/round, outside_receiver: 0 USD/day, outside_supplier: 0 USD/day, money_worth: 50 %,
    technologies: {orbit: {absorbs: 1M USD/day, reluctance: 1}, motor: {absorbs: 1M USD/day, reluctance: 1}},
    technology_scale: 1, yielding: 0.5, pays_within: 90 days, patience: 90 %}
dependence:
  ties:
    {actor: maker, exchange: 1M USD/day, temperature: 1, sensitivity: 1, forgetting: 900 days, warming: 0, answer_lag: 90 days,
    monitoring_answer: 0, support_answer: 0, objection: 0, patrons: {big: {actor: friend, share: 90 %, monitoring: 50 %,
    opposition: 50 %, alignment: 0, usual_alignment: 0}}}
"""
TEXT = (
    DEAL
    + """
programmes:
  space:
    actor: maker
    from: 2020-01-01
    half_help: 40
    milestones:
      first: {name: first step, hazard: 0.01 per day, technology: deal.orbit, multiplier: 3}
      aim: {name: the aim, hazard: 0.02 per day, technology: deal.motor, multiplier: 2}
  alone:
    {actor: maker, from: 2020-01-01, half_help: 40,
    milestones: {only: {name: without help, hazard: 0.01 per day, multiplier: 50}}}
tests:
  blasts:
    {actor: maker, from: 2020-01-01, hazard: 0.01 per day, readiness: 1, restraint: 1, dependence: ties, active: 1,
    pauses: 0 per day, resumes: 0 per day}
  launches:
    {actor: maker, from: 2020-01-01, hazard: 0.02 per day, readiness: 1, restraint: 1, active: 1, pauses: 0 per day, resumes: 0 per day}
"""
)
GIVEN = ("technology[deal.orbit]", "technology[deal.motor]", "restraint[ties]")
ORBIT, MOTOR, RESTRAINT = (f"given.{m}" for m in GIVEN)
FIRST, AIM = "milestone[space.first]", "milestone[space.aim]"
HAZARD, MU = (f"programmes.space.milestones.first.{x}" for x in ("hazard", "multiplier"))
HALF = "programmes.space.half_help"
RATE, READY, GAMMA, ACTIVE, PAUSES, RESUMES, FROM = (
    f"tests.blasts.{x}" for x in ("hazard", "readiness", "restraint", "active", "pauses", "resumes", "from")
)
N = 4096
SHOWN = (FIRST, AIM, "tests[blasts]", "test_chance[blasts]", "tests[launches]", "programmes/blasts.active")


def few(name):
    """What is kept of 4096 worlds."""
    return name in SHOWN


@pytest.fixture(scope="module")
def chains() -> Bench:
    return bench(TEXT, Programmes, given=GIVEN)


def binomial(share, exact, n=N):
    """A share of n worlds lies within four standard errors of its chance: one false alarm in 16,000 tries."""
    assert abs(share - exact) < 4 * math.sqrt(max(exact * (1 - exact), 1 / n) / n), (share, exact)


# what others worked out


def test_survival_is_the_exponential_of_the_accumulated_hazard(chains):
    """A hazard that changes every day: P(not reached by t) = exp(-sum h), at six times."""
    rng = np.random.default_rng(2)
    hazard = rng.uniform(0, 0.02, 300)
    m = chains.run(300, daily={HAZARD: hazard}, n=N, keep=few).measures[FIRST]
    for day in (1, 10, 50, 100, 200, 300):
        binomial((m[day] == 0).mean(), math.exp(-hazard[:day].sum()))


def test_a_milestone_comes_when_its_threshold_is_passed(chains):
    """World by world: the day is the first on which h t reaches the unit exponential that the world keeps."""
    h = chains.run(300, {HAZARD: 0.01}, n=300)
    threshold = h.states["programmes/space/first.threshold"][-1]
    reached = h.measures[FIRST]
    np.testing.assert_array_equal(reached, np.where(h.days[:, None] * 0.01 >= threshold * (1 + 1e-5), 1.0, reached))  # passed: reached
    np.testing.assert_array_equal(reached, np.where(h.days[:, None] * 0.01 <= threshold * (1 - 1e-5), 0.0, reached))  # not passed: not
    assert np.all(np.diff(reached, axis=0) >= 0)
    assert 0 < reached[-1].mean() < 1


def test_a_chain_takes_the_sum_of_two_waits(chains):
    """The second step starts on the day after the first is reached; days are geometric, so the sum is their convolution."""
    m = chains.run(300, n=N, keep=few).measures
    day = np.arange(1, 301)
    waits = [(1 - math.exp(-h)) * np.exp(-h * (day - 1)) for h in (0.01, 0.02)]
    both = np.concatenate([[0.0, 0.0], np.convolve(*waits)[:299]])  # index: the day of the second step
    for t in (10, 60, 120, 300):
        binomial(m[AIM][t].mean(), both[: t + 1].sum())


def test_the_second_milestone_never_comes_before_the_first(chains):
    """Also where the second would come at once, and where the first never comes."""
    m = chains.run(300, {HAZARD: 0.02, "programmes.space.milestones.aim.hazard": np.array([0.02, 1e3]).repeat(150)}).measures
    assert np.all(m[AIM] <= m[FIRST])
    first, aim = (np.argmax(m[x], axis=0) for x in (FIRST, AIM))
    both = m[AIM][-1] > 0
    assert both.sum() > 100
    assert np.all(aim[both] > first[both])
    held = chains.run(300, {HAZARD: 0.0, "programmes.space.milestones.aim.hazard": 1e3}, n=16).measures
    assert not held[AIM].any()


def test_none_in_s_years_after_k_events_in_t_years(chains):
    """A gamma hazard a world, Gamma(a + k, b + T): P(no test in s) = ((b + T) / (b + T + s))^(a + k), by count and by chance."""
    rng = np.random.default_rng(12)
    a, k, b, t, s = 0.5, 2, 10.0, 390.0, 300.0
    drawn = rng.gamma(a + k, 1 / (b + t), N)
    m = chains.run(300, {RATE: drawn}, keep=few).measures
    exact = ((b + t) / (b + t + s)) ** (a + k)
    binomial((m["tests[blasts]"][-1] == 0).mean(), exact)
    chance = m["test_chance[blasts]"][-1]
    assert abs(1 - chance.mean() - exact) < 4 * chance.std() / math.sqrt(N)
    assert abs(exact - math.exp(-(a + k) / (b + t) * s)) > 0.05  # it is not what the mean hazard gives


def test_tests_at_a_constant_rate_are_poisson(chains):
    count = chains.run(300, n=N, keep=few).measures["tests[blasts]"][-1]
    mean = 3.0  # 0.01 a day for 300 days; at most one test a day costs half a hundredth of it
    poisson(count, mean)


def poisson(count, mean):
    """Counts of N worlds against the published law, by a chi-square of eight cells or fewer: below 24.3 with chance 0.999."""
    law = np.array([math.exp(-mean) * mean**k / math.factorial(k) for k in range(40)])
    edges = [k for k in range(8) if law[k:].sum() * N > 20] + [40]
    expected = np.add.reduceat(law, edges[:-1]) * N
    found = np.array([((count >= a) & (count < b)).sum() for a, b in pairwise(edges)])
    assert found.sum() == N
    assert ((found - expected) ** 2 / expected).sum() < 24.3, (found, expected)


def test_two_causes_add_their_hazards(chains):
    """Two series side by side are one with the sum of the hazards; thinning one by readiness takes its share."""
    rates = {RATE: 0.005, READY: 0.5, "tests.launches.hazard": 0.0075}
    m = chains.run(300, rates, n=N, keep=few).measures
    one, two = m["tests[blasts]"], m["tests[launches]"]
    poisson((one + two)[-1], (0.0025 + 0.0075) * 300)
    poisson(one[-1], 0.0025 * 300)
    assert abs(np.corrcoef(one[-1], two[-1])[0, 1]) < 4 / math.sqrt(N)
    for day in (20, 60):
        binomial(((one + two)[day] == 0).mean(), math.exp(-0.01 * day))


def test_the_chance_averaged_is_the_share_of_worlds_with_a_test(chains):
    """With pauses, so that the chance differs between worlds."""
    m = chains.run(300, {PAUSES: 0.02, RESUMES: 0.01, ACTIVE: 0.4}, n=N, keep=few).measures
    for day in (30, 100, 300):
        chance, tested = m["test_chance[blasts]"][day], m["tests[blasts]"][day] > 0
        # the difference of both, world by world, has mean 0
        assert abs((tested - chance).mean()) < 4 * (tested - chance).std() / math.sqrt(N)
        assert chance.std() > 0.05


def test_two_states_hold_their_occupancy(chains):
    """P(active) = pi + (p0 - pi) (1 - p - q)^n, with p, q the chances of a switch in a day; close to the exponential of both hazards."""
    pauses, resumes, p0 = 0.02, 0.01, 0.9
    active = chains.run(300, {PAUSES: pauses, RESUMES: resumes, ACTIVE: p0}, n=N, keep=few).states["programmes/blasts.active"]
    p, q = -math.expm1(-pauses), -math.expm1(-resumes)
    for day in (1, 10, 40, 100, 300):
        exact = q / (p + q) + (p0 - q / (p + q)) * (1 - p - q) ** day
        binomial(active[day].mean(), exact)
        continuous = 1 / 3 + (p0 - 1 / 3) * math.exp(-0.03 * day)
        assert abs(exact - continuous) < 0.005  # half a step of 0.03
    # occupancy hides how often a series switches: on each day after the first, p of the active and q of the paused worlds
    likely = q / (p + q) + (p0 - q / (p + q)) * (1 - p - q) ** np.arange(1, 300)
    switches = np.abs(np.diff(active[1:], axis=0)).sum(axis=0)
    assert abs(switches.mean() - (likely * p + (1 - likely) * q).sum()) < 4 * switches.std() / math.sqrt(N)


def test_restraint_lowers_the_hazard_as_an_exponential(chains):
    opposed, gamma = np.linspace(0, 1, 11), 1.5
    h = chains.run(100, {RESTRAINT: opposed, GAMMA: gamma, READY: 0.8})
    exact = -np.expm1(-0.01 * 0.8 * np.exp(-gamma * opposed) * h.days[:, None])
    np.testing.assert_allclose(h.measures["test_chance[blasts]"], exact, rtol=1e-5, atol=1e-7)


# help


def test_help_works_by_half_and_towards_its_limit(chains):
    """1 + (mu - 1) T / (T + T_h): half of the effect at T_h, here 40 million dollars; mu below 1 slows."""
    value = np.array([0.0, 40e6, 120e6, 1e14])
    for mu in (3.0, 0.5):
        ratio = chains.run(2, {ORBIT: value, MU: mu}).measures["hazard_ratio[space.first]"][-1]
        np.testing.assert_allclose(ratio, 1 + (mu - 1) * np.array([0, 0.5, 0.75, 1]), rtol=1e-6)
        assert ratio[0] == 1.0


def test_help_scales_the_hazard(chains):
    h = chains.run(100, {ORBIT: np.array([0.0, 40e6]), MU: 3.0, HAZARD: 0.004})
    np.testing.assert_allclose(h.states["programmes/space/first.hazard"], 0.004 * h.days[:, None] * np.array([1, 2]), rtol=1e-5)


def test_help_that_does_nothing_does_nothing_bit_for_bit(chains):
    """mu = 1: the same milestones on the same days, and the same accumulated hazards, whatever is given and when."""
    rng = np.random.default_rng(1)
    none = {MU: 1.0, "programmes.space.milestones.aim.multiplier": 1.0}
    given = {ORBIT: rng.uniform(0, 1e9, (300, 16)), MOTOR: rng.uniform(0, 1e12, (300, 16))}
    bare, helped = chains.run(300, none, n=16), chains.run(300, none, n=16, daily=given)
    for name in bare.measures:
        if not name.startswith(("technology", "restraint")):
            np.testing.assert_array_equal(bare.measures[name], helped.measures[name])
    for name in bare.states:
        np.testing.assert_array_equal(bare.states[name], helped.states[name])


def test_no_help_is_no_effect_bit_for_bit(chains):
    """T = 0: the multiplier is exactly 1, whatever it would do; also where no help is needed for half of the effect."""
    plain = chains.run(300, {MU: 1.0}, n=16)
    for numbers in ({MU: 9.0}, {MU: 9.0, HALF: 0.0}, {MU: 0.0}):
        h = chains.run(300, numbers, n=16)
        np.testing.assert_array_equal(h.measures["hazard_ratio[space.first]"], 1.0)
        np.testing.assert_array_equal(h.measures[FIRST], plain.measures[FIRST])
    at_once = chains.run(2, {MU: 9.0, HALF: 0.0, ORBIT: 1.0})
    np.testing.assert_allclose(at_once.measures["hazard_ratio[space.first]"][-1], 9.0)


def test_more_help_is_never_later(chains):
    """With one luck for all worlds, days of milestones never rise with help; help for one kind does not help the other's hazard."""
    value = np.linspace(0, 400e6, 16)
    h = chains.run(300, {ORBIT: value, MU: 4.0}, same_luck=True)
    for m in (FIRST, AIM):
        assert np.all(np.diff(h.measures[m], axis=1) >= 0), m
    assert np.all(np.diff(h.measures["hazard_ratio[space.first]"][-1]) > 0)
    np.testing.assert_array_equal(h.measures["hazard_ratio[space.aim]"], 1.0)
    sooner = chains.run(300, {ORBIT: 400e6, MU: 4.0}, n=300).measures[FIRST]
    later = chains.run(300, n=300).measures[FIRST]
    assert np.all(sooner >= later)
    assert sooner.sum() > later.sum()


def test_a_programme_without_technology_takes_no_help(chains):
    """Its multiplier is never used: the whole course of help leaves it alone."""
    bare, helped = chains.run(300, n=16), chains.run(300, {ORBIT: 1e12, MOTOR: 1e12}, n=16)
    np.testing.assert_array_equal(helped.measures["hazard_ratio[alone.only]"], 1.0)
    np.testing.assert_array_equal(bare.measures["milestone[alone.only]"], helped.measures["milestone[alone.only]"])
    assert bare.measures["milestone[alone.only]"].any()


def test_where_nobody_shows_help_or_restraint_there_is_none(chains):
    """A scenario in which no mechanism shows them: bit for bit the same as none given."""
    alone, none = bench(TEXT, Programmes).run(100, n=16), chains.run(100, n=16)
    for name in alone.measures:
        np.testing.assert_array_equal(alone.measures[name], none.measures[name])


# luck and dates


def test_thresholds_are_the_same_in_every_course_and_differ_between_steps(chains):
    one, other = chains.run(50, n=16), chains.run(50, {ORBIT: 1e9, RESTRAINT: 0.7, HAZARD: 0.5, PAUSES: 0.1}, n=16)
    names = ["programmes/space/first.threshold", "programmes/space/aim.threshold", "programmes/alone/only.threshold"]
    for name in names:
        np.testing.assert_array_equal(one.states[name][1:], other.states[name][1:])
        assert np.ptp(one.states[name][1:], axis=0).max() == 0  # drawn once
    assert len({float(one.states[name][-1, 0]) for name in names}) == 3
    first = [h.states["programmes/blasts.threshold"][1] for h in (one, other)]
    untouched = (one.measures["tests[blasts]"][1] == 0) & (other.measures["tests[blasts]"][1] == 0)
    np.testing.assert_array_equal(first[0][untouched], first[1][untouched])


def test_nothing_before_the_date_to_which_the_record_is_known(chains):
    """Neither milestones nor tests nor switches; after it the hazard starts, also within a longer step."""
    late = {"programmes.space.from": 40.0, FROM: 40.0, PAUSES: 0.05, ACTIVE: 0.5}
    h = chains.run(100, late, n=300)
    for m in (FIRST, AIM, "tests[blasts]", "test_chance[blasts]"):
        assert not h.measures[m][:41].any(), m
        assert h.measures[m][-1].any(), m
    assert np.ptp(h.states["programmes/blasts.active"][1:41], axis=0).max() == 0
    assert abs(h.states["programmes/blasts.active"][40].mean() - 0.5) < 4 * 0.5 / math.sqrt(300)
    np.testing.assert_allclose(h.states["programmes/space/first.hazard"][:, 0], 0.01 * np.maximum(0, h.days - 40), rtol=1e-5)
    weekly = chains.run(14, late, step=7.0, n=300)
    np.testing.assert_allclose(weekly.states["programmes/space/first.hazard"][:, 0], 0.01 * np.maximum(0, weekly.days - 40), rtol=1e-5)


def test_a_paused_series_has_no_test(chains):
    """Paused on the first day and never resumed: none, and no chance of one; then active in every world, for comparison."""
    rate = {RATE: np.array([0.01, 5.0]).repeat(8)}
    h = chains.run(300, {**rate, ACTIVE: 0.0, PAUSES: 0.1})
    assert not h.measures["tests[blasts]"].any()
    assert not h.measures["test_chance[blasts]"].any()
    assert chains.run(300, rate).measures["tests[blasts]"][-1].all()


def test_tests_come_only_on_active_days(chains):
    h = chains.run(300, {RATE: 0.3, PAUSES: 0.05, RESUMES: 0.05, ACTIVE: 0.5}, n=300)
    tested = np.diff(h.measures["tests[blasts]"], axis=0)
    # the state shown is that at the end of a day; on the first day it is not yet drawn before
    active = h.states["programmes/blasts.active"][1:-1] > 0
    assert not tested[1:][~active].any()
    assert tested[1:][active].sum() > 500
    assert set(np.unique(tested)) == {0.0, 1.0}


def test_no_hazard_is_never(chains):
    h = chains.run(300, {HAZARD: 0.0, RATE: 0.0}, n=16)
    for m in (FIRST, AIM, "tests[blasts]", "test_chance[blasts]"):
        assert not h.measures[m].any(), m


@pytest.mark.parametrize(
    ("written", "instead"),
    [("hazard: 0.01 per day, technology: deal.orbit", "hazard: 0.01 days, technology: deal.orbit"), ("multiplier: 3", "multiplier: -3"),
     ("dependence: ties", "dependence: knots"), ("half_help: 40\n", "half_help: -40\n")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(written, instead):
    assert TEXT.count(written) == 1
    with pytest.raises(ScenarioError):
        scenario(TEXT.replace(written, instead))
