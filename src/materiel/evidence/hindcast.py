"""A hindcast: what the engine would have forecast on a day, from what was published by then, held against what came.

One sequential Monte Carlo goes through the months. At each origin (the day itself, then the end of each month) it absorbs what
has been published since, and forecasts what will be published next; the first origin also forecasts everything to the end.
What is scored is the next statement of a speaker, or the next value of a series, with the errors that such statements have.

Ranges made by rule (`rule`) may be called a hindcast. Ranges set by people who know how it went give a retrodiction, whatever
the day.

Reference: Dawid 1984, Statistical theory: the prequential approach; Chopin and Papaspiliopoulos 2020, ch. 17.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from materiel.evidence import smc
from materiel.evidence.likelihood import amounts, rule
from materiel.evidence.posterior import BATCHES, LEAST, PARTICLES, Posterior, mixed
from materiel.evidence.predictions import Item, choose
from materiel.evidence.skill import FOLDER
from materiel.evidence.smc import Cloud, Collapse
from materiel.evidence.statements import spoken, stands_for
from materiel.evidence.track import Event, Row, Scored, scored, scored_events
from materiel.scenario import Problem, Scenario, ScenarioError
from materiel.scenario.dates import read_date
from materiel.worlds import RunError
from materiel.worlds.luck import SPAN
from materiel.worlds.store import write_whole

F64 = NDArray[np.float64]
KINDS = {"rule": "hindcast", "authors": "retrodiction"}


@dataclass(frozen=True)
class Origin:
    """One day on which forecasts were made: what was known, and how many independent worlds they rest on."""

    day: date
    reports: int
    effective: float
    simulations: int


@dataclass(frozen=True)
class Hindcast:
    """Scores of a hindcast or a retrodiction.

    `later` counts numbers, sources, events and courses that are later than `as_of`, `broken` the worlds of the prior in which
    some value is not finite; `absent` names series whose tables are not here.
    """

    scenario: str
    scenario_hash: str
    version: str
    kind: str
    priors: str
    as_of: date
    until: date
    worlds: int
    seed: int
    later: int
    broken: int
    absent: tuple[str, ...]
    origins: tuple[Origin, ...]
    series: tuple[Scored, ...]
    events: tuple[Event, ...]
    stopped: str
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Plain data; days as text."""
        plain = asdict(self)
        plain["as_of"], plain["until"] = str(self.as_of), str(self.until)
        for origin in plain["origins"]:
            origin["day"] = str(origin["day"])
        return plain | {"series": [s.to_json() for s in self.series]}

    def save(self, runs: Path) -> Path:
        """Store the scores where briefs find them."""
        data = self.to_json()
        name = sha256(json.dumps({k: v for k, v in data.items() if k != "seconds"}, sort_keys=True).encode()).hexdigest()[:8]
        path = runs / FOLDER / f"{self.kind}-{self.as_of}-{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda p: p.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8"))
        return path


def later_than(scenario: Scenario, day: date) -> list[Problem]:
    """Every number, source, event and course that is later than a day, with its place in the file."""
    from materiel.scenario.places import lines

    v, file = scenario.vocabulary, str(scenario.path)
    help = f"A hindcast of {day} may use nothing later: name what was known by then, or move the day."
    at = lines(scenario.path)
    numbers = [*scenario.quantities.items()]
    numbers += [(f"courses.{name}.{path}", q) for name, c in scenario.courses.items() for path, q in c.set.items()]
    numbers += [
        (f"alternatives.{name}.{o.name}", q) for name, a in scenario.alternatives.items() for o in a.options for q in o.set.values()
    ]
    out = [
        Problem(q.file, q.line, q.column, f'{path} rests on "{q.source}", which was published on {q.known}.', help)
        for path, q in numbers
        if q.known is not None and q.known > day
    ]
    for name, source in v.sources.items():
        if read_date(source.published) > day:
            out.append(Problem(file, at(f"sources.{name}"), 1, f'source "{name}" was published on {source.published}.', help))
    for name, event in v.events.items():
        if scenario.date(event.on.at(1e-9)) > day:
            out.append(Problem(file, event.on.line, event.on.column, f'event "{name}" is of {event.on.text}.', help))
    for name, course in scenario.courses.items():
        if scenario.date(course.day) > day:
            out.append(Problem(file, at(f"courses.{name}"), 1, f'course "{name}" begins on {scenario.date(course.day)}.', help))
    return out


def origins_of(as_of: date, until: date) -> list[date]:
    """The day itself, and the end of each month after it and before `until`."""
    out = [as_of]
    month = read_date(f"{as_of:%Y-%m}", last=True)
    while month < until:
        if month > as_of:
            out.append(month)
        month = read_date(f"{month + timedelta(days=1):%Y-%m}", last=True)
    return out


def hindcast(
    scenario: Scenario,
    as_of: date,
    until: date,
    *,
    priors: str = "rule",
    widened: bool = False,
    once: bool = False,
    particles: int = PARTICLES,
    seed: int = 7,
    say: Callable[[str], None] | None = None,
) -> Hindcast:
    """Forecast from `as_of` on, month by month until `until`, and score what came.

    The scenario has the ranges that it has; `priors` says whose they are. Raises ScenarioError while anything in it is later than
    `as_of`, unless `widened` says that the rule took such numbers as assumed; RunError where there is nothing to score. `once`
    forecasts on the first day alone.
    """
    if not scenario.begins < as_of < until <= scenario.ends:
        raise RunError(f"a hindcast from {as_of} to {until} does not lie within the run ({scenario.begins} to {scenario.ends}).")
    late = later_than(scenario, as_of)
    if late and not widened:
        raise ScenarioError(late)
    started = time.perf_counter()
    days = [as_of] if once else origins_of(as_of, until)
    known = {day: _items(scenario, day) for day in (*days, until)}
    union = {i.id: i for day in days for i in known[day]} | {i.id: i for i in known[until]}
    posterior = Posterior(scenario, list(union.values()), seed)
    targets = [k for k, i in enumerate(posterior.items) if i.known > as_of and _scorable(i)]
    if not targets:
        raise RunError(f"nothing that can be scored was published between {as_of} and {until}.")
    prior = start(posterior, particles)
    without = _forecast(posterior, prior, np.random.default_rng([seed, 98]))  # what the ranges alone say
    rows: list[Row] = []
    made: list[Origin] = []
    stopped = ""
    ends = dict(zip(days, [*days[1:], until], strict=True))
    try:
        for k, (day, clouds, worth) in enumerate(through(posterior, {day: known[day] for day in days}, prior)):
            made.append(Origin(day, len(known[day]), worth, sum(c.simulations for c in clouds)))
            if say:
                say(f"{day}: {len(known[day])} reports, worth {worth:,.0f} independent worlds")
            if worth < LEAST:
                stopped = f"stopped at {day}: the worlds left are worth {worth:.0f} independent ones, and {LEAST} are needed"
                break
            ahead = [replace(c, said=_said(posterior, c, None)) for c in clouds]
            forecast = _forecast(posterior, ahead, np.random.default_rng([seed, 97, k]))
            for j in targets:
                item = posterior.items[j]
                if item.known > day and (k == 0 or item.known <= ends[day]):
                    soon = not once and item.known <= ends[day]
                    rows.append(Row(item, day, forecast[:, j], without[:, j], next_month=soon))
    except Collapse as error:
        stopped = f"stopped after {made[-1].day if made else as_of}: {error}"
    history = [i for i in known[until] if stands_for(i) is not None]
    names = {f: one.name for f, one in posterior.evidence.families.items()}
    absent = tuple(name for name, one in posterior.evidence.series.items() if one.optional and name not in scenario.series)
    return Hindcast(
        scenario=scenario.vocabulary.scenario, scenario_hash=scenario.hash, version=scenario.vocabulary.version, kind=KINDS[priors],
        priors=priors, as_of=as_of, until=until, worlds=particles * BATCHES, seed=seed, later=len(late),
        broken=sum(int(np.isnan(c.said).all(axis=1).sum()) for c in prior), absent=absent,
        origins=tuple(made), series=tuple(scored(rows, history, posterior.evidence, names)),
        events=tuple(scored_events(rows, names)), stopped=stopped, seconds=round(time.perf_counter() - started, 1),
    )  # fmt: skip


def start(posterior: Posterior, particles: int) -> list[Cloud]:
    """Ordinary worlds in independent batches, with the unknowns marked whose Gaussian will be fitted."""
    clouds = [posterior.start(np.arange(b * particles, (b + 1) * particles)) for b in range(BATCHES)]
    fitted = posterior.telling(clouds)
    return [replace(c, fitted=fitted) for c in clouds]


def through(posterior: Posterior, known: Mapping[date, Sequence[Item]], clouds: list[Cloud]) -> Iterator[tuple[date, list[Cloud], float]]:
    """Particles after the reports of each day, in the order of the days, each from those of the day before; and what they are worth.

    Raises Collapse.
    """
    rng = [np.random.default_rng([posterior.seed, b]) for b in range(len(clouds))]
    before: Sequence[Item] = ()
    for day, now in known.items():
        reach = max([i.spans[-1][1] for i in [*before, *now]], default=1)
        posterior.until = posterior.scenario.date(reach - 1)
        clouds = posterior.side_by_side(partial(_absorbed, posterior, before, now), clouds, rng)
        clouds, worth = mixed(posterior, clouds, now, posterior.likelihood(now), rng)
        reach = max((i.spans[-1][1] for i in now), default=0)
        ahead = np.arange(clouds[0].luck.shape[1]) * SPAN >= reach  # luck of which no report has spoken yet
        fresh = [r.integers(0, smc.LUCK, c.luck.shape) for c, r in zip(clouds, rng, strict=True)]
        clouds = [replace(c, luck=np.where(ahead, new, c.luck)) for c, new in zip(clouds, fresh, strict=True)]
        yield day, clouds, worth
        before = now


def _items(scenario: Scenario, day: date) -> list[Item]:
    """What counts on a day; a silence is named by the day, because it grows."""
    return [replace(i, id=f"{i.id}@{day}") if i.form == "silence" else i for i in choose(scenario, day).items]


def _scorable(item: Item) -> bool:
    """Amounts that are not bounds; and whether something happened, where others can inspect it or the speaker has no interest."""
    return stands_for(item) is not None or (item.decides and (rule(item) == "sensor" or item.interest == "none"))


def _said(posterior: Posterior, cloud: Cloud, until: date | None) -> F64:
    posterior.until = until
    return posterior.says(cloud.z, cloud.luck)


def _absorbed(posterior: Posterior, before: Sequence[Item], now: Sequence[Item], cloud: Cloud, rng: np.random.Generator) -> Cloud:
    """Particles after the reports of one more month. Reports that were replaced or withdrawn since leave again."""
    cloud = replace(cloud, said=posterior.says(cloud.z, cloud.luck), simulations=1, stages=())
    old, new = posterior.likelihood(before), posterior.likelihood(now)

    def gained(z: F64, said: F64) -> F64:
        known = old(z, said)
        fine = np.isfinite(known)  # a world that cannot produce what is known already gains nothing
        return np.where(fine, new(z, said) - np.where(fine, known, 0.0), -np.inf)

    if {(i.id, i.weight, i.bears) for i in before} == {(i.id, i.weight, i.bears) for i in now}:
        return cloud
    return smc.absorb(cloud, old, gained, posterior.says, rng)


def _forecast(posterior: Posterior, clouds: Sequence[Cloud], rng: np.random.Generator) -> F64:
    """What would be said of every item [worlds, items]; of an event, whether it happens."""
    said = np.concatenate([c.said for c in clouds])
    out = spoken(posterior.items, said, posterior.parts(np.concatenate([c.z for c in clouds])), posterior.who, rng)
    for k, item in enumerate(posterior.items):
        if not amounts(item):
            out[:, k] = said[:, k]
    return out
