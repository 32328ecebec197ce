"""A small InfluxDB that answers with recordings, and can be told to fail.

It listens on 127.0.0.1 and a free port, in threads of its own::

    with Replay() as server:
        server.give("POST", "/write", recorded("influxdb1", "write.type_conflict_stored", 2))
        server.fail(Close(), Respond(503, {"Retry-After": "1"}))   # the next two requests
        ...
        assert server.received[0].body == b"..."

An answer is found, in this order: the next planned fault; an answer given for method and path
(several are given one after another, the last for ever); a recorded exchange (``serve``) with the
same method, path, parameters and body, where ``/query`` counts its form as parameters and any
method as the same; else 404, and the request is listed in ``unmatched``.
"""

import socket
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from tests.support.recordings import Exchange


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def route(self) -> str:
        """The path without its parameters."""
        return urlsplit(self.path).path

    @property
    def parameters(self) -> dict[str, str]:
        """Those of the URL, and of the form for a query."""
        found = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if self.route == "/query":
            found |= dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))
        return found


@dataclass(frozen=True)
class Respond:
    """Answer this."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Close:
    """Read the request, then close the connection without an answer."""


@dataclass(frozen=True)
class Delay:
    """Wait, then answer as usual; ends early when the server is stopped."""

    seconds: float


@dataclass(frozen=True)
class TooLarge:
    """Answer 413 before the body is read, then close, as 1.6.7 does above 25,000,000 bytes."""


Fault: TypeAlias = Respond | Close | Delay | TooLarge
_Key: TypeAlias = tuple[str, str, frozenset[tuple[str, str]], bytes]

_IGNORED = frozenset({"epoch", "pretty", "u", "p"})
_LINGER_S = 0.05


def _key(request: Received) -> _Key:
    parameters = frozenset((k, v) for k, v in request.parameters.items() if k not in _IGNORED)
    if request.route == "/query":
        return ("QUERY", request.route, parameters, b"")
    return (request.method, request.route, parameters, request.body)


class _Answers:
    """Answers to one kind of request: one after another, the last for ever."""

    def __init__(self) -> None:
        self._waiting: deque[Respond] = deque()

    def add(self, answer: Respond) -> None:
        self._waiting.append(answer)

    def next(self) -> Respond:
        return self._waiting.popleft() if len(self._waiting) > 1 else self._waiting[0]


def _as_answer(source: Exchange | Respond) -> Respond:
    if isinstance(source, Respond):
        return source
    return Respond(source.status, source.headers, source.body)


class Replay:
    """The server; see the module."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.unmatched: list[Received] = []
        self._given: dict[tuple[str, str], _Answers] = {}
        self._recorded: dict[_Key, _Answers] = {}
        self._faults: deque[Fault] = deque()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), name="replay"
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.port}"

    def give(self, method: str, route: str, *answers: Exchange | Respond) -> None:
        """Answer these, in order, to every request of this method and path, parameters aside."""
        waiting = self._given.setdefault((method, route), _Answers())
        for answer in answers:
            waiting.add(_as_answer(answer))

    def serve(self, exchanges: Iterable[Exchange]) -> None:
        """Answer these requests as they were answered when they were recorded."""
        for e in exchanges:
            key = _key(Received(e.method, e.path, e.request_headers, e.request_body))
            self._recorded.setdefault(key, _Answers()).add(_as_answer(e))

    def fail(self, *faults: Fault) -> None:
        """The next requests meet these, one each."""
        with self._lock:
            self._faults.extend(faults)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._connections:
                _shut(connection)
        self._server.server_close()

    # What the handlers use.

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.discard(connection)

    def next_fault(self) -> Fault | None:
        with self._lock:
            return self._faults.popleft() if self._faults else None

    def wait(self, seconds: float) -> None:
        self._stopping.wait(seconds)

    def answer(self, request: Received, fault: Fault | None) -> Respond:
        with self._lock:
            self.received.append(request)
            if isinstance(fault, Respond):
                return fault
            answers = self._given.get((request.method, request.route))
            answers = answers or self._recorded.get(_key(request))
            if answers is None:
                self.unmatched.append(request)
                return Respond(404, {}, b'{"error":"nothing recorded for this request"}\n')
            return answers.next()


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # The client was faster.
        connection.shutdown(socket.SHUT_RDWR)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True  # Handlers end as soon as their connections are shut.

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.replay.opened(self.connection)

    def finish(self) -> None:
        self.server.replay.closed(self.connection)
        super().finish()

    def handle(self) -> None:
        with suppress(ConnectionError):  # Tests of clients give up on purpose.
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name.
        """Say nothing: tests read ``received``."""

    def _respond(self) -> None:
        replay = self.server.replay
        fault = replay.next_fault()
        if isinstance(fault, TooLarge):
            self._refuse_unread()
            return
        length = int(self.headers.get("Content-Length", "0"))
        request = Received(
            self.command, self.path, dict(self.headers.items()), self.rfile.read(length)
        )
        if isinstance(fault, Delay):
            replay.wait(fault.seconds)
        answer = replay.answer(request, fault)
        if isinstance(fault, Close):
            self.close_connection = True
            return
        self._send(answer)

    def _refuse_unread(self) -> None:
        body = b'{"error":"Request Entity Too Large"}\n'
        self._send(Respond(413, {"Connection": "close"}, body))
        # As Go does: close our side, leave the client a moment to read the answer, then end.
        self.connection.shutdown(socket.SHUT_WR)
        self.server.replay.wait(_LINGER_S)
        self.close_connection = True

    def _send(self, answer: Respond) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "content-encoding"}:
                self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD" and answer.status != 204:
            self.wfile.write(answer.body)

    # The base class finds handlers by these names.
    do_GET = do_POST = do_PUT = do_PATCH = _respond  # noqa: N815
    do_DELETE = do_HEAD = do_OPTIONS = _respond  # noqa: N815
