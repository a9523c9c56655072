"""A run and its verdicts as lines for a terminal, and as plain data."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from materiel.views import words

if TYPE_CHECKING:
    from materiel.claims import Verdicts
    from materiel.worlds import Worlds


def result(worlds: "Worlds", verdicts: "Verdicts") -> list[str]:
    """What a run found, claim by claim."""
    s = worlds.scenario
    size = f"{worlds.n:,} worlds, {len(worlds.courses)} courses, {worlds.seconds:.0f} s"
    out = [f"Run {worlds.run}: {size}. {s.vocabulary.scenario}, as of {s.as_of}", f"  {verdicts.sentence}"]
    if verdicts.weighing:
        learnt = sum(v.basis == "learnt" for v in verdicts.claims)
        out.append(f"  {learnt} of {len(verdicts.claims)} verdicts are learnt from the reports")
    for v in verdicts.claims:
        out.append(f"  {v.asserts or '-':5s} {v.says}\n        {v.text}")
        if v.effect:
            e = v.effect
            compares = s.vocabulary.claims[v.id].compare is not None
            effect = f"effect: {words.change(e.median, e.p5, e.p95, e.unit)}"
            out.append(f"        {effect if compares else f'size: {words.interval(e.p5, e.p95, e.unit)} (9 worlds of 10)'}")
    return out


def as_json(worlds: "Worlds", verdicts: "Verdicts") -> dict[str, Any]:
    """The same with every field."""
    s, w = worlds.scenario, verdicts.weighing
    return {
        "run": worlds.run,
        "scenario": s.vocabulary.scenario,
        "scenario_hash": s.hash,
        "as_of": str(s.as_of),
        "worlds": worlds.n,
        "effective_worlds": w.worth(worlds.n) if w else float(worlds.n),
        "seed": worlds.seed,
        "weighing": verdicts.sentence,
        "weighed": asdict(w) if w else None,
        "made_with": worlds.made_with,
        "seconds": worlds.seconds,
        "folder": str(worlds.folder.path),
        "claims": [v.to_json() for v in verdicts.claims],
        "assertions": [a.to_json() for a in verdicts.assertions],
        "known_past": [vars(k) for k in verdicts.known_past],
    }
