"""Decoding entry points: the fast path, and when to leave it."""

from typing import Any

import msgspec

from gigacity_contract.decoding.document import JSON_ERRORS
from gigacity_contract.decoding.outcome import DecodingNotes, PayloadError, RejectionReason
from gigacity_contract.decoding.slow import slow_bundle, slow_device, slow_status
from gigacity_contract.decoding.slow_ports import slow_pon
from gigacity_contract.device_messages import AnyDeviceMessage, Bundle, DeviceMessage
from gigacity_contract.payloads import PonMessage, Port, Status

MAX_PAYLOAD_BYTES = 4 * 1024 * 1024
"""Larger payloads are dead letters unread; 10,000 entries of a bundle take about 2 MB."""

_fast_pon = msgspec.json.Decoder(PonMessage).decode
_fast_device = msgspec.json.Decoder(AnyDeviceMessage).decode
_fast_bundle = msgspec.json.Decoder(Bundle).decode
_fast_status = msgspec.json.Decoder(Status).decode


def may_hold_sentinel(payload: bytes) -> bool:
    """Whether a sentinel that passes the range of a counter may stand in the text.

    The other sentinels fail the range of their field and leave the fast path by themselves.
    Two searches of the bytes cost far less than comparing every counter: the first finds
    2147483647 and 2147483646.
    """
    return b"214748364" in payload or b"4294967294" in payload


def _repeats_technology(tech: str | list[Any]) -> bool:
    return tech.__class__ is list and len(set(tech)) != len(tech)


def are_usual(ports: list[Port], payload: bytes) -> bool:
    """Whether a message has no port twice, and no technology twice in one port."""
    if len({(p.slot, p.port) for p in ports}) != len(ports):
        return False
    # A second bracket is a port whose technologies are a list.
    return payload.count(b"[") <= 1 or not any(_repeats_technology(p.tech) for p in ports)


def _check_size(payload: bytes) -> None:
    if len(payload) > MAX_PAYLOAD_BYTES:
        text = f"{len(payload)} bytes, limit {MAX_PAYLOAD_BYTES}"
        raise PayloadError(RejectionReason.TOO_LARGE, text)


def decode_pon(payload: bytes) -> tuple[PonMessage, DecodingNotes | None]:
    """The message of an OLT; notes only if the slow path was needed.

    Raises:
        PayloadError: the whole message is unusable.
    """
    _check_size(payload)
    try:
        message = _fast_pon(payload)
    except JSON_ERRORS:
        return slow_pon(payload)
    if may_hold_sentinel(payload) or not are_usual(message.ports, payload):
        return slow_pon(payload)
    return message, None


def decode_device(payload: bytes) -> tuple[DeviceMessage, DecodingNotes | None]:
    """The message of a device; notes only if the slow path was needed.

    Raises:
        PayloadError: the whole message is unusable.
    """
    _check_size(payload)
    try:
        message: DeviceMessage = _fast_device(payload)
    except JSON_ERRORS:
        return slow_device(payload)
    if may_hold_sentinel(payload):
        return slow_device(payload)
    return message, None


def decode_bundle(payload: bytes) -> tuple[Any, DecodingNotes | None]:
    """A bundle (``reports``, ``seq``); notes only if the slow path was needed.

    Raises:
        PayloadError: the whole message is unusable.
    """
    _check_size(payload)
    try:
        bundle = _fast_bundle(payload)
    except JSON_ERRORS:
        return slow_bundle(payload)
    if may_hold_sentinel(payload):
        return slow_bundle(payload)
    return bundle, None


def decode_status(payload: bytes) -> tuple[Status, DecodingNotes | None]:
    """A birth, a will or an orderly end; notes only if the slow path was needed.

    Raises:
        PayloadError: the message is unusable.
    """
    _check_size(payload)
    try:
        return _fast_status(payload), None
    except JSON_ERRORS:
        return slow_status(payload)
