"""Manpower: who can be had, recruits, training, decisions to mobilise, wastage, and wounded who return."""

from collections.abc import Iterator, Mapping

import jax.numpy as jnp
from jax import Array

from materiel.mechanisms.attrition import power
from materiel.mechanisms.contract import ContractError, Flow, Luck, Measures, Seen, State
from materiel.mechanisms.production import stage_share
from materiel.scenario.vocabulary import Vocabulary

STAGES = 2  # of recovery: an Erlang delay of shape 2


class Manpower:
    """People of each side.

    Relation: recruits `r = r_0 min(most, (M_0 / M)^eta) w^eps exp(-100 kappa l) (Z / Z_0)^nu` a day, `w` the pay relative
    to the first day, `l` yesterday's losses as a share of the force a day, `Z` the pool, `Z' = births - r - called`. A
    factor whose numbers a scenario leaves out is 1; without a pool recruits come without limit. Decisions to call up have
    the hazard `h max(0, 1 - M / M_0)`; each takes `size` people from the pool within a time, as far as it has them, and the
    next can fall only after that. Recruits and called pass `k` Erlang stages of training, which begin with `r_0` times the training time;
    without training they are at the front at once. Wastage `w_M M` a day; of the losses `1 / (1 + k_w)` are killed and the
    rest pass an Erlang delay of two stages, after which a share returns and the rest leaves.
    Parameters: `recruits` r_0, `births` (people/day), `response` eta, `most_response`, `pay` w, `pay_response` eps,
    `loss_aversion` kappa, `pool` Z_0 (people), `pool_exponent` nu, `training` (days), `call_up.hazard` h (1/day),
    `call_up.size` (people), `call_up.within` (days), `wastage` w_M (1/day), `wounded_per_killed` k_w, `returning` (share),
    `recovery` (days).
    Reference: Asch, Hosek & Warner 2007, New economics of manpower; Fazal 2014, Dead wrong?; Clodfelter 2017, Warfare and
    armed conflicts.
    Left out: veterans who join the pool again, ages and skills, the cost of pay, unrest after a call-up.
    """

    name = "manpower"
    reads: tuple[str, ...] = ()
    shows = ("recruited", "pool")

    def __init__(self, v: Vocabulary) -> None:
        self._forces = dict(sorted(v.manpower.items()))
        self._depot = {s: f"depot:{f.actor}/{f.troops}" for s, f in self._forces.items()}
        self._from, self._to = {}, {}
        self.totals: dict[str, tuple[str, ...]] = {}
        for s, f in self._forces.items():
            if f.pool is None and (f.births is not None or f.call_up is not None):
                raise ContractError(f"manpower: side {s} has births or a call_up, but no pool")
            if f.pay is not None and f.pay_response is None:
                raise ContractError(f"manpower: side {s} has pay, but no pay_response")
            self._from[s] = f"source:recruits/{s}" if f.pool is None else f"waiting:pool/{s}"
            self._to[s] = self._depot[s] if f.training is None else f"transit:training/{s}/0"
            self.totals[f"recruited[{s}]"] = (f"recruit/{s}", *((f"call_up/{s}",) if f.call_up is not None else ()))

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        opened: dict[str, Array | float] = {}
        for s, force in self._forces.items():
            f = f"manpower.{s}"
            opened |= {f"sink:killed/{s}": 0.0, f"sink:invalided/{s}": 0.0, f"sink:wastage/{s}": 0.0}
            opened |= {f"transit:hospital/{s}/{i}": 0.0 for i in range(STAGES)}
            opened[self._from[s]] = 0.0 if force.pool is None else p[f"{f}.pool"]
            if force.births is not None:
                opened[f"source:births/{s}"] = 0.0
            if force.training is not None:
                each = p[f"{f}.recruits"] * p[f"{f}.training"] / force.training_stages
                opened |= {f"transit:training/{s}/{i}": each for i in range(force.training_stages)}
        return opened

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        state: State = {}
        for s, force in self._forces.items():
            if force.call_up is not None:
                zero = jnp.zeros_like(p[f"manpower.{s}.recruits"])
                state |= {f"{s}.hazard": zero, f"{s}.due": zero, f"{s}.threshold": -jnp.log(luck.uniforms(f"call_up/{s}")[0])}
        return state, {f"pool[{s}]": p[f"manpower.{s}.pool"] for s, force in self._forces.items() if force.pool is not None}

    def _first_strength(self, s: str, p: Mapping[str, Array]) -> Array:
        return p[f"stocks.{self._forces[s].actor}.{self._forces[s].troops}.held"]

    def _recruits(self, s: str, seen: Seen, p: Mapping[str, Array]) -> Array:
        """People a day who would join, before the ledger limits them to the pool."""
        f, force = f"manpower.{s}", self._forces[s]
        here = jnp.maximum(seen.held(self._depot[s]), 1.0)
        rate = p[f"{f}.recruits"] * jnp.minimum(p[f"{f}.most_response"], power(self._first_strength(s, p) / here, p[f"{f}.response"]))
        if force.pay is not None:
            rate = rate * power(p[f"{f}.pay"], p[f"{f}.pay_response"])
        if force.loss_aversion is not None:
            lost = seen.held(f"waiting:casualties/{s}") / seen.step / here  # those of yesterday: the account is emptied daily
            rate = rate * jnp.exp(-100.0 * p[f"{f}.loss_aversion"] * lost)
        if force.pool is not None:
            left = seen.held(self._from[s]) / jnp.maximum(p[f"{f}.pool"], 1.0)
            rate = rate * (power(left, p[f"{f}.pool_exponent"]) if force.pool_exponent is not None else left)
        return rate

    def _called(self, s: str, state: State, seen: Seen, p: Mapping[str, Array]) -> Array:
        """People of a decision taken before who are due today."""
        c = f"manpower.{s}.call_up"
        return jnp.minimum(state[f"{s}.due"], p[f"{c}.size"] / jnp.maximum(p[f"{c}.within"], seen.step) * seen.step)

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterator[Flow]:
        for s, force in self._forces.items():
            f, depot = f"manpower.{s}", self._depot[s]
            here = seen.held(depot)
            yield Flow(f"recruit/{s}", self._from[s], self._to[s], self._recruits(s, seen, p) * seen.step)
            if force.call_up is not None:
                yield Flow(f"call_up/{s}", self._from[s], self._to[s], self._called(s, state, seen, p))
            if force.births is not None:
                yield Flow(f"births/{s}", f"source:births/{s}", self._from[s], p[f"{f}.births"] * seen.step)
            if force.training is not None:
                yield from self._training(s, force.training_stages, seen, p)
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

    def _training(self, s: str, stages: int, seen: Seen, p: Mapping[str, Array]) -> Iterator[Flow]:
        """From one stage of training to the next, and from the last to the front."""
        leaves = stage_share(stages, p[f"manpower.{s}.training"], seen.step)
        for i in range(stages):
            course = f"transit:training/{s}/{i}"
            if i + 1 < stages:
                yield Flow(f"train/{s}/{i}", course, f"transit:training/{s}/{i + 1}", seen.held(course) * leaves, counted=False)
            else:
                yield Flow(f"trained/{s}", course, self._depot[s], seen.held(course) * leaves)

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        later: State = {}
        shown: Measures = {}
        for s, force in self._forces.items():
            if force.pool is not None:
                shown[f"pool[{s}]"] = seen.held(self._from[s])
            if force.call_up is not None:
                later |= self._decides(s, state, seen, p, luck)
        return later, shown

    def _decides(self, s: str, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> State:
        """One day of the decision to call up; no new one falls while the last is carried out."""
        c = f"manpower.{s}.call_up"
        fresh = luck.uniforms(f"call_up/{s}")[1]  # the other one of the first day is the first threshold
        missing = jnp.maximum(0.0, 1.0 - seen.held(self._depot[s]) / jnp.maximum(self._first_strength(s, p), 1.0))
        due = state[f"{s}.due"] - self._called(s, state, seen, p)
        hazard = state[f"{s}.hazard"] + jnp.where(state[f"{s}.due"] > 0, 0.0, p[f"{c}.hazard"] * missing * seen.step)
        decided = hazard >= state[f"{s}.threshold"]
        return {
            f"{s}.due": jnp.where(decided, due + p[f"{c}.size"], due),
            f"{s}.hazard": jnp.where(decided, 0.0, hazard),
            f"{s}.threshold": jnp.where(decided, -jnp.log(fresh), state[f"{s}.threshold"]),
        }
