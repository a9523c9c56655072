"""How past forecasts did, as figures: their skill against rules of thumb, and how often their bands held what came."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt

from materiel.evidence.scores import LEVELS, Coverage, Skill
from materiel.views import charts, words
from materiel.views.charts import ROW, WIDE
from materiel.views.figures import Figure, Table, csv_text, drawn, four
from materiel.views.frame import Frame, Spec, colour
from materiel.views.records import Record, kind, named
from materiel.views.timelines import beside, stacked

if TYPE_CHECKING:
    from materiel.scenario.vocabulary import Vocabulary

AGAINST = {"trend": "a trend", "persistence": "the last value again"}
WORDS = 460  # pixels for the words of a series
WORST = -2.0  # skill at which the axis ends: three times the error of the reference


def skill(v: "Vocabulary", r: Record, of: Frame) -> Figure | None:
    """The skill of each series against rules of thumb; None where no rule of thumb could be held against any."""
    rows: list[tuple[str, Skill | None, Skill | None]] = [
        (f"{s.n} forecast {s.made}: {named(v, s.measure)}; {s.scored_against}", s.skill_trend, s.skill_persistence) for s in r.series
    ]
    rows = [row for row in rows if any(x is not None and x.value is not None for x in row[1:])]
    if not rows:
        return None
    title = f"{kind(r).capitalize()} of {words.day(r.as_of)}: skill"
    told = [(says, *(str(x).replace("-", words.MINUS) if x else "—" for x in both)) for says, *both in rows]
    csv = csv_text(
        ("series", "against", "skill", "low", "high"),
        [(says, against, *_ends(x)) for says, *both in rows for against, x in zip(AGAINST, both, strict=True) if x],
    )
    return drawn(
        f"{kind(r)}-{r.as_of}", title, _skill(title, rows, of), csv, Table(("series", *(f"against {a}" for a in AGAINST.values())), told)
    )


def _ends(x: Skill) -> tuple[float | None, ...]:
    return tuple(e if e is None else float(four(e)) for e in (x.value, x.low, x.high))


def _skill(title: str, rows: Sequence[tuple[str, Skill | None, Skill | None]], of: Frame) -> Spec:
    """A row of two dots for each series; what is worse than the axis reaches stands at its end and is open."""
    texts, middles, high = stacked([says for says, *_ in rows], WORDS)
    dots = []
    for middle, (_, *both) in zip(middles, rows, strict=True):
        for k, (against, x) in enumerate(zip(AGAINST, both, strict=True)):
            if x is not None and x.value is not None:
                low, up = (x.value if e is None else e for e in (x.low, x.high))
                inside = {name: min(1.0, max(WORST, e)) for name, e in (("at", x.value), ("a", low), ("b", up))}
                dots.append({"y": middle - 4 + 8 * k, "against": against, "out": x.value < WORST, **inside})
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, high], range=[0, high], nice=False), axis=None)
    axis = alt.Axis(title="skill: 1 is perfect, 0 no better than the rule of thumb", grid=True, values=[-2, -1, 0, 1])
    scale = alt.Scale(domain=[WORST, 1], range=[WORDS, WIDE - 10], nice=False)
    hue = alt.Color("against:N", scale=alt.Scale(domain=list(AGAINST), range=[colour("course-1"), colour("course-2")]), legend=None)

    def along(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    seen = alt.Chart(alt.InlineData(values=dots)).encode(y=y)
    shape = alt.Shape("against:N", scale=alt.Scale(domain=list(AGAINST), range=["circle", "diamond"]), legend=None)
    layers = [
        alt.Chart(alt.InlineData(values=[{"at": 0}])).mark_rule(color=colour("soft")).encode(x=along("at")),
        seen.mark_rule(strokeWidth=2, opacity=0.6).encode(x=along("a"), x2="b", color=hue),
        seen.transform_filter("!datum.out").mark_point(filled=True, size=60, opacity=1).encode(x=along("at"), color=hue, shape=shape),
        seen.transform_filter("datum.out").mark_point(filled=False, size=60).encode(x=along("at"), color=hue, shape=shape),
        beside(texts, y),
        charts.foot(of, high + 16),
    ]
    says = [
        f"against a trend (circle) and against the last value again (diamond); open: worse than {WORST:g}".replace("-", words.MINUS),
        "lines: 95 % intervals, where enough was scored",
    ]
    chart = alt.layer(*layers).resolve_scale(color="shared", shape="shared")
    return charts.finish(chart.properties(width=WIDE, height=high, description=title), title, says)


def calibration(r: Record, of: Frame) -> Figure | None:
    """How often bands of each level held what came: all series together, and each of them pale; None where nothing was scored."""
    by_level = {
        level: [s.coverage[str(level)] for s in r.series if str(level) in s.coverage and s.coverage[str(level)].n] for level in LEVELS
    }
    all_of = {level: Coverage(sum(c.hits for c in some), sum(c.n for c in some)) for level, some in by_level.items() if some}
    if not all_of:
        return None
    title = f"{kind(r).capitalize()} of {words.day(r.as_of)}: what the bands held"
    spec = _calibration(title, {level: (c, by_level[level]) for level, c in all_of.items()}, of)
    csv = csv_text(
        ("level", "series", "held", "n"),
        [
            row
            for level, some in by_level.items()
            for row in ((level, "all", *_counted(all_of[level])), *((level, k, *_counted(c)) for k, c in enumerate(some, 1)))
        ],
    )
    table = [(f"{level} %", str(c)) for level, c in all_of.items()]
    return drawn(f"calibration-{kind(r)}-{r.as_of}", title, spec, csv, Table(("band", "held"), table))


def _counted(c: Coverage) -> tuple[int, int]:
    return c.hits, c.n


def _calibration(title: str, rows: Mapping[int, tuple[Coverage, Iterable[Coverage]]], of: Frame) -> Spec:
    """A row for each level: a tick where a perfect forecaster stands, a dot with its interval, and a pale dot for each series."""
    tall = 1.6 * ROW
    levels, series = [], []
    for k, (level, (c, some)) in enumerate(rows.items()):
        low, high = c.interval
        middle = (k + 0.5) * tall
        levels.append({"y": middle, "level": level / 100, "at": c.hits / c.n, "a": low, "b": high, "says": f"{level} % band: held {c}"})
        series += [{"y": middle, "at": one.hits / one.n, "n": one.n} for one in some]
    high = tall * len(levels)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, high], range=[0, high], nice=False), axis=None)
    axis = alt.Axis(title="share of outcomes inside the band", grid=True, format="%", tickCount=5)
    scale = alt.Scale(domain=[0, 1], range=[250, WIDE - 20], nice=False)

    def along(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis)

    some, whole = (alt.Chart(alt.InlineData(values=values)).encode(y=y) for values in (series, levels))
    size = alt.Size("n:Q", scale=alt.Scale(type="sqrt", range=[12, 220]), legend=None)
    layers = [
        some.mark_point(filled=True, color=colour("calm"), opacity=0.55).encode(x=along("at"), size=size),
        whole.mark_rule(color=colour("course-1"), strokeWidth=3, opacity=0.5).encode(x=along("a"), x2="b"),
        whole.mark_point(filled=True, color=colour("course-1"), size=80, opacity=1).encode(x=along("at")),
        whole.mark_tick(color=colour("ink"), thickness=2.5, size=22, orient="vertical").encode(x=along("level")),
        whole.mark_text(align="left", baseline="middle", fontSize=11.5).encode(x=alt.value(0), text="says:N"),
        charts.foot(of, high + 16),
    ]
    says = [
        "black: where a forecaster who knows what he does not know would stand; blue: all series, with 95 % intervals",
        "grey: each series; outcomes near each other are not independent, so the intervals are too narrow",
    ]
    return charts.finish(alt.layer(*layers).properties(width=WIDE, height=high, description=title), title, says)


def frame(v: "Vocabulary", raw: Mapping[str, Any], r: Record) -> Frame:
    """What its pictures carry: the version that was scored then, which may be another than that of the run beside it."""
    basis = f"{kind(r)} to {words.day(r.until)}{f'; {r.stopped}' if r.stopped else ''}"
    return Frame(r.as_of, v.scenario, str(raw.get("version", "")), basis, "", int(raw.get("worlds", 0)))


def figures(v: "Vocabulary", r: Record, of: Frame) -> list[Figure]:
    """The figures of one stored record."""
    return [figure for figure in (skill(v, r, of), calibration(r, of)) if figure is not None]
