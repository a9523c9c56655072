"""What a weighed run stands on: the file beside its worlds, and what was heard, so that some of it can be left out again."""

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from materiel.evidence.likelihood import log_likelihood, speakers
from materiel.evidence.predictions import Item, choose
from materiel.scenario.dates import read_date
from materiel.worlds import RunError, Worlds, all_runs, open_run
from materiel.worlds.store import write_whole

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

K_HAT = 0.7  # above it importance weights say nothing
FILE, TABLE, REFUSED = "weighing.json", "weighing.npz", "refused.json"


@dataclass(frozen=True)
class Check:
    """How one report was foreseen: 5, 50 and 95 % of what would have been said, by prior and by weighed worlds.

    `place` is the share of the forecast below what was said, 0 to 1. Of a yes or no, `prior` and `weighed` are the chances
    of what was said, and there is no place.
    """

    id: str
    line: int
    family: str
    origin: str
    measure: str
    says: str
    unit: str
    prior: tuple[float, ...]
    weighed: tuple[float, ...]
    prior_place: float | None
    weighed_place: float | None


@dataclass(frozen=True)
class Spoke:
    """A family that was heard: how many of its reports were weighed, and from how many independent origins."""

    family: str
    name: str
    reports: int
    origins: int


@dataclass(frozen=True)
class Weighing:
    """What a weighed run stands on. `road` is moved (sequential Monte Carlo) or weighted (smoothed importance weights)."""

    of: str
    to: str
    without: tuple[str, ...]
    road: str
    reports: int
    plans: int
    aside: int
    spoke: tuple[Spoke, ...]
    k_hat: float
    plain_effective: float
    particles: int
    batches: int
    effective: float
    simulations: tuple[int, ...]
    fitted: int
    checks: tuple[Check, ...]
    seconds: float

    @property
    def origins(self) -> int:
        """Independent origins of all that was weighed."""
        return len({c.origin for c in self.checks})

    def worth(self, worlds: int) -> float:
        """How many independent worlds so many of the particles are worth, taken evenly through the batches."""
        return 1.0 / (1.0 / self.effective + max(0.0, 1.0 / worlds - 1.0 / self.particles))


def store(folder: Path, made: Weighing, batch: I64, speakers_: F64, said: F64) -> None:
    """Write both files. `speakers_` [n, names] are the unknowns of speakers in each world, `said` [n, reports] what it says."""

    def table(path: Path) -> None:
        with path.open("wb") as f:
            np.savez(f, batch=batch, speakers=speakers_, said=said)

    write_whole(folder / TABLE, table)
    write_whole(folder / FILE, lambda p: p.write_text(json.dumps(asdict(made), indent=1) + "\n", encoding="utf-8"))


def remember(worlds: Worlds, day: date, without: Sequence[str], why: str) -> None:
    """A refusal is a finding: it stands beside the run, so that a brief can say it."""
    if not without:
        known = {**refusals(worlds), str(day): why}
        write_whole(worlds.folder.path / REFUSED, lambda p: p.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8"))


def refusals(worlds: Worlds) -> dict[str, str]:
    """Days to which these worlds could not be weighed, and why."""
    try:
        return {str(k): str(v) for k, v in json.loads((worlds.folder.path / REFUSED).read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError):
        return {}


def weighings(worlds: Worlds) -> list[Worlds]:
    """The finished runs that were weighed from these worlds with all families, by the day of their reports; newest of a day."""
    root = worlds.folder.path.parent
    found: dict[str, Worlds] = {}
    for folder in all_runs(root):
        try:
            _, extra = folder.made()
            if extra.get("of") != worlds.run or extra.get("to") in found or not (folder.path / FILE).exists():
                continue
            one = open_run(folder.path)
            made = weighing_of(one)
        except RunError:
            continue
        if made is not None and not made.without:
            found[made.to] = one
    return [found[day] for day in sorted(found)]


def weighing_of(worlds: Worlds) -> Weighing | None:
    """What weighed these worlds stands on; None for worlds that no report weighs. Raises RunError."""
    if worlds.of is None:
        return None
    path = worlds.folder.path / FILE
    try:
        return TypeAdapter(Weighing).validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read ({error}): weigh run {worlds.of} again.") from error


def smoothed(level: F64) -> tuple[F64, float]:
    """Smoothed log-weights and Pareto's k; infinite k where hardly a world can produce the reports."""
    fine = np.isfinite(level)
    if fine.sum() < 100:
        return level, np.inf
    if np.ptp(level[fine]) < 1e-6:
        return level, 0.0  # all alike: there is no tail
    from arviz_stats.base.array import array_stats

    out = np.full_like(level, -np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):  # weights with many ties
        out[fine], k_hat = array_stats.psislw(level[fine].max() - level[fine], axis=0)  # type: ignore[no-untyped-call]  # wants minus the log
    return out, float(k_hat) if np.isfinite(k_hat) else np.inf


@dataclass(frozen=True)
class LeftOut:
    """Weights without something that was heard; None where the worlds at hand cannot tell (Pareto k at or above K_HAT)."""

    k_hat: float
    weights: F64 | None


class Heard:
    """What weighed worlds heard, so that some of it can be left out again without simulating. Raises RunError.

    `batch` is the independent batch of each world, `families` those that were heard.
    """

    def __init__(self, worlds: Worlds) -> None:
        made, evidence = weighing_of(worlds), worlds.scenario.vocabulary.evidence
        if made is None or evidence is None:
            raise RunError(f"the worlds of run {worlds.run} were not weighed.")
        path = worlds.folder.path / TABLE
        try:
            with np.load(path, allow_pickle=False) as data:
                self.batch = np.asarray(data["batch"], np.int64)
                own, self._said = np.asarray(data["speakers"], np.float64), np.asarray(data["said"], np.float64)
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise RunError(f"{path} cannot be read ({error}): weigh run {made.of} again.") from error
        self._scenario, self._day, self._without = worlds.scenario, read_date(made.to), made.without
        self.items = choose(worlds.scenario, self._day, made.without).items
        self._who = speakers(evidence, self.items)
        if self._said.shape != (worlds.n, len(self.items)) or own.shape != (worlds.n, len(self._who.names)):
            raise RunError(f"{path} is not of the reports beside run {worlds.run}: weigh run {made.of} again.")
        self._parts = self._who.split(own)
        self._now = self._level(self.items)
        self.families = sorted({i.family for i in self.items})

    def _level(self, items: Sequence[Item]) -> F64:
        where = {i.id: k for k, i in enumerate(self.items)}
        said = self._said[:, [where[i.id] for i in items]]
        return np.asarray(log_likelihood(items, said, *self._parts, self._who).sum(axis=1), np.float64)

    def without_family(self, family: str) -> LeftOut:
        """Weights without one family; copies of what it said count for themselves then."""
        known = {i.id for i in self.items}
        return self._changed([i for i in choose(self._scenario, self._day, [*self._without, family]).items if i.id in known])

    def without(self, ids: Collection[str]) -> LeftOut:
        """Weights without some reports, whatever else was copied from them."""
        return self._changed([i for i in self.items if i.id not in ids])

    def _changed(self, rest: Sequence[Item]) -> LeftOut:
        smooth, k_hat = smoothed((self._level(rest) if rest else 0.0) - self._now)
        weights = np.exp(smooth - smooth.max())
        return LeftOut(k_hat, weights / weights.sum() if k_hat < K_HAT else None)
