"""The numbers by which hardware says "no value", as it sends them, scaled or not.

Huawei SNMP: 2147483647, 2147483646, -2147483648; OMCI unsupported counters: 2**32-2, 2**64-2;
signed and unsigned 16 bits: 32767, -32768, 65534, 65535.

A driver that scales readings scales these as well: 2147483647 becomes 21474836.47 dBm.
"""

import struct
from collections.abc import Iterator

NO_VALUE = 18446744073709551614
"""Stands for what is no number at all (nan, inf) once a text is read."""

ANY_SENTINELS = frozenset({2147483647, 2147483646, -2147483648, 4294967294, NO_VALUE})
""""No value" wherever a number is expected, in the range of a counter too."""

_WIDE = (*ANY_SENTINELS, 4294967295, 18446744073709551615)
_NARROW = (65535, 65534, 32767, -32768)


def _single(value: float) -> float:
    """As 32 bits hold it, which is what small firmware computes with."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


def _scaled(sentinel: int) -> Iterator[float]:
    """What becomes of a sentinel that is taken for a reading."""
    for divisor in (10, 100, 1000, 10_000):
        yield sentinel / divisor
        yield sentinel * (1 / divisor)
        yield _single(_single(sentinel) / divisor)
        yield _single(_single(sentinel) * _single(1 / divisor))
    yield (sentinel - 10_000) / 100  # Huawei: power of an ONU at the OLT, in dBm.
    yield sentinel * 0.002 - 30  # ZTE: power of an ONU by OMCI, in dBm.


def _rounded(value: float) -> Iterator[float]:
    """As it is printed with so many decimals; integer division cuts them off."""
    yield float(int(value))
    yield from (round(value, digits) for digits in range(7))


def _out_of_range() -> Iterator[float]:
    for sentinel in _WIDE:
        yield sentinel
        for value in _scaled(sentinel):
            yield value
            yield from _rounded(value)
    for sentinel in _NARROW:
        yield sentinel
        for value in _scaled(sentinel):
            # Rounded further, 32.767 V would be 33: a wrong unit, of which somebody must hear.
            yield from (value, round(value, 6))


SENTINELS = frozenset(_out_of_range()) | ANY_SENTINELS
""""No value" where no reading can be it: outside a field's range, or not whole in a field of whole
numbers. What a field can hold is a reading, ``ANY_SENTINELS`` apart."""
