"""What the reports taught: each verdict on weighed worlds held against that of the worlds before."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from materiel.claims.estimand import courses, difference_of, judged_apart, read, rule
from materiel.claims.probability import jeffreys_half_width
from materiel.claims.sample import condition
from materiel.claims.verdict import BASES, Effect, Learnt, Verdict
from materiel.evidence import skill
from materiel.evidence.weighed import Heard, Weighing
from materiel.scenario.measures import measures
from materiel.scenario.vocabulary import Claim
from materiel.worlds import Worlds
from materiel.worlds.windows import parts, window

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOVED = 0.05  # of a probability, from which on it counts as learnt
NARROWED = 0.1  # of the width of an effect, from which on it counts as learnt
ORIGINS, FAMILIES = 3, 2  # independent origins, and families of them, that make confidence moderate


def sized(x: F64, unit: str) -> Effect:
    """Median and 90 % range of an effect or a level over worlds."""
    p5, median, p95 = (float(q) for q in np.quantile(x, (0.05, 0.5, 0.95)))
    return Effect(median, p5, p95, unit)


def sentence(weighing: Weighing) -> str:
    """What the worlds were weighed with, for the head of every list of verdicts."""
    without = f", without {', '.join(weighing.without)}" if weighing.without else ""
    return (
        f"weighed with {weighing.reports} reports of {weighing.origins} independent origins, all published by {weighing.to}{without}; "
        f"worth {weighing.effective:,.0f} independent worlds"
    )


def narrowing(now: F64, then: F64) -> float | None:
    """By how much the 90 % range became narrower, as a share of what it was; None where it had no width."""
    if not len(now) or not len(then):
        return None
    (a, b), (c, d) = (np.quantile(x, (0.05, 0.95)) for x in (now, then))
    return float(1.0 - (b - a) / (d - c)) if d > c else None


class BeforeAndAfter:
    """Two runs of one scenario, before and after the reports."""

    def __init__(self, before: Worlds, after: Worlds, weighing: Weighing) -> None:
        self.before, self.after, self.weighing = before, after, weighing
        heard = Heard(after)
        self.skill = skill.of(after.folder.path.parent, after.scenario.vocabulary.scenario)
        self.batch, self.left_out = heard.batch, {family: heard.without_family(family) for family in heard.families}

    def verdict(self, claim: Claim, prior: Verdict, verdict: Verdict) -> Verdict:
        """The verdict with its prior, with what the reports did to it, and with the basis and confidence that follow."""
        if verdict.probability is None:
            return verdict
        here, there = courses(self.after, claim)
        paired = there is not None and not judged_apart(claim)
        kept, old = (condition(w, claim) for w in (self.after, self.before))
        now, then = (difference_of(w, claim, here, there)[k] for w, k in ((self.after, kept), (self.before, old)))
        narrower = narrowing(now, then)
        delivered, per_round = self._deliveries(claim, here, there, now, then, kept, old) if paired else (None, None)
        spoke = self._origins(claim)
        learnt = Learnt(
            prior_effect=prior.effect, effect=narrower, delivered=delivered, per_round=per_round,
            without=self._without(claim, kept), origins=spoke,
        )  # fmt: skip
        basis = prior.basis if prior.basis == "built in" else self._basis(verdict, prior, now, then, self.batch[kept])
        own = [self.skill[m] for m in parts(claim.measure) if m in self.skill]
        shown = skill.Shown(min(s.better for s in own), max(s.worse for s in own)) if own else None
        level, why = confidence(spoke, shown, alone=not paired)
        return replace(
            verdict, prior_probability=prior.probability, learnt=learnt, basis=basis, basis_says=BASES[basis], confidence=level,
            confidence_says=why,
        )  # fmt: skip

    def _basis(self, verdict: Verdict, prior: Verdict, now: F64, then: F64, batch: NDArray[np.int64]) -> str:
        """Learnt where the reports move the probability or narrow the effect by more than simulation error can explain."""
        if prior.probability is not None and verdict.probability is not None:
            error = np.hypot(verdict.probability_error or 0.0, jeffreys_half_width(prior.probability, prior.effective_worlds))
            if abs(verdict.probability - prior.probability) >= max(MOVED, error):
                return "learnt"
        each = [narrowing(now[batch == b], then) for b in np.unique(batch)]
        some = np.array([x for x in each if x is not None])
        if len(some) > 1 and some.mean() >= NARROWED and some.mean() > 2.0 * some.std(ddof=1) / np.sqrt(len(some)):
            return "learnt"
        return "assumed"

    def _deliveries(
        self, claim: Claim, here: str, there: str | None, now: F64, then: F64, kept: Bools, old: Bools
    ) -> tuple[float | None, float | None]:
        """How much the reports narrowed what was delivered, and the effect of a delivered round."""
        end = window(self.after.scenario, claim.over, claim.at).end
        names = " + ".join(m for m in measures(self.after.scenario.vocabulary) if m.startswith("delivered["))
        if not names or there is None:
            return None, None
        a, b = ((w.at(here, names, end) - w.at(there, names, end))[k] for w, k in ((self.after, kept), (self.before, old)))
        some, some_before = np.abs(a) >= 1.0, np.abs(b) >= 1.0
        if not some.any() or not some_before.any():
            return None, None
        return narrowing(a, b), narrowing(now[some] / a[some], then[some_before] / b[some_before])

    def _without(self, claim: Claim, kept: Bools) -> dict[str, float | None]:
        """The probability without each family in turn, by smoothed weights."""
        holds = read(self.after, claim).holds(rule(claim))
        out: dict[str, float | None] = {}
        for family, one in self.left_out.items():
            w = one.weights[kept] if one.weights is not None else None
            out[family] = float(w @ holds[kept] / w.sum()) if w is not None and w.sum() > 0 else None
        return out

    def _origins(self, claim: Claim) -> dict[str, int]:
        """Independent origins that speak of the claim's measure, by family."""
        own = set(parts(claim.measure))
        heard: dict[str, set[str]] = {}
        for c in self.weighing.checks:
            if own & {m for side in c.measure.split(" : ") for m in parts(side)}:
                heard.setdefault(c.family, set()).add(c.origin)
        return {family: len(origins) for family, origins in sorted(heard.items())}


def confidence(spoke: dict[str, int], shown: skill.Shown | None, alone: bool) -> tuple[str, str]:
    """Low, moderate or high, and why: by who spoke of the measure, and by what hindcasts show of it.

    Forecasts that were clearly worse than something simple leave it low. High is only for a claim on the course that was taken
    (`alone`), for no hindcast can be held against a course that was not.
    """
    origins, families = sum(spoke.values()), len(spoke)
    if not origins:
        return "low", "no report speaks of this measure"
    n = "one independent origin speaks" if origins == 1 else f"{origins} independent origins of {families} families speak"
    says = f"{n} of this measure" + ("" if alone else ", and none of what it would be otherwise")
    level = "moderate" if origins >= ORIGINS and families >= FAMILIES else "low"
    if shown is not None and shown.worse > shown.better:
        return "low", f"{says}; its hindcasts were worse than a trend or the last value"
    if shown is not None and shown.better > shown.worse:
        says = f"{says}; its hindcasts were better than a trend or the last value"
        return ("high" if level == "moderate" and alone else level), says
    return level, says
