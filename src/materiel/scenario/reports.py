"""What was said: the ledger of published statements that stands beside a scenario, as `reports.csv`.

One row is one statement of one quantity: who said it, when, about which period, where it was read, and what speaks for
taking it at its word. Rows that disagree stay side by side; nothing is averaged here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from materiel.scenario import units
from materiel.scenario.dates import read_date
from materiel.scenario.errors import ENOUGH, ScenarioError, Wrong, nearest
from materiel.scenario.rows import Cell, bytes_of, table
from materiel.scenario.text import Page

NAME = "reports.csv"
COLUMNS = (
    "id", "topic", "subject", "quantity", "value_low", "value_central", "value_high", "unit", "period_start", "period_end",
    "published", "published_earliest", "published_latest", "withdrawn", "speaker", "family", "origin", "interest", "method",
    "stance", "quality", "publisher", "url", "archived", "replaces", "note",
)  # fmt: skip
_NEEDED = ("topic", "subject", "quantity", "unit", "period_end", "published", "speaker", "family", "interest", "method", "stance",
           "publisher", "url")  # fmt: skip
INTERESTS = ("for", "against", "none")
METHODS = ("imagery", "signals", "documents", "human", "inference", "not stated")
STANCES = ("asserts", "estimates", "plans", "denies")
PURE = ("boolean", "fraction", "ratio", "tests")  # pure numbers, whatever they count
# Things that people count and no measure answers; a ledger may carry them, so that it is whole.
_COUNTED = (
    "EUR", "RUB", "barrels", "calls", "cars", "factories", "kt", "launches", "missiles", "rank", "resolutions", "tanks", "trips",
    "votes", "voyages", "warheads",
)  # fmt: skip
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*$")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,3})?$")


@dataclass(frozen=True)
class Report:
    """One published statement of one quantity; `line` is its line in the file.

    `first` to `last` is the period that the value refers to. It was published on some day between `published_earliest`
    and `published_latest`; reports of one `origin` rest on the same work. `interest` is for where the speaker would say
    it either way, against where it hurts its speaker, none where the speaker has none.
    """

    id: str
    line: int
    topic: str
    subject: str
    quantity: str
    low: float | None
    central: float | None
    high: float | None
    unit: str
    first: date | None
    last: date
    published_earliest: date
    published_latest: date
    withdrawn: date | None
    speaker: str
    family: str
    origin: str
    interest: str
    method: str
    stance: str
    quality: str | None
    publisher: str
    url: str
    archived: str | None
    replaces: str | None
    note: str


class Ledger:
    """The reports of a file, and the places of their cells for whoever finds something wrong with them."""

    def __init__(self, page: Page, reports: tuple[Report, ...], cells: Mapping[str, Mapping[str, Cell]]) -> None:
        self.page, self.reports, self._cells = page, reports, cells

    def problem(self, report: Report, column: str, message: str, help: str, severity: str = "error") -> None:
        """Note a mistake at one cell of a report."""
        cell = self._cells[report.id][column]
        self.page.problem(cell.line, cell.column, message, help, severity)


def read(path: str | Path, families: Iterable[str] | None = None) -> tuple[Report, ...]:
    """The reports of a file, in its order. Raises ScenarioError with every mistake found.

    `families` are the ids that a report's family may have; any if None.
    """
    made = ledger(str(path), bytes_of(Path(path), str(path)), families)
    if made.page.problems:
        raise ScenarioError(made.page.problems)
    return made.reports


def counted(reports: Iterable[Report], on: date) -> tuple[Report, ...]:
    """The reports that count on a day: surely published by then, not withdrawn, and not replaced by another such."""
    out = [r for r in reports if r.published_latest <= on and (r.withdrawn is None or r.withdrawn > on)]
    replaced = {r.replaces for r in out}
    return tuple(r for r in out if r.id not in replaced)


def plain_unit(unit: str) -> str:
    """A report's unit as the units module writes it ("" for a pure number)."""
    return "" if unit in PURE else unit


def ledger(file: str, raw: bytes, families: Iterable[str] | None = None) -> Ledger:
    """Read a ledger; every mistake is noted on its page."""
    cut = table(file, raw)
    page = cut.page
    if cut.header and not _header(page, cut.header):
        return Ledger(page, (), {})
    names = [c.text for c in cut.header]
    known = None if families is None else list(families)
    reports: list[Report] = []
    cells: dict[str, dict[str, Cell]] = {}
    for row in cut.rows:
        if len(page.problems) > ENOUGH:
            break
        found = dict(zip(names, row, strict=True))
        report = _Row(page, found, known).report()
        if report is None:
            continue
        if report.id in cells:
            before = cells[report.id]["id"].line
            page.problem(found["id"].line, found["id"].column, f'report "{report.id}" was already given at line {before}.', _PERMANENT)
            continue
        reports.append(report)
        cells[report.id] = found
    made = Ledger(page, tuple(reports), cells)
    _replacing(made)
    _twice(made)
    return made


_PERMANENT = "Give it an id of its own; ids are permanent and never used again."


def _header(page: Page, header: list[Cell]) -> bool:
    fine = True
    seen: set[str] = set()
    for cell in header:
        if cell.text in seen:
            page.problem(cell.line, cell.column, f'there are two columns "{cell.text}".', "Delete one.")
        elif cell.text not in COLUMNS:
            near = nearest(cell.text, COLUMNS)
            help = (f'Did you mean "{near}"? ' if near else "") + "Columns: " + ", ".join(COLUMNS) + "."
            page.problem(cell.line, cell.column, f'"{cell.text}" is not a column of reports.', help)
        else:
            seen.add(cell.text)
            continue
        fine = False
    missing = [name for name in COLUMNS if name not in seen]
    if missing:
        last = header[-1]
        what = f"there is no column {', '.join(missing)}."
        page.problem(last.line, last.column, what, "Add it to the first row; its cells may be empty where nothing is known.")
    return fine and not missing


class _Row:
    """One row on its way to a report."""

    def __init__(self, page: Page, cells: dict[str, Cell], families: list[str] | None) -> None:
        self.page, self.cells, self.families, self.fine = page, cells, families, True

    def wrong(self, column: str, message: str, help: str) -> None:
        cell = self.cells[column]
        self.page.problem(cell.line, cell.column, message, help)
        self.fine = False

    def text(self, column: str) -> str:
        return self.cells[column].text

    def report(self) -> Report | None:
        name = self.text("id")
        if not _ID.match(name):
            self.wrong("id", f'"{name}" cannot be the id of a report.', "Write a letter, then letters, digits, _ . or -; e.g. A001")
            return None
        for column in _NEEDED:
            if not self.text(column):
                self.wrong(column, f'report "{name}" has no {column}.', _help(column))
        low, central, high = (self._number(c) for c in ("value_low", "value_central", "value_high"))
        self._values(name, low, central, high)
        self._unit()
        first, last = self._date("period_start"), self._date("period_end", last=True)
        published = self._date("published")
        earliest, latest = self._date("published_earliest") or published, self._date("published_latest", last=True) or published
        withdrawn = self._date("withdrawn")
        self._order(name, first, last, published, earliest, latest, withdrawn)
        for column, words in (("interest", INTERESTS), ("method", METHODS), ("stance", STANCES), ("family", self.families)):
            self._word(column, words)
        quality = self.text("quality")
        if quality and not re.match(r"[A-F][1-6]$", quality):
            self.wrong("quality", f'"{quality}" is not an Admiralty code.', "Write a letter A to F and a digit 1 to 6, e.g. B2.")
        for column in ("url", "archived"):
            if self.text(column) and not re.match(r"https?://[^\s/]+\S*$", self.text(column)):
                self.wrong(column, f'"{self.text(column)[:80]}" is not the address of a page.', "Write it from https:// on.")
        if not self.fine or last is None or earliest is None or latest is None:
            return None
        t = self.text
        return Report(
            id=name, line=self.cells["id"].line, topic=t("topic"), subject=t("subject"), quantity=t("quantity"), low=low, central=central,
            high=high, unit=t("unit"), first=first, last=last, published_earliest=earliest, published_latest=latest, withdrawn=withdrawn,
            speaker=t("speaker"), family=t("family"), origin=t("origin") or name, interest=t("interest"), method=t("method"),
            stance=t("stance"), quality=quality or None, publisher=t("publisher"), url=t("url"), archived=t("archived") or None,
            replaces=t("replaces") or None, note=t("note"),
        )  # fmt: skip

    def _number(self, column: str) -> float | None:
        said = self.text(column)
        if not said:
            return None
        if not _NUMBER.match(said):
            plain = re.sub(r"(?<=\d)[ ,_'](?=\d{3})", "", said)
            help = f"Write {plain}" if _NUMBER.match(plain) else "Write digits only, e.g. 1000000 or 0.3; the unit has its own column."
            self.wrong(column, f'"{said}" is not a number.', help)
            return None
        value = float(said)
        if abs(value) > 1e18:
            self.wrong(column, f'"{said}" is larger than anything that is counted.', "Check its zeros.")
            return None
        return value

    def _values(self, name: str, low: float | None, central: float | None, high: float | None) -> None:
        written = [(c, x) for c, x in (("value_low", low), ("value_central", central), ("value_high", high)) if x is not None]
        if not written and self.fine:
            help = "Fill value_central for a plain figure, value_low for at least, value_high for up to, both for a range."
            self.wrong("value_central", f'report "{name}" has no value.', help)
        for (_, x), (column, y) in pairwise(written):
            if x > y:
                self.wrong(column, f"the values of report {name} fall from low to high: {x:g}, then {y:g}.", "Swap them.")
        if self.text("unit") == "boolean" and any(x not in (0.0, 1.0) for _, x in written):
            self.wrong(
                "value_central", f'report "{name}" answers yes or no, but its value is {written[0][1]:g}.', "Write 1 for yes, 0 for no."
            )

    def _unit(self) -> None:
        said = self.text("unit")
        if not said or said in PURE:
            return
        parts = re.split(r"(/| per )", said)
        if parts[0] in _COUNTED:
            parts[0] = "rounds"
        try:
            units.unit("".join(parts))
        except Wrong as e:
            known = ["rounds", "containers", "persons", "km2", "USD", "rounds/day", "rounds/month", *PURE, *_COUNTED]
            near = nearest(said, known)
            self.wrong("unit", e.message, f'Did you mean "{near}"?' if near else e.help)

    def _date(self, column: str, last: bool = False) -> date | None:
        said = self.text(column)
        if not said:
            return None
        try:
            return read_date(said, last)
        except Wrong as e:
            self.wrong(column, e.message, e.help)
            return None

    def _order(
        self, name: str, first: date | None, last: date | None, published: date | None, earliest: date | None, latest: date | None,
        withdrawn: date | None,
    ) -> None:  # fmt: skip
        if first and last and first > last:
            self.wrong("period_start", f'the period of report "{name}" starts after it ends.', "Swap period_start and period_end.")
        if published and earliest and latest and not earliest <= published <= latest:
            column = "published_earliest" if published < earliest else "published_latest"
            what = f'report "{name}" was published on {published}, but not between {earliest} and {latest}.'
            self.wrong(column, what, "Mend one of them; leave published_earliest and published_latest empty where the day is certain.")
        elif last and latest and latest < last and self.text("stance") != "plans":
            what = f'report "{name}" speaks of a period that ends on {last}, after it was published ({latest}).'
            help = "End the period by the day of publication; or write stance plans, if it says what shall be."
            self.wrong("period_end", what, help)
        if withdrawn and latest and withdrawn < latest:
            self.wrong("withdrawn", f'report "{name}" was withdrawn on {withdrawn}, before it was published ({latest}).', "Mend one date.")

    def _word(self, column: str, words: Iterable[str] | None) -> None:
        said = self.text(column)
        if words is None or not said:
            return
        listed = list(words)
        if said not in listed:
            near = nearest(said, listed)
            where = "families: of the scenario's evidence" if column == "family" else column
            help = (f'Did you mean "{near}"? ' if near else "") + f"Known under {where}: {', '.join(listed) or 'none'}."
            self.wrong(column, f'"{said}" is not a known {column}.', help)


def _help(column: str) -> str:
    words = {"interest": INTERESTS, "method": METHODS, "stance": STANCES}.get(column)
    if words:
        return f"Write {', '.join(words[:-1])} or {words[-1]}."
    return {
        "unit": "Write e.g. rounds, containers, rounds/day, fraction or boolean.",
        "period_end": "Write the last day that the value refers to, e.g. 2023-09-15.",
        "published": "Write the day of publication, e.g. 2023-09-15.",
        "family": "Write the id of the family of speakers, e.g. us.",
        "url": "Write the address of the page in which it was read.",
    }.get(column, "Fill this cell.")


def _replacing(made: Ledger) -> None:
    """A report that replaces another must come after it, and there must be one."""
    by_id = {r.id: r for r in made.reports}
    for r in made.reports:
        if r.replaces is None:
            continue
        old = by_id.get(r.replaces)
        if old is None:
            near = nearest(r.replaces, by_id)
            help = f'Did you mean "{near}"?' if near else "A replaced row stays in the file, with its id."
            made.problem(r, "replaces", f'report "{r.id}" replaces "{r.replaces}", which is not in this file.', help)
        elif old is r:
            made.problem(r, "replaces", f'report "{r.id}" replaces itself.', "Name the row that it corrects, or leave the cell empty.")
        elif old.published_latest > r.published_latest:
            what = f'report "{r.id}" replaces "{old.id}", which was published later ({old.published_latest}).'
            made.problem(r, "replaces", what, "Turn it round, or mend a date.")


def _twice(made: Ledger) -> None:
    """The same statement by the same speaker is one report, however often it is printed."""
    seen: dict[tuple[object, ...], Report] = {}
    for r in made.reports:
        said = (r.speaker.casefold(), r.subject, r.quantity, r.low, r.central, r.high, r.unit, r.first, r.last, r.stance)
        before = seen.setdefault(said, r)
        if before is not r and before.id != r.replaces and r.id != before.replaces:
            what = f'report "{r.id}" says what the same speaker says in "{before.id}" (line {before.line}).'
            made.problem(r, "id", what, "A copy adds nothing: delete one, or let the later one replace the earlier.")
