"""Blocks on other machines, with Dask: a block is a task; a worker writes it into the run's folder and returns what it was.

The folder must be one that all workers see under the same path. A worker that dies takes its blocks in work with it, and the
scheduler gives them to another. Worlds are bit-equal on processors of one kind with one engine and one jaxlib; a worker of
another kind refuses, unless a mix was asked for, and one with another engine refuses always.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from materiel.worlds.store import Folder, RunError, processor, versions

if TYPE_CHECKING:
    from materiel.worlds.block import Simulator

RETRIES = 5  # workers that may die with one block before it is given up


class Done(NamedTuple):
    """A block that is on disk, and the kind of processor that made it."""

    block: int
    processor: str


def in_cluster(
    address: str, folder: Folder, seed: int, todo: list[int], block: int, lean_from: int, mixed: bool, done: Callable[[int], None]
) -> set[str]:
    """Simulate these blocks on the workers of a Dask scheduler; the kinds of processors that took part. Raises RunError."""
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise RunError("a cluster needs Dask: pip install 'materiel[cluster]'") from error
    try:
        client = Client(address, timeout=10, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise RunError(f"no Dask scheduler answers at {address} ({error})") from error
    kinds: set[str] = set()
    path = str(folder.path.absolute())
    with client:
        futures = [client.submit(task, path, seed, k, block, k >= lean_from, mixed, pure=False, retries=RETRIES) for k in todo]
        try:
            for future in as_completed(futures, loop=client.loop):  # type: ignore[no-untyped-call]
                try:
                    made = future.result()
                except RunError:
                    raise
                except Exception as error:
                    raise RunError(f"a block was given up ({type(error).__name__}: {error}); finished blocks are kept.") from error
                kinds.add(made.processor)
                done(made.block)
        finally:
            client.cancel(futures)  # type: ignore[no-untyped-call]
    return kinds


def task(path: str, seed: int, number: int, block: int, lean: bool, mixed: bool) -> Done:
    """Simulate one block here and write it. Raises RunError where this machine cannot, or would not give the same bits."""
    folder = Folder(Path(path))
    if not (folder.path / "run.json").exists():
        raise RunError(f"this worker does not see {path}: all workers need the folder of the runs under one path.")
    made, _ = folder.made()
    here = versions()
    for name, there in (("engine", made.engine), ("jaxlib", made.jaxlib), ("jax", made.jax)):
        if here[name] != there:
            raise RunError(f"a worker has {name} {here[name]}, and run {made.run} was begun with {there}: install the same on all.")
    if processor() != made.processor and not mixed:
        raise RunError(
            f'a worker has a processor "{processor()}", and run {made.run} was begun for "{made.processor}": the last bits of its worlds '
            "would differ. Give --mixed if that may be."
        )
    if not folder.block(number).exists():
        _simulator(path, seed).block(number, block, folder.block(number), lean)
    return Done(number, processor())


@lru_cache(maxsize=1)
def _simulator(path: str, seed: int) -> "Simulator":
    """The scenario of a run made ready; kept, for a worker gets many blocks of one run."""
    from materiel.worlds.block import Simulator
    from materiel.worlds.particles import load
    from materiel.worlds.program import use_cache
    from materiel.worlds.windows import plan
    from materiel.worlds.worlds import scenario_of

    use_cache()
    folder = Folder(Path(path))
    made, _ = folder.made()
    scenario = scenario_of(folder, made)
    return Simulator(scenario, plan(scenario), seed, load(folder.particles) if made.particles else None)
