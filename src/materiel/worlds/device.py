"""What worlds are simulated on: the cores of this machine, or a graphics card where JAX has one.

A card wants many worlds at once and one process; cores want blocks that stay in their caches, and a process each. Bits are the same
on one kind of device only, so the kind stands in every run's record.
"""

import os
from functools import cache
from importlib.util import find_spec

PLUGINS = ("jax_cuda13_plugin", "jax_cuda12_plugin", "jax_rocm60_plugin")
ON_CORES = 1024  # worlds of a block: measured, see docs/scale.md
ON_A_CARD = 16_384  # worlds of a block: more are hardly faster there (docs/scale.md)


@cache
def card() -> str:
    """Kind of the graphics card that JAX would use; empty where there is none. JAX is imported only where it could have one."""
    if os.environ.get("JAX_PLATFORMS") == "cpu" or not any(find_spec(p) for p in PLUGINS):
        return ""
    import jax

    device = jax.devices()[0]
    return "" if device.platform == "cpu" else f"{device.platform} {device.device_kind}"


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def block_size() -> int:
    """Worlds of a block on this machine, unless a run says otherwise."""
    return ON_A_CARD if card() else ON_CORES
