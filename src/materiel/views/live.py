"""The charts of the app: drawn once, and given new numbers while the page is open.

A fan is a Vega spec whose data sets `now` and `was` are exchanged; the page draws the title and the frame round it. The
courses keep the colours of the brief. What it was before anything was changed stays behind as thin lines.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from materiel.views import names, words
from materiel.views.bands import bands
from materiel.views.charts import COURSE_COLOURS, NUMBERS, Scale, domain, in_unit, scale_of, ticks
from materiel.views.frame import Frame, Spec, colour, config
from materiel.views.goods import Goods, node
from materiel.views.language import mark, tr
from materiel.views.sankey import Link, amount, where_it_went
from materiel.worlds.device import cores

if TYPE_CHECKING:
    from materiel.scenario import Scenario
    from materiel.worlds import Worlds

F64 = NDArray[np.float64]
HEIGHT = 190  # of a fan, in pixels; its width is that of the page
WIDE = 470  # of the picture of goods without its words, so that these stay legible beside other panes
HATCHES = 80  # stripes and gaps across a band that is not re-weighed
EDGES = ("p5", "p25", "p50", "p75", "p95")


class Picture(NamedTuple):
    """One of the pictures of where goods went: its name on a button, the line in the picture, and the sentences below it."""

    name: str
    says: str
    more: str


EACH = mark("Each flow stands at its own, so one picture is no single world: what enters a place and what leaves it need not add up.")
PICTURES = {
    "median": Picture(
        mark("median"), mark("the median of each flow by itself"), mark("Half of the worlds have less of a flow than is drawn.")
    ),
    "p5": Picture(
        mark("5 %"),
        mark("what 5 % of the worlds stay below, each flow by itself"),
        mark("In 19 worlds of 20 more of a flow went than is drawn."),
    ),
    "p95": Picture(
        mark("95 %"),
        mark("what 95 % of the worlds stay below, each flow by itself"),
        mark("In 19 worlds of 20 less of a flow went than is drawn."),
    ),
}


@dataclass(frozen=True)
class Fan:
    """What of a fan never changes. `first` is the place of the first record that has a value."""

    measure: str
    title: str
    says: str
    unit: str
    scale: Scale
    first: int


def fans(scenario: "Scenario", days: Sequence[int], numbers: F64) -> list[Fan]:
    """The fans of a scenario; `numbers` [chart, course, edge, day] are those before any change, and choose the scale."""
    v = scenario.vocabulary
    made = []
    for measure, shown in zip(v.charts, numbers, strict=True):
        named = names.measure(v, measure)
        scale = scale_of(float(np.abs(shown).max()), named.unit)
        first = 1 if named.unit.endswith("/day") and days[0] == 0 else 0  # a rate has no value before the first day
        title = f"{named.title} · {named.of}" if named.of else named.title
        made.append(Fan(measure, title, in_unit(scale, named.total), named.unit, scale, first))
    return made


def numbers(worlds: "Worlds") -> F64:
    """Quantiles of all charts, [chart, course, edge, day], in canonical units; sorted on as many threads as there are cores."""
    v = worlds.scenario.vocabulary
    each = [(c, m) for m in v.charts for c in v.chart_courses]
    with ThreadPoolExecutor(cores()) as pool:
        made = np.stack([*pool.map(lambda at: np.stack(bands(worlds.series(*at))), each)])
    return made.reshape(len(v.charts), len(v.chart_courses), *made.shape[1:])


def axis(fan: Fan, *shown: F64) -> dict[str, Any]:
    """Ends and ticks of the axis of numbers, for all that is drawn."""
    inside = [x[..., fan.first :] / fan.scale.divisor for x in shown]
    low, high, step = domain(min(float(x.min()) for x in inside), max(float(x.max()) for x in inside))
    return {"lo": low, "hi": high, "ticks": ticks(low, high, step)}


def row(fan: Fan, shown: F64) -> list[list[list[float | None]]]:
    """One chart's numbers [course][edge][day] as they are drawn: four digits, None before the first value."""
    drawn = four_digits(shown / fan.scale.divisor).tolist()
    return [[[None] * fan.first + edge[fan.first :] for edge in course] for course in drawn]


def four_digits(x: F64) -> F64:
    """To four significant digits, the nearest double to each, so that it is written with four."""
    place = 3 - np.floor(np.log10(np.where(x == 0, 1.0, np.abs(x))))
    up, down = 10.0 ** np.maximum(place, 0), 10.0 ** np.maximum(-place, 0)
    return np.asarray(np.round(x * up / down) / up * down, np.float64)


def fan_spec(fan: Fan, courses: Sequence[str], dates: Sequence[date], as_of: date) -> Spec:
    """A fan without its numbers. Data sets: `now` (date, c0p5.., c1p5..), `was` (date, p5, p50, p95)."""
    x: Spec = {"scale": "x", "field": "date"}

    def y(field: str) -> Spec:
        return {"scale": "y", "field": field}

    def area(low: str, high: str, opacity: float) -> Spec:
        hue = colour(COURSE_COLOURS[0])
        fill = [{"test": "stale"} | _value(_hatched(hue)), _value(hue)]
        return _mark("area", "now", x=x, y=y(low), y2=y(high), fill=fill, fillOpacity=_value(opacity))

    def line(data: str, field: str, hue: str, width: float, dash: list[int], opacity: float = 1.0) -> Spec:
        looks = {"stroke": _value(colour(hue)), "strokeWidth": _value(width), "strokeDash": _value(dash), "strokeOpacity": _value(opacity)}
        return _mark("line", data, x=x, y=y(field), **looks)

    marks = [area("c0p5", "c0p95", 0.17), area("c0p25", "c0p75", 0.27)]
    marks += [
        line("was", edge, "ink", 1.0 if edge == "p50" else 0.8, [] if edge == "p50" else [1, 2], 0.75) for edge in ("p5", "p50", "p95")
    ]
    for c in range(len(courses) - 1, -1, -1):
        hue = COURSE_COLOURS[c % 2]
        if c:
            marks += [line("now", f"c{c}{edge}", hue, 1.3, [2, 3]) for edge in ("p5", "p95")]
        marks.append(line("now", f"c{c}p50", hue, 2.4, [7, 3] if c else []))
    if dates[0] <= as_of <= dates[-1]:
        at = {"scale": "x", "signal": f"{stamp(as_of)}"}
        soft = _value(colour("soft"))
        marks.append(_mark("rule", None, x=at, y=_value(0), y2={"signal": "height"}, stroke=soft, strokeDash=_value([3, 3])))
        late = f"scale('x', {stamp(as_of)}) > width / 2"  # in the right half its words stand to the left
        looks = {
            "text": _value(tr("as of {day}", day=words.day(as_of))),
            "fontSize": _value(10.5),
            "fill": soft,
            "baseline": _value("bottom"),
        }
        looks |= {"align": {"signal": f"{late} ? 'right' : 'left'"}, "dx": {"signal": f"{late} ? 4 : -4"}}
        marks.append(_mark("text", None, x=at, y=_value(-3), **looks))
    half = {"signal": f"width / {2 * len(dates)} + 1"}
    strip = {"x": x | {"offset": {"signal": f"-({half['signal']})"}}, "width": {"signal": f"2 * ({half['signal']})"}}
    tips = _mark("rect", "now", **strip, y=_value(0), y2={"signal": "height"}, fill=_value("transparent"), tooltip={"field": "tip"})
    marks.append(tips | {"interactive": True})
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "description": tr(
            "{title}: {courses}; {unit}. A table of the same numbers stands below.",
            title=fan.title, courses=", ".join(courses), unit=fan.says,
        ),
        "height": HEIGHT,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 2, "right": 8, "top": 16, "bottom": 2},
        "config": {k: part for k, part in config().items() if k in ("background", "axis", "axisX", "axisY", "text", "locale")},
        "signals": [
            {"name": name, "value": value} for name, value in (("lo", 0), ("hi", 1), ("ticks", []), ("stale", False))
        ],
        "data": [{"name": "now", "values": []}, {"name": "was", "values": []}],
        "scales": [
            {"name": "x", "type": "utc", "range": "width", "domain": [stamp(dates[0]), stamp(dates[-1])]},
            {"name": "y", "type": "linear", "range": "height", "nice": False, "zero": False, "domain": {"signal": "[lo, hi]"}},
        ],
        "axes": [
            {
                "orient": "bottom", "scale": "x", "format": "%b %Y", "labelOverlap": True,
                "tickCount": {"interval": "month", "step": 6 if len(dates) > 20 else 1},
            },
            {"orient": "left", "scale": "y", "grid": True, "values": {"signal": "ticks"}, "format": NUMBERS, "aria": False},
        ],
        "marks": marks,
    }  # fmt: skip


def _hatched(hue: str) -> Spec:
    """Stripes, for bands that nobody should read as weighed."""
    stops = [{"offset": (k + side) / HATCHES, "color": hue if k % 2 else "transparent"} for k in range(HATCHES) for side in (0, 1)]
    return {"gradient": "linear", "x1": 0, "y1": 0, "x2": 1, "y2": 0.3, "stops": stops}


def _mark(kind: str, data: str | None, **update: Any) -> Spec:
    """Marks are not told one by one to those who listen: the chart is described as a whole, and its table says the rest."""
    start = {"from": {"data": data}} if data else {}
    return {"type": kind, **start, "aria": False, "interactive": False, "encode": {"update": update}}


def _value(x: Any) -> Spec:
    return {"value": x}


def stamp(of: date) -> int:
    """Milliseconds since 1970, as the page counts time."""
    return (of - date(1970, 1, 1)).days * 86_400_000


def went_spec(scenario: "Scenario", course: str, now: Goods, was: Goods, frame: Frame, of: str = "median") -> Spec | None:
    """The Sankey of one course, `of` one of PICTURES; arrows that are wide enough now or were before.

    None where nothing went, or a layered picture cannot show it.
    """
    sizes, before = ({(a.giver, a.taker): float(getattr(a, of)) for a in g.arrows} for g in (now, was))
    largest = max((*sizes.values(), *before.values()), default=0.0)
    wide = [e for e in before | sizes if max(sizes.get(e, 0.0), before.get(e, 0.0)) > largest / 400]
    links = [Link(node(e[0]), node(e[1]), sizes[e]) for e in wide if sizes.get(e, 0.0) >= 1]
    roles = {node(n): role for n, role in now.roles.items()}
    span = tr("{period}, all goods counted in rounds", period=words.period(scenario.begins, scenario.ends))
    title = tr("Where the rounds went: {course}", course=names.spoken(course))
    try:
        return where_it_went(title, [span, tr(PICTURES[of].says)], "rounds", links, roles, frame, WIDE) if links else None
    except ValueError:
        return None


def went_table(now: Goods, was: Goods) -> list[tuple[str, str, str, str]]:
    """From, to, now and before, in words; what is nothing in both is left out."""
    arrows, before = ({(a.giver, a.taker): a for a in g.arrows} for g in (now, was))
    kept = [e for e in before | arrows if any(e in some and some[e].p95 >= 1 for some in (arrows, before))]
    return [(node(e[0]), node(e[1]), amount(arrows.get(e)), amount(before.get(e))) for e in kept]
