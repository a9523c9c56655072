"""Programmes: chains of milestones that help may speed, and series of tests that stop and go."""

from collections.abc import Iterable, Mapping

import jax.numpy as jnp
from jax import Array

from materiel.mechanisms.contract import Flow, Luck, Measures, Seen, State
from materiel.scenario.vocabulary import Vocabulary

MILLION = 1e6


class Programmes:
    """Milestones in their order, and tests; nothing technical is modelled.

    Relation: a milestone becomes possible once the one before it in its chain is reached, and then has the hazard
    `lam (1 + (mu - 1) T / (T + T_h))`, `T` the value of the technology delivered for it; it is reached when the
    accumulated hazard passes a unit-exponential threshold, drawn once a world. With `mu = 1` help changes nothing, bit for
    bit. A series of tests is active or paused and moves between the two with constant hazards; while active it has the
    hazard `readiness lam_T exp(-gam restraint)`, while paused none. A test comes, at most one a step, when the hazard
    accumulated since the last one passes a fresh exponential threshold. `test_chance = 1 - exp(-H)`, `H` the hazard
    accumulated on this world's path.
    Parameters: `from` (date), `hazard` lam (1/day), `multiplier` mu, `half_help` T_h (million dollars of value); for tests
    `hazard` lam_T (1/day), `readiness`, `restraint` gam, `active` (chance on the day `from`), `pauses`, `resumes` (1/day).
    Reference: Cox 1972, Regression models and life-tables; Kalbfleisch & Prentice 2002, The statistical analysis of failure
    time data; Fuhrmann 2009, Spreading temptation; Kroenig 2009, Importing the bomb; Montgomery & Sagan 2009, The perils of
    predicting proliferation; Bell 2016, Examining explanations for nuclear proliferation.
    Left out: failed attempts, chains that wait for each other, help that is forgotten, what a test does to the tests after
    it other than by the restraint of patrons; after a first test its chance goes on as if the path had been the same.
    """

    name = "programmes"
    reads = ("technology", "restraint")
    shows = ("milestone", "hazard_ratio", "tests", "test_chance")

    def __init__(self, v: Vocabulary) -> None:
        self._programmes, self._tests = dict(sorted(v.programmes.items())), dict(sorted(v.tests.items()))
        self.totals: dict[str, tuple[str, ...]] = {}

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        return {}

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        one = jnp.ones_like(next(iter(p.values())))
        zero = one * 0.0
        state: State = {}
        shown: Measures = {}
        for k, programme in self._programmes.items():
            for m in programme.milestones:
                state |= {f"{k}/{m}.hazard": zero, f"{k}/{m}.threshold": -jnp.log(luck.uniforms(f"milestone/{k}/{m}")[0])}
                shown |= {f"milestone[{k}.{m}]": zero, f"hazard_ratio[{k}.{m}]": one}
        for k in self._tests:
            state |= {f"{k}.{part}": zero for part in ("switching", "hazard", "count")}
            state[f"{k}.active"] = jnp.where(luck.uniforms(f"active/{k}")[0] < p[f"tests.{k}.active"], one, zero)
            state[f"{k}.threshold"] = -jnp.log(luck.uniforms(f"test/{k}")[0])
            state[f"{k}.switches_at"] = -jnp.log(luck.uniforms(f"switch/{k}")[0])
            shown |= {f"tests[{k}]": zero, f"test_chance[{k}]": zero}
        return state, shown

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterable[Flow]:
        return ()

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        later: State = {}
        shown: Measures = {}
        for k in self._programmes:
            of_chain, measures = self._chain(k, state, seen, p, luck)
            later, shown = later | of_chain, shown | measures
        for k in self._tests:
            of_series, measures = self._series(k, state, seen, p, luck)
            later, shown = later | of_series, shown | measures
        return later, shown

    def _chain(self, k: str, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        """One step of one programme."""
        later: State = {}
        shown: Measures = {}
        exposed = _watched(p[f"programmes.{k}.from"], seen)
        for m in self._programmes[k].milestones:
            at, name = f"{k}/{m}", f"{k}.{m}"
            threshold = state[f"{at}.threshold"]
            ratio = self._ratio(k, m, seen, p)
            hazard = state[f"{at}.hazard"] + p[f"programmes.{k}.milestones.{m}.hazard"] * ratio * exposed
            later |= {f"{at}.hazard": hazard, f"{at}.threshold": threshold}
            shown |= {f"milestone[{name}]": jnp.where(hazard >= threshold, 1.0, jnp.zeros_like(hazard)), f"hazard_ratio[{name}]": ratio}
            # the next one waits for the end of the step in which this one is reached
            exposed = jnp.where(state[f"{at}.hazard"] >= threshold, exposed, jnp.zeros_like(exposed))
        return later, shown

    def _ratio(self, k: str, m: str, seen: Seen, p: Mapping[str, Array]) -> Array:
        """Hazard of a milestone with the help delivered so far, over its hazard without."""
        kind = self._programmes[k].milestones[m].technology
        if kind is None or not seen.shown(f"technology[{kind}]"):
            return jnp.ones_like(seen.step)
        given, half = seen[f"technology[{kind}]"], p[f"programmes.{k}.half_help"] * MILLION
        return 1.0 + (p[f"programmes.{k}.milestones.{m}.multiplier"] - 1.0) * given / jnp.maximum(given + half, 1e-9)

    def _series(self, k: str, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        """One step of one series of tests."""
        s = f"tests.{k}"
        one, zero = jnp.ones_like(seen.step), jnp.zeros_like(seen.step)
        # what follows if a threshold is passed today; the other one of the first day is the first threshold
        next_gap, next_wait = (-jnp.log(luck.uniforms(f"{stream}/{k}")[1]) for stream in ("test", "switch"))
        active, threshold, switches_at = (state[f"{k}.{part}"] for part in ("active", "threshold", "switches_at"))
        exposed = _watched(p[f"{s}.from"], seen)

        patrons = self._tests[k].dependence
        opposed = seen[f"restraint[{patrons}]"] if patrons is not None and seen.shown(f"restraint[{patrons}]") else zero
        rate = p[f"{s}.readiness"] * p[f"{s}.hazard"] * active * jnp.exp(-p[f"{s}.restraint"] * opposed)
        hazard = state[f"{k}.hazard"] + rate * exposed
        tested = hazard >= threshold
        count = state[f"{k}.count"] + jnp.where(tested, one, zero)

        switching = state[f"{k}.switching"] + jnp.where(active > 0.5, p[f"{s}.pauses"], p[f"{s}.resumes"]) * exposed
        switches = switching >= switches_at
        later = {
            f"{k}.active": jnp.where(switches, 1.0 - active, active),
            f"{k}.switching": jnp.where(switches, zero, switching),
            f"{k}.switches_at": jnp.where(switches, next_wait, switches_at),
            f"{k}.hazard": hazard,
            # the next one is counted from here, so that no test is left over for a day on which the series is paused
            f"{k}.threshold": jnp.where(tested, hazard + next_gap, threshold),
            f"{k}.count": count,
        }
        return later, {f"tests[{k}]": count, f"test_chance[{k}]": -jnp.expm1(-hazard)}


def _watched(begins: Array, seen: Seen) -> Array:
    """The part of this step, in days, that lies after a date."""
    return jnp.clip(seen.day + seen.step - begins, 0.0, seen.step)
