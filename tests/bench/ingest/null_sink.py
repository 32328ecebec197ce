"""A database that takes everything and keeps nothing but what came: the null sink, as a process.

Answers as InfluxDB 1.x does to a healthy writer. Bodies are kept packed until somebody asks for
``/points``, so that counting costs nothing while a consumer is measured. Started by the bench as
``python -m tests.bench.ingest.null_sink PORT``.
"""

import json
import sys
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from gigacity_contract.measurements import RAW


class NullSink(ThreadingHTTPServer):
    """Keeps the bodies until somebody asks how many points they were."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.bodies: list[tuple[bool, bytes]] = []
        self._counted = 0

    def points(self) -> int:
        """Lines of the raw policy since the start."""
        bodies, self.bodies = self.bodies, []
        plain = (zlib.decompress(body, 31) if is_packed else body for is_packed, body in bodies)
        self._counted += sum(body.rstrip(b"\n").count(b"\n") + 1 for body in plain if body)
        return self._counted


class _Handler(BaseHTTPRequestHandler):
    server: NullSink
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """``/ping``, and ``/points``."""
        if self.path.startswith("/points"):
            self._answer(200, json.dumps({"points": self.server.points()}).encode())
        else:
            self._answer(204)

    do_HEAD = do_GET  # noqa: N815 - named by http.server

    def do_POST(self) -> None:
        """``/write`` and ``/query``."""
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = self._read_chunks()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        target = urlsplit(self.path)
        if target.path == "/write":
            if parse_qs(target.query).get("rp") == [RAW.name] and body:
                is_packed = self.headers.get("Content-Encoding") == "gzip"
                self.server.bodies.append((is_packed, body))
            self._answer(204)
        else:
            self._answer(200, b'{"results":[{"statement_id":0}]}')

    def _read_chunks(self) -> bytes:
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, status: int, body: bytes = b"") -> None:
        head = f"HTTP/1.1 {status} OK\r\nX-Influxdb-Version: 1.8.10\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self.wfile.write(head.encode() + b"\r\n" + body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    NullSink(int(sys.argv[1])).serve_forever()
