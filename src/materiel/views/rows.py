"""The text under examination, assertion by assertion: what answers each, as the brief prints it."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from materiel.views import names, words
from materiel.views.cards import Card
from materiel.views.language import SOURCE, mark, speaking, tr
from materiel.views.retold import dated

if TYPE_CHECKING:
    from materiel.claims import Shown, Verdicts
    from materiel.scenario import Scenario

FINDINGS = {
    "agrees": mark("the record agrees"),
    "disagrees": mark("the record disagrees"),
    "disputed": mark("the record is disputed"),
    "not found": mark("not found in the record"),
}
NO_NUMBER = ("history", "background", "opinion")
# What an assertion is, as the notation calls it: with what force it is said, and of which kind it is.
FORCE_WORDS = (mark("is"), mark("would"), mark("would if"), mark("could"), mark("expected"), mark("motive"), mark("rhetorical"))
KINDS = (mark("modelled"), mark("recorded"), mark("history"), mark("background"), mark("opinion"))


@dataclass(frozen=True)
class Reference:
    """A dated fact or a publication; `url` empty where there is none."""

    text: str
    url: str


@dataclass(frozen=True)
class Row:
    """One assertion. `anchor` is not its id: the id stands in the page once, where a reader looks for it."""

    id: str
    anchor: str
    says: str
    voice: str
    force: str
    kinds: str
    finding: str
    record: str
    references: tuple[Reference, ...]
    reason: str
    note: str
    shows: tuple[tuple[str, str], ...]
    cards: tuple[Card, ...]


def rows(scenario: "Scenario", verdicts: "Verdicts", cards: list[Card]) -> tuple[list[Row], list[Card]]:
    """A row for each assertion in the order of the scenario, and the cards of claims that answer none of them."""
    v = scenario.vocabulary
    by_id = {c.id: c for c in cards}
    made = []
    for a in verdicts.assertions:
        facts = [Reference(f"{words.day(scenario.date(v.events[e].on.median))}: {v.events[e].says}", "") for e in a.events]
        made.append(
            Row(
                id=a.id,
                anchor=f"row-{a.id.lower()}",
                says=a.says,
                voice=a.voice,
                force=a.force,
                kinds=names.both([tr(kind) for kind in a.kinds]),
                finding=tr(FINDINGS.get(a.finding or "", "")),
                record=as_written(a.record or ""),
                references=(*facts, *(_published(scenario, s) for s in a.sources)),
                reason=a.reason or "",
                note=a.note or "",
                shows=tuple((_named(scenario, s.measure), _sized(s)) for s in a.shows),
                cards=tuple(by_id[c] for c in a.claims),
            )
        )
    answered = {c.id for row in made for c in row.cards}
    return made, [c for c in cards if c.id not in answered]


def counts(made: list[Row]) -> list[tuple[int, str]]:
    """How many assertions the engine answers, the record answers, and nobody can answer with a number."""
    engine = sum(bool(r.cards or r.shows) for r in made)
    record = sum(bool(r.finding) and not (r.cards or r.shows) for r in made)
    rest = len(made) - engine - record
    both = sum(bool(r.finding) and bool(r.cards or r.shows) for r in made)
    worlds = tr("answered by the simulated worlds")
    if both:
        worlds = tr("answered by the simulated worlds, {n} of them also by the record", n=both)
    return [(engine, worlds), (record, tr("answered by the dated record alone")), (rest, tr("without a number, and why"))]


def as_written(text: str) -> str:
    """A text in the language of the author, its dates as people write them there."""
    with speaking(SOURCE):
        return dated(text)


def _published(scenario: "Scenario", key: str) -> Reference:
    source = scenario.vocabulary.sources[key]
    url = source.url if source.url and re.match(r"https?://", source.url) else ""
    speaker = f"{source.speaker}, " if source.speaker else ""
    return Reference(f"{source.title} ({speaker}{dated(source.published)})", url)


def _named(scenario: "Scenario", measure: str) -> str:
    named = names.measure(scenario.vocabulary, measure)
    return f"{named.title}: {named.of}" if named.of else named.title


def _sized(s: "Shown") -> str:
    size = words.ranged(words.amount(s.median, s.unit), words.interval(s.p5, s.p95, s.unit))
    return f"{size}, {names.spoken(s.course)}, {dated(s.day)}"
