"""Ranges made without judgement: what was published by a day decides, and a rule that is the same for every number of a kind.

People who know how a war went set the ranges of a scenario; what is called a hindcast must not rest on them. Each number
that has a range gets another one (an interval of 90 %, as ever):

1. **Stated.** Where published statements speak of that very number (see `_numbers`), the envelope of all that count on the day,
   their rounding included, with its ends 1.5 times further out.
2. **Sourced.** Else, where a source published by the day is named, the range in the file with its ends 1.5 times further out.
3. **Assumed.** Else, about the middle of the range in the file, which is the nearest figure that there is: ten times either way
   for what is counted (rounds, people, containers, drones, money, and all of these per time or each), and for rates per time;
   three times either way for what is read off a clock or a map (durations, ages, lengths, speeds), which is ten times from end
   to end; twice either way for pure numbers, since most are exponents and multipliers near 1, and an exponent that is ten
   times another is another law; the odds ten times either way for shares; a quarter of a year either way for dates; three times
   the half-width about 0 for numbers of either sign. Never less than by rule 2.

"Further out" multiplies and divides; it does so to the odds of a share, and to the half-width of a date or of a number of
either sign. A pure number written as a beta is a share. A number that is one value with some chance, else a range, is that
value with an even chance. Options of a structural question get equal weights, and their ranges the same rules. What has no
range in the file is a yardstick, a date of the record or a lever, and stays; so do the numbers that say how far words are trusted.

For a day before the scenario's own, a number whose source came later is taken as assumed: its middle still comes from the later
page, and only ten times either way keep it from being used. An event that had not happened moves nothing.

A statement that makes a range is weighed as well, and so counts twice; that is why an envelope is widened.

Run: python -m materiel.evidence.rule SCENARIO     (writes rule.yaml beside the scenario; a test fails while a shipped one is stale)
"""

import hashlib
import json
import math
import sys
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from materiel.evidence.predictions import Item, choose
from materiel.scenario import Problem, Quantity, Scenario, ScenarioError
from materiel.scenario import load as read_scenario
from materiel.scenario.distributions import Beta, Distribution, Exact, Mixture, Within
from materiel.scenario.text import tree
from materiel.scenario.vocabulary import Vocabulary
from materiel.worlds.windows import parts

NAME = "rule.yaml"
WIDER = 1.5
EITHER_WAY = {
    **dict.fromkeys(("amount", "flow", "containers", "per_container", "drones", "per_drone", "price", "money", "hazard"), 10.0),
    **dict.fromkeys(("duration", "age", "length", "speed", "wander"), 3.0),
    "number": 2.0,
}
ODDS = 10.0  # of a share, either way
QUARTER = 91.0  # days
SIGNED = 3.0  # half-widths about 0


@dataclass(frozen=True)
class Rule:
    """Texts in place of numbers, by path, and by which rule each was made. `made_from` is a hash of all that went in."""

    scenario: str
    as_of: date
    made_from: str
    texts: dict[str, str]
    why: dict[str, str]


def make(scenario: Scenario, as_of: date | None = None) -> Rule:
    """The ranges of a scenario by rule, from what was published by a day (the scenario's own unless given)."""
    day = as_of or scenario.as_of
    statements = _statements(scenario, day)
    texts: dict[str, str] = {}
    why: dict[str, str] = {}
    put_in: list[object] = [scenario.vocabulary.scenario, str(day)]
    for path, q in sorted(scenario.quantities.items()):
        put_in.append((path, q.text, q.source, str(q.known)))
        heard = statements.get(path, [])
        put_in += [(i.id, i.low, i.high) for i in heard]
        if not q.exact:
            texts[path], why[path] = _ranged(q, day, scenario.begins, heard)
    for name, event in sorted(scenario.vocabulary.events.items()):
        if event.jump is not None and scenario.date(event.on.at(1e-9)) > day:
            texts[f"events.{name}.jump"], why[f"events.{name}.jump"] = "0", "has not happened yet"
    for name, choice in sorted(scenario.alternatives.items()):
        for option in choice.options:
            where = f"alternatives.{name}.options.{option.name}"
            texts[f"{where}.weight"], why[f"{where}.weight"] = f"{100 / len(choice.options):.12g} %", "equal weights"
            for path, q in sorted(option.set.items()):
                put_in.append((f"{where}.set.{path}", q.text, q.source, str(q.known)))
                if not q.exact:
                    texts[f"{where}.set.{path}"], why[f"{where}.set.{path}"] = _ranged(q, day, scenario.begins, [])
    digest = hashlib.sha256(json.dumps(put_in).encode()).hexdigest()[:16]
    return Rule(scenario.path.parent.name, day, digest, texts, why)


def load(path_or_name: str | Path, as_of: date | None = None) -> Scenario:
    """A scenario with its ranges by rule: those of the stored file on its own as-of date, made here for any other day.

    Raises ScenarioError where the file is missing or is not what the rule makes of the scenario as it stands.
    """
    scenario = read_scenario(path_or_name)
    made = make(scenario, as_of)
    if made.as_of == scenario.as_of:
        _check(scenario, made)
    return read_scenario(path_or_name, replace=made.texts)


def _check(scenario: Scenario, made: Rule) -> None:
    path = scenario.path.parent / NAME
    write = f"Write it: python -m materiel.evidence.rule {scenario.path.parent}"
    try:
        page, root = tree(str(path), path.read_bytes())
    except OSError:
        raise ScenarioError([Problem(str(path), 1, 1, "there is no file of ranges by rule beside the scenario.", write)]) from None
    if root is None or page.problems:
        raise ScenarioError(page.problems)
    said = {k: n.text for k, n in root.items.items()}
    ranges = root.items.get("ranges")
    stored = {k: n.items["value"].text for k, n in ranges.items.items() if "value" in n.items} if ranges else {}
    if said.get("made_from") != made.made_from or said.get("as_of") != str(made.as_of):
        what = "the scenario or its reports have changed since these ranges were made."
    elif stored != made.texts:
        what = "these are not the ranges that the rule makes."
    else:
        return
    raise ScenarioError([Problem(str(path), 1, 1, what, write + ", and say that scores from here on are of a second version.")])


def text(rule: Rule) -> str:
    """The file that is stored."""
    out = [
        "# Ranges made by rule from what was published by the as-of date; what the rules are: src/materiel/evidence/rule.py.",
        f"# Made by: python -m materiel.evidence.rule {rule.scenario}      Not to be edited by hand.",
        f"scenario: {rule.scenario}",
        f"as_of: {rule.as_of}",
        f"made_from: x{rule.made_from}" if rule.made_from.isdigit() else f"made_from: {rule.made_from}",
        "ranges:",
    ]
    out += [f'  {path}: {{value: "{said}", rule: "{rule.why[path]}"}}' for path, said in rule.texts.items()]
    return "\n".join(out) + "\n"


# ---- statements ----


def _statements(scenario: Scenario, day: date) -> dict[str, list[Item]]:
    """What speaks of a number itself, by the number's path: items with their bounds as the number is written, per day if it is."""
    out: dict[str, list[Item]] = {}
    for item in choose(scenario, day).items:
        if item.form not in ("point", "range", "verbal", "at_least", "at_most") or item.to is not None or item.linear:
            continue
        start, end = item.spans[0]
        times = item.factor * (end - start if item.counts in ("total", "change") else 1)
        named = {number for measure in parts(item.measure) for number in _numbers(scenario.vocabulary, measure, start, end)}
        if len(named) == 1 and times > 0:  # of a sum of several numbers none is stated
            out.setdefault(named.pop(), []).append(replace(item, low=item.low / times, high=item.high / times))
    return out


def _numbers(v: Vocabulary, measure: str, start: int, end: int) -> list[str]:
    """Paths of the numbers that a measure shows directly over a period; elsewhere it shows what came of many.

    The usual fire of a use, the capacity of a line that always works at full load, the containers of an offer, the rate of
    a declared supply in the step that holds the middle of the period, a patron's share.
    """
    family, _, index = measure.rstrip("]").partition("[")
    if family == "fire":
        return [f"fire.cover.{name}.usual" for name, use in v.fire.cover.items() if v.actors[use.actor].side == index]
    if family == "fired":
        return [f"fire.{kind}.{index}.usual" for kind in ("cover", "steady") if index in getattr(v.fire, kind)]
    line = index.partition(".")[0]
    if family in ("made", "output") and v.production[line].utilisation is None:
        return [f"production.{line}.capacity"]
    if family == "containers":
        return [f"offers.{index}.amount"]
    if family == "supplied":
        begun = [k for k, step in enumerate(v.supplies[index].steps) if step.from_.at(0.5) <= (start + end) / 2]
        return [f"supplies.{index}.steps.{begun[-1]}.rate"] if begun else []
    if family == "patron_share":
        return [f"dependence.{line}.patrons.{index.partition('.')[2]}.share"]
    return []


# ---- ranges ----


def _ranged(q: Quantity, day: date, begins: date, heard: list[Item]) -> tuple[str, str]:
    """The text of a range by rule, and the rule in words."""
    ends = [x for i in heard for x in (i.low, i.high) if math.isfinite(x) and x > 0]
    if ends and q.kind not in ("date", "signed"):
        low, high = _wider(q, min(ends), max(ends))
        said = ", ".join(sorted({i.id for i in heard}))
        return _written(q, low, high, q.distribution), f"stated: {said}"
    known = q.source is not None and q.known is not None and q.known <= day
    distribution, chance = q.distribution, ""
    if isinstance(distribution, Mixture):
        chance, distribution = f"{_atom(q, distribution.atom, begins)} with 50 %, else ", distribution.base
    if isinstance(distribution, Exact):
        return f"{chance}{_atom(q, distribution.number, begins)} {q.unit}".rstrip(), "even chances"
    low, middle, high = (float(x) for x in distribution.value(np.array([0.05, 0.5, 0.95])))
    if q.kind == "date":
        low, high = (float(x) for x in distribution.value(np.array([1e-9, 1 - 1e-9])))  # dates are even between their ends
        half = max(WIDER * (high - low) / 2, 0.0 if known else QUARTER)
        first, last = (begins + timedelta(days=d) for d in (math.floor(middle - half + 1e-4), math.ceil(middle + half - 1e-4)))
        return f"{chance}{first} to {last}", _why(q, known, chance)
    if q.kind == "signed":
        half = (high - low) / 2
        low, high = (middle - WIDER * half, middle + WIDER * half) if known else (-SIGNED * half, SIGNED * half)
        return chance + _written(q, low, high, distribution), _why(q, known, chance)
    first_low, first_high = _wider(q, low, high)
    if not known and middle > 0:
        far_low, far_high = _about(q, middle)
        first_low, first_high = min(first_low, far_low), max(first_high, far_high)
    return chance + _written(q, first_low, first_high, distribution), _why(q, known, chance)


def _why(q: Quantity, known: bool, chance: str) -> str:
    return ("sourced" if known else "assumed") + (", even chances" if chance else "")


def _shared(q: Quantity) -> bool:
    """Whether it lies between 0 and 1 by its nature."""
    base = q.distribution.base if isinstance(q.distribution, Mixture | Within) else q.distribution
    return q.kind == "share" or (q.kind == "number" and isinstance(base, Beta) and base.size == 1.0)


def _odds(share: float, times: float) -> float:
    """The share whose odds are so many times those of this one."""
    share = min(max(share, 0.0), 1.0)
    return share * times / (1.0 - share + share * times)


def _wider(q: Quantity, low: float, high: float) -> tuple[float, float]:
    if _shared(q):
        return _odds(low, 1 / WIDER), _odds(high, WIDER)
    return low / WIDER, high * WIDER


def _about(q: Quantity, middle: float) -> tuple[float, float]:
    if _shared(q):
        return _odds(middle, 1 / ODDS), _odds(middle, ODDS)
    return middle / EITHER_WAY[q.kind], middle * EITHER_WAY[q.kind]


def _written(q: Quantity, low: float, high: float, distribution: Distribution) -> str:
    unit = {"hazard": "per day"}.get(q.kind, q.unit)
    said = f"{_number(low)} to {_number(high)} {unit}".rstrip()
    if isinstance(distribution, Within):
        return f"{said}, within {_number(distribution.low)} and {_number(distribution.high)} {unit}".rstrip()
    return f"{said}, within 0 and 1" if q.kind == "number" and _shared(q) else said


def _atom(q: Quantity, value: float, begins: date) -> str:
    if q.kind == "date":
        return "never" if value > 1e5 else str(begins + timedelta(days=round(value)))
    return _number(value)


def _number(x: float) -> str:
    """Three digits, with k, M or B."""
    for size, suffix in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(x) >= size:
            return f"{x / size:.3g}{suffix}"
    return f"{x:.3g}"


if __name__ == "__main__":
    try:
        of = read_scenario(sys.argv[1] if len(sys.argv) > 1 else "vostochny-2023")
    except ScenarioError as error:
        sys.exit(str(error))
    (of.path.parent / NAME).write_text(text(make(of)), encoding="utf-8")
    print(f"Wrote {of.path.parent / NAME}")
