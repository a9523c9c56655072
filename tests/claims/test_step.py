"""Halving the step: verdicts must not hang on how the days are cut."""

from typing import Any, NamedTuple

import numpy as np
import pytest

from materiel.claims import judge
from materiel.claims.estimand import values
from materiel.claims.probability import jeffreys_half_width
from materiel.scenario import load
from materiel.worlds import simulate

WORLDS = 1024


class Judged(NamedTuple):
    """Verdicts and sizes by claim."""

    verdicts: dict[str, Any]
    sizes: dict[str, Any]


@pytest.fixture(scope="module")
def halves(tmp_path_factory):
    """The tiny scenario with steps of a day and of half a day."""
    out = []
    text = load("tiny-two-sides").path.read_text(encoding="utf-8")
    assert text.count("step: 1 day\n") == 1
    for step in ("1 day", "0.5 days"):
        folder = tmp_path_factory.mktemp("step")
        (folder / "scenario.yaml").write_text(text.replace("step: 1 day\n", f"step: {step}\n"), encoding="utf-8")
        worlds = simulate(load(folder), WORLDS, 7, root=folder / "runs")
        out.append(Judged({v.id: v for v in judge(worlds).claims}, {name: size(worlds, name) for name in ("south_slowed", "north_stock")}))
    return out


def size(worlds, name):
    """A claim's effect or level, one number a world."""
    claim = worlds.scenario.vocabulary.claims[name]
    if claim.compare:
        return values(worlds, claim, claim.compare[0]) - values(worlds, claim, claim.compare[1])
    return values(worlds, claim, claim.course)


@pytest.mark.slow
@pytest.mark.parametrize("claim", ["south_slowed", "north_stock"])
def test_no_verdict_moves_by_more_than_its_simulation_error(halves, claim):
    day, half = (h.verdicts[claim] for h in halves)
    assert day.probability != 0
    # luck differs between the two, so both errors count
    assert abs(day.probability - half.probability) <= day.probability_error + half.probability_error


@pytest.mark.slow
@pytest.mark.parametrize("claim", ["south_slowed", "north_stock"])
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_no_size_moves_by_more_than_its_simulation_error(halves, claim, level):
    """As many worlds of one lie below a quantile of the other as its level says, give or take both errors."""
    x, y = (h.sizes[claim] for h in halves)
    for a, b in ((x, y), (y, x)):
        assert abs(float((b <= np.quantile(a, level)).mean()) - level) <= 2 * jeffreys_half_width(level, WORLDS)
