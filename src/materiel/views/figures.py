"""The figures of a brief: a chart with its picture, its numbers as CSV and a short table of them."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from materiel.scenario.dates import read_range
from materiel.views import charts, names, words
from materiel.views.bands import Bands, bands
from materiel.views.frame import Frame, Spec
from materiel.views.goods import Goods, where
from materiel.views.sankey import Link

if TYPE_CHECKING:
    from materiel.claims import Verdicts
    from materiel.worlds import Worlds

POINTS = 64  # of a fan: nine pixels apart, and a small file
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Figure:
    """A chart: `spec` for Vega or Vega-Lite, `svg` drawn from it, `csv` its numbers, `head` and `rows` a short table.

    `spec` is None and `svg` empty where only a table can be shown.
    """

    key: str
    title: str
    spec: Spec | None
    svg: str
    csv: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def csv_link(self) -> str:
        """The numbers as a link that carries them."""
        return f"data:text/csv;charset=utf-8,{quote(self.csv, safe=',:;/ ()')}"


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV; a text that a spreadsheet would run as a formula is quoted with an apostrophe, numbers are not."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    for row in (head, *rows):
        write.writerow([f"'{x}" if isinstance(x, str) and x.startswith(_FORMULA) else x for x in row])
    return out.getvalue()


def _drawn(key: str, title: str, spec: Spec | None, csv: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Figure:
    picture = charts.svg(spec) if spec else ""
    return Figure(key, title, spec, _still(picture, key), csv, tuple(head), tuple(tuple(r) for r in rows))


def _still(svg: str, key: str) -> str:
    """A picture small enough for the page: its ids made its own, a tenth of a pixel, and one label for the whole of it."""
    svg = re.sub(r'(id="|url\(#)(clip|gradient)', rf"\g<1>{key}-\g<2>", svg)
    svg = re.sub(r' (?:aria-[a-z]+|role|pointer-events)="[^"]*"', "", svg)
    svg = re.sub(r"(\d+\.\d)\d+", r"\1", svg)
    return svg.replace("<svg ", '<svg role="presentation" ', 1)


def frame(worlds: "Worlds", basis: str) -> Frame:
    """The frame of all pictures of a run."""
    s = worlds.scenario
    return Frame(s.as_of, s.vocabulary.scenario, s.vocabulary.version, basis, worlds.run, worlds.n)


def _spaced(days: Sequence[int]) -> list[int]:
    """Places of about POINTS days, evenly spaced, with the first and the last."""
    least = (days[-1] - days[0]) / POINTS
    kept = [0]
    for i, day in enumerate(days):
        if day - days[kept[-1]] >= least:
            kept.append(i)
    return kept if kept[-1] == len(days) - 1 else [*kept[: -1 if days[-1] - days[kept[-1]] < least / 2 else None], len(days) - 1]


def fans(worlds: "Worlds", of: Frame) -> list[Figure]:
    """One fan for each measure that the scenario charts, on its charted courses."""
    v = worlds.scenario.vocabulary
    kept = _spaced([int(d) for d in worlds.days])
    dates = [worlds.dates[i] for i in kept]
    figures = []
    for place, measure in enumerate(v.charts):
        named = names.measure(v, measure)
        title = f"{named.title}: {named.of}" if named.of else named.title
        courses = {names.spoken(c): bands(worlds.series(c, measure)[kept]) for c in v.chart_courses}
        since = ", summed since the first day" if named.total else ""
        says = f"median, 50 and 90 % of the worlds; dotted: 90 % without fill{since}" if len(courses) > 1 else f"median, 50 and 90 %{since}"
        spec = charts.fan(title, says, named.unit, dates, courses, of.as_of, of)
        head = ("date", "unit", *(f"{c} {q}" for c in courses for q in Bands._fields))
        rows = [(d, named.unit, *(f"{q[i]:.4g}" for b in courses.values() for q in b)) for i, d in enumerate(dates)]
        short = _short(dates, courses, named.unit, of.as_of)
        figures.append(_drawn(f"fan-{place}", title, spec, csv_text(head, rows), ("", *courses), short))
    return figures


def _short(dates: Sequence[date], courses: dict[str, Bands], unit: str, as_of: date) -> list[tuple[str, ...]]:
    """About seven months of a fan in words: the first, the one of the as-of date, the last, and some between."""
    wanted = {
        0,
        len(dates) - 1,
        min(range(len(dates)), key=lambda i: abs(dates[i] - as_of)),
        *np.linspace(0, len(dates) - 1, 6).astype(int),
    }
    rows = []
    for i in sorted(int(w) for w in wanted):
        cells = (
            f"{words.amount(float(b.p50[i]), unit)} ({words.interval(float(b.p5[i]), float(b.p95[i]), unit)})" for b in courses.values()
        )
        rows.append((words.month(dates[i]), *cells))
    return rows


def went(worlds: "Worlds", of: Frame) -> list[Figure]:
    """Where the rounds came from and where they went, on each charted course; only the table where a picture cannot be."""
    s = worlds.scenario
    figures: list[Figure] = []
    for course in s.vocabulary.chart_courses:
        goods = where(worlds, course)
        if not goods.arrows:
            continue
        title = f"Where the rounds went: {names.spoken(course)}"
        says = f"{words.month(s.begins)} to {words.month(s.ends)}, all goods counted in rounds; medians, which need not add up"
        rows = [
            (a.giver, a.taker, words.amount(a.median, "rounds"), words.interval(a.p5, a.p95, "rounds")) for a in goods.arrows if a.p95 >= 1
        ]
        numbers = csv_text(
            ("from", "to", "unit", "p5", "p50", "p95"),
            [(a.giver, a.taker, "rounds", f"{a.p5:.5g}", f"{a.median:.5g}", f"{a.p95:.5g}") for a in goods.arrows],
        )
        try:
            spec = charts.where_it_went(title, says, "rounds", _visible(goods), goods.roles, of)
        except ValueError:  # two actors that send to each other: a layered picture cannot show it
            spec = None
        figures.append(_drawn(f"went-{len(figures)}", title, spec, numbers, ("From", "To", "Median", "9 worlds of 10"), rows))
    return figures


def _visible(goods: Goods) -> list[Link]:
    """Arrows of a visible width: at least a four-hundredth of the largest."""
    least = max((a.median for a in goods.arrows), default=0.0) / 400
    return [Link(a.giver, a.taker, a.median) for a in goods.arrows if a.median > least]


def past(worlds: "Worlds", verdicts: "Verdicts", of: Frame) -> Figure | None:
    """The worlds against what observers published of the past; None where the scenario has no observation."""
    v = worlds.scenario.vocabulary
    if not verdicts.known_past:
        return None
    seen, table, rows = [], [], []
    for k in verdicts.known_past:
        named = names.measure(v, k.measure)
        start, end = read_range(k.over)
        group = f"{named.title}: {named.of}" if named.of else named.title
        group += ", a day" if k.unit.endswith("/day") and not named.unit.endswith("/day") else ", change"
        span = f"{start.day} {start:%b}{f' {start:%Y}' if start.year != end.year else ''} to {end.day} {end:%b} {end:%Y}"
        seen.append(charts.Seen(group, f"{span} · {k.observer}", k.unit, (k.low, k.high), (k.p5, k.median, k.p95)))
        inside = f"{words.of_100(k.share_of_worlds)} of 100"
        table.append((group, span, k.observer, words.interval(k.low, k.high, k.unit), words.interval(k.p5, k.p95, k.unit), inside))
        rows.append(
            (k.id, k.measure, k.over, k.observer, k.unit, *(f"{x:.5g}" for x in (k.low, k.high, k.p5, k.median, k.p95, k.share_of_worlds)))
        )
    head = ("id", "measure", "over", "observer", "unit", "seen_low", "seen_high", "worlds_p5", "worlds_p50", "worlds_p95", "share_inside")
    spec = charts.known_past(seen, of)
    return _drawn(
        "past",
        "The worlds against the known past",
        spec,
        csv_text(head, rows),
        ("What", "When", "Observer", "Published", "9 worlds of 10", "Worlds inside"),
        table,
    )
