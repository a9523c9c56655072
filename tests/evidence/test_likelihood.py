"""Likelihoods against closed forms and other people's distributions, then their limits, then wrong or extreme input."""

from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import materiel
from materiel.evidence import smc
from materiel.evidence.likelihood import Speakers, log_between, log_likelihood, log_upper, rule, speakers
from materiel.evidence.predictions import Item
from materiel.scenario import loads
from materiel.scenario.evidence import Evidence

TINY = Path(materiel.__file__).parent / "library" / "tiny-two-sides" / "scenario.yaml"
SECTION = """
evidence:
  families: {north: {name: North}, south: {name: South}, press: {name: Press}}
  bias: %s
  common: %s
  error: %s
  either_way: %s
  against_interest: 2 to 5
  hit: beta(8, 2)
  false_alarm: beta(1, 9)
  quantities:
    part: {subject: SOUTH, measure: "fire[b]", as: daily, factor: 0.5 to 0.9}
  series:
    part: {file: a.csv, measure: "fired[north_guns]", unit: 1, factor: 0.1 to 0.4, family: south, error: 0.3, optional: true}
"""


@lru_cache
def trust(bias: str = "0.5", common: str = "0.3", error: str = "0.4", either_way: str = "1.25") -> Evidence:
    section = SECTION % (bias, common, error, either_way)
    evidence = loads((TINY.read_text() + section).encode()).vocabulary.evidence
    assert evidence is not None
    return evidence


def item(id: str = "r", form: str = "point", low: float = 900.0, high: float = 1100.0, **more: object) -> Item:
    made = Item(
        id=id, family="press", origin=id, form=form, low=low, high=high, interest="none", method="not stated",
        known=date(2020, 6, 1), line=2, scale=0.4, measure="containers[maker_north]", counts="total", spans=((0, 31),),
        unit="containers", bears="press",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def likely(items: list[Item], said: np.ndarray, z: np.ndarray, who: Speakers) -> np.ndarray:
    """Log-likelihood of all items together [n]."""
    return log_likelihood(items, said, *who.split(z), who).sum(axis=1)


def moments(x: np.ndarray, log_weights: np.ndarray) -> tuple[float, float]:
    w = np.exp(log_weights - log_weights.max())
    mean = float((w * x).sum() / w.sum())
    return mean, float(np.sqrt((w * (x - mean) ** 2).sum() / w.sum()))


# ---- other people's answers ----


def test_the_tail_is_that_of_students_t() -> None:
    t = np.concatenate([np.linspace(-50, 50, 401), [-3e3, 3e3, 1e5]])
    np.testing.assert_allclose(log_upper(t), stats.t(4).logsf(t), rtol=1e-9, atol=1e-15)


def test_far_out_the_tail_is_three_over_the_fourth_power() -> None:
    # P(T > t) = 3 / t^4 (1 + O(1/t^2)) for 4 degrees of freedom
    t = np.array([1e6, 1e20, 1e100])
    np.testing.assert_allclose(log_upper(t), np.log(3) - 4 * np.log(t), rtol=1e-10)


def test_an_interval_has_the_probability_of_students_t() -> None:
    a, width = (x.ravel() for x in np.meshgrid([-30.0, -5.0, -1.0, -0.2, 0.0, 0.1, 2.0, 20.0], [0.05, 0.3, 1.5, 8.0, 60.0]))
    t = stats.t(4)
    # the nearer tail, so that the reference does not cancel
    expected = np.where(a > 0, t.sf(a) - t.sf(a + width), t.cdf(a + width) - t.cdf(a))
    np.testing.assert_allclose(np.exp(log_between(a, width)), expected, rtol=1e-8)


@pytest.mark.parametrize("at", [-1e4, -7.0, -1e-7, 0.0, 1e-7, 3.0, 1e4])
def test_a_narrow_interval_has_density_times_width(at: float) -> None:
    width = np.array([1e-6, 1e-9, 1e-12])
    middle = at - width / 2
    # the density changes over the width by at most width / |t| of itself, and the middle is known to one ulp of t
    got = log_between(middle, width)
    np.testing.assert_allclose(got, stats.t(4).logpdf(at) + np.log(width), atol=1e-6)


def test_the_whole_line_is_cut_into_intervals_that_add_to_one() -> None:
    edges = np.array([-1e9, -40.0, -3.0, -0.1, 0.0, 0.4, 5.0, 1e9])
    assert np.exp(log_between(edges[:-1], np.diff(edges))).sum() == pytest.approx(1.0, abs=1e-14)
    halves = np.exp(log_upper(np.array([1.3]))) + np.exp(log_upper(np.array([-1.3])))
    assert halves[0] == pytest.approx(1.0, abs=1e-15)


def test_a_normal_report_on_a_normal_prior() -> None:
    """N(0, 1) with a report of 0.8 and sd 0.5 gives N(0.64, 0.4472^2): the bias is the normal error, the Student-t nearly nothing."""
    evidence = trust("0.5", "0.3", "0.01")
    said = item(low=float(np.exp(0.8 - 1e-3)), high=float(np.exp(0.8 + 1e-3)), scale=0.01, smallest=1e-9)
    who = speakers(evidence, [said])
    assert who.names == ("bias/press", "common/r")
    x, bias = (g.ravel() for g in np.meshgrid(np.linspace(-5, 6, 1101), np.linspace(-6, 6, 1201)))
    z = np.column_stack([bias, np.zeros_like(bias)])  # no common error
    prior = stats.norm.logpdf(x) + stats.norm.logpdf(bias)
    mean, sd = moments(x, prior + likely([said], np.exp(x)[:, None], z, who))
    # a scale of 0.01 adds 2e-4 to a variance of 0.25, which moves the mean by 0.64 * 2e-4 / 1.25
    assert mean == pytest.approx(0.64, abs=5e-4)
    assert sd == pytest.approx(0.4472, abs=5e-4)


def test_two_ratios_on_even_odds() -> None:
    """Likelihood ratios of 4 and 0.8 on even odds give 0.762."""
    evidence = trust(either_way="1.25")
    against = item("a", "yes", interest="against")
    way = item("b", "yes", interest="for")
    who = speakers(evidence, [against, way])
    ratio = np.tile([np.log(4.0) if kind == "against" else np.log(0.8) for kind, _ in who.ratios], (2, 1))
    nothing = np.zeros((2, 0))
    gained = log_likelihood([against, way], np.array([[1.0, 1.0], [0.0, 0.0]]), nothing, nothing, ratio, who).sum(axis=1)
    assert 1 / (1 + np.exp(gained[1] - gained[0])) == pytest.approx(3.2 / 4.2, abs=1e-12)
    assert 1 / (1 + np.exp(gained[1] - gained[0])) == pytest.approx(0.762, abs=5e-4)


@pytest.mark.parametrize("s", [0.3, 0.6, 1.0])
def test_lognormal_weights_leave_a_share_of_exp_minus_s_squared(s: float) -> None:
    n = 200_000
    log_weights = s * stats.norm.ppf((np.arange(n) + 0.5) / n)
    # the grid ends at 4.4 standard deviations; beyond that lies P(N > 4.4 - 2s) of the squared weights, 0.8 % at s = 1
    assert smc.effective(log_weights) / n == pytest.approx(np.exp(-(s**2)), rel=0.02)


def test_sensors_count_by_hit_and_false_alarm() -> None:
    evidence = trust()
    seen, unseen = item("a", "yes", method="imagery"), item("b", "no", method="signals")
    who = speakers(evidence, [seen, unseen])
    assert who.names == ("false_alarm/a", "false_alarm/b", "hit/a", "hit/b")
    got = log_likelihood([seen, unseen], np.array([[1.0, 1.0], [0.0, 0.0]]), *who.split(np.zeros((2, 4))), who)
    hit, alarm = stats.beta(8, 2).median(), stats.beta(1, 9).median()
    np.testing.assert_allclose(got, np.log([[hit, 1 - hit], [alarm, 1 - alarm]]), rtol=1e-9)


# ---- rules ----


@pytest.mark.parametrize(
    ("interest", "method", "expected"),
    [
        ("for", "not stated", "either_way"),
        ("for", "human", "either_way"),
        ("for", "signals", "either_way"),  # nobody else can look at them
        ("for", "imagery", "sensor"),  # shown, so that others can inspect it
        ("for", "documents", "sensor"),
        ("against", "imagery", "against"),
        ("against", "not stated", "against"),
        ("none", "imagery", "sensor"),
        ("none", "signals", "sensor"),
        ("none", "documents", "sensor"),
        ("none", "human", "either_way"),
        ("none", "inference", "either_way"),
    ],
)
def test_interest_decides_and_not_whether_it_is_a_denial(interest: str, method: str, expected: str) -> None:
    for form in ("yes", "no"):
        assert rule(item(form=form, interest=interest, method=method)) == expected
    assert rule(item(interest=interest, method=method)) == ""


def test_what_is_said_either_way_stays_within_its_ratio_and_favours_nothing() -> None:
    asserted, denied = item("a", "yes", interest="for"), item("b", "no", interest="for")
    who = speakers(trust(), [asserted, denied])
    z = stats.norm.ppf((np.arange(4000) + 0.5) / 4000)
    z = np.concatenate([z, [-9.0, 9.0]])
    both = np.column_stack([z, z])
    yes, no = (log_likelihood([asserted, denied], np.full((len(z), 2), x), *who.split(both), who) for x in (1.0, 0.0))
    for_it = np.exp(yes - no)  # likelihood ratios in favour of yes
    assert for_it.min() >= 1 / 1.25 - 1e-12
    assert for_it.max() <= 1.25 + 1e-12
    assert for_it.max() == pytest.approx(1.25, rel=1e-3)
    marginal = np.exp(yes[:-2]).mean(axis=0) / np.exp(no[:-2]).mean(axis=0)
    np.testing.assert_allclose(marginal, 1.0, atol=1e-12)  # symmetric points, so exact


def test_against_interest_pulls_two_to_five_in_its_direction() -> None:
    admitted, disowned = item("a", "yes", interest="against"), item("b", "no", interest="against")
    who = speakers(trust(), [admitted, disowned])
    z = stats.norm.ppf([[0.05, 0.05], [0.5, 0.5], [0.95, 0.95]])
    yes, no = (log_likelihood([admitted, disowned], np.full((3, 2), x), *who.split(z), who) for x in (1.0, 0.0))
    np.testing.assert_allclose(np.exp(yes - no)[:, 0], [2.0, np.sqrt(10.0), 5.0], rtol=1e-6)
    np.testing.assert_allclose(np.exp(no - yes)[:, 1], [2.0, np.sqrt(10.0), 5.0], rtol=1e-6)


def test_a_ratio_of_one_changes_nothing() -> None:
    said = item("a", "yes", interest="for")
    who = speakers(trust(either_way="1"), [said])
    z = np.linspace(-5, 5, 11)[:, None]
    assert not log_likelihood([said], (z > 0).astype(float), *who.split(z), who).any()


def test_statements_of_one_origin_share_their_ratio() -> None:
    who = speakers(trust(), [item("a", "yes", interest="for", origin="o"), item("b", "no", interest="for", origin="o")])
    assert who.names == ("either_way/o",)


def test_every_family_has_the_same_prior() -> None:
    items = [item(f, bears=f, family=f) for f in ("north", "press", "south")]
    who = speakers(trust(), items)
    bias, common, _ = who.split(np.ones((1, len(who.names))))
    assert bias.tolist() == [[0.5, 0.5, 0.5]]
    assert common == pytest.approx(np.full((1, 3), 0.3))


def test_a_bias_and_a_common_error_shift_the_logarithm() -> None:
    said = item(low=1000 * np.exp(0.8 - 0.01), high=1000 * np.exp(0.8 + 0.01))
    who = speakers(trust(), [said])
    z = np.array([[1.0, 1.0], [0.0, 0.0]])  # 0.5 + 0.3 = 0.8 above what the world says
    got = likely([said], np.array([[1000.0], [1000.0 * np.exp(0.8)]]), z, who)
    assert got[0] == pytest.approx(got[1], abs=1e-12)
    assert got[0] == pytest.approx(float(stats.t(4).logpdf(0) + np.log(0.02 / 0.4)), abs=1e-3)


def test_a_factor_with_a_range_is_one_unknown_for_all_reports_that_use_it() -> None:
    place = "quantities.part"
    items = [item("a", converts=place), item("b", converts=place), item("c", linear=True, converts=place), item("d")]
    who = speakers(trust(), items)
    assert who.names == ("bias/press", "common/a", "common/b", "common/c", "common/d", "factor/quantities.part")
    z = np.zeros((3, 6))
    z[:, 5] = stats.norm.ppf([0.05, 0.5, 0.95])
    got = log_likelihood(items, np.full((3, 4), 1000.0), *who.split(z), who)
    times = np.array([0.5, np.sqrt(0.45), 0.9]) / np.sqrt(0.45)  # ends and middle of a lognormal range
    plain = log_likelihood(items, times[:, None] * np.full((3, 4), 1000.0), *who.split(np.zeros((3, 6))), who)
    np.testing.assert_allclose(got[:, :3], plain[:, :3], rtol=1e-6)
    assert np.ptp(got[:, 3]) == 0


def test_a_series_and_a_quantity_of_one_name_have_each_its_own_factor() -> None:
    items = [item("a", converts="quantities.part"), item("b", converts="series.part")]
    who = speakers(trust(), items)
    assert who.names[-2:] == ("factor/quantities.part", "factor/series.part")
    z = np.zeros((2, len(who.names)))
    z[:, -2:] = stats.norm.ppf([[0.05], [0.95]])
    _, _, ratio = who.split(z)
    ends = np.log(np.array([[0.5, 0.1], [0.9, 0.4]]) / [np.sqrt(0.45), 0.2])
    np.testing.assert_allclose(ratio, ends, rtol=1e-6)


def test_two_observers_that_share_a_factor_say_when_and_not_how_much() -> None:
    """Worlds that say three times as much in all months are as likely, once the one factor is a third."""
    seen = [
        item(f"{name}{k}", low=low, high=low + 10, origin=name, bears=name, family=name, converts="series.part")
        for name, share in (("north", 1.0), ("south", 0.4))
        for k, low in enumerate(share * np.array([400.0, 700.0, 300.0]))
    ]
    who = speakers(trust(), seen)
    assert who.names == ("bias/north", "bias/south", "common/north", "common/south", "factor/series.part")
    said = np.array([[450.0, 600.0, 330.0] * 2])
    sd = np.log(4.0) / (2 * stats.norm.ppf(0.95))  # of 0.1 to 0.4 on the log
    z = np.array([[0.3, -1.1, 0.2, 0.4, 0.5]])
    lower = z - np.array([[0.0, 0.0, 0.0, 0.0, np.log(3.0) / sd]])
    assert likely(seen, 3.0 * said, lower, who)[0] == pytest.approx(likely(seen, said, z, who)[0], abs=1e-9)
    # their months disagree with a world whose worst month is another, at every factor
    turned = said[:, [1, 0, 2, 4, 3, 5]]
    factors = np.column_stack([np.tile(z[:, :4], (81, 1)), np.linspace(-4, 4, 81)])
    best = [likely(seen, np.repeat(x, 81, axis=0), factors, who).max() for x in (said, turned)]
    assert best[0] > best[1] + 2


def test_opposite_biases_of_two_observers_meet_between_them() -> None:
    """With equal errors and priors the two counts of 1,600 and 400 pull alike, so a world is most likely at their middle, 800."""
    high = item("a", low=1600 * np.exp(-0.01), high=1600 * np.exp(0.01), origin="a", bears="north")
    low = item("b", low=400 * np.exp(-0.01), high=400 * np.exp(0.01), origin="b", bears="south")
    who = speakers(trust(), [high, low])
    bias = np.linspace(-4, 4, 161)
    one = np.column_stack([bias, np.zeros((161, len(who.names) - 1))])
    other = np.column_stack([np.zeros(161), bias, np.zeros((161, len(who.names) - 2))])
    prior = stats.norm.pdf(bias)
    level = []
    x = np.geomspace(200.0, 3200.0, 65)
    for world in x:
        each = [log_likelihood([high, low], np.full((161, 2), world), *who.split(z), who)[:, k] for k, z in ((0, one), (1, other))]
        level.append(sum(np.log((np.exp(e) * prior).sum()) for e in each))
    assert x[int(np.argmax(level))] == pytest.approx(800.0)


def test_a_linear_item_moves_with_the_common_error_of_its_origin_alone() -> None:
    month = item("s/2020-05", "change", -30.5, -29.5, origin="s", scale=90.0, linear=True, shared=225.0)
    who = speakers(trust(), [month])
    assert who.names == ("common/s",)
    got = likely([month], np.array([[-30.0], [-97.5]]), np.array([[0.0], [1.0]]), who)
    assert got[0] == pytest.approx(float(stats.t(4).logpdf(0) + np.log(1 / 90)), abs=1e-4)
    assert got[1] == pytest.approx(got[0], abs=1e-12)  # 0.3 * 225 = 67.5 km2


def test_bounds_have_tails() -> None:
    least, most = item("a", "at_least", 1000.0, np.inf), item("b", "at_most", 0.0, 1000.0)
    who = speakers(trust(), [least, most])
    x = np.array([10.0, 500.0, 1000.0, 4000.0])
    got = log_likelihood([least, most], np.column_stack([x, x]), *who.split(np.zeros((4, 3))), who)
    t = (np.log(1000.0) - np.log(x)) / 0.4
    np.testing.assert_allclose(got[:, 0], stats.t(4).logsf(t), rtol=1e-9)
    np.testing.assert_allclose(got[:, 1], stats.t(4).logcdf(t), rtol=1e-9)


def test_silence_is_weak() -> None:
    quiet = item("silence", "silence", 0.0, 0.0, scale=1 / 60)
    who = speakers(trust(), [quiet])
    assert who.names == ()
    got = log_likelihood([quiet], np.array([[0.0], [30.0], [600.0]]), *who.split(np.zeros((3, 0))), who)[:, 0]
    np.testing.assert_allclose(np.exp(got), [1.0, 2 / 3, 1 / 11], rtol=1e-12)


# ---- properties ----


def test_order_does_not_matter() -> None:
    items = [
        item("a"), item("b", "at_least", 500.0, np.inf), item("c", "yes", interest="for"), item("d", "no", method="imagery"),
        item("e", "change", -1.0, 1.0, linear=True, shared=2.0), item("f", "at_most", 0.0, 3000.0, bears="south"),
    ]  # fmt: skip
    rng = np.random.default_rng(1)
    said = rng.lognormal(6, 1, (50, len(items)))
    said[:, 2:4] = rng.integers(0, 2, (50, 2))
    who = speakers(trust(), items)
    z = rng.standard_normal((50, len(who.names)))
    straight = log_likelihood(items, said, *who.split(z), who)
    turned = [4, 2, 0, 5, 1, 3]
    again = speakers(trust(), [items[k] for k in turned])
    assert again == who
    other = log_likelihood([items[k] for k in turned], said[:, turned], *again.split(z), again)
    assert np.array_equal(straight[:, turned], other)


def test_a_vast_error_teaches_nothing() -> None:
    x = np.geomspace(1, 1e7, 50)[:, None]
    for form, low, high in (("point", 900.0, 1100.0), ("at_least", 900.0, np.inf), ("at_most", 0.0, 900.0)):
        said = item(form=form, low=low, high=high, scale=1e9)
        who = speakers(trust(), [said])
        assert np.ptp(likely([said], x, np.zeros((50, 2)), who)) < 1e-7


def posterior(items: list[Item], draws: int = 200_000) -> float:
    """Mean of ln x after the items, for the prior N(ln 300, 1), by weights on many draws."""
    rng = np.random.default_rng(3)
    who = speakers(trust(), [item("a"), item("b", bears="south"), item("c"), *items])
    x, z = np.log(300.0) + rng.standard_normal(draws), rng.standard_normal((draws, len(who.names)))
    return moments(x, likely(items, np.repeat(np.exp(x)[:, None], len(items), axis=1), z, who))[0]


def test_a_new_origin_says_more_than_the_same_one_again() -> None:
    one, again, fresh = item("a"), item("a2", origin="a"), item("c")
    alone, same, other = posterior([one]), posterior([one, again]), posterior([one, fresh])
    assert alone < same < other  # the same 200,000 draws, and a difference of about 0.03


def test_a_copy_moves_less_than_a_tenth_of_an_independent_report() -> None:
    one, half = item("a"), item("a", weight=0.5)
    copy = replace(half, id="copy", low=950.0, high=1150.0)  # of one piece of work, written down a little differently
    independent = posterior([one, item("b", bears="south")]) - posterior([one])
    assert independent > 0.05
    assert abs(posterior([half, copy]) - posterior([one])) < 0.1 * independent
    assert posterior([half, replace(half, id="copy")]) == pytest.approx(posterior([one]), abs=1e-12)


# ---- extremes ----


def test_nothing_is_ever_nan_and_finite_worlds_stay_possible() -> None:
    forms = [("point", 900.0, 1100.0), ("at_least", 1e12, np.inf), ("at_most", 0.0, 1e-3), ("range", 0.0, 10.0), ("point", 1e17, 1.0001e17)]
    x = np.array([0.0, -5.0, 1e-300, 1.0, 1e3, 1e18, 1e300])[:, None]
    for (form, low, high), linear, scale in product(forms, (False, True), (1e-6, 0.4, 1e6)):
        said = item(form=form, low=-np.inf if linear and low == 0 else low, high=high, linear=linear, scale=scale)
        who = speakers(trust(), [said])
        for z in (-8.0, 0.0, 8.0):
            got = likely([said], x, np.full((len(x), len(who.names)), z), who)
            assert np.isfinite(got).all(), (form, linear, scale, z)
            assert (got <= 0).all()


def test_a_world_that_says_nothing_says_the_smallest_amount() -> None:
    said = item()
    who = speakers(trust(), [said])
    z = np.zeros((4, 2))
    none, negative, one, two = likely([said], np.array([[0.0], [-7.0], [1.0], [2.0]]), z, who)
    assert none == negative == one < two
    share = item(low=0.2, high=0.4, smallest=1e-3)
    assert likely([share], np.array([[0.0], [1e-3], [2e-3], [0.3]]), z, who).argsort().tolist() == [0, 1, 2, 3]


def test_a_world_without_anything_agrees_with_up_to_so_many() -> None:
    said = item(form="at_most", low=0.0, high=1000.0)
    who = speakers(trust(), [said])
    assert likely([said], np.array([[0.0]]), np.zeros((1, 2)), who)[0] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf])
def test_a_world_that_broke_is_impossible_and_not_nan(broken: float) -> None:
    items = [item("a"), item("b", "yes", interest="for"), item("c", "silence", 0.0, 0.0), item("d", "change", linear=True)]
    who = speakers(trust(), items)
    got = log_likelihood(items, np.full((1, 4), broken), *who.split(np.zeros((1, len(who.names)))), who)
    assert (got == -np.inf).all()


def test_a_figure_without_width_has_a_density() -> None:
    said = item(low=1000.0, high=1000.0)
    who = speakers(trust(), [said])
    got = likely([said], np.array([[1000.0], [2000.0]]), np.zeros((2, 2)), who)
    expected = stats.t(4).logpdf([0.0, np.log(2) / 0.4])
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_nothing_to_weigh() -> None:
    who = speakers(trust(), [])
    assert who.names == ()
    assert log_likelihood([], np.zeros((3, 0)), *who.split(np.zeros((3, 0))), who).shape == (3, 0)
