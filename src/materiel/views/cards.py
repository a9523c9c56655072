"""Verdicts and assumptions as the brief prints them: texts only, every number already in words."""

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from materiel.claims.priors import APART
from materiel.views import names, reports, retold, words
from materiel.views.language import mark, numeral, thousands, tr

if TYPE_CHECKING:
    from materiel.claims import Effect, Verdict, Verdicts
    from materiel.scenario import Quantity, Scenario
    from materiel.scenario.vocabulary import Claim

DOTS = 20
_HINGE = re.compile(r"(?P<path>[\w.]+) \((?P<way>more|less) with more; rank correlation (?P<size>[^)]+)\)")


@dataclass(frozen=True)
class Hinge:
    """Something a verdict hangs on; `path` links to the number's row, None for an alternative."""

    path: str | None
    name: str
    rest: str


class Dots(NamedTuple):
    """How many of twenty dots are filled, how many more are pale, and how many stood before the reports (an outline; 0 for none)."""

    filled: int
    pale: int
    was: int

    @property
    def id(self) -> str:
        """Its name in the page, where each picture stands once."""
        return f"d{self.filled}-{self.pale}-{self.was}"

    @property
    def under(self) -> str:
        """The path of the outlines, which lie under all twenty dots."""
        return dot_path(self.was)

    @property
    def over(self) -> tuple[tuple[str, str], ...]:
        """What lies over them: the kind of dot and its path."""
        return (("maybe", dot_path(self.filled + self.pale) if self.pale else ""), ("yes", dot_path(self.filled)))


def dot_path(n: int) -> str:
    """The path of so many dots in rows of ten: lines of which a dash of no length leaves a round dot every twelve units."""
    rows = ((6, min(n, 10)), (18, n - 10))
    return "".join(f"M6 {y}h{12 * k - 11.9:g}" for y, k in rows if k > 0)


@dataclass(frozen=True)
class Reading:
    """What one column says of a claim: a verdict with some reports, or with none. Empty texts are not printed.

    `was` is the probability before the reports, and `alike` says where the model can tell no difference from it.
    """

    grade: str
    possible: str
    share: str
    across: str
    spans: str
    dots: Dots | None
    was: str
    alike: str
    effect: str
    effect_short: str
    before: str
    narrowed: str
    basis: str
    basis_says: str
    confidence: str
    confidence_says: str
    left_out: str
    too_few: str


@dataclass(frozen=True)
class Card:
    """One claim in words, with the readings of its columns; `later` is None where there is one column."""

    id: str
    asserts: str
    says: str
    force: str
    now: Reading
    later: Reading | None
    without: str
    paired: bool
    against: str
    effect_name: str
    beside: tuple[tuple[str, str, str], ...]
    base_rate: str
    tail: str
    threshold: str
    hinges: tuple[Hinge, ...]
    alternatives: tuple[tuple[str, str], ...]
    given: str
    among: str
    direct: str
    measure: str
    window: str
    note: str
    error: str


def dots(low: float, high: float, was: float | None = None) -> Dots:
    """Twenty dots: filled up to the low end of the range, pale up to the high end, outlined up to what it was."""
    filled = round(DOTS * low)
    return Dots(filled, round(DOTS * high) - filled, round(DOTS * was) if was is not None else 0)


def hinge(scenario: "Scenario", text: str) -> Hinge:
    """A line of what a verdict hangs on, with names for paths."""
    found = _HINGE.fullmatch(text)
    if found and found["path"] in scenario.quantities:
        q = scenario.quantities[found["path"]]
        asked = [c.says for c in scenario.alternatives.values() if any(found["path"] in o.set for o in c.options)]
        if q.words and asked:  # a switch that an alternative turns: the question says more than its path
            first, last = names.spoken(q.words[0]), names.spoken(q.words[-1])
            more = found["way"] == "more"
            said = {"last": last, "first": first}
            return Hinge(
                None,
                asked[0],
                tr("more with “{last}” than with “{first}”", **said) if more else tr("less with “{last}” than with “{first}”", **said),
            )
        name = names.path(scenario.vocabulary, found["path"])
        size = numeral(found["size"]).replace("-", words.MINUS)
        if found["way"] == "more":
            return Hinge(found["path"], name, tr("the larger, the more (rank correlation {size})", size=size))
        return Hinge(found["path"], name, tr("the larger, the less (rank correlation {size})", size=size))
    head, colon, rest = text.partition(":")
    if colon and head in scenario.alternatives:
        return Hinge(None, scenario.alternatives[head].says, ", ".join(_option(o) for o in rest.split(",")))
    return Hinge(None, tr(text), "")


def _option(text: str) -> str:
    """An option with its probability: ` by_rule about 30 %` read aloud."""
    found = re.fullmatch(r"(?P<option>.*) (?P<how>about|under|over) (?P<n>\d+) %", text)
    if not found:
        return names.spoken(text)
    share = {"about": tr("about {n} %", n=found["n"]), "under": tr("under 5 %"), "over": tr("over 95 %")}[found["how"]]
    return f"{names.spoken(found['option'])} {share}"


def card(scenario: "Scenario", verdict: "Verdict", later: "Verdict | None" = None) -> Card:
    """One claim in words; `later` is its verdict with the reports to a later day."""
    v, claim = scenario.vocabulary, scenario.vocabulary.claims[verdict.id]
    named = names.measure(v, claim.measure)
    compared = claim.compare is not None
    speakers = names.families(v)
    given = "; ".join(
        tr("“{claim}” has {n} of 100 when nothing is imposed", claim=v.claims[k].says, n=words.of_100(p))
        for k, p in (verdict.given or {}).items()
    )
    rule, by = retold.ruled(claim.holds_if), tr(THRESHOLD[claim.threshold_by])
    bar = tr("holds if {rule}; the threshold is {by}", rule=rule, by=by) + _at_others(verdict)
    return Card(
        id=verdict.id,
        asserts=verdict.asserts or "",
        says=verdict.says,
        force=verdict.force,
        now=reading(claim, verdict, speakers),
        later=reading(claim, later, speakers) if later else None,
        without=words.of_100(verdict.without) if verdict.without is not None else "",
        paired=compared and verdict.without is None,
        against=names.against([names.spoken(c) for c in claim.compare]) if claim.compare else names.spoken(claim.course or ""),
        effect_name=tr("Change") if compared else tr("Size"),
        beside=tuple(
            (names.spoken(c), scenario.courses[c].says, words.change(b.median, b.p5, b.p95, b.unit)) for c, b in verdict.beside.items()
        ),
        base_rate=tr(verdict.base_rate),
        tail=retold.tail(verdict.tail),
        threshold=bar,
        hinges=tuple(hinge(scenario, t) for t in verdict.hangs_on),
        alternatives=_alternatives(verdict),
        given=given,
        among=_among(verdict),
        direct=_direct(verdict),
        measure=f"{named.title}: {named.of}" if named.of else named.title,
        window=retold.window(claim),
        note=claim.note or "",
        error=(
            tr(
                "{points} points of 100 with {n} effective worlds",
                points=words.number(100 * verdict.probability_error),
                n=numeral(f"{verdict.effective_worlds:,.0f}"),
            )
            if verdict.probability_error is not None
            else tr("not known: too few worlds have the condition")
        ),
    )


def reading(claim: "Claim", verdict: "Verdict", speakers: dict[str, str]) -> Reading:
    """What one column says of a claim; `speakers` are the names of the families."""
    size, short, learnt, p = _size(claim, verdict.effect), _short_size(claim, verdict.effect), verdict.learnt, verdict.probability
    full = size
    if verdict.ratio:
        full = f"{words.ranged(*_times(verdict.ratio))}; {size}"
        short = tr("{typical} ({spread})", typical=_times(verdict.ratio)[0], spread=_times(verdict.ratio)[1])
        if verdict.ratio_left_out:
            full = tr("{size} ({n} worlds have nothing to divide by)", size=full, n=thousands(verdict.ratio_left_out))
    before = _size(claim, learnt.prior_effect) if learnt else ""
    prior = verdict.prior_probability if learnt else None
    told = change(verdict)
    return Reading(
        grade=tr(verdict.grade),
        possible=(tr("possible") if p > 0.05 else tr("hardly possible")) if verdict.force == "could" and p is not None else "",
        share=words.of_100(p) if p is not None else "",
        across=words.range_of_100(*verdict.probability_range) if verdict.probability_range else "",
        spans=spans(verdict),
        dots=dots(*verdict.probability_range, prior) if verdict.probability_range else None,
        was=reports.was(prior) if prior is not None else "",
        alike=tr(reports.NO_DIFFERENCE) if told is not None and not told[1] else "",
        effect=full,
        effect_short=short,
        before=before if before != size else "",
        narrowed=reports.deliveries(learnt.delivered, learnt.per_round) if learnt else "",
        basis=verdict.basis,
        basis_says=because(verdict),
        confidence=verdict.confidence,
        confidence_says=retold.heard(verdict.confidence_says),
        left_out=reports.without(learnt.without, p, speakers) if learnt and p is not None else "",
        too_few=tr("only {n} worlds have the condition", n=verdict.among.worlds) if verdict.among and p is None else "",
    )


def _size(claim: "Claim", e: "Effect | None") -> str:
    """A paired effect, or a level with its range over worlds."""
    if e is None:
        return ""
    if claim.compare is not None:
        return words.change(e.median, e.p5, e.p95, e.unit)
    return words.ranged(words.amount(e.median, e.unit), words.interval(e.p5, e.p95, e.unit))


def _short_size(claim: "Claim", e: "Effect | None") -> str:
    """The same for a table whose head says what the range is."""
    if e is None:
        return ""
    if claim.compare is not None:
        return words.short_change(e.median, e.p5, e.p95, e.unit)
    return tr("{typical} ({spread})", typical=words.amount(e.median, e.unit), spread=words.interval(e.p5, e.p95, e.unit))


def spans(verdict: "Verdict") -> str:
    """What the range spans."""
    return tr("alternatives and both sets of ranges") if verdict.by_priors else tr("alternatives")


def change(verdict: "Verdict") -> tuple[bool, bool] | None:
    """Whether the reports moved the probability, and whether the model can tell; None where no report weighs, or without one."""
    now, prior = verdict.probability, verdict.prior_probability
    if verdict.learnt is None or now is None or prior is None:
        return None
    error = verdict.probability_error or 0.0
    return reports.moved(now, prior, error), reports.tells(now, prior, error, verdict.probability_range or (now, now))


def because(verdict: "Verdict") -> str:
    """Why the verdict has its basis."""
    learnt = verdict.learnt
    effect, heard = (learnt.effect, bool(learnt.origins)) if learnt else (None, False)
    return reports.because(verdict.basis, verdict.basis_says, change(verdict), effect, heard)


def _times(ratio: "Effect") -> tuple[str, str]:
    """A ratio over worlds, and its range: `1.2 times` and `1 to 1.9`."""
    low, high = words.number(ratio.p5), words.number(ratio.p95)
    return tr("{x} times", x=words.number(ratio.median)), tr("{low} to {high}", low=low, high=high)


def _alternatives(verdict: "Verdict") -> tuple[tuple[str, str], ...]:
    """The probability under each option; alternatives whose options read alike stand together in one line."""
    told = {a: {o: words.of_100(p) for o, p in options.items()} for a, options in verdict.by_alternative.items()}
    if verdict.by_priors:
        sets = {"authors": tr("authors"), "by rule": tr("by rule")}
        told = {tr(APART): {sets.get(o, o): words.of_100(p) for o, p in verdict.by_priors.items()}} | told
    apart = [
        (names.spoken(a), ", ".join(f"{names.spoken(o)} {p}" for o, p in said.items()))
        for a, said in told.items()
        if len(set(said.values())) > 1
    ]
    alike = [names.spoken(a) for a, said in told.items() if len(set(said.values())) == 1]
    return (*apart, *([(tr("the same under every option of"), ", ".join(alike))] if alike else ()))


def _at_others(verdict: "Verdict") -> str:
    """The probability at the other thresholds."""
    said = verdict.sensitivity or {}
    parts = [
        tr("at {threshold} {n} of 100", threshold=retold.ruled(verdict.sensitivity_says.get(k, f"{k} of it")), n=words.of_100(p))
        for k, p in said.items()
        if p is not None
    ]
    said_so = ", ".join(parts)
    return f". {said_so[0].upper()}{said_so[1:]}" if parts else ""


def _among(verdict: "Verdict") -> str:
    """The condition, how probable it is, and how many worlds have it."""
    a = verdict.among
    if a is None:
        return ""
    return tr(
        "only worlds in which “{claim}” holds: {share} of 100, {n} of {of} worlds",
        claim=a.says.rstrip("."), share=words.of_100(a.probability), n=thousands(a.worlds), of=thousands(a.of),
    )  # fmt: skip


def _direct(verdict: "Verdict") -> str:
    """What the same test gives while the answer of others is held."""
    d = verdict.direct
    if d is None:
        return ""
    size = words.change(d.effect.median, d.effect.p5, d.effect.p95, d.effect.unit)
    held = names.against([names.spoken(c) for c in d.courses])
    return tr("{size}; passes the test in {n} of 100. Held: {courses}", size=size, n=words.of_100(d.probability), courses=held)


THRESHOLD = {"article": mark("the article's"), "ours": mark("ours"), "observers": mark("what observers differ by")}


def minister(scenario: "Scenario", verdicts: "Verdicts", later: "Verdicts | None" = None) -> tuple[str, str]:
    """The two sentences, on the first claim of the scenario: its author's headline."""
    first = next((c for c in verdicts.claims if c.probability is not None), None)
    if first is None or first.probability is None or first.probability_range is None:
        return tr("This scenario makes no claim that can be tested."), tr("So nothing can be said of how sure anyone may be.")
    v, claim = scenario.vocabulary, scenario.vocabulary.claims[first.id]
    e, effect = first.effect, None
    if e is not None and claim.compare:
        named = names.measure(v, claim.measure)
        of = f" ({named.of})" if named.of else ""
        name = f"{words.within(named.title)}{of}"
        effect = (name, words.change(e.median, e.p5, e.p95, e.unit, whole=True))
    hangs = None
    if first.hangs_on:
        on = hinge(scenario, first.hangs_on[0])
        if on.path:
            hangs = tr("another value of “{name}”", name=on.name)
        else:
            hangs = tr("the answer to “{question}?”", question=on.name.rstrip("?")) if on.rest else on.name
    told = change(first)
    then = next((c.probability for c in later.claims if c.id == first.id), None) if later else None
    return words.for_a_minister(
        first.says,
        first.probability,
        first.probability_range,
        effect,
        first.basis,
        first.confidence,
        hangs,
        reports=which(scenario, verdicts),
        before=reports.before(first.prior_probability, told[1]) if told and first.prior_probability is not None else "",
        later=tr("with {reports} it is {n} of 100", reports=which(scenario, later), n=words.of_100(then))
        if later and then is not None
        else "",
        because=reports.for_a_minister(first.basis, because(first)) if told else "",
        both_sets=bool(first.by_priors),
    )


def which(scenario: "Scenario", verdicts: "Verdicts") -> str:
    """The reports that weigh the worlds of some verdicts; empty for none."""
    w = verdicts.weighing
    if w is None:
        return ""
    speakers = names.families(scenario.vocabulary)
    return reports.which(date.fromisoformat(w.to), scenario.as_of, [speakers.get(f, f) for f in w.without])


SHARE, PURE, WORD = mark("share"), mark("pure number"), mark("a word")


@dataclass(frozen=True)
class Assumption:
    """One number of the scenario, with its origin."""

    path: str
    name: str
    text: str
    source: str
    speaker: str
    published: str
    url: str
    quality: str
    set_by: str
    note: str
    place: str
    of: str


def assumption(scenario: "Scenario", q: "Quantity") -> Assumption:
    """One row of the table; a number without a source says assumed."""
    v = scenario.vocabulary
    source = v.sources.get(q.source) if q.source else None
    url = source.url if source and source.url and re.match(r"https?://", source.url) else ""
    return Assumption(
        path=q.path,
        name=names.path(v, q.path),
        text=q.shown,
        of=tr({"share": SHARE, "number": PURE, "signed": PURE, "switch": WORD}.get(q.kind, "")),
        source=source.title if source else "assumed",
        speaker=(source.speaker or "") if source else "",
        published=retold.dated(source.published) if source else "",
        url=url,
        quality=q.quality or "",
        set_by=q.set_by or ", ".join(v.authors),
        note=q.note or "",
        place=f"{q.file.replace(chr(92), '/').rpartition('/')[2]}:{q.line}",
    )
