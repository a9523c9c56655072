"""The natural logarithm of float64 in plain arithmetic, which XLA makes vectors of; its own is a call of the C library for each world.

Method and coefficients are those of fdlibm (K. C. Ng, Sun Microsystems 1993, `e_log.c`): x = 2^k m with m between sqrt(1/2) and
sqrt(2), f = m - 1, s = f / (2 + f), and log m = f - (f^2/2 - s (f^2/2 + R(s^2))). Error below one unit in the last place.
"""

from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

_ROOT_HALF = 0x3FE6A09E667F3BCD  # bits of sqrt(1/2)
_LN2 = 6.93147180369123816490e-01, 1.90821492927058770002e-10  # ln 2 in two parts: k times the first is exact
_R = (
    1.479819860511658591e-01,
    1.531383769920937332e-01,
    1.818357216161805012e-01,
    2.222219843214978396e-01,
    2.857142874366239149e-01,
    3.999999999940941908e-01,
    6.666666666666735130e-01,
)


def log(x: Array) -> Array:
    """ln of float64 `x`: minus infinity at 0, not a number below; what is smaller than the smallest normal number (2e-308) is no better."""
    bits = jax.lax.bitcast_convert_type(x, jnp.int64)
    k = (bits - _ROOT_HALF) >> 52
    f = jax.lax.bitcast_convert_type(bits - (k << 52), jnp.float64) - 1.0
    exponent = k.astype(jnp.float64)
    s = f / (2.0 + f)
    z = s * s
    rest = jnp.full_like(z, _R[0])
    for c in _R[1:]:
        rest = rest * z + c
    half = 0.5 * f * f
    y = exponent * _LN2[0] - ((half - (s * (half + z * rest) + exponent * _LN2[1])) - f)
    y = jnp.where(x > 0, y, jnp.where(x == 0, -jnp.inf, jnp.nan))
    return jnp.where(x == jnp.inf, x, y)


def in_vectors(equations: Iterable[Any]) -> list[Any]:
    """The same equations, with the logarithm above wherever they ask for one of float64; also in the functions that they call."""
    return [_in_vectors(e) for e in equations]


def _in_vectors(e: Any) -> Any:
    if e.primitive.name == "log" and (asked := e.invars[0].aval).dtype == jnp.float64:
        ours = jax.make_jaxpr(jax.jit(log))(jax.ShapeDtypeStruct(asked.shape, asked.dtype)).jaxpr.eqns[0]  # type: ignore[no-untyped-call]
        return ours.replace(invars=e.invars, outvars=e.outvars)
    if e.primitive.name in ("jit", "pjit"):
        inner = e.params["jaxpr"]
        return e.replace(params=e.params | {"jaxpr": inner.replace(jaxpr=inner.jaxpr.replace(eqns=in_vectors(inner.eqns)))})
    return e
