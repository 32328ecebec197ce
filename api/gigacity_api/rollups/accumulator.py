"""Rows of one measurement and window in, lines of its roll-up out. Pure.

Memory is that of the series of one area, whatever number of rows is taken.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gigacity_api.rollups.field_aggregators import aggregator_of
from gigacity_api.rollups.levels import RAW_BY_NAME, Level
from gigacity_contract.line_protocol import PointTemplate, tag_prefix
from gigacity_contract.measurements import RAW

Row = list[Any]
"""Time, tags and fields, in the order of the source's columns."""


class Accumulator:
    """Joins the rows of one window; rows may come in any order and in any number of batches."""

    def __init__(self, level: Level, measurement: str) -> None:
        self._target = level.target_of(measurement)
        self._is_raw = level.source is RAW
        self._tag_count = len(self._target.tags)
        self._tracks = [aggregator_of(field) for field in RAW_BY_NAME[measurement].fields]
        self._groups: dict[tuple[str | None, ...], int] = {}
        self.rows = 0
        """Taken so far."""

    def take(self, rows: Sequence[Row]) -> None:
        """Add a batch of rows."""
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        self.rows += len(rows)
        times = np.array(columns[0], dtype=np.int64)
        groups = self._groups_of(columns[1 : 1 + self._tag_count])
        place = 1 + self._tag_count
        for track in self._tracks:
            track.grow(len(self._groups))
            if self._is_raw:
                track.take_raw(groups, times, columns[place])
                place += 1
            else:
                parts = [list(column) for column in columns[place : place + track.width]]
                track.take_rolled(groups, times, parts)
                place += track.width

    def _groups_of(self, tags: Sequence[tuple[str | None, ...]]) -> Any:
        known = self._groups
        found = [known.setdefault(key, len(known)) for key in zip(*tags, strict=True)]
        return np.array(found, dtype=np.int64)

    def lines(self, start_ms: int) -> Iterator[bytes]:
        """One line for each series that has any value."""
        template = PointTemplate(self._target)
        columns = [column for track in self._tracks for column in track.columns()]
        names = self._target.tags
        for key, values in zip(self._groups, zip(*columns, strict=True), strict=True):
            tags = {name: value for name, value in zip(names, key, strict=True) if value}
            line = template.format(tag_prefix(self._target, tags).encode(), values, start_ms)
            if line is not None:
                yield line
