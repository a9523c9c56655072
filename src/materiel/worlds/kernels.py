"""How XLA is asked to make machine code of the days on a processor: in one piece, in wide vectors, without unrolling.

Left alone, XLA calls a function for each of the thousand loops over the worlds that a day consists of. As one function a day takes a
quarter less (docs/choices.md). All of this is about speed, and about the last bits of worlds; a newer XLA that does not know it would
only be slower. A graphics card is left alone.
"""

import os
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax.experimental.xla_metadata import set_xla_metadata
from numpy.typing import NDArray

# Worlds are simulated in company, up to a multiple of COMPANY and TAIL more, who are cut off again. What the compiler makes of a short
# loop, or of the last turns of any, may round elsewhere than its vectors do: the last bits of a world would depend on its place.
COMPANY = 256
TAIL = 16  # the widest vector, in float32
# Accounts of the largest day that is made in one piece: compiling grows with the square of its size, and takes minutes with a thousand.
LARGEST = 600
_QUICK = "--xla_backend_extra_options=xla_cpu_disable_loop_unrolling=true"


def compile_quickly() -> None:
    """Ask for loops that are not unrolled, wherever JAX has not compiled yet: half the time of compiling, and the same bits."""
    flags = os.environ.get("XLA_FLAGS", "")
    if "xla_backend_extra_options" not in flags:
        os.environ["XLA_FLAGS"] = f"{_QUICK} {flags}".strip()


def company(n: int) -> NDArray[np.intp]:
    """Which of n worlds to simulate: each, and the last one again as company."""
    return np.minimum(np.arange(n + -n % COMPANY + TAIL), n - 1)


def options() -> dict[str, Any]:
    """Options of the compiler for all that is simulated."""
    return {"xla_cpu_prefer_vector_width": 512} if jax.default_backend() == "cpu" else {}


def in_one_piece(days: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """`days(carry, given)`, compiled as one function where there is no graphics card. `carry` must go round a loop in it.

    What is given comes back as well and is dropped: XLA aborts where a function of this kind does not read one of its arguments,
    and a scenario need not read all its numbers.
    """
    if jax.default_backend() != "cpu":
        return days

    def call(carry: Any, given: Any) -> Any:
        both = jax.jit(lambda c, g: (days(c, g), jax.lax.optimization_barrier(g)))(carry, given)  # type: ignore[no-untyped-call]
        marked = set_xla_metadata(both, xla_cpu_small_call="true", inlineable="false")  # type: ignore[no-untyped-call]
        return jax.lax.optimization_barrier(marked)[0]  # type: ignore[no-untyped-call]

    return call
