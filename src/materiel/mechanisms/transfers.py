"""Transfers: offers in containers, a queue at the quay, routes with capacity, transit and losses."""

from collections.abc import Iterator, Mapping

import jax.numpy as jnp
from jax import Array

from materiel.mechanisms.contract import Flow, Luck, Measures, Seen, State
from materiel.mechanisms.production import stage_share
from materiel.scenario.vocabulary import Offer, Vocabulary


class Transfers:
    """What a supplier sends.

    Relation: while open, an offer moves `O scale` containers a day from depot to quay, a share `m` of them munitions,
    split by the mix and turned into rounds by `rho_g` rounds a container, as long as the depot stands above the
    reserve. From the quay the containers leave as `min(queue, capacity)`, over the routes in proportion to capacity
    (offers that wait for one route share it in proportion to their queues); then `k` Erlang stages of mean `tau`; a
    share `q` of what would arrive is lost.
    Parameters: `amount` O (containers/day), `scale`, `opens`, `closes` (dates), `munition_share` m, `mix`, `reserve`
    (share of the first stock), `per_container` rho (rounds/container), `capacity` (containers/day), `transit` tau (days),
    `lost` q (share).
    Reference: Kleinrock 1975, Queueing systems I; Kress 2002, Operational logistics.
    Left out: single ships, the cycle of vehicles, seasons, lots of one shipment.
    """

    name = "transfers"
    reads: tuple[str, ...] = ()
    shows = ("offer.open", "containers", "delivered")

    def __init__(self, v: Vocabulary) -> None:
        self._v = v
        self._offers: dict[str, Offer] = dict(sorted(v.offers.items()))
        # (offer, good) -> routes of the offer that carry the good
        self._carried = {
            (o, g): [r for r in sorted(offer.by) if g in v.routes[r].carries]
            for o, offer in self._offers.items()
            for g in sorted(offer.mix)
        }
        self.totals = {f"delivered[{o}.{g}]": tuple(f"arrive/{o}/{r}/{g}" for r in routes) for (o, g), routes in self._carried.items()}

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        opened: dict[str, Array | float] = {}
        for o, offer in self._offers.items():
            for g in offer.mix:
                opened[f"waiting:{o}/{g}"] = 0.0
                for r in self._carried[o, g]:
                    opened[f"sink:lost/{r}/{g}"] = 0.0
                    opened |= {f"transit:{o}/{r}/{g}/{s}": 0.0 for s in range(self._v.routes[r].stages)}
        return opened

    def first(self, p: Mapping[str, Array]) -> tuple[State, Measures]:
        zero = {o: jnp.zeros_like(p[f"offers.{o}.scale"]) for o in self._offers}
        return {f"{o}.containers": z for o, z in zero.items()}, {
            m: z for o, z in zero.items() for m in (f"offer.open[{o}]", f"containers[{o}]")
        }

    def _open(self, o: str, seen: Seen, p: Mapping[str, Array]) -> Array:
        """Scale of the offer today, 0 before it opens and from the day it closes."""
        yes = seen.day >= p[f"offers.{o}.opens"]
        if self._offers[o].closes is not None:
            yes = yes & (seen.day < p[f"offers.{o}.closes"])
        return jnp.where(yes, p[f"offers.{o}.scale"], jnp.zeros_like(p[f"offers.{o}.scale"]))

    def _quay(self, o: str, g: str, seen: Seen, p: Mapping[str, Array]) -> Array:
        """Containers of one good of one offer at the quay."""
        return seen.held(f"waiting:{o}/{g}") / p[f"goods.{g}.per_container"]

    def _pull(self, seen: Seen, p: Mapping[str, Array]) -> dict[str, Array]:
        """Room of each route today as a multiple of all containers that wait for it."""
        pull = {}
        for r in sorted(self._v.routes):
            queues = [self._quay(o, g, seen, p) for o, g in self._carried if r in self._carried[o, g]]
            if queues:
                pull[r] = p[f"routes.{r}.capacity"] * seen.step / jnp.maximum(sum(queues[1:], start=queues[0]), 1e-9)
        return pull

    def _offered(self, seen: Seen, p: Mapping[str, Array]) -> dict[tuple[str, str], Array]:
        """Rounds that each offer would send today, by offer and good."""
        rounds: dict[tuple[str, str], Array] = {}
        for o, offer in self._offers.items():
            munitions = p[f"offers.{o}.amount"] * self._open(o, seen, p) * p[f"offers.{o}.munition_share"] * seen.step
            goods = sorted(offer.mix)
            weights = sum((p[f"offers.{o}.mix.{g}"] for g in goods[1:]), start=p[f"offers.{o}.mix.{goods[0]}"])
            rounds |= {(o, g): munitions * p[f"offers.{o}.mix.{g}"] / weights * p[f"goods.{g}.per_container"] for g in goods}
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
        yield Flow(f"arrive/{o}/{r}/{g}", last, f"depot:{self._offers[o].to}/{g}", out * (1.0 - p[f"routes.{r}.lost"]))
        yield Flow(f"lose/{o}/{r}/{g}", last, f"sink:lost/{r}/{g}", out * p[f"routes.{r}.lost"])

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        later: State = {}
        shown: Measures = {}
        for o, offer in self._offers.items():
            left = [granted[f"ship/{o}/{r}/{g}"] / p[f"goods.{g}.per_container"] for g in sorted(offer.mix) for r in self._carried[o, g]]
            later[f"{o}.containers"] = state[f"{o}.containers"] + sum(left[1:], start=left[0])
            shown[f"containers[{o}]"] = later[f"{o}.containers"]
            shown[f"offer.open[{o}]"] = self._open(o, seen, p)
        return later, shown
