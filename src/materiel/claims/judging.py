"""From worlds to verdicts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from materiel.claims.alternatives import FEWEST, Taken, deciding
from materiel.claims.assertions import answers
from materiel.claims.estimand import Read, Rule, courses, judged_apart, rule
from materiel.claims.hangs_on import Unknowns, hangs_on
from materiel.claims.known_past import known_past
from materiel.claims.learning import MOVED, BeforeAndAfter, sentence, sized
from materiel.claims.priors import across
from materiel.claims.probability import UNDETERMINED, Range, about, grade, jeffreys_half_width, span, to_five
from materiel.claims.sample import Sample, every_alternative, in_passes, samples
from materiel.claims.verdict import BASES, UNWEIGHTED, Among, Direct, Effect, Verdict, Verdicts
from materiel.evidence.weighed import weighing_of
from materiel.scenario import Scenario
from materiel.scenario.measures import MeasureKind, measures
from materiel.scenario.vocabulary import Claim
from materiel.worlds import Worlds, open_run
from materiel.worlds.windows import parts, window

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]
MONTH = 365.25 / 12  # days


def judge(worlds: Worlds, by_rule: Worlds | None = None) -> Verdicts:
    """A verdict for each claim of the scenario, and what is done with each assertion.

    On worlds that reports weigh, each verdict is held against that of the worlds before, whose run must still be there. `by_rule`
    are the worlds of the same scenario with its ranges made by rule: the range of a verdict then spans both sets of ranges.
    """
    claims, weighing = worlds.scenario.vocabulary.claims, weighing_of(worlds)
    first = _verdicts(worlds)
    if by_rule is not None:
        other = _verdicts(by_rule)
        first = {key: across(v, other[key], "authors", "by rule") for key, v in first.items()}
    first = {key: replace(v, text=_text(v, v.probability)) if v.probability is not None else v for key, v in first.items()}
    done = tuple(_with_condition(v, claims[key], first) for key, v in first.items())
    return Verdicts(sentence(weighing) if weighing else UNWEIGHTED, done, known_past(worlds), answers(worlds), weighing)


def _verdicts(worlds: Worlds) -> dict[str, Verdict]:
    """Verdicts by claim, with what the reports did to them where reports weigh; without conditions."""
    claims, weighing = worlds.scenario.vocabulary.claims, weighing_of(worlds)
    worth = weighing.worth(worlds.n) / worlds.n if weighing else 1.0
    first = _all(worlds, claims, Unknowns(worlds), worth)
    if weighing is None:
        return first
    before = open_run(weighing.of, worlds.folder.path.parent)
    prior = _all(before, claims, None, 1.0)
    compared = BeforeAndAfter(before, worlds, weighing)
    return {key: compared.verdict(claims[key], prior[key], v) for key, v in first.items()}


def needs(scenario: Scenario, key: str) -> frozenset[str]:
    """The courses without which `glance` cannot say how probable a claim is."""
    claim = scenario.vocabulary.claims[key]
    own = {*(claim.compare or ()), *([claim.course] if claim.course else [])} or {next(iter(scenario.courses))}
    return frozenset(own) | (needs(scenario, claim.among) if claim.among else frozenset())


def glance(worlds: Worlds, keys: Iterable[str], across: bool = True) -> dict[str, Verdict]:
    """Verdicts of some claims while somebody waits: how probable, its range, how large, on the courses that `needs` names.

    Without what further courses would show (`beside`, `direct`), without what it hangs on, and with no condition printed.
    Without `across` alternatives are not told apart, which is most of the time: the range is then the probability alone.
    """
    claims = worlds.scenario.vocabulary.claims
    bare = {key: claims[key].model_copy(update={"beside": (), "direct": None}) for key in keys}
    kinds, answered = measures(worlds.scenario.vocabulary), every_alternative(worlds) if across else []
    return {key: _verdict(worlds, key, bare[key], sample, kinds, answered, None, 1.0) for key, sample in samples(worlds, bare).items()}


def _with_condition(verdict: Verdict, claim: Claim, all_of_them: dict[str, Verdict]) -> Verdict:
    """With the probability of the claim that it names as given, which is imposed for a `would if`."""
    condition = all_of_them[claim.given] if claim.given else None
    if condition is None or condition.probability is None:
        return verdict
    p, n = condition.probability, condition.worlds
    met = "The condition was imposed; by itself it has" if claim.force == "would if" else "The claim that it names as given has"
    said = f"{met} {about(p)} ({round(p * n) or 'none':,} of {n:,} worlds)." if p else f"{met} {about(p)} (none of {n:,} worlds)."
    return replace(verdict, given={condition.id: p}, text=f"{verdict.text} {said}")


def _ratio(seen: Read) -> Effect | None:
    """In times, where enough worlds have something to divide by."""
    x = seen.ratios() if seen.of == "ratio" else np.zeros(0)
    return sized(x, "times") if len(x) >= FEWEST else None


def _all(worlds: Worlds, claims: dict[str, Claim], unknowns: Unknowns | None, worth: float) -> dict[str, Verdict]:
    """One verdict a claim, from all worlds; what they hang on is screened in those held here."""
    out: dict[str, Verdict] = {}
    kinds, answered = measures(worlds.scenario.vocabulary), every_alternative(worlds)
    for some in in_passes(worlds, claims):
        for key, sample in samples(worlds, some).items():
            out[key] = _verdict(worlds, key, claims[key], sample, kinds, answered, unknowns, worth)
    return out


def _verdict(
    worlds: Worlds,
    key: str,
    claim: Claim,
    sample: Sample,
    kinds: Mapping[str, MeasureKind],
    answered: Sequence[Taken],
    unknowns: Unknowns | None,
    worth: float,
) -> Verdict:
    """`kinds` are the scenario's measures, `answered` is what each world took as an alternative.

    `worth` is how many independent worlds one of these is worth.
    """
    bar, unit = rule(claim), kinds[parts(claim.measure)[0]].unit
    _, there = courses(worlds, claim)
    kept, among = sample.kept, _among(worlds, claim, sample.kept)
    paired = there is not None and not judged_apart(claim)
    difference = sample.difference
    basis = "built in" if paired and _one_sign(difference) else "assumed"
    verdict = Verdict(
        id=key, asserts=claim.asserts, says=claim.says, force=claim.force, as_of=str(worlds.scenario.as_of),
        measure=claim.measure, window=claim.over or claim.at or "", a_month=None,
        probability=None, probability_error=None, probability_range=None, by_alternative={}, by_pair={}, decided_by=(),
        prior_probability=None, without=None, basis=basis, basis_says=BASES[basis], grade=UNDETERMINED, confidence="low",
        confidence_says="no report weighs these worlds yet, and no hindcast has scored this measure",
        base_rate=claim.base_rate or "none found", effect=None, ratio=None, ratio_left_out=0, direct=None, among=among,
        tail="", hangs_on=(), worlds=int(kept.sum()), effective_worlds=float(kept.sum()) * worth,
        threshold_says=f"{claim.holds_if} ({claim.threshold_by})", sensitivity={},
        sensitivity_says={"half": bar.says(unit, 0.5), "twice": bar.says(unit, 2.0)}, beside={}, given=None, text="",
    )  # fmt: skip
    if among and among.worlds < FEWEST:
        few = f"too few worlds have the condition; impose it ({among.worlds or 'none'} of {among.of:,}; {FEWEST} are needed)"
        return replace(verdict, text=f"In our model, with these ranges: {UNDETERMINED}: {few}.")

    seen = sample.seen.only(kept)
    holds, n = seen.holds(bar), int(kept.sum())
    here = kept[: worlds.shown]
    probability = float(holds.mean())
    decides = deciding(holds, [t._replace(chosen=t.chosen[kept]) for t in answered], worth)
    everywhere = [probability, *decides.probabilities()]
    direct = None
    if claim.direct and sample.held is not None and sample.held_difference is not None:
        held = sample.held.only(kept)
        effect = sized(sample.held_difference[kept], unit)
        direct = Direct(claim.direct, float(held.holds(bar).mean()), effect, _ratio(held))
    return replace(
        verdict,
        a_month=_a_month(worlds, claim, probability) if claim.force == "expected" else None,
        probability=probability,
        probability_error=jeffreys_half_width(probability, n * worth),
        probability_range=Range(to_five(min(everywhere)), to_five(max(everywhere))),
        by_alternative=decides.every,
        by_pair={" + ".join(names): {" + ".join(o): p for o, p in cells.items()} for names, cells in decides.pairs.items()},
        decided_by=decides.names(),
        prior_probability=probability,
        without=float(sample.without.only(kept).holds(bar).mean()) if sample.without is not None else None,
        grade=grade(Range(min(everywhere), max(everywhere)), probability),
        effect=sized(difference[kept], unit),
        ratio=_ratio(seen),
        ratio_left_out=n - len(seen.ratios()) if seen.of == "ratio" else 0,
        direct=direct,
        tail=_tail(seen.judged(bar), bar, unit),
        hangs_on=tuple(hangs_on(worlds.scenario, unknowns, seen.judged(bar)[: int(here.sum())], here, decides, worth)) if unknowns else (),
        sensitivity={"half": float(seen.holds(bar, 0.5).mean()), "twice": float(seen.holds(bar, 2.0).mean())},
        beside={c: sized(x[kept], unit) for c, x in sample.beside.items()},
    )


def _among(worlds: Worlds, claim: Claim, kept: Bools) -> Among | None:
    """What the condition of a claim is, and how many worlds have it."""
    if claim.among is None:
        return None
    other = worlds.scenario.vocabulary.claims[claim.among]
    return Among(claim.among, other.says, float(kept.mean()), int(kept.sum()), len(kept))


def _text(v: Verdict, probability: float) -> str:
    spread = ""
    if v.probability_range:
        low, high = v.probability_range
        if low < high:
            spread = f" ({span(v.probability_range)} across {v.spans})"
        elif v.by_alternative:
            spread = " (under every alternative)"
    hangs = f", for it hangs on {_and(v.decided_by)}" if v.grade == UNDETERMINED and v.decided_by else ""
    was = ""
    if v.learnt is not None and v.prior_probability is not None and abs(v.prior_probability - probability) >= MOVED:
        was = f" (was {about(v.prior_probability)} before the reports)"
    said = f"{about(probability)}{was}{spread}, {v.grade}{hangs}"
    if v.force == "could":
        said = f"possible, which is not to say likely: {said}" if probability > 0.05 else f"hardly possible: {said}"
    if v.basis == "built in":
        said = f"{BASES['built in']}: {v.threshold_says} in {about(probability)}{spread} of the worlds"
    if v.basis == "learnt":
        said = f"{said}; learnt from reports"
    if v.force == "expected":
        month = f" ({100 * v.a_month:.2g} % a month)" if v.a_month else ""
        within = f"within {v.window}" if " to " in v.window else f"by {v.window}"
        said = f"{within}{month}, {said}; base rate: {v.base_rate.rstrip('.')}"
    if v.without is not None:
        said = f"{said}; without it {about(v.without)}"
    if v.direct is not None:
        said = f"{said}; with the answer of others held {about(v.direct.probability)}"
    where = f" among the {v.among.worlds:,} of {v.among.of:,} worlds with “{v.among.says.rstrip('.')}”" if v.among else ""
    return f"In our model, with these ranges{where}: {said}."


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _a_month(worlds: Worlds, claim: Claim, probability: float) -> float | None:
    """The constant chance a month that gives this probability over the window; None where no world, or nearly every one, shows it."""
    w = window(worlds.scenario, claim.over, claim.at)
    days = w.end if w.kind == "level" else w.end - w.start
    if not 0.01 <= probability <= 0.99 or days == 0:
        return None
    return float(-np.expm1(np.log1p(-probability) * MONTH / days))


def _one_sign(difference: F64) -> bool:
    """Whether no world has the opposite sign and some world has an effect at all."""
    return bool((difference >= 0).all() or (difference <= 0).all()) and bool((difference != 0).any())


def _tail(x: F64, bar: Rule, unit: str) -> str:
    """One line on the far end in the claim's direction."""
    level, rest = (0.95, "more") if bar.upward else (0.05, "less")
    if not bar.ratio:
        return f"1 in 20 worlds: {float(np.quantile(x, level)):,.3g} {unit} or {rest}"
    far = float(np.quantile(x, level, method="inverted_cdf"))  # never between a number and infinity
    return f"1 in 20 worlds: {far:,.3g} times or {rest}" if np.isfinite(far) else "1 in 20 worlds: something against nothing"
