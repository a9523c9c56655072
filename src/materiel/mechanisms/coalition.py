"""Allied supply: what the aided side lacks, and allies who give it from their arsenals, down to a reserve."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from materiel.mechanisms.contract import ContractError, Flow, Luck, Measures, Seen, State
from materiel.mechanisms.ledger import Sum
from materiel.mechanisms.production import stage_share
from materiel.mechanisms.rationing import opponent
from materiel.mechanisms.stocks import YEAR, works
from materiel.scenario.vocabulary import Vocabulary

STAGES = 2  # of the way from an arsenal to the aided side: an Erlang delay of shape 2
NEAR = 0.02  # of the first stock: gifts shrink with what is left above the reserve, so that no arsenal comes quite down to it


def giving(incomes: Array, values: Array) -> Array:
    """What each ally gives to a common good when each chooses its gift alone (Nash), in the unit of the incomes.

    Ally i maximises `ln(y_i - g_i) + th_i ln G`, so it gives `g_i = max(0, y_i - G/th_i)`. Those who give are the allies of
    largest `th y`: of all such sets the one with the largest `G = sum y / (1 + sum 1/th)`. Arguments: [allies].
    """
    values = jnp.maximum(values, 1e-9)
    worth = values * incomes
    inside = worth[None, :] >= worth[:, None]  # row j: all whose th y is at least that of j
    income = jnp.sum(jnp.where(inside, incomes[None, :], 0.0), axis=1)
    total = income / (1.0 + jnp.sum(jnp.where(inside, 1.0 / values[None, :], 0.0), axis=1))
    best = jnp.argmax(total)
    # y_i - G/th_i in differences between those who give: gifts are thousandths of incomes, and the plain one would lose them
    apart = (worth[:, None] - worth[None, :]) / (values[:, None] * values[None, :])
    gift = incomes + jnp.sum(jnp.where(inside[best][None, :], apart, 0.0), axis=1)
    return jnp.where(inside[best], jnp.maximum(0.0, gift), 0.0) * (total[best] / jnp.maximum(income[best], 1e-9))


def _shares(amounts: Mapping[str, Array]) -> dict[str, Array]:
    """Parts of the whole; 0 if there is nothing."""
    parts = list(amounts.values())
    whole = jnp.maximum(sum(parts[1:], start=parts[0]), 1e-9)
    return {k: x / whole for k, x in amounts.items()}


class Lack(NamedTuple):
    """What the aided side lacks today, and the enemy's fire behind it, all in its own rounds a day."""

    felt: Array
    at_first: Array
    gross: Array
    required: Array


class AlliedSupply:
    """Deliveries by allies.

    Relation: the enemy's fire `E` (152 mm equivalents a day) is felt as `F' = (E/R - F)/tau_obs`, in the aided side's rounds of
    working share `R`; from the first day of allied supply on it requires `A = max(0, theta F/(1 + c) - own)`, of elasticity
    `1/(1 - own (1 + c)/(theta F))` to `F`. With `answers` below 1, `F` is mixed with what it was on that first day. Ally i
    pledges `min(part_i A, b_i Y_i W_i/price)`; it allocates at most what came in the day before and `(S_i - floor_i)/tau_draw`,
    never what lies under the floor; what is allocated arrives through two Erlang stages. Parts go by weight, by the game of
    giving to a common good `max ln(y_i - g_i) + th_i ln G`, or by a mixture. Will, kept within 0 and 1: `W_i' = -om (hundredths
    of a year's GDP spent) + rec (1 - W_i) + alarm (1,000 km2 lost by the aided side)`, from that first day on. A budget falls by the factor
    `exp(-distraction (x/x_0 - 1))` while the ally's own readiness `x` stands above its first value. With `answers` 0 neither
    the front nor the region moves allies either, so that what they deliver is the same whatever the enemy does.
    An arsenal counts as at its reserve when no more than a fiftieth of the first stock is left above it.
    Parameters: `accepted_ratio` theta, `drone_credit` c, `observed_within` tau_obs (days), `own_output` (rounds/day), `answers`,
    `price` (USD/round), `wider_cost` (USD per USD), `transit` (days), `alarm` (per 1,000 km2), `by_game`; of each donor `weight`, `gdp` Y
    (USD/day), `budget` b (share of a year's GDP per time), `reserve` (share of the first stock), `draw` tau_draw (days), `will`,
    `fatigue` om (per hundredth of GDP), `recovery` rec (1/day), `public_value` th, `distraction`.
    Reference: Olson & Zeckhauser 1966, An economic theory of alliances; Cornes & Sandler 1996, The theory of externalities,
    public goods and club goods; Sandler & Hartley 2001, Economics of alliances; Trebesch et al. 2023, The Ukraine support tracker.
    The game is played on the first day, with the numbers of that day.
    Left out: what declared series cost before the first day, the age of what is given, joint purchases, elections, aid in other
    goods, allies who answer each other's delays.
    """

    name = "coalition"
    reads = ("equivalents", "front.area", "readiness", "works")
    shows = (
        *("required", "required.elasticity", "pledged", "allocated", "received"),
        *("at_floor", "spent", "burden", "fatigue"),
    )

    def __init__(self, v: Vocabulary) -> None:
        if v.coalition is None:
            raise ContractError("coalition: the scenario has no coalition")
        side = v.actors[v.coalition.aids].side
        if side is None:
            raise ContractError(f'coalition: "{v.coalition.aids}" is on no side, so it has no enemy whose fire could be answered')
        self._v, self._aids, self._good, self._enemy = v, v.coalition.aids, v.coalition.good, opponent(side)
        self._donors = dict(sorted(v.coalition.donors.items()))
        self._groups = {g: [k for k, d in self._donors.items() if d.group == g] for g in sorted({d.group for d in self._donors.values()})}
        self._counted = {k: [k] for k in self._donors} | self._groups
        self.totals: dict[str, tuple[str, ...]] = {}
        for name, members in self._counted.items():
            self.totals[f"allocated[{name}]"] = tuple(f"aid/{k}" for k in members)
            self.totals[f"received[{name}]"] = tuple(f"aid_arrives/{k}" for k in members)

    def _way(self, k: str) -> list[str]:
        """Accounts of what is on the way from one ally."""
        return [f"transit:aid/{k}/{s}" for s in range(STAGES)]

    def _depot(self, k: str) -> str:
        return f"depot:{self._donors[k].actor}/{self._good}"

    def _first_stock(self, k: str, p: Mapping[str, Array]) -> Array:
        stock = f"{self._donors[k].actor}.{self._good}"
        return p[f"stocks.{stock}.held"] if stock in self._v.stocks else jnp.zeros_like(p["coalition.price"])

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        return {account: 0.0 for k in self._donors for account in self._way(k)}

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        zero = jnp.zeros_like(p["coalition.price"])
        state = {"felt": zero, "at_first": zero, "area": zero} | self._game(p)
        for k in self._donors:
            state |= {f"{k}.will": p[f"coalition.donors.{k}.will"]}
            state |= {f"{k}.{total}": zero for total in ("pledged", "pledged.lo", "spent", "spent.lo")}
        left = {k: self._first_stock(k, p) for k in self._donors}
        return state, {"required": zero, "required.elasticity": zero} | self._shown(state, left, p)

    def _shown(self, state: State, left: Mapping[str, Array], p: Mapping[str, Array]) -> Measures:
        """By donor and group; `left` is what each arsenal holds after today's gift."""

        def added(parts: Sequence[Array]) -> Array:
            return sum(parts[1:], start=parts[0])

        shown = {f"pledged[{name}]": added([state[f"{k}.pledged"] for k in members]) for name, members in self._counted.items()}
        for g, members in self._groups.items():
            first = [self._first_stock(k, p) for k in members]
            floor = [p[f"coalition.donors.{k}.reserve"] * s for k, s in zip(members, first, strict=True)]
            low = [jnp.where(left[k] <= f + NEAR * s, s, 0.0) for k, f, s in zip(members, floor, first, strict=True)]
            gdp = [p[f"coalition.donors.{k}.gdp"] for k in members]
            will = added([y * state[f"{k}.will"] for k, y in zip(members, gdp, strict=True)])
            whole = jnp.maximum(added(gdp), 1e-9)
            shown[f"at_floor[{g}]"] = added(low) / jnp.maximum(added(first), 1e-9)
            shown[f"spent[{g}]"] = added([state[f"{k}.spent"] for k in members])
            shown[f"burden[{g}]"] = shown[f"spent[{g}]"] * (1.0 + p["coalition.wider_cost"]) / (whole * YEAR)
            shown[f"fatigue[{g}]"] = 1.0 - will / whole
        return shown

    def _lack(self, state: State, seen: Seen, p: Mapping[str, Array]) -> Lack:
        fire = seen[f"equivalents[{self._enemy}]"] / jnp.maximum(works(seen, p, self._v, self._aids, self._good), 1e-6)
        # nobody saw the fire of the day before the first; the first that is seen is believed whole
        gain = jnp.where(seen.day > seen.step, jnp.minimum(1.0, seen.step / p["coalition.observed_within"]), 1.0)
        felt = state["felt"] + jnp.where(seen.day > 0, (fire - state["felt"]) * gain, 0.0)
        began = (seen.day > seen.step) & (seen.day - seen.step >= p["coalition.begins"])
        at_first = jnp.where(began, state["at_first"], felt)
        answered = p["coalition.answers"] * felt + (1.0 - p["coalition.answers"]) * at_first
        gross = p["coalition.accepted_ratio"] * answered / (1.0 + p["coalition.drone_credit"])
        lacking = jnp.maximum(0.0, gross - p["coalition.own_output"])
        return Lack(felt, at_first, gross, jnp.where(seen.day >= p["coalition.begins"], lacking, 0.0))

    def _game(self, p: Mapping[str, Array]) -> State:
        """Each ally's part by the game of giving. It is small vectors, dear in every day of every world, so it is played once."""
        if any(d.public_value is None for d in self._donors.values()):
            return {}
        incomes, values = (jnp.stack([p[f"coalition.donors.{k}.{of}"] for k in self._donors]) for of in ("gdp", "public_value"))
        gifts = giving(incomes, values)
        parts = _shares({k: gifts[i] for i, k in enumerate(self._donors)})
        return {f"{k}.game": part for k, part in parts.items()}

    def _parts(self, state: State, p: Mapping[str, Array]) -> dict[str, Array]:
        """Each ally's part of the requirement."""
        parts = _shares({k: p[f"coalition.donors.{k}.weight"] for k in self._donors})
        if all(f"{k}.game" in state for k in parts):
            parts = {k: part + (state[f"{k}.game"] - part) * p["coalition.by_game"] for k, part in parts.items()}
        return parts

    def _affords(self, k: str, state: State, seen: Seen, p: Mapping[str, Array]) -> Array:
        """Rounds a day that the budget of one ally pays for, at its will."""
        d, donor = f"coalition.donors.{k}", self._donors[k]
        budget = p[f"{d}.budget"] * p[f"{d}.gdp"] * YEAR * state[f"{k}.will"]
        if donor.distraction is not None and donor.member is not None:
            rise = jnp.maximum(0.0, seen[f"readiness[{donor.member}]"] / p[f"region.members.{donor.member}.readiness"] - 1.0)
            budget = budget * jnp.exp(-p[f"{d}.distraction"] * p["coalition.answers"] * rise)
        return budget / jnp.maximum(p["coalition.price"], 1e-6)  # what costs nothing is not limited by money

    def _pledges(self, state: State, seen: Seen, p: Mapping[str, Array]) -> dict[str, Array]:
        """Rounds a day that each ally promises today."""
        required = self._lack(state, seen, p).required
        return {k: jnp.minimum(part * required, self._affords(k, state, seen, p)) for k, part in self._parts(state, p).items()}

    def _available(self, k: str, seen: Seen, p: Mapping[str, Array]) -> Array:
        """Rounds a day that one arsenal can give: what came in, and a part of what stands above the reserve; never more than that."""
        d = f"coalition.donors.{k}"
        spare = jnp.maximum(0.0, seen.held(self._depot(k)) - p[f"{d}.reserve"] * self._first_stock(k, p))
        return jnp.minimum(seen.arrived(self._depot(k)) + spare / p[f"{d}.draw"], spare / seen.step)

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterator[Flow]:
        leaves = stage_share(STAGES, p["coalition.transit"], seen.step)
        for k, pledge in self._pledges(state, seen, p).items():
            way = self._way(k)
            yield Flow(f"aid/{k}", self._depot(k), way[0], jnp.minimum(pledge, self._available(k, seen, p)) * seen.step)
            for s, (stage, later) in enumerate(pairwise(way)):
                yield Flow(f"aid_moves/{k}/{s}", stage, later, seen.held(stage) * leaves, counted=False)
            yield Flow(f"aid_arrives/{k}", way[-1], f"depot:{self._aids}/{self._good}", seen.held(way[-1]) * leaves)

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        lack = self._lack(state, seen, p)
        area = seen["front.area"] if seen.shown("front.area") else jnp.zeros_like(seen.step)
        gained = area - state["area"] if self._enemy == "a" else state["area"] - area
        alarm = p["coalition.alarm"] * p["coalition.answers"] * jnp.maximum(0.0, gained) / 1000.0
        begun = seen.day >= p["coalition.begins"]
        later = {"felt": lack.felt, "at_first": lack.at_first, "area": area} | {k: x for k, x in state.items() if k.endswith(".game")}
        left = {}
        for k, pledge in self._pledges(state, seen, p).items():
            d, given, will = f"coalition.donors.{k}", granted[f"aid/{k}"], state[f"{k}.will"]
            left[k] = seen.held(self._depot(k)) - given
            spent = given * p["coalition.price"]
            tired = p[f"{d}.fatigue"] * 100.0 * spent / jnp.maximum(p[f"{d}.gdp"] * YEAR, 1e-9)
            back = (1.0 - will) * -jnp.expm1(-p[f"{d}.recovery"] * seen.step)
            # what the declared series before cost is not counted, so will does not recover from it either
            later[f"{k}.will"] = jnp.where(begun, jnp.clip(will - tired + back + alarm, 0.0, 1.0), will)
            for total, more in (("pledged", pledge * seen.step), ("spent", spent)):
                added = Sum.of(state[f"{k}.{total}"], state[f"{k}.{total}.lo"]).plus(more)
                later |= {f"{k}.{total}": added.hi, f"{k}.{total}.lo": added.lo}
        # theta F / (1 + c) over what of it the aided side does not make itself: the elasticity of the requirement to F
        elasticity = jnp.where(lack.required > 0, lack.gross / jnp.maximum(lack.required, 1e-9), 0.0)
        return later, {"required": lack.required, "required.elasticity": elasticity} | self._shown(later, left, p)
