"""Fire: how many rounds are used a day, from need, cover and plan."""

from collections.abc import Iterator, Mapping, Sequence

import jax.numpy as jnp
from jax import Array

from materiel.mechanisms.contract import Flow, Luck, Measures, Seen, State
from materiel.mechanisms.stocks import works
from materiel.scenario.vocabulary import Vocabulary


def hill(cover: Array, half: Array, steepness: Array) -> Array:
    """C^n / (C^n + C_h^n), from 0 to 1; 1/2 at C = C_h."""
    ratio = jnp.exp(steepness * jnp.log(jnp.maximum(cover, 1e-9) / half))
    return ratio / (1.0 + ratio)


def opponent(side: str) -> str:
    """The other of the two sides."""
    return {"a": "b", "b": "a"}[side]


class Rationing:
    """Use of rounds.

    Relation, rule `cover`: a mission asks for effects, so with `r` the mean working share of the stock relative to the
    side's own rounds it needs `N = mission / r` rounds; cover is `C = r S / F_ref` days; the staff spreads what it has
    over a horizon, `F_plan = inflow / r + S / H`, inflow smoothed and counted in working rounds (counted in rounds, a gift
    of poor ones would lower fire); `F = min(N g(C), F_plan, S / dt)` with the Hill function `g`. The mission is `most` when
    the side attacks, lies between `usual` and `most` when only the opponent does (`defending`), else `usual`. All goods of
    a use are issued in proportion to stock. Rule `steady`: a fixed use, higher while the opponent attacks. Rule
    `drawdown`: `S / over` a day.
    Parameters: `usual`, `most` (rounds/day), `half_cover` C_h, `horizon` H, `smoothing`, `over` (days), `steepness` n.
    Reference: Scarf 1960 on (s, S) policies; Dupuy 1979, Numbers, predictions and war.
    Left out: barrels, limits per gun, calibres rationed apart.
    """

    name = "fire"
    reads = ("works", "front.attacking")
    shows = ("fired", "fire", "equivalents")

    def __init__(self, v: Vocabulary) -> None:
        self._v = v
        self._uses = {k: (rule, use) for rule in ("cover", "steady", "drawdown") for k, use in getattr(v.fire, rule).items()}
        self._uses = dict(sorted(self._uses.items()))
        self._side = {k: v.actors[use.actor].side or "" for k, (_, use) in self._uses.items()}
        self.totals = {f"fired[{k}]": tuple(f"fire/{k}/{g}" for g in sorted(use.goods)) for k, (_, use) in self._uses.items()}

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        return {f"sink:fired/{k}": 0.0 for k in self._uses}

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        state: State = {}
        shown: Measures = {}
        for k, (rule, use) in self._uses.items():
            zero = jnp.zeros_like(next(iter(p.values())))
            if any(self._v.goods[g].lethality is not None for g in use.goods):
                shown[f"equivalents[{self._side[k]}]"] = zero
            if rule == "cover":
                state |= {f"{k}.inflow": zero, f"{k}.known": zero}
                shown[f"fire[{self._side[k]}]"] = zero
        return state, shown

    def _stock(self, k: str, seen: Seen) -> dict[str, Array]:
        use = self._uses[k][1]
        return {g: seen.held(f"depot:{use.actor}/{g}") for g in sorted(use.goods)}

    def _attacks(self, side: str, seen: Seen) -> Array:
        m = f"front.attacking[{side}]"
        return seen[m] if seen.shown(m) else jnp.zeros_like(seen.step)

    def _own(self, goods: Sequence[str], p: Mapping[str, Array]) -> Array | float:
        """Working share of the side's own rounds: of the first good that does not age."""
        return next((p[f"goods.{g}.works"] for g in goods if not self._v.goods[g].ageing), 1.0)

    def _by_cover(self, k: str, state: State, seen: Seen, p: Mapping[str, Array]) -> Array:
        """Rounds a day by the cover rule."""
        f, use = f"fire.cover.{k}", self._v.fire.cover[k]
        stock = self._stock(k, seen)
        share = {g: works(seen, p, self._v, use.actor, g) for g in stock}
        total = sum(stock.values(), start=jnp.zeros_like(seen.step))
        working = sum((stock[g] * share[g] for g in stock), start=jnp.zeros_like(seen.step))
        # no stock: nothing to spread, and any ratio will do
        r = jnp.where(total > 0, working / jnp.maximum(total, 1e-6), share[min(stock)]) / self._own(use.goods, p)
        attacks, attacked = self._attacks(self._side[k], seen), self._attacks(opponent(self._side[k]), seen)
        raised = attacked * p[f"{f}.defending"] if use.defending is not None else attacked
        mission = p[f"{f}.usual"] + (p[f"{f}.most"] - p[f"{f}.usual"]) * jnp.maximum(attacks, raised)
        cover = r * total / p[f"{f}.usual"]
        inflow = state[f"{k}.inflow"] / jnp.maximum(state[f"{k}.known"], 1e-6)
        planned = inflow / jnp.maximum(r, 1e-6) + total / p[f"{f}.horizon"]
        wanted = mission / jnp.maximum(r, 1e-6) * hill(cover, p[f"{f}.half_cover"], p[f"{f}.steepness"])
        return jnp.minimum(jnp.minimum(wanted, planned), total / seen.step)

    def _wanted(self, k: str, state: State, seen: Seen, p: Mapping[str, Array]) -> Array:
        rule, _ = self._uses[k]
        if rule == "cover":
            return self._by_cover(k, state, seen, p)
        if rule == "steady":
            usual, more = p[f"fire.steady.{k}.usual"], p[f"fire.steady.{k}.under_attack"]
            return usual + (more - usual) * self._attacks(opponent(self._side[k]), seen)
        return sum(self._stock(k, seen).values(), start=jnp.zeros_like(seen.step)) / p[f"fire.drawdown.{k}.over"]

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterator[Flow]:
        for k, (_, use) in self._uses.items():
            stock = self._stock(k, seen)
            total = jnp.maximum(sum(stock.values(), start=jnp.zeros_like(seen.step)), 1e-6)
            rounds = self._wanted(k, state, seen, p) * seen.step
            for g, held in stock.items():
                yield Flow(f"fire/{k}/{g}", f"depot:{use.actor}/{g}", f"sink:fired/{k}", rounds * (held / total))

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        later: State = {}
        shown: Measures = {}
        for k, (rule, use) in self._uses.items():
            side = self._side[k]
            fired = {g: granted[f"fire/{k}/{g}"] / seen.step for g in sorted(use.goods)}
            for g, rate in fired.items():
                if self._v.goods[g].lethality is not None:
                    effect = rate * works(seen, p, self._v, use.actor, g) * p[f"goods.{g}.lethality"]
                    m = f"equivalents[{side}]"
                    shown[m] = shown[m] + effect if m in shown else effect
            if rule == "cover":
                m = f"fire[{side}]"
                rate = sum(fired.values(), start=jnp.zeros_like(seen.step))
                shown[m] = shown[m] + rate if m in shown else rate
                own = self._own(use.goods, p)
                came = sum(
                    (seen.arrived(f"depot:{use.actor}/{g}") * works(seen, p, self._v, use.actor, g) / own for g in sorted(use.goods)),
                    start=jnp.zeros_like(seen.step),
                )
                # arrivals of the day before the first are not known: the mean starts with the second day
                gain = jnp.where(seen.day > 0, jnp.minimum(1.0, seen.step / p[f"fire.cover.{k}.smoothing"]), 0.0)
                later[f"{k}.inflow"] = state[f"{k}.inflow"] + (came - state[f"{k}.inflow"]) * gain
                later[f"{k}.known"] = state[f"{k}.known"] + (1.0 - state[f"{k}.known"]) * gain
        return later, shown
