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
        name = f"{actor(v, uses[head].actor)}, {', '.join(good(v, g) for g in uses[head].goods)}"
    elif head in axes:
        name = axes[head].name
    else:
        name = actor(v, head)
    return f"{name}, {good(v, tail)}" if tail else name


def measure(v: Vocabulary, text: str) -> Named:
    """Name of a measure or of a sum `a[x] + a[y]`. Raises KeyError for a family that the catalogue does not have."""
    terms = [m for m in (_TERM.fullmatch(t.strip()) for t in text.split(" + ")) if m]
    if not terms:
        raise KeyError(text)
    kinds = [CATALOGUE[t["family"]] for t in terms]
    meaning = re.sub(r",? by [a-z, ]+$", "", kinds[0].meaning)
    of = " and ".join(dict.fromkeys(_index(v, t["family"], t["index"]) for t in terms if t["index"]))
    title = meaning[0].upper() + meaning[1:]
    for side in {a.side for a in v.actors.values() if a.side}:
        title = re.sub(rf"\bside {side}\b", actor(v, side), title)
    return Named(title, of, kinds[0].unit, kinds[0].kind == "total")
