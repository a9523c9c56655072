"""A citation is read back by a parser that knows nothing of ours, and says what it must."""

import json
import re
from dataclasses import replace
from datetime import date
from itertools import accumulate

import pytest

from materiel.claims import judge
from materiel.scenario import loads
from materiel.views import cite as room
from materiel.views.cite import cite, latex
from tests.views.madeup import SCRIPT, MadeUpWorlds, hostile_text

# Variables of a CSL 1.0.2 item that are used here, with what schemas/input/csl-data.json wants there.
CSL = {
    "id": str, "type": str, "title": str, "author": list, "version": str, "number": str, "genre": str, "source": str, "note": str,
    "custom": dict, "issued": dict,
}  # fmt: skip


def parsed(text):
    """A BibTeX entry as BibTeX reads it: by counting braces, whatever stands before them."""
    kind, key, rest = re.fullmatch(r"@(\w+)\{([^,\s]+),\n(.*)\}", text, re.S).groups()
    fields = {}
    while rest.strip():
        name, rest = re.match(r"\s*(\w+) = (\{.*)", rest, re.S).groups()
        depth = list(accumulate((c == "{") - (c == "}") for c in rest))
        end = depth.index(0)
        assert rest[end + 1] == ",", name
        fields[name], rest = rest[1:end], rest[end + 2 :]
    return kind, key, fields


def unlatex(text):
    """Back to plain text."""
    for plain, command in sorted(room._LATEX.items(), key=lambda pair: pair[0] == "\\"):
        text = text.replace(command, plain)
    return text


@pytest.fixture
def cited(worlds):
    return replace(cite(worlds), made=date(2026, 11, 3), engine="0123456789abcdef")


def test_the_text_says_what_the_run_is(cited, worlds):
    for said in ("the materiel authors (2026). Two invented sides", "version 1", "run madeup", "64 worlds", "seed 7", "as of 10 June 2020",
                 worlds.scenario.hash, "engine 0123456789abcdef", "materiel 0.0.0"):  # fmt: skip
        assert said in cited.text()


def test_bibtex_is_read_back(cited, worlds):
    kind, key, fields = parsed(cited.bibtex())
    assert (kind, key) == ("misc", "materiel_madeup")
    assert fields["author"] == "{the materiel authors}"
    assert fields["title"] == "{Two invented sides}"
    assert (fields["year"], fields["month"], fields["day"], fields["version"]) == ("2026", "11", "3", "1")
    assert worlds.scenario.hash in fields["note"]
    assert "run madeup" in fields["howpublished"]


@pytest.mark.parametrize("bad", ["a{b", "a}b", "\\", "\\}", "50 % of $x_1^2$ & #3 ~", '"quoted", @misc{x, title = {y}}', "<b>é−“"])
def test_bibtex_keeps_every_text_whole(cited, bad):
    one = replace(cited, title=bad, authors=(bad, "B and C"), version=bad)
    _, _, fields = parsed(one.bibtex())
    assert unlatex(fields["title"]) == f"{{{bad}}}"
    assert unlatex(fields["author"]) == f"{{{bad}}} and {{B and C}}"
    assert unlatex(fields["version"]) == bad
    assert not re.search(r"(?<!\\)[$&#%_~^]", fields["title"])
    assert latex("plain text, 1.5") == "plain text, 1.5"


def test_csl_has_the_fields_of_its_schema_and_no_other(cited, worlds, verdicts):
    for one in (cited, replace(cited, quote=room.Quote("x", "y"))):
        (item,) = json.loads(json.dumps(one.csl()))
        assert {k: type(x) for k, x in item.items()} == CSL
        assert item["type"] == "dataset"
        assert item["author"] == [{"literal": "the materiel authors"}]
        assert item["issued"] == {"date-parts": [[2026, 11, 3]]}
        assert item["custom"]["scenario_hash"] == worlds.scenario.hash
        assert (item["custom"]["seed"], item["custom"]["worlds"], item["custom"]["as_of"]) == (7, 64, "2020-06-10")
    assert "issued" not in replace(cited, made=None).csl()[0]
    assert "year" not in parsed(replace(cited, made=None).bibtex())[2]


def test_a_quotation_has_its_range_its_basis_and_the_word_model(worlds, verdicts):
    for verdict in verdicts.claims:
        text = cite(worlds, verdicts, verdict.id).text().splitlines()[0]
        for said in (verdict.says.rstrip("."), verdict.basis, verdict.confidence, "as of 10 June 2020", "no report has weighed",
                     "This is a model, not an observation."):  # fmt: skip
            assert said in text
        if verdict.basis == "built in":
            assert "only its size is a result" in text
            assert "holds in" not in text
        else:
            assert "of 100 simulated worlds" in text
            assert "across alternatives" in text
            assert verdict.grade in text
        assert text in cite(worlds, verdicts, verdict.id).csl()[0]["custom"]["quote"]
    with pytest.raises(KeyError):
        cite(worlds, verdicts, "none")


def test_a_weighed_verdict_says_with_what(heard, now):
    text = cite(heard, now, now.claims[0].id).text()
    assert "weighed with the reports of 10 June 2020" in text
    assert "about 35 of 100" in text


def test_a_hostile_scenario_is_cited_as_text():
    worlds = MadeUpWorlds(loads(hostile_text().replace('version: "1"', 'version: "1}{, 50 %"').encode()))
    one = cite(worlds, judge(worlds), next(iter(worlds.scenario.vocabulary.claims)))
    _, _, fields = parsed(one.bibtex())
    assert unlatex(fields["version"]) == "1}{, 50 %"
    assert unlatex(fields["title"]) == f"{{{SCRIPT}}}"


def test_no_control_character_reaches_a_terminal(worlds):
    """A scenario file may not hold any; a scenario that was made otherwise might."""
    v = worlds.scenario.vocabulary.model_copy(update={"scenario": "a\x1b[31mb\u202ec\nd", "authors": ("x\x07",)})
    one = cite(MadeUpWorlds(replace(worlds.scenario, vocabulary=v)))
    assert one.title == "a [31mb c d"
    assert one.authors == ("x",)
