"""Moves the instants in a message, and leaves every other byte as it is.

A native message says where they are: ``ts`` and ``session``. So does one of Sparkplug B. In another
foreign one those numbers and texts are moved that mean an instant which its source's decoder found
in it.
"""

import re
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

from google.protobuf.message import DecodeError

from gigacity_ingest.formats.sparkplug_b.schema import Payload

_NATIVE = re.compile(rb'("(?:ts|session)"\s*:\s*)(\d{12,14})(?![\d])')
_NUMBER = re.compile(r"(?<![\d.])\d{10,19}(?![\d])")
_TEXT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?")
_PER_MS = {10: 0.001, 13: 1, 16: 1_000, 19: 1_000_000}
"""How many units make a millisecond, by the digits of an epoch number."""
_DATES = {14: "%Y%m%d%H%M%S", 17: "%Y%m%d%H%M%S%f"}
_MOST_OF_SPARKPLUG = 2**64 - 1
"""Where a device states -1, and means that it does not know."""
_ZONE_STEP_MS = 15 * 60_000
_ZONE_MOST_MS = 14 * 3_600_000


def shift_native(payload: bytes, shift_ms: int) -> bytes:
    """A message of the native format, or what was meant to be one, by so many milliseconds."""
    return _NATIVE.sub(lambda m: m[1] + b"%d" % (int(m[2]) + shift_ms), payload)


def shift_sparkplug(payload: bytes, shift_ms: int) -> bytes | None:
    """A message of Sparkplug B: when it was sent, and the instant of each metric.

    Returns:
        None: it is none, or states none: a will without a time.
    """
    try:
        message = Payload.FromString(payload)
    except DecodeError:
        return None
    stated = [part for part in (message, *message.metrics) if part.timestamp > 0]
    for part in stated:
        part.timestamp = min(max(0, part.timestamp + shift_ms), _MOST_OF_SPARKPLUG)
    shifted: bytes = message.SerializeToString()
    return shifted if stated else None


def shift_stated(payload: bytes, instants_ms: Collection[int], shift_ms: int) -> bytes | None:
    """A foreign message in which its decoder found these instants.

    Epoch numbers of every usual unit, local dates of 14 and 17 digits, and texts of ISO 8601 are
    found in it. A local text means an instant that differs by the offset of some zone.

    Returns:
        None: it states none, or none of them can be found: a binary format.
    """
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return None
    shifted = 0

    def moved(move: Callable[[str], str | None]) -> Callable[[re.Match[str]], str]:
        def replace(found: re.Match[str]) -> str:
            nonlocal shifted
            new = move(found[0])
            shifted += new is not None
            return found[0] if new is None else new

        return replace

    wanted = set(instants_ms)
    text = _NUMBER.sub(moved(lambda digits: _number(digits, wanted, shift_ms)), text)
    text = _TEXT.sub(moved(lambda stated: _iso(stated, wanted, shift_ms)), text)
    return text.encode() if shifted else None


def _number(digits: str, wanted: set[int], shift_ms: int) -> str | None:
    size = len(digits)
    if size in _DATES:
        return _date(digits, _DATES[size], wanted, shift_ms)
    per_ms = _PER_MS.get(size)
    if per_ms is None:
        return None
    number = int(digits)
    at_ms = number * 1000 if size == 10 else number // int(per_ms)
    return str(number + round(shift_ms * per_ms)) if at_ms in wanted else None


def _date(digits: str, form: str, wanted: set[int], shift_ms: int) -> str | None:
    try:
        instant = datetime.strptime(digits, form).replace(tzinfo=UTC)
        new = instant + timedelta(milliseconds=shift_ms)
    except (ValueError, OverflowError):
        return None
    if not _is_local(instant, wanted):
        return None
    return new.strftime("%Y%m%d%H%M%S%f")[: len(digits)]


def _iso(text: str, wanted: set[int], shift_ms: int) -> str | None:
    try:
        instant = datetime.fromisoformat(text).replace(tzinfo=UTC)
        new = instant + timedelta(milliseconds=shift_ms)
    except (ValueError, OverflowError):
        return None
    if not _is_local(instant, wanted):
        return None
    return new.strftime(f"%Y-%m-%d{text[10]}%H:%M:%S.%f")[: len(text)]


def _is_local(instant: datetime, wanted: set[int]) -> bool:
    """Whether a text, read as UTC, is one of the instants in some zone."""
    read_ms = round(instant.timestamp() * 1000)
    offsets = (abs(read_ms - at_ms) for at_ms in wanted)
    return any(offset <= _ZONE_MOST_MS and offset % _ZONE_STEP_MS == 0 for offset in offsets)
