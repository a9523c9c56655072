"""Manpower, in its smallest form: recruits, wastage, and wounded who return."""

from collections.abc import Iterator, Mapping

import jax.numpy as jnp
from jax import Array

from materiel.mechanisms.attrition import power
from materiel.mechanisms.contract import Flow, Luck, Measures, Seen, State
from materiel.mechanisms.production import stage_share
from materiel.scenario.vocabulary import Vocabulary

STAGES = 2  # of recovery: an Erlang delay of shape 2


class Manpower:
    """People of each side.

    Relation: recruits `r = r_0 min(most, (M_0 / M)^eta)` a day; wastage `w M` a day; of the losses `1 / (1 + k)` are
    killed and the rest pass an Erlang delay of two stages, after which a share returns and the rest leaves.
    Parameters: `recruits` r_0 (people/day), `response` eta, `most_response`, `wastage` w (1/day), `wounded_per_killed`
    k, `returning` (share), `recovery` (days).
    Reference: Asch, Hosek & Warner 2007, New economics of manpower; Fazal 2014, Dead wrong?
    Left out: a limited pool, training, pay, decisions to mobilise.
    """

    name = "manpower"
    reads: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()

    def __init__(self, v: Vocabulary) -> None:
        self._forces = dict(sorted(v.manpower.items()))
        self._depot = {s: f"depot:{f.actor}/{f.troops}" for s, f in self._forces.items()}
        self.totals: dict[str, tuple[str, ...]] = {}

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        opened: dict[str, Array | float] = {}
        for s in self._forces:
            opened |= {f"source:recruits/{s}": 0.0, f"sink:killed/{s}": 0.0, f"sink:invalided/{s}": 0.0, f"sink:wastage/{s}": 0.0}
            opened |= {f"transit:hospital/{s}/{i}": 0.0 for i in range(STAGES)}
        return opened

    def first(self, p: Mapping[str, Array]) -> tuple[State, Measures]:
        return {}, {}

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterator[Flow]:
        for s, force in self._forces.items():
            f, depot = f"manpower.{s}", self._depot[s]
            here, first = seen.held(depot), p[f"stocks.{force.actor}.{force.troops}.held"]
            keen = jnp.minimum(p[f"{f}.most_response"], power(first / jnp.maximum(here, 1.0), p[f"{f}.response"]))
            yield Flow(f"recruit/{s}", f"source:recruits/{s}", depot, p[f"{f}.recruits"] * keen * seen.step)
            yield Flow(f"waste/{s}", depot, f"sink:wastage/{s}", here * -jnp.expm1(-p[f"{f}.wastage"] * seen.step))
            fallen = seen.held(f"waiting:casualties/{s}")
            killed = 1.0 / (1.0 + p[f"{f}.wounded_per_killed"])
            yield Flow(f"bury/{s}", f"waiting:casualties/{s}", f"sink:killed/{s}", fallen * killed)
            yield Flow(f"hospital/{s}", f"waiting:casualties/{s}", f"transit:hospital/{s}/0", fallen * (1.0 - killed))
            leaves = stage_share(STAGES, p[f"{f}.recovery"], seen.step)
            for i in range(STAGES - 1):
                ward = f"transit:hospital/{s}/{i}"
                yield Flow(f"heal/{s}/{i}", ward, f"transit:hospital/{s}/{i + 1}", seen.held(ward) * leaves, counted=False)
            last = f"transit:hospital/{s}/{STAGES - 1}"
            yield Flow(f"return/{s}", last, depot, seen.held(last) * leaves * p[f"{f}.returning"])
            yield Flow(f"retire/{s}", last, f"sink:invalided/{s}", seen.held(last) * leaves * (1.0 - p[f"{f}.returning"]))

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        return {}, {}
