"""The day: all mechanisms and the ledger, for one world, in scalars."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from materiel.mechanisms.contract import ContractError, Flow, Luck, Measures, Mechanism, Numbers, Seen, State, family
from materiel.mechanisms.ledger import Books, grant, held, open_books, post
from materiel.worlds.luck import DayLuck


class Carry(NamedTuple):
    """Everything of one world between two days."""

    states: dict[str, State]
    measures: Measures
    books: Books


class Day:
    """One day of one world.

    `numbers` are scalars of one dtype by path; `index` counts steps, `step` is their length in days. The mechanisms are
    taken in order of their names, so that the order of registration moves nothing.
    """

    def __init__(self, mechanisms: Sequence[Mechanism]) -> None:
        self.mechanisms = sorted(mechanisms, key=lambda m: m.name)
        self._streams: dict[int, str] = {}
        shown_by: dict[str, str] = {}
        for m in self.mechanisms:
            for measure in m.shows:
                if shown_by.setdefault(measure, m.name) != m.name:
                    raise ContractError(f'"{measure}" is shown by {shown_by[measure]} and by {m.name}; a measure has one owner')
        self.totals = {name: flows for m in self.mechanisms for name, flows in m.totals.items()}
        self.flow_ends: dict[str, tuple[str, str]] = {}  # filled by first(): counted flow -> (giver, taker)

    def first(self, numbers: Mapping[str, Array], seed: Array, world: Array) -> Carry:
        """The world before its first day. `seed` and `world` are uint32 scalars."""
        p = Numbers(numbers)
        zero = jnp.zeros_like(next(iter(numbers.values())))
        opened: dict[str, Array] = {}
        states: dict[str, State] = {}
        measures: Measures = {}
        for m in self.mechanisms:
            for account, amount in m.accounts(p).items():
                if account in opened:
                    raise ContractError(f'{m.name}: account "{account}" is already open')
                opened[account] = zero + amount
            states[m.name], shown = m.first(p, DayLuck(seed, world, jnp.uint32(0), zero.dtype, m.name, self._streams))
            measures |= self._checked(m, {k: zero + v for k, v in shown.items()})
        if not opened:
            raise ContractError("this scenario holds nothing: there is no stock, line, offer or supply")
        bare = Carry(states, measures, open_books(opened, []))
        flows = self._ask(bare, p, self._seen(bare, zero, zero + 1.0), dict.fromkeys(states, _NoLuck(zero)))
        self.flow_ends = {f.name: (f.giver, f.taker) for f in sorted(flows, key=lambda f: f.name) if f.counted}
        return Carry(states, measures, open_books(opened, list(self.flow_ends)))

    def _checked(self, m: Mechanism, shown: Measures) -> Measures:
        for name in shown:
            if family(name) not in m.shows:
                raise ContractError(f'{m.name} shows "{name}" without declaring it: add "{family(name)}" to its shows')
        return shown

    def _seen(self, carry: Carry, day: Array, step: Array) -> dict[str, Seen]:
        """What each mechanism sees."""
        there = held(carry.books)
        return {m.name: Seen(m, there, carry.books.arrived, carry.measures, day, step) for m in self.mechanisms}

    def _ask(self, carry: Carry, p: Numbers, seen: Mapping[str, Seen], luck: Mapping[str, Luck]) -> list[Flow]:
        return [f for m in self.mechanisms for f in m.ask(carry.states[m.name], seen[m.name], p, luck[m.name])]

    def run(self, carry: Carry, numbers: Mapping[str, Array], seed: Array, world: Array, index: Array, step: Array) -> Carry:
        """The world one step later. `seed`, `world`, `index` are uint32 scalars."""
        p = Numbers(numbers)
        day = index.astype(step.dtype) * step
        luck = {m.name: DayLuck(seed, world, index, step.dtype, m.name, self._streams) for m in self.mechanisms}
        seen = self._seen(carry, day, step)
        flows = self._ask(carry, p, seen, luck)
        granted = jax.jit(written_once)(grant(carry.books, flows), step)  # a function of its own, so that pieces find it
        states, measures = {}, dict(carry.measures)
        for m in self.mechanisms:
            states[m.name], shown = m.settle(carry.states[m.name], seen[m.name], granted, p, luck[m.name])
            measures |= self._checked(m, shown)
        heard = {account for s in seen.values() for account in s.heard}
        return Carry(states, measures, post(carry.books, flows, granted, step, heard))

    def observe(self, carry: Carry) -> dict[str, Array]:
        """Every measure of the catalogue for one world: states shown, holdings, running totals."""
        totals = {
            name: sum((carry.books.totals[f].hi for f in flows[1:]), start=carry.books.totals[flows[0]].hi)
            for name, flows in self.totals.items()
        }
        depots = {f"held[{a[6:].replace('/', '.', 1)}]": s.hi for a, s in carry.books.accounts.items() if a.startswith("depot:")}
        return {**carry.measures, **totals, **depots}


def written_once(values: dict[str, Array], step: Array) -> dict[str, Array]:
    """The same values, behind a branch that is always taken (steps are longer than 0).

    XLA computes what is cheap again for everybody who reads it: rationing, three times a flow. It does not look through a branch,
    so what is behind one is computed once and written down. `optimization_barrier` does not do: it is gone before loops are fused.
    """
    same: dict[str, Array] = lax.cond(step > 0, lambda v: v, lambda v: {name: jnp.zeros_like(x) for name, x in v.items()}, values)
    return same


class _NoLuck:
    """Stands in for luck while the flows of the first day are listed; what is drawn is not used."""

    def __init__(self, like: Array) -> None:
        self._half = jnp.full_like(like, 0.5)

    def uniforms(self, stream: str) -> tuple[Array, Array]:
        return self._half, self._half
