"""From a file to a Scenario: text, vocabulary, patches, checks; all problems at once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from materiel.scenario import check, complaints, tables
from materiel.scenario.dates import read_date
from materiel.scenario.errors import ScenarioError, Wrong, in_order, nearest, not_found
from materiel.scenario.patches import Patcher
from materiel.scenario.quantity import Quantity, Reading
from materiel.scenario.scenario import Scenario
from materiel.scenario.text import MOST_BYTES, Node, Page, data, plain, tree
from materiel.scenario.vocabulary import Vocabulary

LIBRARY = Path(__file__).parent.parent / "library"
_NOT_DRAWN = ("alternatives.", "known_past.", "evidence.", "step")


def shipped() -> list[str]:
    """Ids of the scenarios that ship."""
    return sorted(p.parent.name for p in LIBRARY.glob("*/scenario.yaml"))


def find(path_or_name: str | Path) -> Path:
    """The scenario.yaml that is meant: a file, a folder, or the id of a shipped scenario."""
    path = Path(path_or_name)
    if path.is_dir() and (path / "scenario.yaml").is_file():
        return path / "scenario.yaml"
    if path.is_file():
        return path
    name = str(path_or_name)
    if name in shipped():
        return LIBRARY / name / "scenario.yaml"
    where = path if path.is_dir() else path.parent
    nearby = [str(p) for p in sorted(where.glob("*.y*ml"))[:10]] + [str(p.parent) for p in sorted(where.glob("*/scenario.yaml"))[:10]]
    raise not_found(path, nearby + shipped())


def load(path_or_name: str | Path, replace: Mapping[str, str] | None = None) -> Scenario:
    """Read and check a scenario. Raises ScenarioError with every problem found.

    `replace` gives other texts for numbers by dotted path, as if they stood in the file without a source.
    """
    path = find(path_or_name)
    try:
        with path.open("rb") as f:
            raw = f.read(MOST_BYTES + 1)
    except OSError as e:
        raise not_found(path, [f"({e.strerror})"]) from None
    shown = Path(path_or_name) / "scenario.yaml" if path.name == "scenario.yaml" and Path(path_or_name).name != "scenario.yaml" else path
    return loads(raw, file=str(shown), path=path, replace=replace)


def loads(raw: bytes, file: str = "scenario.yaml", path: Path | None = None, replace: Mapping[str, str] | None = None) -> Scenario:
    """As `load`, from the bytes of a file; `file` is the name shown in messages."""
    page, root = tree(file, raw)
    if root is None:
        raise ScenarioError(page.problems)
    _replace(page, root, replace or {})
    for node in root.walk():
        if node.kind == "empty":
            _empty(page, node)
    dates = {name: _date(page, root.items.get(name)) for name in ("as_of", "begins", "ends")}
    published = {k: _date(page, n.items.get("published")) for k, n in _entries(root, "sources").items() if n.kind == "mapping"}
    reading = Reading(file, dates["begins"] or date(2000, 1, 1), published)
    vocabulary = None
    beside = tables.beside(page, path, root)
    try:
        vocabulary = Vocabulary.model_validate(data(root), context=reading)
    except ValidationError as e:
        complaints.note(page, root, e)
    check.tree(page, root, dates, published)
    if vocabulary is None:
        raise ScenarioError(page.problems)
    quantities = {q.path: q for q in gather(vocabulary) if not q.path.startswith(_NOT_DRAWN)}
    patcher = Patcher(page, root, quantities, reading)
    courses = patcher.courses(vocabulary)
    alternatives = patcher.alternatives(vocabulary)
    as_of, begins, ends = dates["as_of"], dates["begins"], dates["ends"]
    if as_of and begins and ends and begins < ends:
        step = vocabulary.step.at(0.5) if vocabulary.step else 1.0
        digest = hashlib.sha256(json.dumps(plain(root), sort_keys=True).encode()).hexdigest()
        scenario = Scenario(
            vocabulary,
            path or Path(file),
            as_of,
            begins,
            ends,
            step,
            quantities,
            courses,
            alternatives,
            [],
            digest,
            beside.ledger.reports,
            beside.series,
            dict(replace or {}),
        )
        check.whole(page, root, scenario)
        tables.check(page, root, scenario, beside)
        found = in_order(page.problems)
        if not any(p.severity == "error" for p in found):
            scenario.warnings.extend(found)
            return scenario
    raise ScenarioError(p for p in page.problems if p.severity == "error")


def _empty(page: Page, node: Node) -> None:
    row = page.lines[node.key_line - 1]
    after = row[node.key_column - 1 + len(node.key) :].lstrip("\"' ")
    if node.key_line == node.line and node.key != "null" and not after.startswith(":"):
        what = f'a comma inside {{ }} ends the text, so "{node.key}" was read as another field.'
        page.problem(node.key_line, node.key_column, what, "Put the whole text, comma included, in quotes.")
        return
    page.problem(
        node.line, node.column, f'"{node.key}" has no value.', "Write one after the colon, {} for an empty group, or delete the line."
    )


def _entries(root: Node, section: str) -> dict[str, Node]:
    node = root.items.get(section)
    return node.items if node and node.kind == "mapping" else {}


def _date(page: Page, node: Node | None) -> date | None:
    if node is None or node.kind != "text":
        return None
    try:
        return read_date(node.text)
    except Wrong as e:
        page.problem(node.line, node.column + e.offset, e.message, e.help)
        return None


def gather(thing: Any) -> Iterator[Quantity]:
    """Every number below a thing, in the order of the vocabulary."""
    if isinstance(thing, Quantity):
        yield thing
    elif isinstance(thing, BaseModel):
        for value in thing.__dict__.values():
            yield from gather(value)
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from gather(value)
    elif isinstance(thing, tuple):
        for value in thing:
            yield from gather(value)


def _replace(page: Page, root: Node, texts: Mapping[str, str]) -> None:
    """Put other texts in place of numbers; they lose their source."""
    for path, text in texts.items():
        node = root.find(path)
        if node is None or node.parent is None or (node.kind != "text" and "value" not in node.items):
            near = nearest(path, [n.path for n in root.walk() if n.kind == "text"])
            page.problem(1, 1, f'there is no number "{path}" to replace.', f'Did you mean "{near}"?' if near else "")
            continue
        made = Node("mapping", node.line, node.column, node.path, node.key, node.key_line, node.key_column, parent=node.parent)
        for key, value in (("value", text), ("source", "assumed"), ("set_by", "whoever replaced it")):
            made.items[key] = Node("text", node.line, node.column, f"{node.path}.{key}", key, node.line, node.column, value, parent=made)
        node.parent.items[node.key] = made
