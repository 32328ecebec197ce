"""How far a background task has come, kept in the database: it goes on there after a stop."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.rollups import last_progress
from gigacity_contract.clock import Clock
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.measurements import PROGRESS

_NONE: Mapping[str, int | str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ProgressMark:
    """A mark; None where nothing was ever marked."""

    done_ms: int | None
    arrivals_ms: int | None


class ProgressMarks:
    """Marks of one task."""

    def __init__(self, store: Store, clock: Clock, task: str) -> None:
        self._store = store
        self._clock = clock
        self._task = task
        self._last_ms = 0

    def read(self) -> ProgressMark:
        """The newest mark. Raises StoreError."""
        return ProgressMark(self._read("done_ms"), self._read("arrivals_ms"))

    def read_backlog(self) -> str:
        """What stood in the newest mark as waiting; empty if nothing did. Raises StoreError."""
        return str(self._last("backlog") or "")

    def _read(self, field: str) -> int | None:
        found = self._last(field)
        return None if found is None else int(found)

    def _last(self, field: str) -> int | str | None:
        query = last_progress(self._task, field, self._clock.now_ms())
        for series in self._store.series(query):
            for _, value in series.values:
                return cast("int | str", value)
        return None

    def write(
        self, done_ms: int, arrivals_ms: int, rows: int, backlog: Mapping[str, int | str] = _NONE
    ) -> None:
        """Mark what is done.

        Args:
            done_ms: up to here.
            arrivals_ms: late data that was announced until then has been worked in.
            rows: that were read.
            backlog: further fields, of what waits.

        Raises:
            StoreError: it is not marked.
        """
        self._last_ms = max(self._clock.now_ms(), self._last_ms + 1)
        fields = {"done_ms": done_ms, "arrivals_ms": arrivals_ms, "rows": rows, **backlog}
        line = encode_point(PROGRESS, {"task": self._task}, fields, self._last_ms)
        self._store.write(PROGRESS, [line])
