"""Distributions of one unknown, each as its inverse: uniforms in (0, 1) to values, in float64, never decreasing.

An interval is fitted on a scale (log, logit or plain) so that its stated ends are exact quantiles. Values beyond
what the kind of number allows are held at the bound, which moves no stated quantile inside it.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


class Distribution(Protocol):
    """`value(u)` is the inverse distribution at an array of uniforms; `cdf(x)` the share at or below a number."""

    def value(self, u: "Array") -> "Array": ...

    def cdf(self, x: float) -> float: ...


def _array(u: Any) -> "Array":
    import numpy as np

    return np.asarray(u, dtype=np.float64)


@dataclass(frozen=True)
class Exact:
    """One number."""

    number: float

    def value(self, u: "Array") -> "Array":
        import numpy as np

        return np.full(_array(u).shape, self.number)

    def cdf(self, x: float) -> float:
        return 1.0 if x >= self.number else 0.0


@dataclass(frozen=True)
class Interval:
    """A central interval `low` to `high` with probability `mass` round a `middle`: normal on the `scale`.

    The two halves have their own spread if the middle is stated; without one it lies half-way on the scale.
    `scale` is "log" (ends > 0), "logit" (ends inside 0 to 1) or "plain"; values stay within `lower` and `upper`.
    """

    low: float
    high: float
    mass: float
    scale: str
    middle: float | None = None
    lower: float = -math.inf
    upper: float = math.inf

    def _bend(self, x: float) -> float:
        if self.scale == "log":
            return math.log(x) if x > 0 else -math.inf
        if self.scale == "logit":
            return -math.inf if x <= 0 else math.inf if x >= 1 else math.log(x) - math.log1p(-x)
        return x

    def _fit(self) -> tuple[float, float, float]:
        a, b = self._bend(self.low), self._bend(self.high)
        m = (a + b) / 2 if self.middle is None else self._bend(self.middle)
        z = NormalDist().inv_cdf((1 + self.mass) / 2)
        return m, (m - a) / z, (b - m) / z

    def value(self, u: "Array") -> "Array":
        import numpy as np
        from scipy.special import expit, ndtri

        m, below, above = self._fit()
        z = ndtri(_array(u))
        y = m + np.where(z < 0, z * below, z * above)
        x = np.exp(y) if self.scale == "log" else expit(y) if self.scale == "logit" else y
        return _array(np.clip(x, self.lower, self.upper))

    def cdf(self, x: float) -> float:
        if x < self.lower:
            return 0.0
        if x >= self.upper:
            return 1.0
        m, below, above = self._fit()
        y = self._bend(x)
        spread = below if y < m else above
        if math.isinf(y):
            return 0.0 if y < 0 else 1.0
        return NormalDist().cdf((y - m) / spread) if spread > 0 else 0.5


@dataclass(frozen=True)
class Uniform:
    """Every value between the ends equally likely."""

    low: float
    high: float

    def value(self, u: "Array") -> "Array":
        return self.low + _array(u) * (self.high - self.low)

    def cdf(self, x: float) -> float:
        return min(1.0, max(0.0, (x - self.low) / (self.high - self.low)))


@dataclass(frozen=True)
class Beta:
    """The beta distribution on 0 to 1, times `size` (the unit it was written in)."""

    a: float
    b: float
    size: float = 1.0

    def value(self, u: "Array") -> "Array":
        from scipy.special import betaincinv

        return _array(betaincinv(self.a, self.b, _array(u)) * self.size)

    def cdf(self, x: float) -> float:
        from scipy.special import betainc

        return float(betainc(self.a, self.b, min(1.0, max(0.0, x / self.size))))


@dataclass(frozen=True)
class Within:
    """Another distribution given that its value lies between two ends; its stated quantiles move inwards."""

    base: Distribution
    low: float
    high: float

    def _shares(self) -> tuple[float, float]:
        return self.base.cdf(self.low), self.base.cdf(self.high)

    def value(self, u: "Array") -> "Array":
        import numpy as np

        a, b = self._shares()
        inner = np.clip(a + _array(u) * (b - a), 1e-300, 1 - 2.0**-53)
        return _array(np.clip(self.base.value(inner), self.low, self.high))

    def cdf(self, x: float) -> float:
        a, b = self._shares()
        return min(1.0, max(0.0, (self.base.cdf(x) - a) / (b - a)))


@dataclass(frozen=True)
class Mixture:
    """One number `atom` with probability `chance`, else the base; in order of value, so that it never decreases."""

    atom: float
    chance: float
    base: Distribution

    def value(self, u: "Array") -> "Array":
        import numpy as np

        u = _array(u)
        rest = 1 - self.chance
        start = rest * self.base.cdf(self.atom)  # the atom takes the uniforms from start to start + chance
        before = u < start
        inner = np.where(before, u, u - self.chance) / rest
        values = self.base.value(np.clip(inner, 1e-300, 1 - 2.0**-53))
        atom = ~before & (u < start + self.chance)
        values = np.where(before, np.minimum(values, self.atom), np.maximum(values, self.atom))
        return _array(np.where(atom, self.atom, values))

    def cdf(self, x: float) -> float:
        return (1 - self.chance) * self.base.cdf(x) + (self.chance if x >= self.atom else 0.0)
