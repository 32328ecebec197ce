"""One publisher of the pool: what it has to send, and the connection that it has at the moment."""

from collections import Counter
from dataclasses import dataclass, field

from gigacity_simulators.clients.connect_rate import ReconnectBackoff
from gigacity_simulators.clients.connection import ConnectionState, PublisherConnection
from gigacity_simulators.clients.outbox import Outbox
from gigacity_simulators.messages import OutgoingMessage

_FIRST_RETRY_S = 1.0
_LONGEST_RETRY_S = 60.0


@dataclass(slots=True)
class DeliveryCounts:
    """What the whole pool has done."""

    messages_sent: int = 0
    """Publications, births and farewells included; what had to be sent again counts again."""
    messages_acked: int = 0
    messages_refused: int = 0
    """PUBACKs that say the broker will not take the message."""
    points_acked: Counter[str] = field(default_factory=Counter)
    """Distinct points whose message was acknowledged, by measurement."""


class PublisherClient:
    """A publisher with its outbox and, at times, a connection."""

    __slots__ = (
        "_birth_id",
        "allowed",
        "connection",
        "identity",
        "outbox",
        "retry",
    )

    def __init__(self, identity: str, max_outbox_bytes: int) -> None:
        self.identity = identity
        self.outbox = Outbox(max_outbox_bytes)
        self.connection: PublisherConnection | None = None
        self.retry = ReconnectBackoff(first_s=_FIRST_RETRY_S, longest_s=_LONGEST_RETRY_S)
        self.allowed = False
        """Whether it should be connected."""
        self._birth_id: int | None = None

    @property
    def is_up(self) -> bool:
        """Whether it can publish now."""
        return self.connection is not None and self.connection.state is ConnectionState.UP

    def announce(self, counts: DeliveryCounts) -> None:
        """Publish the birth of a connection that has just come up, before anything else."""
        if self.connection is not None:
            self._birth_id = self.connection.birth()
            counts.messages_sent += 1

    def flush(self, counts: DeliveryCounts) -> None:
        """Send as much as the window allows."""
        connection = self.connection
        while connection is not None and self.is_up and self._has_room(connection):
            message = self.outbox.take()
            if message is None:
                return
            packet_id = connection.publish(message.topic, message.payload, retain=message.retain)
            if packet_id is None:
                self.outbox.put_back(message)
                return
            self.outbox.sent(packet_id, message)
            counts.messages_sent += 1

    def _has_room(self, connection: PublisherConnection) -> bool:
        births = self._birth_id is not None
        return self.outbox.in_flight + births < connection.window

    def collect_acks(self, counts: DeliveryCounts) -> str | None:
        """Strike off what was acknowledged; the answer is a refusal, if there was one."""
        refusal = None
        for ack in self.connection.take_acks() if self.connection else ():
            message = self.outbox.acknowledged(ack.packet_id)
            if ack.packet_id == self._birth_id:
                self._birth_id = None
            if ack.refusal is not None:
                counts.messages_refused += 1
                refusal = ack.refusal
                continue
            counts.messages_acked += 1
            if message is not None:
                counts.points_acked.update(message.points)
        return refusal

    def farewell(self, now_ms: int, reason: str, counts: DeliveryCounts) -> bool:
        """Publish the orderly end; whether it went out."""
        if self.connection is None or not self.is_up:
            return False
        self._birth_id = self.connection.farewell(now_ms, reason)
        counts.messages_sent += 1
        return True

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits for an acknowledgement."""
        return not self.is_up or (not len(self.outbox) and self._birth_id is None)

    def drop_connection(self) -> None:
        """Let go of a connection, however it ended; what was in flight waits again."""
        if self.connection is not None:
            self.connection.abort()
        self.connection = None
        self._birth_id = None
        self.outbox.connection_lost()

    def take(self, message: OutgoingMessage) -> None:
        """A message to deliver."""
        self.outbox.put(message)
