"""The notation of a number with a unit, a range and a shape: text to distribution.

    1.2M rounds                          exactly this; k, M, B (or bn), 1e6 and 1_000 are understood
    1M to 2M rounds                      a 90 % interval
    1M to 2M rounds (80 %)               another interval
    1.2M [1M, 2M] rounds                 median and 90 % interval, each half with its own spread
    beta(4, 6), uniform(70, 90) km       named shapes
    0.5 to 2, within 0 and 3             given that it lies within these ends
    0 with 20 %, else 1k to 2k rounds    one value with a probability, else a range

An interval is lognormal if both ends are above zero, logit-normal for a share inside 0 to 1, and normal otherwise
(held at zero where less is impossible, so a low end of 0 means that 1 in 20 worlds has exactly 0).
"""

import re
from collections.abc import Callable

from materiel.scenario import units
from materiel.scenario.distributions import Beta, Distribution, Exact, Interval, Mixture, Uniform, Within
from materiel.scenario.errors import Wrong

_NUM = r"[-+]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?(?:\s?(?:k|M|B|bn|thousand|million|billion)(?![A-Za-z]))?"
_UNIT = r"[^\[\](),]*?"
_SIZES = {"k": 1e3, "thousand": 1e3, "M": 1e6, "million": 1e6, "B": 1e9, "bn": 1e9, "billion": 1e9}
_EXACT = re.compile(rf"({_NUM})\s*({_UNIT})$")
_RANGE = re.compile(rf"({_NUM})\s*({_UNIT})\s+to\s+({_NUM})\s*({_UNIT})\s*(?:\(\s*([\d.]+)\s*%\s*\))?$")
_MEDIAN = re.compile(rf"({_NUM})\s*\[\s*({_NUM})\s*,\s*({_NUM})\s*\]\s*({_UNIT})\s*(?:\(\s*([\d.]+)\s*%\s*\))?$")
_NAMED = re.compile(rf"([a-z]+)\s*\(\s*({_NUM})\s*(%?)\s*,\s*({_NUM})\s*(%?)\s*\)\s*({_UNIT})$")
_WITHIN = re.compile(rf"(.+?)\s*,\s*within\s+({_NUM})\s*({_UNIT})\s+and\s+({_NUM})\s*({_UNIT})$")
_MIXTURE = re.compile(r"(.+?)\s+with\s+(.+?)\s*,\s*else\s+(.+)$")

Parsed = tuple[Distribution, str]


def number(text: str) -> float:
    """A number with an optional suffix; the pattern has been matched already."""
    found = re.match(r"\s*([-+\d._eE]*\d\.?|\S+?)\s*(k|M|B|bn|thousand|million|billion)?$", text)
    assert found
    return float(found.group(1).replace("_", "")) * _SIZES.get(found.group(2) or "", 1.0)


def parse(text: str, kind: str) -> Parsed:
    """Distribution in canonical units, and the canonical unit. Raises Wrong."""
    text = " ".join(text.split())
    if len(text) > 200:
        raise Wrong("this number is longer than 200 characters.", f"Write e.g. {units.RULES[kind].example}.")
    found = _MIXTURE.match(text)
    if found:
        return _mixture(found, kind, text)
    found = _WITHIN.match(text)
    if found:
        return _within(found, kind, text)
    found = _NAMED.match(text)
    if found:
        return _named(found, kind, text)
    found = _MEDIAN.match(text)
    if found:
        middle, low, high, written, mass = found.groups()
        return _interval(low, high, middle, written, mass, kind, text)
    found = _RANGE.match(text)
    if found:
        low, first, high, written, mass = found.groups()
        if first and written and units.unit(first) != units.unit(written):
            raise Wrong(f'"{text}" has two units.', f"Write both ends in one unit, e.g. {low} to {high} {written}.")
        return _interval(low, high, None, written or first, mass, kind, text)
    found = _EXACT.match(text)
    if found:
        value, written = found.groups()
        if re.match(r"[-\u2013\u2014]\s*[\d.]", written):
            raise Wrong(f'"{text}" is not a number with a unit.', _hint(text, kind))
        x, unit = _convert([number(value)], kind, written, text)
        return Exact(x[0]), unit
    raise Wrong(f'"{text}" is not a number with a unit.', _hint(text, kind))


def _hint(text: str, kind: str) -> str:
    if re.search(r"\d,\d{3}", text):
        return "Write thousands as " + re.sub(r"(?<=\d),(?=\d{3})", "_", text) + " or with k and M."
    if re.search(r"\d\s*[-\u2013\u2014]\s*\d", text):
        return "Write " + re.sub(r"(?<=\d)\s*[-\u2013\u2014]\s*(?=\d)", " to ", text, count=1) + "."
    return f"Write e.g. {units.RULES[kind].example}."


def _convert(values: list[float], kind: str, written: str, text: str) -> tuple[list[float], str]:
    convert, unit = units.converter(kind, written, text)
    rule = units.RULES[kind]
    out = [convert(v) for v in values]
    for value, raw in zip(out, values, strict=True):
        if abs(value) > 1e18 or value != value:
            raise Wrong(f'"{text}" is too large.', "Check the suffix (k, M, B) and the exponent.")
        if value < rule.lower:
            raise Wrong(f'"{text}": {rule.what} cannot be negative.', _not_negative(text))
        if value > rule.upper:
            if not written:
                raise Wrong(f'"{text}" as {rule.what} means {100 * raw:g} %.', f"Write {raw:g} %, or {raw / 100:g}.")
            raise Wrong(f'"{text}": {rule.what} cannot be above 100 %.', "Write at most 100 %.")
    return out, unit


def _not_negative(text: str) -> str:
    found = _RANGE.match(text)
    if found and number(found.group(3)) > 0:
        _, _, high, unit, _ = found.groups()
        half = number(high) / 2
        return f"Use 0 to {high} {unit}".rstrip() + f", or a median and an interval, e.g. {half:g} [{half / 10:g}, {high}] {unit}".rstrip()
    return "Use 0 or more."


def _mass(text: str | None) -> float:
    share = float(text) / 100 if text else 0.9
    if not 0.01 <= share <= 0.999:
        raise Wrong(f"an interval of {text} % cannot be used.", "Write between 1 % and 99.9 %, e.g. (80 %).")
    return share


def _interval(low: str, high: str, middle: str | None, written: str, mass: str | None, kind: str, text: str) -> Parsed:
    ends = [number(low), number(high)] + ([number(middle)] if middle else [])
    if ends[0] > ends[1]:
        swapped = text.replace(low, "\0", 1).replace(high, low, 1).replace("\0", high, 1)
        raise Wrong(f'"{text}": the low end is above the high end.', f"Swap them: {swapped}")
    if ends[0] == ends[1]:
        raise Wrong(f'"{text}": both ends are the same.', f"Write the one number, {low} {written}".rstrip() + ", or a range.")
    if middle and not ends[0] < ends[2] < ends[1]:
        raise Wrong(
            f'"{text}": the median is not inside the interval.', f"Write e.g. {middle} [{low}, {high}] with {low} < {middle} < {high}."
        )
    values, unit = _convert(ends, kind, written, text)
    rule = units.RULES[kind]
    if kind == "share" and all(0 < v < 1 for v in values):
        scale = "logit"
    elif kind != "signed" and all(v > 0 for v in values) and kind != "share":
        scale = "log"
    else:
        scale = "plain"
    centre = values[2] if middle else None
    return Interval(values[0], values[1], _mass(mass), scale, centre, rule.lower, rule.upper), unit


def _named(found: "re.Match[str]", kind: str, text: str) -> Parsed:
    name, first, p1, second, p2, written = found.groups()
    if p1 or p2:
        written = written or "%"
    a, b = number(first), number(second)
    if name == "beta":
        if a <= 0 or b <= 0:
            raise Wrong(f'"{text}": both numbers of a beta must be above zero.', "Write e.g. beta(4, 6).")
        (one,), unit = _convert([1.0], kind, written, text)
        return Beta(a, b, one), unit
    if name == "uniform":
        if a >= b:
            raise Wrong(f'"{text}": the low end is not below the high end.', f"Write uniform({second}, {first}) {written}".rstrip())
        (low, high), unit = _convert([a, b], kind, written, text)
        return Uniform(low, high), unit
    raise Wrong(f'"{name}" is not a known shape.', "Known: beta(4, 6), uniform(70, 90); or write A to B for a 90 % interval.")


def _within(found: "re.Match[str]", kind: str, text: str) -> Parsed:
    inner, low, first, high, second = found.groups()
    base, unit = parse(inner, kind)
    written = second or first or _unit_of(inner)
    (a, b), _ = _convert([number(low), number(high)], kind, written, text)
    if isinstance(base, Exact):
        raise Wrong(f'"{text}": one number needs no ends.', "Delete the part from the comma.")
    if not a < b or base.cdf(b) - base.cdf(a) < 1e-6:
        raise Wrong(f'"{text}": no value of the range lies within these ends.', "Widen the ends, or change the range.")
    return Within(base, a, b), unit


def _unit_of(text: str) -> str:
    for pattern, at in ((_NAMED, 6), (_MEDIAN, 4), (_RANGE, 4), (_EXACT, 2)):
        found = pattern.match(text)
        if found:
            return found.group(at) or ("%" if "%" in text else "")
    return ""


def chance(text: str) -> float:
    """A probability between 0 and 1, as `20 %` or `0.2`."""
    distribution, _ = parse(text, "share")
    if not isinstance(distribution, Exact) or not 0 < distribution.number < 1:
        raise Wrong(f'"{text}" is not a probability between 0 and 1.', "Write e.g. 0 with 20 %, else 1k to 2k rounds.")
    return distribution.number


def _mixture(found: "re.Match[str]", kind: str, text: str, read: Callable[[str, str], Parsed] | None = None) -> Parsed:
    first, share, rest = found.groups()
    probability = chance(share)
    base, unit = parse(rest, kind)
    if re.fullmatch(_NUM, first):
        first = f"{first} {_unit_of(rest)}"
    atom, _ = parse(first, kind)
    if not isinstance(atom, Exact):
        raise Wrong(f'"{text}": before "with" stands one number.', "Write e.g. 0 with 20 %, else 1k to 2k rounds.")
    return Mixture(atom.number, probability, base), unit
