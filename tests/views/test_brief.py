"""The brief says what it must, trusts no text of the scenario, asks no network, and is written whole or not at all."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from materiel.scenario import load, loads
from materiel.scenario.read import find
from materiel.views import Brief, brief, cards
from materiel.views.figures import csv_text
from materiel.views.goods import where
from tests.views.madeup import SMALL, MadeUpWorlds


class Elements(HTMLParser):
    """All elements with their attributes, and the text outside scripts and styles."""

    def __init__(self, html):
        super().__init__()
        self.found, self.text, self._mute = [], [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self._mute = tag in ("script", "style")

    def handle_endtag(self, tag):
        self._mute = False

    def handle_data(self, data):
        if not self._mute:
            self.text.append(data)


@pytest.fixture(scope="module")
def seen(page):
    return Elements(page.html)


def words_of(elements):
    return " ".join(" ".join(elements.text).split())


def test_the_first_lines_say_who_when_how_sure_and_on_what(seen, verdicts):
    top = words_of(seen).partition("2 · Claim by claim")[0]
    for text in (
        "Draft",
        "Two invented sides",
        "as of 10 June 2020",
        "A. Tester",
        "run madeup",
        "seed 7",
        "In our model, with these ranges",
    ):
        assert text in top
    for basis in ("built in", "assumed", "learnt"):
        assert f"{sum(v.basis == basis for v in verdicts.claims)} {basis}" in top
    assert verdicts.sentence[1:] in top


def test_every_verdict_has_its_range_basis_and_date(seen, verdicts):
    text = words_of(seen)
    for v in verdicts.claims:
        assert v.says in text
        assert v.basis_says in text
    # what is built in has no probability to print: only its size, in the table and on its card
    built_in = sum(v.basis == "built in" for v in verdicts.claims)
    assert 0 < built_in < len(verdicts.claims)
    assert text.count("across alternatives") == 2 * (len(verdicts.claims) - built_in)
    assert text.count("the size passes the test in") == 2 * built_in
    assert "All verdicts are as of 10 June 2020" in text


def test_every_number_has_a_source_or_the_word_assumed_and_its_line(page, worlds):
    for q in worlds.scenario.quantities.values():
        row = page.html.partition(f'id="n-{q.path}"')[2].partition("</tr>")[0]
        assert f":{q.line}</code>" in row
        assert ("<b>assumed</b>" in row) == q.assumed
        if not q.assumed:
            assert "published" in row


def test_every_picture_carries_its_frame(page):
    pictures = re.findall(r'<div class="chart">(.*?)</div>\n<script', page.html, re.S)
    assert len(pictures) == len(re.findall(r"<figure ", page.html)) == 6 + 2 + 1
    for svg in pictures:
        for text in ("as of 10 June 2020", "model, not observation", "run madeup", "64 worlds", "unweighted"):
            assert text in svg


def test_the_page_is_one_small_file_that_loads_nothing(page, seen):
    assert len(page.html.encode()) < 2_000_000
    for tag, attrs in seen.found:
        assert tag not in ("link", "iframe", "object", "embed", "img", "base")
        assert "src" not in attrs
        if tag == "a":
            assert attrs["href"].startswith(("#", "data:text/csv", "https://"))
    policy = next(a["content"] for t, a in seen.found if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]


def test_only_our_two_scripts_may_run(hostile_page):
    scripts = re.findall(r"<script>(.*?)</script>", hostile_page.html, re.S)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts]
    assert len(hashes) == 2
    assert " ".join(hashes) in hostile_page.html.partition("</head>")[0]


def test_text_of_a_scenario_is_never_markup(hostile_page, page):
    hostile, plain = Elements(hostile_page.html), Elements(page.html)
    assert [t for t, _ in hostile.found if t == "script"] == [t for t, _ in plain.found if t == "script"]
    assert {t for t, _ in hostile.found} == {t for t, _ in plain.found}
    assert not any(name.startswith("on") for _, attrs in hostile.found for name in attrs)
    assert "javascript:" not in hostile_page.html.partition("<script>")[0]
    assert "document.title='taken'" in words_of(hostile)  # it is printed, as text


def test_a_formula_in_a_name_stays_text_in_a_spreadsheet():
    assert csv_text(("a", "b"), [("=1+1", -5.0), ("plain", "@x")]) == "a,b\n'=1+1,-5.0\nplain,'@x\n"


def test_a_negative_number_is_a_number_even_as_text():
    """The chart of a page is drawn from its CSV, so a quoted number would be a hole in it."""
    assert csv_text(("a", "b", "c"), [("-5.5", "-1.2e-07", "-A1")]) == "a,b,c\n-5.5,-1.2e-07,'-A1\n"


def test_an_empty_list_of_what_is_not_modelled_is_a_warning(verdicts, worlds):
    text = find(SMALL).read_text().partition("not_modelled:")[0]
    bare = MadeUpWorlds(loads(text.encode()))
    html = brief(bare, verdicts).html
    assert "The authors did not say what their scenario leaves out" in html
    assert "This is not the shipped scenario tiny-two-sides: its words differ." in html


def test_changed_numbers_are_counted(worlds, verdicts):
    changed = MadeUpWorlds(load(SMALL, {"stocks.north.dart.held": "7k rounds", "offers.maker_north.scale": "2"}))
    assert "This is not the shipped scenario tiny-two-sides: 2 numbers differ." in brief(changed, verdicts).html


def test_the_same_run_gives_the_same_page(worlds, verdicts, page):
    assert brief(worlds, verdicts, ran_by="A. Tester").html == page.html


def test_saving_is_whole_or_not_at_all(page, tmp_path):
    target = tmp_path / "brief.html"
    target.write_text("old")
    page.save(target)
    assert target.read_text(encoding="utf-8") == page.html
    assert [p.name for p in tmp_path.iterdir()] == ["brief.html"]
    with pytest.raises(OSError, match="nowhere"):
        page.save(tmp_path / "nowhere" / "brief.html")
    assert repr(Brief("x" * 1_000_000, "abc")) == "<Brief of run abc, 1.0 MB>"


def test_rounds_are_kept_between_the_accounts_of_a_course(worlds):
    goods = where(worlds, "pact")
    arrows = {(a.giver, a.taker): a.median for a in goods.arrows}
    assert arrows["Made in North", "Depots of North"] == pytest.approx(90_000)
    assert arrows["Depots of Maker", "Depots of North"] == pytest.approx(98_000)
    assert arrows["Depots of Maker", "Lost on the way"] == pytest.approx(2_000)
    assert arrows["Depots of Maker", "Still on the way"] == pytest.approx(20_000)
    assert arrows["Depots of North", "Fired by North"] == pytest.approx(100_000)
    assert not any("northerners" in name for pair in arrows for name in pair)
    assert goods.roles["Still in depots"] == "left"


def test_hinges_are_said_in_names(worlds):
    s = worlds.scenario
    number = cards.hinge(s, "goods.old_shell.ageing.life (more with more; rank correlation +0.34)")
    assert (number.path, number.name) == ("goods.old_shell.ageing.life", "old shells: ageing, life")
    assert number.rest == "the larger, the more (rank correlation +0.34)"
    choice = cards.hinge(s, "who_decides: balance about 10 %, plans about 30 %")
    assert choice.name == s.alternatives["who_decides"].says
    switch = cards.hinge(s, "front.attack_rule (less with more; rank correlation -0.37)")
    assert switch.rest == "less with “operations only” than with “by initiative”"
