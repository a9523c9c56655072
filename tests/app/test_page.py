"""The page in a real browser: what a person moves moves what is shown."""

import threading

import pytest

from materiel.app.server import listen
from materiel.app.whatif import WhatIf
from materiel.scenario import load
from materiel.views import live, words
from tests.app.conftest import SEED, VOLUME
from tests.app.driving import DRAG, PATHS, opened, quiet, served, settled, wait
from tests.browser import marks
from tests.views.madeup import hostile_text

pytestmark = marks


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
    for where in ("#fan-0 figcaption", "#went svg"):  # a picture that leaves the page says that it was changed
        assert "1 number of it changed by hand" in page.execute_script("return document.querySelector(arguments[0]).textContent", where)
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
        (f"?s=HASH&{VOLUME}=1..2", "is no single value"),
        ("?s=HASH&front.pace=0.2..0.1", "is no range"),
        ("?s=HASH&front.pace=0.1..9", "which is outside 0.05 to 0.3"),
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


def test_the_sankey_shows_the_median_or_either_end_of_each_flow(page, what):
    shown = "return document.querySelector('#went').textContent"
    buttons = page.execute_script(
        "return [...document.querySelectorAll('#went .choice')].map(g => [...g.children].map(b => b.textContent))"
    )
    assert buttons == [[name.replace("_", " ") for name in what.courses], ["median", "5 %", "95 %"]]
    goods = what.before(what.n).went[what.courses[0]].arrows
    pictures = {}
    for k, (of, name) in enumerate((("median", "median"), ("p5", "5 %"), ("p95", "95 %"))):
        page.execute_script(f"document.querySelectorAll('#went .choice')[1].children[{k}].click()")
        said = live.PICTURES[of]
        wait(page, "document.querySelector('#went svg').textContent.includes(arguments[0])", said.says)
        assert said.more in page.execute_script(shown)
        pressed = "return [...document.querySelectorAll('#went .choice')[1].children].map(b => b.getAttribute('aria-pressed'))"
        assert page.execute_script(pressed) == ["true" if i == k else "false" for i in range(3)], name
        fired = next(a for a in goods if a.taker.startswith("Fired"))
        assert words.amount(getattr(fired, of), "rounds") in page.execute_script("return document.querySelector('#went svg').textContent")
        pictures[of] = page.execute_script(PATHS, "#went .mark-path path")
    assert len({tuple(p) for p in pictures.values()}) == 3
    page.execute_script(DRAG, VOLUME, 3, True)  # what was chosen stays while something moves
    settled(page)
    assert live.PICTURES["p95"].says in page.execute_script("return document.querySelector('#went svg').textContent")
    assert page.execute_script(PATHS, "#went .mark-path path") != pictures["p95"]


def test_the_baseline_can_be_looked_at_alone(page, address, what):
    """The charts, the picture, the claims and their tables are those before any change; nothing is forgotten and no axis moves."""
    see = """const read = s => document.querySelector(s).textContent;
        return [[...document.querySelectorAll('#fan-0 .mark-line path')].map(p => p.getAttribute('d')),
            [...document.querySelectorAll('#went .mark-path path')].map(p => p.getAttribute('d')), read('#claim-list'),
            read('#fan-0 figcaption')]"""
    axis = "return [...document.querySelectorAll('#fan-0 .role-axis-label')].map(g => g.textContent)"
    from selenium.webdriver.common.keys import Keys

    first = page.execute_script(see)
    page.execute_script("for (const d of document.querySelectorAll('#fan-0 details, #went details')) d.open = true")
    page.execute_script(DRAG, VOLUME, 3, True)
    settled(page)
    moved, axes = page.execute_script(see), page.execute_script(axis)
    assert axes
    assert "baseline" in page.execute_script("return document.querySelector('#fan-0 thead').textContent")
    link, drawn = page.current_url, "Number(document.documentElement.dataset.drawn) > arguments[0]"
    for k, name in ((0, "Baseline"), (1, "Compare")):
        before = page.execute_script("return Number(document.documentElement.dataset.drawn)")
        button = page.execute_script(f"return document.querySelector('#compare .choice').children[{k}]")
        assert button.text == name
        button.send_keys(Keys.ENTER)
        wait(page, drawn, before)
        pressed = page.execute_script("return [...document.querySelectorAll('#compare button')].map(b => b.getAttribute('aria-pressed'))")
        assert pressed == (["false", "true"] if k else ["true", "false"])
        now = page.execute_script(see)
        if name == "Baseline":
            assert page.execute_script("return [...document.querySelectorAll('#went thead th')].map(t => t.textContent)") == [
                "From",
                "To",
                "Baseline",
            ]
            heads = page.execute_script("return [...document.querySelectorAll('#fan-0 thead th')].map(t => t.textContent)")
            assert heads == ["Date", *(f"{c.replace('_', ' ')}, baseline" for c in what.courses)]
            assert now[1:] == first[1:]  # the picture, the claims in their words, and a caption that says of no change
            lines = [p for p in now[0] if p]  # none of a baseline behind it
            assert (len(lines), lines[-1]) == (4, moved[0][1])  # and its median lies where the baseline's lay
            assert "as it stands" in page.execute_script("return document.querySelector('#worlds').textContent")
            assert "alone" in page.execute_script("return document.querySelector('#spoken').textContent")
        else:
            assert now == moved
        assert page.execute_script(axis) == axes
        assert page.current_url == link
    page.execute_script("document.querySelector('#compare .choice').children[0].click()")
    page.execute_script(DRAG, VOLUME, 2, True)  # what moves is seen to move
    settled(page)
    assert page.execute_script("return document.querySelector('#compare .choice').children[1].getAttribute('aria-pressed')") == "true"
    assert page.execute_script(see)[0] not in (first[0], moved[0])


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


def test_a_range_is_narrowed_from_two_ends_with_the_keyboard(page, address, what):
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    stops = what.handles["front.pace"].stops
    first = page.execute_script(PATHS, "#fan-0 .mark-line path")
    page.find_element(By.CSS_SELECTOR, "#assumptions summary").click()
    page.find_element(By.ID, "find").send_keys("front pace")
    wait(page, "document.querySelectorAll('#assumption-list .handle').length < 12")
    page.find_element(By.CSS_SELECTOR, "[aria-label^='Narrow the range']").send_keys(Keys.ENTER)
    low = page.switch_to.active_element
    assert low.get_attribute("data-end") == "low"
    assert low.accessible_name.endswith(" from")
    assert (low.get_attribute("value"), low.get_attribute("aria-valuetext")) == ("0", "0.05 km a day")
    low.send_keys(Keys.ARROW_RIGHT)
    high = page.find_element(By.CSS_SELECTOR, "input[data-path='front.pace'][data-end='high']")
    high.send_keys(Keys.ARROW_LEFT)
    settled(page)
    assert page.current_url.endswith(f"front.pace={stops[1]:g}..{stops[-2]:g}")
    assert page.execute_script("return document.documentElement.dataset.kind") == "inside"
    drawn = what.baseline.unknown("front.pace")
    n = ((stops[1] <= drawn) & (drawn <= stops[-2])).sum()
    assert page.execute_script("return document.querySelector('#worlds').textContent").startswith(
        f"{n} of {what.n} worlds: those of the baseline"
    )
    list_ = page.execute_script("return document.querySelector('#changes').textContent")
    assert "0.05 to 0.3 km/day → 0.061 to 0.25 km a day" in list_
    assert "1 number of it changed by hand" in page.execute_script("return document.querySelector('#fan-0 figcaption').textContent")
    assert page.execute_script(PATHS, "#fan-0 .mark-line path") != first
    page.execute_script("document.querySelector('#assumption-list .handle:not([hidden]) .about').click()")
    terms = page.execute_script("return document.querySelector('#panel-body').textContent")
    assert "You set0.061 to 0.25 km a day" in terms
    page.switch_to.active_element.send_keys(Keys.ESCAPE)

    low.send_keys(Keys.END)  # an end stops before the other one
    settled(page)
    assert page.current_url.endswith(f"front.pace={stops[-3]:g}..{stops[-2]:g}")
    assert page.execute_script("return document.documentElement.dataset.kind") == "full"  # too few worlds are left: simulated
    page.find_element(By.ID, "undo").click()
    settled(page)
    link = page.current_url
    assert link.endswith(f"front.pace={stops[1]:g}..{stops[-2]:g}")
    picture = page.execute_script(PATHS, "#fan-0 .mark-line path")
    page.get("about:blank")
    opened(page, link)
    settled(page)
    assert page.execute_script(PATHS, "#fan-0 .mark-line path") == picture
    page.execute_script("document.querySelector('#assumptions').open = true")
    page.find_element(By.ID, "find").send_keys("front pace")
    both = wait(page, "[...document.querySelectorAll('input[data-path=\"front.pace\"][data-end]')].map(i => i.value)")
    assert both == ["1", str(len(stops) - 2)]
    page.find_element(By.CSS_SELECTOR, "#assumption-list [aria-label^='Set one value']").click()  # and back to one value
    settled(page)
    assert page.current_url == address
    assert page.switch_to.active_element.get_attribute("data-end") is None


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


def test_the_brief_of_the_baseline_opens_as_a_page_of_nowhere(browser, address, what):
    """Its charts draw, and nothing in it could ask this server for anything."""
    browser.get("about:blank")
    browser.get_log("browser"), browser.get_log("performance")
    browser.get(f"{address}brief/{what.run}")
    wait(browser, "document.documentElement.dataset.ready === 'yes'")
    assert browser.execute_script("return [...document.querySelectorAll('figure')].every(f => f.dataset.drawn === 'yes')")
    quiet(browser, address)
    assert browser.execute_script("return self.origin") == "null"
    tried = "const done = arguments[0]; fetch('/facts.json').then(() => done('answered'), () => done('refused'))"
    assert browser.execute_async_script(tried) == "refused"
    browser.get_log("browser")


def test_claims_that_compare_other_courses_say_so_and_can_be_asked_for(browser, tmp_path_factory):
    from selenium.webdriver.common.by import By

    folder = tmp_path_factory.mktemp("other")
    text = load("tiny-two-sides").path.read_text(encoding="utf-8")
    (folder / "scenario.yaml").write_text(
        text.replace("    course: no_pact\n    holds_if: below", "    course: half_pact\n    holds_if: below"), encoding="utf-8"
    )
    what = WhatIf(load(folder), 64, SEED, folder / "runs")
    address, stop = served(what, folder / "runs")
    said = "return document.querySelector('#claim-north_stock').textContent"
    try:
        opened(browser, address)
        browser.execute_script(DRAG, "offers.maker_north.scale", 0, True)
        settled(browser)
        assert "not simulated again" in browser.execute_script(said)
        browser.find_element(By.ID, "ask-further").click()
        wait(browser, "document.documentElement.dataset.kind === 'more'")
        assert "not simulated again" not in browser.execute_script(said)
    finally:
        browser.get("about:blank")
        stop()
        what.close()
