"""Charts carry their frame, tell two courses apart without colour alone, and never promise more digits than a pixel."""

import re
from datetime import date, timedelta

import numpy as np
import pytest

from materiel.views import charts
from materiel.views.bands import bands
from materiel.views.charts import Seen, Spoken, fan, known_past, scale_of, svg, who_spoke
from materiel.views.frame import DARK, LIGHT, Frame, flat
from materiel.views.sankey import Link, where_it_went

FRAME = Frame(date(2020, 6, 10), "Two sides", "1", "unweighted ranges", "madeup", 64)
DATES = [date(2020, 5, 1) + timedelta(7 * i) for i in range(9)]


def some_bands(factor=1.0):
    return bands(factor * np.random.default_rng(3).lognormal(12, 0.5, size=(9, 50)))


@pytest.fixture(scope="module")
def spec():
    return fan("Held", "says", "rounds", DATES, {"pact": some_bands(), "no pact": some_bands(0.5)}, FRAME.as_of, FRAME)


def test_the_first_course_has_bands_and_the_other_has_lines_without_fill(spec):
    marks = [(layer["mark"]["type"], layer["mark"].get("color"), layer["mark"].get("strokeDash")) for layer in spec["layer"]]
    assert [m[1] for m in marks if m[0] == "area"] == ["var(--course-1)"] * 2
    assert [m for m in marks if m[0] == "line" and m[1] == "var(--course-2)" and m[2] == [1, 0]] == []
    opacity = [layer["mark"]["opacity"] for layer in spec["layer"] if layer["mark"]["type"] == "area"]
    assert opacity[0] < opacity[1]  # the outer band is the paler


def test_every_picture_has_the_frame_inside(spec):
    past = known_past([Seen("Fired", "May · South", "rounds", (4000, 9000), (1000, 5000, 8000))], FRAME)
    went = where_it_went("Went", ["says"], "rounds", [Link("Made", "Depots", 5.0)], {"Made": "came"}, FRAME)
    spoke = who_spoke("Who spoke", [Spoken("officials", 3, 2)], FRAME)
    for one in (spec, past, went, spoke):
        text = svg(one)
        assert all(line in text for line in FRAME.lines)
        assert "model, not observation" in text


def test_dates_are_read_as_days_whatever_the_clock_of_the_reader(spec):
    assert spec["encoding"]["x"]["scale"] == {"type": "utc"}
    tips = next(layer for layer in spec["layer"] if layer.get("name") == charts.TIPS)["encoding"]["tooltip"]
    assert tips[0]["timeUnit"] == "utcyearmonthdate"


def test_a_still_picture_has_no_layer_for_the_pointer(spec):
    assert 'opacity="0"' not in svg(spec)


def test_numbers_of_a_chart_have_four_digits(spec):
    rows = next(iter(spec["datasets"].values())) if "datasets" in spec else spec["data"]["values"]
    values = [x for row in spec.get("data", {}).get("values", rows) for k, x in row.items() if k.startswith("c0")]
    assert values
    assert all(len(f"{x:g}".replace(".", "").lstrip("0")) <= 4 for x in values)


@pytest.mark.parametrize(
    ("largest", "unit", "divisor", "text"),
    [
        (4e6, "rounds", 1e6, "million rounds"),
        (25_000, "rounds/day", 1e3, "thousand rounds a day"),
        (900, "km2", 1, "km²"),
        (0.4, "share", 0.01, "%"),
    ],
)
def test_axes_are_in_numbers_that_can_be_read(largest, unit, divisor, text):
    assert scale_of(largest, unit) == (divisor, text)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-3.0, 7.0), (120.0, 4100.0), (-5.0, -1.0), (0.0, 0.0), (1e-4, 3e-4)])
def test_an_axis_holds_its_numbers_and_zero(low, high):
    a, b, step = charts.domain(low, high)
    assert a <= min(low, 0) <= max(high, 0) <= b
    assert a < b
    assert 3 <= round((b - a) / step) <= 7


def test_labels_at_the_lines_keep_their_distance_and_their_order():
    places = charts._apart([1.0, 1.05, 9.0], 0.5)
    assert places[1] - places[0] == pytest.approx(0.5)
    assert places[2] == 9.0


def test_bars_of_speakers_are_as_long_as_their_reports_and_as_full_as_their_origins():
    spec = who_spoke("Who spoke", [Spoken("officials of North", 12, 3), Spoken("the press", 1, 1)], FRAME)
    rows = spec["datasets"][spec["data"]["name"]]
    assert [(r["reports"], r["origins"], r["says"]) for r in rows] == [(12, 3, "12 reports, 3 origins"), (1, 1, "1 report, 1 origin")]
    pale, full = spec["layer"][:2]
    assert (pale["encoding"]["x"]["field"], full["encoding"]["x"]["field"]) == ("reports", "origins")
    assert pale["encoding"]["x"]["scale"]["domain"] == full["encoding"]["x"]["scale"]["domain"] == [0, 12]
    assert pale["mark"]["opacity"] < 0.5 < full["mark"].get("opacity", 1)
    text = svg(spec)
    for words in ("officials of North", "12 reports, 3 origins", "the press", "full: origins that do not rest on each other"):
        assert words in text


def test_nothing_is_drawn_from_nothing_finite():
    with pytest.raises(ValueError, match="not finite"):
        bands(np.full((2, 3), np.inf))


def test_every_colour_has_a_light_and_a_dark_value(spec):
    assert LIGHT.keys() == DARK.keys()
    assert "var(" not in flat(svg(spec))


def luminance(hue):
    parts = [int(hue[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("role", ["ink", "soft", "course-1", "course-2"])
def test_words_can_be_read_on_the_page(theme, role):
    """Contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    light, dark = sorted((luminance(theme[role]), luminance(theme["paper"])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_a_lean_picture_is_the_same_picture():
    """Drawn by another program, dot by dot; what is left out drew nothing."""
    import vl_convert

    from materiel.claims import judge
    from materiel.scenario import load
    from materiel.views import figures
    from tests.views.madeup import SMALL, MadeUpWorlds

    worlds = MadeUpWorlds(load(SMALL))
    of = figures.frame(worlds, "unweighted")
    for figure in (figures.fan(worlds, 0, of), figures.went(worlds, of)[0][0], figures.past(worlds, judge(worlds), of)):
        whole = flat(svg(figure.spec))
        whole = re.sub(r"(\d+\.\d)\d+", r"\1", whole)  # to a tenth of a pixel, as in the page
        thin = figures.lean(whole)
        assert len(thin) < 0.9 * len(whole)
        assert "class=" not in thin
        assert vl_convert.svg_to_png(thin) == vl_convert.svg_to_png(whole)
        assert vl_convert.svg_to_png(thin) != vl_convert.svg_to_png(thin.replace("</text>", "x</text>", 1))


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("M1,2L3,4L4,4", "M1,2l2,2 1,0"),
        ("M0.1,0.2L0.3,0.1Z", "M.1,.2l.2,-.1Z"),
        ("M0,0L1.5,-1.5M2,2L1,1", "M0,0l1.5,-1.5M2,2l-1,-1"),
        ("M5,5Z", "M5,5Z"),
    ],
)
def test_a_path_by_its_steps(path, steps):
    from materiel.views import figures

    assert figures._stepwise(path) == steps
