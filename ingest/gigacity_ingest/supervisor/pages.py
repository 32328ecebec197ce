"""The supervisor's page: what its workers' pages say, joined, at one address."""

import http.client
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST

from gigacity_contract.clock import Clock
from gigacity_ingest.adapters.health import JSON, STALLED_S, Page
from gigacity_ingest.supervisor.exposition import Family, join_expositions
from gigacity_ingest.supervisor.ports import WorkerView

_TIMEOUT_S = 3.0
_CONCURRENT = 8
Fetch = Callable[[int, str], tuple[int, bytes] | None]
"""Status and body of a path at a worker's port; None: no answer."""


class Supervised(Protocol):
    """What the pages ask of a supervisor, from their own threads."""

    problem: str
    refusal: str
    city_problem: str
    is_stopping: bool
    heartbeat_s: float

    def views(self) -> list[WorkerView]:
        """Every session's worker."""
        ...


def fetch_page(port: int, path: str) -> tuple[int, bytes] | None:
    """GET from a worker on loopback."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


class SupervisorPages:
    """Joins the pages of all workers."""

    def __init__(self, supervisor: Supervised, clock: Clock, fetch: Fetch = fetch_page) -> None:
        self._supervisor = supervisor
        self._clock = clock
        self._fetch = fetch

    def get(self, path: str) -> Page:
        """Status, content type and body of one path."""
        handler = {
            "/healthz": self._health,
            "/readyz": self._readiness,
            "/metrics": self._metrics,
            "/ledger": self._ledger,
        }.get(path.partition("?")[0])
        if handler is None:
            return _page(404, {"error": "try /healthz, /readyz, /metrics or /ledger"})
        return handler()

    def _ask_all(self, path: str) -> list[tuple[WorkerView, tuple[int, bytes] | None]]:
        views = self._supervisor.views()

        def ask(view: WorkerView) -> tuple[int, bytes] | None:
            return None if view.http_port is None else self._fetch(view.http_port, path)

        with ThreadPoolExecutor(_CONCURRENT) as pool:
            return list(zip(views, pool.map(ask, views), strict=True))

    def _health(self) -> Page:
        """Alive as long as the supervisor turns and no worker hangs; a crashed one is restarted."""
        silent_s = self._clock.monotonic_s() - self._supervisor.heartbeat_s
        if silent_s > STALLED_S:
            return _page(503, {"status": "stalled", "silent_s": round(silent_s, 1)})
        stalled = [
            view.client_id
            for view, answer in self._ask_all("/healthz")
            if answer is not None and answer[0] != 200
        ]
        if stalled:
            return _page(503, {"status": "stalled", "workers": stalled})
        return _page(200, {"status": "ok"})

    def _readiness(self) -> Page:
        """Ready when every worker of the plan is, and every area has its owner."""
        reasons: dict[str, Any] = {}
        if self._supervisor.problem:
            reasons["sessions"] = self._supervisor.problem
        if self._supervisor.is_stopping:
            reasons["supervisor"] = "draining"
        trouble = self._supervisor.city_problem
        warnings: dict[str, Any] = {"city": trouble} if trouble else {}
        if self._supervisor.refusal:
            warnings["sessions"] = self._supervisor.refusal
        leaving = []
        for view, answer in self._ask_all("/readyz"):
            said = msgspec.json.decode(answer[1]) if answer is not None else {}
            if said.get("warnings"):
                warnings[view.client_id] = said["warnings"]
            if view.is_leaving:
                leaving.append(view.client_id)
            # While the broker refuses an area to its new worker, one that leaves may still be the
            # only one that has it.
            is_needed = not view.is_leaving or bool(self._supervisor.refusal)
            if is_needed and answer is None:
                reasons[view.client_id] = {"worker": "does not run"}
            elif answer is not None and answer[0] != 200 and not view.is_leaving:
                reasons[view.client_id] = said["reasons"]
        content = {
            "ready": not reasons,
            "reasons": reasons,
            "warnings": warnings,
            "leaving": leaving,
        }
        return _page(503 if reasons else 200, content)

    def _metrics(self) -> Page:
        texts = [answer[1] for _, answer in self._ask_all("/metrics") if answer is not None]
        return 200, CONTENT_TYPE_LATEST, join_expositions([self._own_metrics(), *texts])

    def _own_metrics(self) -> bytes:
        up = Family("gigacity_supervisor_worker_up", "gauge", "Whether the worker's process runs")
        leaving = Family("gigacity_supervisor_worker_leaving", "gauge", "Whether it is drained")
        restarts = Family(
            "gigacity_supervisor_worker_restarts_total", "counter", "Ends that nobody asked for"
        )
        waits = Family(
            "gigacity_supervisor_hand_over_waits", "gauge", "Whether a move cannot go on"
        )
        city = Family(
            "gigacity_supervisor_city_ok", "gauge", "Whether the city folder holds what is in force"
        )
        for view in self._supervisor.views():
            up.add(view.http_port is not None, worker=view.client_id)
            leaving.add(view.is_leaving, worker=view.client_id)
            restarts.add(view.restarts, worker=view.client_id)
        waits.add(bool(self._supervisor.problem or self._supervisor.refusal))
        city.add(not self._supervisor.city_problem)
        return b"".join(family.text() for family in (up, leaving, restarts, waits, city))

    def _ledger(self) -> Page:
        """Sums, and each worker's own; complete only if every worker answered."""
        ledgers: dict[str, dict[str, Any]] = {}
        answers = self._ask_all("/ledger")
        for view, answer in answers:
            if answer is not None and answer[0] == 200:
                ledgers[view.client_id] = msgspec.json.decode(answer[1])
        content = {
            "messages": _sum(ledger["messages"] for ledger in ledgers.values()),
            "points": _sum(ledger["points"] for ledger in ledgers.values()),
            "dead_letters": _sum(ledger["dead_letters"] for ledger in ledgers.values()),
            "balanced": all(ledger["balanced"] for ledger in ledgers.values()),
            "complete": len(ledgers) == len(answers),
            "workers": ledgers,
        }
        return _page(200 if ledgers else 503, content)


def _sum(parts: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in parts:
        for name, count in part.items():
            total[name] = total.get(name, 0) + count
    return total


def _page(status: int, content: dict[str, Any]) -> Page:
    return status, JSON, msgspec.json.encode(content) + b"\n"
