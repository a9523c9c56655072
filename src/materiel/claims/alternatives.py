"""Which structural questions decide a claim, alone or two together."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from materiel.worlds import Worlds

FEWEST = 30  # worlds: a share of fewer would be a handful of draws
ERRORS = 4.0  # standard errors
PORTION = 65_536  # worlds that are counted at once, for memory
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
    table = _Counted(holds, alternatives, worth)
    every = {t.name: {t.options[k]: table.share(c, c) for k, c in table.taken(t.name)} for t in alternatives}
    alone = {t.name: every[t.name] for t in alternatives if table.differ(t.name)}
    pairs = {}
    for one, two in combinations(alternatives, 2):
        if table.within(one.name, two.name) and table.within(two.name, one.name):
            pairs[one.name, two.name] = {
                (one.options[i], two.options[j]): table.share(a, b)
                for i, a in table.taken(one.name)
                for j, b in table.taken(two.name)
                if table.n[a, b] >= FEWEST
            }
    return Deciding(every, alone, pairs)


class _Counted:
    """How many worlds took each pair of options, and in how many of those it holds: [option, option] over all alternatives in a row.

    A pair of one option with itself are the worlds that took it.
    """

    def __init__(self, holds: Bools, alternatives: list[Taken], worth: float) -> None:
        self.worth = worth
        ends = np.cumsum([0, *(len(t.options) for t in alternatives)])
        self.at = {t.name: range(a, b) for t, a, b in zip(alternatives, ends[:-1], ends[1:], strict=True)}
        self.n, self.hits = np.zeros((2, ends[-1], ends[-1]))
        for k in range(0, len(holds) if alternatives else 0, PORTION):
            part = slice(k, k + PORTION)
            took = [t.chosen[part, None] == np.arange(len(t.options)) for t in alternatives]
            each = np.concatenate(took, axis=1).astype(np.float32)
            self.n += each.T @ each
            self.hits += each[holds[part]].T @ each[holds[part]]

    def taken(self, name: str) -> list[tuple[int, int]]:
        """Index and place of each option of an alternative that some world took."""
        return [(k, c) for k, c in enumerate(self.at[name]) if self.n[c, c]]

    def share(self, a: int, b: int) -> float:
        """In what part of the worlds that took both options it holds."""
        return float(self.hits[a, b] / self.n[a, b])

    def differ(self, name: str, among: int | None = None) -> bool:
        """Whether the largest and the smallest share differ by more than simulation error can explain, among those that took an option."""
        places = [(c if among is None else among, c) for _, c in self.taken(name)]
        shares = sorted((self.share(*place), self.n[place]) for place in places if self.n[place])
        if not shares:
            return False
        (p, n), (q, m) = shares[0], shares[-1]
        pooled = self.share(among, among) if among is not None else sum(self.hits[c] for c in places) / sum(self.n[c] for c in places)
        return bool(q - p > ERRORS * float(np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m) / self.worth)))

    def within(self, one: str, two: str) -> bool:
        """Whether `two` decides among the worlds of some option of `one`."""
        for _, k in self.taken(one):
            sizes = [self.n[k, c] for c in self.at[two] if self.n[k, c]]
            if min(sizes) >= FEWEST and self.differ(two, among=k):
                return True
        return False
