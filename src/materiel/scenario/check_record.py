"""Events and assertions: is each a fact of its day, or answered in some way?"""

from __future__ import annotations

from datetime import date

from materiel.scenario.check_claims import inside, measure
from materiel.scenario.check_flows import earliest, latest
from materiel.scenario.check_patrons import one_of
from materiel.scenario.dates import read_date
from materiel.scenario.errors import Wrong, nearest
from materiel.scenario.measures import measures
from materiel.scenario.places import Places
from materiel.scenario.politics import Assertion
from materiel.scenario.scenario import Scenario
from materiel.scenario.text import Node, Page
from materiel.scenario.wording import one_day

KINDS = ("modelled", "recorded", "history", "background", "opinion")


def check(page: Page, root: Node, scenario: Scenario) -> None:
    """Every check of this file."""
    at = Places(page, root)
    _events(at, scenario)
    known, v = measures(scenario.vocabulary), scenario.vocabulary
    for name, assertion in v.assertions.items():
        _assertion(at, scenario, name, assertion)
        for i, shown in enumerate(assertion.shows):
            measure(at, known, f"assertions.{name}.shows.{i}", shown)
    for name, claim in v.claims.items():
        if claim.asserts is not None and v.assertions and claim.asserts not in v.assertions:
            what = f'claim "{name}" answers assertion "{claim.asserts}", which is not defined.'
            at.value(f"claims.{name}.asserts", what, one_of(claim.asserts, list(v.assertions)[:12], "Defined"))


def _events(at: Places, scenario: Scenario) -> None:
    v = scenario.vocabulary
    patrons = [f"{d}.{p}" for d, tie in v.dependence.items() for p in tie.patrons]
    for name, event in v.events.items():
        path = f"events.{name}"
        if latest(event.on) > (scenario.as_of - scenario.begins).days:
            what = f'event "{name}" is of {event.on.text}, after the as-of date {scenario.as_of}.'
            at.value(f"{path}.on", what, "An event is a fact of the record: move as_of, or let a course or a number say what may come.")
        elif event.source in v.sources:
            published = _read(v.sources[event.source].published)
            if published is not None and (published - scenario.begins).days + 1 < earliest(event.on):  # a day of grace for time zones
                what = f'event "{name}" is of {event.on.text}, after its source was published ({published}).'
                at.value(f"{path}.on", what, "Name a source that reports it, or mend the date.")
        if event.source in (None, "assumed"):
            at.key(path, f'event "{name}" has no source; nobody would know that it happened.', "Add source: an id under sources.")
        if (event.aligns is None) != (event.jump is None):
            has, lacks = ("aligns", "jump") if event.aligns else ("jump", "aligns")
            eg = "jump: 0.1 to 0.3" if lacks == "jump" else f"aligns: {next(iter(patrons), 'dependence.patron')}"
            at.key(f"{path}.{has}", f'event "{name}" has "{has}" but no "{lacks}".', f"Add {eg}, or delete {has}.")
        if event.aligns is not None and event.aligns not in patrons:
            what = f'event "{name}" aligns with "{event.aligns}", which is no patron.'
            at.value(f"{path}.aligns", what, one_of(event.aligns, patrons, "Patrons as dependence.patron"))


def _read(text: str) -> date | None:
    try:
        return read_date(text)
    except Wrong:
        return None  # noted already


def _assertion(at: Places, scenario: Scenario, name: str, assertion: Assertion) -> None:
    path, v = f"assertions.{name}", scenario.vocabulary
    if not assertion.kind:
        at.key(f"{path}.kind", f'assertion "{name}" has no kind.', f"Kinds: {', '.join(KINDS)}.")
    for i, kind in enumerate(assertion.kind):
        if kind not in KINDS:
            near = nearest(kind, KINDS)
            help = (f'Did you mean "{near}"? ' if near else "") + f"Kinds: {', '.join(KINDS)}."
            at.value(f"{path}.kind.{i}", f'"{kind}" is not a kind of assertion.', help)
    if "modelled" in assertion.kind and not assertion.shows and all(c.asserts != name for c in v.claims.values()):
        what = f'assertion "{name}" is modelled, but no claim asserts it and it shows no measure.'
        at.key(path, what, f"Add asserts: {name} to a claim, or shows: [a measure], or give another kind and a reason.")
    if "recorded" in assertion.kind:
        lacks = [field for field in ("finding", "record") if getattr(assertion, field) is None]
        lacks += [] if assertion.events or assertion.sources else ["events or sources"]
        if lacks:
            what = f'assertion "{name}" is recorded, but has no {" and no ".join(lacks)}.'
            at.key(path, what, "Write finding: agrees, disagrees, disputed or not found; record: what it shows; events: or sources: where.")
    if {"history", "background", "opinion"} & set(assertion.kind) and assertion.reason is None:
        kind = next(k for k in assertion.kind if k in KINDS[2:])
        at.key(path, f'assertion "{name}" is {kind}, but has no "reason".', "Say why there is no number: reason: a few words")
    if assertion.at is not None:
        try:
            inside(at, scenario, f"{path}.at", f'assertion "{name}"', one_day(assertion.at, scenario.begins))
        except Wrong as e:
            at.value(f"{path}.at", e.message, e.help)
