"""The database over TLS 1.3, whose session tickets arrive before any answer."""

import select
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from gigacity_api.errors import StoreUnavailableError
from gigacity_api.storage.influx import InfluxStore
from gigacity_contract.access import Secret
from gigacity_contract.influx import InfluxEndpoint, Written
from gigacity_contract.process.settings import parse_url
from gigacity_ingest.influx.writer import InfluxWriter
from tests.support.certificates import self_signed, server_context
from tests.support.http_double import serving

pytestmark = pytest.mark.integration

THINKS_S = 0.6


class Slow(BaseHTTPRequestHandler):
    """Answers a ping at once and a write after a while."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(THINKS_S)
        self._answer()

    def _answer(self) -> None:
        self.send_response(204)
        self.send_header("X-Influxdb-Version", "1.6.7~rc0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing: a test's server does not talk."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    cert, key = self_signed(tmp_path)
    httpd = HTTPServer(("127.0.0.1", 0), Slow)
    httpd.socket = server_context(cert, key).wrap_socket(httpd.socket, server_side=True)
    with serving(httpd) as port:
        yield port, cert


def test_a_connection_is_readable_only_once_its_answer_comes(server: tuple[int, Path]) -> None:
    """Otherwise reading would block the thread that serves every other write."""
    port, cert = server
    address = parse_url("URL", f"https://127.0.0.1:{port}", ("https",))
    endpoint = InfluxEndpoint(address, "gigacity", "", Secret(""), ca_file=str(cert))
    with InfluxWriter(endpoint, timeout_s=5.0) as writer:
        writer.begin("raw", "ms", b"")
        descriptor = writer.fileno()
        assert descriptor is not None
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)

        assert poll.poll(THINKS_S * 1000 / 3) == []
        assert poll.poll(5000)
        assert isinstance(writer.finish(), Written)


def test_the_api_believes_the_certificates_of_its_ca_alone(server: tuple[int, Path]) -> None:
    port, cert = server
    address = parse_url("URL", f"https://127.0.0.1:{port}", ("https",))
    with InfluxStore(InfluxEndpoint(address, "b", "u", Secret("p"), str(cert))) as store:
        assert store.ping().version == "1.6.7"
    with (
        InfluxStore(InfluxEndpoint(address, "b", "u", Secret("p"))) as store,
        pytest.raises(StoreUnavailableError),
    ):
        store.ping()
