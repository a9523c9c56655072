"""Unknowns drawn by name: an Owen-scrambled radical inverse (base 2) of an Owen-shuffled world index.

Both scrambles are keyed by a hash of (seed, name). So world 17 is the same in a run of any size, each unknown is
stratified on every power of two of worlds, and adding an unknown moves no other. The nested scramble is the hash of
Laine & Karras 2011 (Stratified sampling for stochastic transparency) with the constants of Vegdahl 2021, applied as in
Burley 2020 (Practical hash-based Owen scrambling).
"""

from hashlib import blake2s

import numpy as np
from numpy.typing import NDArray

U32 = NDArray[np.uint32]


def _reverse(x: U32) -> U32:
    """Reverse the 32 bits of each element."""
    x = ((x >> np.uint32(1)) & np.uint32(0x55555555)) | ((x & np.uint32(0x55555555)) << np.uint32(1))
    x = ((x >> np.uint32(2)) & np.uint32(0x33333333)) | ((x & np.uint32(0x33333333)) << np.uint32(2))
    x = ((x >> np.uint32(4)) & np.uint32(0x0F0F0F0F)) | ((x & np.uint32(0x0F0F0F0F)) << np.uint32(4))
    x = ((x >> np.uint32(8)) & np.uint32(0x00FF00FF)) | ((x & np.uint32(0x00FF00FF)) << np.uint32(8))
    return (x >> np.uint32(16)) | (x << np.uint32(16))


def _scramble(x: U32, key: int) -> U32:
    """Nested uniform (Owen) scramble from the highest bit down; a permutation that keeps aligned blocks of 2^m together."""
    x = _reverse(x)
    x = x ^ (x * np.uint32(0x3D20ADEA))
    x = x + np.uint32(key)
    x = x * np.uint32((key >> 16) | 1)
    x = x ^ (x * np.uint32(0x05526C56))
    x = x ^ (x * np.uint32(0x53A22864))
    return _reverse(x)


def uniforms(seed: int, name: str, worlds: NDArray[np.integer]) -> NDArray[np.float64]:
    """Uniforms in (0, 1), float64[n], of one unknown for the worlds with these indices."""
    digest = blake2s(f"{seed}/{name}".encode()).digest()
    shuffle, scramble = int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:8], "big")
    index = _scramble(worlds.astype(np.uint32), shuffle)
    return (_scramble(_reverse(index), scramble).astype(np.float64) + 0.5) * 2.0**-32
