"""How one record lies in a segment file, and how records are found again around damage. Pure.

A frame is a head of 28 bytes, a header (msgpack) and a body, with no padding between frames:

    magic "GSP1" | number u64 | header bytes u32 | body bytes u32 | crc32 of header and body
    | crc32 of the 24 bytes before it          (all little-endian)

The head has a checksum of its own, so that its lengths can be trusted when only the data is
damaged, and the search goes on right behind it. A segment may end in zeros, as it is filled ahead.

A record's number is its place: serial number of the segment and offset. So two records can never
have the same one, whatever a failing disk brings back, and a frame in another place is none.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

MAGIC = b"GSP1"
_HEAD = struct.Struct("<4sQIII")
_CHECKSUM = struct.Struct("<I")
HEAD_BYTES = _HEAD.size + _CHECKSUM.size
MAX_RECORD_BYTES = 64 << 20
"""Far above any batch; a length beyond it is damage, not a record."""


OFFSET_BITS = 32
"""Of a number; the rest is the segment's serial number."""


def number_at(serial: int, offset: int) -> int:
    """The number of a record at its place; numbers grow in the order of appends."""
    return serial << OFFSET_BITS | offset


def serial_of(number: int) -> int:
    """The segment in which a record lies."""
    return number >> OFFSET_BITS


def offset_of(number: int) -> int:
    """Where a record begins in its segment."""
    return number & (1 << OFFSET_BITS) - 1


class Head(NamedTuple):
    """The fixed part of a frame, its checksum verified."""

    number: int
    header_bytes: int
    body_bytes: int
    data_crc: int

    @property
    def frame_bytes(self) -> int:
        """Length of the whole frame."""
        return HEAD_BYTES + self.header_bytes + self.body_bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """A whole and undamaged record at its place."""

    offset: int
    number: int
    frame_bytes: int
    header: bytes

    @property
    def end(self) -> int:
        """Where the next frame begins."""
        return self.offset + self.frame_bytes


@dataclass(frozen=True, slots=True)
class FrameGap:
    """Bytes that are no record."""

    offset: int
    end: int


def encode_frame(number: int, header: bytes, body: bytes) -> bytes:
    """The bytes of one record, which is to stand at the place of its number."""
    head = _HEAD.pack(MAGIC, number, len(header), len(body), crc32(body, crc32(header)))
    return b"".join((head, _CHECKSUM.pack(crc32(head)), header, body))


def read_head(data: bytes, offset: int = 0) -> Head | None:
    """The head at ``offset``, or None if there is none that can be trusted."""
    if len(data) - offset < HEAD_BYTES:
        return None
    magic, number, header_bytes, body_bytes, data_crc = _HEAD.unpack_from(data, offset)
    if magic != MAGIC or header_bytes + body_bytes > MAX_RECORD_BYTES:
        return None
    (checksum,) = _CHECKSUM.unpack_from(data, offset + _HEAD.size)
    if checksum != crc32(memoryview(data)[offset : offset + _HEAD.size]):
        return None
    return Head(number, header_bytes, body_bytes, data_crc)


def split_data(head: Head, data: bytes) -> tuple[bytes, bytes] | None:
    """Header and body from the bytes behind a head, or None if they are damaged or cut off."""
    if len(data) != head.header_bytes + head.body_bytes or crc32(data) != head.data_crc:
        return None
    return data[: head.header_bytes], data[head.header_bytes :]


def frame_at(data: bytes, offset: int, serial: int) -> Frame | None:
    """The undamaged frame that begins at ``offset``, if there is one."""
    head = _head_here(data, offset, serial)
    if head is None or offset + head.frame_bytes > len(data):
        return None
    start = offset + HEAD_BYTES
    view = memoryview(data)[start : offset + head.frame_bytes]
    if crc32(view) != head.data_crc:
        return None
    header = bytes(view[: head.header_bytes])
    return Frame(offset, head.number, head.frame_bytes, header)


def _head_here(data: bytes, offset: int, serial: int) -> Head | None:
    head = read_head(data, offset)
    return head if head is not None and head.number == number_at(serial, offset) else None


def scan(data: bytes, serial: int) -> Iterator[Frame | FrameGap]:
    """Every frame of segment ``serial``, and every stretch that is none, in order.

    Between two gaps there is at least one frame; zeros at the end are no gap.
    """
    offset = 0
    while offset < len(data):
        frame = frame_at(data, offset, serial)
        if frame is not None:
            yield frame
            offset = frame.end
            continue
        following = _find_frame(data, offset, serial)
        if following is None:
            end = offset + len(data[offset:].rstrip(b"\0"))
            if end > offset:
                yield FrameGap(offset, end)
            return
        yield FrameGap(offset, following)
        offset = following


def _find_frame(data: bytes, damaged: int, serial: int) -> int | None:
    """Where the next undamaged frame begins, behind what is damaged at ``damaged``."""
    head = _head_here(data, damaged, serial)
    at = damaged + (head.frame_bytes if head is not None else 1)
    while (at := data.find(MAGIC, at)) >= 0:
        if frame_at(data, at, serial) is not None:
            return at
        at += 1
    return None
