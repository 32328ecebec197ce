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
import ssl
import struct
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal, Self, TypeAlias
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
class CutOff:
    """Read the request, send these bytes of an answer, then end the connection."""

    sent: bytes = b""
    ends: Literal["end of stream", "reset", "close_notify", "never"] = "end of stream"
    """Over TLS an end of stream is one without close_notify, which is how a killed server ends.
    A machine without power says nothing at all."""
    reads_body: bool = True


@dataclass(frozen=True)
class Delay:
    """Wait, then answer as usual; ends early when the server is stopped."""

    seconds: float


@dataclass(frozen=True)
class TooLarge:
    """Answer 413 before the body is read, then close, as 1.6.7 does above 25,000,000 bytes."""


Fault: TypeAlias = Respond | Close | CutOff | Delay | TooLarge
_Key: TypeAlias = tuple[str, str, frozenset[tuple[str, str]], bytes]

_IGNORED = frozenset({"epoch", "pretty", "u", "p"})
_LINGER_S = 0.05
_NEVER_S = 60.0
_LINGER_ZERO = struct.pack("ii", 1, 0)
"""SO_LINGER with which a close is a reset."""


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
    """The server; see the module.

    Args:
        tls: of an https server.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.accepted = 0
        """Connections so far."""
        self.received: list[Received] = []
        self.unmatched: list[Received] = []
        self._given: dict[tuple[str, str], _Answers] = {}
        self._recorded: dict[_Key, _Answers] = {}
        self._faults: deque[Fault] = deque()
        self._faults_at: dict[str, deque[Fault]] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._scheme = "http" if tls is None else "https"
        self._server = _Server(self, tls)
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
        return f"{self._scheme}://127.0.0.1:{self.port}"

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

    def fail_at(self, route: str, *faults: Fault) -> None:
        """The next requests to this path meet these, whatever is asked elsewhere meanwhile."""
        with self._lock:
            self._faults_at.setdefault(route, deque()).extend(faults)

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
            self.accepted += 1
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.discard(connection)

    def next_fault(self, path: str) -> Fault | None:
        with self._lock:
            waiting = self._faults_at.get(urlsplit(path).path) or self._faults
            return waiting.popleft() if waiting else None

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

    def __init__(self, replay: Replay, tls: ssl.SSLContext | None) -> None:
        self.replay = replay
        super().__init__(("127.0.0.1", 0), _Handler)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_side=True)


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
        fault = replay.next_fault(self.path)
        if isinstance(fault, TooLarge):
            self._refuse_unread()
            return
        if isinstance(fault, CutOff) and not fault.reads_body:
            self._cut_off(fault)
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
        elif isinstance(fault, CutOff):
            self._cut_off(fault)
        else:
            self._send(answer)

    def _cut_off(self, fault: CutOff) -> None:
        self.close_connection = True
        self.wfile.write(fault.sent)
        if fault.ends == "close_notify" and isinstance(self.connection, ssl.SSLSocket):
            with suppress(OSError):  # The client does not have to answer it.
                self.connection.unwrap()
        elif fault.ends == "never":
            self.server.replay.wait(_NEVER_S)
        elif fault.ends == "reset":
            # What was sent is read first; a reset throws away what still waits.
            self.server.replay.wait(_LINGER_S)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
            self.rfile.close()
            self.connection.close()

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
