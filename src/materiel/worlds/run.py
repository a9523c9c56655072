"""Simulate a scenario: blocks over worker processes, resumed where a killed run stopped."""

import json
import multiprocessing
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from materiel.scenario import Scenario, ScenarioError, loads
from materiel.scenario.reports import NAME as REPORTS
from materiel.scenario.tables import place
from materiel.worlds.device import block_size, card
from materiel.worlds.particles import Particles
from materiel.worlds.particles import load as read_particles
from materiel.worlds.store import Folder, Made, RunError, all_runs, find, processor, versions, write_whole
from materiel.worlds.windows import parts, plan
from materiel.worlds.worlds import Worlds, open_run, scenario_of

Progress = Callable[[int, int], None]
MEMORY = 2**30  # bytes, for what is kept of whole blocks


def size_of_world(scenario: Scenario) -> int:
    """Bytes that a world takes in a whole block."""
    v, p = scenario.vocabulary, plan(scenario)
    charts = {m for chart in v.charts for m in parts(chart)}
    series = len(v.chart_courses) * len(charts) * len(p.records)
    return 4 * (series + len(p.points)) + 8 * sum(not q.exact for q in scenario.quantities.values())


def made_of(scenario: Scenario, worlds: int, seed: int, block: int, particles: Particles | None = None) -> Made:
    """What would make this run here and now."""
    return Made(
        scenario=scenario.vocabulary.scenario,
        scenario_hash=scenario.hash,
        seed=seed,
        worlds=worlds,
        block=block,
        precision="float32",
        step=scenario.step,
        processor=processor(),
        particles=particles.hash if particles else "",
        **versions(),
    )


def simulate(
    scenario: Scenario,
    worlds: int = 4096,
    seed: int = 7,
    *,
    particles: Particles | None = None,
    root: str | Path = "runs",
    workers: int = 1,
    fresh: bool = False,
    block: int | None = None,
    memory: int = MEMORY,
    cluster: str | None = None,
    mixed: bool = False,
    within: Folder | None = None,
    progress: Progress | None = None,
    say: Callable[[str], None] | None = None,
) -> Worlds:
    """Simulate `worlds` worlds of a scenario on all its courses, or exactly those of `particles`.

    Blocks are stored under `root`; blocks already on disk are kept (`fresh` makes them anew). `workers` processes are
    each tied to one core; with 1, and on a graphics card, the work is done here. Weekly series are kept of the first
    worlds, as many as fit into `memory` bytes; of the others only what claims need, so that neither memory nor disk grow
    with the series of millions. Particles are all kept. With `cluster`, the address of a Dask scheduler, its workers make
    the blocks, and may be of another kind of processor if `mixed`. `within` is the folder of a run to go on with.
    `progress(done, all)` counts blocks. Raises RunError.
    """
    if particles:
        particles.check(scenario)
        worlds = particles.n
    if worlds < 1 or worlds > 2**31:
        raise RunError(f"{worlds} worlds cannot be simulated; give a number from 1 to 2147483648")
    if seed < 0 or seed >= 2**32:
        raise RunError(f"seed {seed} is outside 0 to 4294967295")
    block = block or block_size()
    made = made_of(scenario, worlds, seed, block, particles)
    folder = within or Folder(Path(root) / made.run)
    count = -(-worlds // block)
    try:
        if fresh:
            for k in range(count):
                folder.block(k).unlink(missing_ok=True)
        about: dict[str, Any] = {"title": scenario.vocabulary.scenario, "as_of": str(scenario.as_of)}
        about["lean_from"] = count if particles else min(count, max(1, memory // (size_of_world(scenario) * block)))
        if particles:
            about |= {"of": particles.of, "to": particles.to}
            folder.path.mkdir(parents=True, exist_ok=True)
            particles.save(folder.particles)
        folder.create(made, _files(scenario), about)
    except OSError as error:
        raise RunError(f"{folder.path}: {error.strerror or error}") from error
    own, extra = folder.made()
    scenario_of(folder, own)  # workers read the stored file
    lean_from = int(extra.get("lean_from", count))  # what a run began with holds to its end
    done = folder.done(count)
    if not particles and not fresh and len(done) < count:
        done = sorted({*done, *borrowed(folder, own, lean_from, [k for k in range(count) if k not in set(done)])})
    if say and done and len(done) < count:
        say(f"Found {made.run} unfinished: {len(done)} of {count} blocks on disk. Going on. (--fresh to start over)")
    started = time.perf_counter()
    todo = [k for k in range(count) if k not in set(done)]
    finished = len(done)

    def one_more(_: int) -> None:
        nonlocal finished
        finished += 1
        if progress:
            progress(finished, count)

    kinds = {made.processor}
    if todo and cluster:
        from materiel.worlds.cluster import in_cluster

        kinds = in_cluster(cluster, folder, seed, todo, block, lean_from, mixed, one_more)
    elif todo and min(workers, len(todo)) > 1 and not card():
        _in_processes(folder, seed, todo, block, lean_from, min(workers, len(todo)), one_more)
    elif todo:
        _here(folder, scenario, seed, todo, block, lean_from, particles, one_more)
    if todo:
        if kinds - {own.processor}:  # also where another machine goes on with what this one began
            _note(folder, {"mixed": sorted(kinds | {own.processor} | set(folder.made()[1].get("mixed", ())))})
        before = float(folder.made()[1].get("seconds", 0.0))
        _note(folder, {"seconds": round(before + time.perf_counter() - started, 2)})
    return open_run(folder.path)


def resume(
    run: str,
    root: str | Path = "runs",
    *,
    workers: int = 1,
    cluster: str | None = None,
    mixed: bool = False,
    progress: Progress | None = None,
    say: Callable[[str], None] | None = None,
) -> Worlds:
    """Go on with a run that was stopped, from what is stored with it. Raises RunError where it cannot be gone on with here."""
    folder = find(run, Path(root))
    made, _ = folder.made()
    scenario = scenario_of(folder, made)
    particles = read_particles(folder.particles) if made.particles else None
    here = made_of(scenario, made.worlds, made.seed, made.block, particles)
    other = [name for name, value in asdict(here).items() if value != asdict(made)[name] and not (mixed and name == "processor")]
    if other and len(folder.done(-(-made.worlds // made.block))) < -(-made.worlds // made.block):
        raise RunError(
            f"run {made.run} was begun with another {' and '.join(other)}, so that the rest of it would not be of the same worlds. "
            f"Run the scenario anew, or go on where it was begun ({made.materiel}, jaxlib {made.jaxlib}, {made.processor})."
        )
    return simulate(
        scenario, made.worlds, made.seed, particles=particles, root=folder.path.parent, workers=workers, block=made.block, cluster=cluster,
        mixed=mixed, progress=progress, say=say, within=folder,
    )  # fmt: skip


def borrowed(folder: Folder, made: Made, lean_from: int, missing: list[int]) -> list[int]:
    """Blocks that another run of the same worlds has on disk already, linked into this one: runs that differ in size share them."""
    same = asdict(made) | {"worlds": 0}
    out: list[int] = []
    for other in all_runs(folder.path.parent):
        try:
            theirs, extra = other.made()
        except RunError:
            continue
        if other.path == folder.path or asdict(theirs) | {"worlds": 0} != same or extra.get("mixed"):
            continue
        whole = int(extra.get("lean_from", 0))
        for k in missing:
            if k not in out and other.block(k).exists() and (k >= lean_from or k < whole):
                try:
                    os.link(other.block(k), folder.block(k))
                except FileExistsError:
                    pass
                except OSError:  # a file system without links
                    break
                out.append(k)
    return out


def _files(scenario: Scenario) -> dict[str, bytes]:
    """The scenario's files by name, which are stored with the run; they must still say what was read. Raises RunError and OSError."""
    path, evidence = Path(scenario.path), scenario.vocabulary.evidence
    files = {"scenario.yaml": path.read_bytes()}
    try:
        again = loads(files["scenario.yaml"], path=path, replace=scenario.replaced)
        same = (again.hash, again.reports, again.series) == (scenario.hash, scenario.reports, scenario.series)
    except ScenarioError:
        same = False
    if not same:
        raise RunError(f"{path} or a table beside it does not say what this scenario says (edited since). Load the file again.")
    tables = {REPORTS: path.parent / REPORTS} if scenario.reports else {}
    if evidence:
        read = [evidence.series[name] for name in scenario.series]
        tables |= {one.file: place(path, one.file, one.optional) or path.parent / one.file for one in read}
    files |= {name: table.read_bytes() for name, table in tables.items()}
    if scenario.replaced:
        files["replaced.json"] = json.dumps(scenario.replaced, indent=2).encode()
    return files


def _note(folder: Folder, what: dict[str, Any]) -> None:
    record = json.loads((folder.path / "run.json").read_text(encoding="utf-8")) | what
    write_whole(folder.path / "run.json", lambda p: p.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8"))


def _here(
    folder: Folder,
    scenario: Scenario,
    seed: int,
    todo: list[int],
    block: int,
    lean_from: int,
    particles: Particles | None,
    done: Callable[[int], None],
) -> None:
    from materiel.worlds.block import Simulator, simulate_blocks
    from materiel.worlds.program import use_cache

    use_cache()
    simulate_blocks(Simulator(scenario, plan(scenario), seed, particles), todo, block, folder, lean_from, done)


def _work(path: str, seed: int, todo: list[int], block: int, lean_from: int, core: int | None, out: Any) -> None:
    """A worker process: tied to a core before the engine is loaded; reports block numbers, then None, or an error's text."""
    if core is not None:
        os.sched_setaffinity(0, {core})
    try:
        folder = Folder(Path(path))
        made, _ = folder.made()
        particles = read_particles(folder.particles) if made.particles else None
        _here(folder, scenario_of(folder, made), seed, todo, block, lean_from, particles, lambda number: _told(out, number))
        out.put(None)
    except RunError as error:
        out.put(str(error))
    except Exception as error:
        out.put(f"{type(error).__name__}: {error}")


def _told(out: Any, number: int) -> None:
    """Tell the parent of a block. Where it was killed nobody waits for more, and a worker that went on would only take the core."""
    parent = multiprocessing.parent_process()
    if parent is not None and not parent.is_alive():
        raise RunError("the process that started this worker is gone")
    out.put(number)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started here ignore Ctrl-C from their first instruction: the parent hears it and ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set signals, and only it hears Ctrl-C
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _in_processes(
    folder: Folder, seed: int, todo: list[int], block: int, lean_from: int, workers: int, done: Callable[[int], None]
) -> None:
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    cores: list[int | None] = [*sorted(os.sched_getaffinity(0))] if sys.platform == "linux" else []
    flags = os.environ.get("XLA_FLAGS")
    os.environ["XLA_FLAGS"] = f"{flags or ''} --xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1".strip()
    processes = [
        context.Process(
            target=_work,
            args=(str(folder.path), seed, todo[k::workers], block, lean_from, cores[k] if k < len(cores) else None, out),
            daemon=True,
        )
        for k in range(workers)
    ]
    try:
        with _deaf_to_interrupts():
            for p in processes:
                p.start()
        running = workers
        while running:
            try:
                message = out.get(timeout=0.5)
            except queue.Empty:
                dead = [p for p in processes if p.exitcode not in (None, 0)]
                if dead:
                    raise RunError(
                        f"a worker stopped with code {dead[0].exitcode}; finished blocks are kept. Run again to go on."
                    ) from None
                continue
            if message is None:
                running -= 1
            elif isinstance(message, int):
                done(message)
            else:
                raise RunError(message)
        for p in processes:
            p.join()
    finally:
        for p in processes:
            if p.is_alive():
                p.terminate()
        if flags is None:
            del os.environ["XLA_FLAGS"]
        else:
            os.environ["XLA_FLAGS"] = flags
