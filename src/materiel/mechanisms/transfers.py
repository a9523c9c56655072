"""Transfers: offers in containers, a queue at the quay, routes with capacity, transit and losses."""

from collections.abc import Iterator, Mapping

import jax.numpy as jnp
from jax import Array

from materiel.mechanisms.contract import Flow, Luck, Measures, Seen, State
from materiel.mechanisms.production import stage_share
from materiel.scenario.vocabulary import Offer, Vocabulary


def in_rounds(v: Vocabulary, offer: str, containers: Array, p: Mapping[str, Array]) -> dict[str, Array]:
    """Rounds of each good in so many containers of munitions of an offer."""
    goods = sorted(v.offers[offer].mix)
    weights = sum((p[f"offers.{offer}.mix.{g}"] for g in goods[1:]), start=p[f"offers.{offer}.mix.{goods[0]}"])
    return {g: containers * p[f"offers.{offer}.mix.{g}"] / weights * p[f"goods.{g}.per_container"] for g in goods}


class Transfers:
    """What a supplier sends.

    Relation: while open, an offer moves `O scale` containers a day from depot to quay, a share `m` of them munitions,
    split by the mix and turned into rounds by `rho_g` rounds a container, as long as the depot stands above the
    reserve; where there is a bargain over the offer, its deal multiplies the scale. From the quay the containers leave as
    `min(queue, capacity)`, over the routes in proportion to capacity (offers that wait for one route share it in
    proportion to their queues); sanctions leave of the capacity the share of carriers who take part. Then come `k` Erlang
    stages of mean `tau`; a share `q` of what would arrive is lost, and of the rest enforcers seize what does not pass them.
    Parameters: `amount` O (containers/day), `scale`, `opens`, `closes` (dates), `munition_share` m, `mix`, `reserve`
    (share of the first stock), `per_container` rho (rounds/container), `capacity` (containers/day), `transit` tau (days),
    `lost` q (share).
    Reference: Kleinrock 1975, Queueing systems I; Kress 2002, Operational logistics.
    Left out: single ships, the cycle of vehicles, seasons, lots of one shipment.
    """

    name = "transfers"
    reads = ("deal", "passes", "carriers")
    shows = ("offer.open", "containers", "delivered", "shipped", "seized")

    def __init__(self, v: Vocabulary) -> None:
        self._v = v
        self._offers: dict[str, Offer] = dict(sorted(v.offers.items()))
        # (offer, good) -> routes of the offer that carry the good
        self._carried = {
            (o, g): [r for r in sorted(offer.by) if g in v.routes[r].carries]
            for o, offer in self._offers.items()
            for g in sorted(offer.mix)
        }
        self._deal = {bargain.offer: f"deal[{b}]" for b, bargain in v.bargains.items()}
        self._watched = {r for regime in v.sanctions.values() for r in regime.routes}
        self.totals = {f"delivered[{o}.{g}]": tuple(f"arrive/{o}/{r}/{g}" for r in routes) for (o, g), routes in self._carried.items()}
        for o in self._offers:
            watched = [(g, r) for g in sorted(self._offers[o].mix) for r in self._carried[o, g] if r in self._watched]
            seized = tuple(f"seize/{o}/{r}/{g}" for g, r in watched)
            if seized:
                self.totals[f"seized[{o}]"] = seized

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        opened: dict[str, Array | float] = {}
        for o, offer in self._offers.items():
            for g in offer.mix:
                opened[f"waiting:{o}/{g}"] = 0.0
                for r in self._carried[o, g]:
                    opened[f"sink:lost/{r}/{g}"] = 0.0
                    if r in self._watched:
                        opened[f"sink:seized/{o}/{r}/{g}"] = 0.0
                    opened |= {f"transit:{o}/{r}/{g}/{s}": 0.0 for s in range(self._v.routes[r].stages)}
        return opened

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        zero = {o: jnp.zeros_like(p[f"offers.{o}.scale"]) for o in self._offers}
        return {f"{o}.containers": z for o, z in zero.items()}, {
            m: z for o, z in zero.items() for m in (f"offer.open[{o}]", f"containers[{o}]", f"shipped[{o}]")
        }

    def _open(self, o: str, seen: Seen, p: Mapping[str, Array]) -> Array:
        """Scale of the offer today, times the deal if it is bargained over; 0 before it opens and from the day it closes."""
        scale = p[f"offers.{o}.scale"]
        if o in self._deal and seen.shown(self._deal[o]):
            scale = scale * seen[self._deal[o]]
        yes = seen.day >= p[f"offers.{o}.opens"]
        if self._offers[o].closes is not None:
            yes = yes & (seen.day < p[f"offers.{o}.closes"])
        return jnp.where(yes, scale, jnp.zeros_like(scale))

    def _quay(self, o: str, g: str, seen: Seen, p: Mapping[str, Array]) -> Array:
        """Containers of one good of one offer at the quay."""
        return seen.held(f"waiting:{o}/{g}") / p[f"goods.{g}.per_container"]

    def _pull(self, seen: Seen, p: Mapping[str, Array]) -> dict[str, Array]:
        """Room of each route today as a multiple of all containers that wait for it."""
        pull = {}
        for r in sorted(self._v.routes):
            queues = [self._quay(o, g, seen, p) for o, g in self._carried if r in self._carried[o, g]]
            if queues:
                room = p[f"routes.{r}.capacity"]
                if seen.shown(f"carriers[{r}]"):
                    room = room * seen[f"carriers[{r}]"]
                pull[r] = room * seen.step / jnp.maximum(sum(queues[1:], start=queues[0]), 1e-9)
        return pull

    def _offered(self, seen: Seen, p: Mapping[str, Array]) -> dict[tuple[str, str], Array]:
        """Rounds that each offer would send today, by offer and good."""
        rounds: dict[tuple[str, str], Array] = {}
        for o in self._offers:
            munitions = p[f"offers.{o}.amount"] * self._open(o, seen, p) * p[f"offers.{o}.munition_share"] * seen.step
            rounds |= {(o, g): x for g, x in in_rounds(self._v, o, munitions, p).items()}
        return rounds

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterator[Flow]:
        pull = self._pull(seen, p)
        rounds = self._offered(seen, p)
        for o, offer in self._offers.items():
            for g in sorted(offer.mix):
                depot, quay = f"depot:{offer.from_}/{g}", f"waiting:{o}/{g}"
                kept = p[f"offers.{o}.reserve"] * p[f"stocks.{offer.from_}.{g}.held"] if f"{offer.from_}.{g}" in self._v.stocks else 0.0
                spare = jnp.maximum(seen.held(depot) - kept, 0.0)
                rivals = [rounds[other, g] for other in self._offers if self._offers[other].from_ == offer.from_ and (other, g) in rounds]
                if len(rivals) > 1:  # offers from one depot share what stands above the reserve
                    spare = spare * rounds[o, g] / jnp.maximum(sum(rivals[1:], start=rivals[0]), 1e-9)
                yield Flow(f"offer/{o}/{g}", depot, quay, jnp.minimum(rounds[o, g], spare))
                # the other containers of the offer travel too, so munitions get their share of the room
                part = {r: pull[r] * p[f"offers.{o}.munition_share"] for r in self._carried[o, g]}
                together = jnp.maximum(sum(part.values(), start=jnp.zeros_like(seen.step)), 1e-9)
                for r in part:
                    yield from self._along(o, r, g, seen, p, seen.held(quay) * (jnp.minimum(1.0, together) * part[r] / together))

    def _along(self, o: str, r: str, g: str, seen: Seen, p: Mapping[str, Array], shipped: Array) -> Iterator[Flow]:
        """One good of one offer along one route, from the quay to the receiver's depot."""
        stages = self._v.routes[r].stages
        leaves = stage_share(stages, p[f"routes.{r}.transit"], seen.step)
        yield Flow(f"ship/{o}/{r}/{g}", f"waiting:{o}/{g}", f"transit:{o}/{r}/{g}/0", shipped)
        for s in range(stages - 1):
            stage = f"transit:{o}/{r}/{g}/{s}"
            yield Flow(f"move/{o}/{r}/{g}/{s}", stage, f"transit:{o}/{r}/{g}/{s + 1}", seen.held(stage) * leaves, counted=False)
        last = f"transit:{o}/{r}/{g}/{stages - 1}"
        out = seen.held(last) * leaves
        comes = out * (1.0 - p[f"routes.{r}.lost"])
        if r in self._watched:
            passes = seen[f"passes[{r}]"] if seen.shown(f"passes[{r}]") else jnp.ones_like(comes)
            yield Flow(f"seize/{o}/{r}/{g}", last, f"sink:seized/{o}/{r}/{g}", comes * (1.0 - passes))
            comes = comes * passes
        yield Flow(f"arrive/{o}/{r}/{g}", last, f"depot:{self._offers[o].to}/{g}", comes)
        yield Flow(f"lose/{o}/{r}/{g}", last, f"sink:lost/{r}/{g}", out * p[f"routes.{r}.lost"])

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        later: State = {}
        shown: Measures = {}
        for o, offer in self._offers.items():
            left = [granted[f"ship/{o}/{r}/{g}"] / p[f"goods.{g}.per_container"] for g in sorted(offer.mix) for r in self._carried[o, g]]
            later[f"{o}.containers"] = state[f"{o}.containers"] + sum(left[1:], start=left[0])
            shown[f"containers[{o}]"] = later[f"{o}.containers"]
            rounds = [granted[f"ship/{o}/{r}/{g}"] for g in sorted(offer.mix) for r in self._carried[o, g]]
            shown[f"shipped[{o}]"] = sum(rounds[1:], start=rounds[0]) / seen.step
            shown[f"offer.open[{o}]"] = self._open(o, seen, p)
        return later, shown
