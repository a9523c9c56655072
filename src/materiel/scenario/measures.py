"""The catalogue of measures: what a claim, a chart or an observation may name.

It stands here, and not with the mechanisms that show them, so that a scenario can be checked without loading the
engine; a test holds both lists against each other. `total` measures are sums since the first day, so that the
change between two days is exact; `level` measures are states.
"""

from dataclasses import dataclass

from materiel.scenario.politics import Bargain
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
    "output": MeasureKind("rounds/day", "level", "finished output a day, by line"),
    "shipped": MeasureKind("rounds/day", "level", "rounds that left the quay, by offer"),
    "seized": MeasureKind("rounds", "total", "rounds stopped by enforcers, by offer"),
    "recruited": MeasureKind("people", "total", "people recruited and called up, by side"),
    "pool": MeasureKind("people", "level", "people who can still be had, by side"),
    "endurance": MeasureKind("days", "level", "time that a side could go on with what it has and gets, by side"),
    "short_of_shells": MeasureKind("days", "level", "days on which a side fired less than it needs to go on, by side"),
    "table.leverage": MeasureKind("share", "level", "chance that side a outlasts side b"),
    "table.share": MeasureKind("share", "level", "share of the stake that side a could expect at a table; shown, never judged"),
    "table.overlap": MeasureKind("index", "level", "room between the terms of both sides; below 0 there is none"),
    "table.blocked": MeasureKind("share", "level", "1 while a side expects its power to grow by more than the war costs both"),
    "table.going_on": MeasureKind("share", "level", "chance that no settlement has come yet, given this world's path"),
    "table.settled": MeasureKind("share", "level", "1 from the day on which this world's draw gives a settlement"),
    "table.agreed": MeasureKind("share", "level", "side a's share on the day of settlement; 0 before"),
    "required": MeasureKind("rounds/day", "level", "what the aided side lacks to hold the fire ratio that it accepts"),
    "required.elasticity": MeasureKind("index", "level", "growth of the requirement per growth of enemy fire; 0 where nothing is required"),
    "pledged": MeasureKind("rounds", "total", "promised by allies, by donor or group"),
    "allocated": MeasureKind("rounds", "total", "taken out of arsenals for the aided side, by donor or group"),
    "received": MeasureKind("rounds", "total", "arrived from allies, by donor or group"),
    "at_floor": MeasureKind("share", "level", "share of allies, weighted by first stock, at their reserve, by group"),
    "spent": MeasureKind("USD", "total", "money that allies gave for this good, by group"),
    "burden": MeasureKind("share", "level", "money given for this good with its wider cost, as a share of a year's GDP, by group"),
    "fatigue": MeasureKind("share", "level", "will lost by allies, weighted by GDP, by group"),
    "need": MeasureKind("share", "level", "need of the receiver, by bargain"),
    "deal": MeasureKind("share", "level", "share of the full offer that the bargain lets flow, by bargain"),
    "price": MeasureKind("USD/round", "level", "price agreed, by bargain"),
    "owed": MeasureKind("USD", "level", "value received less value paid, by bargain"),
    "paid": MeasureKind("USD", "total", "value paid, by bargain and means"),
    "paid_share": MeasureKind("share", "level", "part of all value paid, by bargain and means"),
    "paying": MeasureKind("USD/day", "level", "value paid a day, by bargain"),
    "technology": MeasureKind("USD", "level", "value of technology delivered, by bargain and kind"),
    "enforcement": MeasureKind("share", "level", "effort of enforcement, by regime"),
    "monitoring": MeasureKind("share", "level", "what enforcers can still see, by regime"),
    "chaos": MeasureKind("share", "level", "chaos, by regime"),
    "passes": MeasureKind("share", "level", "share of shipments that is not stopped, by route"),
    "carriers": MeasureKind("share", "level", "share of carriers who take part, by route"),
    "dearer": MeasureKind("index", "level", "price of a means of payment over its price without sanctions, by means"),
    "milestone": MeasureKind("share", "level", "1 from the day on which it is reached, by programme and milestone"),
    "hazard_ratio": MeasureKind("index", "level", "hazard of a milestone over its hazard without help, by programme and milestone"),
    "tests": MeasureKind("index", "level", "tests since the day the series is watched, by series"),
    "test_chance": MeasureKind("share", "level", "chance of a first test by now, given this world's path, by series"),
    "exchange": MeasureKind("USD/day", "level", "exchange with a patron, payments included, by dependence and patron"),
    "patron_share": MeasureKind("share", "level", "a patron's share of exchange, by dependence and patron"),
    "concentration": MeasureKind("share", "level", "sum of squared shares, by dependence"),
    "autonomy": MeasureKind("share", "level", "1 less the monitoring weighted by shares, by dependence"),
    "alignment": MeasureKind("index", "level", "alignment with a patron, by dependence and patron"),
    "restraint": MeasureKind("share", "level", "opposition of patrons to tests, weighted by shares, by dependence"),
    "objection": MeasureKind("index", "level", "cost that the first patron adds to bargains, in multiples, by dependence"),
    "threat": MeasureKind("index", "level", "armament and readiness of the actor that the region fears"),
    "readiness": MeasureKind("index", "level", "armament and readiness, by member of the region"),
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
    names |= {f"{a}.{g}" for line in v.production.values() for g in line.makes for a in (line.for_ or (line.actor,))}
    if v.coalition:
        names |= {f"{a}.{v.coalition.good}" for a in (v.coalition.aids, *(d.actor for d in v.coalition.donors.values()))}
    return sorted(names)


def means(bargain: Bargain) -> list[str]:
    """Every means of payment of a bargain: goods, money, then technologies."""
    return [*bargain.payments, "money", *bargain.technologies]


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
        "output": list(v.production),
        "shipped": list(v.offers),
        "seized": [o for o, offer in v.offers.items() if any(set(r.routes) & set(offer.by) for r in v.sanctions.values())],
        "recruited": list(v.manpower),
        "pool": [s for s, f in v.manpower.items() if f.pool is not None],
        "endurance": ["a", "b"] if v.talks else [],
        "short_of_shells": ["a", "b"] if v.talks else [],
        "need": list(v.bargains),
        "deal": list(v.bargains),
        "price": list(v.bargains),
        "owed": list(v.bargains),
        "paying": list(v.bargains),
        "paid": [f"{k}.{m}" for k, b in v.bargains.items() for m in means(b)],
        "paid_share": [f"{k}.{m}" for k, b in v.bargains.items() for m in means(b)],
        "technology": [f"{k}.{t}" for k, b in v.bargains.items() for t in b.technologies],
        "enforcement": list(v.sanctions),
        "monitoring": list(v.sanctions),
        "chaos": list(v.sanctions),
        "passes": sorted({r for k in v.sanctions.values() for r in k.routes}),
        "carriers": sorted({r for k in v.sanctions.values() for r in k.routes}),
        "dearer": sorted({m for k in v.sanctions.values() for m in k.payments}),
        "milestone": [f"{k}.{m}" for k, p in v.programmes.items() for m in p.milestones],
        "hazard_ratio": [f"{k}.{m}" for k, p in v.programmes.items() for m in p.milestones],
        "tests": list(v.tests),
        "test_chance": list(v.tests),
        "exchange": [f"{k}.{p}" for k, d in v.dependence.items() for p in d.patrons],
        "patron_share": [f"{k}.{p}" for k, d in v.dependence.items() for p in d.patrons],
        "alignment": [f"{k}.{p}" for k, d in v.dependence.items() for p in d.patrons],
        "concentration": list(v.dependence),
        "autonomy": list(v.dependence),
        "restraint": list(v.dependence),
        "objection": list(v.dependence),
        "readiness": list(v.region.members) if v.region else [],
    }
    if v.coalition:
        groups = sorted({d.group for d in v.coalition.donors.values()})
        index |= {f: sorted({*v.coalition.donors, *groups}) for f in ("pledged", "allocated", "received")}
        index |= dict.fromkeys(("at_floor", "spent", "burden", "fatigue"), groups)
    single = ("table.leverage", "table.share", "table.overlap", "table.blocked", "table.going_on", "table.settled", "table.agreed")
    alone = [
        *(single if v.talks else ()),
        *(("required", "required.elasticity") if v.coalition else ()),
        *(("threat",) if v.region else ()),
    ]
    names = {f: CATALOGUE[f] for f in alone} | {f"{family}[{i}]": CATALOGUE[family] for family, keys in index.items() for i in keys}
    if v.front:
        names["front.area"] = CATALOGUE["front.area"]
        names["front.initiative"] = CATALOGUE["front.initiative"]
        for family in ("front.advance", "front.lines_broken", "front.days_to_sea"):
            names |= {f"{family}[{a}]": CATALOGUE[family] for a in v.front.axes}
        names |= {f"front.attacking[{s}]": CATALOGUE["front.attacking"] for s in ("a", "b")}
    return dict(sorted(names.items()))
