"""Worlds in memory, for a person who waits: a few courses of one scenario with some numbers changed, again and again.

The program is that of a run, so the worlds are too. What may change is an argument of it: nothing is compiled after `warm`.
Worlds come in pieces, some of them for each of some courses, so that a first look need not wait for the last world.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from materiel.scenario import Quantity, Scenario
from materiel.worlds.block import Simulator
from materiel.worlds.device import block_size, cores
from materiel.worlds.draws import Draws, Numbers
from materiel.worlds.particles import Particles
from materiel.worlds.program import Since, use_cache
from materiel.worlds.run import made_of
from materiel.worlds.store import Folder, RunError
from materiel.worlds.windows import parts, plan
from materiel.worlds.worlds import Worlds

F32 = NDArray[np.float32]
REMEMBERED = 16_384  # worlds of which it is remembered how they stood before anything was changed


@dataclass(frozen=True)
class Piece:
    """Worlds first..first+n-1 of one course: stored points [point, n], weekly series [measure, day, n], flows [flow, n]."""

    course: str
    first: int
    points: F32
    series: F32
    flows: F32

    @property
    def n(self) -> int:
        """Number of worlds."""
        return int(self.points.shape[-1])


class Live:
    """A scenario made ready to be simulated in memory. `days` are the records of which charted series are kept.

    `widths` are the numbers of worlds that a piece may have; each is one compiled program. Pieces are simulated side by side,
    one a core, and the days that courses share once for all of them. A course that a change does not reach, because the worlds stand
    as they stood when it begins and no number differs from then on, is not simulated again. With `particles` the worlds are those.
    """

    def __init__(
        self, scenario: Scenario, worlds: int, seed: int, days: Sequence[int], widths: Iterable[int], particles: Particles | None = None
    ) -> None:
        use_cache()
        self.scenario, self.widths = scenario, tuple(sorted(set(widths)))
        whole = plan(scenario)
        needed = {*days, *(day for _, _, day in whole.points), whole.records[-1]}
        self._plan = replace(whole, records=tuple(sorted(needed)))  # a record more is a look at all worlds more
        self._simulator = Simulator(scenario, self._plan, seed, particles)
        self._made = made_of(scenario, worlds, seed, block_size(), particles)
        charted = sorted({m for chart in scenario.vocabulary.charts for m in parts(chart)})
        at, record = ({name: k for k, name in enumerate(names)} for names in (self._plan.measures, self._plan.records))
        self.days, self.measures = tuple(days), tuple(charted)
        self._days, self._measures = [record[d] for d in days], [at[m] for m in charted]
        self._points = {
            course: [(k, record[day], at[m]) for k, (c, m, day) in enumerate(self._plan.points) if c == course]
            for course in scenario.courses
        }
        self._draws: dict[tuple[int, int], Draws] = {}
        # unchanged courses that patch something: what the worlds were when it begins, and what came of it
        self._stood: dict[tuple[str, int, int, float], tuple[bytes, Piece]] = {}
        self.side_by_side = cores()
        self._threads = ThreadPoolExecutor(self.side_by_side, "worlds")

    @property
    def programs(self) -> int:
        """How many programs were compiled."""
        return int(self._simulator.program.compiled)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def warm(self, courses: Sequence[str], say: Callable[[str], None] = lambda _: None) -> dict[int, float]:
        """Compile all widths; seconds that one piece of each takes for these courses in the scenario's own step."""
        took = {}
        for width in self.widths:
            self.simulate({}, courses, 0, width)
            list(self.pieces({}, courses, [0], width))
            started = time.perf_counter()
            list(self.pieces({}, courses, [0], width))
            took[width] = time.perf_counter() - started
            say(f"{width:,} worlds on {len(courses)} courses: {1000 * took[width]:,.0f} ms")
        return took

    def pieces(
        self, change: Mapping[str, Quantity], courses: Sequence[str], firsts: Sequence[int], width: int, step: float | None = None
    ) -> Iterator[list[Piece]]:
        """Pieces that begin at these worlds, as many at once as there are cores; whoever stops asking stops the rest. Raises RunError.

        First the days that their courses share, then each course of each piece as a core is free.
        """
        for k in range(0, len(firsts), self.side_by_side):
            some = firsts[k : k + self.side_by_side]
            begun = list(self._threads.map(lambda first: self._begin(change, courses, first, width, step), some))
            done = iter(list(self._threads.map(lambda at: at[0](at[1]), product(begun, courses))))
            yield from ([next(done) for _ in courses] for _ in some)

    def simulate(
        self, change: Mapping[str, Quantity], courses: Sequence[str], first: int, width: int, step: float | None = None
    ) -> list[Piece]:
        """Worlds first..first+width-1 on these courses, with other numbers at some paths. Raises RunError.

        In steps of so many days, or in the scenario's own; other steps have other luck.
        """
        return [*map(self._begin(change, courses, first, width, step), courses)]

    def _begin(
        self, change: Mapping[str, Quantity], courses: Sequence[str], first: int, width: int, step: float | None
    ) -> Callable[[str], Piece]:
        """The days that these courses share; what comes back goes on with one of them."""
        if width not in self.widths:
            raise ValueError(f"no program was made for {width} worlds; there are {self.widths}")
        drawn = self._drawn(first, width)
        draws = drawn.changed(change) if change else drawn
        step = step or self.scenario.step
        forks = self._simulator.forks(draws, first, width, courses, step)

        def go_on(course: str) -> Piece:
            since, key = forks.get(course), (course, first, width, step)
            if since is None or not self.scenario.courses[course].set or first + width > REMEMBERED:
                return self._piece(draws, course, first, width, step, since)
            records, stood = self._simulator.records(step), self._stood.get(key)
            if stood and _same_from_on(draws.course(course), drawn.course(course)) and stood[0] == _digest(since, records):
                return stood[1]  # the change does not reach it
            piece = self._piece(draws, course, first, width, step, since)
            if not change:
                self._stood[key] = _digest(since, records), piece
            return piece

        return go_on

    def _drawn(self, first: int, width: int) -> Draws:
        if (first, width) not in self._draws:
            self._draws[first, width] = self._simulator.draws(first, width)
        return self._draws[first, width]

    def _piece(self, draws: Draws, course: str, first: int, width: int, step: float, since: Since | None) -> Piece:
        made = self._simulator
        out = made.program.run(draws.course(course), made.seed, made.luck(first, width), step, made.records(step), since)
        if not out.finite.all():  # a run would now replay the world to name the day, with a program that nobody should wait for
            world = first + int(np.argmin(out.finite))
            what = f'world {world} of course "{course}" has a value that is not finite'
            raise RunError(f"{what} with these numbers; a saved run names the day.")
        points = np.zeros((len(self._plan.points), width), np.float32)
        for k, record, measure in self._points[course]:
            points[k] = out.kept[record, measure]
        series = out.kept[np.ix_(self._days, self._measures)].transpose(1, 0, 2)
        return Piece(course, first, points, np.asarray(series, np.float32), np.asarray(out.flows, np.float32))

    def together(self, pieces: Iterable[Piece], change: Mapping[str, Quantity], most: int) -> Worlds:
        """Worlds of these pieces, `most` at most; a course of which no piece is given has no points.

        Every course given must have the same worlds, from the first on without a gap.
        """
        import xarray as xr

        of: dict[str, list[Piece]] = {}
        for piece in sorted(pieces, key=lambda p: p.first):
            of.setdefault(piece.course, []).append(piece)
        spans = {tuple((p.first, p.n) for p in row) for row in of.values()}
        if len(spans) != 1 or any(a + n != b for row in spans for (a, n), (b, _) in pairwise(row)):
            raise ValueError(f"pieces that do not fit together: {sorted(spans)}")
        starts = next(iter(spans))
        n = min(sum(n for _, n in starts), most)
        charted = [c for c in self.scenario.vocabulary.chart_courses if c in of]
        mine = [k for course in of for k, _, _ in self._points[course]]
        points = np.zeros((len(self._plan.points), sum(m for _, m in starts)), np.float32)
        for course, row in of.items():
            rows = [k for k, _, _ in self._points[course]]
            points[rows] = np.concatenate([p.points[rows] for p in row], axis=-1)
        draws = [self._drawn(first, width) for first, width in starts]
        draws = [d.changed(change) for d in draws] if change else draws
        unknowns, widths = sorted(p for p, x in draws[0].values.items() if np.ndim(x)), [width for _, width in starts]
        ends = self._simulator.program.day.flow_ends
        data = xr.Dataset(
            {
                "series": (("course", "measure", "record", "world"), _stack([[p.series for p in of[c]] for c in charted], 3)),
                "flows": (("course", "flow", "world"), _stack([[p.flows for p in of[c]] for c in charted], 2)),
                "points": (("point", "world"), points[mine]),
                "unknowns": (("unknown", "world"), _side_by_side([d.values for d in draws], unknowns, widths)),
                "options": (("alternative", "world"), _side_by_side([d.options for d in draws], list(draws[0].options), widths)),
            },
            coords={
                "course": charted,
                "measure": list(self.measures),
                "record": list(self.days),
                "world": np.arange(starts[0][0], starts[0][0] + points.shape[-1]),
                "point": ["|".join((c, m, str(d))) for c, m, d in (self._plan.points[k] for k in mine)],
                "flow": sorted(ends),
                "giver": ("flow", [ends[f][0] for f in sorted(ends)]),
                "taker": ("flow", [ends[f][1] for f in sorted(ends)]),
                "unknown": unknowns,
                "alternative": list(draws[0].options),
            },
        )  # fmt: skip
        made = replace(self._made, worlds=n)
        scenario = replace(self.scenario, quantities={**self.scenario.quantities, **change})
        return Worlds(Folder(Path("in memory")), scenario, made, {}, data.isel(world=slice(0, n)))


def _digest(since: Since, records: Sequence[int]) -> bytes:
    """Of everything that worlds were, and of what was recorded of them, up to some day."""
    early = since.recorded.kept[: int(np.searchsorted(records, since.steps, side="right"))]
    out = sha256()
    for part in (early, *jax.tree.leaves(since.recorded.last)):
        out.update(np.ascontiguousarray(part).data)
    return out.digest()


def _same_from_on(one: Numbers, other: Numbers) -> bool:
    """Whether no number differs from the day on that a course begins."""
    return all(np.array_equal(one.after.get(path, x), other.after.get(path, other.before[path])) for path, x in one.before.items())


def _stack(rows: list[list[F32]], axes: int) -> F32:
    return np.stack([np.concatenate(row, axis=-1) for row in rows]) if rows else np.zeros((0,) * axes + (0,), np.float32)


def _side_by_side(values: Sequence[Mapping[str, Any]], names: Sequence[str], widths: Sequence[int]) -> NDArray[Any]:
    """Rows by name of several pieces, [name, world]."""
    pieces = [np.stack([v[name] for name in names]) if names else np.zeros((0, n)) for v, n in zip(values, widths, strict=True)]
    return np.concatenate(pieces, axis=-1)
