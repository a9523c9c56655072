"""Where a thing stands, for the checks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from materiel.scenario.text import Node, Page, tree


def lines(file: Path) -> Callable[[str], int]:
    """Lines of the keys of a scenario file that was read before, by dotted path; 1 for what is not there."""
    page, root = tree(str(file), file.read_bytes())
    places = Places(page, root) if root is not None else None
    return lambda path: places.line(path) if places else 1


class Places:
    """Notes problems by dotted path."""

    def __init__(self, page: Page, root: Node) -> None:
        self.page, self.root = page, root

    def value(self, path: str, message: str, help: str, severity: str = "error") -> None:
        """At the value of this path (of its `value`, where it is a mapping that has one), else at its nearest parent's key."""
        node = self.root.find(path)
        if node is None:
            self.key(path, message, help, severity)
            return
        if node.kind == "mapping":
            node = node.items.get("value", node)
        self.page.problem(node.line, node.column, message, help, severity)

    def key(self, path: str, message: str, help: str, severity: str = "error") -> None:
        """At the key that leads to this path, or to the nearest part above it that exists."""
        at = path
        node = self.root.find(at)
        while node is None or node.parent is None:
            if "." not in at:
                self.page.problem(1, 1, message, help, severity)
                return
            at = at.rpartition(".")[0]
            node = self.root.find(at)
        self.page.problem(node.key_line, node.key_column, message, help, severity)

    def line(self, path: str) -> int:
        """The line of a thing's key."""
        node = self.root.find(path)
        return node.key_line if node else 1
