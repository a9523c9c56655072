"""A small fan for notebooks: 90 % of the worlds and their median, week by week, as SVG without scripts."""

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

WIDTH, HIGH = 260, 70  # pixels
_HUES = (("#0072b2", ""), ("#c04a00", ' stroke-dasharray="5 3"'))


def fan(title: str, unit: str, courses: Sequence[tuple[str, NDArray[np.float64]]]) -> str:
    """Courses with their series, float64[weeks, worlds]; the first has its band of 90 %, all have their medians."""
    bands = [(name, np.quantile(series, (0.05, 0.5, 0.95), axis=1)) for name, series in courses]
    low = min(0.0, *(float(q.min()) for _, q in bands))
    high = max(0.0, *(float(q.max()) for _, q in bands))
    span = high - low or 1.0

    def path(values: NDArray[np.float64]) -> list[str]:
        steps = max(len(values) - 1, 1)
        return [f"{WIDTH * i / steps:.1f},{HIGH * (1 - (float(x) - low) / span):.1f}" for i, x in enumerate(values)]

    p5, _, p95 = bands[0][1]
    parts = [f'<path d="M{"L".join([*path(p95), *reversed(path(p5))])}Z" fill="{_HUES[0][0]}" opacity="0.2"/>']
    for k, (_, quantiles) in enumerate(bands):
        hue, dashes = _HUES[k % 2]
        parts.append(f'<path d="M{"L".join(path(quantiles[1]))}" fill="none" stroke="{hue}" stroke-width="1.6"{dashes}/>')
    ends = [(name, *(_short(float(x)) for x in quantiles[:, -1])) for name, quantiles in bands]
    at_end = "; ".join(f"{name} {p50}, 9 worlds of 10 {p5} to {p95}" for name, p5, p50, p95 in ends)
    says = escape(f"{title}, {unit}. At the end: {at_end}")
    drawn = f"<title>{says}</title>{''.join(parts)}"
    return f'<div><svg width="{WIDTH}" height="{HIGH}" viewBox="0 0 {WIDTH} {HIGH}" role="img">{drawn}</svg><div>{says}</div></div>'


def _short(x: float) -> str:
    return f"{float(f'{x:.2g}'):,.10g}"
