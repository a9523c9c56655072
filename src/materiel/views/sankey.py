"""A layered Sankey: where amounts came from and where they went. Layout in plain Python, drawing by Vega marks.

Layers follow the longest way from a first node; within a layer, nodes are ordered by the barycentre of their
neighbours (Sugiyama, Tagawa and Toda 1981), which keeps crossings few. Links leave and enter a node stacked in the
order of the other end, so that they do not cross at the node.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from materiel.views import words
from materiel.views.frame import CONFIG, FONT, Frame, Spec, colour
from materiel.views.goods import Went
from materiel.views.language import tr

NODE_WIDTH, GAP, THINNEST = 14.0, 30.0, 0.8  # pixels; the gap leaves room for two lines of words


class Link(NamedTuple):
    """An amount that went from one node to another; all amounts of a picture share one unit."""

    giver: str
    taker: str
    amount: float


@dataclass
class Node:
    """A node with its place in the picture, in pixels; `amount` is the larger of what came and what went."""

    name: str
    layer: int
    amount: float = 0.0
    x: float = 0.0
    y: float = 0.0
    height: float = 0.0


@dataclass
class Band:
    """A link with its place: `points` is where its middle leaves a node, enters the next, and so on; `width` in pixels."""

    link: Link
    width: float = 0.0
    points: list[tuple[float, float]] = field(default_factory=list)

    @property
    def path(self) -> str:
        """SVG path of the filled band: curved between layers, straight where it passes through one."""
        half = max(self.width, THINNEST) / 2
        upper = [(x, y - half) for x, y in self.points]
        lower = [(x, y + half) for x, y in reversed(self.points)]
        return f"M{_at(*upper[0])}{_along(upper)}L{_at(*lower[0])}{_along(lower)}Z"


def _at(x: float, y: float) -> str:
    return f"{x:.1f},{y:.1f}"


def _along(edge: Sequence[tuple[float, float]]) -> str:
    """One edge of a band: curve, straight, curve, ..."""
    pieces = []
    for i, ((x0, y0), (x1, y1)) in enumerate(pairwise(edge)):
        mid = (x0 + x1) / 2
        pieces.append(f"C{_at(mid, y0)} {_at(mid, y1)} {_at(x1, y1)}" if i % 2 == 0 else f"L{_at(x1, y1)}")
    return "".join(pieces)


@dataclass
class Layout:
    """Nodes by name and links, placed in a picture of width x height pixels."""

    width: float
    height: float
    nodes: dict[str, Node] = field(default_factory=dict)
    bands: list[Band] = field(default_factory=list)


Near = Sequence[tuple[str, float]]  # other ends and amounts of the links of a node


def layers(links: Sequence[Link], last: Sequence[str] = ()) -> dict[str, int]:
    """Layer of each node: the longest way from a node without givers; `last` nodes stand in the last layer.

    Raises ValueError for amounts that go in a circle.
    """
    names = dict.fromkeys(n for link in links for n in (link.giver, link.taker))
    layer = dict.fromkeys(names, 0)
    for _ in names:
        moved = False
        for link in links:
            if layer[link.taker] <= layer[link.giver]:
                layer[link.taker], moved = layer[link.giver] + 1, True
        if not moved:
            break
    else:
        if names:
            raise ValueError("the amounts go in a circle; a layered picture cannot show it")
    deepest = max(layer.values(), default=0)
    takers = {link.taker for link in links}
    for name in names:
        nexts = [layer[link.taker] for link in links if link.giver == name]
        if name not in takers and nexts:
            layer[name] = min(nexts) - 1  # a first node stands next to what it feeds
    return layer | {name: deepest for name in last if name in layer}


def layout(links: Sequence[Link], width: float, tallest: float, last: Sequence[str] = ()) -> Layout:
    """Place the links with a positive amount. Widths of links and heights of nodes share one scale.

    `tallest` is the sum of the heights of the fullest layer in pixels, gaps not counted.
    """
    kept = [link for link in links if link.amount > 0]
    layer = layers(kept, last)
    nodes = {name: Node(name, at) for name, at in layer.items()}
    ways = [_way(link, nodes) for link in kept]
    hops = [Link(a, b, link.amount) for link, way in zip(kept, ways, strict=True) for a, b in pairwise(way)]
    for node in nodes.values():
        node.amount = max(sum(h.amount for h in hops if h.taker == node.name), sum(h.amount for h in hops if h.giver == node.name))
    columns = _order(nodes, hops)
    scale = min((tallest / sum(n.amount for n in c) for c in columns), default=1.0)
    tall = [sum(n.amount * scale for n in c) + GAP * (len(c) - 1) for c in columns]
    step = (width - NODE_WIDTH) / max(len(columns) - 1, 1)
    placed = Layout(width, max(tall, default=0.0), {n: nodes[n] for n in layer})
    for i, column in enumerate(columns):
        y = (placed.height - tall[i]) / 2
        for node in column:
            node.x, node.y, node.height = i * step, y, node.amount * scale
            y += node.height + GAP
    ends, first = _stack(nodes, hops, scale), 0
    for link, way in zip(kept, ways, strict=True):
        points = [p for i in range(len(way) - 1) for p in ends[first + i]]
        placed.bands.append(Band(link, link.amount * scale, points))
        first += len(way) - 1
    return placed


def _way(link: Link, nodes: dict[str, Node]) -> list[str]:
    """The nodes of a link, with an unnamed place in each layer that it passes, so that it does not cross other nodes."""
    way = [link.giver]
    for at in range(nodes[link.giver].layer + 1, nodes[link.taker].layer):
        way.append(f"{link.giver}\0{link.taker}\0{at}")
        nodes[way[-1]] = Node(way[-1], at)
    return [*way, link.taker]


def _order(nodes: Mapping[str, Node], hops: Sequence[Link]) -> list[list[Node]]:
    """Columns of nodes: by barycentre, swept right and left, then neighbours exchanged while fewer rounds cross."""
    columns: list[list[Node]] = [[] for _ in range(1 + max((n.layer for n in nodes.values()), default=-1))]
    for node in nodes.values():
        columns[node.layer].append(node)
    place = {n.name: (i + 0.5) / len(c) for c in columns for i, n in enumerate(c)}
    takers, givers, near = ({name: list[tuple[str, float]]() for name in nodes} for _ in range(3))
    for h in hops:
        takers[h.giver].append((h.taker, h.amount))
        givers[h.taker].append((h.giver, h.amount))
        near[h.giver].append((h.taker, h.amount))
        near[h.taker].append((h.giver, h.amount))
    for sweep in range(8):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            centre = {n.name: _barycentre(near[n.name], place) for n in column}
            column.sort(key=lambda n: centre[n.name])
            place |= {n.name: (i + 0.5) / len(column) for i, n in enumerate(column)}
    for _ in range(4):
        for column in columns:
            for i in range(len(column) - 1):
                above, below = column[i].name, column[i + 1].name
                if _crossed(below, above, (takers, givers), place) < _crossed(above, below, (takers, givers), place):
                    column[i], column[i + 1] = column[i + 1], column[i]
                    place[above], place[below] = place[below], place[above]
    return columns


def _crossed(above: str, below: str, sides: Iterable[Mapping[str, Near]], place: Mapping[str, float]) -> float:
    """Amount that crosses between the links of two neighbours, one placed above the other."""
    return sum(min(a, b) for side in sides for y, a in side[above] for z, b in side[below] if place[y] > place[z])


def _barycentre(near: Near, place: Mapping[str, float]) -> float:
    """Mean place of the neighbours, weighted by amount."""
    return sum(place[name] * a for name, a in near) / sum(a for _, a in near)


def _stack(nodes: Mapping[str, Node], hops: Sequence[Link], scale: float) -> list[tuple[tuple[float, float], ...]]:
    """Where each hop leaves and enters: stacked in the order of the other end, centred where a node holds more."""
    leaves: dict[int, tuple[float, float]] = {}
    enters: dict[int, tuple[float, float]] = {}
    for node in nodes.values():
        for out, at, x in ((True, leaves, node.x + NODE_WIDTH), (False, enters, node.x)):
            mine = [i for i, h in enumerate(hops) if (h.giver if out else h.taker) == node.name]
            mine.sort(key=lambda i: nodes[hops[i].taker if out else hops[i].giver].y)
            y = node.y + (node.height - sum(hops[i].amount for i in mine) * scale) / 2
            for i in mine:
                at[i] = (x, y + hops[i].amount * scale / 2)
                y += hops[i].amount * scale
    return [(leaves[i], enters[i]) for i in range(len(hops))]


def counted(period: str) -> str:
    """The line under the title: when, and what is counted."""
    return tr("{period}, all goods counted in rounds; medians, which need not add up", period=period)


def amount(arrow: Went | None) -> str:
    """An arrow in words: its median, and where nine of ten worlds lie."""
    if arrow is None or arrow.p95 < 1:
        return tr("nothing")
    return f"{words.amount(arrow.median, 'rounds')} ({words.bare_interval(arrow.p5, arrow.p95, 'rounds')})"


COLOURS = {"came": "made", "held": "held", "fired": "used", "lost": "lost", "left": "calm"}


def where_it_went(
    title: str, says: Sequence[str], unit: str, links: Sequence[Link], roles: Mapping[str, str], frame: Frame, wide: int = 640
) -> Spec:
    """A layered Sankey as a Vega spec, so many pixels `wide`; `says` are the lines under its title.

    `roles` says of each node what it is: came, held, fired, lost or left. Raises ValueError for amounts that go in a circle.
    """
    drawn = layout(links, wide, 330, last=[n for n, role in roles.items() if role in ("fired", "lost", "left")])
    nodes = [_node(n, unit, colour(COLOURS[roles.get(n.name, "held")])) for n in drawn.nodes.values()]
    bands = [_band(b, unit, roles) for b in drawn.bands]
    foot = [{"text": line, "y": drawn.height + 26 + 14 * i} for i, line in enumerate(frame.lines)]
    soft, ink = {"value": colour("soft")}, {"value": colour("ink")}
    at = {"x": {"field": "text_x"}, "align": {"field": "align"}}
    name = at | {"y": {"field": "middle", "offset": -3}, "text": {"field": "name"}, "fontSize": {"value": 12}, "fontWeight": {"value": 600}}
    amount = at | {"y": {"field": "middle", "offset": 12}, "text": {"field": "amount"}, "fontSize": {"value": 11}}
    line = {"x": {"value": 0}, "y": {"field": "y"}, "text": {"field": "text"}, "fontSize": {"value": 10}, "baseline": {"value": "top"}}
    band = {"path": {"field": "path"}, "fill": {"field": "hue"}, "tooltip": {"field": "says"}}
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "description": tr("{title}; a table of the same amounts stands below", title=title),
        "width": drawn.width,
        "height": drawn.height,
        "padding": CONFIG["padding"],
        "config": {"title": CONFIG["title"], "text": {"font": FONT}},
        "title": {"text": title, "subtitle": list(says), "frame": "bounds", "font": FONT, "subtitleFont": FONT},
        "data": [{"name": "nodes", "values": nodes}, {"name": "bands", "values": bands}, {"name": "foot", "values": foot}],
        "marks": [
            _mark("path", "bands", band, update={"fillOpacity": {"value": 0.34}}, hover={"fillOpacity": {"value": 0.6}}),
            _mark("rect", "nodes", {k: {"field": k} for k in ("x", "x2", "y", "y2")} | {"fill": {"field": "hue"}}),
            _mark("text", "nodes", name | {"fill": ink}),
            _mark("text", "nodes", amount | {"fill": soft}),
            _mark("text", "foot", line | {"fill": soft}),
        ],
    }


def _mark(kind: str, data: str, enter: Spec, **more: Spec) -> Spec:
    # the words beside a node tell those who listen what it is; its rectangle need not
    told: Spec = {"description": tr("amounts that went from one to another")} if kind == "path" else {"aria": kind == "text"}
    return {"type": kind, **told, "from": {"data": data}, "interactive": kind == "path", "encode": {"enter": enter, **more}}


def _node(n: Node, unit: str, hue: str) -> Spec:
    """A node as Vega draws it; words stand left of the first layer and right of the others."""
    left = n.layer == 0
    place = {"x": n.x, "x2": n.x + NODE_WIDTH, "y": n.y, "y2": n.y + max(n.height, 1), "middle": n.y + n.height / 2}
    place["text_x"] = n.x - 7 if left else n.x + NODE_WIDTH + 7
    words_ = {"name": n.name, "amount": words.amount(n.amount, unit), "hue": hue, "align": "right" if left else "left"}
    return {k: round(v, 1) for k, v in place.items()} | words_


def _band(b: Band, unit: str, roles: Mapping[str, str]) -> Spec:
    """A band has the colour of what became of it; between depots, and into them, of where it came from."""
    end = roles.get(b.link.taker, "held")
    role = roles.get(b.link.giver, "held") if end == "held" else end
    says = tr("{giver} to {taker}: {amount}", giver=b.link.giver, taker=b.link.taker, amount=words.amount(b.link.amount, unit))
    return {"path": b.path, "hue": colour(COLOURS[role]), "says": says}
