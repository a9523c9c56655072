"""What stored hindcasts show of each measure: whether its forecasts were better than a trend and the last value, or worse.

Only hindcasts count, with ranges made by rule; a retrodiction knows how it went. A skill counts where its interval does not hold 0.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = "hindcasts"  # below the folder of the runs


@dataclass(frozen=True)
class Shown:
    """How often forecasts that name a measure were clearly better, and clearly worse, than something simple."""

    better: int
    worse: int


def of(root: Path, title: str) -> dict[str, Shown]:
    """By measure, what the hindcasts of the scenario with this title show; files that cannot be read show nothing here."""
    better: dict[str, int] = {}
    worse: dict[str, int] = {}
    for path in sorted((root / FOLDER).glob("*.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if not isinstance(record, dict) or record.get("scenario") != title or record.get("kind") != "hindcast":
            continue
        for series in record.get("series") or ():
            ups, downs = _clear(series)
            for measure in _parts(str(series.get("measure", ""))):
                better[measure] = better.get(measure, 0) + ups
                worse[measure] = worse.get(measure, 0) + downs
    return {m: Shown(better[m], worse[m]) for m in better}


def _clear(series: dict[str, Any]) -> tuple[int, int]:
    """How many of its skills are clearly above 0, and how many clearly below."""
    skills = [series.get(name) for name in ("skill_trend", "skill_persistence")]
    told = [s for s in skills if isinstance(s, dict) and s.get("low") is not None and s.get("high") is not None]
    return sum(s["low"] > 0 for s in told), sum(s["high"] < 0 for s in told)


def _parts(measure: str) -> list[str]:
    return [part.strip() for part in re.split(r" [+/:] |, ", measure) if part.strip()]
