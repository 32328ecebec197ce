"""How far the worker reads ahead: enough for a fast database, not too much for a slow one."""

from collections import deque
from itertools import count

import pytest

from gigacity_contract.influx import Written
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import ReceivedMessage
from gigacity_ingest.pipeline.batch import BatchLimits
from gigacity_ingest.pipeline.dispatcher import Dispatcher
from gigacity_ingest.pipeline.dispatching import DispatchPolicy, SentRequest
from gigacity_ingest.pipeline.ingestor import Ingestor
from gigacity_ingest.pipeline.read_ahead import ReadAhead
from tests.support.dispatch_model import Disk, Queue
from tests.unit.ingest.messages import NOW_MS, PON_TOPIC, pon, port

PORTS = 10
BATCH = 100
PATIENCE_S = 5.0
_STEP_S = 0.01


def _bound() -> ReadAhead:
    return ReadAhead(patience_s=PATIENCE_S, connections=2, batch_points=BATCH)


def test_before_the_first_answer_every_connection_can_be_kept_busy() -> None:
    assert _bound().max_points == 4 * BATCH


@pytest.mark.parametrize(
    ("points_per_s", "expected"), [(10, 400), (400, 1000), (1600, 4000), (1_000_000, 5000)]
)
def test_half_of_the_patience_at_the_rate_of_the_database(points_per_s: int, expected: int) -> None:
    ahead = _bound()
    for _ in range(50):
        ahead.note(BATCH, BATCH / points_per_s)

    assert ahead.max_points == expected


def test_a_database_that_slows_down_is_noticed_within_seconds() -> None:
    ahead = _bound()
    for _ in range(200):
        ahead.note(BATCH, BATCH / 2000)
    assert ahead.max_points == 5000

    ahead.note(BATCH, 3.0)
    assert ahead.max_points < 1000


def test_what_took_no_time_says_nothing() -> None:
    ahead = _bound()
    ahead.note(BATCH, 0.0)

    assert ahead.max_points == 4 * BATCH


class City:
    """A broker with an endless queue, a worker, and a database of a given speed; a fake clock."""

    def __init__(self, decoder: Decoder, points_per_s: float) -> None:
        self.now_s = 0.0
        self.points_per_s = points_per_s
        self.ingestor = Ingestor(decoder, BatchLimits(points=BATCH), read_ahead=_bound())
        self.ingestor.connect()
        self.queue, self.disk = Queue(), Disk()
        self.dispatcher = Dispatcher(
            source=self.queue,
            spool=self.disk,
            store=self.disk.store,
            emit=self.ingestor.settle,
            policy=DispatchPolicy(spool_after_s=PATIENCE_S),
            worker="w",
        )
        self.most_waiting = 0
        self.idle_s = 0.0
        self.spooled = 0
        self._payload = pon(*(port(1, n) for n in range(PORTS)))
        self._mids = count(1)
        self._posts: deque[SentRequest] = deque()
        self._work_left_s = 0.0

    def run(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.now_s += _STEP_S
            self._read()
            self.dispatcher.tick(self.now_s, NOW_MS)
            self._serve()
            self.ingestor.release()
            points = self.ingestor.snapshot().points
            self.spooled = max(self.spooled, points.spooled)
            self.most_waiting = max(self.most_waiting, points.in_flight)

    def _read(self) -> None:
        for _ in range(1000):
            if not self.ingestor.has_room():
                return
            message = ReceivedMessage(PON_TOPIC.encode(), self._payload, False, NOW_MS)
            full = self.ingestor.receive(
                next(self._mids), message, 1, is_redelivered=False, now_s=self.now_s
            )
            if full is not None:
                self.queue.batches.append(full)

    def _serve(self) -> None:
        """The database works on its posts one after another."""
        self._begin()
        spare_s = _STEP_S
        while self._posts and self.points_per_s:
            taken_s = min(spare_s, self._work_left_s)
            spare_s -= taken_s
            self._work_left_s -= taken_s
            if self._work_left_s > 1e-9:
                return
            post = self._posts.popleft()
            self.dispatcher.take_answer(post, Written(), self.now_s, NOW_MS)
            self._begin()
            self._work_left_s = self._posts[0].body.points / self.points_per_s if self._posts else 0
        self.idle_s += spare_s

    def _begin(self) -> None:
        while (post := self.dispatcher.next_request(self.now_s, NOW_MS)) is not None:
            if not self._posts and self.points_per_s:
                self._work_left_s = post.body.points / self.points_per_s
            self._posts.append(post)


@pytest.mark.parametrize("points_per_s", [60, 150, 500, 2000])
def test_a_slow_but_healthy_database_gets_everything_once_and_never_waits(
    decoder: Decoder, points_per_s: int
) -> None:
    city = City(decoder, points_per_s)
    city.run(60)

    assert city.spooled == 0
    assert city.most_waiting <= max(4 * BATCH, points_per_s * PATIENCE_S) + 2 * BATCH
    assert city.idle_s < 0.2
    assert city.ingestor.snapshot().points.confirmed >= points_per_s * 59 - BATCH


def test_a_database_that_stalls_leads_to_the_spool_and_reading_goes_on(decoder: Decoder) -> None:
    city = City(decoder, 500)
    city.run(5)
    before = city.ingestor.snapshot().messages
    city.points_per_s = 0
    city.run(PATIENCE_S - 0.5)
    assert city.ingestor.snapshot().points.spooled == 0

    city.run(3)
    after = city.ingestor.snapshot()
    assert after.points.spooled > 0
    assert after.messages.received > before.received + city.most_waiting / PORTS / 2
    assert after.messages.acknowledged > before.acknowledged
    assert after.is_balanced
