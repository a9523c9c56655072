"""What may be changed, and what is refused."""

import pytest

from materiel.app.state import MOST, Refused, check, handles
from materiel.scenario import load
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
