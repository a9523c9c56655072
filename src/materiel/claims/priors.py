"""One verdict across two sets of ranges: those that people set, and those made by rule from what was published."""

from dataclasses import replace

from materiel.claims.probability import Range, grade, to_five
from materiel.claims.verdict import Verdict

APART = "the set of ranges"  # what a verdict hangs on where only the other set takes it out of its band


def across(verdict: Verdict, other: Verdict, own: str, others: str) -> Verdict:
    """The verdict with a range that spans both sets, its probability still that of its own set.

    `own` and `others` name the sets. A verdict without a probability in either set stays as it is.
    """
    if verdict.probability is None or other.probability is None or verdict.probability_range is None or other.probability_range is None:
        return verdict
    ends = (*verdict.probability_range, *other.probability_range, verdict.probability, other.probability)
    both = Range(min(ends), max(ends))
    word = grade(both, verdict.probability)
    more = () if word == verdict.grade else (APART,)
    return replace(
        verdict,
        by_priors={own: verdict.probability, others: other.probability},
        probability_range=Range(to_five(both.low), to_five(both.high)),
        grade=word,
        decided_by=(*more, *verdict.decided_by),
    )
