"""The brief of weighed worlds: two columns, the prior beside them, who spoke, and how far to trust it."""

import re
from dataclasses import replace

import pytest

from materiel.views import brief, cards, figures
from materiel.views.cards import Dots, dot_path, dots
from tests.views.madeup import CHECKS, MORE, RECORDS, SCRIPT, check, weighed, weighing
from tests.views.test_brief import Elements, words_of

DAY, LATER = "with the reports of 10 June 2020", "with the reports to 25 June 2020"
NO_LATER, REFUSED = "No weighing to a later day was made", "A weighing with the reports to 29 June 2020 was refused"


def text_of(page):
    return words_of(Elements(page.html))


def between(text, start, end):
    return text.partition(start)[2].partition(end)[0]


def folded(html):
    """Text inside details, and text outside."""
    inside = " ".join(re.findall(r"<details>(.*?)</details>", html, re.S))
    return inside, re.sub(r"<details>.*?</details>", "", html, flags=re.S)


@pytest.fixture(scope="module")
def text(weighed_page):
    return text_of(weighed_page)


@pytest.fixture(scope="module")
def single(heard, now):
    return brief(heard, now, ran_by="A. Tester")


@pytest.fixture
def quick(monkeypatch):
    """The same page without its fans, which take most of the time."""
    monkeypatch.setattr(figures, "fans", lambda *_: [])
    return brief


@pytest.fixture(scope="module")
def trust(text):
    return between(text, "5 · How far to trust", "6 · What drives what")


def card_of(page, id):
    return " ".join(re.sub(r"<[^>]*>", " ", between(page.html, f'<article class="card" id="{id}">', "</article>")).split())


# ---- columns


def test_each_claim_has_two_columns_in_the_table_and_on_its_card(weighed_page, text):
    claims = between(text, "1 · The claims", "2 · Claim by claim")
    assert f"Worlds of 100 (across alternatives) {DAY} Worlds of 100 (across alternatives) {LATER}" in claims
    assert "about 35 (30 to 40) was about 55" in claims
    assert "about 20 (15 to 25) was about 55" in claims
    card = card_of(weighed_page, "south_slowed")
    first, second = card.partition(LATER)[0], card.partition(LATER)[2]
    assert DAY in first
    assert "about 35 of 100 simulated worlds; was about 55" in first
    assert "about 20 of 100 simulated worlds; was about 55" in second


def test_every_probability_has_its_range_across_alternatives(weighed_page):
    card = card_of(weighed_page, "south_slowed")
    assert card.count("across alternatives") == 2
    assert "30 to 40 across alternatives" in card


def test_a_difference_below_the_range_is_none(weighed_page, heard, before, now, quick):
    card = card_of(weighed_page, "north_stock")
    assert card.count("no difference that this model can tell") == 2
    assert "no difference" not in card_of(weighed_page, "south_slowed")
    first, second = weighed(before).claims
    wide = replace(now, claims=(replace(first, probability_range=first.probability_range._replace(low=0.1, high=0.8)), second))
    page = quick(heard, wide)
    assert "10 to 80 across alternatives; no difference that this model can tell" in card_of(page, "south_slowed")
    assert "learnt: the reports moved it, by less than the alternatives differ." in card_of(page, "south_slowed")


def test_without_a_later_weighing_the_command_stands_once(single):
    text = text_of(single)
    assert text.count(f"{NO_LATER} . To add a second column: materiel weigh ordina --to DATE".replace(" .", ".")) == 1
    assert LATER not in text
    assert "later" not in card_of(single, "south_slowed").lower()


def test_a_refused_weighing_stands_once_with_its_reason_in_the_same_type(weighed_page, text, heard, now, quick):
    assert text.count(f"{REFUSED} : the batches disagree.") == 1
    box = between(weighed_page.html, '<div class="warning"', "</div>")
    assert "small" not in box
    assert REFUSED in box
    assert NO_LATER not in text
    alone = text_of(quick(heard, now, refused={"2020-06-29": "why"}))
    assert REFUSED in alone
    assert NO_LATER not in alone
    assert NO_LATER in text_of(quick(heard, now, refused={"2020-06-01": "why"}))  # an earlier day is no second column


def test_a_refusal_that_was_mended_is_not_told(heard, now, then, quick):
    assert "refused" not in text_of(quick(heard, now, later=then, refused={"2020-06-25": "why", "2020-06-10": "why"}))


def test_before_any_report_may_be_the_first_column(heard, before, then, quick):
    page = quick(replace(heard, of=None), before, later=then)
    text = text_of(page)
    assert f"(across alternatives) before any report Worlds of 100 (across alternatives) {LATER}" in text
    assert "authors' ranges read aloud" in text
    assert "Who spoke by 25 June 2020" in text
    assert "No report weighs these worlds" not in text
    assert card_of(page, "south_slowed").count("was about") == 1


# ---- the prior


def test_dots_have_the_prior_as_an_outline(weighed_page):
    assert dots(0.3, 0.4, 0.55) == Dots(6, 2, 11)
    assert dots(0.3, 0.4) == Dots(6, 2, 0)
    for d in (Dots(6, 2, 11), Dots(3, 2, 11)):
        shape = between(weighed_page.html, f'<symbol id="{d.id}"', "</symbol>")
        assert f'class="was" d="{dot_path(11)}"' in shape
        assert f'class="maybe" d="{dot_path(d.filled + d.pale)}"' in shape
        assert f'class="yes" d="{dot_path(d.filled)}"' in shape
        assert weighed_page.html.count(f'<use href="#{d.id}"/>') == 2  # in the table and on the card
    assert 'class="was"' not in between(weighed_page.html, f'<symbol id="{Dots(6, 2, 0).id}"', "</symbol>")


def test_rows_of_dots_are_lines_that_end_at_the_last_dot():
    assert dot_path(0) == ""
    assert dot_path(1) == "M6 6h0.1"
    assert dot_path(10) == "M6 6h108.1"
    assert dot_path(12) == "M6 6h108.1M6 18h12.1"
    assert dot_path(20) == "M6 6h108.1M6 18h108.1"


def test_the_size_stands_beside_that_before(weighed_page):
    assert "before any report: 80 km² more (9 worlds of 10: 5 to 400 km² more)" in card_of(weighed_page, "south_slowed")


# ---- the head of the page


def test_the_first_lines_count_the_bases_of_both_columns(text, single):
    top = text.partition("1 · The claims")[0]
    for basis in ("built in", "assumed", "learnt"):
        n = {"built in": 0, "assumed": 1, "learnt": 1}[basis]
        assert f"{n} {basis} {DAY}; {n} {LATER}" in top
        assert f"{n} {basis}" in text_of(single)
    assert "weighed with the reports of 10 June 2020" in top


def test_a_minister_hears_the_weighed_numbers(text, single):
    said = (
        "In our model, with these ranges and the reports of 10 June 2020, “Shells from Maker slow South's push” holds in about 35 of 100 "
        "simulated worlds (30 to 40 across the alternatives that experts defend); before them it was about 55 of 100"
    )
    assert f"{said}; with the reports to 25 June 2020 it is about 20 of 100; the typical change" in text
    assert f"{said}; the typical change" in text_of(single)
    assert "Our confidence is moderate: reports moved the answer away from the ranges that we chose." in text


def test_what_the_worlds_were_weighed_with_is_said_without_their_worth(text):
    assert "Weighed with 5 reports of 4 independent origins, all published by 10 June 2020. A probability here" in text
    assert "The second column: weighed with 6 reports of 5 independent origins, all published by 25 June 2020." in text


# ---- what the reports narrowed


def test_deliveries_and_the_effect_of_a_round_stand_apart(weighed_page, single):
    card = card_of(weighed_page, "south_slowed")
    assert "what was delivered by about 40 %, the effect of a delivered round not at all." in card
    assert "Later: what was delivered by about 60 %, the effect of a delivered round not at all." in card
    assert "Narrowed" not in card_of(weighed_page, "north_stock")
    assert "Later" not in card_of(single, "south_slowed")


def test_a_card_names_the_families_that_move_its_verdict(weighed_page):
    assert "without officials of South about 50." in card_of(weighed_page, "south_slowed")
    assert "One family less" not in card_of(weighed_page, "north_stock")


# ---- how far to trust


def test_who_spoke_is_drawn_once_a_weighing_with_its_table(weighed_page, trust):
    for key, day, rows in (("spoke-0", "10 June 2020", 2), ("spoke-1", "25 June 2020", 3)):
        figure = between(weighed_page.html, f'<figure id="{key}"', "</figure>")
        picture = between(figure, '<div class="chart">', "</div>")
        assert f"Who spoke by {day}" in picture
        assert "3 reports, 2 origins" in picture
        for part in ("as of 10 June 2020", "model, not observation", "run ordina", f"by {day}", "256 worlds"):
            assert part in picture
        assert figure.count("<tr>") == 1 + rows
        assert "officials%20of" not in figure
        assert "family,reports,independent_origins%0Aofficials of South,3,2%0A" in figure
    assert "watch" not in between(weighed_page.html, '<figure id="spoke-0"', "</figure>")  # a silence is no report


def test_the_silent_are_named(trust):
    assert "Silent: a watch on the border and the press. With the reports to 25 June 2020:" in trust
    assert "Silent: the press." in trust


def test_plans_and_what_was_left_aside_are_counted(trust):
    assert "5 reports were weighed; 2 plans were kept beside, for a plan says what shall be; 3 others left aside:" in trust


def test_who_speaks_of_each_claim_and_where_no_report_does(trust, single):
    table = between(trust, "Who speaks of what", "Verdicts without")
    assert "Shells from Maker slow South's push. officials of South 2 officials of South 2; a watch on the border 1" in table
    assert "officials of North and the press" in table  # silent in the last column
    assert "No report speaks of what the other claim measures" in table
    assert "Without the pact North holds fewer" in table
    alone = between(text_of(single), "Who speaks of what", "Verdicts without")
    assert "officials of South 2 officials of North; a watch on the border; the press" in alone


def test_verdicts_without_each_family_in_turn(trust):
    table = between(trust, "Verdicts without each family in turn", "How each report was foreseen")
    assert "one of 2 verdicts moves by five points or more when one of 2 families is left out" in table
    assert "without a watch on the border, each alone, they cannot be told from these worlds." in table
    assert "without officials of North without officials of South of all without officials of North" in table
    assert "Shells from Maker slow South's push. 35 35 50 20 20" in table
    assert "Without the pact" not in table  # no family moves it


def test_one_verdict_that_cannot_be_told_says_so_in_its_cell(heard, before, quick):
    first, second = weighed(before).claims
    second = replace(second, learnt=replace(second.learnt, without={"north": 0.9, "south": None}))
    text = text_of(quick(heard, replace(weighed(before), claims=(first, second))))
    assert "Without the pact North holds fewer than 60 thousand shells at the end of June. about" not in text
    assert "at the end of June. 60 90 cannot be told" in text


def test_a_claim_without_a_probability_is_not_said_to_be_unheard(heard, before, quick):
    first, second = weighed(before).claims
    text = text_of(quick(heard, replace(weighed(before), claims=(first, replace(second, probability=None, learnt=None)))))
    assert "No report speaks of what" not in text


def test_nothing_is_made_up_where_no_family_can_be_left_out(heard, before, quick):
    verdicts = weighed(before, without={"south": None})
    verdicts = replace(verdicts, claims=tuple(replace(v, learnt=replace(v.learnt, without={"south": None})) for v in verdicts.claims))
    text = text_of(quick(heard, verdicts))
    assert "whichever family were left out, the verdicts without it cannot be told from these worlds." in text
    assert "Show the" not in between(text, "Verdicts without", "How each report")


def test_each_report_with_its_line_its_speaker_and_its_place_is_folded(weighed_page, trust):
    inside, outside = folded(weighed_page.html)
    table = between(inside, "Report and its line", "</table>")
    rows = [re.sub(r"<[^>]*>", "|", r) for r in table.split("<tr><td>")[1:]]
    assert len(rows) == len(MORE)
    assert rows[0].startswith(
        "R1:7|officials of South|4,000 to 9,000 rounds a day|1,000 to 20,000 rounds a day|500 to 10,000 rounds a day|42 %"
    )
    assert "97 %, outside|" in rows[1]
    assert rows[2].startswith("R3:7|officials of South|−177 km²|")
    assert rows[3].startswith("R4:7|officials of North|no|about 80 of 100|about 40 of 100|—|about 40 of 100|—")
    assert rows[4].startswith("silence/watch/boxes:7|a watch on the border|nothing|—|—|—|")
    assert rows[5].startswith(
        "R5:7|a watch on the border|at least 30 containers|1,000 to 20,000 containers|—|—|500 to 10,000 containers|60 %"
    )
    assert "R3:7" not in outside
    for name in ("Rounds used: North (north guns)", "Containers shipped with munitions: Maker to North"):
        assert table.count(name) == 1  # said once for all its reports
    assert "1 of 3 stated amounts lies outside the 90 %" in trust
    assert "1 of 4 stated amounts lies outside the 90 %" in trust


def test_what_the_weighing_is_worth_is_one_click_away(weighed_page):
    inside, outside = folded(weighed_page.html)
    assert inside.count("are worth 120 independent ones") == 2
    assert "independent ones" not in outside


def test_scores_of_hindcasts(trust, single, heard, now, quick):
    table = between(trust, "The record of past forecasts", "The worlds against")
    assert "Hindcast from 1 June 2020 to 30 June 2020, with ranges made by rule" in table
    assert "Retrodiction from 1 June 2020 to 30 June 2020, with ranges set by people who know how it went" in table
    assert "0.41 (log; a factor of 1.5) 0.21 (−0.05 to 0.43), too few to tell 0.30 (0.10 to 0.50), better 13 of 15; 60-98 %" in table
    missing = "No hindcast of this scenario was found; make one: materiel hindcast FOLDER --as-of DATE --until DATE"
    assert missing in text_of(single)
    assert missing not in trust
    assert "Hindcast from" not in text_of(quick(heard, now, records=RECORDS[1:]))


def test_what_is_weighed_is_not_called_unweighed(text, single):
    for page in (text, text_of(single)):
        assert "unweighted" not in page
        assert "Nothing here has been weighed" not in page
        assert "Bands are of the worlds that the reports leave" in page


def test_it_is_repeated_by_these_commands(text, single, heard, before, quick):
    assert "--seed 7 materiel weigh ordina materiel weigh ordina --to 2020-06-25 materiel brief ordina" in text
    apart = weighed(before, weighing(checks=CHECKS[:3], without=("north",)))
    told = text_of(quick(heard, apart))
    assert "materiel weigh ordina --without north materiel brief weighd" in told
    assert "with the reports of 10 June 2020, without officials of North" in told
    assert "Silent: a watch on the border and the press." in told  # who was left out was not silent


# ---- the page as a whole


def test_the_weighed_page_is_small_and_asks_no_network(weighed_page, page):
    assert len(weighed_page.html.encode()) < len(page.html.encode()) + 60_000
    for tag, attrs in Elements(weighed_page.html).found:
        assert tag not in ("link", "iframe", "object", "embed", "img", "base")
        assert "src" not in attrs


def test_nothing_that_was_said_is_markup(hostile_weighed_page, single, weighed_page):
    hostile, plain = Elements(hostile_weighed_page.html), Elements(weighed_page.html)
    assert {t for t, _ in hostile.found} <= {t for t, _ in plain.found}
    assert not any(name.startswith("on") for _, attrs in hostile.found for name in attrs)
    assert len([t for t, _ in hostile.found if t == "script"]) == len([t for t, _ in Elements(single.html).found if t == "script"])
    assert SCRIPT in words_of(hostile)  # it is printed, as text


def test_the_same_verdicts_give_the_same_page(heard, now, then, weighed_page):
    again = brief(heard, now, later=then, refused={"2020-06-29": "the batches disagree."}, records=RECORDS, ran_by="A. Tester")
    assert again.html == weighed_page.html


def test_unweighed_worlds_are_told_how_to_be_weighed(page):
    text = text_of(page)
    assert "No report weighs these worlds. Let the reports weigh them: materiel weigh madeup" in text
    assert "No hindcast of this scenario was found" in text
    for absent in ("Who spoke", NO_LATER, "was about", "before any report", "later"):
        assert absent not in between(text, "1 · The claims", "7 · Not modelled")


def test_readings_of_worlds_without_reports_have_no_prior(worlds, verdicts):
    for v in verdicts.claims:
        r = cards.card(worlds.scenario, v).now
        assert (r.was, r.alike, r.before, r.narrowed, r.left_out) == ("", "", "", "", "")
        assert r.basis_says == v.basis_says
    assert check("R1", "south", "staff").weighed_place == 0.42
