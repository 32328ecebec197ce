"""The newest report of every object, in two columns.

Rows may be offered in any order and any number of times: the newest time wins, and of two rows of
one time the greater code, so that the result never depends on the order of arrival.
"""

import numpy as np

from gigacity_api.indicators.verdicts import Integers

NEVER = -(2**62)
"""Time of an object that never reported; far below every window."""


class Newest:
    """Time and code of the newest row of each object."""

    __slots__ = ("code", "ts")

    def __init__(self, ts: Integers, code: Integers) -> None:
        self.ts = ts
        self.code = code

    @classmethod
    def empty(cls, size: int) -> "Newest":
        """Of objects that never reported."""
        return cls(np.full(size, NEVER, dtype=np.int64), np.zeros(size, dtype=np.int64))

    def offer(self, index: Integers, ts: Integers, code: Integers) -> None:
        """Take what is newer than what is known.

        Args:
            index: the object of each row; at least one.
            ts: the time of each row.
            code: what each row says, packed into a number.
        """
        order = np.lexsort((code, ts, index))
        index, ts, code = index[order], ts[order], code[order]
        newest = np.append(index[1:] != index[:-1], True)
        index, ts, code = index[newest], ts[newest], code[newest]
        known = self.ts[index]
        wins = (ts > known) | ((ts == known) & (code > self.code[index]))
        self.ts[index[wins]] = ts[wins]
        self.code[index[wins]] = code[wins]

    def copy(self) -> "Newest":
        """A copy that later offers do not change."""
        return Newest(self.ts.copy(), self.code.copy())
