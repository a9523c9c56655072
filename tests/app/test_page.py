"""The page in a real browser: what a person moves moves what is shown, by pointer and by keyboard, on any screen."""

import json
import threading

import pytest

from materiel.app.server import listen
from materiel.app.whatif import WhatIf
from materiel.scenario import load
from tests.app.conftest import SEED, VOLUME
from tests.browser import marks, started
from tests.views.madeup import hostile_text

pytestmark = marks
DRAG = """
    const [path, value, final] = arguments;
    const slider = document.querySelector(`input[data-path="${path}"]`);
    slider.value = value;
    slider.dispatchEvent(new Event("input", {bubbles: true}));
    if (final) slider.dispatchEvent(new Event("change", {bubbles: true}));
"""
PATHS = "return [...document.querySelectorAll(arguments[0])].map(p => p.getAttribute('d'))"


def served(what, runs):
    """A server in a thread of this process; its address, and how to stop it."""
    opened = listen(what, runs, "127.0.0.1", 0)
    thread = threading.Thread(target=opened.run)
    thread.start()

    def stop():
        opened.server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()

    return opened.address, stop


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


def wait(browser, script, *args):
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(browser, 40, 0.05).until(lambda b: b.execute_script(f"return {script}", *args))


def opened(browser, address):
    browser.get(address)
    wait(browser, "document.documentElement.dataset.ready === 'yes' && document.documentElement.dataset.link === 'up'")
    return browser


def settled(browser):
    wait(browser, "document.documentElement.dataset.done === 'true'")


def quiet(browser, address):
    """Nothing complained, and nothing was asked of anybody else."""
    assert browser.get_log("browser") == []
    sent = [json.loads(row["message"])["message"] for row in browser.get_log("performance")]
    urls = {m["params"]["request"]["url"] for m in sent if m["method"] == "Network.requestWillBeSent"}
    urls |= {m["params"]["url"] for m in sent if m["method"] == "Network.webSocketCreated"}
    assert urls
    own = (address, address.replace("http", "ws"), "data:", "blob:")
    assert [u for u in urls if not u.startswith(own)] == []


@pytest.fixture
def page(browser, address):
    browser.get("about:blank")
    browser.get_log("browser"), browser.get_log("performance")
    yield opened(browser, address)
    quiet(browser, address)


def test_every_chart_is_drawn_with_the_baseline_behind_it(page, what):
    figures = page.execute_script("return [...document.querySelectorAll('#fans figure')].map(f => f.querySelectorAll('svg path').length)")
    assert len(figures) == len(what.scenario.vocabulary.charts)
    assert all(n > 6 for n in figures)
    lines = page.execute_script(PATHS, "#fan-0 .mark-line path")
    assert len(lines) == 3 + 3 + 1  # the baseline's three, the other course's three, the median
    assert lines[1] == lines[6]  # nothing is changed: the median lies on its baseline
    assert page.execute_script("return document.querySelectorAll('#went .mark-path path').length") >= 8
    assert page.title.startswith(what.scenario.vocabulary.scenario)


def test_dragging_a_slider_moves_fans_sankey_and_list_but_not_the_baseline(page, what):
    fan, went = page.execute_script(PATHS, "#fan-0 .mark-line path"), page.execute_script(PATHS, "#went .mark-path path")
    page.execute_script(DRAG, VOLUME, 2, False)
    page.execute_script(DRAG, VOLUME, 3, False)
    wait(page, "Number(document.documentElement.dataset.drawn) > 1")
    page.execute_script(DRAG, VOLUME, 3, True)
    settled(page)
    after, picture = page.execute_script(PATHS, "#fan-0 .mark-line path"), page.execute_script(PATHS, "#went .mark-path path")
    assert after[6] != fan[6]
    assert picture != went
    list_ = page.execute_script("return document.querySelector('#changes').textContent")
    assert "Volume of the offer: 1.00 → 3.00" in list_
    assert f"{what.n} of {what.n} worlds" in page.execute_script("return document.querySelector('#worlds').textContent")
    said = wait(page, "document.querySelector('#spoken').textContent")
    assert said.endswith(".")


def test_what_is_shown_is_what_the_engine_says(page, what):
    from materiel.app.page import told
    from materiel.app.state import check

    page.execute_script(DRAG, VOLUME, 3, True)
    settled(page)
    state = check(what.scenario, what.handles, {VOLUME: 3.0})
    now = [a for a in what.full(state) if a][-1].shown.claims
    for v in what.verdicts.claims:
        words = told(what, now[v.id], v, True)
        shown = page.execute_script("return document.getElementById(arguments[0]).textContent", f"claim-{v.id}")
        assert words["share"] in shown
        assert words["word"] in shown
        if words["was"]:
            assert f"(was {words['was']})" in shown
    order = page.execute_script("return [...document.querySelectorAll('#claim-list > li')].map(li => li.id)")
    assert order == [f"claim-{key}" for key in what.scenario.vocabulary.claims]


def test_a_link_holds_only_what_differs_and_shows_it_again(page, address, what):
    page.execute_script(DRAG, VOLUME, 2.5, True)
    settled(page)
    link = page.current_url
    assert link == f"{address}?s={what.hash6}&{VOLUME}=2.5"
    before = (
        page.execute_script(PATHS, "#fan-0 .mark-line path"),
        page.execute_script("return document.querySelector('#claim-list').textContent"),
    )
    page.get("about:blank")
    opened(page, link)
    settled(page)
    assert (
        page.execute_script(PATHS, "#fan-0 .mark-line path"),
        page.execute_script("return document.querySelector('#claim-list').textContent"),
    ) == before
    assert page.execute_script("return document.querySelector('#banner').hidden")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (f"?s=abcdef&{VOLUME}=2", "another version of the scenario (abcdef)"),
        ("?s=HASH&no.such.path=2", "cannot be moved here"),
        (f"?s=HASH&{VOLUME}=99", "outside 0 to 3"),
        (f"?s=HASH&{VOLUME}=", "outside 0 to 3"),
    ],
)
def test_a_link_that_does_not_fit_says_so(page, address, what, query, says):
    opened(page, address + query.replace("HASH", what.hash6))
    assert says in page.execute_script("return document.querySelector('#banner').textContent")


def test_undo_goes_back_step_by_step_and_undo_all_to_the_baseline(page, address):
    from selenium.webdriver.common.by import By

    first = page.execute_script(PATHS, "#fan-0 .mark-line path")
    for value in (2, 3):
        page.execute_script(DRAG, VOLUME, value, True)
        settled(page)
    page.find_element(By.ID, "undo").click()
    settled(page)
    assert page.current_url.endswith(f"{VOLUME}=2")
    page.execute_script(DRAG, VOLUME, 3, True)
    page.find_element(By.ID, "undo-all").click()
    settled(page)
    assert page.current_url == address
    assert page.execute_script(PATHS, "#fan-0 .mark-line path") == first
    assert page.execute_script("return document.querySelector('#undo-all').disabled")
    page.find_element(By.ID, "undo").click()  # and back to what was undone
    settled(page)
    assert page.current_url.endswith(f"{VOLUME}=3")


def test_an_assumption_can_be_found_and_set(page, what):
    from selenium.webdriver.common.by import By

    page.find_element(By.CSS_SELECTOR, "#assumptions summary").click()
    page.find_element(By.ID, "find").send_keys("front pace")
    rows = wait(page, "document.querySelectorAll('#assumption-list .handle').length")
    assert rows < 12
    page.execute_script(DRAG, "front.pace", 18, True)
    settled(page)
    assert "front.pace=" in page.current_url
    assert "scenario: 0.05 to 0.3 km/day" in page.execute_script("return document.querySelector('#assumption-list').textContent")


def test_where_a_number_comes_from_is_one_key_away(page, what):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    page.find_element(By.CSS_SELECTOR, "#lever-list .about").send_keys(Keys.ENTER)
    said = page.execute_script("return document.querySelector('#panel').textContent")
    line = what.handles[VOLUME].quantity.line
    for part in ("Volume of the offer", "Invented bulletin", "Maker", f"scenario.yaml:{line}", VOLUME, "C3"):
        assert part in said
    page.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not page.execute_script("return document.querySelector('#panel').open")


def test_the_keyboard_alone_reaches_and_moves_everything(page):
    from selenium.webdriver.common.keys import Keys

    seen = []
    for _ in range(60):
        page.switch_to.active_element.send_keys(Keys.TAB)
        here = page.execute_script("const a = document.activeElement; return a.id || a.className || a.tagName")
        if here in seen[:1]:
            break
        seen.append(here)
        if here == f"h-{VOLUME}":
            break
    assert f"h-{VOLUME}" in seen, seen
    assert "share" in seen
    outline = page.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    slider = page.switch_to.active_element
    slider.send_keys(Keys.ARROW_RIGHT)
    slider.send_keys(Keys.ARROW_RIGHT)
    settled(page)
    assert page.current_url.endswith(f"{VOLUME}=1.04")
    slider.send_keys(Keys.HOME)
    settled(page)
    assert page.current_url.endswith(f"{VOLUME}=0")


def test_charts_can_be_read_as_tables(page):
    from selenium.webdriver.common.by import By

    page.find_element(By.CSS_SELECTOR, "#fan-0 summary").click()
    wait(page, "document.querySelectorAll('#fan-0 tbody tr').length")
    first = page.execute_script("return document.querySelector('#fan-0 tbody').textContent")
    page.execute_script(DRAG, VOLUME, 3, True)
    settled(page)
    assert page.execute_script("return document.querySelector('#fan-0 tbody').textContent") != first  # the open table moves along
    page.execute_script("document.querySelector('#went summary').click()")
    wait(page, "document.querySelectorAll('#went tbody tr').length")


def test_on_a_narrow_screen_there_are_tabs_and_nothing_is_too_wide(page, address):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True})
    try:
        opened(page, address)
        assert page.execute_script("return [...document.querySelectorAll('main > section')].map(s => s.checkVisibility())") == [
            True,
            False,
            False,
        ]
        for k, tab in enumerate(("levers", "charts", "claims")):
            page.find_element(By.ID, f"tab-{tab}").click()
            shown = page.execute_script("return [...document.querySelectorAll('main > section')].map(s => s.checkVisibility())")
            assert shown == [i == k for i in range(3)]
            wide = "return [...document.querySelectorAll('main, main > section, figure, header')].map(e => e.getBoundingClientRect().right)"
            assert max(page.execute_script(wide)) <= 390
            assert page.execute_script("return document.documentElement.scrollWidth") <= 390
        page.find_element(By.ID, "tab-claims").send_keys(Keys.ARROW_LEFT)
        assert page.execute_script("return document.querySelector('#charts').checkVisibility()")
        width = wait(page, "document.querySelector('#fan-0 svg').getBoundingClientRect().width")
        assert 250 < width <= 390
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page, address, scheme):
    from axe_core_python.selenium import Axe

    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    try:
        opened(page, address)
        page.execute_script("document.querySelector('#assumptions').open = true")
        page.execute_script(DRAG, VOLUME, 3, True)
        settled(page)
        found = Axe().run(page)["violations"]
        assert [(v["id"], [n["target"] for n in v["nodes"]][:5]) for v in found] == []
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_server_that_is_gone_comes_back_to_the_same_state(browser, what, runs):
    address, stop = served(what, runs)
    opened(browser, address)
    browser.execute_script(DRAG, VOLUME, 2, True)
    settled(browser)
    stop()
    wait(browser, "document.documentElement.dataset.link === 'down'")
    browser.execute_script(DRAG, VOLUME, 3, True)  # moved while nobody listens
    port = int(address.rstrip("/").rpartition(":")[2])
    again = listen(what, runs, "127.0.0.1", port)
    thread = threading.Thread(target=again.run)
    thread.start()
    try:
        wait(browser, "document.documentElement.dataset.link === 'up'")
        settled(browser)
        assert browser.current_url.endswith(f"{VOLUME}=3")
    finally:
        browser.get("about:blank")
        again.server.should_exit = True
        thread.join(30)


def test_a_scenario_full_of_scripts_is_text(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "scenario.yaml").write_text(
        hostile_text().replace("name: Volume of the offer", "name: \"<img src=x onerror=document.title='taken'>\""), encoding="utf-8"
    )
    what = WhatIf(load(folder), 64, SEED, folder / "runs")
    address, stop = served(what, folder / "runs")
    try:
        browser.get("about:blank")
        browser.get_log("browser"), browser.get_log("performance")
        opened(browser, address)
        browser.execute_script(DRAG, VOLUME, 3, True)
        settled(browser)
        browser.execute_script(
            "for (const d of document.querySelectorAll('details')) d.open = true; document.querySelector('.about').click()"
        )
        wait(browser, "document.querySelectorAll('#fan-0 tbody tr').length")
        assert browser.execute_script("return [...document.querySelectorAll('img, script:not([src])')].length") == 0
        assert "taken" not in browser.title.replace(what.scenario.vocabulary.scenario, "")
        assert "<img src=x" in browser.execute_script("return document.querySelector('#lever-list').textContent")
        quiet(browser, address)
    finally:
        browser.get("about:blank")
        stop()
        what.close()
