"""The JSON Schema of a scenario file, for editors: completion, field descriptions, first mistakes underlined."""

from typing import Any


def quantity_schema(kind: str, words: tuple[str, ...]) -> dict[str, Any]:
    """A number as it may be written: text, a bare number, or an object with its source."""
    if words:
        value: dict[str, Any] = {"type": "string", "enum": list(words)}
    else:
        from materiel.scenario.units import RULES

        rule = RULES[kind]
        units = " or ".join(u for u in rule.units if u)
        about = f"{rule.what}{f' in units like {units}' if units else ''}, e.g. {rule.example}"
        value = {"type": ["string", "number"], "description": about}
    carried = {name: {"type": "string"} for name in ("source", "quality", "set_by", "note")}
    whole = {"type": "object", "required": ["value"], "additionalProperties": False, "properties": {"value": value, **carried}}
    return {"anyOf": [value, whole]}


def json_schema() -> dict[str, Any]:
    """The schema of a whole scenario file."""
    from materiel.scenario.vocabulary import Vocabulary

    made = Vocabulary.model_json_schema(by_alias=True)
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "materiel scenario"
    return made
