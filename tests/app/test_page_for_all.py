"""The page for everybody: keyboard, small screens, tables instead of pictures, light and dark, and what axe-core finds."""

import pytest

from tests.app.conftest import VOLUME
from tests.app.driving import DRAG, opened, settled, wait
from tests.browser import marks

pytestmark = marks


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
    page.find_element(By.CSS_SELECTOR, f'input[data-path="{VOLUME}"]').send_keys("i")  # and from the slider itself
    assert page.execute_script("return document.querySelector('#panel').open")
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
        wait(page, "document.querySelectorAll('.flip').length")
        page.execute_script("document.querySelector('.flip').click()")  # one of them with two sliders
        page.execute_script("document.querySelector('#compare button').click()")  # the baseline alone, then what is moved
        page.execute_script("document.querySelectorAll('#went .choice')[1].lastChild.click()")
        page.execute_script(DRAG, VOLUME, 3, True)
        settled(page)
        found = Axe().run(page)["violations"]
        assert [(v["id"], [n["target"] for n in v["nodes"]][:5]) for v in found] == []
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
