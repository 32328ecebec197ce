"""Servers of a test's own on a free port of loopback: one of HTTP, and one of a bare socket."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any


class QuietHandler(BaseHTTPRequestHandler):
    """Answers as HTTP/1.1, each answer in one packet, and keeps no log."""

    protocol_version = "HTTP/1.1"
    # Two packets would wait 40 ms for the client's delayed acknowledgement.
    wbufsize = 65_536

    def respond(self) -> None:
        """Answer a request; ``command`` and ``path`` say which."""
        raise NotImplementedError

    def do_GET(self) -> None:
        """As ``http.server`` calls it."""
        self.respond()

    do_POST = do_GET  # noqa: N815 - as the base class calls it

    def body(self) -> bytes:
        """What came with the request."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        """Send an answer."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the base class
        """Say nothing."""


@contextmanager
def serving(server: TCPServer) -> Iterator[int]:
    """Serve in a thread, and end both; the port."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def http_service(handler: type[QuietHandler]) -> Iterator[str]:
    """Serve; its URL."""
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def socket_service(talk: Callable[[socket.socket], None], *, hears: bool = True) -> Iterator[int]:
    """Talk to the first who connects; the port.

    Args:
        talk: what is done with the connection.
        hears: whether it waits for a first word.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    if hears:
                        connection.recv(65_536)
                    talk(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
