"""A whole run against an independent loop (oracle.py): the tiny scenario of the full language, every course, f64."""

import numpy as np
import pytest

from materiel.scenario import load
from materiel.worlds import pieces
from materiel.worlds import program as programs
from materiel.worlds.draws import Draws
from materiel.worlds.program import Program
from tests.worlds import oracle

WORLDS = 24


@pytest.mark.f64
@pytest.mark.parametrize(("course", "largest"), [("pact", None), ("no_pact", None), ("half_pact", None), ("pact", 0)])
def test_the_engine_agrees_with_a_plain_loop(course, largest, monkeypatch):
    if largest is not None:  # cut and handed over as a larger day is
        monkeypatch.setattr(pieces, "LARGEST", largest)
        monkeypatch.setattr(programs, "MOST_STACKED", largest)
    scenario = load("tiny-two-sides")
    worlds, days = np.arange(WORLDS), scenario.days
    draws = Draws(scenario, 7, worlds)
    numbers = draws.course(course)
    names = list(oracle.run({k: np.ravel(v)[0] for k, v in numbers.before.items()}, {}, 1e9, 7, 0, 0)[0])
    program = Program(scenario, names, dtype=np.float64)
    ours = program.run(numbers, 7, worlds, 1.0, range(days + 1))
    assert ours.finite.all()

    def one(part, w):
        return {k: v if not np.ndim(v) else v[w] for k, v in part.items()}

    for w in worlds:
        theirs = oracle.run(one(numbers.before, w), one(numbers.after, w), numbers.from_day, 7, int(w), days)
        for k, name in enumerate(names):
            expected = np.array([row[name] for row in theirs])
            # relative to the largest value of the measure in this world; sums in another order differ by some ulps a day
            np.testing.assert_allclose(
                ours.kept[:, k, w], expected, rtol=0, atol=1e-10 * max(1.0, np.abs(expected).max()), err_msg=f"{name}, world {w}"
            )
