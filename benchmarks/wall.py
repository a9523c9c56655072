"""Question: where does the wall time of `materiel run` go?

1. The parts of a run of 10,000 worlds on two cores, from the start of the process to the printed verdicts, and of its brief: what is
   outside draw, compile and simulate is bookkeeping. Parts of workers are of the slower one.
2. A warm start of `run --worlds 1024` against a process that only imports jax and xarray.
Run: python benchmarks/wall.py [scenario]
"""

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PARTS = """
import json, sys, time
start = time.perf_counter()
spent, inside = {}, []
def timed(name, function):
    def call(*a, **k):
        t = time.perf_counter()
        inside.append(0.0)
        try:
            return function(*a, **k)
        finally:
            took = time.perf_counter() - t
            spent[name] = spent.get(name, 0.0) + took - inside.pop()
            if inside:
                inside[-1] += took
    return call
import numpy, jax, xarray
from pathlib import Path
from materiel.scenario import load
from materiel.worlds import block, blocks, program, draws, run, worlds
from materiel.worlds.store import Folder
from materiel.worlds.windows import plan
spent["import"] = time.perf_counter() - start
load = timed("read the scenario", load)
program.Program.run = timed("simulate", program.Program.run)
program.Program.arguments = timed("arguments", program.Program.arguments)
draws.Draws.__init__ = timed("draw", draws.Draws.__init__)
draws.Draws.course = timed("draw", draws.Draws.course)
blocks.write = timed("store", blocks.write)
block.blocks.write = blocks.write
block.Simulator.block = timed("summarise", block.Simulator.block)
scenario = load(sys.argv[1]); root = Path(sys.argv[2]); n = int(sys.argv[3])
program.use_cache()
simulator = block.Simulator(scenario, plan(scenario), 7)
d = simulator.draws(0, 1024)
arguments = simulator.program.arguments(d.course("pact"), 7, numpy.arange(1024), scenario.step, simulator.steps)
t = time.perf_counter(); simulator.program.lower(*arguments).compile()
spent["trace and compile (cached)"] = time.perf_counter() - t
spent["draw"] = spent["simulate"] = 0.0
for name in ("summarise", "store", "arguments"): spent.pop(name, None)
folder = Folder(root / "parts"); folder.blocks.mkdir(parents=True, exist_ok=True)
t = time.perf_counter()
for k in range(n):
    simulator.block(k, 1024, folder.block(k))
spent["all blocks"] = time.perf_counter() - t
print(json.dumps(spent))
"""

JUDGE = """
import json, sys, time
t = time.perf_counter()
from materiel.worlds import open_run
from materiel.claims import judge
a = time.perf_counter(); worlds = open_run(sys.argv[1]); b = time.perf_counter(); verdicts = judge(worlds); c = time.perf_counter()
from materiel.views import brief
page = brief(worlds, verdicts); page.save("/dev/null"); d = time.perf_counter()
print(json.dumps({"import": a - t, "read": b - a, "judge": c - b, "brief": d - c}))
"""


def call(*command: str, env: dict[str, str] | None = None) -> tuple[float, float, float, str]:
    """Seconds, peak MB of the largest process, peak MB of all together, and what was printed."""
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **(env or {})})
    peak = {"one": 0.0, "all": 0.0}
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            sizes = [_size(pid) for pid in _family(child.pid)]
            peak["one"], peak["all"] = max(peak["one"], *sizes, 0.0), max(peak["all"], sum(sizes))

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, _ = child.communicate()
    done.set()
    watcher.join()
    if child.returncode:
        sys.exit(f"{' '.join(command)}: code {child.returncode}")
    return time.perf_counter() - started, peak["one"], peak["all"], out


def _family(pid: int) -> list[int]:
    try:
        children = [int(p) for t in Path(f"/proc/{pid}/task").iterdir() for p in (t / "children").read_text().split()]
    except (OSError, ValueError):
        return [pid]
    return [pid, *(p for c in children for p in _family(c))]


def _size(pid: int) -> float:
    """Resident MB of a process."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize() / 1e6
    except (OSError, ValueError, IndexError):
        return 0.0


def middle(x: list[float]) -> str:
    x = sorted(x)
    return f"{x[len(x) // 2]:.2f} s ({x[0]:.2f}-{x[-1]:.2f})"


def main() -> None:
    scenario = sys.argv[1] if len(sys.argv) > 1 else "vostochny-2023"
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {scenario}")
    materiel = str(Path(sys.executable).parent / "materiel")
    with tempfile.TemporaryDirectory() as folder:
        runs = f"{folder}/runs"
        call(materiel, "run", scenario, "--worlds", "64", "--runs", runs)  # the compiled program is in the cache from here on
        env = {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"}
        half = json.loads(call("taskset", "-c", "0", sys.executable, "-c", PARTS, scenario, folder, "5", env=env)[3])
        print("one worker with 5 blocks of 1,024 worlds: " + ", ".join(f"{k} {v:.2f} s" for k, v in half.items()))
        whole = []
        for _ in range(5):
            whole.append(call(materiel, "run", scenario, "--worlds", "10000", "--fresh", "--runs", runs)[0])
        run = json.loads(call(materiel, "runs", "--json", "--runs", runs)[3])
        named = next(r["folder"] for r in run if r["worlds"] == 10000)
        after = json.loads(call(sys.executable, "-c", JUDGE, named)[3])
        print(f"materiel run --worlds 10000: {middle(whole)}")
        print("after the worlds: " + ", ".join(f"{k} {v:.2f} s" for k, v in after.items()))
        inside = half["all blocks"] * 10000 / 1024 / 5 / 2 - (half["summarise"] + half["store"]) * 10000 / 1024 / 5 / 2
        inside += half["trace and compile (cached)"]
        outside = 1 - inside / sorted(whole)[2]
        print(f"draw, compile and simulate: {inside:.1f} s; outside of them {100 * outside:.0f} % of the wall time")

        ours, bare = [], []
        for _ in range(5):
            ours.append(call(materiel, "run", scenario, "--worlds", "1024", "--workers", "1", "--fresh", "--runs", runs)[0])
            bare.append(call(sys.executable, "-c", "import jax, xarray")[0])
        times = sorted(ours)[2] / sorted(bare)[2]
        print(f"warm start of run --worlds 1024: {middle(ours)}; import jax, xarray: {middle(bare)}; {times:.1f} times")


if __name__ == "__main__":
    main()
