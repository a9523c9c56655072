"""What is done with each assertion of the text under examination."""

import numpy as np

from materiel.claims.verdict import Answer, Shown
from materiel.scenario.measures import measures
from materiel.scenario.politics import Assertion
from materiel.worlds import Worlds
from materiel.worlds.windows import parts, shown_on


def answers(worlds: Worlds) -> tuple[Answer, ...]:
    """One answer an assertion, in the order of the scenario."""
    v = worlds.scenario.vocabulary
    return tuple(
        Answer(
            id=key, says=a.says, voice=a.voice, force=a.force, kinds=a.kind, finding=a.finding, record=a.record,
            events=a.events, sources=a.sources, reason=a.reason, note=a.note,
            claims=tuple(name for name, claim in v.claims.items() if claim.asserts == key), shows=_sizes(worlds, a),
        )
        for key, a in v.assertions.items()
    )  # fmt: skip


def _sizes(worlds: Worlds, assertion: Assertion) -> tuple[Shown, ...]:
    scenario = worlds.scenario
    kinds = measures(scenario.vocabulary)
    course, record = shown_on(scenario, assertion)
    day = scenario.begins if record == 0 else scenario.date(record - 1)  # the evening of the day that was completed last
    sizes = []
    for measure in assertion.shows:
        p5, median, p95 = (float(q) for q in np.quantile(worlds.at(course, measure, record), (0.05, 0.5, 0.95)))
        sizes.append(Shown(measure, median, p5, p95, kinds[parts(measure)[0]].unit, course, str(day)))
    return tuple(sizes)
