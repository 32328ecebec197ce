"""How one record lies in a segment file, and how records are found again around damage. Pure.

A frame is a head of 28 bytes, a header (msgpack) and a body, with no padding between frames:

    magic "GSP1" | sequence u64 | header bytes u32 | body bytes u32 | crc32 of header and body
    | crc32 of the 24 bytes before it          (all little-endian)

The head has a checksum of its own, so that its lengths can be trusted when only the data is
damaged, and the search goes on right behind it. A segment may end in zeros, as it is filled ahead.
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


class Head(NamedTuple):
    """The fixed part of a frame, its checksum verified."""

    sequence: int
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
    sequence: int
    frame_bytes: int
    header: bytes

    @property
    def end(self) -> int:
        """Where the next frame begins."""
        return self.offset + self.frame_bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes that are no record."""

    offset: int
    end: int


def encode_frame(sequence: int, header: bytes, body: bytes) -> bytes:
    """The bytes of one record.

    Raises:
        ValueError: the record is longer than MAX_RECORD_BYTES.
    """
    if len(header) + len(body) > MAX_RECORD_BYTES:
        raise ValueError(f"a record of {len(body)} bytes is over the limit of {MAX_RECORD_BYTES}")
    head = _HEAD.pack(MAGIC, sequence, len(header), len(body), crc32(body, crc32(header)))
    return b"".join((head, _CHECKSUM.pack(crc32(head)), header, body))


def read_head(data: bytes, offset: int = 0) -> Head | None:
    """The head at ``offset``, or None if there is none that can be trusted."""
    if len(data) - offset < HEAD_BYTES:
        return None
    magic, sequence, header_bytes, body_bytes, data_crc = _HEAD.unpack_from(data, offset)
    if magic != MAGIC or header_bytes + body_bytes > MAX_RECORD_BYTES:
        return None
    (checksum,) = _CHECKSUM.unpack_from(data, offset + _HEAD.size)
    if checksum != crc32(memoryview(data)[offset : offset + _HEAD.size]):
        return None
    return Head(sequence, header_bytes, body_bytes, data_crc)


def split_data(head: Head, data: bytes) -> tuple[bytes, bytes] | None:
    """Header and body from the bytes behind a head, or None if they are damaged or cut off."""
    if len(data) != head.header_bytes + head.body_bytes or crc32(data) != head.data_crc:
        return None
    return data[: head.header_bytes], data[head.header_bytes :]


def frame_at(data: bytes, offset: int) -> Frame | None:
    """The undamaged frame that begins at ``offset``, if there is one."""
    head = read_head(data, offset)
    if head is None or offset + head.frame_bytes > len(data):
        return None
    start = offset + HEAD_BYTES
    view = memoryview(data)[start : offset + head.frame_bytes]
    if crc32(view) != head.data_crc:
        return None
    header = bytes(view[: head.header_bytes])
    return Frame(offset, head.sequence, head.frame_bytes, header)


def scan(data: bytes) -> Iterator[Frame | Gap]:
    """Every frame of a segment, and every stretch that is none, in order.

    Between two gaps there is at least one frame; zeros at the end are no gap.
    """
    offset = 0
    while offset < len(data):
        frame = frame_at(data, offset)
        if frame is not None:
            yield frame
            offset = frame.end
            continue
        following = _find_frame(data, offset)
        if following is None:
            end = offset + len(data[offset:].rstrip(b"\0"))
            if end > offset:
                yield Gap(offset, end)
            return
        yield Gap(offset, following)
        offset = following


def _find_frame(data: bytes, damaged: int) -> int | None:
    """Where the next undamaged frame begins, behind what is damaged at ``damaged``."""
    head = read_head(data, damaged)
    at = damaged + (head.frame_bytes if head is not None else 1)
    while (at := data.find(MAGIC, at)) >= 0:
        if frame_at(data, at) is not None:
            return at
        at += 1
    return None
