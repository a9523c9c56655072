"""Question: what do ten times the accounts cost? The reduced supply model of peers.py with 20 lines and with 200, each line of 8 accounts,
written as scalars as all mechanisms are: seconds to trace and compile, with all cores and with one, and seconds of a block on one core.
Run: python benchmarks/accounts.py [worlds, 512 unless given: in larger blocks the large model is slower]
"""

import os
import subprocess
import sys
import tempfile

from peers import OURS, child

ROUNDS = 5


def timed(lines: int, worlds: str, core: int | None) -> tuple[float, float]:
    """Seconds to trace and compile, without a compiled program on disk, and of a block after that."""
    with tempfile.TemporaryDirectory() as cache:
        os.environ["LINES"], os.environ["MATERIEL_CACHE"] = str(lines), cache
        started: subprocess.Popen[str] = child(sys.executable, OURS, worlds, "float32", 3, core=core)
        out, err = started.communicate()
    if started.returncode:
        sys.exit(err)
    rows = [r.split() for r in out.splitlines()]
    block = sorted(float(r[1]) for r in rows if r[0] == "seconds")[1]
    return next(float(r[1]) for r in rows if r[0] == "first") - block, block


def main() -> None:
    worlds = sys.argv[1] if len(sys.argv) > 1 else "512"
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {worlds} worlds, 1,001 days")
    rows: dict[tuple[int, str], list[float]] = {}
    for _ in range(ROUNDS):
        for lines in (20, 200):
            rows.setdefault((lines, "trace and compile, all cores"), []).append(timed(lines, worlds, None)[0])
            alone, block = timed(lines, worlds, 0)
            rows.setdefault((lines, "trace and compile, one core"), []).append(alone)
            rows.setdefault((lines, "a block, one core"), []).append(block)
    middle = {k: sorted(x)[len(x) // 2] for k, x in rows.items()}
    for (lines, what), x in rows.items():
        times = f", {middle[lines, what] / middle[20, what]:.1f} times" if lines > 20 else ""
        print(f"{8 * lines:,} accounts, {what}: {middle[lines, what]:.2f} s ({min(x):.2f}-{max(x):.2f}){times}")


if __name__ == "__main__":
    main()
