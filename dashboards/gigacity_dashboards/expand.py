"""What Grafana makes of a board before it asks the database. Pure.

Panels, their targets and variables are read from the board's JSON; ``expand`` turns the query of a
target into the InfluxQL that reaches the database, so that every query can be run without Grafana.
Covered is what our boards use: ``$timeFilter``, ``$__interval``, ``$__interval_ms``, and variables
as ``$name``, ``${name}`` and ``${name:regex}``. Anything else left with a ``$`` is an error.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gigacity_dashboards.errors import ExpandError

ALL_VALUE = "$__all"

_UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DURATION = re.compile(r"(\d+)(ms|[smhdw])")
_REFERENCE = re.compile(r"\$(?:\{(\w+)(?::(\w+))?\}|(\w+))", re.ASCII)
_IN_ALIAS = re.compile(r"\$(\w+)|\[\[(\w+)\]\]", re.ASCII)
_REGEX_SPECIAL = re.compile(r"[\\^$*+?.()|\[\]{}/]")

_STEPS_S = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800)
"""Where Grafana rounds the width of a point to, up to three hours."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel that asks the data source."""

    id: int
    title: str
    targets: tuple[Mapping[str, Any], ...]
    min_interval_ms: int
    look_back_ms: int | None
    """The panel's own time range, if it has one."""


@dataclass(frozen=True, slots=True)
class TimeRange:
    """What the board shows."""

    from_ms: int
    to_ms: int

    def of(self, panel: Panel) -> "TimeRange":
        """The range that the panel's queries see."""
        if panel.look_back_ms is None:
            return self
        return TimeRange(self.to_ms - panel.look_back_ms, self.to_ms)


@dataclass(frozen=True, slots=True)
class Expanded:
    """One query as it reaches the database."""

    panel: Panel
    ref_id: str
    query: str
    alias: str


def duration_ms(text: str) -> int:
    """Milliseconds of a duration such as ``10m``.

    Raises:
        ExpandError: it is none.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ExpandError(f"{text!r} is no duration such as 30s or 10m")
    return int(match[1]) * _UNITS_MS[match[2]]


def panels(board: Mapping[str, Any]) -> Iterator[Panel]:
    """Every panel with targets, those inside closed rows included."""
    for panel in board["panels"]:
        if panel["type"] == "row":
            yield from panels({"panels": panel.get("panels", ())})
        elif panel.get("targets"):
            look_back = panel.get("timeFrom")
            yield Panel(
                panel["id"],
                panel["title"],
                tuple(panel["targets"]),
                duration_ms(panel.get("interval", "1ms")),
                None if look_back is None else duration_ms(look_back),
            )


def interval_ms(time_range: TimeRange, min_interval_ms: int, max_points: int) -> int:
    """The width of one point, as Grafana computes it from the range and the panel's pixels."""
    wanted = (time_range.to_ms - time_range.from_ms) / max_points
    steps = (step * 1000 for step in _STEPS_S)
    rounded = next((step for step in steps if step >= wanted), _STEPS_S[-1] * 1000)
    return max(rounded, min_interval_ms)


def _escaped(value: str) -> str:
    return _REGEX_SPECIAL.sub(lambda match: "\\" + match[0], value)


def _formatted(values: Sequence[str], format_name: str | None) -> str:
    if format_name not in {None, "regex"}:
        raise ExpandError(f"variables are written ${{name:regex}}, not :{format_name}")
    if format_name is None and len(values) == 1:
        return values[0]
    escaped = [_escaped(value) for value in values]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def variables(board: Mapping[str, Any]) -> dict[str, Sequence[str] | str]:
    """The current values of a board's variables; a text where "all" has a value of its own."""
    found: dict[str, Sequence[str] | str] = {}
    for variable in board.get("templating", {}).get("list", ()):
        value = variable["current"]["value"]
        chosen = [value] if isinstance(value, str) else list(value)
        if ALL_VALUE not in chosen:
            found[variable["name"]] = chosen
        elif variable.get("allValue"):
            found[variable["name"]] = variable["allValue"]
        else:
            options = (option["value"] for option in variable["options"])
            found[variable["name"]] = [option for option in options if option != ALL_VALUE]
    return found


def fill_in(query: str, values: Mapping[str, Sequence[str] | str]) -> str:
    """Put variables' values into a query; macros of the data source stay as they are.

    A text is put in as it is (Grafana never escapes the value of "all"), a sequence is escaped.

    Raises:
        ExpandError: a variable that the board does not have, or an unknown format.
    """

    def replace(match: re.Match[str]) -> str:
        name = match[1] or match[3]
        if name in {"timeFilter", "__interval", "__interval_ms"}:
            return match[0]
        if name not in values:
            raise ExpandError(f"{match[0]} is no variable of the board; it has {sorted(values)}")
        value = values[name]
        return value if isinstance(value, str) else _formatted(value, match[2])

    return _REFERENCE.sub(replace, query)


def expand(
    query: str,
    *,
    time_range: TimeRange,
    interval: int,
    values: Mapping[str, Sequence[str] | str],
) -> str:
    """The InfluxQL that reaches the database.

    Args:
        query: of a target.
        time_range: that its panel shows.
        interval: width of a point in milliseconds.
        values: the board's variables.

    Raises:
        ExpandError: something that would reach the database with its ``$``.
    """
    time_filter = f"time >= {time_range.from_ms}ms and time <= {time_range.to_ms}ms"
    text = (
        fill_in(query, values)
        .replace("$timeFilter", time_filter)
        .replace("$__interval_ms", str(interval))
        .replace("$__interval", _short(interval))
    )
    left = _REFERENCE.search(text)
    if left is not None:
        raise ExpandError(f"{left[0]} would reach the database as it is")
    return text


def _short(interval: int) -> str:
    """A duration literal in the largest unit that fits."""
    for unit in ("d", "h", "m", "s"):
        if interval % _UNITS_MS[unit] == 0:
            return f"{interval // _UNITS_MS[unit]}{unit}"
    return f"{interval}ms"


def expand_board(
    board: Mapping[str, Any], time_range: TimeRange, *, max_points: int = 1000
) -> list[Expanded]:
    """Every query of a board as it reaches the database."""
    values = variables(board)
    return [
        Expanded(
            panel,
            target["refId"],
            expand(
                target["query"],
                time_range=time_range.of(panel),
                interval=interval_ms(time_range.of(panel), panel.min_interval_ms, max_points),
                values=values,
            ),
            target.get("alias", ""),
        )
        for panel in panels(board)
        for target in panel.targets
    ]


def series_name(alias: str, *, measurement: str, column: str, tags: Mapping[str, str]) -> str:
    """The name of a series in the legend, as the InfluxDB data source fills an alias in.

    It knows ``$tag_<name>`` and ``[[tag_<name>]]``, ``col`` and ``measurement``, and no braces.
    Without an alias: measurement, column and tags, which names any series.
    """
    if not alias:
        shown = ", ".join(f"{name}: {value}" for name, value in tags.items())
        return f"{measurement}.{column} {{{shown}}}" if shown else f"{measurement}.{column}"

    def replace(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name in {"m", "measurement"}:
            return measurement
        if name == "col":
            return column
        return (
            tags.get(name.removeprefix("tag_"), match[0]) if name.startswith("tag_") else match[0]
        )

    return _IN_ALIAS.sub(replace, alias)
