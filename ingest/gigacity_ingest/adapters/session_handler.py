"""What a session delivers, on its way into batches and to the sink. Network thread only."""

from gigacity_contract.clock import Clock
from gigacity_ingest.adapters.handoff import Queue
from gigacity_ingest.adapters.session_note import SessionNote
from gigacity_ingest.decode.outcome import ReceivedMessage
from gigacity_ingest.fast_path.publish_packets import Packet
from gigacity_ingest.pipeline.batch import Batch
from gigacity_ingest.pipeline.ingestor import Ingestor


class SessionHandler:
    """Receives for the ingestor, as ``protocols.Receiver``."""

    def __init__(self, ingestor: Ingestor, queue: Queue, clock: Clock, note: SessionNote) -> None:
        self._ingestor = ingestor
        self._queue = queue
        self._clock = clock
        self._note = note
        self.turn_s = clock.monotonic_s()
        """When this turn of the loop began."""

    def on_session(self, *, is_resumed: bool) -> None:
        """A connection begins; take back what the broker is about to send again."""
        self._ingestor.connect()
        self._note.begun(is_resumed=is_resumed)
        if not is_resumed:
            return
        guarded = [b for b in self._ingestor.ledger.waiting if b.messages > b.unguarded]
        for batch in self._queue.take_back(guarded):
            self._ingestor.withdraw(batch.number)

    def on_publish(  # noqa: PLR0917 - the hot path; see ``Receiver``.
        self, mid: int, topic: bytes, payload: bytes, qos: int, retain: bool, dup: bool
    ) -> None:
        """Decode one message into the open batch."""
        message = ReceivedMessage(topic, payload, retain or dup, self._clock.now_ms(), retain)
        full = self._ingestor.receive(mid, message, qos, is_redelivered=dup, now_s=self.turn_s)
        if full is not None:
            self._queue.put(full)

    def on_packets(self, packets: list[Packet], start: int) -> None:
        """Decode many messages."""
        now_ms = self._clock.now_ms()
        for full in self._ingestor.receive_packets(packets, start, now_ms, self.turn_s):
            self._queue.put(full)

    def has_room(self) -> bool:
        """Whether more messages may be read now."""
        return self._ingestor.has_room()

    def on_connection_end(self) -> None:
        """What was read is still stored; it comes again and overwrites itself."""
        self.queue_up(self._ingestor.disconnect())

    def queue_up(self, batch: Batch | None) -> None:
        """Give a sealed batch to the sink."""
        if batch is not None:
            self._queue.put(batch)
