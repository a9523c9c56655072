"""Luck by address: Threefry-2x32 with key (seed, world) and counter (step, stream).

Salmon, Moraes, Dror & Shaw 2011, Parallel random numbers: as easy as 1, 2, 3. A stream is the first 32 bits of
BLAKE2s of `mechanism/stream`; two streams of one program with the same 32 bits are refused. A uniform has 23 bits and
half a step: with 24 bits the largest would round to 1 in float32 and its normal would be infinite once in 2^24 draws.

A world that was given, and not drawn by its number, may have the luck of other worlds, and on each SPAN of days that of
another one, so that reports about one month need not be met by luck that fits all others too.
"""

from hashlib import blake2s

import jax.numpy as jnp
from jax import Array

SPAN = 30  # days
_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))


def stream_number(name: str) -> int:
    """First 32 bits of BLAKE2s of the stream's full name."""
    return int.from_bytes(blake2s(name.encode()).digest()[:4], "big")


def threefry2x32(key: tuple[Array, Array], counter: tuple[Array, Array]) -> tuple[Array, Array]:
    """Twenty rounds of Threefry-2x32 on uint32 scalars."""
    ks = (key[0], key[1], key[0] ^ key[1] ^ jnp.uint32(0x1BD11BDA))
    x0, x1 = counter[0] + ks[0], counter[1] + ks[1]
    for group in range(5):
        for r in _ROTATIONS[group % 2]:
            x0 = x0 + x1
            x1 = ((x1 << jnp.uint32(r)) | (x1 >> jnp.uint32(32 - r))) ^ x0
        x0 = x0 + ks[(group + 1) % 3]
        x1 = x1 + ks[(group + 2) % 3] + jnp.uint32(group + 1)
    return x0, x1


def to_uniform(bits: Array, dtype: jnp.dtype) -> Array:
    """uint32 -> (0, 1): the upper 23 bits and half a step, the same number in float32 and float64."""
    upper: Array = (bits >> jnp.uint32(9)).astype(dtype)
    return upper * 2.0**-23 + 2.0**-24


class DayLuck:
    """Luck of one world on one step for one mechanism; remembers its streams so that collisions can be refused."""

    def __init__(self, seed: Array, world: Array, step: Array, dtype: jnp.dtype, mechanism: str, streams: dict[int, str]) -> None:
        self._key, self._step, self._dtype, self._mechanism, self._streams = (seed, world), step, dtype, mechanism, streams

    def uniforms(self, stream: str) -> tuple[Array, Array]:
        """Two independent uniforms in (0, 1). Raises ValueError if two streams share their 32 bits."""
        name = f"{self._mechanism}/{stream}"
        number = stream_number(name)
        if self._streams.setdefault(number, name) != name:
            raise ValueError(f'luck streams "{name}" and "{self._streams[number]}" have the same number; rename one')
        a, b = threefry2x32(self._key, (self._step, jnp.uint32(number)))
        return to_uniform(a, self._dtype), to_uniform(b, self._dtype)
