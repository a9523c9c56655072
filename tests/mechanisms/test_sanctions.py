"""Sanctions: enforcement that returns and wears away, what it stops, deters and makes dearer."""

import math

import numpy as np
import pytest

from materiel.mechanisms import Sanctions, Transfers
from materiel.scenario import ScenarioError

from .toolkit import Bench, bench, scenario

REGIME = """
    {{by: [{by}], routes: [{routes}], payments: [{payments}], enforcement: 30 %, law: 60 %, lag: 100 days, capture: 10 %,
    margin: 1, fine: 2, spread: 0.5, markup: 0.5, chaos: [{{from: 2020-01-01, level: 0}}], chaos_scale: 1, erosion: 0 per day,
    unrest: 0, veto: 0 per day, veto_loss: 60 %, imposed: 0}}"""
ROUTES = """
goods: {shell: {name: shells, per_container: 200 rounds/container, works: 80 %, lethality: 1}}
stocks: {maker.shell: {held: 10M rounds}, north.shell: {held: 0 rounds}}
routes:
  rail: {from: maker, to: north, carries: [shell], capacity: 30 containers/day, transit: 20 days, stages: 4, lost: 0}
  ship: {from: maker, to: north, carries: [shell], capacity: 30 containers/day, transit: 20 days, stages: 4, lost: 0}
offers:
  gift:
    {from: maker, to: north, by: [rail, ship], amount: 50 containers/day, scale: 1, opens: 2020-01-01,
    munition_share: 1, mix: {shell: 1}, reserve: 0}
"""
ONE = f"{ROUTES}sanctions:\n  law:{REGIME.format(by='friend', routes='rail', payments='')}\n"
PAID = """
fire:
  cover:
    shells: {actor: north, goods: [shell], usual: 5k rounds/day, most: 9k rounds/day, half_cover: 40 days, steepness: 2,
      horizon: 200 days, smoothing: 14 days}
bargains:
  deal:
    {offer: gift, use: shells, every: 30 days, power: 50 %, enough: 100 days, war_need: 1, peace_value: 10 %, value: 3k USD/round,
    cost: 100 USD/round, rising_cost: 100 USD/round, outside_receiver: 0 USD/day, outside_supplier: 0 USD/day, money_worth: 50 %,
    payments: {fuel: {absorbs: 1M USD/day}, food: {absorbs: 1M USD/day}}, technology_scale: 1, yielding: 0.5, pays_within: 90 days,
    patience: 90 %}
"""
TWO = f"""{ROUTES}{PAID}sanctions:
  law:{REGIME.format(by="friend", routes="rail, ship", payments="fuel, food")}
  allies:{REGIME.format(by="south", routes="ship", payments="fuel")}
"""
CHAOTIC = ONE.replace("chaos: [{from: 2020-01-01, level: 0}]", "chaos: [{from: 2020-01-21, level: 40 %}, {from: 2020-02-10, level: 90 %}]")
E0, LAW, LAG, CAPTURE = (f"sanctions.law.{x}" for x in ("enforcement", "law", "lag", "capture"))
SCALE, EROSION, LEVEL, IMPOSED = (
    "sanctions.law.chaos_scale",
    "sanctions.law.erosion",
    "sanctions.law.chaos.0.level",
    "sanctions.law.imposed",
)
VETO, VETO_LOSS, UNREST = "sanctions.law.veto", "sanctions.law.veto_loss", "sanctions.law.unrest"
MARGIN, FINE, SPREAD, MARKUP = (f"sanctions.law.{x}" for x in ("margin", "fine", "spread", "markup"))
THREAT = ("threat",)


@pytest.fixture(scope="module")
def one() -> Bench:
    return bench(ONE, Sanctions, given=THREAT)


@pytest.fixture(scope="module")
def two() -> Bench:
    return bench(TWO, Sanctions)


def logistic(x):
    return 1 / (1 + np.exp(-np.asarray(x, float)))


# what others worked out


def test_enforcement_returns_to_the_law_as_an_exponential(one):
    e0 = np.array([0.0, 0.3, 0.6, 1.0])
    h = one.run(300, {E0: e0})
    exact = 0.6 + (e0 - 0.6) * np.exp(-h.days[:, None] / 100)
    np.testing.assert_allclose(h.measures["enforcement[law]"], exact, atol=1e-5)  # 300 roundings of 3e-8 each


def test_chaos_wears_enforcement_down_to_its_balance(one):
    """e' = (law - e) / tau - chi c e has the limit law / (1 + chi c tau), approached at 1 / tau + chi c."""
    chi, c = 0.02, np.array([0.0, 0.25, 1.0])
    h = one.run(300, {EROSION: chi, LEVEL: c, E0: 0.9})
    limit = 0.6 / (1 + chi * c * 100)
    exact = limit + (0.9 - limit) * np.exp(-h.days[:, None] * (1 / 100 + chi * c))
    np.testing.assert_allclose(h.measures["enforcement[law]"], exact, atol=1e-5)


def test_a_longer_step_gives_the_same_enforcement(one):
    """The relation is solved exactly within a step: what happens in 30 steps of ten days happens in 300 of one."""
    numbers = {EROSION: 0.02, LEVEL: 0.5, E0: 0.9}
    daily, decade = one.run(300, numbers), one.run(30, numbers, step=10.0)
    np.testing.assert_allclose(decade.measures["enforcement[law]"], daily.measures["enforcement[law]"][::10], atol=1e-5)


def test_vetoes_come_at_their_rate(one):
    """Of many worlds exp(-h t) have had no veto by day t; monitoring then falls by the stated share and never returns."""
    n, hazard = 4096, 1 / 150
    h = one.run(300, {VETO: hazard}, n=n, keep=lambda k: k == "monitoring[law]")
    m = h.measures["monitoring[law]"]
    assert set(np.unique(m.round(6))) == {0.4, 1.0}
    assert np.all(np.diff(m, axis=0) <= 0)
    for day in (10, 100, 300):
        exact = math.exp(-hazard * day)
        assert abs((m[day] == 1).mean() - exact) < 4 * math.sqrt(exact * (1 - exact) / n)


def test_no_veto_comes_before_the_day_to_which_none_is_known():
    """From day 50.5 on: exp(-h (t - 50.5)) of the worlds have had none, half a day of the step in which it falls counted."""
    n, hazard, known = 4096, 1 / 150, 50.5
    late = bench(ONE.replace("veto: 0 per day,", "veto: 0 per day, veto_from: 2020-02-20,"), Sanctions)
    h = late.run(200, {VETO: hazard, "sanctions.law.veto_from": known}, n=n, keep=lambda k: k == "monitoring[law]")
    free = (h.measures["monitoring[law]"] == 1).mean(axis=1)
    assert np.all(free[:51] == 1)
    for day in (51, 60, 200):
        exact = math.exp(-hazard * (day - known))
        assert abs(free[day] - exact) < 4 * math.sqrt(exact * (1 - exact) / n)


def test_carriers_take_part_by_a_logistic_law(one):
    e = np.linspace(0, 1, 11)
    h = one.run(1, {E0: e, LAW: e})
    np.testing.assert_allclose(h.measures["carriers[rail]"][-1], logistic((1 - 2 * e) / 0.5), rtol=1e-5)
    np.testing.assert_allclose(h.measures["carriers[rail]"][-1, 5], 0.5, rtol=1e-6)  # a fine as large as the margin: every second


# what chaos is


def test_chaos_is_declared_by_dates():
    b = bench(CHAOTIC, Sanctions)
    h = b.run(60, {SCALE: np.array([0.0, 0.5, 1.0, 3.0])})
    day = np.arange(60)
    declared = np.where(day >= 40, 0.9, np.where(day >= 20, 0.4, 0.0))
    np.testing.assert_allclose(h.measures["chaos[law]"][1:], np.minimum(1, np.outer(declared, [0, 0.5, 1, 3])), rtol=1e-6)


def test_without_chaos_nothing_wears_away():
    """Scale 0: bit for bit what no erosion gives, whatever is declared, and whatever the region does."""
    b = bench(CHAOTIC, Sanctions)
    quiet, lasting = b.run(200, {SCALE: 0.0, EROSION: 0.5}), b.run(200, {EROSION: 0.0})
    for m in ("enforcement[law]", "passes[rail]", "carriers[rail]"):
        np.testing.assert_array_equal(quiet.measures[m], lasting.measures[m])
    worn = b.run(200, {EROSION: 0.5})
    assert np.all(worn.measures["enforcement[law]"][-1] < quiet.measures["enforcement[law]"][-1])


def test_a_rise_of_the_threat_adds_chaos_and_a_fall_adds_none(one):
    threat = np.concatenate([np.full(10, 2.0), np.full(10, 2.5), np.full(10, 1.0), np.full(10, 9.0)])
    numbers = {UNREST: 0.4, LEVEL: 0.1, SCALE: np.array([1.0, 0.5, 0.0])}
    h = one.run(40, numbers, opening={"given.threat": 2.0}, daily={"given.threat": threat})
    before = np.concatenate([[2.0], threat[:-1]])  # what was shown the day before
    raw = 0.1 + 0.4 * np.maximum(0, before / 2 - 1)
    np.testing.assert_allclose(h.measures["chaos[law]"][1:], np.minimum(1, np.outer(raw, [1, 0.5, 0])), atol=1e-6)


def test_no_region_and_a_quiet_region_are_the_same(one):
    alone = bench(ONE, Sanctions).run(50, {UNREST: 5.0, EROSION: 0.1})
    quiet = one.run(50, {UNREST: 5.0, EROSION: 0.1, "given.threat": 3.0})
    for m in alone.measures:
        np.testing.assert_array_equal(alone.measures[m], quiet.measures[m])


# bounds and orders


@pytest.mark.parametrize("step", [1.0, 30.0])
def test_enforcement_stays_between_nothing_and_everything(one, step):
    """Whatever the numbers, exactly: 300 random worlds, edges among them, with chaos that changes every day."""
    rng = np.random.default_rng(5)
    n = 300

    def edge(low, high):
        return np.where(rng.random(n) < 0.3, rng.choice([low, high], n), rng.uniform(low, high, n))

    numbers = {E0: edge(0, 1), LAW: edge(0, 1), LAG: np.exp(rng.uniform(-7, 8, n)), EROSION: edge(0, 5), CAPTURE: edge(0, 1)}
    numbers |= {VETO: 0.02, VETO_LOSS: edge(0, 1), IMPOSED: edge(0, 1), MARKUP: edge(0, 5), SPREAD: edge(0, 2)}
    h = one.run(300, numbers, step=step, daily={LEVEL: rng.random((300, n))})
    for m in ("enforcement[law]", "monitoring[law]", "chaos[law]", "passes[rail]", "carriers[rail]"):
        assert np.all((h.measures[m] >= 0) & (h.measures[m] <= 1)), m
    assert all(np.isfinite(x).all() for x in h.measures.values())


def test_no_enforcement_stops_nobody(two):
    """Nothing is lost, nothing is dearer, and carriers are at their most: the logistic of the margin, whatever the fine."""
    none = {f"sanctions.{k}.{x}": 0.0 for k in ("law", "allies") for x in ("enforcement", "law")}
    h = two.run(100, {**none, CAPTURE: np.array([0.1, 1.0]), FINE: np.array([0.0, 50.0])})
    for m in ("passes[rail]", "passes[ship]", "dearer[fuel]", "dearer[food]"):
        np.testing.assert_array_equal(h.measures[m], 1.0)
    np.testing.assert_allclose(h.measures["carriers[rail]"], logistic(2), rtol=1e-6)
    np.testing.assert_allclose(h.measures["carriers[ship]"], logistic(2) ** 2, rtol=1e-6)


def test_full_enforcement_and_a_decree_stop_everything(two):
    """e = 1 and d_0 = 1, or a decree: nothing passes, from the first row on; the other route is not touched by the allies."""
    full = two.run(100, {E0: 1.0, LAW: 1.0, CAPTURE: 1.0})
    decree = two.run(100, {IMPOSED: 1.0})
    for h in (full, decree):
        np.testing.assert_array_equal(h.measures["passes[rail]"], 0.0)
        np.testing.assert_array_equal(h.measures["passes[ship]"], 0.0)
    of_allies = two.run(100, {"sanctions.allies.imposed": 1.0})
    np.testing.assert_array_equal(of_allies.measures["passes[ship]"], 0.0)
    np.testing.assert_array_equal(of_allies.measures["passes[rail]"], two.run(100).measures["passes[rail]"])


def test_a_decree_is_a_share_of_what_enforcement_leaves(two):
    e = {E0: 0.5, LAW: 0.5, "sanctions.allies.enforcement": 0.5, "sanctions.allies.law": 0.5}
    h = two.run(1, {**e, CAPTURE: 0.4, IMPOSED: 0.25, "sanctions.allies.capture": 0.6})
    np.testing.assert_allclose(h.measures["passes[rail]"], 0.8 * 0.75, rtol=1e-6)
    np.testing.assert_allclose(h.measures["passes[ship]"], 0.8 * 0.75 * 0.7, rtol=1e-6)


def test_means_of_payment_are_dearer_by_the_product(two):
    h = two.run(1, {E0: 0.5, LAW: 0.5, "sanctions.allies.enforcement": 1.0, "sanctions.allies.law": 1.0, MARKUP: 0.4})
    np.testing.assert_allclose(h.measures["dearer[food]"], 1.2, rtol=1e-6)
    np.testing.assert_allclose(h.measures["dearer[fuel]"], 1.2 * 1.5, rtol=1e-6)


def test_more_enforcement_never_lets_more_through(one):
    """Both e on the first day and the law, in chaos: everything that depends on e moves one way, exactly, on every day."""
    e = np.linspace(0, 1, 16)
    for numbers in ({E0: e}, {LAW: e}):
        h = one.run(200, {CAPTURE: 0.7, EROSION: 0.03, LEVEL: 0.5, **numbers}, same_luck=True)
        assert np.all(np.diff(h.measures["enforcement[law]"], axis=1) >= 0)
        assert np.all(np.diff(h.measures["passes[rail]"], axis=1) <= 0)
        assert np.all(np.diff(h.measures["carriers[rail]"], axis=1) <= 1e-6)  # the exponential of float32 is not monotone to the last bit
        assert h.measures["passes[rail]"][-1, 0] > h.measures["passes[rail]"][-1, -1]


def test_none_then_actual_then_full_in_every_world(two):
    """What passes without sanctions, with them as they are, and at full enforcement: in this order world by world, every day."""
    rng = np.random.default_rng(8)
    n = 300
    numbers = {}
    for k in ("law", "allies"):
        s = f"sanctions.{k}"
        numbers |= {f"{s}.{x}": rng.random(n) for x in ("enforcement", "law", "capture", "veto_loss", "spread")}
        numbers |= {f"{s}.lag": rng.uniform(1, 400, n), f"{s}.erosion": rng.uniform(0, 0.1, n), f"{s}.veto": rng.uniform(0, 0.02, n)}
        numbers |= {f"{s}.fine": rng.uniform(0, 4, n), f"{s}.chaos.0.level": rng.random(n)}
    held = [f"sanctions.{k}.{x}" for k in ("law", "allies") for x in ("enforcement", "law")]
    none, actual, full = (two.run(200, {**numbers, **given}) for given in (dict.fromkeys(held, 0.0), {}, dict.fromkeys(held, 1.0)))
    for m in ("passes[rail]", "passes[ship]", "carriers[rail]", "carriers[ship]"):
        slack = 1e-6 if m.startswith("carriers") else 0.0
        assert np.all(none.measures[m] >= actual.measures[m] - slack), m
        assert np.all(actual.measures[m] >= full.measures[m] - slack), m
        assert none.measures[m].mean() > actual.measures[m].mean() > full.measures[m].mean()
    assert np.all(full.measures["dearer[fuel]"] >= actual.measures["dearer[fuel]"])


def test_arrivals_fall_with_enforcement_and_what_is_seized_is_counted():
    """World by world and day by day, through the routes: without sanctions most, at full enforcement least; nothing is lost from sight."""
    rng = np.random.default_rng(4)
    n = 16
    levels = [f"sanctions.{k}.{x}" for k in ("law", "allies") for x in ("enforcement", "law")]
    numbers = {x: rng.random(n) for x in levels} | {CAPTURE: rng.random(n), "sanctions.allies.capture": rng.random(n), EROSION: 0.01}
    numbers |= {LEVEL: rng.random(n), FINE: rng.uniform(0, 3, n)}
    b = bench(TWO, Sanctions, Transfers)
    none, actual, full = (b.run(150, {**numbers, **given}) for given in (dict.fromkeys(levels, 0.0), {}, dict.fromkeys(levels, 1.0)))
    came = [h.measures["delivered[gift.shell]"] for h in (none, actual, full)]
    assert np.all(came[0] >= came[1] * (1 - 1e-6))
    assert np.all(came[1] >= came[2] * (1 - 1e-6))
    assert came[0].mean() > came[1].mean() > came[2].mean() > 0
    assert not none.measures["seized[gift]"].any()
    for h in (none, actual, full):
        np.testing.assert_allclose(sum(h.accounts.values()), 1e7, rtol=1e-6)
    nothing = b.run(150, dict.fromkeys(levels, 1.0) | {CAPTURE: 1.0})
    assert not nothing.measures["delivered[gift.shell]"].any()
    assert nothing.measures["seized[gift]"][-1] > 1e5


# monitoring is not the law


def test_a_veto_blinds_enforcers_and_leaves_the_law(one):
    """A veto on the first day: enforcement sinks to (1 - loss) law, not to nothing; a regime of its own is not touched."""
    loss = np.array([0.0, 0.5, 1.0])
    h = one.run(300, {VETO: 1e6, VETO_LOSS: loss, LAG: 20.0})
    np.testing.assert_allclose(h.measures["enforcement[law]"][-1], 0.6 * (1 - loss), atol=1e-5)  # exp(-15) of the way is left
    other = bench(TWO, Sanctions)
    cut, whole = other.run(100, {VETO: 1e6}), other.run(100)
    assert not np.any(cut.states["sanctions/law.threshold"][1:] == cut.states["sanctions/allies.threshold"][1:])
    for m in ("enforcement[allies]", "monitoring[allies]"):
        np.testing.assert_array_equal(cut.measures[m], whole.measures[m])
    assert np.all(cut.measures["enforcement[law]"][1:] < whole.measures["enforcement[law]"][1:])


def test_the_veto_of_a_world_is_the_same_in_every_course(one):
    """The threshold is drawn once: it does not depend on anything that a course changes, and a higher hazard is never later."""
    plain, changed = (one.run(300, {VETO: 0.005, E0: e, EROSION: c, LEVEL: 1.0}, n=16) for e, c in ((0.0, 0.0), (1.0, 0.5)))
    np.testing.assert_array_equal(plain.measures["monitoring[law]"], changed.measures["monitoring[law]"])
    h = one.run(300, {VETO: np.linspace(0, 0.05, 16)}, same_luck=True)
    assert np.all(np.diff(h.measures["monitoring[law]"], axis=1) <= 0)
    assert len(np.unique(plain.states["sanctions/law.threshold"][-1])) == 16  # each world has its own


# edges


def test_no_spread_makes_carriers_all_alike(one):
    """All while the margin is above the expected fine, none while it is below, half where they are equal; never a division by zero."""
    h = one.run(1, {SPREAD: 0.0, E0: 0.5, LAW: 0.5, FINE: np.array([0.0, 1.9, 2.0, 2.1, 100.0])})
    np.testing.assert_array_equal(h.measures["carriers[rail]"][-1], [1, 1, 0.5, 0, 0])


def test_no_lag_is_at_the_law_at_once(one):
    h = one.run(5, {LAG: 0.0, E0: 0.1, EROSION: 0.5, LEVEL: 1.0})
    np.testing.assert_allclose(h.measures["enforcement[law]"][1:], 0.6, rtol=1e-6)


def test_the_first_row_is_what_is_declared(two):
    """Routes read the day before: before the first day they must see the enforcement that is declared, and not none."""
    h = two.run(1, {E0: 0.5, CAPTURE: 0.4})
    np.testing.assert_allclose(h.measures["enforcement[law]"][0], 0.5, rtol=1e-6)
    np.testing.assert_allclose(h.measures["passes[rail]"][0], 0.8, rtol=1e-6)


@pytest.mark.parametrize(
    ("written", "instead"),
    [("enforcement: 30 %", "enforcement: 130 %"), ("spread: 0.5", "spread: -0.5"), ("by: [friend]", "by: [nobody_we_know]"),
     ("lag: 100 days", "lag: 100 rounds"), ("routes: [rail]", "routes: [air]")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(written, instead):
    assert ONE.count(written) == 1
    with pytest.raises(ScenarioError):
        scenario(ONE.replace(written, instead))
