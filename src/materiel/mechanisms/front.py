"""The front: power ratio, massing, lines, breach, initiative."""

from collections.abc import Iterable, Mapping

import jax.numpy as jnp
from jax import Array
from jax.scipy.special import ndtri

from materiel.mechanisms.attrition import power
from materiel.mechanisms.contract import ContractError, Flow, Luck, Measures, Seen, State
from materiel.mechanisms.rationing import opponent
from materiel.mechanisms.stocks import works
from materiel.scenario.measures import depots
from materiel.scenario.vocabulary import Axis, Vocabulary

REFERENCE_RATIO = 1.5  # paces and breach times are stated at this multiple of the critical power ratio
SIGN = {"a": 1.0, "b": -1.0}


def drive(ratio: Array, sharpness: Array) -> Array:
    """Lam(r) / Lam(1.5), Lam(r) = max(0, r^g - 1) / (1 + r^g): 0 up to the critical ratio, 1 at 1.5 times it."""
    top, reference = power(ratio, sharpness), power(jnp.full_like(ratio, REFERENCE_RATIO), sharpness)
    # written so that a power beyond all numbers is simply the most: wide ranges reach it
    return jnp.maximum(0.0, 1.0 - 2.0 / (1.0 + top)) / (1.0 - 2.0 / (1.0 + reference))


class FrontLine:
    """Movement on each axis.

    Relation: `ln Pi = z_b + a1 ln[(M_A/M_A0)/(M_B/M_B0)] + a2 ln[(1 + b1 E_A/E_Aref)/(1 + b1 E_B/E_Bref)]`; on the axis
    where X attacks `Pi_s = c Pi^(+-1) exp(-(x - x_dep)+ / ell)`; massing `c` decays towards 1 in an offensive and
    recovers to `c_0` otherwise, local attacks have `sqrt(c_0)`; depots follow, `x_dep' = (x - x_dep)/tau_dep`. Pace
    `v = v_1 Lam(Pi_s/Pi_c) / Lam(1.5)`. Line j lies at `s_1 + (j-1) sp`; the axis stops there until breach work
    `B' = [Lam/Lam(1.5)] / T` reaches 1 in an offensive; else `B` is repaired. For a window after a line falls, a
    breakthrough has hazard `h_b (Pi_s/2)^b`; then, for some days, `v_exp = v_e / (1 + psi T/(T + T_h))` through any line,
    `T` the defender's functioning anti-tank rockets. Initiative `I' = (tanh(ln Pi) - I)/tau_I`; a side attacks in its
    listed operations, and after them, under the rule `by_initiative`, from `I > I_on` with massing ready until
    `I < I_off` or `Pi_s <= Pi_c`. Area `= w_A x_A - w_B x_B`.
    Each side's reference fire is the mean of its own effective fire over the first `reference_days`.
    Parameters: as in the scenario's `front`, lengths in km, times in days.
    Reference: Helmbold 1990, Rates of advance in historical land combat operations; Biddle 2004, Military power;
    Kupchan 1989; Clark 1954. Inverse Gaussian crossing times: Folks & Chhikara 1978.
    Left out: several sectors with reserves of their own, terrain along an axis, seasons, a plateau of massing.
    """

    name = "front"
    reads = ("indirect", "people", "works")
    shows = ("front.area", "front.advance", "front.lines_broken", "front.attacking", "front.initiative", "front.days_to_sea")

    def __init__(self, v: Vocabulary) -> None:
        self._v = v
        if v.front is None:
            raise ContractError("front: the scenario has no front")
        self._axes: dict[str, Axis] = dict(sorted(v.front.axes.items()))
        self._operations = {s: [k for k, o in sorted(v.front.operations.items()) if o.side == s] for s in ("a", "b")}
        held = set(depots(v))
        self._rockets = {
            k: [
                (a, g)
                for a, actor in sorted(v.actors.items())
                if actor.side == opponent(axis.attacker)
                for g in axis.antitank_good
                if f"{a}.{g}" in held
            ]
            for k, axis in self._axes.items()
        }
        self.totals: dict[str, tuple[str, ...]] = {}

    def accounts(self, p: Mapping[str, Array]) -> dict[str, Array | float]:
        return {}

    def first(self, p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        one = jnp.ones_like(p["front.balance"])
        zero = one * 0.0
        state = {"initiative": p["front.initiative_first"] * one, "fire.a": zero, "fire.b": zero, "days": zero}
        for k, axis in self._axes.items():
            state |= {
                f"{k}.{part}": zero for part in ("x", "depots", "broken", "work", "window", "hazard", "exploits", "attacks", "to_sea")
            }
            state[f"{k}.massing"] = p[f"front.massing_{axis.attacker}"] * one
            state[f"{k}.threshold"] = -jnp.log(luck.uniforms(k)[1])
        return state, self._shown(state, p)

    def _shown(self, state: State, p: Mapping[str, Array]) -> Measures:
        shown = {"front.initiative": state["initiative"]}
        area = state["initiative"] * 0.0
        for s in ("a", "b"):
            shown[f"front.attacking[{s}]"] = area
        for k, axis in self._axes.items():
            area = area + SIGN[axis.attacker] * p[f"front.axes.{k}.width"] * state[f"{k}.x"]
            shown[f"front.advance[{k}]"] = state[f"{k}.x"]
            shown[f"front.lines_broken[{k}]"] = state[f"{k}.broken"]
            shown[f"front.days_to_sea[{k}]"] = state[f"{k}.to_sea"]
            m = f"front.attacking[{axis.attacker}]"
            shown[m] = jnp.maximum(shown[m], state[f"{k}.attacks"])
        return shown | {"front.area": area}

    def ask(self, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> Iterable[Flow]:
        return ()

    def _fire(self, s: str, seen: Seen) -> Array:
        return seen[f"indirect[{s}]"] if seen.shown(f"indirect[{s}]") else jnp.ones_like(seen.step)

    def _log_power(self, state: State, seen: Seen, p: Mapping[str, Array]) -> Array:
        """ln Pi of a over b; fire against the mean so far until the reference is complete."""
        known = jnp.maximum(state["days"], 1e-6)
        gain = {}
        for s in ("a", "b"):
            reference = jnp.where(state["days"] > 0, state[f"fire.{s}"] / known, self._fire(s, seen))
            gain[s] = jnp.log1p(p["front.fire_gain"] * self._fire(s, seen) / jnp.maximum(reference, 1e-6))
        mass = jnp.zeros_like(p["front.balance"])
        if self._v.attrition is not None:
            for s, side in self._v.attrition.sides.items():
                first = p[f"stocks.{side.actor}.{side.troops}.held"]
                mass = mass + SIGN[s] * jnp.log(jnp.maximum(seen[f"people[{s}]"], 1.0) / first)
        return p["front.balance"] + p["front.mass_weight"] * mass + p["front.fire_weight"] * (gain["a"] - gain["b"])

    def _in_operation(self, s: str, seen: Seen, p: Mapping[str, Array]) -> tuple[Array, Array]:
        """Whether a listed operation of the side runs today, and whether all of them have ended."""
        runs, over = jnp.zeros_like(seen.day, dtype=bool), jnp.ones_like(seen.day, dtype=bool)
        for k in self._operations[s]:
            o = f"front.operations.{k}"
            runs = runs | ((seen.day >= p[f"{o}.from"]) & (seen.day < p[f"{o}.to"]))
            over = over & (seen.day >= p[f"{o}.to"])
        return runs, over

    def _antitank(self, k: str, seen: Seen, p: Mapping[str, Array]) -> Array:
        """Functioning anti-tank rockets of the side that defends the axis."""
        stock = sum(
            (seen.held(f"depot:{a}/{g}") * works(seen, p, self._v, a, g) for a, g in self._rockets[k]), start=jnp.zeros_like(seen.step)
        )
        return stock + p[f"front.axes.{k}.antitank_floor"] if self._axes[k].antitank_floor is not None else stock

    def settle(self, state: State, seen: Seen, granted: Mapping[str, Array], p: Mapping[str, Array], luck: Luck) -> tuple[State, Measures]:
        log_power = self._log_power(state, seen, p)
        later = {
            "initiative": state["initiative"]
            + (jnp.tanh(log_power) - state["initiative"]) * jnp.minimum(1.0, seen.step / p["front.initiative_lag"])
        }
        # the first day has no fire of a day before; the reference begins with the second
        counts = jnp.where((seen.day > 0) & (seen.day <= p["front.reference_days"]), seen.step, 0.0)
        for s in ("a", "b"):
            later[f"fire.{s}"] = state[f"fire.{s}"] + counts * self._fire(s, seen)
        later["days"] = state["days"] + counts
        for k in self._axes:
            later |= self._axis(k, log_power, later["initiative"], state, seen, p, luck)
        return later, self._shown(later, p)

    def _axis(self, k: str, log_power: Array, initiative: Array, state: State, seen: Seen, p: Mapping[str, Array], luck: Luck) -> State:
        """One day of one axis."""
        axis, a, step = self._axes[k], f"front.axes.{k}", seen.step
        sign, full = SIGN[axis.attacker], p[f"front.massing_{axis.attacker}"]
        x, massing = state[f"{k}.x"], state[f"{k}.massing"]
        imposed = seen.day >= p[f"{a}.imposed_breach"] if axis.imposed_breach is not None else jnp.zeros_like(seen.day, dtype=bool)

        runs, over = self._in_operation(axis.attacker, seen, p)
        tired = jnp.exp(-jnp.maximum(0.0, x - state[f"{k}.depots"]) / p["front.strength_loss"])
        theatre = jnp.exp(sign * log_power) * tired
        critical = 1.0 + p["front.critical_ratio"]
        by_rule = (p["front.attack_rule"] < 0.5) & over
        ready = massing - 1.0 > p["front.ready"] * (full - 1.0)
        starts = (sign * initiative > p["front.initiative_on"]) & ready
        goes_on = (state[f"{k}.attacks"] > 0.5) & (sign * initiative >= p["front.initiative_off"]) & (massing * theatre > critical)
        attacks = runs | imposed | (by_rule & (starts | goes_on))

        ratio = jnp.where(attacks, massing, jnp.sqrt(full)) * theatre / critical
        moved = drive(ratio, p["front.sharpness"])
        noise, fresh = luck.uniforms(k)
        wander = p["front.wander"] * jnp.where(attacks, 1.0, p["front.wander_quiet"]) * jnp.sqrt(step) * ndtri(noise)
        slow = p["front.pace"] * p[f"{a}.terrain"] * moved * jnp.where(attacks, 1.0, p["front.local_pace"]) * step + wander
        rockets = self._antitank(k, seen, p)
        fast = p["front.exploitation"] / (1.0 + p["front.antitank_effect"] * rockets / (rockets + p["front.antitank_half"])) * step
        exploits = (state[f"{k}.exploits"] > 0) | imposed

        broken, depth = state[f"{k}.broken"], p[f"{a}.depth"]
        line = jnp.minimum(p[f"{a}.first_line"] + broken * p[f"{a}.spacing"], depth)
        x_later = jnp.where(exploits, jnp.minimum(x + fast, depth), jnp.clip(x + slow, 0.0, jnp.maximum(line, x)))
        passed = jnp.where(x_later > line, jnp.floor((x_later - p[f"{a}.first_line"]) / p[f"{a}.spacing"]) + 1.0, broken)
        at_line = (x_later >= line) & ~exploits & (line < depth)

        work_days = p[f"{a}.line_time"] * jnp.where(broken < axis.prepared_lines, 1.0, p[f"{a}.improvised"])
        worked = jnp.where(
            attacks & at_line,
            state[f"{k}.work"] + moved / work_days * step,
            jnp.maximum(0.0, state[f"{k}.work"] - p["front.repair"] * step),
        )
        falls = worked >= 1.0
        window = jnp.where(falls, p["front.breakthrough_window"], jnp.maximum(0.0, state[f"{k}.window"] - step))
        open_ = attacks & (window > 0) & ~exploits
        rate = p["front.breakthrough_hazard"] * power(massing * theatre / 2.0, p["front.breakthrough_power"])
        hazard = state[f"{k}.hazard"] + jnp.where(open_, rate * step, 0.0)
        breaks = hazard >= state[f"{k}.threshold"]
        decay = (massing - 1.0) * jnp.minimum(1.0, step / p["front.massing_decay"])
        recovery = (full - massing) * jnp.minimum(1.0, step / p["front.massing_recovery"])
        arrived = x_later >= depth
        return {
            f"{k}.x": x_later,
            f"{k}.depots": state[f"{k}.depots"] + (x - state[f"{k}.depots"]) * jnp.minimum(1.0, step / p["front.depots_follow"]),
            f"{k}.broken": jnp.maximum(broken + jnp.where(falls, 1.0, 0.0), passed),
            f"{k}.work": jnp.where(falls | exploits, 0.0, worked),
            f"{k}.window": window,
            f"{k}.hazard": jnp.where(breaks, 0.0, hazard),
            f"{k}.threshold": jnp.where(breaks, -jnp.log(fresh), state[f"{k}.threshold"]),
            f"{k}.exploits": jnp.where(breaks, p["front.breakthrough_lasts"], jnp.maximum(0.0, state[f"{k}.exploits"] - step)),
            f"{k}.attacks": jnp.where(attacks, 1.0, 0.0),
            f"{k}.to_sea": state[f"{k}.to_sea"] + jnp.where(imposed & ~arrived, step, 0.0),
            f"{k}.massing": jnp.where(attacks, massing - decay, massing + recovery),
        }
