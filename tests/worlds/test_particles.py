"""Worlds that are given: a run of exactly those, stored, resumed and told apart like any other."""

import json
from dataclasses import replace
from math import erf

import numpy as np
import pytest
from scipy.special import ndtri

from materiel.scenario import load
from materiel.worlds import RunError, open_run, simulate
from materiel.worlds.draws import Draws
from materiel.worlds.luck import SPAN
from materiel.worlds.particles import Particles
from materiel.worlds.particles import load as read
from materiel.worlds.unknowns import uniforms

TINY = "tiny-two-sides"
BLOCK = 64
N = 150
WORLDS = np.arange(N)


def table(worlds):
    return {name: worlds._data[name].values for name in ("series", "points", "flows", "unknowns", "options")}


def same(a, b):
    for name, x in table(a).items():
        np.testing.assert_array_equal(x, table(b)[name])


@pytest.fixture(scope="module")
def tiny():
    return load(TINY)


@pytest.fixture(scope="module")
def given():
    rng = np.random.default_rng(5)
    names = ("stocks.maker.old_shell.held", "alternative/who_decides", "supplies.friend_south.steps")
    return Particles(names, rng.standard_normal((N, 3)), rng.integers(0, 2**31, (N, 2)).astype(np.uint32), "abcdef", "2020-06-10")


@pytest.fixture(scope="module")
def run(tiny, given, tmp_path_factory):
    return simulate(tiny, particles=given, seed=7, root=tmp_path_factory.mktemp("given"), block=BLOCK)


def test_the_worlds_are_those_that_were_given(tiny, given, run):
    assert run.n == N
    held = tiny.quantities["stocks.maker.old_shell.held"]
    u = 0.5 * (1 + np.vectorize(erf)(given.z[:, 0] / np.sqrt(2)))
    np.testing.assert_allclose(run.unknown(held.path), held.value(u), rtol=1e-12)
    assert (run.alternative("who_decides") == (given.z[:, 1] > ndtri(0.6))).all()
    rates = [run.unknown(f"supplies.friend_south.steps.{k}.rate") for k in (0, 1)]  # one name for the whole series
    assert np.corrcoef(*map(np.log, rates))[0, 1] == pytest.approx(1)
    # what is not given is drawn by the world's number as ever
    np.testing.assert_array_equal(run.unknown("front.pace"), tiny.quantities["front.pace"].value(uniforms(7, "front.pace", WORLDS)))


def test_given_as_they_would_be_drawn_they_are_the_ordinary_worlds(tiny, run, tmp_path):
    """Normals of the ordinary uniforms, and the world's own luck: the same worlds but for the last bits of a uniform."""
    names = sorted({q.draw_name for q in tiny.quantities.values() if not q.exact})
    z = np.column_stack([ndtri(uniforms(7, name, WORLDS)) for name in names])
    again = simulate(tiny, particles=Particles(tuple(names), z, WORLDS.astype(np.uint32)[:, None]), root=tmp_path, block=BLOCK)
    plain = simulate(tiny, N, root=tmp_path, block=BLOCK)
    assert again.run not in (plain.run, run.run)
    for name, x in table(plain).items():
        if name == "unknowns":
            np.testing.assert_allclose(table(again)[name], x, rtol=1e-9)
    near = np.isclose(table(again)["points"], table(plain)["points"], rtol=1e-3, atol=1e-3)
    assert near.mean() > 0.98  # a switch may turn a day earlier on the last bit
    other = Particles(tuple(names), z, WORLDS[::-1].astype(np.uint32)[:, None])
    luckless = simulate(tiny, particles=other, root=tmp_path, block=BLOCK)
    assert not np.isclose(luckless.at("pact", "front.area", 61), plain.at("pact", "front.area", 61), rtol=1e-3).mean() > 0.5


def test_two_processes_and_a_resumed_run_give_the_same_bits(tiny, given, run, tmp_path):
    both = simulate(tiny, particles=given, root=tmp_path, block=BLOCK, workers=2)
    same(both, run)
    assert both.run == run.run
    both.folder.block(1).unlink()
    said = []
    same(simulate(tiny, particles=given, root=tmp_path, block=BLOCK, say=said.append), run)
    assert "2 of 3" in said[0]


def test_run_json_says_whence(run, given):
    record = json.loads((run.folder.path / "run.json").read_text())
    assert record["particles"] == given.hash
    assert (record["of"], record["to"]) == ("abcdef", "2020-06-10")
    assert (run.of, run.to) == ("abcdef", "2020-06-10")
    stored = read(run.folder.particles)
    assert stored.hash == given.hash
    np.testing.assert_array_equal(stored.z, given.z)
    np.testing.assert_array_equal(stored.luck, given.luck)


def test_an_ordinary_run_has_no_such_thing(tiny, tmp_path):
    """And its id does not know of them."""
    plain = simulate(tiny, 8, root=tmp_path, block=BLOCK)
    assert (plain.of, plain.to, plain.made.particles) == (None, None, "")
    assert not plain.folder.particles.exists()
    record = json.loads((plain.folder.path / "run.json").read_text())
    del record["particles"]  # as runs were stored before
    (plain.folder.path / "run.json").write_text(json.dumps(record))
    assert open_run(plain.folder.path).made.run == plain.run


def test_everything_that_is_given_is_in_the_hash(given):
    z, luck = given.z.copy(), given.luck.copy()
    z[3, 1] += 1e-12
    luck[-1, -1] += 1
    others = [
        replace(given, names=("a", "b", "c")),
        replace(given, z=z),
        replace(given, luck=luck),
        replace(given, of="x"),
        replace(given, to="2020-06-11"),
    ]
    assert len({p.hash for p in (given, *others)}) == 6
    assert replace(given, z=given.z.copy()).hash == given.hash


def test_what_cannot_be_given(tiny, given, tmp_path):
    with pytest.raises(ValueError, match="do not fit"):
        Particles(("a",), np.zeros((3, 2)), np.zeros((3, 1), np.uint32))
    with pytest.raises(ValueError, match="not finite"):
        Particles(("a",), np.array([[np.nan]]), np.zeros((1, 1), np.uint32))
    with pytest.raises(ValueError, match="twice"):
        Particles(("a", "a"), np.zeros((1, 2)), np.zeros((1, 1), np.uint32))
    with pytest.raises(RunError, match=r'drawn as "stocks\.nobody"'):
        simulate(tiny, particles=replace(given, names=("stocks.nobody", *given.names[1:])), root=tmp_path)
    (tmp_path / "particles.npz").write_bytes(b"nothing of use")
    with pytest.raises(RunError, match=r"particles\.npz cannot be read"):
        read(tmp_path / "particles.npz")


def test_far_out_a_number_stays_finite(tiny):
    far = Particles(("stocks.maker.old_shell.held", "front.pace"), np.array([[40.0, -40.0], [-40.0, 40.0]]), np.zeros((2, 1), np.uint32))
    values = Draws(tiny, 7, np.arange(2), far).values
    for path in far.names:
        assert np.isfinite(values[path]).all()


def test_a_last_block_repeats_the_last_world(tiny, given):
    draws = Draws(tiny, 7, np.arange(N - 1, N + 3), given)
    assert len(set(draws.values["stocks.maker.old_shell.held"])) == 1


def test_a_scenario_with_replaced_numbers_runs(tmp_path):
    """Its file is stored as it is, with what was put in place of its numbers, for workers and for whoever opens the run."""
    other = load(TINY, {"front.pace": "0.2 km/day"})
    made = simulate(other, 100, root=tmp_path, block=BLOCK, workers=2)
    assert (made.unknown("front.pace") == 0.2).all()
    assert made.scenario.hash == other.hash != load(TINY).hash
    assert made.scenario.replaced == {"front.pace": "0.2 km/day"}
    again = simulate(open_run(made.folder.path).scenario, 100, root=tmp_path / "again", block=BLOCK)
    assert again.run == made.run
    same(again, made)


def test_luck_differs_from_one_span_of_days_to_the_next(tiny, tmp_path):
    """Up to the end of the first span a world has the luck of one world, after it that of another."""
    names = tuple(sorted({q.draw_name for q in tiny.quantities.values() if not q.exact}))
    z = np.column_stack([ndtri(uniforms(7, name, np.arange(16))) for name in names])

    def area(*luck):
        spans = np.repeat(np.array([luck], np.uint32), 16, axis=0)
        return simulate(tiny, particles=Particles(names, z, spans), root=tmp_path, block=16).series("pact", "front.area")

    one, other, both = area(3), area(8), area(3, 8)
    assert len(one) > SPAN // 7 + 3
    first = SPAN // 7 + 1  # weekly records up to the last day of the first span
    np.testing.assert_array_equal(both[:first], one[:first])
    assert (both[first + 1 :] != one[first + 1 :]).any()
    assert (both[:first] != other[:first]).any()
    np.testing.assert_array_equal(area(3, 3), one)
