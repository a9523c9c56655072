"""Make docs/brief.png, the picture of the README, from a brief: python docs/picture.py [brief.html]

Needs Debian's chromium and chromium-driver. Run it again when the first page of the brief has changed.
"""

import base64
import os
import shutil
import sys
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

WIDTH, HEIGHT = 1180, 1330


def main() -> None:
    """Open the page, wait until every chart has drawn, and keep the top of it."""
    page = Path(sys.argv[1] if len(sys.argv) > 1 else "brief.html").resolve()
    os.environ["SE_OFFLINE"] = "true"
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or "chromium"
    switches = ("headless=new", "no-sandbox", "disable-gpu", "disable-background-networking", "hide-scrollbars")
    for switch in (*switches, f"window-size={WIDTH},{HEIGHT}"):
        options.add_argument(f"--{switch}")
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        browser.get(page.as_uri())
        WebDriverWait(browser, 60).until(lambda b: b.execute_script("return document.documentElement.dataset.ready") == "yes")
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT, "scale": 1}
        shot = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    finally:
        browser.quit()
    Path(__file__).with_name("brief.png").write_bytes(base64.b64decode(shot["data"]))


if __name__ == "__main__":
    main()
