"""Briefs and what lies beside them, as people call them: verify, status."""

import json
import re

import pytest

from tests.claims.toy import KNOWN, toy
from tests.test_cli import CLAIMS, clean, run


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder of runs with one finished run in it, and the scenario's folder."""
    folder = tmp_path_factory.mktemp("toy")
    (folder / "scenario.yaml").write_text(toy(CLAIMS, KNOWN), encoding="utf-8")
    result = run("run", folder, "--worlds", 64, "--runs", folder / "runs", "--json")
    assert result.exit_code == 0, result.output
    return folder / "runs"


def test_a_brief_goes_from_draft_to_corrected(runs, tmp_path):
    first, second = tmp_path / "first.html", tmp_path / "second.html"
    written = clean(run("brief", "-o", first, "--runs", runs))
    assert written.exit_code == 0
    assert ", draft." in written.stdout
    assert "Next: " in written.stdout.splitlines()[-1]
    told = clean(run("verify", first, "--runs", runs))
    assert told.exit_code == 0
    assert told.stdout.splitlines()[0] == f"{first}: current"
    assert told.stdout.splitlines()[-1].startswith("Next: materiel cite ")
    again = run("brief", "-o", second, "--status", "corrected", "--note", "a date", "--reviewed-by", "B", "--runs", runs, "--json")
    assert json.loads(again.stdout)["status"] == "corrected"
    told = clean(run("verify", first, "--runs", runs))
    assert told.exit_code == 1
    assert "superseded" in told.stdout
    assert "a date" in told.stdout
    as_json = json.loads(run("verify", first, "--runs", runs, "--json").stdout)
    assert (as_json["state"], as_json["record"]["status"]) == ("superseded", "draft")
    assert clean(run("verify", second, "--runs", runs)).exit_code == 0
    assert clean(run("verify", first, "--runs", tmp_path / "none")).exit_code == 0  # the run is not there: nothing is known
    assert "not known: run" in run("verify", first, "--runs", tmp_path / "none").stdout


def test_an_altered_page_and_what_is_no_page(runs, tmp_path):
    page = tmp_path / "brief.html"
    run("brief", "-o", page, "--runs", runs)
    page.write_text(page.read_text().replace("worlds", "words", 1))
    told = clean(run("verify", page, "--runs", runs))
    assert (told.exit_code, "altered" in told.stdout) == (1, True)
    page.write_text("<html></html>")
    for bad, word in ((page, "no brief"), (tmp_path / "none.html", "No such file"), (tmp_path, "directory")):
        told = clean(run("verify", bad, "--runs", runs))
        assert told.exit_code == 1
        assert not told.stdout
        assert re.search(word, told.stderr)
        assert json.loads(run("verify", bad, "--runs", runs, "--json").stdout)["ok"] is False


@pytest.mark.parametrize("given", [["final"], ["reviewed"], ["corrected"]])
def test_2_a_status_that_does_not_fit(runs, tmp_path, given):
    told = clean(run("brief", "--status", *given, "-o", tmp_path / "b.html", "--runs", runs))
    assert told.exit_code == 2
    assert told.stderr.startswith("error: ")
    assert not (tmp_path / "b.html").exists()


def test_a_brief_in_german_and_in_a_language_that_is_not_there(runs, tmp_path):
    page = tmp_path / "b.html"
    told = clean(run("brief", "--lang", "xx", "-o", page, "--runs", runs))
    assert (told.exit_code, told.stderr) == (2, 'error: there is no language "xx" here; there are en, de\n')
    assert not page.exists()
    assert clean(run("brief", "--lang", "de", "-o", page, "--runs", runs)).exit_code == 0
    assert '<html lang="de">' in page.read_text()
    assert clean(run("verify", page, "--runs", runs)).exit_code == 0


def test_a_brief_of_a_run_that_nobody_may_write_beside_is_still_written(runs, tmp_path, monkeypatch):
    def read_only(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("materiel.views.register.note", read_only)
    told = clean(run("brief", "-o", tmp_path / "b.html", "--runs", runs))
    assert told.exit_code == 0
    assert "could not be noted" in told.stderr
    assert (tmp_path / "b.html").exists()


def test_cite(runs):
    said = clean(run("cite", "--runs", runs))
    assert said.exit_code == 0
    assert "seed 7" in said.stdout
    assert "Next: " in said.stderr
    assert clean(run("cite", "--runs", runs, "--format", "bibtex")).stdout.startswith("@misc{materiel_")
    (item,) = json.loads(clean(run("cite", "--runs", runs, "--format", "csl")).stdout)
    assert item["custom"]["worlds"] == 64
    (quoted,) = json.loads(clean(run("cite", "--runs", runs, "--claim", "darts", "--json")).stdout)
    assert "There are many rockets" in quoted["custom"]["quote"]
    unknown = clean(run("cite", "--runs", runs, "--claim", "dart"))
    assert unknown.exit_code == 2
    assert "It has: paired, darts" in unknown.stderr
    assert clean(run("cite", "--runs", runs, "--format", "word")).exit_code == 2


# ---- two scenarios, two runs


@pytest.fixture(scope="module")
def two(runs, tmp_path_factory):
    """A second state of the scenario, with more to give, run beside the first; its folder and the ids of both runs."""
    folder = tmp_path_factory.mktemp("other")
    text = toy(CLAIMS, KNOWN)
    assert text.count("darts: {says: There are many rockets.") == 1
    (folder / "scenario.yaml").write_text(text.replace("above 20k rounds", "above 1 round"), encoding="utf-8")
    result = run("run", folder, "--worlds", 64, "--runs", runs, "--json")
    assert result.exit_code == 0, result.output
    ids = [r["run"] for r in json.loads(run("runs", "--runs", runs, "--json").stdout)]
    second = json.loads(result.stdout)["run"]
    return folder, next(i for i in ids if i != second), second


def test_diff_says_what_and_which_verdicts_moved(runs, two):
    told = clean(run("diff", runs.parent, two[0], "--runs", runs))
    assert told.exit_code == 0
    assert "Claim darts, holds_if: “above 20k rounds” becomes “above 1 round”." in told.stdout
    assert f"{two[0]}/scenario.yaml:" in told.stdout
    assert "1 difference: 1 text." in told.stdout
    assert "1 of 2 verdicts moved" in told.stdout
    assert "darts: moved from" in told.stdout
    assert "(its test differs too)" in told.stdout
    assert told.stdout.splitlines()[-1] == f"Next: materiel compare {two[1]} {two[2]}"
    data = json.loads(run("diff", runs.parent, two[0], "--runs", runs, "--json").stdout)
    assert [d["path"] for d in data["differences"]] == ["claims.darts.holds_if"]
    assert data["verdicts"]["runs"] == [two[1], two[2]]
    none = clean(run("diff", runs.parent, two[0], "--runs", runs / "none"))
    assert "Next: run both" in none.stdout
    same = clean(run("diff", runs.parent, runs.parent, "--runs", runs))
    assert (same.exit_code, "No difference" in same.stdout) == (0, True)
    assert clean(run("diff", runs.parent, "nothing-there", "--runs", runs)).exit_code == 3


def test_diff_knows_the_numbers_that_a_run_replaced(runs, tmp_path):
    """The folder of a run with ranges by rule holds the same file and, beside it, what stands in place of its numbers."""
    (tmp_path / "scenario.yaml").write_bytes((runs.parent / "scenario.yaml").read_bytes())
    (tmp_path / "replaced.json").write_text('{"stocks.north.dart.held": "7k rounds"}')
    told = json.loads(clean(run("diff", runs.parent, tmp_path, "--runs", runs, "--json")).stdout)["differences"]
    assert [(d["path"], d["after"]["value"], d["after"]["source"]) for d in told] == [("stocks.north.dart.held", "7k rounds", "assumed")]
    (tmp_path / "replaced.json").write_text("{")
    broken = clean(run("diff", runs.parent, tmp_path, "--runs", runs))
    assert broken.exit_code == 1
    assert "replaced.json cannot be read" in broken.stderr


def test_compare(runs, two):
    told = clean(run("compare", *two[1:], "--runs", runs))
    assert told.exit_code == 0
    assert "the test differs: holds_if is" in told.stdout
    assert told.stdout.splitlines()[-1].startswith("Next: ")
    data = json.loads(run("compare", *two[1:], "--runs", runs, "--json").stdout)
    assert {p["id"]: p["tells"] for p in data["pairs"]} == {"paired": False, "darts": True}
    assert clean(run("compare", two[1], "zzzzzz", "--runs", runs)).exit_code == 1


def test_runs_of_different_scenarios_are_refused_unless_asked(runs, two, tmp_path):
    text = toy(CLAIMS, KNOWN)
    (tmp_path / "scenario.yaml").write_text(re.sub(r"(?m)^scenario: .*$", "scenario: Something else", text), encoding="utf-8")
    third = json.loads(run("run", tmp_path, "--worlds", 64, "--runs", runs, "--json").stdout)["run"]
    refused = clean(run("compare", two[1], third, "--runs", runs))
    assert refused.exit_code == 1
    assert "different scenarios" in refused.stderr
    assert not refused.stdout
    asked = clean(run("compare", two[1], third, "--anyway", "--runs", runs))
    assert asked.exit_code == 0
    assert "They are of different scenarios" in asked.stdout


def test_chart(runs, two, tmp_path):
    listed = clean(run("chart", two[1], "--runs", runs))
    assert listed.exit_code == 0
    name = listed.stdout.split()[0]
    assert listed.stdout.splitlines()[-1].startswith(f"Next: materiel chart {two[1]} {name} --pdf")
    made = clean(run("chart", two[1], name, "--runs", runs, "--svg", tmp_path / "a.svg", "--width", "85mm", "--grey", "--caption"))
    assert made.exit_code == 0
    assert "n = 64 simulated worlds" in made.stdout
    assert "Alt text: " in made.stdout
    assert 'width="85.00mm"' in (tmp_path / "a.svg").read_text()
    assert f"Wrote {tmp_path / 'a.svg'} (85 x" in made.stderr
    wrong = clean(run("chart", two[1], "nothing", "--runs", runs))
    assert wrong.exit_code == 2
    assert name in wrong.stderr
    assert clean(run("chart", two[1], name, "--runs", runs)).exit_code == 2
    assert clean(run("chart", two[1], name, "--width", "85", "--csv", tmp_path / "a.csv", "--runs", runs)).exit_code == 2
    data = json.loads(run("chart", two[1], name, "--runs", runs, "--csv", tmp_path / "a.csv", "--json").stdout)
    assert data["files"] == [str(tmp_path / "a.csv")]
    assert name in json.loads(run("chart", two[1], "--runs", runs, "--json").stdout)["figures"]
    assert clean(run("chart", two[1], name, "--runs", runs, "--pdf", tmp_path / "no" / "a.pdf")).exit_code == 1


def test_a_run_that_is_named_is_the_one_that_is_cited(runs, two):
    for named in two[1:]:
        assert f"run {named}," in clean(run("cite", named, "--runs", runs)).stdout
        assert clean(run("chart", named, "--runs", runs)).stdout.splitlines()[-1].startswith(f"Next: materiel chart {named} ")
