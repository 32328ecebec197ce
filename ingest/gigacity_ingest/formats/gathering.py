"""Collects what one foreign message holds, within bounds.

A message of the allowed size could hold a million entries: what becomes of one message stays
bounded in readings, in faults and in the words that it may bring with it.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.readings import (
    Answer,
    Decoded,
    FormatFault,
    Reading,
    SessionChange,
)

MAX_READINGS = 10_000
"""Of one message, sessions among them; as many as a native bundle of the allowed size holds."""
MAX_FAULTS = 100
"""Kept one by one; those beyond are told as a number."""
MAX_NAME = 256
"""Characters of an identity or a message id; longer ones name nothing that could be registered."""
EMPTY = "empty"
"""What is counted where a message is right and holds nothing."""
OTHER_TOPIC = "other_topic"
"""Of the format, and of nothing that readings are made of."""
TIME_REQUEST = "time_request"
"""A device asked what time it is."""


def identity(value: object) -> str | None:
    """An identity as text; numbers are accepted. None where it is none that could be one."""
    if value.__class__ is str:
        return value if 0 < len(value) <= MAX_NAME else None
    if value.__class__ is int:
        value = str(value) if -(10**18) < value < 10**18 else ""
    return value if isinstance(value, str) and 0 < len(value) <= MAX_NAME else None


def message_id(value: object) -> str:
    """A message id as text; empty where there is none that can be used."""
    return identity(value) or ""


def raw_of(part: Any) -> bytes:
    """The JSON text of a part; empty where it cannot be written again."""
    try:
        return msgspec.json.encode(part)
    except (msgspec.MsgspecError, OverflowError, RecursionError, UnicodeEncodeError, ValueError):
        return b""


class Gathering:
    """What a decoder fills while it takes one message apart."""

    __slots__ = ("_decoded", "_faults_beyond", "_readings")

    def __init__(self) -> None:
        self._decoded = Decoded()
        self._readings = self._decoded.readings
        self._faults_beyond = 0

    def add(
        self,
        names: Mapping[str, str],
        values: Mapping[str, Any],
        time_ms: int | None = None,
        sent_as: str = "",
        parents: tuple[Mapping[str, Any], ...] = (),
    ) -> None:
        """One reading.

        Raises:
            PayloadError: there are too many.
        """
        if len(self._readings) >= MAX_READINGS:
            raise _too_many()
        self._readings.append(Reading(names, values, time_ms, sent_as, parents))

    def add_session(
        self,
        names: Mapping[str, str],
        *,
        is_online: bool,
        time_ms: int | None = None,
        reason: str = "",
    ) -> None:
        """A birth or an end.

        Raises:
            PayloadError: there are too many.
        """
        if len(self._decoded.sessions) >= MAX_READINGS:
            raise _too_many()
        self._decoded.sessions.append(SessionChange(names, is_online, time_ms, reason[:MAX_NAME]))

    def answer(self, topic: str, body: Any) -> None:
        """What the device waits for, once the rest is durable; the first one of a message."""
        self.answer_bytes(topic, msgspec.json.encode(body))

    def answer_bytes(self, topic: str, payload: bytes) -> None:
        """The same in the format's own encoding."""
        if not self._decoded.answers:
            self._decoded.answers.append(Answer(topic, payload))

    def ignore(self, what: str, count: int = 1) -> None:
        """Something that no reading is made of.

        Args:
            what: a word of the decoder's, never one of the message's.
            count: how often.
        """
        self._decoded.ignored[what] = self._decoded.ignored.get(what, 0) + count

    def refuse(
        self,
        place: str,
        expected: str,
        part: Any,
        reason: RejectionReason = RejectionReason.BAD_ENTRY,
    ) -> None:
        """A part that cannot be read.

        Args:
            place: where it stands in the message.
            expected: what should stand there.
            part: itself, as JSON's types.
            reason: of the dead letter.

        Raises:
            PayloadError: there are too many.
        """
        if len(self._decoded.faults) < MAX_FAULTS:
            self.fault(reason, f"{place}: expected {expected}", raw_of(part))
        else:
            self._count_fault()

    def fault(self, reason: RejectionReason, error: str, raw: bytes) -> None:
        """A part that cannot be read, in its own words and bytes.

        Raises:
            PayloadError: there are too many.
        """
        if len(self._decoded.faults) < MAX_FAULTS:
            self._decoded.faults.append(FormatFault(reason, error, raw))
        else:
            self._count_fault()

    def _count_fault(self) -> None:
        """Faults cost work as readings do: decoders make the words of each."""
        self._faults_beyond += 1
        if self._faults_beyond > MAX_READINGS:
            raise _too_many("parts that cannot be read")

    def finish(self) -> Decoded:
        """All of it; where nothing was found, that is counted."""
        decoded = self._decoded
        if self._faults_beyond:
            text = f"{self._faults_beyond} more parts that cannot be read"
            decoded.faults.append(FormatFault(RejectionReason.BAD_ENTRY, text))
        if not (decoded.readings or decoded.sessions or decoded.faults or decoded.ignored):
            decoded.ignored[EMPTY] = 1
        return decoded


def _too_many(what: str = "readings") -> PayloadError:
    text = f"more than {MAX_READINGS} {what} in one message: send fewer at a time"
    return PayloadError(RejectionReason.TOO_LARGE, text)
