"""The slow path's reader of JSON.

Python's own ``json`` writes ``NaN`` and ``Infinity``, which JSON does not know. A payload that is
wrong only in this is still read: such a value then fails its own field, not the whole message.
"""

import json
from typing import Any

import msgspec

from gigacity_contract.decoding.outcome import PayloadError, RejectionReason

_anything = msgspec.json.Decoder().decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode

_NOT_NUMBERS = (b"NaN", b"Infinity")
JSON_ERRORS = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)
"""Everything that reading JSON may raise; ValueError covers integers of thousands of digits."""


def read_object(payload: bytes) -> dict[str, Any]:
    """The payload's members, with ``NaN`` and ``Infinity`` as floats.

    Raises:
        PayloadError: not UTF-8, not JSON, nested too deeply, or not an object.
    """
    try:
        value = _anything(payload)
    except JSON_ERRORS as error:
        if not any(token in payload for token in _NOT_NUMBERS):
            raise _not_json(payload, error) from error
        value = _read_lenient(payload)
    if not isinstance(value, dict):
        raise PayloadError(RejectionReason.BAD_ENVELOPE, "expected a JSON object")
    return value


def _read_lenient(payload: bytes) -> Any:
    try:
        value = json.loads(payload.decode())  # Of bytes, json would guess the encoding.
        # It also lets lone surrogates through, which no dead letter, metric or log could carry.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise _not_json(payload, error) from error
    return value


def _not_json(payload: bytes, error: Exception) -> PayloadError:
    if isinstance(error, RecursionError):
        return PayloadError(RejectionReason.NOT_JSON, "nested too deeply")
    try:
        payload.decode()
    except UnicodeDecodeError as decode_error:
        place = f"byte {decode_error.start} ({decode_error.reason})"
        return PayloadError(RejectionReason.NOT_UTF8, f"not UTF-8 at {place}")
    return PayloadError(RejectionReason.NOT_JSON, str(error)[:200])


class RawEntries:
    """The text of single elements of an array member, found only when one is rejected."""

    def __init__(self, payload: bytes, member: str, elements: list[Any]) -> None:
        self._payload = payload
        self._member = member
        self._elements = elements
        self._raws: list[bytes] | None = None

    def __getitem__(self, index: int) -> bytes:
        if self._raws is None:
            self._raws = self._find()
        return self._raws[index]

    def _find(self) -> list[bytes]:
        try:
            raw = _members(self._payload)[self._member]
            return [bytes(element) for element in _elements(raw)]
        except JSON_ERRORS:
            return [json.dumps(element, ensure_ascii=False).encode() for element in self._elements]
