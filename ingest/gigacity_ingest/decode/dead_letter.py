"""A dead letter: what was refused, why, and enough of it to try again.

Its ``id`` depends on the refused bytes alone, so the same message, delivered again, is the same
dead letter. Of what is too large, or beyond the budget of its publisher, only a head or a summary
is kept: then ``size`` and ``digest`` say what there was.
"""

from enum import StrEnum
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from gigacity_contract.decoding import Extent, Rejection, RejectionReason
from gigacity_contract.topics import PREFIX

HEAD_BYTES = 4096
"""Kept of a body that is too large to be stored whatever is done about it."""
_NATIVE = f"{PREFIX}/".encode()
_SHORT = 200
"""Characters of a topic or an error that a summary keeps."""


class Kept(StrEnum):
    """How much of the refused bytes is there."""

    WHOLE = "whole"
    HEAD = "head"
    SUMMARY = "summary"


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One dead letter, as it stands in the store (``payload`` as base64)."""

    reason: RejectionReason
    extent: Extent
    error: str
    topic: str
    """As sent; bytes that are not UTF-8 are escaped. Empty for lines that the database refused."""
    payload: bytes
    """The whole payload, the text of one entry, or lines of line protocol (``sink_rejected``)."""
    received_ms: int
    ts: int | None = None
    """``ts`` of the report from which a port was taken, which a replay needs; of a foreign message
    the instant of its first arrival."""
    policy: str = ""
    """Retention policy of refused lines."""
    points: int = 0
    """Decoded points that this dead letter stands for; only the database's refusals have any."""
    size: int = 0
    """Bytes that were refused, where ``payload`` is not all of them."""
    digest: str = ""
    """Of those bytes: 32 hex digits of BLAKE2b. Empty: ``payload`` is all of them."""
    sender: str = ""
    """Who sent a foreign message, so far as its source can tell: whose budget it takes."""
    is_retained: bool = False
    """It came as a retained copy."""

    @property
    def kept(self) -> Kept:
        """How much of the refused bytes is here; only what is whole can be replayed."""
        if not self.digest:
            return Kept.WHOLE
        return Kept.HEAD if self.payload else Kept.SUMMARY

    @property
    def publisher(self) -> str:
        """Identity path of who sent it; empty for lines that the database refused."""
        return self.sender or publisher_of(self.topic)

    @property
    def id(self) -> str:
        """16 hex digits over what was refused and for which reason."""
        content = blake2b(digest_size=8)
        for part in (self.reason, self.extent, self.topic, self.policy, str(self.ts)):
            content.update(part.encode(errors="surrogateescape") + b"\0")
        content.update(self.payload)
        content.update(self.digest.encode())
        return content.hexdigest()

    def cut_to(self, size: int) -> "DeadLetter":
        """The same with the first bytes of the payload alone; none of them: a summary."""
        if self.digest:
            whole_size, digest = self.size, self.digest
        else:
            whole_size = len(self.payload)
            digest = blake2b(self.payload, digest_size=16).hexdigest()
        return replace(
            self,
            payload=self.payload[:size],
            size=whole_size,
            digest=digest,
            topic=self.topic[:_SHORT],
            error=self.error[:_SHORT],
        )


def publisher_of(topic: str) -> str:
    """The identity path in a topic, whatever stands behind it."""
    levels = topic.split("/", 6)[2:]
    return "/".join(levels[: 4 if levels[1:2] == ["community"] else 3])[:_SHORT]


def _foreign_sender(topic: bytes) -> str:
    """Whose budget a message takes whose topic no source has; empty for native topics."""
    if topic.startswith(_NATIVE):
        return ""
    return "?/" + "/".join(topic_text(topic).split("/", 3)[:3])


def topic_text(topic: bytes) -> str:
    """The topic as text, whatever bytes it holds."""
    return topic.decode(errors="backslashreplace")


def dead_letter_of(
    rejection: Rejection,
    topic: bytes,
    received_ms: int,
    ts: int | None = None,
    *,
    sender: str = "",
    is_retained: bool = False,
) -> DeadLetter:
    """The dead letter of a part of a message that decoding refused."""
    dead_letter = DeadLetter(
        reason=rejection.reason,
        extent=rejection.extent,
        error=rejection.error,
        topic=topic_text(topic),
        payload=rejection.raw,
        received_ms=received_ms,
        ts=ts,
        sender=(sender or _foreign_sender(topic))[:_SHORT],
        is_retained=is_retained,
    )
    is_oversized = rejection.reason is RejectionReason.TOO_LARGE
    return dead_letter.cut_to(HEAD_BYTES) if is_oversized else dead_letter


def refused_lines(
    lines: list[bytes], *, policy: str, points: int, error: str, received_ms: int
) -> DeadLetter:
    """The dead letter of lines that the database refused."""
    return DeadLetter(
        reason=RejectionReason.SINK_REJECTED,
        extent=Extent.ENTRY,
        error=error,
        topic="",
        payload=b"\n".join(lines),
        received_ms=received_ms,
        policy=policy,
        points=points,
    )


def message_of(dead_letter: DeadLetter) -> bytes:
    """The payload that offers the refused part again, alone in its message.

    A foreign message is kept and offered as a whole: only its own format can take it apart.
    """
    if dead_letter.extent is Extent.MESSAGE or dead_letter.sender:
        return dead_letter.payload
    last_level = dead_letter.topic.rpartition("/")[2]
    if last_level == "pon":
        return b'{"ts":%d,"ports":[%b]}' % (dead_letter.ts or 0, dead_letter.payload)
    if last_level == "bundle":
        return b'{"reports":[%b]}' % dead_letter.payload
    return dead_letter.payload
