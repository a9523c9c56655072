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
