"""The record of past forecasts: hindcasts and retrodictions, as they were stored, in one table."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from materiel.evidence.scores import LEVELS, Coverage, Skill
from materiel.views import names, words
from materiel.views.language import mark, numeral, tr, trn
from materiel.worlds.store import RunError

if TYPE_CHECKING:
    from materiel.scenario.vocabulary import Vocabulary

MADE = {
    "hindcast": mark("Hindcast from {a} to {b}, with ranges made by rule from what was published by the first day"),
    "retrodiction": mark("Retrodiction from {a} to {b}, with ranges set by people who know how it went"),
}


HEAD = (
    mark("What was forecast"),
    mark("Scored against"),
    mark("Made"),
    "n",
    "CRPS",
    mark("Skill against trend"),
    mark("Skill against persistence"),
    *(f"{level} % band held" for level in LEVELS),
)


def head() -> tuple[str, ...]:
    """HEAD in the language of the moment."""
    return (*map(tr, HEAD[: -len(LEVELS)]), *(tr("{level} % band held", level=level) for level in LEVELS))


@dataclass(frozen=True)
class Series:
    """Scores of the forecasts of one measure against one speaker; `crps` is the mean, in `unit`."""

    measure: str
    scored_against: str
    made: str
    n: int
    crps: float
    unit: str
    skill_trend: Skill | None
    skill_persistence: Skill | None
    coverage: dict[str, Coverage]


@dataclass(frozen=True)
class Event:
    """Log score of forecasts of whether something happened, and that of even chances."""

    measure: str
    scored_against: str
    made: str
    n: int
    log_score: float
    even: float


@dataclass(frozen=True)
class Record:
    """A hindcast or a retrodiction, and its scores.

    `later` counts what is later than its first day, `broken` the worlds in which some value is not finite; `absent` names series
    whose tables were not there, and `stopped` says why it ended early.
    """

    as_of: date
    until: date
    priors: str
    kind: str
    series: tuple[Series, ...]
    events: tuple[Event, ...] = ()
    later: int = 0
    broken: int = 0
    absent: tuple[str, ...] = ()
    stopped: str = ""


def record(data: Mapping[str, Any]) -> Record:
    """One record from plain data. Raises ValueError where something is missing or of another kind."""
    return TypeAdapter(Record).validate_python(dict(data))


def found(folder: Path, title: str) -> list[dict[str, Any]]:
    """All records of a scenario, by its title, in the order of their files. Raises RunError for a file that cannot be read."""
    out = []
    for path in sorted(folder.glob("*.json")):
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data.get("scenario") != title:
                continue
            record(data)
        except (OSError, ValueError, AttributeError) as error:
            why = f"{len(error.errors())} fields are wrong" if isinstance(error, ValidationError) else str(error)
            raise RunError(f"{path} is no record of a hindcast ({why}): make it again, or take the file away.") from error
        out.append(data)
    return out


def table(v: "Vocabulary", records: Iterable[Mapping[str, Any]]) -> list[tuple[str, list[tuple[str, ...]]]]:
    """For each record what it is, and its rows; a forecast by people who know how it went is never called a hindcast."""
    return [(_head(r), [*(_series(v, s) for s in r.series), *(_event(v, e) for e in r.events)]) for r in map(record, records)]


def kind(r: Record) -> str:
    """A forecast by people who know how it went is never called a hindcast."""
    return "hindcast" if (r.kind, r.priors) == ("hindcast", "rule") else "retrodiction"


def _head(r: Record) -> str:
    text = tr(MADE[kind(r)], a=words.day(r.as_of), b=words.day(r.until))
    if r.later:
        text += "; " + tr("{n} numbers, sources, events or courses are later than that day and were taken as assumed", n=r.later)
    if r.absent:
        absent = ", ".join(names.spoken(a) for a in r.absent)
        text += "; " + tr("without the series {series}, whose tables were not there", series=absent)
    if r.broken:
        left_out = trn(
            "{n} world in which some value is not finite left out",
            "{n} worlds in which some value is not finite left out",
            r.broken,
            n=r.broken,
        )
        text += f"; {left_out}"
    return f"{text}; {_stopped(r.stopped)}" if r.stopped else text


def _stopped(why: str) -> str:
    """Why a record ended early; an error keeps its own words."""
    few = r"stopped at (?P<day>[\d-]+): the worlds left are worth (?P<n>\d+) independent ones, and (?P<least>\d+) are needed"
    if found := re.fullmatch(few, why):
        return tr("stopped at {day}: the worlds left are worth {n} independent ones, and {least} are needed", **found.groupdict())
    return why


def named(v: "Vocabulary", text: str) -> str:
    """A measure, or one over another, in the scenario's names; what turns it into what was counted stands behind a comma."""
    measure, comma, rest = text.partition(", ")
    return f"{names.measures(v, measure, ' / ')}{comma}{rest}"


def _series(v: "Vocabulary", s: Series) -> tuple[str, ...]:
    held = (coverage(s.coverage[str(level)]) if str(level) in s.coverage else "—" for level in LEVELS)
    told = (score(s.crps, s.unit), skill(s.skill_trend), skill(s.skill_persistence))
    return (named(v, s.measure), s.scored_against, tr(s.made), str(s.n), *told, *held)


def _event(v: "Vocabulary", e: Event) -> tuple[str, ...]:
    told = tr("log score {score} (even chances {even})", score=words.number(e.log_score), even=words.number(e.even))
    return (named(v, e.measure), e.scored_against, tr(e.made), str(e.n), told, *("—" for _ in HEAD[5:]))


def score(crps: float, unit: str) -> str:
    """A mean score with its unit; on a log also as a factor, which can be read."""
    if unit.startswith("log"):
        return tr("{x} ({unit}; a factor of {factor})", x=words.number(crps), unit=unit, factor=words.number(math.exp(crps)))
    return words.amount(crps, unit.replace("km^2", "km2"))


def skill(s: Skill | None) -> str:
    """`0.21 (−0.05 to 0.43), too few to tell`; a dash where nothing was compared."""
    if s is None:
        return "—"
    if s.value is None:
        return tr("nothing to compare with")
    value = numeral(f"{s.value:.2f}").replace("-", words.MINUS)
    if s.low is not None and s.high is not None:
        low, high = (numeral(f"{x:.2f}").replace("-", words.MINUS) for x in (s.low, s.high))
        value = tr("{mid} ({low} to {high})", mid=value, low=low, high=high)
    return f"{value}, {tr(s.verdict)}"


VERDICTS = (mark("too few to tell"), mark("better"), mark("worse"))


def coverage(c: Coverage) -> str:
    """`13 of 15; 60-98 %`"""
    if c.n == 0:
        return tr("none yet")
    low, high = c.interval
    return tr("{hits} of {n}; {low}-{high} %", hits=c.hits, n=c.n, low=f"{100 * low:.0f}", high=f"{100 * high:.0f}")
