"""Attrition: losses of people, direct and indirect, with drones as a substitute for shells."""

from collections.abc import Iterator, Mapping

import jax.numpy as jnp
from jax import Array

from materiel.mechanisms.contract import Flow, Luck, Measures, Seen, State
from materiel.mechanisms.rationing import opponent
from materiel.scenario.vocabulary import Vocabulary


def power(base: Array, exponent: Array) -> Array:
    """base^exponent for base >= 0, and 0 for a base of 0 whatever the exponent: nothing there has no effect."""
    return jnp.where(base > 0, jnp.exp(exponent * jnp.log(jnp.maximum(base, 1e-12))), jnp.zeros_like(base))


def substitutes(shells: Array, drones: Array, shells_0: Array, drones_0: Array, worth: Array, rho: Array) -> Array:
    """CES in shares: T0 [(1-d)(E_s/E_s0)^rho + d (U/U0)^rho]^(1/rho), T0 = E_s0 + e_d U0, d = e_d U0 / T0.

    In 152 mm equivalents a day; equals T0 at the reference, and E_s + e_d U exactly where rho = 1.
    """
    whole = shells_0 + worth * drones_0
    d = worth * drones_0 / whole
    mean = (1.0 - d) * power(shells / shells_0, rho) + d * power(drones / jnp.maximum(drones_0, 1e-9), rho)
    return whole * power(mean, 1.0 / rho)


class Attrition:
    """Losses of people.

    Relation, for side X facing Y: `L_X = lam_0 X act [(1-phi) m_X (Y/Y_0)^p (X/X_0)^(q_d-1) + phi s_X (E_Y/E_0)^sigma
    (X/X_0)^(q-1)]`, `p = max(0, alpha + q_d - 1)`; `X' = X exp(-L dt / X)`. `act` is 1 while either side attacks, else
    `quiet`; `m_X` the attacker's multiplier, direct term only; `s_X` the posture; `E_Y` the opponent's functioning
    rounds of the day before with drones (`U = U_0 2^(t/T_U)`) by a CES in shares, times that side's precision.
    Parameters: `base_rate` lam_0 (1/day), `indirect_share` phi, `alpha`, `own_strength_direct` q_d,
    `own_strength_indirect` q, `fire_exponent` sigma, `substitution` rho, `shells_per_drone` e_d, `common_fire` E_0.
    Reference: Lanchester 1916; Osipov 1915; Taylor 1983, Lanchester models of warfare; Lucas & Turkes 2004.
    Left out: equipment, withdrawal (Epstein 1985), differences between units.
    """

    name = "attrition"
    reads = ("equivalents", "front.attacking")
    shows = ("losses", "people", "indirect")

    def __init__(self, v: Vocabulary) -> None:
        self._v = v
        self._sides = dict(sorted(v.attrition.sides.items())) if v.attrition else {}
        self._depot = {s: f"depot:{side.actor}/{side.troops}" for s, side in self._sides.items()}
        self.totals: dict[str, tuple[str, ...]] = {f"losses[{s}]": (f"losses/{s}",) for s in self._sides}

    def _first_people(self, s: str, p: Mapping[str, Array]) -> Array:
        return p[f"stocks.{self._sides[s].actor}.{self._sides[s].troops}.held"]

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        return {f"waiting:casualties/{s}": 0.0 for s in self._sides}

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        shown = {}
        for s in self._sides:
            shown[f"people[{s}]"] = self._first_people(s, p)
            shown[f"indirect[{s}]"] = jnp.zeros_like(shown[f"people[{s}]"])
        return {}, shown

    def _indirect(self, s: str, seen: Seen, p: Mapping[str, Array]) -> Array:
        """Effective indirect fire of a side: yesterday's rounds and today's drones."""
        side = f"attrition.sides.{s}"
        first = p[f"{side}.drones"]
        now = first * jnp.exp2(seen.day / p[f"{side}.drones_doubling"])
        shells = seen[f"equivalents[{s}]"] if seen.shown(f"equivalents[{s}]") else jnp.zeros_like(first)
        effect = substitutes(shells, now, p[f"{side}.reference_fire"], first, p["attrition.shells_per_drone"], p["attrition.substitution"])
        return effect * p[f"{side}.precision"]

    def _losses(self, s: str, seen: Seen, p: Mapping[str, Array]) -> Array:
        """People lost per day at today's rates."""
        o = opponent(s)
        here, there = seen.held(self._depot[s]), seen.held(self._depot[o])
        x, y = here / self._first_people(s, p), there / self._first_people(o, p)
        attacks = {w: seen[f"front.attacking[{w}]"] if seen.shown(f"front.attacking[{w}]") else jnp.zeros_like(x) for w in (s, o)}
        act = p["attrition.quiet"] + (1.0 - p["attrition.quiet"]) * jnp.maximum(attacks[s], attacks[o])
        q_d, q = p["attrition.own_strength_direct"], p["attrition.own_strength_indirect"]
        exponent = jnp.maximum(0.0, p["attrition.alpha"] + q_d - 1.0)
        attacker = 1.0 + (p["attrition.attacker_multiplier"] - 1.0) * attacks[s]
        posture = p["attrition.dug_in"] + (p["attrition.attacking"] - p["attrition.dug_in"]) * attacks[s]
        direct = attacker * power(y, exponent) * power(x, q_d - 1.0)
        indirect = (
            posture * power(self._indirect(o, seen, p) / p["attrition.common_fire"], p["attrition.fire_exponent"]) * power(x, q - 1.0)
        )
        phi = p["attrition.indirect_share"]
        return p["attrition.base_rate"] * here * act * ((1.0 - phi) * direct + phi * indirect)

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterator[Flow]:
        for s in self._sides:
            here = seen.held(self._depot[s])
            lost = -here * jnp.expm1(-self._losses(s, seen, p) * seen.step / jnp.maximum(here, 1e-6))
            yield Flow(f"losses/{s}", self._depot[s], f"waiting:casualties/{s}", lost)

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        shown = {}
        for s in self._sides:
            shown[f"people[{s}]"] = seen.held(self._depot[s])
            shown[f"indirect[{s}]"] = self._indirect(s, seen, p)
        return {}, shown
