"""Scores of forecasts against what came: how far off, how often inside, and whether better than a plain rule of thumb.

A forecast is a set of values with weights (equal if none are given). Counts are scored on the log scale by whoever calls.

References: Gneiting and Raftery 2007, Strictly proper scoring rules, prediction, and estimation; Hersbach 2000; Ferro 2014,
Fair scores; Gneiting, Balabdaoui and Raftery 2007 (PIT); Clopper and Pearson 1934; Politis and Romano 1992 (circular
blocks); Geyer 1992 (where to end a sum of autocorrelations).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

F64 = NDArray[np.float64]
Rule = Callable[[F64, F64, float], float | None]  # days and values so far, and the day to forecast

LEVELS = (50, 80, 90, 95)  # of coverage, in percent
FLOOR = 1e-3  # no event is scored as if its chance were below this or above 1 less this
POINTS = 6  # that a trend is drawn through
LEAST = 3  # points that make a trend
FEW = 8  # forecasts, with fewer of which no interval of skill is drawn
DRAWS = 2000  # of the bootstrap


def _shares(x: F64, weights: F64 | None) -> F64:
    if weights is None:
        return np.full(len(x), 1.0 / len(x))
    return np.asarray(weights / weights.sum(), np.float64)


def crps(x: ArrayLike, y: float, weights: F64 | None = None) -> float:
    """Continuous ranked probability score, in the unit of `y`; 0 is perfect, and a single value scores its distance."""
    import scoringrules

    x = np.asarray(x, np.float64)
    return float(scoringrules.crps_ensemble(np.float64(y), x, ens_w=_shares(x, weights), estimator="qd", backend="numpy"))


def fair_crps(x: ArrayLike, y: float, weights: F64 | None = None) -> float:
    """The score that a larger set drawn from the same distribution would have on average."""
    x = np.asarray(x, np.float64)
    w = _shares(x, weights)
    distance = float(w @ np.abs(x - y))
    alike = 1.0 - float(w @ w)
    return distance if alike <= 0.0 else distance - (distance - crps(x, y, w)) / alike


def log_score(chance: float, happened: bool) -> float:
    """Minus the log of the chance that was given to what came; the chance is kept FLOOR away from 0 and 1."""
    p = min(max(chance, FLOOR), 1.0 - FLOOR)
    return float(-np.log(p if happened else 1.0 - p))


def brier(chance: float, happened: bool) -> float:
    """Squared distance of the chance from what came (1 or 0)."""
    return (chance - happened) ** 2


def pit(x: ArrayLike, y: float, u: float, weights: F64 | None = None) -> float:
    """Share of the forecast below `y`, a tie counted by the uniform `u`: uniform over many forecasts if they are right."""
    x = np.asarray(x, np.float64)
    w = _shares(x, weights)
    return float(w[x < y].sum() + u * w[x == y].sum())


def uniformity(pits: ArrayLike, bins: int = 4) -> float | None:
    """Chance of bins at least so uneven if the values were uniform (chi-square); None below five values a bin."""
    from scipy.stats import chisquare

    values = np.asarray(pits, np.float64)
    if len(values) < 5 * bins:
        return None
    return float(chisquare(np.histogram(values, bins, (0.0, 1.0))[0]).pvalue)


def inside(x: ArrayLike, y: float, level: float, weights: F64 | None = None) -> bool:
    """Whether `y` lies in the central interval that holds `level` percent of the forecast."""
    x = np.asarray(x, np.float64)
    tail = 0.5 * (1.0 - level / 100.0)
    low, high = np.quantile(x, [tail, 1.0 - tail], weights=_shares(x, weights), method="inverted_cdf")
    return bool(low <= y <= high)


@dataclass(frozen=True)
class Coverage:
    """How many of `n` outcomes lay inside their interval."""

    hits: int
    n: int

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the true share, exact for independent outcomes (Clopper and Pearson)."""
        from scipy.stats import beta

        low = 0.0 if self.hits == 0 else float(beta.ppf(0.025, self.hits, self.n - self.hits + 1))
        high = 1.0 if self.hits == self.n else float(beta.ppf(0.975, self.hits + 1, self.n - self.hits))
        return low, high

    def __str__(self) -> str:
        """`13 of 15; 60-98 %`"""
        if self.n == 0:
            return "none yet"
        low, high = self.interval
        return f"{self.hits} of {self.n}; {100 * low:.0f}-{100 * high:.0f} %"


@dataclass(frozen=True)
class Skill:
    """1 less the ratio of mean scores: 1 is perfect, 0 no better than the reference. Ends are None where too few were scored."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def verdict(self) -> str:
        """Better, worse, or too few to tell."""
        if self.low is None or self.high is None or self.low <= 0.0 <= self.high:
            return "too few to tell"
        return "better" if self.low > 0.0 else "worse"

    def __str__(self) -> str:
        """`0.21 (-0.05 to 0.43), too few to tell`"""
        if self.value is None:
            return "nothing to compare with"
        ends = "" if self.low is None or self.high is None else f" ({self.low:.2f} to {self.high:.2f})"
        return f"{self.value:.2f}{ends}, {self.verdict}"


def skill(scores: ArrayLike, reference: ArrayLike, block: int = 1) -> Skill:
    """Skill with a 95 % interval from a bootstrap of circular blocks; both lists in order of time, one entry a forecast.

    A block is at least `block` entries long (over how many forecasts overlap), and at least the cube root of their number.
    """
    a, b = np.asarray(scores, np.float64), np.asarray(reference, np.float64)
    n = len(a)
    if n == 0 or b.sum() <= 0.0:
        return Skill(None, None, None)
    value = float(1.0 - a.sum() / b.sum())
    length = max(block, round(n ** (1 / 3)))
    if n < FEW or n < 2 * length:
        return Skill(value, None, None)
    count = -(-n // length)
    starts = np.random.default_rng(n).integers(0, n, (DRAWS, count, 1))
    drawn = ((starts + np.arange(length)) % n).reshape(DRAWS, -1)[:, :n]
    below = b[drawn].sum(axis=1)
    ratios = np.divide(a[drawn].sum(axis=1), below, out=np.full(DRAWS, np.inf), where=below > 0.0)
    low, high = np.quantile(1.0 - ratios, [0.025, 0.975], method="inverted_cdf")
    return Skill(value, float(low) if np.isfinite(low) else None, float(high))


def independent(values: ArrayLike) -> float:
    """How many independent values a row in time is worth, from its autocorrelation up to where pairs of lags turn negative."""
    x = np.asarray(values, np.float64)
    n = len(x)
    x = x - x.mean() if n else x
    variance = float(x @ x)
    if n < 3 or variance <= 0.0:
        return float(n)
    lags = np.array([x[: n - k] @ x[k:] / variance for k in range(n)])
    pairs = lags[: n - n % 2].reshape(-1, 2).sum(axis=1)
    stop = np.argmax(pairs <= 0.0) if (pairs <= 0.0).any() else len(pairs)
    return float(np.clip(n / max(2.0 * pairs[:stop].sum() - 1.0, 1.0), 1.0, n))


def persistence(days: F64, values: F64, at: float) -> float | None:
    """The last value."""
    return float(values[-1]) if len(values) else None


def trend(days: F64, values: F64, at: float) -> float | None:
    """The straight line of least squares through the last POINTS values; None with fewer than LEAST, or all of one day."""
    x, y = days[-POINTS:], values[-POINTS:]
    if len(y) < LEAST or np.ptp(x) <= 0.0:
        return None
    middle = x - x.mean()
    return float(y.mean() + (middle @ y) / (middle @ middle) * (at - x.mean()))


def reference(rule: Rule, days: ArrayLike, values: ArrayLike, at: float) -> F64 | None:
    """The rule as a forecast with a spread: what it says, plus and minus each error that it has made so far on this row.

    None where the rule says nothing yet; a single value where it has made no error yet.
    """
    days, values = np.asarray(days, np.float64), np.asarray(values, np.float64)
    point = rule(days, values, at)
    if point is None:
        return None
    before = [(rule(days[:k], values[:k], days[k]), values[k]) for k in range(1, len(values))]
    errors = np.array([came - said for said, came in before if said is not None])
    return point + np.concatenate([errors, -errors]) if len(errors) else np.array([point])


def climatology(values: ArrayLike) -> F64 | None:
    """All values so far, as a forecast of the next; None without any."""
    x = np.asarray(values, np.float64)
    return x if len(x) else None
