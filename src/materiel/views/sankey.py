"""A layered Sankey: where amounts came from and where they went. Layout in plain Python, drawing by Vega marks.

Layers follow the longest way from a first node; within a layer, nodes are ordered by the barycentre of their
neighbours (Sugiyama, Tagawa and Toda 1981), which keeps crossings few. Links leave and enter a node stacked in the
order of the other end, so that they do not cross at the node.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple


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
        half = self.width / 2
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


def layout(links: Sequence[Link], width: float, height: float, last: Sequence[str] = (), node_width: float = 14, gap: float = 18) -> Layout:
    """Place the links with a positive amount. Widths of links and heights of nodes share one scale."""
    kept = [link for link in links if link.amount > 0]
    layer = layers(kept, last)
    nodes = {name: Node(name, at) for name, at in layer.items()}
    ways = [_way(link, nodes) for link in kept]
    hops = [Link(a, b, way_link.amount) for way_link, way in zip(kept, ways, strict=True) for a, b in pairwise(way)]
    for node in nodes.values():
        node.amount = max(sum(h.amount for h in hops if h.taker == node.name), sum(h.amount for h in hops if h.giver == node.name))
    columns = _order(nodes, hops)
    scale = min(((height - gap * (len(c) - 1)) / sum(n.amount for n in c) for c in columns), default=1.0)
    step = (width - node_width) / max(len(columns) - 1, 1)
    for i, column in enumerate(columns):
        y = (height - sum(n.amount * scale for n in column) - gap * (len(column) - 1)) / 2
        for node in column:
            node.x, node.y, node.height = i * step, y, node.amount * scale
            y += node.height + gap
    ends = _stack(nodes, hops, scale, node_width)
    placed, first = Layout(width, height, {n: nodes[n] for n in layer}), 0
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
    """Columns of nodes, each in the order of its barycentre, swept right and left."""
    columns: list[list[Node]] = [[] for _ in range(1 + max((n.layer for n in nodes.values()), default=-1))]
    for node in nodes.values():
        columns[node.layer].append(node)
    place = {n.name: (i + 0.5) / len(c) for c in columns for i, n in enumerate(c)}
    for sweep in range(8):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            centre = {n.name: _barycentre(n, hops, place) for n in column}
            column.sort(key=lambda n: centre[n.name])
            place |= {n.name: (i + 0.5) / len(column) for i, n in enumerate(column)}
    return columns


def _barycentre(node: Node, hops: Sequence[Link], place: Mapping[str, float]) -> float:
    """Mean place of the neighbours, weighted by amount."""
    near = [(place[h.taker if h.giver == node.name else h.giver], h.amount) for h in hops if node.name in (h.giver, h.taker)]
    return sum(p * a for p, a in near) / sum(a for _, a in near)


def _stack(nodes: Mapping[str, Node], hops: Sequence[Link], scale: float, node_width: float) -> list[tuple[tuple[float, float], ...]]:
    """Where each hop leaves and enters: stacked in the order of the other end, centred where a node holds more."""
    leaves: dict[int, tuple[float, float]] = {}
    enters: dict[int, tuple[float, float]] = {}
    for node in nodes.values():
        for out, at, x in ((True, leaves, node.x + node_width), (False, enters, node.x)):
            mine = [i for i, h in enumerate(hops) if (h.giver if out else h.taker) == node.name]
            mine.sort(key=lambda i: nodes[hops[i].taker if out else hops[i].giver].y)
            y = node.y + (node.height - sum(hops[i].amount for i in mine) * scale) / 2
            for i in mine:
                at[i] = (x, y + hops[i].amount * scale / 2)
                y += hops[i].amount * scale
    return [(leaves[i], enters[i]) for i in range(len(hops))]
