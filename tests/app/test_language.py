"""The page in German, as its user meets it."""

import json

import pytest
from starlette.testclient import TestClient

from materiel.app.safety import Door
from materiel.app.server import build
from tests.app.conftest import VOLUME
from tests.app.driving import DRAG, opened, quiet, settled, wait
from tests.browser import marks

HERE, LIVE = "http://127.0.0.1:8000", "ws://127.0.0.1:8000/live"


def in_browser(test):
    for mark in marks:
        test = mark(test)
    return test


@pytest.fixture
def german(browser, address):
    browser.get("about:blank")
    browser.get_log("browser"), browser.get_log("performance")
    yield opened(browser, f"{address}?lang=de")
    quiet(browser, address)


def text(page, where):
    return page.execute_script("return document.querySelector(arguments[0]).textContent", where)


@in_browser
def test_the_page_is_german_from_its_head_to_its_foot(german, what):
    assert german.execute_script("return document.documentElement.lang") == "de"
    assert text(german, "#version") == "Version 1, Stand 10. Juni 2020"
    assert text(german, "#save") == "Lauf speichern"
    assert text(german, "#worlds") == f"{what.n} von {what.n} Welten."
    assert text(german, "#status").startswith("Bereit · Startwert 7")
    assert "Juni 2020" in text(german, "#fan-0 svg")
    assert "Wohin die Munition ging: pact" in text(german, "#went svg")
    assert german.execute_script("return document.querySelector('#title').lang") == "en"
    german.execute_script("document.querySelector('#help').click()")
    assert text(german, "#panel-title") == "Hilfe"
    german.execute_script("document.querySelector('#panel form button').click()")


@in_browser
def test_an_answer_is_german_and_its_link_keeps_the_language(german, what):
    german.execute_script(DRAG, VOLUME, 3, True)
    settled(german)
    assert "Volume of the offer: 1,00 → 3,00" in text(german, "#changes")
    assert "1 Zahl davon von Hand geändert" in text(german, "#fan-0 figcaption")
    told = [text(german, f"#claim-{v.id} .told") for v in what.verdicts.claims]
    assert all(t.startswith(("etwa", "unter", "über", "nicht bestimmt")) for t in told), told
    assert german.current_url.partition("?")[2].startswith("lang=de&s=")
    german.execute_script("document.querySelector('#undo-all').click()")
    settled(german)
    assert german.current_url.endswith("?lang=de")
    wait(german, "document.querySelector('#spoken').textContent.startsWith('Keine Behauptung')")


@in_browser
def test_two_pages_of_one_server_each_keep_their_language(german, browser, address, what):
    german.execute_script(DRAG, VOLUME, 2, True)
    settled(german)
    english = opened(browser, f"{address}?lang=en")
    english.execute_script(DRAG, VOLUME, 2, True)
    settled(english)  # this answer is remembered, in German
    assert "1 number of it changed by hand" in text(english, "#fan-0 figcaption")


@pytest.fixture(scope="module")
def client(what, runs):
    with TestClient(build(what, runs, Door("127.0.0.1", None), "de"), base_url=HERE) as c:
        yield c


def test_the_server_has_a_language_and_an_address_may_ask_for_another(client):
    assert '<html lang="de">' in client.get("/").text
    assert '<html lang="en">' in client.get("/?lang=en").text
    assert client.get("/facts.json").json()["as_of"] == "10. Juni 2020"
    assert client.get("/facts.json?lang=en").json()["as_of"] == "10 June 2020"


def test_the_english_page_carries_no_texts_of_a_catalogue(client):
    assert '<meta name="words" content="{}">' in client.get("/?lang=en").text


@pytest.mark.parametrize("path", ["/", "/facts.json"])
def test_an_unknown_language_is_refused_with_those_that_are_known(client, path):
    answer = client.get(f"{path}?lang=xx")
    assert answer.status_code == 404
    assert answer.text == 'there is no language "xx" here; there are en, de\n'


def test_a_refusal_is_said_in_the_language_of_the_page(client, what):
    wrong = json.dumps({"type": "move", "n": 1, "scenario": what.hash6, "state": {"nothing": 1.0}})
    said = []
    for lang in ("de", "en"):
        with client.websocket_connect(f"{LIVE}?lang={lang}", headers={"origin": HERE}) as socket:
            socket.send_text(wrong)
            said.append(socket.receive_json()["why"])
    assert said == [
        "„nothing“ ist weder ein Hebel noch eine Annahme dieses Szenarios",
        '"nothing" is not a lever or an assumption of this scenario',
    ]
    with client.websocket_connect(f"{LIVE}?lang=xx", headers={"origin": HERE}) as socket:
        assert "there are en, de" in socket.receive_json()["why"]
