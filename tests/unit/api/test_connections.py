"""Bounds on connections, over real sockets: headers, deadlines, addresses, readers that do not."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gigacity_api.http.serving.connections import ConnectionLimits, ConnectionTable
from gigacity_api.http.serving.server import server
from gigacity_api.http.serving.turns import Turns
from tests.support.mqtt_probe import wait_until

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
PART = 1 << 18


async def answering(scope: "Scope", receive: "Receive", send: "Send") -> None:
    """``/endless`` sends for ever; all else answers ``ok`` once the body is there."""
    if scope["type"] == "lifespan":
        while True:
            kind = (await receive())["type"]
            await send({"type": f"{kind}.complete"})
            if kind == "lifespan.shutdown":
                return
    if scope["path"] == "/endless":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": b"x" * PART, "more_body": True})
            await asyncio.sleep(0)
            if scope["state"]["gone"].is_set():
                return
    while (await receive()).get("more_body"):
        pass
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
    )
    await send({"type": "http.response.body", "body": b"ok"})


class Serving:
    """A running server."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.gone = threading.Event()

        async def app(scope: "Scope", receive: "Receive", send: "Send") -> None:
            scope.setdefault("state", {})["gone"] = self.gone
            await answering(scope, receive, send)

        self.server = server(app, limits)
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(
            target=lambda: self.server.run(sockets=[self._listener]), daemon=True
        )

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()
        wait_until(lambda: self.server.started, "it serves", timeout_s=10)

    def stop(self) -> None:
        """End it."""
        self.gone.set()
        self.server.should_exit = self.server.force_exit = True
        self._thread.join(10)
        self._listener.close()

    def connect(self, sent: bytes = b"") -> socket.socket:
        """A client."""
        client = socket.create_connection(self._listener.getsockname(), timeout=10)
        client.sendall(sent)
        return client

    @property
    def open(self) -> int:
        """Connections that are open."""
        return len(self.server.server_state.connections)


@contextmanager
def serving(**limits: float) -> Iterator[Serving]:
    found = Serving(ConnectionLimits(**limits))  # type: ignore[arg-type] # whole numbers are given
    found.start()
    try:
        yield found
    finally:
        found.stop()


def said(client: socket.socket) -> bytes:
    """Everything that a client reads until it is closed."""
    parts = []
    try:
        while part := client.recv(65_536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def test_endless_headers_are_refused_when_they_pass_the_bound() -> None:
    """Of one value, and of many: a connection used to take whatever came."""
    for filler in (b"x" * 1000, b"X-A: 1\r\n" * 125):
        with serving() as api, api.connect(GET + b"X: ") as client:
            sent = 0
            try:
                while sent < 4_000_000:
                    sent += client.send(filler)
            except ConnectionError:
                pass
            assert sent < 4_000_000
    with serving() as api, api.connect(GET + b"X: " + b"x" * 40_000) as client:
        answer = said(client)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"urn:gigacity:problem:headers-too-large" in answer


def test_trailers_and_chunk_heads_are_bounded_as_headers_are() -> None:
    for filler in (b"0\r\nX: ", b"5;"):
        head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + filler
        with serving() as api, api.connect(head) as client:
            try:
                client.sendall(b"x" * 100_000)
            except ConnectionError:
                continue
            assert b" 200 " not in said(client)


def test_headers_that_dribble_in_end_at_the_deadline() -> None:
    """A further byte is no further time, of the first request and of a later one."""
    with serving(head_s=0.3) as api:
        for before in (b"", GET + b"\r\n"):
            with api.connect(before) as client:
                if before:
                    assert client.recv(4096).endswith(b"ok")
                for byte in GET * 20:
                    try:
                        client.sendall(bytes([byte]))
                    except ConnectionError:
                        break
                    if api.open == 0:
                        break
                    threading.Event().wait(0.02)
                wait_until(lambda: api.open == 0, "it is closed", timeout_s=5)
        with api.connect() as silent:
            assert said(silent).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_does_not_come_and_a_silent_connection_end() -> None:
    with serving(body_s=0.2, idle_s=0.2) as api:
        with api.connect(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1") as client:
            assert said(client) == b""
        with api.connect(GET + b"\r\n") as client:
            assert said(client).endswith(b"ok")
        assert api.open == 0


def test_whoever_does_not_read_is_disconnected() -> None:
    """Once, its answer, its slot and its thread stayed for ever."""
    with serving(write_s=0.3) as api, api.connect(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n") as _:
        wait_until(lambda: api.open == 1, "it is connected", timeout_s=5)
        wait_until(lambda: api.open == 0, "it is disconnected", timeout_s=10)


def test_one_address_leaves_room_and_the_longest_waiting_gives_way() -> None:
    with serving(connections=2, per_address=3) as api:
        first, second = api.connect(GET), api.connect(GET)
        wait_until(lambda: api.open == 2, "two are open", timeout_s=5)
        with api.connect(GET + b"\r\n") as third:
            assert third.recv(4096).endswith(b"ok")
        assert said(first) == b""
        first.close()
        second.close()
    table = ConnectionTable(ConnectionLimits(per_address=2))
    assert [table.admit("a"), table.admit("a"), table.admit("a"), table.admit("b")] == [
        True, True, False, True,
    ]  # fmt: skip
    table.leave("a", "connection")
    assert table.admit("a")


def test_a_kept_connection_answers_pipelined_requests_and_bodies() -> None:
    with serving() as api:
        body = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000
        with api.connect((GET + b"\r\n") * 3 + body) as client:
            client.sendall(GET + b"Connection: close\r\n\r\n")
            assert said(client).count(b" 200 OK") == 5


def test_many_requests_at_once_are_begun_one_at_a_time_and_health_does_not_wait() -> None:
    """Whoever asked whether the process lives used to wait for two hundred that came before."""
    begun: list[bytes] = []

    async def main() -> None:
        turns = Turns()
        heard = [turns.hear(b"GET /api/%d HTTP/1.1" % n, begun.append) for n in range(200)]
        assert heard == [True] + [False] * 199
        assert turns.hear(b"GET /healthz HTTP/1.1", begun.append)
        assert begun == [b"GET /api/0 HTTP/1.1", b"GET /healthz HTTP/1.1"]
        for turn in range(1, 200):
            await asyncio.sleep(0)
            assert len(begun) <= turn + 2
        await asyncio.sleep(0)

    asyncio.run(main())
    assert begun.index(b"GET /api/199 HTTP/1.1") == 200


def test_clients_that_come_together_are_all_answered() -> None:
    """Whole heads, halves and bodies, on connections that are used again."""
    post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n"
    with serving() as api:
        clients = [api.connect() for _ in range(60)]
        for _ in range(2):
            for number, client in enumerate(clients):
                client.sendall(GET if number % 3 else post)
            for number, client in enumerate(clients):
                client.sendall(b"\r\n" if number % 3 else b"x" * 200_000)
            for client in clients:
                answer = b""
                while not answer.endswith(b"ok"):
                    answer += client.recv(4096)
                assert answer.startswith(b"HTTP/1.1 200 ")
        for client in clients:
            client.close()
