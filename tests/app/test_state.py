"""What may be changed, and what is refused."""

import numpy as np
import pytest

from materiel.app.state import MOST, Refused, check, handles
from materiel.scenario import load
from materiel.scenario.distributions import Within
from tests.app.conftest import SMALL, VOLUME


@pytest.fixture(scope="module")
def scenario():
    return load(SMALL)


@pytest.fixture(scope="module")
def known(scenario):
    return handles(scenario)


def test_levers_come_first_and_have_a_holder(scenario, known):
    assert next(iter(known)) == VOLUME
    assert [p for p, h in known.items() if h.lever] == [lever.moves for lever in scenario.vocabulary.levers.values()]
    assert known[VOLUME].held_by == "maker"


def test_every_number_with_a_range_can_be_moved_and_no_other(scenario, known):
    ranges = {p for p, q in scenario.quantities.items() if not q.exact}
    assert {p for p, h in known.items() if not h.lever} == ranges - {VOLUME}


@pytest.mark.parametrize("name", [SMALL, "vostochny-2023"])
def test_what_is_written_is_read_back_as_the_number_that_was_meant(name):
    """Every stop of every slider, through the reader of scenario files."""
    scenario = load(name)
    known = handles(scenario)
    for path, handle in known.items():
        for x in (handle.low, handle.high, *(() if handle.lever else handle.stops)):
            assert check(scenario, known, {path: x}).numbers()[path] == pytest.approx(x, rel=1e-5, abs=1e-12), path


def test_a_changed_file_passes_the_checks_of_a_file(scenario, known):
    asked = {path: (h.high if h.lever else h.stops[len(h.stops) // 2]) for path, h in list(known.items())[:40]}
    state = check(scenario, known, asked)
    changed = load(SMALL, dict(state.texts))
    for path, x in state.numbers().items():
        assert changed.quantities[path].at(0.5) == x


def test_the_stops_of_a_slider_lie_inside_the_range_and_rise(known):
    for handle in known.values():
        if not handle.lever:
            assert list(handle.stops) == sorted(set(handle.stops))
            assert len(handle.stops) > 1
            assert handle.low <= handle.stops[0] < handle.stops[-1] <= handle.high


@pytest.mark.parametrize("name", [SMALL, "vostochny-2023"])
def test_a_narrowed_range_is_what_was_written_given_that_it_lies_inside(name):
    """For every number: the quantiles of what the reader makes of the text, and of the draws that lie between the ends."""
    scenario = load(name)
    known = handles(scenario)
    u, shares = (np.arange(20_000) + 0.5) / 20_000, np.arange(1, 20) / 20
    kinds = set()
    for path, handle in known.items():
        stops = handle.stops
        for low, high in ((stops[0], stops[-1]), (stops[0], stops[len(stops) // 2]), (stops[len(stops) // 3], stops[-1])):
            if not handle.narrows or low == high:
                continue
            state = check(scenario, known, {path: [low, high]})
            assert state.numbers() == {path: (low, high)}
            plain = handle.quantity.value(u)
            given = np.quantile(plain[(low <= plain) & (plain <= high)], shares)
            made = np.quantile(state.change[path].value(u), shares)
            np.testing.assert_allclose(made, given, atol=2e-3 * (high - low), err_msg=f"{path}: {state.texts}")
            assert low - 1e-5 * abs(low) <= state.change[path].at(1e-9)
            assert state.change[path].at(1 - 1e-9) <= high + 1e-5 * abs(high)
            kinds.add((type(handle.quantity.distribution).__name__, handle.quantity.kind == "date"))
    assert {("Interval", False), ("Mixture", False), ("Beta", False), ("Uniform", True)} <= kinds


def test_a_narrowed_range_can_be_read_in_a_file(scenario, known):
    texts = dict(check(scenario, known, {"front.pace": [0.1, 0.2], "offers.maker_north.opens": [14, 20]}).texts)
    assert texts == {"front.pace": "0.05 to 0.3 km/day, within 0.1 and 0.2 km/day", "offers.maker_north.opens": "2020-05-15 to 2020-05-21"}
    changed = load(SMALL, texts).quantities
    assert changed["front.pace"].distribution == Within(known["front.pace"].quantity.distribution, 0.1, 0.2)


def test_a_lever_has_a_round_step(known):
    assert known[VOLUME].step == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"offers.maker_north.scal": 1.0}, "not a lever or an assumption"),
        ({"offers.maker_north.munition_share.value": 1.0}, "not a lever or an assumption"),
        ({VOLUME: 3.2}, "can be 0 to 3 (the ends of this lever), not 3.2"),
        ({VOLUME: -0.01}, "can be 0 to 3"),
        ({VOLUME: float("nan")}, "can be 0 to 3"),
        ({VOLUME: float("inf")}, "can be 0 to 3"),
        ({VOLUME: True}, "must be a number"),
        ({VOLUME: "1"}, "must be a number"),
        ({"front.pace": 100.0}, "its range"),
        ({"front.pace": [0.1, 100.0]}, "its range"),
        ({"front.pace": [0.2, 0.1]}, "must begin below its end"),
        ({"front.pace": [0.1, 0.1]}, "must begin below its end"),
        ({"front.pace": [0.1, 0.2, 0.25]}, "must be one number"),
        ({"front.pace": [0.1, True]}, "must be a number"),
        ({"front.pace": [0.1, float("nan")]}, "its range"),
        ({VOLUME: [1.0, 2.0]}, "must be one number"),
        ({f"x{k}": 1.0 for k in range(MOST + 1)}, "more than"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(scenario, known, asked, why):
    with pytest.raises(Refused) as refused:
        check(scenario, known, asked)
    assert why in str(refused.value)


def test_states_are_equal_where_their_texts_are(scenario, known):
    one, two = (check(scenario, known, {VOLUME: x}) for x in (1.5, 1.5000001))
    assert one == two
    assert one != check(scenario, known, {VOLUME: 1.52})
    assert not check(scenario, known, {})
