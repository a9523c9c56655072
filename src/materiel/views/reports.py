"""What reports did to the worlds, in words: each text has a test, as those of `words`.

A verdict after the reports is held against the one before. What differs by less than the rounding, than simulation error,
or than experts differ among themselves is told as no difference, for the draws of a world are fixed and would show one.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from materiel.claims.verdict import BASES
from materiel.views import words

STEP = 0.05  # to which probabilities are rounded, and from which on a move is told
NARROWED = 0.1  # of a width, from which on it counts
NO_DIFFERENCE = "no difference that this model can tell"
UNTOLD = "cannot be told from these worlds"
LEFT = "reports speak of this and left it where the ranges put it"

_AMOUNT = r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?"
_SAID = re.compile(rf"(?P<head>at least |at most )?(?P<low>{_AMOUNT})(?: to (?P<high>{_AMOUNT}))?(?: [^\d\s]\S*)?")


def listed(names: Sequence[str]) -> str:
    """`A`, `A and B`, `A; B; C`: names of families hold commas themselves."""
    return "; ".join(names) if len(names) > 2 or any("," in n for n in names) else " and ".join(names)


def which(to: date, as_of: date, without: Sequence[str] = ()) -> str:
    """The reports that weigh some worlds: `the reports of 15 September 2023`, or `to` any other day."""
    return f"the reports {'of' if to == as_of else 'to'} {words.day(to)}{f', without {listed(without)}' if without else ''}"


def column(which: str) -> str:
    """The head of a column of verdicts."""
    return f"with {which}" if which else "before any report"


def refused(to: date, as_of: date) -> str:
    """That worlds could not be weighed so, before the reason."""
    return f"A weighing with {which(to, as_of)} was refused"


def basis(reports: int, origins: int, to: date, without: Sequence[str] = ()) -> str:
    """What worlds were weighed with, for the head of the claims."""
    heard = f"{origins} independent origins" if origins != 1 else "one origin"
    left = f", without {listed(without)}" if without else ""
    return f"weighed with {reports} report{'s' if reports != 1 else ''} of {heard}, all published by {words.day(to)}{left}"


def was(prior: float) -> str:
    """The probability before the reports."""
    return f"was {words.of_100(prior)}"


def before(prior: float, tells: bool) -> str:
    """The probability before the reports, in a sentence on the one after them."""
    return f"before them it {was(prior)} of 100" if tells else f"the reports make {NO_DIFFERENCE}"


def moved(now: float, prior: float, error: float) -> bool:
    """Whether the reports moved a probability by more than the rounding and more than simulation error (of both) explains."""
    return abs(now - prior) >= max(STEP, math.sqrt(2.0) * error) - 1e-9


def tells(now: float, prior: float, error: float, across: tuple[float, float]) -> bool:
    """Whether the model can tell the difference: it is also no smaller than the range across alternatives."""
    return moved(now, prior, error) and abs(now - prior) >= across[1] - across[0] - 1e-9


def narrowed(share: float) -> str:
    """By how much a range became narrower, as a share of its width before."""
    if share >= NARROWED:
        return f"by about {5 * round(20 * share)} %"
    return "not at all (wider than before)" if share <= -NARROWED else "not at all"


def deliveries(delivered: float | None, per_round: float | None) -> str:
    """How much the reports narrowed what was delivered and, apart from it, the effect of a delivered round."""
    said = (("what was delivered", delivered), ("the effect of a delivered round", per_round))
    return ", ".join(f"{name} {narrowed(share)}" for name, share in said if share is not None)


def because(basis: str, says: str, change: tuple[bool, bool] | None, effect: float | None, heard: bool) -> str:
    """Why a verdict has its basis. `change` is whether the probability moved and whether the model can tell; None without reports.

    `says` is what the verdict itself says of its basis; `heard` whether any report speaks of its measure.
    """
    if change is None or basis == "built in":
        return says
    if basis == "assumed":
        return LEFT if heard else BASES[basis]
    if change[0]:
        return "the reports moved it" if change[1] else "the reports moved it, by less than the alternatives differ"
    size = f" {narrowed(effect)}" if effect is not None and effect >= NARROWED else ""
    return f"the reports narrowed the range of its size{size} and left its probability"


def for_a_minister(basis: str, because: str) -> str:
    """The same for one who reads two sentences."""
    if basis == "built in":
        return "the direction is assumed by the model and only the size is a result"
    if basis == "assumed":
        heard = "reports speak of this" if because == LEFT else "no report speaks to this"
        return f"{heard} and the answer restates the ranges that we chose"
    return because.replace("the reports moved it", "reports moved the answer away from the ranges that we chose").removeprefix("the ")


def without(told: Mapping[str, float | None], now: float, names: Mapping[str, str]) -> str:
    """The verdict without each family that moves it: `without US officials about 35`; empty where none does."""
    far = [(f, p) for f, p in told.items() if p is not None and abs(p - now) >= STEP - 1e-9]
    return "; ".join(f"without {names.get(f, f)} {words.of_100(p)}" for f, p in far)


def one_less(told: int, untold: Sequence[str], moves: int, verdicts: int) -> str:
    """What can be said of the verdicts without each family in turn: `told` can be left out, `untold` are the names of those that cannot."""
    if not told:
        return f"whichever family were left out, the verdicts without it {UNTOLD}"
    move = f"{moves} of {verdicts} verdicts move" if moves > 1 else f"{'one' if moves else 'none'} of {verdicts} verdicts moves"
    one = f"one of {told} families" if told > 1 else "the only family that can be"
    text = f"{move} by five points or more when {one} is left out"
    return f"{text}; without {listed(untold)}, each alone, they {UNTOLD}" if untold else text


def spoke(origins: Mapping[str, int], names: Mapping[str, str]) -> str:
    """Who speaks of a measure, by independent origins: `US officials 3, Liveuamap 1`."""
    if not origins:
        return "no report"
    return "; ".join(f"{names.get(f, f)} {n}" for f, n in sorted(origins.items(), key=lambda x: (-x[1], x[0])))


def silent(spoken: Collection[str], names: Mapping[str, str]) -> str:
    """The families of the scenario that said nothing."""
    return listed([name for family, name in names.items() if family not in spoken])


def unheard(claims: int, others: bool) -> str:
    """That no report speaks of what some claims measure; `others` where reports speak of some."""
    which = f"the {'other ' if others else ''}{f'{claims} claims measure' if claims > 1 else 'claim measures'}"
    return f"No report speaks of what {which}; reports reach {'them' if claims > 1 else 'it'} only through the model"


def aside(reports: int, plans: int, others: int) -> str:
    """What was weighed and what was not."""
    kept = f"{plans} plan{'s were' if plans != 1 else ' was'} kept beside, for a plan says what shall be"
    plan = kept if plans else "no plan was kept beside"
    why = "the scenario has no answer to what they say or leaves them out, or their time lies outside the run"
    rest = f"{others} other{'s' if others != 1 else ''} left aside: {why}" if others else "nothing was left aside"
    return f"{reports} report{'s were' if reports != 1 else ' was'} weighed; {plan}; {rest}"


def foreseen(outside: int, amounts: int) -> str:
    """How many amounts lie outside 90 % of what the weighed worlds foresee."""
    if not amounts:
        return "no report that was weighed states an amount"
    chance = f"about {round(amounts / 10)} would by chance"
    lie = f"{outside or 'none'} of {amounts} stated amounts {'lie' if outside > 1 else 'lies'}"
    return f"{lie} outside the 90 % that the weighed worlds foresee; {chance}"


def worth(effective: float, particles: int, batches: int, road: str, plain: float, k_hat: float) -> str:
    """How many independent worlds a weighing is worth, and how that was found."""
    k = f"{k_hat:.1f}" if math.isfinite(k_hat) else "beyond measure"
    how = f"weights alone would leave {words.number(plain)} of them (Pareto k {k}; above 0.7 they say nothing)"
    how += ", so the worlds were moved towards the reports step by step" if road == "moved" else ", which was good enough"
    return (
        f"The {particles:,} worlds that were weighed are worth {words.number(effective)} independent ones, from how far {batches} separate "
        f"batches disagree; {how}. More worlds make this larger and the answers no surer"
    )


def said(text: str, unit: str) -> str:
    """What a report said, with all its digits: `1.708e+04 to 2e+04 rounds/day` -> `17,080 to 20,000 rounds a day`."""
    found = _SAID.fullmatch(text)
    if not found:
        return text
    ends = [f"{float(x.replace(',', '')):,.10g}".replace("-", words.MINUS) for x in (found["low"], found["high"]) if x]
    return f"{found['head'] or ''}{' to '.join(ends)} {words.unit(unit)}".rstrip()


def forecast(of: Sequence[float], unit: str) -> str:
    """What some worlds foresaw of a report: 90 % of the amounts, or the chance of a yes or no; a dash where they say neither."""
    if len(of) == 3:
        return words.interval(of[0], of[2], unit)
    return f"{words.of_100(of[0])} of 100" if of else "—"


def place(share: float | None) -> str:
    """Where what was said lies in its forecast: the share of it that is lower."""
    if share is None:
        return "—"
    return f"{100 * share:.0f} %{', outside' if not 0.05 <= share <= 0.95 else ''}"
