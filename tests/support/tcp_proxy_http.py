"""An HTTP proxy in front of InfluxDB: counts the points that it takes, and refuses on demand.

Points are counted where the database has confirmed them, whether or not the answer reached anybody:
that is the numerator of "points written to points distinct".
"""

import contextlib
import http.client
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

_HOP_HEADERS = {"connection", "transfer-encoding", "content-length", "host"}
_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """The answer to every write instead of the database's."""

    status: int = 503
    body: bytes = b'{"error":"timeout"}'
    headers: tuple[tuple[str, str], ...] = (("Retry-After", "1"),)


@dataclass
class Tally:
    """What passed."""

    points: dict[str, int] = field(default_factory=dict)
    """Points of confirmed writes, by retention policy."""
    writes: int = 0
    refused: int = 0
    lost_answers: int = 0


class HttpGate:
    """Serves in threads of its own from ``start`` to ``close``."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self.tally = Tally()
        self.refusal: Refusal | None = None
        self.loses_answers = False
        """Writes reach the database, and their answers nobody."""
        self.on_stored: Callable[[bytes], None] | None = None
        """Called with the raw lines of each confirmed write."""
        self.uncounted = b"\n"
        """Lines that have this in them do not count."""
        self.arriving_bytes = 0
        """So much of each lost answer arrives all the same, before the connection ends."""
        self._lock = Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.gate = self  # type: ignore[attr-defined] # Its handlers find the gate here.
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1})

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def note(self, path: str, body: bytes, status: int) -> None:
        """Count a write that the database answered."""
        url = urlsplit(path)
        if url.path != "/write" or status != http.HTTPStatus.NO_CONTENT or not body:
            return
        text = zlib.decompress(body, wbits=31) if body[:2] == b"\x1f\x8b" else body
        policy = parse_qs(url.query).get("rp", [""])[0]
        lines = sum(1 for line in text.split(b"\n") if line and self.uncounted not in line)
        if policy == "raw" and self.on_stored is not None:
            self.on_stored(text)
        with self._lock:
            self.tally.writes += 1
            self.tally.points[policy] = self.tally.points.get(policy, 0) + lines


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing for a client that is gone, which is what faults are about."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._pass(b"")

    def do_POST(self) -> None:
        self._pass(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nothing: a fault run has thousands."""

    def _pass(self, body: bytes) -> None:
        gate = cast("HttpGate", self.server.gate)  # type: ignore[attr-defined] # See HttpGate.
        if gate.refusal is not None and self.path.startswith("/write"):
            gate.tally.refused += 1
            self._answer(gate.refusal.status, list(gate.refusal.headers), gate.refusal.body)
            return
        try:
            status, headers, answer = self._ask(gate.server_port, body)
        except (OSError, http.client.HTTPException):
            self.close_connection = True
            return
        gate.note(self.path, body, status)
        if gate.loses_answers and self.path.startswith("/write"):
            gate.tally.lost_answers += 1
            self._lose(status, gate.arriving_bytes)
            return
        self._answer(status, headers, answer)

    def _ask(self, port: int, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
        try:
            headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP_HEADERS}
            connection.request(self.command, self.path, body or None, headers)
            response = connection.getresponse()
            return response.status, response.getheaders(), response.read()
        finally:
            connection.close()

    def _lose(self, status: int, arriving_bytes: int) -> None:
        self.close_connection = True
        head = f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}\r\n\r\n".encode()
        with contextlib.suppress(OSError):
            self.wfile.write(head[:arriving_bytes])

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        try:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in _HOP_HEADERS:
                    self.send_header(name, value)
            if status != http.HTTPStatus.NO_CONTENT:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True
