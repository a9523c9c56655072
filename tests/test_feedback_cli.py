"""`materiel show --map`: as text, as JSON, for Graphviz; exit codes; from a name and from the newest run."""

import json
import shutil
import subprocess

import pytest
from typer.testing import CliRunner

from materiel.cli import app
from tests.claims.toy import toy

SMALL = "tiny-two-sides"


def show(*arguments):
    result = CliRunner().invoke(app, ["show", *map(str, arguments)])
    for text in (result.stdout, result.stderr):
        assert "Traceback" not in text
        assert "\x1b" not in text
    return result


def test_as_text():
    result = show("--map", SMALL)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "  fire -> attrition: equivalents" in lines
    assert any(line.startswith("  transfers -> stocks: ") and "old_shell" in line for line in lines)
    assert "Loops by measures alone: attrition, fire, front" in lines
    assert not result.stderr


def test_as_json():
    result = show("--map", SMALL, "--json")
    assert result.exit_code == 0
    data = json.loads(result.stdout)
    assert {"source": "fire", "target": "attrition", "kind": "measures", "by": ["equivalents"]} in data["edges"]
    assert data["scenario"] == "Two invented sides"
    assert data["mechanisms"]["fire"] == "Use of rounds"
    assert ["attrition", "fire", "front"] in data["loops_by_measures"]
    assert {e["kind"] for e in data["edges"]} == {"measures", "accounts"}


def test_for_graphviz():
    result = show("--map", "--dot", SMALL)
    assert result.exit_code == 0
    assert result.stdout.startswith("digraph feedback {\n")
    assert '  "fire" -> "attrition" [label="equivalents"];' in result.stdout.splitlines()
    assert show("--dot", SMALL).stdout == result.stdout
    if shutil.which("dot"):
        drawn = subprocess.run(["dot", "-Tsvg"], input=result.stdout, capture_output=True, text=True, check=True, timeout=30)
        assert "</svg>" in drawn.stdout


def test_of_the_newest_run(tmp_path):
    (tmp_path / "scenario.yaml").write_text(
        toy('darts: {says: x, measure: "held[north.dart]", at: first day, course: pact, holds_if: above 1 rounds}')
    )
    made = CliRunner().invoke(app, ["run", str(tmp_path), "--worlds", "1", "--workers", "1", "--runs", str(tmp_path / "runs"), "--json"])
    assert made.exit_code == 0, made.output
    assert show("--map", "--runs", tmp_path / "runs").stdout == show("--map", tmp_path).stdout != ""


def test_no_run_yet(tmp_path):
    result = show("--map", "--runs", tmp_path)
    assert result.exit_code == 1
    assert "no finished run" in result.stderr


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_no_such_scenario(as_json):
    result = show("--map", "nowhere", *as_json)
    assert result.exit_code == 3
    assert 'there is no scenario "nowhere"' in result.stderr
    assert bool(result.stdout) == bool(as_json)


@pytest.mark.parametrize("arguments", [["--map", SMALL, "--world", 3], ["--map", SMALL, "--dot", "--json"]])
def test_what_does_not_go_together(arguments):
    result = show(*arguments)
    assert result.exit_code == 2
    assert not result.stdout
    assert "--map goes with --dot or with --json" in result.stderr
