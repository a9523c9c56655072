"""A new scenario folder: a copy of one that ships, or a small commented one to start from."""

from __future__ import annotations

import json
from errno import EEXIST
from pathlib import Path
from shutil import copy

from materiel.scenario.errors import not_found
from materiel.scenario.read import LIBRARY, shipped
from materiel.scenario.schema import json_schema

SCHEMA_FILE = "scenario.schema.json"
SCHEMA_LINE = f"# yaml-language-server: $schema={SCHEMA_FILE}\n"
TEMPLATE = Path(__file__).parent / "template.yaml"


def new(folder: str | Path, source: str | None = None) -> list[Path]:
    """Write scenario.yaml, its schema and the tables beside it into a folder that holds none yet; the files written.

    `source` is the id of a shipped scenario; without one, the small template. Raises FileExistsError and ScenarioError.
    """
    folder = Path(folder)
    target = folder / "scenario.yaml"
    if target.exists():
        raise FileExistsError(EEXIST, "exists already; nothing was written", str(target))
    if source is not None and source not in shipped():
        raise not_found(Path(source), shipped())
    text = (TEMPLATE if source is None else LIBRARY / source / "scenario.yaml").read_text(encoding="utf-8")
    if not text.startswith("# yaml-language-server"):
        text = SCHEMA_LINE + text
    folder.mkdir(parents=True, exist_ok=True)
    schema = folder / SCHEMA_FILE
    target.write_text(text, encoding="utf-8")
    schema.write_text(json.dumps(json_schema(), indent=1) + "\n", encoding="utf-8")
    tables = [] if source is None else [Path(copy(table, folder)) for table in sorted((LIBRARY / source).glob("*.csv"))]
    return [target, schema, *tables]
