"""From a claim's words to one number a world on each course."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from materiel.scenario.vocabulary import Claim
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
        """Whether the claim holds in each world; `values` are differences for higher and lower, levels otherwise."""
        bar = self.threshold * factor
        if self.relation in ("higher", "above"):
            return values >= bar if self.relation == "higher" or bar > 0 else values > bar
        return values <= -bar if self.relation == "lower" else values <= bar


_RULE = re.compile(r"\s*(higher|lower|above|below)(?:\s+by|\s+than)?\s+(\S+?)\s*([a-zA-Z%][^\s]*)?(?:\s+or\s+(?:more|less))?\s*")
_SUFFIX = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "bn": 1e9, "B": 1e9}


def rule(claim: Claim) -> Rule:
    """The rule of a claim. The scenario's check has refused what this cannot read."""
    found = _RULE.fullmatch(claim.holds_if)
    amount = re.fullmatch(r"([-+]?[\d_.]+(?:e[-+]?\d+)?)(k|K|M|bn|B)?", found[2]) if found else None
    if not found or not amount:
        raise ValueError(f'"{claim.holds_if}" is not a rule')
    value = float(amount[1].replace("_", "")) * _SUFFIX[amount[2] or ""]
    unit = found[3] or ""
    return Rule(found[1], value / 100 if unit == "%" else value, unit)


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
