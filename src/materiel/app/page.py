"""What the page is told: once what it can show and move, and then each answer. Texts and plain numbers only."""

from dataclasses import asdict
from typing import Any

from materiel import __version__
from materiel.app.state import Handle, State
from materiel.app.whatif import FEWEST, Answer, WhatIf
from materiel.claims import Verdict
from materiel.views import cards, live, names, reports, words
from materiel.views.frame import Frame
from materiel.views.language import tr, trn

AXIS_KINDS = {"share": (100.0, "%")}


def facts(what: WhatIf) -> dict[str, Any]:
    """All that stays: names, levers and assumptions with where they come from, charts, and what the unchanged scenario shows."""
    s, v = what.scenario, what.scenario.vocabulary
    stood = what.before(what.n)
    fans = live.fans(s, what.days, stood.fans)
    dates = [s.date(d) for d in what.days]
    courses = [names.spoken(c) for c in what.courses]
    hinges = [h.path for claim in what.verdicts.claims for t in claim.hangs_on if (h := cards.hinge(s, t)).path]
    # levers as the scenario lists them, then what most claims hang on
    ranked = sorted(what.handles.values(), key=lambda h: (not h.lever, -hinges.count(h.quantity.path) if not h.lever else 0))
    return {
        "title": v.scenario,
        "says": v.says,
        "version": v.version,
        "hash": what.hash6,
        "as_of": words.day(s.as_of),
        "worlds": what.n,
        "seed": what.seed,
        "run": what.run,
        "materiel": __version__,
        "handles": [_handle(what, h) for h in ranked],
        "courses": [{"name": name, "says": s.courses[c].says} for name, c in zip(courses, what.courses, strict=True)],
        "further": [names.spoken(c) for c in what.further],
        "fewest": FEWEST,
        "weighed": what.weighed,
        "basis": _basis(what),
        "dates": [live.stamp(d) for d in dates],
        "months": [words.day(d) for d in dates],
        "fans": [
            {"title": f.title, "says": f.says, "spec": live.fan_spec(f, courses, dates, s.as_of), "was": live.row(f, shown)[0]}
            for f, shown in zip(fans, stood.fans, strict=True)
        ],
        "pictures": [{"of": of, "name": tr(p.name), "says": f"{tr(p.more)} {tr(live.EACH)}"} for of, p in live.PICTURES.items()],
        "claims": [_claim(what, c) for c in what.verdicts.claims],
        "not_modelled": v.not_modelled,
        "result": result(what, Answer("full", stood, True), State()),
    }


def _basis(what: WhatIf) -> str:
    return tr("weighed with {reports}", reports=cards.which(what.scenario, what.verdicts)) if what.weighed else tr("unweighted ranges")


def _frame(what: WhatIf, state: State, answer: Answer) -> Frame:
    """What every picture carries, because screenshots travel alone: above all that somebody changed something."""
    v = what.scenario.vocabulary
    basis = _basis(what) if what.weighed else tr("unweighted ranges: no report weighs these worlds")
    if answer.stale:
        basis = tr("{basis} before that, not re-weighed", basis=basis)
    if state:
        some = trn("{n} number of it changed by hand; {basis}", "{n} numbers of it changed by hand; {basis}", len(state.texts), basis=basis)
    return Frame(what.scenario.as_of, v.scenario, v.version, some if state else basis, what.run, answer.shown.worlds)


def _handle(what: WhatIf, h: Handle) -> dict[str, Any]:
    """A slider, with where its number comes from."""
    s, q = what.scenario, h.quantity
    told = cards.assumption(s, q)
    size, unit = AXIS_KINDS.get(q.kind, (1.0, words.unit(q.unit)))
    stops = {} if h.lever else {"stops": h.stops, "said": [_said(what, h, x) for x in h.stops]}
    return {
        **asdict(told),
        "name": h.name or told.name,
        "meaning": told.name,
        "lever": h.lever,
        "narrows": h.narrows,
        "held_by": names.actor(s.vocabulary, h.held_by) if h.lever else "",
        "low": h.low,
        "high": h.high,
        "step": h.step if h.lever else None,
        "value": q.at(0.5),
        "exact": q.exact,
        "size": size,
        "unit": unit,
        **stops,
    }


def _said(what: WhatIf, h: Handle, x: float) -> str:
    q = h.quantity
    return words.day(what.scenario.date(x)) if q.kind == "date" else words.amount(x, q.unit if q.kind != "share" else "share")


def _claim(what: WhatIf, v: Verdict) -> dict[str, Any]:
    """A claim as it stood, with what can be asked about it."""
    s = what.scenario
    card = cards.card(s, v)
    return {
        "id": v.id,
        "asserts": v.asserts or "",
        "says": v.says,
        "quick": v.id in what.quick,
        "measure": card.measure,
        "window": card.window,
        "against": card.against,
        "threshold": card.threshold,
        "tail": card.tail,
        "hangs_on": [" — ".join(filter(None, (h.name, h.rest))) for h in card.hinges],
        "alternatives": [f"{a}: {b}" for a, b in card.alternatives],
        "base_rate": card.base_rate,
        "note": card.note,
    }


def result(what: WhatIf, answer: Answer, state: State) -> dict[str, Any]:
    """What an answer shows: numbers of the fans with their axes, the pictures of goods, and the claims in words."""
    s, now = what.scenario, answer.shown
    stood = what.before(what.n)
    fans = live.fans(s, what.days, stood.fans)
    return {
        "kind": answer.kind,
        "done": answer.done,
        "worlds": now.worlds,
        "state": state.numbers(),
        "stale": answer.stale,
        "frame": _frame(what, state, answer).lines,
        "fans": [{"now": live.row(f, shown), **live.axis(f, shown, was)} for f, shown, was in zip(fans, now.fans, stood.fans, strict=True)],
        "went": [_went(what, state, answer, c) for c in what.courses],
        "claims": {v.id: told(what, now.claims.get(v.id), stood.claims[v.id], bool(state)) for v in what.verdicts.claims},
    }


def _went(what: WhatIf, state: State, answer: Answer, course: str) -> dict[str, Any]:
    now = answer.shown
    stood = what.before(what.n).went[course]
    frame = _frame(what, state, answer)
    specs = {of: live.went_spec(what.scenario, course, now.went[course], stood, frame, of) for of in live.PICTURES}
    return {"course": names.spoken(course), "specs": specs, "table": live.went_table(now.went[course], stood)}


def told(what: WhatIf, now: Verdict | None, was: Verdict, changed: bool) -> dict[str, Any]:
    """A claim now and before in words. The word of ICD 203 stands beside the number; a difference is told only if it can be."""
    texts = {"share": "", "word": tr(was.grade), "was": "", "note": "", "effect": "", "basis": was.basis, "stale": now is None}
    if now is None:
        share = words.about(was.probability) if was.probability is not None else ""
        return texts | {"share": share, "note": tr("not simulated again: it compares other courses")}
    if now.probability is None:
        return texts | {"word": tr(now.grade), "note": tr("too few worlds have the condition")}
    before, note = "", ""
    if changed and was.probability is not None and abs(now.probability - was.probability) > 1e-12:
        if reports.tells(now.probability, was.probability, now.probability_error or 0.0, now.probability_range or (0.0, 1.0)):
            before = words.about(was.probability)
        else:
            note = tr(reports.NO_DIFFERENCE)
    claim = what.scenario.vocabulary.claims[was.id]
    size, size_before = (cards.reading(claim, v, {}).effect for v in (now, was))
    size = tr("{size}; was {before}", size=size, before=size_before) if changed and size_before != size else size
    return texts | {"share": words.about(now.probability), "word": tr(now.grade), "was": before, "note": note, "effect": size}
