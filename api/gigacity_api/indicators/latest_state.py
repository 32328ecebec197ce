"""The newest report of every object, in three columns.

Rows may be offered in any order and any number of times: the newest time wins, and of two rows of
one time the greater code, so that the result never depends on the order of arrival.
"""

import numpy as np

from gigacity_api.indicators.verdicts import Indices, Integers

NEVER = -(2**62)
"""Time of an object that never reported; far below every window."""


class LatestState:
    """Time and codes of the newest row of each object."""

    __slots__ = ("code", "line", "ts")

    def __init__(self, ts: Integers, code: Integers, line: Integers) -> None:
        self.ts = ts
        self.code = code
        self.line = line
        """A second code, of ports only; else of no length."""

    @classmethod
    def empty(cls, size: int, *, has_line: bool = False) -> "LatestState":
        """Of objects that never reported."""
        return cls(
            np.full(size, NEVER, dtype=np.int64),
            np.zeros(size, dtype=np.int64),
            np.zeros(size if has_line else 0, dtype=np.int64),
        )

    def contenders(self, index: Integers, ts: Integers) -> Indices:
        """Positions of the rows that may win: no other is newer, of these or of what is known.

        What a row says need then be packed only for these.
        """
        best = self.ts.copy()
        np.maximum.at(best, index, ts)
        found: Indices = np.flatnonzero(ts == best[index]).astype(np.int32)
        return found

    def offer(
        self, index: Integers, ts: Integers, code: Integers, line: Integers | None = None
    ) -> None:
        """Take what is newer than what is known.

        Args:
            index: the object of each row; at least one.
            ts: the time of each row.
            code: what each row says, packed into a number.
            line: the second code of each row, where there is one.
        """
        second = np.zeros_like(code) if line is None else line
        order = np.lexsort((second, code, ts, index))
        index, ts, code, second = index[order], ts[order], code[order], second[order]
        last = np.append(index[1:] != index[:-1], True)
        index, ts, code, second = index[last], ts[last], code[last], second[last]
        known, known_code = self.ts[index], self.code[index]
        known_line = np.zeros_like(code) if line is None else self.line[index]
        same = ts == known
        wins = (ts > known) | (same & (code > known_code))
        wins |= same & (code == known_code) & (second > known_line)
        self.ts[index[wins]] = ts[wins]
        self.code[index[wins]] = code[wins]
        if line is not None:
            self.line[index[wins]] = second[wins]

    def copy(self) -> "LatestState":
        """A copy that later offers do not change."""
        return LatestState(self.ts.copy(), self.code.copy(), self.line.copy())
