"""Each text that carries a result is tested word by word."""

from datetime import date

import pytest

from materiel.views import words


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (1_234_567, "1.2 million"),
        (3_000_000, "3 million"),
        (48_000_000, "48 million"),
        (999_999, "1 million"),
        (4_321, "4,300"),
        (99.6, "100"),
        (9.96, "10"),
        (9.94, "9.9"),
        (60, "60"),
        (3.14159, "3.1"),
        (2.0, "2"),
        (0.1234, "0.12"),
        (0.00501, "0.005"),
        (0, "0"),
        (-60.4, "−60"),
        (-0.52, "−0.52"),
        (float("nan"), "not known"),
        (2.5e9, "2.5 billion"),
    ],
)
def test_numbers_have_two_digits(x, text):
    assert words.number(x) == text


@pytest.mark.parametrize(
    ("x", "text"), [(1_234_567, "1,200,000"), (60.4, "60"), (0.4, "less than 1"), (0, "0"), (-152.0, "−150"), (9.6, "10"), (1.4, "1")]
)
def test_whole_numbers_have_no_decimals(x, text):
    assert words.whole_number(x) == text


def test_amounts_carry_their_unit():
    assert words.amount(1_234_567, "rounds") == "1.2 million rounds"
    assert words.amount(0.123, "share") == "12 %"
    assert words.amount(60, "km2") == "60 km²"
    assert words.amount(12_345, "rounds/day") == "12,000 rounds a day"
    assert words.amount(0.5, "number") == "0.5"


def test_one_of_a_thing_is_singular_and_whole_things_have_no_tenths():
    assert words.amount(1.04, "days") == "1 day"
    assert words.amount(1.5, "days") == "1.5 days"
    assert words.amount(1.0, "rounds/day") == "1 round a day"
    assert words.amount(6.8, "rounds") == "7 rounds"
    assert words.amount(0.031, "km2") == "less than 1 km²"
    assert words.interval(0.2, 0.4, "km2") == "0 km²"
    assert words.interval(0, 1, "days") == "0 to 1 days"


def test_intervals_name_the_unit_once():
    assert words.interval(10, 153, "km2") == "10 to 150 km²"
    assert words.interval(1e6, 3e6, "rounds") == "1 to 3 million rounds"
    assert words.interval(2e5, 3e6, "rounds") == "200,000 to 3 million rounds"
    assert words.interval(0.1, 0.25, "share") == "10 to 25 %"
    assert words.interval(60.1, 59.9, "km2") == "60 km²"


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0, "fewer than 1"),
        (0.009, "fewer than 1"),
        (0.02, "fewer than 5"),
        (0.03, "about 5"),
        (0.31, "about 30"),
        (0.325, "about 30"),
        (0.5, "about 50"),
        (0.97, "about 95"),
        (0.98, "more than 95"),
        (0.995, "more than 99"),
        (1.0, "more than 99"),
    ],
)
def test_probabilities_are_rounded_and_never_certain(p, text):
    assert words.of_100(p) == text
    assert words.worlds_of_100(p) == f"{text} of 100 simulated worlds"


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.19, 0.52, "20 to 50"),
        (0.0, 0.01, "under 5"),
        (0.99, 1.0, "over 95"),
        (0.0, 1.0, "under 5 to over 95"),
        (0.29, 0.31, "30"),
        (0.01, 0.05, "5 or less"),
        (0.95, 0.99, "95 or more"),
    ],
)
def test_ranges_over_alternatives(low, high, text):
    assert words.range_of_100(low, high) == text


def test_dates_as_people_write_them():
    assert words.month(date(2023, 9, 15)) == "September 2023"
    assert words.day(date(2023, 9, 5)) == "5 September 2023"


def test_changes():
    assert words.change(-41, -153, -2, "km2") == "41 km² less (9 worlds of 10: 2 to 150 km² less)"
    assert words.change(3.2e5, 1e5, 9e5, "rounds") == "320,000 rounds more (9 worlds of 10: 100,000 to 900,000 rounds more)"
    assert words.change(5, -20, 31, "km2") == "+5 km² (9 worlds of 10: −20 to 31 km²)"
    assert words.change(0, 0, 0, "lines") == "no change in 9 worlds of 10"
    assert words.change(0.48, -5.8, 184, "km2") == "about 0 km² (9 worlds of 10: −6 to 180 km²)"
    assert words.change(0.7, 0, 62, "km2") == "less than 1 km² more (9 worlds of 10: 0 to 62 km² more)"


def test_the_words_of_icd_203_leave_no_gap():
    table = words.bands_of_icd_203()
    assert table[0] == ("almost no chance", "1 to 5 of 100")
    assert table[4] == ("likely", "55 to 80 of 100")
    assert table[-1] == ("almost certain", "95 to 99 of 100")


def test_sentences_without_decimals():
    assert words.without_decimals("width 3.7 km, 1.2 million rounds, 0.2 of it, 2023-09-15, v1.2.3") == (
        "width 4 km, 1,200,000 rounds, less than 1 of it, 2023-09-15, v1.2.3"
    )


def test_two_sentences_for_a_minister():
    what, sure = words.for_a_minister(
        "Ammunition slows the offensive further.",
        0.56,
        (0.41, 0.72),
        ("net area gained", words.change(-41.3, -153, -2.2, "km2", whole=True)),
        "assumed",
        "low",
        "The share of rounds that function: half as large, and it holds in 35.2 of 100 worlds.",
    )
    assert what == (
        "In our model, with these ranges, “Ammunition slows the offensive further” holds in about 55 of 100 simulated worlds "
        "(40 to 70 across the alternatives that experts defend); the typical change in net area gained is 41 km² less "
        "(9 worlds of 10: 2 to 150 km² less)."
    )
    assert sure == (
        "Our confidence is low: no report speaks to this and the answer restates the ranges that we chose; what would change the "
        "answer most: The share of rounds that function: half as large, and it holds in 35 of 100 worlds."
    )


def test_a_minister_is_spared_what_is_not_there():
    what, sure = words.for_a_minister("Rounds arrive", 0.999, (0.99, 1.0), None, "built in", "moderate", None)
    assert what == "In our model, with these ranges, “Rounds arrive” holds in more than 99 of 100 simulated worlds."
    assert sure == "Our confidence is moderate: the direction is assumed by the model and only the size is a result."


def test_a_minister_hears_only_the_size_of_what_is_built_in():
    what, _ = words.for_a_minister("Rockets delay the way", 0.25, (0.25, 0.25), ("days", "1 day more"), "built in", "low", None)
    assert "of 100" not in what
    assert what.endswith("is assumed in its direction; the typical change in days is 1 day more.")


def test_a_minister_hears_what_the_reports_did():
    what, sure = words.for_a_minister(
        "Rounds arrive.",
        0.31,
        (0.31, 0.31),
        ("rounds", "1 round more"),
        "learnt",
        "moderate",
        None,
        reports="the reports of 15 September 2023",
        before="before them it was about 45 of 100",
        later="with the reports to 30 June 2024 it is about 20 of 100",
        because="reports moved the answer",
    )
    assert what == (
        "In our model, with these ranges and the reports of 15 September 2023, “Rounds arrive” holds in about 30 of 100 simulated worlds; "
        "before them it was about 45 of 100; with the reports to 30 June 2024 it is about 20 of 100; the typical change in rounds is "
        "1 round more."
    )
    assert sure == "Our confidence is moderate: reports moved the answer."
    built_in, _ = words.for_a_minister(
        "Rounds arrive", 0.3, (0.3, 0.3), ("rounds", "1 round more"), "built in", "low", None, before="before them", later="later"
    )
    assert "before them" not in built_in
    assert "later" not in built_in
