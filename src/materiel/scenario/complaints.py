"""Pydantic's errors in the words of the scenario: which thing, which field, and what to type."""

import types
import typing
from typing import Any

from pydantic import BaseModel, ValidationError

from materiel.scenario.errors import ENOUGH, nearest
from materiel.scenario.quantity import Kind
from materiel.scenario.text import AGAIN, Node, Page
from materiel.scenario.units import RULES
from materiel.scenario.vocabulary import Vocabulary

_NOUNS = {
    "Vocabulary": "scenario", "Line": "line of production", "Cover": "use of fire", "Steady": "use of fire", "Drawdown": "use of fire",
    "SideInAttrition": "side", "Force": "force", "Observation": "observation", "Export": "export part", "Fire": "fire section",
    "Front": "front", "Attrition": "attrition section", "Ageing": "ageing part",
    "CallUp": "call-up", "AtTable": "side at the table", "Donor": "ally", "ChaosStep": "step of chaos", "Tests": "test series",
    "Evidence": "evidence section", "Answer": "quantity of the ledger", "Silence": "entry on silence",
}  # fmt: skip
_PATTERNS = {
    "side": "Write a (receives the pact's materiel) or b (opposes the receiver).",
    "attacker": "Write a or b.",
    "unit": "Write rounds or people.",
    "quality": "Write an Admiralty code, a letter A to F and a digit 1 to 6, e.g. B2.",
    "force": "Write is, would, would if, could or expected; of an assertion also motive or rhetorical.",
    "finding": "Write agrees, disagrees, disputed or not found.",
    "what": "Write visit, recognition, vote, launch, test, statement, denial, agreement, trade or decision.",
    "threshold_by": "Write article, ours or observers.",
    "as": "Write change or daily; under evidence also total, level, and for quantities ratio, yes or plan.",
    "form": "Write linear or log.",
}


def _inner(annotation: Any) -> Any:
    """An annotation without Annotated and `| None`."""
    while True:
        origin = typing.get_origin(annotation)
        if origin is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif origin in (typing.Union, types.UnionType):
            annotation = next(a for a in typing.get_args(annotation) if a is not type(None))
        else:
            return annotation


def model_at(loc: tuple[Any, ...]) -> tuple[type[BaseModel] | None, bool]:
    """The class of the thing at this place, and whether its last step was an id (and not a field)."""
    now: Any = Vocabulary
    by_id = False
    for part in loc:
        if isinstance(now, type) and issubclass(now, BaseModel):
            field = next((f for n, f in now.model_fields.items() if (f.alias or n) == part), None)
            if field is None:
                return None, False
            now, by_id = _inner(field.annotation), False
        else:
            arguments = [a for a in typing.get_args(now) if a is not Ellipsis]
            if not arguments:
                return None, False
            now, by_id = _inner(arguments[-1]), True
    return (now, by_id) if isinstance(now, type) and issubclass(now, BaseModel) else (None, False)


def names(model: type[BaseModel]) -> list[str]:
    """The fields as they are written in the file."""
    return [f.alias or n for n, f in model.model_fields.items()]


def describe(loc: tuple[Any, ...]) -> str:
    """`stock "north.shell"`, `the front`, `the scenario`."""
    model, by_id = model_at(loc)
    word = _NOUNS.get(model.__name__, model.__name__.lower()) if model else "part"
    return f'{word} "{loc[-1]}"' if by_id else f"the {word}"


def _kind(model: type[BaseModel], name: str) -> Kind | None:
    for n, f in model.model_fields.items():
        if (f.alias or n) == name:
            held = list(f.metadata)
            for a in typing.get_args(f.annotation):
                held += list(getattr(a, "__metadata__", ()))
            return next((m for m in held if isinstance(m, Kind)), None)
    return None


def _article(noun: str) -> str:
    return noun if noun.startswith("the ") else ("an " if noun[0] in "aeiou" else "a ") + noun


def note(page: Page, root: Node, error: ValidationError) -> None:
    """Every error of one validation onto the page."""
    errors = error.errors(include_url=False, include_input=False)[:ENOUGH]
    misspelt = set()  # fields that are missing only because their name is misspelt
    for e in errors:
        model, _ = model_at(tuple(e["loc"][:-1]))
        if e["type"] == "extra_forbidden" and model is not None:
            misspelt.add((*e["loc"][:-1], nearest(str(e["loc"][-1]), names(model))))
    for e in errors:
        if e["type"] == "missing" and tuple(e["loc"]) in misspelt:
            continue
        _one(page, root, tuple(e["loc"]), str(e["type"]), e.get("ctx") or {}, str(e["msg"]))


def _one(page: Page, root: Node, loc: tuple[Any, ...], kind: str, context: dict[str, Any], said: str) -> None:
    loc = tuple(p for p in loc if p != "[key]")
    node = root.find(".".join(str(p) for p in loc))
    parent = root.find(".".join(str(p) for p in loc[:-1])) or root
    at = (node.line, node.column) if node else (parent.key_line, parent.key_column)
    if (node is not None and node.kind == "empty") or (loc and AGAIN in str(loc[-1])):
        return  # noted already
    if kind == "quantity":
        place = (context["line"] or at[0], context["column"] or at[1])
        page.problem(*place, context["what"], context["help"])
        return
    name = str(loc[-1]) if loc else ""
    model, _ = model_at(loc[:-1])
    if kind == "extra_forbidden" and model is not None and node is not None:
        near = nearest(name, names(model))
        help = (f'Did you mean "{near}"? ' if near else "") + "Fields: " + ", ".join(names(model)) + "."
        noun = describe(loc[:-1])
        page.problem(node.key_line, node.key_column, f'"{name}" is not a field of {_article(noun.partition(" " + chr(34))[0])}.', help)
        return
    if kind == "missing" and model is not None:
        what = describe(loc[:-1])
        page.problem(*at, f'{what} has no "{name}".', f"Add e.g. {example(model, name)}")
        return
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        page.problem(*at, f'"{name}" must be a group of `key: value` lines.', f"Indent them below {name}: or write {{}} for none.")
        return
    if kind == "tuple_type":
        page.problem(*at, f'"{name}" must be a list.', f"Write {name}: [first, second]")
        return
    if kind in ("too_long", "too_short"):
        page.problem(*at, f'"{name}" has the wrong number of entries.', f"{name} takes two courses, e.g. [pact, no_pact].")
        return
    if kind == "string_pattern_mismatch":
        written = node.text if node else ""
        page.problem(*at, f'"{written}" cannot stand for "{name}".', _PATTERNS.get(name, "See the list of fields in the docs."))
        return
    if kind == "string_type":
        page.problem(*at, f'"{name}" must be text on one line.', "Check the indents below it.")
        return
    written = f'"{node.text}"' if node and node.kind == "text" else "this"
    sentence = said[0].lower() + said[1:]
    whole = (
        "Write a whole number."
        if "integer" in sentence
        else "Write a number."
        if "number" in sentence
        else "See the list of fields in the docs."
    )
    page.problem(*at, f'{written} cannot stand for "{name}": {sentence}.', whole)


def example(model: type[BaseModel], name: str) -> str:
    """One line that would mend a missing field."""
    kind = _kind(model, name)
    if kind:
        return f"{name}: {kind.words[0] if kind.words else RULES[kind.name].example}"
    field = next(f for n, f in model.model_fields.items() if (f.alias or n) == name)
    inner = _inner(field.annotation)
    origin = typing.get_origin(inner)
    if name in ("as_of", "begins", "ends", "published"):
        return f"{name}: 2023-06-04"
    if name == "measure":
        return "measure: held[north.shell]; see docs on claims"
    if name == "holds_if":
        return "holds_if: lower by 60 km2 or more; see docs on claims"
    if origin is tuple:
        return f"{name}: [first, second]"
    if origin is dict:
        return f"{name}: {{}} (or lines below it)"
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return f"{name}: and indented below it " + ", ".join(names(inner)[4:8])
    return f"{name}: 1" if inner in (int, float) else f"{name}: a few words"
