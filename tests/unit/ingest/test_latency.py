"""How long points took: steps of a batch, shares of it, the histogram, and who counts."""

from collections.abc import Mapping
from typing import Any

import pytest

from gigacity_contract.influx import Unavailable, Written
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import ReceivedMessage
from gigacity_ingest.pipeline.age_histogram import part_of, summarize
from gigacity_ingest.pipeline.batch import BatchLimits
from gigacity_ingest.pipeline.dispatcher import Dispatcher
from gigacity_ingest.pipeline.dispatching import DispatchPolicy
from gigacity_ingest.pipeline.ingestor import Ingestor
from gigacity_ingest.pipeline.latency import BOUNDS_S, LatencyHistogram
from tests.support.dispatch_model import Disk, Queue
from tests.unit.ingest.messages import BUNDLE_TOPIC, NOW_MS, PON_TOPIC, bundle, entry, pon, port


def test_steps_go_back_from_the_newest_point_and_speak_of_their_oldest() -> None:
    times = [1000, 990, 960, 940, 700]

    assert summarize(times, since_ms=0) == ((960, 3), (940, 1), (700, 1))


def test_points_that_were_late_when_they_came_are_left_out() -> None:
    assert summarize([100, 499, 500, 520], since_ms=500) == ((500, 2),)
    assert summarize([100], since_ms=500) == ()
    assert summarize([], since_ms=500) == ()


def test_a_slow_clock_makes_nobody_else_old() -> None:
    times = [NOW_MS - index for index in range(4999)] + [NOW_MS - 90_000]

    found = summarize(times, since_ms=0)
    assert sum(points for _, points in found) == 5000
    assert found[-1] == (NOW_MS - 90_000, 1)
    assert all(NOW_MS - ts < 5000 for ts, _ in found[:-1])
    assert len(found) < 10


@pytest.mark.parametrize("points", [0, 1, 7, 9, 10, 99])
def test_a_part_has_as_many_points_as_it_should(points: int) -> None:
    whole = ((30, 5), (20, 1), (10, 4))

    assert sum(count for _, count in part_of(whole, points, 10)) == min(points, 10)


def test_quantiles_lie_in_the_right_bucket_and_never_above_the_maximum() -> None:
    latency = LatencyHistogram()
    assert (latency.figures().p50_s, latency.figures().p99_s) == (None, None)
    latency.add(0.45, 98)
    latency.add(4.2, 2)

    found = latency.figures()
    assert (found.points, found.max_s) == (100, 4.2)
    assert found.sum_s == pytest.approx(52.5)
    assert found.p50_s == pytest.approx(0.402, abs=0.001)
    assert found.p99_s == pytest.approx(4.1)
    assert found.counts[BOUNDS_S.index(0.5)] == 98


def test_beyond_the_last_bound_the_maximum_is_what_is_known() -> None:
    latency = LatencyHistogram()
    latency.add(200_000.0, 1)

    assert latency.figures().counts[-1] == 1
    assert latency.figures().p99_s == pytest.approx(198_864.0)


def test_a_fast_clock_counts_as_immediate() -> None:
    latency = LatencyHistogram()
    latency.add(-30.0, 3)

    assert (latency.figures().counts[0], latency.figures().max_s) == (3, 0.0)


class Line:
    """Ingestor and dispatcher with a database that answers when it is told to."""

    def __init__(self, decoder: Decoder) -> None:
        self.ingestor = Ingestor(decoder, BatchLimits(messages=1))
        self.ingestor.connect()
        self.queue, self.disk = Queue(), Disk()
        self.dispatcher = Dispatcher(
            source=self.queue,
            spool=self.disk,
            store=self.disk.store,
            emit=self.ingestor.settle,
            policy=DispatchPolicy(spool_after_s=5.0),
            worker="w",
        )

    def receive(self, topic: str, payload: bytes) -> None:
        message = ReceivedMessage(topic.encode(), payload, False, NOW_MS)
        batch = self.ingestor.receive(1, message, 1, is_redelivered=False, now_s=0.0)
        assert batch is not None
        self.queue.batches.append(batch)

    def answer(self, outcome: Any, *, begun_s: float, now_s: float) -> None:
        post = self.dispatcher.next_request(begun_s, NOW_MS + round(begun_s * 1000))
        assert post is not None
        self.dispatcher.take_answer(post, outcome, now_s, NOW_MS + round(now_s * 1000))

    def counts(self) -> Mapping[float, int]:
        """Points by the bound that they lie below."""
        counts = self.ingestor.snapshot().latency.counts
        return {bound: n for bound, n in zip(BOUNDS_S, counts, strict=False) if n}


def test_points_count_at_the_moment_of_their_confirmation(decoder: Decoder) -> None:
    line = Line(decoder)
    line.receive(PON_TOPIC, pon(port(1, 0), port(1, 1), ts=NOW_MS - 400))
    assert line.counts() == {}

    line.answer(Written(), begun_s=0.1, now_s=0.3)
    assert line.counts() == {0.75: 2}
    assert line.ingestor.snapshot().points_late == 0


def test_an_upload_of_yesterdays_readings_spoils_nothing(decoder: Decoder) -> None:
    line = Line(decoder)
    old = [entry(f"camera-{n}", NOW_MS - 86_000_000) for n in (1, 2, 3)]
    line.receive(BUNDLE_TOPIC, bundle(*old))
    line.answer(Written(), begun_s=0.0, now_s=0.1)
    line.answer(Written(), begun_s=0.1, now_s=0.1)  # The row of ``arrival``.

    snapshot = line.ingestor.snapshot()
    assert (snapshot.points.confirmed, snapshot.latency.points) == (3, 0)
    assert snapshot.points_late == 3


def test_what_a_gateway_collected_counts_from_its_newest_reading(decoder: Decoder) -> None:
    line = Line(decoder)
    early = [entry(f"camera-{n}", NOW_MS - 4000) for n in (1, 2, 3)]
    line.receive(BUNDLE_TOPIC, bundle(*early, entry("camera-4", NOW_MS - 50)))
    line.answer(Written(), begun_s=0.0, now_s=0.1)

    assert line.counts() == {0.2: 4}


def test_a_fast_clock_in_a_bundle_makes_nobody_seem_stored_at_once(decoder: Decoder) -> None:
    line = Line(decoder)
    early = [entry(f"camera-{n}", NOW_MS - 4000) for n in (1, 2, 3)]
    line.receive(BUNDLE_TOPIC, bundle(*early, entry("camera-4", NOW_MS + 240_000)))
    line.answer(Written(), begun_s=0.0, now_s=0.7)

    assert line.counts() == {0.75: 4}


def test_by_way_of_the_spool_points_count_when_the_database_has_them(decoder: Decoder) -> None:
    line = Line(decoder)
    line.receive(PON_TOPIC, pon(port(1, 0), port(1, 1), ts=NOW_MS))
    line.answer(Unavailable(None, "down"), begun_s=0.0, now_s=0.1)
    line.dispatcher.tick(6.0, NOW_MS + 6000)
    assert line.ingestor.snapshot().points.spooled == 2
    assert line.counts() == {}

    line.dispatcher.tick(40.0, NOW_MS + 40_000)
    line.answer(Written(), begun_s=40.0, now_s=40.0)
    assert line.counts() == {60.0: 2}
