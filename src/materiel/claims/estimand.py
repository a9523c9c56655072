"""From a claim's words to one number a world on each course."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from materiel.scenario.vocabulary import Claim
from materiel.scenario.wording import test
from materiel.worlds import Worlds
from materiel.worlds.windows import Window, quarters, window

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Rule:
    """`holds_if` read: `relation` is higher, lower, above or below; the threshold in the measure's own unit."""

    relation: str
    threshold: float
    unit: str

    def holds(self, values: F64, factor: float = 1.0) -> NDArray[np.bool_]:
        """Whether the claim holds in each world; `values` are differences for higher and lower, levels otherwise.

        The threshold itself counts, but not 0: a world without any effect is neither above nor below nothing.
        """
        bar = self.threshold * factor
        if self.relation in ("higher", "above"):
            return values >= bar if bar else values > 0
        end = -bar if self.relation == "lower" else bar
        return values <= end if bar else values < 0


def rule(claim: Claim) -> Rule:
    """The rule of a claim, read by the same code that checked it, so that both see one number. Raises Wrong."""
    read = test(claim.holds_if)
    return Rule(read.direction.removesuffix(" by"), read.value, read.unit)


def values(worlds: Worlds, claim: Claim, course: str) -> F64:
    """The claim's quantity on one course, float64[n]: a change, a level, or the largest change over a quarter."""
    w: Window = window(worlds.scenario, claim.over, claim.at)
    if w.kind == "level":
        return worlds.at(course, claim.measure, w.end)
    if w.kind == "change":
        return worlds.at(course, claim.measure, w.end) - worlds.at(course, claim.measure, w.start)
    changes = [worlds.at(course, claim.measure, b) - worlds.at(course, claim.measure, a) for a, b in quarters(w)]
    largest = rule(claim).relation in ("above", "higher")
    return np.asarray(np.max(changes, axis=0) if largest else np.min(changes, axis=0), np.float64)
