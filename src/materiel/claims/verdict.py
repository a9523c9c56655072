"""What a verdict holds: how probable, how large, built in or assumed, what it hangs on."""

from dataclasses import asdict, dataclass, field
from typing import Any

from materiel.claims.known_past import Known
from materiel.claims.probability import Range
from materiel.evidence.weighed import Weighing

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
class Learnt:
    """What the reports did to a verdict: the prior beside it, and how much they narrowed what.

    `prior_effect` is the effect before. A share of narrowing is 1 less the width of the 90 % range over its width before
    (below 0 it became wider): of the `effect`, of what was `delivered` between the two courses, and of the effect of a
    delivered round; None where there is no such thing. `without` is the probability without each family of speakers in turn,
    None where these worlds cannot tell. `origins` counts independent origins that speak of the measure, by family.
    """

    prior_effect: Effect | None
    effect: float | None
    delivered: float | None
    per_round: float | None
    without: dict[str, float | None]
    origins: dict[str, int]


@dataclass(frozen=True)
class Verdict:
    """What can be said of one claim. Fields without a value are None, never 0.

    `probability` and what follows from it are None where fewer than FEWEST worlds have the condition named by `among`.
    `ratio` is in times, over the worlds that have something to divide by; `ratio_left_out` counts the others.
    `prior_probability` is that before the reports, and `learnt` what they did; None for worlds that no report weighs.
    `by_priors` is the probability with each set of ranges where the range spans two; empty for one.
    `decided_by` names the alternatives that make the range, the widest first; `by_pair` holds those that decide together,
    `one + two` to `option + option`. `a_month` is the constant chance a month that gives the probability over the window,
    for what is expected. `sensitivity` is the probability at half and at twice of the threshold, which `sensitivity_says`.
    """

    id: str
    asserts: str | None
    says: str
    force: str
    as_of: str
    measure: str
    window: str
    a_month: float | None
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
    learnt: Learnt | None = None
    by_priors: dict[str, float] = field(default_factory=dict)

    @property
    def spans(self) -> str:
        """What the range spans."""
        return "alternatives and both sets of ranges" if self.by_priors else "alternatives"

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
    """All verdicts of a run, in the order of the scenario, with the worlds against the known past, and what weighed them."""

    sentence: str
    claims: tuple[Verdict, ...]
    known_past: tuple[Known, ...]
    assertions: tuple[Answer, ...] = ()
    weighing: Weighing | None = None

    def __repr__(self) -> str:
        return "\n".join([self.sentence, *(f"  {v.id}: {v.text}" for v in self.claims)])

    def _repr_html_(self) -> str:
        """What a notebook shows: every claim with its probability to five points, its range, its word and its basis."""
        from materiel.claims.probability import about, span
        from materiel.scenario.notebook import table

        def told(v: Verdict) -> tuple[str, ...]:
            if v.basis == "built in":  # a direction that the model assumes has no probability to print
                return v.says, "size only", "", "", v.basis, v.confidence
            p, across = v.probability, v.probability_range
            return v.says, about(p) if p is not None else "too few worlds", span(across) if across else "", v.grade, v.basis, v.confidence

        head = ("Claim", "Worlds", f"Across {self.claims[0].spans if self.claims else 'alternatives'}", "Word", "Basis", "Confidence")
        as_of = f" All as of {self.claims[0].as_of}." if self.claims else ""
        return table("Verdicts", head, map(told, self.claims), f"{self.sentence}.{as_of} A model, not an observation.")
