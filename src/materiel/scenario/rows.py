"""Tables as people keep them: CSV in UTF-8 (RFC 4180), every cell with its place in the file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from materiel.scenario.errors import Problem, ScenarioError
from materiel.scenario.text import Page

MOST_BYTES = 5_000_000
MOST_ROWS = 20_000
LONGEST = 4_000  # characters of one cell
_CELL = re.compile(r'"([^"]*(?:""[^"]*)*)"(?=,|\n|\Z)|([^",\n]*)(?=,|\n|\Z)')
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ufeff]")


@dataclass(frozen=True)
class Cell:
    """The text of a cell, white space made single, and where the cell starts (line and column from 1)."""

    text: str
    line: int
    column: int


@dataclass
class Table:
    """The header, and the rows below it, of equal length; `page` carries the problems."""

    page: Page
    header: list[Cell]
    rows: list[list[Cell]]


def bytes_of(path: Path, file: str) -> bytes:
    """The bytes of a file, at most one more than a table may have. Raises ScenarioError."""
    try:
        with path.open("rb") as f:
            return f.read(MOST_BYTES + 1)
    except OSError as e:
        raise ScenarioError([Problem(file, 1, 1, f"this file cannot be read ({e.strerror or e}).", "Check its name and rights.")]) from None


def table(file: str, raw: bytes) -> Table:
    """Cut a file into cells; mistakes of the form are noted on the page, and nothing is read past the first."""
    page, text = _decode(file, raw)
    if page.problems:
        return Table(page, [], [])
    if page.lines and "," not in page.lines[0] and re.search(r"[;\t]", page.lines[0]):
        page.problem(1, 1, "the cells are not separated by commas.", "Save it as CSV with commas, in UTF-8.")
        return Table(page, [], [])
    rows = _cut(page, text)
    if not page.problems and not rows:
        page.problem(1, 1, "this file is empty.", "Write one row with the names of the columns, then one row a thing.")
    if page.problems:
        return Table(page, [], [])
    header, below = rows[0], rows[1:]
    if len(below) > MOST_ROWS:
        place = below[MOST_ROWS][0]
        page.problem(place.line, 1, f"this file has {len(below):,} rows; at most {MOST_ROWS:,} are read.", "Split it, or leave rows out.")
        below = []
    whole = []
    for row in below:
        if len(row) == len(header):
            whole.append(row)
        else:
            what = f"this row has {len(row)} cells, the header has {len(header)}."
            page.problem(row[0].line, row[-1].column, what, "Put a cell that holds a comma in quotes; leave a cell empty, not out.")
    return Table(page, header, whole)


def _decode(file: str, raw: bytes) -> tuple[Page, str]:
    page = Page(file, "")
    if len(raw) > MOST_BYTES:
        page.problem(1, 1, f"this file has more than {MOST_BYTES:,} bytes.", "Leave out what no measure answers.")
        return page, ""
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as e:
        line, start = raw[: e.start].count(b"\n") + 1, raw.rfind(b"\n", 0, e.start) + 1
        page.problem(line, e.start - start + 1, "this file is not UTF-8 text.", "Save it as CSV UTF-8.")
        return page, ""
    page = Page(file, text)
    odd = _ODD.search(text)
    if odd:
        line, start = text.count("\n", 0, odd.start()) + 1, text.rfind("\n", 0, odd.start()) + 1
        page.lines = text.split("\n")
        page.problem(line, odd.start() - start + 1, f"this line contains the control character {odd.group()!r}.", "Delete it.")
    return page, text


def _cut(page: Page, text: str) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    row: list[Cell] = []
    at, line, start = 0, 1, 0  # here, its line, where that line starts
    while at < len(text):
        found = _CELL.match(text, at)
        if found is None:
            _broken(page, text, at, line, start)
            return []
        said = (found[1] or "").replace('""', '"') if found[1] is not None else found[2]
        cell = Cell(" ".join(said.split()), line, at - start + 1)
        row.append(cell)
        if len(said) > LONGEST:
            page.problem(cell.line, cell.column, f"this cell has more than {LONGEST:,} characters.", "Is a quote missing? Shorten it.")
            return []
        breaks = found.group().count("\n")
        if breaks:
            line, start = line + breaks, text.rfind("\n", 0, found.end()) + 1
        at = found.end()
        if at < len(text) and text[at] == ",":
            at += 1
            if at < len(text):
                continue
            row.append(Cell("", line, at - start + 1))
        elif at < len(text):  # the end of a line
            at, line, start = at + 1, line + 1, at + 1
        if any(c.text for c in row):  # an empty line is no row
            rows.append(row)
        row = []
    return rows


def _broken(page: Page, text: str, at: int, line: int, start: int) -> None:
    if text[at] == '"' and re.match(r'"[^"]*(?:""[^"]*)*\Z', text[at:]):
        page.problem(line, at - start + 1, "a quote opens here and nothing closes it.", "Close it before the next comma.")
        return
    help = "Put the whole cell in quotes, and write each quote inside it twice."
    page.problem(line, at - start + 1, "a quote stands inside the text of this cell.", help)
