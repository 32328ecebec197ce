"""One message of an edge node while it is read: its parts, and what becomes of it."""

from typing import Any

from gigacity_contract.decoding import RejectionReason
from gigacity_ingest.formats.gathering import Gathering
from gigacity_ingest.formats.readings import ForeignMessage
from gigacity_ingest.formats.sparkplug_b.topic import SparkplugTopic, names_of

SEQUENCE = 256
"""``seq`` and ``bdSeq`` count from 0 to 255 and begin again."""


def digest_of(message: ForeignMessage) -> int:
    """What is equal in a redelivery."""
    return hash((message.topic, message.payload))


class NodeMessage:
    """Message and outcome; every handler adds to ``gathering``."""

    def __init__(
        self, message: ForeignMessage, topic: SparkplugTopic, payload: Any, sent_ms: int | None
    ) -> None:
        self.message = message
        self.topic = topic
        self.payload = payload
        self.sent_ms = sent_ms
        self.digest = digest_of(message)
        self.gathering = Gathering()

    def refuse(self, text: str, reason: RejectionReason = RejectionReason.BAD_ENTRY) -> None:
        """Note what cannot be read; the whole message is its evidence."""
        self.gathering.fault(reason, text, b"")

    def refuse_many(self, text: str) -> None:
        """Note that a bound leaves no room for the birth."""
        self.refuse(f"{self.topic.message}: {text}", RejectionReason.TOO_LARGE)

    def session(
        self, *, is_online: bool, at_ms: int | None, reason: str, device: str | None = None
    ) -> None:
        """Note a birth or a death, of the topic's object or of one of its devices."""
        names = self.topic.names if device is None else names_of(self.topic.node, device)
        self.gathering.add_session(names, is_online=is_online, time_ms=at_ms, reason=reason)

    @property
    def has_sequence(self) -> bool:
        """Whether the message states a ``seq`` that may be one."""
        return bool(self.payload.HasField("seq") and self.payload.seq < SEQUENCE)
