"""The worlds against the known past: before any evidence, what observers saw beside what the worlds show."""

from dataclasses import dataclass

import numpy as np

from materiel.scenario.measures import measures
from materiel.worlds import Worlds
from materiel.worlds.windows import parts, window


@dataclass(frozen=True)
class Known:
    """One observation: the observer's range, the worlds' 5/50/95 %, and the share of worlds inside."""

    id: str
    measure: str
    over: str
    observer: str
    source: str
    low: float
    high: float
    unit: str
    p5: float
    median: float
    p95: float
    share_of_worlds: float


def known_past(worlds: Worlds) -> tuple[Known, ...]:
    """Each observation of the scenario, on the factual course."""
    v = worlds.scenario.vocabulary
    kinds = measures(v)
    course = "pact" if "pact" in v.courses else worlds.courses[0]
    rows = []
    for key, seen in v.known_past.items():
        w = window(worlds.scenario, seen.over, None)
        x = worlds.at(course, seen.measure, w.end) - worlds.at(course, seen.measure, w.start)
        unit = kinds[parts(seen.measure)[0]].unit
        if seen.as_ == "daily":
            x, unit = x / (w.end - w.start), f"{unit}/day"
        q = seen.seen
        low, high = float(q.low), float(q.high)
        inside = float(((x >= low) & (x <= high)).mean())
        p5, median, p95 = (float(z) for z in np.quantile(x, (0.05, 0.5, 0.95)))
        rows.append(Known(key, seen.measure, seen.over, seen.observer, seen.source, low, high, unit, p5, median, p95, inside))
    return tuple(rows)
