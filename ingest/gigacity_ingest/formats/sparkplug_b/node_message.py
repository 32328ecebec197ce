"""One message of an edge node while it is read: its parts, and what becomes of it."""

from typing import Any

from gigacity_contract.decoding import RejectionReason
from gigacity_ingest.formats.readings import Decoded, ForeignMessage, FormatFault, SessionChange
from gigacity_ingest.formats.sparkplug_b.topic import SparkplugTopic

SEQUENCE = 256
"""``seq`` and ``bdSeq`` count from 0 to 255 and begin again."""


class NodeMessage:
    """Message and outcome; every handler adds to ``decoded``."""

    def __init__(
        self, message: ForeignMessage, topic: SparkplugTopic, payload: Any, sent_ms: int | None
    ) -> None:
        self.message = message
        self.topic = topic
        self.payload = payload
        self.sent_ms = sent_ms
        self.digest = hash((message.topic, message.payload))
        self.decoded = Decoded()

    def ignore(self, why: str) -> None:
        """Count what no reading is made of."""
        self.decoded.ignored[why] = self.decoded.ignored.get(why, 0) + 1

    def fault(self, reason: RejectionReason, text: str) -> None:
        """Note a part that cannot be read."""
        self.decoded.faults.append(FormatFault(reason, text))

    def refuse_many(self, text: str) -> None:
        """Note that a bound leaves no room for the birth."""
        self.fault(RejectionReason.TOO_LARGE, f"{self.topic.message}: {text}")

    def session(
        self, *, is_online: bool, at_ms: int | None, reason: str, device: str | None = None
    ) -> None:
        """Note a birth or a death, of the topic's object or of one of its devices."""
        names = self.topic.names
        if device is not None:
            names["device"] = device
        self.decoded.sessions.append(SessionChange(names, is_online, at_ms, reason))

    @property
    def has_sequence(self) -> bool:
        """Whether the message states a ``seq`` that may be one."""
        return bool(self.payload.HasField("seq") and self.payload.seq < SEQUENCE)
