"""The body of a foreign message: inflated where it is compressed, and read as JSON.

Everything is bounded: bytes before and after inflation, depth, and how many readings one message
may hold. What vendors' firmware does to JSON is forgiven as in native messages.
"""

import zlib
from typing import Any

import msgspec

from gigacity_contract.decoding import MAX_PAYLOAD_BYTES, PayloadError, RejectionReason
from gigacity_contract.decoding.document import JSON_ERRORS, read_value
from gigacity_contract.decoding.mending import without_padding
from gigacity_contract.sentinels import NO_VALUE

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW_BITS = 31
_MAX_GZIP_MEMBERS = 16
"""Each one costs a copy of what follows it; a writer that flushes makes a few."""
_decode = msgspec.json.Decoder().decode


def is_gzip(payload: bytes) -> bool:
    """Whether the bytes begin as gzip does; no JSON and no text begins so."""
    return payload[:2] == _GZIP_MAGIC


def inflated(payload: bytes, most: int = MAX_PAYLOAD_BYTES) -> bytes:
    """The bytes that gzip packed, all of its members one behind the other.

    Args:
        payload: begins as gzip does.
        most: bytes that may come out; work and memory stop there.

    Raises:
        PayloadError: more than that, or no gzip that is whole.
    """
    parts: list[bytes] = []
    room = most
    while payload:
        if len(parts) == _MAX_GZIP_MEMBERS:
            text = f"gzip: more than {_MAX_GZIP_MEMBERS} members; compress the whole at once"
            raise PayloadError(RejectionReason.BAD_ENVELOPE, text)
        member = zlib.decompressobj(_GZIP_WINDOW_BITS)
        try:
            part = member.decompress(payload, room + 1)
        except zlib.error as error:
            raise PayloadError(RejectionReason.BAD_ENVELOPE, f"gzip: {error}") from error
        room -= len(part)
        if room < 0:
            raise PayloadError(RejectionReason.TOO_LARGE, f"gzip: inflates to over {most} bytes")
        if not member.eof:
            raise PayloadError(RejectionReason.BAD_ENVELOPE, "gzip: ends before its end")
        parts.append(part)
        # Zeros behind the last member are padding of whoever sends whole blocks.
        payload = member.unused_data.lstrip(b"\0")
    return b"".join(parts)


def unpacked(payload: bytes) -> bytes:
    """The bytes of a body, inflated where gzip packed them.

    Raises:
        PayloadError: too large, or no gzip that is whole.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        text = f"{len(payload)} bytes, limit {MAX_PAYLOAD_BYTES}"
        raise PayloadError(RejectionReason.TOO_LARGE, text)
    return inflated(payload) if is_gzip(payload) else payload


def read_text(payload: bytes) -> str:
    """A body that is text, compressed or not; without a byte-order mark and what follows a NUL.

    Raises:
        PayloadError: too large, or not UTF-8.
    """
    try:
        return without_padding(unpacked(payload)).decode()
    except UnicodeDecodeError as error:
        text = f"not UTF-8 at byte {error.start} ({error.reason})"
        raise PayloadError(RejectionReason.NOT_UTF8, text) from error


def read_body(payload: bytes) -> Any:
    """What a JSON body says, compressed or not; numbers that are none (``nan``) as None.

    Raises:
        PayloadError: too large, not UTF-8, not JSON, or nested too deeply.
    """
    payload = unpacked(payload)
    try:
        return _decode(payload)
    except JSON_ERRORS:
        value, _ = read_value(payload)
        return _without_placeholders(value)


def read_body_object(payload: bytes) -> dict[str, Any]:
    """The members of a JSON body that must be an object.

    Raises:
        PayloadError: as ``read_body``; or another JSON value.
    """
    try:
        # No gzip is JSON; what is neither is told by the careful way.
        value = _decode(payload) if len(payload) <= MAX_PAYLOAD_BYTES else read_body(payload)
    except JSON_ERRORS:
        value = read_body(payload)
    if value.__class__ is not dict:
        raise PayloadError(RejectionReason.BAD_ENVELOPE, "expected a JSON object")
    members: dict[str, Any] = value
    return members


def _without_placeholders(value: Any) -> Any:
    """The value with None wherever mending left ``NO_VALUE``."""
    # With a stack of its own: depth costs memory and no frames.
    if value == NO_VALUE:
        return None
    stack = [value]
    while stack:
        inner = stack.pop()
        for key, member in _members(inner):
            if member == NO_VALUE:
                inner[key] = None
            elif isinstance(member, dict | list):
                stack.append(member)
    return value


def _members(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []
