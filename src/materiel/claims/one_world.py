"""One world, told: the numbers it drew and what came of each claim."""

from typing import Any

from materiel.claims.estimand import judged_apart, read, rule, values
from materiel.scenario.measures import measures
from materiel.worlds import Worlds
from materiel.worlds.windows import parts


def one_world(worlds: Worlds, world: int) -> dict[str, Any]:
    """Alternatives taken, numbers that have a range (in their canonical units), and each claim's quantity by course."""
    scenario = worlds.scenario
    kinds = measures(scenario.vocabulary)
    options = {name: choice.options[int(worlds.alternative(name)[world])].name for name, choice in scenario.alternatives.items()}
    numbers = {}
    for path in worlds.unknown_paths():
        q = scenario.quantities[path]
        value = float(worlds.unknown(path)[world])
        text = str(scenario.date(value)) if q.kind == "date" else f"{value:,.6g} {q.unit}".strip()
        numbers[path] = f"{text}   (file: {q.shown}, line {q.line})"
    claims = {}
    for key, claim in scenario.vocabulary.claims.items():
        bar = rule(claim)
        courses = list(claim.compare or ()) + ([claim.course] if claim.course else [])
        unit = kinds[parts(claim.measure)[0]].unit
        seen = []
        for c in dict.fromkeys(courses or worlds.courses[:1]):
            x, since = float(values(worlds, claim, c)[world]), ""
            if bar.ratio and judged_apart(claim):
                r = read(worlds, claim, (c, None))
                x, since = float(r.here[world]), f" after {float(r.there[world]):,.6g}" if r.there is not None else ""
            seen.append(f"{c} {x:,.6g} {unit}{since}")
        times = " times" if bar.ratio else ""
        claims[key] = f"{', '.join(seen)}; holds if {bar.relation} {bar.threshold:,.6g}{times}"
    return {"world": world, "run": worlds.run, "alternatives": options, "numbers": numbers, "claims": claims}
