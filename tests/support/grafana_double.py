"""A Grafana over HTTP that behaves as a real one was seen to, for ``gigacity dashboards verify``.

It holds boards and one data source, and answers ``/api/ds/query`` with frames, ``frames: []``, 400
for bad InfluxQL (with the good queries' frames beside it), and 404 for an unknown data source.
"""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.support.http_double import QuietHandler, http_service

PASSWORD = "not-a-secret"
TOKEN = "glsa_not_a_secret"

Answer = tuple[int, dict[str, Any]]


def _frame(target: dict[str, Any], rows: int) -> dict[str, Any]:
    fields = [
        {"name": "Time", "type": "time"},
        {"name": "value", "type": "number", "labels": {}},
        {"name": "code", "type": "string"},
    ]
    times = [1_767_225_600_000 + 60_000 * row for row in range(rows)]
    return {
        "schema": {
            "refId": target["refId"],
            "meta": {"executedQueryString": target["query"]},
            "fields": fields,
        },
        "data": {"values": [times, [1.5] * rows, ["first"] * rows]},
    }


@dataclass
class GrafanaDouble:
    """What this Grafana holds and how it fails; change it before asking."""

    boards: dict[str, dict[str, Any]] = field(default_factory=dict)
    data_source: str = "gigacity"
    database: str = "ok"
    data_source_health: Answer = (200, {"status": "OK", "message": "datasource is working."})
    rows_of: Callable[[str], int | str | None] = lambda _query: 3
    """Rows of a query; a text is an error of the database, None a frame of absent values."""
    raw_health: bytes | None = None
    """Something that is not Grafana's health page."""
    prefix: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of ``/api/ds/query``."""
    url: str = ""

    def load(self, boards: list[dict[str, Any]]) -> None:
        """Provision boards: Grafana adds a number and a version of its own."""
        for number, board in enumerate(boards, start=1):
            self.boards[board["uid"]] = {**deepcopy(board), "id": number, "version": 1}

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """The answer to an authorised request."""
        if path.startswith("/api/datasources/uid/"):
            uid = path.split("/")[4]
            if uid != self.data_source:
                return 404, {"message": "Data source not found"}
            return self.data_source_health
        if path.startswith("/api/dashboards/uid/"):
            board = self.boards.get(path.rpartition("/")[2])
            if board is None:
                return 404, {"message": "Dashboard not found"}
            return 200, {"meta": {"provisioned": True}, "dashboard": board}
        if (method, path) == ("POST", "/api/ds/query"):
            return self._query(json.loads(body))
        return 404, {"message": "Not found"}

    def _query(self, request: dict[str, Any]) -> Answer:
        self.requests.append(request)
        if not request.get("queries"):
            return 400, {"message": "query.noQueries"}
        if any(q["datasource"]["uid"] != self.data_source for q in request["queries"]):
            return 404, {"message": "Data source not found"}
        results = {q["refId"]: self._result(q) for q in request["queries"]}
        failed = any("error" in result for result in results.values())
        return (400 if failed else 200), {"results": results}

    def _result(self, target: dict[str, Any]) -> dict[str, Any]:
        rows = self.rows_of(target["query"])
        if isinstance(rows, str):
            return {"error": rows, "errorSource": "downstream", "status": 500}
        if rows is None:
            frame = _frame(target, 2)
            frame["data"]["values"][1:] = [[None, None], [None, None]]
            return {"status": 200, "frames": [frame]}
        return {"status": 200, "frames": [_frame(target, rows)] if rows else []}


def _is_authorised(header: str) -> bool:
    basic = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    return header in {f"Basic {basic}", f"Bearer {TOKEN}"}


@contextmanager
def running(double: GrafanaDouble) -> Iterator[GrafanaDouble]:
    """Serve it on a free port of loopback; ``url`` says where."""

    class Handler(QuietHandler):
        def respond(self) -> None:
            body = self.body()
            path = self.path.removeprefix(double.prefix)
            if path == "/api/health" and double.raw_health is not None:
                self.answer(200, double.raw_health, {"Content-Type": "text/html"})
                return
            if path == "/api/health":
                status, answer = 200, {"database": double.database, "version": "12.3.0"}
            elif not _is_authorised(self.headers.get("Authorization", "")):
                status, answer = 401, {"message": "Unauthorized"}
            else:
                status, answer = double.answer(self.command, path, body)
            content_type = {"Content-Type": "application/json"}
            self.answer(status, json.dumps(answer).encode(), content_type)

    with http_service(Handler) as url:
        double.url = f"{url}{double.prefix}"
        yield double
