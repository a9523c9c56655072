"""YAML 1.2 text to a tree in which every key and value knows its place in the file.

The tree is built from the parser's events: nothing is constructed, so a file can neither run code nor swell by
aliases. Scalars stay text; what they mean is for the reader of the field to say. Only plain YAML is accepted: no
tabs, anchors, aliases, tags, directives, second documents, repeated keys, or plain text over several lines (an
indent that slipped would hide in it).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from materiel.scenario.errors import Problem

MOST_BYTES = 1_000_000
DEEPEST = 20
AGAIN = " (again, line "  # marks a repeated key, which has been noted as a problem


@dataclass(eq=False)
class Node:
    """A scalar (`text`), a mapping (`items`) or a list (`items` by "0", "1", ...), with lines and columns from 1.

    `kind` is "text", "mapping", "list" or "empty"; `path` is dotted from the root; `key_line`, `key_column` are the
    place of the key that leads here (of the value itself in a list).
    """

    kind: str
    line: int
    column: int
    path: str = ""
    key: str = ""
    key_line: int = 1
    key_column: int = 1
    text: str = ""
    quoted: bool = False
    items: dict[str, Node] = field(default_factory=dict)
    parent: Node | None = None

    def find(self, path: str) -> Node | None:
        """The node at a dotted path; keys may themselves hold dots."""
        if not path:
            return self
        for key, child in self.items.items():
            if path == key:
                return child
            if path.startswith(key + "."):
                found = child.find(path[len(key) + 1 :])
                if found:
                    return found
        return None

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in the order of the file."""
        yield self
        for child in self.items.values():
            yield from child.walk()


class Text(str):
    """A scalar that remembers its node."""

    node: Node


class Map(dict[str, Any]):
    """A mapping that remembers its node."""

    node: Node


class Items(list[Any]):
    """A list that remembers its node."""

    node: Node


def data(node: Node) -> Any:
    """The tree as dicts, lists and texts, each with its `node`; an empty value is None."""
    value: Any
    if node.kind == "mapping":
        value = Map({k: data(v) for k, v in node.items.items()})
    elif node.kind == "list":
        value = Items([data(v) for v in node.items.values()])
    elif node.kind == "text":
        value = Text(node.text)
    else:
        return None
    value.node = node
    return value


def plain(node: Node) -> Any:
    """The tree as plain dicts, lists and strings: what the file says, without its layout."""
    if node.kind == "mapping":
        return {k: plain(v) for k, v in node.items.items()}
    if node.kind == "list":
        return [plain(v) for v in node.items.values()]
    return " ".join(node.text.split()) if node.kind == "text" else None


class Page:
    """The lines of one file, and the problems found in them."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = text.splitlines()
        self.problems: list[Problem] = []

    def problem(self, line: int, column: int, message: str, help: str, severity: str = "error") -> None:
        """Note a mistake at this place."""
        excerpt = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        self.problems.append(Problem(self.file, line, column, message, help, severity, excerpt))


def decode(file: str, raw: bytes) -> tuple[Page, str]:
    """The text of the file; a problem if it is too long, empty or not UTF-8."""
    page = Page(file, "")
    if len(raw) > MOST_BYTES:
        page.problem(1, 1, f"this file has {len(raw):,} bytes; a scenario has at most {MOST_BYTES:,}.", "Keep data in other files.")
        return page, ""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = raw[: e.start].count(b"\n") + 1
        column = e.start - (raw.rfind(b"\n", 0, e.start) + 1) + 1
        page.problem(line, column, "this file is not UTF-8 text.", "Save it as UTF-8 in your editor.")
        return page, ""
    text = text.replace("\r\n", "\n")
    page = Page(file, text)
    for i, row in enumerate(text.split("\n"), 1):
        tab = row.find("\t")
        if tab >= 0 and not row[:tab].strip():
            page.problem(i, tab + 1, "this line is indented with a tab.", "YAML wants spaces; your editor can convert it.")
        elif tab >= 0:
            page.problem(i, tab + 1, "this line contains a tab.", "Write a space instead.")
        odd = re.search(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ufeff]", row)
        if odd:
            page.problem(i, odd.start() + 1, f"this line contains the control character {odd.group()!r}.", "Delete it.")
        if row.startswith("%"):
            page.problem(i, 1, "a YAML directive is not allowed here.", "Delete this line.")
    return page, text


def tree(file: str, raw: bytes) -> tuple[Page, Node | None]:
    """Parse; the node is None if the page's problems leave no tree to look at."""
    page, text = decode(file, raw)
    if page.problems:
        return page, None
    from materiel.scenario.syntax import read_events  # ruamel only when a file is read

    root = read_events(page, text)
    if root is None:
        return page, None
    if root.kind == "empty":
        page.problem(1, 1, "this file is empty.", "Start from an example: materiel new FOLDER")
        return page, None
    if root.kind != "mapping":
        page.problem(
            root.line, root.column, "a scenario is a list of `key: value` lines; this is something else.", "Start with: scenario: a name"
        )
        return page, None
    return page, root
