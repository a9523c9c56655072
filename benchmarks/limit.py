"""Question: how far is the day of a shipped scenario from what the machine can do?

The operations of one world's day are counted from its jaxpr after dead-code removal, by kind. A C program runs as many of each
kind on 1,024 lanes that stay in the first-level cache: compiled with -O3 -march=native -ffast-math, and every loop must have been
vectorised (the compiler's report is read, and printed). It knows nothing of stocks: it is the mix alone, so a limit and no rival.
One core each, pinned, alternated; f32, and f64 on both sides, in blocks of as many bytes (1,024 and 512 worlds).
Run: python benchmarks/limit.py [scenario]      (needs gcc)
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from day import operations

LANES = 1024
WORLDS = {"float32": 1024, "float64": 512}
ROUNDS = 7

ENGINE = """
import os, sys, time
import numpy as np, jax
if sys.argv[2] == "float64":
    jax.config.update("jax_enable_x64", True)
from materiel.scenario import load
from materiel.worlds.block import Simulator
from materiel.worlds.program import use_cache
from materiel.worlds.windows import plan
use_cache()
s = load(sys.argv[1])
sim = Simulator(s, plan(s), 7, dtype=getattr(np, sys.argv[2]))
n = int(sys.argv[3])
d = sim.draws(0, n)
course = next(iter(s.courses))
sim.course(d, course, 0, n)
print("ready", flush=True)
for line in sys.stdin:
    t = time.perf_counter()
    sim.course(d, course, 0, n)
    print(time.perf_counter() - t, (s.days + 1) * n, flush=True)
"""


def source(counts: dict[str, int], real: str) -> str:
    """C that does so many operations of each kind a day on all lanes. Chains are short and many, so that none waits for itself."""
    whole = "uint32_t" if real == "float" else "uint64_t"
    f = "f" if real == "float" else ""
    cheap, rest = divmod(counts.get("cheap", 0), 16)  # sixteen a line: eight products and eight sums
    cheap += rest > 0
    roots = counts.get("root and power", 0)  # a power is an exponential, a logarithm and a product
    lines = {
        "cheap": (
            cheap,
            "a[i] = a[i] * c0 + b[i]; b[i] = b[i] * c1 + a[i]; c[i] = c[i] * c0 + d[i]; d[i] = d[i] * c1 + c[i];"
            "e[i] = e[i] * c0 + g[i]; g[i] = g[i] * c1 + e[i]; h[i] = h[i] * c0 + k[i]; k[i] = k[i] * c1 + h[i];",
        ),
        "division": (counts.get("div", 0), "a[i] = c0 / (b[i] + a[i]);"),
        "exponential": (counts.get("exp", 0) + roots, f"c[i] = exp{f}(c[i] * c2);"),
        "logarithm": (counts.get("log", 0) + roots, f"d[i] = log{f}(d[i] * d[i] + c1);"),
        "integer": (-(-counts.get("integer (luck)", 0) // 4), "u[i] = (u[i] ^ (u[i] << 13)) + (u[i] >> 7);"),
    }
    body, functions = "", ""
    for name, (times, line) in lines.items():
        # a body of up to 12 lines a loop, so that it stays in registers and the loop over the lanes stays short
        full, left = divmod(times, 12)
        for part, repeat in ((12, full), (left, 1)):
            if not part or not repeat:
                continue
            function = f"{name}_{part}"
            functions += (
                f"static void __attribute__((noinline)) {function}(void) {{\n"
                f"  for (int i = 0; i < {LANES}; i++) {{ /* {name} */\n" + f"    {line}\n" * part + "  }\n}\n"
            )
            body += f"    for (int r = 0; r < {repeat}; r++) {function}();\n"
    arrays = "\n".join(f"static {real} {x}[{LANES}] __attribute__((aligned(64)));" for x in "abcdeghk")
    start = " ".join(f"{x}[i] = ({real})(0.5 + i * 1e-4);" for x in "abcdeghk")
    return f"""
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
{arrays}
static {whole} u[{LANES}] __attribute__((aligned(64)));
static volatile {real} seed0 = ({real})0.49, seed1 = ({real})0.51, seed2 = ({real})1e-3;
static {real} c0, c1, c2;
{functions}
int main(int argc, char **argv) {{
  int days = atoi(argv[1]); c0 = seed0; c1 = seed1; c2 = seed2;
  for (int i = 0; i < {LANES}; i++) {{ {start} u[i] = i + 1; }}
  struct timespec t0, t1;
  clock_gettime(CLOCK_MONOTONIC, &t0);
  for (int day = 0; day < days; day++) {{
{body}  }}
  clock_gettime(CLOCK_MONOTONIC, &t1);
  double sum = 0; for (int i = 0; i < {LANES}; i++) sum += a[i] + b[i] + c[i] + d[i] + e[i] + g[i] + h[i] + k[i] + (double)u[i];
  printf("%.6f %g\\n", (t1.tv_sec - t0.tv_sec) + 1e-9 * (t1.tv_nsec - t0.tv_nsec), sum);
  return 0;
}}
"""


def compiled(counts: dict[str, int], real: str, folder: Path) -> Path:
    """The C program, or an exit where a loop was not vectorised."""
    text = folder / f"mix_{real}.c"
    text.write_text(source(counts, real), encoding="utf-8")
    out = folder / f"mix_{real}"
    flags = ["-O3", "-march=native", "-ffast-math", "-mprefer-vector-width=512", "-fopt-info-vec"]
    done = subprocess.run(["gcc", *flags, "-o", str(out), str(text), "-lm"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    loops = {n for n, line in enumerate(text.read_text().splitlines(), 1) if "/*" in line}
    vectorised = {int(m[1]): m[2] for m in re.finditer(r":(\d+):\d+: optimized: loop vectorized using (\S+) byte vectors", done.stderr)}
    kinds = [
        f"{text.read_text().splitlines()[n - 1].split('/*')[1].split('*/')[0].strip()} {vectorised.get(n, 'NOT')}" for n in sorted(loops)
    ]
    print(f"  gcc, {real}: bytes of a vector, loop by loop: {', '.join(kinds)}")
    if loops - vectorised.keys():
        sys.exit("a loop of the C program was not vectorised, so it is no limit")
    return out


class Engine:
    """The engine, kept warm on one core; one day costs what `time()` says."""

    def __init__(self, scenario: str, dtype: str) -> None:
        env = {**os.environ, "JAX_PLATFORMS": "cpu", "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"}
        command = ["taskset", "-c", "0", sys.executable, "-c", ENGINE, scenario, dtype, str(WORLDS[dtype])]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        assert self.child.stdout is not None
        self.child.stdout.readline()

    def time(self) -> float:
        """Seconds of one day of one world."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write("go\n")
        self.child.stdin.flush()
        seconds, days = self.child.stdout.readline().split()
        return float(seconds) / int(days)


def of_c(program: Path, days: int) -> float:
    out = subprocess.run(["taskset", "-c", "0", str(program), str(days)], capture_output=True, text=True, check=True).stdout
    return float(out.split()[0]) / days / LANES


def main() -> None:
    scenario = sys.argv[1] if len(sys.argv) > 1 else "vostochny-2023"
    model = next((x.partition(":")[2].strip() for x in Path("/proc/cpuinfo").read_text().splitlines() if x.startswith("model name")), "")
    gcc = subprocess.run(["gcc", "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    print(f"{model}, load {os.getloadavg()[0]:.1f}; {gcc}; {scenario}")
    accounts, counts = operations(scenario)
    print(f"{accounts} accounts; {sum(counts.values())} operations a world-day: " + ", ".join(f"{n} {k}" for k, n in counts.most_common()))
    seconds: dict[str, list[float]] = {k: [] for k in ("C f32", "engine f32", "C f64", "engine f64")}
    with tempfile.TemporaryDirectory() as folder:
        programs = {"C f32": compiled(counts, "float", Path(folder)), "C f64": compiled(counts, "double", Path(folder))}
        engines = {"engine f32": Engine(scenario, "float32"), "engine f64": Engine(scenario, "float64")}
        for _ in range(ROUNDS):  # alternated, so that a change of the machine's load meets all
            for name in seconds:
                seconds[name].append(of_c(programs[name], 400) if name in programs else engines[name].time())
        for engine in engines.values():
            engine.child.kill()
            engine.child.wait()
    middle = {name: sorted(x)[len(x) // 2] for name, x in seconds.items()}
    for name, x in seconds.items():
        each, spread = 1e9 * middle[name], f"{1e9 * min(x):.0f}-{1e9 * max(x):.0f}"
        print(f"{name}: {each:.0f} ns a world-day ({spread}), {each / sum(counts.values()):.3f} ns an operation")

    def ratio(a: str, b: str) -> str:
        pairs = sorted(x / y for x, y in zip(seconds[a], seconds[b], strict=True))
        return f"{a} to {b} {pairs[len(pairs) // 2]:.2f} ({pairs[0]:.2f}-{pairs[-1]:.2f})"

    three = (("engine f32", "C f32"), ("engine f64", "engine f32"), ("engine f64", "C f64"))
    print("paired medians: " + "; ".join(ratio(a, b) for a, b in three))


if __name__ == "__main__":
    main()
