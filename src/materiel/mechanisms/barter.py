"""Barter: rounds for food, fuel, money and technology, by a bargain that is renewed and a debt that is paid off."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from materiel.mechanisms.contract import Flow, Luck, Measures, Seen, State
from materiel.mechanisms.stocks import YEAR, works
from materiel.mechanisms.transfers import in_rounds
from materiel.scenario.measures import means
from materiel.scenario.politics import Bargain
from materiel.scenario.vocabulary import Vocabulary


class Terms(NamedTuple):
    """What two sides agree on: the share of the full offer, its payment and their surplus (USD/day); all 0 without a deal."""

    share: Array
    payment: Array
    surplus: Array


def payoffs(pie: Array, receiver: Array, supplier: Array, power: Array) -> tuple[Array, Array]:
    """What the receiver and the supplier get of a pie: each its outside option and its part of what is left."""
    left = pie - receiver - supplier
    return receiver + power * left, supplier + (1.0 - power) * left


def agree(rounds: Array, value: Array, cost: Array, rising: Array, receiver: Array, supplier: Array, power: Array) -> Terms:
    """The Nash bargain over the share q of an offer of `rounds` a day.

    A round of the full offer is worth `value` (q - q^2/2) on average and costs `cost` q + `rising` q^2/2; `receiver` and
    `supplier` are the outside options in USD/day.
    """
    q = jnp.clip((value - cost) / jnp.maximum(value + rising, 1e-9), 0.0, 1.0)
    worth = value * rounds * (q - q * q / 2.0)
    costs = rounds * (cost * q + rising * q * q / 2.0)
    surplus = worth - costs - receiver - supplier
    deal = surplus > 0.0
    payment = costs + payoffs(worth - costs, receiver, supplier, power)[1]
    return Terms(*(jnp.where(deal, x, 0.0) for x in (q, payment, surplus)))


def cheapest(total: Array, absorbs: Mapping[str, Array], kappa: Mapping[str, Array], money_worth: Array) -> dict[str, Array]:
    """Payment of `total` in value that costs its giver least, by means; what the means cannot hold is money.

    The next unit by means j costs kappa_j / (1 - v_j / n_j), by money 1 / money_worth. With y the inverse of the cost at
    the margin, v_j = n_j max(0, 1 - kappa_j y); y is the largest root among the sets of the cheapest means, since every
    other set holds less at the same y.
    """
    if not absorbs:
        return {"money": total}
    dear = {m: jnp.maximum(kappa[m], 1e-6) for m in absorbs}
    inverse = money_worth
    for j in absorbs:  # in scalars: small vectors in the day cost many times more
        taken = {m: jnp.where(dear[m] <= dear[j], absorbs[m], 0.0) for m in absorbs}
        room, weight = total * -1.0, total * 0.0
        for m, size in taken.items():
            room, weight = room + size, weight + size * dear[m]
        inverse = jnp.maximum(inverse, room / jnp.maximum(weight, 1e-20))
    by_means = {m: absorbs[m] * jnp.maximum(0.0, 1.0 - dear[m] * inverse) for m in absorbs}
    held = sum(by_means.values(), start=total * 0.0)
    unused = (inverse > money_worth) & (held > 0.0)
    return by_means | {"money": jnp.where(unused, 0.0, jnp.maximum(0.0, total - held))}


class Barter:
    """Rounds for payment.

    Relation: need is `war_need max(0, 1 - cover / enough)`, cover the receiver's working rounds over its usual fire. Every
    `T` days both sides agree on a share `q` of the full offer of `Q` rounds a day. It is worth `v N Q (q - q^2/2)` to the
    receiver, `N = N_0 + (1 - N_0) need`, and costs the supplier `k Q (c q + c' q^2/2)`, `k` = 1 and the first patron's
    objection. The Nash bargain takes the `q` with the largest surplus over both outside options and pays
    `P = cost + d_S + (1 - beta) surplus`; without a surplus there is no deal. The means of payment are those that cost the
    receiver least: the next dollar of value by means j costs `kappa_j / (1 - v_j/n_j)`, with `kappa` the dearness of food
    and fuel under sanctions (1 without) and `kappa_0 exp(-eta need)` for technologies; money costs `1 / money_worth`
    without limit. What is shipped is owed at the price agreed, and `1 - exp(-dt/tau)` of the debt is paid a day, in the
    shares agreed. The deal shown is `q max(0, 1 - debt / limit)`, with the limit at which the supplier would lose
    more by ending the bargain than by going on, `delta_T / (1 - delta_T)` of its surplus a period, `delta_T = delta^(T/year)`.
    Parameters: `every` T, `enough`, `pays_within` tau (days), `power` beta, `war_need`, `peace_value` N_0, `money_worth`,
    `patience` delta a year (shares), `value` v, `cost` c, `rising_cost` c' (USD/round), `outside_receiver` d_R,
    `outside_supplier` d_S, `absorbs` n (USD/day), `reluctance` kappa_0, `yielding` eta, `technology_scale`.
    Reference: Nash 1950, The bargaining problem; Binmore, Rubinstein & Wolinsky 1986; Levin 2003, Relational incentive
    contracts; Marin & Schnitzer 2002, Contracts in trade and transition.
    Left out: the cost of means in the choice of the quantity (value passes from side to side without loss); default; what
    waits at the quay, in the limit (a debt can pass a limit that has since fallen, and then nothing more is offered);
    bargains of several suppliers with each other. What is seized on the way is paid for.
    """

    name = "barter"
    reads = ("works", "shipped", "objection", "dearer")
    shows = ("need", "deal", "price", "owed", "paying", "paid", "paid_share", "technology")

    def __init__(self, v: Vocabulary) -> None:
        self._v = v
        self._bargains: dict[str, Bargain] = dict(sorted(v.bargains.items()))
        self._means = {b: means(bargain) for b, bargain in self._bargains.items()}
        # a first patron objects to what the actor that depends on it sells to others
        self._objects = {
            b: [
                d
                for d, tie in sorted(v.dependence.items())
                if tie.actor == v.offers[bargain.offer].from_ and next(iter(tie.patrons.values())).actor != v.offers[bargain.offer].to
            ]
            for b, bargain in self._bargains.items()
        }
        self.totals: dict[str, tuple[str, ...]] = {f"paid[{b}.{m}]": (f"pay/{b}/{m}",) for b in self._bargains for m in self._means[b]}

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        # the debt is an account, so that what is owed is what was received less what was paid, to the last dollar
        opened: dict[str, Array | float] = {f"{a}/{b}": 0.0 for b in self._bargains for a in ("source:received", "waiting:owed")}
        return opened | {f"sink:paid/{b}/{m}": 0.0 for b in self._bargains for m in self._means[b]}

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        state: State = {}
        shown: Measures = {}
        for b, bargain in self._bargains.items():
            zero = jnp.zeros_like(p[f"bargains.{b}.power"])
            state |= {f"{b}.{part}": zero for part in ("due", "share", "price", "limit", *(f"by.{m}" for m in self._means[b]))}
            shown |= {f"{m}[{b}]": zero for m in ("need", "deal", "price", "owed", "paying")}
            shown |= {f"paid_share[{b}.{m}]": zero for m in self._means[b]}
            shown |= {f"technology[{b}.{t}]": zero for t in bargain.technologies}
        return state, shown

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterator[Flow]:
        for b, bargain in self._bargains.items():
            received = state[f"{b}.price"] * seen[f"shipped[{bargain.offer}]"] * seen.step
            yield Flow(f"owe/{b}", f"source:received/{b}", f"waiting:owed/{b}", received)
            pays = seen.held(f"waiting:owed/{b}") * -jnp.expm1(-seen.step / p[f"bargains.{b}.pays_within"])
            for m in self._means[b]:
                yield Flow(f"pay/{b}/{m}", f"waiting:owed/{b}", f"sink:paid/{b}/{m}", pays * state[f"{b}.by.{m}"])

    def _need(self, b: str, seen: Seen, p: Mapping[str, Array]) -> Array:
        """1 with nothing to fire, 0 from enough cover on; times the need that the course allows."""
        use = self._v.fire.cover[self._bargains[b].use]
        working = sum(
            (seen.held(f"depot:{use.actor}/{g}") * works(seen, p, self._v, use.actor, g) for g in sorted(use.goods)),
            start=jnp.zeros_like(seen.step),
        )
        # counted in the side's own rounds, as the rule that fires them does
        own = next((p[f"goods.{g}.works"] for g in use.goods if not self._v.goods[g].ageing), 1.0)
        cover = working / own / p[f"fire.cover.{self._bargains[b].use}.usual"]
        return p[f"bargains.{b}.war_need"] * jnp.maximum(0.0, 1.0 - cover / p[f"bargains.{b}.enough"])

    def _terms(self, b: str, need: Array, seen: Seen, p: Mapping[str, Array]) -> tuple[Terms, Array]:
        """What would be agreed today, and the rounds a day of the full offer."""
        k = f"bargains.{b}"
        offer = self._bargains[b].offer
        goods = in_rounds(self._v, offer, p[f"offers.{offer}.amount"] * p[f"offers.{offer}.munition_share"], p)
        rounds = sum(goods.values(), start=jnp.zeros_like(need))
        against = sum((seen[f"objection[{d}]"] for d in self._objects[b] if seen.shown(f"objection[{d}]")), start=jnp.ones_like(need))
        value = p[f"{k}.value"] * (p[f"{k}.peace_value"] + (1.0 - p[f"{k}.peace_value"]) * need)
        outside = (p[f"{k}.outside_receiver"], p[f"{k}.outside_supplier"])
        return agree(rounds, value, against * p[f"{k}.cost"], against * p[f"{k}.rising_cost"], *outside, p[f"{k}.power"]), rounds

    def _split(self, b: str, payment: Array, need: Array, seen: Seen, p: Mapping[str, Array]) -> dict[str, Array]:
        """The payment by means."""
        k, bargain = f"bargains.{b}", self._bargains[b]
        absorbs = {m: p[f"{k}.payments.{m}.absorbs"] for m in bargain.payments}
        kappa = {m: seen[f"dearer[{m}]"] if seen.shown(f"dearer[{m}]") else jnp.ones_like(need) for m in bargain.payments}
        for t in bargain.technologies:
            absorbs[t] = p[f"{k}.technologies.{t}.absorbs"] * p[f"{k}.technology_scale"]
            kappa[t] = p[f"{k}.technologies.{t}.reluctance"] * jnp.exp(-p[f"{k}.yielding"] * need)
        return cheapest(payment, absorbs, kappa, p[f"{k}.money_worth"])

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        later: State = {}
        shown: Measures = {}
        for b, bargain in self._bargains.items():
            k = f"bargains.{b}"
            need = self._need(b, seen, p)
            terms, rounds = self._terms(b, need, seen, p)
            split = self._split(b, terms.payment, need, seen, p)
            renews = state[f"{b}.due"] < seen.step / 2.0
            later[f"{b}.due"] = jnp.where(renews, state[f"{b}.due"] + p[f"{k}.every"], state[f"{b}.due"]) - seen.step
            # without a deal nothing more is offered; what is still under way and owed keeps its price and its means
            deal = renews & (terms.share > 0.0)
            later[f"{b}.share"] = jnp.where(renews, terms.share, state[f"{b}.share"])
            later[f"{b}.price"] = jnp.where(deal, terms.payment / jnp.maximum(terms.share * rounds, 1e-9), state[f"{b}.price"])
            for m, v in split.items():
                later[f"{b}.by.{m}"] = jnp.where(deal, v / jnp.maximum(sum(split.values()), 1e-9), state[f"{b}.by.{m}"])
            period = jnp.maximum(p[f"{k}.every"], seen.step)
            years = jnp.log(p[f"{k}.patience"]) * period / YEAR
            future = jnp.exp(years) / jnp.maximum(-jnp.expm1(years), 1e-9)
            later[f"{b}.limit"] = jnp.where(renews, future * (1.0 - p[f"{k}.power"]) * terms.surplus * period, state[f"{b}.limit"])

            paid = {m: granted[f"pay/{b}/{m}"] for m in self._means[b]}
            today = sum(paid.values(), start=jnp.zeros_like(need))
            owed = jnp.maximum(0.0, seen.held(f"waiting:owed/{b}") + granted[f"owe/{b}"] - today)
            room = jnp.clip(1.0 - owed / jnp.maximum(later[f"{b}.limit"], 1e-9), 0.0, 1.0)
            so_far = {m: seen.held(f"sink:paid/{b}/{m}") + paid[m] for m in self._means[b]}
            ever = jnp.maximum(sum(so_far.values(), start=jnp.zeros_like(need)), 1e-9)
            shown |= {
                f"need[{b}]": need,
                f"deal[{b}]": later[f"{b}.share"] * jnp.where(later[f"{b}.limit"] > 0.0, room, 0.0),
                f"price[{b}]": later[f"{b}.price"],
                f"owed[{b}]": owed,
                f"paying[{b}]": today / seen.step,
            }
            shown |= {f"paid_share[{b}.{m}]": so_far[m] / ever for m in self._means[b]}
            shown |= {f"technology[{b}.{t}]": so_far[t] for t in bargain.technologies}
        return later, shown
