"""The gate to the spool: opens it, says what is wrong with it, and never raises.

While the spool cannot be opened or does not take a record, batches stay unacknowledged, and the
broker holds the rest. It belongs to the sink thread.
"""

from collections import Counter
from pathlib import Path

import structlog

from gigacity_contract.clock import Clock
from gigacity_ingest.adapters.status import HealthState
from gigacity_ingest.pipeline.batch import SpoolCounts
from gigacity_ingest.spool import (
    FullCause,
    Notice,
    Spool,
    SpooledRecord,
    SpoolError,
    SpoolFull,
    SpoolPolicy,
    SpoolRecord,
    SpoolStatus,
    open_spool,
)
from gigacity_ingest.spool.filesystem import FileSystem

_OPEN_AGAIN_S = 5.0
log = structlog.get_logger("spool")


class SpoolGate:
    """The spool of one worker.

    Args:
        folder: of the spool.
        policy: the operator's limits.
        clock: for the time of spooling and between attempts to open.
        health: says whether the spool can be used.
        fs: the real file system unless a test brings its own.
    """

    def __init__(
        self,
        folder: Path,
        *,
        policy: SpoolPolicy,
        clock: Clock,
        health: HealthState,
        fs: FileSystem | None = None,
    ) -> None:
        self._folder = folder
        self._policy = policy
        self._clock = clock
        self._health = health
        self._fs = fs
        self._spool: Spool | None = None
        self._next_open_s = float("-inf")
        self._found = 0
        self._damaged = 0
        self.notices: Counter[str] = Counter()
        """What the spool has reported, by kind."""
        self.last_notice = ""

    def open(self) -> None:
        """Open it unless it is open or was tried a moment ago."""
        now_s = self._clock.monotonic_s()
        if self._spool is not None or now_s < self._next_open_s:
            return
        self._next_open_s = now_s + _OPEN_AGAIN_S
        try:
            self._spool = open_spool(
                self._folder,
                clock=self._clock,
                policy=self._policy,
                notify=self._take_notice,
                fs=self._fs,
            )
        except SpoolError as error:
            self._health.failed(str(error))
            return
        self._found = self._spool.points
        self._health.ok()
        if self._found:
            log.info("found_in_spool", points=self._found, records=self._spool.records)

    def _take_notice(self, notice: Notice) -> None:
        self.notices[notice.kind.value] += 1
        self.last_notice = notice.message
        self._damaged += notice.lost_points
        log.warning(
            "spool_notice",
            kind=notice.kind.value,
            problem=notice.message,
            lost_points=notice.lost_points,
            kept=str(notice.kept or ""),
        )

    @property
    def records(self) -> int:
        """Records that wait."""
        return 0 if self._spool is None else self._spool.records

    def append(self, record: SpoolRecord) -> int | None:
        """Its number once it is durable; None if the spool does not take it now."""
        self.open()
        if self._spool is None:
            return None
        try:
            number = self._spool.append(record)
        except (SpoolError, ValueError) as error:
            self._health.failed(_explain(error))
            return None
        self._health.ok()
        return number

    def read_next(self) -> SpooledRecord | None:
        """The next record that was not read yet, or None."""
        if self._spool is None:
            return None
        try:
            return self._spool.read_next()
        except SpoolError as error:
            self._health.failed(str(error))
            return None

    def confirm(self, number: int) -> None:
        """A record that was read is done with."""
        if self._spool is None:
            raise ValueError("a closed spool gave no records")
        self._spool.confirm(number)
        if not self._spool.records:
            self._health.ok()

    def counts(self) -> SpoolCounts:
        """What it holds."""
        points = 0 if self._spool is None else self._spool.points
        return SpoolCounts(points, self._found, self._damaged)

    def status(self) -> SpoolStatus | None:
        """For the health page; None while it is closed."""
        return None if self._spool is None else self._spool.status()

    def close(self) -> None:
        """Close the files."""
        if self._spool is not None:
            self._spool.close()
            self._spool = None


def _explain(error: Exception) -> str:
    if isinstance(error, SpoolFull) and error.cause is FullCause.BUDGET:
        return f"{error}; bring the database back, or raise GIGACITY_SPOOL_BUDGET_MB"
    return str(error)
