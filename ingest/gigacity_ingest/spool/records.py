"""What one spooled batch is, and its header on disk. Pure."""

from typing import Literal

import msgspec

Compression = Literal["none", "gzip"]


class SeriesSpan(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The times of the points that one series of a batch holds, for its late-data marker."""

    measurement: str
    area: str
    points: int
    from_ms: int
    to_ms: int


class RecordPart(msgspec.Struct, frozen=True, gc=False):
    """The lines of a batch that go to one retention policy: the body of one request."""

    policy: str
    precision: str
    """Unit of the timestamps: ``ms``, ``s`` or ``ns``."""
    points: int
    body: bytes
    """Line protocol."""
    compression: Compression = "none"


class SpoolRecord(msgspec.Struct, frozen=True, gc=False):
    """One encoded batch: stored whole or not at all, and confirmed as a whole."""

    parts: tuple[RecordPart, ...]
    oldest_ms: int
    newest_ms: int
    spans: tuple[SeriesSpan, ...] = ()
    histogram: tuple[tuple[int, int], ...] = ()
    """When points were taken (epoch ms), and how many then: how long they took is told later."""

    @property
    def points(self) -> int:
        """Points of all parts."""
        return sum(part.points for part in self.parts)


class SpooledRecord(msgspec.Struct, frozen=True, gc=False):
    """A record as it comes back from the spool."""

    number: int
    """Given to ``confirm`` once the database has all of it."""
    spooled_ms: int
    """When it was spooled, by the worker's clock."""
    record: SpoolRecord


class PartHeader(msgspec.Struct, frozen=True, gc=False):
    """A part without its body. Fields may be added with a default, never removed or renamed."""

    policy: str
    precision: str
    points: int
    body_bytes: int
    compression: Compression = "none"


class RecordHeader(msgspec.Struct, frozen=True, gc=False):
    """A record without its bodies, which follow it in order. The same rule for changes."""

    parts: tuple[PartHeader, ...]
    oldest_ms: int
    newest_ms: int
    spooled_ms: int
    spans: tuple[SeriesSpan, ...] = msgspec.field(default=(), name="arrivals")
    """The names on disk are those of the first version."""
    histogram: tuple[tuple[int, int], ...] = msgspec.field(default=(), name="moments")

    @property
    def points(self) -> int:
        """Points of all parts."""
        return sum(part.points for part in self.parts)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(RecordHeader)


def encode_record(record: SpoolRecord, spooled_ms: int) -> tuple[bytes, bytes]:
    """Header and body of a record as they are stored."""
    header = RecordHeader(
        parts=tuple(
            PartHeader(p.policy, p.precision, p.points, len(p.body), p.compression)
            for p in record.parts
        ),
        oldest_ms=record.oldest_ms,
        newest_ms=record.newest_ms,
        spooled_ms=spooled_ms,
        spans=record.spans,
        histogram=record.histogram,
    )
    return _ENCODER.encode(header), b"".join(part.body for part in record.parts)


def decode_header(header: bytes) -> RecordHeader | None:
    """The header, or None if this version does not understand it."""
    try:
        return _DECODER.decode(header)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def join_record(number: int, header: RecordHeader, body: bytes) -> SpooledRecord:
    """The record that a header and its body make."""
    parts, start = [], 0
    for part in header.parts:
        end = start + part.body_bytes
        parts.append(
            RecordPart(part.policy, part.precision, part.points, body[start:end], part.compression)
        )
        start = end
    record = SpoolRecord(
        tuple(parts), header.oldest_ms, header.newest_ms, header.spans, header.histogram
    )
    return SpooledRecord(number, header.spooled_ms, record)
