"""The front: power ratio, pace, lines, breach, luck of position, exploitation, initiative."""

import math

import numpy as np
import pytest

from materiel.mechanisms import FrontLine
from materiel.mechanisms.front import drive

from .toolkit import bench

AXIS = """
      width: 10 km
      depth: 60 km
      prepared_lines: 3
      first_line: 5 km
      spacing: 8 km
      line_time: 30 days
      improvised: 50 %
      terrain: 1
      antitank_good: [rocket]
      antitank_floor: 0 rounds
      imposed_breach: never"""
TEXT = f"""
goods: {{rocket: {{name: rockets, works: 80 %}}}}
stocks:
  north.rocket: {{held: 0 rounds}}
  south.rocket: {{held: 0 rounds}}
front:
  axes:
    east:
      name: where a attacks
      attacker: a{AXIS}
    west:
      name: where b attacks
      attacker: b{AXIS}
  operations:
    push_a: {{side: a, from: 2020-01-01, to: 2120-01-01}}
    push_b: {{side: b, from: 2020-01-01, to: 2120-01-01}}
  attack_rule: operations_only
  balance: 0
  mass_weight: 0.5
  fire_weight: 0.8
  fire_gain: 1.5
  critical_ratio: 0.25
  sharpness: 2
  pace: 0.25 km/day
  exploitation: 6 km/day
  local_pace: 10 %
  wander: 0 km/day^0.5
  wander_quiet: 30 %
  reference_days: 14 days
  massing_a: 1
  massing_b: 1
  massing_decay: 100 days
  massing_recovery: 120 days
  strength_loss: 1e9 km
  depots_follow: 60 days
  repair: 0.01 per day
  breakthrough_hazard: 0 per day
  breakthrough_power: 2
  breakthrough_window: 20 days
  breakthrough_lasts: 6 days
  antitank_effect: 2
  antitank_half: 10k rounds
  initiative_first: 0
  initiative_lag: 30 days
  initiative_on: 0.25
  initiative_off: 0.05
  ready: 80 %
"""
GIVEN = ("indirect[a]", "indirect[b]")
FIRE = {"given.indirect[a]": 1e4, "given.indirect[b]": 1e4}
LINE, SPACING, DEPTH = "front.axes.east.first_line", "front.axes.east.spacing", "front.axes.east.depth"
OPEN = {LINE: 1e6, DEPTH: 1e7}  # no line within reach
CRITICAL = math.log(1.25)


@pytest.fixture(scope="module")
def front():
    return bench(TEXT, FrontLine, given=GIVEN)


@pytest.fixture(scope="module")
def by_initiative():
    """Nobody has an operation: sides attack by the rule."""
    head, rest = TEXT.split("  operations:\n")
    return bench(head + rest[rest.index("  attack_rule") :].replace("operations_only", "by_initiative"), FrontLine, given=GIVEN)


def x_of(h, axis="east"):
    return h.measures[f"front.advance[{axis}]"]


def lam(r, g=2.0):
    """Lam(r) / Lam(1.5), written down once more."""
    r = np.asarray(r, float)
    return np.maximum(0, r**g - 1) / (1 + r**g) / ((1.5**g - 1) / (1 + 1.5**g))


def test_nothing_moves_up_to_the_critical_ratio(front):
    h = front.run(300, {**FIRE, "front.balance": np.array([-3.0, -0.5, 0.0, 0.9 * CRITICAL, CRITICAL - 1e-6])})
    assert not x_of(h).any()
    assert not h.measures["front.lines_broken[east]"].any()
    for r in (0.0, 0.3, 0.999, 1.0):
        assert float(drive(np.float32(r), np.float32(2))) == 0.0


def test_a_ratio_beyond_all_numbers_is_the_most():
    """Wide ranges reach powers that no float holds: Lam is then 1, not infinity over infinity."""
    assert float(drive(np.float32(1e30), np.float32(12))) == pytest.approx(1 / ((1.5**12 - 1) / (1.5**12 + 1)), rel=1e-5)


def test_pace_rises_with_the_ratio(front):
    """v = v_1 Lam(r) / Lam(1.5): v_1 at r = 1.5, and by the formula everywhere."""
    r = np.array([1.01, 1.1, 1.5, 2.0, 4.0, 50.0])
    h = front.run(100, {**FIRE, **OPEN, "front.balance": np.log(r) + CRITICAL})
    pace = x_of(h)[-1] / 100
    assert np.all(np.diff(pace) > 0)
    np.testing.assert_allclose(pace[2], 0.25, rtol=1e-5)
    np.testing.assert_allclose(pace, 0.25 * lam(r), rtol=2e-5)


def test_terrain_and_posture_scale_the_pace(front, by_initiative):
    numbers = {**FIRE, **OPEN, "front.balance": math.log(1.5) + CRITICAL}
    h = front.run(100, {**numbers, "front.axes.east.terrain": np.array([1.0, 0.4])})
    np.testing.assert_allclose(x_of(h)[-1], [25, 10], rtol=1e-5)
    # local attacks: a tenth of the pace, with the root of full massing
    h = by_initiative.run(
        100, {**numbers, "front.balance": math.log(1.5) + CRITICAL - math.log(1.2), "front.massing_a": 1.44, "front.initiative_on": 2.0}
    )
    np.testing.assert_allclose(x_of(h)[-1], 2.5, rtol=1e-5)
    assert not h.measures["front.attacking[a]"].any()


def test_equal_sides_do_not_move_and_have_no_initiative(front):
    h = front.run(300, FIRE)
    for name in ("front.area", "front.initiative", "front.advance[east]", "front.advance[west]"):
        assert not h.measures[name].any()


def test_exchanged_sides_mirror_the_area(front):
    z = np.linspace(0, 1.5, 12)
    uneven = {"given.indirect[a]": 2e4, "given.indirect[b]": 1e4}
    even = {"given.indirect[b]": 2e4, "given.indirect[a]": 1e4}
    one = front.run(300, {**uneven, "front.balance": z, "front.massing_a": 1.8, "front.massing_b": 1.3, "front.initiative_first": 0.2})
    two = front.run(300, {**even, "front.balance": -z, "front.massing_a": 1.3, "front.massing_b": 1.8, "front.initiative_first": -0.2})
    assert x_of(one).max() > 20
    for a, b in (("east", "west"), ("west", "east")):
        np.testing.assert_allclose(x_of(one, a), x_of(two, b), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(one.measures["front.area"], -two.measures["front.area"], rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(one.measures["front.initiative"], -two.measures["front.initiative"], atol=1e-6)


def test_area_is_width_times_advance(front):
    h = front.run(100, {**FIRE, "front.balance": np.array([1.0, -1.0]), "front.axes.east.width": 12.0, "front.axes.west.width": 34.0})
    np.testing.assert_allclose(h.measures["front.area"], 12 * x_of(h) - 34 * x_of(h, "west"), rtol=1e-6, atol=1e-4)


@pytest.mark.f64
def test_power_ratio_at_the_references_and_off_them(front):
    """With a lag of one day, I = tanh(ln Pi): z_b at the references, a2 ln[(1 + b1 f) / (1 + b1)] where fire is f times its own."""
    numbers = {"front.initiative_lag": 1.0, "front.balance": 0.3}
    later = {"given.indirect[a]": np.where(np.arange(60) < 30, 7e3, 14e3), "given.indirect[b]": np.where(np.arange(60) < 30, 2e3, 1e3)}
    first = {"given.indirect[a]": 7e3, "given.indirect[b]": 2e3}
    h = front.run(60, numbers, opening=first, daily=later, dtype=np.float64)
    power = np.arctanh(h.measures["front.initiative"][:, 0])
    np.testing.assert_allclose(power[1:31], 0.3, rtol=1e-9)
    np.testing.assert_allclose(power[32:], 0.3 + 0.8 * (np.log(4 / 2.5) - np.log(1.75 / 2.5)), rtol=1e-9)


@pytest.mark.parametrize(("ratio", "sharpness"), [(1.2, 2.0), (1.5, 2.0), (2.0, 1.0), (3.0, 3.0)])
def test_crossing_time(front, ratio, sharpness):
    """(sum d / v_1 + sum T_j) Lam(1.5) / Lam(r): 60 km, 3 prepared lines and 4 improvised ones of half the time.

    Each leg ends on a whole step and the work of its line begins on that same step, so each line errs by at most one
    step either way and the last leg by one more.
    """
    numbers = {**FIRE, "front.balance": math.log(ratio) + CRITICAL, "front.sharpness": sharpness, "front.pace": 1.0}
    exact = (60 / 1.0 + 3 * 30 + 4 * 15) / lam(ratio, sharpness)
    errors = []
    for step in (1.0, 0.25):
        h = front.run(int(1.1 * exact / step) + 10, numbers, step=step)
        assert x_of(h)[-1, 0] == 60
        crossed = h.days[np.argmax(x_of(h)[:, 0] >= 60)]
        assert abs(crossed - exact) <= 8 * step + 1e-3 * exact
        errors.append(crossed - exact)
    assert h.measures["front.lines_broken[east]"][-1, 0] == 7


def test_a_line_holds_until_its_work_is_done(front):
    h = front.run(300, {**FIRE, "front.balance": math.log(1.5) + CRITICAL, "front.pace": 1.0})
    x, broken = x_of(h)[:, 0], h.measures["front.lines_broken[east]"][:, 0]
    lines = 5 + 8 * np.arange(8)
    # never past a line that is not broken, as it stood at the start of the day
    assert np.all(x[1:] <= np.minimum(lines[broken[:-1].astype(int)], 60) + 1e-5)
    for line, days in zip(lines[:7], [30, 30, 30, 15, 15, 15, 15], strict=True):
        assert abs(np.sum(np.abs(x - line) < 1e-5) - days) <= 1
    assert np.all(np.diff(broken) >= 0)
    assert np.all(np.diff(x) >= -1e-6)


def test_work_is_repaired_while_nobody_attacks(front):
    """Balance falls below critical: no attack makes progress, but the operation goes on; repair needs the pause of a posture."""
    text = TEXT.replace("push_a: {side: a, from: 2020-01-01, to: 2120-01-01}", "push_a: {side: a, from: 2020-01-01, to: 2020-02-01}")
    h = bench(text, FrontLine, given=GIVEN).run(100, {**FIRE, "front.balance": math.log(1.5) + CRITICAL, "front.pace": 1.0})
    work = h.states["front/east.work"][:, 0]
    top = work.max()
    assert 0.8 < top < 0.95  # days 4 to 31 at the first line, 1/30 a day
    assert np.argmax(work) == 31
    np.testing.assert_allclose(work[31:], np.maximum(0, top - 0.01 * np.arange(70)), atol=1e-5)


def test_massing_decays_and_recovers(front):
    text = TEXT.replace("push_a: {side: a, from: 2020-01-01, to: 2120-01-01}", "push_a: {side: a, from: 2020-01-01, to: 2020-04-10}")
    h = bench(text, FrontLine, given=GIVEN).run(300, {**FIRE, "front.massing_a": 2.3})
    c = h.states["front/east.massing"][:, 0]
    t = np.arange(301)
    decays = 1 + 1.3 * 0.99 ** np.minimum(t, 100)
    exact = np.where(t <= 100, decays, 2.3 - (2.3 - decays) * (1 - 1 / 120) ** np.maximum(t - 100, 0))
    np.testing.assert_allclose(c, exact, rtol=1e-5)


@pytest.mark.f64
def test_strength_falls_with_distance_from_depots(front):
    """Depots that hardly follow: x' = v(exp(-x/ell)), against the same equation in small steps; the axis stops where r = 1."""
    numbers = {
        **FIRE,
        **OPEN,
        "front.balance": math.log(2.0) + CRITICAL,
        "front.strength_loss": 30.0,
        "front.depots_follow": 1e12,
        "front.pace": 1.0,
    }
    x = x_of(front.run(300, numbers, dtype=np.float64))[:, 0]
    fine = 0.0
    for _ in range(300 * 20):
        fine += lam(2.0 * math.exp(-fine / 30)) / 20
    assert abs(x[-1] - fine) < 0.5  # half a day of the first pace
    far = x_of(front.run(4000, numbers, dtype=np.float64))[-1, 0]
    assert far <= 30 * math.log(2) + 1e-6  # the depots move by 4000 x 20 km / 1e12
    assert far > 0.99 * 30 * math.log(2)


def test_first_passage_is_inverse_gaussian(front):
    """Drift v, noise sigma: time to gain d has mean d / v and variance d sigma^2 / v^3.

    From the first day at 15 km or more to the first at 45 km or more, so that the start at 0, which reflects, is far
    (exp(-2 v 15 / sigma^2) = 3e-7) and the overshoot of both is alike. 4096 worlds.
    """
    v, sigma, d, n = 0.5, 1.0, 30.0, 4096
    numbers = {**FIRE, **OPEN, "front.balance": math.log(1.5) + CRITICAL, "front.pace": v, "front.wander": sigma}
    x = x_of(front.run(300, numbers, n=n, keep=east_only))
    assert np.all(x.max(axis=0) > 45)
    took = np.argmax(x >= 45, axis=0) - np.argmax(x >= 15, axis=0)
    mean, variance = d / v, d * sigma**2 / v**3
    assert abs(took.mean() - mean) < 4 * math.sqrt(variance / n)
    # kurtosis of the inverse Gaussian 3 + 15 sigma^2 / (v d); the two overshoots add up to 2 x 0.34 sigma^2 / v^2
    error = variance * math.sqrt((2 + 15 * sigma**2 / (v * d)) / n)
    assert abs(took.var() - variance) < 4 * error + 0.7 * sigma**2 / v**2


def east_only(name):
    return name == "front.advance[east]"


def test_noise_is_scaled_by_the_posture_and_the_root_of_the_step(front, by_initiative):
    numbers = {**FIRE, **OPEN, "front.wander": 0.05, "front.pace": 1.0, "front.balance": math.log(1.5) + CRITICAL}
    for step in (1.0, 0.25):
        x = x_of(front.run(300, numbers, n=64, step=step))
        moves = np.diff(x[100:], axis=0)
        assert abs(moves.std() / (0.05 * math.sqrt(step)) - 1) < 4 / math.sqrt(2 * moves.size) + 1e-3
        assert abs(moves.mean() - step) < 4 * 0.05 * math.sqrt(step / moves.size)
    quiet = {**numbers, "front.initiative_on": 2.0, "front.local_pace": 1.0, "front.pace": 10.0}
    moves = np.diff(x_of(by_initiative.run(300, quiet, n=64))[100:], axis=0)
    assert abs(moves.std() / (0.3 * 0.05) - 1) < 4 / math.sqrt(2 * moves.size) + 0.02  # positions near 3000 km: 2^-13 km


def test_more_shells_never_move_the_front_against_their_owner(front):
    """Exact for the mechanism alone: postures fixed, breakthroughs off, luck in common, the reference days alike."""
    rng = np.random.default_rng(8)
    n, days = 300, 300
    fire = 1e4 * np.exp(rng.normal(0, 0.5, (2, days, n)))
    more = np.where(np.arange(days)[:, None] > 20, np.exp(rng.exponential(0.3, (days, n))), 1.0)
    numbers = {**FIRE, "front.balance": rng.normal(0, 0.4, n), "front.wander": 0.3, "front.pace": 1.0, "front.strength_loss": 30.0}
    numbers |= {"front.massing_a": 2.0, "front.massing_b": 2.0, "front.axes.east.line_time": 8.0, "front.axes.west.line_time": 8.0}
    base = front.run(days, numbers, daily={"given.indirect[a]": fire[0], "given.indirect[b]": fire[1]})
    gift = front.run(days, numbers, daily={"given.indirect[a]": fire[0] * more, "given.indirect[b]": fire[1]})
    slack = 1e-3  # km: float32 positions of up to 60 km over 300 days
    assert np.all(x_of(gift) >= x_of(base) - slack)
    assert np.all(x_of(gift, "west") <= x_of(base, "west") + slack)
    assert np.all(gift.measures["front.area"] >= base.measures["front.area"] - 20 * slack)
    changed = (x_of(gift)[-1] > x_of(base)[-1] + 0.1) | (x_of(gift, "west")[-1] < x_of(base, "west")[-1] - 0.1)
    assert changed.mean() > 0.5
    assert base.measures["front.lines_broken[east]"].max() >= 2


def test_imposed_breach_counts_the_days_to_the_sea(front):
    """60 km at 7 km a day are reached on the ninth day: eight days end short of it. Nothing before the date."""
    h = front.run(100, {**FIRE, "front.axes.east.imposed_breach": np.array([20.0, 50.0, 1e6]), "front.exploitation": 7.0})
    np.testing.assert_array_equal(h.measures["front.days_to_sea[east]"][-1], [8, 8, 0])
    assert not x_of(h)[20, 0]
    np.testing.assert_allclose(x_of(h)[21:30, 0], np.minimum(7.0 * np.arange(1, 10), 60), rtol=1e-6)
    assert x_of(h)[-1, 2] == 0
    assert not x_of(h, "west").any()


def test_rockets_slow_exploitation(front):
    """v_exp = v_e / (1 + psi T / (T + T_h)), T the defender's stock that functions (80 %) and its floor."""
    held = np.array([0.0, 1e3, 1e4, 1e5, 1e9])
    breach = {**FIRE, "front.axes.east.imposed_breach": 0.0, "front.exploitation": 0.5}
    h = front.run(50, {**breach, "stocks.south.rocket.held": held})
    working = 0.8 * held
    np.testing.assert_allclose(x_of(h)[50], 25 / (1 + 2 * working / (working + 1e4)), rtol=1e-5)
    days = front.run(300, {**breach, "front.exploitation": 2.0, "stocks.south.rocket.held": held}).measures["front.days_to_sea[east]"][-1]
    assert np.all(np.diff(days) > 0)
    assert days[0] == 29
    floor = front.run(50, {**breach, "front.axes.east.antitank_floor": 8e3})
    np.testing.assert_allclose(x_of(floor)[50], x_of(h)[50, 2], rtol=1e-5)


def test_rockets_of_the_attacker_or_without_effect_slow_nothing(front):
    breach = {**FIRE, "front.axes.east.imposed_breach": 0.0, "front.exploitation": 0.5}
    bare = x_of(front.run(50, breach))
    np.testing.assert_array_equal(bare, x_of(front.run(50, {**breach, "stocks.north.rocket.held": 1e6})))
    np.testing.assert_array_equal(bare, x_of(front.run(50, {**breach, "stocks.south.rocket.held": 1e6, "front.antitank_effect": 0.0})))


def test_rockets_do_nothing_while_lines_hold(front):
    """Armour that is not moving: without a breach the defender's rockets change nothing, bit for bit."""
    numbers = {**FIRE, "front.balance": 0.8, "front.wander": 0.1}
    np.testing.assert_array_equal(x_of(front.run(300, numbers)), x_of(front.run(300, {**numbers, "stocks.south.rocket.held": 1e6})))


def test_breakthroughs_come_at_their_rate(front):
    """h_b (Pi_s / 2)^b during the window after a line falls: of many worlds, 1 - exp(-h W) break through on the first."""
    n, hazard = 4096, 0.02
    numbers = {**FIRE, "front.balance": math.log(2.0), "front.breakthrough_hazard": hazard, "front.pace": 5.0}
    numbers |= {"front.axes.east.line_time": 10.0, SPACING: 1e5, DEPTH: 2e5, "front.antitank_effect": 0.0}
    h = front.run(100, numbers, n=n, keep=exploits)
    share = (h.states["front/east.exploits"] > 0).any(axis=0).mean()
    # the window is open on the day the line falls and while more than nothing of it is left: 20 days
    exact = 1 - math.exp(-hazard * 20)
    assert abs(share - exact) < 4 * math.sqrt(exact * (1 - exact) / n)


def exploits(name):
    return name in ("front/east.exploits", "front/east.window")


def test_initiative_follows_with_its_lag(front):
    h = front.run(100, {**FIRE, "front.balance": np.array([-0.5, 0.3, 2.0])})
    exact = np.tanh([-0.5, 0.3, 2.0]) * (1 - (1 - 1 / 30) ** h.days[:, None])
    np.testing.assert_allclose(h.measures["front.initiative"], exact, atol=1e-5)
    assert np.all(np.abs(h.measures["front.initiative"]) <= 1)


def test_one_switch_an_excursion(by_initiative):
    """A balance that wanders for 1200 days: attacks start above the upper threshold only, stop below the lower or at culmination."""
    rng = np.random.default_rng(9)
    days, n = 1200, 16
    walk = np.zeros((days, n))
    for t in range(1, days):
        walk[t] = 0.99 * walk[t - 1] + rng.normal(0, 0.08, n)
    numbers = {
        **FIRE,
        "front.massing_a": 1.6,
        "front.massing_b": 1.6,
        "front.massing_decay": 400.0,
        "front.massing_recovery": 20.0,
        "front.critical_ratio": 0.05,
    }
    h = by_initiative.run(days, numbers, n=n, daily={"front.balance": walk})
    index = h.measures["front.initiative"]
    switches = 0
    for side, axis, sign in (("a", "east", 1), ("b", "west", -1)):
        on = h.measures[f"front.attacking[{side}]"] > 0.5
        own, c = sign * index, h.states[f"front/{axis}.massing"]
        strength = c[:-1] * np.exp(sign * walk)
        starts, stops = ~on[:-1] & on[1:], on[:-1] & ~on[1:]
        assert np.all(own[1:][starts] > 0.25)
        assert np.all(c[:-1][starts] - 1 > 0.8 * 0.6 - 1e-6)
        assert np.all((own[1:][stops] < 0.05) | (strength[stops] <= 1.05 * (1 + 1e-5)))
        # between two starts something ended the first: never two switches while the index stays between the thresholds
        between = (own[1:] > 0.05) & (own[1:] <= 0.25) & (strength > 1.05)
        assert not np.any(between & (on[1:] != on[:-1]))
        switches += starts.sum()
    assert switches > 20


def test_only_operations_move_the_posture_where_the_rule_says_so(front):
    text = TEXT.replace("push_a: {side: a, from: 2020-01-01, to: 2120-01-01}", "push_a: {side: a, from: 2020-01-21, to: 2020-02-10}")
    h = bench(text, FrontLine, given=GIVEN).run(100, {**FIRE, "front.balance": 2.0, "front.initiative_first": 0.9, "front.massing_a": 2.0})
    day = np.arange(100)
    np.testing.assert_array_equal(h.measures["front.attacking[a]"][1:, 0], np.where((day >= 20) & (day < 40), 1.0, 0.0))
    ruled = bench(text, FrontLine, given=GIVEN).run(
        100, {**FIRE, "front.balance": 2.0, "front.initiative_first": 0.9, "front.massing_a": 2.0, "front.attack_rule": 0.0}
    )
    assert not ruled.measures["front.attacking[a]"][:21].any()  # the rule waits for the listed operations
    assert ruled.measures["front.attacking[a]"][41:].any()
