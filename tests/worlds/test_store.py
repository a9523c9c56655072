"""Runs that are never lost: seals, what a doctor finds, going on, lean blocks, borrowing, two processes on one store."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from materiel.claims import judge
from materiel.scenario import load
from materiel.worlds import RunError, all_runs, blocks, open_run, registry, resume, simulate
from materiel.worlds.doctor import examine, machine
from materiel.worlds.run import size_of_world

BLOCK = 64
WORLDS = 200


@pytest.fixture(scope="module")
def tiny():
    return load("tiny-two-sides")


@pytest.fixture(scope="module")
def kept(tiny, tmp_path_factory):
    """A finished run of four blocks."""
    return simulate(tiny, WORLDS, 7, root=tmp_path_factory.mktemp("runs"), block=BLOCK)


@pytest.fixture
def run(kept, tmp_path):
    """A copy that a test may spoil."""
    shutil.copytree(kept.folder.path, tmp_path / kept.run)
    return open_run(kept.run, tmp_path)


def spoil(path):
    """One byte in the middle of the numbers is another."""
    raw = bytearray(path.read_bytes())
    at = raw.find(blocks.read(path)["points"].values.tobytes())
    assert at > 0
    raw[at + 5] ^= 1
    path.write_bytes(bytes(raw))


def same(a, b):
    for name in ("series", "points", "flows", "unknowns", "options"):
        np.testing.assert_array_equal(a._data[name].values, b._data[name].values)


def test_a_changed_byte_is_found_and_named(run):
    spoil(run.folder.block(2))
    with pytest.raises(RunError, match=r"part-000002\.nc cannot be read \(its points are not what was written\).*only this block"):
        open_run(run.folder.path)


def test_the_doctor_finds_what_is_wrong_and_mends_what_can_be_mended(run, kept, tmp_path):
    assert examine(tmp_path) == []
    spoil(run.folder.block(1))
    left = run.folder.blocks / "part-000003.nc.999999999.tmp"  # no process has such a number
    left.write_bytes(b"half")
    ours = run.folder.blocks / f"part-000003.nc.{os.getpid()}.tmp"  # and this one lives
    ours.write_bytes(b"half")
    found = examine(tmp_path)
    assert [f.where.rsplit("/", 1)[-1] for f in found] == [left.name, "part-000001.nc"]
    assert found[1].cure == f"materiel resume {run.run}"
    assert left.exists()
    mended = examine(tmp_path, repair=True)
    assert [f.mended for f in mended] == [True, True, False]
    assert "3 of 4 blocks" in mended[2].what
    assert not left.exists()
    assert ours.exists()
    same(resume(run.run, tmp_path), kept)
    ours.unlink()
    assert examine(tmp_path) == []


def test_the_doctor_names_what_cannot_be_mended(run, tmp_path):
    (run.folder.path / "scenario.yaml").write_text("a: [", encoding="utf-8")
    (found,) = examine(tmp_path, repair=True)
    assert "cannot be read" in found.what
    assert not found.mended
    (run.folder.path / "run.json").write_text("{", encoding="utf-8")
    (found,) = examine(tmp_path)
    assert "this is not a run" in found.what


def test_the_doctor_says_what_runs_are_made_with(tmp_path):
    assert {"jax", "processor", "cores", "free disk", "cache of compiled programs"} <= set(machine(tmp_path / "not" / "there"))


def test_going_on_needs_only_the_store(run, kept, tmp_path):
    for k in (0, 3):
        run.folder.block(k).unlink()
    with pytest.raises(RunError, match=f"2 of 4 blocks on disk. Go on with: materiel resume {run.run}"):
        open_run(run.folder.path)
    done = []
    same(resume(run.run[:4], tmp_path, progress=lambda a, b: done.append((a, b))), kept)
    assert done == [(3, 4), (4, 4)]
    assert resume(run.run, tmp_path).run == run.run  # what is finished is read


def test_going_on_with_another_engine_is_refused(run, tmp_path, monkeypatch):
    from materiel.worlds import store

    monkeypatch.setattr(store, "engine", lambda: "another")
    assert resume(run.run, tmp_path).n == WORLDS  # a finished run is only read
    run.folder.block(3).unlink()
    with pytest.raises(RunError, match="was begun with another engine"):
        resume(run.run, tmp_path)
    assert not run.folder.block(3).exists()


def test_going_on_with_another_processor_is_refused_or_stands_in_the_record(run, tmp_path, monkeypatch):
    from materiel.worlds import run as room

    monkeypatch.setattr(room, "processor", lambda: "another kind")
    run.folder.block(3).unlink()
    with pytest.raises(RunError, match="was begun with another processor"):
        resume(run.run, tmp_path)
    resume(run.run, tmp_path, mixed=True)
    assert run.folder.made()[1]["mixed"] == sorted(["another kind", run.made.processor])


# ---- the index ----


def test_the_index_follows_the_files(run, tmp_path):
    (row,), faults = registry.listed(tmp_path)
    assert (row.run, row.worlds, row.blocks, row.done, row.finished, faults) == (run.run, WORLDS, 4, 4, True, [])
    assert (tmp_path / registry.NAME).exists()
    run.folder.block(1).unlink()
    assert registry.listed(tmp_path)[0][0].done == 3
    shutil.copytree(run.folder.path, tmp_path / "second")
    assert {r.run for r in registry.listed(tmp_path)[0]} == {run.run, "second"}
    shutil.rmtree(tmp_path / "second")
    assert len(registry.listed(tmp_path)[0]) == 1


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be read as one" * 40, b""])
def test_an_index_that_cannot_be_read_is_made_anew(run, tmp_path, content):
    before = registry.listed(tmp_path)
    (tmp_path / registry.NAME).write_bytes(content)
    assert registry.listed(tmp_path) == before


def test_an_index_of_another_shape_is_made_anew(run, tmp_path):
    import sqlite3
    from contextlib import closing

    before = registry.listed(tmp_path)
    registry.forget(tmp_path)
    with closing(sqlite3.connect(tmp_path / registry.NAME)) as db, db:
        db.execute("CREATE TABLE runs (something INT)")
    assert registry.listed(tmp_path) == before


def test_an_index_that_cannot_be_written_is_done_without(run, tmp_path, monkeypatch):
    import sqlite3

    real = sqlite3.connect

    def refuse(where, **more):
        if str(where) != ":memory:":
            raise sqlite3.OperationalError("unable to open database file")
        return real(where, **more)

    monkeypatch.setattr(registry.sqlite3, "connect", refuse)
    assert [r.run for r in registry.listed(tmp_path)[0]] == [run.run]


def test_a_run_that_cannot_be_read_is_left_out_with_the_reason(run, tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "run.json").write_text("{", encoding="utf-8")
    rows, faults = registry.listed(tmp_path)
    assert [r.run for r in rows] == [run.run]
    assert "this is not a run" in faults[0]


def test_nothing_is_nothing(tmp_path):
    assert registry.listed(tmp_path / "none") == ([], [])
    assert examine(tmp_path / "none") == []


# ---- lean blocks ----


@pytest.fixture(scope="module")
def lean(tiny, tmp_path_factory):
    """The same worlds, of which only the first block is kept whole."""
    root = tmp_path_factory.mktemp("lean")
    return simulate(tiny, WORLDS, 7, root=root, block=BLOCK, memory=size_of_world(tiny) * BLOCK + 1)


def test_verdicts_of_lean_blocks_are_those_of_whole_ones(kept, lean):
    assert (lean.n, lean.shown, lean.run) == (WORLDS, BLOCK, kept.run)
    assert set(blocks.read(lean.folder.block(1)).data_vars) == set(blocks.LEAN)
    assert lean.folder.block(1).stat().st_size < 0.5 * kept.folder.block(1).stat().st_size
    for one, other in zip(judge(kept).claims, judge(lean).claims, strict=True):
        a, b = one.to_json(), other.to_json()
        for hang in (a, b):  # what it hangs on is screened in the worlds that are held whole
            hang.pop("hangs_on")
        assert a == b


def test_portions_are_all_worlds_in_order(kept, lean):
    parts = list(lean.portions(2 * BLOCK))
    assert [p.shown for p in parts] == [2 * BLOCK, WORLDS - 2 * BLOCK]
    measure, day = "front.area", int(kept.days[-1])
    np.testing.assert_array_equal(np.concatenate([p.at("pact", measure, day) for p in parts]), kept.at("pact", measure, day))
    assert [p.shown for p in kept.portions()] == [WORLDS]


def test_what_is_shown_is_of_the_worlds_held_whole(kept, lean):
    np.testing.assert_array_equal(lean.series("pact", "front.area"), kept.series("pact", "front.area")[:, :BLOCK])
    assert len(lean.unknown(lean.unknown_paths()[0])) == BLOCK


def test_a_run_keeps_the_size_that_it_began_with(tiny, lean):
    lean.folder.block(2).unlink()
    again = resume(lean.run, lean.folder.path.parent)
    assert again.shown == BLOCK
    assert set(blocks.read(again.folder.block(2)).data_vars) == set(blocks.LEAN)


# ---- several runs, several processes ----


def test_a_larger_run_borrows_the_blocks_of_a_smaller_one(tiny, run, kept, tmp_path):
    said = []
    larger = simulate(tiny, WORLDS + BLOCK, 7, root=tmp_path, block=BLOCK, say=said.append)
    assert "4 of 5 blocks on disk" in said[0]
    assert larger.folder.block(0).samefile(run.folder.block(0))
    np.testing.assert_array_equal(larger._data["points"].values[:, :WORLDS], kept._data["points"].values)
    other = simulate(tiny, WORLDS, 8, root=tmp_path, block=BLOCK)  # another seed borrows nothing
    assert not other.folder.block(0).samefile(run.folder.block(0))


def test_lean_blocks_are_not_borrowed_as_whole_ones(tiny, lean):
    whole = simulate(tiny, WORLDS - 1, 7, root=lean.folder.path.parent, block=BLOCK)
    assert whole.shown == WORLDS - 1
    assert whole.folder.block(0).samefile(lean.folder.block(0))
    assert not whole.folder.block(1).samefile(lean.folder.block(1))


CHILD = """
import sys
from materiel.scenario import load
from materiel.worlds import simulate
if __name__ == "__main__":
    simulate(load("tiny-two-sides"), 200, 7, root=sys.argv[1], block=64)
"""


def test_two_processes_on_one_store_make_one_run(kept, tmp_path):
    script = tmp_path / "child.py"
    script.write_text(CHILD, encoding="utf-8")
    both = [subprocess.Popen([sys.executable, str(script), str(tmp_path / "runs")]) for _ in range(2)]
    assert [p.wait(timeout=300) for p in both] == [0, 0]
    (folder,) = all_runs(tmp_path / "runs")
    same(open_run(folder.path), kept)
    assert examine(tmp_path / "runs") == []
