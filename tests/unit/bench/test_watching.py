"""What the bench reads from the kernel: acknowledgements, CPU time, memory."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bench.ingest import drain_watch
from tests.bench.ingest.drain_watch import Watched, watch_drain
from tests.bench.ingest.socket_watch import PUBACK_BYTES, bytes_sent
from tests.bench.process_watch import usage

NO_PID = 2**22 + 1
"""Above every process id of Linux."""

CONSUMER = """
import socket, sys
sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
sock.sendall(b"x" * int(sys.argv[2]))
sys.stdin.read()
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_bytes_are_counted_that_the_other_end_has_received(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    assert bytes_sent(os.getpid(), port) is None

    with socket.create_connection(("127.0.0.1", port)) as client:
        other, _ = listener.accept()
        with other:
            client.sendall(b"x" * 400)
            other.recv(400, socket.MSG_WAITALL)
            assert bytes_sent(os.getpid(), port) == 400
            assert bytes_sent(NO_PID, port) is None


def test_a_process_that_has_ended_has_no_usage() -> None:
    assert usage(NO_PID) is None


def test_cpu_time_and_memory_of_a_process_are_read() -> None:
    before = usage(os.getpid())
    deadline = os.times().user + 0.1
    while os.times().user < deadline:
        pass
    after = usage(os.getpid())

    assert before is not None
    assert after is not None
    assert 0.05 <= after.cpu_s - before.cpu_s < 5
    assert after.peak_rss_mb > 5


@pytest.fixture
def consumer(request: pytest.FixtureRequest, listener: socket.socket) -> Iterator[int]:
    """Sends so many bytes to the listener, then waits."""
    argv = [sys.executable, "-c", CONSUMER, str(listener.getsockname()[1]), str(request.param)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE) as process:
        yield process.pid
        process.kill()


def watched(pid: int, listener: socket.socket, **members: Any) -> Watched:
    usual: dict[str, Any] = {
        "messages": 1000, "points": 1000, "is_running": lambda: True, "count": lambda: 1000,
    }  # fmt: skip
    return Watched(pid=pid, port=listener.getsockname()[1], **usual | members)


ALL_AND_CONNECT = 1000 * PUBACK_BYTES + 90


@pytest.mark.parametrize("consumer", [ALL_AND_CONNECT], indirect=True)
def test_a_drain_is_done_when_as_many_acknowledgements_have_left(
    consumer: int, listener: socket.socket
) -> None:
    drain = watch_drain(watched(consumer, listener))

    assert (drain.end, drain.acknowledged, drain.stored) == ("done", 1000, 1000)
    assert drain.stored_later_s == 0
    assert drain.peak_rss_mb > 0


@pytest.mark.parametrize("consumer", [ALL_AND_CONNECT], indirect=True)
def test_what_waits_in_a_spool_is_waited_for(consumer: int, listener: socket.socket) -> None:
    counts = iter([700, 900, 1000])
    drain = watch_drain(watched(consumer, listener, count=lambda: next(counts)))

    assert (drain.end, drain.stored) == ("done", 1000)
    assert 0.5 < drain.stored_later_s <= drain.seconds


@pytest.mark.parametrize("consumer", [ALL_AND_CONNECT], indirect=True)
def test_what_never_comes_out_of_a_spool_is_told(
    consumer: int, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain_watch, "STILL_S", 0.2)
    drain = watch_drain(watched(consumer, listener, count=lambda: 999))

    assert (drain.end, drain.acknowledged, drain.stored) == ("stands still", 1000, 999)


@pytest.mark.parametrize("consumer", [1000], indirect=True)
def test_a_consumer_that_acknowledges_nothing_more_stands_still(
    consumer: int, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain_watch, "STILL_S", 0.2)
    drain = watch_drain(watched(consumer, listener, count=lambda: 240))

    assert (drain.end, drain.acknowledged, drain.stored) == ("stands still", 250, 240)


@pytest.mark.parametrize("consumer", [1000], indirect=True)
def test_a_consumer_that_ends_by_itself_is_told(consumer: int, listener: socket.socket) -> None:
    while bytes_sent(consumer, listener.getsockname()[1]) is None:
        pass
    answers = iter([True, True])
    drain = watch_drain(watched(consumer, listener, is_running=lambda: next(answers, False)))

    assert drain.end == "ended by itself"


def test_a_consumer_that_never_connects_is_told(listener: socket.socket) -> None:
    drain = watch_drain(watched(NO_PID, listener, is_running=lambda: False, count=lambda: 0))

    assert (drain.end, drain.stored) == ("did not connect", 0)
