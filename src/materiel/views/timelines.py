"""What happened or was said, by day: a line of words for each row, and its dots on one axis of days.

Two figures stand on it: the reports on one quantity by family of speakers, and the events of the record in which two actors
take part.
"""

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import altair as alt

from materiel.views import charts, names, reports, words
from materiel.views.charts import WIDE
from materiel.views.figures import Figure, Table, csv_text, drawn
from materiel.views.frame import Frame, Spec, colour

if TYPE_CHECKING:
    from materiel.evidence.weighed import Check
    from materiel.scenario import Scenario
    from materiel.scenario.reports import Report
    from materiel.scenario.vocabulary import Vocabulary

LINE, GAP = 15, 11  # pixels: of a line of words, and between two rows
LETTER, TITLE = 6.0, 8.5  # mean width of a letter, in pixels, and of one of the title
MOST = 3  # lines of words of a row; its table has the rest
FEWEST = 3  # events that make a timeline


class Dot(NamedTuple):
    """A day, or a span of days on one of which it was; `full` dots have the full colour."""

    first: date
    last: date
    full: bool


class Row(NamedTuple):
    """A row in words, and what happened in it."""

    says: str
    dots: Sequence[Dot]


def stacked(says: Sequence[str], labels: float) -> tuple[list[Spec], list[float], float]:
    """Words one below the other, each on as many lines as it needs in so many pixels: data of a mark, middles, and the height of all."""
    texts, middles, high = [], [], 0.0
    for text in says:
        lines = textwrap.wrap(text, int((labels - 12) / LETTER), max_lines=MOST, placeholder=" …") or [""]
        tall = LINE * len(lines) + GAP
        middles.append(high + tall / 2)
        texts.append({"y": middles[-1] - LINE * (len(lines) - 1) / 2, "lines": lines})
        high += tall
    return texts, middles, high


def beside(texts: Sequence[Spec], y: alt.Y) -> Any:
    """The layer of such words, at the left edge."""
    base = alt.Chart(alt.InlineData(values=list(texts))).encode(y=y, x=alt.value(0), text="lines:N")
    return base.mark_text(align="left", baseline="middle", fontSize=11.5, lineHeight=LINE)


def timeline(title: str, says: Sequence[str], rows: Sequence[Row], as_of: date, frame: Frame, labels: int) -> Spec:
    """Rows from the top, with `labels` pixels for their words; the as-of date is a dashed line where it lies between the dots."""
    texts, middles, high = stacked([row.says for row in rows], labels)
    dots = [
        {"y": y, "a": d.first.isoformat(), "b": d.last.isoformat(), "full": d.full}
        for y, row in zip(middles, rows, strict=True)
        for d in row.dots
    ]
    days = [d for row in rows for dot in row.dots for d in (dot.first, dot.last)]
    ends = [min(days).isoformat(), max(days).isoformat()]
    across = alt.Scale(type="utc", domain=ends, range=[labels, WIDE - 10], nice=False)
    axis = alt.Axis(format="%b %Y", labelOverlap=True, grid=True, tickCount=6)

    def along(field: str) -> alt.X:
        return alt.X(f"{field}:T", title=None, scale=across, axis=axis)

    down = alt.Scale(domain=[0, high], range=[0, high], nice=False)
    y = alt.Y("y:Q", scale=down, axis=None)
    seen = alt.Chart(alt.InlineData(values=dots)).encode(y=y)
    hue = alt.condition("datum.full", alt.value(colour("course-1")), alt.value(colour("calm")))
    layers = [
        seen.mark_rule(strokeWidth=3, opacity=0.6).encode(x=along("a"), x2="b", color=hue),
        seen.mark_point(filled=True, size=64, opacity=1).encode(x=along("a"), color=hue),
        beside(texts, y),
    ]
    if ends[0] <= as_of.isoformat() <= ends[1]:
        rule = alt.Chart(alt.InlineData(values=[{"a": as_of.isoformat()}]))
        layers.append(rule.mark_rule(color=colour("soft"), strokeDash=[3, 3]).encode(x=along("a")))
    layers.append(charts.foot(frame, high))
    spec = charts.finish(alt.layer(*layers).properties(width=WIDE, height=high, description=title), title, says)
    spec["title"]["text"] = textwrap.wrap(title, int(WIDE / TITLE))
    return spec


def heard(
    speakers: Mapping[str, str], measure: str, checks: Iterable["Check"], known: Mapping[str, "Report"], to: date, of: Frame
) -> Figure:
    """The reports on one quantity that weigh the worlds, by family of speakers and by the day on which each was surely public."""
    said = sorted(((known[c.id], c) for c in checks), key=lambda r: (r[0].published_latest, r[0].id))
    first: dict[str, str] = {}  # of each origin the report that came first
    for report, check in said:
        first.setdefault(check.origin, report.id)
    rows = []
    for family, name in speakers.items():
        theirs = [(r, c) for r, c in said if c.family == family]
        dots = [Dot(r.published_earliest, r.published_latest, first[c.origin] == r.id) for r, c in theirs]
        # a full dot lies over a pale one of the same day
        rows += (
            [Row(f"{name}: {charts.heard(len(theirs), len({c.origin for _, c in theirs}))}", sorted(dots, key=lambda d: d.full))]
            if dots
            else []
        )
    title = f"Who spoke of {measure} by {words.day(to)}"
    says = ["full: the first report of an origin; pale: of one that had spoken before; lines: days on one of which it was published"]
    spec = timeline(title, says, rows, of.as_of, of, 330)
    table = [(str(r.published_latest), speakers[c.family], c.origin, reports.said(c.says, c.unit.replace("km^2", "km2"))) for r, c in said]
    head = ("public", "family", "origin", "said")
    csv = csv_text(("id", "published_earliest", "published_latest", *head[1:3], "first_of_origin", "said", "unit"), [
        (r.id, r.published_earliest, r.published_latest, c.family, c.origin, first[c.origin] == r.id, c.says, c.unit) for r, c in said
    ])  # fmt: skip
    return drawn("heard", title, spec, csv, Table(head, table))


def pairs(s: "Scenario") -> list[tuple[str, str]]:
    """The pairs of actors that take part together in enough events, those with the most events first."""
    count = Counter(pair for e in s.vocabulary.events.values() for pair in combinations(sorted(set(e.who)), 2))
    return [pair for pair, n in sorted(count.items(), key=lambda x: (-x[1], x[0])) if n >= FEWEST]


def between(v: "Vocabulary", pair: tuple[str, str]) -> str:
    """The title of the events of a pair."""
    return f"Events between {' and '.join(names.actor(v, key) for key in pair)}"


def events(s: "Scenario", pair: tuple[str, str], of: Frame) -> Figure:
    """The events of the record in which both actors of a pair take part, from the first to the last."""
    v = s.vocabulary
    both = sorted(
        ((s.date(round(e.on.at(1e-9))), s.date(round(e.on.at(1 - 1e-9))), key, e) for key, e in v.events.items() if {*pair} <= {*e.who}),
        key=lambda x: x[:3],
    )
    rows = [Row(f"{words.day(a)}: {e.says} ({e.what})", [Dot(a, b, e.jump is not None)]) for a, b, _, e in both]
    title = between(v, pair)
    says = ["full: it moves an alignment in this model; pale: recorded, and moves nothing here"]
    spec = timeline(title, says, rows, s.as_of, of, 500)
    table = [(words.day(a), e.what, e.says) for a, _, _, e in both]
    head = ("id", "first", "last", "what", "says", "who", "moves")
    csv = csv_text(head, [(key, a, b, e.what, e.says, " ".join(e.who), e.jump is not None) for a, b, key, e in both])
    return drawn(f"events-{'-'.join(pair)}", title, spec, csv, Table(("day", "what", "says"), table))
