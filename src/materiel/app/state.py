"""What a person may change, and what was changed: a few paths with one number each, checked before anything is simulated.

A lever is a number that the scenario lists as one, with its own ends. An assumption is any other number with a range; it
may be set to a value inside its 90 % range. What is set is written as text and read by the same code that reads a
scenario file, so that what the page shows, what a link says and what a saved run is made of is one number.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from materiel.scenario import Quantity, Scenario
from materiel.scenario.distributions import Exact
from materiel.scenario.notation import parse
from materiel.views.language import numeral, tr

MOST = 60  # changes at a time
STOPS = tuple(k / 20 for k in range(1, 20))  # quantiles at which the slider of an assumption stops


class Refused(Exception):
    """A state that cannot be simulated; the message says why and what may be given instead."""


@dataclass(frozen=True)
class Handle:
    """One number that may be moved, from `low` to `high` in its canonical unit; a lever has a name and a holder."""

    quantity: Quantity
    low: float
    high: float
    name: str = ""
    held_by: str = ""

    @property
    def lever(self) -> bool:
        """Whether the scenario lists it as a lever."""
        return bool(self.held_by)

    @property
    def step(self) -> float:
        """A round step of which a lever has 50 to 150."""
        power = 10.0 ** math.floor(math.log10((self.high - self.low) / 100))
        return next(s * power for s in (1, 2, 5, 10) if (self.high - self.low) / (s * power) <= 150)

    @cached_property
    def stops(self) -> tuple[float, ...]:
        """Values at which the slider of an assumption stops; each once."""
        q = self.quantity
        import numpy as np

        values = np.clip(q.value(np.array(STOPS)), self.low, self.high)
        return tuple(dict.fromkeys(float(_rounded(q, float(x))) for x in values))


def _rounded(q: Quantity, x: float) -> float:
    return round(x) if q.kind == "date" else float(f"{x:.3g}")


def text(scenario: Scenario, q: Quantity, x: float) -> str:
    """A value as a scenario file would write it."""
    if q.kind == "date":
        return str(scenario.date(x))
    if q.kind == "share":
        return f"{100 * x:.6g} %"
    return f"{x:.6g} {q.unit}".strip()


def handles(scenario: Scenario) -> dict[str, Handle]:
    """All that may be moved, by path: levers first, in the order of the scenario."""
    levers = scenario.vocabulary.levers.values()
    made = {lever.moves: Handle(scenario.quantities[lever.moves], lever.low, lever.high, lever.name, lever.held_by) for lever in levers}
    for path, q in scenario.quantities.items():
        if path not in made and not q.exact and q.kind != "switch" and q.low < q.high:
            made[path] = Handle(q, _rounded(q, q.low), _rounded(q, q.high))
    return made


@dataclass(frozen=True)
class State:
    """What differs from the scenario: texts by path, sorted, and the numbers that they mean."""

    texts: tuple[tuple[str, str], ...] = ()
    change: Mapping[str, Quantity] = field(default_factory=dict, compare=False, repr=False)

    def __bool__(self) -> bool:
        return bool(self.texts)

    def numbers(self) -> dict[str, float]:
        """The numbers by path, in canonical units."""
        return {path: q.at(0.5) for path, q in self.change.items()}


def check(scenario: Scenario, known: Mapping[str, Handle], asked: Mapping[str, Any]) -> State:
    """The state that was asked for. Raises Refused for the first thing that is wrong with it."""
    if len(asked) > MOST:
        raise Refused(tr("{n} changes at a time are more than the {most} that this page takes", n=len(asked), most=MOST))
    texts, change = [], {}
    for path, x in sorted(asked.items()):
        handle = known.get(path)
        if handle is None:
            raise Refused(tr('"{path}" is not a lever or an assumption of this scenario', path=path[:80]))
        if isinstance(x, bool) or not isinstance(x, int | float):
            raise Refused(tr('"{path}" must be a number', path=path))
        near = 1e-5 * max(abs(handle.low), abs(handle.high))
        if not handle.low - near <= x <= handle.high + near:  # also where it is not a number
            ends = {"path": path, "low": numeral(f"{handle.low:.6g}"), "high": numeral(f"{handle.high:.6g}"), "x": numeral(f"{x:.6g}")}
            if handle.lever:
                raise Refused(tr('"{path}" can be {low} to {high} (the ends of this lever), not {x}', **ends))
            raise Refused(tr('"{path}" can be {low} to {high} (its range), not {x}', **ends))
        written = text(scenario, handle.quantity, min(max(float(x), handle.low), handle.high))
        number = _read(scenario, handle.quantity, written)
        texts.append((path, written))
        change[path] = replace(handle.quantity, text=written, distribution=Exact(number), source=None, known=None)
    return State(tuple(texts), change)


def _read(scenario: Scenario, q: Quantity, written: str) -> float:
    """What the reader of scenario files makes of a text."""
    if q.kind == "date":
        return float(scenario.day(written))
    distribution, _ = parse(written, q.kind)
    if not isinstance(distribution, Exact):
        raise Refused(tr('"{path}" cannot be set to "{text}"', path=q.path, text=written))
    return distribution.number
