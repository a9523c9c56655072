"""What reports did to the worlds, in words: each text has a test, as those of `words`.

A verdict after the reports is held against the one before. What differs by less than the rounding, than simulation error,
or than experts differ among themselves is told as no difference, for the draws of a world are fixed and would show one.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from materiel.claims.verdict import BASES
from materiel.views import units, words
from materiel.views.language import mark, numeral, thousands, tr, trn

STEP = 0.05  # to which probabilities are rounded, and from which on a move is told
NARROWED = 0.1  # of a width, from which on it counts
NO_DIFFERENCE = mark("no difference that this model can tell")
YES_OR_NO = (mark("yes"), mark("no"), mark("nothing"))  # what a report may say besides an amount
LEFT = mark("reports speak of this and left it where the ranges put it")

_AMOUNT = r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?"
_SAID = re.compile(rf"(?P<head>at least |at most )?(?P<low>{_AMOUNT})(?: to (?P<high>{_AMOUNT}))?(?: [^\d\s]\S*)?")


def listed(names: Sequence[str]) -> str:
    """`A`, `A and B`, `A; B; C`: names of families hold commas themselves."""
    return "; ".join(names) if len(names) != 2 or any("," in n for n in names) else tr("{one} and {other}", one=names[0], other=names[1])


def which(to: date, as_of: date, without: Sequence[str] = ()) -> str:
    """The reports that weigh some worlds: `the reports of 15 September 2023`, or `to` any other day."""
    of = tr("the reports of {day}", day=words.day(to)) if to == as_of else tr("the reports to {day}", day=words.day(to))
    return tr("{reports}, without {families}", reports=of, families=listed(without)) if without else of


def column(which: str) -> str:
    """The head of a column of verdicts."""
    return tr("with {reports}", reports=which) if which else tr("before any report")


def refused(to: date, as_of: date) -> str:
    """That worlds could not be weighed so, before the reason."""
    return tr("A weighing with {reports} was refused", reports=which(to, as_of))


def basis(reports: int, origins: int, to: date, without: Sequence[str] = ()) -> str:
    """What worlds were weighed with, for the head of the claims."""
    heard = trn("one origin", "{n} independent origins", origins)
    text = trn(
        "weighed with {n} report of {origins}, all published by {day}",
        "weighed with {n} reports of {origins}, all published by {day}",
        reports, n=reports, origins=heard, day=words.day(to),
    )  # fmt: skip
    return tr("{reports}, without {families}", reports=text, families=listed(without)) if without else text


def was(prior: float) -> str:
    """The probability before the reports."""
    return tr("was {n}", n=words.of_100(prior))


def before(prior: float, tells: bool) -> str:
    """The probability before the reports, in a sentence on the one after them."""
    return (
        tr("before them it was {n} of 100", n=words.of_100(prior))
        if tells
        else tr("the reports make no difference that this model can tell")
    )


def moved(now: float, prior: float, error: float) -> bool:
    """Whether the reports moved a probability by more than the rounding and more than simulation error (of both) explains."""
    return abs(now - prior) >= max(STEP, math.sqrt(2.0) * error) - 1e-9


def tells(now: float, prior: float, error: float, across: tuple[float, float]) -> bool:
    """Whether the model can tell the difference: it is also no smaller than the range across alternatives."""
    return moved(now, prior, error) and abs(now - prior) >= across[1] - across[0] - 1e-9


def narrowed(share: float) -> str:
    """By how much a range became narrower, as a share of its width before."""
    if share >= NARROWED:
        return tr("by about {n} %", n=5 * round(20 * share))
    return tr("not at all (wider than before)") if share <= -NARROWED else tr("not at all")


def deliveries(delivered: float | None, per_round: float | None) -> str:
    """How much the reports narrowed what was delivered and, apart from it, the effect of a delivered round."""
    said = [tr("what was delivered {by}", by=narrowed(delivered))] if delivered is not None else []
    said += [tr("the effect of a delivered round {by}", by=narrowed(per_round))] if per_round is not None else []
    return ", ".join(said)


def because(basis: str, says: str, change: tuple[bool, bool] | None, effect: float | None, heard: bool) -> str:
    """Why a verdict has its basis. `change` is whether the probability moved and whether the model can tell; None without reports.

    `says` is what the verdict itself says of its basis; `heard` whether any report speaks of its measure.
    """
    if change is None or basis == "built in":
        return tr(says)
    if basis == "assumed":
        return tr(LEFT if heard else BASES[basis])
    if change[0]:
        return tr("the reports moved it") if change[1] else tr("the reports moved it, by less than the alternatives differ")
    if effect is not None and effect >= NARROWED:
        return tr("the reports narrowed the range of its size {by} and left its probability", by=narrowed(effect))
    return tr("the reports narrowed the range of its size and left its probability")


def for_a_minister(basis: str, because: str) -> str:
    """The same for one who reads two sentences."""
    if basis == "built in":
        return tr("the direction is assumed by the model and only the size is a result")
    if basis == "assumed":
        if because == tr(LEFT):
            return tr("reports speak of this and the answer restates the ranges that we chose")
        return tr("no report speaks to this and the answer restates the ranges that we chose")
    if because == tr("the reports moved it"):
        return tr("reports moved the answer away from the ranges that we chose")
    if because == tr("the reports moved it, by less than the alternatives differ"):
        return tr("reports moved the answer away from the ranges that we chose, by less than the alternatives differ")
    return because.removeprefix("the ")


def without(told: Mapping[str, float | None], now: float, names: Mapping[str, str]) -> str:
    """The verdict without each family that moves it: `without US officials about 35`; empty where none does."""
    far = [(f, p) for f, p in told.items() if p is not None and abs(p - now) >= STEP - 1e-9]
    return "; ".join(tr("without {family} {n}", family=names.get(f, f), n=words.of_100(p)) for f, p in far)


def one_less(told: int, untold: Sequence[str], moves: int, verdicts: int) -> str:
    """What can be said of the verdicts without each family in turn: `told` can be left out, `untold` are the names of those that cannot."""
    if not told:
        return tr("whichever family were left out, the verdicts without it cannot be told from these worlds")
    one = trn("the only family that can be", "one of {n} families", told)
    said: dict[str, object] = {"verdicts": verdicts, "one": one}
    if moves:
        text = trn(
            "one of {verdicts} verdicts moves by five points or more when {one} is left out",
            "{n} of {verdicts} verdicts move by five points or more when {one} is left out",
            moves, **said,
        )  # fmt: skip
    else:
        text = tr("none of {verdicts} verdicts moves by five points or more when {one} is left out", **said)
    if not untold:
        return text
    return tr("{text}; without {families}, each alone, they cannot be told from these worlds", text=text, families=listed(untold))


def spoke(origins: Mapping[str, int], names: Mapping[str, str]) -> str:
    """Who speaks of a measure, by independent origins: `US officials 3, Liveuamap 1`."""
    if not origins:
        return tr("no report")
    return "; ".join(f"{names.get(f, f)} {n}" for f, n in sorted(origins.items(), key=lambda x: (-x[1], x[0])))


def silent(spoken: Collection[str], names: Mapping[str, str]) -> str:
    """The families of the scenario that said nothing."""
    return listed([name for family, name in names.items() if family not in spoken])


def unheard(claims: int, others: bool) -> str:
    """That no report speaks of what some claims measure; `others` where reports speak of some."""
    n = max(claims, 1)
    if others:
        return trn(
            "No report speaks of what the other claim measures; reports reach it only through the model",
            "No report speaks of what the other {n} claims measure; reports reach them only through the model",
            n,
        )
    return trn(
        "No report speaks of what the claim measures; reports reach it only through the model",
        "No report speaks of what the {n} claims measure; reports reach them only through the model",
        n,
    )


def aside(reports: int, plans: int, others: int) -> str:
    """What was weighed and what was not."""
    weighed = trn("{n} report was weighed", "{n} reports were weighed", reports, n=reports)
    if plans:
        plan = trn(
            "{n} plan was kept beside, for a plan says what shall be",
            "{n} plans were kept beside, for a plan says what shall be",
            plans,
            n=plans,
        )
    else:
        plan = tr("no plan was kept beside")
    if others:
        rest = trn(
            "{n} other left aside: the scenario has no answer to what they say or leaves them out, or their time lies outside the run",
            "{n} others left aside: the scenario has no answer to what they say or leaves them out, or their time lies outside the run",
            others, n=others,
        )  # fmt: skip
    else:
        rest = tr("nothing was left aside")
    return "; ".join((weighed, plan, rest))


def foreseen(outside: int, amounts: int) -> str:
    """How many amounts lie outside 90 % of what the weighed worlds foresee."""
    if not amounts:
        return tr("no report that was weighed states an amount")
    said: dict[str, object] = {"amounts": amounts, "chance": round(amounts / 10)}
    if not outside:
        return tr(
            "none of {amounts} stated amounts lies outside the 90 % that the weighed worlds foresee; about {chance} would by chance", **said
        )
    return trn(
        "{n} of {amounts} stated amounts lies outside the 90 % that the weighed worlds foresee; about {chance} would by chance",
        "{n} of {amounts} stated amounts lie outside the 90 % that the weighed worlds foresee; about {chance} would by chance",
        outside, n=outside, **said,
    )  # fmt: skip


def worth(effective: float, particles: int, batches: int, road: str, plain: float, k_hat: float) -> str:
    """How many independent worlds a weighing is worth, and how that was found."""
    said: dict[str, object] = {
        "worlds": thousands(particles), "effective": words.number(effective), "batches": batches, "plain": words.number(plain),
        "k": numeral(f"{k_hat:.1f}") if math.isfinite(k_hat) else tr("beyond measure"),
    }  # fmt: skip
    if road == "moved":
        return tr(
            "The {worlds} worlds that were weighed are worth {effective} independent ones, from how far {batches} separate batches "
            "disagree; weights alone would leave {plain} of them (Pareto k {k}; above 0.7 they say nothing), so the worlds were moved "
            "towards the reports step by step. More worlds make this larger and the answers no surer",
            **said,
        )
    return tr(
        "The {worlds} worlds that were weighed are worth {effective} independent ones, from how far {batches} separate batches disagree; "
        "weights alone would leave {plain} of them (Pareto k {k}; above 0.7 they say nothing), which was good enough. More worlds make "
        "this larger and the answers no surer",
        **said,
    )


def said(text: str, unit: str) -> str:
    """What a report said, with all its digits: `1.708e+04 to 2e+04 rounds/day` -> `17,080 to 20,000 rounds a day`."""
    found = _SAID.fullmatch(text)
    if not found:
        return tr(text)
    ends = [numeral(f"{float(x.replace(',', '')):,.10g}").replace("-", words.MINUS) for x in (found["low"], found["high"]) if x]
    amount = tr("{low} to {high}", low=ends[0], high=ends[1]) if len(ends) == 2 else ends[0]
    amount = f"{amount} {units.unit(unit)}".rstrip()
    match found["head"]:
        case "at least ":
            return tr("at least {amount}", amount=amount)
        case "at most ":
            return tr("at most {amount}", amount=amount)
        case _:
            return amount


def forecast(of: Sequence[float], unit: str) -> str:
    """What some worlds foresaw of a report: 90 % of the amounts, or the chance of a yes or no; a dash where they say neither."""
    if len(of) == 3:
        return words.interval(of[0], of[2], unit)
    return words.n_of_100(of[0]) if of else "—"


def place(share: float | None) -> str:
    """Where what was said lies in its forecast: the share of it that is lower."""
    if share is None:
        return "—"
    at = f"{100 * share:.0f} %"
    return at if 0.05 <= share <= 0.95 else tr("{share}, outside", share=at)
