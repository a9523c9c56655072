"""What notebooks show of a scenario, of worlds and of verdicts: what they say, escaped, and without a network."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from materiel.claims import judge
from materiel.scenario import load, loads
from materiel.worlds import simulate
from materiel.worlds.notebook import HIGH, WIDTH, fan
from tests.claims.toy import KNOWN, toy
from tests.views.madeup import SCRIPT, SMALL, MadeUpWorlds, hostile_text

CLAIM = '\nmany: {says: There are many rockets., measure: "held[north.dart]", at: first day, course: pact, holds_if: above 20k rounds}\n'


def cells(html):
    """Rows of the one table, by a parser of XML: what it cannot read is not closed or not escaped."""
    root = ET.fromstring(html)
    assert not [e for e in root.iter() if e.tag in ("script", "link", "img", "iframe") or any(k in e.attrib for k in ("src", "href"))]
    return [["".join(c.itertext()) for c in row] for row in root.iter("tr")]


def test_a_scenario(tmp_path):
    s = load(SMALL)
    told = dict(cells(s._repr_html_()))
    assert told["says"] == s.vocabulary.says
    assert told["numbers"].startswith(f"{len(s.quantities)}, ")
    assert told["as of"] == "2020-06-10"
    assert "Two invented sides" in s._repr_html_()


def test_worlds(tmp_path):
    (tmp_path / "scenario.yaml").write_text(toy(CLAIM, KNOWN).replace("charts: []", 'charts: ["held[north.shell]"]'), encoding="utf-8")
    worlds = simulate(load(tmp_path), 64, 7, root=tmp_path / "runs")
    html = worlds._repr_html_()
    told = dict(cells(html))
    assert told["worlds"] == "64, seed 7"
    assert told["weighed"] == "no: these are the ranges alone"
    assert worlds.run in html
    charts = worlds.scenario.vocabulary.charts
    assert html.count("<svg") == min(2, len(charts)) > 0
    median = np.median(worlds.series(worlds.chart_courses[0], charts[0])[-1])
    assert f"{float(f'{median:.2g}'):,.10g}" in html


def test_verdicts(worlds_and_verdicts):
    _, verdicts = worlds_and_verdicts
    head, *rows = cells(verdicts._repr_html_())
    assert head[0] == "Claim"
    assert [row[0] for row in rows] == [v.says for v in verdicts.claims]
    for row, v in zip(rows, verdicts.claims, strict=True):
        assert v.basis in row
        assert ("size only" in row) == (v.basis == "built in")
        if v.basis != "built in":
            assert row[1] == f"about {5 * round(20 * v.probability)} %"
            assert v.grade in row
    none = replace(verdicts.claims[1], probability=None, probability_range=None, basis="assumed")
    assert cells(replace(verdicts, claims=(none,))._repr_html_())[1][1] == "too few worlds"
    assert cells(replace(verdicts, claims=())._repr_html_())[1:] == []


@pytest.fixture
def worlds_and_verdicts():
    worlds = MadeUpWorlds(load(SMALL))
    return worlds, judge(worlds)


def test_a_hostile_scenario_is_shown_as_text():
    s = loads(hostile_text().encode())
    for html in (s._repr_html_(), judge(MadeUpWorlds(s))._repr_html_(), fan(SCRIPT, SCRIPT, [(SCRIPT, np.ones((3, 4)))])):
        assert "<script" not in html
        assert "<img" not in html
        assert "document.title" in "".join(ET.fromstring(html).itertext())


def test_a_fan_is_inside_its_picture_and_as_high_as_its_numbers():
    series = np.linspace(-5.0, 10.0, 7)[:, None] * np.linspace(0.5, 1.5, 101)[None, :]
    svg = fan("a", "km", [("one", series), ("other", 0.5 * series)])
    band, first, second = (
        [tuple(map(float, at.split(","))) for at in re.split("[ML]", d.rstrip("Z"))[1:]] for d in re.findall(r' d="([^"]+)"', svg)
    )
    assert all(0 <= x <= WIDTH and 0 <= y <= HIGH for x, y in [*band, *first, *second])
    assert (len(band), len(first)) == (14, 7)
    low, high = -5 * 1.45, 10 * 1.45
    assert first[-1][1] == pytest.approx(HIGH * (1 - (10 - low) / (high - low)), abs=0.1)
    assert second[-1][1] == pytest.approx(HIGH * (1 - (5 - low) / (high - low)), abs=0.1)
    assert "one 10, 9 worlds of 10 5.5 to 15" in svg
    assert "dasharray" in svg
    assert fan("a", "km", [("none", np.zeros((1, 3)))]).count("<path") == 2
