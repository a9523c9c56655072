"""Verdicts on a scenario that is solved by hand."""

import json
import math

import numpy as np
import pytest
from scipy.stats import lognorm, norm

from materiel.claims import UNWEIGHTED, judge
from materiel.claims.estimand import values
from materiel.claims.one_world import one_world
from materiel.claims.probability import OUTSIDE, UNDETERMINED, jeffreys_half_width
from materiel.claims.verdict import BASES
from materiel.scenario import load
from materiel.worlds import simulate
from tests.claims.toy import KNOWN, toy

N = 256

CLAIMS = """
first_day: {says: x, measure: "held[north.shell]", at: first day, course: pact, holds_if: above 1_000 rounds}
level: {says: x, measure: "held[north.shell]", at: 2020-01-10, course: pact, holds_if: above 1_999 rounds, threshold_by: ours}
level_low: {says: x, measure: "held[north.shell]", at: 2020-01-10, course: pact, holds_if: below 1_999 rounds}
change: {says: x, measure: "supplied[gift]", over: 2020-02-01 to 2020-02-10, course: pact, holds_if: above 1_000 rounds}
change_without: {says: x, measure: "supplied[gift]", over: 2020-02-01 to 2020-02-10, course: no_pact, holds_if: above 501 rounds}
paired: {says: x, measure: "held[north.shell]", over: 2020-02-01 to 2020-02-10,
  compare: [pact, no_pact], beside: [no_noise], holds_if: higher by 500 rounds or more}
paired_lower: {says: x, measure: "held[north.shell]", over: 2020-02-01 to 2020-02-10,
  compare: [no_pact, pact], holds_if: lower by 501 rounds or more}
judged: {says: x, measure: "supplied[gift]", over: 2020-02-01 to 2020-02-10, course: pact,
  compare: [pact, no_pact], holds_if: above 501 rounds}
quarter: {says: x, measure: "supplied[gift]", over: any quarter of 2020-04-01 to 2020-07-07, course: pact, holds_if: above 10_500 rounds}
quarter_one: {says: x, measure: "supplied[gift]", over: any quarter of 2020-04-01 to 2020-07-06, course: pact, holds_if: above 9_101 rounds}
quarter_least: {says: x, measure: "supplied[gift]", over: any quarter of 2020-01-01 to 2020-12-31,
  course: pact, holds_if: below 9_100 rounds}
quarter_most: {says: x, measure: "supplied[gift]", over: any quarter of 2020-01-01 to 2020-12-31,
  compare: [pact, no_pact], holds_if: higher by 20k rounds}
sum: {says: x, measure: "held[north.shell] + held[north.mine]", at: first day, course: pact, holds_if: above 1_500 rounds}
known: {says: x, force: could, measure: "held[north.dart]", at: first day, course: pact, holds_if: above 20k rounds}
uniform: {says: x, force: is, measure: "held[north.mine]", at: first day, course: pact, holds_if: below 300 rounds}
never: {says: x, force: could, measure: "held[north.dart]", at: first day, course: pact, holds_if: above 100M rounds}
option: {says: x, asserts: A1, measure: "supplied[loan]", over: 2020-01-01 to 2020-12-31, course: pact, holds_if: above 5k rounds}
noise: {says: x, measure: "supplied[noisy]", over: 2020-01-01 to 2020-12-31, compare: [pact, no_noise], holds_if: higher by 33k rounds}
either: {says: x, measure: "supplied[noisy]", over: 2020-01-01 to 2020-12-31, compare: [pact, other_noise], holds_if: higher by 0 rounds}
nothing: {says: x, measure: "supplied[loan]", over: 2020-01-01 to 2020-12-31, compare: [pact, no_pact], holds_if: higher by 0 rounds}
given: {says: x, force: would if, given: uniform, measure: "supplied[noisy]", over: 2020-01-01 to 2020-12-31,
  compare: [pact, no_noise], holds_if: higher by 1k rounds}
"""


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    (folder / "scenario.yaml").write_text(toy(CLAIMS, KNOWN), encoding="utf-8")
    return simulate(load(folder), N, 7, root=folder / "runs", block=N)


@pytest.fixture(scope="module")
def verdicts(worlds):
    return judge(worlds)


@pytest.fixture(scope="module")
def by(verdicts):
    return {v.id: v for v in verdicts.claims}


EXACT = {  # a number that is the same in every world
    "first_day": 1000,
    "level": 2000,  # ten days of 100, the tenth whole
    "level_low": 2000,
    "change": 1000,  # the first and the tenth of February both count
    "change_without": 500,  # stopped from the sixth on
    "paired": 500,
    "paired_lower": -500,
    "judged": 500,  # the effect; what is judged is the level
    "quarter": 84 * 100 + 7 * 300,  # from 8 April to 7 July, the second quarter inside
    "quarter_one": 9100,  # a day less, and only the first quarter is inside
    "quarter_least": 9100,
    "quarter_most": 91 * 300 - (36 * 100 + 0),  # least and most of each course apart: 36 days before the stop
}


@pytest.mark.parametrize(("name", "value"), EXACT.items())
def test_exact_sizes(by, name, value):
    e = by[name].effect
    assert (e.p5, e.median, e.p95) == (value, value, value)
    assert e.unit == "rounds"


def test_values_are_one_number_a_world(worlds):
    claim = worlds.scenario.vocabulary.claims["change"]
    np.testing.assert_array_equal(values(worlds, claim, "pact"), np.full(N, 1000.0))


@pytest.mark.parametrize(
    ("name", "probability"),
    [
        ("first_day", 1),  # the threshold itself counts
        ("level", 1),
        ("level_low", 0),
        ("change", 1),
        ("change_without", 0),
        ("paired", 1),
        ("paired_lower", 0),
        ("judged", 1),
        ("quarter", 1),
        ("quarter_one", 0),
        ("quarter_least", 1),
        ("never", 0),
        ("option", 0.5),  # the unknown that picks the option is stratified on powers of two
        ("nothing", 0),
        ("given", 1),
    ],
)
def test_exact_probabilities(by, name, probability):
    assert by[name].probability == probability
    assert by[name].prior_probability == probability


def test_the_level_in_the_comparison_course_stands_beside(by):
    assert by["judged"].without == 0
    assert "without it under 5 %" in by["judged"].text
    assert by["paired"].without is None
    assert by["level"].without is None


DARTS = lognorm(s=math.log(10) / norm.ppf(0.95), scale=10_000)  # 1k to 100k is 9 worlds of 10
NOISE = lognorm(s=math.log(2) / norm.ppf(0.95), scale=1)


@pytest.mark.parametrize(
    ("name", "exact"),
    [
        ("known", DARTS.sf(20_000)),
        ("uniform", 0.3),
        ("noise", NOISE.sf(33_000 / (330 * 100))),  # 36 days are common to both courses
        ("either", 0.5),
        ("sum", 0.5),
    ],
)
def test_probabilities_known_from_the_range(by, name, exact):
    v = by[name]
    assert abs(v.probability - exact) <= v.probability_error
    assert v.probability_error == jeffreys_half_width(v.probability, N)
    assert 0 < v.probability_error < 0.06


def test_effects_known_from_the_range(by):
    e = by["known"].effect
    for seen, exact in ((e.p5, 1_000), (e.median, 10_000), (e.p95, 100_000)):
        assert seen == pytest.approx(exact, rel=0.1)
    assert by["noise"].effect.median == pytest.approx(33_000, rel=0.02)


def test_half_and_twice_the_threshold(by):
    s, error = by["known"].sensitivity, by["known"].probability_error
    assert s["half"] == pytest.approx(DARTS.sf(10_000), abs=error)
    assert s["twice"] == pytest.approx(DARTS.sf(40_000), abs=error)
    assert s["half"] > by["known"].probability > s["twice"]
    assert by["uniform"].sensitivity["twice"] == pytest.approx(0.6, abs=0.01)


def test_basis(by):
    assert {name for name, v in by.items() if v.basis == "built in"} == {"paired", "paired_lower", "quarter_most", "noise", "given"}
    assert {v.basis for v in by.values()} == {"built in", "assumed"}
    for v in by.values():
        assert v.basis_says == BASES[v.basis]
        assert (v.basis_says in v.text) == (v.basis == "built in")


def test_by_alternative_and_the_range(by):
    assert by["option"].by_alternative == {"how_much": {"once": 0.0, "twice": 1.0}}
    assert by["option"].probability_range == (0.01, 0.99)  # never 0 and never 1
    assert by["option"].grade == UNDETERMINED


def test_only_alternatives_that_decide_make_the_range(by):
    """Options of an alternative that a claim does not touch differ by luck of the draw alone: that is not doubt."""
    v = by["uniform"]
    assert set(v.by_alternative["how_much"]) == {"once", "twice"}
    assert v.probability_range == (0.3, 0.3)
    for v in by.values():
        low, high = v.probability_range
        assert 0.01 <= low <= high <= 0.99
        assert low - 0.0251 <= v.probability <= high + 0.0251
        assert (low < high) == (v.id == "option")


def test_grades(by):
    assert by["change"].grade == by["never"].grade == OUTSIDE
    assert by["uniform"].grade == "unlikely"


def named(v):
    return [said.split(" ")[0].rstrip(":") for said in v.hangs_on]


def test_hangs_on_names_what_drives_the_claim_and_nothing_else(by):
    assert named(by["known"]) == ["stocks.north.dart.held"]
    assert named(by["uniform"]) == named(by["sum"]) == ["stocks.north.mine.held"]
    assert named(by["noise"]) == named(by["either"]) == ["supplies.noisy.scale"]
    assert "more with more; rank correlation +1.00" in by["noise"].hangs_on[0]
    assert by["option"].hangs_on[0] == "how_much: once under 5 %, twice over 95 %"
    assert named(by["option"]) == ["how_much"]
    for name in EXACT:
        assert by[name].hangs_on == ()


def test_force(by):
    assert "possible, which is not to say likely: about 30 %" in by["known"].text
    assert "hardly possible: under 5 %" in by["never"].text
    assert "possible" not in by["uniform"].text
    assert by["given"].given == {"uniform": by["uniform"].probability}
    assert by["given"].text.endswith("The condition was imposed; by itself it has about 30 % (77 of 256 worlds).")
    assert by["uniform"].given is None


def test_what_is_compared_beside(by):
    assert {c: e.median for c, e in by["paired"].beside.items()} == {"no_noise": 0.0}


def test_nothing_prints_0_or_100(by):
    for v in by.values():
        for text in (v.text, *v.hangs_on):
            assert not {"0", "100"} & set(text.replace("%", " ").split())


def test_the_standing_sentence(verdicts, by):
    assert UNWEIGHTED == "unweighted: these are the authors' ranges read aloud"
    assert verdicts.sentence == UNWEIGHTED
    assert repr(verdicts).startswith(UNWEIGHTED)
    for v in by.values():
        assert v.text.startswith("In our model, with these ranges: ")
        assert v.as_of == "2020-12-31"
        assert (v.confidence, v.base_rate) == ("low", "none found")
        assert (v.worlds, v.effective_worlds) == (N, N)
        assert v.id in repr(verdicts)
    assert by["level"].threshold_says == "above 1_999 rounds (ours)"
    assert by["change"].threshold_says == "above 1_000 rounds (article)"


def test_tail(by):
    assert by["change"].tail == "1 in 20 worlds: 1e+03 rounds or more"
    assert by["uniform"].tail.endswith("rounds or less")
    assert float(by["uniform"].tail.split()[4]) == pytest.approx(50, rel=0.1)


def test_the_json_of_a_verdict(verdicts):
    keys = {"id", "asserts", "probability", "probability_error", "probability_range", "prior_probability", "basis", "grade", "confidence"}
    for v in verdicts.claims:
        data = json.loads(json.dumps(v.to_json(), allow_nan=False))
        assert keys | {"effect", "as_of", "worlds", "effective_worlds", "text"} <= set(data)
        assert set(data["probability_range"]) == {"low", "high"}
        assert data["effect"] is None or set(data["effect"]) == {"median", "p5", "p95", "unit"}


def test_known_past(verdicts, worlds):
    rows = {k.id: k for k in verdicts.known_past}
    assert list(rows) == ["total", "a_day", "wrong", "noisy"]
    total, a_day = rows["total"], rows["a_day"]
    assert (total.p5, total.median, total.p95, total.unit, total.share_of_worlds) == (3100, 3100, 3100, "rounds", 1)
    assert (a_day.p5, a_day.median, a_day.p95, a_day.unit, a_day.share_of_worlds) == (100, 100, 100, "rounds/day", 1)
    assert (total.low, total.high) == pytest.approx((3000, 3200))
    assert (total.observer, total.source) == ("Yearbook", "yearbook")
    assert rows["wrong"].share_of_worlds == 0
    scale = worlds.unknown("supplies.noisy.scale")
    assert rows["noisy"].share_of_worlds == ((scale >= 1) & (scale <= 2)).mean() == pytest.approx(0.45, abs=2 / N)


def test_one_world_told(worlds):
    told = one_world(worlds, 17)
    assert told["alternatives"] == {"how_much": ("once", "twice")[worlds.alternative("how_much")[17]]}
    assert set(told["numbers"]) == set(worlds.unknown_paths()) >= {"stocks.north.dart.held", "supplies.noisy.scale"}
    assert told["numbers"]["stocks.north.dart.held"].startswith(f"{worlds.unknown('stocks.north.dart.held')[17]:,.6g} rounds")
    assert "line " in told["numbers"]["stocks.north.dart.held"]
    assert told["claims"]["change"] == "pact 1,000 rounds; holds if above 1,000"
    assert told["claims"]["paired"] == "pact 1,000 rounds, no_pact 500 rounds; holds if higher 500"
