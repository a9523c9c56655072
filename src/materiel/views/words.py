"""Words and numbers as people read them: each text of the brief that carries a result comes from here and has a test.

Probabilities are rounded to 5 of 100, amounts to two digits, dates to the month, because more digits would promise
what the model does not know.
"""

import math
import re
from datetime import date

from materiel.claims.probability import BANDS, Range, span

MINUS = "\N{MINUS SIGN}"
NOT_OBSERVED = "model, not observation"
RECORDED = "what is on record, no model"

_UNITS = {
    "km2": "km²",
    "share": "%",
    "rounds/day": "rounds a day",
    "people/day": "people a day",
    "containers/day": "containers a day",
    "drones/day": "drones a day",
    "km/day": "km a day",
    "rounds/container": "rounds a container",
    "rounds/drone": "rounds a drone",
    "km/day**0.5": "km in the square root of a day",
    "1/day": "a day",
    "USD": "dollars",
    "USD/day": "dollars a day",
    "USD/round": "dollars a round",
    "number": "",
    "dimensionless": "",
    "signed": "",
    "index": "",
}
_WHOLE = (
    "rounds",
    "people",
    "km2",
    "lines",
    "containers",
    "rounds/day",
    "people/day",
    "containers/day",
    "USD",
    "USD/day",
)  # never read in tenths
_LARGE = ((1e9, "billion"), (1e6, "million"))


def unit(text: str) -> str:
    """A canonical unit as people write it: `km2` -> `km²`, `rounds/day` -> `rounds a day`; "" for a pure number."""
    return _UNITS.get(text, text)


def whole_number(x: float) -> str:
    """Two digits and no decimals: 1234567 -> 1,200,000; below one in size: less than 1."""
    if x and abs(x) < 0.95:
        return "less than 1"
    size = 0 if x == 0 else math.floor(math.log10(abs(x))) - 1
    rounded = round(round(x, -size)) if size > 0 else round(x)
    return f"{rounded:,}".replace("-", MINUS)


def number(x: float) -> str:
    """Two digits: 1234567 -> 1.2 million, 4321 -> 4,300, 0.1234 -> 0.12, 0 -> 0."""
    if not math.isfinite(x):
        return "not known"
    rounded = float(f"{x:.1e}")
    for size, word in _LARGE:
        if abs(rounded) >= size:
            value = rounded / size
            return (f"{value:,.0f}" if abs(value) >= 10 else f"{value:.1f}".removesuffix(".0")).replace("-", MINUS) + f" {word}"
    if abs(rounded) >= 10 or rounded == 0:
        return f"{rounded:,.0f}".replace("-", MINUS)
    text = f"{rounded:.{1 - math.floor(math.log10(abs(rounded)))}f}"
    return text.rstrip("0").rstrip(".").replace("-", MINUS)


def _written(x: float, of: str, whole: bool) -> str:
    """A number in the precision that its unit bears; shares in percent."""
    if of == "share":
        x *= 100
    if whole or (of in _WHOLE and abs(x) < 10):
        return whole_number(x)
    return number(x)


def _with_unit(text: str, of: str) -> str:
    """`1 day`, `2 days`, `less than 1 round a day`."""
    name, rest = (unit(of) + " ").split(" ", 1)
    if text.rpartition(" ")[2] == "1" and " to " not in text and name.endswith("s"):
        name = name[:-1]
    return f"{text} {name} {rest}".rstrip()


def amount(x: float, of: str, *, whole: bool = False) -> str:
    """A number with its unit: 1.2 million rounds, 12 %, 60 km². `whole` forbids decimals."""
    return _with_unit(_written(x, of, whole), of)


def interval(low: float, high: float, of: str, *, whole: bool = False) -> str:
    """Two ends and the unit once: 10 to 150 km²; one number where both ends read the same."""
    ends = dict.fromkeys(_written(x, of, whole).replace("less than 1", "0") for x in (low, high))
    first, *rest = ends
    word = first.rpartition(" ")[2]
    if rest and word in ("million", "billion") and rest[0].endswith(word):
        first = first.rpartition(" ")[0]  # 1 to 3 million, not 1 million to 3 million
    return _with_unit(" to ".join([first, *rest]), of)


def of_100(probability: float) -> str:
    """How many of 100 worlds, to the nearest 5; never 0 and never 100."""
    percent = 100 * probability
    if percent < 1:
        return "fewer than 1"
    if percent > 99:
        return "more than 99"
    if percent < 2.5:
        return "fewer than 5"
    if percent >= 97.5:
        return "more than 95"
    return f"about {nearest_5(probability)}"


def nearest_5(probability: float) -> int:
    """Of 100, to the nearest 5, as the verdicts round."""
    return 5 * round(20 * probability)


def worlds_of_100(probability: float) -> str:
    """About 30 of 100 simulated worlds."""
    return f"{of_100(probability)} of 100 simulated worlds"


def range_of_100(low: float, high: float) -> str:
    """The range over alternatives as the verdicts write it: 20 to 50, under 5, 5 or less, over 95."""
    return span(Range(low, high))


def month(of: date) -> str:
    """September 2023."""
    return f"{of:%B %Y}"


def bands_of_icd_203() -> list[tuple[str, str]]:
    """The words for probabilities with their bands, for a table: (likely, 55 to 80 of 100)."""
    lower = [1, *(top for top, _ in BANDS)]
    return [(word, f"{low} to {top} of 100") for low, (top, word) in zip(lower, BANDS, strict=False)]


def day(of: date) -> str:
    """15 September 2023: for dates that are known, such as the as-of date."""
    return f"{of.day} {of:%B %Y}"


def change(effect_median: float, low: float, high: float, of: str, *, whole: bool = False) -> str:
    """A paired effect: `40 km² less (9 worlds of 10: 2 to 150 km² less)`; signs are kept where the ends differ in sign."""
    spread = interval(low, high, of, whole=whole)
    if spread == interval(0, 0, of):
        return "no change in 9 worlds of 10"
    if low < 0 < high or effect_median == 0:
        typical = _written(effect_median, of, whole)
        sign = "about " if typical == "less than 1" else "+" if effect_median > 0 else ""
        return f"{sign}{_with_unit(typical.replace('less than 1', '0'), of)} (9 worlds of 10: {spread})"
    word = "more" if effect_median > 0 else "less"
    near, far = sorted((abs(low), abs(high)))
    return f"{amount(abs(effect_median), of, whole=whole)} {word} (9 worlds of 10: {interval(near, far, of, whole=whole)} {word})"


def without_decimals(text: str) -> str:
    """Numbers of a sentence written without decimals: 1.2 million -> 1,200,000; 3.7 -> 4; 0.2 -> less than 1."""
    sizes = {"thousand": 1e3, "million": 1e6, "billion": 1e9}

    def write(m: re.Match[str]) -> str:
        value = float(m["number"].replace(",", ""))
        return whole_number(value * sizes[m["size"]]) if m["size"] else whole_number(value)

    return re.sub(r"(?<![\w.])(?P<number>\d[\d,]*\.\d+)(?![\w.]\d)(?: (?P<size>thousand|million|billion))?", write, text)


def sentence(text: str) -> str:
    """One sentence that ends with a full stop."""
    return text.strip().rstrip(".;,") + "."


def for_a_minister(
    says: str,
    probability: float,
    probability_range: tuple[float, float],
    effect: tuple[str, str] | None,
    basis: str,
    confidence: str,
    hangs_on: str | None,
    *,
    reports: str = "",
    before: str = "",
    later: str = "",
    because: str = "",
    both_sets: bool = False,
) -> tuple[str, str]:
    """Two sentences without decimals: what; then how sure, and what would change it.

    `effect` is what changes and a text of `change(..., whole=True)`; `hangs_on` is the first sentence of what the verdict hangs on.
    `reports` are those that weigh the worlds; `before` and `later` say what it was before them and with those to a later day;
    `because` is the basis in words, where it is not the usual one; `both_sets` says that the range spans both sets of ranges.
    """
    low, high = probability_range
    spread = range_of_100(low, high)
    what = f"In our model, with these ranges{f' and {reports}' if reports else ''}, "
    what += f"\N{LEFT DOUBLE QUOTATION MARK}{says.strip().rstrip('.')}\N{RIGHT DOUBLE QUOTATION MARK}"
    if basis == "built in" and effect:  # a direction that is built in has no probability, only a size
        what += " is assumed in its direction"
    else:
        what += f" holds in {worlds_of_100(probability)}"
        across = "the alternatives that experts defend" + (" and both sets of ranges" if both_sets else "")
        what += f" ({spread} across {across})" if " to " in spread or " or " in spread else ""
        what += "".join(f"; {text}" for text in (before, later) if text)
    what += f"; the typical change in {effect[0]} is {effect[1]}" if effect else ""
    because = (
        because
        or {
            "built in": "the direction is assumed by the model and only the size is a result",
            "assumed": "no report speaks to this and the answer restates the ranges that we chose",
            "learnt": "reports moved the answer away from the ranges that we chose",
        }[basis]
    )
    sure = f"Our confidence is {confidence}: {because}"
    sure += f"; what would change the answer most: {hangs_on.strip().rstrip('.')}" if hangs_on else ""
    return without_decimals(sentence(what)), without_decimals(sentence(sure))
