"""Bodies that are one bare value as text, as ESPHome, Homie and Zigbee2MQTT may send them."""

import math
from typing import Any

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import is_gzip, read_body

MAX_BARE_BYTES = 65_536
_NO_VALUE = frozenset({"", "nan", "none", "null", "unknown", "unavailable"})
_ONLINE, _OFFLINE = frozenset({"online", "true"}), frozenset({"offline", "false"})


def bare_text(payload: bytes) -> str:
    """The text of a body.

    Raises:
        PayloadError: too large, or not UTF-8.
    """
    if len(payload) > MAX_BARE_BYTES:
        text = f"{len(payload)} bytes, limit {MAX_BARE_BYTES} for a bare value"
        raise PayloadError(RejectionReason.TOO_LARGE, text)
    try:
        return payload.decode()
    except UnicodeDecodeError as error:
        raise PayloadError(RejectionReason.NOT_UTF8, f"byte {error.start}: not UTF-8") from error


def looks_like_json(payload: bytes) -> bool:
    """Whether a body is an object or a list, compressed or not, and no bare value."""
    return is_gzip(payload) or payload.lstrip()[:1] in {b"{", b"["}


def bare_or_json(payload: bytes) -> Any:
    """A bare value, or the object or list that some publish in its place.

    Raises:
        PayloadError: neither.
    """
    return read_body(payload) if looks_like_json(payload) else bare_value(bare_text(payload))


def bare_value(text: str) -> Any:
    """A number where the text is one, None where it says that there is none, else the text."""
    text = text.strip()
    if text.lower() in _NO_VALUE:
        return None
    number = bare_number(text)
    return text if number is None else number


def bare_number(text: str) -> int | float | None:
    """The number that a text is; None where it is none. Never infinite."""
    # int() and float() forgive underscores and other scripts' digits; no device means them.
    if not text.isascii() or "_" in text or len(text) > 64:
        return None
    digits = text[1:] if text[:1] in {"-", "+"} else text
    if digits.isdecimal():
        return int(text)
    if not digits or digits[0] not in "0123456789.":
        return None  # Most words, without what raising costs.
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def is_online(text: str) -> bool | None:
    """What a text says about presence; None where it says nothing."""
    word = text.strip().lower()
    if word in _ONLINE:
        return True
    return False if word in _OFFLINE else None


def presence_refused(place: str) -> PayloadError:
    """For a text that should say whether somebody is there."""
    text = f"{place}: expected online or offline"
    return PayloadError(RejectionReason.BAD_ENVELOPE, text)
