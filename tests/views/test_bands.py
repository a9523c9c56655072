"""Quantiles agree with NumPy's own; a world that is not finite is never left out in silence."""

import numpy as np
import pytest

from materiel.views.bands import bands, quantiles


@pytest.mark.parametrize("worlds", [1, 2, 5, 64, 1001])
def test_quantiles_agree_with_numpy(worlds):
    values = np.random.default_rng(1).lognormal(size=(3, worlds))
    at = (0.0, 0.05, 0.5, 0.95, 1.0)
    np.testing.assert_allclose(quantiles(values, at), np.quantile(values, at, axis=-1), rtol=1e-12)


def test_bands_are_in_order_and_do_not_touch_their_input():
    values = np.random.default_rng(2).normal(size=(4, 100))
    before = values.copy()
    b = bands(values)
    assert (np.diff(np.stack(b), axis=0) >= 0).all()
    assert b.p50.shape == (4,)
    np.testing.assert_array_equal(values, before)


def test_a_world_that_is_not_finite_is_named():
    values = np.zeros((2, 10))
    values[1, 3] = np.nan
    with pytest.raises(ValueError, match="1 world"):
        bands(values)
