"""Mistakes in what is bargained over that have no file of their own, and what such a scenario says of itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from materiel.scenario import ScenarioError, explain, load, loads

BAD = Path(__file__).parent.parent / "bad"
GOOD = (BAD / "good_table.yaml").read_text(encoding="utf-8")

# what is written instead of what, and what must be said
MISTAKES = {
    "pay_without_response": ("    pay_response: 0.5 to 1.5\n", "", 'force "a" has "pay" but no "pay_response".'),
    "response_without_pay": ("    pay: 1\n", "", 'force "a" has "pay_response" but no "pay".'),
    "call_up_in_no_time": ("within: 90 days", "within: 0 days", '"within" cannot be zero'),
    "people_in_rounds": ("size: 50k people", "size: 50k rounds", "is in rounds"),
    "works_for_nobody": ("for: {friend: 2, cousin: 1}", "for: {friend: 0, cousin: 0}", "works for nobody"),
    "third_side": ("    b: {use: south_guns", "    c: {use: south_guns", '"c" is not a side'),
    "talks_of_a_week_later": ("  from: 2020-06-10\n  war_age", "  from: 2021-06-10\n  war_age", "it would do nothing"),
    "aids_nobody": ("aids: south", "aids: maker", "is on no side"),
    "aids_with_people": ("good: shell\n  begins", "good: southerners\n  begins", "stands for people"),
    "ally_of_itself": ("cousin: {actor: cousin, group", "cousin: {actor: south, group", "cannot be an ally of itself"),
    "one_ally_twice": ("cousin: {actor: cousin, group", "cousin: {actor: friend, group", 'already gives as ally "friend"'),
    "member_without_distraction": ("distraction: 0.5, ", "", 'has "member" but no "distraction"'),
    "member_of_another": ("near: {actor: friend", "near: {actor: cousin", 'member "near" is "cousin"'),
    "arsenal_without_wealth": ("gdp: 1bn USD/day", "gdp: 0 USD/day", '"gdp" cannot be zero'),
    "reserve_above_all": ("reserve: 50 %, draw", "reserve: 150 %, draw", "150 %"),
    "round_worth_nothing": ("    value: 3k USD/round", "    value: 0 USD/round", '"value" cannot be zero'),
    "paid_in_money_twice": ("payments: {food:", "payments: {money:", '"money" is a means of every bargain'),
    "both_kinds": ("technologies: {maps:", "technologies: {food:", "both a payment and a technology"),
    "dearer_what_is_not_paid": ("payments: [food]", "payments: [foood]", "with which no bargain is paid"),
    "regime_of_nobody": ("by: [great]", "by: []", "has nobody who enforces it"),
    "regime_that_does_nothing": ("    routes: [rail]\n    payments: [food]", "    routes: []", "would do nothing"),
    "chaos_out_of_order": ("from: 2020-08-01, level", "from: 2020-04-01, level", "is not after the step before"),
    "zero_lag": ("    lag: 1 year", "    lag: 0 years", '"lag" cannot be zero'),
    "zero_temperature": ("temperature: 1\n", "temperature: 0\n", '"temperature" cannot be zero'),
    "zero_in_a_course": ("held: {coalition.answers: 0 %}", "held: {dependence.ties.forgetting: 0 days}", '"forgetting" cannot be zero'),
    "zero_in_one_world_of_five": ("half_help: 50", "half_help: '0 with 20 %, else 10 to 50'", '"half_help" cannot be zero'),
    "tests_of_another": ("trial: {actor: maker", "trial: {actor: friend", 'on whom "maker" depends'),
    "patron_of_itself": ("great: {actor: great", "great: {actor: maker", "cannot be its own patron"),
    "one_patron_twice": ("north: {actor: north, share", "north: {actor: great, share", 'already patron "great"'),
    "patron_without_dependence": ("  dependence: ties\n  patron", "  patron", 'has "patron" but no "dependence"'),
    "arms_against_itself": ("near: {actor: friend", "near: {actor: maker", "cannot arm against itself"),
    "aligns_by_nothing": (", jump: 0.2", "", 'has "aligns" but no "jump"'),
    "reported_before": ("on: 2020-05-15", "on: 2020-05-22", "after its source was published (2020-05-20)"),
    "assumed_event": ("jump: 0.2, source: bulletin", "jump: 0.2, source: assumed", "has no source"),
    "never_happened": ("on: 2020-05-15", "on: never", "after the as-of date"),
    "no_such_kind": ("kind: [opinion]", "kind: [opinions]", '"opinions" is not a kind of assertion'),
    "no_kind": ("kind: [opinion]", "kind: []", "has no kind"),
    "no_reason": (", reason: a hope and no forecast", "", 'is opinion, but has no "reason"'),
    "no_finding": ("finding: agrees, ", "", "is recorded, but has no finding"),
    "no_such_finding": ("finding: agrees", "finding: agreed", '"agreed" cannot stand for "finding"'),
    "shows_nothing": ('shows: ["endurance[a]"]', 'shows: ["endurance[c]"]', 'has the measure "endurance[c]"'),
    "shows_before_the_run": ('["endurance[a]"]', '["endurance[a]"], at: 2020-04-01', "before the scenario begins"),
    "shows_on_no_course": ('["endurance[a]"]', '["endurance[a]"], course: pakt', 'looks at course "pakt"'),
    "unknown_event": ("events: [visit]", "events: [visits]", 'event "visits", which is not defined'),
    "times_zero": ("holds_if: at least 2 times", "holds_if: at least 0 times", "a ratio of amounts is above zero"),
    "times_of_a_sum": ("measure: fire[a]", "measure: fired[north_guns]", "is a sum since the first day"),
    "times_with_a_unit": ("holds_if: at least 2 times", "holds_if: at least 2 rounds", "is not a test"),
    "quarter_too_short": (
        "every quarter of 2020-06-10 to 2020-12-31",
        "every quarter of 2020-06-10 to 2020-09-07",
        "shorter than a quarter",
    ),
    "among_itself": ("    among: short", "    among: gain", "depends on itself"),
    "both_conditions": ("    among: short", "    among: short\n    given: short", "has both given and among"),
    "among_unknown": ("    among: short", "    among: shorts", 'claim "shorts", which is not defined'),
    "chain_of_conditions": ("  trial_soon:\n", "  trial_soon:\n    among: gain\n", "itself is judged only among some worlds"),
    "no_condition": ("    among: short\n", "", 'is conditional, but has no "given"'),
    "direct_of_nothing": ("    compare: [pact, no_pact]\n", "    course: pact\n", "nothing to set it beside"),
    "direct_with_itself": ("direct: [held, held_no_pact]", "direct: [held, held]", 'compares "held" with itself'),
    "direct_of_three": ("direct: [held, held_no_pact]", "direct: [held, held_no_pact, pact]", '"direct" has the wrong number of entries'),
    "base_rate_in_words": ("base_rate: 2 in the last 10 years, by our count", "base_rate: rarely", "a base rate without a number"),
}


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_refused_in_words(old: str, new: str, said: str) -> None:
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    with pytest.raises(ScenarioError) as caught:
        loads(text.encode())
    assert any(said in p.message for p in caught.value.problems), str(caught.value)
    assert all(p.help for p in caught.value.problems)
    assert len(caught.value.problems) <= 4, "one mistake must not set off a flood"


def test_all_that_is_bargained_over_is_told() -> None:
    """Every text and number of the new sections, so that its author can see what was read."""
    scenario = load(BAD / "good_table.yaml")
    said = " ".join(explain(scenario).split())
    for q in scenario.quantities.values():
        assert q.shown in said, q.path
    for title in ("Allies", "Bargains", "Sanctions", "Programmes", "Tests", "Who depends on whom", "The region", "What happened"):
        assert title in said
    for section in (
        "talks",
        "coalition",
        "bargains",
        "sanctions",
        "programmes",
        "tests",
        "dependence",
        "region",
        "events",
        "assertions",
        "claims",
    ):
        for text in texts(getattr(scenario.vocabulary, section)):
            assert " ".join(text.split()) in said, text


def texts(thing: Any) -> Iterator[str]:
    """Every text below a thing, ids included; not where the numbers come from."""
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, BaseModel):
        yield from (t for name, held in thing.__dict__.items() if name != "set_by" for t in texts(held))
    elif isinstance(thing, dict):
        yield from (t for name, held in thing.items() for t in (name, *texts(held)) if name not in ("a", "b"))
    elif isinstance(thing, tuple):
        yield from (t for held in thing for t in texts(held))


def test_whatever_happens_to_a_line_is_refused_in_words_or_read() -> None:
    lines = GOOD.split("\n")
    for at in range(0, len(lines), 8):
        for mangled in ([*lines[:at], *lines[at + 1 :]], [*lines[:at], "  " + lines[at], *lines[at + 1 :]]):
            try:
                scenario = loads("\n".join(mangled).encode())
            except ScenarioError as e:
                refused = e
            else:
                assert explain(scenario)
                continue
            assert all(p.line >= 1 and p.message for p in refused.problems)
