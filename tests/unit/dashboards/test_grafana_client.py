"""The client of Grafana asks it directly, whatever the environment says of proxies."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer

import pytest

from gigacity_contract.access import Address, Secret
from gigacity_dashboards.grafana import Grafana, Login
from tests.support.http_double import QuietHandler, serving


@contextmanager
def healthy() -> Iterator[int]:
    class Health(QuietHandler):
        def respond(self) -> None:
            body = json.dumps({"database": "ok", "version": "12.3.0"}).encode()
            self.answer(200, body, {"Content-Type": "application/json"})

    with serving(HTTPServer(("127.0.0.1", 0), Health)) as port:
        yield port


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    with healthy() as port:
        grafana = Grafana(Address("http", "127.0.0.1", port), Login("admin", Secret("x")))
        try:
            assert grafana.version() == "12.3.0"
        finally:
            grafana.close()
