"""Question: what do ten times the accounts cost? The reduced supply model of peers.py with 20 lines and with 200, each line of 8 accounts,
written as scalars as all mechanisms are: seconds to the first block without a compiled program, and seconds of a block after it.
Run: python benchmarks/accounts.py [worlds, 1024 unless given]
"""

import os
import subprocess
import sys
import tempfile

from peers import OURS, child

ROUNDS = 5


def main() -> None:
    worlds = sys.argv[1] if len(sys.argv) > 1 else "1024"
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {worlds} worlds, 1,001 days, one core")
    middle = {}
    for lines in (20, 200):
        first, later = [], []
        for _ in range(ROUNDS if lines == 20 else 3):
            with tempfile.TemporaryDirectory() as cache:
                os.environ["LINES"], os.environ["MATERIEL_CACHE"] = str(lines), cache
                started: subprocess.Popen[str] = child(sys.executable, OURS, worlds, "float32", 3, core=0)
                out, err = started.communicate()
                if started.returncode:
                    sys.exit(err)
                rows = [r.split() for r in out.splitlines()]
                run = sorted(float(r[1]) for r in rows if r[0] == "seconds")[1]
                later.append(run)
                first.append(next(float(r[1]) for r in rows if r[0] == "first") - run)
        middle[lines] = (sorted(first)[len(first) // 2], sorted(later)[len(later) // 2])
        told = [f"{sorted(x)[len(x) // 2]:.2f} s ({min(x):.2f}-{max(x):.2f})" for x in (first, later)]
        print(f"{8 * lines:,} accounts: trace and compile {told[0]}, a block {told[1]}")
    (c, r), (cc, rr) = middle[20], middle[200]
    print(f"ten times the accounts: compile {cc / c:.1f} times, run {rr / r:.1f} times")


if __name__ == "__main__":
    main()
