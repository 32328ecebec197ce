"""In whatever order things happen: acknowledged means settled, in order, on one connection."""

from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gigacity_city.load import load_city
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import ReceivedMessage
from gigacity_ingest.pipeline.batch import Batch, BatchLimits, JobResult
from gigacity_ingest.pipeline.ingestor import Ingestor
from tests.support.city import write_city
from tests.unit.ingest.messages import NOW_MS, PON_TOPIC, pon, port

with TemporaryDirectory() as _folder:
    CITY = load_city(write_city(Path(_folder)))

PAYLOADS = st.sampled_from([pon(port(1, 0)), pon(port(1, 0), port(1, 1)), pon(), b"junk"])


class BrokerAndSink(RuleBasedStateMachine):
    """A broker with a persistent session, a sink with two batches in flight, and the intake."""

    def __init__(self) -> None:
        super().__init__()
        self.ingestor = Ingestor(Decoder(CITY), BatchLimits(points=4, messages=3, age_s=1.0))
        self.is_connected = False
        self.undelivered: deque[int] = deque()
        """Messages that the broker has not sent on this connection, by number."""
        self.sent: dict[int, int] = {}
        """Packet id to message, sent on this connection and not acknowledged."""
        self.payload_of: dict[int, bytes] = {}
        self.messages_of: dict[int, list[int]] = {}
        """Batch number to messages."""
        self.waiting: list[Batch] = []
        self.in_flight: list[Batch] = []
        self.stored: set[int] = set()
        self.acknowledged: list[int] = []
        self.open_messages: list[int] = []
        self.receipt: list[int] = []
        """Messages in order of receipt on this connection."""
        self.acknowledged_here: list[int] = []
        self.count = 0
        self.next_mid = 0

    def _seal(self, batch: Batch | None) -> None:
        if batch is not None:
            self.messages_of[batch.number] = self.open_messages
            self.open_messages = []
            self.waiting.append(batch)

    @rule(payload=PAYLOADS)
    def publish(self, payload: bytes) -> None:
        self.count += 1
        self.payload_of[self.count] = payload
        self.undelivered.append(self.count)

    @precondition(lambda self: not self.is_connected)
    @rule(take_back=st.booleans())
    def connect(self, take_back: bool) -> None:
        """The session was kept: what was not acknowledged is sent again."""
        self.is_connected = True
        self.ingestor.connect()
        if take_back:
            for batch in self.waiting:
                self.ingestor.withdraw(batch.number)
            self.waiting = []

    @precondition(lambda self: self.is_connected)
    @rule()
    def lose_connection(self) -> None:
        self.is_connected = False
        self._seal(self.ingestor.disconnect())
        self.undelivered.extendleft(reversed(self.sent.values()))
        self.sent = {}
        self.receipt = []
        self.acknowledged_here = []

    @precondition(lambda self: self.is_connected and self.undelivered)
    @rule()
    def deliver(self) -> None:
        message = self.undelivered.popleft()
        self.next_mid = self.next_mid % 7 + 1
        while self.next_mid in self.sent and len(self.sent) < 7:
            self.next_mid = self.next_mid % 7 + 1
        if self.next_mid in self.sent:
            self.undelivered.appendleft(message)
            return
        self.sent[self.next_mid] = message
        self.receipt.append(message)
        self.open_messages.append(message)
        arrived = ReceivedMessage(PON_TOPIC.encode(), self.payload_of[message], False, NOW_MS)
        self._seal(
            self.ingestor.receive(self.next_mid, arrived, 1, is_redelivered=False, now_s=0.0)
        )

    @rule()
    def grow_old(self) -> None:
        self._seal(self.ingestor.seal_due(2.0))

    @precondition(lambda self: self.waiting and len(self.in_flight) < 2)
    @rule()
    def begin(self) -> None:
        self.in_flight.append(self.waiting.pop(0))

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        batch = data.draw(st.sampled_from(self.in_flight))
        self.in_flight.remove(batch)
        dead_lettered = data.draw(st.integers(0, batch.points))
        self.stored.update(self.messages_of[batch.number])
        self.ingestor.settle(JobResult(batch.number, batch.points - dead_lettered, dead_lettered))

    @rule()
    def acknowledge(self) -> None:
        mids = self.ingestor.release()
        assert self.is_connected or not mids
        for mid in mids:
            message = self.sent.pop(mid)
            assert message in self.stored, "acknowledged before it was settled"
            self.acknowledged.append(message)
            self.acknowledged_here.append(message)

    @invariant()
    def acknowledgements_keep_the_order_of_receipt(self) -> None:
        assert self.acknowledged_here == self.receipt[: len(self.acknowledged_here)]

    @invariant()
    def both_ledgers_balance(self) -> None:
        snapshot = self.ingestor.snapshot()
        assert snapshot.messages.is_balanced
        assert snapshot.points.is_balanced
        assert snapshot.messages.acknowledged == len(self.acknowledged)
        assert self.ingestor.ledger.held_mids == self.ingestor.ledger.unacknowledged()

    @invariant()
    def no_message_is_lost(self) -> None:
        known = {*self.acknowledged, *self.undelivered, *self.sent.values()}
        assert known == set(range(1, self.count + 1))


TestMessageLedger = BrokerAndSink.TestCase
TestMessageLedger.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
