"""A page on the small invented war, made once: few worlds, one process."""

import pytest

from materiel.app.whatif import WhatIf
from materiel.scenario import load

SMALL, WORLDS, SEED = "tiny-two-sides", 300, 7
VOLUME = "offers.maker_north.scale"


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="session")
def what(runs):
    made = WhatIf(load(SMALL), WORLDS, SEED, runs)
    yield made
    made.close()
