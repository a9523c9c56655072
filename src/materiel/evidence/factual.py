"""What given worlds say of the reports: the factual course alone, as far as the reports reach, with what they depend on.

Evidence speaks of what happened, so that no other course is simulated here. Mechanisms that nothing reported depends on,
directly or through others, are left out (the feedback map knows them); a world says the same without them.
"""

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from materiel.evidence.predictions import Item, days, needs, records, said
from materiel.mechanisms import Mechanism, build
from materiel.mechanisms.contract import family
from materiel.mechanisms.feedback import trace
from materiel.scenario import Scenario
from materiel.worlds.draws import Draws
from materiel.worlds.luck import SPAN
from materiel.worlds.particles import ALTERNATIVE, Particles
from materiel.worlds.program import Program, use_cache
from materiel.worlds.unknowns import uniforms

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

EDGE = 2.0**-33  # uniforms of a world's number have 32 bits and half a step


def course(scenario: Scenario) -> str:
    """The factual course: what was offered flows."""
    return "pact" if "pact" in scenario.courses else next(iter(scenario.courses))


def drawn(scenario: Scenario) -> tuple[str, ...]:
    """Names of all that is drawn on the factual course, sorted: numbers with a range, and structural questions."""
    here = scenario.courses[course(scenario)].set.values()
    options = (q for a in scenario.alternatives.values() for o in a.options for q in o.set.values())
    names = {q.draw_name for q in (*scenario.quantities.values(), *here, *options) if not q.exact}
    return tuple(sorted(names | {ALTERNATIVE + a for a in scenario.alternatives}))


def needed(scenario: Scenario, kept: Iterable[str]) -> list[Mechanism]:
    """The mechanisms that show these measures, and all that drive them, directly or through others."""
    all_of_them = build(scenario.vocabulary)
    arrows = trace(all_of_them, {path: q.median for path, q in scenario.quantities.items()}).edges
    shower = {m: mechanism.name for mechanism in all_of_them for m in (*mechanism.shows, *mechanism.totals)}
    todo = {shower.get(m) or shower.get(family(m)) or "stocks" for m in kept} | {"stocks"}  # what is held is shown by the ledger
    wanted: set[str] = set()
    while todo:
        wanted |= todo
        todo = {e.source for e in arrows if e.target in wanted} - wanted
    return [m for m in all_of_them if m.name in wanted]


class Factual:
    """What worlds say of these items. `names` are the columns of the unknowns that it takes."""

    def __init__(self, scenario: Scenario, items: Sequence[Item], seed: int) -> None:
        use_cache()
        self.scenario, self.items, self.seed = scenario, tuple(items), seed
        self.names = drawn(scenario)
        self._measures, self._days = needs(items), days(items)
        self._last = np.array([max(records(item)) for item in items], np.int64)
        self._program = Program(scenario, self._measures, needed(scenario, self._measures))
        self._course = course(scenario)
        self.spans = max(1, -(-self._days[-1] // SPAN)) if self._days else 1

    def prior(self, worlds: I64) -> F64:
        """Unknowns of ordinary worlds, standard normals [n, names], by their numbers."""
        from scipy.special import ndtri

        return np.column_stack([ndtri(np.clip(uniforms(self.seed, name, worlds), EDGE, 1 - EDGE)) for name in self.names])

    def luck(self, worlds: I64) -> I64:
        """Luck of ordinary worlds [n, spans]: their own on every span that any item reaches."""
        return np.repeat(worlds[:, None], self.spans, axis=1)

    def says(self, z: F64, luck: I64, until: date | None = None) -> F64:
        """What each world says of each item [n, items], NaN for items that reach beyond the evening of `until`.

        Everything that a world says is finite; a value that is not makes all of that world's items NaN.
        """
        end = self._days[-1] if until is None else self.scenario.day(until) + 1
        upto = [d for d in self._days if d <= end]
        out = np.full((len(z), len(self.items)), np.nan)
        if not upto:
            return out
        padded = upto + [upto[-1]] * (len(self._days) - len(upto))  # one compiled program for all ends
        steps = [round(d / self.scenario.step) for d in padded]
        draws = Draws(self.scenario, self.seed, np.arange(len(z)), Particles(self.names, z, luck.astype(np.uint32)))
        run = self._program.run(draws.course(self._course), self.seed, luck, self.scenario.step, steps)
        here = self._last <= end
        some = [item for item, yes in zip(self.items, here, strict=True) if yes]
        out[:, here] = said(run.kept, padded, self._measures, some)
        out[~run.finite] = np.nan
        return out
