"""What would be said: statements drawn from what worlds say, with the errors that their speakers make."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from materiel.evidence.likelihood import Speakers, amounts, centres, ends, rule
from materiel.evidence.predictions import Item

F64 = NDArray[np.float64]

FREEDOM = 4  # degrees of freedom of a statement's own error


def spoken(items: Sequence[Item], said: F64, parts: tuple[F64, F64, F64], who: Speakers, rng: np.random.Generator) -> F64:
    """One statement of each item from each world [n, items], in the item's unit; `parts` are those of `who.split`.

    Of a yes or no it is the chance that the speaker says yes; of a silence, NaN.
    """
    bias, common, ratio = parts
    scale = np.array([i.scale for i in items])
    # the error of a statement is drawn for items that decide too, so that leaving one out moves no other's draw by its kind
    out = centres(items, said, bias, common, ratio, who) + scale * rng.standard_t(FREEDOM, said.shape)
    ratios = {r: k for k, r in enumerate(who.ratios)}
    for k, item in enumerate(items):
        if item.form == "silence":
            out[:, k] = np.nan
        elif item.decides:
            yes, by = said[:, k] > 0.5, rule(item)
            if by == "sensor":
                out[:, k] = np.where(yes, ratio[:, ratios["hit", item.origin]], ratio[:, ratios["false_alarm", item.origin]])
            else:
                out[:, k] = 1.0 / (1.0 + np.exp(np.where(yes, -1.0, 1.0) * ratio[:, ratios[by, item.origin]]))
        elif not item.linear:
            out[:, k] = np.exp(np.minimum(out[:, k], 300.0))
    return out


def stands_for(item: Item) -> float | None:
    """The one value that stands for an amount that was stated: the middle of its interval on its scale; None for a bound."""
    if not amounts(item) or not np.isfinite(item.high) or (item.low <= 0 and not item.linear) or not np.isfinite(item.low):
        return None
    return 0.5 * (item.low + item.high) if item.linear else float(np.sqrt(item.low * item.high))


def nearest(items: Sequence[Item], said: F64, bias: float, common: float) -> F64:
    """How far the nearest world is from each statement [items], in standard errors of everything that a speaker may have wrong.

    0 for what says no amount, and for what some world says.
    """
    low, high = ends(items)
    out = np.zeros(len(items))
    for k, item in enumerate(items):
        if not amounts(item):
            continue
        x = said[:, k][np.isfinite(said[:, k])]
        if not len(x):
            out[k] = np.inf
            continue
        at = x if item.linear else np.log(np.maximum(x, item.smallest if item.low > 0 else 1e-300))
        off = np.maximum(np.maximum(low[k] - at, at - high[k]), 0.0).min()
        error = np.hypot(item.scale, common * item.shared)
        out[k] = off / (error if item.linear else np.hypot(error, bias))
    return out
