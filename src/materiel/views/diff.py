"""What differs between two scenarios, in sentences, in the order of the file.

Both files are compared as they were written, thing by thing: the numbers with their unit, their source, who set them and why;
every other text as text. What one of them alone has is told once, not number by number. The order of keys means nothing.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from materiel.scenario.read import gather
from materiel.scenario.reports import Report
from materiel.scenario.text import Node, tree
from materiel.views import names
from materiel.views.plain import plain

if TYPE_CHECKING:
    from materiel.scenario import Quantity, Scenario

_SINGULAR = {"supplies": "supply", "known_past": "observation", "dependence": "dependence", "series": "series", "goods": "good"}
_ORIGIN = ("source", "quality", "set_by", "note")


@dataclass(frozen=True)
class Origin:
    """A number as it was written, and where it comes from; texts are empty where nothing was written."""

    value: str
    source: str
    quality: str
    set_by: str
    note: str

    @property
    def says(self) -> str:
        """Where it comes from, in one phrase."""
        parts = [self.source, self.quality and f"quality {self.quality}", f"set by {self.set_by}", self.note and f"“{self.note}”"]
        return ", ".join(p for p in parts if p)


@dataclass(frozen=True)
class Difference:
    """One difference: `what` is changed, added or removed; `kind` is number, text, thing or report; `place` is file:line.

    The place is that in the second scenario, and of what was removed that in the first. `before` and `after` are for numbers.
    """

    what: str
    kind: str
    path: str
    place: str
    says: str
    before: Origin | None = None
    after: Origin | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


@dataclass(frozen=True)
class _File:
    """A scenario with the tree of its file."""

    scenario: "Scenario"
    label: str
    root: Node
    numbers: dict[str, "Quantity"]

    def at(self, line: int) -> str:
        return f"{self.label}:{line}"


def diff(one: "Scenario", other: "Scenario") -> list[Difference]:
    """What differs from one scenario to another, in the order of the second's file, then of its reports."""
    a, b = _read(one), _read(other)
    found: list[tuple[int, Difference]] = []
    _walk(a, b, a.root, b.root, b.root.line, found)
    return [d for _, d in sorted(found, key=lambda f: f[0])] + _reports(a, b) + _series(a, b)


def _read(scenario: "Scenario") -> _File:
    numbers = {q.path: q for q in gather(scenario.vocabulary)}
    label = next((q.file for q in numbers.values()), str(scenario.path))
    _, root = tree(label, Path(scenario.path).read_bytes())
    if root is None:
        raise OSError(f"{scenario.path} cannot be read any more")
    return _File(scenario, label, root, numbers)


def _walk(a: _File, b: _File, one: Node, other: Node, line: int, found: list[tuple[int, Difference]]) -> None:
    """Compare two nodes at one path; `line` is the place in the second file that what is found is sorted by."""
    path = other.path
    if path in a.numbers and path in b.numbers:
        told = _number(a, b, path)
        found += [(other.key_line, told)] if told else []
    elif one.kind == other.kind == "mapping":
        last = line
        for key, child in one.items.items():
            if key in other.items:
                last = other.items[key].key_line
            else:
                found.append((last, _alone(a, child, "removed")))
        for key, child in other.items.items():
            if key in one.items:
                _walk(a, b, one.items[key], child, child.key_line, found)
            else:
                found.append((child.key_line, _alone(b, child, "added")))
    elif one.kind == other.kind == "list" and all(n.kind == "text" for n in (*one.items.values(), *other.items.values())):
        found += [(other.key_line, d) for d in _texts(a, b, one, other)]
    elif one.kind == other.kind == "list":
        left, right = list(one.items.values()), list(other.items.values())
        for x, y in zip(left, right, strict=False):
            _walk(a, b, x, y, y.line, found)
        found += [(line, _alone(a, x, "removed")) for x in left[len(right) :]]
        found += [(y.line, _alone(b, y, "added")) for y in right[len(left) :]]
    elif _written(one) != _written(other):
        says = f"{_named(path)}: “{_written(one)}” becomes “{_written(other)}”."
        found.append((other.line, Difference("changed", "text", path, b.at(other.line), says)))


def _number(a: _File, b: _File, path: str) -> Difference | None:
    """A number that is written otherwise, or of which its own lines say another origin.

    Where only the thing round it names another source, that line is told, once.
    """
    p, q = a.numbers[path], b.numbers[path]
    before, after = _origin(a.scenario, p), _origin(b.scenario, q)
    own = [{k: _written(n.items[k]) for k in _ORIGIN if k in n.items} for n in (a.root.find(path), b.root.find(path)) if n]
    if p.text == q.text and (own[0] == own[1] or before == after):
        return None
    name = f"{plain(names.path(b.scenario.vocabulary, path))} ({path})"
    says = f"{name}: {p.shown} becomes {q.shown}." if p.text != q.text else f"{name} stays {q.shown}."
    says += f" Before and after: {after.says}." if before.says == after.says else f" Before: {before.says}. After: {after.says}."
    return Difference("changed", "number", path, b.at(q.line), says, before, after)


def _origin(s: "Scenario", q: "Quantity") -> Origin:
    source = s.vocabulary.sources.get(q.source) if q.source else None
    by = plain(q.set_by or ", ".join(s.vocabulary.authors))
    return Origin(q.shown, plain(source.title) if source else "assumed", q.quality or "", by, plain(q.note or ""))


def _alone(f: _File, node: Node, what: str) -> Difference:
    """A thing or a text that one of the files alone has."""
    held = [f.numbers[n.path] for n in node.walk() if n.path in f.numbers]
    line = node.key_line if node.parent is None or node.parent.kind == "mapping" else node.line
    if node.path in f.numbers:
        told = _origin(f.scenario, f.numbers[node.path])
        says = f"{plain(names.path(f.scenario.vocabulary, node.path))} ({node.path}) is {what}: {told.value}. {_upper(told.says)}."
        ends = (told, None) if what == "removed" else (None, told)
        return Difference(what, "number", node.path, f.at(line), says, *ends)
    said = f"{_named(node.path)} is {what}"
    if node.kind == "text":
        says = f"{said}: “{_written(node)}”."
    else:
        assumed = sum(q.assumed for q in held)
        count = f", with {len(held)} number{'s' if len(held) != 1 else ''}" + (f", {assumed} of them assumed" if assumed else "")
        says = f"{said}{count if held else ''}{_title(node)}."
    return Difference(what, "text" if node.kind == "text" else "thing", node.path, f.at(line), says)


def _title(node: Node) -> str:
    """What a thing says of itself."""
    told = next((node.items[k] for k in ("says", "name", "title") if k in node.items), None)
    return f": “{_written(told).rstrip('.')}”" if told is not None and told.kind == "text" else ""


def _texts(a: _File, b: _File, one: Node, other: Node) -> list[Difference]:
    """A list of texts: what came and what went, or that the order is another."""
    left, right = ({_written(n): n for n in node.items.values()} for node in (one, other))
    path, name = other.path, _named(other.path)
    gone = [Difference("removed", "text", path, a.at(n.line), f"{name}: “{t}” is removed.") for t, n in left.items() if t not in right]
    come = [Difference("added", "text", path, b.at(n.line), f"{name}: “{t}” is added.") for t, n in right.items() if t not in left]
    if not gone and not come and [_written(n) for n in one.items.values()] != [_written(n) for n in other.items.values()]:
        return [Difference("changed", "text", path, b.at(other.line), f"{name}: the same in another order.")]
    return gone + come


def _written(node: Node) -> str:
    """A text on one line; a value that is written as a mapping by its `value`."""
    if node.kind == "mapping" and "value" in node.items:
        return _written(node.items["value"])
    return plain(node.text) if node.kind == "text" else "a group" if node.kind in ("mapping", "list") else "nothing"


def _named(path: str) -> str:
    """`claims.paired.says` -> `Claim paired, says`."""
    room, _, rest = path.partition(".")
    if not rest:
        return _upper(room.replace("_", " "))
    single = _SINGULAR.get(room, room.removesuffix("s")).replace("_", " ")
    thing, _, field = rest.partition(".")
    if room == "stocks":  # the id of a stock has a dot
        good, _, field = field.partition(".")
        thing = f"{thing}.{good}"
    return _upper(plain(f"{single} {thing}{f', {field}' if field else ''}"))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _reports(a: _File, b: _File) -> list[Difference]:
    """Rows of the tables of reports, by their ids."""
    left, right = ({r.id: r for r in f.scenario.reports} for f in (a, b))
    out = [_row(a, r, "removed", _of(r)) for r in left.values() if r.id not in right]
    for r in right.values():
        if r.id not in left:
            out.append(_row(b, r, "added", _of(r)))
            continue
        was = left[r.id]
        changed = [
            f"{x.name} {_cell(getattr(was, x.name))} becomes {_cell(getattr(r, x.name))}"
            for x in fields(Report)
            if x.name != "line" and getattr(was, x.name) != getattr(r, x.name)
        ]
        out += [_row(b, r, "changed", f"{'; '.join(changed)}.")] if changed else []
    return out


def _row(f: _File, r: Report, what: str, says: str) -> Difference:
    table = f"{f.label.rpartition('scenario.yaml')[0]}reports.csv"
    verb = "" if what == "changed" else f" is {what}"
    return Difference(what, "report", r.id, f"{table}:{r.line}", f"Report {r.id}{verb}: {says}")


def _of(r: Report) -> str:
    values = [x for x in (r.low, r.central, r.high) if x is not None]
    said = " to ".join(dict.fromkeys(f"{x:,.10g}" for x in (values[:1] + values[-1:])))
    return plain(f"{r.speaker} of {r.published_latest}, {r.quantity} of {r.subject}, {r.stance} {said} {r.unit}.")


def _cell(value: object) -> str:
    return "nothing" if value in (None, "") else f"“{plain(value)}”"


def _series(a: _File, b: _File) -> list[Difference]:
    """Points of the series that both have."""
    out = []
    for name, points in b.scenario.series.items():
        if name not in a.scenario.series:
            continue
        before, after = ({(p.first, p.last, p.value) for p in of} for of in (a.scenario.series[name], points))
        if before != after:
            says = f"Series {name}: {len(after - before)} points are new or other, {len(before - after)} are gone or were other."
            out.append(Difference("changed", "report", name, b.label, says))
    return out


def lines(found: Iterable[Difference]) -> list[str]:
    """The differences for a terminal."""
    return [f"{d.place}\n    {d.says}" for d in found]


def counted(found: list[Difference]) -> str:
    """How many differences of each kind there are."""
    if not found:
        return "No difference: both say the same, in whatever layout."
    kinds = Counter(d.kind for d in found)
    said = [f"{n} {kind}{'s' if n != 1 else ''}" for kind in ("number", "thing", "text", "report") if (n := kinds[kind])]
    return f"{len(found)} difference{'s' if len(found) != 1 else ''}: {', '.join(said)}."
