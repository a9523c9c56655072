"""The record of past forecasts: hindcasts and retrodictions, as they were stored, in one table."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from materiel.evidence.scores import LEVELS, Coverage, Skill
from materiel.views import names, words
from materiel.worlds.store import RunError

if TYPE_CHECKING:
    from materiel.scenario.vocabulary import Vocabulary

HEAD = (
    "What was forecast",
    "Scored against",
    "Made",
    "n",
    "CRPS",
    "Skill against trend",
    "Skill against persistence",
    *(f"{level} % band held" for level in LEVELS),
)
MADE = {
    "hindcast": "Hindcast from {a} to {b}, with ranges made by rule from what was published by the first day",
    "retrodiction": "Retrodiction from {a} to {b}, with ranges set by people who know how it went",
}


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
    text = MADE[kind(r)].format(a=words.day(r.as_of), b=words.day(r.until))
    if r.later:
        text += f"; {r.later} numbers, sources, events or courses are later than that day and were taken as assumed"
    if r.absent:
        text += f"; without the series {', '.join(names.spoken(a) for a in r.absent)}, whose tables were not there"
    if r.broken:
        text += f"; {r.broken} world{'s' if r.broken != 1 else ''} in which some value is not finite left out"
    return f"{text}; {r.stopped}" if r.stopped else text


def named(v: "Vocabulary", text: str) -> str:
    """A measure, or one over another, in the scenario's names; what turns it into what was counted stands behind a comma."""
    measure, comma, rest = text.partition(", ")
    return f"{names.measures(v, measure, ' / ')}{comma}{rest}"


def _series(v: "Vocabulary", s: Series) -> tuple[str, ...]:
    held = (str(s.coverage[str(level)]) if str(level) in s.coverage else "—" for level in LEVELS)
    told = (score(s.crps, s.unit), skill(s.skill_trend), skill(s.skill_persistence))
    return (named(v, s.measure), s.scored_against, s.made, str(s.n), *told, *held)


def _event(v: "Vocabulary", e: Event) -> tuple[str, ...]:
    told = f"log score {words.number(e.log_score)} (even chances {words.number(e.even)})"
    return (named(v, e.measure), e.scored_against, e.made, str(e.n), told, *("—" for _ in HEAD[5:]))


def score(crps: float, unit: str) -> str:
    """A mean score with its unit; on a log also as a factor, which can be read."""
    if unit.startswith("log"):
        return f"{words.number(crps)} ({unit}; a factor of {words.number(math.exp(crps))})"
    return words.amount(crps, unit.replace("km^2", "km2"))


def skill(s: Skill | None) -> str:
    """`0.21 (−0.05 to 0.43), too few to tell`; a dash where nothing was compared."""
    return str(s).replace("-", words.MINUS) if s is not None else "—"
