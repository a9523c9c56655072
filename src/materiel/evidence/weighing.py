"""Weighing: from worlds as they were drawn to the worlds that the reports leave, on all courses.

The normal road is tempered sequential Monte Carlo in independent batches, each from its own ordinary worlds. Where plain
importance weights are good enough (Pareto k below K_HAT: Vehtari et al. 2024), their smoothed weights are taken instead.
Either way the result is a run of worlds that count alike. What it stands on is told with it: how many worlds it is
worth, from how far the batches disagree and never from final weights; how each report was foreseen before and after; who
spoke. Where that is too little, nothing is printed but the reason.

References: Vehtari, Simpson, Gelman, Yao and Gabry 2024, Pareto smoothed importance sampling; Chopin and Papaspiliopoulos
2020, An introduction to sequential Monte Carlo, ch. 17.
"""

import time
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from materiel.evidence import smc
from materiel.evidence.likelihood import amounts
from materiel.evidence.posterior import BATCHES, LEAST, PARTICLES, Posterior, effective, mixed
from materiel.evidence.predictions import Chosen, Item, choose
from materiel.evidence.smc import Cloud, Collapse
from materiel.evidence.statements import nearest, spoken
from materiel.evidence.weighed import K_HAT, Check, Spoke, Weighing, remember, smoothed, store
from materiel.scenario import Problem, Scenario, ScenarioError
from materiel.scenario.dates import read_date
from materiel.scenario.errors import Wrong
from materiel.scenario.reports import NAME as REPORTS
from materiel.worlds import RunError, Worlds, simulate
from materiel.worlds.particles import Particles

F64 = NDArray[np.float64]

FAR = 4.0  # standard errors within which the nearest world must come to a report


class Refused(RunError):
    """The reports cannot be weighed with what is at hand; the message says why, and nothing else is printed."""


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
    """The worlds that the reports leave of these, on all courses: as many again as are held whole, each counting alike.

    With the reports that count on the day `to`: the scenario's as-of date unless it is given. `without` leaves families of
    speakers out. `particles` are moved in each of the four batches. Raises RunError where the reports cannot be weighed, and
    ScenarioError, with the line, for a report that no world comes near.
    """
    if worlds.of is not None:
        raise RunError(f"the worlds of run {worlds.run} were weighed already, from run {worlds.of}: weigh that one.")
    scenario = worlds.scenario
    try:
        day = scenario.as_of if to is None else read_date(to) if isinstance(to, str) else to
    except Wrong as error:
        raise RunError(f'"{to}" is not a date: write year-month-day.') from error
    _families(scenario, without)
    chosen = choose(scenario, day, without)
    if not chosen.items:
        raise RunError(f"no report of {day} speaks of these worlds, so there is nothing to weigh them with.")
    try:
        return _weighed(worlds, day, chosen, without, particles, workers, say, progress)
    except Refused as error:
        remember(worlds, day, without, str(error))
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
    size = max(particles, -(-worlds.shown // BATCHES))
    first = [posterior.start(np.arange(b * size, (b + 1) * size)) for b in range(BATCHES)]
    _reachable(posterior, chosen, first)
    likelihood = posterior.likelihood(chosen.items)
    levels = [likelihood(c.z, c.said) for c in first]
    smooth, k_hat = smoothed(np.concatenate(levels))
    fitted = posterior.telling(first)
    plain = smc.effective(np.concatenate(levels))
    road = "weighted" if k_hat < K_HAT and plain >= 4 * LEAST else "moved"
    lots = [np.random.default_rng([worlds.seed, b]) for b in range(BATCHES)]
    if road == "weighted":
        last = [_resampled(c, smooth[b * size : (b + 1) * size], rng, fitted) for b, (c, rng) in enumerate(zip(first, lots, strict=True))]
        worth = effective(last, range(len(chosen.items)))
    else:
        begun = [Cloud(c.z, c.luck, c.said, c.cheap, fitted, simulations=1) for c in first]
        last = posterior.side_by_side(lambda c, rng: _absorbed(posterior, c, likelihood, rng, say), begun, lots)
        last, worth = mixed(posterior, last, chosen.items, likelihood, lots)
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
    each = [len(part) for part in np.array_split(np.arange(worlds.shown), BATCHES)]
    rows = [(np.arange(k) * size) // k for k in each if k]  # evenly through each batch
    pooled = [(c.z[r], c.luck[r], c.said[r]) for c, r in zip(last, rows, strict=False)]
    z, luck, said = (np.concatenate(part) for part in zip(*pooled, strict=True))
    given = Particles(posterior.factual.names, z[:, ~posterior.cheap], luck.astype(np.uint32), worlds.run, str(day))
    root = worlds.folder.path.parent
    result = simulate(scenario, particles=given, seed=worlds.seed, root=root, workers=workers, progress=progress, say=say)
    batch = np.repeat(np.arange(len(rows)), [len(r) for r in rows])
    store(result.folder.path, made, batch, z[:, posterior.cheap], said)
    return result


def _families(scenario: Scenario, named: Sequence[str]) -> None:
    evidence = scenario.vocabulary.evidence
    known = list(evidence.families) if evidence else []
    for name in named:
        if name not in known:
            raise RunError(f'there is no family "{name}" of speakers to leave out. There are: {", ".join(known) or "none"}.')


def _resampled(cloud: Cloud, log_weights: F64, rng: np.random.Generator, fitted: NDArray[np.bool_]) -> Cloud:
    chosen = smc.systematic(np.exp(log_weights - log_weights.max()), rng)
    return Cloud(cloud.z[chosen], cloud.luck[chosen], cloud.said[chosen], cloud.cheap, fitted, simulations=1)


def _absorbed(
    posterior: Posterior, cloud: Cloud, new: smc.LogLikelihood, rng: np.random.Generator, say: Callable[[str], None] | None
) -> Cloud:
    def nothing(z: F64, said: F64) -> F64:
        return np.zeros(len(z))

    try:
        done = smc.absorb(cloud, nothing, new, posterior.says, rng)
    except Collapse as error:
        raise Refused(f"the reports cannot be weighed: {error}. No result is printed.") from error
    if say:
        say(f"A batch of {len(cloud.z):,} particles: {done.simulations} simulations")
    return done


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
