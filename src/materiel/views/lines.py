"""A run and its verdicts as lines for a terminal, and as plain data."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from materiel.views import words

if TYPE_CHECKING:
    from materiel.claims import Verdicts
    from materiel.evidence.hindcast import Hindcast
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


def hindcast(done: "Hindcast") -> list[str]:
    """Scores, speaker by speaker."""
    by = "made by rule from what was published by that day" if done.priors == "rule" else "set by people who know how it went"
    out = [f"{done.kind.capitalize()} of {done.scenario} from {done.as_of} to {done.until}, ranges {by}"]
    if done.later:
        out.append(f"  {done.later} numbers, sources, events or courses are later than {done.as_of}: taken as assumed")
    if done.broken:
        out.append(f"  {done.broken:,} of {done.worlds:,} worlds of the ranges alone had a value that is not finite, and can say nothing")
    if done.absent:
        out.append(f"  left out, for their tables are not here: {', '.join(done.absent)}")
    if done.stopped:
        out.append(f"  {done.stopped}")
    last = done.origins[-1] if done.origins else None
    if last:
        out.append(f"  {len(done.origins)} origins; on the last, {last.reports} reports, worth {last.effective:,.0f} independent worlds")
    for s in done.series:
        each = "; ".join(f"{level} % held {c}" for level, c in s.coverage.items())
        rivals = [f"against trend {s.skill_trend}"]
        rivals += [f"against persistence {s.skill_persistence}"] if s.skill_persistence else []
        out += [
            f"  {s.measure}: {s.scored_against}, {s.made}, n {s.n} (worth {s.worth:.0f})",
            f"      CRPS {s.crps:.3g} ({s.unit}); skill {', '.join(rivals)}, against the ranges alone {s.skill_without}",
            f"      {each}",
        ]
    for e in done.events:
        cases = zip(e.chances, e.happened, strict=True)
        chances = ", ".join(f"{words.of_100(p)} of 100, {'came' if y else 'did not come'}" for p, y in cases)
        out.append(f"  {e.measure}: {e.scored_against}, {e.made}, n {e.n}")
        out.append(f"      log score {e.log_score:.2f} (even chances {e.even:.2f}): {chances}")
    return out
