"""Quantiles over worlds, taken on the host by sorting: exact, and many times faster than in XLA on a CPU."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class Bands(NamedTuple):
    """Five quantiles over worlds of one measure, each of shape (days,): the ends of 90 % and 50 % bands and the median."""

    p5: Numbers
    p25: Numbers
    p50: Numbers
    p75: Numbers
    p95: Numbers


def quantiles(values: Numbers, at: tuple[float, ...]) -> Numbers:
    """Quantiles over the last axis, linear between order statistics (Hyndman and Fan 1996, type 7); shape (at, ...).

    Raises ValueError where a world is not finite: a missing world must be named, not left out of a quantile.
    """
    if not np.isfinite(values).all():
        raise ValueError(f"{int((~np.isfinite(values)).any(axis=tuple(range(values.ndim - 1))).sum())} worlds are not finite")
    ordered = np.sort(values, axis=-1)
    place = np.asarray(at) * (values.shape[-1] - 1)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, values.shape[-1] - 1)
    part = place - below
    return np.moveaxis(ordered[..., below] * (1 - part) + ordered[..., above] * part, -1, 0)


def bands(values: Numbers) -> Bands:
    """The bands of a fan from worlds, shape (days, worlds)."""
    return Bands(*quantiles(values, (0.05, 0.25, 0.50, 0.75, 0.95)))
