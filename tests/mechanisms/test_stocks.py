"""Ageing: survival of a lot, and the mean age of a well-mixed stock."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, special

from materiel.mechanisms import Supplies, Transfers
from materiel.mechanisms.stocks import YEAR, works_at

from .toolkit import bench

TEXT = """
goods:
  shell:
    name: shells
    lethality: 1
    ageing: {works_new: 95 %, life: 40 years, shape: 2, storage: 1, lot_spread: 0, accuracy: 1}
"""
LOT = {"works_new": 0.95, "life": 40.0, "shape": 2.0, "storage": 1.0, "lot_spread": 0.0, "accuracy": 1.0}


def works(age, **other):
    lot = {f"goods.shell.ageing.{k}": jnp.asarray(v, jnp.result_type(float)) for k, v in {**LOT, **other}.items()}
    return np.asarray(jax.vmap(lambda a: works_at(a, lot, "shell"))(jnp.asarray(age, jnp.result_type(float))), np.float64)


# float32: the logit of a share near 1 keeps about eps / (1 - R) of it
CLOSE = 3e-6


def test_a_new_round_works_as_new():
    np.testing.assert_allclose(works([0.0]), 0.95, rtol=CLOSE)


def test_it_falls_with_age():
    assert np.all(np.diff(works(np.linspace(0, 120, 200))) < 0)


def test_shape_one_is_exponential():
    age = np.linspace(0, 80, 9)
    np.testing.assert_allclose(np.log(works(age, shape=1.0)), np.log(0.95) - age / 40, rtol=0, atol=1e-5)


def test_the_life_is_where_one_in_e_is_left_whatever_the_shape():
    for shape in (0.7, 1.5, 4.0):
        np.testing.assert_allclose(works([40.0], shape=shape), 0.95 / np.e, rtol=1e-5)


def test_without_wear_nothing_ages():
    np.testing.assert_allclose(works([10.0, 60.0], life=1e12), 0.95, rtol=CLOSE)


def test_storage_is_an_acceleration_of_age():
    np.testing.assert_allclose(works([30.0], storage=1.5), works([45.0]), rtol=CLOSE)


def test_accuracy_multiplies():
    np.testing.assert_allclose(works([25.0], accuracy=0.4), 0.4 * works([25.0]), rtol=CLOSE)


@pytest.mark.parametrize("spread", [0.3, 0.8, 1.5])
def test_the_lot_effect_is_averaged(spread):
    """Against the integral of the logistic over a normal lot effect; the approximation is known to be within 0.02."""
    age = np.array([1.0, 20.0, 40.0, 70.0])
    for a, got in zip(age, works(age, lot_spread=spread), strict=True):
        x = special.logit(0.95 * np.exp(-((a / 40) ** 2)))
        mean = integrate.quad(lambda z, x=x: special.expit(x + spread * z) * np.exp(-z * z / 2) / np.sqrt(2 * np.pi), -9, 9)[0]
        assert abs(got - mean) < 0.02
    # and it draws every share towards one half
    plain, mixed = works(age), works(age, lot_spread=spread)
    assert np.all(np.abs(mixed - 0.5) <= np.abs(plain - 0.5) + 1e-6)


STORE = (
    TEXT
    + """
stocks:
  north.shell: {held: 1M rounds, mean_age: 20 years}
  south.shell: {held: 0 rounds, mean_age: 1 year}
supplies:
  out: {from: north, to: south, good: shell, scale: 1, steps: [{from: 2020-01-01, rate: 2k rounds/day}]}
  in: {from: maker, to: north, good: shell, scale: 1, steps: [{from: 2020-01-01, rate: 2k rounds/day}]}
"""
)


def test_what_only_lies_ages_by_the_calendar():
    h = bench(STORE, Supplies).run(731, {"supplies.in.scale": 0.0, "supplies.out.scale": 0.0})
    # one float32 near 20 years is rounded to 2^-19 years, so a day's addition errs by at most half of that
    np.testing.assert_allclose(h.states["stocks/north.shell"][:, 0], 20 + h.days / YEAR, rtol=0, atol=731 * 2.0**-20)


@pytest.mark.f64
def test_mean_age_of_a_steady_stock_is_stock_over_throughput():
    """Little's law: 1e6 rounds at 2e3 a day are 500 days old on average. After 40 turnovers nothing is left of the first 20 years."""
    h = bench(STORE, Supplies).run(40 * 500, dtype=np.float64)
    np.testing.assert_allclose(h.accounts["depot:north/shell"][-1, 0], 1e6, rtol=1e-12)
    np.testing.assert_allclose(h.states["stocks/north.shell"][-1, 0], 500 / YEAR, rtol=1e-9)
    assert h.measures["works[north.shell]"][-1, 0] > h.measures["works[north.shell]"][0, 0]


@pytest.mark.f64
def test_mean_age_on_the_way_there():
    """A' = 1 - A / 500: A = 500 + (A0 - 500) exp(-t / 500); the daily step's error is at most A0 / (2 x 500) x (t / 500) exp(-t / 500)."""
    h = bench(STORE, Supplies).run(1000, dtype=np.float64)
    first = 20 * YEAR
    exact = 500 + (first - 500) * np.exp(-h.days / 500)
    # deliveries are seen the day after: one more day of lag, worth A0 / 500
    assert np.abs(h.states["stocks/north.shell"][:, 0] * YEAR - exact).max() < first / 500 * (1 + 0.5 / np.e) + 1


def test_deliveries_bring_the_age_of_the_giver():
    text = (
        TEXT
        + """
stocks:
  maker.shell: {held: 5M rounds, mean_age: 30 years}
routes:
  rail: {from: maker, to: north, carries: [shell], capacity: 100 containers/day, transit: 5 days, lost: 0}
offers:
  gift:
    {from: maker, to: north, by: [rail], amount: 10 containers/day, scale: 1, opens: 2020-01-01,
    munition_share: 1, mix: {shell: 1}, reserve: 0}
"""
    )
    text = text.replace("lethality: 1\n", "lethality: 1\n    per_container: 200 rounds/container\n")
    h = bench(text, Transfers).run(100)
    np.testing.assert_allclose(h.states["stocks/north.shell"][-1, 0], 30 + 100 / YEAR, rtol=1e-5)
    np.testing.assert_allclose(h.measures["works[north.shell]"][-1], h.measures["works[maker.shell]"][-1], rtol=1e-5)
