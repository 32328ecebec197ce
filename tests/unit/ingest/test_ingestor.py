"""The intake: batches by size and age, both ledgers, what happens at the end of a connection."""

import pytest

from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import ReceivedMessage
from gigacity_ingest.pipeline.batch import Batch, BatchLimits, JobResult
from gigacity_ingest.pipeline.ingestor import Ingestor
from tests.unit.ingest.messages import NOW_MS, PON_TOPIC, pon, port

GOOD = pon(port(1, 0), port(1, 1))


class Driver:
    """Feeds an intake and keeps the batches that it hands out."""

    def __init__(
        self, decoder: Decoder, limits: BatchLimits, max_waiting_messages: int = 50_000
    ) -> None:
        self.ingestor = Ingestor(decoder, limits, max_waiting_messages=max_waiting_messages)
        self.ingestor.connect()
        self.sealed: list[Batch] = []
        self.mid = 0

    def receive(
        self, payload: bytes = GOOD, *, qos: int = 1, dup: bool = False, now_s: float = 0.0
    ) -> None:
        self.mid += 1
        message = ReceivedMessage(PON_TOPIC.encode(), payload, dup, NOW_MS)
        batch = self.ingestor.receive(self.mid, message, qos, is_redelivered=dup, now_s=now_s)
        if batch is not None:
            self.sealed.append(batch)

    def settle(self, batch: Batch, *, dead_lettered: int = 0) -> None:
        dead_letters = {dead_letter.reason.value: 1 for dead_letter in batch.outcome.dead_letters}
        confirmed = batch.points - dead_lettered
        self.ingestor.settle(JobResult(batch.number, confirmed, dead_lettered, dead_letters))


def _driver(decoder: Decoder, *, points: int = 1000, messages: int = 1000) -> Driver:
    limits = BatchLimits(points=points, messages=messages, payload_bytes=10_000, age_s=0.5)
    return Driver(decoder, limits)


def test_a_batch_is_sealed_by_points(decoder: Decoder) -> None:
    driver = _driver(decoder, points=5)
    for _ in range(3):
        driver.receive()

    assert [b.points for b in driver.sealed] == [6]


def test_a_batch_is_sealed_by_messages_even_if_they_give_no_points(decoder: Decoder) -> None:
    driver = _driver(decoder, messages=3)
    for _ in range(3):
        driver.receive(b"junk")

    assert [(b.points, len(b.outcome.dead_letters)) for b in driver.sealed] == [(0, 3)]


def test_a_batch_is_sealed_by_bytes(decoder: Decoder) -> None:
    driver = _driver(decoder)
    driver.receive(b"x" * 9_999)
    assert driver.sealed == []
    driver.receive(b"x")

    assert [b.messages for b in driver.sealed] == [2]


def test_a_batch_is_sealed_by_age(decoder: Decoder) -> None:
    driver = _driver(decoder)
    assert driver.ingestor.due_s() is None
    driver.receive(now_s=100.0)
    driver.receive(now_s=100.4)

    assert driver.ingestor.due_s() == 100.5
    assert driver.ingestor.seal_due(100.49) is None
    batch = driver.ingestor.seal_due(100.5)
    assert batch is not None
    assert batch.mids == [1, 2]
    assert driver.ingestor.seal_due(200.0) is None


def test_an_acknowledgement_follows_confirmation(decoder: Decoder) -> None:
    driver = _driver(decoder, messages=2)
    driver.receive()
    driver.receive()
    assert driver.ingestor.release() == []
    driver.settle(driver.sealed[0])

    assert driver.ingestor.release() == [1, 2]
    snapshot = driver.ingestor.snapshot()
    assert (snapshot.messages.acknowledged, snapshot.points.confirmed) == (2, 4)
    assert snapshot.is_balanced


def test_a_message_of_dead_letters_alone_is_acknowledged_like_any_other(decoder: Decoder) -> None:
    driver = _driver(decoder, messages=1)
    driver.receive(b"junk")
    driver.settle(driver.sealed[0])

    assert driver.ingestor.release() == [1]
    assert driver.ingestor.snapshot().dead_letters == {"not_json": 1}


def test_both_ledgers_balance_while_points_are_open_waiting_confirmed_and_refused(
    decoder: Decoder,
) -> None:
    driver = _driver(decoder, messages=2)
    for _ in range(5):
        driver.receive()
    driver.settle(driver.sealed[0], dead_lettered=1)
    driver.ingestor.release()

    snapshot = driver.ingestor.snapshot()
    assert snapshot.is_balanced
    assert snapshot.points.decoded == 10
    assert (snapshot.points.confirmed, snapshot.points.dead_lettered) == (3, 1)
    assert snapshot.points.in_flight == 6
    assert (snapshot.messages.acknowledged, snapshot.messages.unacknowledged) == (2, 3)


def test_the_open_batch_of_an_ended_connection_is_stored_but_not_acknowledged(
    decoder: Decoder,
) -> None:
    driver = _driver(decoder)
    driver.receive()
    batch = driver.ingestor.disconnect()
    assert batch is not None
    driver.ingestor.connect()
    driver.settle(batch)

    assert driver.ingestor.release() == []
    snapshot = driver.ingestor.snapshot()
    assert (snapshot.messages.abandoned, snapshot.points.confirmed) == (1, 2)
    assert snapshot.is_balanced


def test_a_withdrawn_batch_is_counted_as_such_and_when_it_comes_again(
    decoder: Decoder,
) -> None:
    driver = _driver(decoder)
    driver.receive()
    batch = driver.ingestor.disconnect()
    assert batch is not None
    driver.ingestor.connect()
    driver.ingestor.withdraw(batch.number)
    before = driver.ingestor.snapshot().points
    assert (before.decoded, before.withdrawn, before.in_flight) == (2, 2, 0)
    driver.receive(dup=True)

    snapshot = driver.ingestor.snapshot()
    assert (snapshot.points.decoded, snapshot.points.withdrawn) == (4, 2)
    assert (snapshot.messages.received, snapshot.messages.redelivered) == (2, 1)
    assert snapshot.is_balanced


def test_messages_of_qos_0_are_stored_and_counted_apart(decoder: Decoder) -> None:
    driver = _driver(decoder, messages=1)
    driver.receive(qos=0)
    driver.settle(driver.sealed[0])

    assert driver.ingestor.release() == []
    snapshot = driver.ingestor.snapshot()
    assert (snapshot.messages.received, snapshot.messages.qos0) == (0, 1)
    assert snapshot.points.confirmed == 2
    assert snapshot.is_balanced


def test_messages_of_qos_0_are_dropped_and_counted_while_too_much_waits(decoder: Decoder) -> None:
    limits = BatchLimits(points=1000, messages=1, payload_bytes=10_000, age_s=0.5)
    driver = Driver(decoder, limits, max_waiting_messages=2)
    driver.receive(qos=1)
    driver.receive(qos=0)
    driver.receive(qos=0)
    assert len(driver.sealed) == 2

    driver.receive(qos=1)
    snapshot = driver.ingestor.snapshot()
    assert (snapshot.messages.qos0, snapshot.messages.qos0_dropped) == (2, 1)
    assert snapshot.messages.received == 2, "QoS 1 is never dropped"
    driver.settle(driver.sealed[0])
    driver.settle(driver.sealed[1])
    driver.receive(qos=0)
    assert driver.ingestor.snapshot().messages.qos0_dropped == 1


def test_counts_of_fields_and_sequences_are_in_the_snapshot(decoder: Decoder) -> None:
    driver = _driver(decoder, messages=2)
    driver.receive(pon(port(vendor=1, rx_dbm="N/A"), seq=7))
    driver.receive(pon(port(), seq=9))

    snapshot = driver.ingestor.snapshot()
    assert (snapshot.unknown_fields, snapshot.absent_fields) == (1, 1)
    assert (snapshot.sequence_gaps, snapshot.internal_errors) == (1, 0)


@pytest.mark.parametrize("dead_lettered", [0, 1, 4])
def test_an_unbalanced_delivery_shows(decoder: Decoder, dead_lettered: int) -> None:
    driver = _driver(decoder, messages=2)
    driver.receive()
    driver.receive()
    driver.ingestor.settle(JobResult(1, 3, dead_lettered))

    assert driver.ingestor.snapshot().is_balanced is (dead_lettered == 1)


def test_there_is_room_until_what_waits_exceeds_a_limit_and_again_once_it_is_settled(
    decoder: Decoder,
) -> None:
    driver = Driver(decoder, BatchLimits(points=1000, messages=2), max_waiting_messages=3)
    for _ in range(3):
        driver.receive()
    assert driver.ingestor.has_room()

    driver.receive()
    assert not driver.ingestor.has_room()

    driver.settle(driver.sealed[0])
    driver.ingestor.release()
    assert driver.ingestor.has_room()


def test_payload_that_waits_is_bounded_in_bytes(decoder: Decoder) -> None:
    ingestor = Ingestor(decoder, BatchLimits(messages=1), max_waiting_bytes=len(GOOD))
    ingestor.connect()
    message = ReceivedMessage(PON_TOPIC.encode(), GOOD, is_copy=False, now_ms=NOW_MS)
    first = ingestor.receive(1, message, 1, is_redelivered=False, now_s=0.0)
    assert ingestor.has_room()

    ingestor.receive(2, message, 1, is_redelivered=False, now_s=0.0)
    assert not ingestor.has_room()

    assert first is not None
    ingestor.settle(JobResult(first.number, first.points, 0, {}))
    assert ingestor.has_room()
    assert first.pack() == []


def test_what_is_settled_behind_a_batch_that_is_stuck_is_small_and_bounded(
    decoder: Decoder,
) -> None:
    driver = Driver(decoder, BatchLimits(points=1000, messages=2, age_s=0.5), 5)
    for payload in (GOOD, b"junk" * 100, GOOD):
        driver.receive(payload)
        driver.receive(payload)
    stuck, *others = driver.sealed
    for batch in others:
        driver.settle(batch)

    assert [len(batch.outcome.dead_letters) for batch in driver.sealed] == [0, 0, 0]
    assert [batch.points for batch in driver.sealed] == [4, 0, 4]
    assert driver.ingestor.release() == []
    assert not driver.ingestor.has_room(), "six packet ids wait"
    driver.settle(stuck)
    assert driver.ingestor.release() == [1, 2, 3, 4, 5, 6]
    assert driver.ingestor.has_room()
