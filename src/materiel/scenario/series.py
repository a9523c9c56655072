"""Monthly series beside a scenario: tables with the columns month,value or date,value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from materiel.scenario.dates import read_date
from materiel.scenario.errors import ENOUGH, Wrong
from materiel.scenario.rows import Cell, table
from materiel.scenario.text import Page

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,3})?$")


@dataclass(frozen=True)
class Point:
    """One value of a series, over `first` to `last` (both included); `line` is its line in the file."""

    line: int
    first: date
    last: date
    value: float


def points(file: str, raw: bytes) -> tuple[Page, tuple[Point, ...]]:
    """Read a series; every mistake is noted on the page."""
    cut = table(file, raw)
    names = [c.text for c in cut.header]
    if names and names not in (["month", "value"], ["date", "value"]):
        cut.page.problem(1, 1, f"the columns are {', '.join(names)}.", "A series has the columns month,value or date,value.")
    if cut.page.problems:
        return cut.page, ()
    made: list[Point] = []
    for when, value in cut.rows:
        if len(cut.page.problems) > ENOUGH:
            break
        point = _point(cut.page, names[0], when, value)
        if point is None:
            continue
        if made and point.first <= made[-1].last:
            again = "is there twice" if point.first == made[-1].first else "comes after a later one"
            cut.page.problem(when.line, when.column, f"{when.text} {again}.", f"One row a {names[0]}, in order of time.")
            continue
        made.append(point)
    return cut.page, tuple(made)


def _point(page: Page, column: str, when: Cell, value: Cell) -> Point | None:
    try:
        first, last = read_date(when.text), read_date(when.text, last=True)
        if (column == "month") != (when.text.count("-") == 1):
            raise Wrong(f'"{when.text}" is not a {column}.', "Write year-month under month, e.g. 2023-06; year-month-day under date.")
    except Wrong as e:
        page.problem(when.line, when.column, e.message, e.help)
        return None
    if not _NUMBER.match(value.text) or abs(float(value.text)) > 1e18:
        page.problem(value.line, value.column, f'"{value.text}" is not a number.', "Write digits only, e.g. -311 or 24.5")
        return None
    return Point(when.line, first, last, float(value.text))
