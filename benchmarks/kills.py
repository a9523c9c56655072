"""Question: is a run ever lost? A run is killed (SIGKILL, the whole process group) at random instants and gone on with; every time all
arrays must be those of the run that nobody killed. One and two workers take turns.
Run: python benchmarks/kills.py [times, 50 unless given] [scenario, tiny-two-sides unless given]
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from materiel.scenario import load
from materiel.worlds import all_runs, resume, simulate

WORLDS, BLOCK = 512, 64
CHILD = """
import sys
from materiel.scenario import load
from materiel.worlds import simulate
if __name__ == "__main__":
    simulate(load(sys.argv[1]), int(sys.argv[3]), 7, root=sys.argv[2], block=int(sys.argv[4]), workers=int(sys.argv[5]))
"""


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    name = sys.argv[2] if len(sys.argv) > 2 else "tiny-two-sides"
    scenario, chance = load(name), random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "child.py"
        script.write_text(CHILD, encoding="utf-8")
        whole = simulate(scenario, WORLDS, 7, root=Path(folder) / "whole", block=BLOCK)

        def start(root: Path, workers: int) -> subprocess.Popen[bytes]:
            command = [sys.executable, str(script), name, str(root), str(WORLDS), str(BLOCK), str(workers)]
            return subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)

        took = {}
        for workers in (1, 2):
            began = time.perf_counter()
            start(Path(folder) / f"timed-{workers}", workers).wait()
            took[workers] = time.perf_counter() - began
        print(f"{name}, {WORLDS} worlds in blocks of {BLOCK}: {took[1]:.1f} s with one worker, {took[2]:.1f} s with two")
        found: Counter[str] = Counter()
        for k in range(times):
            workers, root = 1 + k % 2, Path(folder) / f"run-{k}"
            child = start(root, workers)
            time.sleep(chance.uniform(0.0, took[workers]))
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            runs = all_runs(root)
            if runs:
                on_disk = len(runs[0].done(WORLDS // BLOCK))
                found["all blocks" if on_disk == WORLDS // BLOCK else "some blocks" if on_disk else "no block"] += 1
                again = resume(runs[0].path.name, root)
            else:
                found["nothing"] += 1
                again = simulate(scenario, WORLDS, 7, root=root, block=BLOCK)
            for part in ("series", "points", "flows", "unknowns", "options"):
                if not np.array_equal(again._data[part].values, whole._data[part].values):
                    sys.exit(f"kill {k}: {part} differ")
        print(
            f"{times} kills, {times} gone on with, {times} bit-equal; on disk when killed: "
            + ", ".join(f"{v} {n}" for n, v in found.items())
        )


if __name__ == "__main__":
    main()
