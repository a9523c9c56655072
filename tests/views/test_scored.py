"""How past forecasts did, drawn: what stands on the axes is what was stored."""

import csv
import io
from datetime import date

import pytest

from materiel.views import scored
from materiel.views.paper import catalogue
from materiel.views.records import record
from tests.views.madeup import DAYS, RECORDS, SERIES
from tests.views.test_timelines import data


def made(worlds, raw, place):
    kept, v = record(raw), worlds.scenario.vocabulary
    return scored.figures(v, kept, scored.frame(v, raw, kept))[place]


def test_each_series_has_a_dot_for_every_rule_of_thumb_that_it_was_held_against(worlds):
    figure = made(worlds, RECORDS[0], 0)
    dots = [(d["against"], d["at"], d["a"], d["b"]) for d in data(figure.spec, "against", "at")]
    assert dots == [("trend", 0.21, -0.05, 0.43), ("persistence", 0.3, 0.1, 0.5), ("trend", -0.3, -0.3, -0.3)]
    rows = list(csv.DictReader(io.StringIO(figure.csv)))
    assert [(r["against"], r["skill"], r["low"]) for r in rows] == [
        ("trend", "0.21", "-0.05"),
        ("persistence", "0.3", "0.1"),
        ("trend", "-0.3", ""),
    ]
    said = [" ".join(t["lines"]) for t in data(figure.spec, "lines")]
    assert said[0].startswith("15 forecast month by month: Rounds used: North (north guns)")
    assert said[1].endswith("measured by a watch")


def test_what_is_worse_than_the_axis_reaches_stands_open_at_its_end(worlds):
    far = SERIES[0] | {"skill_trend": {"value": -3.2, "low": -9.0, "high": -1.5}, "skill_persistence": None}
    figure = made(worlds, RECORDS[0] | {"series": [far]}, 0)
    (dot,) = data(figure.spec, "against", "at")
    assert (dot["at"], dot["a"], dot["b"], dot["out"]) == (-2.0, -2.0, -1.5, True)
    assert "−3.20" in figure.table.rows[0][1]  # the table has the number


def test_bands_are_counted_over_all_series_and_one_by_one(worlds):
    figure = made(worlds, RECORDS[0], 1)
    levels = data(figure.spec, "level")
    assert [(d["level"], d["at"]) for d in levels] == [(level, 15 / 30) for level in (0.5, 0.8, 0.9, 0.95)]
    low, high = levels[0]["a"], levels[0]["b"]
    assert (low, high) == (pytest.approx(0.313, abs=1e-3), pytest.approx(0.687, abs=1e-3))  # Clopper and Pearson, 15 of 30
    assert sorted(d["at"] for d in data(figure.spec, "n", "at"))[::4] == [2 / 15, 13 / 15]
    rows = list(csv.DictReader(io.StringIO(figure.csv)))
    assert [(r["series"], r["held"], r["n"]) for r in rows[:3]] == [("all", "15", "30"), ("1", "13", "15"), ("2", "2", "15")]


def test_nothing_is_drawn_of_what_was_not_scored(worlds):
    empty = SERIES[1] | {"skill_trend": None, "coverage": {}}
    kept, v = record(DAYS | {"priors": "rule", "kind": "hindcast", "series": [empty]}), worlds.scenario.vocabulary
    assert scored.figures(v, kept, scored.frame(v, {}, kept)) == []


def test_forecasts_by_those_who_knew_are_not_called_hindcasts(worlds, verdicts):
    known = catalogue(worlds, verdicts, [r | {"worlds": 512, "version": "0.9"} for r in RECORDS])
    names = list(known)[-4:]
    day = date(2020, 6, 1)
    assert names == [f"{what}{kind}-{day}" for kind in ("hindcast", "retrodiction") for what in ("", "calibration-")]
    for name in names:
        drawn = known[name].draw(178.0)
        assert ("indcast" in drawn.caption) == ("hindcast" in name)
        assert "n = 512 simulated worlds" in drawn.caption
        assert "Two invented sides” 0.9, as of 1 June 2020" in drawn.caption


def test_a_record_that_stopped_early_says_so(worlds):
    kept, v = record(RECORDS[0] | {"stopped": "stopped at 2020-06-20"}), worlds.scenario.vocabulary
    assert scored.frame(v, {}, kept).basis == "hindcast to 30 June 2020; stopped at 2020-06-20"
