"""Verbs on runs that were stopped, damaged or are to be sure enough: resume, doctor, run --until-error and --memory."""

import json
import shutil

import pytest

from materiel.claims import judge
from materiel.claims.enough import enough
from materiel.worlds import open_run
from tests.test_cli import clean, done, run, scenario  # noqa: F401  (fixtures)


@pytest.fixture
def copied(done, tmp_path):  # noqa: F811
    """A copy of a finished run: the folder of runs, and the run's own."""
    runs = tmp_path / "runs"
    shutil.copytree(done[0], runs)
    return runs, runs / done[1]["run"]


def test_resume_makes_what_is_missing_and_says_what_is_next(copied):
    runs, folder = copied
    before = run("show", "--runs", runs, "--json").stdout
    next(folder.glob("blocks/*.nc")).unlink()
    listed = clean(run("runs", "--runs", runs))
    assert "0 of 1 blocks" in listed.stdout
    assert "Next: materiel resume" in listed.stdout
    result = clean(run("resume", "--runs", runs))
    assert result.exit_code == 0, result.output
    assert f"Next: materiel weigh {folder.name}" in result.stdout
    again = json.loads(run("show", "--runs", runs, "--json").stdout)
    assert again["claims"] == json.loads(before)["claims"]
    nothing = clean(run("resume", "--runs", runs))
    assert nothing.exit_code == 1
    assert "every run under" in nothing.stderr


def test_doctor_says_what_is_wrong_and_repairs(copied):
    runs, folder = copied
    fine = clean(run("doctor", "--runs", runs))
    assert fine.exit_code == 0
    assert f"Every run under {runs}/ is whole." in fine.stdout
    assert "processor" in fine.stdout
    block = next(folder.glob("blocks/*.nc"))
    block.write_bytes(block.read_bytes()[:-100])
    found = clean(run("doctor", "--runs", runs))
    assert found.exit_code == 1
    assert block.name in found.stdout
    assert f"materiel resume {folder.name}" in found.stdout
    mended = json.loads(run("doctor", "--runs", runs, "--repair", "--json").stdout)
    assert [f["mended"] for f in mended["findings"]] == [True, False]
    assert run("resume", "--runs", runs).exit_code == 0
    assert run("doctor", "--runs", runs).exit_code == 0


def test_until_error_goes_on_until_every_claim_is_sure(scenario, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr("materiel.cli.runs.FIRST", 64)
    result = clean(run("run", scenario, "--worlds", 5000, "--until-error", 0.05, "--runs", tmp_path, "--json"))
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert max(c["probability_error"] for c in data["claims"]) <= 0.05
    assert 64 < data["worlds"] < 1000
    assert "64 worlds. Claims are within" in result.stderr
    assert "All 2 claims are within" in result.stderr
    stopped = clean(run("run", scenario, "--worlds", 100, "--until-error", 0.001, "--runs", tmp_path))
    assert "Stopped at 100 worlds, which --worlds allows" in stopped.stdout


def test_more_worlds_do_not_help_where_alternatives_differ_more(done):  # noqa: F811
    runs, data = done
    verdicts = judge(open_run(data["run"], runs))
    told = enough(verdicts, 64, 0.01)
    assert (told.worst, told.of) == ("darts", 2)
    assert told.needed == pytest.approx(64 * (told.error / 0.01) ** 2, rel=0.03)
    assert told.settled == sum(v.probability_range.high - v.probability_range.low > 5 * v.probability_error for v in verdicts.claims)
    assert f"Claims are within {100 * told.error:.2g} points (the widest is darts), and 1 were asked for." in told.says()


@pytest.mark.parametrize(("memory", "code"), [("2 GiB", 0), ("1.5MB", 0), ("much", 2), ("-1 MB", 2), ("2 potatoes", 2)])
def test_amounts_of_memory(scenario, tmp_path, memory, code):  # noqa: F811
    result = clean(run("run", scenario, "--worlds", 64, "--memory", memory, "--runs", tmp_path))
    assert result.exit_code == code
    assert ("is not an amount of memory" in result.stderr) == (code == 2)


def test_a_cluster_that_is_not_there(scenario, tmp_path):  # noqa: F811
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = clean(run("run", scenario, "--worlds", 64, "--cluster", "tcp://127.0.0.1:9", "--runs", tmp_path))
    assert result.exit_code == 1
    assert "no Dask scheduler answers" in result.stderr
