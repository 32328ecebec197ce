"""The worker as the receiver of a session: what a reconnect takes back, and what it must not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gigacity_city.model import City
from gigacity_contract.access import Secret
from gigacity_contract.clock import ManualClock
from gigacity_contract.influx import InfluxEndpoint
from gigacity_contract.process.settings import parse_url
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from gigacity_ingest.adapters.state_folder import StateFolder
from gigacity_ingest.pipeline.batch import Batch, BatchLimits
from gigacity_ingest.pipeline.snapshot import LedgerSnapshot
from gigacity_ingest.worker import Worker
from gigacity_ingest.worker_config import WorkerConfig
from tests.unit.ingest.messages import NOW_MS, PON_TOPIC, pon, port


def worker_settings(folder: Path, *, filters: tuple[str, ...] = ("gigacity/v1/#",)) -> WorkerConfig:
    """Settings of a worker that reaches neither broker nor database."""
    nowhere = parse_url("URL", "mqtt://127.0.0.1:9", ("mqtt",))
    database = parse_url("URL", "http://127.0.0.1:9", ("http",))
    return WorkerConfig(
        mqtt=MQTTEndpoint(nowhere, "w-1", filters, Secret("")),
        influx=InfluxEndpoint(database, "gigacity", "", Secret("")),
        org="",
        limits=BatchLimits(messages=2),
        state_dir=folder,
        http_listen=("127.0.0.1", 0),
        report_interval_s=10.0,
        drain_timeout_s=1.0,
        dead_letter_budget_bytes=1000,
    )


class Harness:
    """A worker whose threads do not run; its sink takes nothing by itself."""

    def __init__(self, folder: Path, city: City) -> None:
        self.state = StateFolder(folder)
        self.worker = Worker(
            worker_settings(folder), city, clock=ManualClock(NOW_MS), state=self.state
        )
        self.session_handler = self.worker._session_handler
        self.mid = 0

    def publish(self, *, qos: int = 1, dup: bool = False) -> None:
        self.mid += 1
        self.session_handler.on_publish(self.mid, PON_TOPIC.encode(), pon(port()), qos, False, dup)

    def take(self) -> Batch | None:
        return self.worker._queue.take_batch()

    def snapshot(self) -> LedgerSnapshot:
        return self.worker._ingestor.snapshot()


@pytest.fixture
def harness(tmp_path: Path, city: City) -> Iterator[Harness]:
    harness = Harness(tmp_path, city)
    yield harness
    harness.worker.close()
    harness.state.close()


def test_full_batches_go_to_the_sink_and_the_open_one_follows_at_the_end(harness: Harness) -> None:
    harness.session_handler.on_session(is_resumed=False)
    for _ in range(3):
        harness.publish()
    assert (batch := harness.take()) is not None
    assert batch.messages == 2
    assert harness.take() is None
    harness.session_handler.on_connection_end()

    assert (rest := harness.take()) is not None
    assert rest.messages == 1


def test_a_resumed_session_takes_back_what_waits_but_not_what_is_on_its_way(
    harness: Harness,
) -> None:
    harness.session_handler.on_session(is_resumed=False)
    for _ in range(5):
        harness.publish()
    begun = harness.take()
    harness.session_handler.on_connection_end()
    harness.session_handler.on_session(is_resumed=True)

    assert begun is not None
    assert harness.take() is None
    snapshot = harness.snapshot()
    assert (snapshot.points.withdrawn, snapshot.points.in_flight) == (3, 2)
    assert (snapshot.messages.abandoned, snapshot.is_balanced) == (5, True)


def test_reconnecting_again_and_again_does_not_pile_up_batches(harness: Harness) -> None:
    for _ in range(50):
        harness.session_handler.on_session(is_resumed=True)
        for _ in range(4):
            harness.publish(dup=True)
        harness.session_handler.on_connection_end()

    assert len(harness.worker._ingestor.ledger.waiting) == 2


def test_a_lost_session_keeps_everything_since_nothing_comes_again(harness: Harness) -> None:
    harness.session_handler.on_session(is_resumed=False)
    for _ in range(4):
        harness.publish()
    harness.session_handler.on_connection_end()
    harness.session_handler.on_session(is_resumed=False)

    assert [harness.take() is not None for _ in range(3)] == [True, True, False]
    assert harness.snapshot().points.withdrawn == 0


def test_messages_of_qos_0_alone_are_never_taken_back(harness: Harness) -> None:
    harness.session_handler.on_session(is_resumed=False)
    harness.publish(qos=0)
    harness.publish(qos=0)
    harness.session_handler.on_connection_end()
    harness.session_handler.on_session(is_resumed=True)

    assert harness.take() is not None


def test_a_retained_or_redelivered_message_is_a_copy(harness: Harness) -> None:
    topic = PON_TOPIC.replace("/pon", "/status").encode()
    will = b'{"session":%d,"state":"offline"}' % (NOW_MS - 1000)
    harness.session_handler.on_session(is_resumed=False)
    for retain, dup in ((True, False), (False, True), (False, False)):
        harness.session_handler.on_publish(1, topic, will, 1, retain, dup)
    harness.session_handler.on_connection_end()
    bodies = [body for _ in range(2) if (b := harness.take()) for body in b.pack()]
    lines = [line for body in bodies for line in body.lines()]

    assert [b"seen_ended_ms=" in line for line in lines] == [True, True, False]


def test_the_filters_are_remembered_before_the_first_connection(
    harness: Harness, tmp_path: Path
) -> None:
    assert (tmp_path / "subscriptions.json").read_bytes() == b'["gigacity/v1/#"]'
