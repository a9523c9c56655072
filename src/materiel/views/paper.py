"""One figure of a brief for a paper: as wide as its column, in grey if asked, with a caption and a text for those who cannot see it.

A picture that is only made smaller has type that nobody can read. So a fan is laid out anew for its width, with its words on
more lines; of other pictures the smallest type is told where it is below what journals print.
"""

import copy
import csv
import io
import math
import os
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from materiel.views import cards, charts, figures, names, words
from materiel.views.figures import Figure
from materiel.views.frame import GREY, LIGHT, Frame, Spec, flat
from materiel.views.plain import plain

if TYPE_CHECKING:
    from materiel.claims import Verdicts
    from materiel.worlds import Worlds

MM = 25.4  # in an inch
PX = 96.0  # in an inch, as CSS counts
POINT = 72.0  # in an inch
DOTS = 300  # in an inch, of a PNG
LEAST, MOST = 30.0, 1000.0  # mm that a figure may be wide
READABLE = 5.0  # points; journals ask for at least five to seven
SHRUNK = 0.8  # a fan for a narrow column has type of this share of its size on a screen: labels of 7 points
ROOM = 105  # pixels beside the plot of a fan, for the labels of its axis and of its lines

LONGEST = 60  # letters of a name; sums of measures have longer ones
LETTER = 0.52  # mean width of a letter, of its height


@dataclass(frozen=True)
class Drawing:
    """A finished figure: `svg` with its colours written in, its numbers as CSV, and its words. Width and height in mm."""

    svg: str
    csv: str
    caption: str
    alt: str
    width: float
    height: float
    type: float  # points of the smallest type

    @property
    def small(self) -> str:
        """What to do where the type is too small; empty where it is not."""
        if self.type >= READABLE:
            return ""
        enough = math.ceil(self.width * READABLE / self.type)
        return f"Its smallest type is {self.type:.1f} points at this width; {enough}mm would give {READABLE:g}."

    def save(self, *, pdf: Path | None = None, png: Path | None = None, svg: Path | None = None, csv: Path | None = None) -> list[Path]:
        """Write what is asked for, each file whole or not at all. Raises OSError."""
        import vl_convert

        points = _sized(self.svg, f"{self.width / MM * POINT:.2f}", f"{self.height / MM * POINT:.2f}")
        wanted: list[tuple[Path | None, Callable[[], bytes]]] = [
            (pdf, lambda: bytes(vl_convert.svg_to_pdf(points))),  # it counts a pixel as a point
            (png, lambda: bytes(vl_convert.svg_to_png(points, ppi=DOTS))),
            (svg, lambda: _sized(self.svg, f"{self.width:.2f}mm", f"{self.height:.2f}mm").encode()),
            (csv, lambda: self.csv.encode()),
        ]
        written = []
        for file, make in wanted:
            if file is not None:
                _write(file, make())
                written.append(file)
        return written

    def to_json(self) -> dict[str, Any]:
        """Plain data, without the picture."""
        return {
            "caption": self.caption,
            "alt": self.alt,
            "width_mm": self.width,
            "height_mm": self.height,
            "smallest_type_points": self.type,
        }


@dataclass(frozen=True)
class Entry:
    """A figure that can be drawn; `make` gives its picture, spec, numbers and table."""

    title: str
    frame: Frame
    make: Callable[[], Figure]

    def draw(self, width: float | None = None, grey: bool = False) -> Drawing:
        """Draw it, `width` mm wide or as on a screen."""
        figure = self.make()
        svg, spec = figure.svg, figure.spec
        if spec is not None and figure.key.startswith("fan-") and width is not None:
            svg = charts.svg(narrowed(spec, width / MM * PX / SHRUNK))
        picture = flat(svg, GREY if grey else LIGHT)
        wide, high = _size(picture)
        mm = width if width is not None else wide / PX * MM
        smallest = min((float(x) for x in re.findall(r'font-size="([\d.]+)', picture)), default=0.0)
        alt = _alt(figure)
        head, tag, rest = picture.partition(">")
        paper = f'<title>{escape(alt)}</title><rect width="100%" height="100%" fill="#ffffff"/>'
        return Drawing(
            svg=head + tag + paper + rest,
            csv=figure.csv,
            caption=_caption(figure, self.frame),
            alt=alt,
            width=mm,
            height=mm * high / wide,
            type=smallest * mm / MM * POINT / wide,
        )


def catalogue(worlds: "Worlds", verdicts: "Verdicts", records: Sequence[Mapping[str, Any]] = ()) -> dict[str, Entry]:
    """The figures of a run by name: a fan by its measure, where things went by course, and what stands alone.

    `records` are the stored hindcasts of its scenario, which have figures of their own; so have the events on record.
    """
    from materiel.views import feedback, scored, timelines
    from materiel.views.records import record
    from materiel.views.trust import speakers, trust

    s, v = worlds.scenario, worlds.scenario.vocabulary
    of = figures.frame(worlds, f"weighed with {cards.which(s, verdicts)}" if verdicts.weighing else "unweighted ranges")
    found: dict[str, Entry] = {}

    def add(name: str, title: str, make: Callable[[], Figure], frame: Frame = of) -> None:
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        slug = slug if len(slug) <= LONGEST else slug[:LONGEST].rpartition("-")[0]
        found[slug if slug not in found else f"{slug}-{len(found)}"] = Entry(plain(title), frame, make)

    def one(figure: Figure) -> Callable[[], Figure]:
        """What was drawn already."""
        return lambda: figure

    def map_() -> Figure:
        wiring = worlds.feedback
        drawn = feedback.drives(v, wiring.mechanisms, wiring.edges, wiring.loops(), wiring.loops("measures"), of)
        table = drawn.arrows
        return Figure("drives", "What drives what", None, drawn.svg, figures.csv_text(table.head, table.rows), table)

    for place, measure in enumerate(v.charts):
        title = names.measures(v, measure, " : ")
        add(measure, title, partial(figures.fan, worlds, place, of))
        add(f"compare-{measure}", f"{title}, courses as lines", partial(figures.fan, worlds, place, of, False))
    for figure in figures.went(worlds, of)[0]:
        if figure.svg:
            add(figure.title, figure.title, one(figure))
    past = figures.past(worlds, verdicts, of)
    if past is not None:
        add("known-past", past.title, one(past))
    add("what-drives-what", "What drives what", map_)
    w = verdicts.weighing
    if w is not None:
        add("who-spoke", "Who spoke", lambda: trust(s, [verdicts], of).weighed[0].figure)
        heard = Frame(s.as_of, v.scenario, v.version, f"reports that weigh run {worlds.run}", "", 0)
        known = {r.id: r for r in s.reports}
        said = [c for c in w.checks if c.id in known]  # neither a silence nor a series that somebody measured day by day
        for measure in dict.fromkeys(c.measure for c in said):
            title = names.measures(v, measure, " : ")
            some = [c for c in said if c.measure == measure]
            made = partial(timelines.heard, speakers(s, [w]), title, some, known, date.fromisoformat(w.to), heard)
            add(f"who-spoke-{measure}", f"Who spoke of {title}", made, heard)
    for pair in timelines.pairs(s):
        record_of = Frame(s.as_of, v.scenario, v.version, "events of the scenario file", "", 0)
        add(f"events-{'-'.join(pair)}", timelines.between(v, pair), partial(timelines.events, s, pair, record_of), record_of)
    for raw in records:
        kept = record(raw)
        frame = scored.frame(v, raw, kept)
        for figure in scored.figures(v, kept, frame):
            add(figure.key, figure.title, one(figure), frame)
    return found


def narrowed(spec: Spec, pixels: float) -> Spec:
    """A fan for so many pixels: a narrower plot, and its words on as many lines as they need."""
    spec = copy.deepcopy(spec)
    spec["width"] = max(120, round(pixels - ROOM))
    spec["height"] = max(130, min(spec["height"], round(0.62 * pixels)))
    title = spec["title"]
    sizes = spec["config"]["title"]
    title["text"] = _wrapped([title["text"]], pixels, sizes["fontSize"])
    title["subtitle"] = _wrapped(title["subtitle"], pixels, sizes["subtitleFontSize"])
    for layer in spec["layer"]:
        mark = layer["mark"]
        if isinstance(mark.get("text"), list):  # the frame at the foot
            mark["text"] = _wrapped(mark["text"], pixels, mark["fontSize"])
            layer["encoding"]["y"]["value"] = spec["height"] + 34
    return spec


def _wrapped(texts: list[str], pixels: float, size: float) -> list[str]:
    return [line for text in texts for line in textwrap.wrap(text, max(12, int(pixels / (LETTER * size)))) or [""]]


def millimetres(text: str) -> float:
    """`85mm`, `8.5 cm` or `3.35in` in mm. Raises ValueError."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(mm|cm|in)\s*", text)
    if not found:
        raise ValueError(f'"{plain(text)}" is not a width. Write for instance 85mm, 8.5cm or 3.35in.')
    mm = float(found[1]) * {"mm": 1.0, "cm": 10.0, "in": MM}[found[2]]
    if not LEAST <= mm <= MOST:
        raise ValueError(f"{plain(text)} is not between {LEAST:g} and {MOST:g} mm.")
    return mm


def _size(svg: str) -> tuple[float, float]:
    """Width and height of a picture in its own pixels."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    if not found:
        raise ValueError("a picture without a size")
    return float(found[1]), float(found[2])


def _sized(svg: str, width: str, height: str) -> str:
    """The picture with another size on paper."""
    head, tag, rest = svg.partition(">")
    head = re.sub(r' (?:width|height)="[^"]*"', "", head)
    return f'{head} width="{width}" height="{height}"{tag}{rest}'


def _caption(figure: Figure, of: Frame) -> str:
    """What stands below the picture in a paper."""
    says = figure.spec["title"].get("subtitle", []) if figure.spec and isinstance(figure.spec.get("title"), dict) else []
    said = f"{figure.title}. {'; '.join(says)}{'. ' if says else ''}"
    said += f"n = {of.worlds:,} simulated worlds, {of.basis}" if of.worlds else of.basis[:1].upper() + of.basis[1:]
    made = f"scenario “{of.scenario}” {of.version}, as of {words.day(of.as_of)}; materiel{f', run {of.run}' if of.run else ''}"
    return plain(f"{said}; {made}. {'A model, not an observation.' if of.worlds else 'What is on record; no model.'}")


def _alt(figure: Figure) -> str:
    """What the picture shows, for those who cannot see it: its first and last rows in words, or how many rows there are."""
    head, rows = figure.table
    if not rows:  # where things went; the table of a brief is one for all courses
        links = sorted(csv.DictReader(io.StringIO(figure.csv)), key=lambda row: -float(row["p50"]))
        told = "; ".join(f"{row['from']} to {row['to']}: {words.amount(float(row['p50']), row['unit'])}" for row in links[:3])
        return plain(f"{figure.title}. The largest of {len(links)} flows, by the median of the worlds: {told}.")
    if figure.key.startswith("fan-"):
        ends = (rows[0], rows[-1])
        told = "; ".join(f"{row[0]}: " + ", ".join(f"{h} {cell}" for h, cell in zip(head[1:], row[1:], strict=True)) for row in ends)
        return plain(f"{figure.title}, median and in brackets 9 worlds of 10. {told}.")
    if figure.key == "drives":
        told = "; ".join(f"{one} drives {other}" for one, other in dict.fromkeys((row[0], row[1]) for row in rows))
        return plain(f"{figure.title}, mechanism by mechanism: {told}.")
    told = "; ".join(", ".join(f"{h.lower()} {cell}" for h, cell in zip(head, row, strict=True)) for row in list(rows)[:3])
    more = f" And {len(rows) - 3} more." if len(rows) > 3 else ""
    return plain(f"{figure.title}. {told}.{more}")


def _write(file: Path, content: bytes) -> None:
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)
