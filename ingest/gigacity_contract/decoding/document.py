"""The slow path's reader of JSON.

What is nearly JSON is still read (``mending``), so that a number as C or Lua prints it costs its
own field at most. What is not is refused in words that say what to change.
"""

from typing import Any

import msgspec

from gigacity_contract.decoding.mending import mended, outside_strings, without_padding
from gigacity_contract.decoding.outcome import PayloadError, RejectionReason

_anything = msgspec.json.Decoder().decode
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode

_NOT_JSON = (msgspec.MsgspecError, UnicodeDecodeError, ValueError)
JSON_ERRORS = (*_NOT_JSON, RecursionError)
"""Everything that reading JSON may raise; ValueError covers integers of thousands of digits."""


def read_value(payload: bytes) -> tuple[Any, bytes]:
    """What the payload says, and the JSON in which it stands; what is no number is ``NO_VALUE``.

    Raises:
        PayloadError: not UTF-8, not JSON, or nested too deeply.
    """
    try:
        return _read(payload)
    except RecursionError as error:
        raise PayloadError(RejectionReason.NOT_JSON, "nested too deeply") from error


def read_object(payload: bytes) -> tuple[dict[str, Any], bytes]:
    """The payload's members, and the JSON in which they stand.

    Raises:
        PayloadError: not UTF-8, not JSON, nested too deeply, or not an object.
    """
    value, text = read_value(payload)
    if not isinstance(value, dict):
        raise PayloadError(RejectionReason.BAD_ENVELOPE, "expected a JSON object")
    return value, text


def _read(payload: bytes) -> tuple[Any, bytes]:
    text = without_padding(payload)
    try:
        return _anything(text), text
    except _NOT_JSON:
        text = mended(text)
    try:
        return _anything(text), text
    except _NOT_JSON as error:
        raise _refusal(text, payload, error) from error


def _refusal(text: bytes, payload: bytes, error: Exception) -> PayloadError:
    if payload[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in payload[:2]:
        return PayloadError(RejectionReason.NOT_UTF8, "UTF-16 or UTF-32: send UTF-8")
    try:
        text.decode()
    except UnicodeDecodeError as decode_error:
        place = f"byte {decode_error.start} ({decode_error.reason})"
        return PayloadError(RejectionReason.NOT_UTF8, f"not UTF-8 at {place}{_encoding_of(text)}")
    return PayloadError(RejectionReason.NOT_JSON, f"{str(error)[:200]}{_advice(text)}")


def _encoding_of(text: bytes) -> str:
    if text.startswith(b"\x1f\x8b"):
        return "; it is compressed by gzip: send it as it is"
    try:
        text.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return "; it may be GBK: send UTF-8"


def _advice(text: bytes) -> str:
    """What to change, where that can be told."""
    if not text.strip():
        return ": the payload is empty"
    outside = outside_strings(text)
    if b"'" in outside:
        return ": strings stand in double quotes"
    if any(mark in outside for mark in (b"//", b"/*", b"#")):
        return ": JSON has no comments"
    return ""


class RawEntries:
    """The text of single elements of an array member, found only when one is rejected."""

    def __init__(self, text: bytes, member: str) -> None:
        self._text = text
        self._member = member
        self._raws: list[bytes] | None = None

    def __getitem__(self, index: int) -> bytes:
        if self._raws is None:
            self._raws = self._find()
        return self._raws[index]

    def _find(self) -> list[bytes]:
        raw = _members(self._text)[self._member]
        return [bytes(element) for element in _elements(raw)]
