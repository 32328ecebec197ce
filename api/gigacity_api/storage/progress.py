"""How far a background task has come, kept in the database: it goes on there after a stop."""

from dataclasses import dataclass

from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.rollups import last_progress
from gigacity_contract.clock import Clock
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.measurements import PROGRESS


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

    def _read(self, field: str) -> int | None:
        query = last_progress(self._task, field, self._clock.now_ms())
        for series in self._store.series(query):
            for _, value in series.values:
                return int(value)
        return None

    def write(self, done_ms: int, arrivals_ms: int, rows: int) -> None:
        """Mark what is done. Raises StoreError."""
        self._last_ms = max(self._clock.now_ms(), self._last_ms + 1)
        fields = {"done_ms": done_ms, "arrivals_ms": arrivals_ms, "rows": rows}
        line = encode_point(PROGRESS, {"task": self._task}, fields, self._last_ms)
        self._store.write(PROGRESS, [line])
