"""Goods, stocks, production, fire and the two sides: does each have what it needs?"""

from __future__ import annotations

import re

from materiel.scenario.measures import depots
from materiel.scenario.places import Places
from materiel.scenario.quantity import Quantity
from materiel.scenario.scenario import Scenario
from materiel.scenario.text import Node, Page
from materiel.scenario.vocabulary import Vocabulary

# Numbers by which something is divided, or that set a scale: zero would be no world at all.
_POSITIVE = re.compile(
    r"\.(life|shape|per_container|lead_time|doubling|transit|half_cover|steepness|horizon|smoothing|over|reference_fire|drones_doubling|common_fire|"
    r"shells_per_drone|width|depth|spacing|line_time|massing_decay|massing_recovery|strength_loss|depots_follow|antitank_half|"
    r"initiative_lag|reference_days|breakthrough_window|breakthrough_lasts|critical_ratio)$|^manpower\.[^.]+\.recovery$"
)
_PEOPLE = re.compile(r"manpower\.[^.]+\.(recruits|pool|births|call_up\.size)$")


def check(page: Page, root: Node, scenario: Scenario) -> None:
    """Every check of this file."""
    at, v = Places(page, root), scenario.vocabulary
    _numbers(page, at, scenario)
    _goods(at, v)
    _stocks(at, v)
    _production(at, v)
    _fire(at, v)
    _axes(at, v)
    _sides(at, v)


def _numbers(page: Page, at: Places, scenario: Scenario) -> None:
    v = scenario.vocabulary
    patched = [q for c in scenario.courses.values() for q in c.set.values()]
    patched += [q for c in scenario.alternatives.values() for o in c.options for q in o.set.values()]
    for q in [*scenario.quantities.values(), *patched]:
        field = q.path.rpartition(".")[2]
        if _POSITIVE.search(q.path) and q.at(1e-9) <= 0:
            help = "Write a number above zero." if q.exact else "Write a range whose low end is above zero."
            page.problem(q.line, q.column, f'"{q.text}": "{field}" cannot be zero.', help)
        wanted = _unit(v, q)
        if wanted and q.unit != wanted:
            page.problem(
                q.line, q.column, f'"{q.text}" is in {q.unit}; "{field}" here is in {wanted}.', f"Write it in {wanted.partition('/')[0]}."
            )
    if v.step is not None:
        if not v.step.exact:
            page.problem(v.step.line, v.step.column, "the step must be one number.", "Write step: 1 day")
        elif not 1 / 96 <= v.step.at(0.5) <= 7:
            page.problem(
                v.step.line,
                v.step.column,
                f"a step of {v.step.text} cannot be used.",
                "Write between 15 minutes and 7 days, e.g. step: 1 day",
            )


def _unit(v: Vocabulary, q: Quantity) -> str | None:
    """Rounds or people, where the kind of number allows both."""
    if q.kind not in ("amount", "flow"):
        return None
    end = "" if q.kind == "amount" else "/day"
    parts = q.path.split(".")
    if parts[0] == "stocks":
        good = v.goods.get(".".join(parts[2:-1]))
    elif parts[0] == "supplies" and parts[1] in v.supplies:
        good = v.goods.get(v.supplies[parts[1]].good)
    else:
        return ("people" if _PEOPLE.match(q.path) else "rounds") + end
    return good.unit + end if good else None


def _goods(at: Places, v: Vocabulary) -> None:
    for name, good in v.goods.items():
        path = f"goods.{name}"
        if good.ageing and good.works:
            at.key(f"{path}.works", f'good "{name}" has both works and ageing.', "Delete works; ageing says what functions.")
        if good.unit == "people" and (good.lethality or good.ageing or good.works or good.per_container):
            at.key(path, f'good "{name}" stands for people, but has fields of a munition.', "Delete them, or write unit: rounds")


def _stocks(at: Places, v: Vocabulary) -> None:
    for name, stock in v.stocks.items():
        good = v.goods.get(name.partition(".")[2])
        if good is None:
            continue
        if good.ageing and stock.mean_age is None:
            at.key(f"stocks.{name}", f'stock "{name}" holds a good that ages, but has no "mean_age".', "Add e.g. mean_age: 20 to 40 years")
        if stock.mean_age is not None and not good.ageing:
            at.key(
                f"stocks.{name}.mean_age",
                f'stock "{name}" has an age, but its good does not age.',
                "Delete mean_age, or add ageing to the good.",
            )


def _production(at: Places, v: Vocabulary) -> None:
    for name, line in v.production.items():
        path = f"production.{name}"
        if not line.makes or all(q.exact and q.at(0.5) == 0 for q in line.makes.values()):
            at.key(f"{path}.makes", f'line of production "{name}" makes nothing.', "Add e.g. makes: {shell: 1}")
        for good in line.makes:
            if good in v.goods and v.goods[good].unit != "rounds":
                at.key(f"{path}.makes.{good}", f'"{good}" stands for people; a line makes munitions.', "People come under manpower.")
        if (line.doubling is None) != (line.headroom is None):
            has, lacks = ("doubling", "headroom") if line.doubling else ("headroom", "doubling")
            eg = "headroom: 0.5 to 2" if lacks == "headroom" else "doubling: 1 to 3 years"
            at.key(
                f"{path}.{has}",
                f'line of production "{name}" has "{has}" but no "{lacks}".',
                f"Add e.g. {eg}, or delete {has} for no growth.",
            )
        offer = v.offers.get(line.for_export.offer) if line.for_export else None
        if line.for_export and offer and offer.from_ != line.actor:
            what = f'line of production "{name}" belongs to "{line.actor}", but offer "{line.for_export.offer}" comes from "{offer.from_}".'
            at.value(f"{path}.for_export.offer", what, "Name an offer of the same actor.")


def _fire(at: Places, v: Vocabulary) -> None:
    seen: dict[str, str] = {}
    held = set(depots(v))
    pooled: dict[str, str] = {}
    for rule, uses in (("cover", v.fire.cover), ("steady", v.fire.steady), ("drawdown", v.fire.drawdown)):
        for name, use in uses.items():
            path = f"fire.{rule}.{name}"
            if name in seen:
                at.key(path, f'use of fire "{name}" was already defined at line {at.line(seen[name])}.', "Give one another name.")
            seen.setdefault(name, path)
            if not use.goods:
                at.key(f"{path}.goods", f'use of fire "{name}" uses no goods.', "Write goods: [a good]")
            actor = v.actors.get(use.actor)
            if actor and actor.side is None:
                at.value(
                    f"{path}.actor",
                    f'use of fire "{name}" belongs to "{use.actor}", who is on no side.',
                    "Only sides a and b fight; add side: to the actor.",
                )
            for i, good in enumerate(use.goods):
                if good not in v.goods:
                    continue
                entry = f"{path}.goods.{i}"
                if v.goods[good].unit != "rounds":
                    at.value(entry, f'"{good}" stands for people and cannot be fired.', "Name a munition.")
                elif not (v.goods[good].works or v.goods[good].ageing):
                    what = f'good "{good}" is used, but nothing says what share of it functions.'
                    at.value(entry, what, f"Add to goods.{good}: works: 90 to 98 %, or ageing")
                elif rule == "cover" and v.goods[good].lethality is None:
                    at.value(
                        entry, f'good "{good}" is fired under cover, but has no "lethality".', f"Add to goods.{good}: lethality: 0.8 to 1.2"
                    )
                elif f"{use.actor}.{good}" not in held:
                    what = f'use of fire "{name}" uses "{good}", which "{use.actor}" never holds.'
                    at.value(entry, what, f"Add the stock {use.actor}.{good}, or delete the good.")
                spent = f"{use.actor}.{good}"
                if spent in pooled and pooled[spent] != path:
                    other = pooled[spent]
                    what = f'"{good}" of "{use.actor}" is already used by "{other.rpartition(".")[2]}" (line {at.line(other)}).'
                    at.value(entry, what, "A good of an actor belongs to one use.")
                pooled.setdefault(spent, path)


def _axes(at: Places, v: Vocabulary) -> None:
    for name, axis in (v.front.axes if v.front else {}).items():
        for i, good in enumerate(axis.antitank_good):
            if good in v.goods and not (v.goods[good].works or v.goods[good].ageing):
                what = f'good "{good}" slows axis "{name}", but nothing says what share of it functions.'
                at.value(f"front.axes.{name}.antitank_good.{i}", what, f"Add to goods.{good}: works: 90 to 98 %, or ageing")


def _sides(at: Places, v: Vocabulary) -> None:
    for side in ("a", "b"):
        on = [k for k, a in v.actors.items() if a.side == side]
        for extra in on[1:]:
            at.value(
                f"actors.{extra}.side",
                f'side {side} has two actors, "{on[0]}" and "{extra}".',
                "A side has one actor; others support it without a side.",
            )
    if v.manpower and not v.attrition:
        at.key(
            "manpower",
            "manpower needs the section attrition: without losses nobody is wounded or returns.",
            "Add attrition, or delete manpower.",
        )
    groups = {"attrition.sides": dict(v.attrition.sides) if v.attrition else None, "manpower": dict(v.manpower) or None}
    for path, group in groups.items():
        if group is None:
            continue
        for side in ("a", "b"):
            if side not in group:
                at.key(path, f'"{path}" has no side "{side}".', "It needs both keys, a and b.")
        for side, thing in group.items():
            here = f"{path}.{side}"
            if side not in ("a", "b"):
                at.key(here, f'"{side}" is not a side.', "The keys are a and b.")
                continue
            actor = v.actors.get(thing.actor)
            if actor and actor.side != side:
                at.value(
                    f"{here}.actor",
                    f'"{thing.actor}" is not on side {side}.',
                    f"Write side: {side} at actors.{thing.actor} (line {at.line(f'actors.{thing.actor}')}), or name another.",
                )
            good = v.goods.get(thing.troops)
            if good and good.unit != "people":
                at.value(
                    f"{here}.troops", f'good "{thing.troops}" does not stand for people.', f"Write unit: people at goods.{thing.troops}."
                )
            elif good and f"{thing.actor}.{thing.troops}" not in v.stocks:
                what = f'there is no stock "{thing.actor}.{thing.troops}".'
                at.value(f"{here}.troops", what, f"Add under stocks: {thing.actor}.{thing.troops}: {{held: 90k to 120k people}}")
