"""Which structural questions decide a claim, alone or two together."""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from materiel.worlds import Worlds

FEWEST = 30  # worlds: a share of fewer would be a handful of draws
ERRORS = 4.0  # standard errors
Bools = NDArray[np.bool_]
Table = dict[str, float]


class Taken(NamedTuple):
    """One alternative: the names of its options, and the index of the one that each world took."""

    name: str
    options: tuple[str, ...]
    chosen: NDArray[np.int64]


class Deciding(NamedTuple):
    """Probabilities within options: of every alternative, of those that decide alone, of pairs that decide together."""

    every: dict[str, Table]
    alone: dict[str, Table]
    pairs: dict[tuple[str, str], dict[tuple[str, str], float]]

    def probabilities(self) -> list[float]:
        """What the range spans."""
        return [*(p for t in self.alone.values() for p in t.values()), *(p for t in self.pairs.values() for p in t.values())]

    def names(self) -> tuple[str, ...]:
        """The alternatives that make the range, the widest first; then those that only decide together with another."""
        alone = sorted(self.alone, key=lambda name: min(self.alone[name].values()) - max(self.alone[name].values()))
        return tuple(dict.fromkeys([*alone, *(name for pair in self.pairs for name in pair)]))


def taken(worlds: Worlds, kept: Bools) -> list[Taken]:
    """What the worlds that are kept answered to each alternative."""
    return [
        Taken(name, tuple(o.name for o in choice.options), worlds.alternative(name)[kept])
        for name, choice in worlds.scenario.alternatives.items()
    ]


def deciding(holds: Bools, alternatives: list[Taken], worth: float = 1.0) -> Deciding:
    """Alternatives whose options differ by more than simulation error can explain; only these make the range.

    The largest difference between two options against four standard errors: the draws of a world are stratified, and of
    1,500 pairs of unrelated ones 14 in a thousand differ by more than three, one by more than four. So a false alarm is
    rare among many claims, and a difference that small is below the rounding anyway. Otherwise the range would be
    simulation error sold as doubt.

    Two alternatives decide together where each decides within an option of the other. Then their combinations count too:
    if a claim needs both answers, neither alone shows how far the doubt goes. Three that only decide together are not
    looked for. `worth` is how many independent worlds one of these is worth.
    """
    every = {t.name: {name: float(holds[t.chosen == k].mean()) for k, name, _ in _sizes(t)} for t in alternatives}
    alone = {t.name: every[t.name] for t in alternatives if _differ(holds, t, worth)}
    pairs = {}
    for one, two in combinations(alternatives, 2):
        if _within(holds, one, two, worth) and _within(holds, two, one, worth):
            cells = {
                (a, b): here
                for i, a, _ in _sizes(one)
                for j, b, _ in _sizes(two)
                if (here := (one.chosen == i) & (two.chosen == j)).sum() >= FEWEST
            }
            pairs[one.name, two.name] = {names: float(holds[here].mean()) for names, here in cells.items()}
    return Deciding(every, alone, pairs)


def _sizes(t: Taken) -> Iterator[tuple[int, str, int]]:
    """Index, name and number of worlds of each option that some world took."""
    for k, name in enumerate(t.options):
        size = int((t.chosen == k).sum())
        if size:
            yield k, name, size


def _differ(holds: Bools, t: Taken, worth: float) -> bool:
    """Whether the largest and the smallest share differ by more than simulation error can explain."""
    shares = sorted((float(holds[t.chosen == k].mean()), size) for k, _, size in _sizes(t))
    if not shares:
        return False
    (p, n), (q, m) = shares[0], shares[-1]
    pooled = float(holds.mean())
    return q - p > ERRORS * float(np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m) / worth))


def _within(holds: Bools, one: Taken, two: Taken, worth: float) -> bool:
    """Whether `two` decides among the worlds of some option of `one`."""
    for k, _, _ in _sizes(one):
        here = one.chosen == k
        inner = two._replace(chosen=two.chosen[here])
        if min(size for _, _, size in _sizes(inner)) >= FEWEST and _differ(holds[here], inner, worth):
            return True
    return False
