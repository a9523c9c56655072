"""How XLA is asked to make machine code of the days on a processor: in wide vectors, without unrolling; `pieces` says in what functions.

All of this is about speed, and about the last bits of worlds; a newer XLA that does not know it would only be slower. A graphics card
is left alone.
"""

import os
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

# Worlds are simulated in company, up to a multiple of COMPANY and TAIL more, who are cut off again. What the compiler makes of a short
# loop, or of the last turns of any, may round elsewhere than its vectors do: the last bits of a world would depend on its place.
COMPANY = 256
TAIL = 16  # the widest vector, in float32
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
