"""Question: what does a graphics card do for a run, with how many worlds in a block, and where does its time go?

For one course of a scenario: seconds to compile, kernels in the body of a day, seconds to draw, and nanoseconds a world-day in
blocks of rising size (medians of five). Then whole runs on all courses, drawn to stored. Last, quantiles of every point of the card
against those of the cores. What no longer fits into the budget of seconds is left out, and the program says what.
Run: python benchmarks/card.py [scenario] [seconds] [sizes, as 16384,65536]
"""

import platform
import re
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

STARTED = time.perf_counter()
SIZES = (1024, 4096, 16_384, 65_536, 262_144)
RUNS = (10_000, 100_000, 1_000_000)
ROUNDS = 5
COMPILING = 60.0  # seconds, at most, for a size of block that is new

ON_CORES = """
import os, sys
os.environ["JAX_PLATFORMS"] = "cpu"
from materiel.scenario import load
from materiel.worlds import simulate
from materiel.worlds.device import cores
if __name__ == "__main__":
    simulate(load(sys.argv[1]), int(sys.argv[2]), 7, root=sys.argv[3], block=1024, workers=cores())
"""


def left(budget: float) -> float:
    return budget - (time.perf_counter() - STARTED)


def say(*what: object) -> None:
    print(f"[{time.perf_counter() - STARTED:5.0f} s]", *what, flush=True)


def kernels(text: str) -> int:
    """Calls in the largest loop body of an optimised program: what a card starts one after the other on each day."""
    bodies = re.findall(r"^(?:%|\w)[^\n]*\{\n(.*?)^\}", text, flags=re.M | re.S)
    return max((len(re.findall(r" (?:fusion|custom-call|copy|call)\(", b)) for b in bodies), default=0)


def block(name: str, sizes: tuple[int, ...], budget: float) -> dict[int, float]:
    """Nanoseconds a world-day by block size."""
    from materiel.scenario import load
    from materiel.worlds.block import Simulator
    from materiel.worlds.windows import plan

    scenario = load(name)
    course = next(iter(scenario.courses))
    out: dict[int, float] = {}
    took = 0.0
    for size in sizes:
        if left(budget) < 3 * took:
            say(f"blocks of {size:,} left out: no time")
            continue
        begun = time.perf_counter()
        simulator = Simulator(scenario, plan(scenario), 7)
        draws = simulator.draws(0, size)
        numbers = draws.course(course)
        drawn = time.perf_counter()
        if size == sizes[0]:
            arguments = simulator.program.arguments(numbers, 7, simulator.luck(0, size), scenario.step, simulator.steps)
            say(f"the body of a day: {kernels(simulator.program.lower(*arguments).compile().as_text())} kernels")
        try:
            at = time.perf_counter()
            simulator.course(draws, course, 0, size)
            first = time.perf_counter() - at
            times = []
            for _ in range(ROUNDS):
                at = time.perf_counter()
                simulator.course(draws, course, 0, size)
                times.append(time.perf_counter() - at)
        except Exception as error:  # out of memory is an answer here
            say(f"blocks of {size:,}: {type(error).__name__}: {str(error)[:200]}")
            break
        took = time.perf_counter() - begun
        ns = [1e9 * t / (size * (scenario.days + 1)) for t in times]
        out[size] = float(np.median(ns))
        say(
            f"block of {size:,}: draw {drawn - begun:.2f} s, first call {first:.1f} s, then {np.median(times):.3f} s a course, "
            f"{np.median(ns):.1f} ({min(ns):.1f}-{max(ns):.1f}) ns a world-day"
        )
    return out


def runs(name: str, size: int, ns: float, budget: float, root: str) -> None:
    from materiel.scenario import load
    from materiel.worlds import simulate
    from materiel.worlds.block import Simulator

    spent = {"draw": 0.0, "simulate": 0.0, "all of a block": 0.0}

    def timed(method: str, part: str) -> None:
        plain = getattr(Simulator, method)

        def measured(*args, **kwargs):
            at = time.perf_counter()
            try:
                return plain(*args, **kwargs)
            finally:
                spent[part] += time.perf_counter() - at

        setattr(Simulator, method, measured)

    for method, part in (("draws", "draw"), ("forks", "simulate"), ("course", "simulate"), ("block", "all of a block")):
        timed(method, part)
    scenario = load(name)
    for worlds in RUNS:
        guess = COMPILING + 1.5e-9 * ns * worlds * (scenario.days + 1) * len(scenario.courses)
        if left(budget) < guess:
            say(f"run of {worlds:,} worlds left out: about {guess:.0f} s, {left(budget):.0f} s left")
            continue
        spent.update(dict.fromkeys(spent, 0.0))
        at = time.perf_counter()
        simulate(scenario, worlds, 7, root=f"{root}/{worlds}", block=-(-worlds // -(-worlds // size)))
        took = time.perf_counter() - at
        rest = spent["all of a block"] - spent["draw"] - spent["simulate"]
        say(
            f"run of {worlds:,} worlds on {len(scenario.courses)} courses: {took:.1f} s; draw {spent['draw']:.1f}, simulate "
            f"{spent['simulate']:.1f} (with compiling where the size is new), put together and store {rest:.1f}"
        )


def agree(name: str, worlds: int, root: str) -> None:
    from materiel.scenario import load
    from materiel.worlds import all_runs, open_run, simulate

    at = time.perf_counter()
    subprocess.run([sys.executable, "-c", ON_CORES, name, str(worlds), f"{root}/cores"], check=True)
    say(f"the same {worlds:,} worlds on all cores: {time.perf_counter() - at:.1f} s with start and compiling")
    cores = open_run(all_runs(Path(f"{root}/cores"))[0].path)
    card = simulate(load(name), worlds, 7, root=f"{root}/card", block=worlds)
    say(f"  {card.made.processor} against {cores.made.processor}")
    probabilities = (0.05, 0.25, 0.5, 0.75, 0.95)
    a, b = (np.quantile(w._data["points"].values.astype(np.float64), probabilities, axis=1) for w in (card, cores))
    apart = np.abs(a - b) / np.maximum(b[-1] - b[0], 1e-3 * np.abs(b[2]) + 1.0)
    error = 1 / np.sqrt(worlds)
    say(
        f"  quantiles of {a.shape[1]} points, apart in parts of the 5-95 % range: median {np.median(apart):.2g}, largest {apart.max():.2g} "
        f"(simulation error of so many worlds is about {error:.2g})"
    )
    same = (card._data["points"].values == cores._data["points"].values).mean()
    say(f"  of all values, {100 * same:.1f} % have the same bits")


def main() -> None:
    import jax

    from materiel.worlds.device import block_size, card
    from materiel.worlds.program import use_cache

    name = sys.argv[1] if len(sys.argv) > 1 else "vostochny-2023"
    budget = float(sys.argv[2]) if len(sys.argv) > 2 else 600.0
    use_cache()
    say(f"{card() or 'no card: ' + platform.processor()}, jax {version('jax')}, Python {platform.python_version()}, {name}")
    say(f"blocks of a run here: {block_size():,}")
    say(f"{jax.devices()}")
    sizes = tuple(int(x) for x in sys.argv[3].split(",")) if len(sys.argv) > 3 else SIZES
    speeds = block(name, sizes, budget)
    with tempfile.TemporaryDirectory() as root:
        best = min(speeds, key=lambda size: speeds[size])
        runs(name, best, speeds[best], budget, root)
        if left(budget) > 0:
            agree(name, 4096, root)


if __name__ == "__main__":
    main()
