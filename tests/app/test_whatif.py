"""The engine's side: the same worlds as a fresh run of the changed scenario, one program, and honest first looks."""

import numpy as np
import pytest

from materiel.app import page, whatif
from materiel.app.shown import moved, shown
from materiel.app.state import check
from materiel.app.whatif import COARSE, Answer, WhatIf
from materiel.claims import glance, judge
from materiel.scenario import load
from materiel.views import live, words
from materiel.views.frame import Frame
from materiel.views.goods import Goods
from materiel.worlds import RunError, simulate
from tests.app.conftest import SEED, SMALL, VOLUME, WORLDS


@pytest.fixture(scope="module")
def many(runs):
    """Worlds enough for ranges and values to leave some."""
    made = WhatIf(load(SMALL), 4096, SEED, runs)
    yield made
    made.close()


def state_of(what, **numbers):
    return check(what.scenario, what.handles, {k.replace("__", "."): v for k, v in numbers.items()})


def whole(what, state, more=False):
    return [a for a in what.full(state, more) if a is not None][-1]


RATE = "supplies.friend_south.steps.0.rate"  # drawn together with the later rates of its supply
CHANGES = {
    "a lever": {VOLUME: 2.5},
    "an assumption": {"front.pace": 0.2},
    "a stock and a share": {"stocks.north.new_shell.held": 200_000.0, "offers.maker_north.munition_share": 0.7},
    "a date": {"offers.maker_north.opens": 17.0},
    "ranges of which too few worlds of the baseline are left": {"front.pace": (0.05, 0.1), "offers.maker_north.munition_share": (0.6, 0.8)},
    "a lever, a range and a value": {VOLUME: 2.5, "front.pace": (0.1, 0.3), "attrition.alpha": 0.3},
    "one of the rates of a supply": {RATE: (1_000.0, 2_000.0)},
    "a lever and an assumption that an alternative does not set": {VOLUME: 0.5, "attrition.alpha": 0.3},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_numbers_are_those_of_a_fresh_run_bit_for_bit(what, tmp_path, change):
    state = check(what.scenario, what.handles, change)
    now = whole(what, state).shown
    changed = load(SMALL, dict(state.texts))
    run = simulate(changed, WORLDS, SEED, root=tmp_path)
    fresh = shown(run.only(slice(None), what.days), what.quick)
    assert now.worlds == fresh.worlds == WORLDS
    np.testing.assert_array_equal(now.fans, fresh.fans)
    assert now.went == fresh.went
    assert now.claims == fresh.claims
    assert not np.array_equal(now.fans, what.before(WORLDS).fans)  # and the change does something


def test_a_glance_says_what_the_verdict_says(what):
    full = {v.id: v for v in what.verdicts.claims}
    for key, v in what.before(WORLDS).claims.items():
        assert (v.probability, v.probability_range, v.grade, v.effect) == (
            full[key].probability, full[key].probability_range, full[key].grade, full[key].effect,
        )  # fmt: skip
    assert set(glance(what.baseline, what.quick)) == set(what.quick)


def test_claims_that_need_another_course_wait_until_they_are_asked_for(runs, tmp_path):
    """A claim about a course that no chart shows."""
    text = (load(SMALL).path).read_text(encoding="utf-8")
    text = text.replace("    course: no_pact\n    holds_if: below 60k rounds", "    course: half_pact\n    holds_if: below 60k rounds")
    (tmp_path / "scenario.yaml").write_text(text, encoding="utf-8")
    scenario = load(tmp_path)
    w = WhatIf(scenario, 64, SEED, tmp_path / "runs")
    try:
        assert w.further == ("half_pact",)
        assert w.quick == ("south_slowed",)
        state = state_of(w, stocks__north__new_shell__held=120_000.0)
        assert set(whole(w, state).shown.claims) == {"south_slowed"}
        both = whole(w, state, more=True)
        assert (both.kind, both.done, set(both.shown.claims)) == ("more", True, {"south_slowed", "north_stock"})
        fresh = judge(simulate(load(tmp_path, dict(state.texts)), 64, SEED, root=tmp_path / "runs"))
        assert {v.id: v.probability for v in fresh.claims} == {k: v.probability for k, v in both.shown.claims.items()}
        assert w.programs == len({w.least, w.piece})
    finally:
        w.close()


def test_nothing_that_moves_is_compiled(what):
    """Counted twice: by the program itself, and by what JAX reports of any compilation in this process."""
    import jax

    state = state_of(what, **{VOLUME: 1.1})
    list(what.full(state)), what.preview(state)
    compiled = []

    def hear(event, *_, **__):
        if "compil" in event or "trace" in event:
            compiled.append(event)

    programs = what.programs
    jax.monitoring.register_event_duration_secs_listener(hear)
    try:
        paths = [p for p, h in what.handles.items() if h.lever] + [p for p, h in what.handles.items() if not h.lever][::20]
        for path in paths:
            handle = what.handles[path]
            for x in (handle.low, handle.high):
                state = check(what.scenario, what.handles, {path: x})
                what.preview(state)
                list(what.full(state))
        assert what.programs == programs == 2
        assert compiled == []
        jax.jit(lambda x: x + 1)(np.float32(len(paths)))  # the listener hears what there is to hear
        assert compiled
    finally:
        jax.monitoring.unregister_event_duration_listener(hear)


def test_nothing_changed_shows_exactly_the_baseline(what):
    stood = what.before(WORLDS)
    few = moved(stood, what.before(256), what.before(256))
    np.testing.assert_allclose(few.fans, stood.fans, rtol=1e-12, atol=1e-9)
    for key, v in stood.claims.items():
        assert few.claims[key].probability == pytest.approx(v.probability)
    answer = what.preview(check(what.scenario, what.handles, {}))
    assert answer.done
    assert answer.shown is stood


def test_a_preview_moves_the_baseline_by_what_the_same_worlds_show(what):
    state = state_of(what, **{VOLUME: 2.5})
    pieces = [p for some in what._pieces(state, what.courses, 256) for p in some]
    answer = what._answer(state, pieces, 256, "preview", False)
    truth, stood = whole(what, state).shown, what.before(WORLDS)
    plain = shown(what._live.together(pieces, state.change, 256), what.quick)
    assert answer.shown.worlds == 256
    assert (np.diff(answer.shown.fans, axis=2) >= 0).all()  # a fan stays a fan
    moves = np.abs(truth.fans - stood.fans)
    for k in range(len(moves)):
        if moves[k].max() > 0:  # nearer to the truth than the plain quantiles of so few worlds, on the whole
            assert np.abs(answer.shown.fans[k] - truth.fans[k]).mean() <= 1.1 * np.abs(plain.fans[k] - truth.fans[k]).mean()


def test_steps_of_a_preview_err_less_than_so_few_worlds_do(runs):
    """What a change does, in the mean of eight previews of other worlds, with either step; beside how far these previews scatter."""
    w = WhatIf(load(SMALL), 2048, SEED, runs)
    try:
        states = [state_of(w), state_of(w, **{VOLUME: 2.5})]

        def effect(first, step):
            stood, now = (
                live.numbers(w._live.together([p for some in pieces for p in some], s.change, 256))
                for s in states
                for pieces in [w._live.pieces(s.change, w.courses, range(first, first + 256, w.least), w.least, step)]
            )
            return now - stood

        fine, coarse = (np.stack([effect(256 * k, step) for k in range(8)]) for step in (w.scenario.step, COARSE * w.scenario.step))
        error, noise = np.abs(coarse.mean(axis=0) - fine.mean(axis=0)), fine.std(axis=0, ddof=1)
        moving = np.abs(fine).max(axis=(0, 2, 3, 4)) > 0
        assert moving.any()
        for k in np.flatnonzero(moving):
            assert error[k].mean() < noise[k].mean()
    finally:
        w.close()


def test_a_preview_that_is_not_of_all_worlds_takes_coarser_steps(runs, monkeypatch):
    monkeypatch.setattr(whatif, "SOON", 1e-4)  # nothing is that quick
    w = WhatIf(load(SMALL), 600, SEED, runs)
    try:
        assert (w.step, w.preview_worlds) == (COARSE * w.scenario.step, w.least)
        state = state_of(w, **{VOLUME: 2.5})
        first = w.preview(state)
        assert (first.kind, first.done, first.shown.worlds) == ("preview", False, w.preview_worlds)
        stood, truth = w.before(600), whole(w, state).shown
        area = list(w.scenario.vocabulary.charts).index("front.area")
        assert np.abs(first.shown.fans[area] - truth.fans[area]).mean() < np.abs(stood.fans[area] - truth.fans[area]).mean()
        assert w.programs == 2  # the length of a step is an argument
    finally:
        w.close()


def test_worlds_near_a_value_are_a_share_of_the_baseline_as_wide_as_the_window(many):
    w = many
    value = w.handles["front.pace"].stops[9]
    state = state_of(w, front__pace=value)
    near = w.preview(state)
    assert near.kind == "near"
    assert near.shown.worlds == pytest.approx(0.1 * 4096, abs=2)  # draws are stratified
    assert not near.done
    u = w.baseline.unknown("front.pace")
    inside = np.sort(
        u[np.argsort(np.abs(w.scenario.quantities["front.pace"].distribution.cdf(value) - w._uniforms("front.pace")))][: near.shown.worlds]
    )
    assert inside[0] < value < inside[-1]
    truth = whole(w, state).shown
    stood = w.before(4096)
    area = list(w.scenario.vocabulary.charts).index("front.area")
    moved_by = np.abs(truth.fans[area, 0] - stood.fans[area, 0]).mean()
    assert np.abs(near.shown.fans[area, 0] - truth.fans[area, 0]).mean() < moved_by + 5.0  # km²: a few hundred worlds
    two = check(w.scenario, w.handles, {"front.pace": value, "attrition.alpha": w.handles["attrition.alpha"].stops[9]})
    assert w.preview(two).kind != "near"  # about forty worlds would be left
    assert w.preview(state_of(w, **{VOLUME: 2.0})).kind != "near"  # no world of the baseline has another lever


def test_a_narrowed_range_shows_the_worlds_of_the_baseline_inside_it(many):
    low, high = many.handles["front.pace"].stops[4], many.handles["front.pace"].stops[13]
    state = check(many.scenario, many.handles, {"front.pace": (low, high)})
    first, last = many.preview(state), whole(many, state)
    assert (first.kind, first.done, last.kind, last.done) == ("inside", False, "inside", True)
    drawn = many.baseline.unknown("front.pace")
    inside = (low <= drawn) & (drawn <= high)
    assert first.shown.worlds == last.shown.worlds == inside.sum() == pytest.approx(0.45 * 4096, rel=0.02)
    some = shown(many.baseline.only(inside), many.scenario.vocabulary.claims)
    np.testing.assert_array_equal(last.shown.fans, some.fans)
    np.testing.assert_allclose(first.shown.fans, some.fans, rtol=1e-9, atol=1e-9)
    assert last.shown.claims == some.claims  # of all courses: the baseline has them
    pieces = [p for one in many._pieces(state, many.courses, 4096) for p in one]
    fresh = shown(many._live.together(pieces, state.change, 4096), many.quick)
    area = list(many.scenario.vocabulary.charts).index("front.area")
    stood = many.before(4096).fans[area, 0]
    off = np.abs(last.shown.fans[area, 0] - fresh.fans[area, 0])  # what a run of the changed file shows, of other worlds
    assert off.mean() < 0.1 * (stood[-1] - stood[0]).mean()
    assert off.mean() < 0.5 * np.abs(stood - fresh.fans[area, 0]).mean()


def test_ranges_that_leave_few_worlds_or_share_a_draw_are_simulated(many):
    stops = many.handles["front.pace"].stops
    narrow = {"front.pace": (stops[9], stops[10]), "attrition.alpha": many.handles["attrition.alpha"].stops[0:9:8]}
    kinds = {}
    for name, asked in {"few": narrow, "shared": {RATE: (1_000.0, 2_000.0)}, "lever": narrow | {VOLUME: 2.0}}.items():
        kinds[name] = many.preview(check(many.scenario, many.handles, asked)).kind
    assert {*kinds.values()} <= {"preview", "full"}, kinds
    value = {"attrition.alpha": many.handles["attrition.alpha"].stops[9]}
    both = many.preview(check(many.scenario, many.handles, value | {"front.pace": (stops[0], stops[17])}))
    assert (both.kind, both.done) == ("near", False)  # about 350 worlds: inside the range and near the value


def test_each_flow_of_a_picture_has_its_own_quantile(what):
    """In words, on every band, for each of the three pictures of a course."""
    told = page.result(what, Answer("full", what.before(WORLDS), True), check(what.scenario, what.handles, {}))
    for went, goods in zip(told["went"], what.before(WORLDS).went.values(), strict=True):
        for of, spec in went["specs"].items():
            said = {band["says"] for band in next(d["values"] for d in spec["data"] if d["name"] == "bands")}
            largest = max(getattr(a, of) for a in goods.arrows)
            wide = [a for a in goods.arrows if getattr(a, of) > max(1.0, largest / 400)]
            assert said == {f"{a.giver} to {a.taker}: {words.amount(getattr(a, of), 'rounds')}" for a in wide}
            assert spec["title"]["subtitle"][1] == live.PICTURES[of].says
    nothing = Goods([], {})
    assert live.went_spec(what.scenario, what.courses[0], nothing, nothing, Frame(what.scenario.as_of, "", "", "", "", 1)) is None


def test_numbers_of_a_fan_have_no_value_before_there_is_one(what):
    stood = what.before(WORLDS)
    fans = live.fans(what.scenario, what.days, stood.fans)
    for fan, numbers in zip(fans, stood.fans, strict=True):
        row = live.row(fan, numbers)
        assert (row[0][2][0] is None) == (fan.first == 1)
        axis = live.axis(fan, numbers)
        flat = [x for course in row for edge in course for x in edge if x is not None]
        assert axis["lo"] <= min(flat)
        assert max(flat) <= axis["hi"] * (1 + 1e-3)


def test_a_scenario_without_charts_is_refused_and_one_course_is_enough(tmp_path):
    import json

    text = load(SMALL).path.read_text(encoding="utf-8")
    one = text.replace("chart_courses: [pact, no_pact]", "chart_courses: [pact]")
    assert one != text
    none = "\n".join(line for line in text.splitlines() if not line.startswith("charts:"))
    for name, written in (("one", one), ("none", none)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "scenario.yaml").write_text(written, encoding="utf-8")
    with pytest.raises(RunError, match="charts"):
        WhatIf(load(tmp_path / "none"), 16, SEED, tmp_path / "runs")
    w = WhatIf(load(tmp_path / "one"), 16, SEED, tmp_path / "runs")
    try:
        facts = json.loads(json.dumps(page.facts(w), allow_nan=False))
        assert [c["name"] for c in facts["courses"]] == ["pact"]
        assert w.quick == ()  # both claims need the other course
        state = state_of(w, **{VOLUME: 2.0})
        told = page.result(w, Answer("full", whole(w, state).shown, True), state)
        assert all(c["stale"] for c in told["claims"].values())
        assert not any(c["stale"] for c in page.result(w, whole(w, state, more=True), state)["claims"].values())
    finally:
        w.close()


def test_more_worlds_than_memory_should_hold_are_refused(runs):
    with pytest.raises(ValueError, match="memory"):
        WhatIf(load(SMALL), 10**6, SEED, runs)


def test_a_world_that_breaks_is_named_and_nothing_is_compiled_to_find_the_day(what, monkeypatch):
    from materiel.worlds.program import Program

    run = Program.run

    def broken(self, *arguments):
        out = run(self, *arguments)
        finite = out.finite.copy()
        finite[5] = False
        return out._replace(finite=finite)

    monkeypatch.setattr(Program, "run", broken)
    monkeypatch.setattr(Program, "find_fault", lambda *_: pytest.fail("replayed"))
    with pytest.raises(RunError, match=r"world 5 of course .* not finite"):
        what.preview(state_of(what, **{VOLUME: 2.02}))
