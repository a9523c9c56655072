"""A page shows whether it is still as it was written, whether something newer stands in its place, and what cannot be known."""

import hashlib
import json
import re

import pytest

from materiel.claims import judge
from materiel.scenario import loads
from materiel.scenario.read import find
from materiel.views import brief, register, seal, verify
from materiel.views.standing import STATES, Standing
from tests.views.madeup import SCRIPT, SMALL, MadeUpWorlds


def checked(page, runs, html=None):
    return verify.verify((html or page.html).encode(), runs)


@pytest.fixture
def runs(tmp_path):
    (tmp_path / "madeup").mkdir()
    (tmp_path / "madeup" / "run.json").write_text("{}")
    return tmp_path


def test_the_digest_is_that_of_the_page_with_its_digest_left_empty(page):
    """Computed here with nothing of ours but the rule in words."""
    (told,) = re.findall(r'"digest":"([0-9a-f]{64})"', page.html)
    assert hashlib.sha256(page.html.replace(told, "").encode()).hexdigest() == told == page.record["digest"]


def test_the_record_says_what_the_page_is(page, worlds):
    told = json.loads(re.search(r'<script type="application/json" id="seal">(.*?)</script>', page.html)[1])
    assert told == page.record
    assert told["scenario_id"] == SMALL
    assert told["scenario_hash"] == worlds.scenario.hash
    assert (told["run"], told["version"], told["as_of"], told["ran_by"]) == ("madeup", "1", "2020-06-10", "A. Tester")
    assert (told["status"], told["seed"], told["worlds"]) == ("draft", 7, 64)


def test_a_page_as_it_was_written_is_current_and_says_what_it_cannot_know(page, tmp_path):
    told = checked(page, tmp_path)
    assert (told.state, told.because) == ("current", ())
    assert any("run madeup is not under" in text for text in told.unknown)


@pytest.mark.parametrize("old", ["model, not observation", "A. Tester", "Draft", "simulated worlds", "tiny-two-sides", "</style>"])
def test_any_change_shows(page, tmp_path, old):
    assert checked(page, tmp_path, page.html.replace(old, old + " ", 1)).state == "altered"
    assert checked(page, tmp_path, page.html.replace(old, "", 1)).state == "altered"


def test_line_ends_and_a_byte_order_mark_are_no_change(page, tmp_path):
    assert checked(page, tmp_path, "\ufeff" + page.html.replace("\n", "\r\n")).state == "current"


@pytest.mark.parametrize("record", ["", "{}", "[]", '{"digest":"00"}', '{"digest":"00","digest":"11"}', "{"])
def test_a_page_without_a_record_is_no_brief(page, record, tmp_path):
    html = seal.BLOCK.sub(f'<script type="application/json" id="seal">{record}</script>', page.html)
    with pytest.raises(seal.Unsealed):
        checked(page, tmp_path, html)
    with pytest.raises(seal.Unsealed):
        checked(page, tmp_path, seal.BLOCK.sub("", page.html))
    with pytest.raises(seal.Unsealed, match="more than one"):
        checked(page, tmp_path, page.html + seal.BLOCK.search(page.html)[0])
    with pytest.raises(seal.Unsealed, match="UTF-8"):
        verify.verify(b"\xff\xfe\xff", tmp_path)


def test_another_state_of_the_scenario_stands_in_its_place(page, tmp_path, monkeypatch):
    now = verify.shipped(SMALL)
    for changed, word in (({"version": "2"}, "version 2 now"), ({"hash": "0"}, "other content"), ({"reports": "0"}, "reports")):
        other = now._replace(**changed)
        monkeypatch.setattr(verify, "shipped", lambda _, other=other: other)
        told = checked(page, tmp_path)
        assert told.state == "superseded"
        assert word in told.because[0]
    monkeypatch.setattr(verify, "shipped", lambda _: None)
    assert checked(page, tmp_path).state == "current"


def test_another_engine_is_told_and_makes_nothing_out_of_date(page, tmp_path):
    assert not any("made with engine" in text for text in checked(page, tmp_path).unknown)  # these worlds came from none
    html = seal.close(page.html.replace('"engine":null', '"engine":"0123"'))
    told = checked(page, tmp_path, html)
    assert told.state == "current"
    assert any("made with engine 0123" in text for text in told.unknown)


def test_a_scenario_of_ones_own_cannot_be_superseded_by_one_that_ships(verdicts, tmp_path):
    own = MadeUpWorlds(loads(find(SMALL).read_text().replace("Two invented sides", "Mine").encode()))
    told = checked(brief(own, verdicts), tmp_path)
    assert told.state == "current"
    assert any("none that ships" in text for text in told.unknown)


def test_a_later_correction_stands_in_place_of_what_came_before(worlds, verdicts, runs):
    first = brief(worlds, verdicts, ran_by="A")
    second = brief(worlds, verdicts, ran_by="A", status="published")
    third = brief(worlds, verdicts, ran_by="A", status="corrected", note="a unit was wrong")
    assert len({p.record["id"] for p in (first, second, third)}) == 3
    for page in (first, second):
        register.note(runs / "madeup", page.record, runs / "brief.html")
        assert checked(first, runs).state == "current"  # a newer page alone corrects nothing
    register.note(runs / "madeup", third.record, runs / "brief.html")
    for page in (first, second):
        told = checked(page, runs)
        assert told.state == "superseded"
        assert "a unit was wrong" in told.because[0]
        assert third.record["id"] in told.because[0]
    assert checked(third, runs).state == "current"
    register.note(runs / "madeup", first.record, runs / "again.html")  # written again, the same page stays where it was
    assert checked(first, runs).state == "superseded"


def test_a_page_that_was_not_noted_beside_its_run_says_so(page, runs):
    told = checked(page, runs)
    assert told.state == "current"
    assert any("no brief with this digest" in text for text in told.unknown)
    (runs / "madeup" / "briefs").mkdir()
    for name, text in (("a", "{"), ("b", "[]"), ("c", "{}")):
        (runs / "madeup" / "briefs" / f"{name}.json").write_text(text)  # files that nobody can read stand in nobody's way
    assert checked(page, runs).state == "current"


def test_a_run_named_like_a_path_is_not_looked_up(page, tmp_path):
    for bad in ("../madeup", "", "a/b", "."):
        html = seal.close(page.html.replace('"run":"madeup"', f'"run":"{bad}"'))
        assert any("is not under" in text for text in checked(page, tmp_path, html).unknown)


def test_what_a_page_says_of_itself_moves_no_cursor(page, tmp_path):
    html = seal.close(page.html.replace('"ran_by":"A. Tester"', '"ran_by":"\\u001b[31mA\\u202eB"'))
    told = checked(page, tmp_path, html)
    text = "\n".join(verify.lines(tmp_path, told))
    assert "[31mA B" in text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


# ---- status


@pytest.mark.parametrize("status", STATES)
def test_the_status_stands_at_the_top_in_the_foot_and_on_paper(worlds, verdicts, status):
    page = brief(worlds, verdicts, ran_by="A", status=status, reviewed_by="B. Reader", note="See the annex")
    html, name = page.html, page.record["id"]
    top, foot = html.partition("<h1>")[0], html.partition("<footer>")[2]
    assert f'<span class="status {status}">{status}</span>' in top
    assert f">{name}</b>" in top
    assert f"Brief {name} of run madeup" in foot
    assert "B. Reader" in html.partition("<main>")[0]
    assert "See the annex" in html.partition("<main>")[0]
    printed = html.partition("@page")[2].partition("}")[0]
    assert f"{status} · brief {name}" in printed
    assert ('class="watermark"' in html) == (status == "draft")


def test_a_name_or_a_note_is_text(worlds, verdicts):
    page = brief(worlds, verdicts, ran_by=SCRIPT, status="corrected", reviewed_by=SCRIPT, note=f"</style>{SCRIPT}\x1b")
    assert SCRIPT not in page.html
    assert page.html.count("</style>") == 1
    assert "\x1b" not in page.html
    assert page.record["note"] == f"</style>{SCRIPT}"


@pytest.mark.parametrize(
    ("given", "word"), [(("final",), "one of"), (("reviewed",), "who reviewed"), (("corrected", "B"), "what was wrong")]
)
def test_a_status_that_says_too_little_is_refused(given, word):
    with pytest.raises(ValueError, match=word):
        Standing(*given)


def test_a_brief_published_without_a_review_says_so(worlds, verdicts):
    assert "Published without a review" in brief(worlds, verdicts, status="published").html


def test_weighed_worlds_have_a_record_too(weighed_page, heard, tmp_path):
    assert weighed_page.record["run"] == heard.run
    assert checked(weighed_page, tmp_path).state == "current"


def test_judging_again_names_the_page_alike(worlds):
    one, two = (brief(worlds, judge(worlds), ran_by="A") for _ in range(2))
    assert one.record["id"] == two.record["id"]
