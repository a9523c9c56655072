"""What drives what, as a picture: mechanisms on an ellipse, arrows between them, plain SVG built here.

Who drives whom comes from the engine; this file only places it. Neighbours are exchanged on the ellipse while that makes
the arrows shorter, arrows bend towards the middle so that they pass no third mechanism, and the two kinds of arrow bend
differently so that they do not lie on each other.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import combinations

from materiel.scenario.vocabulary import Vocabulary
from materiel.views import names
from materiel.views.figures import Table
from materiel.views.frame import FONT, Frame, colour, lit
from materiel.views.language import mark, tr

Arrow = tuple[str, str, str, tuple[str, ...]]  # who drives, whom, through which kind of thing, and what that is
Point = tuple[float, float]

SAYS = {
    "measures": mark("shows a measure that the next one looks at"),
    "accounts": mark("holds, brings or takes goods on which the next one depends"),
}
CASUALTIES = mark("casualties")  # an account that is no good of the scenario
COLOURS = {"measures": "lost", "accounts": "made"}
BEND = {"measures": 0.45, "accounts": 0.8}  # how far out the middle of an arrow is drawn; 1 = straight
APART = {"measures": -16.0, "accounts": 16.0}  # pixels further in or out, so that two kinds between one pair stay apart
HIGH, LETTER, TOP, FOOT, EDGE = 28.0, 8.0, 88.0, 46.0, 10.0  # pixels
HEAD = 7.0  # room for the head of an arrow before a box


@dataclass(frozen=True)
class Drives:
    """The picture, a sentence on the loops, and the same as two tables."""

    svg: str
    says: str
    mechanisms: Table
    arrows: Table


@dataclass(frozen=True)
class Box:
    """A mechanism's place: its middle and its size, in pixels."""

    x: float
    y: float
    width: float

    def holds(self, at: Point, room: float = 0.0) -> bool:
        """Whether a point lies in the box, or nearer to it than `room`."""
        return abs(at[0] - self.x) < self.width / 2 + room and abs(at[1] - self.y) < HIGH / 2 + room


def drives(
    v: Vocabulary,
    says: Mapping[str, str],
    arrows: Sequence[Arrow],
    loops: Sequence[Sequence[str]],
    by_measures: Sequence[Sequence[str]],
    of: Frame,
) -> Drives:
    """Everything the brief shows of the map: mechanisms by name with what each is, arrows, and the loops they close."""
    says = {tr(m): tr(what) for m, what in says.items()}  # the names of mechanisms are ours, too
    arrows = [(tr(a), tr(b), kind, what) for a, b, kind, what in arrows]
    loops, by_measures = ([[tr(m) for m in loop] for loop in some] for some in (loops, by_measures))
    looped = {m for loop in loops for m in loop}
    sentence = tr("No mechanism stands in a loop.")
    if looped:
        sentence = tr("{n} of {of} mechanisms stand in a loop: {loops}.", n=len(looped), of=len(says), loops=_listed(loops))
    if looped and by_measures:
        sentence += " " + tr("Through measures alone, without goods, these do: {loops}.", loops=_listed(by_measures))
    rows = [(m, what, tr("yes") if m in looped else tr("no")) for m, what in says.items()]
    return Drives(
        svg=picture(v, says, arrows, looped, tr("What drives what. {loops} A table stands below.", loops=sentence), of),
        says=sentence,
        mechanisms=Table((tr("Mechanism"), tr("What it is"), tr("In a loop")), rows),
        arrows=Table((tr("Drives"), tr("is driven"), tr("through")), [(a, b, _through(v, kind, what)) for a, b, kind, what in arrows]),
    )


def _listed(loops: Sequence[Sequence[str]]) -> str:
    return "; ".join(", ".join(loop) for loop in loops)


def _through(v: Vocabulary, kind: str, what: Iterable[str]) -> str:
    if kind == "measures":
        return "; ".join(names.measure(v, family).title for family in what)
    return tr("accounts: {things}", things=", ".join(names.field(v, thing) for thing in what))


def ring(them: Sequence[str], pairs: Sequence[tuple[str, str]]) -> list[str]:
    """The order on the ellipse: two are exchanged as long as that shortens the arrows, counted in places."""
    order = list(them)
    n = len(order)

    def length() -> int:
        place = {m: i for i, m in enumerate(order)}
        return sum(min((place[a] - place[b]) % n, (place[b] - place[a]) % n) for a, b in pairs)

    best, better = length(), True
    while better:
        better = False
        for i, j in combinations(range(n), 2):
            order[i], order[j] = order[j], order[i]
            if (now := length()) < best:
                best, better = now, True
            else:
                order[i], order[j] = order[j], order[i]
    return order


def place(order: Sequence[str]) -> tuple[dict[str, Box], float, float]:
    """Boxes on an ellipse large enough that neighbours do not touch, and the size of the whole."""
    widths = {m: LETTER * len(m) + 22 for m in order}
    widest, n = max(widths.values(), default=0.0), len(order)
    wide = max(230.0, (widest + 22) / (2 * math.sin(math.pi / max(n, 3))))
    high = max(150.0, 0.62 * wide)
    middle = (EDGE + widest / 2 + wide, TOP + HIGH / 2 + high)
    turn = [2 * math.pi * i / max(n, 1) - math.pi / 2 for i in range(n)]
    boxes = {m: Box(middle[0] + wide * math.cos(t), middle[1] + high * math.sin(t), widths[m]) for m, t in zip(order, turn, strict=True)}
    return boxes, 2 * middle[0], 2 * middle[1] - TOP + FOOT


def curve(a: Box, b: Box, kind: str, middle: Point, room: Point = (HEAD, HEAD)) -> tuple[Point, Point, Point]:
    """Start, control point and end of an arrow, bent towards the middle and cut off before both boxes."""
    start, end = (a.x, a.y), (b.x, b.y)
    half = ((a.x + b.x) / 2 - middle[0], (a.y + b.y) / 2 - middle[1])
    out = math.hypot(*half)
    # outwards; of an arrow through the middle, to a side that does not depend on which end is named first
    across = sorted((start, end))
    way = half if out > 1 else (across[0][1] - across[1][1], across[1][0] - across[0][0])
    far = APART[kind] / (math.hypot(*way) or 1.0)
    control = (middle[0] + BEND[kind] * half[0] + far * way[0], middle[1] + BEND[kind] * half[1] + far * way[1])

    def at(t: float, u: float) -> Point:
        p, q, r = (1 - t) * (1 - u), t * (1 - u) + u * (1 - t), t * u
        return p * start[0] + q * control[0] + r * end[0], p * start[1] + q * control[1] + r * end[1]

    steps = [i / 400 for i in range(401)]
    leaves = next((t for t in steps if not a.holds(at(t, t), room[0])), 0.0)
    enters = next((t for t in reversed(steps) if not b.holds(at(t, t), room[1])), 1.0)
    return at(leaves, leaves), at(leaves, enters), at(enters, enters)


def both_ways(arrows: Iterable[Arrow]) -> dict[tuple[str, str, str], list[Arrow]]:
    """Arrows by pair and kind: two that go there and back become one with two heads."""
    lines: dict[tuple[str, str, str], list[Arrow]] = {}
    for arrow in arrows:
        source, target, kind, _ = arrow
        back = (target, source, kind)
        lines.setdefault(back if back in lines else (source, target, kind), []).append(arrow)
    return lines


def picture(v: Vocabulary, says: Mapping[str, str], arrows: Sequence[Arrow], looped: set[str], alt: str, of: Frame) -> str:
    """The SVG. Every text is escaped; colours are the page's variables."""
    boxes, width, height = place(ring(list(says), [(a, b) for a, b, *_ in arrows]))
    middle = (width / 2, (TOP + height - FOOT) / 2)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(alt)}" font-family="{FONT}">',
        "<defs>",
    ]
    for kind, hue in COLOURS.items():
        out.append(
            f'<marker id="drives-{kind}" viewBox="0 0 8 8" refX="2" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" '
            f'orient="auto-start-reverse"><path d="M0,0L8,4L0,8Z" fill="{colour(hue)}"/></marker>'
        )
    out += ["</defs>", _text(EDGE, 18, tr("What drives what"), 15, "ink", bold=True)]
    for i, (kind, means) in enumerate(SAYS.items()):
        y = 38 + 18 * i
        out += [_line(kind, f"M{EDGE},{y}L{EDGE + 34},{y}", start=False), _text(EDGE + 50, y + 4, tr(means), 11.5, "soft")]
    out.append(_text(EDGE, 78, tr("bold: in a loop"), 11.5, "soft"))
    for (a, b, kind), lines in both_ways(arrows).items():
        p, q, r = curve(boxes[a], boxes[b], kind, middle, (HEAD if len(lines) > 1 else 1.0, HEAD))
        path = f"M{p[0]:.1f},{p[1]:.1f}Q{q[0]:.1f},{q[1]:.1f} {r[0]:.1f},{r[1]:.1f}"
        told = "\n".join(f"{x} → {y}: {_through(v, kind, what)}" for x, y, _, what in lines)
        out.append(f'<g class="arrow"><title>{escape(told)}</title>{_line(kind, path, start=len(lines) > 1)}</g>')
    for m, box in boxes.items():
        edge = colour("ink" if m in looped else "calm")
        label = _text(box.x, box.y + 4.5, m, 13, "ink", bold=m in looped, centred=True)
        out.append(
            f'<g class="mechanism"><title>{escape(f"{m}: {says[m]}")}</title><rect x="{box.x - box.width / 2:.1f}" '
            f'y="{box.y - HIGH / 2:.1f}" width="{box.width:.1f}" height="{HIGH:.0f}" rx="5" fill="{colour("paper")}" stroke="{edge}"/>'
            f"{label}</g>"
        )
    out += [_text(EDGE, height - 24 + 14 * i, line, 10, "soft") for i, line in enumerate(of.lines)]
    return lit("\n".join([*out, "</svg>"]))


def _text(x: float, y: float, text: str, size: float, hue: str, *, bold: bool = False, centred: bool = False) -> str:
    more = (' font-weight="600"' if bold else "") + (' text-anchor="middle"' if centred else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour(hue)}"{more}>{escape(text)}</text>'


def _line(kind: str, path: str, *, start: bool) -> str:
    """An arrow; one through accounts is dashed, so that the kinds differ without colour."""
    dashes = ' stroke-dasharray="5 3"' if kind == "accounts" else ""
    heads = f' marker-end="url(#drives-{kind})"' + (f' marker-start="url(#drives-{kind})"' if start else "")
    return f'<path d="{path}" fill="none" stroke="{colour(COLOURS[kind])}" stroke-width="1.4"{dashes}{heads}/>'
