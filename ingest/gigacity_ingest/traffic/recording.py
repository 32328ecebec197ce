"""The file of a recording: JSON lines, a head and then each message as it came.

::

    {"gigacity_recording": 1, "from_ms": 1767225600000, "filters": ["gigacity/v1/#"]}
    {"at": 1767225600123, "topic": "gigacity/v1/...", "qos": 1, "text": "{...}"}
    {"at": 1767225600456, "topic": "spBv1.0/...", "qos": 0, "retain": true, "base64": "..."}

Payloads that are UTF-8 stand as text, so that people can read and search them.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from gigacity_contract.errors import GigacityError
from gigacity_ingest.traffic.arrivals import Arrival

VERSION = 1
MAX_LINE_BYTES = 48 << 20
"""Well above the largest message that the broker lets through, as JSON."""


class RecordingError(GigacityError):
    """A file that is no recording, or a line of it that is no message; names the line."""


class RecordingHead(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The first line."""

    gigacity_recording: int
    from_ms: int
    filters: list[str]


class _RecordedMessage(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    at: int
    topic: Annotated[str, Meta(min_length=1, max_length=65_535)]
    qos: Annotated[int, Meta(ge=0, le=2)] = 1
    retain: bool = False
    copy: bool = False
    """Retained before the recording began."""
    text: str | None = None
    base64: bytes | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_RecordedMessage).decode


def head_line(from_ms: int, filters: Iterable[str]) -> bytes:
    """The first line of a recording that begins now."""
    head = RecordingHead(gigacity_recording=VERSION, from_ms=from_ms, filters=list(filters))
    return _encode(head) + b"\n"


def message_line(arrival: Arrival) -> bytes:
    """The line of one message."""
    line = _RecordedMessage(
        arrival.at_ms, arrival.topic, arrival.qos, arrival.is_retained, arrival.is_copy
    )  # fmt: skip
    try:
        line.text = arrival.payload.decode()
    except UnicodeDecodeError:
        line.base64 = arrival.payload
    return _encode(line) + b"\n"


def read_head(line: bytes) -> RecordingHead:
    """What the first line says.

    Raises:
        RecordingError: it is the head of no recording that can be read here.
    """
    try:
        head = msgspec.json.decode(line, type=RecordingHead)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RecordingError(f"line 1 is no head of a recording: {error}") from error
    if head.gigacity_recording != VERSION:
        raise RecordingError(
            f"line 1: a recording of version {head.gigacity_recording}, and this reads {VERSION}"
        )
    return head


def read_messages(lines: Iterable[bytes]) -> Iterator[Arrival]:
    """The messages behind the head; the last line may have been cut off by a kill.

    Raises:
        RecordingError: a line is no message.
    """
    for number, line in enumerate(lines, start=2):
        if len(line) >= MAX_LINE_BYTES:
            raise RecordingError(f"line {number} is longer than any message")
        if not line.endswith(b"\n"):
            return
        try:
            yield _arrival(_decode(line))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
            raise RecordingError(f"line {number} is no message: {error}") from error


def _arrival(line: _RecordedMessage) -> Arrival:
    if (line.text is None) == (line.base64 is None):
        raise ValueError("one of text and base64 is its payload")
    if "+" in line.topic or "#" in line.topic or "\0" in line.topic:
        raise ValueError(f"{line.topic!r} is no topic that can be published on")
    payload = line.base64 if line.text is None else line.text.encode()
    return Arrival(line.at, line.topic, payload or b"", line.qos, line.retain, line.copy)
