"""The brief in a real browser: every chart draws, nothing complains, nothing is asked of any network, nothing is run."""

import base64
import re

import pytest

from tests.browser import marks, started

pytestmark = marks


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = started(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


def opened(browser, page, folder):
    """The page once every chart has been tried."""
    from selenium.webdriver.support.ui import WebDriverWait

    path = page.save(folder / "brief.html")
    browser.get(path.as_uri())
    WebDriverWait(browser, 60).until(lambda b: b.execute_script("return document.documentElement.dataset.ready") == "yes")
    return browser


@pytest.mark.parametrize(("which", "count"), [("page", 9), ("hostile_page", 9), ("weighed_page", 11), ("hostile_weighed_page", 10)])
def test_every_chart_draws_and_nothing_complains(browser, request, which, count, tmp_path):
    b = opened(browser, request.getfixturevalue(which), tmp_path)
    figures = b.execute_script(
        "return [...document.querySelectorAll('figure')].map(f => [f.id, f.dataset.drawn, f.querySelectorAll('.chart svg').length])"
    )
    assert len(figures) == count
    assert [f for f in figures if f[1:] != ["yes", 1]] == []
    assert b.get_log("browser") == []
    assert b.execute_script("return performance.getEntriesByType('resource').map(e => e.name)") == []
    assert b.title != "taken"
    assert b.execute_script("return document.querySelectorAll('img').length") == 0


def test_drawn_charts_have_their_lines_bands_and_words(browser, page, tmp_path):
    b = opened(browser, page, tmp_path)
    marks = b.execute_script(
        "const f = document.querySelector('#fan-0 .chart svg');"
        "return [f.querySelectorAll('.mark-area path').length, f.querySelectorAll('.mark-line path').length, f.textContent]"
    )
    assert marks[0] == 2  # bands of 90 and 50 % of the first course
    assert marks[1] == 4  # two medians, two edges of the other course
    for text in ("no pact", "pact", "as of 10 June 2020", "model, not observation", "run madeup"):
        assert text in marks[2]
    amounts = b.execute_script("return [...document.querySelectorAll('#went-0 .mark-path path')].map(p => p.getAttribute('d')).length")
    assert amounts >= 8


def test_a_saved_spec_is_whole(browser, page, tmp_path):
    """What charts share stands in the page once, and in every spec that leaves it."""
    b = opened(browser, page, tmp_path)
    keys = b.execute_async_script(
        "const done = arguments[0]; URL.createObjectURL = blob => { blob.text().then(t => done(Object.keys(JSON.parse(t)))); return '#'; };"
        "[...document.querySelectorAll('#fan-0 .save button')].find(x => x.textContent === 'Vega spec').click();"
    )
    assert {"$schema", "config", "layer", "title"} <= set(keys)
    assert b.execute_script("return document.querySelector('#fan-0 script').textContent.includes('\"config\"')") is False


@pytest.mark.parametrize("which", ["page", "weighed_page"])
def test_words_of_a_picture_do_not_cover_each_other(browser, request, which, tmp_path):
    b = opened(browser, request.getfixturevalue(which), tmp_path)
    overlaps = b.execute_script(
        """
        const bad = [];
        for (const figure of document.querySelectorAll('figure')) {
          const seen = t => t.textContent.trim() && getComputedStyle(t).opacity !== '0';
          const shown = [...figure.querySelectorAll('.chart svg text')].filter(seen);
          const boxes = shown.map(t => [t.textContent, t.getBoundingClientRect()]).filter(([, r]) => r.width);
          for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
            const [p, a] = boxes[i], [q, c] = boxes[j];
            const wide = Math.min(a.right, c.right) - Math.max(a.left, c.left);
            const high = Math.min(a.bottom, c.bottom) - Math.max(a.top, c.top);
            if (wide > 3 && high > 4) bad.push([figure.id, p, q]);
          }
        }
        return bad;
        """
    )
    assert overlaps == []


@pytest.mark.parametrize("which", ["page", "weighed_page"])
def test_the_page_is_not_wider_than_a_small_screen(browser, request, which, tmp_path):
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True})
    try:
        b = opened(browser, request.getfixturevalue(which), tmp_path)
        assert b.execute_script("return document.documentElement.scrollWidth") <= 390
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_dots_are_drawn_as_many_as_were_counted(browser, weighed_page, tmp_path):
    """A picture of dots has the size that the page gives it, and every one that is used is defined."""
    b = opened(browser, weighed_page, tmp_path)
    seen = b.execute_script(
        "return [...document.querySelectorAll('svg.dots use')].map(u => ["
        "!!document.querySelector(u.getAttribute('href')), u.getBoundingClientRect().width > 100])"
    )
    assert len(seen) == 2 * 4  # two claims, each with two columns in the table and on its card
    assert all(all(s) for s in seen)


def test_without_scripts_the_pictures_are_there(browser, page, tmp_path):
    """Scripts stay off until all is counted: a browser without them does not say either when a page is there."""
    from selenium.webdriver.support.ui import WebDriverWait

    def count(b, css):
        root = b.execute_cdp_cmd("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
        return len(b.execute_cdp_cmd("DOM.querySelectorAll", {"nodeId": root, "selector": css})["nodeIds"])

    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(page.save(tmp_path / "unscripted.html").as_uri())
        WebDriverWait(browser, 60).until(lambda b: count(b, "figure .chart > svg") == 9)
        assert count(browser, "figure[data-drawn]") == 0
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_data_of_a_drawn_fan_are_those_of_its_spec(browser, page, worlds, tmp_path):
    """The page holds them once, in the link to the CSV; what is drawn and saved must be what was made."""
    from materiel.views import figures

    b = opened(browser, page, tmp_path)
    for place in range(len(worlds.scenario.vocabulary.charts)):
        spec = figures.fan(worlds, place, figures.frame(worlds, "")).spec
        saved = b.execute_async_script(
            "const done = arguments[0]; URL.createObjectURL = blob => { blob.text().then(t => done(JSON.parse(t))); return '#'; };"
            f"[...document.querySelectorAll('#fan-{place} .save button')].find(x => x.textContent === 'Vega spec').click();"
        )
        made, drawn = spec["datasets"][spec["data"]["name"]], saved["datasets"][saved["data"]["name"]]
        assert len(made) == len(drawn) > 5
        for one, other in zip(made, drawn, strict=True):
            assert one.pop("date") == other.pop("date")
            assert other == pytest.approx(one, rel=2e-4)  # both have four digits, rounded before and after scaling


def test_pictures_show_where_a_mail_filter_strips_scripts_and_styles(browser, page, tmp_path):
    """What is left has its lines and its colours."""
    stripped = re.sub(r"<script.*?</script>|<style>.*?</style>|<meta http-equiv[^>]*>", "", page.html, flags=re.S)
    (tmp_path / "stripped.html").write_text(stripped, encoding="utf-8")
    browser.get((tmp_path / "stripped.html").as_uri())
    seen = browser.execute_script(
        "return [...document.querySelectorAll('figure .chart > svg, .map > svg')].map(s => { const r = s.getBoundingClientRect();"
        " const hues = [...s.querySelectorAll('path, line, rect')].map(p => [getComputedStyle(p).stroke, getComputedStyle(p).fill]).flat();"
        " return [r.width > 300 && r.height > 100, hues.some(h => h.startsWith('rgb') && h !== 'rgb(0, 0, 0)')]; })"
    )
    assert seen == [[True, True]] * 10


@pytest.mark.parametrize("which", ["page", "weighed_page"])
def test_it_prints_on_a4_and_nothing_is_cut_off(browser, request, which, tmp_path):
    b = opened(browser, request.getfixturevalue(which), tmp_path)
    pdf = base64.b64decode(b.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})["data"])
    pages = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert len(pages) > 5
    assert all((round(float(w)), round(float(h))) == (595, 842) for w, h in pages)
    within = round((210 - 2 * 14) / 25.4 * 96)  # pixels between the margins
    b.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    b.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": within, "height": 1000, "deviceScaleFactor": 1, "mobile": False})
    try:
        wide = b.execute_script(
            "return [...document.querySelectorAll('svg, table, pre, p')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
            ".map(e => e.tagName + ' ' + e.className + ' ' + e.textContent.slice(0, 40))"
        )
        assert wide == []
        assert b.execute_script("return getComputedStyle(document.querySelector('.watermark')).position") == "fixed"
    finally:
        b.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        b.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
