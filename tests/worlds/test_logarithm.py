"""The logarithm of float64 against the C library's, and that a day uses it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from materiel.worlds.logarithm import log
from materiel.worlds.pieces import in_pieces

pytestmark = pytest.mark.f64


@pytest.mark.parametrize(
    "x",
    [
        np.exp(np.random.default_rng(1).uniform(-708, 709, 100_000)),
        1 + np.random.default_rng(2).normal(0, 0.01, 100_000),
        np.sqrt(0.5) * (1 + np.arange(-50, 50) * 2.0**-53),
        1 + np.arange(-50, 50) * 2.0**-52,
    ],
    ids=["every size", "near one", "where the exponent changes", "nearest to one"],
)
def test_it_is_within_one_unit_in_the_last_place(x):
    known = np.log(x)
    assert (np.abs(np.asarray(jax.jit(log)(x)) - known) <= np.spacing(np.abs(known))).all()


def test_what_is_no_positive_number():
    x = jnp.array([0.0, -0.0, 1.0, jnp.inf, -1.0, -jnp.inf, jnp.nan])
    np.testing.assert_array_equal(log(x), [-np.inf, -np.inf, 0, np.inf, np.nan, np.nan, np.nan])


def test_a_day_of_float64_asks_no_library_for_it():
    x = jnp.linspace(0.5, 4.0, 32)
    inner = jax.jit(lambda x: jnp.log(x) + 1)

    def day(state, rate):
        return inner(state) * jnp.log(state + rate)

    pieced = jax.jit(lambda x, rate: in_pieces(day, (x,), (rate,), "none")(x))
    assert "stablehlo.log " in jax.jit(day).lower(x, x[0]).as_text()
    assert "stablehlo.log " not in pieced.lower(x, x[0]).as_text()
    np.testing.assert_allclose(pieced(x, x[0]), day(x, x[0]), rtol=1e-15)
