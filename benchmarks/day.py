"""Question: how fast is the day of a shipped scenario, what is it made of, and how long until the first number?

Prints, for the given scenario: accounts, operations per world-day by kind (counted from the jaxpr of one day of one
world after dead-code removal), seconds to trace, lower and compile without and with the cache, worlds x days x accounts
per second (two pinned processes as `materiel run` uses them, and one device with all cores), and the seconds from an
edited mechanism to the first number of 64 worlds (a fresh process without its compiled program).
Run: python benchmarks/day.py [scenario]
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib.metadata import version

import numpy as np

NO_WORK = ("broadcast_in_dim", "reshape", "squeeze", "iota", "real", "imag", "complex", "cond")
KINDS = {
    "cheap": "add sub mul neg abs max min select_n eq ne lt le gt ge and or not xor convert_element_type floor sign clamp shift_left "
    "shift_right_logical stop_gradient copy square add_any",
    "div": "div rem",
    "exp": "exp exp2 expm1 tanh logistic",
    "log": "log log1p",
    "root and power": "sqrt rsqrt pow integer_pow erf_inv cbrt",
}


def operations(scenario_name: str) -> tuple[int, Counter[str]]:
    """Accounts, and scalar operations of one world's day by kind. What only renames or repeats is no work."""
    import jax
    from jax.interpreters import partial_eval as pe

    from materiel.scenario import load
    from materiel.worlds.draws import Draws
    from materiel.worlds.program import Program
    from materiel.worlds.windows import plan

    scenario = load(scenario_name)
    program = Program(scenario, plan(scenario).measures)
    numbers = Draws(scenario, 7, np.arange(1)).course(next(iter(scenario.courses)))

    def row(part: dict[str, np.ndarray]) -> dict[str, np.float32]:
        return {k: np.float32(np.ravel(v)[0]) for k, v in part.items()}

    before, after, from_day = row(numbers.before), row(numbers.after), np.float32(numbers.from_day)
    carry = program._first(before, after, from_day, np.uint32(7), np.uint32(0))
    closed = jax.make_jaxpr(program._step)(carry, np.uint32(0), np.uint32(1), before, after, from_day, np.uint32(7), np.float32(1))
    jaxpr, _ = pe.dce_jaxpr(closed.jaxpr, [True] * len(closed.jaxpr.outvars))
    counts: Counter[str] = Counter()
    kind_of = {name: kind for kind, names in KINDS.items() for name in names.split()}

    def count(j: object) -> None:
        for eqn in j.eqns:  # type: ignore[attr-defined]
            inner = [v.jaxpr if hasattr(v, "jaxpr") else v for v in eqn.params.values() if hasattr(v, "jaxpr") or hasattr(v, "eqns")]
            for sub in inner:
                count(sub)
            name = eqn.primitive.name
            if not inner and name not in NO_WORK:
                integer = str(eqn.outvars[0].aval.dtype).startswith("uint")
                counts["integer (luck)" if integer else kind_of.get(name, f"other: {name}")] += 1

    count(jaxpr)
    return len(carry.books.accounts), counts


TIMED = """
import sys, time
t0 = time.perf_counter()
import numpy as np, jax
from materiel.scenario import load
from materiel.worlds.block import Simulator
from materiel.worlds.windows import plan
from materiel.worlds.program import use_cache
use_cache()
t1 = time.perf_counter()
s = load(sys.argv[1]); sim = Simulator(s, plan(s), 7)
size, repeats = int(sys.argv[2]), int(sys.argv[3])
d = sim.draws(0, size); course = next(iter(s.courses))
t2 = time.perf_counter()
args = sim.program.arguments(d.course(course), 7, np.arange(size), s.step, sim.steps)
low = sim.program.lower(*args); t3 = time.perf_counter()
low.compile(); t4 = time.perf_counter()
sim.course(d, course, 0, size); t5 = time.perf_counter()
for _ in range(repeats):
    t = time.perf_counter(); sim.course(d, course, 0, size); print("run", time.perf_counter() - t)
print("parts", t1 - t0, t2 - t1, t3 - t2, t4 - t3, t5 - t4, s.days + 1)
"""


def timed(scenario: str, size: int, repeats: int, cache: str, core: int | None = None) -> subprocess.Popen[str]:
    env = {**os.environ, "MATERIEL_CACHE": cache, "JAX_PLATFORMS": "cpu"}
    if core is not None:
        env["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    pin = ["taskset", "-c", str(core)] if core is not None else []
    return subprocess.Popen(
        [*pin, sys.executable, "-c", TIMED, scenario, str(size), str(repeats)], stdout=subprocess.PIPE, text=True, env=env
    )


def read(child: subprocess.Popen[str]) -> tuple[list[float], list[float]]:
    out, _ = child.communicate()
    rows = [line.split() for line in out.splitlines()]
    return [float(r[1]) for r in rows if r[0] == "run"], [float(x) for r in rows if r[0] == "parts" for x in r[1:]]


def main() -> None:
    scenario = sys.argv[1] if len(sys.argv) > 1 else "vostochny-2023"
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    print(f"{machine}; jax {version('jax')}, numpy {np.__version__}; {scenario}")
    accounts, counts = operations(scenario)
    print(f"{accounts} accounts; {sum(counts.values())} operations a world-day: " + ", ".join(f"{n} {k}" for k, n in counts.most_common()))
    with tempfile.TemporaryDirectory() as cache:
        started = time.perf_counter()
        _, cold = read(timed(scenario, 64, 0, cache + "/edit"))
        seconds = time.perf_counter() - started
        print(f"an edited mechanism to the first number of 64 worlds: {seconds:.1f} s (fresh process, no compiled program)")
        _, cold = read(timed(scenario, 1024, 0, cache))
        _, warm = read(timed(scenario, 1024, 0, cache))
        names = ("import", "load and draw", "trace and lower", "compile", "first call")
        for label, parts in (("without the cache", cold), ("with the cache", warm)):
            print(f"1,024 worlds {label}: " + ", ".join(f"{n} {x:.2f} s" for n, x in zip(names, parts, strict=False)))
        days = int(cold[-1])
        one, two = [], []
        for _ in range(5):  # alternated, so that a change of the machine's load meets both
            one += read(timed(scenario, 1024, 1, cache))[0]
            pair = [timed(scenario, 1024, 1, cache, core) for core in (0, 1)]
            two.append(max(read(c)[0][0] for c in pair))
        for label, seconds, worlds in (("one device, all cores", one, 1024), ("two pinned processes", two, 2048)):
            rate = worlds * days * accounts / np.median(seconds)
            spread = f"{np.median(seconds):.2f} s a block ({min(seconds):.2f}-{max(seconds):.2f})"
            print(f"{label}: {spread}, {rate:.2e} world-days x accounts per second")


if __name__ == "__main__":
    main()
