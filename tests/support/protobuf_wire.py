"""Protobuf's wire format by hand, so that no test reads with the schema that it wrote with."""

import struct
from typing import Any

WireField = tuple[int, Any]
"""Number and value: an integer is a varint, a float a double, a list a message."""


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; a negative number as 64 bits."""
    number &= (1 << 64) - 1
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*made, number])


def wire(fields: list[WireField]) -> bytes:
    """The bytes of a message."""
    return b"".join(_field(number, value) for number, value in fields)


def float32(number: int, value: float) -> bytes:
    """A field of type ``float``."""
    return varint(number << 3 | 5) + struct.pack("<f", value)


def _field(number: int, value: Any) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(int(value))
    if isinstance(value, float):
        return varint(number << 3 | 1) + struct.pack("<d", value)
    if isinstance(value, list):
        value = wire(value)
    body = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(body)) + body
