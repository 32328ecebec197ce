"""One field over many groups: minimum, maximum, sum, count, last. Pure numpy columns.

A track takes the values of a batch of rows, and gives the columns that a roll-up writes. Values are
floats here: integers of the contract are at most 2**53 - 1, and so exact.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gigacity_contract.fields import FieldSpec, FieldType
from gigacity_contract.rollup_measurements import UP

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Columns = list[list[Any]]


def _floats(values: Sequence[Any]) -> Floats:
    """None becomes not-a-number."""
    return np.array(values, dtype=np.float64)


def _optional(values: NDArray[Any], present: NDArray[np.bool_]) -> list[Any]:
    chosen = values.astype(object)
    chosen[~present] = None
    return list(chosen)


class FieldAggregator:
    """Sums of one field by group; a group is a series of the roll-up."""

    width = 4
    """Columns of the same field in a row of a roll-up."""

    def __init__(self, field: FieldSpec) -> None:
        self.field = field
        self.count: Integers = np.zeros(0, dtype=np.int64)
        self.total: Floats = np.zeros(0)

    def grow(self, size: int) -> None:
        """Make room for groups up to a size."""
        self.count = np.concatenate([self.count, np.zeros(size - len(self.count), dtype=np.int64)])
        self.total = np.concatenate([self.total, np.zeros(size - len(self.total))])

    def add(self, groups: Integers, values: Floats, counts: Integers) -> None:
        """Take values, each the mean of so many."""
        size = len(self.count)
        self.total += np.bincount(groups, weights=values * counts, minlength=size)
        self.count += np.bincount(groups, weights=counts, minlength=size).astype(np.int64)

    def take_raw(self, groups: Integers, times: Integers, values: Sequence[Any], /) -> None:
        """Take a column of raw rows."""
        raise NotImplementedError

    def take_rolled(self, groups: Integers, times: Integers, columns: Columns, /) -> None:
        """Take the columns of a finer roll-up."""
        raise NotImplementedError

    def columns(self) -> Columns:
        """The columns of the roll-up, a value or None by group."""
        raise NotImplementedError

    def mean(self) -> Floats:
        """Mean by group; anything where the count is zero."""
        return self.total / np.maximum(self.count, 1)


class NumberAggregator(FieldAggregator):
    """Minimum, maximum, mean, count."""

    def __init__(self, field: FieldSpec) -> None:
        super().__init__(field)
        self.low: Floats = np.zeros(0)
        self.high: Floats = np.zeros(0)

    def grow(self, size: int) -> None:
        """Make room for groups up to a size."""
        more = size - len(self.count)
        self.low = np.concatenate([self.low, np.full(more, np.inf)])
        self.high = np.concatenate([self.high, np.full(more, -np.inf)])
        super().grow(size)

    def take_raw(self, groups: Integers, _: Integers, values: Sequence[Any]) -> None:
        """Take a column of raw rows."""
        found = _floats(values)
        there = ~np.isnan(found)
        chosen, found = groups[there], found[there]
        self._bounds(chosen, found, found)
        self.add(chosen, found, np.ones(len(found), dtype=np.int64))

    def take_rolled(self, groups: Integers, _: Integers, columns: Columns) -> None:
        """Take minimum, maximum, mean and count of a finer roll-up."""
        low, high, mean, count = (_floats(column) for column in columns)
        there = ~np.isnan(count)
        chosen = groups[there]
        self._bounds(chosen, low[there], high[there])
        self.add(chosen, mean[there], count[there].astype(np.int64))

    def _bounds(self, groups: Integers, low: Floats, high: Floats) -> None:
        np.minimum.at(self.low, groups, low)
        np.maximum.at(self.high, groups, high)

    def columns(self) -> Columns:
        """Minimum, maximum, mean, count."""
        there = self.count > 0
        # A mean of many summed floats may leave its bounds by the last digit.
        low, high = np.where(there, self.low, 0), np.where(there, self.high, 0)
        mean = np.clip(self.mean(), low, high)
        if self.field.type is FieldType.INTEGER:
            low, high = low.astype(np.int64), high.astype(np.int64)
        return [_optional(column, there) for column in (low, high, mean, self.count)]


class StateAggregator(FieldAggregator):
    """Share, last, count of a flag, or of a text that says ``up`` or something else."""

    width = 3

    def __init__(self, field: FieldSpec) -> None:
        super().__init__(field)
        self._time: Integers = np.zeros(0, dtype=np.int64)
        self._last: NDArray[np.object_] = np.zeros(0, dtype=object)

    def grow(self, size: int) -> None:
        """Make room for groups up to a size."""
        more = size - len(self.count)
        self._time = np.concatenate([self._time, np.full(more, -(2**62), dtype=np.int64)])
        self._last = np.concatenate([self._last, np.full(more, None, dtype=object)])
        super().grow(size)

    def take_raw(self, groups: Integers, times: Integers, values: Sequence[Any]) -> None:
        """Take a column of raw rows."""
        said = np.array(values, dtype=object)
        there = np.array([value is not None for value in values], dtype=np.bool_)
        is_on = np.array([value is True or value == UP for value in values], dtype=np.float64)
        chosen = groups[there]
        self.add(chosen, is_on[there], np.ones(len(chosen), dtype=np.int64))
        self._newest(chosen, times[there], said[there])

    def take_rolled(self, groups: Integers, times: Integers, columns: Columns) -> None:
        """Take share, last and count of a finer roll-up."""
        share, count = _floats(columns[0]), _floats(columns[2])
        there = ~np.isnan(count)
        chosen = groups[there]
        self.add(chosen, share[there], count[there].astype(np.int64))
        self._newest(chosen, times[there], np.array(columns[1], dtype=object)[there])

    def _newest(self, groups: Integers, times: Integers, said: NDArray[np.object_]) -> None:
        order = np.lexsort((times, groups))
        groups, times, said = groups[order], times[order], said[order]
        newest = np.append(groups[1:] != groups[:-1], True)[: len(groups)]
        groups, times, said = groups[newest], times[newest], said[newest]
        wins = times >= self._time[groups]
        self._time[groups[wins]] = times[wins]
        self._last[groups[wins]] = said[wins]

    def columns(self) -> Columns:
        """Share, last, count."""
        there = self.count > 0
        share = np.clip(self.mean(), 0.0, 1.0)
        return [
            _optional(share, there), self._last.tolist(), _optional(self.count, there),
        ]  # fmt: skip


def aggregator_of(field: FieldSpec) -> FieldAggregator:
    """The track of a raw field."""
    is_number = field.type in {FieldType.FLOAT, FieldType.INTEGER}
    return NumberAggregator(field) if is_number else StateAggregator(field)
