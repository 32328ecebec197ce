"""Raw rows of one measurement and day in, lines of its roll-up out. Pure.

Memory is that of the series of one area, whatever number of rows is taken.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from gigacity_api.rollups.field_aggregators import Integers, aggregator_of
from gigacity_contract.line_protocol import PointTemplate, tag_prefix
from gigacity_contract.measurements import MEASUREMENTS
from gigacity_contract.rollup_measurements import ROLLUPS

Row = list[Any]
"""Time, tags and fields, in the order of the raw measurement's columns."""


class Accumulator:
    """Joins the rows of one day; they may come in any order and in any number of batches."""

    def __init__(self, measurement: str) -> None:
        self._target = ROLLUPS[measurement]
        self._aggregators = [aggregator_of(field) for field in MEASUREMENTS[measurement].fields]
        self._groups: dict[tuple[str | None, ...], int] = {}
        self.rows = 0
        """Taken so far."""

    def take(self, rows: Sequence[Row]) -> None:
        """Add a batch of rows."""
        if not rows:
            return
        self.rows += len(rows)
        times, *columns = zip(*rows, strict=True)
        tag_count = len(self._target.tags)
        groups = self._groups_of(columns[:tag_count])
        for aggregator, values in zip(self._aggregators, columns[tag_count:], strict=True):
            aggregator.grow(len(self._groups))
            aggregator.take(groups, np.array(times, dtype=np.int64), values)

    def _groups_of(self, tags: Sequence[tuple[str | None, ...]]) -> Integers:
        known = self._groups
        found = [known.setdefault(key, len(known)) for key in zip(*tags, strict=True)]
        return np.array(found, dtype=np.int64)

    def lines(self, start_ms: int) -> Iterator[bytes]:
        """One line for each series that has any value."""
        template = PointTemplate(self._target)
        columns = [column for each in self._aggregators for column in each.columns()]
        names = self._target.tags
        for key, values in zip(self._groups, zip(*columns, strict=True), strict=True):
            tags = {name: value for name, value in zip(names, key, strict=True) if value}
            line = template.format(tag_prefix(self._target, tags).encode(), values, start_ms)
            if line is not None:
                yield line
