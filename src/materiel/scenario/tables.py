"""The tables that stand beside a scenario, and whether they fit it: the ledger of reports, and series."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from materiel.scenario import reports, series, units
from materiel.scenario.check_claims import measure
from materiel.scenario.errors import ENOUGH, Wrong, nearest
from materiel.scenario.evidence import Answer, Evidence, Series
from materiel.scenario.measures import MeasureKind, measures
from materiel.scenario.places import Places
from materiel.scenario.quantity import Quantity
from materiel.scenario.reports import Ledger
from materiel.scenario.rows import bytes_of
from materiel.scenario.scenario import Scenario
from materiel.scenario.text import Node, Page
from materiel.scenario.wording import plain_unit

DATA = "MATERIEL_DATA"  # names a folder with the tables that may not be passed on
_TRUE = ("1", "on", "t", "true", "y", "yes")  # as pydantic reads them


@dataclass(frozen=True)
class Beside:
    """What was read from the folder of a scenario; nothing, for a scenario that is not a file."""

    ledger: Ledger
    series: dict[str, tuple[series.Point, ...]]


def beside(page: Page, path: Path | None, root: Node) -> Beside:
    """Read the tables; their problems join those of the page."""
    nothing = Ledger(Page(reports.NAME, ""), (), {})
    if path is None:
        return Beside(nothing, {})
    shown = Path(page.file).parent
    ledger = nothing
    if (path.parent / reports.NAME).is_file():
        known = root.find("evidence.families")
        families = list(known.items) if known is not None and known.kind == "mapping" else None
        file = str(shown / reports.NAME)
        ledger = reports.ledger(file, bytes_of(path.parent / reports.NAME, file), families)
        page.problems += ledger.page.problems
        ledger.page.problems = page.problems
    found: dict[str, tuple[series.Point, ...]] = {}
    section = root.find("evidence.series")
    for name, node in section.items.items() if section is not None and section.kind == "mapping" else ():
        text = node.items.get("file") if node.kind == "mapping" else None
        if text is None or text.kind != "text" or not _below(text.text):
            continue  # noted by the reader of the file, or by the check
        may_lack = node.items.get("optional")
        optional = may_lack is not None and may_lack.kind == "text" and may_lack.text.lower() in _TRUE
        table = place(path, text.text, optional)
        if table is not None:
            file = str(shown / text.text if table == path.parent / text.text else table)
            there, found[name] = series.points(file, bytes_of(table, file))
            page.problems += there.problems
    return Beside(ledger, found)


def place(scenario: Path, file: str, optional: bool) -> Path | None:
    """Where the table of a series is: beside the scenario, or, if it is optional, in the folder of MATERIEL_DATA; None if in neither.

    A stored run holds all that it was made with, so nothing is looked for elsewhere.
    """
    if (scenario.parent / file).is_file():
        return scenario.parent / file
    elsewhere = os.environ.get(DATA)
    if not (optional and elsewhere) or _stored(scenario):
        return None
    table = Path(elsewhere) / PurePosixPath(file).name
    return table if table.is_file() else None


def _stored(scenario: Path) -> bool:
    """Whether this is the copy that is kept with a run."""
    return (scenario.parent / "run.json").exists()


def _below(name: str) -> bool:
    """Whether this names a file in the folder of the scenario or below it."""
    pure = PurePosixPath(name)
    return bool(name) and not pure.is_absolute() and ".." not in pure.parts and "\\" not in name and ":" not in name


def check(page: Page, root: Node, scenario: Scenario, tables: Beside) -> None:
    """Whether the section and the tables fit each other and the scenario."""
    at, evidence = Places(page, root), scenario.vocabulary.evidence
    if evidence is None:
        if tables.ledger.reports:
            what = f"the scenario has no evidence section, so these {len(tables.ledger.reports)} reports weigh nothing."
            first = tables.ledger.reports[0]
            tables.ledger.problem(first, "id", what, "Add evidence: with families and quantities; see docs on reports.", "warning")
        return
    _ratios(at, evidence)
    known = measures(scenario.vocabulary)
    wanted = {name: _answer(at, known, name, answer) for name, answer in evidence.quantities.items()}
    _same(at, evidence)
    _reports(at, evidence, wanted, tables.ledger)
    for name, one in evidence.series.items():
        _series(at, scenario, evidence, known, name, one, tables)


def _ratios(at: Places, evidence: Evidence) -> None:
    ratios: tuple[tuple[str, Quantity], ...] = (("either_way", evidence.either_way), ("against_interest", evidence.against_interest))
    for name, q in ratios:
        if q.low < 1:
            at.value(f"evidence.{name}", f'"{q.text}" reaches below 1: it is the larger of the two ratios x and 1/x.', "Write e.g. 1.25.")
    if evidence.hit.median <= evidence.false_alarm.median:
        at.value("evidence.hit", "what happened is seen no oftener than what did not.", "Swap hit and false_alarm.")


_FIELDS = {"to": "the measure below the line", "at_least": "the smallest amount that counts"}


def _answer(at: Places, known: dict[str, MeasureKind], name: str, answer: Answer) -> str | None:
    """The unit in which reports of this quantity must be; None after a problem, or where any will do."""
    path = f"evidence.quantities.{name}"
    kind = measure(at, known, f"{path}.measure", answer.measure)
    below = measure(at, known, f"{path}.to", answer.to) if answer.to is not None else None
    for only, field, said in (("ratio", "to", answer.to), ("yes", "at_least", answer.at_least)):
        if (answer.as_ == only) == (said is not None):
            continue
        lacks = said is None
        help = f"Add {field}:, {_FIELDS[field]}." if lacks else f"Write as: {only}, or delete {field}:."
        where = f"{path}.as" if lacks else f"{path}.{field}"
        at.key(where, f'"{name}" is {answer.as_}, {"without" if lacks else "but has"} "{field}".', help)
        return None
    if (answer.form == "linear") != (answer.error is not None):
        lacks = answer.error is None
        help = "Add error: and its size in the unit of the measure." if lacks else "Write form: linear, or delete error:."
        at.key(
            f"{path}.form" if lacks else f"{path}.error", f'"{name}" is {answer.form}, {"without" if lacks else "but has"} "error".', help
        )
        return None
    if kind is None or answer.as_ == "plan" or (answer.to is not None and below is None):
        return None
    unit = plain_unit(kind.unit)
    if answer.as_ in ("total", "level") and kind.kind != answer.as_:
        is_a = "a sum since the first day" if kind.kind == "total" else "a level"
        at.value(f"{path}.as", f'"{answer.measure}" is {is_a}.', f"Write as: {kind.kind}, or change or daily.")
        return None
    if answer.at_least is not None and not units.same_kind(answer.at_least.unit, unit):
        what = f'"{answer.at_least.text}" does not fit "{answer.measure}", which is in {kind.unit}.'
        at.value(f"{path}.at_least", what, f"Write it in {unit or 'a pure number'}.")
    if below is not None and below.unit != kind.unit:
        at.value(f"{path}.to", f'"{answer.measure}" is in {kind.unit}, "{answer.to}" in {below.unit}.', "Divide like by like.")
    if answer.as_ in ("yes", "ratio"):
        return "boolean" if answer.as_ == "yes" else ""
    if answer.factor is not None and answer.factor.unit:
        if unit != "containers":
            at.value(f"{path}.factor", f'"{answer.measure}" is in {kind.unit}, not in containers.', "Write a pure number.")
            return None
        unit = "rounds"
    unit = (unit or "1") + "/day" if answer.as_ == "daily" and kind.kind == "total" else unit
    if answer.error is not None and not units.same_kind(answer.error.unit, unit):
        at.value(f"{path}.error", f'"{answer.error.text}" does not fit "{answer.measure}".', f"Write it in {unit or 'a pure number'}.")
    return unit


def _same(at: Places, evidence: Evidence) -> None:
    seen: dict[tuple[str, str], str] = {}
    for name, answer in evidence.quantities.items():
        before = seen.setdefault((answer.quantity or name, answer.subject), name)
        if before != name:
            what = f'"{name}" answers the same quantity of the same subject as "{before}".'
            at.key(f"evidence.quantities.{name}", what, "Keep one.")


def _reports(at: Places, evidence: Evidence, wanted: dict[str, str | None], ledger: Ledger) -> None:
    names = {(a.quantity or n, a.subject): n for n, a in evidence.quantities.items()}
    ids = {r.id for r in ledger.reports}
    for left in evidence.leave_out if ids else ():
        if left not in ids:
            near = nearest(left, ids)
            help = f'Did you mean "{near}"?' if near else "Delete the line."
            at.key(f"evidence.leave_out.{left}", f'there is no report "{left}" to leave out.', help)
    used = set()
    for r in ledger.reports:
        if len(at.page.problems) > ENOUGH:
            return
        name = names.get((r.quantity, r.subject))
        if name is None:
            continue
        used.add(name)
        if r.id in evidence.leave_out:
            continue
        unit, line = wanted[name], at.line(f"evidence.quantities.{name}")
        if unit is None or r.stance == "plans":
            continue
        if (unit == "boolean") != (r.unit == "boolean"):
            what = f'report "{r.id}" is in {r.unit}, but "{name}" (line {line} of the scenario) asks '
            what += "for yes or no." if unit == "boolean" else "for an amount."
            ledger.problem(r, "unit", what, "Write boolean with 1 or 0, or give the quantity another name.")
        elif unit != "boolean" and not units.same_kind(reports.plain_unit(r.unit), unit):
            what = f'report "{r.id}" is in {r.unit}, but "{name}" (line {line} of the scenario) is answered in {unit or "a pure number"}.'
            ledger.problem(r, "unit", what, "Mend the unit, or map the quantity to another measure.")
    for name in evidence.quantities if ledger.reports else ():
        if name not in used:
            answer = evidence.quantities[name]
            what = f'no report is of "{answer.quantity or name}" of {answer.subject}.'
            at.key(f"evidence.quantities.{name}", what, "Check the names against reports.csv, or delete the entry.", "warning")


def _series(
    at: Places, scenario: Scenario, evidence: Evidence, known: dict[str, MeasureKind], name: str, one: Series, tables: Beside
) -> None:
    path = f"evidence.series.{name}"
    if not _below(one.file):
        help = "Write the name of a table in the folder of the scenario, e.g. area.csv"
        at.value(f"{path}.file", f'"{one.file}" is not a file in the folder of the scenario.', help)
    elif name not in tables.series and scenario.path.is_file() and not _stored(scenario.path):
        _absent(at, scenario.path.parent, evidence, name, one)
    converted = _factor(at, evidence, name, one)
    kind = measure(at, known, f"{path}.measure", one.measure)
    if kind is None:
        return
    per_day = "/day" if one.as_ == "daily" and kind.kind == "total" else ""
    unit = plain_unit(kind.unit) + per_day
    written = one.unit or unit
    try:
        bare = units.same_kind(written, per_day)
        fits = units.same_kind(written, unit) or (converted and bare)
    except Wrong as e:
        at.value(f"{path}.unit", e.message, e.help)
        return
    if not fits:
        help = f"Write {unit or 'no unit'}" + (f", or 1{per_day} if the factor makes another thing of it." if converted else ".")
        at.value(f"{path}.unit", f'"{one.unit}" does not fit "{one.measure}", which is in {kind.unit}.', help)
    if one.as_ in ("total", "level") and kind.kind != one.as_:
        at.value(f"{path}.as", f'"{one.measure}" is a {kind.kind}.', f"Write as: {kind.kind}, or change or daily.")
    scale = written if one.form == "linear" and written != "1" else ""
    if not units.same_kind(one.error.unit, scale):
        what = f'the error "{one.error.text}" is not {"in " + scale if scale else "a pure number"}; the form is {one.form}.'
        at.value(f"{path}.error", what, f"Write e.g. error: {'60 ' + scale if scale else '0.2'}")


def _absent(at: Places, beside: Path, evidence: Evidence, name: str, one: Series) -> None:
    """Say that a table is missing; of one that may be, also where it was looked for and what it would hold."""
    path = f"evidence.series.{name}.file"
    if not one.optional:
        there = ", ".join(sorted(p.name for p in beside.glob("*.csv"))[:10]) or "none"
        at.value(path, f'there is no file "{one.file}".', f"Tables beside the scenario: {there}.")
        return
    folder = os.environ.get(DATA)
    elsewhere = f"in {folder} (named by {DATA})" if folder else f"in a folder named by {DATA} (which is not set)"
    what = f'there is no file "{one.file}" beside the scenario or {elsewhere}, so this series is left out.'
    who = evidence.families[one.family].name if one.family in evidence.families else one.family
    says = {"total": "total", "change": "change", "daily": "mean a day", "level": "level"}[one.as_]
    when = "at the end of" if one.as_ in ("total", "level") else "in"
    unit = f" in {one.unit}" if one.unit not in ("", "1") else ""
    stands = "what stands for " if one.factor or one.same_factor_as else ""
    holds = f'It holds month,value: {stands}the {says} of "{one.measure}" {when} each month{unit}, as counted by {who}.'
    at.value(path, what, holds, "warning")


def _factor(at: Places, evidence: Evidence, name: str, one: Series) -> bool:
    """Whether a series has a factor, its own or that of another; what is wrong with it is noted."""
    path = f"evidence.series.{name}"
    if one.factor is not None and one.factor.median <= 0:
        at.value(f"{path}.factor", f'the factor "{one.factor.text}" makes nothing of the measure.', "Write a number above zero.")
    if one.same_factor_as is None:
        return one.factor is not None
    if one.factor is not None:
        at.key(f"{path}.same_factor_as", f'"{name}" has a factor of its own, and that of "{one.same_factor_as}".', "Keep one.")
    elif one.same_factor_as in evidence.series and evidence.series[one.same_factor_as].factor is None:
        what = f'"{name}" has the factor of "{one.same_factor_as}", which has none of its own.'
        have = ", ".join(k for k, s in evidence.series.items() if s.factor is not None) or "none"
        at.value(f"{path}.same_factor_as", what, f"Give it a factor:, or name a series that has one; there are: {have}.")
    return True
