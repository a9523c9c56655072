"""Thresholds and windows: what a claim's words mean."""

import numpy as np
import pytest

from materiel.claims.estimand import Rule, rule
from materiel.scenario import ScenarioError, loads, shipped
from materiel.scenario.errors import Wrong
from materiel.scenario.vocabulary import Claim
from materiel.worlds.windows import Window, days_of, plan, quarters, window
from tests.claims.toy import toy


def claim(holds_if: str) -> Claim:
    return Claim(says="x", measure="front.area", holds_if=holds_if)


@pytest.mark.parametrize(
    ("text", "relation", "threshold"),
    [
        ("higher by 20 km2 or more", "higher", 20),
        ("lower by 60 km2 or more", "lower", 60),
        ("above 180 km2", "above", 180),
        ("below 180 km2 or less", "below", 180),
        ("above 1M rounds", "above", 1e6),
        ("above 3M rounds or more", "above", 3e6),
        ("below 60k rounds", "below", 6e4),
        ("above 1.5bn rounds", "above", 1.5e9),
        ("above 2B rounds", "above", 2e9),
        ("higher by 1.2k rounds/day or more", "higher", 1200),
        ("above 1_500_000 rounds", "above", 1.5e6),
        ("above 1.5e6 rounds", "above", 1.5e6),
        ("below -60 km2", "below", -60),
        ("higher by 5 %", "higher", 0.05),
        ("above 0.5", "above", 0.5),
        ("above 60krounds", "above", 6e4),  # suffix and unit without a space: never a thousandfold error
        ("  above   2.5   lines ", "above", 2.5),
    ],
)
def test_every_form_of_a_rule(text, relation, threshold):
    read = rule(claim(text))
    assert (read.relation, read.threshold) == (relation, pytest.approx(threshold))


@pytest.mark.parametrize("text", ["", "higher", "more than 5 km2", "above x km2", "above 5 km2 perhaps", "higher than 5 km2"])
def test_what_is_not_a_rule_is_refused(text):
    with pytest.raises(Wrong):
        rule(claim(text))


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_claim_is_read(name):
    from materiel.scenario import load

    for c in load(name).vocabulary.claims.values():
        assert rule(c).threshold > 0


X = np.array([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("relation", "threshold", "holds"),
    [
        ("higher", 2, [0, 0, 0, 0, 0, 1, 1]),
        ("lower", 2, [1, 1, 0, 0, 0, 0, 0]),
        ("above", 2, [0, 0, 0, 0, 0, 1, 1]),
        ("below", 2, [1, 1, 1, 1, 1, 1, 0]),
        ("above", -2, [0, 1, 1, 1, 1, 1, 1]),
        ("below", -2, [1, 1, 0, 0, 0, 0, 0]),
        # no effect is neither more nor less than nothing
        ("higher", 0, [0, 0, 0, 0, 1, 1, 1]),
        ("lower", 0, [1, 1, 1, 0, 0, 0, 0]),
        ("above", 0, [0, 0, 0, 0, 1, 1, 1]),
        ("below", 0, [1, 1, 1, 0, 0, 0, 0]),
    ],
)
def test_where_a_rule_holds(relation, threshold, holds):
    assert Rule(relation, threshold, "").holds(X).tolist() == [bool(h) for h in holds]


def test_half_and_twice_the_threshold():
    r = Rule("lower", 2, "")
    assert r.holds(X, 0.5).sum() == 3
    assert r.holds(X, 2.0).sum() == 0


@pytest.fixture(scope="module")
def scenario():
    return loads(toy("c: {says: x, measure: 'held[north.shell]', at: first day, course: pact, holds_if: above 1 rounds}").encode())


@pytest.mark.parametrize(
    ("over", "at", "expected"),
    [
        (None, "first day", Window("level", 0, 0)),
        (None, "2020-01-01", Window("level", 1, 1)),  # the evening of the first day
        (None, "2020-12-31", Window("level", 366, 366)),
        ("2020-01-01 to 2020-12-31", None, Window("change", 0, 366)),
        ("2020-02-01 to 2020-02-10", None, Window("change", 31, 41)),  # both days whole: ten days
        ("any quarter of 2020-01-01 to 2020-12-31", None, Window("any_quarter", 0, 366)),
    ],
)
def test_windows(scenario, over, at, expected):
    assert window(scenario, over, at) == expected


def test_what_is_not_a_window_is_refused(scenario):
    with pytest.raises(ValueError, match="is not a window"):
        window(scenario, "last spring", None)


def test_quarters_are_91_days_and_start_on_whole_weeks():
    q = quarters(Window("any_quarter", 3, 3 + 91 + 15))
    assert q == [(3, 94), (10, 101), (17, 108)]
    assert days_of(Window("any_quarter", 3, 3 + 91 + 15)) == [3, 10, 17, 94, 101, 108]
    assert quarters(Window("any_quarter", 0, 91)) == [(0, 91)]


def test_all_quarters_lie_inside_the_window():
    for length in range(91, 400, 13):
        q = quarters(Window("any_quarter", 5, 5 + length))
        assert q[0][0] == 5
        assert all(b - a == 91 and b <= 5 + length for a, b in q)
        assert 5 + length - q[-1][1] < 7


def test_the_plan_keeps_every_day_that_a_claim_needs():
    s = loads(
        toy("""
        c:
          says: x
          measure: held[north.shell]
          over: 2020-02-03 to 2020-02-12
          compare: [pact, no_pact]
          beside: [no_noise]
          holds_if: higher by 1 rounds
        """).encode()
    )
    p = plan(s)
    assert set(p.points) == {(c, "held[north.shell]", d) for c in ("pact", "no_pact", "no_noise") for d in (33, 43)}
    assert {33, 43, 0, 7, 364, 366} <= set(p.records)
    assert max(p.records) == 366


def test_a_claim_of_nothing_is_refused_at_the_door():
    with pytest.raises(ScenarioError) as e:
        loads(toy("c: {says: x, measure: 'held[north.tank]', at: first day, course: pact, holds_if: above 1 rounds}").encode())
    assert "held[north.tank]" in str(e.value)
