"""Weighing and scoring on the command line: what is printed, what is kept, and what is refused."""

import json

import pytest
from typer.testing import CliRunner

from materiel.cli import app
from materiel.evidence import posterior, rule
from materiel.scenario import load
from tests.evidence.small import months, row, small


def run(*arguments):
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    for text in (result.stdout, result.stderr):
        assert "Traceback" not in text
    return result


@pytest.fixture(scope="module")
def war(tmp_path_factory):
    folder = tmp_path_factory.mktemp("war")
    small(folder, *months(3), ends="2020-09-30")
    (folder / rule.NAME).write_text(rule.text(rule.make(load(folder))))
    return folder


@pytest.fixture(scope="module")
def done(war):
    """A finished run and its weighing, as they are printed."""
    runs = war / "runs"
    made = run("run", war, "--worlds", 64, "--runs", runs, "--json")
    assert made.exit_code == 0, made.output
    weighed = run("weigh", "--runs", runs, "--workers", 1, "--particles", 128)
    assert weighed.exit_code == 0, weighed.output
    return runs, json.loads(made.stdout), weighed


def test_weigh_says_what_it_stands_on_and_what_the_reports_did(done):
    runs, made, weighed = done
    out = weighed.stdout
    assert "weighed with 4 reports of 4 independent origins, all published by 2020-06-10; worth " in out
    assert "verdicts are learnt from the reports" in out
    assert out.rstrip().endswith(f"Next: materiel brief {made['run']}")
    assert weighed.stderr.count("A batch of 128 particles: ") == 4
    again = run("weigh", made["run"], "--runs", runs, "--particles", 128, "--json")
    data = json.loads(again.stdout)
    assert data["weighed"]["of"] == made["run"]
    assert data["weighed"]["effective"] >= posterior.LEAST
    assert data["effective_worlds"] <= data["worlds"] == 64
    assert data["claims"][0]["learnt"]["without"].keys() == {"press", "north", "south"}
    shown = run("show", data["run"], "--runs", runs)
    assert "weighed with 4 reports" in shown.stdout


def test_weigh_takes_the_newest_ordinary_run_and_refuses_a_weighed_one(done):
    runs, made, _ = done
    later = run("weigh", "--to", "2020-07-10", "--without", "south", "--particles", 128, "--runs", runs, "--json")
    data = json.loads(later.stdout)
    assert (data["weighed"]["of"], data["weighed"]["to"], data["weighed"]["without"]) == (made["run"], "2020-07-10", ["south"])
    twice = run("weigh", data["run"], "--runs", runs)
    assert twice.exit_code == 1
    assert "were weighed already" in twice.stderr
    nobody = run("weigh", "--without", "sout", "--runs", runs)
    assert nobody.exit_code == 1
    assert "There are: press, north, south, maker" in nobody.stderr


def test_a_report_that_no_world_comes_near_leaves_with_code_3(tmp_path):
    small(tmp_path, row("r", "fire", 9_000_000, "2020-05-31", "2020-06-02"))
    run("run", tmp_path, "--worlds", 16, "--runs", tmp_path / "runs")
    refused = run("weigh", "--particles", 128, "--runs", tmp_path / "runs")
    assert refused.exit_code == 3
    assert 'reports.csv:2:1: no world of 512 comes near report "r"' in refused.stderr


def test_hindcast_and_retrodiction(war, tmp_path):
    told = run("hindcast", war, "--until", "2020-08-31", "--particles", 64, "--runs", tmp_path)
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith(
        "Hindcast of Two invented sides from 2020-06-10 to 2020-08-31, ranges made by rule from what was published by that day"
    )
    data = json.loads(run("retrodict", war, "--until", "2020-08-31", "--particles", 64, "--runs", tmp_path, "--json").stdout)
    assert (data["kind"], data["priors"], data["as_of"], data["until"]) == ("retrodiction", "authors", "2020-06-10", "2020-08-31")
    assert {s["made"] for s in data["series"]} == {"on the first day", "month by month"}
    kept = [json.loads(f.read_text()) for f in sorted((tmp_path / "hindcasts").glob("*.json"))]
    assert {k["kind"] for k in kept} == {"hindcast", "retrodiction"}


def test_what_is_later_than_the_day_is_refused_with_its_line(war, tmp_path):
    refused = run("hindcast", war, "--as-of", "2020-05-20", "--until", "2020-07-31", "--runs", tmp_path)
    assert refused.exit_code == 3
    assert 'scenario.yaml:14:1: source "bulletin" was published on 2020-06-08.' in refused.stderr
    data = json.loads(run("hindcast", war, "--as-of", "2020-05-20", "--until", "2020-07-31", "--runs", tmp_path, "--json").stdout)
    assert data["ok"] is False
    widened = run("hindcast", war, "--as-of", "2020-06-04", "--until", "2020-07-31", "--widen-later", "--particles", 64, "--runs", tmp_path)
    assert widened.exit_code == 0, widened.output
    assert "are later than 2020-06-04: taken as assumed" in widened.stdout


def test_dates_that_are_none(war, tmp_path):
    assert run("hindcast", war, "--as-of", "15.09.2023", "--runs", tmp_path).exit_code == 2
    outside = run("retrodict", war, "--until", "2031-01-01", "--runs", tmp_path)
    assert outside.exit_code == 1
    assert "does not lie within the run" in outside.stderr


def test_a_run_with_ranges_by_rule(war, tmp_path):
    plain, ruled = (
        json.loads(run("run", war, "--worlds", 16, "--runs", tmp_path, "--json", *more).stdout) for more in ((), ("--by-rule",))
    )
    assert plain["run"] != ruled["run"]
    missing = run("run", "tiny-two-sides", "--worlds", 16, "--runs", tmp_path, "--by-rule")
    assert missing.exit_code == 3
    assert "there is no file of ranges by rule beside the scenario" in missing.stderr
