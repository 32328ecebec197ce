"""The sink over real sockets, against recorded answers and the ways in which a server dies."""

import gzip
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gigacity_contract.access import Secret
from gigacity_contract.clock import SystemClock
from gigacity_contract.errors import GigacityError
from gigacity_contract.influx import InfluxEndpoint, Server
from gigacity_contract.process.settings import parse_url
from gigacity_ingest.adapters.handoff import Queue, Results
from gigacity_ingest.adapters.sink import Sink
from gigacity_ingest.adapters.spool_gate import SpoolGate
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.dead_letters.store import DeadLetterStore
from gigacity_ingest.encode.line_builder import marked
from gigacity_ingest.influx.storage import Storage
from gigacity_ingest.influx.writer import InfluxWriter
from gigacity_ingest.pipeline.batch import Batch, JobResult
from gigacity_ingest.pipeline.dispatching import DispatchPolicy
from gigacity_ingest.spool import SpoolPolicy
from tests.support.recordings import recorded
from tests.support.replay import Close, CutOff, Delay, Replay, Respond, TooLarge

NO_CONTENT = Respond(204, {"X-Influxdb-Version": "1.6.7~rc0"})
BUSY = Respond(429, {"Retry-After": "1"}, b'{"error":"too busy"}')
CUT_SHORT = Respond(500, {}, b'{"error":"write failed"}')
FULL = Respond(500, {}, b'{"error":"write /wal/_00001.wal: no space left on device"}')


def _refuse(_: Server) -> None:
    raise GigacityError("requires admin privilege")


class Running:
    """A sink thread that posts to a replayed server."""

    def __init__(self, folder: Path, server: Replay) -> None:
        server.give("GET", "/ping", NO_CONTENT)
        server.give("POST", "/write", NO_CONTENT)
        self.server = server
        clock = SystemClock()
        endpoint = InfluxEndpoint(parse_url("URL", server.url, ("http",)), "g", "", Secret(""))
        writers = [InfluxWriter(endpoint, timeout_s=2.0) for _ in range(3)]
        self.status = WorkerStatus("w-1", clock.now_ms())
        self.wakers = [Waker(), Waker()]
        self.queue = Queue(self.wakers[0])
        self.results: Results[JobResult] = Results(self.wakers[1])
        self.store = DeadLetterStore(folder / "letters", budget_bytes=100_000)
        self.sink = Sink(
            connections=writers[:2],
            storage=Storage(writers[2], bucket="g", create=_refuse),
            store=self.store,
            spool=SpoolGate(
                folder / "spool",
                policy=SpoolPolicy(max_bytes=100_000, fill_bytes=1000),
                clock=clock,
                health=self.status.spool,
            ),
            queue=self.queue,
            results=self.results,
            waker=self.wakers[0],
            status=self.status,
            clock=clock,
            policy=DispatchPolicy(spool_after_s=1.5),
            timeout_s=0.4,
        )
        self.thread = threading.Thread(target=self.sink.run)
        self.thread.start()
        until = time.monotonic() + 5
        while not self.status.database.is_ok:
            assert time.monotonic() < until
            time.sleep(0.005)
        server.received.clear()

    def put(self, number: int, *lines: bytes) -> None:
        batch = Batch(number, 1, SystemClock().monotonic_s())
        for line in lines:
            batch.outcome.lines.points.append({"|": marked(f"{line.decode()} v=1")})
        self.queue.put(batch)

    def until(self, batches: int, points: int) -> list[JobResult]:
        """Outcomes until so many batches are settled and so many points have their place."""
        found: list[JobResult] = []
        until = time.monotonic() + 15
        while (
            sum(bool(d.number) for d in found) < batches
            or sum(d.confirmed + d.dead_lettered for d in found) < points
        ):
            assert time.monotonic() < until, found
            found += self.results.drain()
            time.sleep(0.005)
        return found

    def stop(self) -> None:
        self.sink.stop()
        self.thread.join(5)
        assert self.sink.failure is None
        for waker in self.wakers:
            waker.close()

    def posted(self) -> list[list[bytes]]:
        """Lines of each post of telemetry; what is told of them once more is left out."""
        posts = [gzip.decompress(r.body).split(b"\n") for r in self.server.received]
        return [lines for lines in posts if not lines[0].startswith(b"fresh_points,")]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Replay() as server:
        made = Running(tmp_path, server)
        yield made
        made.stop()


LINES = (b"m,n=1", b"m,n=2", b"m,n=3")


@pytest.mark.parametrize(
    "fault",
    [
        Close(),
        CUT_SHORT,
        FULL,
        BUSY,
        Respond(503, {}, b"x"),
        TooLarge(),
        Delay(1.0),
        CutOff(b"HTTP/1.1 204"),
        CutOff(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 99\r\n\r\n{", "reset"),
        CutOff(reads_body=False),
    ],
    ids=["closed", "500", "disk full", "429", "503", "413", "silent",
         "dies in the head", "dies in the body", "dies while it is sent to"],
)  # fmt: skip
def test_a_failure_that_passes_costs_nothing(running: Running, fault: object) -> None:
    running.server.fail(fault, fault)  # type: ignore[arg-type] # each is a Fault
    running.put(1, *LINES)
    found = running.until(1, 3)

    assert sum(d.confirmed for d in found) == 3
    assert not list(running.store.unique())
    assert {line.split(b" ")[0] for sent in running.posted() for line in sent} == set(LINES)


@pytest.mark.parametrize("recording", ["influxdb1", "influxdb2"])
def test_a_first_conflict_is_sent_again_and_found(running: Running, recording: str) -> None:
    answer = recorded(recording, "write.type_conflict_in_batch", 1)
    conflict = Respond(answer.status, answer.headers, answer.body)
    running.server.fail(conflict)
    running.put(1, *LINES)
    found = running.until(1, 3)

    assert sum(d.confirmed + d.dead_lettered for d in found) == 3
    assert len(running.posted()) >= 2


@pytest.mark.parametrize(
    "refusal",
    [
        Respond(500, {}, b'{"error":"duplicate tag"}'),
        Respond(400, {}, b'{"error":"gzip: invalid checksum"}'),
    ],
    ids=["500 for ever", "400 without a name"],
)
def test_one_line_at_fault_costs_no_neighbour_and_holds_nobody_up(
    tmp_path: Path, refusal: Respond
) -> None:
    class Choking(Replay):
        def answer(self, request, fault):  # type: ignore[no-untyped-def]
            self.received.append(request)
            if request.body and b"n=2" in gzip.decompress(request.body):
                return refusal
            return NO_CONTENT

    with Choking() as server:
        running = Running(tmp_path, server)
        running.put(1, *LINES)
        for number in range(2, 40):
            running.put(number, b"m,other=%d" % number)
            time.sleep(0.02)
        found = running.until(39, 41)
        while not list(running.store.unique()):
            found += running.until(0, 0)
        running.stop()
        (stored,) = running.store.unique()

    assert stored.dead_letter.payload.split(b" ")[0] == b"m,n=2"
    assert sum(d.dead_lettered for d in found) == 1


@pytest.mark.parametrize(
    ("recording", "case", "status"),
    [
        ("influxdb1", "auth.write_no_credentials", 401),
        ("influxdb1", "auth.write_reader", 403),
        ("influxdb1", "routes.write_unknown_db", 404),
        ("influxdb1", "routes.write_unknown_rp", 500),
        ("influxdb2", "access.write_wrong", 401),
        ("influxdb2", "access.write_read_dbrp_only", 404),
    ],
)
def test_missing_rights_or_storage_spool_everything_and_say_what_to_fix(
    running: Running, recording: str, case: str, status: int
) -> None:
    denied = recorded(recording, case, 1)
    assert denied.status == status
    running.server._given.clear()
    running.server.give("GET", "/ping", NO_CONTENT)
    running.server.give("POST", "/write", denied)
    running.put(1, *LINES)
    found = running.until(1, 0)

    assert found[0].spool is not None
    assert found[0].spool.points == 3
    assert "gigacity provision" in running.status.problems()["database"]
    assert not list(running.store.unique())
    running.server._given.clear()
    running.server.give("GET", "/ping", NO_CONTENT)
    running.server.give("POST", "/write", NO_CONTENT)
    assert sum(d.confirmed for d in running.until(0, 3)) == 3


def test_a_full_disk_spools_everything_and_says_that_the_database_must_be_restarted(
    running: Running,
) -> None:
    running.server._given.clear()
    running.server.give("POST", "/write", FULL)
    running.put(1, *LINES)
    found = running.until(1, 0)

    assert found[0].spool is not None
    assert found[0].spool.points == 3
    problem = running.status.problems()["database"]
    assert "no space left on device" in problem
    assert "restart the database" in problem
    running.server._given.clear()
    running.server.give("POST", "/write", NO_CONTENT)
    assert sum(d.confirmed for d in running.until(0, 3)) == 3
    assert not list(running.store.unique())
