"""A day in pieces is the same day, whatever its pieces, and whatever the compiler finds out about them."""

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from materiel.worlds import pieces
from materiel.worlds.pieces import in_pieces

DAYS = 7


@jax.jit
def once(x, flag):
    return jax.lax.cond(flag > 0, lambda v: v, lambda v: {k: jnp.zeros_like(y) for k, y in v.items()}, x)


def day(state, index, rate, big, flag):
    """Whatever a day may consist of: inner functions, branches, constants, what is asked twice, a fixed part, an idle state."""
    wear = jnp.exp(-rate) * big
    again = jnp.exp(-rate) * big
    lost = once({"a": state["a"] * wear, "b": jnp.minimum(state["b"], 2.0)}, flag)
    a = jnp.where(index > 2, state["a"] - lost["a"], state["a"] + jnp.log1p(state["b"]) * again)
    return {"a": a, "b": state["b"] - lost["b"] + jnp.maximum(a, 0.0), "c": jnp.zeros_like(a) + 3.0, "idle": state["idle"]}


def numbers(n=32):
    x = jnp.linspace(0.5, 4.0, n)
    return {"a": x, "b": 2 * x, "c": x, "idle": x + 1}, jnp.float32(0.1), jnp.full(n, 0.3), jnp.float32(1)


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_the_days_are_the_same_in_pieces_of_any_size(size, monkeypatch):
    monkeypatch.setattr(pieces, "LARGEST", 0)
    monkeypatch.setattr(pieces, "SMALL", size)
    state, *fixed = numbers()

    def run(state, *fixed):
        one = in_pieces(day, (state, jnp.int32(0)), fixed, "once")
        return jax.lax.fori_loop(0, DAYS, lambda k, s: one(s, k), state)

    out = jax.jit(run)(state, *fixed)
    expected = state
    for k in range(DAYS):
        expected = day(expected, jnp.int32(k), *fixed)
    for name, x in expected.items():
        np.testing.assert_allclose(out[name], x, rtol=2e-6, err_msg=name)


def test_what_is_fixed_is_computed_before_the_first_day_and_nothing_twice():
    state, *fixed = numbers()
    one = jax.make_jaxpr(lambda s, *f: in_pieces(day, (s, jnp.int32(0)), f, "once")(s, jnp.int32(0)))(state, *fixed)
    outside = [e.primitive.name for e in one.jaxpr.eqns]
    inside = [e.primitive.name for e in one.jaxpr.eqns if e.primitive.name == "jit" for e in e.params["jaxpr"].jaxpr.eqns]
    assert outside.count("exp") == 1
    assert inside.count("exp") == 0
    assert inside.count("log1p") == 1


UNREAD = """
import jax, jax.numpy as jnp
from materiel.worlds import pieces

pieces.LARGEST, pieces.SMALL = 0, {size}

def day(state, index, x, y, z):
    never = jnp.zeros_like(x) > 1.0
    return state + jnp.where(never, x, y) + jnp.where(index > 0, z, z), jnp.minimum(x, jnp.inf) * 0.0 + x - x

def run(state, *fixed):
    one = pieces.in_pieces(lambda s, i, *f: day(s[0], i, *f), ((state, state), jnp.int32(0)), fixed, "once")
    return jax.lax.fori_loop(0, 3, lambda k, s: one(s, k), (state, state))

ones = jnp.ones(32)
print(float(jax.jit(run)(ones, ones, 2 * ones, 3 * ones)[0][0]))
"""


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_an_argument_that_the_compiler_finds_needless_does_not_end_the_program(size):
    """XLA aborts where a function of this kind does not read an argument; so this is asked of a process of its own."""
    done = subprocess.run([sys.executable, "-c", UNREAD.replace("{size}", str(size))], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout) == 1 + 3 * 5
