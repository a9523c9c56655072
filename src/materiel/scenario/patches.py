"""Courses and alternatives: flat patches `path: number` on the numbers of the scenario, never on its structure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from materiel.scenario.dates import read_date
from materiel.scenario.errors import ENOUGH, Wrong, nearest
from materiel.scenario.quantity import Misplaced, Quantity, Reading, read
from materiel.scenario.scenario import Choice, ChoiceOption, Course
from materiel.scenario.text import AGAIN, Node, Page
from materiel.scenario.vocabulary import Vocabulary

RESERVED = ("from", "says", "conceived_after")
ADD = "A course or option only changes numbers: write it into the scenario at scale 0 and let the course raise it."


class Patcher:
    """Reads patches against the numbers they change; problems go onto the page."""

    def __init__(self, page: Page, root: Node, quantities: dict[str, Quantity], reading: Reading) -> None:
        self.page, self.root, self.quantities, self.reading = page, root, quantities, reading

    def courses(self, vocabulary: Vocabulary) -> dict[str, Course]:
        """Every course by name."""
        made = {}
        for name, fields in vocabulary.courses.items():
            where = self.root.find(f"courses.{name}")
            assert where is not None
            said = {k: where.items[k] for k in RESERVED if k in where.items}
            for key, node in said.items():
                if node.kind != "text":
                    self.page.problem(
                        node.line, node.column, f'"{key}" of a course must be text on one line.', "Check the indents below it."
                    )
            day = self._first(said["from"]) if "from" in said else 0
            conceived: bool | str | None = said["conceived_after"].text if "conceived_after" in said else None
            conceived = {"true": True, "false": False}.get(str(conceived), conceived)
            changes = {k: v for k, v in fields.items() if k not in RESERVED}
            says = said["says"].text if "says" in said else ""
            made[name] = Course(name, " ".join(says.split()), day, conceived, self._set(changes, where, RESERVED))
            if "from" in said and not changes:
                node = said["from"]
                self.page.problem(
                    node.key_line,
                    node.key_column,
                    f'course "{name}" has a date but changes nothing.',
                    "Add a path and its number, or delete from.",
                )
        return made

    def alternatives(self, vocabulary: Vocabulary) -> dict[str, Choice]:
        """Every structural question by name, weights as written."""
        made = {}
        for name, question in vocabulary.alternatives.items():
            options = []
            for key, option in question.options.items():
                where = self.root.find(f"alternatives.{name}.options.{key}.set")
                patch = self._set(option.set, where, ()) if where else {}
                options.append(ChoiceOption(key, option.weight.at(0.5), " ".join(option.says.split()), patch))
            made[name] = Choice(name, " ".join(question.says.split()), question.chosen_by, tuple(options))
        return made

    def _first(self, node: Node) -> int:
        try:
            return (read_date(node.text) - self.reading.begins).days
        except Wrong as e:
            self.page.problem(node.line, node.column, e.message, e.help)
            return 0

    def _set(self, changes: dict[str, Any], where: Node, reserved: tuple[str, ...]) -> dict[str, Quantity]:
        made = {}
        for path, value in changes.items():
            node = where.items.get(path)
            if node is None or node.kind == "empty" or AGAIN in path:
                continue  # noted already
            base = self.quantities.get(path)
            if base is None and len(self.page.problems) > ENOUGH:
                break
            if base is None:
                self._unknown(path, node, reserved)
                continue
            try:
                new = read(value, base.kind, base.words, self.reading)
            except Misplaced as e:
                self.page.problem(e.line or node.line, e.column or node.column, e.message, e.help)
                continue
            if new.unit != base.unit:
                self.page.problem(
                    new.line,
                    new.column,
                    f'"{new.text}" is in {new.unit}; "{path}" is in {base.unit} (line {base.line}).',
                    f"Write it in {base.unit}.",
                )
                continue
            made[path] = replace(new, path=path, draw_name=base.draw_name)
        return made

    def _unknown(self, path: str, node: Node, reserved: tuple[str, ...]) -> None:
        line, column = node.key_line, node.key_column
        there = self.root.find(path)
        near = nearest(path, [*self.quantities, *reserved])
        meant = f'Did you mean "{near}"? ' if near else ""
        if there is not None and there.kind in ("mapping", "list"):
            inside = [p for p in self.quantities if p.startswith(path + ".")][:3]
            help = f"Write the whole path on one line, e.g. {inside[0]}: ... . " if inside else ""
            self.page.problem(line, column, f'"{path}" is a part of the scenario, not a number.', help + ADD)
        elif there is not None:
            self.page.problem(line, column, f'"{path}" is not a number; only numbers, dates and switches can be changed.', meant + ADD)
        else:
            self.page.problem(line, column, f'"{path}" is not in the scenario.', meant + ADD)
