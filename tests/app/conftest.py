"""A page on the small invented war, made once: few worlds, one process."""

import pytest

from materiel.app.whatif import WhatIf
from materiel.scenario import load
from tests.app.driving import opened, quiet, served
from tests.browser import started

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


@pytest.fixture(scope="module")
def address(what, runs):
    at, stop = served(what, runs)
    yield at
    stop()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = started(tmp_path_factory.mktemp("profile"), requests=True)
    driver.set_script_timeout(30)
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, address):
    browser.get("about:blank")
    browser.get_log("browser"), browser.get_log("performance")
    yield opened(browser, address)
    quiet(browser, address)
