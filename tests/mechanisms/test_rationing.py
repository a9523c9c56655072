"""Fire: need, cover, plan, and what is there. K = F_ref C_h is the stock at which half of the mission is fired."""

import numpy as np
import pytest
from scipy.special import lambertw

from materiel.mechanisms import Rationing, Supplies
from materiel.mechanisms.rationing import hill

from .toolkit import bench, first_order

TEXT = """
goods:
  shell: {name: shells, lethality: 1, works: 1}
  poor: {name: poor shells, lethality: 1, works: 50 %}
  rocket: {name: rockets, works: 80 %}
  heavy: {name: heavy rockets, lethality: 5, works: 90 %}
stocks:
  north.shell: {held: 2M rounds}
  north.rocket: {held: 10k rounds}
  north.heavy: {held: 1k rounds}
supplies:
  own: {from: maker, to: north, good: shell, scale: 0, steps: [{from: 2020-01-01, rate: 5k rounds/day}]}
fire:
  cover:
    guns:
      actor: north
      goods: [shell]
      usual: 10k rounds/day
      most: 20k rounds/day
      half_cover: 40 days
      steepness: 1
      horizon: 100 days
      smoothing: 60 days
  steady:
    darts: {actor: north, goods: [rocket], usual: 20 rounds/day, under_attack: 120 rounds/day}
  drawdown:
    salvoes: {actor: north, goods: [heavy], over: 30 days}
"""
MIXED = TEXT.replace("goods: [shell]", "goods: [shell, poor]").replace("supplies:", "  north.poor: {held: 1M rounds}\nsupplies:")
GIVEN = ("front.attacking[a]", "front.attacking[b]")
ATTACK = {"given.front.attacking[a]": 1.0}
HELD, INFLOW, HORIZON = "stocks.north.shell.held", "supplies.own.scale", "fire.cover.guns.horizon"
NO_PLAN = {HORIZON: 1e-6}  # what a staff may fire today is stock / horizon: a short horizon binds nobody


def guns(text=TEXT):
    return bench(text, Rationing, Supplies, given=GIVEN)


@pytest.fixture(scope="module")
def plain():
    return guns()


@pytest.fixture(scope="module")
def mixed():
    return guns(MIXED)


def stock(h):
    return h.accounts["depot:north/shell"]


def fired(h):
    """Rounds a day by day."""
    return np.diff(h.measures["fired[guns]"], axis=0) / (h.days[1] - h.days[0])


def test_hill():
    cover = np.linspace(0, 400, 81).astype(np.float32)
    for n in (1.0, 2.0, 3.0):
        g = np.array([float(hill(c, np.float32(40), np.float32(n))) for c in cover])
        assert g[0] < 1e-6
        assert np.all(np.diff(g) > 0)
        assert np.all(g < 1)
        np.testing.assert_allclose(g[8], 0.5, rtol=1e-6)
        np.testing.assert_allclose(g[1:], cover[1:] ** n / (cover[1:] ** n + 40.0**n), rtol=2e-5)


@pytest.mark.f64
def test_a_stock_without_inflow_follows_lambert(plain):
    """S = K W((S0/K) exp((S0 - F_max t)/K)): 649,735 after 90 days; the daily Euler step gives 647,893, as published."""
    s0, k, most = 2e6, 4e5, 2e4
    exact = k * lambertw(s0 / k * np.exp((s0 - most * 90) / k)).real
    assert round(exact) == 649_735
    runs = [stock(plain.run(90 * m, {**ATTACK, **NO_PLAN}, step=1 / m, dtype=np.float64))[-1, 0] for m in (1, 2, 4)]
    assert round(runs[0]) == 647_893
    first_order(runs[0], runs[1], exact)
    first_order(runs[1], runs[2], exact)


@pytest.mark.f64
def test_steady_stock_and_steady_fire(plain):
    """n = 1: S* = p F_ref C_h / (F_max - p) = 133,333, from above and from below, and fire is the inflow p."""
    first = np.array([0.0, 1e4, 133_333.0, 2e6])
    h = plain.run(1500, {**ATTACK, **NO_PLAN, INFLOW: 1.0, HELD: first}, dtype=np.float64)
    np.testing.assert_allclose(stock(h)[-1], 5e3 * 4e5 / 1.5e4, rtol=1e-9)
    np.testing.assert_allclose(fired(h)[-1], 5e3, rtol=1e-9)


@pytest.mark.parametrize("rule", [NO_PLAN, {HORIZON: 100.0}, {"fire.cover.guns.steepness": 2.0}])
def test_in_the_long_run_fire_is_supply_whatever_the_rule(plain, rule):
    h = plain.run(3000, {**ATTACK, **rule, INFLOW: np.array([0.5, 1.0, 2.0])})
    np.testing.assert_allclose(fired(h)[-100:].mean(axis=0), [2.5e3, 5e3, 1e4], rtol=1e-3)


@pytest.mark.f64
def test_plan_alone_is_exponential(plain):
    """A mission without bound leaves the plan: fire p + S/H, so S' = -S/H; in steps (1 - 1/H)^n, and the error halves with the step.

    What comes in on the first day is known to the staff on the third: two days of inflow add to the stock.
    """
    big = {**ATTACK, "fire.cover.guns.most": 1e15}
    h = plain.run(200, big, dtype=np.float64)
    np.testing.assert_allclose(stock(h)[:, 0], 2e6 * (1 - 1 / 100) ** h.days, rtol=1e-12)
    exact = 2e6 * np.exp(-2.0)
    ends = [stock(plain.run(200 * m, big, step=1 / m, dtype=np.float64))[-1, 0] for m in (1, 2, 4)]
    first_order(ends[0], ends[1], exact)
    first_order(ends[1], ends[2], exact)
    h = plain.run(200, {**big, INFLOW: 1.0}, dtype=np.float64)
    third = (2e6 * 0.99 + 5e3) * 0.99 + 5e3
    np.testing.assert_allclose(stock(h)[2:, 0], third * 0.99 ** (h.days[2:] - 2), rtol=1e-9)
    np.testing.assert_allclose(fired(h)[2:, 0], 5e3 + stock(h)[2:-1, 0] / 100, rtol=1e-9)


def test_a_constant_use_ends_when_the_stock_does(plain):
    """Cover far above half: 20k a day less 5k of inflow ends 2M after 133.3 days."""
    h = plain.run(150, {**ATTACK, **NO_PLAN, INFLOW: 1.0, "fire.cover.guns.half_cover": 1e-6})
    gone = np.argmax(fired(h)[:, 0] < 19_999)
    assert 132 <= gone <= 134
    np.testing.assert_allclose(fired(h)[-1], 5e3, rtol=1e-4)


def test_fire_is_between_nothing_and_need_and_stock(plain):
    rng = np.random.default_rng(1)
    n = 200
    numbers = {
        HELD: 10 ** rng.uniform(-1, 7, n) * (rng.random(n) > 0.1),
        INFLOW: rng.uniform(0, 8, n),
        HORIZON: 10 ** rng.uniform(-3, 3, n),
        "fire.cover.guns.half_cover": 10 ** rng.uniform(-2, 3, n),
        "fire.cover.guns.steepness": rng.uniform(0.5, 4, n),
        "given.front.attacking[a]": rng.integers(0, 2, n).astype(float),
    }
    h = plain.run(200, numbers)
    need = np.where(numbers["given.front.attacking[a]"] > 0, 2e4, 1e4)
    f = np.diff(h.measures["fired[guns]"], axis=0)
    slack = 1e-6 * h.measures["fired[guns]"][-1] + 1e-6  # differences of float32 totals
    assert np.all(f >= -slack)
    assert np.all(f <= need * (1 + 1e-5) + slack)
    assert np.all(f <= stock(h)[:-1] + 1e-6 * stock(h)[0] + slack)
    assert np.all(stock(h) >= 0)
    assert np.all(np.isfinite(stock(h)))


def test_no_stock_no_fire(plain):
    h = plain.run(20, {HELD: 0.0, "stocks.north.rocket.held": 0.0, "stocks.north.heavy.held": 0.0})
    for use in ("guns", "darts", "salvoes"):
        assert not h.measures[f"fired[{use}]"].any()
    assert not h.measures["equivalents[a]"].any()


def test_fire_rises_with_stock_and_saturates_at_need(plain):
    held = np.geomspace(1e3, 1e10, 40)
    f = plain.run(1, {**ATTACK, **NO_PLAN, HELD: held}).measures["fire[a]"][-1]
    assert np.all(np.diff(f) > -1e-6 * f[:-1])
    np.testing.assert_allclose(f[-1], 2e4, rtol=1e-4)
    np.testing.assert_allclose(f, 2e4 * held / (held + 4e5), rtol=1e-5)


def test_posture(plain):
    """Most while the side attacks or is attacked, else usual; `defending` lies between."""
    a, b = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0, 1.0])
    calm = {**NO_PLAN, "fire.cover.guns.half_cover": 1e-6, "given.front.attacking[a]": a, "given.front.attacking[b]": b}
    np.testing.assert_allclose(plain.run(2, calm).measures["fire[a]"][-1], [1e4, 2e4, 2e4, 2e4], rtol=1e-6)
    part = guns(TEXT.replace("smoothing: 60 days", "smoothing: 60 days\n      defending: 30 %"))
    np.testing.assert_allclose(part.run(2, calm).measures["fire[a]"][-1], [1e4, 2e4, 1.3e4, 2e4], rtol=1e-6)


def test_steady_use(plain):
    h = plain.run(100, {"given.front.attacking[b]": np.array([0.0, 1.0])})
    used = h.measures["fired[darts]"]
    np.testing.assert_allclose(used[10], [200, 1200], rtol=1e-6)
    np.testing.assert_allclose(used[-1], [2000, 10_000], rtol=1e-6)  # 12,000 wanted, 10,000 there


@pytest.mark.f64
def test_drawdown_is_exponential(plain):
    h = plain.run(90, dtype=np.float64)
    np.testing.assert_allclose(h.accounts["depot:north/heavy"][:, 0], 1000 * (1 - 1 / 30) ** h.days, rtol=1e-12)
    ends = [plain.run(90 * m, step=1 / m, dtype=np.float64).accounts["depot:north/heavy"][-1, 0] for m in (1, 2, 4)]
    first_order(ends[0], ends[1], 1000 * np.exp(-3.0))
    first_order(ends[1], ends[2], 1000 * np.exp(-3.0))


def test_equivalents_count_what_works_by_its_lethality(plain):
    h = plain.run(1)
    shells, heavy = h.measures["fired[guns]"][-1], h.measures["fired[salvoes]"][-1]
    np.testing.assert_allclose(h.measures["equivalents[a]"][-1], shells + heavy * 0.9 * 5, rtol=1e-6)


def test_goods_of_one_use_are_issued_in_proportion(mixed):
    h = mixed.run(50, {**ATTACK, **NO_PLAN})
    np.testing.assert_allclose(h.flows["fire/guns/shell"], 2 * h.flows["fire/guns/poor"], rtol=1e-5)


def test_a_mission_asks_for_effects_not_rounds(mixed):
    """One third of the stock works half as well: r = 5/6, 1/r times the rounds for the same effect, cover of working rounds."""
    h = mixed.run(1, {**ATTACK, **NO_PLAN})
    effect = h.measures["equivalents[a]"][-1, 0] - 1000 / 30 * 0.9 * 5
    np.testing.assert_allclose(effect, 2e4 * 250 / (250 + 40), rtol=1e-5)  # 2.5M working rounds are 250 days
    np.testing.assert_allclose(h.measures["fire[a]"][-1, 0], effect * 6 / 5, rtol=1e-5)


def test_poor_imports_never_lower_the_effect(mixed):
    """From none to ten times the good stock, at 2 % to 100 % working, while need or cover decides."""
    gifts = np.concatenate([[0], np.geomspace(1e3, 2e7, 20)])
    gift, works = (x.ravel() for x in np.meshgrid(gifts, [0.02, 0.1, 0.3, 0.6, 1.0], indexing="ij"))
    for first in (5e4, 2e6):
        h = mixed.run(1, {**ATTACK, **NO_PLAN, HELD: first, "stocks.north.poor.held": gift, "goods.poor.works": works})
        effect = h.measures["equivalents[a]"][-1].reshape(21, 5)
        assert np.all(np.diff(effect, axis=0) >= -1e-5 * effect[:-1])
        assert np.all(effect[-1] > effect[0])


def test_poor_imports_never_lower_the_effect_of_a_plan(mixed):
    """The same where the staff's plan decides: inflow and stock are both counted in working rounds."""
    gifts = np.concatenate([[0], np.geomspace(1e3, 2e7, 20)])
    gift, works = (x.ravel() for x in np.meshgrid(gifts, [0.02, 0.1, 0.3, 0.6, 1.0], indexing="ij"))
    plan = {"fire.cover.guns.most": 1e6, "fire.cover.guns.half_cover": 1e-3, HELD: 2e5, INFLOW: 2.0, "fire.cover.guns.smoothing": 1.0}
    h = mixed.run(3, {**ATTACK, **plan, "stocks.north.poor.held": gift, "goods.poor.works": works})
    effect = h.measures["equivalents[a]"][-1].reshape(21, 5)
    assert np.all(np.diff(effect, axis=0) >= -1e-5 * effect[:-1])
    assert np.all(effect[-1] > effect[0])


def test_a_larger_stock_never_means_less_fired_in_sum(plain):
    """Common world, rising first stock: rounds fired up to any day."""
    h = plain.run(300, {**ATTACK, HELD: np.linspace(0, 4e6, 30), INFLOW: 0.7})
    total = h.measures["fired[guns]"]
    assert np.all(np.diff(total, axis=1) >= -1e-6 * total.max())
