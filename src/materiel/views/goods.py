"""Where the rounds came from and where they went, read off the ledger's flows: no mechanism is asked.

An account is `kind:rest` (see the ledger). What stands on the way between two depots is folded into one arrow, and
what had not arrived on the last day is a node of its own. Amounts are added in each world first, and only then is the
median taken, so medians of parts need not add up to the median of the whole.
"""

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from materiel.scenario.vocabulary import Vocabulary
from materiel.views import names
from materiel.views.bands import Numbers, quantiles
from materiel.views.language import SOURCE, mark, speaking, tr

if TYPE_CHECKING:
    from materiel.worlds import Worlds

LOST, SEIZED, WAITING, LEFT = mark("Lost on the way"), mark("Stopped by enforcers"), mark("Still on the way"), mark("Still in depots")
MADE, ELSEWHERE = mark("Made"), mark("From elsewhere")
OF = (  # the names of nodes, as they are kept in English whatever is spoken; `node` says them
    mark("Depots of {owner}"),
    mark("Held at first by {owner}"),
    mark("Made in {owner}"),
    mark("From {owner}"),
    mark("Fired by {owner}"),
)


class Went(NamedTuple):
    """An arrow: amounts in rounds over all goods, median and 90 % of the worlds."""

    giver: str
    taker: str
    median: float
    p5: float
    p95: float


class Goods(NamedTuple):
    """All arrows of one course, and what each node is: came, held, fired, lost or left."""

    arrows: list[Went]
    roles: dict[str, str]


def _owner(v: Vocabulary, key: str) -> str:
    """Who holds: allies of one group stand together, or the picture could not be read."""
    donors = v.coalition.donors.values() if v.coalition else ()
    groups = [d.group for d in donors if d.actor == key]
    together = bool(groups) and sum(d.group == groups[0] for d in donors) > 1
    return names.group(v, groups[0]) if together else names.actor(v, key)


def _depot(v: Vocabulary, key: str) -> str:
    return f"Depots of {_owner(v, key)}"


def node(name: str) -> str:
    """The name of a node as it is said."""
    for pattern in OF if name not in (LOST, SEIZED, WAITING, LEFT, MADE, ELSEWHERE) else ():
        start = pattern.removesuffix("{owner}")
        if name.startswith(start):
            return tr(pattern, owner=names.allies(name.removeprefix(start)))
    return tr(name)


def _offered(v: Vocabulary, key: str) -> str | None:
    """Who sends what is on the way under this id: an offer's supplier or an ally."""
    if key in v.offers:
        return v.offers[key].from_
    donors = v.coalition.donors if v.coalition else {}
    return donors[key].actor if key in donors else None


def _ends(v: Vocabulary, giver: str, taker: str) -> tuple[tuple[str, str], tuple[str, str]] | None:
    """Names and roles of the two ends of one flow; None for a move inside a pipeline or of something that is not rounds."""
    kind, _, rest = giver.partition(":")
    to_kind, _, to_rest = taker.partition(":")
    first, _, tail = rest.partition("/")
    good = (to_rest if to_kind == "depot" else rest).split("/")
    if not any(part in v.goods and v.goods[part].unit == "rounds" for part in good):
        return None
    start: tuple[str, str]
    if kind == "depot":
        start = (_depot(v, first), "held")
    elif kind == "making" and to_kind == "depot":
        start = (f"Made in {_owner(v, to_rest.partition('/')[0]).removeprefix('allies in ')}" if first in v.production else MADE, "came")
    elif kind == "source" and first == "given":
        start = (f"From {_owner(v, v.supplies[tail].from_)}" if tail in v.supplies else ELSEWHERE, "came")
    elif kind == "transit" and (sender := _offered(v, first) or _offered(v, tail.partition("/")[0])) is not None:
        start = (_depot(v, sender), "held")
    elif kind == "source" and to_kind == "depot":
        start = (ELSEWHERE, "came")
    else:
        return None
    sink = to_rest.partition("/")[0]
    if to_kind == "depot":
        end = (_depot(v, sink), "held")
    elif to_kind == "waiting" or (to_kind == "transit" and kind == "depot"):
        end = (WAITING, "left")
    elif to_kind == "sink" and sink == "fired":
        end = (f"Fired by {start[0].removeprefix('Depots of ')}", "fired")
    elif to_kind == "sink":
        end = (SEIZED if sink == "seized" else LOST, "lost")
    else:
        return None
    return start, end


def where(worlds: "Worlds", course: str) -> Goods:
    """Arrows of one course from the first day to the last, by decreasing median within the order of the ledger.

    Nodes have English names, so that what is kept can be compared whatever is spoken when it is shown.
    """
    with speaking(SOURCE):
        return _where(worlds, course)


def _where(worlds: "Worlds", course: str) -> Goods:
    v = worlds.scenario.vocabulary
    total: dict[tuple[str, str], Numbers] = defaultdict(lambda: np.zeros(worlds.n))
    roles: dict[str, str] = {}
    for path, stock in sorted(v.stocks.items()):
        owner, _, good = path.partition(".")
        if good in v.goods and v.goods[good].unit == "rounds":
            first = f"Held at first by {_owner(v, owner)}"
            roles |= {first: "came", _depot(v, owner): "held"}
            total[first, _depot(v, owner)] += worlds.unknown(stock.held.path)
    flows, ends = worlds.flows(course), worlds.flow_ends
    for name in sorted(flows):
        named = _ends(v, *ends[name])
        if named is None:
            continue
        (giver, role), (taker, end) = named
        roles |= {giver: role, taker: end}
        if giver == taker:
            continue
        total[giver, taker] += flows[name]
        if ends[name][0].startswith("transit:"):
            total[giver, WAITING] -= flows[name]  # what came off the way is no longer on it
    for depot in [n for n, role in roles.items() if role == "held"]:
        came = sum((x for (_, t), x in total.items() if t == depot), start=np.zeros(worlds.n))
        went = sum((x for (g, _), x in total.items() if g == depot), start=np.zeros(worlds.n))
        total[depot, LEFT] = came - went
        roles[LEFT] = "left"
    arrows = []
    for (giver, taker), x in total.items():
        p5, median, p95 = (float(q) for q in quantiles(np.maximum(x, 0.0), (0.05, 0.5, 0.95)))
        arrows.append(Went(giver, taker, median, p5, p95))
    return Goods(sorted(arrows, key=lambda a: (_place(roles, a), -a.median)), roles)


def _place(roles: dict[str, str], arrow: Went) -> int:
    """Rows of the table: what came, what went between depots, what became of it."""
    if roles[arrow.giver] == "came":
        return 0
    return 1 if roles[arrow.taker] == "held" else 2
