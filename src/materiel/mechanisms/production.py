"""Production: capacity that grows towards a ceiling, utilisation with a lag, and an Erlang pipeline."""

from collections.abc import Iterator, Mapping

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
    with the offer's opening; started rounds `u K` pass `k` stages, each releasing the share `k dt / tau` a step.
    Parameters: `capacity` (rounds/day), `doubling` T_2 (days, far below the ceiling), `headroom` K_max/K - 1,
    `utilisation`, `lead_time` tau (days), `stages` k, `for_export.lag` tau_u (days).
    Reference: Forrester 1961, Industrial dynamics; Sterman 2000, Business dynamics (Erlang delays).
    Left out: limits of inputs (propellant, labour), delay of investment, learning by doing.
    """

    name = "production"
    reads = ("offer.open",)
    shows = ("made",)

    def __init__(self, v: Vocabulary) -> None:
        self._lines: dict[str, Line] = dict(sorted(v.production.items()))
        outputs = [(k, g) for k, line in self._lines.items() for g in line.makes]
        self.totals: dict[str, tuple[str, ...]] = {f"made[{k}.{g}]": (f"done/{k}/{g}",) for k, g in outputs}

    def _shares(self, k: str, p: Mapping[str, Array]) -> dict[str, Array]:
        """Share of a line's output that each of its goods takes."""
        weights = {g: p[f"production.{k}.makes.{g}"] for g in sorted(self._lines[k].makes)}
        whole = sum(weights.values())
        return {g: w / whole for g, w in weights.items()}

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

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        opened: dict[str, Array | float] = {}
        for k, line in self._lines.items():
            rate = self._usual(k, p) * p[f"production.{k}.capacity"] * self._first_size(k, p)
            for g, share in self._shares(k, p).items():
                opened[f"source:made/{k}/{g}"] = 0.0
                for s in range(line.stages):
                    opened[f"making:{k}/{g}/{s}"] = rate * share * p[f"production.{k}.lead_time"] / line.stages
        return opened

    def first(self, p: Mapping[str, Array]) -> tuple[State, Measures]:
        state = {}
        for k, line in self._lines.items():
            state[f"{k}.size"] = self._first_size(k, p)
            if line.for_export:
                state[f"{k}.utilisation"] = self._usual(k, p)
        return state, {}

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterator[Flow]:
        for k, line in self._lines.items():
            use = state[f"{k}.utilisation"] if line.for_export else self._usual(k, p)
            rate = use * p[f"production.{k}.capacity"] * state[f"{k}.size"]
            leaves = stage_share(line.stages, p[f"production.{k}.lead_time"], seen.step)
            for g, share in self._shares(k, p).items():
                yield Flow(f"start/{k}/{g}", f"source:made/{k}/{g}", f"making:{k}/{g}/0", rate * share * seen.step)
                for s in range(line.stages):
                    stage = f"making:{k}/{g}/{s}"
                    if s + 1 < line.stages:
                        yield Flow(f"work/{k}/{g}/{s}", stage, f"making:{k}/{g}/{s + 1}", seen.held(stage) * leaves, counted=False)
                    else:
                        yield Flow(f"done/{k}/{g}", stage, f"depot:{line.actor}/{g}", seen.held(stage) * leaves)

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        later = {}
        for k, line in self._lines.items():
            later[f"{k}.size"] = size = state[f"{k}.size"]
            if self._grows(k):
                later[f"{k}.size"] = grown(size, 1.0 + p[f"production.{k}.headroom"], p[f"production.{k}.doubling"], seen.step)
            if line.for_export:
                usual, export = self._usual(k, p), p[f"production.{k}.for_export.utilisation"]
                target = usual + (export - usual) * jnp.minimum(1.0, seen[f"offer.open[{line.for_export.offer}]"])
                use = state[f"{k}.utilisation"]
                later[f"{k}.utilisation"] = use + (target - use) * jnp.minimum(1.0, seen.step / p[f"production.{k}.for_export.lag"])
        return later, {}
