"""Question: should the ledger's day be written in plain scalars, or with like things mapped by a second vmap?

A day of 264 accounts (5 actors x 6 goods, 12 routes x 6 goods x 3 transit stages, sources and sinks) written twice with
the same arithmetic: through the project's ledger in scalars, and with depots and stages as arrays. Prints seconds to
trace and compile, seconds per 10,000 worlds x 1,000 days on one core, and the largest relative difference.
Run: python benchmarks/layout.py
"""

import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {0})

import platform
import time

import jax
import jax.numpy as jnp
import numpy as np

from materiel.mechanisms.contract import Flow
from materiel.mechanisms.ledger import Books, grant, held, open_books, post

ACTORS, GOODS, ROUTES, STAGES, DAYS, WORLDS = 5, 6, 12, 3, 365, 1024
ENDS = [(r % ACTORS, (r * 2 + 1) % ACTORS if (r * 2 + 1) % ACTORS != r % ACTORS else (r + 2) % ACTORS) for r in range(ROUTES)]


def depot(a: int, g: int) -> str:
    return f"depot:{a}/{g}"


def scalar_flows(books: Books, p: dict[str, jax.Array]) -> list[Flow]:
    here = held(books)
    flows = []
    for a in range(ACTORS):
        for g in range(GOODS):
            flows.append(Flow(f"fire/{a}/{g}", depot(a, g), "sink:fired", here[depot(a, g)] * p["use"], counted=False))
            flows.append(Flow(f"make/{a}/{g}", "source:made", depot(a, g), p["make"], counted=False))
    for r, (giver, taker) in enumerate(ENDS):
        for g in range(GOODS):
            flows.append(Flow(f"ship/{r}/{g}", depot(giver, g), f"transit:{r}/{g}/0", p["ship"], counted=False))
            for s in range(STAGES):
                end = f"transit:{r}/{g}/{s + 1}" if s + 1 < STAGES else depot(taker, g)
                stage = f"transit:{r}/{g}/{s}"
                flows.append(Flow(f"move/{r}/{g}/{s}", stage, end, here[stage] * p["move"], counted=False))
    return flows


def scalar_world(p: dict[str, jax.Array]) -> jax.Array:
    first = {depot(a, g): p["start"] for a in range(ACTORS) for g in range(GOODS)}
    first |= {f"transit:{r}/{g}/{s}": p["start"] * 0 for r in range(ROUTES) for g in range(GOODS) for s in range(STAGES)}
    first |= {"sink:fired": p["start"] * 0, "source:made": p["start"] * 0}

    def day(books: Books, _: None) -> tuple[Books, None]:
        flows = scalar_flows(books, p)
        return post(books, flows, grant(books, flows), p["step"], ()), None

    books, _ = jax.lax.scan(day, open_books(first, []), None, length=DAYS)
    return jnp.stack([books.accounts[depot(a, g)].hi for a in range(ACTORS) for g in range(GOODS)])


GIVER = np.array([e[0] for e in ENDS])
TAKER = np.array([e[1] for e in ENDS])


def plus(hi: jax.Array, lo: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    s = hi + x
    b = s - hi
    lo = lo + ((hi - (s - b)) + (x - b))
    top = s + lo
    return top, lo - (top - s)


def grid_world(p: dict[str, jax.Array]) -> jax.Array:
    """Depots [actor, good], transit [route, good, stage]; a route is one thing, mapped by vmap over routes and goods."""
    depots = jnp.broadcast_to(p["start"], (ACTORS, GOODS))
    transit = jnp.zeros((ROUTES, GOODS, STAGES), depots.dtype)

    def stage_day(stock: jax.Array, shipped: jax.Array, move: jax.Array) -> tuple[jax.Array, jax.Array]:
        out = jnp.minimum(stock * move, stock)
        return jnp.concatenate([shipped[None], out[:-1]]) - out, out[-1]

    routes = jax.vmap(jax.vmap(stage_day, (0, 0, None)), (0, 0, None))

    def day(carry: tuple[jax.Array, ...], _: None) -> tuple[tuple[jax.Array, ...], None]:
        d, dlo, t, tlo = carry
        asked_fire = d * p["use"]
        asked_ship = jnp.broadcast_to(p["ship"], (ROUTES, GOODS))
        wanted = asked_fire + jax.ops.segment_sum(asked_ship, GIVER, ACTORS)
        share = jnp.minimum(1.0, d / jnp.maximum(wanted, 1e-30))
        fire, ship = asked_fire * share, asked_ship * share[GIVER]
        change, arrived = routes(t, ship, p["move"])
        net = p["make"] - fire - jax.ops.segment_sum(ship, GIVER, ACTORS) + jax.ops.segment_sum(arrived, TAKER, ACTORS)
        d, dlo = plus(d, dlo, net)
        t, tlo = plus(t, tlo, change)
        return (d, dlo, t, tlo), None

    (d, *_), _ = jax.lax.scan(day, (depots, depots * 0, transit, transit * 0), None, length=DAYS)
    return d.reshape(-1)


def main() -> None:
    rng = np.random.default_rng(1)
    p = {
        k: jnp.asarray(rng.uniform(lo, hi, WORLDS), jnp.float32)
        for k, (lo, hi) in {
            "start": (1e5, 1e6),
            "use": (0.005, 0.02),
            "make": (500, 5000),
            "ship": (100, 900),
            "move": (0.1, 0.3),
            "step": (1, 1),
        }.items()
    }
    print(f"jax {jax.__version__}, {platform.machine()}, 1 core, {WORLDS} worlds x {DAYS} days, 264 accounts")
    results, programs = {}, {}
    for name, world in (("scalars", scalar_world), ("grid", grid_world)):
        start = time.perf_counter()
        programs[name] = jax.jit(jax.vmap(world, out_axes=-1)).lower(p).compile()
        print(f"{name:8s} trace + compile {time.perf_counter() - start:6.1f} s")
        results[name] = np.asarray(programs[name](p))
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(5):
        for name, program in programs.items():
            start = time.perf_counter()
            program(p).block_until_ready()
            times[name].append((time.perf_counter() - start) * 1e4 / WORLDS * 1000 / DAYS)
    for name, t in times.items():
        print(f"{name:8s} {np.median(t):6.2f} s per 10,000 worlds x 1,000 days ({min(t):.2f}-{max(t):.2f}, 5 alternated runs)")
    a, b = results["scalars"], results["grid"]
    print(f"largest relative difference {np.max(np.abs(a - b) / np.maximum(np.abs(a), 1)):.1e}")


if __name__ == "__main__":
    main()
