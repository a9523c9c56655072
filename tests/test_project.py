"""What the project promises about itself: a lock without hosts, a quick import, a small public face."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import materiel

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements.lock").read_text()


def test_the_lock_names_no_host():
    assert "://" not in LOCK


def test_every_locked_package_has_a_hash():
    entries = [e for e in re.split(r"\n(?=\S)", LOCK.strip()) if not e.startswith("#")]
    assert len(entries) > 40
    assert [e.splitlines()[0] for e in entries if "--hash=sha256:" not in e] == []


def test_the_lock_holds_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[<>=\[]", a)[0].lower().replace(".", "-") for a in asked}
    assert names - {line.split("==")[0] for line in LOCK.splitlines() if "==" in line} == set()


def test_dependencies_have_lower_bounds_only():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert [d for d in project["dependencies"] if not re.fullmatch(r"[\w.-]+>=[\w.]+", d)] == []


def test_importing_materiel_imports_nothing_heavy():
    """`materiel --help` must stay quick: jax and xarray take more than a second each."""
    heavy = "{'jax', 'xarray', 'numpy', 'scipy', 'pydantic', 'pint', 'altair', 'vl_convert', 'h5py'}"
    code = f"import sys, materiel; dir(materiel); print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_the_public_face_is_the_verbs():
    assert dir(materiel) == ["__version__", "brief", "judge", "load", "simulate", "weigh"]
    assert materiel.weigh.__module__ == "materiel.evidence.weighing"


def test_the_method_page_is_the_docstrings():
    import importlib.util

    spec = importlib.util.spec_from_file_location("method", Path(__file__).parents[1] / "docs" / "method.py")
    method = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(method)
    assert method.PAGE.read_text(encoding="utf-8") == method.page(), "run: python docs/method.py"
