"""Makes docs/brief.png: the first page of a brief in headless Chromium, as a reader sees it.

Run after `make demo`: python docs/picture.py [brief.html]
"""

import sys
import time
from pathlib import Path

from selenium import webdriver

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND")  # fmt: skip


def main() -> None:
    page = Path(sys.argv[1] if len(sys.argv) > 1 else "brief.html").resolve()
    options = webdriver.ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    driver = webdriver.Chrome(options)
    try:
        driver.set_window_size(1280, 1500)
        driver.get(page.as_uri())
        time.sleep(2)
        driver.save_screenshot(str(Path(__file__).with_name("brief.png")))
    finally:
        driver.quit()


if __name__ == "__main__":
    main()
