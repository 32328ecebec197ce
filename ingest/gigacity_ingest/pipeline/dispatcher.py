"""Decides what is posted next, what goes to the spool, and when a batch is settled. Pure.

Live batches come first; the spool drains beside them, in order, at a bounded rate. A batch that the
database does not confirm in time is spooled and thereby settled, while its post may go on. Nothing
waits for a batch that fails: it steps aside, and the others go on.

Invariant: a batch is settled only when each of its points is confirmed, dead-lettered or spooled,
and each of its dead letters is durable. A record leaves the spool only when the same holds for it
and its late-data markers are confirmed.
"""

from collections.abc import Callable

from gigacity_contract.influx import WriteOutcome, Written
from gigacity_ingest.decode.dead_letter import DeadLetter
from gigacity_ingest.decode.late_markers import LateMarkers
from gigacity_ingest.encode.body import Body
from gigacity_ingest.pipeline.batch import Batch, JobResult, SpoolCounts
from gigacity_ingest.pipeline.database_health import DatabaseHealth
from gigacity_ingest.pipeline.dispatching import (
    BatchSource,
    BatchSpool,
    DispatchPolicy,
    SentRequest,
)
from gigacity_ingest.pipeline.fresh_teller import FreshTeller
from gigacity_ingest.pipeline.spool_drain import MAX_ASIDE, SpoolDrain
from gigacity_ingest.pipeline.write_job import WriteJob

_PATIENCE_IN_QUEUE = 4
"""A batch that only waits for its turn is spooled after so many times the usual patience: after a
long absence the broker hands over faster than the database takes, and it keeps the rest as well."""
_AGAIN_S = 1.0


class Dispatcher:
    """See the module. Every call comes from the sink thread.

    Args:
        source: of batches.
        spool: a gate to the spool.
        store: makes dead letters durable; False if it cannot now.
        emit: told of everything that is settled.
        policy: of the operator.
        worker: tag of late-data markers.
    """

    def __init__(
        self,
        *,
        source: BatchSource,
        spool: BatchSpool,
        store: Callable[[list[DeadLetter]], bool],
        emit: Callable[[JobResult], None],
        policy: DispatchPolicy,
        worker: str,
    ) -> None:
        self._source = source
        self._spool = spool
        self._store = store
        self._emit = emit
        self._policy = policy
        self._markers = LateMarkers(worker)
        self.fresh = FreshTeller(worker)
        self.health = DatabaseHealth()
        self.is_flushing = False
        """The worker ends: what is in trouble is spooled at once."""
        self._live: list[WriteJob] = []
        self._drain = SpoolDrain(spool, policy)
        self._sent: list[SentRequest] = []
        self._told = SpoolCounts()
        self._spool_again_s = 0.0
        self._last_answer_s = 0.0

    @property
    def has_work(self) -> bool:
        """Whether something waits for its turn, for another try or for an answer."""
        return bool(self._live or self._sent or self._drain.has_work)

    # --- spooling ------------------------------------------------------------------------------

    def tick(self, now_s: float, now_ms: int) -> None:
        """Do what time alone brings: spool what is overdue, read what may drain."""
        for job in list(self._live):
            if self._is_overdue(job.since_s, now_s):
                self._try_spool(job, now_s, now_ms)
        while self._is_queue_overdue(now_s) and len(self._live) < MAX_ASIDE:
            batch = self._source.take_batch()
            if batch is None:
                break
            self._try_spool(self._begin(batch), now_s, now_ms)
        self._drain.read_ahead(now_s)
        self._tell_spool()

    def _is_overdue(self, since_s: float, now_s: float) -> bool:
        age_s, patience_s = now_s - since_s, self._policy.spool_after_s
        if now_s < self._spool_again_s:
            return False
        if self.health.is_troubled and self.is_flushing:
            return True
        is_slow = any(sent.job and now_s - sent.begun_s >= patience_s for sent in self._sent)
        if age_s >= patience_s and (self.health.is_troubled or is_slow):
            return True
        return age_s >= patience_s * _PATIENCE_IN_QUEUE

    def _is_queue_overdue(self, now_s: float) -> bool:
        oldest_s = self._source.oldest_s()
        if oldest_s is None or now_s < self._spool_again_s:
            return False
        is_down = self.health.is_down(now_s, self._policy.spool_after_s)
        return is_down or self._is_overdue(oldest_s, now_s)

    def _begin(self, batch: Batch) -> WriteJob:
        job = WriteJob.of_batch(batch)
        self._live.append(job)
        return job

    def _try_spool(self, job: WriteJob, now_s: float, now_ms: int) -> None:
        """Spool what has no outcome yet, and settle the batch; later, if it cannot be done now."""
        sent = next((p for p in self._sent if p.job is job), None)
        job.cut(now_ms)
        number: int | None = 0
        if self._store_dead_letters(job):
            rest = job.rest()
            if rest or job.confirmed:
                number = self._spool.append(job.record())
            if number is not None:
                self._live.remove(job)
                if sent is not None:
                    is_all = len(rest) == 1 and rest[0] is sent.body
                    sent.spooled_as = number if is_all else 0
                self._settle(job, now_ms, spool=self._spool.counts())
                return
        self._spool_again_s = now_s + _AGAIN_S

    def _tell_spool(self) -> None:
        counts = self._spool.counts()
        if counts != self._told:
            self._told = counts
            self._emit(JobResult(number=0, spool=counts))

    # --- posting -------------------------------------------------------------------------------

    def next_request(self, now_s: float, now_ms: int) -> SentRequest | None:
        """The next request to begin, if one may begin now."""
        while len(self._sent) < self._policy.connections:
            if not self.health.may_post(now_s, len(self._sent)):
                return None
            job = self._choose(now_s)
            if job is None:
                return None
            body = job.next_body(markers=self._markers, now_ms=now_ms)
            if body is None:
                self._finish(job, now_s, now_ms)
                continue
            job.is_in_flight = True
            if job.is_spooled:
                self._drain.note_begun(now_s)
            sent = SentRequest(body, job, now_s)
            self._sent.append(sent)
            return sent
        return None

    def _choose(self, now_s: float) -> WriteJob | None:
        """Whose turn it is. Live batches first, and the spool at least once a second."""
        record = self._drain.next_job(now_s, {sent.spooled_as for sent in self._sent})
        if record is not None and self._drain.is_overdue(now_s):
            return record
        return self._next_live(now_s) or record

    def _next_live(self, now_s: float) -> WriteJob | None:
        for job in self._live:
            if not job.is_in_flight and job.retry_at_s <= now_s:
                if self._store_dead_letters(job):
                    return job
                job.retry_at_s = now_s + _AGAIN_S
        while len(self._live) < MAX_ASIDE:
            batch = self._source.take_batch()
            if batch is None:
                return None
            job = self._begin(batch)
            if self._store_dead_letters(job):
                return job
            job.retry_at_s = now_s + _AGAIN_S
        return None

    def post_rows(self, body: Body, now_s: float) -> SentRequest | None:
        """Own rows, if a lane is free and the database well; they are not kept otherwise."""
        if self.health.is_troubled or len(self._sent) >= self._policy.connections:
            return None
        sent = SentRequest(body, None, now_s)
        self._sent.append(sent)
        return sent

    def post_fresh(self, now_s: float, now_ms: int) -> SentRequest | None:
        """What was confirmed, to be told to those who follow, if a lane is free and all is well."""
        if self.health.is_troubled or len(self._sent) >= self._policy.connections:
            return None
        body = self.fresh.next_body(now_ms, at_once=self.is_flushing)
        if body is None:
            return None
        sent = SentRequest(body, None, now_s)
        self._sent.append(sent)
        return sent

    # --- answers -------------------------------------------------------------------------------

    def take_answer(
        self, sent: SentRequest, outcome: WriteOutcome, now_s: float, now_ms: int
    ) -> str:
        """An answer came, or the request failed.

        Returns:
            Why the post must be repeated; empty if it need not be.
        """
        self._sent.remove(sent)
        if self.fresh.judge(sent.body, outcome, now_ms):
            return ""
        self.health.judge(outcome, sent.body.policy, now_s)
        busy_s, self._last_answer_s = now_s - max(self._last_answer_s, sent.begun_s), now_s
        job = sent.job
        if job is None:
            return ""
        self.fresh.add(sent.body, outcome, job.spans, now_ms)
        job.busy_s += busy_s
        job.is_in_flight = False
        if sent.spooled_as is not None:
            if sent.spooled_as and isinstance(outcome, Written):
                self._drain.skip(sent.spooled_as)
            return ""
        evidence = self.health.evidence[sent.body.policy]
        problem = job.judge(sent.body, outcome, evidence=evidence, now_s=now_s, now_ms=now_ms)
        if job.next_body(markers=self._markers, now_ms=now_ms) is None:
            self._finish(job, now_s, now_ms)
        return problem

    def _store_dead_letters(self, job: WriteJob) -> bool:
        if job.dead_letters:
            if not self._store(job.dead_letters):
                return False
            job.note_stored_dead_letters()
        return True

    def _finish(self, job: WriteJob, now_s: float, now_ms: int) -> None:
        """Everything has its outcome: settle it as soon as its dead letters are durable."""
        if not self._store_dead_letters(job):
            job.retry_at_s = now_s + _AGAIN_S
            return
        if not job.is_spooled:
            self._live.remove(job)
            self._settle(job, now_ms)
            return
        self._settle(job, now_ms, spool=self._drain.finish(job))

    def _settle(self, job: WriteJob, now_ms: int, spool: SpoolCounts | None = None) -> None:
        if spool is not None:
            self._told = spool
        self._emit(
            JobResult(
                number=0 if job.is_spooled else job.number,
                confirmed=job.confirmed,
                dead_lettered=job.dead_lettered,
                dead_letters=dict(job.stored_dead_letters),
                spool=spool,
                ages=job.ages(now_ms),
                busy_s=job.busy_s,
            )
        )
