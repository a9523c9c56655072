"""What is weighed, and what each world says of it: reports and series turned into items, and items into predictions.

**Which reports.** Those that count on the day: surely published by then, not withdrawn by then, not replaced by another
such. Plans are kept beside and never weighed. A report is left aside, with the reason, where no entry of the scenario
answers its quantity, or where its period does not lie in the run. If at least half of the days of its period do, the
part inside is used: a mean over it, a change in proportion to the days, a total as the run has it, which knows nothing of
what came before. What is said of one day needs that day.

**Which form.** Only a high value is an upper bound, only a low one (or one that repeats the central value, as in "more
than X") a lower bound, both are a range. Hundreds of thousands, coded 200,000 to 900,000, reach to 950,000. A plain
figure is an interval of half a unit of its last written digit either way; the zeros at its end count as rounding, so
that 20,000 is 15,000 to 25,000. Yes-or-no quantities, a denial, and a plain zero say yes or no.

**Copies.** Reports of one origin that speak of one measure at the same day rest on the same work: they carry the bias
of the family that spoke first and share the weight of one report, so that repeating it adds nothing.

**Silence.** Where the scenario says at what rate a family reports, its months without a report are one item: a world in
which there was something to report on T of those days is less likely by 1 / (1 + rate T), which is the chance of no
report when the true rate is exponential about the stated one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from materiel.scenario import Scenario, measures, units
from materiel.scenario import reports as ledger
from materiel.scenario.dates import read_date
from materiel.scenario.evidence import Answer, Evidence, Series, Silence
from materiel.scenario.measures import MeasureKind
from materiel.scenario.reports import Report
from materiel.scenario.series import Point
from materiel.scenario.wording import plain_unit
from materiel.worlds.windows import WEEK, parts

F64 = NDArray[np.float64]

SMALLEST = 1.0  # of what is counted in units: one container, one round a day; a world that says less says this much
SMALLEST_SHARE = 1e-3  # of pure numbers
INSIDE = 0.5  # share of a period that must lie inside the run
SAMPLES = 13  # days on which a level is read for its mean over a period: one a week, at most so many
_TOP = 1e15  # a ratio of something to nothing


@dataclass(frozen=True)
class Item:
    """One thing to be weighed: a report, one value of a series, or a family's silence.

    `low` and `high` are the bounds of what was said, in `unit` (0 and inf where open; minus inf on a linear scale). A world
    says the `measure` as `counts` tells, over the records of `spans` (state before the first day, state after the last),
    times `factor`; where that is the middle of a range, `converts` is the place of the range under evidence, as
    series.NAME. `smallest` is the least amount that counts, `weight` is below 1 for copies, and `bears` is the family whose
    bias it carries. `scale` is that of the Student-t error: on the log, or in `unit` where `linear`; for silence it is the
    reports a day. `shared` is how much the common error of the origin moves it, in the units of `scale`.
    """

    id: str
    family: str
    origin: str
    form: str  # point, at_least, at_most, range, verbal, yes, no, change (of a series, linear), silence
    low: float
    high: float
    interest: str
    method: str
    known: date
    line: int
    scale: float
    measure: str
    counts: str  # total, change, daily, level, ratio
    spans: tuple[tuple[int, int], ...]
    unit: str = ""
    to: str | None = None
    factor: float = 1.0
    smallest: float = SMALLEST
    weight: float = 1.0
    bears: str = ""
    shared: float = 1.0
    converts: str = ""
    linear: bool = False  # errors are added to the amount itself, not to its logarithm
    flow: bool = field(default=False, repr=False)  # the measure is a running total, so that its mean a day is a difference

    @property
    def decides(self) -> bool:
        """Whether it says yes or no, and not how much."""
        return self.form in ("yes", "no")


@dataclass(frozen=True)
class Aside:
    """A report, or a value of a series, that counts on the day and cannot be weighed; the reason completes "left aside: "."""

    id: str
    line: int
    reason: str


@dataclass(frozen=True)
class Chosen:
    """What counts on a day: items to be weighed, plans beside them, and what was left aside."""

    items: tuple[Item, ...]
    plans: tuple[Report, ...]
    aside: tuple[Aside, ...]


def items(scenario: Scenario, as_of: date, families_left_out: Iterable[str] = ()) -> list[Item]:
    """The items that count on a day, without those of some families."""
    return list(choose(scenario, as_of, families_left_out).items)


def choose(scenario: Scenario, as_of: date, families_left_out: Iterable[str] = ()) -> Chosen:
    """All that counts on a day: reports in the order of the file, then series, then silences."""
    evidence = scenario.vocabulary.evidence
    if evidence is None:
        return Chosen((), (), ())
    without = set(families_left_out)
    known = measures(scenario.vocabulary)
    made: list[Item] = []
    first_said: dict[str, tuple[date, date, int]] = {}
    plans: list[Report] = []
    aside: list[Aside] = []
    counted = ledger.counted(scenario.reports, as_of)
    for report in counted:
        if report.family in without:
            continue
        answer = evidence.answer(report)
        if report.stance == "plans" or (answer is not None and answer.as_ == "plan"):
            plans.append(report)
            continue
        if answer is None:
            why = evidence.leave_out.get(report.id, "nothing in the scenario answers this quantity")
            aside.append(Aside(report.id, report.line, why))
            continue
        item = _report(scenario, known, evidence, answer, report)
        if isinstance(item, str):
            aside.append(Aside(report.id, report.line, item))
        else:
            made.append(item)
            first_said[item.id] = (report.published_earliest, report.published_latest, report.line)
    made = _copies(made, first_said)
    for name, one in evidence.series.items():
        after = timedelta(days=int(np.ceil(one.known_after.at(0.5)))) if one.known_after else timedelta()
        for p in scenario.series.get(name, ()):
            if one.family in without or p.last + after > as_of:
                continue
            value = _point(scenario, known, evidence, name, one, p)
            if isinstance(value, str):
                aside.append(Aside(_name(name, p), p.line, value))
            else:
                made.append(replace(value, known=p.last + after))
    for family, quiet in evidence.silence.items():
        if family not in without:
            made += _silence(scenario, known, evidence, family, quiet, as_of)
    return Chosen(tuple(made), tuple(plans), tuple(aside))


# ---- reports ----


def _report(scenario: Scenario, known: dict[str, MeasureKind], evidence: Evidence, answer: Answer, r: Report) -> Item | str:
    """The item of a report, or why there is none."""
    kind = known[parts(answer.measure)[0]]
    flow = kind.kind == "total"
    if answer.to is not None and (known[parts(answer.to)[0]].kind == "total") != flow:
        return "a running total cannot be held against a level"
    counts = ("total" if flow else "level") if answer.as_ == "yes" else answer.as_
    placed = _place(scenario, counts, r.first, r.last)
    if isinstance(placed, str):
        return placed
    span, inside = placed
    unit, factor = _unit(kind, counts, answer)
    linear = answer.form == "linear"
    said = _bounds(r, linear)
    smallest = _smallest(unit)
    if answer.as_ == "yes":
        unit, factor = plain_unit(kind.unit), 1.0
        at_least = answer.at_least
        smallest = _smallest(unit) if at_least is None else at_least.at(0.5) * units.factor(at_least.unit, unit)
        form = "no" if r.stance == "denies" or _single(r) == 0 else "yes"
        low, high = (0.0, smallest) if form == "no" else (smallest, np.inf)
    else:
        if not units.same_kind(ledger.plain_unit(r.unit), unit):
            return f"it is in {r.unit}, and the worlds answer in {unit or 'a pure number'}"
        times = units.factor(ledger.plain_unit(r.unit), unit)
        if r.stance == "denies" or said == "zero":
            # what is denied is that there was as much as named; a plain zero denies that there was anything
            form, low = "no", 0.0
            smallest = high = max(_single(r) * times, smallest)
        elif isinstance(said, str):
            return said
        else:
            form, low, high = said[0], said[1] * times, said[2] * times
    if counts == "change":
        factor /= inside
    scale = evidence.error.at(0.5)
    if answer.error is not None and linear:
        scale = answer.error.at(0.5) * units.factor(answer.error.unit, unit)
    return Item(
        id=r.id, family=r.family, origin=r.origin or r.id, form=form, low=float(low), high=float(high), interest=r.interest,
        method=r.method, known=r.published_latest, line=r.line, scale=scale, measure=answer.measure, counts=counts, spans=(span,),
        unit=unit, to=answer.to, factor=factor, smallest=float(smallest), bears=r.family, flow=flow, linear=linear,
        converts=_converts(evidence, answer),
        shared=scale / evidence.error.at(0.5) if linear else 1.0,
    )  # fmt: skip


def _converts(evidence: Evidence, answer: Answer) -> str:
    """The entry whose factor is a range, so that it is an unknown of its own; empty for an exact one."""
    if answer.factor is None or answer.factor.exact or answer.as_ == "yes":
        return ""
    return next(f"quantities.{name}" for name, a in evidence.quantities.items() if a is answer)


def _single(r: Report) -> float:
    """The one value that stands for a report."""
    return next((x for x in (r.central, r.low, r.high) if x is not None), 1.0)


def _bounds(r: Report, linear: bool) -> tuple[str, float, float] | str:
    """Form, low and high of a report's values in its own unit; "zero" for a plain nothing; else why it cannot be weighed."""
    low, central, high = r.low, r.central, r.high
    nothing = -np.inf if linear else 0.0
    if not linear and any(x is not None and x < 0 for x in (low, central, high)):
        return "it is below zero, which has no place on a scale of ratios (form: linear has)"
    if low is not None and high is not None and low < high:
        return ("verbal", low, high + rounding(high)) if _verbal(low, high) else ("range", low, high)
    plain = next((x for x in (central, high if high == 0 or low == high else None) if x is not None), None)
    if low is not None and high is None and (central is None or central == low):
        return "at_least", low, np.inf
    if (high or linear) and high is not None and low is None and (central is None or central == high):
        return "at_most", nothing, high
    if plain is None:
        return "it has no value"
    if plain == 0 and not linear and low in (None, 0.0) and high in (None, 0.0):
        return "zero"
    half = rounding(plain)
    bottom = plain - half if low is None else min(low, plain - half)
    top = plain + half if high is None else max(high, plain + half)
    return "point", bottom, top


def _verbal(low: float, high: float) -> bool:
    """Whether these are the ends by which "hundreds of thousands", "tens of millions" and so on are coded."""
    power = 10.0 ** np.floor(np.log10(low)) if low > 0 else 0.0
    return bool(power >= 10 and low == 2 * power and high == 9 * power)


def rounding(x: float) -> float:
    """Half a unit of the last written digit of a number; zeros at the end of a whole number count as rounding."""
    if x == 0:
        return 0.5
    exponent = Decimal(repr(float(x))).normalize().as_tuple().exponent
    return 0.5 * 10.0 ** int(exponent)


def _unit(kind: MeasureKind, counts: str, answer: Answer) -> tuple[str, float]:
    """The unit in which worlds answer, and the number by which the measure is multiplied to be in it."""
    unit, factor = plain_unit(kind.unit), 1.0
    if counts == "ratio":
        unit = ""
    if answer.factor is not None:
        factor = answer.factor.at(0.5)
        if answer.factor.unit == "rounds/container" and unit == "containers":
            unit = "rounds"
    if counts == "daily" and kind.kind == "total":
        unit = (unit or "1") + "/day"
    return unit, factor


def _smallest(unit: str) -> float:
    return SMALLEST if unit not in ("", "1") else SMALLEST_SHARE


def _place(scenario: Scenario, counts: str, first: date | None, last: date) -> tuple[tuple[int, int], float] | str:
    """The records before and after a period, cut to the run, and the share of its days that is inside; or why not."""
    if first is None:
        if counts == "change":
            return "it does not say when its period starts"
        first = scenario.begins if counts == "total" and last >= scenario.begins else last
    if last < scenario.begins or first > scenario.ends:
        return "its period lies outside the run"
    if counts == "level":
        if last > scenario.ends:
            return "the day it speaks of lies after the run"
        return (scenario.day(last), scenario.day(last) + 1), 1.0
    if counts == "total" and last > scenario.ends:
        return "the day up to which it counts lies after the run"
    a, b = max(first, scenario.begins), min(last, scenario.ends)
    inside = ((b - a).days + 1) / ((last - first).days + 1)
    if inside < INSIDE:
        return "less than half of its period lies inside the run"
    return (scenario.day(a), scenario.day(b) + 1), inside


def _copies(made: list[Item], first_said: dict[str, tuple[date, date, int]]) -> list[Item]:
    """Share one weight and one bias among items that rest on the same work."""
    groups: dict[tuple[object, ...], list[Item]] = {}
    for item in made:
        groups.setdefault((item.origin, item.measure, item.to, item.counts, item.decides, item.spans[0][1]), []).append(item)
    out: dict[str, Item] = {}
    for group in groups.values():
        first = min(group, key=lambda i: first_said[i.id])
        out |= {i.id: replace(i, weight=1.0 / len(group), bears=first.family) for i in group}
    return [out[i.id] for i in made]


# ---- series and silence ----


def _point(scenario: Scenario, known: dict[str, MeasureKind], evidence: Evidence, name: str, one: Series, p: Point) -> Item | str:
    """The item of one value of a series, or why there is none."""
    kind = known[parts(one.measure)[0]]
    placed = _place(scenario, one.as_, p.first, p.last)
    if isinstance(placed, str):
        return placed
    per_day = one.as_ == "daily" and kind.kind == "total"
    unit = plain_unit(kind.unit)
    if per_day:
        unit = (unit or "1") + "/day"
    smallest = _smallest(unit)
    if one.unit and not units.same_kind(one.unit, unit):
        unit = "1/day" if per_day else ""  # the factor makes another thing of what is measured
    times = units.factor(one.unit, unit) if one.unit else 1.0
    owner = one.same_factor_as or name
    converted = evidence.series[owner].factor
    factor = converted.at(0.5) if converted else 1.0
    linear = one.form == "linear"
    if not linear and p.value <= 0:
        return "it is not above zero, and its form is log"
    # a table that was computed has digits that nobody measured
    half = max(rounding(p.value), SMALLEST / 2) if linear else rounding(p.value)
    low, high = (p.value - half) * times, (p.value + half) * times
    wide = one.error.at(0.5) * (units.factor(one.error.unit, unit) if linear else 1.0)
    scale = wide * (one.observers.at(0.5) if one.observers else 1.0)
    span, inside = placed
    return Item(
        id=_name(name, p), family=one.family, origin=one.origin or name, form="change" if linear else "point", low=low, high=high,
        interest="none", method="not stated", known=p.last, line=p.line, scale=scale, measure=one.measure, counts=one.as_,
        spans=(span,), unit=unit, factor=factor / inside if one.as_ == "change" else factor, smallest=smallest,
        bears=one.family, shared=scale / evidence.error.at(0.5) if linear else 1.0, linear=linear, flow=kind.kind == "total",
        converts=f"series.{owner}" if converted is not None and not converted.exact else "",
        weight=one.weight.at(0.5) if one.weight else 1.0,
    )  # fmt: skip


def _name(series: str, p: Point) -> str:
    return f"{series}/{p.first}" if p.first == p.last else f"{series}/{p.first:%Y-%m}"


def _silence(scenario: Scenario, known: dict[str, MeasureKind], evidence: Evidence, family: str, quiet: Silence, as_of: date) -> list[Item]:
    """The months in which a family that would have reported did not, as one item; none if there is no such month."""
    answer = evidence.quantities[quiet.of]
    of = (answer.quantity or quiet.of, answer.subject)
    # a report that was withdrawn or replaced since has broken the silence all the same
    heard = [r for r in scenario.reports if r.published_latest <= as_of and r.family == family and (r.quantity, r.subject) == of]
    start = scenario.begins + timedelta(days=max(0, int(np.ceil(quiet.from_.at(0.5)))))
    kind = known[parts(answer.measure)[0]]
    spans: list[tuple[int, int]] = []
    month = start.replace(day=1)
    while month <= min(as_of, scenario.ends):
        last = read_date(f"{month:%Y-%m}", last=True)
        whole = month >= start and last <= min(as_of, scenario.ends)
        if whole and not any(r.published_earliest <= last and r.published_latest >= month for r in heard):
            spans.append((scenario.day(month), scenario.day(last) + 1))
        month = last + timedelta(days=1)
    if not spans:
        return []
    unit = plain_unit(kind.unit)
    smallest = answer.at_least.at(0.5) * units.factor(answer.at_least.unit, unit) if answer.at_least else _smallest(unit)
    return [
        Item(
            id=f"silence/{family}/{quiet.of}", family=family, origin=f"silence/{family}", form="silence", low=0.0, high=0.0,
            interest="none", method="not stated", known=scenario.date(spans[-1][1] - 1), line=0, scale=quiet.rate.at(0.5),
            measure=answer.measure, counts="change" if kind.kind == "total" else "level", spans=tuple(spans), unit=unit,
            smallest=smallest, bears=family, flow=kind.kind == "total",
        )
    ]  # fmt: skip


# ---- what worlds say ----


def _samples(start: int, end: int) -> list[int]:
    """Records at which a level is read for its mean over a period: the middles of equal parts, one a week at most."""
    days_ = end - start
    n = max(1, min(SAMPLES, -(-days_ // WEEK)))
    return [start + (2 * k + 1) * days_ // (2 * n) + 1 for k in range(n)]


def records(item: Item) -> list[int]:
    """Records (completed days) that one item needs."""
    out: set[int] = set()
    for start, end in item.spans:
        if item.counts in ("total", "level"):
            out.add(end)
        elif item.counts == "change" or item.flow:
            out |= {start, end}
        else:
            out.update(_samples(start, end))
    return sorted(out)


def days(chosen: Iterable[Item]) -> list[int]:
    """All records that these items need, rising: numbers of completed days."""
    return sorted({r for item in chosen for r in records(item)})


def needs(chosen: Iterable[Item]) -> list[str]:
    """All measures that these items need, sorted."""
    return sorted({m for item in chosen for whole in (item.measure, item.to) if whole for m in parts(whole)})


def said(kept: NDArray[np.floating[Any]], records: Sequence[int], names: Sequence[str], chosen: Sequence[Item]) -> F64:
    """What each world says of each item [world, item].

    `kept` is the program's array [record, measure, world], `records` (completed days) and `names` what its first two axes
    are. Of a yes or no the world says 1 or 0; of a silence, on how many of its days there was something to report.
    """
    at = {r: k for k, r in reversed(list(enumerate(records)))}  # records may be padded by repeating the last
    row = {name: k for k, name in enumerate(names)}
    out = np.empty((kept.shape[2], len(chosen)), np.float64)

    def read(measure: str, record: int) -> F64:
        return np.asarray(sum(kept[at[record], row[m]].astype(np.float64) for m in parts(measure)), np.float64)

    def daily(measure: str, item: Item, start: int, end: int) -> F64:
        if item.flow:
            return (read(measure, end) - read(measure, start)) / (end - start)
        return np.asarray(np.mean([read(measure, r) for r in _samples(start, end)], axis=0), np.float64)

    def over(item: Item, start: int, end: int) -> F64:
        if item.counts in ("total", "level"):
            return read(item.measure, end)
        if item.counts == "change":
            return read(item.measure, end) - read(item.measure, start)
        above = daily(item.measure, item, start, end)
        if item.to is None:
            return above
        below = daily(item.to, item, start, end)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(above == 0, 0.0, np.where(below > 0, np.minimum(above / below, _TOP), _TOP))

    for k, item in enumerate(chosen):
        if item.form == "silence":
            out[:, k] = sum((over(item, a, b) >= item.smallest) * float(b - a) for a, b in item.spans)
            continue
        x = over(item, *item.spans[0]) * item.factor
        out[:, k] = np.where(np.isfinite(x), (x >= item.smallest).astype(np.float64), np.nan) if item.decides else x
    return out
