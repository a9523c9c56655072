"""Ids that point to things: each must be defined, and each source must have been published by the as-of date.

Works on the tree, so that a wrong reference is found even where some other field is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from materiel.scenario.errors import ENOUGH, nearest
from materiel.scenario.text import Node, Page

# Where the reference stands (`*` = any id, `#` = any entry of a list, `!` = the key itself), what it points to, who points.
_POINTS = """
stocks.! stock actor.good
production.*.actor actors
production.*.makes.! goods
production.*.for_export.offer offers
routes.*.from actors
routes.*.to actors
routes.*.carries.# goods
offers.*.from actors
offers.*.to actors
offers.*.by.# routes
offers.*.mix.! goods
supplies.*.from actors
supplies.*.to actors
supplies.*.good goods
fire.cover.*.actor actors
fire.cover.*.goods.# goods
fire.steady.*.actor actors
fire.steady.*.goods.# goods
fire.drawdown.*.actor actors
fire.drawdown.*.goods.# goods
attrition.sides.*.actor actors
attrition.sides.*.troops goods
manpower.*.actor actors
manpower.*.troops goods
front.axes.*.antitank_good.# goods
talks.sides.*.use fire.cover
coalition.aids actors
coalition.good goods
coalition.donors.*.actor actors
coalition.donors.*.member region.members
production.*.for.! actors
bargains.*.offer offers
bargains.*.use fire.cover
sanctions.*.by.# actors
sanctions.*.routes.# routes
programmes.*.actor actors
tests.*.actor actors
tests.*.dependence dependence
dependence.*.actor actors
dependence.*.patrons.*.actor actors
region.of actors
region.members.*.actor actors
region.dependence dependence
events.*.who.# actors
assertions.*.events.# events
assertions.*.sources.# sources
assertions.*.course courses
evidence.series.*.family evidence.families
evidence.series.*.same_factor_as evidence.series
evidence.silence.! evidence.families
evidence.silence.*.of evidence.quantities
levers.*.held_by actors
claims.*.compare.# courses
claims.*.course courses
claims.*.beside.# courses
claims.*.given claims
claims.*.among claims
claims.*.direct.# courses
chart_courses.# courses
"""
_WORDS = {
    "actors": "actor",
    "goods": "good",
    "routes": "route",
    "offers": "offer",
    "courses": "course",
    "claims": "claim",
    "sources": "source",
    "fire.cover": "use",
    "region.members": "member",
    "dependence": "dependence",
    "events": "event",
    "evidence.families": "family",
    "evidence.quantities": "quantity",
    "evidence.series": "series",
}
_OWNERS = {
    "stocks": "stock",
    "production": "line of production",
    "routes": "route",
    "offers": "offer",
    "supplies": "supply",
    "fire": "use of fire",
    "attrition": "side",
    "manpower": "force",
    "front": "axis",
    "levers": "lever",
    "claims": "claim",
    "known_past": "observation",
    "talks": "side",
    "coalition": "ally",
    "bargains": "bargain",
    "sanctions": "regime",
    "programmes": "programme",
    "tests": "test series",
    "dependence": "dependence",
    "region": "member",
    "events": "event",
    "assertions": "assertion",
    "evidence": "entry",
}
_ROLES = {
    "actor": "belongs to",
    "from": "comes from",
    "to": "goes to",
    "by": "goes by",
    "held_by": "is held by",
    "makes": "makes",
    "carries": "carries",
    "good": "carries",
    "goods": "uses",
    "mix": "carries",
    "troops": "counts",
    "offer": "waits for",
    "antitank_good": "is slowed by",
    "compare": "compares",
    "beside": "shows",
    "course": "looks at",
    "given": "depends on",
    "among": "depends on",
    "direct": "compares",
    "use": "reads",
    "member": "is",
    "routes": "acts on",
    "who": "names",
    "for": "makes for",
    "family": "is counted by",
    "same_factor_as": "has the factor of",
}

_NEEDED = ("actors", "goods", "courses")


def check(page: Page, root: Node, as_of: date | None, published: dict[str, date | None]) -> None:
    """Every reference of the file."""
    for row in _POINTS.strip().splitlines():
        pattern, target, *_ = row.split()
        for node, by_key in _match(root, pattern.split(".")):
            if len(page.problems) > ENOUGH:
                return
            if target == "stock":
                _stock(page, root, node)
            elif by_key:
                _one(page, root, node, node.key, node.key_line, node.key_column, target)
            elif node.kind == "text":
                _one(page, root, node, node.text, node.line, node.column, target)
    for node in root.walk():
        if len(page.problems) > ENOUGH:
            return
        if node.key == "source" and node.kind == "text" and _is_source(node):
            _source(page, root, node, as_of, published)


def _match(node: Node, pattern: list[str]) -> Iterator[tuple[Node, bool]]:
    if not pattern:
        yield node, False
        return
    head, rest = pattern[0], pattern[1:]
    if head == "!":
        if node.kind == "mapping":
            yield from ((child, True) for child in node.items.values())
    elif head == "#":
        if node.kind == "list":
            yield from ((child, False) for child in node.items.values())
    elif head == "*":
        if node.kind == "mapping":
            for child in node.items.values():
                yield from _match(child, rest)
    elif head in node.items:
        yield from _match(node.items[head], rest)


def _defined(root: Node, section: str) -> dict[str, Node]:
    node = root.find(section)
    return node.items if node is not None and node.kind == "mapping" else {}


def _owner(node: Node) -> tuple[str, str]:
    """The thing that points, and how: `stock "north.shell"`, "belongs to"."""
    chain: list[Node] = []
    at: Node | None = node
    while at is not None and at.parent is not None:
        chain.insert(0, at)
        at = at.parent
    section = chain[0].key
    ids = [c.key for c in chain[1:] if re.fullmatch(r"[^.]*", c.key)]
    depth = {"fire": 2, "attrition": 2, "front": 2, "talks": 2, "coalition": 2, "region": 2, "evidence": 2}.get(section, 1)
    owner = chain[depth].key if len(chain) > depth else (ids or [section])[-1]
    role = next((_ROLES[c.key] for c in reversed(chain) if c.key in _ROLES), "names")
    return f'{_OWNERS.get(section, section)} "{owner}"' if len(chain) > depth and section in _OWNERS else section, role


def _one(page: Page, root: Node, node: Node, name: str, line: int, column: int, target: str) -> None:
    known = _defined(root, target)
    section = root.find(target)
    if name in known or (section is None and target in _NEEDED) or (section is not None and section.kind != "mapping"):
        return  # a section that is missing or broken is one problem, not many
    owner, role = _owner(node)
    near = nearest(name, known)
    other = next((s for s in _WORDS if s != target and name in _defined(root, s)), None)
    word = _WORDS[target]
    what = f'{owner} {role} {word} "{name}", which is not defined.'
    if near:
        help = f'Did you mean "{near}" (line {known[near].key_line})?'
    elif other:
        help = f'"{name}" is {_an(_WORDS[other])} (line {_defined(root, other)[name].key_line}); {_an(word)} is needed here.'
    else:
        help = f"Add it under {target}; defined: {', '.join(list(known)[:12]) or 'none'}."
    page.problem(line, column, what, help)


def _an(word: str) -> str:
    return ("an " if word[0] in "aeiou" else "a ") + word


def _stock(page: Page, root: Node, node: Node) -> None:
    actor, dot, good = node.key.partition(".")
    if not dot:
        page.problem(
            node.key_line, node.key_column, f'"{node.key}" does not say whose stock of what it is.', "Write actor.good, e.g. north.shell"
        )
        return
    actors, goods = _defined(root, "actors"), _defined(root, "goods")
    for name, known, verb, word, section, offset in (
        (actor, actors, "belongs to", "actor", "actors", 0),
        (good, goods, "holds", "good", "goods", len(actor) + 1),
    ):
        if name in known:
            continue
        near = nearest(name, known)
        help = (
            f'Did you mean "{near}" (line {known[near].key_line})?'
            if near
            else f"Add it under {section}; defined: {', '.join(list(known)[:12]) or 'none'}."
        )
        page.problem(node.key_line, node.key_column + offset, f'stock "{node.key}" {verb} {word} "{name}", which is not defined.', help)


def _is_source(node: Node) -> bool:
    """A `source` key of a thing or number, not an id that happens to be called source."""
    parts = node.path.split(".")
    return not (len(parts) == 2 and parts[0] in ("sources", "actors", "goods", "routes", "courses"))


def _source(page: Page, root: Node, node: Node, as_of: date | None, published: dict[str, date | None]) -> None:
    known = _defined(root, "sources")
    if node.text == "assumed":
        return
    if node.text not in known:
        near = nearest(node.text, [*known, "assumed"])
        place = f" (line {known[near].key_line})" if near in known else ""
        help = f'Did you mean "{near}"{place}?' if near else "Add it under sources with its date of publication, or write source: assumed"
        page.problem(node.line, node.column, f'source "{node.text}" is not defined.', help)
        return
    when = published.get(node.text)
    if when and as_of and when > as_of:
        what = f'source "{node.text}" was published on {when}, after the as-of date {as_of}.'
        page.problem(node.line, node.column, what, "Nobody could know it then: take a number published by that date, or move as_of.")
