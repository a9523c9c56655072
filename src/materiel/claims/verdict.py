"""Verdicts: how probable, how large, built in or assumed, what it hangs on."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from materiel.claims.estimand import Rule, rule, values
from materiel.claims.known_past import Known, known_past
from materiel.claims.probability import Range, about, grade, jeffreys_half_width, span, to_five
from materiel.scenario.measures import measures
from materiel.scenario.vocabulary import Claim
from materiel.worlds import Worlds
from materiel.worlds.windows import parts

F64 = NDArray[np.float64]
FEWEST = 30  # worlds with a condition: with fewer, a probability among them would be a handful of draws
UNWEIGHTED = "unweighted: these are the authors' ranges read aloud"
BASES = {
    "built in": "the direction is assumed by the model; only the size is a finding",
    "assumed": "no report speaks to this; it restates the ranges",
    "learnt": "the reports moved it",
}


@dataclass(frozen=True)
class Effect:
    """A paired effect, or a level where the claim compares nothing: median and 90 % range over worlds."""

    median: float
    p5: float
    p95: float
    unit: str


@dataclass(frozen=True)
class Among:
    """The worlds that a verdict is limited to: those in which another claim holds, with that claim's probability."""

    claim: str
    says: str
    probability: float
    worlds: int
    of: int


@dataclass(frozen=True)
class Direct:
    """The same test between two courses in which the answer of others is held; the verdict is judged on the total."""

    courses: tuple[str, str]
    probability: float
    effect: Effect
    ratio: Effect | None


@dataclass(frozen=True)
class Verdict:
    """What can be said of one claim. Fields without a value are None, never 0.

    `probability` and what follows from it are None where fewer than FEWEST worlds have the condition named by `among`.
    `ratio` is in times, over the worlds that have something to divide by; `ratio_left_out` counts the others.
    `decided_by` names the alternatives that make the range, the widest first; `by_pair` holds those that decide together.
    """

    id: str
    asserts: str | None
    says: str
    force: str
    as_of: str
    measure: str
    window: str
    probability: float | None
    probability_error: float | None
    probability_range: Range | None
    by_alternative: dict[str, dict[str, float]]
    by_pair: dict[str, dict[str, float]]
    decided_by: tuple[str, ...]
    prior_probability: float | None
    without: float | None
    basis: str
    basis_says: str
    grade: str
    confidence: str
    confidence_says: str
    base_rate: str
    effect: Effect | None
    ratio: Effect | None
    ratio_left_out: int
    direct: Direct | None
    among: Among | None
    tail: str
    hangs_on: tuple[str, ...]
    worlds: int
    effective_worlds: float
    threshold_says: str
    sensitivity: dict[str, float]
    sensitivity_says: dict[str, str]
    beside: dict[str, Effect]
    given: dict[str, float] | None
    text: str

    def to_json(self) -> dict[str, Any]:
        """Plain data; the range as {low, high}."""
        return {**asdict(self), "probability_range": self.probability_range._asdict() if self.probability_range else None}


@dataclass(frozen=True)
class Shown:
    """The size of a measure that is printed with an assertion, without a verdict."""

    measure: str
    median: float
    p5: float
    p95: float
    unit: str
    course: str
    day: str


@dataclass(frozen=True)
class Answer:
    """What is done with one assertion: verdicts (ids in `claims`), the record, sizes, or the reason why there is no number."""

    id: str
    says: str
    voice: str
    force: str
    kinds: tuple[str, ...]
    finding: str | None
    record: str | None
    events: tuple[str, ...]
    sources: tuple[str, ...]
    reason: str | None
    claims: tuple[str, ...]
    shows: tuple[Shown, ...]
    note: str | None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


@dataclass(frozen=True)
class Verdicts:
    """All verdicts of a run, in the order of the scenario, with the worlds against the known past."""

    sentence: str
    claims: tuple[Verdict, ...]
    known_past: tuple[Known, ...]
    assertions: tuple[Answer, ...] = ()

    def __repr__(self) -> str:
        return "\n".join([self.sentence, *(f"  {v.id}: {v.text}" for v in self.claims)])


def judge(worlds: Worlds) -> Verdicts:
    """A verdict for each claim of the scenario, on unweighted worlds."""
    claims = worlds.scenario.vocabulary.claims
    ranks = {path: _ranks(worlds.unknown(path)) for path in worlds.unknown_paths()}
    first = {key: _verdict(worlds, key, claim, ranks) for key, claim in claims.items()}
    given = {key: first[claim.given].probability for key, claim in claims.items() if claim.given}
    done = tuple(_with_condition(v, claims[key], given.get(key)) for key, v in first.items())
    return Verdicts(UNWEIGHTED, done, known_past(worlds))


def _with_condition(verdict: Verdict, claim: Claim, probability: float | None) -> Verdict:
    if probability is None or claim.given is None:
        return verdict
    met = "The condition was imposed; by itself it has" if claim.force == "would if" else "The claim that it names as given has"
    return replace(verdict, given={claim.given: probability}, text=f"{verdict.text} {met} {about(probability)}.")


def _effect(x: F64, unit: str) -> Effect:
    p5, median, p95 = (float(q) for q in np.quantile(x, (0.05, 0.5, 0.95)))
    return Effect(median, p5, p95, unit)


def _courses(claim: Claim, worlds: Worlds) -> tuple[str, str | None]:
    """The course judged and the one it is compared with."""
    if claim.compare:
        return claim.course or claim.compare[0], claim.compare[1]
    return claim.course or worlds.courses[0], None


def _verdict(worlds: Worlds, key: str, claim: Claim, ranks: dict[str, F64]) -> Verdict:
    bar = rule(claim)
    here, there = _courses(claim, worlds)
    x = values(worlds, claim, here)
    y = values(worlds, claim, there) if there else None
    paired = bar.relation in ("higher", "lower")
    tested = x - y if paired and y is not None else x
    holds = bar.holds(tested)
    probability = float(holds.mean())
    by = _by_alternative(worlds, holds)
    deciding = {name: by[name] for name in _deciding(worlds, holds, by)}
    everywhere = [probability, *(p for options in deciding.values() for p in options.values())]
    across = Range(to_five(min(everywhere)), to_five(max(everywhere)))
    unit = measures(worlds.scenario.vocabulary)[parts(claim.measure)[0]].unit
    difference = x - y if y is not None else None
    built_in = paired and difference is not None and _one_sign(difference)
    word = grade(Range(min(everywhere), max(everywhere)), probability)
    basis = "built in" if built_in else "assumed"
    effect = _effect(difference if difference is not None else x, unit)
    beside = {c: _effect(values(worlds, claim, here) - values(worlds, claim, c), unit) for c in claim.beside}
    verdict = Verdict(
        id=key,
        asserts=claim.asserts,
        says=claim.says,
        force=claim.force,
        as_of=str(worlds.scenario.as_of),
        measure=claim.measure,
        window=claim.over or claim.at or "",
        probability=probability,
        probability_error=jeffreys_half_width(probability, float(worlds.n)),
        probability_range=across,
        by_alternative=by,
        by_pair={},
        decided_by=tuple(deciding),
        prior_probability=probability,
        without=None if paired or y is None else float(bar.holds(y).mean()),
        basis=basis,
        basis_says=BASES[basis],
        grade=word,
        confidence="low",
        confidence_says="no report weighs these worlds yet, and no hindcast has scored this measure",
        base_rate=claim.base_rate or "none found",
        effect=effect,
        ratio=None,
        ratio_left_out=0,
        direct=None,
        among=None,
        tail=_tail(tested, bar, unit),
        hangs_on=tuple(_hangs_on(worlds, tested, deciding, ranks)),
        worlds=worlds.n,
        effective_worlds=float(worlds.n),
        threshold_says=f"{claim.holds_if} ({claim.threshold_by})",
        sensitivity={"half": float(bar.holds(tested, 0.5).mean()), "twice": float(bar.holds(tested, 2.0).mean())},
        sensitivity_says={},
        beside=beside,
        given=None,
        text="",
    )
    return _with_text(verdict)


def _with_text(v: Verdict) -> Verdict:
    low, high = v.probability_range
    across = (
        f" ({span(v.probability_range)} across alternatives)" if low < high else " (under every alternative)" if v.by_alternative else ""
    )
    said = f"{about(v.probability)}{across}, {v.grade}"
    if v.force == "could":
        said = f"possible, which is not to say likely: {said}" if v.probability > 0.05 else f"hardly possible: {said}"
    if v.basis == "built in":
        said = f"{BASES['built in']}: {v.threshold_says} in {about(v.probability)}{across} of the worlds"
    if v.without is not None:
        said = f"{said}; without it {about(v.without)}"
    return replace(v, text=f"In our model, with these ranges: {said}.")


def _one_sign(difference: F64) -> bool:
    """Whether no world has the opposite sign and some world has an effect at all."""
    return bool((difference >= 0).all() or (difference <= 0).all()) and bool((difference != 0).any())


def _by_alternative(worlds: Worlds, holds: NDArray[np.bool_]) -> dict[str, dict[str, float]]:
    """Probability of the claim within each option of each alternative; options that no world took are left out."""
    table: dict[str, dict[str, float]] = {}
    for name, choice in worlds.scenario.alternatives.items():
        chosen = worlds.alternative(name)
        table[name] = {o.name: float(holds[chosen == k].mean()) for k, o in enumerate(choice.options) if (chosen == k).any()}
    return table


def _deciding(worlds: Worlds, holds: NDArray[np.bool_], by: dict[str, dict[str, float]]) -> list[str]:
    """Alternatives whose options differ by more than simulation error can explain; only these make the range.

    The largest difference between two options against three standard errors: with a handful of alternatives and claims
    a false alarm is rare, and a difference that small is below the rounding anyway. Otherwise the range would be
    simulation error sold as doubt.
    """
    found = []
    for name, options in by.items():
        chosen = worlds.alternative(name)
        sizes = {o.name: int((chosen == k).sum()) for k, o in enumerate(worlds.scenario.alternatives[name].options)}
        (low, p), (high, q) = (pick(options.items(), key=lambda kv: kv[1]) for pick in (min, max))
        pooled = float(holds.mean())
        error = np.sqrt(pooled * (1 - pooled) * (1 / sizes[low] + 1 / sizes[high]))
        if q - p > 3 * error:
            found.append(name)
    return found


def _tail(x: F64, bar: Rule, unit: str) -> str:
    """One line on the far end in the claim's direction."""
    far = float(np.quantile(x, 0.95 if bar.relation in ("higher", "above") else 0.05))
    return f"1 in 20 worlds: {far:,.3g} {unit} or {'more' if bar.relation in ('higher', 'above') else 'less'}"


def _hangs_on(worlds: Worlds, x: F64, deciding: dict[str, dict[str, float]], ranks: dict[str, F64], most: int = 3) -> Sequence[str]:
    """Alternatives that decide, the widest first, then the numbers with the largest rank correlation.

    Spearman's rank correlation, read only where it exceeds what chance gives among so many numbers (0.1 or four
    standard errors). A screening, not a decomposition of variance. What a deciding alternative sets, and every switch,
    is left to the alternative. `ranks` holds the ranks of each unknown over the worlds.
    """
    widest = sorted(deciding.items(), key=lambda kv: min(kv[1].values()) - max(kv[1].values()))
    said = [f"{name}: {', '.join(f'{o} {about(p)}' for o, p in options.items())}" for name, options in widest]
    if np.ptp(x) == 0:
        return said
    set_there = {path for name in deciding for o in worlds.scenario.alternatives[name].options for path in o.set}
    set_there |= {path for path, q in worlds.scenario.quantities.items() if q.kind == "switch"}
    target = _ranks(x)
    free = [(path, r) for path, r in ranks.items() if path not in set_there and np.ptp(r) > 0]
    found = [(float(np.corrcoef(r, target)[0, 1]), path) for path, r in free]
    floor = max(0.1, 4.0 / np.sqrt(max(len(x), 2)))
    strong = sorted((f for f in found if abs(f[0]) > floor), key=lambda f: -abs(f[0]))[:most]
    return [*said, *(f"{path} ({'more' if r > 0 else 'less'} with more; rank correlation {r:+.2f})" for r, path in strong)]


def _ranks(x: F64) -> F64:
    """Ranks with ties at their mean, so that a quantity with many equal values is not given an order it lacks."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(x), np.float64)
