"""`materiel app` as people start and stop it."""

import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from typer.testing import CliRunner

from materiel.cli import app


def started(runs, *more):
    command = [sys.executable, "-m", "materiel.cli", "app", "tiny-two-sides", "--worlds", "64", "--runs", str(runs), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def status(address, host=None):
    request = urllib.request.Request(address, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_it_says_where_it_is_once_it_is_there_and_stops_without_a_complaint(runs):
    with started(runs) as server:
        line = server.stdout.readline()
        assert line.startswith("Ready: http://127.0.0.1:"), server.stderr.read()
        assert "only this computer" in line
        assert "token" not in line
        address = line.split()[1]
        assert status(address) == 200
        assert status(address, "evil.example") == 403
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=30)
    assert server.returncode == 0
    assert "Traceback" not in said
    assert said.endswith("Stopped.\n")


def test_where_others_can_connect_it_prints_a_token(runs):
    with started(runs, "--host", "0.0.0.0") as server:
        address = server.stdout.readline().split()[1].replace("0.0.0.0", "127.0.0.1")
        assert "?token=" in address
        assert status(address.partition("?")[0]) == 403
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)


def test_an_unknown_language_is_refused_before_anything_is_simulated(runs):
    told = CliRunner().invoke(app, ["app", "tiny-two-sides", "--lang", "xx", "--runs", str(runs / "none")])
    assert told.exit_code == 2
    assert 'there is no language "xx" here; there are en, de' in told.output
    assert not (runs / "none").exists()


def test_a_port_that_is_taken_is_said(runs):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with started(runs, "--port", str(port)) as server:
            _, said = server.communicate(timeout=120)
    assert server.returncode == 1
    assert f"port {port} cannot be opened" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("missing", ["starlette", "uvicorn", "websockets"])
def test_what_is_not_installed_is_named_with_the_cure(monkeypatch, missing):
    import importlib.util

    known = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == missing else known(name, *a))
    result = CliRunner().invoke(app, ["app", "tiny-two-sides"])
    assert result.exit_code == 1
    assert f"the page needs {missing}" in result.stderr
    assert "pip install" in result.stderr


def test_a_wrong_scenario_is_refused_as_everywhere(tmp_path):
    assert CliRunner().invoke(app, ["app", str(tmp_path / "nothing")]).exit_code == 3


def test_the_page_needs_nothing_of_the_network_to_be_imported():
    """Other verbs do not pay for the page."""
    code = "import sys, materiel.cli; print(sorted({'starlette', 'uvicorn', 'websockets', 'jax'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
