"""The record of forecasts: scores by speaker and measure, against rules of thumb that knew as much.

Each row is one forecast of one statement. Amounts are scored on the log, changes that may be negative in their unit. What is
said as a sum since the first day is scored as what was added since that speaker's last statement, on the log of 1 plus the
amount, against the trend of the speaker's statements and never against persistence, which a growing sum beats for nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from materiel.evidence import scores
from materiel.evidence.predictions import Item
from materiel.evidence.scores import LEVELS, Coverage, Skill
from materiel.evidence.statements import stands_for
from materiel.scenario.evidence import Evidence

F64 = NDArray[np.float64]

FIRST, MONTHLY = "on the first day", "month by month"


@dataclass(frozen=True)
class Row:
    """One forecast: of an item, made on a day, with values [worlds] by weighed and by prior worlds; `next_month` if it came then.

    A value that is not finite is of a world of the prior that broke, and is left out.
    """

    item: Item
    made: date
    values: F64
    without: F64
    next_month: bool


@dataclass(frozen=True)
class Scored:
    """Scores of the forecasts of one measure by one speaker.

    `crps` is the mean, in `unit`; `pit` the place of what came in each forecast, 0 to 1; `worth` how many independent months the
    forecasts are worth. `skill_without` is against the same worlds before any report. `uniform` is the chance of places at
    least so uneven if the forecasts were right; None for fewer than twenty.
    """

    measure: str
    scored_against: str
    made: str
    n: int
    unit: str
    crps: float
    skill_trend: Skill
    skill_persistence: Skill | None
    skill_without: Skill
    coverage: dict[int, Coverage]
    pit: tuple[float, ...]
    uniform: float | None
    worth: float

    def to_json(self) -> dict[str, Any]:
        """Plain data, coverage keyed by text."""
        return asdict(self) | {"coverage": {str(level): asdict(c) for level, c in self.coverage.items()}}


@dataclass(frozen=True)
class Event:
    """Forecasts of whether something happened: the mean log score, and that of even chances."""

    measure: str
    scored_against: str
    made: str
    n: int
    log_score: float
    even: float
    chances: tuple[float, ...]
    happened: tuple[bool, ...]


def _key(item: Item, evidence: Evidence) -> tuple[str, ...]:
    """What is scored together: one speaker's statements of one measure, counted in one way."""
    series = item.id.partition("/")[0]
    return (item.measure, item.to or "", item.counts, item.unit, item.converts, series if series in evidence.series else "", item.family)


def _measure(item: Item) -> str:
    said = f"{item.measure} / {item.to}" if item.to else item.measure
    return f"{said}, {item.converts.replace('_', ' ')}" if item.converts else said


def _against(item: Item, evidence: Evidence, names: Mapping[str, str]) -> str:
    who = names.get(item.family, item.family)
    return f"measured by {who}" if item.id.partition("/")[0] in evidence.series else f"the next statement of {who}"


def scored(rows: Iterable[Row], history: Sequence[Item], evidence: Evidence, names: Mapping[str, str]) -> list[Scored]:
    """Scores of all amounts: forecasts made on the first day, then those made month by month.

    `history` are all statements of amounts, whenever they were published; a rule of thumb sees those that were published by the day
    on which the forecast was made.
    """
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        if stands_for(row.item) is not None:
            groups.setdefault(_key(row.item, evidence), []).append(row)
    out = []
    first = min((r.made for r in rows), default=None)
    for made in (FIRST, MONTHLY):
        for key, members in sorted(groups.items()):
            some = [r for r in members if (r.made == first if made == FIRST else r.next_month)]
            if some:
                own = [i for i in history if _key(i, evidence) == key]
                out.append(_group(made, some, own, evidence, names))
    return out


def _group(made: str, rows: list[Row], own: list[Item], evidence: Evidence, names: Mapping[str, str]) -> Scored:
    rows = sorted(rows, key=lambda r: (r.item.known, r.item.spans[0][1], r.item.id))
    item, total = rows[0].item, rows[0].item.counts == "total"
    ours: list[float] = []
    bare: list[float] = []
    rivals: dict[str, list[tuple[float, float]]] = {"trend": [], "persistence": []}
    places: list[float] = []
    hits = dict.fromkeys(LEVELS, 0)
    u = np.random.default_rng(len(rows)).random(len(rows))
    for k, row in enumerate(rows):
        past = sorted((i for i in own if i.known <= row.made), key=lambda i: (i.spans[0][1], i.known, i.id))
        last = _value(past[-1]) if past and total else 0.0

        def scale(x: F64 | float, last: float = last) -> F64:
            if total:
                return np.asarray(np.log1p(np.maximum(np.asarray(x) - last, 0.0)), np.float64)
            return np.asarray(x if item.linear else np.log(np.maximum(x, item.smallest)), np.float64)

        y = float(scale(_value(row.item)))
        x, plain = (scale(some[np.isfinite(some)]) for some in (row.values, row.without))
        ours.append(scores.crps(x, y))
        bare.append(scores.crps(plain, y))
        places.append(scores.pit(x, y, float(u[k])))
        for level in LEVELS:
            hits[level] += scores.inside(x, y, level)
        days, values = np.array([i.spans[0][1] for i in past], np.float64), np.array([_value(i) for i in past], np.float64)
        for name, rival in (("trend", scores.trend), ("persistence", scores.persistence)):
            # a sum is drawn on as it is, an amount on its log, so that a rule of thumb forecasts on the scale it is scored on
            shown = values if total or item.linear else np.log(np.maximum(values, item.smallest))
            said = scores.reference(rival, days, shown, row.item.spans[0][1]) if len(past) else None
            if said is not None:
                rivals[name].append((ours[-1], scores.crps(scale(said) if total else said, y)))
    block = len(rows) if made == FIRST else 1  # forecasts of one day share whatever that day did not know
    against = {name: scores.skill([a for a, _ in pairs], [b for _, b in pairs], block) for name, pairs in rivals.items()}
    return Scored(
        measure=_measure(item), scored_against=_against(item, evidence, names), made=made, n=len(rows),
        unit="log of 1 + what was added" if total else item.unit if item.linear else "log", crps=float(np.mean(ours)),
        skill_trend=against["trend"], skill_persistence=None if total else against["persistence"],
        skill_without=scores.skill(ours, bare, block), coverage={level: Coverage(hits[level], len(rows)) for level in LEVELS},
        pit=tuple(places), uniform=scores.uniformity(places), worth=1.0 if made == FIRST else scores.independent(ours),
    )  # fmt: skip


def _value(item: Item) -> float:
    value = stands_for(item)
    if value is None:
        raise ValueError(f"{item.id} states a bound, not an amount")
    return value


def scored_events(rows: Iterable[Row], names: Mapping[str, str]) -> list[Event]:
    """Log scores of events, against even chances; made on the first day and month by month."""
    rows = [r for r in rows if r.item.decides]
    first = min((r.made for r in rows), default=None)
    out = []
    for made in (FIRST, MONTHLY):
        groups: dict[tuple[str, str], list[Row]] = {}
        for r in rows:
            if r.made == first if made == FIRST else r.next_month:
                groups.setdefault((r.item.measure, r.item.family), []).append(r)
        for (measure, family), some in sorted(groups.items()):
            chances, came = [float(np.nanmean(r.values)) for r in some], [r.item.form == "yes" for r in some]
            score = float(np.mean([scores.log_score(p, y) for p, y in zip(chances, came, strict=True)]))
            who = f"the next statement of {names.get(family, family)}"
            out.append(Event(measure, who, made, len(some), score, float(np.log(2.0)), tuple(chances), tuple(came)))
    return out
