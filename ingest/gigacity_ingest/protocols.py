"""What the adapters call back: the narrow seam between a source of messages and the worker."""

from typing import Protocol

from gigacity_ingest.fast_path.publish_packets import Packet


class Receiver(Protocol):
    """Takes what an MQTT session delivers. All calls come from one thread and must not block."""

    def on_session(self, *, is_resumed: bool) -> None:
        """A connection was accepted; messages of it follow.

        Args:
            is_resumed: the broker still had the session, and so sends again whatever was not
                acknowledged on the connection before.
        """
        ...

    def on_publish(  # noqa: PLR0917 - the hot path; names would cost on every message.
        self, mid: int, topic: bytes, payload: bytes, qos: int, retain: bool, dup: bool
    ) -> None:
        """One message. It is acknowledged later, by packet id, if its QoS is 1."""
        ...

    def on_packets(self, packets: list[Packet], start: int) -> None:
        """Many messages at once, as the quick reader finds them.

        Args:
            packets: in order of receipt.
            start: offset in the received bytes at which the first of them begins.
        """
        ...

    def has_room(self) -> bool:
        """Whether more messages may be read now; asked before each reading."""
        ...

    def on_connection_end(self) -> None:
        """The connection is gone; its packet ids must not be acknowledged any more."""
        ...
