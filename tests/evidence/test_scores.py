"""Scores against closed forms of the normal, exact binomial limits, and rows invented so that the answer is known."""

import numpy as np
import pytest
from scipy.stats import norm

from materiel.evidence import scores
from materiel.evidence.scores import Coverage, Skill


def normal_quantiles(n):
    """Points whose CRPS differs from the normal's by an integration error of order 1/n."""
    return norm.ppf((np.arange(n) + 0.5) / n)


@pytest.mark.parametrize(("y", "exact"), [(0.0, 0.23369), (1.0, 0.60244)])
def test_normal(y, exact):
    # Gneiting and Raftery 2007, eq. 21; half of the last digit given, and the mid-point rule's error (below 1e-5 here)
    assert scores.crps(normal_quantiles(20_000), y) == pytest.approx(exact, abs=2e-5)


def test_a_shifted_and_stretched_normal():
    z = (7.0 - 3.0) / 2.0
    exact = 2.0 * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    assert scores.crps(3.0 + 2.0 * normal_quantiles(20_000), 7.0) == pytest.approx(exact, abs=5e-5)


def test_weights_by_the_definition():
    rng = np.random.default_rng(2)
    x, w, y = rng.normal(size=60), rng.random(60), 0.4
    s = w / w.sum()
    apart = float((s[:, None] * s * np.abs(x[:, None] - x)).sum())
    near = float(s @ np.abs(x - y))
    assert scores.crps(x, y, w) == pytest.approx(near - 0.5 * apart, rel=1e-12)
    assert scores.fair_crps(x, y, w) == pytest.approx(near - 0.5 * apart / (1 - s @ s), rel=1e-12)


def test_a_weight_is_a_number_of_copies():
    x = np.array([1.0, 2.0, 5.0])
    copied = np.repeat(x, [3, 1, 2])
    assert scores.crps(x, 2.5, np.array([3.0, 1.0, 2.0])) == pytest.approx(scores.crps(copied, 2.5), rel=1e-12)
    assert scores.pit(x, 2.5, 0.5, np.array([3.0, 1.0, 2.0])) == pytest.approx(4 / 6)
    assert scores.inside(x, 5.0, 50, np.array([3.0, 1.0, 2.0])) == scores.inside(copied, 5.0, 50)


def test_one_value_scores_its_distance():
    assert scores.crps([4.0], 1.5) == pytest.approx(2.5)
    assert scores.fair_crps([4.0], 1.5) == pytest.approx(2.5)


def test_the_fair_score_does_not_favour_a_size():
    # over many draws the mean of the fair score of 4 members is the score of the whole normal; the plain one is above it
    rng = np.random.default_rng(5)
    drawn = rng.normal(size=(4000, 4))
    fair = np.array([scores.fair_crps(x, 0.0) for x in drawn])
    plain = np.array([scores.crps(x, 0.0) for x in drawn])
    error = fair.std() / np.sqrt(len(fair))
    assert abs(fair.mean() - 0.23369) < 4 * error
    assert plain.mean() - 0.23369 > 10 * error


def test_events():
    assert scores.log_score(0.25, True) == pytest.approx(np.log(4))
    assert scores.log_score(0.25, False) == pytest.approx(-np.log(0.75))
    assert scores.log_score(0.0, True) == pytest.approx(-np.log(scores.FLOOR))  # never infinite
    assert scores.log_score(1.0, False) == pytest.approx(-np.log(scores.FLOOR))
    assert scores.brier(0.7, True) == pytest.approx(0.09)
    assert scores.brier(0.7, False) == pytest.approx(0.49)


def test_pit_with_ties():
    x = [0.0, 0.0, 0.0, 1.0]
    assert scores.pit(x, 0.0, 0.2) == pytest.approx(0.15)
    assert scores.pit(x, 1.0, 0.2) == pytest.approx(0.8)
    assert scores.pit(x, -1.0, 0.2) == 0.0
    assert scores.pit(x, 2.0, 0.2) == pytest.approx(1.0)


def test_pit_tells_a_right_forecast_from_a_narrow_one():
    rng = np.random.default_rng(8)
    seen, u = rng.normal(size=200), rng.random(200)
    right = [scores.pit(normal_quantiles(400), y, v) for y, v in zip(seen, u, strict=True)]
    narrow = [scores.pit(0.4 * normal_quantiles(400), y, v) for y, v in zip(seen, u, strict=True)]
    assert scores.uniformity(right) > 0.01
    assert scores.uniformity(narrow) < 1e-6
    assert scores.uniformity(right[:19]) is None


def test_coverage_of_a_right_forecast():
    x = normal_quantiles(10_000)
    for level in scores.LEVELS:
        edge = norm.ppf(0.5 + level / 200)
        assert scores.inside(x, edge - 1e-3, level)
        assert not scores.inside(x, edge + 1e-3, level)
        assert scores.inside(x, -edge + 1e-3, level)
        assert not scores.inside(x, -edge - 1e-3, level)


def test_coverage_in_words():
    assert str(Coverage(13, 15)) == "13 of 15; 60-98 %"
    assert Coverage(13, 15).interval == pytest.approx((0.5954, 0.9834), abs=1e-4)
    assert Coverage(0, 10).interval == pytest.approx((0.0, 1 - 0.025**0.1))  # Clopper and Pearson's closed case
    assert Coverage(10, 10).interval == pytest.approx((0.025**0.1, 1.0))
    assert str(Coverage(0, 0)) == "none yet"


def test_skill():
    ours, theirs = np.full(20, 1.0), np.full(20, 2.0)
    assert scores.skill(ours, theirs) == Skill(0.5, 0.5, 0.5)
    assert scores.skill(theirs, ours).verdict == "worse"
    assert scores.skill([], []) == Skill(None, None, None)
    assert scores.skill([1.0], [0.0]) == Skill(None, None, None)


def test_skill_says_when_too_few_were_scored():
    few = scores.skill([1.0] * 7, [2.0] * 7)
    assert few == Skill(0.5, None, None)
    assert str(few) == "0.50, too few to tell"
    rng = np.random.default_rng(4)
    even = scores.skill(rng.exponential(size=30), rng.exponential(size=30))
    assert even.low < 0 < even.high
    assert str(even).endswith("too few to tell")
    clear = scores.skill(rng.exponential(size=100), 3 * rng.exponential(size=100))
    assert str(clear).endswith("better")


def test_blocks_widen_the_interval_of_what_hangs_together():
    # ten years of scores that stay up or down for a year at a time: single months would look like 120 witnesses
    rng = np.random.default_rng(6)
    ours, theirs = np.repeat(rng.exponential(size=10), 12), np.repeat(rng.exponential(size=10), 12)
    alone, together = scores.skill(ours, theirs), scores.skill(ours, theirs, block=12)
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(9)
    found = [scores.skill(rng.exponential(size=60), 2 * rng.exponential(size=60)) for _ in range(200)]
    held = sum(s.low <= 0.5 <= s.high for s in found)
    assert 175 <= held <= 199  # 95 % of 200 is 190; a percentile interval is a little too narrow


def test_how_many_independent_values():
    rng = np.random.default_rng(3)
    noise = rng.normal(size=4000)
    assert scores.independent(noise) == pytest.approx(4000, rel=0.15)
    row = np.empty(4000)
    row[0] = noise[0]
    for k in range(1, 4000):
        row[k] = 0.6 * row[k - 1] + noise[k]
    # an autoregression of 0.6 is worth n (1 - 0.6) / (1 + 0.6)
    assert scores.independent(row) == pytest.approx(1000, rel=0.25)
    assert scores.independent([2.0, 2.0, 2.0]) == 3.0
    assert scores.independent([]) == 0.0


def test_rules_of_thumb():
    days = np.array([0.0, 30.0, 60.0, 90.0])
    values = 5.0 + 0.1 * days
    assert scores.persistence(days, values, 120.0) == pytest.approx(14.0)
    assert scores.trend(days, values, 120.0) == pytest.approx(17.0)
    assert scores.trend(days[:2], values[:2], 60.0) is None
    assert scores.trend(np.zeros(4), values, 60.0) is None
    assert scores.persistence(days[:0], values[:0], 60.0) is None
    long = np.concatenate([np.full(20, 1e6), np.arange(scores.POINTS)])
    assert scores.trend(np.arange(len(long)) * 1.0, long, float(len(long))) == pytest.approx(scores.POINTS)  # the last few only
    assert list(scores.climatology([3.0, 1.0])) == [3.0, 1.0]
    assert scores.climatology([]) is None


def test_a_reference_has_the_spread_of_its_own_errors():
    assert list(scores.reference(scores.persistence, [0.0], [4.0], 1.0)) == [4.0]
    said = scores.reference(scores.persistence, [0.0, 1.0, 2.0], [4.0, 5.0, 3.0], 3.0)
    assert sorted(said) == [1.0, 2.0, 4.0, 5.0]  # 3 plus and minus the errors 1 and 2
    assert scores.reference(scores.trend, [0.0, 1.0], [4.0, 5.0], 3.0) is None
    line = scores.reference(scores.trend, [0.0, 1.0, 2.0, 3.0], [0.0, 1.0, 2.0, 3.0], 4.0)
    assert line == pytest.approx([4.0, 4.0])
