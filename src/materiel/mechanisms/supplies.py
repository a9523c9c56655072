"""Declared series of deliveries, until somebody explains them: allied aid, other suppliers."""

from collections.abc import Iterator, Mapping

import jax.numpy as jnp
from jax import Array

from materiel.mechanisms.contract import Flow, Luck, Measures, Seen, State
from materiel.scenario.measures import depots
from materiel.scenario.vocabulary import Vocabulary


class Supplies:
    """Deliveries by a declared series.

    Relation: `scale * rate_k` a day from the k-th date to the next. If the giver has a depot of the good the flow is
    taken from it and the ledger limits it to what is there; otherwise it comes from outside the accounts.
    Parameters: `scale`, `steps` (from: date, rate: rounds/day).
    Left out: why anybody gives (allied politics are a mechanism of their own), transit.
    """

    name = "supplies"
    reads: tuple[str, ...] = ()
    shows = ("supplied",)

    def __init__(self, v: Vocabulary) -> None:
        self._supplies = dict(sorted(v.supplies.items()))
        held = set(depots(v))
        self._giver = {
            k: f"depot:{s.from_}/{s.good}" if f"{s.from_}.{s.good}" in held else f"source:given/{k}" for k, s in self._supplies.items()
        }
        self.totals: dict[str, tuple[str, ...]] = {f"supplied[{k}]": (f"supply/{k}",) for k in self._supplies}

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        return {giver: 0.0 for giver in self._giver.values() if giver.startswith("source:")}

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        return {}, {}

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterator[Flow]:
        for k, supply in self._supplies.items():
            rate = jnp.zeros_like(seen.step)
            for i in range(len(supply.steps)):
                step = f"supplies.{k}.steps.{i}"
                rate = jnp.where(seen.day >= p[f"{step}.from"], p[f"{step}.rate"], rate)
            yield Flow(f"supply/{k}", self._giver[k], f"depot:{supply.to}/{supply.good}", p[f"supplies.{k}.scale"] * rate * seen.step)

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        return {}, {}
