"""The page on worlds that reports weighed: what is conditioned on stays weighed, what is simulated says that it is not."""

import json

import numpy as np
import pytest
from starlette.testclient import TestClient

from materiel.app import page
from materiel.app.safety import Door
from materiel.app.saving import weigh_again
from materiel.app.server import build
from materiel.app.state import check
from materiel.app.whatif import Answer, WhatIf
from materiel.evidence import weigh, weighing_of, weighings
from materiel.scenario import load
from materiel.worlds import open_run, simulate
from tests.app.conftest import SEED, VOLUME
from tests.app.driving import DRAG, opened, served, settled, wait
from tests.app.test_protocol import HERE, LIVE, OWN
from tests.evidence.small import row, small

N = 4096  # of which a tenth lies near a value
FIRE = row("fire_may", "fire", 20000, "2020-05-31", "2020-06-02", family="press")
BOXES = row("boxes_may", "boxes", 40, "2020-05-31", "2020-06-02", family="south")
PACE = "front.pace"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def weighed(tmp_path_factory, root):
    made = WhatIf(small(tmp_path_factory.mktemp("war"), FIRE, BOXES), N, SEED, root, weighed=True)
    yield made
    made.close()


def set_to(what, **numbers):
    return check(what.scenario, what.handles, {k.replace("__", "."): v for k, v in numbers.items()})


def last(what, state):
    return [a for a in what.full(state) if a is not None][-1]


def test_the_baseline_is_what_the_reports_leave(weighed, root):
    run = open_run(weighed.run, root)
    assert weighing_of(run).reports == 2
    assert weighed.n == run.n
    prior = open_run(run.of, root)
    np.testing.assert_array_equal(weighed.baseline.at("pact", "front.area", 61), run.at("pact", "front.area", 61))
    assert np.median(run.at("pact", "front.area", 61)) != np.median(prior.at("pact", "front.area", 61))
    assert [one.run for one in weighings(prior)] == [weighed.run]
    facts = page.facts(weighed)
    assert facts["weighed"]
    assert "weighed with" in facts["basis"]
    assert not facts["result"]["stale"]


def test_an_assumption_near_a_value_is_the_weighed_worlds_near_it(weighed):
    quantity = weighed.scenario.quantities[PACE]
    drawn = weighed.baseline.unknown(PACE)
    value = float(f"{np.median(drawn):.3g}")
    answer = last(weighed, set_to(weighed, front__pace=value))
    u = np.array([quantity.distribution.cdf(float(x)) for x in drawn])
    near = np.abs(u - quantity.distribution.cdf(value)) <= 0.05
    assert (answer.kind, answer.done, answer.stale) == ("near", True, False)
    assert answer.shown.worlds == pytest.approx(near.sum(), abs=2)
    result = page.result(weighed, answer, set_to(weighed, front__pace=value))
    assert not result["stale"]
    assert "not re-weighed" not in " ".join(result["frame"])


def test_a_lever_is_simulated_and_says_that_nobody_weighed_it(weighed):
    state = set_to(weighed, **{VOLUME: 2.5})
    preview, whole = weighed.preview(state), last(weighed, state)
    assert preview.stale
    assert whole.stale
    assert whole.shown.worlds == N
    result = page.result(weighed, whole, state)
    assert result["stale"]
    assert "not re-weighed" in " ".join(result["frame"])
    # the worlds are the weighed ones: those of a run of the changed scenario with the same particles
    changed = load(weighed.scenario.path, dict(state.texts))
    fresh = simulate(changed, particles=weighed._particles, seed=SEED, root=weighed._live.scenario.path.parent / "fresh")
    stock = list(weighed.scenario.vocabulary.charts).index("front.area")
    k = weighed.days.index(61) if 61 in weighed.days else -1
    assert whole.shown.fans[stock, 0, 2, k] == pytest.approx(np.median(fresh.at("pact", "front.area", weighed.days[k])), rel=1e-6)


def test_weighing_again_gives_what_the_command_line_gives(weighed, root, tmp_path):
    state = set_to(weighed, **{VOLUME: 2.5})
    run, answer = weigh_again(weighed, state, root, lambda *_: None)
    assert (answer.kind, answer.done, answer.stale) == ("weighed", True, False)
    changed = load(weighed.scenario.path, dict(state.texts))
    fresh = weigh(simulate(changed, N, SEED, root=tmp_path))
    assert run == fresh.run
    stock = list(weighed.scenario.vocabulary.charts).index("front.area")
    day = weighed.days[-1]
    assert answer.shown.fans[stock, 0, 2, -1] == pytest.approx(np.median(fresh.at("pact", "front.area", day)), rel=1e-6)
    assert not np.array_equal(answer.shown.fans, last(weighed, state).shown.fans)


def test_without_weighing_nothing_is_stale_and_weighing_is_refused(what, runs):
    state = set_to(what, **{VOLUME: 2.5})
    assert not last(what, state).stale
    assert not page.result(what, Answer("full", what.before(what.n), True), set_to(what))["stale"]
    assert not page.facts(what)["weighed"]
    with (
        TestClient(build(what, runs, Door("127.0.0.1", None)), base_url=HERE) as client,
        client.websocket_connect(LIVE, headers=OWN) as ws,
    ):
        ws.send_text(json.dumps({"type": "weigh", "n": 1, "scenario": what.hash6, "state": {}}))
        answer = ws.receive_json()
    assert answer["type"] == "refused"
    assert "--weighed" in answer["why"]


def test_hatched_bands_and_the_button(weighed, root, tmp_path_factory):
    from tests.browser import started

    browser = started(tmp_path_factory.mktemp("profile"))
    at, stop = served(weighed, root)
    try:
        opened(browser, at)
        hidden = "document.querySelector('#stale').hidden"
        striped = "[...document.querySelectorAll('#fan-0 svg path')].filter(p => (p.getAttribute('fill') || '').includes('url(')).length"
        assert browser.execute_script(f"return {hidden}")
        assert browser.execute_script(f"return {striped}") == 0
        browser.execute_script(DRAG, VOLUME, 2.5, True)
        settled(browser)
        assert not browser.execute_script(f"return {hidden}")
        assert browser.execute_script(f"return {striped}") == 2
        browser.execute_script("document.querySelector('#weigh').click()")
        browser.set_script_timeout(120)
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(browser, 180, 0.2).until(lambda b: b.execute_script("return document.documentElement.dataset.kind === 'weighed'"))
        assert browser.execute_script(f"return {hidden}")
        wait(browser, f"{striped} === 0")
        assert browser.get_log("browser") == []
    finally:
        stop()
        browser.quit()
