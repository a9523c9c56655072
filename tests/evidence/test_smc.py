"""Sequential Monte Carlo against exact posteriors: Gaussian algebra, enumeration, and ranks over many invented truths."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import chi2, norm

from materiel.evidence import smc
from materiel.evidence.smc import Collapse, absorb, effective, fit, move, next_exponent, start, systematic

NO = np.zeros(1, bool)


def nothing_known(z, said):
    return np.zeros(len(z))


class Linear(NamedTuple):
    """150 reports of 12 origins about 20 mixtures of 100 unknowns, and the exact posterior of unknowns and origins."""

    shares: np.ndarray  # [report, unknown]
    errors: np.ndarray  # [report, origin]
    seen: np.ndarray
    mean: np.ndarray
    covariance: np.ndarray


NOISE, COMMON = 0.4, 0.3


@pytest.fixture(scope="module")
def linear():
    rng = np.random.default_rng(1)
    mixtures = np.linalg.qr(rng.standard_normal((100, 20)))[0]
    shares = 0.12 * rng.standard_normal((150, 20)) @ mixtures.T
    errors = np.zeros((150, 12))
    errors[np.arange(150), rng.integers(0, 12, 150)] = COMMON
    seen = shares @ rng.standard_normal(100) + errors @ rng.standard_normal(12) + NOISE * rng.standard_normal(150)
    design = np.hstack([shares, errors]) / NOISE
    covariance = np.linalg.inv(np.eye(112) + design.T @ design)
    return Linear(shares, errors, seen, covariance @ design.T @ seen / NOISE, covariance)


def test_150_reports_on_100_unknowns(linear):
    cheap = np.arange(112) >= 100

    def predict(z, luck):
        return z[:, :100] @ linear.shares.T

    def likelihood(z, said):
        return -0.5 * (((linear.seen - said - z[:, 100:] @ linear.errors.T) / NOISE) ** 2).sum(axis=1)

    rng = np.random.default_rng(3)
    # without moves nothing is left, even with the errors of origins integrated out
    plain = rng.standard_normal((4096, 100)) @ linear.shares.T
    spread = NOISE**2 * np.eye(150) + linear.errors @ linear.errors.T
    off = linear.seen - plain
    assert effective(-0.5 * np.einsum("nr,nr->n", off @ np.linalg.inv(spread), off)) < 3

    cloud = absorb(start(8192, cheap, predict, rng), nothing_known, likelihood, predict, rng)
    assert cloud.simulations <= 40
    assert np.array_equal(cloud.said, predict(cloud.z, cloud.luck))
    assert all(kept == (k % 2 == 1) for k, (*_, kept) in enumerate(cloud.stages))  # told openly
    assert sum(1 for _ in cloud.stages) == cloud.simulations - 1
    values, vectors = np.linalg.eigh(linear.covariance[:100, :100])
    informed = values < 0.9
    assert informed.sum() == 20
    along = (cloud.z[:, :100] - linear.mean[:100]) @ vectors
    ratio = along.var(axis=0) / values
    assert np.abs(ratio[informed] - 1).max() < 0.1
    # 4 standard errors of about a thousand independent particles
    assert (np.abs(along[:, informed].mean(axis=0)) / np.sqrt(values[informed])).max() < 4 / np.sqrt(1000)
    assert np.abs(ratio[~informed] - 1).max() < 0.1
    origins = cloud.z[:, 100:] - linear.mean[100:]
    assert np.abs(origins.var(axis=0) / np.diag(linear.covariance)[100:] - 1).max() < 0.15


def test_in_two_portions_as_in_one(linear):
    """Reports that come later are absorbed on top of the others, which is what a forecast through the months does."""
    few = slice(0, 6)
    design, seen = linear.shares[few] * 8 / NOISE, linear.seen[few] * 4
    covariance = np.linalg.inv(np.eye(100) + design.T @ design)
    mean = covariance @ design.T @ seen / NOISE

    def predict(z, luck):
        return z @ design.T * NOISE

    def likelihood(part):
        return lambda z, said: -0.5 * (((seen - said)[:, part] / NOISE) ** 2).sum(axis=1)

    rng = np.random.default_rng(4)
    first, later = likelihood(slice(0, 3)), likelihood(slice(3, 6))
    none = np.zeros(100, bool)
    half = absorb(start(2048, none, predict, rng), nothing_known, first, predict, rng)
    whole = absorb(half, first, later, predict, rng)
    values, vectors = np.linalg.eigh(covariance)
    along = ((whole.z - mean) @ vectors)[:, :6]
    assert whole.simulations > half.simulations
    assert np.abs(along.var(axis=0) / values[:6] - 1).max() < 0.2
    assert (np.abs(along.mean(axis=0)) / np.sqrt(values[:6])).max() < 0.2


def uniform(luck):
    """A uniform that a stream of luck stands for: Weyl's sequence with the golden ratio."""
    return (luck[:, 0] * 0.6180339887498949) % 1.0 * (1 - 2e-9) + 1e-9


def test_ranks_of_the_truth_are_uniform():
    """Simulation-based calibration (Talts et al. 2018): three unknowns and luck, a product and a threshold, 1,000 invented truths.

    Of 128 particles with two moves a stage the ranks of 2,000 truths are measurably bent, because copies have not parted yet; of 512, or
    after six moves, they are not.
    """
    truths, n, kept = 1000, 512, 15
    error = 0.4

    def predict(z, luck):
        amount = 0.5 * z[:, 0] + np.where(z[:, 1] > 0.3, z[:, 2], 0.5 * ndtri(uniform(luck)))
        return np.column_stack([amount, 0.4 * z[:, 0] * z[:, 1], amount + ndtri(uniform(luck))])

    rng = np.random.default_rng(11)
    ranks = []
    for _ in range(truths):
        truth, luck = rng.standard_normal((1, 3)), rng.integers(0, smc.LUCK, (1, 1))
        said = predict(truth, luck)[0]
        seen = said + error * rng.standard_normal(3)

        def likelihood(z, said, seen=seen):
            return -0.5 * (((seen - said) / error) ** 2).sum(axis=1)

        cloud = absorb(start(n, np.zeros(3, bool), predict, rng), nothing_known, likelihood, predict, rng)
        some = rng.choice(n, kept, replace=False)
        of_cloud = np.column_stack([cloud.z, cloud.said[:, 0], uniform(cloud.luck)])[some]
        ranks.append((of_cloud < np.concatenate([truth[0], said[:1], uniform(luck)])).sum(axis=0))
    for column in np.array(ranks).T:
        counts = np.bincount(column // 2, minlength=8)  # 16 ranks in 8 bins
        square = ((counts - truths / 8) ** 2 / (truths / 8)).sum()
        assert chi2.sf(square, 7) > 0.01 / 5  # five statistics at 1 % together


def test_where_luck_decides():
    """Luck shifts what a world says by one of three amounts: the posterior of the shift is known by enumeration."""
    error, seen, shifts = 0.5, 1.2, np.array([-2.0, 0.0, 1.0])

    def predict(z, luck):
        return z + shifts[luck % 3]

    def likelihood(z, said):
        return -0.5 * ((seen - said[:, 0]) / error) ** 2

    chance = norm.pdf(seen, shifts, np.sqrt(1 + error**2))
    chance /= chance.sum()
    means = (seen - shifts) / (1 + error**2)
    rng = np.random.default_rng(5)
    cloud = absorb(start(20000, NO, predict, rng), nothing_known, likelihood, predict, rng)

    def agrees(cloud):
        for k, (p, m) in enumerate(zip(chance, means, strict=True)):
            here = cloud.z[cloud.luck[:, 0] % 3 == k, 0]
            assert len(here) / 20000 == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / 5000))  # a quarter counted as independent
            assert here.mean() == pytest.approx(m, abs=4 * error / np.sqrt(max(len(here), 1) / 4))
            assert here.std() == pytest.approx(error / np.sqrt(1 + error**2), rel=0.15)

    agrees(cloud)
    # moves that keep luck leave the posterior as it is and never change a stream; the others renew it
    level = likelihood(cloud.z, cloud.said)
    kept = cloud
    for _ in range(5):
        kept, level, accepted = move(kept, level, likelihood, predict, 0.7, rng, keep_luck=True)
        assert accepted > 0.3
    assert np.array_equal(kept.luck, cloud.luck)
    assert (kept.z != cloud.z).mean() > 0.9
    agrees(kept)
    fresh, level, _ = move(kept, level, likelihood, predict, 0.7, rng, keep_luck=False)
    assert 0.1 < (fresh.luck != kept.luck).mean() < 0.9
    assert np.array_equal(level, likelihood(fresh.z, fresh.said))
    agrees(fresh)


def test_cheap_unknowns_cost_no_simulation():
    """An error of the speaker takes half of what is reported when it is as wide as the unknown itself."""
    calls = []

    def predict(z, luck):
        calls.append(len(z))
        return z[:, :1]

    def likelihood(z, said):
        return -0.5 * ((4 - said[:, 0] - z[:, 1]) / 0.2) ** 2

    rng = np.random.default_rng(6)
    cloud = absorb(start(4000, np.array([False, True]), predict, rng), nothing_known, likelihood, predict, rng)
    assert len(calls) == cloud.simulations
    np.testing.assert_allclose(cloud.z.mean(axis=0), 4 / (2 + 0.04), atol=0.1)
    np.testing.assert_allclose(np.corrcoef(cloud.z.T)[0, 1], -(1 / 2.04) / (1 - 1 / 2.04), atol=0.02)


def plain(z, luck):
    return z


def test_an_impossible_report_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(Collapse, match="of 512 particles 0 can"):
        absorb(start(512, NO, plain, rng), nothing_known, lambda z, said: np.full(len(z), -np.inf), plain, rng)
    with pytest.raises(Collapse, match="of 512 particles 0 can"):
        absorb(start(512, NO, plain, rng), nothing_known, lambda z, said: np.full(len(z), np.nan), plain, rng)


def test_a_certain_report_that_few_worlds_can_produce():
    """Certain that the unknown is above 1.5, which 7 of 100 particles of the prior are: the tail of a normal."""
    rng = np.random.default_rng(1)

    def certain(z, said):
        return np.where(said[:, 0] > 1.5, 0.0, -np.inf)

    cloud = absorb(start(4000, NO, plain, rng), nothing_known, certain, plain, rng)
    assert cloud.z.min() > 1.5
    assert cloud.z.mean() == pytest.approx(norm.pdf(1.5) / norm.sf(1.5), abs=0.06)


@pytest.mark.parametrize("error", [1e-3, 1e-8, 1e-150])
def test_contradictory_certain_reports_never_give_nan(error):
    """Two speakers are certain, one of 1 and one of -1: they meet between them or the whole is refused."""
    rng = np.random.default_rng(2)

    def both(z, said):
        with np.errstate(over="ignore"):
            return -0.5 * (((1 - said) / error) ** 2 + ((-1 - said) / error) ** 2)[:, 0]

    try:
        cloud = absorb(start(512, NO, plain, rng), nothing_known, both, plain, rng)
    except Collapse as refused:
        assert "exclude each other" in str(refused) or "absorbed only" in str(refused) or "can produce" in str(refused)  # noqa: PT017
        assert error < 1e-3  # the mildest must be absorbed
    else:
        assert np.isfinite(cloud.z).all()
        assert np.isfinite(cloud.said).all()
        assert np.abs(cloud.z).max() < 0.1


def test_a_proposal_without_a_likelihood_is_never_taken():
    rng = np.random.default_rng(7)
    seen = []

    def likelihood(z, said):
        seen.append((said < 0).any())
        return np.where(said[:, 0] < 0, np.nan, -0.5 * (said[:, 0] - 1) ** 2)

    cloud = absorb(start(1024, NO, plain, rng), nothing_known, likelihood, plain, rng)
    assert sum(seen) >= 2
    assert cloud.z.min() >= 0


def test_the_step_leaves_the_fitted_gaussian_as_it_is():
    rng = np.random.default_rng(8)
    wide = rng.standard_normal((50000, 6))
    wide[:, 0] = 0.2 * wide[:, 0] + 1.5
    about = fit(wide)
    assert about.basis.shape[1] in (1, 2)
    for size in (0.1, 0.6, 0.999):
        moved = about.step(wide, size, rng)
        np.testing.assert_allclose(moved.mean(axis=0), wide.mean(axis=0), atol=0.03)
        np.testing.assert_allclose(np.cov(moved.T), np.cov(wide.T), atol=0.03)
        if size == 0.6:
            assert np.corrcoef(moved[:, 1], wide[:, 1])[0, 1] == pytest.approx(0.8, abs=0.01)  # sqrt(1 - 0.6^2)
    exact = norm.logpdf(wide[:, 0]) - norm.logpdf(wide[:, 0], wide[:, 0].mean(), wide[:, 0].std())
    off = about.log_excess(wide) - exact
    assert np.abs(off - off.mean()).max() < 0.3  # the fit is of this sample, tilted by a thousandth


def test_the_pieces():
    assert effective(np.zeros(10)) == pytest.approx(10)
    assert effective(np.array([0.0, -np.inf, -np.inf])) == pytest.approx(1)
    assert effective(np.full(4, -np.inf)) == 0
    # weights exp(s z) leave exp(-s^2) of the particles
    z = ndtri((np.arange(200_000) + 0.5) / 200_000)
    assert effective(0.7 * z) / len(z) == pytest.approx(np.exp(-0.49), rel=0.01)
    to = next_exponent(2 * z, 0.0)
    assert (2 * to) ** 2 == pytest.approx(np.log(2), rel=0.01)  # exp(-s^2) = 1/2
    assert next_exponent(0.1 * z, 0.3) == 1.0
    rng = np.random.default_rng(9)
    chosen = systematic(np.array([0.5, 0.25, 0.0, 0.25]) * 8, rng)
    assert sorted(chosen) == [0, 0, 1, 3]
    cloud = start(9, np.zeros(2, bool), plain, rng)
    assert cloud.z.shape == (9, 2)
    np.testing.assert_allclose(cloud.z[:4] + cloud.z[5:9], 0)


def test_luck_of_several_spans_is_renewed_in_part():
    """Each of six months has luck of its own and a report of its own: every month's posterior is a product of six."""
    error, seen = 0.5, np.array([1.0, -1.0, 0.5, 0.0, 2.0, -0.5])

    def predict(z, luck):
        return ndtri((luck * 0.6180339887498949) % 1.0 * (1 - 2e-9) + 1e-9)

    def likelihood(z, said):
        return -0.5 * (((seen - said) / error) ** 2).sum(axis=1)

    rng = np.random.default_rng(12)
    cloud = absorb(start(4000, NO, predict, rng, spans=6), nothing_known, likelihood, predict, rng)
    np.testing.assert_allclose(cloud.said.mean(axis=0), seen / (1 + error**2), atol=0.12)
    np.testing.assert_allclose(cloud.said.std(axis=0), error / np.sqrt(1 + error**2), rtol=0.12)
    moved, _, _ = move(cloud, likelihood(cloud.z, cloud.said), likelihood, predict, 0.2, rng, keep_luck=False)
    new = (moved.luck != cloud.luck).sum(axis=1)
    assert new.max() > 1
    assert 0.5 < new[new > 0].mean() < 3.5


def test_unknowns_that_are_not_fitted_move_about_the_prior():
    """The told unknown is narrowed, the untold one stays as it was, whichever is fitted."""
    rng = np.random.default_rng(13)

    def likelihood(z, said):
        return -0.5 * ((1.0 - said[:, 0]) / 0.5) ** 2

    for fitted in ((True, False), (False, True)):
        cloud = replace(start(8000, np.zeros(2, bool), plain, rng), fitted=np.array(fitted))
        cloud = absorb(cloud, nothing_known, likelihood, plain, rng)
        np.testing.assert_allclose(cloud.z.mean(axis=0), [0.8, 0.0], atol=0.06)
        np.testing.assert_allclose(cloud.z.std(axis=0), [np.sqrt(0.2), 1.0], rtol=0.08)
