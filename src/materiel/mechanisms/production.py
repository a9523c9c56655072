"""Production: capacity that grows towards a ceiling, utilisation with a lag, and an Erlang pipeline."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

import jax.numpy as jnp
from jax import Array

from materiel.mechanisms.contract import Flow, Luck, Measures, Seen, State
from materiel.scenario.vocabulary import Line, Vocabulary


def stage_share(stages: int, delay: Array, step: Array) -> Array:
    """Share that leaves one stage of a discrete Erlang delay in a step: stages * step / delay, at most all of it."""
    return jnp.minimum(1.0, stages * step / delay)


def grown(capacity: Array, ceiling: Array, doubling: Array, time: Array) -> Array:
    """Logistic capacity after `time` days (before, if negative): K' = (ln 2 / T) K (1 - K / ceiling), solved exactly."""
    return ceiling / (1.0 + (ceiling / capacity - 1.0) * jnp.exp2(-time / doubling))


class Production:
    """Output of factories.

    Relation: capacity is the stated one times a size, which follows the logistic `K' = K (1 + (ln 2 / T_2)(1 - K / K_max))`,
    solved exactly in each step, is 1 on the day for which capacity is stated, and is run back from there to the first
    day; utilisation `u' = u + (target - u) dt / tau_u`, where the target moves from the usual to the export utilisation
    with the offer's opening; started rounds `u K` pass `k` stages, each releasing the share `k dt / tau` a step. What is
    finished goes to the depots of the actors named in `for`, by weight, or to the line's own actor.
    Parameters: `capacity` (rounds/day), `doubling` T_2 (days, far below the ceiling), `headroom` K_max/K - 1,
    `utilisation`, `lead_time` tau (days), `stages` k, `for` (weights), `for_export.lag` tau_u (days).
    Reference: Forrester 1961, Industrial dynamics; Sterman 2000, Business dynamics (Erlang delays).
    Left out: agreements that change who takes the output, limits of inputs (propellant, labour), delay of investment, learning by doing.
    """

    name = "production"
    reads = ("offer.open",)
    shows = ("made", "output")

    def __init__(self, v: Vocabulary) -> None:
        self._lines: dict[str, Line] = dict(sorted(v.production.items()))
        outputs = [(k, g) for k, line in self._lines.items() for g in line.makes]
        self.totals: dict[str, tuple[str, ...]] = {f"made[{k}.{g}]": tuple(self._done(k, g)) for k, g in outputs}

    def _done(self, k: str, g: str) -> dict[str, str]:
        """Flows of finished rounds of one good of a line, with the actor who takes each."""
        takers = sorted(self._lines[k].for_)
        return {f"done/{k}/{g}/{a}": a for a in takers} or {f"done/{k}/{g}": self._lines[k].actor}

    def _shares(self, k: str, field: str, keys: Iterable[str], p: Mapping[str, Array]) -> dict[str, Array]:
        """Weights of a line (of the goods that it `makes`, of the actors it works `for`) as shares; nothing if all are 0."""
        weights = {key: p[f"production.{k}.{field}.{key}"] for key in sorted(keys)}
        whole = jnp.maximum(sum(weights.values(), start=jnp.zeros_like(p[f"production.{k}.capacity"])), 1e-9)
        return {key: w / whole for key, w in weights.items()}

    def _grows(self, k: str) -> bool:
        return self._lines[k].doubling is not None and self._lines[k].headroom is not None

    def _first_size(self, k: str, p: Mapping[str, Array]) -> Array:
        """Capacity on the first day, as a multiple of the capacity stated."""
        one = jnp.ones_like(p[f"production.{k}.capacity"])
        if not self._grows(k) or self._lines[k].capacity_on is None:
            return one
        return grown(one, 1.0 + p[f"production.{k}.headroom"], p[f"production.{k}.doubling"], -p[f"production.{k}.capacity_on"])

    def _usual(self, k: str, p: Mapping[str, Array]) -> Array:
        return p[f"production.{k}.utilisation"] if self._lines[k].utilisation is not None else jnp.ones_like(p[f"production.{k}.capacity"])

    def _first_rate(self, k: str, p: Mapping[str, Array]) -> Array:
        """Rounds started a day before the first day; as many are finished."""
        return self._usual(k, p) * p[f"production.{k}.capacity"] * self._first_size(k, p)

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        opened: dict[str, Array | float] = {}
        for k, line in self._lines.items():
            rate = self._first_rate(k, p)
            for g, share in self._shares(k, "makes", line.makes, p).items():
                opened[f"source:made/{k}/{g}"] = 0.0
                for s in range(line.stages):
                    opened[f"making:{k}/{g}/{s}"] = rate * share * p[f"production.{k}.lead_time"] / line.stages
        return opened

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        state = {}
        for k, line in self._lines.items():
            state[f"{k}.size"] = self._first_size(k, p)
            if line.for_export:
                state[f"{k}.utilisation"] = self._usual(k, p)
        return state, {f"output[{k}]": self._first_rate(k, p) for k in self._lines}

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterator[Flow]:
        for k, line in self._lines.items():
            use = state[f"{k}.utilisation"] if line.for_export else self._usual(k, p)
            rate = use * p[f"production.{k}.capacity"] * state[f"{k}.size"]
            leaves = stage_share(line.stages, p[f"production.{k}.lead_time"], seen.step)
            parts = self._shares(k, "for", line.for_, p)
            for g, share in self._shares(k, "makes", line.makes, p).items():
                stages = [f"making:{k}/{g}/{s}" for s in range(line.stages)]
                yield Flow(f"start/{k}/{g}", f"source:made/{k}/{g}", stages[0], rate * share * seen.step)
                for s, (stage, later) in enumerate(pairwise(stages)):
                    yield Flow(f"work/{k}/{g}/{s}", stage, later, seen.held(stage) * leaves, counted=False)
                finished = seen.held(stages[-1]) * leaves
                for flow, a in self._done(k, g).items():
                    yield Flow(flow, stages[-1], f"depot:{a}/{g}", finished * parts[a] if parts else finished)

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        later: State = {}
        shown: Measures = {}
        for k, line in self._lines.items():
            done = [granted[flow] for g in sorted(line.makes) for flow in self._done(k, g)]
            shown[f"output[{k}]"] = sum(done, start=jnp.zeros_like(seen.step)) / seen.step
            later[f"{k}.size"] = size = state[f"{k}.size"]
            if self._grows(k):
                later[f"{k}.size"] = grown(size, 1.0 + p[f"production.{k}.headroom"], p[f"production.{k}.doubling"], seen.step)
            if line.for_export:
                usual, export = self._usual(k, p), p[f"production.{k}.for_export.utilisation"]
                target = usual + (export - usual) * jnp.minimum(1.0, seen[f"offer.open[{line.for_export.offer}]"])
                use = state[f"{k}.utilisation"]
                later[f"{k}.utilisation"] = use + (target - use) * jnp.minimum(1.0, seen.step / p[f"production.{k}.for_export.lag"])
        return later, shown
