"""Protobuf's wire format, as far as devices write it: varints, doubles, texts and messages."""

import struct

_MASK = (1 << 64) - 1
_VARINT, _FIXED64, _LENGTH = 0, 1, 2


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; a negative number as 64 bits."""
    number &= _MASK
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    made.append(number)
    return bytes(made)


def whole(field: int, number: int) -> bytes:
    """A whole number, an enumeration or a flag."""
    return varint(field << 3 | _VARINT) + varint(number)


def double(field: int, number: float) -> bytes:
    """A number of 64 bits."""
    return varint(field << 3 | _FIXED64) + struct.pack("<d", number)


def blob(field: int, body: bytes | str) -> bytes:
    """A text, bytes, or a message that is made already."""
    data = body.encode() if isinstance(body, str) else body
    return varint(field << 3 | _LENGTH) + varint(len(data)) + data
