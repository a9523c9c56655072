"""The numbers of each world: unknowns by name, alternatives by weight, courses as patches from a day."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from materiel.scenario import Quantity, Scenario
from materiel.worlds.particles import ALTERNATIVE, Particles
from materiel.worlds.unknowns import uniforms

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Numbers:
    """Numbers of a set of worlds on one course: before the course's day and from it on.

    Values are float64 scalars where the scenario gives one value to all worlds, else float64[n]. `after` holds the
    paths that any course patches, for every course, so that all courses are one compiled program.
    """

    before: dict[str, F64]
    after: dict[str, F64]
    from_day: float


class Draws:
    """All unknowns of the worlds `worlds` (indices) of one scenario under one seed; `particles` give some of them."""

    def __init__(self, scenario: Scenario, seed: int, worlds: NDArray[np.integer], particles: Particles | None = None) -> None:
        self._scenario, self._seed, self._worlds, self._particles = scenario, seed, worlds, particles
        self._uniforms: dict[str, F64] = {}
        self.options = {name: self._option(name) for name in sorted(scenario.alternatives)}
        self._plain = {path: self._value(q) for path, q in sorted(scenario.quantities.items())}  # before any option
        self.values = self._with_options(dict(self._plain))
        self.patched = sorted({path for course in scenario.courses.values() for path in course.set})

    def _uniform(self, name: str) -> F64:
        if name not in self._uniforms:
            given = self._particles.uniforms(name, self._worlds) if self._particles else None
            self._uniforms[name] = uniforms(self._seed, name, self._worlds) if given is None else given
        return self._uniforms[name]

    def _value(self, q: Quantity) -> F64:
        if q.exact:
            return np.asarray(q.at(0.5), np.float64)
        return q.value(self._uniform(q.draw_name))

    def _option(self, name: str) -> NDArray[np.int64]:
        """Index of the chosen option of an alternative, int64[n], by cumulated weights on one uniform."""
        edges = np.cumsum([o.weight for o in self._scenario.alternatives[name].options])[:-1]
        return np.searchsorted(edges, self._uniform(ALTERNATIVE + name), side="right")

    def _with_options(self, values: dict[str, F64]) -> dict[str, F64]:
        for name, chosen in self.options.items():
            for k, option in enumerate(self._scenario.alternatives[name].options):
                for path, q in option.set.items():
                    values[path] = np.where(chosen == k, self._value(q), values[path])
        return values

    def changed(self, to: Mapping[str, Quantity]) -> "Draws":
        """The same worlds with other numbers at some paths; everything else keeps its draw.

        A number that differed between worlds still has one place a world, so that the compiled program fits. An option of an
        alternative that sets a number wins over the change, as it wins over the scenario's own number.
        """
        other = copy.copy(self)
        own = {path: self._value(q) for path, q in to.items()}
        own = {path: np.broadcast_to(x, self._worlds.shape) if np.ndim(self._plain[path]) else x for path, x in own.items()}
        other._plain = self._plain | own
        other.values = self._with_options(dict(other._plain))
        return other

    def course(self, name: str) -> Numbers:
        """Numbers of one course. A course wins over an alternative that sets the same number."""
        course = self._scenario.courses[name]
        set_here = {path: self._value(q) for path, q in course.set.items()}
        wide = {path for c in self._scenario.courses.values() for path, q in c.set.items() if not q.exact or np.ndim(self.values[path])}
        after = {path: set_here.get(path, self.values[path]) for path in self.patched}
        # one shape per number over all courses, or each course would be a program of its own
        after = {path: np.broadcast_to(v, self._worlds.shape) if path in wide else v for path, v in after.items()}
        return Numbers(self.values, after, float(course.day))
