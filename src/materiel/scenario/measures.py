"""The catalogue of measures: what a claim, a chart or an observation may name.

It stands here, and not with the mechanisms that show them, so that a scenario can be checked without loading the
engine; a test holds both lists against each other. `total` measures are sums since the first day, so that the
change between two days is exact; `level` measures are states.
"""

from dataclasses import dataclass

from materiel.scenario.vocabulary import Vocabulary


@dataclass(frozen=True)
class MeasureKind:
    """A family of measures: its unit, whether it is a level or a running total, and what it means."""

    unit: str
    kind: str
    meaning: str


CATALOGUE: dict[str, MeasureKind] = {
    "held": MeasureKind("rounds", "level", "held in depots, by actor and good"),
    "fired": MeasureKind("rounds", "total", "rounds used, by use"),
    "equivalents": MeasureKind("rounds/day", "level", "functioning rounds a day in 152 mm equivalents, by side"),
    "indirect": MeasureKind("rounds/day", "level", "effective indirect fire with drones, 152 mm equivalents a day, by side"),
    "offer.open": MeasureKind("share", "level", "how far an offer is open, by offer"),
    "fire": MeasureKind("rounds/day", "level", "shells fired a day, by side"),
    "delivered": MeasureKind("rounds", "total", "rounds that reached the receiver's depots, by offer and good"),
    "containers": MeasureKind("containers", "total", "containers shipped with munitions, by offer"),
    "supplied": MeasureKind("rounds", "total", "delivered by a declared series, by supply"),
    "made": MeasureKind("rounds", "total", "finished output, by line and good"),
    "works": MeasureKind("share", "level", "share of rounds that function, times accuracy, by actor and good"),
    "losses": MeasureKind("people", "total", "killed and wounded, by side"),
    "people": MeasureKind("people", "level", "people at the front, by side"),
    "front.area": MeasureKind("km2", "level", "net area gained by side a since the first day"),
    "front.advance": MeasureKind("km", "level", "advance of the attacker, by axis"),
    "front.lines_broken": MeasureKind("lines", "level", "lines broken, by axis"),
    "front.attacking": MeasureKind("share", "level", "1 while the side attacks, by side"),
    "front.initiative": MeasureKind("index", "level", "initiative, +1 = side a; shown, never judged"),
    "front.days_to_sea": MeasureKind("days", "level", "days since the imposed breach before the far end of the axis was reached, by axis"),
}


def _sides(v: Vocabulary, actors: list[str]) -> list[str]:
    """The sides of these actors, once each; an actor that is not defined has none."""
    return sorted({v.actors[a].side or "" for a in actors if a in v.actors} - {""})


def depots(vocabulary: Vocabulary) -> list[str]:
    """Every `actor.good` that can hold something: stocks, and whatever an offer, a supply or a line delivers to."""
    v = vocabulary
    names = set(v.stocks)
    names |= {f"{end}.{g}" for o in v.offers.values() for g in o.mix for end in (o.from_, o.to)}
    names |= {f"{s.to}.{s.good}" for s in v.supplies.values()}
    names |= {f"{line.actor}.{g}" for line in v.production.values() for g in line.makes}
    return sorted(names)


def measures(vocabulary: Vocabulary) -> dict[str, MeasureKind]:
    """Every measure that the things of this scenario show, as `family[index]` or `family`, sorted by name."""
    v = vocabulary
    uses = [use for rules in (v.fire.cover, v.fire.steady, v.fire.drawdown) for use in rules.values()]
    lethal = {good for good, g in v.goods.items() if g.lethality is not None}
    index: dict[str, list[str]] = {
        "held": depots(v),
        "offer.open": list(v.offers),
        "fired": [*v.fire.cover, *v.fire.steady, *v.fire.drawdown],
        "equivalents": _sides(v, [use.actor for use in uses if lethal & set(use.goods)]),
        "fire": _sides(v, [use.actor for use in v.fire.cover.values()]),
        "delivered": [f"{k}.{g}" for k, o in v.offers.items() for g in o.mix],
        "containers": list(v.offers),
        "supplied": list(v.supplies),
        "made": [f"{k}.{g}" for k, line in v.production.items() for g in line.makes],
        "works": [f"{a}.{g}" for a, _, g in (d.partition(".") for d in depots(v)) if g in v.goods and v.goods[g].ageing],
        "indirect": sorted(v.attrition.sides) if v.attrition else [],
        "losses": sorted(v.attrition.sides) if v.attrition else [],
        "people": sorted(v.attrition.sides) if v.attrition else [],
    }
    names = {f"{family}[{i}]": CATALOGUE[family] for family, keys in index.items() for i in keys}
    if v.front:
        names["front.area"] = CATALOGUE["front.area"]
        names["front.initiative"] = CATALOGUE["front.initiative"]
        for family in ("front.advance", "front.lines_broken", "front.days_to_sea"):
            names |= {f"{family}[{a}]": CATALOGUE[family] for a in v.front.axes}
        names |= {f"front.attacking[{s}]": CATALOGUE["front.attacking"] for s in ("a", "b")}
    return dict(sorted(names.items()))
