"""Blocks on the workers of a cluster: the same bits, also when one of them is killed; what would differ is refused."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from materiel.scenario import load
from materiel.worlds import RunError, all_runs, simulate
from materiel.worlds import cluster as room
from materiel.worlds.cluster import task

WORLDS, BLOCK = 500, 64
SCHEDULER = """
import asyncio, sys
from distributed import Scheduler
async def main():
    async with Scheduler(port=0, dashboard=False, host="127.0.0.1") as s:
        print(s.address, flush=True)
        await s.finished()
asyncio.run(main())
"""
WORKER = """
import asyncio, sys
from distributed import Worker
async def main():
    async with Worker(sys.argv[1], nthreads=1, dashboard=False, local_directory=sys.argv[2]) as w:
        print("ready", flush=True)
        await w.finished()
asyncio.run(main())
"""


@pytest.fixture(scope="module")
def tiny():
    return load("tiny-two-sides")


@pytest.fixture(scope="module")
def alone(tiny, tmp_path_factory):
    return simulate(tiny, WORLDS, 7, root=tmp_path_factory.mktemp("alone"), block=BLOCK)


def started(code, *args):
    child = subprocess.Popen([sys.executable, "-c", code, *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    said = child.stdout.readline().strip()
    assert said
    return child, said


@pytest.fixture
def cluster(tmp_path):
    """The address of a scheduler with two workers, and the workers."""
    scheduler, address = started(SCHEDULER)
    workers = [started(WORKER, address, str(tmp_path / f"w{k}"))[0] for k in range(2)]
    yield address, workers
    for child in (*workers, scheduler):
        child.kill()
        child.wait()
        child.stdout.close()


SUBMIT = """
import sys
from materiel.scenario import load
from materiel.worlds import simulate
if __name__ == "__main__":
    simulate(load("tiny-two-sides"), 500, 7, root=sys.argv[1], block=64, cluster=sys.argv[2], progress=lambda a, b: print(a, flush=True))
"""


def same(a, b):
    for name in ("series", "points", "flows", "unknowns", "options"):
        np.testing.assert_array_equal(a._data[name].values, b._data[name].values)


def test_two_workers_one_killed_give_the_same_bits(cluster, alone, tmp_path):
    address, workers = cluster
    child = subprocess.Popen([sys.executable, "-c", SUBMIT, str(tmp_path / "runs"), address], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline()  # a block is on disk, and both are at work
    workers[0].send_signal(signal.SIGKILL)
    assert child.wait(timeout=300) == 0
    child.stdout.close()
    (folder,) = all_runs(tmp_path / "runs")
    same(simulate(alone.scenario, WORLDS, 7, root=tmp_path / "runs", block=BLOCK), alone)
    assert len(folder.done(8)) == 8
    assert "mixed" not in folder.made()[1]


def test_no_scheduler_is_said_plainly(tiny, tmp_path, monkeypatch):
    with pytest.raises(RunError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        room_call(tiny, tmp_path, "tcp://127.0.0.1:9")


def room_call(tiny, tmp_path, address):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a library that was not given what it asked for
        return simulate(tiny, WORLDS, 7, root=tmp_path, block=BLOCK, cluster=address)


def test_a_worker_that_would_give_other_bits_refuses(alone, tmp_path, monkeypatch):
    path = str(alone.folder.path)
    alone.folder.made()
    monkeypatch.setattr(room, "processor", lambda: "another kind")
    with pytest.raises(RunError, match=r'a processor "another kind".*--mixed'):
        task(path, 7, 0, BLOCK, False, False)
    assert task(path, 7, 0, BLOCK, False, True) == (0, "another kind")  # the block is there already
    monkeypatch.undo()
    real = room.versions()
    monkeypatch.setattr(room, "versions", lambda: real | {"engine": "edited"})
    with pytest.raises(RunError, match="has engine edited"):
        task(path, 7, 0, BLOCK, False, True)


def test_a_worker_that_does_not_see_the_folder_says_so(tmp_path):
    with pytest.raises(RunError, match="does not see"):
        task(str(tmp_path / "elsewhere"), 7, 0, BLOCK, False, False)


def test_a_block_of_a_task_is_that_of_a_run(alone, tmp_path):
    before = alone.folder.block(1).read_bytes()
    alone.folder.block(1).unlink()
    started_at = time.time()
    assert task(str(alone.folder.path), 7, 1, BLOCK, False, False).block == 1
    assert os.stat(alone.folder.block(1)).st_mtime >= started_at - 1
    assert len(alone.folder.block(1).read_bytes()) == len(before)
    same(simulate(alone.scenario, WORLDS, 7, root=alone.folder.path.parent, block=BLOCK), alone)
