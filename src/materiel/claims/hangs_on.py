"""What a verdict hangs on: alternatives that decide it, then the numbers with the largest rank correlation.

A screening, not a decomposition of variance: Spearman's rank correlation, read only where it exceeds what chance gives among so many
numbers (0.1, or four standard errors).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from materiel.claims.alternatives import Deciding
from materiel.claims.probability import about
from materiel.scenario import Scenario
from materiel.worlds import Worlds

F64 = NDArray[np.float64]
LEAST = 0.1  # of a correlation that is named


def ranks(x: F64) -> F64:
    """Ranks with ties at their mean, so that a quantity with many equal values is not given an order it lacks."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(x, axis=-1), np.float64)


def _standard(x: F64) -> F64:
    """Each row less its mean, over its length; rows without an order are 0."""
    x = x - x.mean(axis=-1, keepdims=True)
    length = np.sqrt((x * x).sum(axis=-1, keepdims=True))
    return np.asarray(np.divide(x, length, out=np.zeros_like(x), where=length > 0), np.float64)


class Unknowns:
    """The numbers that differ between the worlds held here, ranked once for all claims."""

    def __init__(self, worlds: Worlds) -> None:
        self.paths = worlds.unknown_paths()
        rows = [worlds.unknown(path) for path in self.paths]
        self._ranks = ranks(np.stack(rows)) if rows else np.zeros((0, worlds.shown))
        self._all = _standard(self._ranks)

    def correlations(self, x: F64, kept: NDArray[np.bool_]) -> F64:
        """Rank correlation of each number with `x`, over the worlds that are kept; `x` has one value for each of those."""
        rows = self._all if kept.all() else _standard(self._ranks[:, kept])
        return np.asarray(rows @ _standard(ranks(x)), np.float64)


def hangs_on(
    scenario: Scenario, unknowns: Unknowns, x: F64, kept: NDArray[np.bool_], decides: Deciding, worth: float, most: int = 3
) -> list[str]:
    """What a verdict hangs on, the widest alternative first; `x` orders the worlds that are kept as the claim's rule does.

    What a deciding alternative sets, and every switch, is left to the alternative. `worth` is how many independent worlds one of these
    is worth.
    """
    names = decides.names()
    said = [f"{name}: {', '.join(f'{o} {about(p)}' for o, p in decides.every[name].items())}" for name in names]
    if not len(x) or np.ptp(ranks(x)) == 0:
        return said
    set_there = {path for name in names for o in scenario.alternatives[name].options for path in o.set}
    set_there |= {path for path, q in scenario.quantities.items() if q.kind == "switch"}
    found = [(float(r), path) for r, path in zip(unknowns.correlations(x, kept), unknowns.paths, strict=True) if path not in set_there]
    floor = max(LEAST, 4.0 / np.sqrt(max(len(x) * worth, 2)))
    return [*said, *_told([f for f in found if abs(f[0]) > floor], most)]


def _told(strong: Sequence[tuple[float, str]], most: int) -> list[str]:
    first = sorted(strong, key=lambda f: -abs(f[0]))[:most]
    return [f"{path} ({'more' if r > 0 else 'less'} with more; rank correlation {r:+.2f})" for r, path in first]
