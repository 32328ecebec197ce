"""What Grafana makes of a board's queries, so that each can be run without a Grafana.

Covered is what our boards use: ``$timeFilter``, ``$__interval``, variables, and names of series.
Anything else left with a ``$`` is an error.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gigacity_dashboards.panel_targets import Panel, all_values, asked_variables, fill_in, panels

MACRO = re.compile(r"\$\w+", re.ASCII)
IN_ALIAS = re.compile(r"\$(\w+)", re.ASCII)
POINTS = 1000


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


def expand(query: str, panel: Panel, shown: TimeRange, values: Mapping[str, str]) -> str:
    """The InfluxQL that reaches the database."""
    of_panel = shown.of(panel)
    width_ms = max(panel.min_interval_ms, (of_panel.to_ms - of_panel.from_ms) // POINTS)
    text = (
        fill_in(query, values)
        .replace("$timeFilter", f"time >= {of_panel.from_ms}ms and time <= {of_panel.to_ms}ms")
        .replace("$__interval", f"{width_ms}ms")
    )
    left = MACRO.search(text)
    assert left is None, f"{left and left[0]} would reach the database as it is"
    return text


def expanded_queries(board: Mapping[str, Any], shown: TimeRange) -> list[Expanded]:
    """Every query of a board as it reaches the database."""
    values = dict.fromkeys(asked_variables(board), ".*") | all_values(board)
    return [
        Expanded(
            panel,
            target["refId"],
            expand(target["query"], panel, shown, values),
            target.get("alias", ""),
        )
        for panel in panels(board)
        for target in panel.targets
    ]


def series_name(alias: str, *, column: str, tags: Mapping[str, str]) -> str:
    """The name of a series in the legend, as the InfluxDB data source fills an alias in.

    It knows no braces; what it does not know stays.
    """
    known = {"col": column} | {f"tag_{name}": value for name, value in tags.items()}
    return IN_ALIAS.sub(lambda match: known.get(match[1], match[0]), alias)
