"""Dates: days and months as a person writes them, and ranges of them as unknowns.

A month alone means its first day, or its last as the end of a range. A range is uniform. `never` is a day so far
after the end of any scenario that nothing happens in the run.
"""

import re
from calendar import monthrange
from datetime import date

from materiel.scenario.distributions import Distribution, Exact, Mixture, Uniform
from materiel.scenario.errors import Wrong

NEVER = 1e6
_DAY = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?$")
_OTHER = re.compile(r"(\d{1,2})[./ ](\d{1,2})[./ ](\d{4})$")


def read_date(text: str, last: bool = False) -> date:
    """A day; `last` takes a month's last day instead of its first. Raises Wrong."""
    text = text.strip()
    found = _DAY.match(text)
    if not found:
        other = _OTHER.match(text)
        if other and int(other.group(2)) <= 12:
            iso = f"{other.group(3)}-{int(other.group(2)):02}-{int(other.group(1)):02}"
            raise Wrong(f'"{text}" is not a date.', f"Write {iso} (year-month-day), or {iso[:7]}.")
        raise Wrong(f'"{text}" is not a date.', "Write year-month-day, e.g. 2023-06-04, or 2023-06.")
    year, month, day = int(found.group(1)), int(found.group(2)), found.group(3)
    try:
        whole = date(year, month, 1)
        return whole.replace(day=int(day) if day else monthrange(year, month)[1] if last else 1)
    except ValueError:
        raise Wrong(f'"{text}" is not a day of the calendar.', "Write year-month-day, e.g. 2023-06-04, or 2023-06.") from None


def read_range(text: str) -> tuple[date, date]:
    """`DATE to DATE`, both included. Raises Wrong."""
    first, to, second = text.partition(" to ")
    if not to:
        raise Wrong(f'"{text}" is not a span of dates.', "Write e.g. 2023-06-04 to 2023-12-31.")
    a, b = read_date(first), read_date(second, last=True)
    if a >= b:
        raise Wrong(f'"{text}": the end is not after the start.', f"Swap them: {second.strip()} to {first.strip()}")
    return a, b


def parse_dates(text: str, begins: date) -> Distribution:
    """The unknown date in days since the first day. Raises Wrong."""
    from materiel.scenario.notation import chance

    text = " ".join(text.split())
    mixed = re.match(r"(.+?) with (.+?), else (.+)$", text)
    if mixed:
        atom = parse_dates(mixed.group(1), begins)
        if not isinstance(atom, Exact):
            raise Wrong(f'"{text}": before "with" stands one date, or never.', "Write e.g. never with 30 %, else 2023-10 to 2023-12.")
        return Mixture(atom.number, chance(mixed.group(2)), parse_dates(mixed.group(3), begins))
    if text == "never":
        return Exact(NEVER)
    if " to " in text:
        a, b = read_range(text)
        return Uniform(float((a - begins).days), float((b - begins).days))
    return Exact(float((read_date(text) - begins).days))
