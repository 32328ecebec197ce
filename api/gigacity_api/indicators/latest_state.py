"""The newest report of every object: its time, and what it says in plain columns.

Rows may be offered in any order and any number of times: the newest time wins. A row of that time
that is read again replaces what it said before: the database merges reports of one time field by
field, so the row is what it holds now. Where several series have a row of one time, that of the
greater tag wins, whichever was read first.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gigacity_api.indicators.verdicts import Flags, Indices, Integers

NEVER = -(2**62)
"""Time of an object that never reported; far below every window."""


class StateColumn(NamedTuple):
    """One value of a report."""

    dtype: type[np.generic]
    absent: float
    """What stands for a value that a report lacks."""
    is_tag: bool = False
    """Rows of one time may differ in it and stand beside each other: the greater value wins."""
    is_lesser_better: bool = False
    """Of two rows of one time the one with the lesser value wins."""

    def key(self, values: NDArray[Any]) -> NDArray[Any]:
        """What rows of one time are ordered by; an absent number comes below every other."""
        if self.is_lesser_better:
            return -values
        return np.nan_to_num(values, nan=-np.inf) if values.dtype.kind == "f" else values


class LatestState:
    """Time and values of the newest row of each object."""

    __slots__ = ("_layout", "_values", "ts")

    def __init__(
        self, layout: Mapping[str, StateColumn], ts: Integers, values: dict[str, NDArray[Any]]
    ) -> None:
        self._layout = layout
        self._values = values
        self.ts = ts

    @classmethod
    def empty(cls, layout: Mapping[str, StateColumn], size: int) -> "LatestState":
        """Of objects that never reported."""
        values = {
            name: np.full(size, column.absent, dtype=column.dtype)
            for name, column in layout.items()
        }
        return cls(layout, np.full(size, NEVER, dtype=np.int64), values)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """One value of every object."""
        return self._values[name]

    def contenders(self, index: Integers, ts: Integers) -> Indices:
        """Positions of the rows that may win: no other is newer, of these or of what is known.

        What a row says need then be looked at only for these.
        """
        best = self.ts.copy()
        np.maximum.at(best, index, ts)
        found: Indices = np.flatnonzero(ts == best[index]).astype(np.int32)
        return found

    def offer(self, index: Integers, ts: Integers, said: Mapping[str, NDArray[Any]]) -> None:
        """Take what is newer than what is known, or what is known, read again.

        Args:
            index: the object of each row; at least one.
            ts: the time of each row.
            said: what each row says, by column; columns that are not named stay as they are.
        """
        columns = {name: self._layout[name] for name in said}
        last = _last_of_each(
            index, ts, lambda: [columns[n].key(said[n]) for n in reversed([*said])]
        )
        index, ts = index[last], ts[last]
        wins, same = ts > self.ts[index], ts == self.ts[index]
        for name, column in columns.items():
            if column.is_tag or column.is_lesser_better:
                new, known = column.key(said[name][last]), column.key(self._values[name][index])
                wins |= same & (new > known)
                same &= new == known
        wins |= same
        chosen = index[wins]
        self.ts[chosen] = ts[wins]
        for name, values in said.items():
            self._values[name][chosen] = values[last][wins]

    def offer_parts(self, index: Integers, ts: Integers, said: Mapping[str, NDArray[Any]]) -> None:
        """As ``offer``, of rows as they were sent: one of a time that is known adds to it.

        So the state says what the database does, which merges reports of one time field by field.
        """
        for chosen in _one_of_a_time(index, ts):
            places, times = index[chosen], ts[chosen]
            mine = {name: values[chosen] for name, values in said.items()}
            same = times == self.ts[places]
            for name, values in mine.items():
                if self._layout[name].is_tag:
                    same &= values == self._values[name][places]
            for name, values in mine.items():
                kept = same & _is_absent(values, self._layout[name].absent)
                values[kept] = self._values[name][places[kept]]
            self.offer(places, times, mine)

    def copy(self) -> "LatestState":
        """A copy that later offers do not change."""
        values = {name: column.copy() for name, column in self._values.items()}
        return LatestState(self._layout, self.ts.copy(), values)


def _is_absent(values: NDArray[Any], absent: float) -> Flags:
    found: Flags = np.isnan(values) if absent != absent else values == absent  # noqa: PLR0124
    return found


def _one_of_a_time(index: Integers, ts: Integers) -> Iterator[Integers]:
    """Positions of all rows, in parts that hold no two of one object and time, in their order."""
    order = np.lexsort((ts, index))
    is_first = np.append(
        True, (index[order][1:] != index[order][:-1]) | (ts[order][1:] != ts[order][:-1])
    )
    yield order[is_first]
    rest = np.sort(order[~is_first])
    if rest.size:
        for part in _one_of_a_time(index[rest], ts[rest]):
            yield rest[part]


def _last_of_each(
    index: Integers, ts: Integers, keys: Callable[[], list[NDArray[Any]]]
) -> Integers:
    """Positions of the winning row of each object; keys are asked for where two share a time.

    Args:
        index: the object of each row.
        ts: the time of each row.
        keys: what rows of one time are ordered by, the most important last.
    """
    order = np.lexsort((ts, index))
    is_last = _ends(index[order])
    if np.any(~is_last[:-1] & ~_ends(ts[order])[:-1]):
        order = np.lexsort((*keys(), ts, index))
    found: Integers = order[is_last]
    return found


def _ends(values: Integers) -> Flags:
    """Whether the next value is another."""
    return np.append(values[1:] != values[:-1], True)
