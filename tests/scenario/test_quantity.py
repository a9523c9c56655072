"""The notation of numbers: stated quantiles are exact, values never decrease, kinds keep their bounds."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from materiel.scenario import units
from materiel.scenario.dates import NEVER, parse_dates
from materiel.scenario.distributions import Distribution
from materiel.scenario.errors import Wrong
from materiel.scenario.notation import parse

BEGINS = date(2020, 5, 1)
U = np.concatenate([10.0 ** np.arange(-12.0, -1), np.linspace(0.01, 0.99, 199), 1 - 10.0 ** np.arange(-2.0, -13, -1)])


def at(distribution: Distribution, u: float) -> float:
    return float(distribution.value(np.array([u]))[0])


@pytest.mark.parametrize(
    ("text", "kind", "unit", "low", "middle", "high"),
    [
        ("1.2M rounds", "amount", "rounds", 1.2e6, 1.2e6, 1.2e6),
        ("1_000 shells", "amount", "rounds", 1e3, 1e3, 1e3),
        ("1e6 rockets", "amount", "rounds", 1e6, 1e6, 1e6),
        ("2 bn rounds", "amount", "rounds", 2e9, 2e9, 2e9),
        ("90k people", "amount", "people", 9e4, 9e4, 9e4),
        ("1M to 4M rounds", "amount", "rounds", 1e6, 2e6, 4e6),
        ("0 to 200k rounds", "amount", "rounds", 0, 1e5, 2e5),
        ("2M [1M, 5M] rounds", "amount", "rounds", 1e6, 2e6, 5e6),
        ("365.25k rounds/year", "flow", "rounds/day", 1e3, 1e3, 1e3),
        ("12k rounds/month", "flow", "rounds/day", 12e3 * 12 / 365.25, 12e3 * 12 / 365.25, 12e3 * 12 / 365.25),
        ("2 years", "duration", "days", 730.5, 730.5, 730.5),
        ("6 months", "age", "years", 0.5, 0.5, 0.5),
        ("5 %", "share", "", 0.05, 0.05, 0.05),
        ("0.05", "share", "", 0.05, 0.05, 0.05),
        ("20 % to 80 %", "share", "", 0.2, 0.5, 0.8),
        ("0 to 10 %", "share", "", 0, 0.05, 0.1),
        ("-0.2 to 0.4", "signed", "", -0.2, 0.1, 0.4),
        ("0.5 [0.1, 0.6]", "share", "", 0.1, 0.5, 0.6),
        ("uniform(70, 90) km", "length", "km", 71, 80, 89),
        ("500 m", "length", "km", 0.5, 0.5, 0.5),
        ("0.02 km/day^0.5", "wander", "km/day^0.5", 0.02, 0.02, 0.02),
        ("2 % per month", "hazard", "1/day", *[-math.log(0.98) * 12 / 365.25] * 3),
        ("0.01/day", "hazard", "1/day", 0.01, 0.01, 0.01),
        ("0 with 50 %, else 1k to 2k rounds", "amount", "rounds", 0, 0, None),
    ],
)
def test_text_to_canonical_quantiles(text: str, kind: str, unit: str, low: float, middle: float | None, high: float | None) -> None:
    distribution, canonical = parse(text, kind)
    assert canonical == unit
    for u, stated in ((0.05, low), (0.5, middle), (0.95, high)):
        if stated is not None and not (u == 0.5 and text.startswith("0 with")):
            assert at(distribution, u) == pytest.approx(stated, rel=1e-12, abs=1e-12)


def test_another_interval_has_its_own_mass() -> None:
    distribution, _ = parse("1M to 4M rounds (80 %)", "amount")
    assert at(distribution, 0.1) == pytest.approx(1e6, rel=1e-12)
    assert at(distribution, 0.9) == pytest.approx(4e6, rel=1e-12)


def test_truncation_keeps_the_ends_and_the_shape_inside() -> None:
    distribution, _ = parse("0.5 to 1.5, within 0.4 and 2", "number")
    values = distribution.value(U)
    assert values.min() >= 0.4
    assert values.max() <= 2
    base, _ = parse("0.5 to 1.5", "number")
    inside = base.cdf(1.0) - base.cdf(0.4)
    assert distribution.cdf(1.0) == pytest.approx(inside / (base.cdf(2.0) - base.cdf(0.4)))
    assert at(distribution, distribution.cdf(1.0)) == pytest.approx(1.0, rel=1e-9)


def test_a_mixture_puts_its_atom_in_order() -> None:
    low, _ = parse("0 with 20 %, else 1k to 2k rounds", "amount")
    assert at(low, 0.19) == 0
    assert at(low, 0.2 + 0.8 * 0.05) == pytest.approx(1e3, rel=1e-9)
    inner, _ = parse("1.5k rounds with 20 %, else 1k to 2k rounds", "amount")
    values = inner.value(U)
    assert (np.diff(values) >= 0).all()
    assert np.mean(inner.value(np.linspace(0.0005, 0.9995, 1000)) == 1500) == pytest.approx(0.2, abs=0.002)


def test_dates() -> None:
    assert at(parse_dates("2020-05-11", BEGINS), 0.3) == 10
    assert at(parse_dates("2020-06", BEGINS), 0.3) == 31
    assert at(parse_dates("never", BEGINS), 0.3) == NEVER
    span = parse_dates("2020-05-01 to 2020-05-31", BEGINS)
    assert at(span, 0.5) == 15
    months = parse_dates("2020-05 to 2020-06", BEGINS)
    assert at(months, 1 - 1e-12) == pytest.approx(60)
    maybe = parse_dates("never with 30 %, else 2020-05-01 to 2020-05-31", BEGINS)
    assert at(maybe, 0.35) == pytest.approx(15)
    assert at(maybe, 0.71) == NEVER


@pytest.mark.parametrize("kind", [k for k in units.RULES if k not in ("date", "switch", "observed")])
def test_every_example_of_a_kind_is_of_that_kind_and_never_decreases(kind: str) -> None:
    distribution, unit = parse(units.RULES[kind].example, kind)
    assert unit in units.RULES[kind].units
    assert (np.diff(distribution.value(U)) >= 0).all()


_ends = st.tuples(st.floats(0.001, 0.999), st.floats(0.001, 0.999)).filter(lambda e: abs(e[0] - e[1]) > 1e-4).map(sorted)


@given(_ends)
@settings(deadline=None, max_examples=60)
def test_a_share_stays_between_none_and_all(ends: list[float]) -> None:
    low, high = (f"{e:.6f}" for e in ends)
    distribution, _ = parse(f"{low} to {high}", "share")
    values = distribution.value(U)
    assert (values > 0).all()
    assert (values < 1).all()
    assert (np.diff(values) >= 0).all()
    assert at(distribution, 0.05) == pytest.approx(float(low), rel=1e-9)
    assert at(distribution, 0.95) == pytest.approx(float(high), rel=1e-9)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.sampled_from([50, 80, 90, 95]))
@settings(deadline=None, max_examples=60)
def test_a_signed_interval_is_exact_at_its_ends(low: float, width: float, mass: int) -> None:
    a, b = f"{low:.4f}", f"{low + width + 0.001:.4f}"
    distribution, _ = parse(f"{a} to {b} ({mass} %)", "signed")
    tail = (1 - mass / 100) / 2
    scale = max(abs(float(a)), abs(float(b)))
    assert at(distribution, tail) == pytest.approx(float(a), rel=1e-9, abs=1e-9 * scale)
    assert at(distribution, 1 - tail) == pytest.approx(float(b), rel=1e-9, abs=1e-9 * scale)
    assert (np.diff(distribution.value(U)) >= 0).all()


@given(st.text(max_size=40), st.sampled_from(sorted(k for k in units.RULES if k not in ("date", "switch"))))
@settings(deadline=None, max_examples=300)
def test_any_text_is_a_number_or_a_mistake(text: str, kind: str) -> None:
    try:
        distribution, _ = parse(text, kind)
    except Wrong:
        return
    assert np.isfinite(distribution.value(np.array([0.01, 0.5, 0.99]))).all()


_LIKE = r"-?[0-9_.]{1,8}[kM]?( \[?[0-9.]{1,4}[,k]?)?( to [0-9.]{1,5}[kM]?)? ?(rounds|%|km|days|/day)?(, within 0 and 9)?"


@given(st.from_regex(_LIKE, fullmatch=True), st.sampled_from(["amount", "flow", "share", "hazard", "number", "signed", "observed"]))
@settings(deadline=None, max_examples=300)
def test_texts_that_look_like_numbers_are_numbers_or_mistakes(text: str, kind: str) -> None:
    test_any_text_is_a_number_or_a_mistake.hypothesis.inner_test(text, kind)


@given(st.text(max_size=30))
@settings(deadline=None, max_examples=200)
def test_any_text_is_a_date_or_a_mistake(text: str) -> None:
    try:
        parse_dates(text, BEGINS)
    except Wrong:
        return
