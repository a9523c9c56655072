"""Briefs of worlds that were never simulated."""

import pytest

from materiel.claims import judge
from materiel.scenario import load, loads
from materiel.views import brief
from tests.views.madeup import SCRIPT, SMALL, MadeUpWorlds, hostile_text


@pytest.fixture(scope="session")
def worlds():
    return MadeUpWorlds(load(SMALL))


@pytest.fixture(scope="session")
def verdicts(worlds):
    return judge(worlds)


@pytest.fixture(scope="session")
def page(worlds, verdicts):
    return brief(worlds, verdicts, ran_by="A. Tester")


@pytest.fixture(scope="session")
def hostile_page():
    worlds = MadeUpWorlds(loads(hostile_text().encode()))
    return brief(worlds, judge(worlds), ran_by=SCRIPT)
