"""Panels with their queries and variables, read from a board's JSON. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gigacity_dashboards.errors import PanelQueryError

_UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DURATION = re.compile(r"(\d+)(ms|[smhdw])")
_VARIABLE = re.compile(r"\$\{(\w+):regex\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel that asks the data source."""

    id: int
    title: str
    targets: tuple[Mapping[str, Any], ...]
    min_interval_ms: int
    look_back_ms: int | None
    """The panel's own time range, if it has one."""


def duration_ms(text: str) -> int:
    """Milliseconds of a duration such as ``10m``.

    Raises:
        PanelQueryError: it is none.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise PanelQueryError(f"{text!r} is no duration such as 30s or 10m")
    return int(match[1]) * _UNITS_MS[match[2]]


def panels(board: Mapping[str, Any]) -> Iterator[Panel]:
    """Every panel with targets, those inside closed rows included."""
    for panel in board["panels"]:
        if panel["type"] == "row":
            yield from panels(panel)
        elif panel.get("targets"):
            look_back = panel.get("timeFrom")
            yield Panel(
                panel["id"],
                panel["title"],
                tuple(panel["targets"]),
                duration_ms(panel.get("interval", "1s")),
                None if look_back is None else duration_ms(look_back),
            )


def all_values(board: Mapping[str, Any]) -> dict[str, str]:
    """The regular expression of each variable that has an "all", as boards begin."""
    return {
        variable["name"]: variable["allValue"]
        for variable in _variables(board)
        if "allValue" in variable
    }


def asked_variables(board: Mapping[str, Any]) -> dict[str, str]:
    """The query of each variable whose choices the data source knows: boards begin with one.

    Hidden ones, of which links are made, may be without any.
    """
    return {
        variable["name"]: variable["query"]["query"]
        for variable in _variables(board)
        if variable["type"] == "query" and not variable.get("hide")
    }


def _variables(board: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    found: Iterable[Mapping[str, Any]] = board.get("templating", {}).get("list", ())
    return found


def fill_in(query: str, values: Mapping[str, str]) -> str:
    """Put variables, written ``${name:regex}``, into a query; Grafana's own macros stay.

    Args:
        query: of a target.
        values: regular expressions by variable.

    Raises:
        PanelQueryError: a variable that the board does not have, or one written otherwise.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise PanelQueryError(f"{match[0]} is no variable of the board; it has {list(values)}")
        return values[match[1]]

    text = _VARIABLE.sub(value, query)
    if "${" in text:
        raise PanelQueryError(f"variables are written ${{name:regex}}; this is not: {text}")
    return text
