"""The worker's HTTP page: health, readiness, metrics, ledger, sequences. A thread of its own."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST

from gigacity_contract.clock import Clock
from gigacity_contract.errors import ConfigError
from gigacity_ingest.adapters.metrics import build_registry, exposition
from gigacity_ingest.adapters.status import WorkerStatus

STALLED_S = 30.0
"""A network thread without a turn for so long hangs; connecting takes at most a few seconds."""

JSON = "application/json"
_SHOWN_PUBLISHERS = 100
Page = tuple[int, str, bytes]


class PageSource(Protocol):
    """Whatever has pages to serve; called from threads of the server."""

    def get(self, path: str) -> Page:
        """Status, content type and body of one path."""
        ...


class Pages:
    """What the page says, without the server around it."""

    def __init__(self, status: WorkerStatus, clock: Clock) -> None:
        self._status = status
        self._clock = clock
        self._registry = build_registry(status)

    def get(self, path: str) -> Page:
        """Status, content type and body of one path."""
        handler = {
            "/healthz": self._health,
            "/readyz": self._readiness,
            "/metrics": self._metrics,
            "/ledger": self._ledger,
            "/sequences": self._sequences,
            "/sources": self._sources,
        }.get(path.partition("?")[0])
        if handler is None:
            return _page(
                404, {"error": "try /healthz, /readyz, /metrics, /ledger, /sequences, /sources"}
            )
        return handler()

    def _health(self) -> Page:
        silent_s = self._clock.monotonic_s() - self._status.heartbeat_s
        if silent_s > STALLED_S:
            return _page(503, {"status": "stalled", "silent_s": round(silent_s, 1)})
        return _page(200, {"status": "ok"})

    def _readiness(self) -> Page:
        problems = self._status.problems()
        content = {
            "ready": not problems,
            "reasons": problems,
            "warnings": self._status.warnings(),
            "city_version": self._status.city_version,
            "worker": self._status.worker,
            "subscribed": sorted(self._status.granted),
        }
        return _page(503 if problems else 200, content)

    def _metrics(self) -> Page:
        return 200, CONTENT_TYPE_LATEST, exposition(self._registry)

    def _sequences(self) -> Page:
        tracker = self._status.sequences
        worst = [
            {"publisher": name, "gaps": gaps, "reordered": late}
            for name, gaps, late in tracker.worst(_SHOWN_PUBLISHERS)
        ]
        return _page(
            200,
            {
                "gaps": tracker.gaps,
                "reordered": tracker.reordered,
                "of_publishers_not_named": tracker.unnamed,
                "publishers": worst,
            },
        )

    def _sources(self) -> Page:
        """What became of the properties of foreign sources, under the mappings in force."""
        counts = {name: own.mapped for name, own in self._status.source_counts.items()}
        return _page(200, {name: {} if c is None else c.shown() for name, c in counts.items()})

    def _ledger(self) -> Page:
        snapshot = self._status.snapshot
        if snapshot is None:
            return _page(503, {"error": "no snapshot yet"})
        ledger = msgspec.to_builtins(snapshot)
        return _page(
            200, ledger | {"balanced": snapshot.is_balanced, "worker": self._status.worker}
        )


def _page(status: int, content: dict[str, Any]) -> Page:
    return status, JSON, msgspec.json.encode(content) + b"\n"


class _QuietServer(ThreadingHTTPServer):
    """Does not write a traceback into the log for every prober that hangs up early."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class HealthServer:
    """Serves the pages until ``close``.

    Raises:
        ConfigError: the address cannot be listened on.
    """

    def __init__(self, host: str, port: int, pages: PageSource) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10

            def do_GET(self) -> None:
                status, content_type, body = pages.get(self.path)
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("X-Content-Type-Options", "nosniff")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_HEAD = do_GET  # noqa: N815 - the name that the server looks for

            error_content_type = JSON
            error_message_format = '{"error": "%(message)s"}\n'

            def log_message(self, *_: Any) -> None:
                """Requests are not logged: they come every few seconds."""

        try:
            self._server = _QuietServer((host, port), Handler)
        except OSError as error:
            raise ConfigError(
                f"GIGACITY_HTTP_LISTEN={host}:{port}: {error.strerror or error}; choose a free port"
            ) from error
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="health", daemon=True
        )

    def start(self) -> None:
        """Serve in a thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()
