"""Words and numbers as people read them: each text of the brief that carries a result comes from here and has a test.

Probabilities are rounded to 5 of 100, amounts to two digits, dates to the month, because more digits would promise
what the model does not know.
"""

import math
import re
from collections.abc import Callable
from datetime import date

from materiel.claims import probability as odds
from materiel.claims.probability import BANDS, Range
from materiel.views import language
from materiel.views.language import mark, numeral, tr, trn
from materiel.views.units import counted

MINUS = "\N{MINUS SIGN}"
NOT_OBSERVED = mark("model, not observation")
RECORDED = mark("what is on record, no model")

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
_LARGE = (1e9, 1e6)


def _less() -> str:
    return tr("less than 1")


def whole_number(x: float) -> str:
    """Two digits and no decimals: 1234567 -> 1,200,000; below one in size: less than 1."""
    if x and abs(x) < 0.95:
        return _less()
    size = 0 if x == 0 else math.floor(math.log10(abs(x))) - 1
    rounded = round(round(x, -size)) if size > 0 else round(x)
    return numeral(f"{rounded:,}").replace("-", MINUS)


def _large(digits: str, size: float) -> str:
    """Digits of a million or a billion with the word."""
    n = 1 if digits.removeprefix(MINUS) == "1" else 2
    if size >= 1e9:
        return trn("{x} billion", "{x} billion", n, x=digits)
    return trn("{x} million", "{x} million", n, x=digits)


def _digits(x: float) -> tuple[str, float]:
    """Two digits of a finite number, and by what they are to be multiplied: a million, a billion or 1."""
    rounded = float(f"{x:.1e}")
    for size in _LARGE:
        if abs(rounded) >= size:
            value = rounded / size
            text = f"{value:,.0f}" if abs(value) >= 10 else f"{value:.1f}".removesuffix(".0")
            return numeral(text).replace("-", MINUS), size
    if abs(rounded) >= 10 or rounded == 0:
        return numeral(f"{rounded:,.0f}").replace("-", MINUS), 1.0
    text = f"{rounded:.{1 - math.floor(math.log10(abs(rounded)))}f}"
    return numeral(text.rstrip("0").rstrip(".")).replace("-", MINUS), 1.0


def number(x: float) -> str:
    """Two digits: 1234567 -> 1.2 million, 4321 -> 4,300, 0.1234 -> 0.12, 0 -> 0."""
    if not math.isfinite(x):
        return tr("not known")
    digits, size = _digits(x)
    return _large(digits, size) if size > 1 else digits


def _written(x: float, of: str, whole: bool) -> str:
    """A number in the precision that its unit bears; shares in percent."""
    if of == "share":
        x *= 100
    if whole or (of in _WHOLE and abs(x) < 10):
        return whole_number(x)
    return number(x)


def _with_unit(text: str, of: str) -> str:
    """`1 day`, `2 days`, `less than 1 round a day`."""
    return counted(text, of, text in ("1", _less()))


def amount(x: float, of: str, *, whole: bool = False) -> str:
    """A number with its unit: 1.2 million rounds, 12 %, 60 km². `whole` forbids decimals."""
    return _with_unit(_written(x, of, whole), of)


def interval(low: float, high: float, of: str, *, whole: bool = False) -> str:
    """Two ends and the unit once: 10 to 150 km²; one number where both ends read the same."""
    text, one = _ends(low, high, of, whole)
    return counted(text, of, one)


def bare_interval(low: float, high: float, of: str) -> str:
    """The same without the unit, where that was just said: 10 to 150."""
    return _ends(low, high, of, False)[0]


def _ends(low: float, high: float, of: str, whole: bool) -> tuple[str, bool]:
    """The two ends, and whether they read as a single one."""
    ends = list(dict.fromkeys("0" if (text := _written(x, of, whole)) == _less() else text for x in (low, high)))
    if len(ends) == 1:
        return ends[0], ends[0] == "1"
    if not whole and math.isfinite(low) and math.isfinite(high):
        (first, size), (_, other) = _digits(low), _digits(high)
        if size == other > 1:
            ends[0] = first  # 1 to 3 million, not 1 million to 3 million
    return tr("{low} to {high}", low=ends[0], high=ends[1]), False


def of_100(probability: float) -> str:
    """How many of 100 worlds, to the nearest 5; never 0 and never 100."""
    percent = 100 * probability
    if percent < 1:
        return tr("fewer than 1")
    if percent > 99:
        return tr("more than 99")
    if percent < 2.5:
        return tr("fewer than 5")
    if percent >= 97.5:
        return tr("more than 95")
    return tr("about {n}", n=nearest_5(probability))


def bare_of_100(probability: float) -> str:
    """The same in a table whose head says what it is, and without the word for a round number."""
    said, round_number = of_100(probability), str(nearest_5(probability))
    return round_number if said == tr("about {n}", n=round_number) else said


def nearest_5(probability: float) -> int:
    """Of 100, to the nearest 5, as the verdicts round."""
    return 5 * round(20 * probability)


def worlds_of_100(probability: float) -> str:
    """About 30 of 100 simulated worlds."""
    return tr("{n} of 100 simulated worlds", n=of_100(probability))


def n_of_100(probability: float) -> str:
    """About 30 of 100."""
    return tr("{n} of 100", n=of_100(probability))


def about(probability: float) -> str:
    """`about 30 %` as the verdicts write it: to 5 points, the ends in words."""
    text = odds.about(probability)
    found = re.fullmatch(r"about (\d+) %", text)
    if found:
        return tr("about {n} %", n=found[1])
    return tr("under 5 %") if text.startswith("under") else tr("over 95 %")


def range_of_100(low: float, high: float) -> str:
    """The range over alternatives as the verdicts write it: 20 to 50, under 5, 5 or less, over 95."""
    text = odds.span(Range(low, high))
    if text in ("5 or less", "95 or more"):
        return tr("5 or less") if text == "5 or less" else tr("95 or more")
    ends = [{"under 5": tr("under 5"), "over 95": tr("over 95")}.get(end, end) for end in text.split(" to ")]
    return tr("{low} to {high}", low=ends[0], high=ends[1]) if len(ends) == 2 else ends[0]


def spreads(low: float, high: float) -> bool:
    """Whether the two ends of such a range read differently."""
    text = odds.span(Range(low, high))
    return " to " in text or " or " in text


def month(of: date) -> str:
    """September 2023."""
    return language.month(of)


def period(begins: date, ends: date) -> str:
    """February 2022 to December 2024."""
    return tr("{low} to {high}", low=month(begins), high=month(ends))


def bands_of_icd_203() -> list[tuple[str, str]]:
    """The words for probabilities with their bands, for a table: (likely, 55 to 80 of 100)."""
    lower = [1, *(top for top, _ in BANDS)]
    return [(tr(word), tr("{low} to {high} of 100", low=low, high=top)) for low, (top, word) in zip(lower, BANDS, strict=False)]


def day(of: date) -> str:
    """15 September 2023: for dates that are known, such as the as-of date."""
    return language.long_date(of)


def change(effect_median: float, low: float, high: float, of: str, *, whole: bool = False) -> str:
    """A paired effect: `40 km² less (9 worlds of 10: 2 to 150 km² less)`; signs are kept where the ends differ in sign."""
    return _change(effect_median, low, high, of, whole, ranged)


def short_change(effect_median: float, low: float, high: float, of: str) -> str:
    """The same where the head of a table says what the range is: `40 km² less (2 to 150 km² less)`."""
    return _change(effect_median, low, high, of, False, lambda typical, spread: tr("{typical} ({spread})", typical=typical, spread=spread))


def ranged(typical: str, spread: str) -> str:
    """A number and where nine of ten worlds lie."""
    return tr("{typical} (9 worlds of 10: {spread})", typical=typical, spread=spread)


def _change(median: float, low: float, high: float, of: str, whole: bool, put: Callable[[str, str], str]) -> str:
    spread = interval(low, high, of, whole=whole)
    if spread == interval(0, 0, of):
        return tr("no change in 9 worlds of 10")
    if low < 0 < high or median == 0:
        typical = _written(median, of, whole)
        size = _with_unit("0" if typical == _less() else typical, of)
        if typical == _less():
            return put(tr("about {size}", size=size), spread)
        return put(f"+{size}" if median > 0 else size, spread)
    near, far = sorted((abs(low), abs(high)))
    size, spread = amount(abs(median), of, whole=whole), interval(near, far, of, whole=whole)
    if median > 0:
        return put(tr("{size} more", size=size), tr("{size} more", size=spread))
    return put(tr("{size} less", size=size), tr("{size} less", size=spread))


def without_decimals(text: str) -> str:
    """Numbers of a sentence written without decimals: 1.2 million -> 1,200,000; 3.7 -> 4; 0.2 -> less than 1."""
    sizes = {tr("thousand"): 1e3}
    for n in (1, 2):
        sizes |= {trn("{x} million", "{x} million", n, x="").strip(): 1e6, trn("{x} billion", "{x} billion", n, x="").strip(): 1e9}
    group, point = numeral(","), numeral(".")

    def write(m: re.Match[str]) -> str:
        value = float(m["number"].replace(group, "").replace(point, "."))
        return whole_number(value * sizes[m["size"]]) if m["size"] else whole_number(value)

    figures, words = rf"\d[\d{re.escape(group)}]*{re.escape(point)}\d+", "|".join(sorted(sizes, key=len, reverse=True))
    return re.sub(rf"(?<![\w.])(?P<number>{figures})(?![\w.]\d)(?: (?P<size>{words}))?", write, text)


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
    ranges = tr("these ranges and {reports}", reports=reports) if reports else tr("these ranges")
    said: dict[str, object] = {"ranges": ranges, "claim": says.strip().rstrip(".")}
    if basis == "built in" and effect:  # a direction that is built in has no probability, only a size
        what = [tr("In our model, with {ranges}, “{claim}” is assumed in its direction", **said)]
    else:
        said |= {"worlds": worlds_of_100(probability), "spread": range_of_100(*probability_range)}
        if not spreads(*probability_range):
            what = [tr("In our model, with {ranges}, “{claim}” holds in {worlds}", **said)]
        elif both_sets:
            what = [
                tr(
                    "In our model, with {ranges}, “{claim}” holds in {worlds} "
                    "({spread} across the alternatives that experts defend and both sets of ranges)",
                    **said,
                )
            ]
        else:
            what = [
                tr(
                    "In our model, with {ranges}, “{claim}” holds in {worlds} ({spread} across the alternatives that experts defend)",
                    **said,
                )
            ]
        what += [text for text in (before, later) if text]
    if effect:
        what.append(tr("the typical change in {measure} is {size}", measure=effect[0], size=effect[1]))
    why = {
        "built in": mark("the direction is assumed by the model and only the size is a result"),
        "assumed": mark("no report speaks to this and the answer restates the ranges that we chose"),
        "learnt": mark("reports moved the answer away from the ranges that we chose"),
    }[basis]
    sure = [tr("Our confidence is {confidence}: {why}", confidence=tr(confidence), why=because or tr(why))]
    if hangs_on:
        sure.append(tr("what would change the answer most: {what}", what=hangs_on.strip().rstrip(".")))
    return without_decimals(sentence("; ".join(what))), without_decimals(sentence("; ".join(sure)))


def within(title: str) -> str:
    """A title inside a sentence: in English with a small letter, elsewhere between quotation marks, for nouns may need their capital."""
    if language.language() == language.SOURCE:
        return f"{title[0].lower()}{title[1:]}"
    return tr("“{title}”", title=title)
