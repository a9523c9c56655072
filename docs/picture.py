"""Make the pictures of the README: python docs/picture.py brief [brief.html], or: python docs/picture.py app [scenario [worlds [runs]]]

Needs Debian's chromium and chromium-driver. Run it again when the first page of the brief, or the page of the app, has changed.
"""

import base64
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 600  # seconds


@contextmanager
def opened(address: str, wide: int, high: int, ready: str) -> Iterator[webdriver.Chrome]:
    """A browser with this page in it, when `ready` of its root element says yes or true."""
    os.environ["SE_OFFLINE"] = "true"
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    switches = ("headless=new", "no-sandbox", "disable-gpu", "disable-background-networking", "hide-scrollbars")
    for switch in (*switches, f"window-size={wide},{high}"):
        options.add_argument(f"--{switch}")
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        # the window is smaller than its page by what frames it; the page is what is drawn
        sizes = {"width": wide, "height": high, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", sizes)
        browser.get(address)
        WebDriverWait(browser, PATIENCE).until(
            lambda b: b.execute_script(f"return document.documentElement.dataset.{ready}") in ("yes", "true")
        )
        yield browser
    finally:
        browser.quit()


def keep(browser: webdriver.Chrome, name: str, wide: int, high: int) -> None:
    """The top of the page as a picture beside this file."""
    clip = {"x": 0, "y": 0, "width": wide, "height": high, "scale": 1}
    shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    Path(__file__).with_name(name).write_bytes(base64.b64decode(shot["data"]))


def brief(page: str = "brief.html") -> None:
    """The first page of a brief."""
    with opened(Path(page).resolve().as_uri(), 1180, 1330, "ready") as browser:
        keep(browser, "brief.png", 1180, 1330)


def app(scenario: str = "vostochny-2023", worlds: str = "1024", runs: str = "runs") -> None:
    """The page of the app with the first lever of the scenario moved to its upper end, by its link; `make demo` leaves its run."""
    from materiel.app.server import listen
    from materiel.app.whatif import WhatIf
    from materiel.scenario import load

    what = WhatIf(load(scenario), int(worlds), 7, Path(runs), print)
    lever = next(iter(what.handles.values()))
    door = listen(what, Path(runs), "127.0.0.1", 0)
    serving = threading.Thread(target=door.run)
    serving.start()
    try:
        link = f"{door.address}?s={what.hash6}&{lever.quantity.path}={lever.high:g}"
        with opened(link, 1280, 980, "done") as browser:
            keep(browser, "app.png", 1280, 980)
    finally:
        door.server.should_exit = True
        serving.join()
        what.close()


if __name__ == "__main__":
    {"brief": brief, "app": app}[sys.argv[1]](*sys.argv[2:])
