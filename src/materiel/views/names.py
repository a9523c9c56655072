"""What things are called: names come from the scenario; the catalogue of measures gives the rest."""

import re
from typing import NamedTuple

from materiel.scenario.measures import CATALOGUE
from materiel.scenario.vocabulary import Cover, Drawdown, Steady, Vocabulary

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
    return " and ".join(of_side) if of_side else spoken(key)


def good(v: Vocabulary, key: str) -> str:
    """Name of a good."""
    return v.goods[key].name if key in v.goods else spoken(key)


def _uses(v: Vocabulary) -> dict[str, Cover | Steady | Drawdown]:
    return {**v.fire.cover, **v.fire.steady, **v.fire.drawdown}


def _index(v: Vocabulary, family: str, index: str) -> str:
    """What stands between the brackets of a measure, in the scenario's names."""
    head, _, tail = index.partition(".")
    uses = _uses(v)
    axes = v.front.axes if v.front else {}
    if family in ("delivered", "containers", "offer.open") and head in v.offers:
        name = f"{actor(v, v.offers[head].from_)} to {actor(v, v.offers[head].to)}"
    elif family == "supplied" and head in v.supplies:
        name = f"{actor(v, v.supplies[head].from_)} to {actor(v, v.supplies[head].to)}, {good(v, v.supplies[head].good)}"
    elif family == "made" and head in v.production:
        name = actor(v, v.production[head].actor)
    elif family == "fired" and head in uses:
        name = f"{actor(v, uses[head].actor)} ({spoken(head)})"
    elif head in axes:
        name = axes[head].name
    else:
        name = actor(v, head)
    return f"{name}: {good(v, tail)}" if tail else name


def measure(v: Vocabulary, text: str) -> Named:
    """Name of a measure or of a sum `a[x] + a[y]`. Raises KeyError for a family that the catalogue does not have."""
    terms = [m for m in (_TERM.fullmatch(t.strip()) for t in text.split(" + ")) if m]
    if not terms:
        raise KeyError(text)
    kinds = [CATALOGUE[t["family"]] for t in terms]
    meaning = re.sub(r", by [a-z, ]+$", "", kinds[0].meaning)
    for side in {a.side for a in v.actors.values() if a.side}:
        meaning = re.sub(rf"\bside {side}\b", actor(v, side), meaning)
    of = " and ".join(dict.fromkeys(_index(v, t["family"], t["index"]) for t in terms if t["index"]))
    return Named(meaning[0].upper() + meaning[1:], of, kinds[0].unit, kinds[0].kind == "total")


def path(v: Vocabulary, dotted: str) -> str:
    """A number's dotted path in the scenario's names: `goods.old_152.ageing.life` -> `152 mm shells, old: ageing, life`."""
    room, _, rest = dotted.partition(".")
    if room == "stocks":
        owner, _, tail = rest.partition(".")
        held, _, last = tail.partition(".")
        return f"{actor(v, owner)}: {good(v, held)}, {spoken(last)}"
    head, _, tail = rest.partition(".")
    if room == "goods":
        start = good(v, head)
    elif room == "offers" and head in v.offers:
        start = f"{actor(v, v.offers[head].from_)} to {actor(v, v.offers[head].to)}, offer"
    elif room == "supplies" and head in v.supplies:
        start = f"{actor(v, v.supplies[head].from_)} to {actor(v, v.supplies[head].to)}"
    elif room == "production" and head in v.production:
        start = f"{actor(v, v.production[head].actor)}, output ({spoken(head)})"
    elif room == "fire" and tail.partition(".")[0] in _uses(v):
        use, _, tail = tail.partition(".")
        start = f"{actor(v, _uses(v)[use].actor)}, fire ({spoken(use)})"
    elif room == "manpower":
        start = f"{actor(v, head)}, people"
    elif room == "attrition" and head == "sides":
        side, _, tail = tail.partition(".")
        start = f"{actor(v, side)}, losses inflicted"
    elif room == "front" and head == "axes" and v.front:
        axis, _, tail = tail.partition(".")
        start = v.front.axes[axis].name if axis in v.front.axes else spoken(axis)
    else:
        start, tail = spoken(room), rest
    return f"{start}: {', '.join(good(v, part) for part in tail.split('.'))}" if tail else start
