"""The small sentences inside a claim or observation: its window, its test, its measure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from materiel.scenario import units
from materiel.scenario.dates import read_date
from materiel.scenario.errors import Wrong
from materiel.scenario.notation import number

_NUMBER = r"([-+]?\d[\d_]*(?:\.\d+)?(?:e[-+]?\d+)?(?:k|M|bn|B)?)"
_TEST = re.compile(rf"(higher by|lower by|above|below) +{_NUMBER}(?: *([a-zA-Z%][^ ]*))?(?: or (?:more|less))?$")
_TIMES = re.compile(rf"(at least|at most) +{_NUMBER} *times$")
_SPAN = re.compile(r"(?:(any|every) quarter of +)?(\d{4}-\d{2}-\d{2}) +to +(\d{4}-\d{2}-\d{2})$")
_WHOLE_DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
QUARTER = 91  # days
TIMES = "times"
_UNITS = {"share": "", "index": "", "km2": "km^2"}


@dataclass(frozen=True)
class Window:
    """`first` to `last`, both included; `first` is None for one day; `quarter` is "any", "every" or empty."""

    first: date | None
    last: date
    quarter: str = ""


@dataclass(frozen=True)
class Test:
    """`direction` is "higher by", "lower by", "above" or "below"; `value` in `unit`, a percentage already as a share.

    Or it is "at least" or "at most", and `value` is a ratio, in the unit `times`.
    """

    direction: str
    value: float
    unit: str

    @property
    def ratio(self) -> bool:
        """Whether one amount is held against another by dividing."""
        return self.unit == TIMES


def span(text: str) -> Window:
    """`DATE to DATE`, `any quarter of DATE to DATE` or `every quarter of ...`. Raises Wrong."""
    found = _SPAN.match(" ".join(text.split()))
    if not found:
        raise Wrong(f'"{text}" is not a window.', "Write whole days: 2023-06-04 to 2023-12-31, or any quarter of 2023-06-04 to 2024-12-31")
    first, last = read_date(found.group(2)), read_date(found.group(3))
    if first >= last:
        words = f"{found.group(1)} quarter of " if found.group(1) else ""
        raise Wrong(f'"{text}": the end is not after the start.', f"Swap them: {words}{found.group(3)} to {found.group(2)}")
    if found.group(1) and (last - first).days + 1 < QUARTER:  # both ends are inside
        raise Wrong(
            f'"{text}" is shorter than a quarter ({QUARTER} days).', f"Widen the window, or delete the words {found.group(1)} quarter of."
        )
    return Window(first, last, found.group(1) or "")


def one_day(text: str, begins: date) -> Window:
    """`DATE` or `first day`. Raises Wrong."""
    if text.strip() == "first day":
        return Window(None, begins)
    if not _WHOLE_DAY.match(text.strip()):
        read_date(text)
        raise Wrong(f'"{text}" is a month; a level is read on one day.', f"Write e.g. {text.strip()}-01")
    return Window(None, read_date(text))


@lru_cache(1024)
def test(text: str) -> Test:
    """A threshold, e.g. `lower by 60 km2 or more` or `at least 2 times`. Raises Wrong."""
    ratio = _TIMES.match(" ".join(text.split()))
    if ratio:
        value = number(ratio.group(2))
        if value <= 0:
            raise Wrong(f'"{text}": a ratio of amounts is above zero.', "Write e.g. at least 2 times, or at most 0.5 times")
        return Test(ratio.group(1), value, TIMES)
    found = _TEST.match(" ".join(text.split()))
    if not found:
        raise Wrong(
            f'"{text}" is not a test.',
            "Write higher by X, lower by X, above X or below X with a unit, e.g. lower by 60 km2 or more; or at least X times, at most "
            "X times",
        )
    unit = found.group(3) or ""
    size, _, percent = units.unit(unit)
    return Test(found.group(1), number(found.group(2)) * (size if percent else 1.0), "" if percent else unit)


def terms(measure: str) -> list[str]:
    """The names in a sum of measures."""
    return [t.strip() for t in measure.split("+")]


def plain_unit(unit: str) -> str:
    """A measure's unit as the units module writes it ("" for a pure number)."""
    return _UNITS.get(unit, unit)
