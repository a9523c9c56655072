"""Ratios, quarters, conditions, direct effects and assertions, on a scenario that is solved by hand."""

import json

import numpy as np
import pytest

from materiel.claims import judge
from materiel.claims.estimand import Rule
from materiel.claims.judging import FEWEST
from materiel.claims.one_world import one_world
from materiel.claims.probability import UNDETERMINED
from materiel.scenario import load
from materiel.worlds import simulate
from materiel.worlds.windows import Window, plan, quarters
from tests.claims.toy import toy

N = 256
GIFT = 'says: x, measure: "supplied[gift]"'
SHELLS = 'says: x, measure: "held[north.shell]"'
NOISY = 'says: x, measure: "supplied[noisy]"'
MINES = 'says: x, measure: "held[north.mine]", at: first day, course: pact'
YEAR = "2020-01-01 to 2020-12-31"

CLAIMS = f"""
twice: {{{GIFT}, over: 2020-02-01 to 2020-02-10, compare: [pact, no_pact], holds_if: at least 2 times}}
half: {{{GIFT}, over: 2020-02-01 to 2020-02-10, compare: [no_pact, pact], holds_if: at most 0.5 times}}
against_nothing: {{{NOISY}, over: 2020-03-01 to 2020-03-31, compare: [pact, no_noise], holds_if: at least 1000 times}}
nothing_against: {{{NOISY}, over: 2020-03-01 to 2020-03-31, compare: [no_noise, pact], holds_if: at most 0.001 times}}
nothing_at_all: {{{NOISY}, over: 2020-03-01 to 2020-03-31, compare: [no_noise, none_of_it], holds_if: at least 0.1 times}}
nothing_less: {{{NOISY}, over: 2020-03-01 to 2020-03-31, compare: [no_noise, none_of_it], holds_if: at most 2 times}}
nothing_later: {{{NOISY}, over: every quarter of {YEAR}, compare: [no_noise, none_of_it], holds_if: at least 2 times}}
grown: {{{SHELLS}, over: 2020-01-01 to 2020-01-10, course: pact, holds_if: at least 2 times}}
grown_beside: {{{SHELLS}, over: 2020-02-01 to 2020-02-10, course: pact, compare: [pact, no_pact], holds_if: at least 1.2 times}}
noise_twice: {{{NOISY}, over: {YEAR}, compare: [pact, other_noise], holds_if: at least 1.2 times}}
least: {{{GIFT}, over: every quarter of {YEAR}, course: pact, holds_if: above 9_100 rounds}}
least_without: {{{GIFT}, over: every quarter of {YEAR}, course: no_pact, holds_if: above 1 rounds}}
most: {{{GIFT}, over: every quarter of {YEAR}, course: pact, holds_if: below 27_299 rounds}}
each: {{{GIFT}, over: every quarter of {YEAR}, compare: [pact, no_pact], holds_if: higher by 5_501 rounds}}
each_times: {{{GIFT}, over: every quarter of {YEAR}, compare: [pact, no_pact], holds_if: at least 2.5 times}}
grows_on: {{{SHELLS}, over: every quarter of {YEAR}, course: pact, holds_if: at least 1.58 times}}
grows_most: {{{SHELLS}, over: every quarter of {YEAR}, course: pact, holds_if: at most 10 times}}
grows_once: {{{SHELLS}, over: any quarter of {YEAR}, course: pact, holds_if: at least 10 times}}
condition: {{{MINES}, holds_if: below 300 rounds}}
rare: {{{MINES}, holds_if: below 100 rounds}}
inside: {{{MINES}, force: would if, among: condition, holds_if: below 150 rounds}}
too_few: {{{MINES}, force: would if, among: rare, holds_if: below 50 rounds}}
beside_too_few: {{{MINES}, given: rare, holds_if: below 50 rounds}}
elsewhere: {{{NOISY}, over: {YEAR}, compare: [pact, no_noise], among: condition, beside: [other_noise], holds_if: higher by 33k rounds}}
paired_condition: {{{NOISY}, over: {YEAR}, compare: [pact, other_noise], holds_if: higher by 0 rounds}}
among_paired: {{{NOISY}, at: 2020-12-31, course: pact, among: paired_condition, holds_if: above 36_600 rounds}}
picked: {{{NOISY}, over: {YEAR}, compare: [pact, other_noise], among: paired_condition, holds_if: higher by 10k rounds}}
direct: {{{NOISY}, over: 2020-02-06 to 2020-12-31, compare: [pact, no_noise],
  direct: [other_noise, no_noise], holds_if: higher by 33k rounds}}
soon: {{says: x, asserts: Q1, force: expected, measure: "supplied[loan]", over: {YEAR}, course: pact, holds_if: above 5k rounds,
  base_rate: 3 in 10 years by the yearbook}}
by_then: {{says: x, asserts: Q1, force: expected, measure: "supplied[loan]", at: 2020-12-31, course: pact, holds_if: above 5k rounds}}
surely: {{says: x, force: expected, measure: "supplied[loan]", at: 2020-12-31, course: pact, holds_if: above 1 rounds}}
both: {{says: x, measure: "supplied[loan] + supplied[tip]", over: {YEAR}, course: pact, holds_if: above 14_640 rounds}}
"""

MORE = """
assertions:
  Q2: {says: The gift is large., voice: the paper, force: is, kind: [recorded, modelled],
    finding: agrees, record: it was, sources: [yearbook],
    shows: ["supplied[gift]", "held[north.shell] + held[north.mine]"], course: no_pact, at: 2020-02-10}
  Q1: {says: The loan comes twice., voice: a minister, force: expected, kind: [modelled]}
  Q3: {says: Shells fly., voice: the paper, force: motive, kind: [opinion],
    reason: no measure has it, shows: ["supplied[gift]"], note: so be it}
  Q4: {says: It began so., voice: the paper, force: is, kind: [modelled], shows: ["held[north.shell]"], at: first day}
"""


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conditions")
    text = toy(CLAIMS, MORE)
    tip = "  tip: {from: giver, to: north, good: bomb, scale: 1, steps: [{from: 2020-01-01, rate: 10 rounds/day}]}\n"
    second = """  how_kind:
    says: Is there a tip?
    chosen_by: the materiel authors
    options:
      mean: {weight: 50 %, says: No.}
      kind: {weight: 50 %, says: Yes., set: {supplies.tip.scale: 2}}
"""
    text = text.replace("supplies:\n", "supplies:\n" + tip).replace("\ncourses:\n", second + "\ncourses:\n")
    text = text.replace("  pact: {says: As declared.}\n", "  pact: {says: As declared.}\n  none_of_it: {supplies.noisy.scale: 0}\n")
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    return simulate(load(folder), N, 7, root=folder / "runs", block=N)


@pytest.fixture(scope="module")
def verdicts(worlds):
    return judge(worlds)


@pytest.fixture(scope="module")
def by(verdicts):
    return {v.id: v for v in verdicts.claims}


@pytest.mark.parametrize(
    ("name", "probability", "half", "twice", "ratio"),
    [
        ("twice", 1, 1, 0, 1000 / 500),  # 1.5 and 3 times: what exceeds 1 is halved and doubled
        ("half", 1, 1, 0, 500 / 1000),  # 0.67 and 0.33 times
        ("against_nothing", 1, 1, 1, None),
        ("nothing_against", 1, 1, 1, 0),
        ("nothing_at_all", 0, 0, 0, None),
        ("nothing_less", 0, 0, 0, None),
        ("nothing_later", 0, 0, 0, None),  # something against nothing, then nothing against nothing
        ("grown", 1, 1, 0, 2000 / 1000),
        ("grown_beside", 1, 1, 0, (4100 + 1000) / 4100),
        ("each_times", 1, 1, 0, 9100 / (36 * 100)),  # the first quarter; in the others there is nothing to compare with
        ("grows_on", 1, 1, 0, 73_800 / 46_500),  # the last quarter of 300 a day
        ("grows_most", 0, 0, 1, 10_100 / 1000),
        ("grows_once", 1, 1, 0, 10_100 / 1000),
    ],
)
def test_ratios(by, name, probability, half, twice, ratio):
    v = by[name]
    if name == "grown_beside":
        assert (v.probability, v.without) == (1.0, 0.0)  # 5,100 of 4,100 against 4,600 of 4,100
    assert (v.probability, v.sensitivity["half"], v.sensitivity["twice"]) == (probability, half, twice)
    if ratio is None:
        assert v.ratio is None
        assert v.ratio_left_out == N
        return
    assert (v.ratio.p5, v.ratio.median, v.ratio.p95) == pytest.approx((ratio, ratio, ratio), rel=1e-6)
    assert (v.ratio.unit, v.ratio_left_out) == ("times", 0)


def test_the_effect_of_a_ratio_stays_in_the_unit_of_the_measure(by):
    assert (by["twice"].effect.median, by["twice"].effect.unit) == (500, "rounds")
    assert (by["grown"].effect.median, by["grown"].effect.unit) == (1000, "rounds")
    assert by["twice"].tail == "1 in 20 worlds: 2 times or more"
    assert by["half"].tail == "1 in 20 worlds: 0.5 times or less"
    assert by["against_nothing"].tail == "1 in 20 worlds: something against nothing"


def test_only_a_ratio_of_two_courses_has_a_direction_of_the_model(by):
    assert by["twice"].basis == by["against_nothing"].basis == "built in"
    assert by["grown"].basis == by["grown_beside"].basis == by["nothing_at_all"].basis == "assumed"
    assert (by["twice"].without, by["grown"].without) == (None, None)


def test_what_exceeds_one_is_halved_and_doubled(by):
    assert by["twice"].sensitivity_says == {"half": "at least 1.5 times", "twice": "at least 3 times"}
    assert by["half"].sensitivity_says == {"half": "at most 0.667 times", "twice": "at most 0.333 times"}
    assert by["least"].sensitivity_says == {"half": "above 4,550 rounds", "twice": "above 18,200 rounds"}
    assert Rule("higher", 0.05, "").says("share", 0.5) == "higher by 2.5 %"
    assert Rule("above", 1.5e6, "rounds").says("rounds", 2.0) == "above 3,000,000 rounds"


@pytest.mark.parametrize("threshold", [0.1, 0.5, 1.0, 2.0, 5.0])
def test_at_most_is_at_least_of_the_inverse(threshold):
    """To halve one amount is as much as to double the other, at the threshold and at half and twice of it."""
    x, y = np.meshgrid(np.arange(1.0, 30.0), np.arange(1.0, 30.0))
    for factor in (0.5, 1.0, 2.0):
        less = Rule("at most", threshold, "times").holds(x, factor, y)
        more = Rule("at least", 1 / threshold, "times").holds(y, factor, x)
        bar = Rule("at most", threshold, "times").bar(factor)
        clear = np.abs(x / y / bar - 1) > 1e-9  # on the threshold itself rounding decides
        assert bar > 0
        assert (less == more)[clear].all()


def test_nothing_is_ever_divided_by_nothing():
    x, y = np.array([0.0, 0.0, 5.0, -1.0, 5.0, -5.0]), np.array([0.0, 5.0, 0.0, 5.0, -5.0, -1.0])
    assert Rule("at least", 2, "times").holds(x, 1.0, y).tolist() == [False, False, True, False, True, False]
    assert Rule("at most", 0.5, "times").holds(x, 1.0, y).tolist() == [False, True, False, True, False, False]
    same = np.array([3.0])
    assert not Rule("at least", 1, "times").holds(same, 1.0, same).any()  # as many is neither more nor less
    assert not Rule("at most", 1, "times").holds(same, 1.0, same).any()


@pytest.mark.parametrize(
    ("name", "effect", "probability"),
    [
        ("least", 9100, 1),
        ("least_without", 0, 0),
        ("most", 91 * 300, 0),
        ("each", 9100 - 3600, 0),  # quarter by quarter: the first; of each course's own smallest it would be 9,100
    ],
)
def test_every_quarter(by, name, effect, probability):
    assert by[name].effect.median == effect
    assert by[name].probability == probability


def test_quarters_follow_each_other_and_the_rest_is_left_out():
    assert quarters(Window("every_quarter", 3, 3 + 2 * 91 + 90)) == [(3, 94), (94, 185)]


def test_only_worlds_that_have_the_condition_count(by, worlds):
    v, condition = by["inside"], by["condition"]
    mine = worlds.unknown("stocks.north.mine.held")
    assert v.among.claim == "condition"
    assert (v.among.worlds, v.among.of, v.worlds) == ((mine <= 300).sum(), N, (mine <= 300).sum())
    assert v.among.probability == condition.probability == pytest.approx(0.3, abs=1 / N)
    assert v.probability == (mine <= 150).sum() / (mine <= 300).sum()
    assert v.effect.p95 == pytest.approx(285, abs=3)  # of 0 to 300 and not of 0 to 1,000
    assert v.sensitivity["twice"] == 1
    assert "among the 77 of 256 worlds with “x”: about 50 %" in v.text
    assert "imposed" not in v.text
    assert v.hangs_on[0].startswith("stocks.north.mine.held")


def test_the_condition_may_be_a_difference_between_courses(by, worlds):
    v = by["among_paired"]
    scale = worlds.unknown("supplies.noisy.scale")
    assert v.among.worlds == (scale > 1).sum()
    assert v.probability == 1
    assert by["elsewhere"].beside["other_noise"].unit == "rounds"


def test_where_too_few_worlds_have_the_condition_no_probability_is_printed(by):
    v = by["too_few"]
    assert v.among.worlds == 25 < FEWEST == 30
    assert (v.probability, v.probability_error, v.probability_range, v.prior_probability, v.effect) == (None,) * 5
    assert (v.sensitivity, v.hangs_on, v.tail) == ({}, (), "")
    assert v.grade == UNDETERMINED
    assert "too few worlds have the condition; impose it (25 of 256; 30 are needed)" in v.text
    assert "%" not in v.text.replace("90 %", "")
    assert v.to_json()["probability_range"] is None


def test_what_is_given_comes_with_the_number_of_worlds(by):
    assert by["beside_too_few"].text.endswith("The claim that it names as given has about 10 % (25 of 256 worlds).")


def test_the_basis_is_of_all_worlds_and_not_of_those_that_were_picked(by):
    assert by["elsewhere"].basis == "built in"
    assert by["among_paired"].basis == "assumed"
    assert by["picked"].effect.p5 > 0  # as the condition has it
    assert by["picked"].basis == "assumed"


def test_the_direct_effect_stands_beside_the_total_one(by):
    v = by["direct"]
    assert v.direct.courses == ("other_noise", "no_noise")
    assert (v.direct.effect.p5, v.direct.effect.p95, v.direct.effect.unit) == (33_000, 33_000, "rounds")
    assert v.direct.probability == 1
    assert v.probability == pytest.approx(0.5, abs=2 / N)  # judged on the total
    assert "with the answer of others held over 95 %" in v.text
    assert by["twice"].direct is None


def test_what_is_expected_has_a_window_a_base_rate_and_a_chance_a_month(by):
    v = by["soon"]
    assert v.a_month == pytest.approx(1 - 0.5 ** (365.25 / 12 / 366))
    assert f"within {YEAR} (5.6 % a month), about 50 %" in v.text
    assert v.text.endswith("base rate: 3 in 10 years by the yearbook.")
    assert v.base_rate == "3 in 10 years by the yearbook"
    assert "by 2020-12-31 (5.6 % a month)" in by["by_then"].text
    assert "base rate: none found" in by["by_then"].text
    assert by["surely"].a_month is None
    assert by["condition"].a_month is None


def test_two_alternatives_that_matter_alone_matter_more_together(by):
    """Either answer alone gives up to one half; both together give the claim, and one of them denied takes it."""
    v = by["both"]
    assert v.probability == pytest.approx(0.25, abs=0.03)
    assert v.by_alternative["how_much"]["once"] == v.by_alternative["how_kind"]["mean"] == 0
    assert 0.4 < v.by_alternative["how_much"]["twice"] < 0.6
    assert v.by_pair == {"how_much + how_kind": {"once + mean": 0, "once + kind": 0, "twice + mean": 0, "twice + kind": 1}}
    assert v.probability_range == (0.01, 0.99)
    assert set(v.decided_by) == {"how_much", "how_kind"}
    assert v.grade == UNDETERMINED
    assert "not determined, for it hangs on how_" in v.text
    assert {h.partition(":")[0] for h in v.hangs_on} == {"how_much", "how_kind"}
    assert by["soon"].decided_by == ("how_much",)
    assert by["soon"].by_pair == by["condition"].by_pair == {}
    assert by["condition"].decided_by == ()


def test_each_assertion_is_answered_in_the_order_of_the_file(verdicts):
    q2, q1, q3, q4 = verdicts.assertions
    assert [a.id for a in verdicts.assertions] == ["Q2", "Q1", "Q3", "Q4"]
    assert (q1.claims, q1.voice, q1.force, q1.kinds) == (("soon", "by_then"), "a minister", "expected", ("modelled",))
    assert (q2.finding, q2.record, q2.sources, q2.events) == ("agrees", "it was", ("yearbook",), ())
    assert (q3.reason, q3.note, q3.claims) == ("no measure has it", "so be it", ())
    gift, stock = q2.shows
    assert (gift.median, gift.unit, gift.course, gift.day) == (36 * 100, "rounds", "no_pact", "2020-02-10")
    assert stock.median == pytest.approx(1000 + 3600 + 500, abs=5)
    assert 40 < stock.p5 - 4600 < 60
    assert (q3.shows[0].median, q3.shows[0].course, q3.shows[0].day) == (182 * 100 + 184 * 300, "pact", "2020-12-31")
    assert (q4.shows[0].median, q4.shows[0].day) == (1000, "2020-01-01")
    for a in verdicts.assertions:
        assert json.loads(json.dumps(a.to_json(), allow_nan=False))["says"] == a.says


def test_the_json_of_every_verdict(verdicts):
    for v in verdicts.claims:
        data = json.loads(json.dumps(v.to_json(), allow_nan=False))
        assert {"ratio", "direct", "among", "by_pair", "decided_by", "sensitivity_says", "a_month", "window"} <= set(data)


def test_the_plan_keeps_what_is_shown_and_the_direct_courses(worlds):
    points = set(plan(worlds.scenario).points)
    assert {("no_pact", m, 41) for m in ("supplied[gift]", "held[north.shell]", "held[north.mine]")} <= points
    assert ("pact", "supplied[gift]", 366) in points
    assert ("pact", "held[north.shell]", 0) in points
    assert {("other_noise", "supplied[noisy]", d) for d in (36, 366)} <= points


def test_one_world_told(worlds):
    told = one_world(worlds, 3)["claims"]
    assert told["grown"] == "pact 2,000 rounds after 1,000; holds if at least 2 times"
    assert told["twice"] == "pact 1,000 rounds, no_pact 500 rounds; holds if at least 2 times"
