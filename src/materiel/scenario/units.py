"""Units: what a number may be written in, and how it becomes a canonical number.

One shell, rocket or round is one unit of munition; a month is 1/12 of a year of 365.25 days everywhere. A percentage
per time is a compounding share for hazards: "2 % per month" leaves 98 % after a month.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import mul
from typing import Any

from materiel.scenario.errors import Wrong, nearest


@dataclass(frozen=True)
class Rule:
    """One kind of number: canonical units, the values it may take, and how to speak of it."""

    units: tuple[str, ...]
    what: str
    example: str
    lower: float = -math.inf
    upper: float = math.inf


RULES: dict[str, Rule] = {
    "amount": Rule(("rounds", "people"), "an amount", "1M to 2M rounds", 0.0),
    "flow": Rule(("rounds/day", "people/day"), "an amount per time", "250k rounds/month", 0.0),
    "containers": Rule(("containers/day",), "containers per time", "200 to 400 containers/month", 0.0),
    "per_container": Rule(("rounds/container",), "rounds per container", "200 to 300 rounds/container", 0.0),
    "drones": Rule(("drones/day",), "drones per time", "300 drones/day", 0.0),
    "per_drone": Rule(("rounds/drone",), "rounds per drone", "5 to 20 rounds/drone", 0.0),
    "price": Rule(("USD/round",), "a price", "400 to 900 USD/round", 0.0),
    "money": Rule(("USD/day",), "money per time", "2M to 5M USD/day", 0.0),
    "duration": Rule(("days",), "a time", "14 to 60 days", 0.0),
    "age": Rule(("years",), "an age", "20 to 40 years", 0.0),
    "length": Rule(("km",), "a length", "20 to 30 km", 0.0),
    "speed": Rule(("km/day",), "a length per time", "0.1 to 0.3 km/day", 0.0),
    "wander": Rule(("km/day^0.5",), "a length per root of time", "0.02 km/day^0.5", 0.0),
    "hazard": Rule(("1/day",), "a share per time", "2 % per month", 0.0),
    "share": Rule(("",), "a share", "5 %", 0.0, 1.0),
    "number": Rule(("",), "a pure number", "0.8 to 1.5", 0.0),
    "signed": Rule(("",), "a pure number", "-0.2 to 0.2"),
    "observed": Rule(
        (
            "rounds",
            "people",
            "containers",
            "km",
            "km^2",
            "days",
            "lines",
            "rounds/day",
            "people/day",
            "containers/day",
            "km/day",
            "km^2/day",
            "USD",
            "USD/day",
            "USD/round",
            "",
            "1/day",
        ),
        "an amount",
        "10k to 12k rounds",
    ),
    "factor": Rule(("", "rounds/container"), "a pure number, or rounds per container", "1.3", 0.0),
    "date": Rule(("date",), "a date", "2023-06-04"),
    "switch": Rule(("word",), "one of its words", ""),
}
_DEFINITIONS = """day = [time] = d = days
hour = day / 24 = h = hours
year = 365.25 * day = _ = years
month = year / 12 = _ = months
week = 7 * day = _ = weeks
quarter = year / 4 = _ = quarters
kilometre = [length] = km = kilometres = kilometer = kilometers
metre = kilometre / 1000 = m = metres = meter = meters
mile = 1.609344 * kilometre = _ = miles
round = [munition] = _ = rounds = shell = shells = rocket = rockets = munition = munitions
person = [people] = _ = people = persons = men = troops = soldiers
container = [container] = _ = containers
drone = [drone] = _ = drones
line = [line] = _ = lines
dollar = [money] = USD = dollars = usd
tonne = [mass] = t = tonnes = ton = tons
kilogram = tonne / 1000 = kg = kilograms
percent = 0.01 = _ = percents"""
_NAMES = sorted({w for row in _DEFINITIONS.splitlines() for w in re.findall(r"(?<![\[\w])[A-Za-z]+", row)} | {"percent"})
_NOUNS = {
    "tonne": "a mass",
    "day": "a time",
    "1/day": "a rate",
    "km": "a length",
    "km^2": "an area",
    "km/day": "a speed",
    "rounds": "an amount of rounds",
    "rounds/day": "rounds per time",
    "people": "a number of people",
    "people/day": "people per time",
    "containers": "a number of containers",
    "containers/day": "containers per time",
    "drones": "a number of drones",
    "drones/day": "drones per time",
    "USD": "money",
    "USD/day": "money per time",
    "USD/round": "a price",
    "lines": "a number of lines",
    "": "a pure number",
    "rounds/container": "rounds per container",
    "rounds/drone": "rounds per drone",
}


@lru_cache(maxsize=1)
def registry() -> Any:
    """The pint registry, built once and only when a unit is read."""
    import pint

    made: Any = pint.UnitRegistry(None)
    for row in _DEFINITIONS.splitlines():
        made.define(row)
    return made


_TERM = re.compile(r"([A-Za-z]+)(?:\^?(-?\d(?:\.\d+)?))?$")


@lru_cache(maxsize=512)
def unit(text: str) -> tuple[float, Any, bool]:
    """Factor to pint's base units, pint's dimensionality, and whether a percentage was written.

    Raises Wrong for a text that is not a unit. The grammar is names, whole or half powers, `/`, `*` and `per`.
    """
    plain = re.sub(r"\s+per\s+|^per\s+", "/", text.strip().replace("%", " percent ").replace("²", "2")).strip()
    plain = re.sub(r"\s*([/*^])\s*", r"\1", plain)
    if plain in ("", "1"):
        return 1.0, registry().parse_units("").dimensionality, False
    plain = "1" + plain if plain.startswith("/") else plain
    parts = re.split(r"([/*])", plain)
    total, percent = registry().Quantity(1.0), False
    for i in range(0, len(parts), 2):
        if parts[i] == "1" and i == 0 and len(parts) > 1:
            continue
        term = _TERM.match(parts[i])
        if not term or len(parts) > 7:
            raise Wrong(f'"{text.strip()}" is not a unit.', "Write e.g. rounds, rounds/day, km, days or %.")
        name = term.group(1)
        if name not in _NAMES:
            near = nearest(name, _NAMES)
            raise Wrong(
                f'unknown unit "{name}".',
                f'Did you mean "{near}"?' if near else "Units: rounds, people, containers, drones, km, days, years, %.",
            )
        percent = percent or name.startswith("percent")
        one = registry().Quantity(1.0, name) ** float(term.group(2) or 1)
        total = total / one if i and parts[i - 1] == "/" else total * one
    base = total.to_base_units()
    return float(base.magnitude), base.dimensionality, percent


def noun(text: str) -> str:
    """What a unit measures, in words: "3 tonnes" is a mass."""
    mine = unit(text)[1]
    return next((word for known, word in _NOUNS.items() if unit(known)[1] == mine), "something else")


def same_kind(a: str, b: str) -> bool:
    """Whether two units measure the same thing."""
    return bool(unit(a)[1] == unit(b)[1])


def factor(text: str, canonical: str) -> float:
    """How many canonical units one of the written units is; both must measure the same thing."""
    return unit(text)[0] / unit(canonical)[0]


def converter(kind: str, written: str, whole: str) -> tuple[Callable[[float], float], str]:
    """The function from written to canonical numbers, and the canonical unit.

    `whole` is the text of the quantity, for messages. Raises Wrong if the unit is not one of this kind of number.
    """
    rule = RULES[kind]
    size, dimension, percent = unit(written)
    if kind == "hazard" and percent and dimension == unit("1/day")[1]:
        days = 0.01 / size  # the time to which the percentage belongs

        def compound(p: float) -> float:
            if p >= 100:
                raise Wrong(f'"{whole}" would lose everything at once.', "Write less than 100 %, e.g. 2 % per month.")
            return -math.log1p(-p / 100) / days

        return compound, "1/day"
    for canonical in rule.units:
        if unit(canonical)[1] == dimension:
            scale = size / unit(canonical)[0]
            return partial(mul, scale), canonical
    if not written.strip():
        number = whole.strip()
        raise Wrong(f'"{number}" has no unit.', f"Write {number} {rule.units[0]}, or e.g. {rule.example}.")
    stock, stream = unit("rounds")[1], unit("rounds/day")[1]
    if kind == "flow" and dimension in (stock, unit("people")[1]):
        raise Wrong(f'"{whole}" is an amount; this needs an amount per time.', f"Write {whole}/month, or /day.")
    if kind == "amount" and dimension in (stream, unit("people/day")[1]):
        raise Wrong(f'"{whole}" is an amount per time; this needs an amount.', f"Write e.g. {rule.example}.")
    units = " or ".join(rule.units) if rule.units != ("",) else "no unit, or %"
    raise Wrong(f'this must be {rule.what}; "{whole}" is {noun(written)}.', f"Write e.g. {rule.example} ({units}).")
