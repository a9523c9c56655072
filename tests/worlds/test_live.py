"""Worlds in memory: the same as drawn and simulated from the start, in pieces that must fit."""

from dataclasses import replace

import numpy as np
import pytest

from materiel.scenario import load, loads
from materiel.scenario.distributions import Exact
from materiel.scenario.read import find
from materiel.worlds import simulate
from materiel.worlds.draws import Draws
from materiel.worlds.live import Live

SMALL = "tiny-two-sides"


def exactly(scenario, path, x):
    return {path: replace(scenario.quantities[path], distribution=Exact(x))}


@pytest.fixture(scope="module")
def live():
    scenario = load(SMALL)
    made = Live(scenario, 16, 7, [0, 7, scenario.days + 1], [8])
    yield made
    made.close()


def test_other_numbers_leave_every_other_draw_where_it_was():
    scenario = load(SMALL)
    draws = Draws(scenario, 7, np.arange(32))
    other = draws.changed(exactly(scenario, "front.pace", 0.2))
    assert (other.values["front.pace"] == 0.2).all()
    assert other.values["front.pace"].shape == (32,)  # as wide as it was, so that the program fits
    assert draws.values["front.pace"].std() > 0  # and the draws themselves are as they were
    for path, x in draws.values.items():
        if path != "front.pace":
            np.testing.assert_array_equal(other.values[path], x)
    lever = draws.changed(exactly(scenario, "offers.maker_north.scale", 2.0))
    assert lever.values["offers.maker_north.scale"].shape == ()
    assert lever.course("no_pact").after["offers.maker_north.scale"].max() == 0  # the course's own number wins


def test_an_option_that_sets_a_number_wins_over_a_change():
    text = find(SMALL).read_text(encoding="utf-8")
    text = text.replace("set: {front.attack_rule: operations_only}", "set: {front.attack_rule: operations_only, attrition.alpha: 0.35}")
    scenario = loads(text.encode())
    draws = Draws(scenario, 7, np.arange(64)).changed(exactly(scenario, "attrition.alpha", 0.2))
    plans = draws.options["who_decides"] == 1
    assert 0 < plans.sum() < 64
    assert set(draws.values["attrition.alpha"][plans]) == {0.35}
    assert set(draws.values["attrition.alpha"][~plans]) == {0.2}


def test_pieces_are_the_worlds_of_a_run(live, tmp_path):
    scenario = live.scenario
    pieces = [p for first in (0, 8) for p in live.simulate({}, ("pact", "no_pact"), first, 8)]
    worlds = live.together(pieces, {}, 11)
    run = simulate(scenario, 11, 7, root=tmp_path)
    assert worlds.n == 11
    for measure in scenario.vocabulary.charts:
        np.testing.assert_array_equal(worlds.series("pact", measure), run.only(slice(None), live.days).series("pact", measure))
    np.testing.assert_array_equal(worlds.at("no_pact", "front.area", 61), run.at("no_pact", "front.area", 61))
    np.testing.assert_array_equal(worlds.unknown("front.pace"), run.unknown("front.pace"))
    np.testing.assert_array_equal(worlds.alternative("who_decides"), run.alternative("who_decides"))
    assert worlds.flow_ends == run.flow_ends
    some = run.only(run.unknown("front.pace") > np.median(run.unknown("front.pace")))
    assert some.n == 5
    np.testing.assert_array_equal(
        some.at("pact", "front.area", 61), run.at("pact", "front.area", 61)[np.isin(run.unknown("front.pace"), some.unknown("front.pace"))]
    )


def test_pieces_that_leave_a_gap_or_lack_a_course_are_refused(live):
    one, two = live.simulate({}, ("pact", "no_pact"), 0, 8)
    with pytest.raises(ValueError, match="do not fit"):
        live.together([one, *live.simulate({}, ("pact",), 16, 8)], {}, 16)
    with pytest.raises(ValueError, match="do not fit"):
        live.together([one, two, *live.simulate({}, ("pact",), 8, 8)], {}, 16)


def test_a_number_of_worlds_for_which_no_program_was_made_is_refused(live):
    with pytest.raises(ValueError, match="no program"):
        live.simulate({}, ("pact",), 0, 9)


def test_a_course_that_a_change_does_not_reach_is_not_simulated_again(live):
    scenario, courses = live.scenario, ("pact", "no_pact")
    before = live.simulate({}, courses, 0, 8)
    offer, pace = exactly(scenario, "offers.maker_north.scale", 2.0), exactly(scenario, "front.pace", 0.2)
    now = live.simulate(offer, courses, 0, 8)
    assert now[1] is before[1]  # nothing is offered before the day on which this course takes the offer back
    assert not np.array_equal(now[0].points, before[0].points)
    fresh = Live(scenario, 64, 7, live.days, [8])
    np.testing.assert_array_equal(now[1].points, fresh.simulate(offer, courses, 0, 8)[1].points)
    fresh.close()
    for change in (pace, {**offer, **pace}):
        there = live.simulate(change, courses, 0, 8)[1]
        assert there is not before[1]
        assert not np.array_equal(there.points, before[1].points)
