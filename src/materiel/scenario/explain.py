"""A scenario in plain sentences, so that its author can read what the program understood.

Everything that was read is printed: each thing once, its numbers with their ranges, and where they come from. A line
that slipped to another thing by its indent is printed with that other thing.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel

from materiel.scenario.kinds import Thing
from materiel.scenario.quantity import Quantity
from materiel.scenario.scenario import Scenario
from materiel.scenario.vocabulary import Vocabulary

WIDTH = 110
_ORIGIN = ("source", "quality", "set_by", "note")
_TITLES = {
    "sources": "Sources",
    "actors": "Who takes part",
    "goods": "What is held, moved and used",
    "stocks": "What is held on the first day",
    "production": "What is made",
    "routes": "Routes",
    "offers": "Offers",
    "supplies": "Declared deliveries",
    "fire": "How rounds are used",
    "attrition": "Losses",
    "manpower": "People",
    "front": "The front",
    "talks": "What each side could hold out and expect at a table",
    "coalition": "Allies",
    "bargains": "Bargains: rounds for payment",
    "sanctions": "Sanctions",
    "programmes": "Programmes",
    "tests": "Tests",
    "dependence": "Who depends on whom",
    "region": "The region",
    "events": "What happened",
    "assertions": "What the text under examination asserts",
    "evidence": "What reports say of the worlds",
    "alternatives": "Questions on which experts disagree",
    "courses": "Courses",
    "levers": "What a person may move",
    "claims": "Claims",
    "known_past": "What observers saw",
}


def explain(scenario: Scenario) -> str:
    """The scenario in sentences, lines at most WIDTH characters."""
    v = scenario.vocabulary
    out = [f"{_text(v.scenario)}, version {v.version}, by {_list(v.authors)}.", _text(v.says)]
    out.append(
        f"It runs from {scenario.begins} to {scenario.ends} ({scenario.days} days, step {scenario.step:g} day), "
        f"as known on {scenario.as_of}."
    )
    assumed = sum(q.assumed for q in scenario.quantities.values())
    ranges = sum(not q.exact for q in scenario.quantities.values())
    out.append(f"It has {len(scenario.quantities)} numbers; {ranges} are ranges, {assumed} are assumed. `A to B` is a 90 % interval.")
    if scenario.reports:
        last = max(r.published_latest for r in scenario.reports)
        answered = sum(v.evidence is not None and v.evidence.answer(r) is not None for r in scenario.reports)
        out.append(f"Beside it stand {len(scenario.reports)} reports, published by {last}; measures answer {answered} of them.")
    lines = [line for text in out for line in _wrap(text, 0)]
    for section, title in _TITLES.items():
        held = getattr(v, section)
        if not held or (isinstance(held, BaseModel) and not any(held.__dict__.values())):
            continue
        lines += ["", title]
        if section == "courses":
            lines += _courses(scenario)
        elif isinstance(held, BaseModel):
            lines += _parts(held, v, 1)
        else:
            for name, thing in held.items():
                lines += _thing(name, thing, v, 1, {})
    lines += ["", "Charts"]
    lines += _wrap(f"Kept week by week: {_list(v.charts) or 'nothing'}; for {_list(v.chart_courses) or 'no course'}.", 1)
    lines += ["", "Not modelled"]
    for item in v.not_modelled or ("Nothing was written here.",):
        lines += _wrap(_text(item), 1)
    return "\n".join(lines) + "\n"


def _text(value: object) -> str:
    return " ".join(str(value).split())


def _list(values: Iterable[object]) -> str:
    items = [_text(x) for x in values]
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1] if items else ""


def _wrap(text: str, depth: int) -> list[str]:
    indent = "  " * depth
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ", break_long_words=False, break_on_hyphens=False
    )


def _label(name: str) -> str:
    return name.rstrip("_").replace("_", " ")


Basis = dict[str, str]


def _origin(q: Quantity, basis: Basis) -> str:
    """Where a number comes from, if not from where its thing comes from."""
    said = []
    if q.source != basis.get("source"):
        said.append(f"source {q.source}" if q.source else "assumed")
    for name in _ORIGIN[1:]:
        mine = getattr(q, name)
        if mine and mine != basis.get(name):
            said.append(f"{_label(name)}: {_text(mine)}")
    return f" ({'; '.join(said)})" if said else ""


def _basis_of(thing: BaseModel, outer: Basis) -> Basis:
    """What holds for the numbers of a thing: its own words, and those of the thing round it if it names no source."""
    own = {name: str(getattr(thing, name)) for name in _ORIGIN if isinstance(thing, Thing) and getattr(thing, name) is not None}
    whole = own if "source" in own else outer | own
    return {k: v for k, v in whole.items() if v != "assumed" or k != "source"}


def _number(label: str, q: Quantity, basis: Basis) -> str:
    return f"{label} {q.shown}{_origin(q, basis)}"


def _lead(name: str, thing: BaseModel, v: Vocabulary) -> tuple[str, set[str]]:
    """The start of a thing's sentence, and the fields that it has told."""
    templates: dict[str, Callable[[Any], tuple[str, set[str]]]] = {
        "Actor": lambda t: (f"{t.name} ({name}) " + (f"is side {t.side}" if t.side else "is on no side"), {"name", "side"}),
        "Good": lambda t: (f"{t.name} ({name}), counted in {t.unit}", {"name", "unit"}),
        "Stock": lambda t: (f"{name}", set()),
        "Line": lambda t: (f"Line {name} of {t.actor}", {"actor"}),
        "Route": lambda t: (f"Route {name} goes from {t.from_} to {t.to} and carries {_list(t.carries)}", {"from_", "to", "carries"}),
        "Offer": lambda t: (f"Offer {name}: {t.from_} sends to {t.to} by {_list(t.by)}", {"from_", "to", "by"}),
        "Supply": lambda t: (f"Supply {name}: {t.from_} sends {t.good} to {t.to}", {"from_", "to", "good"}),
        "Cover": lambda t: (f"{name}: {t.actor} fires {_list(t.goods)} by days of cover", {"actor", "goods"}),
        "Steady": lambda t: (f"{name}: {t.actor} uses {_list(t.goods)} steadily", {"actor", "goods"}),
        "Drawdown": lambda t: (f"{name}: {t.actor} uses up {_list(t.goods)}", {"actor", "goods"}),
        "SideInAttrition": lambda t: (f"Side {name}: {t.actor}, whose people are {t.troops}", {"actor", "troops"}),
        "Force": lambda t: (f"Side {name}: {t.actor}, whose people are {t.troops}", {"actor", "troops"}),
        "Axis": lambda t: (f"Axis {name}, {t.name}: side {t.attacker} attacks", {"name", "attacker"}),
        "Operation": lambda t: (f"Operation {name} of side {t.side}", {"side"}),
        "Alternative": lambda t: (f"{name}: {_text(t.says)} Chosen by {_text(t.chosen_by)}", {"says", "chosen_by"}),
        "Option": lambda t: (f"{name}, weight {t.weight.shown}: {_text(t.says)}", {"weight", "says"}),
        "Lever": lambda t: (
            f"{name}, {_text(t.name)}: {t.held_by} can move {t.moves} from {t.low:g} to {t.high:g}",
            {"name", "held_by", "moves", "low", "high"},
        ),
        "Claim": lambda t: (f"{name}: {_text(t.says)} Tested on {_text(t.measure)}, {_text(t.holds_if)}", {"says", "measure", "holds_if"}),
        "Observation": lambda t: (
            f"{name}: {_text(t.observer)} saw {t.seen.shown} of {_text(t.measure)} over {_text(t.over)}",
            {"observer", "seen", "measure", "over"},
        ),
        "CallUp": lambda t: ("Call-up: a decision that is likelier the more people are missing", set()),
        "AtTable": lambda t: (f"Side {name}: its shells are those of {t.use}", {"use"}),
        "Donor": lambda t: (f"Ally {name}: {t.actor}, counted in {t.group}", {"actor", "group"}),
        "Bargain": lambda t: (f"Bargain {name} over offer {t.offer}: the need is read from {t.use}", {"offer", "use"}),
        "Payment": lambda t: (f"Paid in {name}", set()),
        "Technology": lambda t: (f"Paid in technology: {name}", set()),
        "Regime": lambda t: (f"Regime {name}, enforced by {_list(t.by)}", {"by"}),
        "Programme": lambda t: (f"Programme {name} of {t.actor}", {"actor"}),
        "Milestone": lambda t: (
            f"Milestone {name}, {t.name}" + (f", which {t.technology} speeds" if t.technology else ", which nothing speeds"),
            {"name", "technology"},
        ),
        "Tests": lambda t: (
            f"Test series {name} of {t.actor}" + (f", restrained by the patrons of {t.dependence}" if t.dependence else ""),
            {"actor", "dependence"},
        ),
        "Dependence": lambda t: (
            f"Dependence {name}: on whom {t.actor} depends; the first patron is {next(iter(t.patrons), 'nobody')}",
            {"actor"},
        ),
        "Patron": lambda t: (f"Patron {name}: {t.actor}", {"actor"}),
        "Member": lambda t: (f"Member {name}: {t.actor}", {"actor"}),
        "Event": lambda t: (
            f"{name}, {t.what} of {_list(t.who)}: {_text(t.says)}" + (f" It moves the alignment with {t.aligns}" if t.aligns else ""),
            {"what", "who", "says", "aligns"},
        ),
        "Assertion": lambda t: (
            f"{name}, said by {_text(t.voice)} as {t.force}: {_text(t.says)} Kind: {_list(t.kind)}",
            {"voice", "force", "says", "kind"},
        ),
        "Family": lambda t: (f"Family {name}: {t.name}", {"name"}),
        "Answer": lambda t: (
            f"{t.quantity or name} of {t.subject} is answered by {_text(t.measure)}"
            + (f" over {_text(t.to)}" if t.to else "")
            + f" ({t.as_}{', linear' if t.form == 'linear' else ''})",
            {"quantity", "subject", "measure", "to", "as_", "form"},
        ),
        "Series": lambda t: (
            f"Series {name}, counted by {t.family} in {t.file}, is answered by {_text(t.measure)} ({t.as_})"
            + (f", with the factor of {t.same_factor_as}" if t.same_factor_as else "")
            + ("; it may be absent" if t.optional else ""),
            {"file", "family", "measure", "as_", "same_factor_as", "optional"},
        ),
        "Silence": lambda t: (f"Family {name} would report {t.of}", {"of"}),
        "Source": lambda t: (f"{name}: {_text(t.title)}, published {t.published}", {"title", "published"}),
    }
    make = templates.get(type(thing).__name__)
    return make(thing) if make else (_label(name), set())


def _thing(name: str, thing: BaseModel, v: Vocabulary, depth: int, outer: Basis) -> list[str]:
    lead, told = _lead(name, thing, v)
    basis = _basis_of(thing, outer)
    rest, below = _fields(thing, told, v, depth + 1, basis)
    joint = "" if lead.endswith((".", "?", "!")) else ":" if not told else ";"
    sentence = lead + (f"{joint} " + "; ".join(rest) if rest else "")
    sentence = sentence if sentence.endswith((".", "?", "!")) else sentence + "."
    return _wrap(sentence + _said(thing, basis, outer), depth) + below


def _said(thing: BaseModel, basis: Basis, outer: Basis) -> str:
    """The source that holds for the numbers of a thing."""
    if not isinstance(thing, Thing):
        return ""
    values = [x for v in thing.__dict__.values() for x in (v.values() if isinstance(v, dict) else (v,))]
    if basis == outer and not any(isinstance(x, Quantity) for x in values):
        return ""
    source, quality, set_by, note = (basis.get(k) for k in _ORIGIN)
    if basis == outer and outer:
        return " Source as above."
    said = f" Source: {source}." if source else " Assumed."
    said += f" Quality {quality}." if quality else ""
    said += f" Set by {_text(set_by)}." if set_by else ""
    return said + (f" Note: {_text(note)}" + ("" if _text(note).endswith(".") else ".") if note else "")


def _fields(thing: BaseModel, told: set[str], v: Vocabulary, depth: int, basis: Basis) -> tuple[list[str], list[str]]:
    """Phrases for the fields not told yet, and lines for the parts below."""
    rest: list[str] = []
    below: list[str] = []
    for name, value in thing.__dict__.items():
        if value in (None, ()) or name in told or (isinstance(thing, Thing) and name in _ORIGIN):
            continue
        label = _label(name)
        if isinstance(value, Quantity):
            rest.append(_number(label, value, basis))
        elif isinstance(value, BaseModel):
            below += _thing(label, value, v, depth, basis)
        elif isinstance(value, dict):
            _mapping(name, value, v, depth, rest, below, basis)
        elif isinstance(value, tuple) and isinstance(value[0], BaseModel):
            for i, item in enumerate(value, 1):
                below += _thing(f"{label.removesuffix('s')} {i}", item, v, depth, basis)
        elif isinstance(value, tuple):
            rest.append(f"{label} {_list(value)}")
        else:
            rest.append(f"{label} {_text(value)}")
    return rest, below


def _mapping(name: str, value: dict[str, Any], v: Vocabulary, depth: int, rest: list[str], below: list[str], basis: Basis) -> None:
    if value and all(isinstance(x, Quantity) for x in value.values()):
        rest.append(f"{_label(name)} " + ", ".join(_number(k, q, basis) for k, q in value.items()))
    elif value and all(isinstance(x, BaseModel) for x in value.values()):
        below += _wrap(f"{_label(name)}:", depth)
        for key, item in value.items():
            below += _thing(key, item, v, depth + 1, basis)
    elif value and name == "leave_out":
        below += _wrap("leave out: " + "; ".join(f"{k}, {_text(x)}" for k, x in value.items()) + ".", depth)
    elif value:  # the patches of an option
        rest.append(f"{_label(name)} " + ", ".join(f"{k} to {_patch(x)}" for k, x in value.items()))


def _patch(value: Any) -> str:
    if isinstance(value, dict):
        carried = "; ".join(f"{_label(k)}: {_text(x)}" for k, x in value.items() if k != "value")
        return _text(value.get("value")) + (f" ({carried})" if carried else "")
    return _text(value)


def _parts(held: BaseModel, v: Vocabulary, depth: int) -> list[str]:
    """A section that is one thing with parts."""
    basis = _basis_of(held, {})
    rest, below = _fields(held, set(), v, depth, basis)
    lines = _wrap("; ".join(rest) + "." + _said(held, basis, {}), depth) if rest else []
    return lines + below


def _courses(scenario: Scenario) -> list[str]:
    lines = []
    for name, course in scenario.courses.items():
        written = scenario.vocabulary.courses[name]
        changes = [f"{path} becomes {q.shown}{_origin(q, {})}" for path, q in course.set.items()]
        when = f"From {scenario.date(course.day)}" if "from" in written else "From the first day"
        said = f"{name}: {course.says} " if course.says else f"{name}: "
        said += f"{when}: {'; '.join(changes)}." if changes else "The scenario as it stands."
        if course.conceived_after is not None:
            said += f" Conceived after: {_text(course.conceived_after)}."
        lines += _wrap(said, 1)
    return lines
