"""The alarm about refused input: by share of a minute, and in a row."""

import pytest

from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import ReceivedMessage
from gigacity_ingest.pipeline.batch import BatchLimits, JobResult
from gigacity_ingest.pipeline.ingestor import Ingestor
from gigacity_ingest.pipeline.refusals import RefusalLimits, RefusalWatch
from tests.unit.ingest.messages import NOW_MS, PON_TOPIC, pon, port

LIMITS = RefusalLimits(ratio=0.5, least=10, consecutive=100)


def test_a_high_share_of_a_minute_raises_the_alarm_and_time_ends_it() -> None:
    watch = RefusalWatch(LIMITS)
    watch.observe(0.0, 9, 0)
    watch.observe(1.0, 0, 9)
    assert watch.alarm(1.0) == "", "too few to say anything"
    watch.observe(2.0, 1, 1)
    assert (watch.ratio(2.0), watch.alarm(2.0)) == (0.5, "at least 50% of what arrived in the last"
        " minute was refused")  # fmt: skip
    watch.observe(3.0, 100, 0)
    assert watch.alarm(3.0) == ""
    assert watch.ratio(70.0) == 0.0


def test_refusals_in_a_row_raise_the_alarm_until_something_good_comes() -> None:
    watch = RefusalWatch(RefusalLimits(ratio=1.0, least=10_000, consecutive=100))
    for second in range(100):
        watch.observe(second * 70.0, 0, 1)
    assert "in a row" in watch.alarm(7000.0)
    watch.observe(7001.0, 1, 0)
    assert watch.alarm(7001.0) == ""


def _receive(ingestor: Ingestor, payload: bytes, now_s: float) -> None:
    message = ReceivedMessage(PON_TOPIC.encode(), payload, False, NOW_MS)
    batch = ingestor.receive(1, message, 1, is_redelivered=False, now_s=now_s)
    assert batch is not None
    dead_letters = {dead_letter.reason.value: 1 for dead_letter in batch.outcome.dead_letters}
    ingestor.settle(JobResult(batch.number, batch.points, 0, dead_letters))


@pytest.fixture
def ingestor(decoder: Decoder) -> Ingestor:
    limits = BatchLimits(messages=1)
    return Ingestor(
        decoder, limits, refusal_limits=RefusalLimits(ratio=0.5, least=3, consecutive=50)
    )


def test_a_bad_deployment_is_said_with_its_reason_and_nothing_is_dropped(
    ingestor: Ingestor,
) -> None:
    ingestor.connect()
    for second in range(4):
        _receive(ingestor, b"junk", float(second))
    snapshot = ingestor.snapshot(4.0)

    assert "most often not_json" in snapshot.alarm
    assert (snapshot.refused_ratio, snapshot.refused_consecutive) == (1.0, 4)
    assert snapshot.dead_letters == {"not_json": 4}
    assert snapshot.is_balanced


def test_a_bad_optional_field_is_no_refusal(ingestor: Ingestor) -> None:
    ingestor.connect()
    for second in range(9):
        _receive(ingestor, pon(port(rx_dbm="N/A")), float(second))

    assert ingestor.snapshot(9.0).refused_ratio == 0.0


def test_lines_that_the_database_refuses_count(ingestor: Ingestor) -> None:
    ingestor.connect()
    message = ReceivedMessage(
        PON_TOPIC.encode(), pon(*(port(1, n) for n in range(8))), False, NOW_MS
    )
    batch = ingestor.receive(1, message, 1, is_redelivered=False, now_s=0.0)
    assert batch is not None
    ingestor.settle(JobResult(batch.number, 0, 8, {"sink_rejected": 1}))

    assert ingestor.snapshot(0.0).refused_ratio == 0.5
