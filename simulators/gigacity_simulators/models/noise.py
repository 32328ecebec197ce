"""Repeatable randomness as a function: no state, so a sample can be computed for any instant.

A *key* is a 64-bit integer that stands for one object under one seed. A *salt* separates the
properties of an object from each other.
"""

import zlib
from typing import Final

_MASK: Final = 0xFFFF_FFFF_FFFF_FFFF
_GOLDEN: Final = 0x9E37_79B9_7F4A_7C15
_SCALE: Final = 1.0 / 2**64


def mix(value: int) -> int:
    """Scramble 64 bits so that neighbours have nothing in common (the splitmix64 finaliser)."""
    value = (value + _GOLDEN) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return value ^ (value >> 31)


def object_key(seed: int, name: str) -> int:
    """The key of a named object; it survives changes elsewhere in the city file."""
    return mix(mix(seed) ^ zlib.crc32(name.encode()) << 32 ^ zlib.adler32(name.encode()))


def unit(key: int, salt: int) -> float:
    """A fixed number in [0, 1) for this key and salt."""
    return mix(key ^ salt * _GOLDEN) * _SCALE


def between(key: int, salt: int, low: float, high: float) -> float:
    """A fixed number in [low, high) for this key and salt."""
    return low + (high - low) * unit(key, salt)


def wobble(key: int, salt: int, at_ms: int, period_ms: int) -> float:
    """Smooth noise in [-1, 1]: a new random point every period, straight lines between them."""
    step, within = divmod(at_ms, period_ms)
    here = unit(key, salt + (step << 8))
    there = unit(key, salt + (step + 1 << 8))
    return 2.0 * (here + (there - here) * within / period_ms) - 1.0
