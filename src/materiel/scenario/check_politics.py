"""Manpower policy, talks, allies, bargains and sanctions: does each have what it needs?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from materiel.scenario.check_flows import earliest, latest, outside
from materiel.scenario.errors import nearest
from materiel.scenario.measures import measures
from materiel.scenario.places import Places
from materiel.scenario.quantity import Quantity
from materiel.scenario.scenario import Scenario
from materiel.scenario.text import Node, Page
from materiel.scenario.vocabulary import Vocabulary

# Numbers by which something is divided, and prices: zero would be no world at all.
_POSITIVE = re.compile(
    r"manpower\.[^.]+\.(pool|training|call_up\.within)|talks\.(war_age|outlook|softness|trend)|"
    r"coalition\.(observed_within|price|donors\.[^.]+\.(gdp|draw|public_value))|"
    r"bargains\.[^.]+\.(every|enough|value|cost|money_worth|pays_within)|sanctions\.[^.]+\.(lag|spread)|programmes\.[^.]+\.half_help|"
    r"dependence\.[^.]+\.(temperature|forgetting|answer_lag)|region\.(threat|members\.[^.]+\.(readiness|ceiling))"
)


def check(page: Page, root: Node, scenario: Scenario) -> None:
    """Every check of this file."""
    at, v = Places(page, root), scenario.vocabulary
    _positive(page, scenario)
    _manpower(at, v)
    for name, line in v.production.items():
        if line.for_ and none(line.for_.values()):
            what = f'line of production "{name}" works for nobody.'
            at.key(f"production.{name}.for", what, "Give one of the actors a weight above zero.")
    if v.talks:
        _talks(at, scenario)
    if v.coalition:
        _coalition(at, scenario)
        _donors(at, scenario)
    _bargains(at, v)
    _sanctions(at, v)


def none(weights: Iterable[Quantity]) -> bool:
    """Whether all of them are 0 in every world."""
    return all(q.exact and q.at(0.5) == 0 for q in weights)


def _numbers(scenario: Scenario) -> Iterator[Quantity]:
    """Every number of the file, of its courses and of its alternatives."""
    patches = [c.set for c in scenario.courses.values()] + [o.set for c in scenario.alternatives.values() for o in c.options]
    for held in (scenario.quantities, *patches):
        yield from held.values()


def _positive(page: Page, scenario: Scenario) -> None:
    for q in _numbers(scenario):
        if _POSITIVE.fullmatch(q.path) and q.at(1e-9) <= 0:
            help = "Write a number above zero." if q.exact else "Write a range whose low end is above zero."
            page.problem(q.line, q.column, f'"{q.text}": "{q.path.rpartition(".")[2]}" cannot be zero.', help)


def _manpower(at: Places, v: Vocabulary) -> None:
    for side, force in v.manpower.items():
        for field, needed, eg in (
            ("call_up", "pool", "1M to 2M people"),
            ("births", "pool", "1M to 2M people"),
            ("pool_exponent", "pool", "1M to 2M people"),
            ("pay", "pay_response", "0.5 to 1.5"),
            ("pay_response", "pay", "1"),
        ):
            if getattr(force, field) is not None and getattr(force, needed) is None:
                what = f'force "{side}" has "{field}" but no "{needed}".'
                at.key(f"manpower.{side}.{field}", what, f"Add {needed}: {eg}, or delete {field}.")


def _talks(at: Places, scenario: Scenario) -> None:
    v, talks = scenario.vocabulary, scenario.vocabulary.talks
    if talks is None:
        return
    if not v.attrition:
        at.key("talks", "talks needs the section attrition: without it no side can run out of people.", "Add attrition, or delete talks.")
    for side in ("a", "b"):
        if side not in talks.sides:
            at.key("talks.sides", f'"talks.sides" has no side "{side}".', "It needs both keys, a and b.")
    for side, seat in talks.sides.items():
        if side not in ("a", "b"):
            at.key(f"talks.sides.{side}", f'"{side}" is not a side.', "The keys are a and b.")
            continue
        use = v.fire.cover.get(seat.use)
        actor = v.actors.get(use.actor) if use else None
        if use and actor and actor.side != side:
            what = f'side "{side}" reads use "{seat.use}", which belongs to "{use.actor}" of the other side.'
            mine = [k for k, u in v.fire.cover.items() if u.actor in v.actors and v.actors[u.actor].side == side]
            at.value(f"talks.sides.{side}.use", what, f"Uses of side {side}: {', '.join(mine) or 'none'}.")
    outside(at, scenario, "talks.from", "talks begin", talks.from_)


def _coalition(at: Places, scenario: Scenario) -> None:
    v, coalition = scenario.vocabulary, scenario.vocabulary.coalition
    if coalition is None:
        return
    aided, good = v.actors.get(coalition.aids), v.goods.get(coalition.good)
    if aided and aided.side is None:
        what = f'coalition aids "{coalition.aids}", who is on no side and has no enemy.'
        at.value("coalition.aids", what, "Name the actor of side a or b.")
    elif aided and (enemy := "ab".replace(aided.side or "", "")) and f"equivalents[{enemy}]" not in measures(v):
        what = f"coalition answers the fire of side {enemy}, but nothing of that side fires a good that has lethality."
        at.value("coalition.aids", what, f"Add a use under fire for side {enemy}.")
    if good and good.unit != "rounds":
        at.value("coalition.good", f'"{coalition.good}" stands for people; allies give munitions.', "Name a munition.")
    elif good and not (good.works or good.ageing):
        what = f'good "{coalition.good}" is required of allies, but nothing says what share of it functions.'
        at.value("coalition.good", what, f"Add to goods.{coalition.good}: works: 90 to 98 %, or ageing")
    if not coalition.donors:
        at.key("coalition.donors", "coalition has no donors.", "Add one, or delete coalition.")
    elif none(d.weight for d in coalition.donors.values()):
        at.key("coalition.donors", "the weights of all donors are zero.", "Give one of them a weight above zero.")
    outside(at, scenario, "coalition.begins", "coalition begins", coalition.begins)


def _donors(at: Places, scenario: Scenario) -> None:
    v, coalition = scenario.vocabulary, scenario.vocabulary.coalition
    if coalition is None:
        return
    good, members = coalition.good, v.region.members if v.region else {}
    sources = {tuple(stock.rsplit(".", 1)) for stock in v.stocks}
    sources |= {(a, g) for line in v.production.values() for g in line.makes for a in (line.for_ or (line.actor,))}
    sources |= {(s.to, s.good) for s in v.supplies.values()} | {(o.to, g) for o in v.offers.values() for g in o.mix}
    game = next((q for q in _numbers(scenario) if q.path == "coalition.by_game" and not none((q,))), None)
    groups, seen = {d.group for d in coalition.donors.values()}, dict[str, str]()
    for name, donor in coalition.donors.items():
        path = f"coalition.donors.{name}"
        if name in groups:
            at.key(path, f'ally "{name}" has the name of a group; measures could not tell them apart.', "Give one of them another name.")
        if donor.actor in seen:
            at.value(f"{path}.actor", f'"{donor.actor}" already gives as ally "{seen[donor.actor]}".', "An actor is one ally.")
        seen.setdefault(donor.actor, name)
        if donor.actor == coalition.aids:
            at.value(f"{path}.actor", f'"{donor.actor}" cannot be an ally of itself.', "Name another actor.")
        elif donor.actor in v.actors and good in v.goods and (donor.actor, good) not in sources:
            what = f'ally "{name}" has nothing to give: "{donor.actor}" neither holds, makes nor gets "{good}".'
            at.key(path, what, f"Add under stocks: {donor.actor}.{good}: {{held: 50k to 200k rounds}}, or delete the ally.")
        if game and donor.public_value is None:
            what = f'parts go by the game of giving (line {game.line}), but ally "{name}" has no "public_value".'
            at.key(path, what, "Add e.g. public_value: 0.1")
        if (donor.distraction is None) != (donor.member is None):
            has, lacks = ("distraction", "member") if donor.distraction else ("member", "distraction")
            eg = "distraction: 0 to 1" if lacks == "distraction" else f"member: {next(iter(members), 'a member of the region')}"
            at.key(f"{path}.{has}", f'ally "{name}" has "{has}" but no "{lacks}".', f"Add {eg}, or delete {has}.")
        elif donor.member in members and members[donor.member].actor != donor.actor:
            what = f'ally "{name}" is "{donor.actor}", but member "{donor.member}" is "{members[donor.member].actor}".'
            at.value(f"{path}.member", what, "Name the member that is the same actor.")


def _bargains(at: Places, v: Vocabulary) -> None:
    taken: dict[str, str] = {}
    for name, bargain in v.bargains.items():
        path = f"bargains.{name}"
        offer, use = v.offers.get(bargain.offer), v.fire.cover.get(bargain.use)
        if offer and use and use.actor != offer.to:
            what = f'bargain "{name}" reads the cover of "{use.actor}", but offer "{bargain.offer}" goes to "{offer.to}".'
            mine = [k for k, u in v.fire.cover.items() if u.actor == offer.to]
            at.value(f"{path}.use", what, f"Uses of {offer.to}: {', '.join(mine) or 'none; add one under fire.cover'}.")
        if bargain.offer in taken:
            what = f'bargain "{taken[bargain.offer]}" is already over offer "{bargain.offer}".'
            at.value(f"{path}.offer", what, "An offer has one bargain.")
        taken.setdefault(bargain.offer, name)
        for kind in ("payments", "technologies"):
            for means in getattr(bargain, kind):
                if means == "money":
                    what = f'"money" is a means of every bargain and cannot be one of the {kind}.'
                    at.key(f"{path}.{kind}.{means}", what, "Give it another name; what money is worth stands in money_worth.")
        for means in set(bargain.payments) & set(bargain.technologies):
            at.key(f"{path}.technologies.{means}", f'"{means}" is both a payment and a technology.', "Give one of them another name.")


def _sanctions(at: Places, v: Vocabulary) -> None:
    known = sorted({m for b in v.bargains.values() for m in b.payments})
    for name, regime in v.sanctions.items():
        path = f"sanctions.{name}"
        if not regime.by:
            at.key(f"{path}.by", f'regime "{name}" has nobody who enforces it.', "Write by: [an actor]")
        if not regime.routes and not regime.payments:
            at.key(path, f'regime "{name}" acts on no route and no payment; it would do nothing.', "Write routes: [a route]")
        for i, means in enumerate(regime.payments):
            if means not in known:
                near = nearest(means, known)
                help = f'Did you mean "{near}"?' if near else f"Payments of bargains: {', '.join(known) or 'none'}."
                at.value(f"{path}.payments.{i}", f'regime "{name}" makes "{means}" dearer, with which no bargain is paid.', help)
        for i, (one, two) in enumerate(zip(regime.chaos, regime.chaos[1:], strict=False)):
            if earliest(two.from_) <= latest(one.from_):
                what = f'step {i + 2} of chaos of regime "{name}" ({two.from_.text}) is not after the step before ({one.from_.text}).'
                at.value(f"{path}.chaos.{i + 1}.from", what, "Put the steps in order of date; ranges of dates must not overlap.")
