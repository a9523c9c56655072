"""Talks: how long each side could go on, what terms it could expect, and the hazard of a settlement."""

from collections.abc import Iterable, Mapping

import jax.numpy as jnp
from jax import Array
from jax.scipy.special import expit

from materiel.mechanisms.attrition import power
from materiel.mechanisms.contract import ContractError, Flow, Luck, Measures, Seen, State
from materiel.mechanisms.stocks import works, works_at
from materiel.scenario.vocabulary import Vocabulary

SIDES = ("a", "b")
SIGN = {"a": 1.0, "b": -1.0}
FAR = 10.0  # outlooks beyond which no side counts its days


def weibull(rate: Array, shape: Array, age: Array, step: Array) -> Array:
    """Hazard of a Weibull law over a step: (h_0 (t + dt))^k - (h_0 t)^k, without the difference of two near numbers."""
    later = age + step
    added = -jnp.expm1(shape * jnp.log1p(-jnp.minimum(step / later, 1.0 - 1e-7)))
    return power(rate * later, shape) * jnp.where(age > 0, added, 1.0)


class Settlement:
    """Endurance, terms and the hazard of a settlement.

    Relation: shells of side s last `S / (f - inflow)+` days, `S` the working rounds of its use in rounds of its own make, `f`
    the least fire; people last `(M - m M_0)+ / decline`; inflow and net decline are means over `trend`; endurance `T_s` is the
    shorter of both, at most ten outlooks. Chance that a outlasts b, for exponential times: `lam = T_a / (T_a + T_b)`, each
    at least a day. Common view of a's prospects: `p = logistic(w_e logit lam + w_x area / 1000 km2)`. Up to `from` both
    believe `logit p_a = logit p + optimism of a`, `logit p_b = logit p - optimism of b`; from then on each belief moves to
    `logit p` at its side's speed of learning. With costs `c_s = cost x outlook` the terms that both accept reach from
    `p_a - c_a` to `p_b + c_b` of the stake for a; `share` is their middle (the Nash bargain of equal powers), the overlap
    `O = c_a + c_b - (p_a - p_b)`. Nobody settles while `|dp/dt| x outlook > c_a + c_b`, the change of `p` a mean over `trend`.
    From `from` on the hazard of a settlement is `h = h_0 k (h_0 t)^(k-1) logistic(O / s)`, `t` the age of the war;
    `going_on = exp(-sum h)`.
    Parameters: `least_fire` f (rounds/day), `least_people` m (share), `cost` (share of the stake a day), `optimism`, `learning`
    (1/day), `outlook`, `trend`, `war_age` (days), `endurance_weight` w_e, `front_weight` w_x, `hazard` h_0 (1/day),
    `shape` k, `softness` s.
    Reference: Fearon 1995, Rationalist explanations for war; Wittman 1979, How a war ends; Powell 2004, Bargaining and learning
    while fighting; Powell 2006, War as a commitment problem; Slantchev 2003, The principle of convergence in wartime
    negotiations; against it Langlois & Langlois 2012, Does the principle of convergence really hold?; Bennett & Stam 1996, The
    duration of interstate wars.
    Left out: what follows a settlement (the war of a world goes on as if there were none, so that `going_on` weighs its
    path exactly); treasury and the will of allies as what runs short; domestic politics; third parties at the table; war as a
    walk between forts (Smith & Stam 2004). On the first two days inflow and decline are not known and count as none.
    """

    name = "talks"
    reads = ("fire", "front.area", "people", "works")
    shows = (
        "endurance",
        "short_of_shells",
        "table.leverage",
        "table.share",
        "table.overlap",
        "table.blocked",
        "table.going_on",
        "table.settled",
        "table.agreed",
    )

    def __init__(self, v: Vocabulary) -> None:
        self._v = v
        if v.talks is None or set(v.talks.sides) != set(SIDES):
            raise ContractError("talks: the scenario needs talks with both sides, a and b")
        self._use = {s: v.fire.cover[v.talks.sides[s].use] for s in SIDES}
        self.totals: dict[str, tuple[str, ...]] = {}

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        return {}

    def _first_people(self, s: str, p: Mapping[str, Array]) -> Array:
        sides = self._v.attrition.sides if self._v.attrition else {}
        return p[f"stocks.{sides[s].actor}.{sides[s].troops}.held"] if s in sides else jnp.zeros_like(p["talks.hazard"])

    def _own(self, s: str, p: Mapping[str, Array]) -> Array | float:
        """Working share of the side's own rounds: of the first good that does not age."""
        return next((p[f"goods.{g}.works"] for g in self._use[s].goods if not self._v.goods[g].ageing), 1.0)

    def _first_shells(self, s: str, p: Mapping[str, Array]) -> Array:
        """Working rounds on the first day, in rounds of the side's own make."""
        total, actor = jnp.zeros_like(p["talks.hazard"]), self._use[s].actor
        for g in sorted(self._use[s].goods):
            stock = self._v.stocks.get(f"{actor}.{g}")
            if stock is not None:
                held = f"stocks.{actor}.{g}"
                age = p[f"{held}.mean_age"] if stock.mean_age is not None else jnp.zeros_like(total)
                total = total + p[f"{held}.held"] * (works_at(age, p, g) if self._v.goods[g].ageing else p[f"goods.{g}.works"])
        return total / self._own(s, p)

    def _shells(self, s: str, seen: Seen, p: Mapping[str, Array]) -> tuple[Array, Array]:
        """Working rounds that are there and that came a day yesterday, in rounds of the side's own make."""
        there = came = jnp.zeros_like(seen.step)
        actor = self._use[s].actor
        for g in sorted(self._use[s].goods):
            good = works(seen, p, self._v, actor, g) / self._own(s, p)
            there = there + seen.held(f"depot:{actor}/{g}") * good
            came = came + seen.arrived(f"depot:{actor}/{g}") * good
        return there, came

    def _people(self, s: str, seen: Seen, p: Mapping[str, Array]) -> Array:
        return seen[f"people[{s}]"] if seen.shown(f"people[{s}]") else self._first_people(s, p)

    def _endurance(self, s: str, shells: Array, inflow: Array, people: Array, decline: Array, p: Mapping[str, Array]) -> Array:
        """Days that the side could go on."""
        far = FAR * p["talks.outlook"]
        gap = p[f"talks.sides.{s}.least_fire"] - inflow
        spare = jnp.maximum(0.0, people - p[f"talks.sides.{s}.least_people"] * self._first_people(s, p))
        shells_last = jnp.where(gap > 0, shells / jnp.maximum(gap, 1e-6), far)  # enough comes in: even an empty depot goes on
        people_last = spare / jnp.maximum(decline, 1e-6) if self._v.attrition else far
        return jnp.minimum(jnp.minimum(shells_last, people_last), far)

    def _view(self, endurance: Mapping[str, Array], area: Array, p: Mapping[str, Array]) -> tuple[Array, Array]:
        """Leverage of a, and the common view of its prospects on the logit."""
        last = {s: jnp.maximum(endurance[s], 1.0) for s in SIDES}
        odds = p["talks.endurance_weight"] * jnp.log(last["a"] / last["b"])
        return last["a"] / (last["a"] + last["b"]), odds + p["talks.front_weight"] * area / 1000.0

    def _table(self, belief: Mapping[str, Array], p: Mapping[str, Array]) -> tuple[Array, Array, Array]:
        """Share of a in the middle of what both accept, overlap, and joint cost."""
        cost = {s: p[f"talks.sides.{s}.cost"] * p["talks.outlook"] for s in SIDES}
        thinks = {s: expit(belief[s]) for s in SIDES}
        joint = cost["a"] + cost["b"]
        share = jnp.clip((thinks["a"] - cost["a"] + thinks["b"] + cost["b"]) / 2.0, 0.0, 1.0)
        return share, joint - (thinks["a"] - thinks["b"]), joint

    def _first_belief(self, s: str, view: Array, p: Mapping[str, Array]) -> Array:
        return view + SIGN[s] * p[f"talks.sides.{s}.optimism"]

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        zero = jnp.zeros_like(p["talks.hazard"])
        endurance = {s: self._endurance(s, self._first_shells(s, p), zero, self._first_people(s, p), zero, p) for s in SIDES}
        leverage, view = self._view(endurance, zero, p)
        belief = {s: self._first_belief(s, view, p) for s in SIDES}
        share, overlap, _ = self._table(belief, p)
        state = {"known": zero, "trend": expit(view), "hazard": zero, "agreed": zero}
        state["threshold"] = -jnp.log(luck.uniforms("settlement")[0])
        for s in SIDES:
            state |= {f"{s}.inflow": zero, f"{s}.decline": zero, f"{s}.people": self._first_people(s, p)}
            state |= {f"{s}.belief": belief[s], f"{s}.short": zero}
        shown = {"table.leverage": leverage, "table.share": share, "table.overlap": overlap, "table.going_on": zero + 1.0}
        shown |= dict.fromkeys(("table.blocked", "table.settled", "table.agreed"), zero)
        return state, shown | {f"endurance[{s}]": endurance[s] for s in SIDES} | {f"short_of_shells[{s}]": zero for s in SIDES}

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterable[Flow]:
        return ()

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        open_ = seen.day >= p["talks.from"]
        # arrivals are known from the second day on; people seen are those of the day before, so their change from the third
        over = jnp.minimum(1.0, seen.step / p["talks.trend"])
        gain = jnp.where(seen.day > seen.step, over, 0.0)
        later = {"known": state["known"] + (1.0 - state["known"]) * gain}
        shown: Measures = {}
        endurance: dict[str, Array] = {}
        for s in SIDES:
            later |= self._means(s, gain, state, seen, p)
            whole = jnp.maximum(later["known"], 1e-6)
            inflow, decline = later[f"{s}.inflow"] / whole, later[f"{s}.decline"] / whole
            endurance[s] = self._endurance(s, self._shells(s, seen, p)[0], inflow, later[f"{s}.people"], decline, p)
            later[f"{s}.short"] = state[f"{s}.short"] + self._short(s, seen, p)
            shown |= {f"endurance[{s}]": endurance[s], f"short_of_shells[{s}]": later[f"{s}.short"]}
        leverage, view = self._view(endurance, seen["front.area"] if seen.shown("front.area") else jnp.zeros_like(seen.step), p)
        prospects, began = expit(view), state["known"] > 0
        grown = jnp.where(began, prospects - state["trend"], 0.0) * over
        later["trend"] = jnp.where(began, state["trend"] + grown, prospects)
        fresh = (seen.day - seen.step < p["talks.from"]) | ~began  # beliefs are those of the first day of talks
        for s in SIDES:
            held, speed = state[f"{s}.belief"], p[f"talks.sides.{s}.learning"]
            moved = held + (view - held) * -jnp.expm1(-speed * seen.step)
            later[f"{s}.belief"] = jnp.where(fresh, self._first_belief(s, view, p), moved)
        share, overlap, joint = self._table({s: later[f"{s}.belief"] for s in SIDES}, p)
        blocked = jnp.abs(grown / seen.step) * p["talks.outlook"] > joint
        free = expit(overlap / jnp.maximum(p["talks.softness"], 1e-6))
        hazard = weibull(p["talks.hazard"], p["talks.shape"], p["talks.war_age"] + seen.day, seen.step) * free
        later["hazard"] = state["hazard"] + jnp.where(open_ & ~blocked, hazard, 0.0)
        later["threshold"] = state["threshold"]
        settled = later["hazard"] >= later["threshold"]
        later["agreed"] = jnp.where(settled & (state["hazard"] < state["threshold"]), share, state["agreed"])
        return later, shown | {
            "table.leverage": leverage,
            "table.share": share,
            "table.overlap": overlap,
            "table.blocked": jnp.where(blocked, 1.0, 0.0),
            "table.going_on": jnp.exp(-later["hazard"]),
            "table.settled": jnp.where(settled, 1.0, 0.0),
            "table.agreed": later["agreed"],
        }

    def _means(self, s: str, gain: Array, state: State, seen: Seen, p: Mapping[str, Array]) -> State:
        """Inflow of working rounds and net decline of people a day, as far as known, and the people of today."""
        came, here = self._shells(s, seen, p)[1], self._people(s, seen, p)
        lost = (state[f"{s}.people"] - here) / seen.step
        inflow, decline = state[f"{s}.inflow"], state[f"{s}.decline"]
        return {f"{s}.inflow": inflow + (came - inflow) * gain, f"{s}.decline": decline + (lost - decline) * gain, f"{s}.people": here}

    def _short(self, s: str, seen: Seen, p: Mapping[str, Array]) -> Array:
        """Days to add to those short of shells: yesterday, if talks were open and it fired less than it needs."""
        if not seen.shown(f"fire[{s}]"):
            return jnp.zeros_like(seen.step)
        counts = seen.day - seen.step >= jnp.maximum(p["talks.from"], 0.0)
        return jnp.where(counts & (seen[f"fire[{s}]"] < p[f"talks.sides.{s}.least_fire"]), seen.step, 0.0)
