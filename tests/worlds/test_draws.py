"""Draws: alternatives by weight, courses as patches that share the base's uniform."""

import numpy as np
import pytest

from materiel.scenario import load
from materiel.worlds.draws import Draws

WORLDS = np.arange(1024)


@pytest.fixture(scope="module")
def war():
    return load("vostochny-2023")


@pytest.fixture(scope="module")
def draws(war):
    return Draws(war, 7, WORLDS)


def test_options_are_taken_by_weight(war, draws):
    # stratified on powers of two: the count is exact to one world at each edge between options
    for name, choice in war.alternatives.items():
        for k, option in enumerate(choice.options):
            assert (draws.options[name] == k).sum() == pytest.approx(option.weight * len(WORLDS), abs=1.0)


def test_an_option_sets_its_numbers_in_its_worlds_only(war, draws):
    plain = war.quantities["attrition.alpha"]
    square = draws.options["loss_law"] == 1
    assert (draws.values["attrition.alpha"][square] >= 1.4).all()
    assert (draws.values["attrition.alpha"][~square] <= 1.2).all()
    assert plain.draw_name == "attrition.alpha"


def test_a_course_wins_over_an_alternative(war, draws):
    course = war.courses["new_rounds"]
    numbers = draws.course("new_rounds")
    assert numbers.from_day == course.day
    for path, q in course.set.items():
        assert q.draw_name == war.quantities[path].draw_name
        if q.exact:
            np.testing.assert_allclose(numbers.after[path], q.median)


def test_courses_differ_only_in_what_they_set(war, draws):
    pact = draws.course("pact")
    for name, course in war.courses.items():
        numbers = draws.course(name)
        assert numbers.before.keys() == pact.before.keys()
        assert numbers.after.keys() == pact.after.keys()
        for path, values in numbers.after.items():
            assert np.shape(values) == np.shape(pact.after[path])  # or each course would be a program of its own
            if path not in course.set:
                np.testing.assert_array_equal(values, pact.after[path])


def test_all_draws_are_finite_and_within_their_kind(war, draws):
    for path, values in draws.values.items():
        assert np.isfinite(values).all(), path
        if war.quantities[path].kind == "share":
            assert ((values >= 0) & (values <= 1)).all(), path
