"""CBOR (RFC 8949), as far as constrained devices write SenML: arrays, maps, numbers, texts."""

import struct
from typing import Any

_UNSIGNED, _NEGATIVE, _TEXT, _ARRAY, _MAP = 0, 1, 3, 4, 5
_DOUBLE, _FALSE, _TRUE = b"\xfb", b"\xf4", b"\xf5"
_SIZES = ((0x100, 24, ">B"), (0x1_0000, 25, ">H"), (0x1_0000_0000, 26, ">I"), (1 << 64, 27, ">Q"))


def cbor(value: Any) -> bytes:
    """The bytes of a value.

    Raises:
        TypeError: of a type that no such device writes.
    """
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if isinstance(value, int):
        return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
    if isinstance(value, float):
        return _DOUBLE + struct.pack(">d", value)
    if isinstance(value, str):
        text = value.encode()
        return _head(_TEXT, len(text)) + text
    if isinstance(value, list):
        return _head(_ARRAY, len(value)) + b"".join(map(cbor, value))
    if isinstance(value, dict):
        return _head(_MAP, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())
    raise TypeError(f"{type(value).__name__} has no place in a pack")


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    extra, form = next((extra, form) for end, extra, form in _SIZES if number < end)
    return bytes([major << 5 | extra]) + struct.pack(form, number)
