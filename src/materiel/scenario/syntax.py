"""The parser's events to a tree, and the parser's complaints in words for people."""

from __future__ import annotations

import re
from typing import Any

from materiel.scenario.text import AGAIN, DEEPEST, Node, Page

_NULL = {"", "~", "null", "Null", "NULL"}


class _Stop(Exception):
    """The page holds a problem after which the rest cannot be understood."""


def read_events(page: Page, text: str) -> Node | None:
    """The tree of the one document in `text`; None after a syntax error, which is noted on the page."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        return _Builder(page).build(YAML(typ="safe", pure=True).parse(text))
    except _Stop:
        return None
    except MarkedYAMLError as e:
        before = page.problems.copy()
        _say(page, e)
        line = page.problems[-1].line  # text that ran on at or below the mistake is a consequence of it
        page.problems[: len(before)] = [p for p in before if p.line < line]
    except Exception as e:  # the parser fails in its own ways on text that is not YAML at all
        page.problem(1, 1, f"this file cannot be read as YAML ({type(e).__name__}).", "Look for an unclosed quote or bracket.")
    return None


class _Builder:
    """Grows the tree; refuses what plain scenario files do not need."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def stop(self, mark: Any, message: str, help: str) -> None:
        self.page.problem(mark.line + 1, mark.column + 1, message, help)
        raise _Stop

    def build(self, events: Any) -> Node:
        from ruamel.yaml import events as ev

        root: Node | None = None
        stack: list[Node] = []
        key: Node | None = None  # a key that waits for its value
        keys: list[Node | None] = []
        for e in events:
            if isinstance(e, (ev.StreamStartEvent, ev.StreamEndEvent, ev.DocumentEndEvent)):
                continue
            if isinstance(e, ev.DocumentStartEvent):
                if root is not None:
                    self.stop(e.start_mark, "a second document starts here.", "Keep one scenario in a file; delete this `---`.")
                continue
            mark = e.start_mark
            if isinstance(e, (ev.MappingEndEvent, ev.SequenceEndEvent)):
                stack.pop()
                key = keys.pop()
                continue
            if isinstance(e, ev.AliasEvent) or getattr(e, "anchor", None):
                self.stop(
                    mark,
                    "anchors (&) and aliases (*) are not allowed.",
                    "Write the value out, or put text that starts with & or * in quotes.",
                )
            if any(str(getattr(e, name, None)) not in ("None", "!") for name in ("tag", "ctag")):
                self.stop(mark, "tags (!) are not allowed.", "Delete it, or put text that starts with ! in quotes.")
            node = self.node(e, ev)
            inside = stack[-1] if stack else None
            if inside is None:
                root = node
            elif inside.kind == "mapping" and key is None:
                self.check_key(node, inside)
                key = node
                continue
            else:
                self.place(node, inside, key)
                key = None
            if node.kind in ("mapping", "list"):
                if len(stack) >= DEEPEST:
                    self.stop(mark, f"this is nested more than {DEEPEST} deep.", "Check the indents and brackets above.")
                stack.append(node)
                keys.append(None)
        return root if root is not None else Node("empty", 1, 1)

    def node(self, e: Any, ev: Any) -> Node:
        line, column = e.start_mark.line + 1, e.start_mark.column + 1
        if isinstance(e, ev.MappingStartEvent):
            return Node("mapping", line, column)
        if isinstance(e, ev.SequenceStartEvent):
            return Node("list", line, column)
        quoted = bool(e.style)
        if not quoted and e.end_mark.line > e.start_mark.line and "\n" in self.between(e):
            below = next((i for i in range(line, len(self.page.lines)) if self.page.lines[i].strip()), line)
            self.page.problem(
                below + 1,
                _indent(self.page.lines[below]) + 1,
                f"this line goes on with the text of line {line}.",
                f'Check its indent; or put text over several lines in quotes, or below "{self.key_of(line)}: >".',
            )
        if any(c != "\n" and not c.isprintable() for c in e.value):
            self.stop(e.start_mark, "this text holds a character that cannot be shown.", "Delete it; a scenario is plain text.")
        if not quoted and e.value in _NULL:
            return Node("empty", line, column)
        return Node("text", line, column, text=e.value, quoted=quoted)

    def between(self, e: Any) -> str:
        rows = self.page.lines[e.start_mark.line : e.end_mark.line + 1]
        rows[-1] = rows[-1][: e.end_mark.column]
        return "\n".join(rows).rstrip()

    def key_of(self, line: int) -> str:
        found = re.match(r"\s*(?:- )?([^:{]+):", self.page.lines[line - 1])
        return found.group(1).strip() if found else "key"

    def check_key(self, node: Node, inside: Node) -> None:
        if node.kind not in ("text", "empty"):
            self.page.problem(node.line, node.column, "a key must be one word, not a list or mapping.", "Write key: value")
            raise _Stop
        if node.kind == "empty":
            node.kind, node.text = "text", "null"
        first = inside.items.get(node.text)
        if first:
            name = f"{inside.path}.{node.text}" if inside.path else node.text
            what = f'"{name}" was already defined at line {first.key_line}.'
            self.page.problem(node.line, node.column, what, "Delete one of them, or give one another name.")

    def place(self, node: Node, inside: Node, key: Node | None) -> None:
        name = key.text if key else str(len(inside.items))
        if name in inside.items:  # a repeated key, already noted: kept apart so that its inside is still looked at
            name = f"{name}{AGAIN}{node.line})"
        node.key, node.parent = name, inside
        node.path = f"{inside.path}.{name}" if inside.path else name
        node.key_line, node.key_column = (key.line, key.column) if key else (node.line, node.column)
        if node.kind == "empty" and key:
            node.line, node.column = key.line, key.column
        inside.items[name] = node


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _say(page: Page, error: Any) -> None:
    """One complaint of the parser in plain words."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        page.problem(1, 1, "this file cannot be read as YAML.", str(error.problem or ""))
        return
    line, column = min(mark.line, max(0, len(page.lines) - 1)), mark.column
    row = page.lines[line] if page.lines else ""
    what = str(error.problem or "")
    pair = re.match(r"\s*(?:- )*[^\s:#\"'{\[][^:#]*:\s+", row)
    if "mapping values are not allowed" in what and pair and column >= pair.end():
        value = row[pair.end() :].rstrip()
        key = row[: pair.end()].strip()
        help = f'{key} "{value}"' if '"' not in value else f"{key} '{value}'"
        page.problem(line + 1, pair.end() + 1, "a colon inside text needs quotes.", help)
        return
    above = next((i for i in range(line - 1, -1, -1) if page.lines[i].strip() and not page.lines[i].lstrip().startswith("#")), None)
    mine = _indent(row)
    if (
        above is not None
        and mine != (theirs := _indent(page.lines[above]))
        and re.match(r"\s*(- )?[^\s].*?:(\s|$)", row)
        and column <= len(row)
    ):
        opened = any(t in str(error.context or "") for t in ("flow", "quoted"))
        if not opened:
            page.problem(
                line + 1,
                mine + 1,
                f"this line is indented by {mine}; its neighbours by {theirs}.",
                "Give it the same indent as the lines that belong with it.",
            )
            return
    if error.context and error.context_mark and ("flow" in error.context or "quoted" in error.context or "unexpected end" in what):
        at = error.context_mark
        what = "quote" if "quoted" in error.context else "bracket"
        page.problem(
            at.line + 1,
            at.column + 1,
            f"the {what} opened here is not closed properly (noticed at line {line + 1}).",
            f'Close the {what}; text that itself holds brackets, like "2M [1M, 4M] rounds", needs quotes inside {{ }}.',
        )
        return
    if "could not find expected ':'" in what or "block" in what:
        page.problem(
            line + 1,
            min(column, len(row)) + 1,
            "this line does not fit its neighbours.",
            "Write key: value, with the same indent as the lines that belong with it.",
        )
        return
    page.problem(
        line + 1, column + 1, f"this cannot be read as YAML: {what.split(chr(10))[0]}.", "Put text with special characters in quotes."
    )
