"""Luck: published known answers, range, and independence of what else is drawn."""

import jax.numpy as jnp
import numpy as np
import pytest

from materiel.worlds.luck import DayLuck, stream_number, threefry2x32, to_uniform

# Random123 1.09, known-answer file, threefry2x32 with 20 rounds: counter, key -> result
KNOWN = [
    ((0x00000000, 0x00000000), (0x00000000, 0x00000000), (0x6B200159, 0x99BA4EFE)),
    ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
    ((0x243F6A88, 0x85A308D3), (0x13198A2E, 0x03707344), (0xC4923A9C, 0x483DF7A0)),
]


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN)
def test_known_answers(counter, key, result):
    got = threefry2x32(tuple(map(jnp.uint32, key)), tuple(map(jnp.uint32, counter)))
    assert tuple(int(x) for x in got) == result


def test_uniforms_never_reach_the_ends():
    ends = to_uniform(jnp.array([0, 2**32 - 1], jnp.uint32), jnp.float32)
    assert 0.0 < float(ends[0]) < float(ends[1]) < 1.0


def test_uniforms_are_uniform_and_the_two_of_a_stream_are_independent():
    luck = DayLuck(jnp.uint32(7), jnp.arange(100_000, dtype=jnp.uint32), jnp.uint32(3), jnp.float32, "m", {})
    a, b = (np.asarray(x, np.float64) for x in luck.uniforms("s"))
    # five standard errors of a mean (sd sqrt(1/12)) and of a correlation over 1e5 draws
    assert abs(a.mean() - 0.5) < 5 * np.sqrt(1 / 12 / len(a))
    assert abs(np.corrcoef(a, b)[0, 1]) < 5 / np.sqrt(len(a))
    counts = np.histogram(a, 64, (0, 1))[0]
    assert ((counts - len(a) / 64) ** 2 / (len(a) / 64)).sum() < 120  # chi-square, 63 degrees of freedom: P < 1e-4


def test_two_streams_with_one_number_are_refused():
    luck = DayLuck(jnp.uint32(1), jnp.uint32(0), jnp.uint32(0), jnp.float32, "m", {stream_number("m/s"): "other/stream"})
    with pytest.raises(ValueError, match="rename one"):
        luck.uniforms("s")
