"""Patrons: whom an actor depends on, how aligned it is with each, and how free it stays."""

from collections.abc import Iterable, Mapping, Sequence

import jax.numpy as jnp
from jax import Array

from materiel.mechanisms.contract import Flow, Luck, Measures, Seen, State
from materiel.mechanisms.stocks import YEAR
from materiel.scenario.vocabulary import Vocabulary

NOBODY = -1e30  # logit of a share of nothing: it stays nothing beside any share that is something


def shares(first: Sequence[Array], gain: Sequence[Array], temperature: Array) -> list[Array]:
    """Logit shares `first_k exp(gain_k / tau)`, scaled to 1; the first shares themselves where nothing is gained."""
    tau = jnp.maximum(temperature, 1e-6)
    logits = [jnp.where(s > 0, jnp.log(jnp.maximum(s, 1e-30)), NOBODY) + g / tau for s, g in zip(first, gain, strict=True)]
    top = logits[0]
    for x in logits[1:]:
        top = jnp.maximum(top, x)
    weights = [jnp.exp(x - top) for x in logits]
    whole = sum(weights[1:], start=weights[0])
    return [w / whole for w in weights]


class Patrons:
    """Choice among patrons.

    Relation: alignment returns to its usual value and jumps with events, `z' = z + (rest - z)(1 - exp(-dt / tau_z)) + sum J`,
    where payments raise the rest, `rest = zbar + tau_z w B_k / X` with `B_k` paid a day by patron k in bargains, `X` all
    exchange a day and `w` a year; a jump fades from its own date on, also if that was before the first day. Choice is a
    logit, `s_k ~ share_k exp([z_k - z_k0 - sens (m_k - m_k0)] / tau)`, so that it starts at the shares stated. Exchange is
    `X_k = s_k X + B_k`, for the first patron `max(0, 1 + support D) s_1 X + B_1`, where `D` follows the fall of its share
    since the first day with a lag; it also raises its monitoring, `m_1 = m_10 + answer D` within 0 and 1. With `S_k` the
    shares of exchange, autonomy is `1 - sum S_k m_k`, concentration `sum S_k^2`, restraint `sum S_k opposition_k`, and what
    the first patron adds to the cost of bargains `objection S_1`.
    Parameters: `share`, `monitoring` m, `opposition` (shares), `alignment` z_0, `usual_alignment` zbar, `exchange` X (USD/day),
    `temperature` tau, `sensitivity` sens, `forgetting` tau_z, `answer_lag` (days), `warming` w, `monitoring_answer`,
    `support_answer`, `objection`, and `jump` J of the events that align.
    Reference: Emerson 1962, Power-dependence relations; Hirschman 1945, National power and the structure of foreign trade;
    Morrow 1991, Alliances and asymmetry; Bailey, Strezhnev & Voeten 2017, Estimating dynamic state preferences.
    Left out: prices of single goods, limits of what a patron can supply, patrons who answer each other.
    """

    name = "patrons"
    reads = ("paying",)
    shows = ("exchange", "patron_share", "concentration", "autonomy", "alignment", "restraint", "objection")

    def __init__(self, v: Vocabulary) -> None:
        self._patrons = {d: list(thing.patrons) for d, thing in sorted(v.dependence.items())}
        self._jumps = {
            (d, k): [e for e, event in sorted(v.events.items()) if event.aligns == f"{d}.{k}" and event.jump is not None]
            for d, patrons in self._patrons.items()
            for k in patrons
        }
        offers = {b: v.offers[bargain.offer] for b, bargain in sorted(v.bargains.items())}
        self._bargains = {
            (d, k): [b for b, o in offers.items() if o.from_ == thing.actor and o.to == patron.actor]
            for d, thing in v.dependence.items()
            for k, patron in thing.patrons.items()
        }
        self.totals: dict[str, tuple[str, ...]] = {}

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        return {}

    def _faded(self, d: str, k: str, p: Mapping[str, Array], since: Array, now: Array) -> Array:
        """What the events from `since` on and before `now` have left of their jumps."""
        left = jnp.zeros_like(now)
        for e in self._jumps[d, k]:
            on = p[f"events.{e}.on"]
            fades = jnp.exp(-jnp.maximum(now - on, 0.0) / p[f"dependence.{d}.forgetting"])
            left = left + jnp.where((on >= since) & (on < now), p[f"events.{e}.jump"] * fades, 0.0)
        return left

    def _first_alignment(self, d: str, k: str, p: Mapping[str, Array]) -> Array:
        z = p[f"dependence.{d}.patrons.{k}.alignment"]
        return z + self._faded(d, k, p, jnp.full_like(z, -jnp.inf), jnp.zeros_like(z))

    def _first_shares(self, d: str, p: Mapping[str, Array]) -> list[Array]:
        stated = [p[f"dependence.{d}.patrons.{k}.share"] for k in self._patrons[d]]
        return shares(stated, [jnp.zeros_like(s) for s in stated], p[f"dependence.{d}.temperature"])

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        state: State = {}
        shown: Measures = {}
        for d, patrons in self._patrons.items():
            aligned = [self._first_alignment(d, k, p) for k in patrons]
            state[f"{d}.shift"] = jnp.zeros_like(aligned[0])
            state |= {f"{d}.{k}.alignment": z for k, z in zip(patrons, aligned, strict=True)}
            paid = [jnp.zeros_like(z) for z in aligned]
            shown |= self._shown(d, aligned, paid, state[f"{d}.shift"], p)
        return state, shown

    def _monitoring(self, d: str, shift: Array, p: Mapping[str, Array]) -> list[Array]:
        """How closely each patron watches; the first one answers what it has lost."""
        m = [p[f"dependence.{d}.patrons.{k}.monitoring"] for k in self._patrons[d]]
        return [jnp.clip(m[0] + p[f"dependence.{d}.monitoring_answer"] * shift, 0.0, 1.0), *m[1:]]

    def _shown(self, d: str, aligned: Sequence[Array], paid: Sequence[Array], shift: Array, p: Mapping[str, Array]) -> Measures:
        """Everything shown of one dependence, from alignments, payments and the shift that the first patron has felt."""
        n, patrons = f"dependence.{d}", self._patrons[d]
        watched = self._monitoring(d, shift, p)
        gain = [
            z - self._first_alignment(d, k, p) - p[f"{n}.sensitivity"] * (m - p[f"{n}.patrons.{k}.monitoring"])
            for k, z, m in zip(patrons, aligned, watched, strict=True)
        ]
        chosen = shares(self._first_shares(d, p), gain, p[f"{n}.temperature"])
        trade = [s * p[f"{n}.exchange"] for s in chosen]
        trade[0] = trade[0] * jnp.maximum(0.0, 1.0 + p[f"{n}.support_answer"] * shift)
        exchange = [x + b for x, b in zip(trade, paid, strict=True)]
        whole = sum(exchange[1:], start=exchange[0])
        # where nothing is exchanged, the choice that would be made
        share = [jnp.where(whole > 0, x / jnp.maximum(whole, 1e-30), s) for x, s in zip(exchange, chosen, strict=True)]
        # written as differences to the first patron, so that shares do not matter at all where all watch alike
        freed = sum((s * (watched[0] - m) for s, m in zip(share[1:], watched[1:], strict=True)), start=jnp.zeros_like(shift))
        shown = {
            f"concentration[{d}]": sum((s * s for s in share[1:]), start=share[0] * share[0]),
            f"autonomy[{d}]": 1.0 - watched[0] + freed,
            f"restraint[{d}]": sum(
                (s * p[f"{n}.patrons.{k}.opposition"] for k, s in zip(patrons, share, strict=True)), start=jnp.zeros_like(shift)
            ),
            f"objection[{d}]": p[f"{n}.objection"] * share[0],
        }
        for k, z, x, s in zip(patrons, aligned, exchange, share, strict=True):
            shown |= {f"alignment[{d}.{k}]": z, f"exchange[{d}.{k}]": x, f"patron_share[{d}.{k}]": s}
        return shown

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterable[Flow]:
        return ()

    def _paid(self, d: str, k: str, seen: Seen) -> Array:
        """What the patron pays the actor a day in bargains."""
        names = [f"paying[{b}]" for b in self._bargains[d, k]]
        return sum((seen[m] for m in names if seen.shown(m)), start=jnp.zeros_like(seen.step))

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        later: State = {}
        shown: Measures = {}
        for d, patrons in self._patrons.items():
            n, shift = f"dependence.{d}", state[f"{d}.shift"]
            paid = [self._paid(d, k, seen) for k in patrons]
            faded = -jnp.expm1(-seen.step / p[f"{n}.forgetting"])
            for k, b in zip(patrons, paid, strict=True):
                z = state[f"{d}.{k}.alignment"]
                weight = jnp.where(p[f"{n}.exchange"] > 0, b / jnp.maximum(p[f"{n}.exchange"], 1e-30), 0.0)
                rest = p[f"{n}.patrons.{k}.usual_alignment"] + p[f"{n}.forgetting"] / YEAR * p[f"{n}.warming"] * weight
                jumps = self._faded(d, k, p, seen.day, seen.day + seen.step)
                later[f"{d}.{k}.alignment"] = z + (rest - z) * faded + jumps
            today = self._shown(d, [later[f"{d}.{k}.alignment"] for k in patrons], paid, shift, p)
            fall = self._first_shares(d, p)[0] - today[f"patron_share[{d}.{patrons[0]}]"]
            later[f"{d}.shift"] = shift + (fall - shift) * jnp.minimum(1.0, seen.step / p[f"{n}.answer_lag"])
            shown |= today
        return later, shown
