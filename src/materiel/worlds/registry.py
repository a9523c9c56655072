"""An index of the runs in a folder, in SQLite beside them, so that a store of thousands is listed without opening each.

The files are the truth: a row is written again when a run's folder has changed, dropped when it is gone, and the whole index is
made anew when it cannot be read. Where it cannot be written it is made in memory.
"""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from materiel.worlds.store import Folder, RunError, all_runs

NAME = "index.sqlite"
_COLUMNS = (
    "run TEXT PRIMARY KEY, scenario TEXT, as_of TEXT, worlds INT, seed INT, blocks INT, done INT, weighed TEXT, begun REAL, state TEXT"
)


@dataclass(frozen=True)
class Row:
    """One run: what it is of, how many of its blocks are on disk, the day it was weighed to if it was, when it was begun."""

    run: str
    scenario: str
    as_of: str
    worlds: int
    seed: int
    blocks: int
    done: int
    weighed: str
    begun: float

    @property
    def finished(self) -> bool:
        """Whether all blocks are there."""
        return self.done == self.blocks


def listed(root: Path) -> tuple[list[Row], list[str]]:
    """The runs under `root`, newest first, and why others were left out; the index is brought up to date on the way."""
    folders = {f.path.name: f for f in all_runs(root)}
    if not folders:
        return [], []
    try:
        return _listed(root / NAME, folders)
    except sqlite3.Error:
        pass
    try:
        forget(root)
        return _listed(root / NAME, folders)
    except (sqlite3.Error, OSError):
        return _listed(Path(":memory:"), folders)


def forget(root: Path) -> None:
    """Throw the index away; the next list makes it again."""
    for name in (NAME, f"{NAME}-journal"):
        (root / name).unlink(missing_ok=True)


def _listed(index: Path, folders: dict[str, Folder]) -> tuple[list[Row], list[str]]:
    faults = []
    with closing(sqlite3.connect(index, timeout=10.0)) as db, db:
        db.execute(f"CREATE TABLE IF NOT EXISTS runs ({_COLUMNS})")
        known = {str(run): str(state) for run, state in db.execute("SELECT run, state FROM runs")}
        for name in known.keys() - folders.keys():
            db.execute("DELETE FROM runs WHERE run = ?", (name,))
        for name, folder in folders.items():
            state = _state(folder)
            if known.get(name) == state:
                continue
            db.execute("DELETE FROM runs WHERE run = ?", (name,))
            try:
                row = _read(name, folder)
            except RunError as error:
                faults.append(str(error))
                continue
            values = [*vars(row).values(), state]
            db.execute(f"INSERT INTO runs VALUES ({', '.join('?' * len(values))})", values)
        found = [Row(*r[:-1]) for r in db.execute("SELECT * FROM runs ORDER BY begun DESC, run")]
    return found, faults


def _state(folder: Folder) -> str:
    """What changes when the run does: times of its record and of its blocks' folder."""
    times = [p.stat().st_mtime_ns if p.exists() else 0 for p in (folder.path / "run.json", folder.blocks)]
    return json.dumps(times)


def _read(name: str, folder: Folder) -> Row:
    made, extra = folder.made()
    blocks = -(-made.worlds // made.block)
    begun = (folder.path / "scenario.yaml").stat().st_mtime if (folder.path / "scenario.yaml").exists() else 0.0
    return Row(
        run=name, scenario=made.scenario, as_of=str(extra.get("as_of") or ""), worlds=made.worlds, seed=made.seed, blocks=blocks,
        done=len(folder.done(blocks)), weighed=str(extra.get("to") or ""), begun=begun,
    )  # fmt: skip
