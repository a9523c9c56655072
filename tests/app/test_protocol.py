"""The protocol and the door, through Starlette's own client: what is answered, what is refused, and that refusals change nothing."""

import json
import re

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from materiel.app import messages
from materiel.app.safety import COOKIE, Door
from materiel.app.server import build, door
from materiel.app.state import Refused
from materiel.app.whatif import Answer
from tests.app.conftest import VOLUME

HERE = "http://127.0.0.1:8000"
LIVE = "ws://127.0.0.1:8000/live"
OWN = {"origin": HERE}


@pytest.fixture(scope="module")
def client(what, runs):
    with TestClient(build(what, runs, Door("127.0.0.1", None)), base_url=HERE) as c:
        yield c


@pytest.fixture
def socket(client):
    with client.websocket_connect(LIVE, headers=OWN) as s:
        yield s


def move(what, n, state=None, **more):
    return json.dumps({"type": "move", "n": n, "scenario": what.hash6, "state": state or {}, **more})


def last(socket, n):
    """Answers to one message, up to the last of them."""
    while True:
        answer = socket.receive_json()
        if answer["n"] == n and (answer["type"] != "result" or answer["done"]):
            return answer


def test_the_page_and_all_that_it_loads_come_from_here_with_a_strict_policy(client):
    page = client.get("/")
    asked = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert set(asked) >= {"/vega.js", "/static/app.js", "/static/app.css", "/colours.css"}
    for path in ("/", *(a for a in asked if a.startswith("/")), "/facts.json"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe-eval" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/static/server.py", "/static/..%2fserver.py", "/static/nothing.js", "/static/.hidden.js", "/etc"])
def test_nothing_else_is_served(client, path):
    assert client.get(path).status_code in (404, 307)


def test_the_page_is_told_every_lever_assumption_chart_and_claim(client, what):
    facts = client.get("/facts.json").json()
    assert [h["path"] for h in facts["handles"] if h["lever"]] == [VOLUME]
    assert len(facts["handles"]) == len(what.handles)
    assert [c["id"] for c in facts["claims"]] == list(what.scenario.vocabulary.claims)
    assert len(facts["fans"]) == len(what.scenario.vocabulary.charts)
    lever = facts["handles"][[h["path"] for h in facts["handles"]].index(VOLUME)]
    assert (lever["name"], lever["held_by"], lever["source"], lever["place"]) == (
        "Volume of the offer", "Maker", "Invented bulletin", f"scenario.yaml:{what.handles[VOLUME].quantity.line}",
    )  # fmt: skip
    assumed = [h for h in facts["handles"] if h["source"] == "assumed"]
    assert assumed
    assert all(h["set_by"] for h in facts["handles"])


def test_a_move_is_answered_and_the_last_answer_has_all_worlds(socket, what):
    socket.send_text(move(what, 1, {VOLUME: 2.5}, final=True))
    answer = last(socket, 1)
    assert (answer["type"], answer["kind"], answer["worlds"], answer["state"]) == ("result", "full", what.n, {VOLUME: 2.5})
    assert len(answer["fans"]) == len(what.scenario.vocabulary.charts)
    assert all(answer["went"][0]["specs"].values())
    assert set(answer["claims"]) == set(what.scenario.vocabulary.claims)


def test_the_same_state_on_another_page_gets_the_same_answer(client, what):
    answers = []
    for _ in range(2):
        with client.websocket_connect(LIVE, headers=OWN) as s:
            s.send_text(move(what, 7, {VOLUME: 0.5}, final=True))
            answers.append({k: v for k, v in last(s, 7).items() if k != "ms"})
    assert answers[0] == answers[1]


BAD = {
    "no JSON": ("{", "not a message that the page sends"),
    "no object": ("[]", "not a message that the page sends"),
    "no type": ('{"n": 1}', "not a message that the page sends"),
    "an unknown type": ('{"type": "run", "n": 1, "scenario": "x", "state": {}}', "not a message that the page sends"),
    "a field too many": ('{"type": "move", "n": 1, "scenario": "x", "state": {}, "worlds": 10000000}', "worlds"),
    "a text for a number": ('{"type": "move", "n": 1, "scenario": "x", "state": {"a": "1"}}', "state.a"),
    "a negative number of a message": ('{"type": "move", "n": -1, "scenario": "x", "state": {}}', "n:"),
    "a huge number of a message": ('{"type": "move", "n": 1e300, "scenario": "x", "state": {}}', "n:"),
    "another scenario": ('{"type": "move", "n": 1, "scenario": "abcdef", "state": {}}', "load it again"),
    "no number at all": ('{"type": "move", "n": 1, "scenario": "HASH", "state": {"offers.maker_north.scale": NaN}}', ""),
    "three ends": ('{"type": "move", "n": 1, "scenario": "HASH", "state": {"front.pace": [0.1, 0.2, 0.3]}}', "state.front.pace"),
    "a range of a lever": ('{"type": "move", "n": 1, "scenario": "HASH", "state": {"offers.maker_north.scale": [1, 2]}}', "one number"),
    "out of range": ('{"type": "move", "n": 1, "scenario": "HASH", "state": {"offers.maker_north.scale": 99}}', "can be 0 to 3"),
    "an unknown path": ('{"type": "move", "n": 1, "scenario": "HASH", "state": {"__proto__": 1}}', "not a lever or an assumption"),
    "too long": (json.dumps({"type": "move", "n": 1, "scenario": "x" * messages.LONGEST, "state": {}}), "longer than"),
    "too many changes": (
        json.dumps({"type": "move", "n": 1, "scenario": "x", "state": {f"p{k}": 1.0 for k in range(61)}}), "state",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "why"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_refused_in_words_and_the_page_goes_on(socket, what, text, why):
    socket.send_text(text.replace("HASH", what.hash6))
    answer = socket.receive_json()
    assert answer["type"] == "refused"
    assert why in answer["why"]
    socket.send_text(move(what, 2, {VOLUME: 2.5}))
    assert last(socket, 2)["state"] == {VOLUME: 2.5}


def test_a_message_that_is_older_than_one_that_was_here_is_stale(socket, what):
    socket.send_text(move(what, 5))
    assert last(socket, 5)["type"] == "result"
    socket.send_text(move(what, 5, {VOLUME: 2.0}))
    answer = socket.receive_json()
    assert (answer["type"], answer["n"]) == ("refused", 5)
    assert "older" in answer["why"]


def test_bytes_that_are_no_text_end_one_page_and_no_other(client, what):
    with client.websocket_connect(LIVE, headers=OWN) as other:
        with client.websocket_connect(LIVE, headers=OWN) as s:
            s.send_bytes(b"\xff\xfe")
        other.send_text(move(what, 1))
        assert last(other, 1)["type"] == "result"


def test_the_newest_state_wins(socket, what):
    """Twenty states at once: the last is answered, and not every one between."""
    states = [{VOLUME: round(0.1 * k, 2)} for k in range(1, 21)]
    for n, state in enumerate(states):
        socket.send_text(move(what, n, state, final=n == len(states) - 1))
    answers = []
    while not answers or answers[-1]["n"] != 19 or not answers[-1]["done"]:
        answers.append(socket.receive_json())
    assert answers[-1]["state"] == states[-1]
    assert [a["n"] for a in answers] == sorted(a["n"] for a in answers)


def test_a_slider_that_is_let_go_where_it_was_is_not_looked_at_twice(socket, what, monkeypatch):
    looks = []

    def look(state):
        looks.append(state.texts)
        return Answer("preview", what.before(what.n), False)

    monkeypatch.setattr(what, "preview", look)
    told = []
    for n, (x, final) in enumerate([(1.23, False), (1.23, True), (1.24, False), (1.23, False)]):
        socket.send_text(move(what, n, {VOLUME: x}, final=final))
        told.append(socket.receive_json())
        if final:
            assert last(socket, n)["kind"] == "full"  # and all worlds follow all the same
            assert told[-1] == {"type": "same", "n": n}
    assert [t["type"] for t in told] == ["result", "same", "result", "result"]
    assert told[-1]["kind"] == "full"  # remembered: nothing need be looked at
    assert len(looks) == 2


def test_a_lost_connection_comes_back_with_its_state(client, what):
    with client.websocket_connect(LIVE, headers=OWN) as s:
        s.send_text(move(what, 1, {VOLUME: 1.7}, final=True))  # and is gone before the answer
    with client.websocket_connect(LIVE, headers=OWN) as s:
        s.send_text(move(what, 2, {VOLUME: 1.7}, final=True))
        assert last(s, 2)["state"] == {VOLUME: 1.7}


# --- the door


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "192.168.1.5:8000", ""])
def test_a_name_that_somebody_else_gave_this_computer_is_refused(client, host):
    answer = client.get("/", headers={"host": host})
    assert answer.status_code == 403
    assert "name" in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_this_computer_goes_by_its_own_names(client, host):
    assert client.get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"origin": "http://evil.example"}, {"origin": "http://127.0.0.1:9999"}, {"origin": "null"}])
def test_a_page_of_another_origin_cannot_talk(client, headers):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(LIVE, headers=headers):
        pass


def test_where_others_can_connect_a_token_is_needed_once(what, runs):
    entry = door("0.0.0.0")
    assert entry.token
    assert len(entry.token) >= 32
    assert door("127.0.0.1").token is None
    assert door("localhost").token is None
    app = build(what, runs, entry)
    with TestClient(app, base_url="http://192.168.1.5:8000") as c:
        assert c.get("/").status_code == 403
        assert c.get("/?token=wrong").status_code == 403
        own, far = {"origin": "http://192.168.1.5:8000"}, "ws://192.168.1.5:8000/live"
        with pytest.raises(WebSocketDisconnect), c.websocket_connect(far, headers=own):
            pass
        first = c.get(f"/?token={entry.token}&s=abc&{VOLUME}=2", follow_redirects=False)
        assert first.status_code == 303
        assert first.headers["location"] == f"/?s=abc&{VOLUME}=2"  # a link that is passed on holds no token
        cookie = first.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert c.cookies.get(COOKIE) == entry.token
        assert c.get("/facts.json").status_code == 200
        with c.websocket_connect(far, headers=own) as s:
            s.send_text(move(what, 1))
            assert last(s, 1)["type"] == "result"
        assert c.get("/", headers={"host": "evil.example"}).status_code == 403


# --- saved runs


def test_a_saved_state_is_a_run_like_any_other_and_has_a_brief(client, what, runs):
    from materiel.worlds import open_run

    changed = {VOLUME: 2.5, "front.pace": [0.1, 0.2]}
    with client.websocket_connect(LIVE, headers=OWN) as s:
        s.send_text(json.dumps({"type": "save", "n": 1, "scenario": what.hash6, "state": changed}))
        while (answer := s.receive_json())["type"] == "saving":
            pass
        assert answer["type"] == "saved", answer
        run = open_run(answer["run"], runs)
        assert run.scenario.replaced == {VOLUME: "2.5", "front.pace": "0.05 to 0.3 km/day, within 0.1 and 0.2 km/day"}
        assert ((run.unknown("front.pace") >= 0.1) & (run.unknown("front.pace") <= 0.2)).all()
        assert (run.n, run.seed) == (what.n, what.seed)
        s.send_text(move(what, 2, changed, final=True))
        told = last(s, 2)
        assert told["state"] == changed
        shown = told["claims"]["south_slowed"]["share"]
    brief = client.get(f"/brief/{answer['run']}")
    assert brief.status_code == 200
    assert "sandbox" in brief.headers["content-security-policy"]
    assert answer["run"] in brief.text
    assert shown.removeprefix("about ").removesuffix(" %") in brief.text


def test_a_run_that_was_not_saved_here_has_no_brief(client):
    assert client.get("/brief/nowhere").status_code == 404


def test_a_saved_run_is_not_taken_for_one_with_ranges_by_rule(what, runs):
    """Both have replaced numbers; a brief must not set the one beside the scenario as the other."""
    from materiel.app.saving import save
    from materiel.app.state import check
    from materiel.views.beside import beside
    from materiel.worlds import open_run

    changed = {VOLUME: 2.8, "front.pace": [0.1, 0.2]}
    save(what.scenario, check(what.scenario, what.handles, changed), what.n, what.seed, runs, lambda *_: None)
    assert beside(open_run(what.run, runs)).worlds_by_rule is None


def test_messages_are_read_strictly():
    with pytest.raises(Refused):
        messages.read('{"type": "move", "n": 1.5, "scenario": "x", "state": {}}')
    read = messages.read(b'{"type": "move", "n": 1, "scenario": "x", "state": {"a": 1}, "final": true}')
    assert (read.n, read.state, read.final, read.more) == (1, {"a": 1.0}, True, False)


def test_a_failure_inside_is_told_and_the_next_state_is_answered(what, runs, monkeypatch, caplog):
    preview = what.preview

    def failing(state):
        if state:
            raise ZeroDivisionError("a mistake of ours")
        return preview(state)

    monkeypatch.setattr(what, "preview", failing)
    with TestClient(build(what, runs, Door("127.0.0.1", None)), base_url=HERE) as c, c.websocket_connect(LIVE, headers=OWN) as s:
        s.send_text(move(what, 1, {VOLUME: 2.22}, final=True))
        answer = s.receive_json()
        assert (answer["type"], answer["n"]) == ("refused", 1)
        assert "ZeroDivisionError" in answer["why"]
        assert "a mistake of ours" in caplog.text
        s.send_text(move(what, 2))
        assert last(s, 2)["type"] == "result"


def test_a_world_that_is_not_finite_is_named(what, runs, monkeypatch):
    from materiel.worlds import RunError

    def broken(state):
        raise RunError('world 3 of course "pact": a value is not finite on day 2: mechanism fire, state x.')

    monkeypatch.setattr(what, "preview", broken)
    with TestClient(build(what, runs, Door("127.0.0.1", None)), base_url=HERE) as c, c.websocket_connect(LIVE, headers=OWN) as s:
        s.send_text(move(what, 1, {VOLUME: 2.24}))
        assert "world 3" in s.receive_json()["why"]


def test_one_run_is_saved_at_a_time(what, runs, monkeypatch):
    import threading

    from materiel.app import server

    go, began = threading.Event(), threading.Event()

    def slow(*_):
        began.set()
        go.wait(20)
        return what.run

    monkeypatch.setattr(server, "save", slow)
    with TestClient(build(what, runs, Door("127.0.0.1", None)), base_url=HERE) as c, c.websocket_connect(LIVE, headers=OWN) as s:
        s.send_text(json.dumps({"type": "save", "n": 1, "scenario": what.hash6, "state": {}}))
        assert began.wait(20)
        s.send_text(json.dumps({"type": "save", "n": 2, "scenario": what.hash6, "state": {}}))
        assert "another run is being saved" in s.receive_json()["why"]
        s.send_text(move(what, 3, {VOLUME: 1.33}, final=True))  # and the page goes on meanwhile
        assert last(s, 3)["kind"] == "full"
        go.set()
        assert s.receive_json()["type"] == "saved"


def test_more_pages_than_can_be_served_are_told_so(what, runs, monkeypatch):
    from materiel.app import server

    monkeypatch.setattr(server, "PAGES", 1)
    app = build(what, runs, Door("127.0.0.1", None))
    with TestClient(app, base_url=HERE) as c, c.websocket_connect(LIVE, headers=OWN), c.websocket_connect(LIVE, headers=OWN) as second:
        assert "open already" in second.receive_json()["why"]
