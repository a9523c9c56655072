"""Many worlds: unknowns, luck, the day loop, blocks, the store on disk."""

from materiel.worlds.run import resume, simulate
from materiel.worlds.store import RunError, all_runs, find
from materiel.worlds.worlds import Worlds, open_run

__all__ = ["RunError", "Worlds", "all_runs", "find", "open_run", "resume", "simulate"]
