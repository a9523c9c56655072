"""A changed scenario kept as a run on disk, by the same roads as `materiel run` and `materiel weigh`; and its brief."""

from collections.abc import Callable
from pathlib import Path

from materiel.app.shown import shown
from materiel.app.state import State
from materiel.app.whatif import Answer, WhatIf, weighed_worlds
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


def weigh_again(what: WhatIf, state: State, root: Path, progress: Callable[[int, int], None]) -> tuple[str, Answer]:
    """The changed scenario's worlds as the reports leave them: the id of that run, and what it shows. Raises as `save`."""
    run = save(what.scenario, state, what.asked, what.seed, root, progress)
    worlds = weighed_worlds(open_run(run, root), lambda _: None)
    answer = Answer("weighed", shown(worlds.only(slice(None), what.days), what.scenario.vocabulary.claims), True)
    return worlds.run, answer


def brief_of(run: str, root: Path, language: str) -> str:
    """The brief of a run, as a page in a language. Raises RunError."""
    worlds = open_run(run, root)
    return brief(worlds, judge(worlds), language=language).html
