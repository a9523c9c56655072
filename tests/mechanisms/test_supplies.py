"""Declared series: what was declared arrives, from outside or from what the giver has."""

import numpy as np

from materiel.mechanisms import Supplies

from .toolkit import bench

TEXT = """
goods: {shell: {name: shells}}
stocks:
  friend.shell: {held: 30k rounds}
supplies:
  outside:
    from: maker
    to: north
    good: shell
    scale: 1
    steps: [{from: 2020-01-11, rate: 100 rounds/day}, {from: 2020-01-31, rate: 0 rounds/day}, {from: 2020-03-01, rate: 1k rounds/day}]
  own: {from: friend, to: south, good: shell, scale: 1, steps: [{from: 2020-01-01, rate: 1k rounds/day}]}
"""


def test_what_was_declared_arrives():
    """The integral of the steps: 20 days of 100 from day 10, nothing, 1000 a day from day 60 (2020 is a leap year)."""
    h = bench(TEXT, Supplies).run(100)
    t = h.days
    declared = 100 * (np.clip(t, 10, 30) - 10) + 1000 * np.clip(t - 60, 0, None)
    np.testing.assert_allclose(h.measures["supplied[outside]"][:, 0], declared, rtol=1e-6)
    np.testing.assert_allclose(h.measures["held[north.shell]"][:, 0], declared, rtol=1e-6)
    np.testing.assert_allclose(h.accounts["source:given/outside"][:, 0], -declared, rtol=1e-6)


def test_a_giver_gives_what_it_has():
    h = bench(TEXT, Supplies).run(60)
    np.testing.assert_allclose(h.measures["supplied[own]"][:, 0], np.minimum(1000 * h.days, 30_000), rtol=1e-6)
    assert h.accounts["depot:friend/shell"].min() >= 0
    assert "source:given/own" not in h.accounts


def test_the_scale_multiplies():
    h = bench(TEXT, Supplies).run(100, {"supplies.outside.scale": np.array([0.0, 0.5, 1.0, 2.0])})
    got = h.measures["supplied[outside]"][-1]
    np.testing.assert_allclose(got, got[2] * np.array([0.0, 0.5, 1.0, 2.0]), rtol=1e-6)


def test_the_step_of_time_does_not_matter_on_whole_days():
    b = bench(TEXT, Supplies)
    day, half = b.run(100), b.run(200, step=0.5)
    np.testing.assert_allclose(day.measures["supplied[outside]"][:, 0], half.measures["supplied[outside]"][::2, 0], rtol=1e-6)
