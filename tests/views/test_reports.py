"""What reports did, word by word."""

from datetime import date

import pytest

from materiel.claims.verdict import BASES
from materiel.views import reports

AS_OF = date(2023, 9, 15)


def test_the_reports_that_weigh():
    assert reports.which(AS_OF, AS_OF) == "the reports of 15 September 2023"
    assert reports.which(date(2024, 6, 30), AS_OF) == "the reports to 30 June 2024"
    assert reports.which(AS_OF, AS_OF, ["US officials"]) == "the reports of 15 September 2023, without US officials"
    assert reports.column("the reports of 15 September 2023") == "with the reports of 15 September 2023"
    assert reports.column("") == "before any report"
    assert reports.refused(date(2024, 6, 30), AS_OF) == "A weighing with the reports to 30 June 2024 was refused"


def test_names_with_commas_are_told_apart():
    assert reports.listed(["A", "B"]) == "A and B"
    assert reports.listed(["A", "B", "C"]) == "A; B; C"
    assert reports.listed(["A, its members", "B"]) == "A, its members; B"


def test_what_worlds_were_weighed_with():
    assert reports.basis(59, 24, AS_OF) == "weighed with 59 reports of 24 independent origins, all published by 15 September 2023"
    assert reports.basis(1, 1, AS_OF, ["the press"]) == (
        "weighed with 1 report of one origin, all published by 15 September 2023, without the press"
    )


@pytest.mark.parametrize(
    ("now", "prior", "error", "across", "moves", "tells"),
    [
        (0.30, 0.45, 0.02, (0.3, 0.3), True, True),
        (0.30, 0.45, 0.02, (0.2, 0.5), True, False),  # the alternatives differ by more
        (0.30, 0.34, 0.01, (0.3, 0.3), False, False),  # below the rounding
        (0.30, 0.36, 0.05, (0.3, 0.3), False, False),  # simulation error explains it
        (0.40, 0.30, 0.01, (0.35, 0.45), True, True),  # as large as the range
    ],
)
def test_a_difference_is_told_where_it_is_one(now, prior, error, across, moves, tells):
    assert reports.moved(now, prior, error) is moves
    assert reports.tells(now, prior, error, across) is tells


def test_the_probability_before():
    assert reports.was(0.44) == "was about 45"
    assert reports.before(0.44, True) == "before them it was about 45 of 100"
    assert reports.before(0.44, False) == "the reports make no difference that this model can tell"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.42, "by about 40 %"),
        (0.1, "by about 10 %"),
        (0.099, "not at all"),
        (-0.05, "not at all"),
        (-0.4, "not at all (wider than before)"),
    ],
)
def test_how_much_narrower(share, text):
    assert reports.narrowed(share) == text


def test_deliveries_stand_apart_from_the_effect_of_a_round():
    assert reports.deliveries(0.42, 0.03) == "what was delivered by about 40 %, the effect of a delivered round not at all"
    assert reports.deliveries(0.42, None) == "what was delivered by about 40 %"
    assert reports.deliveries(None, None) == ""


def test_why_a_verdict_has_its_basis():
    def of(basis, change=None, effect=None, heard=False):
        return reports.because(basis, "what it says itself", change, effect, heard)

    assert of("learnt") == "what it says itself"  # before any report
    assert of("built in", (True, True)) == "what it says itself"
    assert of("assumed", (False, False)) == BASES["assumed"]
    assert of("assumed", (False, False), heard=True) == "reports speak of this and left it where the ranges put it"
    assert of("learnt", (True, True)) == "the reports moved it"
    assert of("learnt", (True, False)) == "the reports moved it, by less than the alternatives differ"
    assert of("learnt", (False, False), 0.38) == "the reports narrowed the range of its size by about 40 % and left its probability"
    assert of("learnt", (False, False), 0.04) == "the reports narrowed the range of its size and left its probability"


def test_why_for_a_minister():
    said = reports.for_a_minister
    assert said("built in", "") == "the direction is assumed by the model and only the size is a result"
    assert said("assumed", BASES["assumed"]) == "no report speaks to this and the answer restates the ranges that we chose"
    assert said("assumed", reports.LEFT) == "reports speak of this and the answer restates the ranges that we chose"
    assert said("learnt", "the reports moved it, by less than the alternatives differ") == (
        "reports moved the answer away from the ranges that we chose, by less than the alternatives differ"
    )
    assert said("learnt", "the reports narrowed the range of its size and left its probability") == (
        "reports narrowed the range of its size and left its probability"
    )


def test_only_families_that_move_a_verdict_are_named_on_its_card():
    told = {"us": 0.36, "press": 0.39, "map": None}
    assert reports.without(told, 0.41, {"us": "US officials"}) == "without US officials about 35"
    assert reports.without({"press": 0.39}, 0.41, {}) == ""


def test_verdicts_without_a_family():
    assert reports.one_less(4, ["US officials", "Liveuamap"], 0, 56) == (
        "none of 56 verdicts moves by five points or more when one of 4 families is left out; "
        "without US officials and Liveuamap, each alone, they cannot be told from these worlds"
    )
    assert reports.one_less(2, [], 1, 3) == "one of 3 verdicts moves by five points or more when one of 2 families is left out"
    assert reports.one_less(1, [], 2, 3) == "2 of 3 verdicts move by five points or more when the only family that can be is left out"
    assert reports.one_less(0, ["A"], 0, 3) == "whichever family were left out, the verdicts without it cannot be told from these worlds"


def test_who_spoke_and_who_was_silent():
    names = {"us": "US officials", "rok": "South Korean officials", "map": "Liveuamap"}
    assert reports.spoke({"map": 1, "us": 3}, names) == "US officials 3; Liveuamap 1"
    assert reports.spoke({}, names) == "no report"
    assert reports.silent(["map"], names) == "US officials and South Korean officials"
    assert reports.silent(names, names) == ""


def test_what_was_left_aside():
    assert reports.aside(59, 11, 113) == (
        "59 reports were weighed; 11 plans were kept beside, for a plan says what shall be; 113 others left aside: "
        "the scenario has no answer to what they say or leaves them out, or their time lies outside the run"
    )
    assert reports.aside(1, 0, 0) == "1 report was weighed; no plan was kept beside; nothing was left aside"


def test_what_no_report_speaks_of():
    assert reports.unheard(44, True) == "No report speaks of what the other 44 claims measure; reports reach them only through the model"
    assert reports.unheard(1, True) == "No report speaks of what the other claim measures; reports reach it only through the model"
    assert reports.unheard(2, False) == "No report speaks of what the 2 claims measure; reports reach them only through the model"


def test_how_reports_were_foreseen():
    assert reports.foreseen(1, 49).startswith("1 of 49 stated amounts lies outside")
    assert (
        reports.foreseen(3, 147) == "3 of 147 stated amounts lie outside the 90 % that the weighed worlds foresee; about 15 would by chance"
    )
    assert reports.foreseen(0, 49).startswith("none of 49")
    assert reports.foreseen(0, 0) == "no report that was weighed states an amount"


def test_what_a_weighing_is_worth():
    text = reports.worth(1357.0, 4096, 4, "moved", 1.4, 2.72)
    assert text.startswith("The 4,096 worlds that were weighed are worth 1,400 independent ones, from how far 4 separate batches disagree")
    assert "weights alone would leave 1.4 of them (Pareto k 2.7; above 0.7 they say nothing), so the worlds were moved" in text
    assert text.endswith("More worlds make this larger and the answers no surer")
    assert "Pareto k beyond measure" in reports.worth(100.0, 400, 4, "moved", 1.0, float("inf"))
    assert "(Pareto k 0.3; above 0.7 they say nothing), which was good enough" in reports.worth(900.0, 4096, 4, "weighted", 900.0, 0.3)


@pytest.mark.parametrize(
    ("text", "unit", "out"),
    [
        ("1e+04 to 1.7e+04 rounds/day", "rounds/day", "10,000 to 17,000 rounds a day"),
        ("at most 5,476 rounds/day", "rounds/day", "at most 5,476 rounds a day"),
        ("at least 3e+05 rounds", "rounds", "at least 300,000 rounds"),
        ("-177 km^2", "km2", "−177 km²"),
        ("0.5", "", "0.5"),
        ("yes", "", "yes"),
        ("nothing", "containers", "nothing"),
        ("<script>", "", "<script>"),  # escaped where it is printed
    ],
)
def test_what_was_said(text, unit, out):
    assert reports.said(text, unit) == out


def test_what_was_foreseen():
    assert reports.forecast((1302.9, 5517.4, 22642.1), "rounds/day") == "1,300 to 23,000 rounds a day"
    assert reports.forecast((0.8,), "") == "about 80 of 100"
    assert reports.forecast((), "") == "—"
    assert reports.place(0.42) == "42 %"
    assert reports.place(0.97) == "97 %, outside"
    assert reports.place(0.01) == "1 %, outside"
    assert reports.place(None) == "—"
