"""Sanctions: how much is enforced, what it stops and deters, and how it wears away."""

from collections.abc import Iterable, Mapping

import jax.numpy as jnp
from jax import Array
from jax.scipy.special import expit

from materiel.mechanisms.contract import Flow, Luck, Measures, Seen, State
from materiel.scenario.vocabulary import Vocabulary


class Sanctions:
    """What enforcers stop, deter and make dearer, each regime on its own routes.

    Relation: enforcement follows `e' = (m law - e) / tau - chi c e`, exactly within a step, so that it stays between 0 and
    1. Monitoring `m` is 1 until a veto of hazard `h_v` (none before `veto_from`), then `1 - veto_loss`; the law is not
    touched by it. Chaos `c = min(1, scale (declared + unrest (threat / first threat - 1)+))`. On a route `passes` is the
    product over regimes of `(1 - d_0 e) (1 - imposed)`, and `carriers` the product of `logistic((margin - fine e) / spread)`;
    a means of payment is dearer by the product of `1 + mu e`. Without a spread carriers are all alike: all of them take part
    while the margin is above the expected fine, none while it is below.
    Parameters: `enforcement` e on the first day, `law`, `capture` d_0, `veto_loss`, `imposed` (shares), `lag` tau (days),
    `margin`, `fine`, `spread` (one common unit of gain), `markup` mu, `chaos` (from: date, level: share), `chaos_scale`,
    `erosion` chi, `veto` h_v (1/day), `veto_from` (date), `unrest`.
    Reference: Becker 1968, Crime and punishment; Drezner 1999, The sanctions paradox; Early 2015, Busted sanctions;
    Bapat & Kwon 2015, When are sanctions effective?; Miller 2014, The secret success of nonproliferation sanctions.
    Left out: how anybody evades, single ships and firms, routes chosen anew under pressure, law that is changed, the gap
    between reported and actual trade.
    """

    name = "sanctions"
    reads = ("threat",)
    shows = ("enforcement", "monitoring", "chaos", "passes", "carriers", "dearer")

    def __init__(self, v: Vocabulary) -> None:
        self._regimes = dict(sorted(v.sanctions.items()))
        self._on = {r: [k for k, x in self._regimes.items() if r in x.routes] for x in self._regimes.values() for r in x.routes}
        self._dear = {m: [k for k, x in self._regimes.items() if m in x.payments] for x in self._regimes.values() for m in x.payments}
        self.totals: dict[str, tuple[str, ...]] = {}

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        return {}

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        one = jnp.ones_like(next(iter(p.values())))
        zero = one * 0.0
        state = {"threat": zero}  # replaced by the threat of the first day
        chaos = {}
        for k in self._regimes:
            state |= {f"{k}.enforcement": p[f"sanctions.{k}.enforcement"] * one, f"{k}.hazard": zero}
            state[f"{k}.threshold"] = -jnp.log(luck.uniforms(f"{k}/veto")[0])
            chaos[k] = self._chaos(k, zero, zero, p)
        return state, self._shown(state, dict.fromkeys(self._regimes, one), chaos, p)

    def _chaos(self, k: str, day: Array, risen: Array, p: Mapping[str, Array]) -> Array:
        """Chaos of one regime: as declared for the day, and what the rise of the threat adds."""
        declared = jnp.zeros_like(day)
        for i in range(len(self._regimes[k].chaos)):
            step = f"sanctions.{k}.chaos.{i}"
            declared = jnp.where(day >= p[f"{step}.from"], p[f"{step}.level"], declared)
        return jnp.minimum(1.0, p[f"sanctions.{k}.chaos_scale"] * (declared + p[f"sanctions.{k}.unrest"] * risen))

    def _shown(self, state: State, monitoring: Mapping[str, Array], chaos: Mapping[str, Array], p: Mapping[str, Array]) -> Measures:
        shown: Measures = {}
        stopped, deterred, dearer = {}, {}, {}
        for k in self._regimes:
            s, e = f"sanctions.{k}", state[f"{k}.enforcement"]
            shown |= {f"enforcement[{k}]": e, f"monitoring[{k}]": monitoring[k], f"chaos[{k}]": chaos[k]}
            stopped[k] = (1.0 - p[f"{s}.capture"] * e) * (1.0 - p[f"{s}.imposed"])
            # the floor on the spread lets carriers be all alike: the logistic becomes a step, one half where nothing is at stake
            deterred[k] = expit((p[f"{s}.margin"] - p[f"{s}.fine"] * e) / jnp.maximum(p[f"{s}.spread"], 1e-9))
            dearer[k] = 1.0 + p[f"{s}.markup"] * e
        for family, parts, index in (("passes", stopped, self._on), ("carriers", deterred, self._on), ("dearer", dearer, self._dear)):
            for at, regimes in index.items():
                product = parts[regimes[0]]
                for k in regimes[1:]:
                    product = product * parts[k]
                shown[f"{family}[{at}]"] = product
        return shown

    def _open_to_veto(self, k: str, seen: Seen, p: Mapping[str, Array]) -> Array:
        """The part of this step, in days, after the day to which it is known that no veto has come."""
        if self._regimes[k].veto_from is None:
            return seen.step
        return jnp.clip(seen.day + seen.step - p[f"sanctions.{k}.veto_from"], 0.0, seen.step)

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterable[Flow]:
        return ()

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        later: State = {"threat": state["threat"]}
        risen = jnp.zeros_like(seen.step)
        if seen.shown("threat"):
            later["threat"] = jnp.where(seen.day > 0, state["threat"], seen["threat"])
            risen = jnp.maximum(0.0, seen["threat"] / jnp.maximum(later["threat"], 1e-9) - 1.0)
        monitoring, chaos = {}, {}
        for k in self._regimes:
            s = f"sanctions.{k}"
            later[f"{k}.threshold"] = state[f"{k}.threshold"]
            later[f"{k}.hazard"] = state[f"{k}.hazard"] + p[f"{s}.veto"] * self._open_to_veto(k, seen, p)
            vetoed = later[f"{k}.hazard"] >= later[f"{k}.threshold"]
            monitoring[k] = jnp.where(vetoed, 1.0 - p[f"{s}.veto_loss"], jnp.ones_like(seen.step))
            chaos[k] = self._chaos(k, seen.day, risen, p)
            erodes = p[f"{s}.erosion"] * chaos[k]
            level = monitoring[k] * p[f"{s}.law"] / (1.0 + erodes * p[f"{s}.lag"])
            kept = jnp.exp(-seen.step * (1.0 / p[f"{s}.lag"] + erodes))
            # a mean of two shares with weights that add up to 1: no clip, and more never becomes less by rounding
            later[f"{k}.enforcement"] = kept * state[f"{k}.enforcement"] + (1.0 - kept) * level
        return later, self._shown(later, monitoring, chaos, p)
