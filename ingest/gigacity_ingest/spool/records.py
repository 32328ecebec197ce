"""What one spooled record says about its batch, and its header on disk. Pure."""

from typing import Literal

import msgspec

Compression = Literal["none", "gzip"]


class Arrival(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The part of a batch that one ``arrival`` row speaks of."""

    measurement: str
    area: str
    points: int
    from_ms: int
    to_ms: int


class SpoolRecord(msgspec.Struct, frozen=True, gc=False):
    """One encoded batch, ready to be posted."""

    policy: str
    """Name of the retention policy that it goes to."""
    precision: str
    """Unit of its timestamps: ``ms``, ``s`` or ``ns``."""
    points: int
    oldest_ms: int
    newest_ms: int
    body: bytes
    """Line protocol."""
    compression: Compression = "none"
    arrivals: tuple[Arrival, ...] = ()


class SpooledRecord(msgspec.Struct, frozen=True, gc=False):
    """A record as it comes back from the spool."""

    sequence: int
    """Given to ``confirm`` once the database has it."""
    spooled_ms: int
    """When it was spooled, by the worker's clock."""
    record: SpoolRecord


class RecordHeader(msgspec.Struct, frozen=True, gc=False):
    """A record without its body. Fields may be added with a default, never removed or renamed."""

    policy: str
    precision: str
    points: int
    oldest_ms: int
    newest_ms: int
    spooled_ms: int
    compression: Compression = "none"
    arrivals: tuple[Arrival, ...] = ()


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(RecordHeader)


def encode_header(record: SpoolRecord, spooled_ms: int) -> bytes:
    """The header of a record as it is stored."""
    return _ENCODER.encode(
        RecordHeader(
            policy=record.policy,
            precision=record.precision,
            points=record.points,
            oldest_ms=record.oldest_ms,
            newest_ms=record.newest_ms,
            spooled_ms=spooled_ms,
            compression=record.compression,
            arrivals=record.arrivals,
        )
    )


def decode_header(header: bytes) -> RecordHeader | None:
    """The header, or None if this version does not understand it."""
    try:
        return _DECODER.decode(header)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def join_record(sequence: int, header: RecordHeader, body: bytes) -> SpooledRecord:
    """The record that a header and a body make."""
    record = SpoolRecord(
        policy=header.policy,
        precision=header.precision,
        points=header.points,
        oldest_ms=header.oldest_ms,
        newest_ms=header.newest_ms,
        body=body,
        compression=header.compression,
        arrivals=header.arrivals,
    )
    return SpooledRecord(sequence, header.spooled_ms, record)
