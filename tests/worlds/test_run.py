"""Runs on disk: prefix, processes, kill, full disk, broken blocks."""

import errno
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from materiel.scenario import load
from materiel.worlds import RunError, all_runs, open_run, simulate
from materiel.worlds import store as store_file

TINY = "tiny-two-sides"
BLOCK = 128


def table(worlds):
    """Everything a run says of its worlds, as one dictionary of arrays."""
    d = worlds._data
    return {name: d[name].values for name in ("series", "points", "flows", "unknowns", "options")}


def same(a, b, n=None):
    for name, x in table(a).items():
        np.testing.assert_array_equal(x[..., :n], table(b)[name][..., :n])


@pytest.fixture(scope="module")
def tiny():
    return load(TINY)


@pytest.fixture(scope="module")
def done(tiny, tmp_path_factory):
    return simulate(tiny, 500, 7, root=tmp_path_factory.mktemp("done"), block=BLOCK)


def test_the_first_worlds_of_a_larger_run_are_the_same(tiny, done, tmp_path):
    small = simulate(tiny, 100, 7, root=tmp_path, block=BLOCK)
    assert small.n == 100
    same(small, done, 100)
    assert small.run != done.run


def test_two_processes_give_the_same_bits(tiny, done, tmp_path):
    same(simulate(tiny, 500, 7, root=tmp_path, block=BLOCK, workers=2), done)


def test_a_finished_run_is_not_made_again(tiny, done, monkeypatch):
    monkeypatch.setattr("materiel.worlds.run._here", lambda *a: pytest.fail("made again"))
    same(simulate(tiny, 500, 7, root=done.folder.path.parent, block=BLOCK), done)


EVIDENCE = """
evidence:
  families: {press: {name: Press}}
  bias: 0.5
  common: 0.3
  error: 0.4
  either_way: 1.25
  against_interest: 2 to 5
  hit: beta(8, 2)
  false_alarm: beta(1, 9)
  series:
    near: {file: near.csv, measure: front.area, family: press, form: linear, error: 60 km2}
    far: {file: far.csv, measure: front.area, family: press, form: linear, error: 60 km2, optional: true}
"""


def test_a_run_keeps_the_tables_from_both_folders(tiny, tmp_path, monkeypatch):
    here, data = tmp_path / "here", tmp_path / "data"
    for folder, name, value in ((here, "near.csv", 1), (data, "far.csv", 2)):
        folder.mkdir()
        (folder / name).write_text(f"month,value\n2020-05,{value}\n", encoding="utf-8")
    (here / "scenario.yaml").write_text(tiny.path.read_text(encoding="utf-8") + EVIDENCE, encoding="utf-8")
    monkeypatch.setenv("MATERIEL_DATA", str(data))
    scenario = load(here)
    assert {name: points[0].value for name, points in scenario.series.items()} == {"near": 1.0, "far": 2.0}
    worlds = simulate(scenario, 4, 7, root=tmp_path / "runs", block=4)
    monkeypatch.delenv("MATERIEL_DATA")
    assert open_run(worlds.folder.path).scenario.series == scenario.series
    with pytest.raises(RunError, match="does not say what this scenario says"):
        simulate(scenario, 4, 7, root=tmp_path / "runs", block=4)


CHILD = """
import sys, materiel.worlds.run as run
from materiel.scenario import load
if __name__ == "__main__":
    said = lambda done, count: print(done, flush=True)
    run.simulate(load("tiny-two-sides"), 500, 7, root=sys.argv[1], block=128, workers=int(sys.argv[2]), progress=said)
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_kill_9_loses_at_most_the_blocks_in_work(tiny, done, tmp_path, workers):
    script = tmp_path / "child.py"
    script.write_text(CHILD)
    command = [sys.executable, str(script), str(tmp_path / "runs"), str(workers)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
    assert child.stdout.readline()  # one block is on disk
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    folder = all_runs(tmp_path / "runs")[0]
    before = folder.done(4)
    assert before
    said = []
    again = simulate(tiny, 500, 7, root=tmp_path / "runs", block=BLOCK, say=said.append)
    same(again, done)
    assert len(before) == 4 or ("unfinished" in said[0] and f"{len(before)} of 4" in said[0])


LONG = """
import sys, materiel.worlds.run as run
from materiel.scenario import load
if __name__ == "__main__":
    said = lambda done, count: print(done, flush=True)
    run.simulate(load("tiny-two-sides"), 80_000, 7, root=sys.argv[1], block=16, workers=2, progress=said)
"""


def test_workers_stop_when_only_their_parent_is_killed(tmp_path):
    script = tmp_path / "child.py"
    script.write_text(LONG)
    child = subprocess.Popen([sys.executable, str(script), str(tmp_path / "runs")], stdout=subprocess.PIPE, start_new_session=True)
    assert child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    folder = all_runs(tmp_path / "runs")[0]
    seen = [-1]
    while (len(seen) < 40 and len(set(seen[-4:])) > 1) or len(seen) < 5:  # until nothing is added for three seconds
        time.sleep(1)
        seen.append(len(folder.done(5000)))
    assert len(set(seen[-4:])) == 1
    assert seen[-1] < 5000


def test_an_unfinished_run_says_so(tiny, done, tmp_path):
    simulate(tiny, 500, 7, root=tmp_path, block=BLOCK)
    folder = all_runs(tmp_path)[0]
    folder.block(2).unlink()
    with pytest.raises(RunError, match="3 of 4 blocks on disk"):
        open_run(folder.path)


def test_a_broken_block_is_named(tiny, tmp_path):
    simulate(tiny, 200, 7, root=tmp_path, block=BLOCK)
    folder = all_runs(tmp_path)[0]
    folder.block(1).write_bytes(b"nothing of use")
    with pytest.raises(RunError, match=r"part-000001\.nc cannot be read"):
        open_run(folder.path)


def test_a_full_disk_leaves_no_half_block(tiny, tmp_path, monkeypatch):
    made = []
    real = os.fsync

    def full(fd):
        made.append(fd)
        if len(made) > 3:  # scenario.yaml, run.json and one block fit
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd)

    monkeypatch.setattr(store_file.os, "fsync", full)
    with pytest.raises(RunError, match="No space left on device"):
        simulate(tiny, 500, 7, root=tmp_path, block=BLOCK)
    folder = all_runs(tmp_path)[0]
    assert folder.done(4) == [0]
    assert not list(folder.path.rglob("*.tmp"))
    monkeypatch.undo()
    simulate(tiny, 500, 7, root=tmp_path, block=BLOCK)


def test_what_cannot_be_run_is_refused(tiny, tmp_path):
    with pytest.raises(RunError, match="0 worlds"):
        simulate(tiny, 0, 7, root=tmp_path)
    with pytest.raises(RunError, match="seed"):
        simulate(tiny, 1, 2**32, root=tmp_path)
    with pytest.raises(RunError, match="no single run"):
        open_run("nothing", tmp_path)


def test_run_json_says_what_made_it(done):
    record = json.loads((done.folder.path / "run.json").read_text())
    assert {"run", "scenario_hash", "seed", "worlds", "block", "precision", "jaxlib", "processor", "as_of"} <= set(record)


def test_an_edited_engine_is_another_run(tiny, done, monkeypatch):
    """Or whoever replaces a mechanism would be shown the worlds of the old one."""
    from materiel.worlds.run import made_of

    assert made_of(tiny, 500, 7, BLOCK).run == done.run
    monkeypatch.setattr(store_file, "engine", lambda: "another")
    assert made_of(tiny, 500, 7, BLOCK).run != done.run
