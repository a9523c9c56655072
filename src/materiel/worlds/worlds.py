"""The worlds of a finished run, read from its blocks."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from materiel.scenario import Scenario, ScenarioError, load
from materiel.worlds import blocks
from materiel.worlds.store import Folder, Made, RunError, find
from materiel.worlds.windows import parts

if TYPE_CHECKING:
    import xarray as xr

    from materiel.mechanisms.feedback import Map

F64 = NDArray[np.float64]


class Worlds:
    """Simulated worlds: unknowns, alternatives, weekly series and stored points, world by world.

    All arrays have the world as their last axis, in the order of the world's number. There are `n` worlds; of a large run
    only the first `shown` are held here, with their series, and `portions` goes through all of them.
    """

    def __init__(self, folder: Folder, scenario: Scenario, made: Made, extra: dict[str, Any], data: "xr.Dataset") -> None:
        self.folder, self.scenario, self.made, self._data = folder, scenario, made, data
        self._extra = extra
        self.run, self.seed, self.n = made.run, made.seed, made.worlds
        self.shown = int(data.sizes["world"])
        self.seconds = float(extra.get("seconds", 0.0))
        self.of: str | None = extra.get("of")  # the run that these worlds were weighed from, if they were
        self.to: str | None = extra.get("to")  # the day whose reports they were weighed with
        self.made_with: dict[str, Any] = {
            "materiel": made.materiel,
            "engine": made.engine,
            "jax": made.jax,
            "jaxlib": made.jaxlib,
            "processor": made.processor,
            "precision": made.precision,
        }
        self.courses: tuple[str, ...] = tuple(scenario.courses)
        self.chart_courses: tuple[str, ...] = tuple(str(c) for c in data["course"].values)
        self.days: NDArray[np.int64] = np.asarray(data["record"].values, np.int64)
        self._points = {str(name): k for k, name in enumerate(data["point"].values)}
        self._at: NDArray[np.float32] = data["points"].values  # read a thousand times by all claims, and slow by its label
        self._unknowns = {str(name): k for k, name in enumerate(data["unknown"].values)}

    def __repr__(self) -> str:
        return (
            f"<Worlds {self.run}: {self.n:,} worlds of {self.scenario.vocabulary.scenario}, seed {self.seed}, {len(self.courses)} courses>"
        )

    def _repr_html_(self) -> str:
        """What a notebook shows: what the run is, and the first two of its charts."""
        from materiel.scenario.measures import measures
        from materiel.scenario.notebook import table
        from materiel.worlds.notebook import fan

        v = self.scenario.vocabulary
        rows = [
            ("worlds", f"{self.n:,}, seed {self.seed}"),
            ("courses", ", ".join(self.courses)),
            ("as of", self.scenario.as_of),
            ("weighed", f"with the reports to {self.to}, from run {self.of}" if self.of else "no: these are the ranges alone"),
            ("kept in", self.folder.path),
        ]
        kinds = measures(v)
        charts = v.charts[:2] if self.chart_courses else ()
        fans = [fan(m, kinds[parts(m)[0]].unit, [(c, self.series(c, m)) for c in self.chart_courses]) for m in charts]
        return table(f"Run {self.run} of {v.scenario}", (), rows, "A model, not an observation.", "".join(fans))

    @property
    def dates(self) -> list[date]:
        """Dates of the records: the day that follows so many completed days."""
        return [self.scenario.date(int(d)) for d in self.days]

    @property
    def measures(self) -> "xr.Dataset":
        """Weekly series as a labelled dataset, one variable a measure, units in the attributes."""
        import xarray as xr

        from materiel.scenario.measures import measures

        kinds = measures(self.scenario.vocabulary)
        names = [str(m) for m in self._data["measure"].values]
        series = self._data["series"]
        return xr.Dataset(
            {m: series.sel(measure=m, drop=True).assign_attrs(units=kinds[m].unit, long_name=kinds[m].meaning) for m in names}
        )

    def unknown(self, path: str) -> F64:
        """Values of one number, float64[n]; the same in every world if it has no range."""
        if path in self._unknowns:
            return np.asarray(self._data["unknowns"].values[self._unknowns[path]], np.float64)
        return np.full(self.shown, self.scenario.quantities[path].value(np.array([0.5]))[0])

    def unknown_paths(self) -> list[str]:
        """Paths of the numbers that differ between worlds."""
        return list(self._unknowns)

    def alternative(self, name: str) -> NDArray[np.int64]:
        """Index of the option of one alternative, int64[n]."""
        names = [str(a) for a in self._data["alternative"].values]
        return np.asarray(self._data["options"].values[names.index(name)], np.int64)

    def series(self, course: str, measure: str) -> F64:
        """Weekly series of a charted measure (or a sum of some), float64[len(days), n]."""
        names = [str(m) for m in self._data["measure"].values]
        c = self.chart_courses.index(course)
        return _sum([self._data["series"].values[c, names.index(m)] for m in parts(measure)])

    def at(self, course: str, measure: str, day: int) -> F64:
        """A measure (or a sum of some) after `day` completed days, float64[n]."""
        try:
            rows = [self._points[f"{course}|{m}|{day}"] for m in parts(measure)]
        except KeyError:
            if course in self.chart_courses and day in self.days:
                return np.asarray(self.series(course, measure)[int(np.flatnonzero(self.days == day)[0])], np.float64)
            raise RunError(f'"{measure}" of course "{course}" was not kept for day {day}; name it in a claim or under charts') from None
        return _sum([self._at[k] for k in rows])

    def flows(self, course: str) -> dict[str, F64]:
        """Amount that each counted flow moved from the first to the last day, float64[n], by flow name."""
        moved = self._data["flows"].values[self.chart_courses.index(course)]
        return {str(name): x.astype(np.float64) for name, x in zip(self._data["flow"].values, moved, strict=True)}

    def portions(self, worlds: int = 16_384) -> Iterator["Worlds"]:
        """All worlds in order, in portions that hold their points and alternatives; one portion where all are held here."""
        if self.shown == self.n:
            yield self
            return
        size = self.made.block
        count, at_once = -(-self.n // size), max(1, worlds // size)
        for first in range(0, count, at_once):
            numbers = range(first, min(first + at_once, count))
            data = blocks.load(self.folder, numbers, blocks.LEAN)
            data = data.isel(world=slice(0, self.n - first * size))
            yield Worlds(self.folder, self.scenario, self.made, self._extra, data)

    @property
    def flow_ends(self) -> dict[str, tuple[str, str]]:
        """Giver and taker account of each counted flow."""
        d = self._data
        return {str(f): (str(g), str(t)) for f, g, t in zip(d["flow"].values, d["giver"].values, d["taker"].values, strict=True)}

    def only(self, kept: slice | NDArray[np.bool_], days: Sequence[int] | None = None) -> "Worlds":
        """Some of these worlds, and series on some of the days; stored points stay as they are."""
        data = self._data.isel(world=kept if isinstance(kept, slice) else np.flatnonzero(kept))
        data = data if days is None else data.sel(record=list(days))
        return Worlds(self.folder, self.scenario, replace(self.made, worlds=data.sizes["world"]), self._extra, data)

    @property
    def feedback(self) -> "Map":
        """What drives what in the scenario: its mechanisms and the arrows between them, read off a traced day."""
        from materiel.mechanisms.feedback import feedback

        return feedback(self.scenario)


def _sum(terms: Sequence[NDArray[np.float32]]) -> F64:
    """Of the terms of a measure, in float64."""
    whole = terms[0].astype(np.float64)
    for term in terms[1:]:
        whole += term
    return whole


def scenario_of(folder: Folder, made: Made) -> Scenario:
    """The scenario stored with a run. Raises RunError if it cannot be read or is not the one that made the run."""
    try:
        scenario = load(folder.path / "scenario.yaml", folder.replaced())
    except ScenarioError as error:
        raise RunError(f"the scenario stored with run {made.run} cannot be read: {error.problems[0]}") from error
    if scenario.hash != made.scenario_hash:
        raise RunError(f"{folder.path / 'scenario.yaml'} is not the scenario that made run {made.run}; its numbers differ. Run it anew.")
    return scenario


def open_run(run: str | Path, root: str | Path = "runs") -> Worlds:
    """Read a finished run by id or folder. Raises RunError if it is unknown, unfinished or unreadable."""
    folder = find(str(run), Path(root))
    made, extra = folder.made()
    scenario = scenario_of(folder, made)
    count = -(-made.worlds // made.block)
    missing = [k for k in range(count) if not folder.block(k).exists()]
    if missing:
        done = f"{count - len(missing)} of {count} blocks on disk"
        raise RunError(f"run {made.run} is unfinished: {done}. Go on with: materiel resume {made.run}")
    data = blocks.load(folder, range(min(count, int(extra.get("lean_from", count)))))
    return Worlds(folder, scenario, made, extra, data.isel(world=slice(0, made.worlds)))
