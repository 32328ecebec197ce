"""What one publisher still has to deliver: waiting, and sent but not acknowledged. Pure.

At least once: a message leaves only by its PUBACK, or when the publisher's memory is full, in which
case the oldest goes, as a device with a ring buffer would have it.
"""

from collections import deque

from gigacity_simulators.messages import OutgoingMessage


class Outbox:
    """Messages of one publisher, oldest first."""

    __slots__ = ("_held_bytes", "_in_flight", "_max_bytes", "_waiting", "dropped")

    def __init__(self, max_bytes: int) -> None:
        self._waiting: deque[OutgoingMessage] = deque()
        self._in_flight: dict[int, OutgoingMessage] = {}
        self._held_bytes = 0
        self._max_bytes = max_bytes
        self.dropped = 0
        """Messages that no longer fitted."""

    def __len__(self) -> int:
        return len(self._waiting) + len(self._in_flight)

    @property
    def in_flight(self) -> int:
        """Messages that are sent and not acknowledged."""
        return len(self._in_flight)

    def put(self, message: OutgoingMessage) -> None:
        """Take a message in; the oldest waiting ones make room if they must."""
        self._waiting.append(message)
        self._held_bytes += len(message.payload)
        while self._held_bytes > self._max_bytes and len(self._waiting) > 1:
            self._held_bytes -= len(self._waiting.popleft().payload)
            self.dropped += 1

    def take(self) -> OutgoingMessage | None:
        """The next message to send; it must then be either ``sent`` or ``put_back``."""
        return self._waiting.popleft() if self._waiting else None

    def put_back(self, message: OutgoingMessage) -> None:
        """A message that was taken and could not be sent."""
        self._waiting.appendleft(message)

    def sent(self, packet_id: int, message: OutgoingMessage) -> None:
        """A message that was taken went out under this packet id."""
        self._in_flight[packet_id] = message

    def acknowledged(self, packet_id: int) -> OutgoingMessage | None:
        """The message that a PUBACK names; it has left the outbox. None if it is not known."""
        message = self._in_flight.pop(packet_id, None)
        if message is not None:
            self._held_bytes -= len(message.payload)
        return message

    def connection_lost(self) -> None:
        """Everything in flight has to be sent again, in its order and before the rest."""
        self._waiting.extendleft(reversed(self._in_flight.values()))
        self._in_flight.clear()

    def clear(self) -> None:
        """Forget everything: the device lost its memory."""
        self._waiting.clear()
        self._in_flight.clear()
        self._held_bytes = 0

    def oldest_due_ms(self) -> int | None:
        """The earliest instant among all messages; None if there are none."""
        heads = [next(iter(self._in_flight.values()))] if self._in_flight else []
        heads += [self._waiting[0]] if self._waiting else []
        return min((message.due_ms for message in heads), default=None)
