"""Records of the spool on their way to the database: in order, ahead of need, at a bounded rate."""

from collections.abc import Collection

from gigacity_ingest.pipeline.batch import SpoolCounts
from gigacity_ingest.pipeline.dispatching import BatchSpool, DispatchPolicy
from gigacity_ingest.pipeline.write_job import WriteJob

MAX_ASIDE = 16
"""Records, as batches, of which so many may wait for another try while others pass them."""
_AT_LEAST_EVERY_S = 1.0
_AGAIN_S = 1.0


class SpoolDrain:
    """The records that were read and have no outcome yet.

    Args:
        spool: where they stay until they are done with.
        policy: of the operator.
    """

    def __init__(self, spool: BatchSpool, policy: DispatchPolicy) -> None:
        self._spool = spool
        self._policy = policy
        self._jobs: list[WriteJob] = []
        self._skipped: set[int] = set()
        """Numbers of records that a late answer confirmed before they were read."""
        self._read_at_s = 0.0
        self._last_begun_s = 0.0

    @property
    def has_work(self) -> bool:
        """Whether a record waits, read or not."""
        return bool(self._jobs or self._spool.records)

    def read_ahead(self, now_s: float) -> None:
        """Read records while the rate allows and few of those read can be posted."""
        while self._spool.records > len(self._jobs) and now_s >= self._read_at_s:
            ready = sum(c.is_in_flight or c.retry_at_s <= now_s for c in self._jobs)
            if ready >= self._policy.connections or len(self._jobs) >= MAX_ASIDE:
                return
            spooled = self._spool.read_next()
            if spooled is None:
                self._read_at_s = now_s + _AGAIN_S
                return
            job = WriteJob.of_record(spooled, now_s)
            if spooled.number in self._skipped:
                self._skipped.discard(spooled.number)
                job.skip()
            self._jobs.append(job)
            pause_s = job.points / self._policy.drain_points_per_s
            self._read_at_s = max(self._read_at_s, now_s - _AGAIN_S) + pause_s

    def next_job(self, now_s: float, held: Collection[int | None]) -> WriteJob | None:
        """The first record whose turn it may be; one connection is left to live batches.

        Args:
            now_s: monotonic.
            held: numbers of records whose points another post, begun before they were spooled,
                may still bring in.
        """
        if sum(c.is_in_flight for c in self._jobs) >= max(1, self._policy.connections - 1):
            return None
        for job in self._jobs:
            if not job.is_in_flight and job.number not in held and job.retry_at_s <= now_s:
                return job
        return None

    def is_overdue(self, now_s: float) -> bool:
        """Whether the spool had no turn for so long that it goes before live batches."""
        return now_s - self._last_begun_s >= _AT_LEAST_EVERY_S

    def note_begun(self, now_s: float) -> None:
        """A request of a record is under way."""
        self._last_begun_s = now_s

    def skip(self, number: int) -> None:
        """The points of a record are confirmed already, by a late answer."""
        for job in self._jobs:
            if job.number == number:
                job.skip()
                return
        self._skipped.add(number)

    def finish(self, job: WriteJob) -> SpoolCounts:
        """A record is done with; what the spool holds now."""
        self._jobs.remove(job)
        self._spool.confirm(job.number)
        return self._spool.counts()
