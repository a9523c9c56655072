"""The charts of the brief and the app, as Vega-Lite specs made with Altair, and SVG pictures of them.

A chart takes plain numbers and names, never a mechanism; each returns a spec (a dictionary) with its frame inside.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

import altair as alt
import numpy as np

from materiel.views import units, words
from materiel.views.bands import Bands
from materiel.views.frame import Frame, Spec, colour, config
from materiel.views.language import mark, tr, trn

COURSE_COLOURS = ("course-1", "course-2")
PERCENTS = {
    5: mark("5 % of worlds below"),
    25: mark("a quarter below"),
    50: mark("median"),
    75: mark("a quarter above"),
    95: mark("5 % of worlds above"),
}
WIDTH, HEIGHT = 470, 230  # of a fan, in pixels
SHORT = 400  # days of a run below which each month has a tick, else each half-year
TIPS = "tips"  # an unseen layer that answers the pointer
NUMBERS = ",.10~g"
_STEPS = (1, 2, 2.5, 5, 10)


class Scale(NamedTuple):
    """What a number is divided by to be read on an axis, and the words for it."""

    divisor: float
    words: str


def scale_of(largest: float, unit: str) -> Scale:
    """Millions, thousands or ones, in the unit's own words; shares as percent."""
    if unit == "share":
        return Scale(0.01, "%")
    name = units.unit(unit)
    if largest >= 1e9:
        return Scale(1e9, tr("billion {unit}", unit=name).rstrip())
    if largest >= 1e6:
        return Scale(1e6, tr("million {unit}", unit=name).rstrip())
    if largest >= 1e4:
        return Scale(1e3, tr("thousand {unit}", unit=name).rstrip())
    return Scale(1.0, name)


def in_unit(scale: Scale, since_first: bool) -> str:
    """What the numbers of a chart are."""
    unit = scale.words or tr("a pure number")
    return tr("{unit}, summed since the first day", unit=unit) if since_first else unit


def _four(x: float) -> float:
    """Four significant digits: less than a pixel, and a smaller file."""
    return float(f"{x:.4g}")


def domain(low: float, high: float) -> tuple[float, float, float]:
    """Round ends of an axis and its step, about five steps; zero is inside when all numbers have one sign."""
    low, high = min(low, 0.0), max(high, 0.0)
    high = high if high > low else 1.0
    span = high - low
    power = 10.0 ** math.floor(math.log10(span / 5))
    step = next(s * power for s in _STEPS if s * power >= span / 5 * 0.999)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, step


def ticks(low: float, high: float, step: float) -> list[float]:
    return [float(x) for x in np.arange(low, high + step / 2, step).round(10)]


def _apart(values: Sequence[float], least: float) -> list[float]:
    """Places of labels near their values, at least `least` apart, in the order of the values."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    places = list(values)
    for below, above in pairwise(order):
        short = least - (places[above] - places[below])
        if short > 0:
            places[below] -= short / 2
            places[above] += short / 2
    return places


def foot(frame: Frame, below: float) -> Any:
    """The frame's lines under the plot; `below` is the height of the plot in pixels."""
    return (
        alt.Chart(alt.InlineData(values=[{}]))
        .mark_text(align="left", baseline="top", fontSize=10, lineHeight=14, color=colour("soft"), text=frame.lines)
        .encode(x=alt.value(0), y=alt.value(below + 34))
    )


def finish(chart: Any, title: str, says: Sequence[str]) -> Spec:
    """The spec of a chart with its title, the lines below it, and the looks that all charts share."""
    spec: Spec = chart.properties(title=alt.TitleParams(text=title, subtitle=list(says))).to_dict()
    spec["config"] = config()
    return spec


def _scale(courses: Mapping[str, Bands], unit: str) -> Scale:
    return scale_of(max(float(np.abs(np.stack(b)).max()) for b in courses.values()), unit)


def columns(courses: Mapping[str, Bands], unit: str) -> tuple[list[str], float]:
    """Names of the numbers of a fan, course by course, and what they are divided by."""
    return [f"c{c}q{k}" for c in range(len(courses)) for k in PERCENTS], _scale(courses, unit).divisor


def fan(
    title: str,
    says: str,
    unit: str,
    dates: Sequence[date],
    courses: Mapping[str, Bands],
    as_of: date,
    frame: Frame,
    *,
    since_first: bool = False,
    fills: bool = True,
) -> Spec:
    """Bands of 90 and 50 % that fade outwards and a median for the first course; lines without fill for the others.

    Without `fills` the first course has lines too: of two bands one would hide the other.

    `courses` maps the words for a course to its bands, each of shape (dates,), in `unit`; the first is the one that the
    page is about. `says` is the line under the title; `since_first` adds that the measure is a sum since the first day.
    """
    names = list(courses)
    scale = _scale(courses, unit)
    shown = [Bands(*(np.asarray(q) / scale.divisor for q in b)) for b in courses.values()]
    low, high, step = domain(min(float(b.p5.min()) for b in shown), max(float(b.p95.max()) for b in shown))
    rows = [
        {"date": d.isoformat()} | {f"c{c}q{k}": _four(float(q[i])) for c, b in enumerate(shown) for k, q in zip(PERCENTS, b, strict=True)}
        for i, d in enumerate(dates)
    ]
    months = alt.TimeIntervalStep(interval="month", step=1 if (dates[-1] - dates[0]).days < SHORT else 6)
    x = alt.X("date:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(format="%b %Y", tickCount=months, labelOverlap=True))
    y = alt.Y(
        "c0q5:Q",
        title=None,
        scale=alt.Scale(domain=[low, high], nice=False),
        axis=alt.Axis(values=ticks(low, high, step), format=NUMBERS),
    )

    def up(field: str) -> alt.Y:  # all layers share the scale and axis of the first
        return y if field == "c0q5" else alt.Y(f"{field}:Q", title=None)

    base = alt.Chart()
    layers: list[Any] = []
    for c in range(len(names)):
        hue = colour(COURSE_COLOURS[c % 2])
        if c == 0 and fills:
            for inner, outer, opacity in (("q5", "q95", 0.17), ("q25", "q75", 0.27)):
                layers.append(base.mark_area(color=hue, opacity=opacity).encode(y=up(f"c{c}{inner}"), y2=f"c{c}{outer}"))
        else:
            for edge in ("q5", "q95"):
                layers.append(base.mark_line(color=hue, strokeWidth=1.3, strokeDash=[2, 3]).encode(y=up(f"c{c}{edge}")))
        dash = [1, 0] if c == 0 else [7, 3]
        layers.append(base.mark_line(color=hue, strokeWidth=2.4, strokeDash=dash).encode(y=up(f"c{c}q50")))
    ends = _apart([float(b.p50[-1]) for b in shown], (high - low) * 15 / HEIGHT)
    for c, (name, end) in enumerate(zip(names, ends, strict=True)):
        label = alt.Chart(alt.InlineData(values=[{"date": dates[-1].isoformat(), "y": end, "name": name}])).encode(y=up("y"), text="name:N")
        layers.append(label.mark_text(align="left", dx=6, fontSize=12, fontWeight=600, color=colour(COURSE_COLOURS[c % 2])))
    if dates[0] <= as_of <= dates[-1]:
        rule = alt.Chart(alt.InlineData(values=[{"date": as_of.isoformat(), "says": tr("as of {day}", day=words.day(as_of))}]))
        layers.append(rule.mark_rule(color=colour("soft"), strokeWidth=1, strokeDash=[3, 3]))
        layers.append(
            rule.mark_text(align="left", dx=5, dy=-11, baseline="top", fontSize=10.5, color=colour("soft")).encode(
                y=alt.value(0), text="says:N"
            )
        )
    tips = [alt.Tooltip("utcyearmonthdate(date):T", title=tr("date"), format=tr("%-d %B %Y"))] + [
        alt.Tooltip(f"c{c}q{k}:Q", title=tr("{course}, {edge}", course=name, edge=tr(PERCENTS[k])), format=NUMBERS)
        for c, name in enumerate(names)
        for k in (50, 5, 95)
    ]
    layers.append(base.properties(name=TIPS).mark_rule(opacity=0, strokeWidth=WIDTH / len(dates) + 1, aria=False).encode(tooltip=tips))
    layers.append(foot(frame, HEIGHT))
    whole = alt.layer(*layers, data=alt.InlineData(values=rows)).encode(x=x)
    chart = whole.properties(width=WIDTH, height=HEIGHT, description=f"{title}: {', '.join(names)}; {scale.words}")
    unit_line = in_unit(scale, since_first)
    return finish(chart, title, [says, unit_line])


class Seen(NamedTuple):
    """What one observer published (low, high) beside 5, 50 and 95 % of the worlds, in `unit`; `group` is what was seen."""

    group: str
    says: str
    unit: str
    seen: tuple[float, float]
    worlds: tuple[float, float, float]


ROW, LABELS, WIDE = 24, 330, 820  # pixels: height of a row, room for its words, width of a panel


def known_past(rows: Sequence[Seen], frame: Frame) -> Spec:
    """Each observation as a thin dark bar over the pale bar of 90 % of the worlds; one panel for each thing seen."""
    groups = dict.fromkeys((r.group, r.unit) for r in rows)
    panels: list[Any] = [_panel(group, [r for r in rows if (r.group, r.unit) == (group, unit)]) for group, unit in groups]
    panels.append(foot(frame, -30).properties(width=WIDE, height=1))
    says = tr("dark: what the observer published; blue: 90 % of the worlds, with the median")
    return finish(alt.vconcat(*panels, spacing=18), tr("The worlds against the known past"), [says])


def _panel(group: str, rows: Sequence[Seen]) -> Any:
    scale = scale_of(max(abs(x) for r in rows for x in (*r.seen, *r.worlds)), rows[0].unit)
    ends = [x / scale.divisor for r in rows for x in (*r.seen, *r.worlds)]
    low, high, step = domain(min(ends), max(ends))
    values = []
    for i, r in enumerate(rows):
        a, b, p5, p50, p95 = (_four(x / scale.divisor) for x in (*r.seen, *r.worlds))
        values.append({"says": r.says, "row": i + 0.5, "a": a, "b": b, "p5": p5, "p50": p50, "p95": p95})
    data = alt.Chart(alt.InlineData(values=values)).encode(
        y=alt.Y("row:Q", scale=alt.Scale(domain=[0, len(rows)], range=[0, ROW * len(rows)], nice=False), axis=None)
    )
    axis = alt.Axis(title=scale.words, grid=True, values=ticks(low, high, step), format=NUMBERS)

    def along(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=[low, high], range=[LABELS, WIDE], nice=False), axis=axis)

    point: dict[str, Any] = {"thickness": 3, "orient": "vertical"}
    return (
        alt.layer(
            data.mark_rule(color=colour("course-1"), opacity=0.3, strokeWidth=15).encode(x=along("p5"), x2="p95"),
            data.mark_tick(color=colour("course-1"), size=15, **point).encode(x=along("p50")),
            data.mark_rule(color=colour("ink"), strokeWidth=4).encode(x=along("a"), x2="b"),
            data.transform_filter("datum.a === datum.b").mark_tick(color=colour("ink"), size=9, **point).encode(x=along("a")),
            data.mark_text(align="left", baseline="middle", fontSize=11.5, limit=LABELS - 12).encode(x=alt.value(0), text="says:N"),
        )
        .properties(width=WIDE, height=ROW * len(rows), title=alt.TitleParams(text=group, fontSize=12.5, offset=6))
        .resolve_scale(x="shared", y="shared")
    )


class Spoken(NamedTuple):
    """A family of speakers: how many reports, from how many independent origins."""

    name: str
    reports: int
    origins: int


BAR = 38  # pixels: a line of words and the bar below it


def who_spoke(title: str, rows: Sequence[Spoken], frame: Frame) -> Spec:
    """A bar for each family of speakers: all its reports pale, and in full colour as many as there are independent origins."""
    most = max(r.reports for r in rows)
    values = [
        {
            "name": r.name,
            "row": i * BAR + 10,
            "bar": i * BAR + 25,
            "reports": r.reports,
            "origins": r.origins,
            "says": heard(r.reports, r.origins),
        }
        for i, r in enumerate(rows)
    ]
    high = BAR * len(rows)
    at = alt.Scale(domain=[0, high], range=[0, high], nice=False)
    along = alt.Scale(domain=[0, most], range=[0, WIDTH - 150], nice=False)  # room for the words at the end of the longest

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=along, axis=None)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=at, axis=None)

    base = alt.Chart()
    bar: dict[str, Any] = {"orient": "horizontal", "height": 10, "color": colour("course-1")}
    layers = [
        base.mark_bar(opacity=0.3, **bar).encode(x=x("reports"), y=y("bar")),
        base.mark_bar(**bar).encode(x=x("origins"), y=y("bar")),
        base.mark_text(align="left", baseline="middle", fontSize=11.5, limit=WIDTH).encode(x=alt.value(0), y=y("row"), text="name:N"),
        base.mark_text(align="left", baseline="middle", fontSize=11, dx=6, color=colour("soft")).encode(
            x=x("reports"), y=y("bar"), text="says:N"
        ),
        foot(frame, high - 20),
    ]
    chart = alt.layer(*layers, data=alt.InlineData(values=values)).properties(width=WIDTH, height=high)
    return finish(chart, title, [tr("pale: reports; full: origins that do not rest on each other")])


def heard(reports: int, origins: int) -> str:
    """How much a family said, in words."""
    return ", ".join((trn("{n} report", "{n} reports", reports, n=reports), trn("{n} origin", "{n} origins", origins, n=origins)))


def svg(spec: Spec) -> str:
    """The picture as SVG text with the page's colour variables, made without a browser and without a network."""
    import vl_convert

    if "/vega/" in spec["$schema"]:
        return str(vl_convert.vega_to_svg(spec, allowed_base_urls=[]))
    still = spec | {"layer": [layer for layer in spec["layer"] if layer.get("name") != TIPS]} if "layer" in spec else spec
    return str(vl_convert.vegalite_to_svg(still, allowed_base_urls=[]))
