"""The engine's side of the page: a baseline that stays, and the changed scenario simulated again beside it.

What is simulated again are the courses that the charts show (`chart_courses`), and no others: all fans and pictures come
from them, and so do the claims that compare nothing else. Claims that need a further course keep their old verdict and
say so, until somebody asks for the rest.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from materiel.app.shown import Shown, moved, once, shown
from materiel.app.state import State, handles
from materiel.claims import judge, needs
from materiel.evidence import weigh, weighings
from materiel.scenario import Scenario
from materiel.views.figures import spaced
from materiel.worlds import RunError, Worlds, simulate
from materiel.worlds.device import cores
from materiel.worlds.live import REMEMBERED, Live, Piece
from materiel.worlds.particles import load as read_particles
from materiel.worlds.unknowns import uniforms

PREVIEW, PIECE = 256, 512  # worlds: the fewest of a preview, and what a core does of all of them before somebody may stop it
SOON = 0.1  # seconds that the worlds of a preview may take: judging and drawing them takes twice as long, and all is to be there in 300 ms
NEAR = 0.05  # half the width, in probability, of the window that stands for a value while a slider is dragged
FEWEST = 200  # worlds in such windows, below which they say nothing
COARSE = 7 / 4  # steps of the scenario that a preview takes at once, four a week; not where all worlds are there as soon without
MOST = 65_536  # worlds


@dataclass(frozen=True)
class Answer:
    """One answer to a state: what to show, how it was made, and whether no better one follows.

    `kind` is preview, full, near (worlds of the baseline in which the numbers lie near what was set), inside (those in which
    they lie inside the ranges that were set), more (with all courses), or weighed (the changed scenario, weighed again). `stale`
    are worlds that the reports left of the scenario as it stands and not of what was set.
    """

    kind: str
    shown: Shown
    done: bool
    stale: bool = False


class WhatIf:
    """One scenario, compiled once. Everything here is for one thread at a time."""

    def __init__(
        self, scenario: Scenario, worlds: int, seed: int, root: Path, say: Callable[[str], None] = lambda _: None,
        progress: Callable[[int, int], None] | None = None, weighed: bool = False,
    ) -> None:  # fmt: skip
        if not 1 <= worlds <= MOST:
            raise ValueError(f"the page keeps its worlds in memory: give 1 to {MOST:,} of them, not {worlds:,}")
        v = scenario.vocabulary
        if not v.charts or not {*v.chart_courses} <= {*v.courses}:
            raise RunError("the page draws what a scenario names under charts, on its chart_courses; this one names none that it has.")
        self.scenario, self.asked, self.seed = scenario, worlds, seed
        self.handles = handles(scenario)
        self.courses = tuple(scenario.vocabulary.chart_courses)
        claims = {key: needs(scenario, key) for key in scenario.vocabulary.claims}
        self.quick = tuple(key for key, courses in claims.items() if courses <= {*self.courses})
        self.further = tuple(sorted({c for courses in claims.values() for c in courses} - {*self.courses}))
        run = simulate(scenario, worlds, seed, root=root, workers=cores(), progress=progress, say=say)
        run = weighed_worlds(run, say) if weighed else run
        self.run, self.verdicts, self.n = run.run, judge(run), run.n
        self.weighed, worlds = weighed, run.n
        self._particles = read_particles(run.folder.particles) if weighed else None
        days = [int(d) for d in run.days]
        self.days = [days[i] for i in spaced(days)]
        self.baseline: Worlds = run.only(slice(None), self.days)
        least = min(PREVIEW, worlds)
        self._live = Live(scenario, worlds, seed, self.days, {least, min(PIECE, worlds)}, self._particles)
        took = self._live.warm(self.courses, say)
        self.least, self.piece = self._live.widths[0], self._live.widths[-1]

        def soon(seconds: float) -> int:
            """Worlds that are there before a preview is late."""
            return min(worlds, max(1, int(SOON / seconds)) * self.least)

        self.step, self.preview_worlds = scenario.step, soon(took[self.least])
        if self.preview_worlds < worlds:
            # never all of them: what has other steps is shown as the baseline moved, not as it is
            self.step, self.preview_worlds = COARSE * scenario.step, min(worlds - 1, soon(took[self.least] / COARSE))
        for _ in self._pieces(State(), self.courses, min(self.n, REMEMBERED)):
            pass  # what a change does not reach is taken from here
        # what the unchanged scenario shows, of so many of its first worlds
        self.before = once(lambda n: shown(self.baseline.only(slice(0, n)), self.scenario.vocabulary.claims, n == worlds))
        self.before(worlds)
        # and of those of a preview, in its steps
        self._before_preview = self._shown(State(), list(self._preview_pieces(State())), self.preview_worlds, self.quick)

    @property
    def programs(self) -> int:
        """How many programs were compiled."""
        return self._live.programs

    def close(self) -> None:
        """End the threads of the engine."""
        self._live.close()

    def preview(self, state: State) -> Answer:
        """A first look at a state: of worlds of the baseline near it where that will do, else simulated. Raises RunError."""
        if not state:
            return Answer("full", self.before(self.n), True)
        near = self._near(state)
        if near is not None:
            return near
        if self.preview_worlds == self.n and self.step == self.scenario.step:
            pieces = [p for some in self._pieces(state, self.courses, self.n) for p in some]
            return self._answer(state, pieces, self.n, "full", True)
        now = self._shown(state, list(self._preview_pieces(state)), self.preview_worlds, self.quick)
        return Answer("preview", moved(self.before(self.n), self._before_preview, now), False, stale=self.weighed)

    def full(self, state: State, more: bool = False) -> Iterator[Answer | None]:
        """All worlds, piece by piece; None where there is nothing new to show, so that whoever asks may stop between. Raises RunError."""
        if not state:
            yield Answer("more" if more else "full", self.before(self.n), True)
            return
        inside = self._inside(state) if state.ranges.keys() == state.change.keys() else None
        if inside is not None:  # nothing need be simulated, and the baseline has all courses
            yield Answer("inside", shown(self.baseline.only(inside), self.scenario.vocabulary.claims), True)
            return
        near = self._near(state) if self.weighed else None
        if near is not None:  # what the reports leave near the value: nothing else that is quick is weighed
            yield replace(near, done=True)
            return
        pieces: list[Piece] = []
        shown_of = self.preview_worlds
        for some in self._pieces(state, self.courses, self.n):
            pieces += some
            n = min(self.n, sum(p.n for p in pieces) // len(self.courses))
            # sixteen times as many each time: a look costs a quarter of a second
            look = n == self.n or n >= 16 * shown_of
            shown_of = n if look else shown_of
            yield self._answer(state, pieces, n, "full", n == self.n and not more) if look else None
        if not more:
            return
        for course in self.further:
            for some in self._pieces(state, (course,), self.n):
                pieces += some
                yield None
        yield self._answer(state, pieces, self.n, "more", True)

    def _pieces(self, state: State, courses: tuple[str, ...], n: int) -> Iterator[list[Piece]]:
        width = self.least if n <= self.least else self.piece
        yield from self._live.pieces(state.change, courses, range(0, n, width), width)

    def _preview_pieces(self, state: State) -> Iterator[Piece]:
        for some in self._live.pieces(state.change, self.courses, range(0, self.preview_worlds, self.least), self.least, self.step):
            yield from some

    def _shown(self, state: State, pieces: list[Piece], n: int, claims: tuple[str, ...]) -> Shown:
        return shown(self._live.together(pieces, state.change, n), claims, n == self.n)

    def _answer(self, state: State, pieces: list[Piece], n: int, kind: str, done: bool) -> Answer:
        now = self._shown(state, pieces, n, tuple(self.scenario.vocabulary.claims) if kind == "more" else self.quick)
        return Answer(kind, moved(self.before(self.n), self.before(n), now), done, stale=self.weighed)

    def _near(self, state: State) -> Answer | None:
        """The worlds of the baseline in which every number that was set lies near its value; None where that cannot do.

        A world counts whose draw of the number lies within NEAR of the value, in probability: the prior given that the number
        is there, which needs no weights. It says what the scenario says of numbers near the value and not of the value.
        """
        kept = self._inside(state) if not any(self.handles[path].lever for path in state.change) else None
        if kept is None:
            return None
        for path in state.change.keys() - state.ranges.keys():
            base = self.scenario.quantities[path]
            at = min(max(base.distribution.cdf(state.change[path].at(0.5)), NEAR), 1 - NEAR)
            kept &= np.abs(self._uniforms(base.draw_name) - at) <= NEAR
        if kept.sum() < FEWEST:
            return None
        stood, some = self.before(self.n), shown(self.baseline.only(kept), self.scenario.vocabulary.claims, False)
        kind = "inside" if state.ranges.keys() == state.change.keys() else "near"
        return Answer(kind, moved(stood, stood, some), False)

    def _inside(self, state: State) -> NDArray[np.bool_] | None:
        """The worlds of the baseline in which every number whose range was narrowed lies inside it: all of them where none was.

        They are the scenario's worlds given that it lies there, exactly, and need no weights. None where fewer than FEWEST are
        left, or where a draw is not the number's own: the rates of a supply share theirs, and narrowing one must leave the others.
        """
        kept = np.ones(self.n, np.bool_)
        for path, (low, high) in state.ranges.items():
            base = self.scenario.quantities[path]
            if sum(q.draw_name == base.draw_name for q in self.scenario.quantities.values()) > 1:
                return None
            x = base.value(self._uniforms(base.draw_name))
            kept &= (low <= x) & (x <= high)
        return kept if kept.sum() >= FEWEST or not state.ranges else None

    def _uniforms(self, name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        rows = np.arange(self.n)
        given = self._particles.uniforms(name, rows) if self._particles else None
        return uniforms(self.seed, name, rows) if given is None else given

    @cached_property
    def hash6(self) -> str:
        """What a link names the scenario by."""
        return self.scenario.hash[:6]


def weighed_worlds(run: Worlds, say: Callable[[str], None]) -> Worlds:
    """What the reports of the as-of date leave of these worlds, on all courses; from disk where that was done before. Raises RunError."""
    as_of = str(run.scenario.as_of)
    known = next((one for one in weighings(run) if one.to == as_of), None)
    return known if known is not None else weigh(run, workers=cores(), say=say)
