"""The figures of a brief: a chart with its picture, its numbers as CSV and a short table of them."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import numpy as np

from materiel.scenario.dates import read_range
from materiel.views import charts, names, words
from materiel.views.bands import Bands, bands
from materiel.views.frame import FONT, Frame, Spec, config, lit
from materiel.views.goods import node, where
from materiel.views.language import days, tr
from materiel.views.sankey import Link, amount, counted, where_it_went

if TYPE_CHECKING:
    from materiel.claims import Verdicts
    from materiel.worlds import Worlds

POINTS = 64  # of a fan: nine pixels apart, and a small file
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Table(NamedTuple):
    """A table in words."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


class Rows(NamedTuple):
    """The last columns of a CSV by the names that a spec gives them, and by what their numbers are divided there."""

    fields: Sequence[str]
    divisor: float


@dataclass(frozen=True)
class Figure:
    """A chart: `spec` for Vega or Vega-Lite, `svg` drawn from it, `csv` its numbers, `table` the same in words.

    `spec` is None and `svg` empty where only a table can be shown. `rows` says how the data of the spec follow from the CSV,
    where they do: the page then holds them once.
    """

    key: str
    title: str
    spec: Spec | None
    svg: str
    csv: str
    table: Table
    rows: Rows | None = None

    @property
    def own(self) -> Spec | None:
        """The spec without the settings that all charts of a page share and without what the CSV holds.

        The page's script puts both in again, so that every chart that is drawn or saved is whole.
        """
        if self.spec is None:
            return None
        left_out = {"config"} if self.spec.get("config") == config() else set()
        own = {key: part for key, part in self.spec.items() if key not in left_out}
        if self.rows:
            data = own["data"]["name"]
            own["datasets"] = {name: values for name, values in own["datasets"].items() if name != data}
        return own

    @property
    def csv_link(self) -> str:
        """The numbers as a link that carries them."""
        return f"data:text/csv;charset=utf-8,{quote(self.csv, safe=',:;/ ()')}"


def four(x: float) -> str:
    """Four significant digits, without an exponent where that is as short: 13850, not 1.385e+04, whose plus a link must escape."""
    return f"{float(f'{x:.4g}'):.12g}"


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV; a text that a spreadsheet would run as a formula is quoted with an apostrophe, numbers (also as text) are not."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n")
    for row in (head, *rows):
        write.writerow([f"'{x}" if isinstance(x, str) and x.startswith(_FORMULA) and not _NUMBER.fullmatch(x) else x for x in row])
    return out.getvalue()


def drawn(key: str, title: str, spec: Spec | None, csv: str, table: Table) -> Figure:
    """A figure with the picture of its spec."""
    picture = charts.svg(spec) if spec else ""
    return Figure(key, title, spec, _still(picture, key), csv, table)


def _still(svg: str, key: str) -> str:
    """A picture small enough for the page: its ids made its own, a tenth of a pixel, and one label for the whole of it."""
    svg = re.sub(r'(id="|url\(#)(clip|gradient)', rf"\g<1>{key}-\g<2>", svg)
    svg = re.sub(r' (?:aria-[a-z]+|role|pointer-events)="[^"]*"', "", svg)
    svg = re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\d+\.\d)\d+", r"\1", tag[0]), svg)  # places, not the numbers that people read
    return lit(lean(svg)).replace("<svg ", '<svg role="presentation" ', 1)


def lean(svg: str) -> str:
    """The same picture without what draws nothing: unseen grounds, empty groups, classes, defaults, and the font said again and again."""
    svg = re.sub(r'<path class="(?:background|foreground)" d="[^"]*"(?: display="none")?/>', "", svg)
    svg = re.sub(rf' (?:class="[^"]*"|opacity="1"|font-family="{FONT}"|version="1.1"|xmlns:xlink="[^"]*")', "", svg)
    svg = re.sub(r'(?<= d=")M[-\d.,ML]+Z?(?=")', lambda m: _stepwise(m[0]), svg)
    while "<g></g>" in svg:
        svg = svg.replace("<g></g>", "")
    return svg.replace("<svg ", f'<svg font-family="{FONT}" ', 1)


def _stepwise(path: str) -> str:
    """A path of straight lines by its steps in tenths, which are shorter than its places: M1,2L3,4L4,4 is M1,2l2,2 1,0."""
    out = []
    for piece in path.removesuffix("Z").split("M")[1:]:
        places = [tuple(round(10 * float(x)) for x in at.split(",")) for at in piece.split("L")]
        steps = [f"{(x - v) / 10:g},{(y - w) / 10:g}" for (v, w), (x, y) in pairwise(places)]
        x, y = places[0]
        out.append(f"M{x / 10:g},{y / 10:g}" + (f"l{' '.join(steps)}" if steps else ""))
    return re.sub(r"(?<!\d)0\.", ".", "".join(out)) + ("Z" if path.endswith("Z") else "")


def frame(worlds: "Worlds", basis: str) -> Frame:
    """The frame of all pictures of a run."""
    s = worlds.scenario
    return Frame(s.as_of, s.vocabulary.scenario, s.vocabulary.version, basis, worlds.run, worlds.shown)


def spaced(days: Sequence[int]) -> list[int]:
    """Places of about POINTS days, evenly spaced, with the first and the last."""
    least = (days[-1] - days[0]) / POINTS
    kept = [0]
    for i, day in enumerate(days):
        if day - days[kept[-1]] >= least:
            kept.append(i)
    return kept if kept[-1] == len(days) - 1 else [*kept[: -1 if days[-1] - days[kept[-1]] < least / 2 else None], len(days) - 1]


def fans(worlds: "Worlds", of: Frame) -> list[Figure]:
    """One fan for each measure that the scenario charts, on its charted courses."""
    return [fan(worlds, place, of) for place in range(len(worlds.scenario.vocabulary.charts))]


def fan(worlds: "Worlds", place: int, of: Frame, fills: bool = True) -> Figure:
    """The fan of the measure that stands at this place under `charts`; without `fills` both courses are lines."""
    v = worlds.scenario.vocabulary
    measure = v.charts[place]
    named = names.measure(v, measure)
    title = f"{named.title} · {named.of}" if named.of else named.title
    recorded = [int(d) for d in worlds.days]
    first = 1 if named.unit.endswith("/day") and recorded[0] == 0 else 0  # a rate has no value before the first day
    kept = [first + i for i in spaced(recorded[first:])]
    dates = [worlds.dates[i] for i in kept]
    courses = {names.spoken(c): bands(worlds.series(c, measure)[kept]) for c in v.chart_courses}
    main, *others = courses
    says = "; ".join(
        [
            tr("{course}: median, 50 and 90 % of the worlds", course=main)
            if fills
            else tr("{course}: median, 90 % of the worlds dotted", course=main),
            *(tr("{course}: median dashed, 90 % dotted", course=c) for c in others),
        ]
    )
    unit = f"{named.unit}, summed since the first day" if named.total else named.unit
    spec = charts.fan(title, says, named.unit, dates, courses, of.as_of, of, since_first=named.total, fills=fills)
    head = ("date", "unit", *(f"{c} {q}" for c in courses for q in Bands._fields))
    rows = [(d, unit, *(four(q[i]) for b in courses.values() for q in b)) for i, d in enumerate(dates)]
    table = Table(("", *courses), _short(dates, courses, named.unit, of.as_of))
    made = drawn(f"fan-{place}{'' if fills else '-lines'}", title, spec, csv_text(head, rows), table)
    return replace(made, rows=Rows(*charts.columns(courses, named.unit)))


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
            tr(
                "{typical} ({spread})",
                typical=words.amount(float(b.p50[i]), unit),
                spread=words.interval(float(b.p5[i]), float(b.p95[i]), unit),
            )
            for b in courses.values()
        )
        rows.append((words.month(dates[i]), *cells))
    return rows


def went(worlds: "Worlds", of: Frame) -> tuple[list[Figure], Table]:
    """Where the rounds came from and where they went: a picture for each charted course, and one table for all.

    All pictures show the same arrows, those that are wide enough in one of them, so that they can be laid side by side.
    """
    s = worlds.scenario
    goods = {names.spoken(c): where(worlds, c) for c in s.vocabulary.chart_courses}
    by_ends = {c: {(a.giver, a.taker): a for a in g.arrows} for c, g in goods.items()}
    largest = max((a.median for g in goods.values() for a in g.arrows), default=0.0)
    ends = list(dict.fromkeys(e for arrows in by_ends.values() for e in arrows))
    visible = {e for e in ends if any(e in arrows and arrows[e].median > largest / 400 for arrows in by_ends.values())}
    says = counted(words.period(s.begins, s.ends))
    figures: list[Figure] = []
    for course, arrows in by_ends.items():
        title = tr("Where the rounds went: {course}", course=course)
        links = [Link(node(e[0]), node(e[1]), arrows[e].median) for e in ends if e in visible and e in arrows and arrows[e].p95 >= 1]
        roles = {node(name): role for name, role in goods[course].roles.items()}
        try:
            spec = where_it_went(title, [says], "rounds", links, roles, of) if links else None
        except ValueError:  # two actors that send to each other: a layered picture cannot show it
            spec = None
        rows = [(a.giver, a.taker, "rounds", f"{a.p5:.4g}", f"{a.median:.4g}", f"{a.p95:.4g}") for a in arrows.values()]
        figures.append(
            drawn(f"went-{len(figures)}", title, spec, csv_text(("from", "to", "unit", "p5", "p50", "p95"), rows), Table((), ()))
        )
    moved = [e for e in ends if any(e in a and a[e].p95 >= 1 for a in by_ends.values())]
    table = [(node(e[0]), node(e[1]), *(amount(by_ends[c].get(e)) for c in goods)) for e in moved]
    return figures, Table((tr("From"), tr("To"), *(tr("{course}: median (9 worlds of 10)", course=c) for c in goods)), table)


def past(worlds: "Worlds", verdicts: "Verdicts", of: Frame) -> Figure | None:
    """The worlds against what observers published of the past; None where the scenario has no observation."""
    v = worlds.scenario.vocabulary
    if not verdicts.known_past:
        return None
    seen, table, rows = [], [], []
    for k in verdicts.known_past:
        named = names.measure(v, k.measure)
        start, end = read_range(k.over)
        what = f"{named.title} · {named.of}" if named.of else named.title
        what = what.replace(tr(" since the first day"), "")
        group = tr("{measure}, a day", measure=what) if k.unit.endswith("/day") else tr("{measure}, over the dates given", measure=what)
        span = days(start, end)
        seen.append(charts.Seen(group, f"{span} · {k.observer}", k.unit, (k.low, k.high), (k.p5, k.median, k.p95)))
        inside = words.n_of_100(k.share_of_worlds)
        table.append((group, span, k.observer, words.interval(k.low, k.high, k.unit), words.interval(k.p5, k.p95, k.unit), inside))
        rows.append(
            (k.id, k.measure, k.over, k.observer, k.unit, *(f"{x:.5g}" for x in (k.low, k.high, k.p5, k.median, k.p95, k.share_of_worlds)))
        )
    head = ("id", "measure", "over", "observer", "unit", "seen_low", "seen_high", "worlds_p5", "worlds_p50", "worlds_p95", "share_inside")
    spec = charts.known_past(seen, of)
    words_of = Table((tr("What"), tr("When"), tr("Observer"), tr("Published"), tr("9 worlds of 10"), tr("Worlds inside")), table)
    return drawn("past", tr("The worlds against the known past"), spec, csv_text(head, rows), words_of)


def spoke(key: str, to: date, heard: Sequence[tuple[str, int, int]], of: Frame) -> Figure:
    """Who spoke: the name of each family, its reports, and their independent origins."""
    title = tr("Who spoke by {day}", day=words.day(to))
    spec = charts.who_spoke(title, [charts.Spoken(*row) for row in heard], of) if heard else None
    table = Table((tr("Family"), tr("Reports"), tr("Independent origins")), [(name, str(n), str(origins)) for name, n, origins in heard])
    return drawn(key, title, spec, csv_text(("family", "reports", "independent_origins"), heard), table)
