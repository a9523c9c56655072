"""The command line as people and scripts use it: exit codes, streams, JSON, interruption, broken files."""

import errno
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from materiel.cli import app
from materiel.scenario import load, shipped
from materiel.worlds import all_runs
from tests.claims.toy import KNOWN, toy

BAD = Path(__file__).parent / "bad"
CLAIMS = """
paired:
  says: The gift adds to what is held.
  asserts: A1
  measure: held[north.shell]
  over: 2020-02-01 to 2020-12-31
  compare: [pact, no_pact]
  holds_if: higher by 10k rounds or more
darts: {says: There are many rockets., measure: "held[north.dart]", at: first day, course: pact, holds_if: above 20k rounds}
"""


def run(*arguments, **options):
    """The entry point in this process."""
    return CliRunner().invoke(app, [str(a) for a in arguments], **options)


def script(*arguments, **options):
    """The entry point in a process of its own."""
    command = [sys.executable, "-m", "materiel.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def clean(result):
    """No traceback and no colour on either stream."""
    for text in (result.stdout, result.stderr):
        assert "Traceback" not in text
        assert "\x1b" not in text
    return result


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy")
    (folder / "scenario.yaml").write_text(toy(CLAIMS, KNOWN), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def done(scenario):
    """A finished run: its folder of runs and what `run --json` printed."""
    runs = scenario / "runs"
    result = run("run", scenario, "--worlds", 64, "--runs", runs, "--json")
    assert result.exit_code == 0, result.output
    return runs, json.loads(result.stdout)


def copy(done, tmp_path):
    """A copy of the finished run that a test may break; the folder of runs and the run's own."""
    import shutil

    runs = tmp_path / "runs"
    shutil.copytree(done[0], runs)
    return runs, runs / done[1]["run"]


# ---- what is printed as JSON


def test_run_json_has_what_is_promised(done):
    _, data = done
    assert {"run", "scenario", "scenario_hash", "as_of", "worlds", "effective_worlds", "seed", "claims", "known_past", "made_with"} <= set(
        data
    )
    assert (data["scenario"], data["as_of"], data["worlds"], data["seed"]) == ("Series of rounds", "2020-12-31", 64, 7)
    assert data["weighing"] == "unweighted: these are the authors' ranges read aloud"
    assert [c["id"] for c in data["claims"]] == ["paired", "darts"]
    assert [c["asserts"] for c in data["claims"]] == ["A1", None]
    keys = {"id", "asserts", "probability", "probability_error", "probability_range", "prior_probability", "basis", "grade", "confidence"}
    for c in data["claims"]:
        assert keys | {"effect"} <= set(c)
        assert set(c["probability_range"]) == {"low", "high"}
        assert set(c["effect"]) == {"median", "p5", "p95", "unit"}
    # 6 February to 30 June: 146 days at 100; then 184 at 300
    assert data["claims"][0]["effect"] == {"median": 69_800, "p5": 69_800, "p95": 69_800, "unit": "rounds"}
    assert Path(data["folder"]).is_dir()


def test_show_says_what_run_said(done):
    runs, data = done
    shown = json.loads(run("show", data["run"], "--runs", runs, "--json").stdout)
    assert shown["claims"] == data["claims"]
    assert shown["known_past"] == data["known_past"]
    assert json.loads(run("show", "--runs", runs, "--json").stdout) == shown, "the newest finished run if none is named"
    assert json.loads(run("show", data["run"][:4], "--runs", runs, "--json").stdout) == shown, "an id may be shortened"
    assert json.loads(run("show", data["folder"], "--json").stdout) == shown, "or a folder"


def test_every_verb_has_json(done, tmp_path):
    runs, data = done
    listed = json.loads(run("list", "--json").stdout)
    assert [row["name"] for row in listed] == shipped()
    assert all(set(row) == {"name", "title", "says", "as_of"} for row in listed)
    checked = json.loads(run("check", "tiny-two-sides", "--json").stdout)
    assert checked["ok"] is True
    assert {"numbers", "ranges", "assumed", "claims", "courses", "warnings", "hash", "as_of"} <= set(checked)
    (row,) = json.loads(run("runs", "--runs", runs, "--json").stdout)
    assert (row["run"], row["worlds"], row["blocks"], row["blocks_done"]) == (data["run"], 64, 1, 1)
    world = json.loads(run("show", data["run"], "--world", 3, "--runs", runs, "--json").stdout)
    assert (world["world"], set(world)) == (3, {"world", "run", "alternatives", "numbers", "claims"})
    assert "properties" in json.loads(run("schema", "--json").stdout)
    assert json.loads(run("schema").stdout) == json.loads(run("schema", "--json").stdout)
    written = json.loads(run("new", tmp_path / "mine", "--json").stdout)["written"]
    assert all(Path(p).is_file() for p in written)


def test_json_of_a_broken_scenario(tmp_path):
    for verb in (["check"], ["run", "--runs", tmp_path / "runs"]):
        result = run(*verb, BAD / "08_below_zero.yaml", "--json")
        assert result.exit_code == 3
        data = json.loads(result.stdout)
        assert data["ok"] is False
        assert {"file", "line", "column", "message", "help"} <= set(data["problems"][0])


# ---- what people read


def test_run_and_show_for_people(done, scenario):
    runs, data = done
    result = clean(run("run", scenario, "--worlds", 64, "--runs", runs))
    assert result.stdout.startswith(f"Run {data['run']}: 64 worlds, 4 courses")
    assert "The gift adds to what is held." in result.stdout
    assert "In our model, with these ranges: " in result.stdout
    assert result.stdout.rstrip().endswith(f"Next: materiel weigh {data['run']} | materiel brief {data['run']}")
    shown = clean(run("show", "--runs", runs))
    assert "Yearbook 3,000 to 3,200 rounds" in shown.stdout
    told = clean(run("show", "--world", 0, "--runs", runs))
    assert "stocks.north.dart.held" in told.stdout
    assert "how_much" in told.stdout
    listed = clean(run("runs", "--runs", runs))
    assert data["run"] in listed.stdout
    assert "done" in listed.stdout
    for result in (shown, told, listed):
        assert result.exit_code == 0
        assert not result.stderr


def test_results_on_stdout_progress_on_stderr(scenario, tmp_path):
    result = clean(run("run", scenario, "--worlds", 64, "--runs", tmp_path / "runs"))
    assert result.exit_code == 0
    assert result.stderr.splitlines() == ["Worlds 64/64"]
    assert "Worlds" not in result.stdout


def test_nothing_is_made_twice(done, scenario):
    runs, data = done
    block = next(runs.rglob("*.nc"))
    before = block.stat().st_mtime_ns
    assert run("run", scenario, "--worlds", 64, "--runs", runs).exit_code == 0
    assert block.stat().st_mtime_ns == before
    again = json.loads(run("run", scenario, "--worlds", 64, "--runs", runs, "--fresh", "--json").stdout)
    assert block.stat().st_mtime_ns != before
    assert again["claims"] == data["claims"]


def test_check_for_people():
    result = clean(run("check", "tiny-two-sides"))
    assert result.exit_code == 0
    assert "4 actors" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("Next: materiel run tiny-two-sides")
    explained = run("check", "tiny-two-sides", "--explain")
    assert explained.exit_code == 0
    assert "North" in explained.stdout


def test_new_writes_what_check_accepts(tmp_path):
    for name in shipped():
        assert run("new", tmp_path / name, "--from", name).exit_code == 0
        assert run("check", tmp_path / name).exit_code == 0
        tables = {p.name for p in load(name).path.parent.glob("*.csv")}
        assert tables == {p.name for p in (tmp_path / name).glob("*.csv")}
    assert run("new", tmp_path / "plain").exit_code == 0
    checked = run("check", tmp_path / "plain")
    assert checked.exit_code == 0, checked.output
    again = clean(run("new", tmp_path / "plain"))
    assert again.exit_code == 1
    assert "exists already" in again.stderr
    unknown = clean(run("new", tmp_path / "other", "--from", "tiny-two-side"))
    assert unknown.exit_code == 3
    assert 'Did you mean "tiny-two-sides"?' in unknown.stderr
    assert not (tmp_path / "other").exists()


def test_no_run_yet(tmp_path):
    result = clean(run("runs", "--runs", tmp_path / "none"))
    assert result.exit_code == 0
    assert "Next: materiel run" in result.stdout
    assert json.loads(run("runs", "--runs", tmp_path / "none", "--json").stdout) == []
    result = clean(run("show", "--runs", tmp_path / "none"))
    assert result.exit_code == 1
    assert "there is no finished run" in result.stderr
    assert not (tmp_path / "none").exists()


# ---- exit codes


@pytest.mark.parametrize("verb", ["check", "run"])
def test_3_a_broken_scenario_never_starts_a_run(verb, tmp_path):
    """All mistakes at once, on stderr, each with file:line:column."""
    text = toy(CLAIMS)
    for good, bad in (("1k to 100k rounds", "100k to 1k rounds"), ("good: shell", "good: shel"), ("1_000 rounds}", "1_000}")):
        text = text.replace(good, bad)
    (tmp_path / "scenario.yaml").write_text(text, encoding="utf-8")
    where = ["--runs", tmp_path / "runs"] if verb == "run" else []
    result = clean(run(verb, tmp_path, *where))
    assert result.exit_code == 3
    assert not result.stdout
    places = re.findall(r"scenario\.yaml:(\d+):\d+: ", result.stderr)
    assert len(places) >= 3
    assert places == sorted(places, key=int)
    assert 'Did you mean "shell"' in result.stderr
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("bad", sorted(set(BAD.glob("*.yaml")) - set(BAD.glob("good*.yaml"))), ids=lambda p: p.stem)
def test_3_for_every_broken_file(bad):
    result = clean(run("check", bad))
    assert result.exit_code == 3
    assert f"{bad.name}:" in result.stderr


def test_3_no_such_scenario(tmp_path):
    result = clean(run("check", tmp_path / "nothing.yaml"))
    assert result.exit_code == 3
    assert "there is no scenario" in result.stderr
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)))
    assert clean(run("check", tmp_path / "binary.yaml")).exit_code == 3
    assert clean(run("check", tmp_path)).exit_code == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["check"],
        ["check", "tiny-two-sides", "--no-such-option"],
        ["run", "tiny-two-sides", "--worlds", "0"],
        ["run", "tiny-two-sides", "--worlds", "many"],
        ["run", "tiny-two-sides", "--seed", "-1"],
        ["run", "tiny-two-sides", "--seed", str(2**32)],
        ["show", "--world", "-1"],
    ],
)
def test_2_wrong_command_line(arguments):
    result = clean(run(*arguments))
    assert result.exit_code == 2
    assert not result.stdout
    assert result.stderr


def test_2_no_such_world(done):
    result = clean(run("show", "--world", 64, "--runs", done[0]))
    assert result.exit_code == 2
    assert "the worlds 0 to 63" in result.stderr


def test_1_unknown_run(done, tmp_path):
    for verb in ("show", "brief"):
        result = clean(run(verb, "zzzzzz", "--runs", done[0]))
        assert result.exit_code == 1
        assert 'no single run "zzzzzz"' in result.stderr
        assert not result.stdout


def test_1_too_many_worlds(scenario, tmp_path):
    result = clean(run("run", scenario, "--worlds", 2**31 + 1, "--runs", tmp_path / "runs"))
    assert result.exit_code == 1
    assert "cannot be simulated" in result.stderr


# ---- folders that cannot be used


def test_a_file_in_place_of_the_runs_folder(scenario, tmp_path):
    (tmp_path / "runs").write_text("no folder")
    for more in ([], ["--fresh"]):
        result = clean(run("run", scenario, "--worlds", 64, "--runs", tmp_path / "runs", *more))
        assert result.exit_code == 1
        assert str(tmp_path / "runs") in result.stderr
        assert "Not a directory" in result.stderr or "File exists" in result.stderr
    assert clean(run("runs", "--runs", tmp_path / "runs")).exit_code == 0
    assert clean(run("show", "--runs", tmp_path / "runs")).exit_code == 1


def test_a_read_only_runs_folder(scenario, tmp_path, monkeypatch):
    def read_only(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", read_only)  # who runs the tests may be allowed to write everywhere
    result = clean(run("run", scenario, "--worlds", 64, "--runs", tmp_path / "runs"))
    assert result.exit_code == 1
    assert "Read-only file system" in result.stderr
    result = clean(run("new", tmp_path / "mine"))
    assert result.exit_code == 1
    assert "Read-only file system" in result.stderr


def test_a_finished_run_in_a_read_only_folder_is_still_shown(done, scenario, monkeypatch):
    def read_only(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("materiel.worlds.store.write_whole", read_only)
    assert clean(run("show", "--runs", done[0])).exit_code == 0
    assert clean(run("run", scenario, "--worlds", 64, "--runs", done[0])).exit_code == 0


def truncate(run_folder):
    block = next(run_folder.rglob("*.nc"))
    block.write_bytes(block.read_bytes()[: block.stat().st_size // 2])


def alter(run_folder):
    file = run_folder / "scenario.yaml"
    file.write_text(file.read_text().replace("1k to 100k rounds", "2k to 100k rounds"))


BREAKS = {
    "block_cut": (truncate, "cannot be read"),
    "block_empty": (lambda f: next(f.rglob("*.nc")).write_bytes(b""), "cannot be read"),
    "block_gone": (lambda f: next(f.rglob("*.nc")).unlink(), "0 of 1 blocks on disk"),
    "json_cut": (lambda f: (f / "run.json").write_text('{"run": '), "not a run"),
    "json_other": (lambda f: (f / "run.json").write_text("[1, 2]"), "not a run"),
    "json_no_keys": (lambda f: (f / "run.json").write_text("{}"), "not a run"),
    "json_binary": (lambda f: (f / "run.json").write_bytes(bytes(range(256))), "not a run"),
    "scenario_gone": (lambda f: (f / "scenario.yaml").unlink(), "cannot be read"),
    "scenario_broken": (lambda f: (f / "scenario.yaml").write_text("a: ["), "cannot be read"),
    "scenario_altered": (alter, "is not the scenario that made run"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_run_says_what_is_broken(name, done, tmp_path):
    break_, message = BREAKS[name]
    runs, folder = copy(done, tmp_path)
    break_(folder)
    result = clean(run("show", folder, "--runs", runs))
    assert result.exit_code == 1
    assert message in result.stderr
    assert not result.stdout
    assert clean(run("runs", "--runs", runs)).exit_code == 0
    assert clean(run("show", "--runs", runs)).exit_code == 1


@pytest.mark.parametrize("name", ["json_cut", "block_cut", "scenario_broken"])
def test_running_on_a_broken_run_says_what_is_broken(name, done, scenario, tmp_path):
    runs, folder = copy(done, tmp_path)
    BREAKS[name][0](folder)
    result = clean(run("run", scenario, "--worlds", 64, "--runs", runs))
    assert result.exit_code == 1
    assert BREAKS[name][1] in result.stderr


def test_a_broken_run_does_not_hide_the_others(done, tmp_path):
    runs, folder = copy(done, tmp_path)
    (runs / "broken").mkdir()
    (runs / "broken" / "run.json").write_text("{}")
    result = clean(run("runs", "--runs", runs, "--json"))
    assert [row["run"] for row in json.loads(result.stdout)] == [folder.name]
    assert "left out" in result.stderr
    assert str(runs / "broken") in result.stderr
    assert run("show", "--runs", runs).exit_code == 0


def test_a_missing_block_is_made_anew(done, scenario, tmp_path):
    runs, folder = copy(done, tmp_path)
    next(folder.rglob("*.nc")).unlink()
    data = json.loads(run("run", scenario, "--worlds", 64, "--runs", runs, "--json").stdout)
    assert data["claims"] == done[1]["claims"]


# ---- processes


LIGHT = """
import sys
from typer.testing import CliRunner
from materiel.cli import app
for arguments in sys.argv[1:]:
    assert CliRunner().invoke(app, arguments.split()).exit_code == 0, arguments
    assert not {"jax", "xarray", "jaxlib", "altair", "h5netcdf"} & set(sys.modules), arguments
"""


def test_help_and_check_load_no_engine():
    verbs = ["--help", "run --help", "check --help", "show --help", "check tiny-two-sides", "check vostochny-2023 --json", "list", "schema"]
    result = subprocess.run([sys.executable, "-c", LIGHT, *verbs], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr


def test_the_entry_point_in_a_process_of_its_own(tmp_path):
    """What is not seen inside this process: exit codes of the real entry point, pipes without colour."""
    colourful = {**os.environ, "TERM": "xterm-256color"}
    colourful.pop("NO_COLOR", None)
    assert clean(script("check", BAD / "08_below_zero.yaml", env=colourful)).returncode == 3
    assert clean(script("fly", env=colourful)).returncode == 2
    assert clean(script("show", "zzz", "--runs", tmp_path, env=colourful)).returncode == 1
    helped = clean(script("--help", env=colourful))
    assert helped.returncode == 0
    for verb in ("check", "run", "brief", "runs", "show", "schema", "new", "list"):
        assert verb in helped.stdout


def test_a_reader_that_closes_the_pipe_early():
    command = f"{sys.executable} -m materiel.cli schema | head -c 10"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    assert "Traceback" not in result.stderr
    assert "BrokenPipe" not in result.stderr


WORLDS = 12 * 1024


def interrupt(arguments, tmp_path, wait):
    """Start a run in a process group of its own, wait, press Ctrl-C; its exit code and what it printed on stderr."""
    log = tmp_path / "stderr.txt"
    with log.open("w") as err:
        command = [sys.executable, "-m", "materiel.cli", *map(str, arguments)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=err, text=True, start_new_session=True)
        deadline = time.monotonic() + 60
        while not wait(log.read_text()) and child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        os.killpg(child.pid, signal.SIGINT)
        out, _ = child.communicate(timeout=30)
    return child.returncode, out, log.read_text()


def interrupted(result):
    code, out, err = result
    assert code == 130, err
    assert not out
    assert "Interrupted. Finished blocks are kept: give the same command again and it goes on." in err
    assert "Traceback" not in err
    assert "Process" not in err


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_130_an_interrupted_run_goes_on_to_the_same_numbers(workers, scenario, tmp_path):
    command = ["run", scenario, "--worlds", WORLDS, "--runs", tmp_path / "runs", "--json"]
    interrupted(interrupt([*command, "--workers", workers], tmp_path, lambda err: "Worlds" in err))
    (folder,) = all_runs(tmp_path / "runs")
    kept = len(folder.done(12))
    assert 3 <= kept < 12
    (row,) = json.loads(run("runs", "--runs", tmp_path / "runs", "--json").stdout)
    assert (row["blocks_done"], row["blocks"]) == (kept, 12)
    unfinished = clean(run("show", folder.path))
    assert unfinished.exit_code == 1
    assert f"{kept} of 12 blocks on disk" in unfinished.stderr
    result = clean(run(*command, "--workers", 1))
    assert result.exit_code == 0
    assert f"Found {folder.path.name} unfinished: {kept} of 12 blocks on disk. Going on." in result.stderr
    whole = json.loads(run("run", scenario, "--worlds", WORLDS, "--runs", tmp_path / "whole", "--json", "--workers", 1).stdout)
    assert json.loads(result.stdout)["claims"] == whole["claims"]


@pytest.mark.slow
def test_130_even_while_workers_start(scenario, tmp_path):
    """Before the first block: worker processes that still import must not print a traceback of their own."""
    runs = tmp_path / "runs"
    begun = []

    def wait(_):
        if all_runs(runs):
            begun.append(time.monotonic())
        return begun and time.monotonic() - begun[0] > 0.5

    interrupted(interrupt(["run", scenario, "--worlds", WORLDS, "--runs", runs, "--workers", 2], tmp_path, wait))


SWALLOWED = """
import os, signal, sys, time, weakref
import materiel.cli as cli
class Thing: pass
def callback(_):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.1)  # the interrupt arrives here, where nothing can be raised
def app():
    thing = Thing()
    ref = weakref.ref(thing, callback)
    del thing
    begun = time.monotonic()
    try:
        time.sleep(10)
    finally:
        print("went on" if time.monotonic() - begun > 5 else "woke")
cli.app = app
cli.main()
"""


def test_130_where_python_would_swallow_it():
    result = clean(subprocess.run([sys.executable, "-c", SWALLOWED], capture_output=True, text=True, timeout=60))
    assert result.returncode == 130
    assert result.stdout == "woke\n"
    assert result.stderr.startswith("Interrupted. ")


def test_colour_and_bar_only_on_a_terminal(scenario, tmp_path):
    """The bar is drawn where stderr is a terminal; stdout, a pipe, stays plain."""
    outer, inner = pty.openpty()
    command = [sys.executable, "-m", "materiel.cli", "run", str(scenario), "--worlds", "64", "--runs", str(tmp_path / "runs")]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=inner, text=True, env={**os.environ, "TERM": "xterm"})
    os.close(inner)
    seen = b""
    while True:
        try:
            part = os.read(outer, 4096)
        except OSError:  # the other end was closed
            break
        if not part:
            break
        seen += part
    os.close(outer)
    out, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    assert b"64/64" in seen
    assert "\x1b" not in out
    assert out.startswith("Run ")


# ---- the brief


def test_brief(done, tmp_path):
    runs, data = done
    told = json.loads(run("brief", data["run"], "--runs", runs, "-o", tmp_path / "brief.html", "--json").stdout)
    size = (tmp_path / "brief.html").stat().st_size
    assert len(told.pop("brief")) == 8
    assert told == {"run": data["run"], "status": "draft", "file": str(tmp_path / "brief.html"), "bytes": size}
    assert "authors' ranges read aloud" in (tmp_path / "brief.html").read_text(encoding="utf-8").replace("&#39;", "'")
    nowhere = clean(run("brief", "--runs", runs, "-o", tmp_path / "no" / "folder" / "brief.html"))
    assert nowhere.exit_code == 1
    assert "No such file or directory" in nowhere.stderr
