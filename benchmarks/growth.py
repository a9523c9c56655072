"""Question: how do time and memory grow with the number of worlds, and with the number of days?

Worlds: `materiel run` from its start to its last line, with so little --memory that all but the first 20,000 worlds are kept lean, as in
the shipped scenario with the usual memory (a million worlds of that one would take two hours). A line through the times (start and time a
world) is fitted by relative error: how far the times are from it says whether they grow in a line. Days: one block of vostochny-2023 on
one course up to some day; all its records are made, also those after that day.
Run: python benchmarks/growth.py [scenario] [memory] [rounds] [worlds ...]
"""

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from wall import call


def over_worlds(scenario: str, memory: str, rounds: int, sizes: list[int]) -> None:
    materiel = str(Path(sys.executable).parent / "materiel")
    n, t = [], []
    with tempfile.TemporaryDirectory() as folder:
        call(materiel, "run", scenario, "--worlds", "2048", "--runs", f"{folder}/warm")
        for _ in range(rounds):
            for size in sizes:
                with tempfile.TemporaryDirectory() as runs:
                    started = time.perf_counter()
                    _, one, every, _ = call(materiel, "run", scenario, "--worlds", str(size), "--memory", memory, "--runs", runs)
                    n.append(size)
                    t.append(time.perf_counter() - started)
                print(f"{size:>9,} worlds: {t[-1]:.1f} s; peak {one:.0f} MB in one process, {every:.0f} in all", flush=True)
    x, y = np.array(n, float), np.array(t)
    (start, each), *_ = np.linalg.lstsq(np.stack([1 / y, x / y], 1), np.ones(len(y)), rcond=None)
    off = (start + each * x) / y - 1
    print(f"a line: {start:.1f} s and {1000 * each:.3f} ms a world; the times are off it by {100 * np.abs(off).max():.0f} % at most")


def over_days(scenario: str) -> None:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    from materiel.scenario import load
    from materiel.worlds.block import Simulator
    from materiel.worlds.program import use_cache
    from materiel.worlds.windows import plan

    use_cache()
    s = load(scenario)
    simulator = Simulator(s, plan(s), 7)
    numbers, course = simulator.draws(0, 1024), next(iter(s.courses))
    program, luck = simulator.program, simulator.luck(0, 1024)
    parts = [len(simulator.steps) * k // 4 for k in (4, 3, 2, 1)]
    for part in parts:
        until, times = simulator.steps[part - 1], []
        for _ in range(6):
            started = time.perf_counter()
            program.run(numbers.course(course), 7, luck, s.step, simulator.steps, until=until)
            times.append(time.perf_counter() - started)
        each = [1e9 * x / until / 1024 for x in sorted(times[1:])]
        print(f"{until:>5} days: {each[2]:.0f} ns a world-day ({each[0]:.0f}-{each[-1]:.0f})")


def main() -> None:
    given = sys.argv[1:]
    scenario = given[0] if given else "tiny-two-sides"
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {scenario}")
    over_days("vostochny-2023")
    sizes = [int(n) for n in given[3:]] or [20_480, 102_400, 307_200, 1_024_000]
    over_worlds(scenario, given[1] if len(given) > 1 else "35MB", int(given[2]) if len(given) > 2 else 2, sizes)


if __name__ == "__main__":
    main()
