"""From a claim's words to one number a world on each course."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from materiel.scenario.vocabulary import Claim
from materiel.scenario.wording import TIMES, test
from materiel.worlds import Worlds
from materiel.worlds.windows import Window, quarters, window

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Rule:
    """`holds_if` read: `relation` is higher, lower, above, below, at least or at most; the threshold in the measure's own unit."""

    relation: str
    threshold: float
    unit: str

    @property
    def ratio(self) -> bool:
        """Whether one amount is held against another by dividing."""
        return self.unit == TIMES

    @property
    def upward(self) -> bool:
        """Whether more makes the claim true."""
        return self.relation in ("higher", "above", "at least")

    def bar(self, factor: float = 1.0) -> float:
        """The threshold at `factor` of its size.

        Of a ratio it is what differs from 1 that is taken: half of `2 times` is 1.5 times, twice of it 3 times, because 1 time is
        no difference at all. Below 1 the same is done to its inverse: half of `0.5 times` is 0.67 times, twice 0.33
        times, so that to halve one amount is as much as to double the other.
        """
        if not self.ratio:
            return self.threshold * factor
        if self.threshold >= 1:
            return 1 + factor * (self.threshold - 1)
        return 1 / (1 + factor * (1 / self.threshold - 1))

    def holds(self, values: F64, factor: float = 1.0, base: F64 | None = None) -> NDArray[np.bool_]:
        """Whether the claim holds in each world; `values` are differences for higher and lower, levels otherwise.

        The threshold itself counts, but not 0: a world without any effect is neither above nor below nothing. A ratio is
        judged without dividing: at least f times is `values` >= f * `base` with something there (`values` > 0), at most f
        times is `values` <= f * `base` with something to compare with (`base` > 0). So 5 against nothing is more than any
        multiple, and nothing against nothing is neither. A ratio of 1 asks for more, or for less, as 0 does of a difference.
        """
        bar = self.bar(factor)
        if base is not None:
            if self.upward:
                return (values > 0) & (values >= bar * base if bar != 1 else values > base)
            return (base > 0) & (values <= bar * base if bar != 1 else values < base)
        if self.upward:
            return values >= bar if bar else values > 0
        end = -bar if self.relation == "lower" else bar
        return values <= end if bar else values < 0

    def says(self, unit: str, factor: float = 1.0) -> str:
        """The threshold at `factor` in words, for a measure in this unit."""
        by = " by" if self.relation in ("higher", "lower") else ""
        size, unit = (100, "%") if unit == "share" and not self.ratio else (1, "" if unit == "index" else unit)
        return f"{self.relation}{by} {float(f'{size * self.bar(factor):.3g}'):,.10g} {TIMES if self.ratio else unit}".strip()


@dataclass(frozen=True)
class Read:
    """What a claim's rule is put to, one number a world: `here` on the course judged, `there` what it is compared with.

    `of` says what is judged: here alone, here less there, or here over there.
    """

    here: F64
    there: F64 | None
    of: Literal["level", "difference", "ratio"]

    def only(self, kept: NDArray[np.bool_]) -> "Read":
        """The same, for some of the worlds."""
        return Read(self.here[kept], None if self.there is None else self.there[kept], self.of)

    def holds(self, bar: Rule, factor: float = 1.0) -> NDArray[np.bool_]:
        """Whether the claim holds, world by world."""
        return bar.holds(self.here, factor, self.there) if self.of == "ratio" else bar.holds(self.judged(bar), factor)

    def judged(self, bar: Rule) -> F64:
        """One number a world that orders the worlds as the rule does; of ratios, infinite where there is nothing to divide by."""
        if self.there is None or self.of == "level":
            return self.here
        return self.here - self.there if self.of == "difference" else ratio(self.here, self.there, bar)

    def ratios(self) -> F64:
        """Ratios of the worlds that have something to divide by."""
        there = np.zeros_like(self.here) if self.there is None else self.there
        some = there > 0
        return np.asarray(self.here[some] / there[some], np.float64)


def ratio(here: F64, there: F64, bar: Rule) -> F64:
    """Ratios for ordering: a world in which the rule cannot hold stands at the end where it does not."""
    some = there > 0
    with np.errstate(over="ignore"):
        plain = np.divide(here, there, out=np.full_like(here, np.inf), where=some)
    return np.where(here > 0, plain, 0.0) if bar.upward else plain


def rule(claim: Claim) -> Rule:
    """The rule of a claim, read by the same code that checked it, so that both see one number. Raises Wrong."""
    read = test(claim.holds_if)
    return Rule(read.direction.removesuffix(" by"), read.value, read.unit)


def judged_apart(claim: Claim) -> bool:
    """Whether the rule is put to one course alone, whatever stands beside it.

    So it is for a level, and for a ratio of the window's end to its start: without `compare`, or with a course named.
    """
    bar = rule(claim)
    return bar.relation in ("above", "below") or (bar.ratio and (claim.compare is None or claim.course is not None))


def values(worlds: Worlds, claim: Claim, course: str) -> F64:
    """The claim's quantity on one course, float64[n]: a change, a level, or the largest or smallest change over a quarter."""
    w, upward = window(worlds.scenario, claim.over, claim.at), rule(claim).upward
    changes = _changes(worlds, claim, course, w)
    return _pick(changes, changes, upward == (w.kind == "any_quarter"))


def courses(worlds: Worlds, claim: Claim) -> tuple[str, str | None]:
    """The course judged and the one it is compared with."""
    if claim.compare:
        return claim.course or claim.compare[0], claim.compare[1]
    return claim.course or worlds.courses[0], None


def read(worlds: Worlds, claim: Claim, between: tuple[str, str | None] | None = None) -> Read:
    """What the claim's rule is put to: one course, or one against the other; the claim's own courses if none are named.

    A ratio between two courses is of the one's change or level to the other's; on one it is of the window's end to its
    start. Over quarters, a ratio is taken quarter by quarter, and so
    is a difference over every quarter; a difference over any quarter is of each course's own largest change.
    """
    here, there = between or courses(worlds, claim)
    there = None if judged_apart(claim) else there
    bar, w = rule(claim), window(worlds.scenario, claim.over, claim.at)
    largest = bar.upward == (w.kind == "any_quarter")
    if bar.ratio and there is None:
        days = quarters(w) if w.kind.endswith("quarter") else [(w.start, w.end)]
        starts, ends = (np.stack([worlds.at(here, claim.measure, d[k]) for d in days]) for k in (0, 1))
        return _quarter(ends, starts, bar, largest, "ratio")
    if there is None:
        return Read(values(worlds, claim, here), None, "level")
    if bar.ratio or w.kind == "every_quarter":
        x, y = (_changes(worlds, claim, course, w) for course in (here, there))
        return _quarter(x, y, bar, largest, "ratio" if bar.ratio else "difference")
    return Read(values(worlds, claim, here), values(worlds, claim, there), "difference")


def difference_of(worlds: Worlds, claim: Claim, here: str, there: str | None) -> F64:
    """The effect: here less there, or the size on one course."""
    if there is None:
        return values(worlds, claim, here)
    seen = read(worlds, claim, (here, there))
    if seen.of == "difference" and seen.there is not None:
        return seen.here - seen.there
    return values(worlds, claim, here) - values(worlds, claim, there)


def _quarter(x: F64, y: F64, bar: Rule, largest: bool, of: Literal["difference", "ratio"]) -> Read:
    """In each world the quarter that decides."""
    order = ratio(x, y, bar) if of == "ratio" else x - y
    return Read(_pick(x, order, largest), _pick(y, order, largest), of)


def _changes(worlds: Worlds, claim: Claim, course: str, w: Window) -> F64:
    """Changes over the window or its quarters, or the level, float64[quarters, n]."""
    if w.kind == "level":
        return worlds.at(course, claim.measure, w.end)[None]
    days = quarters(w) if w.kind.endswith("quarter") else [(w.start, w.end)]
    return np.stack([worlds.at(course, claim.measure, b) - worlds.at(course, claim.measure, a) for a, b in days])


def _pick(x: F64, order: F64, largest: bool) -> F64:
    """Of each world's column the entry whose order is the largest, or the smallest."""
    if len(x) == 1:
        return np.asarray(x[0], np.float64)
    k = (np.argmax if largest else np.argmin)(order, axis=0)
    return np.asarray(np.take_along_axis(x, k[None], axis=0)[0], np.float64)
