"""What the bench reads from the kernel: acknowledgements, CPU time, memory."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from gigacity_ingest.bench.drain_watch import watch_drain
from gigacity_ingest.bench.process_watch import usage
from gigacity_ingest.bench.socket_watch import PUBACK_BYTES, bytes_sent

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


@pytest.mark.parametrize("consumer", [1000 * PUBACK_BYTES + 90], indirect=True)
def test_a_drain_is_done_when_as_many_acknowledgements_have_left(
    consumer: int, listener: socket.socket
) -> None:
    told: list[int] = []
    drain = watch_drain(
        consumer,
        port=listener.getsockname()[1],
        messages=1000,
        is_running=lambda: True,
        progress=told.append,
    )

    assert (drain.end, drain.acknowledged) == ("done", 1000)
    assert drain.peak_rss_mb > 1


@pytest.mark.parametrize("consumer", [1000], indirect=True)
def test_a_consumer_that_ends_too_early_is_told_from_one_that_is_done(
    consumer: int, listener: socket.socket
) -> None:
    answers = iter([True, True, False])
    drain = watch_drain(
        consumer,
        port=listener.getsockname()[1],
        messages=1000,
        is_running=lambda: next(answers, False),
        progress=lambda _done: None,
    )

    assert drain.end in {"ended by itself", "did not connect"}
    assert drain.acknowledged < 1000


def test_a_consumer_that_never_connects_is_told() -> None:
    drain = watch_drain(
        NO_PID, port=1, messages=1, is_running=lambda: False, progress=lambda _done: None
    )

    assert drain.end == "did not connect"
