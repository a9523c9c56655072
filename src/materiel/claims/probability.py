"""Probabilities in words and with their simulation error."""

from typing import NamedTuple

# Intelligence Community Directive 203 (2015), D.6.e.2.a: upper end of each band, in per cent
BANDS = (
    (5, "almost no chance"),
    (20, "very unlikely"),
    (45, "unlikely"),
    (55, "roughly even"),
    (80, "likely"),
    (95, "very likely"),
    (99, "almost certain"),
)
OUTSIDE = "outside the model's worlds"
UNDETERMINED = "not determined"


class Range(NamedTuple):
    """A range of probabilities."""

    low: float
    high: float


def jeffreys_half_width(probability: float, effective: float) -> float:
    """Half the width of the 90 % Jeffreys interval for a share seen in `effective` independent worlds; never zero.

    Brown, Cai & DasGupta 2001, Interval estimation for a binomial proportion.
    """
    from scipy.special import betaincinv

    hits = probability * effective
    low, high = (betaincinv(hits + 0.5, effective - hits + 0.5, q) for q in (0.05, 0.95))
    return float(high - low) / 2.0


def to_five(probability: float) -> float:
    """Round to 5 points, but never to 0 or 1: what no simulated world shows is outside the model, not impossible."""
    return min(0.99, max(0.01, round(probability * 20) / 20))


def about(probability: float) -> str:
    """`about 30 %`, to 5 points; the ends in words."""
    if probability <= 0.025:
        return "under 5 %"
    return "over 95 %" if probability >= 0.975 else f"about {100 * to_five(probability):.0f} %"


def span(across: "Range") -> str:
    """`20 to 50`, ends to 5 points; under 5 and over 95 in words, and one word where both ends read the same."""
    low, high = (about(p).removeprefix("about ").removesuffix(" %") for p in across)
    if (low, high) in (("under 5", "5"), ("95", "over 95")):
        return "5 or less" if high == "5" else "95 or more"
    return low if low == high else f"{low} to {high}"


def band(probability: float) -> int | None:
    """Index of the ICD 203 band, an edge counted to the lower one; None below 1 and above 99 per cent."""
    if probability < 0.01 or probability > 0.99:
        return None
    return next(k for k, (top, _) in enumerate(BANDS) if probability <= top / 100)


def grade(across: Range, probability: float) -> str:
    """The word where the range touches at most two neighbouring bands, else "not determined".

    The word is that of the probability over all worlds. A range that lies wholly beyond 1 or 99 per cent is outside
    the model's worlds; a range with one end beyond counts that end to the outermost band.
    """
    ends = [band(p) for p in across]
    if ends == [None, None] and (across.high < 0.5 or across.low > 0.5):
        return OUTSIDE
    low, high = (k if k is not None else (0 if p < 0.5 else len(BANDS) - 1) for k, p in zip(ends, across, strict=True))
    if high - low > 1:
        return UNDETERMINED
    here = band(probability)
    return BANDS[here][1] if here is not None else OUTSIDE
