"""Words for probabilities, their rounding and their simulation error."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from materiel.claims.probability import BANDS, OUTSIDE, UNDETERMINED, Range, about, band, grade, jeffreys_half_width, span, to_five

WORDS = [word for _, word in BANDS]
EDGES = [0.01, 0.05, 0.20, 0.45, 0.55, 0.80, 0.95, 0.99]  # Intelligence Community Directive 203


def here(p: float) -> str:
    return grade(Range(p, p), p)


def test_the_bands_are_those_of_icd_203():
    assert list(zip([t / 100 for t, _ in BANDS], WORDS, strict=True)) == list(
        zip(
            EDGES[1:],
            ["almost no chance", "very unlikely", "unlikely", "roughly even", "likely", "very likely", "almost certain"],
            strict=True,
        )
    )


@pytest.mark.parametrize("k", range(7))
def test_each_word_between_its_edges(k):
    low, high = EDGES[k], EDGES[k + 1]
    assert here((low + high) / 2) == WORDS[k]
    assert here(math.nextafter(low, 1)) == WORDS[k]
    assert here(high) == WORDS[k], "an edge belongs to the lower band"
    assert here(math.nextafter(high, 0)) == WORDS[k]


def test_the_lowest_edge_is_inside():
    assert here(0.01) == "almost no chance"


@pytest.mark.parametrize("p", [0.0, 0.001, math.nextafter(0.01, 0), math.nextafter(0.99, 1), 0.999, 1.0])
def test_below_1_and_above_99_per_cent_is_outside(p):
    assert band(p) is None
    assert here(p) == OUTSIDE


@pytest.mark.parametrize(
    ("low", "high", "p", "word"),
    [
        (0.30, 0.50, 0.40, "unlikely"),  # two neighbouring bands: the word of the whole
        (0.30, 0.50, 0.48, "roughly even"),
        (0.50, 0.80, 0.60, "likely"),
        (0.30, 0.56, 0.50, UNDETERMINED),  # three bands
        (0.04, 0.30, 0.10, UNDETERMINED),
        (0.02, 0.20, 0.10, "very unlikely"),
        (0.0, 0.04, 0.02, "almost no chance"),  # an end outside counts to the outermost band
        (0.0, 0.15, 0.06, "very unlikely"),
        (0.0, 0.30, 0.06, UNDETERMINED),
        (0.90, 1.0, 0.97, "almost certain"),
        (0.60, 1.0, 0.90, UNDETERMINED),
        (0.0, 0.005, 0.002, OUTSIDE),
        (0.995, 1.0, 0.999, OUTSIDE),
        (0.0, 1.0, 0.5, UNDETERMINED),  # both ends outside, on different sides
    ],
)
def test_a_range_over_at_most_two_neighbouring_bands(low, high, p, word):
    assert grade(Range(low, high), p) == word


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_every_range_has_one_of_the_words(a, b, c):
    low, p, high = sorted((a, b, c))
    word = grade(Range(low, high), p)
    assert word in {*WORDS, OUTSIDE, UNDETERMINED}
    if word in WORDS and low >= 0.01 and high <= 0.99:
        assert WORDS.index(word) == band(p)
        assert band(high) - band(low) <= 1


# Brown, Cai & DasGupta 2001 (Statistical Science 16): the interval is that of Beta(x + 1/2, n - x + 1/2). Values for
# 90 % worked out from the incomplete beta function by bisection (below), and one closed form: at n = 1, x = 1/2 (a share
# of one half seen once) the density is Beta(1, 1), so the interval is exactly 0.05 to 0.95.
def bisected(q: float, a: float, b: float) -> float:
    from scipy.special import betainc

    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if betainc(a, b, middle) < q else (low, middle)
    return low


@pytest.mark.parametrize(("x", "n"), [(0, 10), (1, 10), (5, 10), (10, 10), (0, 4096), (17, 64), (2048, 4096), (4096, 4096)])
def test_jeffreys_against_the_incomplete_beta_function(x, n):
    ends = [bisected(q, x + 0.5, n - x + 0.5) for q in (0.05, 0.95)]
    assert jeffreys_half_width(x / n, n) == pytest.approx((ends[1] - ends[0]) / 2, rel=1e-6)


def test_jeffreys_closed_forms():
    assert jeffreys_half_width(0.5, 1) == pytest.approx(0.45)  # Beta(1, 1) is uniform
    # n = 0: Beta(1/2, 1/2), the arcsine distribution with quantile sin^2(pi q / 2)
    assert jeffreys_half_width(0.5, 0) == pytest.approx((math.sin(math.pi * 0.475) ** 2 - math.sin(math.pi * 0.025) ** 2) / 2)


def test_jeffreys_tends_to_the_normal_interval():
    n, p = 1_000_000, 0.3
    assert jeffreys_half_width(p, n) == pytest.approx(1.6448536 * math.sqrt(p * (1 - p) / n), rel=1e-3)


@given(st.integers(1, 10**7), st.floats(0, 1))
def test_jeffreys_is_never_zero_and_symmetric(n, share):
    x = round(n * share)
    width = jeffreys_half_width(x / n, n)
    assert 0 < width < 0.5
    assert width == pytest.approx(jeffreys_half_width((n - x) / n, n), rel=1e-4)


@given(st.floats(0, 1))
def test_nothing_prints_0_or_100(p):
    assert 0 < to_five(p) < 1
    printed = about(p)
    assert printed in {"under 5 %", "over 95 %", *(f"about {k} %" for k in range(5, 100, 5))}
    digits = next(int(w) for w in printed.split() if w.isdigit())
    assert abs(digits - 100 * p) <= (5 if printed[:5] != "about" else 2.5 + 1e-9)


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0, "under 5 %"),
        (0.025, "under 5 %"),
        (0.026, "about 5 %"),
        (0.31, "about 30 %"),
        (0.33, "about 35 %"),
        (0.974, "about 95 %"),
        (0.975, "over 95 %"),
        (1, "over 95 %"),
    ],
)
def test_about(p, text):
    assert about(p) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(0.2, 0.5, "20 to 50"), (0.3, 0.3, "30"), (0.01, 0.3, "under 5 to 30"), (0.5, 0.99, "50 to over 95"), (0.01, 0.01, "under 5")],
)
def test_span(low, high, text):
    assert span(Range(low, high)) == text
