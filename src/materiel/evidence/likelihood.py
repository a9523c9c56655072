"""How likely it is that what was said would be said, in worlds that say this or that.

**How much.** On the log, y = ln x + bias of the family + common error of the origin + e, with e a Student-t of 4 degrees
of freedom. A figure with its rounding, and a range, have the probability of the interval; a bound that of its tail. On a
linear scale (changes that may be negative) y = x + common + e. A world that says 0, or less than the smallest amount that
counts, is taken to say that amount where something was reported.

**Whether.** A statement that its speaker would make either way, assertion or denial, has a likelihood ratio between 1/x
and x, and one against the speaker's interest a ratio of its own in the direction of what it says. Evidence that others
can inspect (images, documents, and signals of a speaker without interest) counts by its chances of a hit and of a false
alarm. Everything else is taken as said either way. A ratio is split evenly over both answers, so that one around 1
favours none.

**Copies.** The log-likelihood of an item is multiplied by its weight; copies of one piece of work share a weight of 1.

The bias of each family, the common error and the ratios of each origin, and each factor that is a range are unknowns too:
one standard normal each, named by `Speakers`, with the same prior for every family.

References: Heitjan and Rubin 1991, Ignorability and coarse data; Dawid and Skene 1979, Maximum likelihood estimation of
observer error-rates; Genest and Zidek 1986, Combining probability distributions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from materiel.evidence.predictions import Item
from materiel.scenario.evidence import Evidence

F64 = NDArray[np.float64]

INSPECTED = ("imagery", "documents")  # what others can look at, whoever shows it
SENSORS = (*INSPECTED, "signals")  # and what nobody else can look at, taken from a speaker without interest
TINY = 1e-300  # what a world that says nothing says to a statement that has a place for nothing: up to so many
_FAR = 1e140  # standard errors; further out is as far
_EDGE = 1e-9  # no sensor is surer than this


# ---- Student-t with 4 degrees of freedom ----
# With h = sqrt(4 + t^2) and w = t/h the distribution is F(t) = (1+w)^2 (2-w) / 4, and with v = 1-w = 4 / (h (h+t)) its upper
# tail is v^2 (3-v) / 4: nothing cancels however far out.


def log_upper(t: F64) -> F64:
    """log P(T > t)."""
    t = np.clip(t, -_FAR, _FAR)
    a = np.abs(t)
    h = np.hypot(2.0, a)
    tail = 2.0 * (np.log(4.0) - np.log(h) - np.log(h + a)) + np.log(2.0 + a / h) - np.log(4.0)
    return np.asarray(np.where(t >= 0, tail, np.log1p(-np.exp(tail))), np.float64)


def log_between(a: F64, width: F64) -> F64:
    """log P(a < T < a + width), for a finite width above 0; the width is its own argument so that a narrow one stays exact."""
    b = np.clip(a + width, -_FAR, _FAR)
    a = np.clip(a, -_FAR, _FAR)
    astride = (a < 0) & (b > 0)
    low = np.where(astride, 0.0, np.minimum(np.abs(a), np.abs(b)))  # the nearer and the further end, on one side of 0
    high = np.where(astride, 1.0, np.maximum(np.abs(a), np.abs(b)))
    h1, h2 = np.hypot(2.0, low), np.hypot(2.0, high)
    v1, v2 = 4.0 / (h1 * (h1 + low)), 4.0 / (h2 * (h2 + high))
    apart = np.log(4.0) + np.log(width) + np.log(low + high + h2 + low * ((low + high) / (h1 + h2)))
    apart = apart - np.log(h1) - np.log(h1 + low) - np.log(h2) - np.log(h2 + high)  # log(v1 - v2)
    aside = apart + np.log(3.0 * (v1 + v2) - (v1 * v1 + v1 * v2 + v2 * v2)) - np.log(4.0)
    wa, wb = a / np.hypot(2.0, a), b / np.hypot(2.0, b)
    across = np.log(np.where(astride, (wb - wa) * (3.0 - (wb * wb + wa * wb + wa * wa)), 1.0)) - np.log(4.0)
    return np.asarray(np.minimum(np.where(astride, across, aside), 0.0), np.float64)


# ---- the unknowns of speakers ----


@dataclass(frozen=True)
class Speakers:
    """The unknowns that the speakers of some items bring, in the order of `names`: biases, common errors, ratios.

    `ratios` are (kind, origin) with kind either_way, against, hit or false_alarm, and (factor, its place under evidence).
    """

    evidence: Evidence
    families: tuple[str, ...]
    origins: tuple[str, ...]
    ratios: tuple[tuple[str, str], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """One name an unknown."""
        return (
            *(f"bias/{f}" for f in self.families),
            *(f"common/{o}" for o in self.origins),
            *(f"{kind}/{o}" for kind, o in self.ratios),
        )

    def split(self, z: F64) -> tuple[F64, F64, F64]:
        """Standard normals [n, names] to biases [n, families], common errors [n, origins] and ratios [n, ratios].

        A ratio of kind either_way or against is the log of a likelihood ratio, hit and false_alarm are chances, and factor is
        the log of a factor over its median.
        """
        e, k, m = self.evidence, len(self.families), len(self.families) + len(self.origins)
        ratio = np.empty((len(z), len(self.ratios)), np.float64)
        for j, (kind, name) in enumerate(self.ratios):
            u = np.clip(ndtr(z[:, m + j]), 1e-16, 1 - 1e-16)
            if kind == "either_way":
                ratio[:, j] = np.log(e.either_way.at(0.5)) * (2.0 * u - 1.0)
            elif kind == "against":
                ratio[:, j] = np.log(np.maximum(e.against_interest.value(u), 1.0))
            elif kind == "factor":
                factor = e.factor(name)
                ratio[:, j] = 0.0 if factor is None else np.log(np.maximum(factor.value(u) / factor.at(0.5), _EDGE))
            else:
                ratio[:, j] = np.clip((e.hit if kind == "hit" else e.false_alarm).value(u), _EDGE, 1.0 - _EDGE)
        return e.bias.at(0.5) * z[:, :k], e.common.at(0.5) * z[:, k:m], ratio


def rule(item: Item) -> str:
    """By which rule a yes or no counts: either_way, against or sensor; empty for how much."""
    if not item.decides:
        return ""
    if item.interest == "against":
        return "against"
    return "sensor" if item.method in (SENSORS if item.interest == "none" else INSPECTED) else "either_way"


def _ratios(item: Item) -> tuple[tuple[str, str], ...]:
    by = rule(item)
    if by == "sensor":
        return ("hit", item.origin), ("false_alarm", item.origin)
    return ((by, item.origin),) if by else (("factor", item.converts),) if item.converts else ()


def speakers(evidence: Evidence, items: Sequence[Item]) -> Speakers:
    """The unknowns of these items, in an order that depends on them alone: make it from all items that will be weighed."""
    much = [i for i in items if amounts(i)]
    families = sorted({i.bears for i in much if not i.linear})
    ratios = sorted({pair for i in items for pair in _ratios(i)})
    return Speakers(evidence, tuple(families), tuple(sorted({i.origin for i in much})), tuple(ratios))


# ---- the likelihood ----


def log_likelihood(items: Sequence[Item], said: F64, bias: F64, common: F64, ratio: F64, who: Speakers) -> F64:
    """Log-likelihood of each item in each world [n, items], for what the worlds say [n, items] and the parts of `who.split`.

    Finite wherever a world says a finite number, minus infinity where it does not; never NaN.
    """
    n, m = said.shape
    out = np.zeros((n, m), np.float64)
    if not m:
        return out
    ratios = {r: k for k, r in enumerate(who.ratios)}
    fine = np.isfinite(said)
    x = np.where(fine, said, 1.0)
    much = [k for k, i in enumerate(items) if amounts(i)]
    if much:
        out[:, much] = _much([items[k] for k in much], centres(items, x, bias, common, ratio, who)[:, much])
    for k, item in enumerate(items):
        by = rule(item)
        if item.form == "silence":
            out[:, k] = -np.log1p(item.scale * np.maximum(x[:, k], 0.0))
        elif by == "sensor":
            hit, alarm = (ratio[:, ratios[kind, item.origin]] for kind in ("hit", "false_alarm"))
            seen = np.where(x[:, k] > 0.5, hit, alarm)
            out[:, k] = np.log(seen) if item.form == "yes" else np.log1p(-seen)
        elif by:
            agrees = (x[:, k] > 0.5) == (item.form == "yes")
            out[:, k] = np.where(agrees, 0.5, -0.5) * ratio[:, ratios[by, item.origin]]
    out *= np.array([i.weight for i in items])
    return np.where(fine, out, -np.inf)


def amounts(item: Item) -> bool:
    """Whether it says how much, and not whether."""
    return not item.decides and item.form != "silence"


def centres(items: Sequence[Item], said: F64, bias: F64, common: F64, ratio: F64, who: Speakers) -> F64:
    """Where a statement would lie but for its own error [n, items]: on the log, or in its unit if linear; NaN if it says no amount."""
    family = {f: k for k, f in enumerate(who.families)}
    origin = {o: k for k, o in enumerate(who.origins)}
    ratios = {r: k for k, r in enumerate(who.ratios)}
    out = np.full(said.shape, np.nan)
    for k, item in enumerate(items):
        if not amounts(item):
            continue
        converted = ratio[:, ratios["factor", item.converts]] if item.converts else np.zeros(len(said))
        shift = common[:, origin[item.origin]] * item.shared
        if item.linear:
            out[:, k] = said[:, k] * np.exp(converted) + shift
        else:
            floor = item.smallest if item.low > 0 else TINY
            out[:, k] = np.log(np.maximum(said[:, k], floor)) + converted + shift + bias[:, family[item.bears]]
    return out


def ends(items: Sequence[Item]) -> tuple[F64, F64]:
    """Bounds of what was said, on the scale of `centres`."""
    linear = np.array([i.linear for i in items])
    low, high = np.array([i.low for i in items]), np.array([i.high for i in items])
    with np.errstate(divide="ignore"):
        return np.where(linear, low, np.log(np.maximum(low, 0.0))), np.where(linear, high, np.log(np.maximum(high, 0.0)))


def _much(items: list[Item], centre: F64) -> F64:
    """Log-likelihood of items that say how much [n, items]; `centre` is finite."""
    scale = np.array([i.scale for i in items])
    low, high = ends(items)
    out = np.zeros_like(centre)
    below, above = np.isfinite(low), np.isfinite(high)
    both = below & above
    if both.any():
        width = (high - low)[both] / scale[both]
        # a point without width has a density in place of a probability
        thin = width <= 0
        width = np.where(thin, 1e-12, width)
        a = (low[both] - centre[:, both]) / scale[both]
        out[:, both] = log_between(a, np.broadcast_to(width, a.shape)) - np.where(thin, np.log(1e-12), 0.0)
    for only, sign, end in ((below & ~above, 1.0, low), (above & ~below, -1.0, high)):
        if only.any():
            out[:, only] = log_upper(sign * (end[only] - centre[:, only]) / scale[only])
    return out
