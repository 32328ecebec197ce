"""Who was heard at an instant, counted by group. Pure."""

from collections import Counter

import numpy as np

from gigacity_api.indicators.levels import Grouped, ReporterKind
from gigacity_api.indicators.verdicts import Flags, Integers


class Freshness:
    """Which reporters are fresh, which of them implausible, and who is not registered."""

    def __init__(
        self,
        fresh: dict[ReporterKind, Flags],
        implausible: dict[ReporterKind, Flags],
        unregistered: Counter[tuple[str, str]],
    ) -> None:
        """What was heard at an instant.

        Args:
            fresh: by kind of reporter, those with a report inside the window.
            implausible: of the fresh ones those that contradict themselves; kinds without two
                values that could are not in it.
            unregistered: how many are not registered, by kind and area.
        """
        self.unregistered = unregistered
        self._fresh = fresh
        self._implausible = implausible
        self._counted: dict[tuple[int, int], Integers] = {}

    def heard(self, kind: ReporterKind, reporters: Grouped, size: int) -> Integers:
        """Fresh reporters by group."""
        return self._count(self._fresh[kind], reporters, size)

    def implausible(self, kind: ReporterKind, reporters: Grouped, size: int) -> Integers:
        """Fresh reporters that contradict themselves, by group."""
        if kind not in self._implausible:
            return np.zeros(size, dtype=np.int64)
        return self._count(self._implausible[kind], reporters, size)

    def _count(self, flags: Flags, reporters: Grouped, size: int) -> Integers:
        """By group; counted once, however many figures rest on them."""
        key = id(flags), id(reporters)
        if key not in self._counted:
            group = reporters.group[flags[reporters.index]]
            self._counted[key] = np.bincount(group, minlength=size)
        return self._counted[key]
