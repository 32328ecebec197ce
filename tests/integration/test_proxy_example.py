"""The example of a proxy before the API: nginx takes it, passes figures on, holds its bounds."""

import contextlib
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from gigacity_api.evaluator.as_of import LIMIT_S
from gigacity_api.http.limits import MAX_BODY_BYTES
from gigacity_api.http.serving.connections import ConnectionLimits
from gigacity_deploy.sockets import free_port
from tests.integration.test_api_process import KEY, start
from tests.support.certificates import self_signed
from tests.support.mqtt_probe import wait_until
from tests.support.processes_influx import InfluxServer
from tests.support.programs import program

pytestmark = pytest.mark.integration

EXAMPLE = (Path(__file__).resolve().parents[2] / "deploy/proxy/nginx.conf").read_text()
HEADER_S = 10
PER_ADDRESS = 50

AROUND = """\
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{example}
}}
"""


@dataclass
class Proxy:
    """nginx with the example, whose deadline of headers is a tenth."""

    port: int
    tls: ssl.SSLContext

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}", verify=self.tls, trust_env=False,
            headers={"Authorization": f"Bearer {KEY}"},
        )  # fmt: skip

    def connect(self) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        return self.tls.wrap_socket(plain, server_hostname="127.0.0.1")


def _written(text: str, *changes: tuple[str, str]) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def proxy(influx: InfluxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    nginx, folder = program("nginx", "nginx-light"), tmp_path_factory.mktemp("proxy")
    database, port = influx.fresh_bucket(), free_port()
    api = start(database, folder)
    certificate, key = self_signed(folder)
    example = _written(
        EXAMPLE, ("127.0.0.1:8080", f"127.0.0.1:{api.port}"),
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("/etc/nginx/tls/server.crt", str(certificate)), ("/etc/nginx/tls/server.key", str(key)),
        (f"client_header_timeout {HEADER_S}s", f"client_header_timeout {HEADER_S // 10}s"),
    )  # fmt: skip
    config = folder / "nginx.conf"
    config.write_text(AROUND.format(folder=folder, example=example))
    command = [nginx, "-p", str(folder), "-c", str(config)]
    subprocess.run([*command, "-t"], check=True, capture_output=True, timeout=20)
    process = subprocess.Popen(command)
    try:
        wait_until(lambda: api.get("/readyz")[0] == 200, "the API is ready", timeout_s=30)
        yield Proxy(port, ssl.create_default_context(cafile=certificate))
    finally:
        for running in (process, api.process):
            running.terminate()
            running.wait(timeout=20)
        database.drop()


def test_its_bounds_are_those_of_the_api() -> None:
    """Nothing waits there for what the API gave up, and nothing is refused that the API takes."""

    def seconds(name: str) -> list[int]:
        return [int(found) for found in re.findall(rf"\b{name} (\d+)s;", EXAMPLE)]

    limits = ConnectionLimits()
    assert seconds("client_header_timeout") == [HEADER_S] == [limits.head_s]
    assert seconds("keepalive_timeout")[0] < limits.idle_s
    assert seconds("send_timeout") == [limits.write_s]
    assert min(seconds("proxy_read_timeout")) > 15
    assert max(seconds("proxy_read_timeout")) > LIMIT_S
    size = re.search(r"client_max_body_size (\d+)k;", EXAMPLE)
    assert size is not None
    assert int(size[1]) * 1024 >= MAX_BODY_BYTES


def test_a_figure_comes_through_it_and_metrics_do_not(proxy: Proxy) -> None:
    with proxy.client() as client:
        card = client.get("/api/v1/scorecard", headers={"X-Forwarded-For": "10.0.0.1"})
        assert (card.status_code, card.json()["city"]["code"]) == (200, "371600")
        past = client.get("/api/v1/scorecard", headers={"Authorization": "Bearer none"})
        assert past.status_code == 401
        assert client.get("/metrics").status_code == 403
        assert client.get("/healthz").status_code == 200


def test_events_come_at_once(proxy: Proxy) -> None:
    begun_s = time.monotonic()
    with proxy.client() as client, client.stream("GET", "/api/v1/stream") as answer:
        assert answer.status_code == 200
        event = next(line for line in answer.iter_lines() if line.startswith("event: evaluation"))
    assert event
    assert time.monotonic() - begun_s < 5


def _is_closed(slow: ssl.SSLSocket) -> bool:
    """Whether another header finds nobody."""
    slow.settimeout(5)
    try:
        slow.sendall(b"X-A: 1\r\n")
        slow.settimeout(0.1)
        return slow.recv(1000) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_headers_that_do_not_come_end_at_its_deadline(proxy: Proxy) -> None:
    with proxy.connect() as slow:
        begun_s = time.monotonic()
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: gigacity.example\r\n")
        wait_until(lambda: _is_closed(slow), "the proxy hangs up", timeout_s=8)
        assert time.monotonic() - begun_s > HEADER_S / 20
    with proxy.client() as client:
        assert client.get("/healthz").status_code == 200


def test_what_is_too_large_is_refused_before_the_api(proxy: Proxy) -> None:
    with proxy.client() as client:
        large = client.post("/api/v1/reports", content=b"x" * 2_300_000)
        assert large.status_code == 413
        headers = client.get("/healthz", headers={f"X-{n}": "x" * 8000 for n in range(6)})
        assert headers.status_code in {400, 431}


def test_one_address_has_its_share_of_connections(proxy: Proxy) -> None:
    head = f"GET /api/v1/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\n\r\n".encode()
    with contextlib.ExitStack() as open_now:
        lines = []
        for _ in range(PER_ADDRESS + 5):
            one = open_now.enter_context(proxy.connect())
            one.sendall(head)
            lines.append(one.recv(12).decode())
    assert lines[:40] == ["HTTP/1.1 200"] * 40
    assert lines[-5:] == ["HTTP/1.1 429"] * 5
