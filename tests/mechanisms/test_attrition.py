"""Losses of people: Lanchester's laws, Iwo Jima, the CES of shells and drones, limits.

In normalised form with q_d = 0 and alpha = 2 (p = 1), direct fire only, X' = -lam_0 m_X (X_0 / Y_0) Y: the square law with
coefficient a = lam_0 m_X X_0 / Y_0. With q_d = 1 and alpha = 1, X' = -lam_0 m_X X Y / Y_0: the linear law. The attacker's
multiplier m makes the two coefficients differ.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from materiel.mechanisms import Attrition, Supplies
from materiel.mechanisms.attrition import substitutes

from .toolkit import bench, first_order

TEXT = """
goods:
  ours: {name: troops of North, unit: people}
  theirs: {name: troops of South, unit: people}
stocks:
  north.ours: {held: 100k people}
  south.theirs: {held: 60k people}
supplies:
  landing:
    from: maker
    to: north
    good: ours
    scale: 0
    steps:
      - {from: 2020-01-01, rate: 54k people/day}
      - {from: 2020-01-02, rate: 0 people/day}
      - {from: 2020-01-03, rate: 6k people/day}
      - {from: 2020-01-04, rate: 0 people/day}
      - {from: 2020-01-06, rate: 13k people/day}
      - {from: 2020-01-07, rate: 0 people/day}
attrition:
  sides:
    a: {actor: north, troops: ours, reference_fire: 12k rounds/day, drones: 150 drones/day, drones_doubling: 365 days, precision: 1}
    b: {actor: south, troops: theirs, reference_fire: 12k rounds/day, drones: 150 drones/day, drones_doubling: 365 days, precision: 1}
  base_rate: 0.01 per day
  indirect_share: 0
  alpha: 2
  own_strength_direct: 0
  own_strength_indirect: 0.5
  fire_exponent: 0.8
  substitution: 0.6
  shells_per_drone: 3 rounds/drone
  dug_in: 1
  attacking: 1
  attacker_multiplier: 1
  common_fire: 10k rounds/day
  quiet: 1
"""
GIVEN = ("front.attacking[a]", "front.attacking[b]", "equivalents[a]", "equivalents[b]")
A, B = "stocks.north.ours.held", "stocks.south.theirs.held"
RATE, MULTIPLIER = "attrition.base_rate", "attrition.attacker_multiplier"
FIRES = {"given.equivalents[a]": 12e3, "given.equivalents[b]": 12e3}


@pytest.fixture(scope="module")
def war():
    return bench(TEXT, Attrition, Supplies, given=GIVEN)


def people(h):
    return h.accounts["depot:north/ours"], h.accounts["depot:south/theirs"]


def law(alpha, own, a, b, x0, y0):
    """Numbers that give X' = -a Y^p X^q and Y' = -b X^p Y^q: a attacks, b stands."""
    p = alpha + own - 1
    rate = b * x0**p * y0 ** (own - 1)
    multiplier = a * y0**p * x0 ** (own - 1) / rate
    direct = {"attrition.alpha": alpha, "attrition.own_strength_direct": own, "attrition.indirect_share": 0.0}
    return {**direct, A: x0, B: y0, RATE: rate, MULTIPLIER: multiplier, "given.front.attacking[a]": 1.0}


@pytest.mark.f64
def test_square_law(war):
    """100 against 60 at 0.01: 80 are left when the other side is gone, at atanh(0.6) / 0.01 = 69.3147 days."""
    end = np.arctanh(0.6) / 0.01
    assert abs(end - 69.3147) < 5e-5
    left = []
    for n in (70, 140, 280):
        x, y = people(war.run(n, law(2.0, 0.0, 0.01, 0.01, 100.0, 60.0), step=end / n, dtype=np.float64))
        left.append(x[-1, 0])
        assert y[-1, 0] < 2 * 100 * 0.01 * end / n  # what two more steps would take
        assert y.min() >= 0
    # Euler's global error: at most (h / 2) t |A|^2 |z| exp(|A| t), with |A| = 0.01 a day and |z| = |(100, 60)|
    assert abs(left[0] - 80) < 0.5 * (end / 70) * end * 0.01**2 * np.hypot(100, 60) * np.exp(0.01 * end)
    first_order(left[0], left[1], 80, 1.6, 2.5)
    first_order(left[1], left[2], 80, 1.6, 2.5)


def invariant(alpha, a, b, x, y):
    if alpha == 0:
        return b * np.log(x) - a * np.log(y)
    return b * x**alpha - a * y**alpha


@pytest.mark.f64
@pytest.mark.parametrize(("alpha", "own"), [(2.0, 0.0), (1.5, 0.0), (1.5, 0.4), (1.0, 0.0), (1.0, 1.0), (0.5, 0.7), (0.0, 1.0)])
def test_state_laws(war, alpha, own):
    """b X^alpha - a Y^alpha stays; its drift over 40 days halves with the step (square, Osipov, linear, and between)."""
    x0, y0 = 100.0, 70.0
    p = alpha + own - 1
    a, b = 0.006 * 80 ** (1 - p - own), 0.01 * 80 ** (1 - p - own)
    drift = []
    for n in (1, 2, 4):
        x, y = (z[-1, 0] for z in people(war.run(40 * n, law(alpha, own, a, b, x0, y0), step=1 / n, dtype=np.float64)))
        assert x < 0.9 * x0
        assert y < 0.9 * y0
        drift.append(invariant(alpha, a, b, x, y) - invariant(alpha, a, b, x0, y0))
    scale = b * max(alpha, 1) * x0**alpha
    if abs(drift[0]) < 1e-12 * scale:
        assert alpha == 0  # two independent exponentials are exact in any step
        return
    assert abs(drift[0]) < 0.01 * scale  # half a step of 1 % a day
    first_order(drift[0], drift[1], 0.0)
    first_order(drift[1], drift[2], 0.0)


@pytest.mark.f64
@pytest.mark.parametrize(("a", "b"), [(1e-4, 1e-4), (2e-4, 1e-4), (0.7e-4, 1e-4)])
def test_linear_law_in_time(war, a, b):
    """X = C / (b - (b - C/X0) exp(-C t)), C = b X0 - a Y0; X0 / (1 + b X0 t) where C = 0."""
    x0, y0, t = 100.0, 100.0, 60.0
    c = b * x0 - a * y0
    exact = x0 / (1 + b * x0 * t) if c == 0 else c / (b - (b - c / x0) * np.exp(-c * t))
    got = [people(war.run(60 * n, law(1.0, 1.0, a, b, x0, y0), step=1 / n, dtype=np.float64))[0][-1, 0] for n in (1, 2, 4)]
    first_order(got[0], got[1], exact)
    first_order(got[1], got[2], exact)
    assert abs(got[2] - exact) < 0.01 * exact


def test_logarithmic_law_is_two_exponentials(war):
    x, y = people(war.run(300, {"attrition.alpha": 0.0, "attrition.own_strength_direct": 1.0}))
    t = np.arange(301)
    np.testing.assert_allclose(x[:, 0], 1e5 * np.exp(-0.01 * t), rtol=300 * 2.0**-23)
    np.testing.assert_allclose(y[:, 0], 6e4 * np.exp(-0.01 * t), rtol=300 * 2.0**-23)


@pytest.mark.f64
def test_iwo_jima(war):
    """Engel 1954: M' = P - 0.0544 N, N' = -0.0106 M, N(0) = 21,500, 54,000 + 6,000 + 13,000 landed.

    The mechanism needs a first strength: one man stands for none, and is lost within the first hour. Steps of 1/8, 1/16
    and 1/32 day; (X1 - 6 X2 + 8 X4) / 3 removes the errors of first and second order.
    """
    start = law(2.0, 0.0, 0.0544, 0.0106, 1.0, 21_500.0) | {"supplies.landing.scale": 1.0}
    runs = []
    for k in (8, 16, 32):
        x, y = people(war.run(36 * k, start, step=1 / k, dtype=np.float64))
        runs.append(np.array([x[6 * k, 0], x[28 * k, 0], x[36 * k, 0], y[36 * k, 0]]))
    published = np.array([66_454, 53_042, 51_985, 217])
    # published to a man, and the third order is below (0.024 / 8)^3 of 1e5 men, 0.024 a day being the root of the product
    np.testing.assert_allclose((runs[0] - 6 * runs[1] + 8 * runs[2]) / 3, published, rtol=0, atol=1.0)
    first_order(runs[0], runs[1], 2 * runs[2] - runs[1], 1.8, 2.4)


def test_no_enemy_fire_no_indirect_losses(war):
    """Zero stands for 1e-12 of the reference in a power, so what is left is (1e-12)^sigma of the losses at the reference."""
    quiet = {"attrition.indirect_share": 1.0, "attrition.sides.b.drones": 0.0, "given.equivalents[a]": 12e3}
    h = war.run(100, {**quiet, "attrition.fire_exponent": 1.0})
    assert h.measures["losses[a]"][-1, 0] < 1e-6
    assert h.measures["losses[b]"][-1, 0] > 1e3
    assert np.all(h.measures["indirect[b]"] < 1e-6)


def test_losses_never_exceed_the_population(war):
    rng = np.random.default_rng(2)
    n = 100
    numbers = {
        RATE: 10 ** rng.uniform(-4, 4, n),
        A: 10 ** rng.uniform(0, 6, n),
        B: 10 ** rng.uniform(0, 6, n),
        "attrition.alpha": rng.uniform(0, 2, n),
        "attrition.own_strength_direct": rng.uniform(0, 1, n),
        "attrition.own_strength_indirect": rng.uniform(0, 1, n),
        "attrition.indirect_share": rng.uniform(0, 1, n),
        "given.equivalents[a]": 10 ** rng.uniform(0, 6, n),
        "given.equivalents[b]": 0.0,
    }
    h = war.run(100, numbers)
    for side, held in zip("ab", people(h), strict=True):
        assert np.all(held >= 0)
        assert np.all(np.isfinite(held))
        assert np.all(h.measures[f"losses[{side}]"] <= held[0] * (1 + 1e-6))
        assert np.all(np.diff(held, axis=0) <= 0)


def test_exchanged_labels_give_mirrored_losses():
    b = bench(TEXT, Attrition, Supplies, given=GIVEN)
    rng = np.random.default_rng(4)
    sides = "attrition.sides"
    ours = [A, f"{sides}.a.precision", f"{sides}.a.drones", "given.equivalents[a]", "given.front.attacking[a]"]
    theirs = [B, f"{sides}.b.precision", f"{sides}.b.drones", "given.equivalents[b]", "given.front.attacking[b]"]
    strong, weak = [1e5, 1.3, 300.0, 9e3, 1.0], [7e4, 0.8, 120.0, 4e3, 0.0]
    straight = dict(zip(ours + theirs, strong + weak, strict=True))
    swapped = dict(zip(ours + theirs, weak + strong, strict=True))
    wide = ("alpha", "own_strength_direct", "dug_in", "attacking", "attacker_multiplier", "fire_exponent")
    law = {f"attrition.{k}": rng.uniform(0.2, 1.5, 20) for k in wide}
    shares = ("indirect_share", "own_strength_indirect", "substitution", "quiet")
    law |= {f"attrition.{k}": rng.uniform(0.1, 0.9, 20) for k in shares}
    one, other = b.run(100, {**law, **straight}), b.run(100, {**law, **swapped})
    for family in ("losses", "people", "indirect"):
        np.testing.assert_allclose(one.measures[f"{family}[a]"], other.measures[f"{family}[b]"], rtol=1e-6)
        np.testing.assert_allclose(one.measures[f"{family}[b]"], other.measures[f"{family}[a]"], rtol=1e-6)


def test_more_enemy_fire_costs_more_but_each_round_less(war):
    """sigma and rho at most 1: losses of the first day rise and are concave in the enemy's shells."""
    shells = np.linspace(0, 6e4, 61)
    h = war.run(1, {**FIRES, "given.equivalents[a]": shells, "attrition.indirect_share": 0.7})
    lost = h.measures["losses[b]"][-1]
    assert np.all(np.diff(lost) > 0)
    assert np.all(np.diff(lost, 2) < 1e-5 * lost.max())
    assert np.diff(lost)[0] > 1.5 * np.diff(lost)[-1]
    np.testing.assert_array_equal(h.measures["losses[a]"][-1], h.measures["losses[a]"][-1, 0])  # of that day, the other side's are the same


def test_half_the_war_where_nobody_attacks(war):
    half = {RATE: 1e-5, "attrition.quiet": 0.5, "given.front.attacking[b]": np.array([0.0, 1.0])}
    h = war.run(1, {**FIRES, "attrition.indirect_share": 0.7, **half})
    np.testing.assert_allclose(h.measures["losses[b]"][-1, 0] * 2, h.measures["losses[b]"][-1, 1], rtol=1e-4)


def test_at_the_references_the_law_is_its_base_rate(war):
    """L = lam_0 X [(1 - phi) + phi (E / E_0)^sigma], with E = T_0 = 12,000 + 3 x 150 and E_0 = 10,000."""
    h = war.run(1, {**FIRES, "attrition.indirect_share": 0.7})
    per_head = 0.01 * (0.3 + 0.7 * 1.245**0.8)
    np.testing.assert_allclose(h.measures["losses[a]"][-1], 1e5 * -np.expm1(-per_head), rtol=1e-5)
    np.testing.assert_allclose(h.measures["indirect[a]"][-1], 12_450, rtol=1e-6)


def test_postures(war):
    """Dug in or attacking scales what fire from afar costs; the attacker's multiplier scales the direct part only."""
    postures = {"attrition.dug_in": 0.5, "attrition.attacking": 1.2, MULTIPLIER: 1.7, RATE: 1e-5}
    attacks = {"given.front.attacking[a]": np.array([0.0, 1.0]), "given.front.attacking[b]": 0.0}
    afar = 1.245**0.8
    for phi in (0.0, 0.7, 1.0):
        lost = war.run(1, {**FIRES, **postures, **attacks, "attrition.indirect_share": phi}).measures["losses[a]"][-1]
        stands, goes = (1 - phi) + phi * 0.5 * afar, (1 - phi) * 1.7 + phi * 1.2 * afar
        np.testing.assert_allclose(lost, [stands, goes], rtol=1e-4)  # 1e5 people at 1e-5 a day


def test_drones_double(war):
    """With rho = 1 and no shells the effective fire is e_d U, U = U_0 2^(t / T)."""
    h = war.run(300, {"attrition.substitution": 1.0, "attrition.sides.a.drones_doubling": 100.0, "attrition.sides.a.precision": 2.0})
    t = np.arange(300)
    np.testing.assert_allclose(h.measures["indirect[a]"][1:, 0], 2 * 3 * 150 * 2.0 ** (t / 100), rtol=1e-5)


def ces(shells, drones, rho, worth=3.0):
    numbers = [jnp.asarray(x, jnp.result_type(float)) for x in (shells, drones, 12e3, 150.0, worth, rho)]
    shape = jnp.broadcast_shapes(*(x.shape for x in numbers))
    flat = [jnp.broadcast_to(x, shape).ravel() for x in numbers]
    return np.asarray(jax.vmap(substitutes)(*flat)).reshape(shape)


@pytest.mark.f64
def test_ces_limits():
    shells, drones = np.meshgrid(np.geomspace(1, 1e6, 13), np.geomspace(1, 1e5, 11))
    np.testing.assert_allclose(ces(shells, drones, 1.0), shells + 3 * drones, rtol=1e-12)  # perfect substitutes
    for rho in (0.05, 0.3, 0.7, 1.0):
        np.testing.assert_allclose(ces(12e3, 150.0, rho), 12_450, rtol=1e-12)  # T_0 at the reference
        np.testing.assert_allclose(ces(2 * shells, 2 * drones, rho), 2 * ces(shells, drones, rho), rtol=1e-10)
        alone = ces(12e3, 0.0, rho)
        assert 0 < alone <= 12_000 * (1 + 1e-9)  # no drones: less than before, never nothing
        assert np.all(np.diff(ces(shells, drones, rho), axis=0) > 0)
        assert np.all(np.diff(ces(shells, drones, rho), axis=1) > 0)
    d = 450 / 12_450
    cobb_douglas = 12_450 * (shells / 12e3) ** (1 - d) * (drones / 150) ** d
    np.testing.assert_allclose(ces(shells, drones, 1e-6), cobb_douglas, rtol=2e-5)  # rho/2 x variance of the logs


def test_ces_without_drones_from_the_start_is_shells():
    numbers = [jnp.float32(x) for x in (7e3, 0.0, 12e3, 0.0, 3.0, 0.4)]
    np.testing.assert_allclose(substitutes(*numbers), 7e3, rtol=1e-5)
