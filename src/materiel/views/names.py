"""What things are called: names come from the scenario; the catalogue of measures gives the rest."""

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from materiel.scenario.measures import CATALOGUE, MeasureKind
from materiel.scenario.vocabulary import Cover, Drawdown, Steady, Vocabulary
from materiel.views.language import mark, tr

ALLIES = mark("allies in {place}")
_TERM = re.compile(r"(?P<family>[\w.]+)(?:\[(?P<index>[^\]]+)\])?")


class Named(NamedTuple):
    """A measure as people call it, its unit in canonical text, and whether it is a running total."""

    title: str
    of: str
    unit: str
    total: bool


def spoken(identifier: str) -> str:
    """An id read aloud: `no_pact` -> `no pact`."""
    return identifier.replace("_", " ").strip()


def actor(v: Vocabulary, key: str) -> str:
    """Name of an actor, or of the actors of a side (`a`, `b`)."""
    if key in v.actors:
        return v.actors[key].name
    of_side = [a.name for a in v.actors.values() if a.side == key]
    return both(of_side) if of_side else spoken(key)


def both(names: Sequence[str]) -> str:
    """`A and B`, however many there are."""
    return functools.reduce(lambda a, b: tr("{one} and {other}", one=a, other=b), names) if names else ""


def good(v: Vocabulary, key: str) -> str:
    """Name of a good."""
    return v.goods[key].name if key in v.goods else spoken(key)


def _uses(v: Vocabulary) -> dict[str, Cover | Steady | Drawdown]:
    return {**v.fire.cover, **v.fire.steady, **v.fire.drawdown}


def group(v: Vocabulary, key: str) -> str:
    """A donor of the coalition by its actor's name, or a group of them: `europe` -> `allies in Europe`."""
    donors = v.coalition.donors if v.coalition else {}
    return actor(v, donors[key].actor) if key in donors else tr(ALLIES, place=spoken(key).title())


def allies(name: str) -> str:
    """A name that may be that of a group of allies, as it is said."""
    start = ALLIES.removesuffix("{place}")
    return tr(ALLIES, place=name.removeprefix(start)) if name.startswith(start) else name


def between(v: Vocabulary, offer: str) -> str:
    """The two ends of an offer."""
    return _way(v, v.offers[offer].from_, v.offers[offer].to) if offer in v.offers else spoken(offer)


def _way(v: Vocabulary, giver: str, taker: str) -> str:
    return tr("{giver} to {taker}", giver=actor(v, giver), taker=actor(v, taker))


def bargain(v: Vocabulary, key: str) -> str:
    """A bargain by its name, or by the two who make it."""
    if key not in v.bargains:
        return spoken(key)
    return v.bargains[key].name or between(v, v.bargains[key].offer)


def means(v: Vocabulary, key: str, of: str) -> str:
    """A means of payment; a technology is called so."""
    known = v.bargains[key].technologies if key in v.bargains else {}
    return tr("{kind} technology", kind=spoken(of)) if of in known else spoken(of)


def dependence(v: Vocabulary, key: str) -> str:
    """Who depends."""
    return actor(v, v.dependence[key].actor) if key in v.dependence else spoken(key)


def _line(v: Vocabulary, key: str) -> str:
    """Who owns a line of production: its takers' group where it works for several."""
    line = v.production[key]
    groups = {d.group for d in v.coalition.donors.values() if d.actor in line.for_} if v.coalition else set()
    return group(v, groups.pop()) if len(groups) == 1 else actor(v, line.actor)


def _index(v: Vocabulary, family: str, index: str) -> str:
    """What stands between the brackets of a measure, in the scenario's names."""
    head, _, tail = index.partition(".")
    uses = _uses(v)
    axes = v.front.axes if v.front else {}
    if family in ("delivered", "containers", "offer.open", "shipped", "seized") and head in v.offers:
        name = between(v, head)
    elif family == "supplied" and head in v.supplies:
        name = f"{_way(v, v.supplies[head].from_, v.supplies[head].to)}, {good(v, v.supplies[head].good)}"
    elif family in ("made", "output") and head in v.production:
        name = _line(v, head)
    elif family == "fired" and head in uses:
        name = f"{actor(v, uses[head].actor)} ({spoken(head)})"
    elif head in axes:
        name = axes[head].name
    else:
        return _political(v, family, head, tail)
    return f"{name}: {good(v, tail)}" if tail else name


def _political(v: Vocabulary, family: str, head: str, tail: str) -> str:
    """The same for allies, bargains, regimes, programmes and patrons."""
    if family in ("pledged", "allocated", "received", "at_floor", "spent", "burden", "fatigue") and v.coalition:
        return group(v, head)
    if family in ("need", "deal", "price", "owed", "paying", "paid", "paid_share", "technology"):
        return f"{bargain(v, head)}: {means(v, head, tail)}" if tail else bargain(v, head)
    if family in ("enforcement", "monitoring", "chaos") and head in v.sanctions:
        return v.sanctions[head].name or spoken(head)
    if family in ("milestone", "hazard_ratio") and head in v.programmes:
        return f"{actor(v, v.programmes[head].actor)}: {v.programmes[head].milestones[tail].name}"
    if family in ("tests", "test_chance") and head in v.tests:
        return f"{actor(v, v.tests[head].actor)}, {v.tests[head].name or spoken(head)}"
    if head in v.dependence:
        known = v.dependence[head].patrons
        pair = {"actor": dependence(v, head), "patron": actor(v, known[tail].actor) if tail in known else ""}
        return tr("{actor} with {patron}", **pair) if tail in known else dependence(v, head)
    if family == "readiness" and v.region and head in v.region.members:
        return actor(v, v.region.members[head].actor)
    name = actor(v, head)
    return f"{name}: {good(v, tail)}" if tail else name


def measure(v: Vocabulary, text: str) -> Named:
    """Name of a measure or of a sum `a[x] + a[y]`. Raises KeyError for a family that the catalogue does not have."""
    terms = [m for m in (_TERM.fullmatch(t.strip()) for t in text.split(" + ")) if m]
    if not terms:
        raise KeyError(text)
    kinds = [CATALOGUE[t["family"]] for t in terms]
    sides = {f"side_{s}": actor(v, s) if any(a.side == s for a in v.actors.values()) else tr(words) for s, words in SIDES.items()}
    title = tr(meaning(kinds[0]), **sides)
    of = both(list(dict.fromkeys(_index(v, t["family"], t["index"]) for t in terms if t["index"])))
    return Named(title[0].upper() + title[1:], of, kinds[0].unit, kinds[0].kind == "total")


SIDES = {"a": mark("side a"), "b": mark("side b")}


def meaning(kind: MeasureKind) -> str:
    """What a family of measures is, with fields for the sides and without the indices that tell its members apart."""
    return re.sub(r"\bside (a|b)\b", r"{side_\1}", re.sub(r", by [a-z, ]+$", "", kind.meaning))


def families(v: Vocabulary) -> dict[str, str]:
    """Names of the families of speakers."""
    return {key: family.name for key, family in v.evidence.families.items()} if v.evidence else {}


def measures(v: Vocabulary, text: str, between: str) -> str:
    """A measure in one line, or one `between` another: `Rounds fired: Russia`; the text itself where it names no measure."""
    try:
        said = [measure(v, part) for part in text.split(between)]
    except KeyError:
        return text
    return against([f"{m.title}: {m.of}" if m.of else m.title for m in said])


def against(things: Sequence[str]) -> str:
    """`A against B`; one thing as it is."""
    return functools.reduce(lambda a, b: tr("{one} against {other}", one=a, other=b), things) if things else ""


def path(v: Vocabulary, dotted: str) -> str:
    """A number's dotted path in the scenario's names: `goods.old_152.ageing.life` -> `152 mm shells, old: ageing, life`."""
    room, _, rest = dotted.partition(".")
    if room == "stocks":
        owner, _, tail = rest.partition(".")
        held, _, last = tail.partition(".")
        return f"{actor(v, owner)}: {good(v, held)}, {field(v, last)}"
    head, _, tail = rest.partition(".")
    if room == "goods":
        start = good(v, head)
    elif room == "offers" and head in v.offers:
        start = tr("{way}, offer", way=between(v, head))
    elif room == "supplies" and head in v.supplies:
        start = _way(v, v.supplies[head].from_, v.supplies[head].to)
    elif room == "production" and head in v.production:
        start = tr("{actor}, output ({line})", actor=actor(v, v.production[head].actor), line=spoken(head))
    elif room == "fire" and tail.partition(".")[0] in _uses(v):
        use, _, tail = tail.partition(".")
        start = tr("{actor}, fire ({use})", actor=actor(v, _uses(v)[use].actor), use=spoken(use))
    elif room == "manpower":
        start = tr("{actor}, people", actor=actor(v, head))
    elif room == "attrition" and head == "sides":
        side, _, tail = tail.partition(".")
        start = tr("{actor}, losses inflicted", actor=actor(v, side))
    elif room == "front" and head == "axes" and v.front:
        axis, _, tail = tail.partition(".")
        start = v.front.axes[axis].name if axis in v.front.axes else spoken(axis)
    else:
        start, tail = _political_path(v, room, head, tail, rest)
    return f"{start}: {', '.join(field(v, part) for part in tail.split('.'))}" if tail else start


def field(v: Vocabulary, key: str) -> str:
    """A part of a path: the name of a good, or a field of the notation read aloud."""
    return v.goods[key].name if key in v.goods else tr(spoken(key))


def _political_path(v: Vocabulary, room: str, head: str, tail: str, rest: str) -> tuple[str, str]:
    """Start and rest of the name of a number among allies, bargains, regimes, programmes, patrons and events."""
    inner, _, last = tail.partition(".")
    start = tr(spoken(room))
    if room == "talks" and head == "sides":
        start, rest = tr("{actor}, at the table", actor=actor(v, inner)), last
    elif room == "coalition" and head == "donors" and v.coalition and inner in v.coalition.donors:
        start, rest = tr("{actor}, as an ally", actor=actor(v, v.coalition.donors[inner].actor)), last
    elif room == "bargains" and head in v.bargains:
        start, rest = tr("Bargain, {name}", name=bargain(v, head)), tail
    elif room == "sanctions" and head in v.sanctions:
        start, rest = tr("Sanctions, {name}", name=v.sanctions[head].name or spoken(head)), tail
    elif room == "programmes" and head in v.programmes:
        step, _, field = last.partition(".")
        known = v.programmes[head].milestones
        start = f"{actor(v, v.programmes[head].actor)}, {v.programmes[head].name or spoken(head)}"
        start, rest = (f"{start}, {known[step].name}", field) if inner == "milestones" and step in known else (start, tail)
    elif room == "tests" and head in v.tests:
        start, rest = f"{actor(v, v.tests[head].actor)}, {v.tests[head].name or spoken(head)}", tail
    elif room == "dependence" and head in v.dependence:
        who, _, field = last.partition(".")
        known_patrons = v.dependence[head].patrons
        start = tr("{actor} and its patrons", actor=dependence(v, head))
        start, rest = (
            (f"{start}, {actor(v, known_patrons[who].actor)}", field) if inner == "patrons" and who in known_patrons else (start, tail)
        )
    elif room == "region" and head == "members" and v.region and inner in v.region.members:
        start, rest = tr("{actor}, armament", actor=actor(v, v.region.members[inner].actor)), last
    elif room == "events" and head in v.events:
        start, rest = tr("Event, {says}", says=v.events[head].says), tail
    return start, rest
