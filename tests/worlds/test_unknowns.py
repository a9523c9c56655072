"""Unknowns: the same for a world in every run, stratified on every power of two, independent by name."""

import numpy as np
import pytest
from scipy.stats import kstest

from materiel.worlds.unknowns import uniforms


@pytest.mark.parametrize("power", [1, 4, 7, 10])
def test_each_power_of_two_is_stratified(power):
    n = 2**power
    for first in (0, n, 5 * n):
        u = uniforms(7, "a.number", np.arange(first, first + n))
        assert sorted(np.floor(u * n)) == list(range(n))


def test_a_world_is_the_same_in_any_run():
    whole = uniforms(7, "x", np.arange(5000))
    np.testing.assert_array_equal(uniforms(7, "x", np.arange(17, 18)), whole[17:18])
    np.testing.assert_array_equal(uniforms(7, "x", np.arange(1000)), whole[:1000])


def test_names_and_seeds_are_independent():
    n = 4096
    columns = np.stack([uniforms(seed, name, np.arange(n)) for seed in (7, 8) for name in (f"p{k}" for k in range(60))])
    r = np.corrcoef(columns)[np.triu_indices(len(columns), 1)]
    assert np.abs(r).max() < 6 / np.sqrt(n)  # 7,140 pairs: independent columns pass this but for one in about 1e5
    assert 0.7 / np.sqrt(n) < r.std() < 1.3 / np.sqrt(n)


def test_uniform_in_the_large():
    assert kstest(uniforms(3, "y", np.arange(10_000)), "uniform").pvalue > 0.01
    u = uniforms(3, "y", np.arange(10_000))
    assert 0 < u.min() < u.max() < 1
