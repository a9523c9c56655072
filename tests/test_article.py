"""The shipped scenario as a whole: what must hold between its courses, and every assertion of the text in the brief."""

import re
from dataclasses import replace

import numpy as np
import pytest

import materiel as mt
from materiel.claims import judge
from materiel.scenario import load, loads
from materiel.worlds import simulate
from materiel.worlds.block import Simulator
from materiel.worlds.draws import Draws
from materiel.worlds.program import Program
from materiel.worlds.windows import plan

WORLDS = 64
ASSERTIONS = [f"A{n:02d}" for n in range(55)]  # A00 and A26 each stand for two
ASSERTIONS = [x for a in ASSERTIONS for x in ((f"{a}a", f"{a}b") if a in ("A00", "A26") else (a,))]


@pytest.fixture(scope="module")
def scenario():
    return load("vostochny-2023")


@pytest.fixture(scope="module")
def worlds(scenario, tmp_path_factory):
    return simulate(scenario, WORLDS, 7, root=tmp_path_factory.mktemp("runs"), block=WORLDS)


@pytest.fixture(scope="module")
def verdicts(worlds):
    return judge(worlds)


@pytest.fixture(scope="module")
def courses(scenario, worlds):
    """A function: kept measures by name, [record, world], of one course with some numbers replaced in every world."""
    simulator = Simulator(scenario, plan(scenario), 7)
    draws = simulator.draws(0, WORLDS)
    places = {m: k for k, m in enumerate(simulator.plan.measures)}

    def run(course, numbers=None):
        given = {k: np.full(WORLDS, x) if np.ndim(draws.values[k]) else np.float64(x) for k, x in (numbers or {}).items()}
        drawn = draws.course(course)
        after = {**drawn.after, **{k: x for k, x in given.items() if k in drawn.after}}
        kept = simulator.program.run(
            replace(drawn, before={**drawn.before, **given}, after=after), 7, np.arange(WORLDS), 1.0, simulator.steps
        )
        assert kept.finite.all()
        return {m: kept.kept[:, k] for m, k in places.items()}

    return run


def family(measures, name):
    return {m: x for m, x in measures.items() if m.partition("[")[0] == name}


def paths(scenario, pattern):
    found = [p for p in scenario.quantities if re.fullmatch(pattern, p)]
    assert found
    return found


def test_help_without_effect_leaves_every_milestone_as_it_is(scenario, courses):
    multipliers = paths(scenario, r"programmes\.\w+\.milestones\.\w+\.multiplier")
    nothing, much = (
        {**dict.fromkeys(multipliers, x), **dict.fromkeys(paths(scenario, r"programmes\.\w+\.half_help"), 1e-3)} for x in (1.0, 30.0)
    )
    with_pact, without = (family(courses(c, nothing), "milestone") for c in ("pact", "no_pact"))
    assert with_pact
    for name, x in with_pact.items():
        np.testing.assert_array_equal(x, without[name])
        assert x[-1].any(), name
    moved = [family(courses(c, much), "milestone") for c in ("pact", "no_pact")]
    assert any((moved[0][name] != moved[1][name]).any() for name in with_pact)


def test_autonomy_moves_only_where_patrons_watch_differently(scenario, courses):
    watch = paths(scenario, r"dependence\.\w+\.patrons\.\w+\.monitoring")
    alike = {**dict.fromkeys(watch, 0.6), "dependence.dprk_patrons.monitoring_answer": 0.0}
    a, b = (courses(c, alike) for c in ("pact", "no_pact"))
    np.testing.assert_array_equal(a["autonomy[dprk_patrons]"], b["autonomy[dprk_patrons]"])
    assert (a["patron_share[dprk_patrons.russia]"] != b["patron_share[dprk_patrons.russia]"]).any()
    apart = {**alike, watch[-1]: 0.1}
    assert (courses("pact", apart)["autonomy[dprk_patrons]"] != courses("no_pact", apart)["autonomy[dprk_patrons]"]).any()


def test_under_full_enforcement_nothing_arrives(scenario, courses):
    full, free = (courses(c) for c in ("full_enforcement", "pact"))
    arrived = [m for m in free if m.startswith("delivered[dprk_russia.")]
    assert arrived
    assert all((full[m] == 0).all() for m in arrived)
    assert any((free[m][-1] > 1e4).any() for m in arrived)


def test_the_requirement_grows_at_least_as_fast_as_the_fire_behind_it(courses):
    for course in ("pact", "no_pact"):
        m = courses(course)
        lacking = m["required"] > 0
        assert lacking.any()
        assert (m["required.elasticity"][lacking] >= 1 - 1e-6).all()
        assert (m["required.elasticity"][~lacking] == 0).all()


def test_allies_who_hold_deliver_the_same_whatever_flows_to_the_enemy(courses):
    held, without = (courses(c) for c in ("allies_held", "allies_held_no_pact"))
    given = [m for m in held if m.partition("[")[0] in ("received", "allocated", "pledged")]
    assert given
    for m in given:
        np.testing.assert_array_equal(held[m], without[m])
    assert (held["fire[a]"] != without["fire[a]"]).any()


def test_courses_differ_from_the_pact_only_from_their_day(scenario, courses):
    pact, records = courses("pact"), np.array(plan(scenario).records)
    for name, course in scenario.courses.items():
        before = records <= course.day
        other = courses(name)
        assert all(np.array_equal(pact[m][before], other[m][before]) for m in pact), name


def test_every_verdict_of_the_text_has_a_basis_and_none_is_learnt_without_reports(verdicts):
    assert {v.basis for v in verdicts.claims} == {"built in", "assumed"}


def test_every_assertion_of_the_text_stands_once_in_the_claims_section(worlds, verdicts):
    html = mt.brief(worlds, verdicts).html
    section = html[html.index('<h2 id="claims">') : html.index("<h2", html.index('<h2 id="claims">') + 4)]
    text = re.sub(r"<[^>]*>", " ", section)
    for name in ASSERTIONS:
        assert len(re.findall(rf"\b{name}\b", text)) == 1, name
    assert len(ASSERTIONS) == 57
    assert re.findall(r"\bA\d\d[ab]?\b", text) == ASSERTIONS  # in the order of the text, and no other


def test_a_supplier_with_nothing_to_give_changes_nothing_material(scenario):
    """An invented actor with an empty depot makes an offer by a route of its own: the rest of the world is as before."""
    base = (load("tiny-two-sides").path).read_text(encoding="utf-8")
    route = "  air: {from: nobody, to: north, carries: [GOOD], capacity: 50 containers/day, transit: 5 days, lost: 0 %}\n"
    offer = "  gift:\n    from: nobody\n    to: north\n    by: [air]\n    amount: 40 containers/day\n    scale: 1\n    opens: 2020-05-10\n"
    offer += "    munition_share: 80 %\n    mix: {GOOD: 1}\n    reserve: 0 %\n"
    good = "old_shell"
    edited = base.replace("actors:\n", "actors:\n  nobody: {name: Nobody}\n", 1)
    edited = edited.replace("stocks:\n", f"stocks:\n  nobody.{good}: {{held: 0 rounds, mean_age: 10 years}}\n", 1)
    edited = edited.replace("routes:\n", "routes:\n" + route.replace("GOOD", good), 1).replace(
        "offers:\n", "offers:\n" + offer.replace("GOOD", good), 1
    )
    before, after = loads(base.encode()), loads(edited.encode())
    keep = list(plan(before).measures)
    out = []
    for s in (before, after):
        numbers = Draws(s, 7, np.arange(WORLDS)).course("pact")
        out.append(Program(s, keep).run(numbers, 7, np.arange(WORLDS), s.step, plan(before).records).kept)
    # two programs, so the last bit may differ; a single round given would move stocks by far more
    np.testing.assert_allclose(out[0], out[1], rtol=2e-5, atol=1e-3)
