"""Which days of which measures a scenario's claims, observations and charts need.

A record is a number of completed days: the state before day d is record d, the state after it record d + 1. So the
change "over A to B" is the record after B less the record before A, and both days count whole.
"""

import re
from dataclasses import dataclass

from materiel.scenario import Scenario
from materiel.scenario import measures as all_measures
from materiel.scenario.politics import Assertion

WEEK = 7
QUARTER = 91  # days: thirteen weeks
_DATE = r"(\d{4}-\d{2}(?:-\d{2})?)"


@dataclass(frozen=True)
class Window:
    """A window of a claim: `kind` is change, level, any_quarter or every_quarter; start and end are records."""

    kind: str
    start: int
    end: int


def window(scenario: Scenario, over: str | None, at: str | None) -> Window:
    """The window that a claim or an observation writes. The scenario's check has refused what this cannot read."""
    if at is not None:
        day = 0 if at.strip() == "first day" else scenario.day(at.strip()) + 1
        return Window("level", day, day)
    found = re.fullmatch(rf"\s*(?:(any|every) quarter of\s+)?{_DATE}\s+to\s+{_DATE}\s*", over or "")
    if not found:
        raise ValueError(f'"{over}" is not a window')
    start, end = scenario.day(found[2]), scenario.day(found[3]) + 1
    return Window(f"{found[1]}_quarter" if found[1] else "change", start, end)


def quarters(w: Window) -> list[tuple[int, int]]:
    """The quarters of a window, the first at its start.

    Any quarter: one starts every week. Every quarter: one follows the other, and a rest shorter than a quarter is left out.
    """
    starts = range(w.start, w.end - QUARTER + 1, WEEK if w.kind == "any_quarter" else QUARTER)
    return [(s, s + QUARTER) for s in starts] or [(w.start, w.end)]


def days_of(w: Window) -> list[int]:
    """All records that a window needs."""
    if w.kind.endswith("quarter"):
        return sorted({d for q in quarters(w) for d in q})
    return sorted({w.start, w.end})


def shown_on(scenario: Scenario, assertion: Assertion) -> tuple[str, int]:
    """The course and the record of the sizes that stand with an assertion: pact and the last day unless it says otherwise."""
    return assertion.course or "pact", window(scenario, None, assertion.at).end if assertion.at else scenario.days + 1


def parts(measure: str) -> list[str]:
    """`a[x] + a[y]` -> its terms."""
    return [term.strip() for term in measure.split("+")]


@dataclass(frozen=True)
class Plan:
    """What a run records: `records` (completed days), kept `measures`, and the points it stores."""

    records: tuple[int, ...]
    measures: tuple[str, ...]
    points: tuple[tuple[str, str, int], ...]  # (course, measure, record)


def plan(scenario: Scenario) -> Plan:
    """Weekly records, every record that a claim, an observation or an assertion needs, and the last day."""
    v, last = scenario.vocabulary, scenario.days + 1
    points: set[tuple[str, str, int]] = set()
    delivered = [m for m in all_measures(v) if m.startswith("delivered[")]
    for claim in v.claims.values():
        courses = {*(claim.compare or ()), *([claim.course] if claim.course else []), *claim.beside, *(claim.direct or ())}
        for day in days_of(window(scenario, claim.over, claim.at)):
            points |= {(c, m, day) for c in courses for m in parts(claim.measure)}
        if claim.compare:  # so that what was delivered and the effect of a delivered round can be told apart
            points |= {(c, m, window(scenario, claim.over, claim.at).end) for c in claim.compare for m in delivered}
    for seen in v.known_past.values():
        points |= {
            ("pact" if "pact" in v.courses else next(iter(v.courses)), m, d)
            for d in days_of(window(scenario, seen.over, None))
            for m in parts(seen.measure)
        }
    for assertion in v.assertions.values():
        course, day = shown_on(scenario, assertion)
        points |= {(course, m, day) for shown in assertion.shows for m in parts(shown)}
    measures = {m for _, m, _ in points} | {m for chart in v.charts for m in parts(chart)}
    records = {d for _, _, d in points} | set(range(0, last, WEEK)) | {last}
    return Plan(tuple(sorted(records)), tuple(sorted(measures)), tuple(sorted(points)))
