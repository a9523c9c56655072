"""What the page shows of some worlds: quantiles of its charts, where goods went, and verdicts; and one set against another.

A preview has fewer worlds than what stands behind it, and its plain quantiles would differ from it by chance, which would
look like an effect. Worlds keep their draws, so a preview is shown as what stood before, moved by the difference that the
same few worlds show before and after. With all worlds that is exactly what they show.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from materiel.claims import Verdict, glance
from materiel.claims.probability import Range, grade
from materiel.views import live
from materiel.views.goods import Goods, Went, where
from materiel.worlds import Worlds

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Shown:
    """`fans` [chart, course, edge, day] in canonical units; `went` by course; `claims` by id, those that could be told."""

    worlds: int
    fans: F64
    went: Mapping[str, Goods]
    claims: Mapping[str, Verdict]


def shown(worlds: Worlds, claims: Iterable[str], across: bool = True) -> Shown:
    """What these worlds show; the ranges of claims `across` alternatives take most of the time."""
    courses = worlds.scenario.vocabulary.chart_courses
    return Shown(worlds.n, live.numbers(worlds), {c: where(worlds, c) for c in courses}, glance(worlds, claims, across))


def moved(all_before: Shown, before: Shown, now: Shown) -> Shown:
    """All worlds as they stood, moved by what the same few worlds show `before` and `now`."""
    if now.worlds == all_before.worlds:
        return now
    fans = np.sort(all_before.fans + (now.fans - before.fans), axis=2)
    none_negative = (all_before.fans >= 0).all(axis=(2, 3), keepdims=True) & (now.fans >= 0).all(axis=(2, 3), keepdims=True)
    went = {c: _went(all_before.went[c], before.went[c], g) for c, g in now.went.items()}
    claims = {k: _claim(all_before.claims[k], before.claims[k], v) for k, v in now.claims.items()}
    return Shown(now.worlds, np.where(none_negative, np.maximum(fans, 0.0), fans), went, claims)


def _went(all_before: Goods, before: Goods, now: Goods) -> Goods:
    stood, few = ({(a.giver, a.taker): a for a in g.arrows} for g in (all_before, before))

    def one(a: Went) -> Went:
        e = (a.giver, a.taker)
        if e not in stood or e not in few:
            return a
        sizes = (max(0.0, getattr(stood[e], k) + getattr(a, k) - getattr(few[e], k)) for k in ("median", "p5", "p95"))
        return Went(*e, *sizes)

    return Goods([one(a) for a in now.arrows], now.roles)


def _claim(all_before: Verdict, before: Verdict, now: Verdict) -> Verdict:
    if now.probability is None or before.probability is None or all_before.probability is None:
        return now

    def move(whole: float, few: float, after: float) -> float:
        return min(1.0, max(0.0, whole + after - few))

    p = move(all_before.probability, before.probability, now.probability)
    # the range moves along: so few worlds could not tell alternatives apart
    low, high = (move(end, before.probability, now.probability) for end in all_before.probability_range or Range(p, p))
    span = Range(min(p, low), max(p, high))
    return replace(now, probability=p, probability_range=span, grade=grade(span, p))


def once(make: Callable[[int], Shown]) -> Callable[[int], Shown]:
    """The same for each number of worlds, made when it is first asked for."""
    known: dict[int, Shown] = {}

    def get(n: int) -> Shown:
        if n not in known:
            known[n] = make(n)
        return known[n]

    return get
