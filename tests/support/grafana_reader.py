"""Asks the database as Grafana's data source does: the read-only user, Basic, no policy sent."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

from gigacity_dashboards import influxql
from gigacity_dashboards.catalogue import Board
from tests.support.grafana_macros import Expanded, TimeRange, expanded_queries
from tests.support.processes_influx import InfluxServer


@dataclass
class Series:
    """One series of an answer."""

    name: str
    tags: dict[str, str]
    columns: list[str]
    rows: list[list[Any]]

    def values(self, column: str) -> list[Any]:
        """One column, absent values left out."""
        index = self.columns.index(column)
        return [row[index] for row in self.rows if row[index] is not None]

    @property
    def is_filled(self) -> bool:
        """Whether any field has any value; tags that are columns do not count."""
        fields = [c for c in self.columns if c not in {"time", "code", "indicator", "worker"}]
        return any(self.values(field) for field in fields)


def reader_request(server: InfluxServer, path: str, body: bytes) -> urllib.request.Request:
    """A POST with the read-only user's name and secret."""
    # On 2.x the user is not looked at, and the secret is the token.
    username = server.username("grafana") if server.flavour == "1" else "gigacity-grafana"
    pair = f"{username}:{server.secrets_of['grafana']}".encode()
    request = urllib.request.Request(server.url + path, data=body, method="POST")  # noqa: S310 - our own server
    request.add_header("Authorization", "Basic " + base64.b64encode(pair).decode())
    return request


def ask(server: InfluxServer, query: str) -> list[Series]:
    """Every series of the answer; a query's error is a failed test."""
    form = urllib.parse.urlencode({"db": server.bucket, "q": query, "epoch": "ms"}).encode()
    try:
        with urllib.request.urlopen(reader_request(server, "/query", form), timeout=60) as answer:  # noqa: S310 - as above
            results = json.load(answer)["results"]
    except urllib.error.HTTPError as error:
        with error:
            raise AssertionError(f"{error.code} {error.read()!r} for {query}") from error
    for result in results:
        assert "error" not in result, f"{result['error']} for {query}"
    return [
        Series(series["name"], series.get("tags", {}), series["columns"], series["values"])
        for result in results
        for series in result.get("series", ())
    ]


def empty_queries(server: InfluxServer, board: Board, time_range: TimeRange) -> list[Expanded]:
    """Queries of a board that give not one value; an error of any is a failed test.

    A number of which less than half is known is asked for by two queries, one for each case: one
    that answers is enough.
    """
    empty, answered = [], set()
    for query in expanded_queries(board.content, time_range):
        if any(series.is_filled for series in ask(server, query.query)):
            answered.add(query.panel.id)
        else:
            empty.append(query)
    return [q for q in empty if not (_is_either(q.query) and q.panel.id in answered)]


def _is_either(query: str) -> bool:
    return influxql.MOSTLY_UNKNOWN in query or influxql.MOSTLY_KNOWN in query


def write_status(server: InfluxServer, lines: bytes, rp: str) -> int:
    """The status of an attempt to write."""
    target = urllib.parse.urlencode({"db": server.bucket, "rp": rp, "precision": "ms"})
    try:
        request = reader_request(server, f"/write?{target}", lines)
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
