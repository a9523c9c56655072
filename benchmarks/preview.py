"""Question: does what a preview takes at once, several days a step, err less than so few worlds scatter?

For the first levers of a scenario, each at its upper end: what the change does to the medians of all charts and to the
probabilities of all claims, in eight previews of 256 other worlds each, in the scenario's own steps and in longer ones. The
error is how far the two means are apart, the noise how far previews in the scenario's own steps scatter; both as roots of
mean squares, over claims, and over the courses and days of each chart of which the change moves a thousandth or more. Luck
is drawn step by step, so the means differ by chance too.
Run: python benchmarks/preview.py [scenario] [levers]
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from materiel.app.state import State, check
from materiel.app.whatif import COARSE, PREVIEW, WhatIf
from materiel.scenario import load

PREVIEWS = 8
STEPS = (7 / 4, 7 / 3, 7 / 2)
LEAST = 1e-3


def effect(what: WhatIf, states: list[State], first: int, step: float) -> tuple[np.ndarray, np.ndarray]:
    """What changing the first of two states to the second does in these worlds.

    To the medians, [chart, number] in sizes of the chart, and to the probabilities, [1, claim].
    """
    seen = []
    for state in states:
        pieces = [p for some in what._live.pieces(state.change, what.courses, [first], PREVIEW, step) for p in some]
        seen.append(what._shown(state, pieces, PREVIEW, what.quick))
    before, now = seen
    both = [(before.claims[k].probability, now.claims[k].probability) for k in what.quick]
    fans = (now.fans - before.fans)[:, :, 2].reshape(len(now.fans), -1)
    return fans / np.abs(before.fans).max(axis=(1, 2, 3))[:, None], np.array([[0.0 if a is None or b is None else b - a for a, b in both]])


def ratios(coarse: np.ndarray, fine: np.ndarray) -> np.ndarray:
    """Error to noise of effects [preview, row, number], [row] of those that are worth speaking of."""
    moved = np.abs(fine.mean(axis=0)).max(axis=1) > LEAST
    coarse, fine = coarse[:, moved], fine[:, moved]
    error, noise = (np.sqrt((x**2).mean(axis=1)) for x in (coarse.mean(axis=0) - fine.mean(axis=0), fine.std(axis=0, ddof=1)))
    return error / noise


def main(scenario: str, levers: int) -> None:
    with tempfile.TemporaryDirectory() as runs:
        what = WhatIf(load(scenario), PREVIEWS * PREVIEW, 7, Path(runs))
        own = what.scenario.step
        try:
            for path, handle in list(what.handles.items())[:levers]:
                states = [State(), check(what.scenario, what.handles, {path: handle.high})]
                made = {}
                for step in (own, *(own * x for x in STEPS)):
                    made[step] = [
                        np.stack(x) for x in zip(*(effect(what, states, PREVIEW * k, step) for k in range(PREVIEWS)), strict=True)
                    ]
                print(f"{path} at {handle.high:g}")
                for step in list(made)[1:]:
                    charts, claims = (ratios(coarse, fine) for coarse, fine in zip(made[step], made[own], strict=True))
                    if not len(charts):
                        continue
                    used = " (that of previews)" if step == COARSE * own else ""
                    of = f"{len(charts)} charts {np.median(charts):.2f} (worst {charts.max():.2f}), of claims {claims.max(initial=0):.2f}"
                    print(f"  steps of {step:.2f} days{used}: error to noise of {of}")
        finally:
            what.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "vostochny-2023", int(sys.argv[2]) if len(sys.argv) > 2 else 4)
