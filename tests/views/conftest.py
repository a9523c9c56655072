"""Briefs of worlds that were never simulated."""

from dataclasses import replace

import pytest

from materiel.claims import judge
from materiel.scenario import load, loads
from materiel.views import brief
from tests.views.madeup import EVIDENCE, MORE, PICTURE, RECORDS, SCRIPT, SMALL, MadeUpWorlds, heard_text, hostile_text, weighed, weighing


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


@pytest.fixture(scope="session")
def heard():
    """Worlds of a scenario that knows families of speakers."""
    return MadeUpWorlds(loads(heard_text().encode()), run="weighd", of="ordina")


@pytest.fixture(scope="session")
def before(heard):
    """Verdicts before any report."""
    return judge(replace(heard, of=None))


@pytest.fixture(scope="session")
def now(before):
    """Verdicts with the reports of the as-of date."""
    return weighed(before)


@pytest.fixture(scope="session")
def then(before):
    """Verdicts with the reports to a later day."""
    return weighed(before, weighing("2020-06-25", MORE), 0.2, delivered=0.6, origins={"south": 2, "watch": 1}, without={"north": 0.2})


@pytest.fixture(scope="session")
def weighed_page(heard, now, then):
    return brief(heard, now, later=then, refused={"2020-06-29": "the batches disagree."}, records=RECORDS, ran_by="A. Tester")


@pytest.fixture(scope="session")
def hostile_weighed_page():
    """A weighed page whose families, reports, reasons and records would take it over if they were trusted."""
    text = hostile_text() + EVIDENCE.replace("officials of South", f'"{PICTURE}"')
    worlds = MadeUpWorlds(loads(text.encode()), run="weighd")
    checks = tuple(replace(c, id=PICTURE, says=SCRIPT) for c in MORE)
    verdicts = weighed(judge(worlds), weighing(checks=checks))
    bad = [r | {"series": [s | {"measure": PICTURE, "scored_against": SCRIPT} for s in r["series"]]} for r in RECORDS]
    return brief(worlds, verdicts, refused={"2020-06-29": PICTURE}, records=bad, ran_by=SCRIPT)
