"""Question: does a verdict of the shipped scenario hang on how the days are cut?

Simulates it with steps of a day and of half a day, judges both, and prints each claim whose probability moved by more than
the two simulation errors together, with the largest move in errors. Luck is drawn step by step, so the two runs are
independent in it though their unknowns are the same: about one claim in a hundred moves that far by chance alone.
Run: python benchmarks/step.py [worlds]
"""

import shutil
import sys
import tempfile
from pathlib import Path

from materiel.claims import judge
from materiel.scenario import load
from materiel.worlds import simulate

NAME = "vostochny-2023"


def main() -> None:
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 2048
    verdicts = []
    with tempfile.TemporaryDirectory() as room:
        for step in ("1 day", "0.5 days"):
            folder = Path(room) / step.replace(" ", "-")
            shutil.copytree(load(NAME).path.parent, folder)
            text = (folder / "scenario.yaml").read_text(encoding="utf-8")
            assert text.count("step: 1 day\n") == 1
            (folder / "scenario.yaml").write_text(text.replace("step: 1 day\n", f"step: {step}\n"), encoding="utf-8")
            run = simulate(load(folder), worlds, 7, root=Path(room) / "runs", workers=2)
            verdicts.append(judge(run).claims)
            print(f"step {step}: {run.seconds:.0f} s", flush=True)
    judged = [(a, b) for a, b in zip(*verdicts, strict=True) if a.probability is not None and b.probability is not None]
    moves = sorted(
        ((abs(a.probability - b.probability) / (a.probability_error + b.probability_error), a, b) for a, b in judged),  # type: ignore[operator]
        key=lambda m: -m[0],
    )
    print(f"{worlds} worlds, {len(judged)} claims; moves in simulation errors (90 %) of both together; above 1 is marked:")
    for size, a, b in moves[:12]:
        print(f"  {'*' if size > 1 else ' '} {size:5.2f}  {a.id}: {a.probability:.3f} -> {b.probability:.3f}")


if __name__ == "__main__":
    main()
