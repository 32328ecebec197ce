"""The tools of the fault suite do what their names say."""

import gzip
import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.faults.loop import LoopThread
from tests.support.http_double import serving
from tests.support.mqtt_probe import wait_until
from tests.support.tcp_proxy import Conduct, TcpProxy
from tests.support.tcp_proxy_http import HttpGate, Refusal
from tests.support.tmpfs import Ballast, NoTmpfsError, small_tmpfs

TIMEOUT_S = 5.0


class Echo:
    """A server that sends back what it gets; one connection after the other."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                try:
                    while data := connection.recv(65_536):
                        connection.sendall(data)
                except OSError:
                    continue

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


class Bench:
    """An echo server behind a proxy."""

    def __init__(self, stack: ExitStack, seed: int = 1) -> None:
        self.loop = LoopThread()
        stack.callback(self.loop.close)
        echo = Echo()
        stack.callback(echo.close)
        self.proxy = TcpProxy(echo.port, seed=seed)
        self.loop.run(self.proxy.start())
        stack.callback(lambda: self.loop.run(self.proxy.close()))
        self._stack = stack

    def connect(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.proxy.port), timeout=TIMEOUT_S)
        return self._stack.enter_context(made)

    def behave(self, **conduct: object) -> None:
        self.loop.run(self.proxy.behave(Conduct(**conduct)))  # type: ignore[arg-type] # As named.

    def call(self, name: str, *arguments: object) -> None:
        async def act() -> None:
            getattr(self.proxy, name)(*arguments)

        self.loop.run(act())


@pytest.fixture
def bench() -> Iterator[Bench]:
    with ExitStack() as stack:
        yield Bench(stack)


def _echo(connection: socket.socket, data: bytes = b"hello") -> bytes:
    connection.sendall(data)
    got = b""
    while len(got) < len(data) and (more := connection.recv(65_536)):
        got += more
    return got


def test_it_passes_bytes(bench: Bench) -> None:
    data = bytes(range(256)) * 4000

    connection = bench.connect()
    assert _echo(connection, data) == data


def test_it_refuses_and_takes_again_on_the_same_port(bench: Bench) -> None:
    before = bench.connect()
    assert _echo(before) == b"hello"
    bench.behave(refuses=True)
    with pytest.raises(ConnectionRefusedError):
        bench.connect()
    assert _echo(before) == b"hello"
    before.close()
    bench.behave()

    assert _echo(bench.connect()) == b"hello"


def test_a_black_hole_keeps_the_bytes(bench: Bench) -> None:
    connection = bench.connect()
    assert _echo(connection) == b"hello"
    bench.behave(is_silent=True)
    connection.sendall(b"later")
    connection.settimeout(0.2)
    with pytest.raises(TimeoutError):
        connection.recv(10)
    connection.settimeout(TIMEOUT_S)
    bench.behave()

    assert connection.recv(10) == b"later"


def test_it_resets(bench: Bench) -> None:
    connection = bench.connect()
    assert _echo(connection) == b"hello"
    bench.call("reset_all")

    with pytest.raises(ConnectionResetError):
        connection.recv(10)


def test_it_cuts_after_so_many_bytes(bench: Bench) -> None:
    bench.behave(cut_after=(3, 3))
    connection = bench.connect()
    connection.sendall(b"hello")

    assert connection.recv(10) == b"", "the echo has three bytes, which are all that may pass"


def test_a_half_close_leaves_the_other_direction_open(bench: Bench) -> None:
    connection = bench.connect()
    assert _echo(connection) == b"hello"
    bench.call("half_close", "client")

    assert connection.recv(10) == b""
    connection.sendall(b"still open")


def test_latency_and_rate_slow_it_down(bench: Bench) -> None:
    bench.behave(latency_s=0.05, bytes_per_s=1_000_000)
    connection = bench.connect()
    clock = bench.loop.loop.time
    began_s = clock()
    assert _echo(connection, bytes(50_000)) == bytes(50_000)

    assert clock() - began_s > 0.15


def test_the_same_seed_fails_in_the_same_ways() -> None:
    ways = []
    for seed in (1, 1, 2):
        with ExitStack() as stack:
            bench = Bench(stack, seed)
            ways.append([bench.loop.run(bench.proxy.go_down()) for _ in range(12)])

    assert ways[0] == ways[1] != ways[2]


# The HTTP proxy.


class _Database(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response_only(204 if self.path.startswith("/write") else 404)
        self.end_headers()


@pytest.fixture
def gate() -> Iterator[HttpGate]:
    with serving(HTTPServer(("127.0.0.1", 0), _Database)) as port:
        made = HttpGate(port)
        made.start()
        yield made
        made.close()


def _write(gate: HttpGate, lines: bytes = b"m f=1 1\nm f=2 2") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", gate.port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", "/write?db=d&rp=raw", gzip.compress(lines))
        return connection.getresponse().status
    finally:
        connection.close()


def test_points_are_counted_when_the_database_has_taken_them(gate: HttpGate) -> None:
    assert _write(gate) == 204
    gate.refusal = Refusal()
    assert _write(gate) == 503
    gate.refusal = None

    assert (gate.tally.points, gate.tally.refused) == ({"raw": 2}, 1)


def test_a_lost_answer_is_a_write_all_the_same(gate: HttpGate) -> None:
    gate.loses_answers = True
    with pytest.raises(http.client.RemoteDisconnected):
        _write(gate)

    assert (gate.tally.points, gate.tally.lost_answers) == ({"raw": 2}, 1)


# The small disk.


def test_a_small_disk_fills_up_and_is_gone_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    try:
        with small_tmpfs(folder, 1 << 20):
            ballast = Ballast(folder)
            assert 900_000 < ballast.fill() <= 1 << 20
            with pytest.raises(OSError, match="No space left"):
                (folder / "file").write_bytes(bytes(10_000))
            ballast.free()
            (folder / "file").write_bytes(bytes(10_000))
    except NoTmpfsError as error:
        pytest.skip(str(error))
    finally:
        wait_until(lambda: not folder.is_mount(), "it is unmounted")

    assert list(folder.iterdir()) == []
