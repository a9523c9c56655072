"""The region: members arm against a threat, the threat answers, and each side tires."""

from collections.abc import Iterable, Mapping

import jax.numpy as jnp
from jax import Array

from materiel.mechanisms.contract import ContractError, Flow, Luck, Measures, Seen, State
from materiel.scenario.vocabulary import Vocabulary


def moved(x: Array, gain: Array, rate: Array, step: Array) -> Array:
    """x' = gain - rate x, solved exactly over a step in which gain and rate stand still; never negative for a gain that is not."""
    u = rate * step
    # (1 - exp(-u)) / u, which is 1 where nothing tires
    part = jnp.where(u > 0, -jnp.expm1(-u) / jnp.maximum(u, 1e-30), 1.0)
    return x + (gain - rate * x) * step * part


def bound(x: Array, ceiling: Array, rate: Array, step: Array) -> Array:
    """x' = -rate x (x / ceiling)^4, solved exactly: what a budget takes off, however far above it x stands."""
    full = x / jnp.maximum(ceiling, 1e-6)
    return x * jnp.exp(-0.25 * jnp.log1p(4.0 * rate * step * full * full * full * full))


class Reaction:
    """Armament of a region.

    Relation: a Richardson pair a member, `x' = k (1 - c) y - a x + g` for the readiness of each member and
    `y' = l mean(x) - b y + h + g_1 milestones + g_t tests + g_2 (z - z_0)+` for the threat, solved exactly over a step in
    which the other side stands still. Where a budget binds, `a` becomes `a (1 + (x / ceiling)^4)`. Milestones and tests
    are those of the actor that is the threat, `z` is its alignment with the patron that alarms and `z_0` its first value.
    Without a ceiling and with joint effort `c`, the pair comes to rest if and only if `a b > k (1 - c) l`.
    Parameters: `reaction` k and l, `fatigue` a and b, `grievance` g and h, `per_milestone` g_1, `per_test` g_t,
    `per_alignment` g_2 (all 1/day), `readiness` x_0, `threat` y_0, `ceiling` (armament of the first day = 1), `cooperation` c (share).
    Reference: Richardson 1960, Arms and insecurity; Caspary 1967, Richardson's model of arms races; Intriligator & Brito
    1984, Can arms races lead to the outbreak of war?; Glaser 2000, The causes and consequences of arms races.
    Left out: kinds of arms, alliances that form or break, joint deterrence, war.
    """

    name = "region"
    reads = ("milestone", "tests", "alignment")
    shows = ("threat", "readiness")

    def __init__(self, v: Vocabulary) -> None:
        if v.region is None:
            raise ContractError("region: the scenario has no region")
        self._members = dict(sorted(v.region.members.items()))
        of = v.region.of
        self._milestones = [f"milestone[{k}.{m}]" for k, c in sorted(v.programmes.items()) if c.actor == of for m in c.milestones]
        self._tests = [f"tests[{k}]" for k, series in sorted(v.tests.items()) if series.actor == of]
        self._aligned = f"alignment[{v.region.dependence}.{v.region.patron}]" if v.region.dependence and v.region.patron else None
        self.totals: dict[str, tuple[str, ...]] = {}

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        return {}

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        state = {"threat": p["region.threat"], "aligned": jnp.zeros_like(p["region.threat"])}
        state |= {f"{k}.readiness": p[f"region.members.{k}.readiness"] for k in self._members}
        return state, self._shown(state)

    def _shown(self, state: State) -> Measures:
        return {"threat": state["threat"]} | {f"readiness[{k}]": state[f"{k}.readiness"] for k in self._members}

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterable[Flow]:
        return ()

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        def counted(measures: list[str]) -> Array:
            return sum((seen[m] for m in measures if seen.shown(m)), start=jnp.zeros_like(seen.step))

        y, none = state["threat"], jnp.zeros_like(seen.step)
        aligned = seen[self._aligned] if self._aligned is not None and seen.shown(self._aligned) else none
        later = {"aligned": jnp.where(seen.day > 0, state["aligned"], aligned)}  # on the first day: what it was before
        closer = jnp.maximum(0.0, aligned - later["aligned"])
        events = p["region.per_milestone"] * counted(self._milestones) + p["region.per_test"] * counted(self._tests)
        mean = sum((state[f"{k}.readiness"] for k in self._members), start=none) / max(len(self._members), 1)
        gain = p["region.reaction"] * mean + p["region.grievance"] + events + p["region.per_alignment"] * closer
        later["threat"] = moved(y, gain, p["region.fatigue"], seen.step)
        for k, member in self._members.items():
            m, x = f"region.members.{k}", state[f"{k}.readiness"]
            if member.ceiling is not None:
                x = bound(x, p[f"{m}.ceiling"], p[f"{m}.fatigue"], seen.step)
            arms = p[f"{m}.reaction"] * (1.0 - p["region.cooperation"]) * y + p[f"{m}.grievance"]
            later[f"{k}.readiness"] = moved(x, arms, p[f"{m}.fatigue"], seen.step)
        return later, self._shown(later)
