"""A verdict across two sets of ranges, on a scenario that is solved by hand."""

from dataclasses import replace

import pytest

from materiel.claims import judge
from materiel.claims.priors import APART, across
from materiel.claims.probability import UNDETERMINED, Range
from materiel.scenario import load
from materiel.views.beside import beside
from materiel.worlds import simulate
from tests.claims.toy import toy

N = 256
CLAIMS = """
mines: {says: x, force: is, measure: "held[north.mine]", at: first day, course: pact, holds_if: below 300 rounds}
shells: {says: x, measure: "held[north.shell]", at: first day, course: pact, holds_if: above 900 rounds}
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Mines uniform to 1,000 with the authors, to 350 by the other set: below 300 in 3 and in 6 of 7 worlds of 10."""
    folder = tmp_path_factory.mktemp("both")
    (folder / "scenario.yaml").write_text(toy(CLAIMS), encoding="utf-8")
    ranges = {path: q.text for path, q in load(folder).quantities.items() if not q.exact}  # a rule replaces all of them
    other = load(folder, ranges | {"stocks.north.mine.held": "uniform(0, 350) rounds"})
    # the other set is simulated last, so that it is the newest run
    return tuple(simulate(s, N, 7, root=folder / "runs", block=N) for s in (load(folder), other))


def test_the_range_spans_both_sets_and_the_probability_is_that_of_the_authors(both):
    own, rule = both
    apart = {v.id: v for v in judge(own).claims}
    mines, shells = judge(own, rule).claims
    assert apart["mines"].probability == mines.probability == pytest.approx(0.3, abs=1 / N)
    assert mines.by_priors == {"authors": mines.probability, "by rule": pytest.approx(6 / 7, abs=1 / N)}
    assert apart["mines"].probability_range == (0.3, 0.3)
    assert mines.probability_range == (0.3, 0.85)
    assert (apart["mines"].grade, mines.grade) == ("unlikely", UNDETERMINED)
    assert mines.decided_by[0] == APART
    assert "(30 to 85 across alternatives and both sets of ranges), not determined, for it hangs on the set of ranges" in mines.text
    assert shells.by_priors == {"authors": 1.0, "by rule": 1.0}
    assert shells.decided_by == apart["shells"].decided_by


def test_a_verdict_without_a_probability_stays(both):
    own = judge(both[0]).claims[0]
    nothing = replace(own, probability=None, probability_range=None)
    assert across(nothing, own, "one", "two") is nothing
    assert across(own, nothing, "one", "two") is own


def test_the_range_of_the_other_set_counts_and_not_only_its_probability(both):
    own = judge(both[0]).claims[0]
    wide = replace(own, probability_range=Range(0.05, 0.6))
    assert across(own, wide, "one", "two").probability_range == (0.05, 0.6)


def test_ranges_by_rule_are_found_beside_a_run_and_never_take_its_place(both):
    own, rule = both
    told = beside(own)
    assert told.worlds_by_rule is not None
    assert (told.worlds.run, told.worlds_by_rule.run, told.later_by_rule) == (own.run, rule.run, None)
    assert beside(rule).worlds_by_rule is None  # what is by rule has nothing beside it
    assert beside(rule).worlds.run == rule.run


def test_another_seed_or_other_files_are_not_the_same_worlds(both, tmp_path):
    own, _ = both
    root = own.folder.path.parent
    alone = simulate(own.scenario, N, 8, root=root, block=N)
    assert beside(alone).worlds_by_rule is None
    (tmp_path / "scenario.yaml").write_text(toy(CLAIMS).replace("1k to 100k", "1k to 90k"), encoding="utf-8")
    assert beside(simulate(load(tmp_path), N, 7, root=root, block=N)).worlds_by_rule is None
