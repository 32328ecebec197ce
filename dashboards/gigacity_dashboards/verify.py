"""Judges a running Grafana: is what should be provisioned there, and has every panel data?

Asks through a small protocol, so that it can be tested without a server.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from gigacity_dashboards import influxql
from gigacity_dashboards.catalogue import Board
from gigacity_dashboards.dataquery import DATA_SOURCE_TYPE, DATA_SOURCE_UID
from gigacity_dashboards.errors import GrafanaError
from gigacity_dashboards.panel_targets import (
    Panel,
    all_values,
    asked_variables,
    duration_ms,
    fill_in,
    panels,
)

Subject = Literal["grafana", "data source", "board", "panel"]

MAX_POINTS = 1000
UNAUTHORIZED = 401
NOT_COMPARED = frozenset({"id", "version"})
"""Keys of a board that Grafana sets itself."""


class GrafanaPort(Protocol):
    """What is asked of Grafana; ``gigacity_dashboards.grafana`` implements it."""

    def version(self) -> str:
        """Its version; a GrafanaError if it is not well."""
        ...

    def data_source_message(self, uid: str) -> str:
        """What a healthy data source says; a GrafanaError if it is not."""
        ...

    def dashboard(self, uid: str) -> dict[str, Any]:
        """A board; a GrafanaError if there is none."""
        ...

    def query(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Results by refId, errors of queries included."""
        ...


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    subject: Subject
    name: str
    ok: bool
    detail: str
    """What was seen; where it is not well, what to do."""
    status: int = 0
    """HTTP status of a failure, 0 without one."""


def checks(grafana: GrafanaPort, boards: Iterable[Board]) -> Iterator[Check]:
    """Look at everything, in the order in which one thing needs the other.

    Without a Grafana, a login or the data source, what follows is not asked: it would only repeat
    the same failure for every panel.
    """
    all_boards = tuple(boards)
    alive = _check("grafana", "health", lambda: f"version {grafana.version()}")
    yield alive
    if not alive.ok:
        return
    source = _check(
        "data source", DATA_SOURCE_UID, lambda: grafana.data_source_message(DATA_SOURCE_UID)
    )
    yield source
    if source.status == UNAUTHORIZED:
        return
    for board in all_boards:
        yield _check_board(grafana, board)
    if not source.ok:
        return
    for board in all_boards:
        values = all_values(board.content)
        for name, query in asked_variables(board.content).items():
            check, first = _check_variable(grafana, board, name, fill_in(query, values))
            values.setdefault(name, first)
            yield check
        if all(values.values()):
            for panel in panels(board.content):
                yield _check_panel(grafana, board, panel, values)


class _Look(Protocol):
    def __call__(self) -> str: ...


def _check(subject: Subject, name: str, look: _Look) -> Check:
    try:
        return Check(subject, name, True, look())
    except GrafanaError as error:
        return Check(subject, name, False, str(error), error.status)


def _check_board(grafana: GrafanaPort, board: Board) -> Check:
    def look() -> str:
        found = grafana.dashboard(board.uid)
        place = first_difference(_compared(board.content), _compared(found))
        if place is None:
            return "as generated"
        raise GrafanaError(
            f"differs from the generated board at {place}: run gigacity dashboards generate, and"
            " let Grafana read the folder again"
        )

    return _check("board", board.uid, look)


def _compared(board: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in board.items() if key not in NOT_COMPARED}


def first_difference(expected: object, found: object, path: str = "$") -> str | None:
    """Where two JSON values first differ; None if they do not."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() | found.keys()):
            if key not in expected or key not in found:
                return f"{path}.{key}"
            place = first_difference(expected[key], found[key], f"{path}.{key}")
            if place is not None:
                return place
        return None
    if isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            return f"{path} ({len(expected)} entries expected, {len(found)} found)"
        pairs = enumerate(zip(expected, found, strict=True))
        places = (first_difference(a, b, f"{path}[{i}]") for i, (a, b) in pairs)
        return next((place for place in places if place is not None), None)
    return None if expected == found else path


def request_of(board: Board, panel: Panel, values: Mapping[str, str]) -> dict[str, Any]:
    """What Grafana's web page would post for a panel: variables filled in, macros left to it."""
    look_back_ms = panel.look_back_ms
    start = board.content["time"]["from"] if look_back_ms is None else f"now-{look_back_ms}ms"
    span_ms = look_back_ms or duration_ms(str(start).removeprefix("now-"))
    queries = [
        {
            **target,
            "query": fill_in(target["query"], values),
            "intervalMs": max(panel.min_interval_ms, span_ms // MAX_POINTS),
            "maxDataPoints": MAX_POINTS,
        }
        for target in panel.targets
    ]
    return {"from": start, "to": board.content["time"]["to"], "queries": queries}


def _check_variable(grafana: GrafanaPort, board: Board, name: str, query: str) -> tuple[Check, str]:
    """Whether a variable offers anything, and its first choice; empty where it does not."""
    first = ""

    def look() -> str:
        nonlocal first
        target = {
            "refId": name, "query": query, "rawQuery": True, "resultFormat": "table",
            "datasource": {"type": DATA_SOURCE_TYPE, "uid": DATA_SOURCE_UID},
        }  # fmt: skip
        results = grafana.query({"from": "now-1h", "to": "now", "queries": [target]})
        if not _rows(name, results):
            raise GrafanaError("offers nothing: is gigacity api --evaluate running?")
        first = re.escape(_first_text(results[name]["frames"]))
        return f"begins with {first}"

    return _check("panel", f"{board.uid} ${name}", look), first


def _first_text(frames: Iterable[Mapping[str, Any]]) -> str:
    """The first text of the frames, as Grafana's page looks for a variable's choices."""
    for frame in frames:
        pairs = zip(frame["schema"]["fields"], frame["data"]["values"], strict=True)
        for field, column in pairs:
            if field.get("type") == "string" and column:
                return str(column[0])
    raise GrafanaError("no text in the answer to the variable's query")


def _check_panel(
    grafana: GrafanaPort, board: Board, panel: Panel, values: Mapping[str, str]
) -> Check:
    def look() -> str:
        results = grafana.query(request_of(board, panel, values))
        rows = [_rows(target["refId"], results) for target in panel.targets]
        # A number of which less than half is known is asked for by two queries, one for each case.
        is_either = any(influxql.MOSTLY_UNKNOWN in target["query"] for target in panel.targets)
        if all(rows) or (is_either and any(rows)):
            return f"{sum(rows)} rows"
        if panel.id in board.event_panels:
            return "nothing happened" if not any(rows) else f"{sum(rows)} rows"
        empty = [t["refId"] for t, count in zip(panel.targets, rows, strict=True) if not count]
        raise GrafanaError(
            f"no data in query {', '.join(empty)}: are the worker and gigacity api --evaluate"
            " running, and is it the same database?"
        )

    return _check("panel", f"{board.uid} {panel.id} {panel.title}", look)


def _rows(ref_id: str, results: Mapping[str, Any]) -> int:
    """Rows of one query that hold any value.

    Raises:
        GrafanaError: the query failed.
    """
    result = results.get(ref_id, {})
    if result.get("error"):
        raise GrafanaError(
            f"query {ref_id} failed: {result['error']}; run gigacity dashboards generate with the"
            " version that is deployed, and check the data source's rights"
        )
    return sum(_filled_rows(frame) for frame in result.get("frames") or ())


def _filled_rows(frame: Mapping[str, Any]) -> int:
    fields = frame["schema"]["fields"]
    columns = [
        column
        for field, column in zip(fields, frame["data"]["values"], strict=False)
        if field.get("type") != "time"
    ]
    return sum(any(value is not None for value in row) for row in zip(*columns, strict=True))
