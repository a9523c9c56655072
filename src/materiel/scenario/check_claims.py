"""Claims, observations, charts and levers: can each be decided, drawn or moved?"""

from __future__ import annotations

import re

from materiel.scenario import units
from materiel.scenario.errors import Wrong, nearest
from materiel.scenario.measures import CATALOGUE, MeasureKind, measures
from materiel.scenario.places import Places
from materiel.scenario.scenario import Scenario
from materiel.scenario.text import Node, Page
from materiel.scenario.vocabulary import Claim
from materiel.scenario.wording import Window, one_day, plain_unit, span, terms, test

DOCS = "see docs on claims."


def check(page: Page, root: Node, scenario: Scenario) -> None:
    """Every check of this file."""
    at = Places(page, root)
    known = measures(scenario.vocabulary)
    for name, claim in scenario.vocabulary.claims.items():
        _claim(at, scenario, known, name, claim)
    _known_past(at, scenario, known)
    for i, chart in enumerate(scenario.vocabulary.charts):
        measure(at, known, f"charts.{i}", chart)
    _levers(at, scenario)
    for name in scenario.vocabulary.chart_courses:
        if name != "pact" and "chart_courses" not in root.items and name not in scenario.vocabulary.courses:
            kept = list(scenario.vocabulary.courses)[:2]
            what = f'charts show the courses pact and no_pact unless chart_courses says otherwise; there is no course "{name}".'
            at.key("courses", what, f"Add the course, or chart_courses: [{', '.join(kept)}]")


def measure(at: Places, known: dict[str, MeasureKind], path: str, written: str) -> MeasureKind | None:
    """The unit and kind of a sum of measures, or None after a problem."""
    kinds = []
    for term in terms(written):
        if term in known:
            kinds.append(known[term])
            continue
        near = nearest(term, known)
        family = term.partition("[")[0]
        inside = [k for k in known if k.partition("[")[0] == family][:6]
        if family in CATALOGUE and inside:
            help = (f'Did you mean "{near}"? ' if near else "") + f"Of {family} there are: {', '.join(inside)}."
            what = f'no stock, flow or part of the front has the measure "{term}".'
        elif family in CATALOGUE:
            what, help = f'"{term}" is not in this scenario: nothing in it has {family}.', "Add the thing, or name another measure."
        else:
            word = nearest(family, CATALOGUE)
            help = f'Did you mean "{near or word}"?' if near or word else "Measures: " + ", ".join(CATALOGUE) + "."
            what = f'"{term}" is not a measure.'
        at.value(path, what, help)
        return None
    if len({(k.unit, k.kind) for k in kinds}) > 1:
        at.value(path, f'"{written}" adds measures of different units.', "Add only measures of one family.")
        return None
    return kinds[0]


def inside(at: Places, scenario: Scenario, path: str, owner: str, window: Window) -> None:
    """A window or a day that lies outside the run is a problem."""
    for day, word in ((window.first, "starts"), (window.last, "ends")):
        if day is None:
            continue
        if day < scenario.begins:
            at.value(path, f"{owner} {word} on {day}, before the scenario begins ({scenario.begins}).", "Move it inside the run.")
            return
        if day > scenario.ends:
            at.value(path, f"{owner} {word} on {day}, after the scenario ends ({scenario.ends}).", 'Move it, or lengthen "ends".')
            return


def _claim(at: Places, scenario: Scenario, known: dict[str, MeasureKind], name: str, claim: Claim) -> None:
    path = f"claims.{name}"
    kind = measure(at, known, f"{path}.measure", claim.measure)
    if claim.over is None and claim.at is None:
        at.key(path, f'claim "{name}" has no window.', f"Add over: DATE to DATE, or at: DATE; {DOCS}")
    elif claim.over is not None and claim.at is not None:
        at.key(f"{path}.at", f'claim "{name}" has both over and at.', "Keep over for a change, at for a level.")
    else:
        field = "over" if claim.over is not None else "at"
        try:
            window = span(claim.over) if claim.over is not None else one_day(claim.at or "", scenario.begins)
            inside(at, scenario, f"{path}.{field}", f'claim "{name}"', window)
        except Wrong as e:
            at.value(f"{path}.{field}", e.message, e.help)
    if claim.compare is None and claim.course is None:
        at.key(path, f'claim "{name}" names no course.', f"Add course: pact, or compare: [pact, no_pact]; {DOCS}")
    if claim.compare is not None and claim.compare[0] == claim.compare[1]:
        at.value(f"{path}.compare", f'claim "{name}" compares "{claim.compare[0]}" with itself.', "Name two courses.")
    _threshold(at, path, name, claim, kind)
    _condition(at, scenario, path, name, claim)
    if claim.direct is not None and claim.compare is None:
        what = f'claim "{name}" has direct: and nothing to set it beside.'
        at.key(f"{path}.direct", what, "Add compare: with the two courses of the total effect.")
    elif claim.direct is not None and claim.direct[0] == claim.direct[1]:
        at.value(f"{path}.direct", f'claim "{name}" compares "{claim.direct[0]}" with itself.', "Name two courses.")
    if claim.base_rate is not None and not re.search(r"\d", claim.base_rate):
        what = f'claim "{name}" has a base rate without a number.'
        at.value(f"{path}.base_rate", what, "Write how often, in how long, and who counted; or delete it: none found is printed.")


def _condition(at: Places, scenario: Scenario, path: str, name: str, claim: Claim) -> None:
    """`given` is printed beside, for a condition that a course imposes; `among` counts only the worlds that have it."""
    if claim.force == "would if" and claim.given is None and claim.among is None:
        at.value(
            f"{path}.force",
            f'claim "{name}" is conditional, but has no "given".',
            "Add given: and the id of the claim that measures the condition; or among: if only worlds that have it shall count.",
        )
    if claim.given is not None and claim.among is not None:
        what = f'claim "{name}" has both given and among.'
        at.key(f"{path}.among", what, "Keep given where the courses impose the condition, among where only worlds that have it count.")
    for field, other in (("given", claim.given), ("among", claim.among)):
        if other == name:
            at.value(f"{path}.{field}", f'claim "{name}" depends on itself.', "Name another claim.")
        elif other in scenario.vocabulary.claims and scenario.vocabulary.claims[other].among is not None:
            what = f'claim "{name}" depends on "{other}", which itself is judged only among some worlds.'
            at.value(f"{path}.{field}", what, "Name a claim that is judged in every world.")


def _threshold(at: Places, path: str, name: str, claim: Claim, kind: MeasureKind | None) -> None:
    here = f"{path}.holds_if"
    try:
        rule = test(claim.holds_if)
    except Wrong as e:
        at.value(here, f'claim "{name}" has no threshold: {e.message}', e.help)
        return
    if rule.ratio:
        _times(at, path, name, claim, kind)
        return
    if claim.compare is not None and claim.course is None and rule.direction in ("above", "below"):
        at.value(
            here,
            f'claim "{name}" compares two courses, but its test is of a level.',
            f"Write {'higher' if rule.direction == 'above' else 'lower'} by ..., or add course: with the one that is judged.",
        )
    elif claim.compare is None and claim.at is not None and rule.direction.endswith("by"):
        help = f"Write {'above' if rule.direction == 'higher by' else 'below'} ..., or add compare: [pact, no_pact]"
        at.value(here, f'claim "{name}" says {rule.direction}, but there is nothing to compare with.', help)
    if kind is None:
        return
    wanted = plain_unit(kind.unit)
    if units.same_kind(rule.unit, wanted) and abs(units.factor(rule.unit, wanted) - 1) < 1e-9:
        return
    if not rule.unit:
        at.value(here, f'"{claim.holds_if}" has no unit; "{claim.measure}" is in {kind.unit}.', f"Add {kind.unit} after the number.")
    else:
        at.value(
            here,
            f'"{claim.holds_if}" is in {rule.unit}; "{claim.measure}" is in {kind.unit}.',
            f"Write the threshold in {wanted or 'a pure number or %'}.",
        )


def _times(at: Places, path: str, name: str, claim: Claim, kind: MeasureKind | None) -> None:
    """A ratio: of two courses, or of the end of a window to its start on one."""
    on_one = claim.compare is None or claim.course is not None
    if on_one and claim.at is not None:
        help = "Name a window: over: DATE to DATE" + ("." if claim.compare is None else ", or delete course:, to compare both.")
        at.value(f"{path}.holds_if", f'claim "{name}" says times, but on one day of one course there is nothing to compare with.', help)
    elif on_one and kind is not None and kind.kind == "total":
        what = f'claim "{name}" holds the end against the start, but "{claim.measure}" is a sum since the first day.'
        at.value(f"{path}.measure", what, "Name a level, e.g. what is made a day, or compare two courses.")


def _known_past(at: Places, scenario: Scenario, known: dict[str, MeasureKind]) -> None:
    for name, seen in scenario.vocabulary.known_past.items():
        path = f"known_past.{name}"
        kind = measure(at, known, f"{path}.measure", seen.measure)
        window = None
        try:
            window = span(seen.over)
            if window.quarter:
                raise Wrong(f'"{seen.over}": an observation has one window.', "Write DATE to DATE.")
            inside(at, scenario, f"{path}.over", f'observation "{name}"', window)
        except Wrong as e:
            at.value(f"{path}.over", e.message, e.help)
        said = seen.seen.known
        if seen.source == "assumed":
            at.value(f"{path}.source", f'observation "{name}" needs a published source.', "Name an entry under sources.")
        if window and said and window.last > said:
            what = f'observation "{name}" ends on {window.last}, after its source was published ({said}).'
            at.value(f"{path}.over", what, "End the window by that day, or name a later source.")
        if kind is None:
            continue
        wanted = plain_unit(kind.unit) + ("/day" if seen.as_ == "daily" else "")
        wanted = wanted.replace("/day/day", "/day^2")
        if not units.same_kind(seen.seen.unit, wanted):
            help = f"Write it in {wanted or 'a pure number'}"
            if units.same_kind(seen.seen.unit, wanted + "/day") and seen.as_ == "change":
                help += ", or add as: daily"
            what = f'"{seen.seen.text}" does not fit "{seen.measure}", which is in {kind.unit}' + (
                ", a day." if seen.as_ == "daily" else "."
            )
            at.value(f"{path}.seen", what, help + ".")


def _levers(at: Places, scenario: Scenario) -> None:
    for name, lever in scenario.vocabulary.levers.items():
        path = f"levers.{name}"
        q = scenario.quantities.get(lever.moves)
        if q is None:
            near = nearest(lever.moves, scenario.quantities)
            at.value(
                f"{path}.moves",
                f'lever "{name}" moves "{lever.moves}", which is not a number of the scenario.',
                f'Did you mean "{near}"?' if near else "Write its dotted path.",
            )
        elif q.kind in ("date", "switch"):
            at.value(
                f"{path}.moves",
                f'lever "{name}" moves "{lever.moves}", which is a {q.kind}, not a number.',
                "Move a number; dates and switches belong in courses.",
            )
        if not lever.low < lever.high:
            at.value(
                f"{path}.high",
                f'lever "{name}": the high end ({lever.high:g}) is not above the low end ({lever.low:g}).',
                "Swap low and high.",
            )
        elif q is not None and q.kind not in ("date", "switch"):
            rule = units.RULES[q.kind]
            if lever.low < rule.lower or lever.high > rule.upper:
                at.value(
                    f"{path}.low",
                    f'lever "{name}" goes beyond what "{lever.moves}" can be ({rule.lower:g} to {rule.upper:g}).',
                    "Narrow low and high.",
                )
