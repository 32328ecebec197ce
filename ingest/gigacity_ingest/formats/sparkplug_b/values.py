"""A metric's value, by the data type that its birth stated."""

import math
import struct
from collections.abc import Callable
from typing import Any

_INTEGER_BITS = {1: 8, 2: 16, 3: 32, 4: 64}
"""Signed integers travel in unsigned fields: data type to its width."""
_UNSIGNED_BITS = {5: 8, 6: 16, 7: 32, 8: 64}
_FLOATS = frozenset({9, 10})
_BOOLEAN = 11
_TEXTS = frozenset({12, 14, 15})
_DATETIME = 13
_PACKED = {
    22: "b",
    23: "h",
    24: "i",
    25: "q",
    26: "B",
    27: "H",
    28: "I",
    29: "Q",
    30: "f",
    31: "d",
    34: "Q",
}
"""Arrays of fixed width, as ``struct`` writes them; all are little-endian."""
_BOOLEANS, _STRINGS = 32, 33
_IGNORED = {16: "data_set", 17: "bytes", 18: "file", 19: "template"}

PLAIN_MEMBERS = {
    9: "float_value",
    10: "double_value",
    11: "boolean_value",
    12: "string_value",
    14: "string_value",
    15: "string_value",
}
"""Types whose values need no reading where they stand in their own member."""

DATA_TYPES = frozenset({*range(1, 20), *range(22, 35)})
"""What a metric may be; 20 and 21 are for properties alone."""


class MetricValueError(ValueError):
    """A metric's value does not fit its data type; the text says how."""


def ignored_type(datatype: int) -> str | None:
    """The short name under which a data type is counted that no reading is made of."""
    return _IGNORED.get(datatype)


def read_value(metric: Any, datatype: int, *, is_lsb_first: bool) -> Any:
    """A metric's bare value: number, text, boolean, or a list of those; None for a NaN.

    Args:
        metric: one that is not null.
        datatype: of ``DATA_TYPES``, not ignored.
        is_lsb_first: the first boolean of an array is a byte's lowest bit.

    Raises:
        MetricValueError: the metric holds something else.
    """
    member = metric.WhichOneof("value")
    if member is None:
        raise MetricValueError("has no value and is not marked null")
    value = getattr(metric, member)
    if member == "bytes_value" and datatype in _ARRAYS:
        return _ARRAYS[datatype](value, is_lsb_first)
    if datatype in _FLOATS and isinstance(value, float):
        return value if math.isfinite(value) else None
    if datatype == _BOOLEAN and isinstance(value, bool):
        return value
    if datatype in _TEXTS and isinstance(value, str):
        return value
    if member in {"int_value", "long_value"}:
        return integer_of(value, datatype)
    raise MetricValueError(f"data type {datatype} does not stand in {member}")


def integer_of(value: int, datatype: int) -> int:
    """What an unsigned integer means by its data type.

    Encoders send -1 of eight bits as 255 and as 4294967295: the low bits decide.

    Raises:
        MetricValueError: the data type is none of an integer, or has fewer bits.
    """
    if datatype in _INTEGER_BITS:
        bits = _INTEGER_BITS[datatype]
        low = value & ((1 << bits) - 1)
        signed = low - (1 << bits) if low >> (bits - 1) else low
        if value != low and (signed >= 0 or value not in {signed & _ONES_32, signed & _ONES_64}):
            raise MetricValueError(f"{value} is no signed integer of {bits} bits")
        return signed
    if datatype in _UNSIGNED_BITS:
        if value >> _UNSIGNED_BITS[datatype]:
            raise MetricValueError(
                f"{value} is no unsigned integer of {_UNSIGNED_BITS[datatype]} bits"
            )
        return value
    if datatype == _DATETIME:
        return value
    raise MetricValueError(f"data type {datatype} does not stand in an integer")


_ONES_32, _ONES_64 = (1 << 32) - 1, (1 << 64) - 1


def _packed_reader(code: str) -> Callable[[bytes, bool], list[Any]]:
    width = struct.calcsize(f"<{code}")

    def read(packed: bytes, _is_lsb_first: bool) -> list[Any]:
        if len(packed) % width:
            raise MetricValueError(f"{len(packed)} bytes are no array of {width} bytes each")
        numbers = struct.unpack(f"<{len(packed) // width}{code}", packed)
        if code in "fd":
            return [number if math.isfinite(number) else None for number in numbers]
        return list(numbers)

    return read


def _booleans(packed: bytes, is_lsb_first: bool) -> list[bool]:
    if len(packed) < 4:
        raise MetricValueError("an array of booleans begins with 4 bytes that count them")
    count, bits = int.from_bytes(packed[:4], "little"), packed[4:]
    if len(bits) != (count + 7) // 8:
        raise MetricValueError(f"{len(bits)} bytes do not hold {count} booleans")
    shifts = range(8) if is_lsb_first else range(7, -1, -1)
    return [bool(byte >> shift & 1) for byte in bits for shift in shifts][:count]


def _strings(packed: bytes, _is_lsb_first: bool) -> list[str]:
    if packed and packed[-1]:
        raise MetricValueError("an array of texts ends each of them with a zero byte")
    try:
        return packed.decode().split("\0")[:-1]
    except UnicodeDecodeError as error:
        raise MetricValueError("an array of texts is not UTF-8") from error


_ARRAYS: dict[int, Callable[[bytes, bool], list[Any]]] = {
    **{datatype: _packed_reader(code) for datatype, code in _PACKED.items()},
    _BOOLEANS: _booleans,
    _STRINGS: _strings,
}
