"""A changed scenario kept as a run on disk, by the same road as `materiel run`; and its brief."""

from collections.abc import Callable
from pathlib import Path

from materiel.app.state import State
from materiel.claims import judge
from materiel.scenario import Scenario, load
from materiel.views import brief
from materiel.worlds import open_run, simulate
from materiel.worlds.device import cores


def save(scenario: Scenario, state: State, worlds: int, seed: int, root: Path, progress: Callable[[int, int], None]) -> str:
    """Simulate the changed scenario on all its courses and keep it; the id of the run.

    The scenario is read again with the changed texts, so that everything a file is checked for is checked.
    Raises ScenarioError and RunError.
    """
    changed = load(scenario.path, dict(state.texts)) if state else load(scenario.path)
    return simulate(changed, worlds, seed, root=root, workers=cores(), progress=progress).run


def brief_of(run: str, root: Path, language: str) -> str:
    """The brief of a run, as a page in a language. Raises RunError."""
    worlds = open_run(run, root)
    return brief(worlds, judge(worlds), language=language).html
