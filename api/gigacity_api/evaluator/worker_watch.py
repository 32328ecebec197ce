"""The newest snapshots of each worker, from its rows of ``gigacity_worker``."""

import msgspec

from gigacity_api.alarms.platform_conditions import FORGET_WORKER_MS, WorkerState
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.alarms import WORKER_STATE_COLUMNS, worker_states
from gigacity_contract.clock import Clock

OVERLAP_MS = 60_000
SHARED = "$share/"


class WorkerStateRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``gigacity_worker``: time, then ``WORKER_STATE_COLUMNS``."""

    time: int
    worker: str
    areas: str | None
    connected: bool | None
    balanced: bool | None
    points_spooled: int | None
    points_decoded: int | None
    dead_letters: int | None
    state_disk_bytes: int | None
    state_disk_free_bytes: int | None
    certificate_expires_ms: int | None


assert WorkerStateRow.__struct_fields__[1:] == WORKER_STATE_COLUMNS  # noqa: S101 - one order


class WorkerWatch:
    """Remembers the last two snapshots of each worker."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._read_ms: int | None = None
        self._known: dict[str, tuple[WorkerStateRow, WorkerStateRow]] = {}

    def look(self) -> tuple[WorkerState, ...]:
        """What workers said last.

        Raises:
            StoreError: the database cannot answer.
        """
        now_ms = self._clock.now_ms()
        # A day at first: one that has said nothing since is silent, not unknown.
        after_ms = (
            now_ms - FORGET_WORKER_MS if self._read_ms is None else self._read_ms - OVERLAP_MS
        )
        for batch in self._store.rows(worker_states(after_ms, now_ms + 3_600_000), WorkerStateRow):
            for row in sorted(batch, key=lambda each: each.time):
                known = self._known.get(row.worker)
                if known is None or row.time > known[1].time:
                    self._known[row.worker] = (known[1] if known else row, row)
        self._read_ms = now_ms
        for name in [n for n, k in self._known.items() if now_ms - k[1].time > FORGET_WORKER_MS]:
            del self._known[name]
        return tuple(_row(*known) for known in self._known.values())


def _row(before: WorkerStateRow, now: WorkerStateRow) -> WorkerState:
    # Counters start again with their process.
    decoded = max(0, (now.points_decoded or 0) - (before.points_decoded or 0))
    dead = max(0, (now.dead_letters or 0) - (before.dead_letters or 0))
    areas = [a.split("/")[-1] for a in (now.areas or "").split(",") if a]
    return WorkerState(
        now.worker, now.time, tuple(areas), now.connected, now.balanced, now.points_spooled or 0,
        before.points_spooled or 0, decoded, dead, _free_share(now), now.certificate_expires_ms,
    )  # fmt: skip


def _free_share(row: WorkerStateRow) -> float | None:
    """Share of its disk that a worker may still use; None: it does not say."""
    if not row.state_disk_bytes or row.state_disk_free_bytes is None:
        return None
    return row.state_disk_free_bytes / row.state_disk_bytes
