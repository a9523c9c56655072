"""Texts from a catalogue: all of them are in it, they fit their source, and a German page is German."""

import ast
import importlib.util
import re
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po

from materiel.views import brief, language, words
from materiel.views.language import UnknownLanguage, speaking, thousands, tr, trn

SOURCE = Path(language.__file__).parents[1]
FIELD = re.compile(r"\{(\w+)\}")


@pytest.fixture(scope="session")
def catalogue():
    """The script that gathers the texts."""
    spec = importlib.util.spec_from_file_location("catalogue", Path(__file__).parents[2] / "docs" / "catalogue.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def gathered(catalogue):
    return {key(m.id) for m in catalogue.gathered() if m.id}


def held(code):
    with (SOURCE / "views" / "languages" / f"{code}.po").open("rb") as f:
        return read_po(f, locale=code)


def key(text):
    return text if isinstance(text, str) else tuple(text)


def forms(text):
    return [text] if isinstance(text, str) else list(text)


others = pytest.mark.parametrize("code", [c for c in language.known() if c != language.SOURCE])


@others
def test_every_text_of_the_source_has_a_translation_and_no_other_is_kept(catalogue, gathered, code):
    kept = [m for m in held(code) if m.id]
    assert gathered - {key(m.id) for m in kept} == set(), "run: python docs/catalogue.py"
    assert {key(m.id) for m in kept} - gathered == set(), "run: python docs/catalogue.py"
    assert [m.id for m in kept if not catalogue.translated(m) or m.fuzzy] == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("before any report", "a function"),
        ("no difference that this model can tell", "a constant"),
        (("{n} report was weighed", "{n} reports were weighed"), "two forms"),
        (
            "What somebody could decide. A lever changes its number for the whole run, on every course that does not set it itself.",
            "app.html",
        ),
        ("Connection lost; trying again. What you changed is kept.", "a script of the page"),
        ("Kept as run {run} in {folder}.", "a sentence with elements"),
        ("1 · The claims", "the template of the brief"),
        ("{status} · brief {brief} · run {run} · model, not observation", "the style of the brief"),
        ("Vega spec", "the script of the brief"),
        ("almost no chance", "a room below"),
        ("net area gained by {side_a} since the first day", "a measure"),
        ("lead time", "a field of the notation"),
    ],
)
def test_texts_are_gathered_wherever_they_stand(gathered, text, place):
    assert text in gathered, place


def test_no_text_hides_where_it_cannot_be_gathered():
    """Inside an f-string a text is not found, and an f-string is no text."""
    wrong = []
    for room in ("views", "app"):
        for file in (SOURCE / room).glob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                inside = ast.walk(node) if isinstance(node, ast.JoinedStr) else []
                calls = [
                    c for c in inside if isinstance(c, ast.Call) and isinstance(c.func, ast.Name) and c.func.id in ("tr", "trn", "mark")
                ]
                wrong += [f"{file.name}:{c.lineno}" for c in calls if isinstance(c.args[0], ast.Constant)]
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("tr", "trn", "mark"):
                    wrong += [f"{file.name}:{node.lineno}" for a in node.args if isinstance(a, ast.JoinedStr)]
    assert wrong == []


@others
def test_a_translation_has_the_fields_of_its_source(code):
    wrong = []
    for m in held(code):
        fields = {name for form in forms(m.id) for name in FIELD.findall(form)}
        # a form that counts one may leave the number out
        optional = {"n"} if not isinstance(m.id, str) else set()
        wrong += [form for form in forms(m.string or "") if m.id and not fields - optional <= set(FIELD.findall(form)) <= fields]
    assert wrong == []


@others
def test_markup_of_a_translation_is_that_of_its_source(code):
    """Texts of the catalogue are put into pages as they are."""
    tags = re.compile(r"<[^>]*>|&\w+;")
    wrong = [
        m.string for m in held(code) if m.id and isinstance(m.id, str) and sorted(tags.findall(m.id)) != sorted(tags.findall(m.string))
    ]
    assert wrong == []
    assert [m.string for m in held(code) if m.id and '"' in "".join(forms(m.string))] == [], (
        "a straight quotation mark would end an attribute"
    )


@others
def test_every_form_that_the_language_has_is_there(code):
    catalogue = held(code)
    assert {len(m.string) for m in catalogue if isinstance(m.id, list | tuple)} == {catalogue.num_plurals}


def test_counting_in_german():
    with speaking("de"):
        told = [trn("{n} report was weighed", "{n} reports were weighed", n) for n in (0, 1, 2, 4096)]
    assert told == [
        "0 Meldungen gingen in die Gewichtung ein",
        "1 Meldung ging in die Gewichtung ein",
        "2 Meldungen gingen in die Gewichtung ein",
        "4.096 Meldungen gingen in die Gewichtung ein",
    ]


def test_numbers_and_dates_in_german():
    with speaking("de"):
        assert thousands(4096) == "4.096"
        assert words.day(date(2023, 9, 15)) == "15. September 2023"
        assert words.month(date(2023, 3, 1)) == "März 2023"
        assert words.number(0.1234) == "0,12"
        assert words.number(-1_234_567) == "−1,2 Millionen"
        assert words.number(1e6) == "1 Million"
        assert words.amount(1.04, "days") == "1 Tag"
        assert words.amount(12_345, "rounds/day") == "12.000 Schuss pro Tag"
        assert words.interval(1e6, 3e6, "rounds") == "1 bis 3 Millionen Schuss"
        assert words.change(-41, -153, -2, "km2") == "41 km² weniger (9 von 10 Welten: 2 bis 150 km² weniger)"
        assert words.without_decimals("3,7 km am 15. September, 1,2 Millionen Schuss") == "4 km am 15. September, 1.200.000 Schuss"


def test_the_words_of_icd_203_in_german_stand_beside_their_numbers():
    with speaking("de"):
        assert [word for word, _ in words.bands_of_icd_203()] == [
            "fast ausgeschlossen",
            "sehr unwahrscheinlich",
            "unwahrscheinlich",
            "etwa gleich wahrscheinlich wie nicht",
            "wahrscheinlich",
            "sehr wahrscheinlich",
            "fast sicher",
        ]
        assert words.bands_of_icd_203()[4][1] == "55 bis 80 von 100"
        assert words.about(0.31) == "etwa 30 %"
        assert words.range_of_100(0.0, 1.0) == "unter 5 bis über 95"


def test_what_a_catalogue_lacks_is_said_in_english():
    with speaking("de"):
        assert tr("a text that nobody has translated, {n} times", n=3) == "a text that nobody has translated, 3 times"
        assert tr("") == ""
    assert tr("yes") == "yes"


def test_an_unknown_language_is_refused_with_those_that_are_known(worlds, verdicts):
    with pytest.raises(UnknownLanguage, match=r'no language "xx" here; there are en, de'):
        brief(worlds, verdicts, language="xx")
    with pytest.raises(UnknownLanguage), speaking("../de"):
        pass
    assert language.language() == "en"


@pytest.fixture(scope="session")
def german_pages(worlds, verdicts, heard, now, then):
    from tests.views.madeup import RECORDS

    refused = {"2020-06-29": "the batches disagree."}
    return [
        brief(worlds, verdicts, ran_by="A. Tester", language="de").html,
        brief(
            heard, now, later=then, refused=refused, records=RECORDS, ran_by="A. Tester", status="reviewed", reviewed_by="B", language="de"
        ).html,
    ]


def read(page):
    """What a person reads of a page, pictures and their specs included, without markup."""
    page = re.sub(r"<script>.*?</script>", "", page, flags=re.S)  # the library and the script
    page = re.sub(r"<code>.*?</code>", "", page, flags=re.S)  # commands and paths
    return unescape(re.sub(r"<[^>]*>?", "\n", page))


def english(page, catalogue):
    """Texts of the source that stand in a page of another language."""
    told = read(page)
    found = []
    for m in catalogue:
        for form in forms(m.id) if m.id and m.id != m.string else []:
            pieces = [p.strip(" .,;:()“”") for p in FIELD.split(re.sub(r"<[^>]*>", "\0", form).replace("\0", "{_}"))[::2]]
            found += [p for p in pieces if len(p) > 12 and p in told and not any(p in t for t in forms(m.string))]
    return found


def test_a_german_brief_holds_no_english_of_ours(german_pages, page, weighed_page):
    catalogue = held("de")
    assert len(english(page.html, catalogue)) > 80, "the same search finds English where it is"
    assert len(english(weighed_page.html, catalogue)) > 120
    for one in german_pages:
        assert english(one, catalogue) == []


def test_a_german_brief_says_its_language_and_marks_the_authors_texts(german_pages, page, worlds):
    v = worlds.scenario.vocabulary
    for one in german_pages:
        assert '<html lang="de">' in one
        assert f'<h1 lang="en">{v.scenario}</h1>' in one
        assert f'<p class="lead" lang="en">{v.says}</p>' in one
        assert '"language":"de"' in one
    assert page.html.count(' lang="') == 1
    assert '"language"' not in page.html.partition("</head>")[0]


def test_charts_of_a_german_brief_have_german_axes(german_pages):
    assert "Mai 2020" in german_pages[0]
    assert '"decimal":","' in german_pages[0]
    assert '"shortMonths":["Jan.' in german_pages[0]


def test_two_languages_of_one_run_hold_the_same_numbers(german_pages, page):
    def csv(html):
        return re.findall(r'download="fan-\d+\.csv" href="([^"]*)"', html)

    assert csv(german_pages[0]) == csv(page.html)


def test_the_search_for_stale_texts_can_fail(catalogue, gathered):
    some = Catalog(locale="de")
    some.add("a text of yesterday", "ein Text von gestern")
    assert {key(m.id) for m in some if m.id} - gathered == {"a text of yesterday"}
    assert not catalogue.translated(some.add("new", ""))
