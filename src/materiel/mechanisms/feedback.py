"""The feedback map: which mechanism drives which, read off one traced day and drawn by nobody.

A day is traced with every mechanism that the scenario calls for, as when it is compiled. Two kinds of arrow are noted.
`measures`: a mechanism looked at measures that another shows. `accounts`: a mechanism brings goods into an account that
another opened, takes goods out of it, or looks at what it holds. Whom the account limits or informs is driven by its
owner; who brings or takes drives the owner, if somebody else takes from the account or looks at it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from materiel.mechanisms import build
from materiel.mechanisms.contract import Measures, Mechanism, Numbers, Seen, State, family
from materiel.mechanisms.ledger import kind
from materiel.scenario import Scenario

KINDS = ("measures", "accounts")


class Edge(NamedTuple):
    """`source` drives `target`; `by` names the families of measures, or what the accounts hold."""

    source: str
    target: str
    kind: str
    by: tuple[str, ...]


@dataclass(frozen=True)
class Map:
    """Mechanisms by name with what each is in words, the edges between them, and the loops they close.

    A loop is a largest set of mechanisms in which each drives each, directly or through others.
    """

    mechanisms: Mapping[str, str]
    edges: tuple[Edge, ...]

    def loops(self, *kinds: str) -> list[list[str]]:
        """Sets of at least two mechanisms that drive each other, by edges of these kinds (all kinds if none is named)."""
        nexts = {m: {e.target for e in self.edges if e.source == m and e.kind in (kinds or KINDS)} for m in self.mechanisms}
        reach = {m: _reached(m, nexts) for m in self.mechanisms}
        sets = {tuple(sorted(n for n in reach[m] if m in reach[n])) for m in self.mechanisms if m in reach[m]}
        return sorted((list(s) for s in sets if len(s) > 1), key=lambda s: (-len(s), s))

    def __str__(self) -> str:
        """A line a pair, and the loops."""
        out = []
        for by, verb in zip(KINDS, ("by the measures it shows", "by what is in accounts"), strict=True):
            edges = [e for e in self.edges if e.kind == by]
            out += [f"What drives what {verb}:", *(f"  {e.source} -> {e.target}: {', '.join(e.by)}" for e in edges)]
            out += [] if edges else ["  nothing"]
        for kinds, says in (((), "Loops"), (KINDS[:1], "Loops by measures alone")):
            out += [f"{says}: {'; '.join(', '.join(s) for s in self.loops(*kinds)) or 'none'}"]
        return "\n".join(out)

    def to_json(self) -> dict[str, object]:
        """The same as plain data."""
        return {
            "mechanisms": dict(self.mechanisms),
            "edges": [e._asdict() for e in self.edges],
            "loops": self.loops(),
            "loops_by_measures": self.loops("measures"),
        }

    def to_dot(self) -> str:
        """The same in the language of Graphviz; arrows through accounts are dashed."""
        nodes = [f"  {_quoted(m)} [tooltip={_quoted(says)}];" for m, says in self.mechanisms.items()]
        style = {"measures": "", "accounts": ", style=dashed"}
        arrows = [f"  {_quoted(e.source)} -> {_quoted(e.target)} [label={_quoted(', '.join(e.by))}{style[e.kind]}];" for e in self.edges]
        return "\n".join(["digraph feedback {", *nodes, *arrows, "}"])


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _reached(start: str, nexts: Mapping[str, set[str]]) -> set[str]:
    """Everything that can be reached from a node by one edge or more."""
    seen: set[str] = set()
    todo = list(nexts[start])
    while todo:
        m = todo.pop()
        if m not in seen:
            seen.add(m)
            todo += nexts[m]
    return seen


def feedback(scenario: Scenario) -> Map:
    """The map of a scenario."""
    return trace(build(scenario.vocabulary), {path: q.median for path, q in scenario.quantities.items()})


def trace(mechanisms: Iterable[Mechanism], numbers: Mapping[str, float]) -> Map:
    """The map of these mechanisms, from one day traced with numbers by path (their sizes do not matter)."""
    them = sorted(mechanisms, key=lambda m: m.name)
    noted: list[tuple[str, str, str, str]] = []
    jax.eval_shape(lambda p: _day(them, Numbers(p), noted), {path: jnp.zeros(()) for path in numbers})
    by: dict[tuple[str, str, str], set[str]] = {}
    for source, target, by_what, thing in noted:
        if source != target:
            by.setdefault((source, target, by_what), set()).add(thing)
    edges = (Edge(*ends, tuple(sorted(things))) for ends, things in by.items())
    return Map({m.name: _says(m) for m in them}, tuple(sorted(edges, key=lambda e: (KINDS.index(e.kind), e))))


def _says(mechanism: Mechanism) -> str:
    return (type(mechanism).__doc__ or mechanism.name).strip().splitlines()[0].rstrip(".")


class _Watched(dict[str, Array]):
    """A dictionary that remembers what was looked up."""

    def __init__(self, values: Mapping[str, Array]) -> None:
        super().__init__(values)
        self.looked_up: set[str] = set()

    def __getitem__(self, key: str) -> Array:
        self.looked_up.add(key)
        return super().__getitem__(key)


def _day(mechanisms: Sequence[Mechanism], p: Numbers, noted: list[tuple[str, str, str, str]]) -> Array:
    """One day as the engine runs it, but everything asked for is granted; notes source, target, kind and what."""
    zero = jnp.zeros(())
    held: dict[str, Array] = {}
    states: dict[str, State] = {}
    measures: Measures = {}
    owner: dict[str, str] = {}
    shower: dict[str, str] = {}
    for m in mechanisms:
        opened = m.accounts(p)
        held |= {account: zero + amount for account, amount in opened.items()}
        owner |= dict.fromkeys(opened, m.name)
        states[m.name], shown = m.first(p, _NoLuck())
        measures |= shown
        shower |= dict.fromkeys(shown, m.name)
    arrived = {account: zero for account in held if kind(account) == "depot"}
    looks = {m.name: (_Watched(held), _Watched(arrived), _Watched(measures)) for m in mechanisms}
    seen = {m.name: Seen(m, *looks[m.name], zero, zero + 1.0) for m in mechanisms}
    flows = {m.name: list(m.ask(states[m.name], seen[m.name], p, _NoLuck())) for m in mechanisms}
    granted = {f.name: f.amount for asked in flows.values() for f in asked}
    for m in mechanisms:
        m.settle(states[m.name], seen[m.name], granted, p, _NoLuck())
    lookers: dict[str, set[str]] = {account: set() for account in held}  # whom an account informs or limits
    for name, (stock, came, read) in looks.items():
        noted += [(shower[x], name, "measures", family(x)) for x in read.looked_up]
        for account in {*stock.looked_up, *came.looked_up, *(f.giver for f in flows[name])}:
            lookers[account].add(name)
            noted.append((owner[account], name, "accounts", _what(account)))
    for name, asked in flows.items():
        changed = {account for f in asked for account in (f.giver, f.taker) if lookers[account] - {name}}
        noted += [(name, owner[account], "accounts", _what(account)) for account in changed]
    return zero


def _what(account: str) -> str:
    """What an account holds: the good of a depot, else the first word: `waiting:casualties/a` -> `casualties`."""
    name = account.partition(":")[2]
    return name.partition("/")[2] if kind(account) == "depot" else name.partition("/")[0]


class _NoLuck:
    """Stands in for luck while a day is traced."""

    def uniforms(self, stream: str) -> tuple[Array, Array]:
        return jnp.full((), 0.5), jnp.full((), 0.5)
