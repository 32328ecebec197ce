"""One field over many groups: minimum, maximum, mean, count, last. Pure numpy columns.

An aggregator takes the values of a batch of rows, and gives the columns that a roll-up writes.
Values are floats here: integers of the contract are at most 2**53 - 1, and so exact.
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


def _optional(values: NDArray[Any], present: NDArray[np.bool_]) -> list[Any]:
    chosen = values.astype(object)
    chosen[~present] = None
    return list(chosen)


def _grown(values: NDArray[Any], size: int, fill: Any) -> NDArray[Any]:
    return np.concatenate([values, np.full(size - len(values), fill, dtype=values.dtype)])


class FieldAggregator:
    """Sum and count of one field by group; a group is a series of the roll-up."""

    def __init__(self, field: FieldSpec) -> None:
        self.field = field
        self.count: Integers = np.zeros(0, dtype=np.int64)
        self.total: Floats = np.zeros(0)

    def grow(self, size: int) -> None:
        """Make room for groups up to a size."""
        self.count = _grown(self.count, size, 0)
        self.total = _grown(self.total, size, 0.0)

    def take(self, groups: Integers, times: Integers, values: Sequence[Any], /) -> None:
        """Take a column of rows; a value that is None was not reported."""
        raise NotImplementedError

    def columns(self) -> Columns:
        """The columns of the roll-up, a value or None by group."""
        raise NotImplementedError

    def add(self, groups: Integers, values: Floats) -> None:
        """Count values and sum them."""
        self.total += np.bincount(groups, weights=values, minlength=len(self.count))
        self.count += np.bincount(groups, minlength=len(self.count))

    def mean(self) -> Floats:
        """Mean by group; anything where the count is zero."""
        return self.total / np.maximum(self.count, 1)


class NumberAggregator(FieldAggregator):
    """Minimum, maximum, mean, count."""

    def __init__(self, field: FieldSpec) -> None:
        super().__init__(field)
        self._low: Floats = np.zeros(0)
        self._high: Floats = np.zeros(0)

    def grow(self, size: int) -> None:
        """Make room for groups up to a size."""
        self._low = _grown(self._low, size, np.inf)
        self._high = _grown(self._high, size, -np.inf)
        super().grow(size)

    def take(self, groups: Integers, _: Integers, values: Sequence[Any]) -> None:
        """Take a column of numbers."""
        found = np.array(values, dtype=np.float64)  # None becomes not-a-number.
        there = ~np.isnan(found)
        groups, found = groups[there], found[there]
        np.minimum.at(self._low, groups, found)
        np.maximum.at(self._high, groups, found)
        self.add(groups, found)

    def columns(self) -> Columns:
        """Minimum, maximum, mean, count."""
        there = self.count > 0
        # A mean of many summed floats may leave its bounds by the last digit.
        low, high = np.where(there, self._low, 0), np.where(there, self._high, 0)
        mean = np.clip(self.mean(), low, high)
        if self.field.type is FieldType.INTEGER:
            low, high = low.astype(np.int64), high.astype(np.int64)
        return [_optional(column, there) for column in (low, high, mean, self.count)]


class StateAggregator(FieldAggregator):
    """Share, last, count of a flag, or of a text that says ``up`` or something else."""

    def __init__(self, field: FieldSpec) -> None:
        super().__init__(field)
        self._time: Integers = np.zeros(0, dtype=np.int64)
        self._last: NDArray[np.object_] = np.zeros(0, dtype=object)

    def grow(self, size: int) -> None:
        """Make room for groups up to a size."""
        self._time = _grown(self._time, size, -(2**62))
        self._last = _grown(self._last, size, None)
        super().grow(size)

    def take(self, groups: Integers, times: Integers, values: Sequence[Any]) -> None:
        """Take a column of flags or texts."""
        there = np.array([value is not None for value in values], dtype=np.bool_)
        is_on = np.array([value is True or value == UP for value in values], dtype=np.float64)
        self.add(groups[there], is_on[there])
        self._take_last(groups[there], times[there], np.array(values, dtype=object)[there])

    def _take_last(self, groups: Integers, times: Integers, said: NDArray[np.object_]) -> None:
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
        share = _optional(np.clip(self.mean(), 0.0, 1.0), there)
        return [share, self._last.tolist(), _optional(self.count, there)]


def aggregator_of(field: FieldSpec) -> FieldAggregator:
    """The aggregator of a raw field."""
    is_number = field.type in {FieldType.FLOAT, FieldType.INTEGER}
    return NumberAggregator(field) if is_number else StateAggregator(field)
