"""Two runs side by side: a move is told only where neither rounding, simulation error nor the experts' own range explains it."""

from dataclasses import replace

import pytest

from materiel.claims import judge
from materiel.claims.probability import Range
from materiel.scenario import load, loads
from materiel.scenario.read import find
from materiel.views.compare import SAME, UNKNOWN, WITHIN, change, compare, lines, moved, same_scenario
from tests.views.madeup import SMALL, MadeUpWorlds


def at(verdict, p, error=0.01, low=None, high=None):
    return replace(verdict, probability=p, probability_error=error, probability_range=Range(low or p, high or p), basis="assumed")


def with_first(verdicts, first):
    return replace(verdicts, claims=(first, *verdicts.claims[1:]))


@pytest.mark.parametrize(
    ("p", "q", "error", "width", "expected"),
    [
        (0.30, 0.50, 0.01, 0.1, (True, True)),
        (0.50, 0.30, 0.01, 0.1, (True, True)),
        (0.30, 0.34, 0.01, 0.0, (False, False)),  # below the rounding
        (0.30, 0.40, 0.08, 0.0, (False, False)),  # below the error of both, 0.113, though above that of one
        (0.30, 0.42, 0.08, 0.0, (True, True)),
        (0.30, 0.50, 0.01, 0.3, (True, False)),  # inside what experts differ by
    ],
)
def test_what_moved_and_whether_the_model_can_tell(verdicts, p, q, error, width, expected):
    one, other = (at(verdicts.claims[0], x, error, x - width / 2, x + width / 2) for x in (p, q))
    assert change(one, other) == expected
    assert change(other, one) == expected


def test_a_run_does_not_differ_from_itself(worlds, verdicts):
    told = compare(worlds, worlds, verdicts, verdicts)
    assert (told.apart, told.only) == ((), ((), ()))
    assert [p.id for p in told.pairs] == [v.id for v in verdicts.claims]
    assert not any(p.moved or p.tells or p.tests for p in told.pairs)
    assert {p.says for p in told.pairs} == {SAME}


def test_the_words_say_from_where_to_where(worlds, verdicts):
    first = verdicts.claims[0]
    one = with_first(verdicts, replace(at(first, 0.3), grade="unlikely"))
    other = with_first(verdicts, replace(at(first, 0.6), grade="likely", basis="learnt"))
    told = compare(worlds, worlds, one, other)
    says = "moved from about 30 to about 60 of 100; word unlikely becomes likely; basis assumed becomes learnt"
    assert told.pairs[0].says == says
    text = "\n".join(lines(told))
    assert "1 moved by more than the model's own doubt" in text
    assert "about 30 of 100 (30 across alternatives); unlikely; assumed" in text
    assert f"  {first.id}: {says}" in moved(told)
    wide = compare(worlds, worlds, one, with_first(verdicts, at(first, 0.6, low=0.2, high=0.9)))
    assert wide.pairs[0].says.startswith(WITHIN)
    assert len(moved(wide)) == 1


def test_a_claim_that_cannot_be_judged_is_not_compared(worlds, verdicts):
    none = replace(verdicts.claims[0], probability=None, probability_error=None, probability_range=None)
    (pair, _) = compare(worlds, worlds, verdicts, with_first(verdicts, none)).pairs
    assert pair.says.startswith(UNKNOWN)
    assert (pair.moved, pair.tells, pair.other.probability) == (False, False, None)


def test_another_test_another_seed_and_a_claim_of_one_alone_are_said(worlds, verdicts):
    text = find(SMALL).read_text(encoding="utf-8")
    claim = text.partition("claims:\n")[2].splitlines()[0].strip().rstrip(":")
    for old, new in (('version: "1"', 'version: "2"'), (f"  {claim}:\n", "  renamed:\n"), (f"given: {claim}", "given: renamed")):
        text = text.replace(old, new)
    other = MadeUpWorlds(loads(text.encode()), seed=8, run="other")
    told = compare(worlds, other, verdicts, judge(other))
    assert told.only == ((claim,), ("renamed",))
    assert len(told.pairs) == len(verdicts.claims) - 1
    apart = " ".join(told.apart)
    for said in ("versions 1 and 2", "materiel diff", "seed 7, the second 8"):
        assert said in apart
    assert f"Only in madeup: {claim}" in lines(told)
    v = worlds.scenario.vocabulary
    key = verdicts.claims[1].id
    bent = v.model_copy(update={"claims": v.claims | {key: v.claims[key].model_copy(update={"holds_if": "below 1 round"})}})
    same = compare(worlds, replace_vocabulary(worlds, bent), verdicts, verdicts)
    assert [bool(p.tests) for p in same.pairs] == [False, True]
    assert 'holds_if is "' in same.pairs[1].tests


def replace_vocabulary(worlds, vocabulary):
    return MadeUpWorlds(replace(worlds.scenario, vocabulary=vocabulary))


def test_runs_of_one_scenario_are_known_by_its_name(worlds):
    assert same_scenario(worlds, MadeUpWorlds(load(SMALL, {"stocks.north.dart.held": "7k rounds"})))
    mine = MadeUpWorlds(loads(find(SMALL).read_text(encoding="utf-8").replace("Two invented sides", "Mine").encode()))
    assert not same_scenario(worlds, mine)


def test_weighed_against_unweighed(heard, before, now):
    told = compare(heard, heard, before, now)
    assert any("The first is weighed with no report, the second with the reports of 10 June 2020" in t for t in told.apart)
    assert told.pairs[0].other.basis == "learnt"
