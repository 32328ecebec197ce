"""Every question of a board as it reaches the database, and how long its answer takes.

Grafana asks the queries of one panel one after another, so a panel takes as long as all of them.
Its own work (frames, transformations, drawing) is not in it.
"""

import json
import statistics
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gigacity_dashboards.catalogue import Board
from gigacity_dashboards.panel_targets import (
    Panel,
    all_values,
    asked_variables,
    duration_ms,
    panels,
)
from tests.bench.boards.derived import Places
from tests.support.grafana_macros import TimeRange, expand
from tests.support.grafana_reader import reader_request
from tests.support.processes_influx import InfluxServer

TIMEOUT_S = 120.0
LONGEST_ASKED_AGAIN_S = 15.0
"""What takes longer is not asked a second time."""


class Question(NamedTuple):
    """What one panel, variable or mark asks."""

    board: str
    panel: str
    range: str
    """What the board shows; ``own``: the panel looks back as far as it likes."""
    queries: tuple[str, ...]


class Answered(NamedTuple):
    """What came back."""

    question: Question
    seconds: tuple[float, ...]
    rows: int
    kilobytes: int

    @property
    def median_s(self) -> float:
        """Of the repetitions."""
        return statistics.median(self.seconds)


def questions(board: Board, ranges: list[str], t_ms: int, places: Places) -> Iterator[Question]:
    """Everything that a board asks, over each of the ranges; what looks back by itself once."""
    values = all_values(board.content) | {"olt": places.olt, "community": places.community}
    board_name = board.name
    for name, query in asked_variables(board.content).items():
        text = expand(query.replace("now()", f"{t_ms}ms"), _NO_PANEL, _shown(t_ms, "1h"), values)
        yield Question(board_name, f"${name}", "own", (text,))
    found = list(panels(board.content))
    for shown in ranges:
        marks = [m["target"]["query"] for m in board.content["annotations"]["list"] if m["enable"]]
        for mark in marks:
            text = expand(mark, _NO_PANEL, _shown(t_ms, shown), values)
            yield Question(board_name, "marks", shown, (text,))
        for panel in found:
            if panel.look_back_ms is None:
                yield _of_panel(board_name, panel, shown, t_ms, values)
    for panel in found:
        if panel.look_back_ms is not None:
            yield _of_panel(board_name, panel, ranges[0], t_ms, values)._replace(range="own")


_NO_PANEL = Panel(0, "", (), 1000, None)


def _shown(t_ms: int, text: str) -> TimeRange:
    return TimeRange(t_ms - duration_ms(text), t_ms)


def _of_panel(
    board: str, panel: Panel, shown: str, t_ms: int, values: Mapping[str, str]
) -> Question:
    time_range = _shown(t_ms, shown)
    texts = tuple(expand(t["query"], panel, time_range, values) for t in panel.targets)
    return Question(board, f"{panel.id} {panel.title}", shown, texts)


def answered(server: InfluxServer, question: Question, times: int) -> Answered:
    """Ask it so many times; an error of any query ends the bench."""
    seconds: list[float] = []
    bodies: list[bytes] = []
    for _ in range(times):
        started_s = time.perf_counter()
        bodies = [_body(server, query) for query in question.queries]
        seconds.append(time.perf_counter() - started_s)
        if seconds[-1] > LONGEST_ASKED_AGAIN_S:
            break
    rows = sum(map(_rows, bodies))
    return Answered(question, tuple(seconds), rows, sum(map(len, bodies)) // 1000)


def _body(server: InfluxServer, query: str) -> bytes:
    form = urllib.parse.urlencode({"db": server.bucket, "q": query, "epoch": "ms"}).encode()
    request = reader_request(server, "/query", form)
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - our own server
        body: bytes = answer.read()
    return body


def _rows(body: bytes) -> int:
    results: list[dict[str, Any]] = json.loads(body)["results"]
    for result in results:
        assert "error" not in result, result["error"]
    return sum(len(s["values"]) for result in results for s in result.get("series", ()))
