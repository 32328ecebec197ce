"""One publisher of the pool: what it has to send, and the connection that it has at the moment."""

from collections import Counter
from dataclasses import dataclass, field

from gigacity_simulators.clients.connect_rate import ReconnectBackoff
from gigacity_simulators.clients.connection import ConnectionState, PublisherConnection
from gigacity_simulators.clients.outbox import Outbox
from gigacity_simulators.messages import OutgoingMessage
from gigacity_simulators.sessions import NativeSession, SessionWords

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
        "_said",
        "allowed",
        "connection",
        "identity",
        "outbox",
        "retry",
        "words",
    )

    def __init__(
        self, identity: str, max_outbox_bytes: int, words: SessionWords | None = None
    ) -> None:
        self.identity = identity
        self.words = words or NativeSession(identity)
        self.outbox = Outbox(max_outbox_bytes)
        self.connection: PublisherConnection | None = None
        self.retry = ReconnectBackoff(first_s=_FIRST_RETRY_S, longest_s=_LONGEST_RETRY_S)
        self.allowed = False
        """Whether it should be connected."""
        self._said: set[int] = set()
        """Packet ids of births and farewells that no PUBACK has come for."""

    @property
    def is_up(self) -> bool:
        """Whether it can publish now."""
        return self.connection is not None and self.connection.state is ConnectionState.UP

    def announce(self, now_ms: int, counts: DeliveryCounts) -> None:
        """Publish the births of a connection that has just come up, before anything else."""
        if self.connection is not None:
            self._note(self.connection.births(now_ms), counts)

    def _note(self, packet_ids: list[int | None], counts: DeliveryCounts) -> None:
        self._said.update(i for i in packet_ids if i is not None)
        counts.messages_sent += len(packet_ids)

    def flush(self, now_ms: int, counts: DeliveryCounts) -> None:
        """Send as much as the window allows."""
        connection = self.connection
        while connection is not None and self.is_up and self._has_room(connection):
            message = self.outbox.take()
            if message is None:
                return
            sealed = self.words.sealed(message, now_ms)
            packet_id = connection.publish(sealed.topic, sealed.payload, retain=sealed.retain)
            if packet_id is None:
                self.outbox.put_back(message)
                return
            self.outbox.sent(packet_id, message)
            counts.messages_sent += 1

    def _has_room(self, connection: PublisherConnection) -> bool:
        return self.outbox.in_flight + len(self._said) < connection.window

    def collect_acks(self, counts: DeliveryCounts) -> str | None:
        """Strike off what was acknowledged; the answer is a refusal, if there was one."""
        refusal = None
        for ack in self.connection.take_acks() if self.connection else ():
            message = self.outbox.acknowledged(ack.packet_id)
            self._said.discard(ack.packet_id)
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
        self._note(self.connection.farewells(now_ms, reason), counts)
        return True

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits for an acknowledgement."""
        return not self.is_up or (not len(self.outbox) and not self._said)

    def drop_connection(self) -> None:
        """Let go of a connection, however it ended; what was in flight waits again."""
        if self.connection is not None:
            self.connection.abort()
        self.connection = None
        self._said.clear()
        self.outbox.connection_lost()

    def take(self, message: OutgoingMessage) -> None:
        """A message to deliver."""
        self.outbox.put(message)
