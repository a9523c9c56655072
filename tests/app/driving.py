"""A page under test: how it is served, moved and watched."""

import json
import threading

from materiel.app.server import listen

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
