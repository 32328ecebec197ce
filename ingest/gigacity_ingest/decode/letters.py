"""A dead letter: what was refused, why, and enough of it to try again.

Its ``id`` depends on the refused bytes alone, so the same message, delivered again, is the same
letter.
"""

from hashlib import blake2b

import msgspec

from gigacity_contract.decoding import Extent, Reason, Rejection


class Letter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One dead letter, as it stands in the store (``payload`` as base64)."""

    reason: Reason
    extent: Extent
    error: str
    topic: str
    """As sent; bytes that are not UTF-8 are escaped. Empty for lines that the database refused."""
    payload: bytes
    """The whole payload, the text of one entry, or lines of line protocol (``sink_rejected``)."""
    received_ms: int
    ts: int | None = None
    """``ts`` of the report from which a port was taken, which a replay needs."""
    policy: str = ""
    """Retention policy of refused lines."""
    points: int = 0
    """Decoded points that this letter stands for; only the database's refusals have any."""

    @property
    def id(self) -> str:
        """16 hex digits over what was refused and for which reason."""
        content = blake2b(digest_size=8)
        for part in (self.reason, self.extent, self.topic, self.policy, str(self.ts)):
            content.update(part.encode(errors="surrogateescape") + b"\0")
        content.update(self.payload)
        return content.hexdigest()


def topic_text(topic: bytes) -> str:
    """The topic as text, whatever bytes it holds."""
    return topic.decode(errors="backslashreplace")


def letter_of(
    rejection: Rejection, topic: bytes, received_ms: int, ts: int | None = None
) -> Letter:
    """The letter of a part of a message that decoding refused."""
    return Letter(
        reason=rejection.reason,
        extent=rejection.extent,
        error=rejection.error,
        topic=topic_text(topic),
        payload=rejection.raw,
        received_ms=received_ms,
        ts=ts,
    )


def refused_lines(
    lines: list[bytes], *, policy: str, points: int, error: str, received_ms: int
) -> Letter:
    """The letter of lines that the database refused."""
    return Letter(
        reason=Reason.SINK_REJECTED,
        extent=Extent.ENTRY,
        error=error,
        topic="",
        payload=b"\n".join(lines),
        received_ms=received_ms,
        policy=policy,
        points=points,
    )


def message_of(letter: Letter) -> bytes:
    """The payload that offers the refused part again, alone in its message."""
    if letter.extent is Extent.MESSAGE:
        return letter.payload
    last_level = letter.topic.rpartition("/")[2]
    if last_level == "pon":
        return b'{"ts":%d,"ports":[%b]}' % (letter.ts or 0, letter.payload)
    if last_level == "bundle":
        return b'{"reports":[%b]}' % letter.payload
    return letter.payload
