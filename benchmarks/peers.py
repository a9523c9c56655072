"""Question: how much faster is the engine than what modellers use today, on the same arithmetic?

A reduced supply model, LINES times over: a factory makes at its capacity, an ageing route of three Erlang stages carries from its
depot to a second one, and two demands ration what is there. It is run by this engine (f32, two pinned processes), by a plain Python
function (one core), by EMA Workbench with that function in two processes, and by PySD from a Vensim file (one core), each with the
same capacities, transit times and needs; in f64 all must agree to 1e-9 before anything is timed. What is compared is the time per
account and step. PySD and EMA Workbench live in another environment, for they want other versions:

    python -m venv peers && peers/bin/pip install pysd ema_workbench
    python benchmarks/peers.py peers/bin/python
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LINES, DAYS = int(os.environ.get("LINES", "20")), 1001
ACCOUNTS = LINES * 8  # source, depot, three stages, depot, two sinks
START = 1000.0


def parameters(world: int) -> dict[str, list[float]]:
    """Numbers of one world, from a congruence, so that every program can make them without a library."""
    x, out = 12345 + world, []
    for _ in range(3 * LINES):
        x = (1103515245 * x + 12345) % 2**31
        out.append(x / 2**31)
    return {
        "capacity": [50.0 + 100.0 * u for u in out[:LINES]],
        "transit": [10.0 + 20.0 * u for u in out[LINES : 2 * LINES]],
        "need": [40.0 + 100.0 * u for u in out[2 * LINES :]],
    }


def plain(p: dict[str, list[float]], days: int = DAYS) -> list[list[float]]:
    """The model in plain Python: the stocks of each line after the last day, as depot, three stages, depot, fired, trained."""
    lines = [[START, 0.0, 0.0, 0.0, START, 0.0, 0.0] for _ in range(LINES)]
    for _ in range(days):
        for k, (a, one, two, three, b, fired, trained) in enumerate(lines):
            leaves = 3.0 / p["transit"][k]
            load = min(120.0, a)
            share = min(1.0, b / max(1.4 * p["need"][k], 1e-30))
            fire = min(p["need"][k] * share, b)
            train = min(0.4 * p["need"][k] * share, b - fire)
            lines[k] = [
                a + p["capacity"][k] - load,
                one + load - one * leaves,
                two + one * leaves - two * leaves,
                three + two * leaves - three * leaves,
                b + three * leaves - fire - train,
                fired + fire,
                trained + train,
            ]
    return lines


def vensim() -> str:
    """The same as a Vensim model."""
    out = ["{UTF-8}"]

    def equation(name: str, what: str) -> None:
        out.append(f"{name} = {what}\n\t~\t1\n\t~\t|")

    p = parameters(0)
    for k in range(LINES):
        for name in p:
            equation(f"{name} {k}", repr(p[name][k]))
        equation(f"load {k}", f"MIN(120, a {k})")
        equation(f"leaves {k}", f"3 / transit {k}")
        equation(f"share {k}", f"MIN(1, b {k} / MAX(1.4 * need {k}, 1e-30))")
        equation(f"fire {k}", f"MIN(need {k} * share {k}, b {k})")
        equation(f"train {k}", f"MIN(0.4 * need {k} * share {k}, b {k} - fire {k})")
        equation(f"a {k}", f"INTEG(capacity {k} - load {k}, {START})")
        equation(f"one {k}", f"INTEG(load {k} - one {k} * leaves {k}, 0)")
        equation(f"two {k}", f"INTEG(one {k} * leaves {k} - two {k} * leaves {k}, 0)")
        equation(f"three {k}", f"INTEG(two {k} * leaves {k} - three {k} * leaves {k}, 0)")
        equation(f"b {k}", f"INTEG(three {k} * leaves {k} - fire {k} - train {k}, {START})")
        equation(f"fired {k}", f"INTEG(fire {k}, 0)")
        equation(f"trained {k}", f"INTEG(train {k}, 0)")
    for name, value in (("INITIAL TIME", 0), ("FINAL TIME", DAYS), ("TIME STEP", 1), ("SAVEPER", 7)):
        equation(name, str(value))
    return "\n\n".join(out) + "\n"


OURS = """
import sys, time, json
import jax
sys.path.insert(0, sys.argv[1])
import peers
if sys.argv[3] == "float64":
    jax.config.update("jax_enable_x64", True)
import numpy as np, jax.numpy as jnp
from materiel.mechanisms.contract import Flow
from materiel.worlds.draws import Numbers
from materiel.worlds.program import Program

class Supply:
    name, reads, shows, totals = "supply", (), ("b", "fired"), {}
    def accounts(self, p):
        out = {}
        for k in range(peers.LINES):
            out |= {f"source:{k}": 0.0, f"depot:{k}/a": peers.START, f"depot:{k}/b": peers.START}
            out |= {f"transit:{k}/{s}": 0.0 for s in range(3)} | {f"sink:{k}/fired": 0.0, f"sink:{k}/trained": 0.0}
        return out
    def first(self, p, luck):
        zero = jnp.zeros_like(p["need.0"])
        return {}, {f"{m}[{k}]": zero for m in ("b", "fired") for k in range(peers.LINES)}
    def ask(self, state, seen, p, luck):
        for k in range(peers.LINES):
            leaves = 3.0 / p[f"transit.{k}"]
            yield Flow(f"make/{k}", f"source:{k}", f"depot:{k}/a", p[f"capacity.{k}"], counted=False)
            yield Flow(f"load/{k}", f"depot:{k}/a", f"transit:{k}/0", jnp.minimum(120.0, seen.held(f"depot:{k}/a")), counted=False)
            for s in range(3):
                taker = f"transit:{k}/{s + 1}" if s < 2 else f"depot:{k}/b"
                yield Flow(f"move/{k}/{s}", f"transit:{k}/{s}", taker, seen.held(f"transit:{k}/{s}") * leaves, counted=False)
            yield Flow(f"use/{k}/fire", f"depot:{k}/b", f"sink:{k}/fired", p[f"need.{k}"], counted=False)
            yield Flow(f"use/{k}/train", f"depot:{k}/b", f"sink:{k}/trained", 0.4 * p[f"need.{k}"], counted=False)
    def settle(self, state, seen, granted, p, luck):
        shown = {f"b[{k}]": seen.held(f"depot:{k}/b") for k in range(peers.LINES)}
        return {}, shown | {f"fired[{k}]": seen.held(f"sink:{k}/fired") for k in range(peers.LINES)}

n, repeats, dtype = int(sys.argv[2]), int(sys.argv[4]), getattr(np, sys.argv[3])
worlds = [peers.parameters(w) for w in range(n)]
values = {f"{name}.{k}": np.array([w[name][k] for w in worlds]) for name in worlds[0] for k in range(peers.LINES)}
keep = [f"{m}[{k}]" for m in ("b", "fired") for k in range(peers.LINES)]
program = Program(None, keep, [Supply()], dtype)
records = [*range(7, peers.DAYS, 7), peers.DAYS + 1]  # a measure shows the state at the start of its day
run = lambda: program.run(Numbers(values, {}, 0.0), 7, np.arange(n), 1.0, records)
t = time.perf_counter()
out = run()
print("first", time.perf_counter() - t)
for _ in range(repeats):
    t = time.perf_counter(); run(); print("seconds", time.perf_counter() - t)
print(json.dumps(out.kept[-1, :, 0].tolist()))
"""

PYSD = """
import sys, time, json, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, sys.argv[1])
import peers, pysd
model = pysd.read_vensim(sys.argv[2])
columns = [f"b {k}" for k in range(peers.LINES)] + [f"fired {k}" for k in range(peers.LINES)]
for w in range(int(sys.argv[3])):
    p = peers.parameters(w)
    values = {f"{name} {k}": p[name][k] for name in p for k in range(peers.LINES)}
    t = time.perf_counter()
    out = model.run(params=values, return_columns=columns)
    print("seconds", time.perf_counter() - t)
    if w == 0:
        last = out.iloc[-1]
print("version", pysd.__version__)
print(json.dumps([float(last[c]) for c in columns]))
"""

EMA = """
import sys, time, json, warnings, logging
warnings.simplefilter("ignore")
sys.path.insert(0, sys.argv[1])
import peers, ema_workbench
from ema_workbench import Model, MultiprocessingEvaluator, ScalarOutcome, Scenario, Policy
from ema_workbench import IntegerParameter
def function(world=0):
    return {"b": peers.plain(peers.parameters(world))[0][4]}
if __name__ == "__main__":
    model = Model("supply", function=function)
    model.uncertainties = [IntegerParameter("world", 0, 1000)]
    model.outcomes = [ScalarOutcome("b")]
    n = int(sys.argv[2])
    with MultiprocessingEvaluator(model, n_processes=2) as evaluator:
        scenarios = [Scenario(str(w), world=w) for w in range(n)]
        evaluator.perform_experiments(scenarios=scenarios[:2])
        t = time.perf_counter()
        _, out = evaluator.perform_experiments(scenarios=scenarios)
        print("seconds", time.perf_counter() - t)
    print("version", ema_workbench.__version__)
    print(json.dumps([float(out["b"][0])]))
"""


def child(python: str, code: str, *args: object, core: int | None = None, x64: bool = False) -> subprocess.Popen[str]:
    """A program in a process of its own, on one core if that is asked for."""
    env = {**os.environ, "JAX_PLATFORMS": "cpu"}
    if core is not None:
        env["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    script = Path(tempfile.mkdtemp()) / "child.py"
    script.write_text(code, encoding="utf-8")
    pin = ["taskset", "-c", str(core)] if core is not None else []
    here = str(Path(__file__).parent)
    return subprocess.Popen(
        [*pin, python, str(script), here, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    )


def read(started: subprocess.Popen[str]) -> tuple[list[float], list[float], str]:
    """Seconds of each repeat, the last stocks of world 0, the version."""
    out, err = started.communicate()
    if started.returncode:
        sys.exit(err)
    rows = out.strip().splitlines()
    seconds = [float(r.split()[1]) for r in rows if r.startswith("seconds")]
    version = next((r.split()[1] for r in rows if r.startswith("version")), "")
    return seconds, json.loads(rows[-1]), version


def median(x: list[float]) -> float:
    return sorted(x)[len(x) // 2]


def main() -> None:
    peers = sys.argv[1] if len(sys.argv) > 1 else sys.executable
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {ACCOUNTS} accounts, {DAYS} days")
    lines = plain(parameters(0))
    wanted = [line[4] for line in lines] + [line[5] for line in lines]
    mdl = Path(tempfile.mkdtemp()) / "supply.mdl"
    mdl.write_text(vensim(), encoding="utf-8")

    def agrees(name: str, got: list[float], tolerance: float) -> None:
        worst = max(abs(x - y) / max(abs(y), 1.0) for x, y in zip(got, wanted, strict=False))
        print(f"  {name}: {len(got)} stocks of world 0 agree with plain Python to {worst:.1e}")
        if worst > tolerance:
            sys.exit(f"{name} does not compute the same")

    agrees("engine, f64", read(child(sys.executable, OURS, 8, "float64", 0))[1], 1e-9)
    agrees("engine, f32", read(child(sys.executable, OURS, 8, "float32", 0))[1], 1e-4)
    n = 1024  # as many as a block of a run
    rounds: dict[str, list[float]] = {"engine": [], "plain": [], "ema": [], "pysd": []}
    versions: dict[str, str] = {}
    for _ in range(5):  # alternated, so that a change of the machine's load meets all
        pair = [child(sys.executable, OURS, n, "float32", 1, core=core) for core in (0, 1)]
        rounds["engine"].append(max(read(c)[0][0] for c in pair) / (2 * n))
        t = time.perf_counter()
        plain(parameters(1))
        rounds["plain"].append(time.perf_counter() - t)
        seconds, got, versions["ema"] = read(child(peers, EMA, 8))
        rounds["ema"].append(seconds[0] / 8)
        agrees("EMA Workbench", got, 1e-9)
        seconds, got, versions["pysd"] = read(child(peers, PYSD, mdl, 1, core=0))
        rounds["pysd"].append(seconds[0])
        agrees("PySD", got, 1e-9)
    ours = median(rounds["engine"])
    what = {
        "engine": "this engine, f32, 2 pinned processes",
        "plain": "plain Python, 1 core",
        "ema": f"EMA Workbench {versions['ema']}, 2 processes, the plain function",
        "pysd": f"PySD {versions['pysd']}, 1 core",
    }
    for name, x in rounds.items():
        each = median(x) / ACCOUNTS / DAYS
        spread = f"{min(x) / ACCOUNTS / DAYS:.2e}-{max(x) / ACCOUNTS / DAYS:.2e}"
        print(f"{what[name]}: {each:.2e} s per account and step ({spread}), {median(x) / ours:,.0f} times the engine")


if __name__ == "__main__":
    main()
