"""How far to trust the worlds: who spoke, of which claim, what hangs on whom, and how each report was foreseen.

One weighing, or two side by side: with the reports of the as-of date, and with those to a later day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from materiel.views import cards, names, reports, words
from materiel.views.figures import Figure, spoke
from materiel.views.frame import Frame
from materiel.views.language import tr

if TYPE_CHECKING:
    from materiel.claims import Verdict, Verdicts
    from materiel.evidence.weighed import Check, Weighing
    from materiel.scenario import Scenario

SILENCE = "nothing"  # what a silence says; it is weighed, but it is no report


class Claim(NamedTuple):
    """A claim by its id and its words, for a link to its card."""

    id: str
    says: str


class Heard(NamedTuple):
    """Claims of which the same families speak: who does, by column, and who said nothing in the last of them."""

    claims: tuple[Claim, ...]
    spoke: tuple[str, ...]
    silent: str


class Without(NamedTuple):
    """A verdict without each family in turn, by column: the number, and whether it is five points or more from that of all."""

    claim: Claim
    cells: tuple[tuple[str, bool], ...]


class Foreseen(NamedTuple):
    """One report: its id and line, who said what, what was foreseen of it before and with the reports, and its place there."""

    id: str
    family: str
    said: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Weighed:
    """What stands behind one weighing. `told` are the families that verdicts can be given without, `without` what is said of them."""

    which: str
    aside: str
    silent: str
    figure: Figure
    told: tuple[str, ...]
    without: str
    foreseen: str
    worth: str


@dataclass(frozen=True)
class Trust:
    """The section on trust, but for hindcasts and the known past; `checks` are by what the reports speak of."""

    weighed: tuple[Weighed, ...]
    heard: tuple[Heard, ...]
    unheard: tuple[Claim, ...]
    unheard_says: str
    without: tuple[Without, ...]
    checks: tuple[tuple[str, tuple[Foreseen, ...]], ...]


def trust(scenario: "Scenario", columns: Sequence["Verdicts"], frame: Frame) -> Trust:
    """Everything of the section, from the verdicts of each weighing; those that no report weighs have nothing to say here."""
    some = [(v, v.weighing) for v in columns if v.weighing is not None]
    known = speakers(scenario, [w for _, w in some])
    told = [_told(v.claims) for v, _ in some]
    heard, unheard = _heard([v for v, _ in some], known)
    return Trust(
        weighed=tuple(
            _weighed(scenario, v, w, frame, known, families, key) for key, ((v, w), families) in enumerate(zip(some, told, strict=True))
        ),
        heard=heard,
        unheard=unheard,
        unheard_says=reports.unheard(len(unheard), bool(heard)),
        without=tuple(_without([v for v, _ in some], told)),
        checks=tuple(_checks(scenario, [w for _, w in some], known)),
    )


def speakers(scenario: "Scenario", weighings: Iterable["Weighing"]) -> dict[str, str]:
    """Names of all families, heard or not."""
    return {s.family: s.name for w in weighings for s in w.spoke} | names.families(scenario.vocabulary)


def _weighed(
    scenario: "Scenario", verdicts: "Verdicts", w: "Weighing", frame: Frame, speakers: Mapping[str, str], told: Sequence[str], key: int
) -> Weighed:
    spoken = [c for c in w.checks if c.says != SILENCE]
    by_family = {f: [c.origin for c in spoken if c.family == f] for f in speakers if f not in w.without}
    day = date.fromisoformat(w.to)
    origins = len({c.origin for c in spoken})
    said = tr("{reports} reports of {origins} origins by {day}", reports=len(spoken), origins=origins, day=words.day(day))
    of = Frame(frame.as_of, frame.scenario, frame.version, said, w.of, w.particles)
    heard = sorted(
        ((speakers[f], len(origins), len(set(origins))) for f, origins in by_family.items() if origins), key=lambda r: (-r[1], r[0])
    )
    amounts = [c.weighed_place for c in w.checks if c.weighed_place is not None]
    judged = [v for v in verdicts.claims if v.probability is not None and v.basis != "built in"]
    every = dict.fromkeys(f for v in verdicts.claims if v.learnt for f in v.learnt.without)
    return Weighed(
        which=cards.which(scenario, verdicts),
        aside=reports.aside(w.reports, w.plans, w.aside),
        silent=reports.silent([f for f, origins in by_family.items() if origins] + list(w.without), speakers),
        figure=spoke(f"spoke-{key}", day, heard, of),
        told=tuple(speakers.get(f, f) for f in told),
        without=reports.one_less(len(told), [speakers.get(f, f) for f in every if f not in told], sum(map(_moves, judged)), len(judged)),
        foreseen=reports.foreseen(sum(not 0.05 <= p <= 0.95 for p in amounts), len(amounts)),
        worth=reports.worth(w.effective, w.particles, w.batches, w.road, w.plain_effective, w.k_hat),
    )


def _told(claims: Iterable["Verdict"]) -> tuple[str, ...]:
    """The families that some verdict can be given without."""
    return tuple(dict.fromkeys(f for v in claims if v.learnt for f, p in v.learnt.without.items() if p is not None))


def _heard(columns: Sequence["Verdicts"], speakers: Mapping[str, str]) -> tuple[tuple[Heard, ...], tuple[Claim, ...]]:
    """Claims by who speaks of their measure, and those of which no report speaks in any column."""
    groups: dict[tuple[tuple[tuple[str, int], ...], ...], list[Claim]] = {}
    for one in zip(*(v.claims for v in columns), strict=True):
        if not any(v.learnt for v in one):
            continue  # without a probability nobody asked who speaks of it
        origins = tuple(tuple(sorted(v.learnt.origins.items())) if v.learnt else () for v in one)
        groups.setdefault(origins, []).append(Claim(one[0].id, one[0].says))
    heard = [
        Heard(
            tuple(claims),
            tuple(reports.spoke(dict(o), speakers) for o in origins),
            reports.silent([f for f, _ in origins[-1]], speakers),
        )
        for origins, claims in groups.items()
        if any(origins)
    ]
    unheard = [c for origins, claims in groups.items() if not any(origins) for c in claims]
    return tuple(heard), tuple(unheard)


def _moves(verdict: "Verdict") -> bool:
    """Whether some family moves the verdict when it is left out."""
    return any(_far(p, verdict.probability) for p in verdict.learnt.without.values()) if verdict.learnt else False


def _far(p: float | None, now: float | None) -> bool:
    return p is not None and now is not None and abs(p - now) >= reports.STEP - 1e-9


def _without(columns: Sequence["Verdicts"], told: Sequence[Sequence[str]]) -> Iterable[Without]:
    """The verdicts that some family moves in some column, without each family in turn. What is built in has only a size."""
    for one in zip(*(v.claims for v in columns), strict=True):
        if one[0].basis == "built in" or not any(map(_moves, one)):
            continue
        cells: list[tuple[str, bool]] = []
        for v, families in zip(one, told, strict=True):
            left = [v.learnt.without.get(f) if v.learnt else None for f in families]
            cells += [(_short(v.probability), False), *((_short(p, tr("cannot be told")), _far(p, v.probability)) for p in left)]
        yield Without(Claim(one[0].id, one[0].says), tuple(cells))


def _short(p: float | None, missing: str = "—") -> str:
    """A probability in a table whose head says what it is."""
    return words.bare_of_100(p) if p is not None else missing


def _checks(
    scenario: "Scenario", weighings: Sequence["Weighing"], speakers: Mapping[str, str]
) -> Iterable[tuple[str, tuple[Foreseen, ...]]]:
    """Each report that was weighed in some column, by the measure that it speaks of."""
    by_id: list[dict[str, Check]] = [{c.id: c for c in w.checks} for w in weighings]
    first: dict[str, Check] = {}
    for known in by_id:
        first = known | first
    groups: dict[str, list[Foreseen]] = {}
    for key, c in first.items():
        unit = c.unit.replace("km^2", "km2")
        cells = [reports.forecast(c.prior, unit)]
        for known in by_id:
            here = known.get(key)
            cells += [reports.forecast(here.weighed, unit), reports.place(here.weighed_place)] if here else ["—", "—"]
        row = Foreseen(f"{c.id}:{c.line}", speakers.get(c.family, c.family), reports.said(c.says, unit), tuple(cells))
        groups.setdefault(names.measures(scenario.vocabulary, c.measure, " : "), []).append(row)
    return [(name, tuple(rows)) for name, rows in groups.items()]
