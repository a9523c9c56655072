"""Ageing stocks: what is held, how old it is on average, and how much of it works."""

from collections.abc import Iterable, Mapping

import jax.numpy as jnp
from jax import Array

from materiel.mechanisms.contract import Flow, Luck, Measures, Seen, State
from materiel.scenario.measures import depots
from materiel.scenario.vocabulary import Vocabulary

YEAR = 365.25  # days


def works_at(age: Array, p: Mapping[str, Array], good: str) -> Array:
    """Share of rounds of a good of this mean age (years) that functions, times accuracy: see `Stocks`."""
    g = f"goods.{good}.ageing"
    wear = jnp.maximum(p[f"{g}.storage"] * age / p[f"{g}.life"], 1e-9)
    median = p[f"{g}.works_new"] * jnp.exp(-jnp.exp(p[f"{g}.shape"] * jnp.log(wear)))
    median = jnp.clip(median, 1e-6, 1.0 - 1e-6)
    logit = jnp.log(median / (1.0 - median))
    spread = p[f"{g}.lot_spread"]
    mean = 1.0 / (1.0 + jnp.exp(-logit / jnp.sqrt(1.0 + jnp.pi * spread * spread / 8.0)))
    return mean * p[f"{g}.accuracy"]


def works(seen: Seen, p: Mapping[str, Array], v: Vocabulary, actor: str, good: str) -> Array:
    """Share of an actor's rounds of a good that functions, times accuracy (the caller must read `works`)."""
    return seen[f"works[{actor}.{good}]"] if v.goods[good].ageing else p[f"goods.{good}.works"]


class Stocks:
    """Ageing stocks.

    Relation: a round of mean age `A` (years) works with probability
    `R = logistic(logit(r0 exp(-(f A / eta)^k)) / sqrt(1 + pi s^2 / 8)) q`: a Weibull survival of the lot's median, a
    normal lot effect of sd `s` on the logit averaged by the usual probit approximation, and `q` for accuracy. Storage
    enters as an acceleration `f` of age. A stock is well mixed: `A' = A + dt - (A - A_in) inflow dt / S`, with
    `A_in = 0` for new output and the giver's mean age for deliveries.
    Parameters: `works_new` r0 (share), `life` eta (years), `shape` k, `storage` f, `lot_spread` s, `accuracy` q (share).
    Reference: Meeker & Escobar 1998, Statistical methods for reliability data; Sohn 1995 on shelf life.
    Left out: age bins, issue by age, inspection of lots, differences between depots of one actor.
    """

    name = "stocks"
    reads: tuple[str, ...] = ()
    shows = ("works",)

    def __init__(self, v: Vocabulary) -> None:
        self._v = v
        self._depots = [tuple(d.split(".", 1)) for d in depots(v)]
        self._ageing = [(a, g) for a, g in self._depots if g in v.goods and v.goods[g].ageing]
        self.totals: dict[str, tuple[str, ...]] = {}
        self._giver = {(o.to, g): (o.from_, g) for o in v.offers.values() for g in o.mix}

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        return {f"depot:{a}/{g}": p[f"stocks.{a}.{g}.held"] if f"{a}.{g}" in self._v.stocks else 0.0 for a, g in self._depots}

    def _first_age(self, a: str, g: str, p: Mapping[str, Array]) -> Array:
        stock = self._v.stocks.get(f"{a}.{g}")
        if stock is not None and stock.mean_age is not None:
            return p[f"stocks.{a}.{g}.mean_age"]
        if (a, g) in self._giver:
            return self._first_age(*self._giver[a, g], p)
        return jnp.zeros_like(p[f"goods.{g}.ageing.life"])

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        state = {f"{a}.{g}": self._first_age(a, g, p) for a, g in self._ageing}
        return state, self._shown(state, p)

    def _shown(self, state: State, p: Mapping[str, Array]) -> Measures:
        return {f"works[{a}.{g}]": works_at(state[f"{a}.{g}"], p, g) for a, g in self._ageing}

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterable[Flow]:
        return ()

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        later = {}
        for a, g in self._ageing:
            depot = f"depot:{a}/{g}"
            age = state[f"{a}.{g}"]
            arriving = state[".".join(self._giver[a, g])] if (a, g) in self._giver else jnp.zeros_like(age)
            fresh = jnp.minimum(1.0, seen.arrived(depot) * seen.step / jnp.maximum(seen.held(depot), 1e-6))
            later[f"{a}.{g}"] = age - (age - arriving) * fresh + seen.step / YEAR
        return later, self._shown(later, p)
