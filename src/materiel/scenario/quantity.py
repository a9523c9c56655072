"""A number of the scenario: what was written, where, by whom, and what it means in canonical units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from materiel.scenario.dates import parse_dates
from materiel.scenario.distributions import Distribution, Exact
from materiel.scenario.errors import Wrong, nearest
from materiel.scenario.notation import parse
from materiel.scenario.text import Node

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIELDS = ("value", "source", "quality", "set_by", "note")


@dataclass(frozen=True)
class Quantity:
    """One number, exact or with a range.

    `unit` is the canonical unit ("date" for days since the first day, "word" for the index of a switch); `known` is
    the day its source was published; `draw_name` names the uniform it is drawn with.
    """

    path: str
    text: str
    distribution: Distribution
    kind: str
    unit: str
    source: str | None
    known: date | None
    quality: str | None
    set_by: str | None
    note: str | None
    file: str
    line: int
    column: int
    draw_name: str
    words: tuple[str, ...] = ()
    said: bool = False  # whether the file says where it comes from, be it only "assumed"

    def value(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at uniforms in (0, 1), same shape, canonical units; never decreasing in u."""
        return self.distribution.value(u)

    @property
    def exact(self) -> bool:
        """No range was given."""
        return isinstance(self.distribution, Exact)

    @property
    def assumed(self) -> bool:
        """No source was given."""
        return self.source is None

    def at(self, u: float) -> float:
        """The value at one uniform."""
        if isinstance(self.distribution, Exact):
            return self.distribution.number
        import numpy as np

        return float(self.value(np.array([u]))[0])

    @property
    def low(self) -> float:
        """The 5 % quantile."""
        return self.at(0.05)

    @property
    def median(self) -> float:
        return self.at(0.5)

    @property
    def high(self) -> float:
        """The 95 % quantile."""
        return self.at(0.95)

    @property
    def shown(self) -> str:
        """For people: as written, unit included."""
        return self.text


@dataclass
class Reading:
    """What a number must know of the file it stands in."""

    file: str
    begins: date
    published: dict[str, date | None]


@dataclass(frozen=True)
class Kind:
    """Marks a field as a number of this kind (see units.RULES); a switch also lists its words."""

    name: str
    words: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        from materiel.scenario.schema import quantity_schema

        return quantity_schema(self.name, self.words)

    def _validate(self, value: Any, info: Any) -> Quantity:
        from pydantic_core import PydanticCustomError

        try:
            return read(value, self.name, self.words, info.context)
        except Misplaced as e:
            context = {"what": e.message, "help": e.help, "line": e.line, "column": e.column}
            raise PydanticCustomError("quantity", "{what}", context) from None


class Misplaced(Wrong):
    """A mistake with its place in the file."""

    def __init__(self, message: str, help: str, line: int, column: int) -> None:
        super().__init__(message, help)
        self.line, self.column = line, column


def read(value: Any, kind: str, words: tuple[str, ...], reading: Reading) -> Quantity:
    """A text or a mapping with `value` to a Quantity. Raises Misplaced."""
    node: Node | None = getattr(value, "node", None)
    if node is None:
        raise Misplaced("this has no value.", "Write a number with its unit, or delete the line.", 0, 0)
    leaf = node
    if node.kind == "mapping":
        for key, child in node.items.items():
            if child.kind == "empty":
                continue  # noted by the reader of the file
            if key not in FIELDS:
                near = nearest(key, FIELDS)
                help = (f'Did you mean "{near}"? ' if near else "") + "Fields: " + ", ".join(FIELDS) + "."
                raise Misplaced(f'"{key}" is not a field of a number.', help, child.key_line, child.key_column)
            if child.kind != "text":
                raise Misplaced(f'"{key}" must be text.', "Write it on the same line.", child.line, child.column)
        if "value" not in node.items:
            raise Misplaced(
                f'"{node.key}" has no "value".', "Write the number, e.g. value: 1M to 2M rounds", node.key_line, node.key_column
            )
        leaf = node.items["value"]
    elif node.kind != "text":
        raise Misplaced(f'"{node.key}" must be one number, not a list.', "Write a number with its unit.", node.line, node.column)
    try:
        distribution, unit = _parse(leaf.text, kind, words, reading)
    except Wrong as e:
        raise Misplaced(e.message, e.help, leaf.line, leaf.column + e.offset) from None
    origin = provenance(node)
    source = origin.get("source")
    source = None if source == "assumed" else source
    return Quantity(
        path=node.path, text=" ".join(leaf.text.split()), distribution=distribution, kind=kind, unit=unit, source=source,
        known=reading.published.get(source) if source else None, quality=origin.get("quality"), set_by=origin.get("set_by"),
        note=origin.get("note"), file=reading.file, line=leaf.line, column=leaf.column, draw_name=_draw_name(node.path), words=words,
        said="source" in origin,
    )  # fmt: skip


def _draw_name(path: str) -> str:
    """The name a number is drawn by: its path, or that of the whole series for the rates of a supply."""
    series = re.fullmatch(r"(supplies\..+\.steps)\.\d+\.rate", path)
    return series[1] if series else path


def _parse(text: str, kind: str, words: tuple[str, ...], reading: Reading) -> tuple[Distribution, str]:
    if kind == "switch":
        if text not in words:
            near = nearest(text, words)
            raise Wrong(
                f'"{text}" is not one of the words allowed here.',
                (f'Did you mean "{near}"? ' if near else "") + "Words: " + ", ".join(words) + ".",
            )
        return Exact(float(words.index(text))), "word"
    if kind == "date":
        return parse_dates(text, reading.begins), "date"
    return parse(text, kind)


def provenance(node: Node) -> dict[str, str]:
    """Source, quality, set_by and note of a number: its own, else those of the thing it belongs to.

    Quality, set_by and note are taken from no further out than the source, so that one source's note is never
    shown with another's number.
    """
    found: dict[str, str] = {}
    at: Node | None = node
    while at is not None and at.parent is not None:
        if at.kind == "mapping" or at.kind == "list":
            for name in FIELDS[1:]:
                held = at.items.get(name) if at.kind == "mapping" else None
                if held is not None and held.kind == "text" and name not in found:
                    found[name] = held.text
            if "source" in found:
                break
        at = at.parent
    return found
