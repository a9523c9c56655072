"""One block of worlds: drawn, simulated on every course, stored whole."""

import math
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from materiel.scenario import Scenario
from materiel.worlds import blocks
from materiel.worlds.draws import Draws
from materiel.worlds.particles import Particles
from materiel.worlds.program import Program, Recorded, Since
from materiel.worlds.store import Folder, RunError
from materiel.worlds.windows import Plan, parts


class Simulator:
    """A scenario made ready to simulate blocks of one size; the worlds of `particles` if given."""

    def __init__(self, scenario: Scenario, plan: Plan, seed: int, particles: Particles | None = None, dtype: Any = np.float32) -> None:
        self.scenario, self.plan, self.seed, self.particles = scenario, plan, seed, particles
        self.program = Program(scenario, plan.measures, dtype=dtype)
        self.steps = self.records(scenario.step)

    def records(self, step: float) -> list[int]:
        """The steps, of such a length in days, after which is recorded; a day between two steps is taken at the nearer one."""
        return [round(d / step) for d in self.plan.records]

    def draws(self, first: int, size: int) -> Draws:
        """Unknowns and alternatives of the worlds first..first+size-1."""
        return Draws(self.scenario, self.seed, np.arange(first, first + size), self.particles)

    def luck(self, first: int, size: int) -> NDArray[np.integer]:
        """Numbers of the worlds whose luck these worlds have, [n, spans]: their own, unless they are given."""
        worlds = np.arange(first, first + size)
        return self.particles.luck[self.particles.rows(worlds)] if self.particles else worlds[:, None]

    def forks(self, draws: Draws, first: int, size: int, among: Collection[str], step: float | None = None) -> dict[str, Since]:
        """For each of these courses that patches something from a later day on, the worlds on that day: until then all courses are one.

        The state is kept on each such day, so that the days before it are simulated once and not once a course.
        """
        days = {name: c.day for name, c in self.scenario.courses.items() if c.day > 0 and name in among}
        plain = next((name for name, c in self.scenario.courses.items() if not c.set), None)
        at: dict[float, Since] = {}
        since: Since | None = None
        if plain is None or len(days) + (plain in among) < 2:
            return {}
        step = step or self.scenario.step
        records = self.records(step)
        for day in sorted(set(days.values())):
            steps = math.ceil(day / step)
            out = self.program.run(draws.course(plain), self.seed, self.luck(first, size), step, records, since, steps)
            at[day] = since = Since(steps, out)
        return {plain: since, **{name: at[day] for name, day in days.items()}} if since else {}

    def course(self, draws: Draws, name: str, first: int, size: int, since: Since | None = None) -> Recorded:
        """Simulate one course of a block. Raises RunError for a value that is not finite, with world, day, mechanism."""
        out = self.program.run(draws.course(name), self.seed, self.luck(first, size), self.scenario.step, self.steps, since)
        if not out.finite.all():
            world = first + int(np.argmin(out.finite))
            alone, luck = self.draws(world, 1), self.luck(world, 1)[0]
            fault = self.program.find_fault(alone.course(name), self.seed, luck, self.scenario.step, self.steps[-1])
            raise RunError(f'world {world} of course "{name}": a value is not finite on {fault}. Finished blocks are kept.')
        return out

    def block(self, number: int, size: int, path: Path, lean: bool = False) -> None:
        """Simulate block `number` on all courses and write it to `path`; a lean one without series, flows and unknowns."""
        import xarray as xr

        first = number * size
        draws = self.draws(first, size)
        v, plan = self.scenario.vocabulary, self.plan
        at = {m: k for k, m in enumerate(plan.measures)}
        record = {d: k for k, d in enumerate(plan.records)}
        charts = sorted({m for chart in v.charts for m in parts(chart)})
        chart_courses = [c for c in v.chart_courses if c in v.courses]
        series = np.zeros((len(chart_courses), len(charts), len(plan.records), 0 if lean else size), np.float32)
        points = np.zeros((len(plan.points), size), np.float32)
        flows: list[Any] = []
        forks = self.forks(draws, first, size, v.courses)
        for name in sorted(v.courses):
            out = self.course(draws, name, first, size, forks.get(name))
            for k, (course, measure, day) in enumerate(plan.points):
                if course == name:
                    points[k] = out.kept[record[day], at[measure]]
            if name in chart_courses and not lean:
                series[chart_courses.index(name)] = out.kept[:, [at[m] for m in charts]].transpose(1, 0, 2)
                flows.append((name, out.flows))
        flows.sort(key=lambda f: chart_courses.index(f[0]))
        unknowns = {p: x for p, x in draws.values.items() if np.ndim(x)}
        ends = self.program.day.flow_ends
        whole = {
            "series": (("course", "measure", "record", "world"), series),
            "flows": (
                ("course", "flow", "world"),
                np.stack([f for _, f in flows]).astype(np.float32) if flows else np.zeros((0, len(ends), size), np.float32),
            ),
            "unknowns": (("unknown", "world"), np.stack(list(unknowns.values())) if unknowns else np.zeros((0, size))),
        }
        data = xr.Dataset(
            {
                **({} if lean else whole),
                "points": (("point", "world"), points),
                "options": (
                    ("alternative", "world"),
                    np.stack(list(draws.options.values())).astype(np.int32) if draws.options else np.zeros((0, size), np.int32),
                ),
            },
            coords={
                "course": chart_courses,
                "measure": charts,
                "record": list(plan.records),
                "world": np.arange(first, first + size),
                "point": ["|".join((c, m, str(d))) for c, m, d in plan.points],
                "flow": sorted(ends),
                "giver": ("flow", [ends[f][0] for f in sorted(ends)]),
                "taker": ("flow", [ends[f][1] for f in sorted(ends)]),
                "unknown": list(unknowns),
                "alternative": list(draws.options),
            },
        )
        blocks.write(data, path)


def simulate_blocks(
    simulator: Simulator, numbers: list[int], size: int, folder: Folder, lean_from: int, done: Callable[[int], None]
) -> None:
    """Simulate these blocks one after the other, lean ones from `lean_from` on; `done(number)` after each is on disk."""
    for number in numbers:
        simulator.block(number, size, folder.block(number), number >= lean_from)
        done(number)
