"""The worker between its two threads, as one pure state machine: receive, seal, settle, release.

Every call comes from the network thread. It owns both ledgers, so that a snapshot of them is
consistent by construction and "balanced" is a check, not a definition.
"""

from gigacity_contract.decoding import Extent
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from gigacity_ingest.decode.safety import SafetyCall
from gigacity_ingest.fast_path.hot_path import HotPath
from gigacity_ingest.fast_path.publish_packets import FLAGS, Packet
from gigacity_ingest.formats.readings import Answer
from gigacity_ingest.pipeline.acknowledgements import AckLedger
from gigacity_ingest.pipeline.batch import Batch, BatchLimits, JobResult, SpoolCounts
from gigacity_ingest.pipeline.latency import LatencyHistogram
from gigacity_ingest.pipeline.read_ahead import ReadAhead
from gigacity_ingest.pipeline.refusals import RefusalLimits, RefusalWatch
from gigacity_ingest.pipeline.snapshot import LedgerSnapshot, MessageCounts, PointCounts

MAX_WAITING_BYTES = 256 * 1024 * 1024
_QOS, _DUP = 6, 8
"""Bits of a packet's flags."""


class Ingestor:
    """Takes messages in, hands batches out, and says what may be acknowledged.

    Args:
        decoder: of the city.
        limits: of a batch.
        max_waiting_messages: above it, messages of QoS 0 are dropped and counted, and nothing
            more should be read (``has_room``); the latter also while so many packet ids wait.
        max_waiting_bytes: the same for payload; what waits is kept compressed, in about a tenth.
        read_ahead: says how many points may wait; without it there is no such bound.
        refusal_limits: above which there is an alarm.
    """

    def __init__(
        self,
        decoder: Decoder,
        limits: BatchLimits,
        *,
        max_waiting_messages: int = 50_000,
        max_waiting_bytes: int = MAX_WAITING_BYTES,
        read_ahead: ReadAhead | None = None,
        refusal_limits: RefusalLimits | None = None,
    ) -> None:
        self._decoder = decoder
        self._hot_path = HotPath(decoder)
        self._limits = limits
        self._max_waiting = max_waiting_messages
        self._max_waiting_bytes = max_waiting_bytes
        self._read_ahead = read_ahead
        self._open: Batch | None = None
        self._numbers = 0
        self._waiting_messages = 0
        self._waiting_bytes = 0
        self._waiting_points = 0
        self._dead_letters: dict[str, int] = {}
        self._unknown_fields = 0
        self._absent_fields = 0
        self._cleared_statuses = 0
        self._decoded = 0
        self._withdrawn = 0
        self._confirmed = 0
        self._dead_lettered = 0
        self._spool = SpoolCounts()
        self._newest_s = 0.0
        self._late = 0
        self._latency = LatencyHistogram()
        self._refusals = RefusalWatch(refusal_limits or RefusalLimits())
        self._safety_calls: list[SafetyCall] = []
        self.ledger = AckLedger()

    def connect(self) -> None:
        """A connection begins."""
        self.ledger.begin_epoch()

    def disconnect(self) -> Batch | None:
        """The connection ended; its open batch is still stored, but never acknowledged."""
        batch = self._seal()
        self.ledger.end_epoch()
        return batch

    def receive(
        self, mid: int, message: ReceivedMessage, qos: int, *, is_redelivered: bool, now_s: float
    ) -> Batch | None:
        """Take one message; the batch that it fills, if it fills one."""
        ledger = self.ledger
        if not qos:
            ledger.qos0 += 1
            if self._waiting_messages >= self._max_waiting:
                ledger.qos0_dropped += 1
                return None
        batch = self._open or self._begin(now_s, message.now_ms)
        if qos:
            ledger.received += 1
            ledger.redelivered += is_redelivered
            batch.mids.append(mid)
        else:
            batch.unguarded += 1
        batch.messages += 1
        batch.payload_bytes += len(message.payload)
        self._decoder.decode(message, batch.outcome)
        return self._seal() if batch.is_full(self._limits) else None

    def receive_packets(
        self, packets: list[Packet], start: int, now_ms: int, now_s: float
    ) -> list[Batch]:
        """Take many messages; the batches that they fill.

        Args:
            packets: in order of receipt, at least one.
            start: offset at which the first of them begins.
            now_ms: the worker's wall clock.
            now_s: the same on the monotonic clock.
        """
        if any(not packet[3] & _QOS for packet in packets):
            return self._receive_each(packets, now_ms, now_s)
        sealed, at, limits = [], 0, self._limits
        while at < len(packets):
            batch = self._open or self._begin(now_s, now_ms)
            stop = min(len(packets), at + limits.messages - batch.messages)
            taken = self._hot_path.decode(
                packets, at, stop, batch.outcome, now_ms=now_ms, points=limits.points
            )
            run = packets[at:taken] if taken - at < len(packets) else packets
            batch.mids += [packet[0] for packet in run]
            batch.messages += len(run)
            batch.payload_bytes += run[-1][4] - start
            self.ledger.received += len(run)
            self.ledger.redelivered += sum(packet[3] & _DUP for packet in run) // _DUP
            start, at = run[-1][4], taken
            if batch.is_full(limits) and (full := self._seal()) is not None:
                sealed.append(full)
        return sealed

    def _receive_each(self, packets: list[Packet], now_ms: int, now_s: float) -> list[Batch]:
        sealed = []
        for mid, topic, payload, flags, _end in packets:
            qos, retain, dup = FLAGS[flags]
            message = ReceivedMessage(topic, payload, retain or dup, now_ms, retain)
            full = self.receive(mid, message, qos, is_redelivered=dup, now_s=now_s)
            if full is not None:
                sealed.append(full)
        return sealed

    def _begin(self, now_s: float, now_ms: int) -> Batch:
        self._numbers += 1
        self._open = Batch(self._numbers, self.ledger.epoch, now_s, now_ms)
        return self._open

    def due_s(self) -> float | None:
        """The monotonic time at which the open batch is old enough to be sealed."""
        return None if self._open is None else self._open.opened_s + self._limits.age_s

    def seal_due(self, now_s: float) -> Batch | None:
        """The open batch, if it is old enough."""
        due_s = self.due_s()
        return self._seal() if due_s is not None and due_s <= now_s else None

    def seal_now(self) -> Batch | None:
        """The open batch, whatever its age."""
        return self._seal()

    def _seal(self) -> Batch | None:
        batch, self._open = self._open, None
        if batch is None:
            return None
        self.ledger.seal(batch)
        self._waiting_messages += batch.messages
        self._waiting_bytes += batch.payload_bytes
        outcome = batch.outcome
        self._decoded += outcome.points
        self._unknown_fields += outcome.unknown_fields
        self._absent_fields += outcome.absent_fields
        self._cleared_statuses += outcome.cleared_statuses
        self._newest_s = batch.opened_s
        self._watch_refusals(outcome, batch.opened_s)
        self._safety_calls += outcome.safety_calls
        outcome.safety_calls = []
        batch.pack()
        self._waiting_points += batch.points
        self._late += batch.late_points
        return batch

    def settle(self, result: JobResult) -> None:
        """A batch, or a record of the spool, reached its end, or the spool changed."""
        if result.number:
            batch = self.ledger.settle(result.number)
            self._forget(batch)
            batch.drop()
        if result.spool is not None:
            self._spool = result.spool
        self._confirmed += result.confirmed
        for age_s, points in result.ages:
            self._latency.add(age_s, points)
        if self._read_ahead is not None:
            self._read_ahead.note(result.confirmed, result.busy_s)
        self._dead_lettered += result.dead_lettered
        if result.dead_lettered:
            self._refusals.observe(self._newest_s, 0, result.dead_lettered)
        for reason, count in result.dead_letters.items():
            self._dead_letters[reason] = self._dead_letters.get(reason, 0) + count

    def withdraw(self, number: int) -> None:
        """A batch of an ended epoch was taken back before it was begun; it comes again."""
        batch = self.ledger.withdraw(number)
        self._forget(batch)
        self._withdrawn += batch.points

    def _forget(self, batch: Batch) -> None:
        self._waiting_messages -= batch.messages
        self._waiting_bytes -= batch.payload_bytes
        self._waiting_points -= batch.points

    def has_room(self) -> bool:
        """Whether more may be read: what waits for the database is within all limits.

        So is what waits to be acknowledged: behind a batch that is stuck, many may be settled.
        """
        ahead = self._read_ahead
        return (
            self._waiting_messages <= self._max_waiting
            and self.ledger.held_mids <= self._max_waiting
            and self._waiting_bytes <= self._max_waiting_bytes
            and (ahead is None or self._waiting_points <= ahead.max_points)
        )

    def release(self) -> list[int]:
        """Packet ids to acknowledge now, on the current connection, in this order."""
        return self.ledger.release()

    def take_safety_calls(self) -> list[SafetyCall]:
        """What devices called out since the last time, whether it is stored or not."""
        found, self._safety_calls = self._safety_calls, []
        if self._open is not None and self._open.outcome.safety_calls:
            found += self._open.outcome.safety_calls
            self._open.outcome.safety_calls = []
        return found

    def take_answers(self) -> list[Answer]:
        """What may be sent to foreign devices now: their readings are durable."""
        return self.ledger.take_answers()

    def _watch_refusals(self, outcome: Outcome, now_s: float) -> None:
        """Fields that are bad by themselves do not count: the rest of their entry is stored."""
        bad = sum(dead_letter.extent is not Extent.PARTIAL for dead_letter in outcome.dead_letters)
        self._refusals.observe(now_s, outcome.points, bad)

    def _alarm(self, now_s: float) -> str:
        alarm = self._refusals.alarm(now_s)
        if alarm and self._dead_letters:
            alarm += f", most often {max(self._dead_letters, key=self._dead_letters.__getitem__)}"
        return alarm and f"{alarm}; see gigacity deadletters list"

    def snapshot(self, now_s: float = 0.0) -> LedgerSnapshot:
        """Both ledgers and all counts, at this moment of the monotonic clock."""
        ledger, batch = self.ledger, self._open
        open_mids = len(batch.mids) if batch else 0
        open_points = batch.points if batch else 0
        return LedgerSnapshot(
            messages=MessageCounts(
                received=ledger.received,
                acknowledged=ledger.acknowledged,
                unacknowledged=ledger.unacknowledged() + open_mids,
                abandoned=ledger.abandoned,
                redelivered=ledger.redelivered,
                qos0=ledger.qos0,
                qos0_dropped=ledger.qos0_dropped,
            ),
            points=PointCounts(
                decoded=self._decoded + open_points,
                withdrawn=self._withdrawn,
                confirmed=self._confirmed,
                dead_lettered=self._dead_lettered,
                spooled_at_start=self._spool.found,
                spooled=self._spool.points,
                damaged=self._spool.damaged,
                in_flight=sum(b.points for b in ledger.waiting) + open_points,
            ),
            dead_letters=dict(self._dead_letters),
            points_late=self._late,
            latency=self._latency.figures(),
            read_ahead_points=self._read_ahead.max_points if self._read_ahead else 0,
            sequence_gaps=self._decoder.sequences.gaps,
            sequence_reordered=self._decoder.sequences.reordered,
            unknown_fields=self._unknown_fields,
            absent_fields=self._absent_fields,
            cleared_statuses=self._cleared_statuses,
            internal_errors=self._decoder.internal_errors,
            refused_ratio=self._refusals.ratio(now_s),
            refused_consecutive=self._refusals.consecutive,
            alarm=self._alarm(now_s),
        )
