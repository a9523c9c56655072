"""Units as people write them, alone and with one or several of them.

A unit without an entry, such as one that a scenario defines, stands as it is written, with an English plural.
"""

from materiel.views.language import mark, marks, tr, trn

NAMES = {
    "km2": mark("km²"),
    "share": "%",
    "rounds": mark("rounds"),
    "people": mark("people"),
    "days": mark("days"),
    "containers": mark("containers"),
    "drones": mark("drones"),
    "lines": mark("lines"),
    "times": mark("times"),
    "rounds/day": mark("rounds a day"),
    "people/day": mark("people a day"),
    "containers/day": mark("containers a day"),
    "drones/day": mark("drones a day"),
    "km/day": mark("km a day"),
    "rounds/container": mark("rounds a container"),
    "rounds/drone": mark("rounds a drone"),
    "km/day**0.5": mark("km in the square root of a day"),
    "1/day": mark("a day"),
    "USD": mark("dollars"),
    "USD/day": mark("dollars a day"),
    "USD/round": mark("dollars a round"),
    "number": "",
    "dimensionless": "",
    "signed": "",
    "index": "",
}
COUNTED = {
    "rounds": marks("{amount} round", "{amount} rounds"),
    "people": marks("{amount} people", "{amount} people"),
    "people/day": marks("{amount} people a day", "{amount} people a day"),
    "days": marks("{amount} day", "{amount} days"),
    "lines": marks("{amount} line", "{amount} lines"),
    "containers": marks("{amount} container", "{amount} containers"),
    "drones": marks("{amount} drone", "{amount} drones"),
    "rounds/day": marks("{amount} round a day", "{amount} rounds a day"),
    "containers/day": marks("{amount} container a day", "{amount} containers a day"),
    "drones/day": marks("{amount} drone a day", "{amount} drones a day"),
    "rounds/container": marks("{amount} round a container", "{amount} rounds a container"),
    "rounds/drone": marks("{amount} round a drone", "{amount} rounds a drone"),
    "USD": marks("{amount} dollar", "{amount} dollars"),
    "USD/day": marks("{amount} dollar a day", "{amount} dollars a day"),
    "USD/round": marks("{amount} dollar a round", "{amount} dollars a round"),
    "times": marks("{amount} time", "{amount} times"),
}


def unit(text: str) -> str:
    """A canonical unit as people write it: `km2` -> `km²`, `rounds/day` -> `rounds a day`; "" for a pure number."""
    name = NAMES.get(text, text)
    return tr(name) if name else ""


def counted(text: str, of: str, one: bool) -> str:
    """A number that is written already, with its unit: `1 day`, `2 days`."""
    if of in COUNTED:
        return trn(*COUNTED[of], 1 if one else 2, amount=text)
    name, rest = (unit(of) + " ").split(" ", 1)
    if one and name.endswith("s") and of not in NAMES:
        name = name[:-1]
    return f"{text} {name} {rest}".rstrip()
