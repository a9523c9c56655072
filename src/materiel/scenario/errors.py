"""What is wrong with a scenario file, said so that a person can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

MOST_SHOWN = 20
ENOUGH = 200  # problems after which checks of a hopeless file stop


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is (line and column from 1), what is wrong, and what to type instead.

    `severity` is "error" or "warning"; `excerpt` is the line of the file, shown with a caret below it.
    """

    file: str
    line: int
    column: int
    message: str
    help: str
    severity: str = "error"
    excerpt: str = ""

    def __str__(self) -> str:
        word = "warning: " if self.severity == "warning" else ""
        lines = [f"{self.file}:{self.line}:{self.column}: {word}{self.message}"]
        if self.excerpt:
            start = max(0, self.column - 61)  # a very long line is shown round the caret
            lines += ["    " + self.excerpt[start : start + 120].replace("\t", " "), "    " + " " * (self.column - 1 - start) + "^"]
        if self.help:
            lines.append(f"help: {self.help}")
        return "\n".join(lines)


class ScenarioError(Exception):
    """A scenario that cannot be used; `problems` holds every mistake found, in order of line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: list[Problem] = in_order(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        shown = [str(p) for p in self.problems[:MOST_SHOWN]]
        if len(self.problems) > MOST_SHOWN:
            shown.append(f"and {len(self.problems) - MOST_SHOWN} more")
        return "\n".join(shown)


class Wrong(Exception):
    """A mistake inside one text, before its place in the file is known; `offset` counts characters into the text."""

    def __init__(self, message: str, help: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message, self.help, self.offset = message, help, offset


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """The problems once each, sorted by place."""
    return sorted(dict.fromkeys(problems), key=lambda p: (p.file, p.line, p.column, p.message))


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known word that looks most like this one, or None."""
    names = list(known)
    if len(names) > 2_000 or len(word) > 100:
        return None  # too slow to be worth it
    match = get_close_matches(word, names, n=1, cutoff=cutoff) or get_close_matches(word.lower(), names, n=1, cutoff=cutoff)
    return match[0] if match else None


def not_found(path: Path, nearby: Iterable[str]) -> ScenarioError:
    """The file does not exist; list what could have been meant."""
    names = list(nearby)
    near = nearest(path.name, names) or nearest(str(path), names)
    listed = ", ".join(names[:10]) if names else "none"
    help = (f'Did you mean "{near}"? ' if near else "") + f"Scenarios that can be loaded here: {listed}."
    return ScenarioError([Problem(str(path), 1, 1, f'there is no scenario "{path}".', help)])
