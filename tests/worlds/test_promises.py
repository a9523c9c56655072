"""What must always hold: worlds do not depend on the size of a run, on blocks, on inert company, or on a dead agreement."""

from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

from materiel.mechanisms import ContractError, Flow, build
from materiel.scenario import load, loads, shipped
from materiel.worlds.block import Simulator
from materiel.worlds.draws import Draws
from materiel.worlds.program import Program
from materiel.worlds.windows import plan

TINY = "tiny-two-sides"


def text_of(name: str) -> str:
    return (Path(load(name).path)).read_text(encoding="utf-8")


def simulated(scenario, first, size, course="pact", mechanisms=None, keep=None):
    p = plan(scenario)
    program = Program(scenario, keep or p.measures, mechanisms=mechanisms)
    draws = Draws(scenario, 7, np.arange(first, first + size))
    return program.run(draws.course(course), 7, np.arange(first, first + size), scenario.step, p.records)


@pytest.fixture(scope="module")
def tiny():
    return load(TINY)


@pytest.fixture(scope="module")
def whole(tiny):
    return simulated(tiny, 0, 256)


@pytest.mark.parametrize(("first", "size"), [(0, 1), (5, 8), (0, 64), (64, 64), (17, 3), (128, 128)])
def test_a_world_does_not_depend_on_its_block(tiny, whole, first, size):
    part = simulated(tiny, first, size)
    np.testing.assert_array_equal(part.kept, whole.kept[..., first : first + size])
    np.testing.assert_array_equal(part.flows, whole.flows[..., first : first + size])


class Inert:
    """Has accounts, luck and state of its own, reads a measure, asks nothing from the common accounts."""

    name = "inert"
    reads = ("front.area",)
    shows = ("inert",)
    totals: dict[str, tuple[str, ...]] = {}  # noqa: RUF012

    def accounts(self, p):
        return {"depot:nobody/nothing": 100.0, "sink:nothing": 0.0}

    def first(self, p, luck):
        return {"x": jnp.zeros_like(p["front.balance"])}, {"inert": jnp.zeros_like(p["front.balance"])}

    def ask(self, state, seen, p, luck):
        yield Flow("inert/move", "depot:nobody/nothing", "sink:nothing", seen.step * 1.5)
        yield Flow("inert/nothing", "depot:north/new_shell", "sink:nothing", seen.step * 0.0)

    def settle(self, state, seen, granted, p, luck):
        x = state["x"] + luck.uniforms("own")[0] + seen["front.area"]
        return {"x": x}, {"inert": x}


def test_an_inert_mechanism_moves_nothing(tiny, whole):
    # first and last in the list: the order of registration is part of the promise
    for mechanisms in ([Inert(), *build(tiny.vocabulary)], [*reversed(build(tiny.vocabulary)), Inert()]):
        np.testing.assert_array_equal(simulated(tiny, 0, 256, mechanisms=mechanisms).kept, whole.kept)


def test_courses_are_one_program(tiny):
    p = plan(tiny)
    program = Program(tiny, p.measures)
    draws = Draws(tiny, 7, np.arange(64))
    for course in tiny.courses:
        program.run(draws.course(course), 7, np.arange(64), tiny.step, p.records)
    program.run(Draws(tiny, 99, np.arange(64)).course("pact"), 99, np.arange(64), tiny.step, p.records)
    assert program._jitted._cache_size() == 1


def test_courses_share_everything_before_their_day(tiny, whole):
    day = tiny.courses["no_pact"].day
    k = max(i for i, r in enumerate(plan(tiny).records) if r <= day)
    other = simulated(tiny, 0, 256, "no_pact").kept
    np.testing.assert_array_equal(whole.kept[: k + 1], other[: k + 1])
    assert (whole.kept[-1] != other[-1]).any()


def test_days_that_courses_share_are_simulated_once_and_change_no_bit(tiny, whole):
    p, size = plan(tiny), 256
    simulator = Simulator(tiny, p, 7)
    draws = simulator.draws(0, size)
    forks = simulator.forks(draws, 0, size, tiny.courses)
    day = round(tiny.courses["no_pact"].day)
    assert {name: since.steps for name, since in forks.items()} == dict.fromkeys(tiny.courses, day)
    for name in tiny.courses:
        alone, forked = simulator.course(draws, name, 0, size), simulator.course(draws, name, 0, size, forks[name])
        for one, other in zip(alone[:3], forked[:3], strict=True):
            np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(simulator.course(draws, "pact", 0, size, forks["pact"]).kept, whole.kept)
    assert simulator.program._jitted._cache_size() == 1  # and all of it is one program


def test_a_course_with_an_earlier_day_goes_on_from_its_own(tiny):
    later, sooner = "no_pact: {says: Maker sends nothing., from: 2020-05-10", "no_pact: {says: Maker sends nothing., from: 2020-05-06"
    scenario = loads(text_of(TINY).replace(later, sooner).encode())
    simulator = Simulator(scenario, plan(scenario), 7)
    draws = simulator.draws(0, 16)
    forks = simulator.forks(draws, 0, 16, scenario.courses)
    assert (forks["no_pact"].steps, forks["half_pact"].steps) == (scenario.courses["no_pact"].day, scenario.courses["half_pact"].day)
    assert forks["no_pact"].steps < forks["half_pact"].steps == forks["pact"].steps
    for name in scenario.courses:
        alone = simulator.course(draws, name, 0, 16)
        np.testing.assert_array_equal(alone.kept, simulator.course(draws, name, 0, 16, forks[name]).kept)


def without(text: str, drop: list[str], edits: dict[str, str]) -> str:
    """The scenario's text with some blocks (by their first line) and lines left out or replaced."""
    lines, out, skip = text.splitlines(), [], None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if skip is not None and line.strip() and indent <= skip:
            skip = None
        if any(line.startswith(d) for d in drop):
            skip = indent
        if skip is None:
            out.append(next((new for old, new in edits.items() if line.startswith(old)), line))
    return "\n".join(out) + "\n"


def test_the_agreement_deleted_equals_scale_0(tiny):
    """Two compiled programs: one whose scenario has no offer at all, one with the offer at scale 0 on every day."""
    text = text_of(TINY)
    drop = ["offers:", "routes:", "    for_export:", "  half_pact:", "levers:"]
    edits = {"  no_pact: ": "  no_pact: {says: nothing}", "    beside: [half_pact]": ""}
    deleted = loads(without(text, drop, edits).encode())
    at_zero = loads(text.replace("    scale: 1\n    opens: 2020-05-10", "    scale: 0\n    opens: 2020-05-10").encode())
    assert not deleted.vocabulary.offers
    assert float(at_zero.quantities["offers.maker_north.scale"].median) == 0.0
    keep = [m for m in plan(tiny).measures if "maker_north" not in m]
    a, b = (simulated(s, 0, 256, keep=keep) for s in (deleted, at_zero))
    np.testing.assert_array_equal(a.kept, b.kept)
    assert (a.kept[..., :4] != simulated(tiny, 0, 4, keep=keep).kept).any()


def test_certainty_makes_all_worlds_alike_but_for_luck(tiny):
    """With every unknown at its median and no wander, luck reaches only breakthroughs: the ledger of all worlds is one."""
    p = plan(tiny)
    draws = Draws(tiny, 7, np.arange(8))
    numbers = draws.course("pact")
    middle = {k: np.float64(tiny.quantities[k].median) for k in numbers.before}
    middle |= {"front.wander": np.float64(0), "front.breakthrough_hazard": np.float64(0)}
    fixed = type(numbers)(middle, {k: middle[k] for k in numbers.after}, numbers.from_day)
    out = Program(tiny, p.measures).run(fixed, 7, np.arange(8), tiny.step, p.records)
    assert (out.kept == out.kept[..., :1]).all()


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_simulates(name):
    scenario = load(name)
    p = plan(scenario)
    out = Program(scenario, p.measures).run(Draws(scenario, 7, np.arange(16)).course("pact"), 7, np.arange(16), scenario.step, p.records)
    assert out.finite.all()


def test_a_value_that_is_not_finite_names_world_day_and_mechanism(tiny):
    class Breaks(Inert):
        name = "breaks"

        def settle(self, state, seen, granted, p, luck):
            x = state["x"] + jnp.where((seen.day > 20) & (luck.uniforms("own")[0] < 0.01), jnp.nan, 0.0)
            return {"x": x}, {"inert": x}

    program = Program(tiny, ["front.area"], mechanisms=[Breaks(), *build(tiny.vocabulary)])
    draws = Draws(tiny, 7, np.arange(64))
    out = program.run(draws.course("pact"), 7, np.arange(64), 1.0, [60])
    assert 0 < out.finite.sum() < 64
    world = int(np.argmin(out.finite))
    said = program.find_fault(Draws(tiny, 7, np.array([world])).course("pact"), 7, np.array([world]), 1.0, 60)
    assert said.startswith("day ")
    assert "mechanism breaks, state x" in said


@pytest.mark.parametrize("what", [np.nan, np.inf, -np.inf])
def test_a_kept_measure_that_is_not_finite_for_one_day_is_found(tiny, what):
    """Though the state of the world is fine, and its last record too."""

    class Says(Inert):
        name = "says"

        def settle(self, state, seen, granted, p, luck):
            odd = (seen.day == 20) & (luck.uniforms("own")[0] < 0.1)
            return state, {"inert": jnp.where(odd, what, seen.day)}

    program = Program(tiny, ["front.area", "inert"], mechanisms=[Says(), *build(tiny.vocabulary)])
    out = program.run(Draws(tiny, 7, np.arange(64)).course("pact"), 7, np.arange(64), 1.0, range(1, 61))  # few records add up otherwise
    assert 0 < out.finite.sum() < 64
    np.testing.assert_array_equal(out.finite, np.isfinite(out.kept).all(axis=(0, 1)))
    assert np.isfinite(out.kept[-1]).all()


def test_numbers_that_were_handed_over_cannot_be_changed_unheard(tiny):
    numbers, p = Draws(tiny, 7, np.arange(8)).course("pact"), plan(tiny)
    program = Program(tiny, p.measures)
    once, twice = (program.run(numbers, 7, np.arange(8), 1.0, [60]).kept for _ in range(2))
    np.testing.assert_array_equal(once, twice)
    for x in numbers.before.values():
        with pytest.raises(ValueError, match="read-only"):
            x[...] = 0.0


def test_a_measure_has_one_owner(tiny):
    class Usurper(Inert):
        name = "usurper"
        shows = ("inert", "front.area")

    with pytest.raises(ContractError, match=r'"front\.area" is shown by front and by usurper'):
        Program(tiny, [], mechanisms=[Usurper(), *build(tiny.vocabulary)])
