"""What an arms pact changes in a war: many simulated worlds, judged claim by claim.

Five verbs, the same here and on the command line:

    import materiel as mt
    scenario = mt.load("vostochny-2023")
    worlds = mt.simulate(scenario, worlds=4096, seed=7)
    weighed = mt.weigh(worlds)
    verdicts = mt.judge(weighed)
    mt.brief(weighed, verdicts).save("brief.html")

Nothing heavy is imported before the first verb is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["__version__", "brief", "judge", "load", "simulate", "weigh"]

_ROOM = {"load": "scenario", "simulate": "worlds", "weigh": "evidence", "judge": "claims", "brief": "views"}

if TYPE_CHECKING:
    from materiel.claims import judge
    from materiel.evidence import weigh
    from materiel.scenario import load
    from materiel.views import brief
    from materiel.worlds import simulate


def __getattr__(name: str) -> object:
    """Find a verb in its room when it is first asked for."""
    if name in _ROOM:
        return getattr(import_module(f"{__name__}.{_ROOM[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
