"""Programmes, tests, patrons and the region: do they join?"""

from __future__ import annotations

from materiel.scenario.check_flows import outside
from materiel.scenario.check_politics import none
from materiel.scenario.errors import nearest
from materiel.scenario.places import Places
from materiel.scenario.scenario import Scenario
from materiel.scenario.text import Node, Page
from materiel.scenario.vocabulary import Vocabulary


def check(page: Page, root: Node, scenario: Scenario) -> None:
    """Every check of this file."""
    at, v = Places(page, root), scenario.vocabulary
    _programmes(at, scenario)
    _tests(at, scenario)
    _dependence(at, v)
    _region(at, v)


def one_of(word: str, known: list[str], what: str) -> str:
    """Help for a name that is not among those that are known."""
    near = nearest(word, known)
    return f'Did you mean "{near}"?' if near else f"{what}: {', '.join(known) or 'none'}."


def _programmes(at: Places, scenario: Scenario) -> None:
    v = scenario.vocabulary
    known = [f"{b}.{k}" for b, bargain in v.bargains.items() for k in bargain.technologies]
    for name, programme in v.programmes.items():
        path = f"programmes.{name}"
        if not programme.milestones:
            at.key(f"{path}.milestones", f'programme "{name}" has no milestones.', "Add one, or delete the programme.")
        outside(at, scenario, f"{path}.from", f'programme "{name}" is watched from', programme.from_)
        for key, milestone in programme.milestones.items():
            if milestone.technology is not None and milestone.technology not in known:
                what = f'milestone "{key}" waits for technology "{milestone.technology}", which no bargain gives.'
                at.value(f"{path}.milestones.{key}.technology", what, one_of(milestone.technology, known, "Technologies as bargain.kind"))


def _tests(at: Places, scenario: Scenario) -> None:
    v = scenario.vocabulary
    for name, series in v.tests.items():
        path = f"tests.{name}"
        outside(at, scenario, f"{path}.from", f'test series "{name}" is watched from', series.from_)
        tie = v.dependence.get(series.dependence or "")
        if tie and tie.actor != series.actor:
            what = f'test series "{name}" belongs to "{series.actor}", but "{series.dependence}" says on whom "{tie.actor}" depends.'
            at.value(f"{path}.dependence", what, "Name the dependence of the same actor.")


def _dependence(at: Places, v: Vocabulary) -> None:
    for name, tie in v.dependence.items():
        path = f"dependence.{name}"
        if not tie.patrons:
            at.key(f"{path}.patrons", f'dependence "{name}" has no patrons.', "Add one, the first patron first.")
        elif none(p.share for p in tie.patrons.values()):
            at.key(f"{path}.patrons", f'the shares of all patrons of "{name}" are zero.', "Give one of them a share above zero.")
        seen: dict[str, str] = {}
        for key, patron in tie.patrons.items():
            here = f"{path}.patrons.{key}.actor"
            if patron.actor == tie.actor:
                at.value(here, f'"{patron.actor}" cannot be its own patron.', "Name another actor.")
            if patron.actor in seen:
                at.value(here, f'"{patron.actor}" is already patron "{seen[patron.actor]}".', "An actor is one patron.")
            seen.setdefault(patron.actor, key)


def _region(at: Places, v: Vocabulary) -> None:
    region = v.region
    if region is None:
        return
    if not region.members:
        at.key("region.members", "region has no members.", "Add one, or delete region.")
    for name, member in region.members.items():
        if member.actor == region.of:
            at.value(f"region.members.{name}.actor", f'"{member.actor}" cannot arm against itself.', "Name another actor.")
    if (region.dependence is None) != (region.patron is None):
        has, lacks = ("dependence", "patron") if region.dependence else ("patron", "dependence")
        what = f'region has "{has}" but no "{lacks}"; the alignment with a patron needs both.'
        at.key(f"region.{has}", what, f"Add {lacks}:, or delete {has}.")
    tie = v.dependence.get(region.dependence or "")
    if tie and region.patron is not None and region.patron not in tie.patrons:
        what = f'"{region.patron}" is not a patron under dependence.{region.dependence}.'
        at.value("region.patron", what, one_of(region.patron, list(tie.patrons), "Patrons"))
    if tie and tie.actor != region.of:
        what = f'region arms against "{region.of}", but "{region.dependence}" says on whom "{tie.actor}" depends.'
        at.value("region.dependence", what, "Name the dependence of the same actor.")
