"""Talks: endurance, what both would accept, beliefs, and the hazard of a settlement."""

import math

import numpy as np
import pytest
from scipy.special import expit, logit

from materiel.mechanisms import MECHANISMS, ContractError, Settlement, Supplies
from materiel.mechanisms.talks import weibull

from .test_attrition import TEXT as WAR
from .toolkit import bench, first_order, scenario

USE = "usual: 10k rounds/day, most: 20k rounds/day, half_cover: 40 days, steepness: 1, horizon: 100 days, smoothing: 60 days"
SIDE = "least_fire: 10k rounds/day, least_people: 50 %, cost: 0.0004 per day, optimism: 0, learning: 0 per day"
TEXT = (
    WAR.replace(
        "goods:\n",
        """goods:
  shell: {name: shells, works: 80 %, lethality: 1}
  poor: {name: poor shells, works: 40 %, lethality: 1}
  old:
    name: old shells
    lethality: 1
    ageing: {works_new: 95 %, life: 40 years, shape: 3, storage: 1.2, lot_spread: 0.5, accuracy: 90 %}
""",
    )
    .replace(
        "stocks:\n",
        """stocks:
  north.shell: {held: 5M rounds}
  north.poor: {held: 0 rounds}
  north.old: {held: 0 rounds, mean_age: 25 years}
  south.shell: {held: 3M rounds}
""",
    )
    .replace(
        "supplies:\n",
        """supplies:
  own: {from: maker, to: north, good: shell, scale: 0, steps: [{from: 2020-01-01, rate: 1k rounds/day}]}
  gift: {from: maker, to: north, good: poor, scale: 0, steps: [{from: 2020-01-01, rate: 1k rounds/day}]}
""",
    )
    + f"""
fire:
  cover:
    guns: {{actor: north, goods: [shell, poor, old], {USE}}}
    tubes: {{actor: south, goods: [shell], {USE}}}
talks:
  sides:
    a: {{use: guns, {SIDE}}}
    b: {{use: tubes, {SIDE}}}
  from: 2020-01-01
  war_age: 400 days
  outlook: 365 days
  endurance_weight: 1
  front_weight: 0
  hazard: 0.002 per day
  shape: 1
  softness: 0.1
  trend: 60 days
"""
)
GIVEN = ("fire[a]", "fire[b]", "front.area", "people[a]", "people[b]")
A, B = "talks.sides.a", "talks.sides.b"
HELD_A, HELD_B, POOR, OWN, GIFT = (
    "stocks.north.shell.held",
    "stocks.south.shell.held",
    "stocks.north.poor.held",
    "supplies.own.scale",
    "supplies.gift.scale",
)
PEOPLE = {"given.people[a]": 1e5, "given.people[b]": 6e4}
ALIKE = {**PEOPLE, HELD_A: 4e6, HELD_B: 4e6}
SURE = {"talks.softness": 1e-6}  # the hazard is whole where there is any overlap
DAYS, LEVERAGE, SHARE, OVERLAP = "endurance[a]", "table.leverage", "table.share", "table.overlap"
WORLDS = 4096


@pytest.fixture(scope="module")
def table():
    return bench(TEXT, Settlement, Supplies, given=GIVEN)


def over_time(table, numbers, days=300, step=1.0, **daily):
    """A run in 64 bits in which some of these change by the day; the others are named too, so that all runs share one program."""
    paths = {"area": "given.front.area", "own": OWN, "people": "given.people[a]", "fire": "given.fire[a]"}
    full = {**table.numbers, **numbers}
    n = max(np.shape(x)[1] if np.ndim(x) == 2 else 1 for x in daily.values())
    n = max(n, *(np.size(x) for x in numbers.values()))
    given = {path: daily.get(k, np.broadcast_to(full[path], (days, n))) for k, path in paths.items()}
    return table.run(days, numbers, daily=given, step=step, n=n, dtype=np.float64)


def outcome(name):
    return name in ("table.going_on", "table.settled", "table.agreed", "table.share")


def test_leverage_of_exponential_times(table):
    """500 and 300 days: lam = 500 / 800 = 0.625; the same on the first day, before anything is known, and after."""
    h = table.run(300, PEOPLE)
    np.testing.assert_allclose(h.measures[DAYS], 500, rtol=1e-5)
    np.testing.assert_allclose(h.measures["endurance[b]"], 300, rtol=1e-5)
    np.testing.assert_allclose(h.measures[LEVERAGE], 0.625, rtol=1e-5)
    np.testing.assert_allclose(h.measures[SHARE], 0.625, rtol=1e-5)


def test_equal_sides_share_equally(table):
    h = table.run(300, {**ALIKE, f"{A}.optimism": 0.7, f"{B}.optimism": 0.7})
    np.testing.assert_array_equal(h.measures[LEVERAGE], 0.5)
    np.testing.assert_allclose(h.measures[SHARE], 0.5, atol=1e-6)
    assert not h.measures["table.blocked"].any()


def test_exchanged_sides_mirror_the_table(table):
    rng = np.random.default_rng(11)
    x, y = ({k: rng.uniform(lo, hi, 12) for k, (lo, hi) in RANGES.items()} for _ in range(2))
    weights = {**PEOPLE, "talks.front_weight": 0.4, "talks.endurance_weight": 0.8}
    area = rng.normal(0, 1000, 12)
    here, there = (
        table.run(
            100,
            {**weights, **{f"{A}.{k}": v for k, v in p.items() if k != "held"}, **{f"{B}.{k}": v for k, v in q.items() if k != "held"}}
            | {HELD_A: p["held"], HELD_B: q["held"], "given.front.area": s * area},
        ).measures
        for p, q, s in ((x, y, 1), (y, x, -1))
    )
    np.testing.assert_allclose(here[LEVERAGE], 1 - there[LEVERAGE], atol=1e-6)
    np.testing.assert_allclose(here[SHARE], 1 - there[SHARE], atol=1e-6)
    np.testing.assert_allclose(here[OVERLAP], there[OVERLAP], atol=1e-6)
    np.testing.assert_allclose(here["table.going_on"], there["table.going_on"], rtol=1e-5)
    assert here[SHARE].std() > 0.05


RANGES = {"held": (1e6, 9e6), "least_fire": (5e3, 2e4), "cost": (0.0, 4e-4), "optimism": (-0.5, 1.0), "learning": (0.0, 0.02)}


@pytest.mark.f64
def test_shells_last_stock_over_what_is_missing(table):
    """S / (f - inflow), S and inflow in rounds of the own make: a poor shell of 40 % counts as half of one of 80 %."""
    own, gift = np.array([0.0, 4.0, 0.0, 4.0]), np.array([0.0, 0.0, 6.0, 6.0])
    h = table.run(200, {**PEOPLE, POOR: 2e6, OWN: own, GIFT: gift}, dtype=np.float64)
    inflow = 1e3 * (own + gift / 2)
    for day in (1, 2, 50, 200):  # what is shown on row t is of the start of day t - 1
        known = inflow if day > 2 else 0.0  # from the third day on
        np.testing.assert_allclose(h.measures[DAYS][day], (5e6 + 2e6 / 2 + inflow * (day - 1)) / (1e4 - known), rtol=1e-9)
    enough = table.run(100, {**PEOPLE, OWN: np.array([9.99, 10.0, 20.0])}, dtype=np.float64)
    np.testing.assert_array_equal(enough.measures[DAYS][-1], 3650)  # ten outlooks, at most


@pytest.mark.f64
def test_old_shells_count_by_what_works(table):
    """The first day, before the day's measures exist, agrees with the days after it; 1M old shells work as Stocks says."""
    h = table.run(10, {**PEOPLE, HELD_A: 0.0, "stocks.north.old.held": 1e6}, dtype=np.float64)
    works = h.measures["works[north.old]"]
    np.testing.assert_allclose(h.measures[DAYS][0], 1e6 * works[0] / 0.8 / 1e4, rtol=1e-12)
    np.testing.assert_allclose(h.measures[DAYS][1:], 1e6 * works[:-1] / 0.8 / 1e4, rtol=1e-12)


@pytest.mark.f64
def test_people_last_as_their_decline_says(table):
    """(M - M_0 / 2) / decline where that is shorter than the shells; a force that grows lasts; below the floor no day is left."""
    t = np.arange(100)[:, None]
    people = 1e5 - t * np.array([0.0, 200.0, 400.0, -100.0])
    people[:, 3] -= 6e4
    h = over_time(table, {**PEOPLE, HELD_A: 1e9}, days=100, people=people)
    seen = people[-2]  # shown on the day before
    np.testing.assert_allclose(h.measures[DAYS][-1], [3650, (seen[1] - 5e4) / 200, (seen[2] - 5e4) / 400, 0], rtol=1e-9)


@pytest.mark.f64
def test_the_mean_of_inflow_follows_over_the_trend(table):
    """4,000 a day, none from day 100 on: after m days of it and n of none the mean is 4000 (1 - k^m) k^n / (1 - k^(m+n)), k = 1 - 1/60."""
    daily = np.where(np.arange(300) < 100, 4.0, 0.0)
    h = over_time(table, PEOPLE, own=daily)
    keep, n = 1 - 1 / 60, 100  # arrivals of day 99 are seen on day 100; known are those seen from day 2 on
    inflow = 4e3 * (1 - keep**99) * keep**n / (1 - keep ** (99 + n))
    np.testing.assert_allclose(h.measures[DAYS][100 + n + 1], 5.4e6 / (1e4 - inflow), rtol=1e-9)


def test_more_of_ones_own_never_weakens_a_side(table):
    """Leverage rises with own stock and own inflow, and the other's share falls; until the ten outlooks of both are full."""
    base = {**PEOPLE, HELD_A: 1e6, HELD_B: 3e6}
    for path, values in ((HELD_A, np.linspace(0, 8e6, 16)), (OWN, np.linspace(0, 9, 16)), (POOR, np.linspace(0, 8e6, 16))):
        m = table.run(50, {**base, path: values}).measures
        for name in (LEVERAGE, SHARE, DAYS):
            assert np.all(np.diff(m[name][-1]) > 0), (path, name)


@pytest.mark.f64
def test_the_middle_is_the_nash_split(table):
    """x = d_A + beta (1 - d_A - d_B) at beta = 1/2, disagreement worth p_a - c_a and 1 - p_b - c_b; the overlap is the surplus."""
    rng = np.random.default_rng(12)
    n = 16
    cost, hope, area = rng.uniform(0, 5e-4, (2, n)), rng.uniform(-0.5, 1, (2, n)), rng.normal(0, 500, n)
    numbers = {**PEOPLE, "talks.front_weight": 0.6, "talks.endurance_weight": 0.5, "given.front.area": area}
    numbers |= {f"{A}.cost": cost[0], f"{B}.cost": cost[1], f"{A}.optimism": hope[0], f"{B}.optimism": hope[1]}
    m = table.run(20, numbers, dtype=np.float64).measures
    view = 0.5 * logit(0.625) + 0.6 * area / 1000
    d_a, d_b = expit(view + hope[0]) - 365 * cost[0], 1 - expit(view - hope[1]) - 365 * cost[1]
    np.testing.assert_allclose(m[SHARE][-1], d_a + 0.5 * (1 - d_a - d_b), rtol=1e-9)
    np.testing.assert_allclose(m[OVERLAP][-1], 1 - d_a - d_b, rtol=1e-9, atol=1e-12)


def test_the_middle_under_common_beliefs(table):
    """p + (c_b - c_a) / 2: the own cost of war lowers the own share, within 0 and 1."""
    dear = np.linspace(0, 2e-3, 16)
    a, b = (table.run(20, {**PEOPLE, f"{side}.cost": dear}).measures[SHARE][-1] for side in (A, B))
    np.testing.assert_allclose(a, 0.625 + 365 * (4e-4 - dear) / 2, atol=1e-6)
    np.testing.assert_allclose(b, np.minimum(1, 0.625 + 365 * (dear - 4e-4) / 2), atol=1e-6)
    assert np.all(np.diff(a) < 0)


@pytest.mark.f64
def test_beliefs_follow_the_war_or_stand_firm(table):
    """From `from` on the distance to the common view falls as exp(-learning t); at 0 a side keeps what it believed that day."""
    speed = np.array([0.0, 0.01, 0.1])
    numbers = {**ALIKE, "talks.from": 50.0, "talks.front_weight": 1.0}
    numbers |= {f"{s}.{k}": x for s in (A, B) for k, x in (("learning", speed), ("optimism", 0.6))}
    area = np.where(np.arange(300) < 150, 0.0, 500.0)  # the common view rises by 0.5
    h = over_time(table, numbers, area=area)
    a, b = h.states["talks/a.belief"], h.states["talks/b.belief"]
    np.testing.assert_allclose(a[:52], 0.6, rtol=1e-9)  # row 51 is day 50, the first of the talks
    for row in (60, 150):
        np.testing.assert_allclose(a[row], 0.6 * np.exp(-speed * (row - 51)), rtol=1e-9)
    np.testing.assert_allclose(a[:151], -b[:151], rtol=1e-9)
    left = np.exp(-speed * (301 - 152))  # row 151 sees the area of day 149 yet
    np.testing.assert_allclose(a[-1], 0.5 + (a[151] - 0.5) * left, rtol=1e-9)
    np.testing.assert_allclose(b[-1], 0.5 + (b[151] - 0.5) * left, rtol=1e-9)
    assert np.all(a[51:, 0] == a[51, 0])
    assert np.all(b[51:, 0] == b[51, 0])


def test_hazard_between_half_and_whole(table):
    """Beliefs alike and war costly: overlap above 0, so that with k = 1 the hazard is between h_0 / 2 and h_0; none before `from`."""
    cost = np.array([1e-6, 1e-4, 1e-3])
    h = table.run(300, {**PEOPLE, f"{A}.cost": cost, f"{B}.cost": cost, "talks.from": 100.0, "talks.hazard": 0.01})
    assert np.all(h.measures[OVERLAP] > 0)
    assert np.all(h.measures["table.going_on"][:101] == 1)
    daily = -np.diff(np.log(h.measures["table.going_on"][100:]), axis=0)
    assert np.all((daily > 0.005 - 1e-6) & (daily < 0.01 + 1e-6))  # differences of logs of float32
    np.testing.assert_allclose(daily.mean(axis=0), 0.01 * expit(730 * cost / 0.1), rtol=1e-4)


def test_no_overlap_makes_a_settlement_unlikely(table):
    """Two sides that both hope for more: with a surplus of -1/2 and s = 0.1, logistic(-5) of the hazard is left."""
    hope = logit(0.75)
    h = table.run(100, {**ALIKE, f"{A}.optimism": hope, f"{B}.optimism": hope, f"{A}.cost": 0.0, f"{B}.cost": 0.0})
    np.testing.assert_allclose(h.measures[OVERLAP], -0.5, atol=1e-6)
    np.testing.assert_allclose(-np.log(h.measures["table.going_on"][-1]), 100 * 0.002 * expit(-5), rtol=1e-3)


@pytest.mark.f64
def test_weibull_hazard_integrates(table):
    """Sum of h dt = (h_0 T)^k - (h_0 t_0)^k whatever the step, also for a war that begins on the first day."""
    shape, age = np.array([0.5, 1.0, 2.0, 0.5, 1.0, 2.0]), np.array([400.0, 400, 400, 0, 0, 0])
    for step in (1.0, 4.0):
        h = table.run(100, {**PEOPLE, **SURE, "talks.shape": shape, "talks.war_age": age, "talks.from": 0.0}, step=step, dtype=np.float64)
        summed = -np.log(h.measures["table.going_on"])
        np.testing.assert_allclose(summed, (0.002 * (age + h.days[:, None])) ** shape - (0.002 * age) ** shape, rtol=1e-9, atol=1e-12)
    at_end = [float(weibull(np.float64(0.002), np.float64(k), np.float64(300.0), np.float64(1.0))) for k in (0.0, 2.0)]
    np.testing.assert_allclose(at_end, [0, 0.602**2 - 0.6**2], rtol=1e-9)


def test_settlement_time_is_exponential(table):
    """A constant hazard, whole days: geometric, P(no later than day t) = 1 - exp(-h t); each share within its binomial error."""
    h = table.run(300, {**ALIKE, **SURE, "talks.hazard": 0.01}, n=WORLDS, keep=outcome)
    settled = h.measures["table.settled"]
    for t in (1, 30, 100, 300):
        exact = 1 - math.exp(-0.01 * t)
        assert abs(settled[t].mean() - exact) < 4 * math.sqrt(exact * (1 - exact) / WORLDS)
    days = np.argmax(settled, axis=0)[settled[-1] > 0]
    geometric = 1 / -math.expm1(-0.01)  # its mean; here cut off at day 300
    left = math.exp(-3.0)
    cut = geometric - 300 * left / (1 - left)
    assert abs(days.mean() - cut) < 4 * days.std() / math.sqrt(days.size)
    assert np.all(np.diff(settled, axis=0) >= 0)


def test_going_on_is_the_share_of_worlds_that_are_not_settled(table):
    """Worlds of all kinds, each with its own hazard; the difference has the variance of sum g (1 - g)."""
    rng = np.random.default_rng(13)
    numbers = {f"{s}.{k}": rng.uniform(*RANGES[k], WORLDS) for s in (A, B) for k in ("cost", "optimism", "learning")}
    numbers |= {"talks.hazard": rng.uniform(0, 0.02, WORLDS), "talks.shape": rng.uniform(0.6, 1.6, WORLDS), "talks.from": 40.0}
    h = table.run(300, {**PEOPLE, **numbers}, n=WORLDS, keep=outcome)
    going, settled = h.measures["table.going_on"], h.measures["table.settled"]
    assert going[-1].std() > 0.1
    for t in (60, 150, 300):
        assert abs((1 - settled[t] - going[t]).mean()) < 4 * math.sqrt((going[t] * (1 - going[t])).sum()) / WORLDS
    # what is agreed is the share of that day, for good
    agreed, on = h.measures["table.agreed"], np.argmax(settled, axis=0)
    done = settled[-1] > 0
    assert not agreed[:, ~done].any()
    assert not agreed[settled == 0].any()
    share = h.measures["table.share"][on, np.arange(WORLDS)]
    np.testing.assert_array_equal(agreed[-1][done], share[done])
    np.testing.assert_array_equal(agreed[settled > 0], np.broadcast_to(agreed[-1], agreed.shape)[settled > 0])


def test_a_greater_hazard_never_settles_later(table):
    """The draw of a world is the same in every course."""
    h = table.run(300, {**ALIKE, "talks.hazard": np.linspace(0, 0.05, 16)}, same_luck=True)
    assert np.all(np.diff(h.measures["table.settled"], axis=1) >= 0)
    assert np.ptp(h.measures["table.settled"][-1]) == 1


@pytest.mark.f64
def test_no_settlement_while_power_shifts(table):
    """p rises by v a day from 1/2: the mean change is v (1 - (1 - 1/60)^n) after n days, and |that| x outlook must exceed both costs.

    The sum of costs is 0.292. At 0.0007 a day it never does (0.2555), at 0.001 it does once 1 - (59/60)^n > 0.8, falling as rising.
    """
    speed = np.array([0.0007, 0.001, -0.001])
    area = 1000 * logit(0.5 + speed * np.arange(300)[:, None])
    h = over_time(table, {**ALIKE, "talks.front_weight": 1.0}, area=area)
    blocked = h.measures["table.blocked"]
    n = math.ceil(math.log(0.2) / math.log(59 / 60))
    # row t sees the area of day t - 2; the common view counts from day 2 (area of day 1) on, its first change is on day 3
    first = 2 + n + 1
    assert not blocked[:, 0].any()
    np.testing.assert_array_equal(blocked[:, 1:], np.broadcast_to((np.arange(301) >= first)[:, None], (301, 2)))
    summed = -np.log(h.measures["table.going_on"])
    assert np.all(np.diff(summed[first - 1 :, 1:], axis=0) == 0)
    assert np.all(np.diff(summed[:first], axis=0) > 0)
    assert np.all(np.diff(summed[:, 0]) > 0)


@pytest.mark.f64
def test_days_short_of_shells(table):
    """Counted from `from` on, and known a day later."""
    fire = np.where(np.arange(300) % 10 < 3, 9e3, 11e3)
    h = over_time(table, {**PEOPLE, "talks.from": 100.0, "given.fire[b]": 1e4}, fire=fire)
    short = h.measures["short_of_shells[a]"][:, 0]
    days = np.arange(300)
    exact = np.cumsum((fire < 1e4) & (days >= 100))
    np.testing.assert_array_equal(short[2:], exact[:-1])
    assert not short[:2].any()
    assert not h.measures["short_of_shells[b]"].any()  # just enough is enough


def test_nothing_in_the_war_reacts(table):
    """So the weights exp(-H) stay exact: no flow, and nobody reads what is shown here."""
    assert Settlement in MECHANISMS
    assert not [m for m in MECHANISMS if set(m.reads) & set(Settlement.shows)]
    assert set(table.run(20, PEOPLE).flows) == {"supply/own", "supply/gift", "supply/landing"}


def test_zeros_and_extremes_stay_finite(table):
    """One number of each world at its edge, and a world in which all are 0."""
    edges = [(f"{A}.cost", 0.0), (f"{B}.cost", 0.0), (f"{A}.least_fire", 0.0), (f"{A}.least_people", 0.0), (f"{A}.least_people", 1.0)]
    edges += [(HELD_A, 0.0), (HELD_B, 0.0), ("talks.outlook", 0.0), ("talks.softness", 0.0), ("talks.hazard", 0.0), ("talks.shape", 0.0)]
    edges += [("talks.trend", 0.0), ("given.front.area", 1e9), ("talks.endurance_weight", 1e3), (f"{A}.optimism", 500.0)]
    edges += [("talks.war_age", 0.0), ("talks.from", -50.0)]
    calm = {**PEOPLE, "talks.front_weight": 1.0}
    for some in (edges[:9], edges[9:]):
        paths = {path: [value if path == other else table.numbers[path] for other, value in some] for path, _ in some}
        check_finite(table.run(300, {**calm, **paths}))
    check_finite(table.run(300, calm | {path: np.zeros(2) for path, _ in edges} | {"given.people[a]": 0.0}))
    empty = table.run(300, {**calm, HELD_A: np.array([0.0, 0.0]), f"{A}.least_fire": np.array([1e4, 0.0])})
    np.testing.assert_array_equal(empty.measures[DAYS][-1], [0, 3650])


def check_finite(h):
    for part in (h.measures, h.states):
        for name, x in part.items():
            assert np.all(np.isfinite(x)), name
    for name in (LEVERAGE, SHARE, "table.going_on", "table.agreed"):
        assert np.all((h.measures[name] >= 0) & (h.measures[name] <= 1)), name


def test_talks_need_both_sides():
    v = scenario(TEXT).vocabulary
    alone = v.talks.model_copy(update={"sides": {"a": v.talks.sides["a"]}})
    with pytest.raises(ContractError, match="both sides"):
        Settlement(v.model_copy(update={"talks": alone}))


@pytest.mark.f64
def test_halving_the_step(table):
    """Means over the trend are of first order in the step; the area rises and then stands."""
    ends = []
    for k in (1, 2, 4):
        t = np.arange(50 * k) / k
        moving = {"area": 1000 * np.sin(t / 40), "own": 4 + 3 * np.cos(t / 30)}
        ends.append(over_time(table, {**PEOPLE, "talks.front_weight": 1.0}, days=50 * k, step=1 / k, **moving))
    for name in (LEVERAGE, SHARE):
        y1, y2, y4 = (h.measures[name][-1] for h in ends)
        first_order(y1 - y4, y2 - y4, 0.0, 2.5, 3.5)
