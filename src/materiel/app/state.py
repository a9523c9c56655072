"""What a person may change, and what was changed: a few paths with one number each, checked before anything is simulated.

A lever is a number that the scenario lists as one, with its own ends. An assumption is any other number with a range; it
may be set to a value inside its 90 % range, or its range narrowed to ends inside it. What is set is written as text and read
by the same code that reads a scenario file, so that what the page shows, what a link says and what a saved run is made of
is one number, or one range.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from materiel.scenario import Quantity, Scenario
from materiel.scenario.dates import parse_dates
from materiel.scenario.distributions import Distribution, Exact, Interval, Mixture, Uniform
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
    def narrows(self) -> bool:
        """Whether its range may be narrowed; a date that may be never has no text for it."""
        q = self.quantity
        return not self.lever and (q.kind != "date" or isinstance(q.distribution, Uniform))

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


def narrowed(scenario: Scenario, q: Quantity, low: float, high: float) -> str:
    """A range given that its value lies between two ends, as a scenario file would write it."""
    if q.kind == "date":  # every day is as likely as another
        return f"{text(scenario, q, low)} to {text(scenario, q, high)}"
    of, d = q.text, q.distribution
    atom, chance = None, 0.0
    if isinstance(d, Mixture):
        atom, chance, of, d = d.atom, d.chance, of.partition(", else ")[2], d.base
    elif isinstance(d, Interval) and low <= d.lower:  # worlds that are held at the bound would not lie within it
        atom, chance = d.lower, d.cdf(d.lower)
    share = d.cdf(high) - d.cdf(low)
    first = f"{100 * low:.6g}" if q.kind == "share" else f"{low:.6g}"
    inside = f"{of.partition(', within ')[0]}, within {first} and {text(scenario, q, high)}"
    if atom is None or not (low <= atom <= high and chance > 0):
        return inside
    rest = share if not isinstance(q.distribution, Mixture) else (1 - chance) * share
    return f"{text(scenario, q, atom)} with {100 * chance / (chance + rest):.6g} %, else {inside}"


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
    """What differs from the scenario: texts by path, sorted, the quantities that they mean, and the ends of those narrowed."""

    texts: tuple[tuple[str, str], ...] = ()
    change: Mapping[str, Quantity] = field(default_factory=dict, compare=False, repr=False)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict, compare=False, repr=False)

    def __bool__(self) -> bool:
        return bool(self.texts)

    def numbers(self) -> dict[str, float | tuple[float, float]]:
        """The numbers by path, in canonical units; both ends of a range."""
        return {path: self.ranges.get(path) or q.at(0.5) for path, q in self.change.items()}


def check(scenario: Scenario, known: Mapping[str, Handle], asked: Mapping[str, Any]) -> State:
    """The state that was asked for: one number for a path, or two ends. Raises Refused for the first thing that is wrong with it."""
    if len(asked) > MOST:
        raise Refused(tr("{n} changes at a time are more than the {most} that this page takes", n=len(asked), most=MOST))
    texts, change, ranges = [], {}, {}
    for path, x in sorted(asked.items()):
        handle = known.get(path)
        if handle is None:
            raise Refused(tr('"{path}" is not a lever or an assumption of this scenario', path=path[:80]))
        if isinstance(x, list | tuple):
            if not handle.narrows or len(x) != 2:
                raise Refused(tr('"{path}" must be one number; only the range of an assumption has two ends', path=path))
            low, high = (_rounded(handle.quantity, _inside(handle, path, end)) for end in x)
            if not low < high:
                ends = {"low": numeral(f"{low:.6g}"), "high": numeral(f"{high:.6g}")}
                raise Refused(tr('the range of "{path}" must begin below its end, not go from {low} to {high}', path=path, **ends))
            written, ranges[path] = narrowed(scenario, handle.quantity, low, high), (low, high)
        else:
            written = text(scenario, handle.quantity, _inside(handle, path, x))
        distribution = _read(scenario, handle.quantity, written)
        if isinstance(distribution, Exact) == (path in ranges):
            raise Refused(tr('"{path}" cannot be set to "{text}"', path=path, text=written))
        texts.append((path, written))
        change[path] = replace(handle.quantity, text=written, distribution=distribution, source=None, known=None)
    return State(tuple(texts), change, ranges)


def _inside(handle: Handle, path: str, x: Any) -> float:
    """A number that lies where the handle may be. Raises Refused."""
    if isinstance(x, bool) or not isinstance(x, int | float):
        raise Refused(tr('"{path}" must be a number', path=path))
    near = 1e-5 * max(abs(handle.low), abs(handle.high))
    if not handle.low - near <= x <= handle.high + near:  # also where it is not a number
        ends = {"path": path, "low": numeral(f"{handle.low:.6g}"), "high": numeral(f"{handle.high:.6g}"), "x": numeral(f"{x:.6g}")}
        if handle.lever:
            raise Refused(tr('"{path}" can be {low} to {high} (the ends of this lever), not {x}', **ends))
        raise Refused(tr('"{path}" can be {low} to {high} (its range), not {x}', **ends))
    return min(max(float(x), handle.low), handle.high)


def _read(scenario: Scenario, q: Quantity, written: str) -> Distribution:
    """What the reader of scenario files makes of a text."""
    return parse_dates(written, scenario.begins) if q.kind == "date" else parse(written, q.kind)[0]
