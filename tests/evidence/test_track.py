"""Scores by speaker, worked out by hand on forecasts of three worlds."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from tests.evidence.small import small

from materiel.evidence import scores
from materiel.evidence.predictions import Item
from materiel.evidence.track import FIRST, MONTHLY, Row, scored, scored_events
from materiel.scenario import load

NAMES = {"press": "the press", "map": "a map"}
DAY = date(2020, 6, 10)


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    return load(small(tmp_path_factory.mktemp("e")).path).vocabulary.evidence


def item(id, value, end, known, *, counts="daily", measure="fire[a]", linear=False, form="point", family="press", interest="none"):
    # geometric and arithmetic middles are `value`
    low, high = (value * 0.5, value * 2) if not linear else (value - 1, value + 1)
    return Item(
        id=id, family=family, origin=family, form=form, low=float(low), high=float(high), interest=interest, method="not stated",
        known=known, line=2, scale=0.4, measure=measure, counts=counts, spans=((0, end),),
        unit="km^2" if linear else "rounds/day", linear=linear,
    )  # fmt: skip


def crps(x, y):
    """From its definition, in plain loops."""
    x = [float(v) for v in x]
    return sum(abs(v - y) for v in x) / len(x) - sum(abs(v - w) for v in x for w in x) / (2 * len(x) ** 2)


def test_amounts_are_scored_on_the_log_and_against_what_was_known(evidence):
    known = [date(2020, 5, 10), date(2020, 5, 20), date(2020, 6, 1), date(2020, 6, 20)]
    said = [1000.0, 2000.0, 4000.0, 16000.0]
    history = [item(f"f{k}", v, 10 * (k + 1), d) for k, (v, d) in enumerate(zip(said, known, strict=True))]
    x, bare = np.array([4000.0, 8000.0, 9000.0]), np.array([100.0, 200.0, 400.0])
    made = scored([Row(history[3], DAY, x, bare, next_month=True)], history, evidence, NAMES)
    assert [s.made for s in made] == [FIRST, MONTHLY]
    one = made[1]
    assert (one.measure, one.scored_against, one.n, one.unit) == ("fire[a]", "the next statement of the press", 1, "log")
    mine = crps(np.log(x), np.log(16000))
    assert one.crps == pytest.approx(mine)
    # the last value was 4,000; persistence has been wrong by log 2 twice, either way
    last = np.log(4000) + np.log(2) * np.array([1, 1, -1, -1])
    assert one.skill_persistence.value == pytest.approx(1 - mine / crps(last, np.log(16000)))
    # doubled every ten days: the line through three points says 8,000, and has made no error yet
    assert one.skill_trend.value == pytest.approx(1 - mine / np.log(2))
    assert one.skill_without.value == pytest.approx(1 - mine / crps(np.log(bare), np.log(16000)))
    assert one.skill_trend.low is None
    assert one.skill_trend.verdict == "too few to tell"
    assert one.pit == (1.0,)
    assert [c.hits for c in one.coverage.values()] == [0, 0, 0, 0]
    assert (one.worth, one.uniform) == (1.0, None)


def test_a_rule_of_thumb_sees_nothing_later(evidence):
    later = item("f1", 9999.0, 25, date(2020, 6, 15))
    rows = [Row(item("f2", 4000.0, 30, date(2020, 6, 20)), DAY, np.array([4000.0]), np.array([4000.0]), next_month=True)]
    before = item("f0", 1000.0, 10, date(2020, 5, 10))
    made = scored(rows, [before, later, rows[0].item], evidence, NAMES)[0]
    assert made.crps == 0
    assert made.skill_persistence.value == 1.0  # against 1,000, by log 4
    assert made.skill_trend.value is None  # one point makes no line
    nothing = scored(rows, [later, rows[0].item], evidence, NAMES)[0]
    assert nothing.skill_persistence.value is None


def test_a_growing_sum_is_scored_by_what_was_added(evidence):
    boxes = {"counts": "total", "measure": "containers[maker_north]"}
    past = item("b0", 1000.0, 20, date(2020, 6, 1), **boxes)
    now = item("b1", 1500.0, 40, date(2020, 6, 20), **boxes)
    x = np.array([900.0, 1400.0, 2000.0])
    made = scored([Row(now, DAY, x, x, next_month=True)], [past, now], evidence, NAMES)[0]
    assert made.skill_persistence is None
    assert made.unit == "log of 1 + what was added"
    assert made.crps == pytest.approx(crps(np.log1p([0.0, 400.0, 1000.0]), np.log1p(500.0)))


def test_changes_are_scored_in_their_unit(evidence):
    area = {"counts": "change", "measure": "front.area", "linear": True, "family": "map"}
    now = item("a", -50.0, 40, date(2020, 6, 20), **area)
    made = scored([Row(now, DAY, np.array([-50.0, 10.0]), np.array([0.0, 1.0]), next_month=False)], [now], evidence, NAMES)
    assert [s.made for s in made] == [FIRST]  # it did not come in the month after the forecast
    assert made[0].unit == "km^2"
    assert made[0].crps == pytest.approx(crps([-50, 10], -50))


def test_speakers_and_measures_are_kept_apart(evidence):
    items = [
        item("a", 10.0, 40, date(2020, 6, 20)),
        item("b", 10.0, 40, date(2020, 6, 20), family="map"),
        item("c", 10.0, 40, date(2020, 6, 20), measure="fire[b]"),
        replace(item("d", 10.0, 40, date(2020, 6, 20)), converts="narrow"),
    ]
    rows = [Row(i, DAY, np.array([10.0]), np.array([10.0]), next_month=True) for i in items]
    made = [s for s in scored(rows, items, evidence, NAMES) if s.made == MONTHLY]
    assert {(s.measure, s.scored_against) for s in made} == {
        ("fire[a]", "the next statement of the press"),
        ("fire[a]", "the next statement of a map"),
        ("fire[b]", "the next statement of the press"),
        ("fire[a], narrow", "the next statement of the press"),
    }


def test_events():
    yes, no = (item(f, 1.0, 40, date(2020, 6, 20), form=f, measure="tests[nuclear]") for f in ("yes", "no"))
    rows = [
        Row(yes, DAY, np.array([1.0, 1.0, 0.0, 0.0]), np.zeros(4), True),
        Row(no, DAY, np.array([1.0, 0.0, 0.0, 0.0]), np.zeros(4), True),
    ]
    first, monthly = scored_events(rows, NAMES)
    assert (first.made, monthly.made, monthly.n) == (FIRST, MONTHLY, 2)
    assert monthly.log_score == pytest.approx(-(np.log(0.5) + np.log(0.75)) / 2)
    assert monthly.chances == (0.5, 0.25)
    assert monthly.happened == (True, False)
    assert monthly.even == pytest.approx(scores.log_score(0.5, True))
