"""Write docs/record.md from stored scores: python docs/record.py     (reads docs/record/*.json, which hindcast and retrodict wrote)

One table a day of forecast, ranges by rule and by authors side by side. A score that was made with another version of the ranges stays.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from materiel.evidence.scores import Coverage, Skill

HERE = Path(__file__).parent
PAGE = HERE / "record.md"
LONG = "supplied[germany]"  # begins the sum of what Europe gave


def _score(one: dict[str, Any] | None) -> list[str]:
    if one is None:
        return ["-"] * 4
    skills = [str(Skill(**one[k])) if one[k] else "not compared" for k in ("skill_trend", "skill_persistence")]
    return [f"{one['crps']:.3g}", *skills, str(Coverage(**one["coverage"]["90"]))]


def page() -> str:
    """The whole page."""
    found = [json.loads(f.read_text(encoding="utf-8")) for f in sorted((HERE / "record").glob("*.json"))]
    by_day: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = defaultdict(dict)
    for one in found:
        made = f"month by month to {one['origins'][-1]['day']}" if len(one["origins"]) > 1 else "once"
        by_day[one["scenario"], one["as_of"], one["until"]][f"{one['priors']}, {made}"] = one
    out = [
        "# The record",
        "",
        "Made by `docs/record.py` from the scores in `docs/record/`. What is scored, and how, is on the page [evidence.md](evidence.md).",
        "CRPS is on the log for amounts, in km² for areas; skill above 0 is better than the rule of thumb. A retrodiction has ranges of",
        "people who know how it went.",
        "",
    ]
    for (scenario, as_of, until), runs in sorted(by_day.items()):
        out += [f"## {scenario}, forecast from {as_of}, scored to {until}", ""]
        for name, one in sorted(runs.items()):
            worth = ", ".join(f"{o['day']} {o['effective']:,.0f}" for o in one["origins"])
            kind = "Hindcast" if one["kind"] == "hindcast" else "Retrodiction"
            said = (
                f"- {kind} ({name}): {one['worlds']:,} worlds, seed {one['seed']}, scenario {one['version']} ({one['scenario_hash'][:7]})"
            )
            said += f"; independent worlds: {worth}."
            later, broken, absent = one["later"], one["broken"], ", ".join(one["absent"])
            said += f" {later} numbers, sources, events or courses are later and were taken as assumed." if later else ""
            said += f" {broken:,} worlds of the ranges alone had a value that is not finite." if broken else ""
            said += f" {one['stopped'].capitalize()}." if one["stopped"] else ""
            said += f" Without {absent}, whose tables were not there." if absent else ""
            out.append(said)
        for made in ("on the first day", "month by month"):
            rows: dict[tuple[str, str], dict[str, dict[str, Any]]] = defaultdict(dict)
            for name, one in runs.items():
                for s in one["series"]:
                    if s["made"] == made:
                        rows[s["measure"], s["scored_against"]][name] = s
            if not rows:
                continue
            out += ["", f"Forecasts made {made}:", ""]
            out += [
                "| measure | scored against | n | ranges | CRPS | against trend | against persistence | inside 90 % |",
                "| - | - | - | - | - | - | - | - |",
            ]
            for (measure, against), both in sorted(rows.items()):
                short = "what Europe gave" if measure.startswith(LONG) else measure.replace("|", "/")
                for name, s in sorted(both.items(), reverse=True):
                    out.append("| " + " | ".join([short, against, str(s["n"]), name, *_score(s)]) + " |")
        events = [(name, e) for name, one in sorted(runs.items()) for e in one["events"] if e["made"] == "on the first day"]
        if events:
            out += ["", "Events, on the first day (log score; even chances have 0.69):", ""]
            for name, e in events:
                told = ", ".join(
                    f"{100 * p:.0f} %, {'came' if y else 'did not come'}" for p, y in zip(e["chances"], e["happened"], strict=True)
                )
                out.append(f"- {e['measure']}, {e['scored_against']} ({name}): {e['log_score']:.2f}; {told}")
        out.append("")
    return "\n".join(out)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
