"""English texts with numbers in them, from the rooms below or in the notation, told again in the language of the page.

What is not of the form that is expected here stays as it was written.
"""

import re
from datetime import date
from typing import TYPE_CHECKING

from materiel.views import units, words
from materiel.views.language import SOURCE, language, mark, numeral, tr, trn

if TYPE_CHECKING:
    from materiel.scenario.vocabulary import Claim


def dated(text: str) -> str:
    """ISO dates in a text as people write them."""
    return re.sub(r"\d{4}-\d{2}-\d{2}", lambda m: words.day(date.fromisoformat(m[0])), text)


def tail(says: str) -> str:
    """`1 in 20 worlds: 1.2e+06 rounds or more` with its number and unit as people write them."""
    found = re.fullmatch(r"1 in 20 worlds: (?P<x>[-+\d.,e]+) (?P<unit>\S+) or (?P<way>more|less)", says)
    if not found:
        return tr(says)
    size = words.amount(float(found["x"].replace(",", "")), found["unit"])
    return tr("1 in 20 worlds: {size} or more", size=size) if found["way"] == "more" else tr("1 in 20 worlds: {size} or less", size=size)


NONE_FOUND = mark("none found")  # the base rate where the author gives none
TAILS = (mark("1 in 20 worlds: something against nothing"),)


def window(claim: "Claim") -> str:
    """The days that are asked about."""
    if claim.over:
        return _days(claim.over)
    if claim.at == "first day":
        return tr("on the first day")
    return tr("on {day}", day=dated(claim.at)) if claim.at else ""


def _days(over: str) -> str:
    """`2023-09-15 to 2024-06-30` as people write it."""
    if over.startswith("any quarter of "):
        return tr("any quarter of {window}", window=_days(over.removeprefix("any quarter of ")))
    if over.startswith("every quarter of "):
        return tr("every quarter of {window}", window=_days(over.removeprefix("every quarter of ")))
    ends = [dated(end) for end in over.split(" to ")]
    return tr("{low} to {high}", low=ends[0], high=ends[1]) if len(ends) == 2 else dated(over)


_HEARD = re.compile(
    r"(?:(?P<one>one independent origin speaks)|(?P<n>\d+) independent origins of (?P<families>\w+) famil\w+ speak) of this measure"
    r"(?P<alone>, and none of what it would be otherwise)?(?:; its hindcasts were (?P<scored>better|worse) than a trend or the last value)?"
)
CONFIDENCE = (mark("low"), mark("moderate"), mark("high"))
_CONFIDENCE = (
    mark("no report weighs these worlds yet, and no hindcast has scored this measure"),
    mark("no report speaks of this measure"),
)


def heard(says: str) -> str:
    """What a verdict says of its confidence, in the language of the moment."""
    found = _HEARD.fullmatch(says)
    if found is None or language() == SOURCE:
        return tr(says)
    if found["one"]:
        told = tr("one independent origin speaks of this measure")
    else:
        families = int(found["families"]) if found["families"].isdigit() else 1
        told = trn(
            "{origins} independent origins of {n} family speak of this measure",
            "{origins} independent origins of {n} families speak of this measure",
            families, origins=found["n"],
        )  # fmt: skip
    if found["alone"]:
        told = tr("{heard}, and none of what it would be otherwise", heard=told)
    if found["scored"] == "better":
        return tr("{heard}; its hindcasts were better than a trend or the last value", heard=told)
    if found["scored"] == "worse":
        return tr("{heard}; its hindcasts were worse than a trend or the last value", heard=told)
    return told


RULES = {
    "higher by": mark("higher by {amount}"),
    "lower by": mark("lower by {amount}"),
    "above": mark("above {amount}"),
    "below": mark("below {amount}"),
    "at least": mark("at least {amount}"),
    "at most": mark("at most {amount}"),
}
_RULE = re.compile(rf"(?P<rule>{'|'.join(RULES)}) (?P<x>[\d.,_]+)(?P<size>[kM]?) ?(?P<unit>.*?)(?P<more> or more)?")


def ruled(rule: str) -> str:
    """The rule of a claim as people write it: `higher by 25 km2` -> `higher by 25 km²`."""
    found = _RULE.fullmatch(rule)
    if found is None or language() == SOURCE:
        return rule.replace("km2", "km²")
    size = float(re.sub("[,_]", "", found["x"])) * {"k": 1e3, "M": 1e6}.get(found["size"], 1.0)
    sentence, x = RULES[found["rule"]], numeral(f"{size:,.10g}")
    amount = tr("{x} times", x=x) if found["unit"] == "times" else f"{x} {units.unit(found['unit'])}".strip()
    if found["more"]:
        amount = tr("{amount} or more", amount=amount)
    return tr(sentence, amount=amount)
