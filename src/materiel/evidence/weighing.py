"""Weighing: from worlds as they were drawn to the worlds that the reports leave, on all courses.

The normal road is tempered sequential Monte Carlo in independent batches, each from its own ordinary worlds. Where plain
importance weights are good enough (Pareto k below K_HAT: Vehtari et al. 2024), their smoothed weights are taken instead.
Either way the result is a run of worlds that count alike. What it stands on is told with it: how many worlds it is
worth, from how far the batches disagree and never from final weights; how each report was foreseen before and after; who
spoke. Where that is too little, nothing is printed but the reason.

References: Vehtari, Simpson, Gelman, Yao and Gabry 2024, Pareto smoothed importance sampling; Chopin and Papaspiliopoulos
2020, An introduction to sequential Monte Carlo, ch. 17.
"""

import json
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from materiel.evidence import smc
from materiel.evidence.factual import Factual
from materiel.evidence.likelihood import amounts, log_likelihood, speakers
from materiel.evidence.predictions import Chosen, Item, choose
from materiel.evidence.smc import Cloud, Collapse
from materiel.evidence.statements import nearest, spoken
from materiel.scenario import Problem, Scenario, ScenarioError
from materiel.scenario.dates import read_date
from materiel.scenario.reports import NAME as REPORTS
from materiel.worlds import RunError, Worlds, all_runs, open_run, simulate
from materiel.worlds.particles import Particles
from materiel.worlds.store import write_whole
from materiel.worlds.unknowns import uniforms

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

BATCHES = 4  # independent ones, at least
PARTICLES = 1024  # in each
K_HAT = 0.7  # above it importance weights say nothing
LEAST = 100  # effective worlds that a posterior is printed for
ENOUGH = 400  # effective worlds at which moves end
ROUNDS = 6  # of further moves, where there are not enough
FAR = 4.0  # standard errors within which the nearest world must come to a report
TELLS = 4.5  # standard errors of a rank correlation at which an unknown is held to move what is said
OURS = "evidence/"  # before the names of the unknowns of speakers
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


class Refused(RunError):
    """The reports cannot be weighed with what is at hand; the message says why, and nothing else is printed."""


class Posterior:
    """Everything that is weighed for one scenario: what worlds say, who speaks, and the target of the moves.

    `items` may hold more than is weighed on any one day; unknowns of all their speakers are columns from the start.
    """

    def __init__(self, scenario: Scenario, items: Sequence[Item], seed: int) -> None:
        if scenario.vocabulary.evidence is None:
            raise RunError("this scenario has no section evidence, so that no report can weigh it. See docs/language.md.")
        self.scenario, self.items, self.seed = scenario, tuple(items), seed
        self.evidence = scenario.vocabulary.evidence
        self.factual = Factual(scenario, items, seed)
        self.who = speakers(self.evidence, items)
        self.names = (*self.factual.names, *(OURS + name for name in self.who.names))
        self.cheap = np.arange(len(self.names)) >= len(self.factual.names)
        self.until: date | None = None

    def start(self, worlds: I64, fitted: NDArray[np.bool_] | None = None) -> Cloud:
        """Ordinary worlds with these numbers, as particles."""
        from scipy.special import ndtri

        own = [ndtri(uniforms(self.seed, OURS + name, worlds)) for name in self.who.names]
        z = np.column_stack([self.factual.prior(worlds), *own])
        luck = self.factual.luck(worlds)
        every = np.ones(len(self.names), np.bool_)
        return Cloud(z, luck, self.says(z, luck), self.cheap, every if fitted is None else fitted, simulations=1)

    def says(self, z: F64, luck: I64) -> F64:
        """What worlds say of all items [n, items] up to `until`; one simulation."""
        return self.factual.says(z[:, ~self.cheap], luck, self.until)

    def parts(self, z: F64) -> tuple[F64, F64, F64]:
        """Biases, common errors and ratios of the speakers."""
        return self.who.split(z[:, self.cheap])

    def likelihood(self, items: Sequence[Item]) -> smc.LogLikelihood:
        """Log-likelihood of some items, which may differ from those known here in weight and bearer, as a function of particles."""
        where = {i.id: k for k, i in enumerate(self.items)}
        columns = [where[i.id] for i in items]

        def of(z: F64, said: F64) -> F64:
            return np.asarray(log_likelihood(items, said[:, columns], *self.parts(z), self.who).sum(axis=1), np.float64)

        return of

    def telling(self, clouds: Sequence[Cloud]) -> NDArray[np.bool_]:
        """Which unknowns move what is said, by rank correlation over prior particles; those of speakers always."""
        from scipy.stats import rankdata

        z = np.concatenate([c.z[:, ~self.cheap] for c in clouds])
        said = np.concatenate([c.said for c in clouds])
        said = said[:, np.isfinite(said).all(axis=0)]
        a, b = (rankdata(x, axis=0) for x in (z, said[:, np.ptp(said, axis=0) > 0]))
        a, b = ((x - x.mean(axis=0)) / x.std(axis=0) for x in (a, b))
        seen = np.abs(a.T @ b).max(axis=1, initial=0.0) / len(z)
        return np.concatenate([seen > TELLS / np.sqrt(len(z)), np.ones(self.cheap.sum(), np.bool_)])


def effective(clouds: Sequence[Cloud], columns: Sequence[int]) -> float:
    """How many independent worlds all batches together are worth.

    The variance of the batches' means of what the worlds say (amounts on the log), against what it would be if all particles
    were independent, averaged over the reports in `columns`.
    """
    x = [np.sign(c.said[:, columns]) * np.log1p(np.abs(c.said[:, columns])) for c in clouds]
    between = np.var([b.mean(axis=0) for b in x], axis=0, ddof=1)
    within = np.mean([b.var(axis=0) for b in x], axis=0)
    some = within > 1e-12
    n, size = len(x) * len(x[0]), len(x[0])
    if not some.any():
        return float(n)
    return float(min(n, n / (between[some] / (within[some] / size)).mean()))


def mixed(
    posterior: Posterior, clouds: list[Cloud], items: Sequence[Item], target: smc.LogLikelihood, rng: Sequence[np.random.Generator]
) -> tuple[list[Cloud], float]:
    """Batches after as many further moves as it takes until together they are worth ENOUGH worlds, or ROUNDS; and what they are worth."""
    ids = {i.id for i in items}
    columns = [k for k, i in enumerate(posterior.items) if i.id in ids]
    worth = effective(clouds, columns)
    for _ in range(ROUNDS):
        if worth >= ENOUGH:
            break
        clouds = [smc.moved(c, target, posterior.says, r) for c, r in zip(clouds, rng, strict=True)]
        worth = effective(clouds, columns)
    return clouds, worth


def weigh(
    worlds: Worlds,
    to: date | str | None = None,
    *,
    without: Sequence[str] = (),
    particles: int = PARTICLES,
    workers: int = 1,
    say: Callable[[str], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Worlds:
    """The worlds that the reports leave of these, on all courses: as many again, each counting alike.

    With the reports that count on the day `to`: the scenario's as-of date unless it is given. `without` leaves families of
    speakers out. `particles` are moved in each of the four batches. Raises RunError where the reports cannot be weighed, and
    ScenarioError, with the line, for a report that no world comes near.
    """
    if worlds.of is not None:
        raise RunError(f"the worlds of run {worlds.run} were weighed already, from run {worlds.of}: weigh that one.")
    scenario = worlds.scenario
    try:
        day = scenario.as_of if to is None else read_date(to) if isinstance(to, str) else to
    except Exception as error:
        raise RunError(f'"{to}" is not a date: write year-month-day.') from error
    _families(scenario, without)
    chosen = choose(scenario, day, without)
    if not chosen.items:
        raise RunError(f"no report of {day} speaks of these worlds, so there is nothing to weigh them with.")
    try:
        return _weighed(worlds, day, chosen, without, particles, workers, say, progress)
    except Refused as error:
        _remember(worlds, day, without, str(error))
        raise


def _weighed(
    worlds: Worlds,
    day: date,
    chosen: Chosen,
    without: Sequence[str],
    particles: int,
    workers: int,
    say: Callable[[str], None] | None,
    progress: Callable[[int, int], None] | None,
) -> Worlds:
    scenario = worlds.scenario
    started = time.perf_counter()
    posterior = Posterior(scenario, chosen.items, worlds.seed)
    size = max(particles, -(-worlds.n // BATCHES))
    first = [posterior.start(np.arange(b * size, (b + 1) * size)) for b in range(BATCHES)]
    _reachable(posterior, chosen, first)
    likelihood = posterior.likelihood(chosen.items)
    levels = [likelihood(c.z, c.said) for c in first]
    smooth, k_hat = _smoothed(np.concatenate(levels))
    fitted = posterior.telling(first)
    plain = smc.effective(np.concatenate(levels))
    road = "weighted" if k_hat < K_HAT and plain >= 4 * LEAST else "moved"
    last: list[Cloud] = []
    lots = [np.random.default_rng([worlds.seed, b]) for b in range(BATCHES)]
    for b, (cloud, rng) in enumerate(zip(first, lots, strict=True)):
        if road == "weighted":
            part = smooth[b * size : (b + 1) * size]
            chosen_here = smc.systematic(np.exp(part - part.max()), rng)
            last.append(Cloud(cloud.z[chosen_here], cloud.luck[chosen_here], cloud.said[chosen_here], cloud.cheap, fitted, 1))
        else:
            cloud = Cloud(cloud.z, cloud.luck, cloud.said, cloud.cheap, fitted, simulations=1)
            last.append(_absorbed(posterior, cloud, likelihood, rng))
        if say:
            say(f"Batch {b + 1} of {BATCHES}: {last[-1].simulations} simulations")
    if road == "moved":
        last, worth = mixed(posterior, last, chosen.items, likelihood, lots)
    else:
        worth = effective(last, range(len(chosen.items)))
    if worth < LEAST:
        raise Refused(
            f"the reports to {day} cannot be weighed: {BATCHES} batches of {size:,} worlds disagree so far that all together are "
            f"worth {worth:.0f} independent ones ({LEAST} are needed). No result is printed. Weigh to an earlier day, or leave "
            "out what fits least: see the checks of an earlier weighing."
        )
    made = Weighing(
        of=worlds.run, to=str(day), without=tuple(sorted(without)), road=road, reports=len(chosen.items), plans=len(chosen.plans),
        aside=len(chosen.aside), spoke=_spoke(scenario, chosen.items), k_hat=float(k_hat), plain_effective=plain, particles=size * BATCHES,
        batches=BATCHES, effective=worth, simulations=tuple(c.simulations for c in last), fitted=int(fitted.sum()),
        checks=_checks(posterior, first, last), seconds=round(time.perf_counter() - started, 1),
    )  # fmt: skip
    each = [len(part) for part in np.array_split(np.arange(worlds.n), BATCHES)]
    rows = [(np.arange(k) * size) // k for k in each if k]  # evenly through each batch
    pooled = [(c.z[r], c.luck[r], c.said[r]) for c, r in zip(last, rows, strict=False)]
    z, luck, said = (np.concatenate(part) for part in zip(*pooled, strict=True))
    given = Particles(posterior.factual.names, z[:, ~posterior.cheap], luck.astype(np.uint32), worlds.run, str(day))
    root = worlds.folder.path.parent
    result = simulate(scenario, particles=given, seed=worlds.seed, root=root, workers=workers, progress=progress, say=say)
    batch = np.repeat(np.arange(len(rows)), [len(r) for r in rows])
    _store(result.folder.path, made, batch, z[:, posterior.cheap], said)
    return result


def _families(scenario: Scenario, named: Sequence[str]) -> None:
    evidence = scenario.vocabulary.evidence
    known = list(evidence.families) if evidence else []
    for name in named:
        if name not in known:
            raise RunError(f'there is no family "{name}" of speakers to leave out. There are: {", ".join(known) or "none"}.')


def _absorbed(posterior: Posterior, cloud: Cloud, new: smc.LogLikelihood, rng: np.random.Generator) -> Cloud:
    def nothing(z: F64, said: F64) -> F64:
        return np.zeros(len(z))

    try:
        return smc.absorb(cloud, nothing, new, posterior.says, rng)
    except Collapse as error:
        raise Refused(f"the reports cannot be weighed: {error}. No result is printed.") from error


def _reachable(posterior: Posterior, chosen: Chosen, clouds: Sequence[Cloud]) -> None:
    """Raise ScenarioError for reports that no world of the prior comes near."""
    e, said = posterior.evidence, np.concatenate([c.said for c in clouds])
    far = nearest(chosen.items, said, e.bias.at(0.5), e.common.at(0.5))
    problems = []
    for k in np.flatnonzero(far > FAR):
        item, x = chosen.items[k], said[:, k][np.isfinite(said[:, k])]
        worlds = f"worlds {x.min():,.3g} to {x.max():,.3g}" if len(x) else "no world says a finite number"
        series = item.id.partition("/")[0]
        file = e.series[series].file if series in e.series else REPORTS
        what = f'no world of {len(said):,} comes near report "{item.id}" (it says {_says(item)}, {worlds} {item.unit}'.rstrip() + ")."
        help = "Check its unit, widen its error or a range that it hangs on, or leave it out under evidence.leave_out with the reason."
        problems.append(Problem(str(posterior.scenario.path.parent / file), max(item.line, 1), 1, what, help))
    if problems:
        raise ScenarioError(problems)


def _smoothed(level: F64) -> tuple[F64, float]:
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


def _says(item: Item) -> str:
    """What was said, with its bounds, in the item's unit."""
    if item.decides:
        return item.form
    if item.form == "silence":
        return "nothing"
    if not np.isfinite(item.high):
        return f"at least {item.low:,.4g} {item.unit}".strip()
    if item.form == "at_most":
        return f"at most {item.high:,.4g} {item.unit}".strip()
    if item.form in ("point", "change"):
        return f"{0.5 * (item.low + item.high):,.4g} {item.unit}".strip()
    return f"{item.low:,.4g} to {item.high:,.4g} {item.unit}".strip()


def _spoke(scenario: Scenario, items: Sequence[Item]) -> tuple[Spoke, ...]:
    evidence = scenario.vocabulary.evidence
    names = {f: one.name for f, one in evidence.families.items()} if evidence else {}
    return tuple(
        Spoke(f, names.get(f, f), sum(i.family == f for i in items), len({i.origin for i in items if i.family == f}))
        for f in sorted({i.family for i in items}, key=lambda f: (-sum(i.family == f for i in items), f))
    )


def _checks(posterior: Posterior, first: Sequence[Cloud], last: Sequence[Cloud]) -> tuple[Check, ...]:
    """How each report was foreseen by prior and by weighed worlds."""
    both = []
    for clouds in (first, last):
        z, said = np.concatenate([c.z for c in clouds]), np.concatenate([c.said for c in clouds])
        rng = np.random.default_rng([posterior.seed, 99])
        both.append(spoken(posterior.items, said, posterior.parts(z), posterior.who, rng))
    out = []
    for k, item in enumerate(posterior.items):
        told: list[tuple[tuple[float, ...], float | None]] = []
        for x in (b[:, k] for b in both):
            if item.decides:
                chance = float(x.mean())
                told.append(((chance if item.form == "yes" else 1.0 - chance,), None))
            elif amounts(item):
                quantiles = tuple(float(q) for q in np.quantile(x, (0.05, 0.5, 0.95)))
                told.append((quantiles, _place(item, x)))
            else:
                told.append(((), None))
        (prior, a), (weighed, b) = told
        measure = f"{item.measure} : {item.to}" if item.to else item.measure
        out.append(Check(item.id, item.line, item.family, item.origin, measure, _says(item), item.unit, prior, weighed, a, b))
    return tuple(out)


def _place(item: Item, x: F64) -> float:
    """Share of what would be said that lies below the middle, or the end, of what was said."""
    if not np.isfinite(item.high):
        at = item.low
    elif item.form == "at_most":
        at = item.high
    else:
        at = 0.5 * (item.low + item.high)
    return float((x < at).mean())


# ---- what is stored beside a weighed run ----


def _store(folder: Path, made: Weighing, batch: I64, speakers_: F64, said: F64) -> None:
    """`speakers_` [n, names] are the unknowns of speakers in each world, `said` [n, reports] what it says."""

    def table(path: Path) -> None:
        with path.open("wb") as f:
            np.savez(f, batch=batch, speakers=speakers_, said=said)

    write_whole(folder / TABLE, table)
    write_whole(folder / FILE, lambda p: p.write_text(json.dumps(asdict(made), indent=1) + "\n", encoding="utf-8"))


def _remember(worlds: Worlds, day: date, without: Sequence[str], why: str) -> None:
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
        smooth, k_hat = _smoothed((self._level(rest) if rest else 0.0) - self._now)
        weights = np.exp(smooth - smooth.max())
        return LeftOut(k_hat, weights / weights.sum() if k_hat < K_HAT else None)
