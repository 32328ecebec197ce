"""Decides what is posted next, what goes to the spool, and when a batch is settled. Pure.

Live batches come first; the spool drains beside them, in order, at a bounded rate. A batch that the
database does not confirm in time is spooled and thereby settled, while its post may go on. Nothing
waits for a batch that fails: it steps aside, and the others go on.

Invariant: a batch is settled only when each of its points is confirmed, dead-lettered or spooled,
and each of its letters is durable. A record leaves the spool only when the same holds for it and
its arrival rows are confirmed.
"""

from collections.abc import Callable

from gigacity_contract.influx import Denied, Refused, Unavailable, WriteOutcome, Written
from gigacity_ingest.decode.letters import Letter
from gigacity_ingest.encode.body import Body
from gigacity_ingest.pipeline.batch import Batch, Delivered, SpoolCounts
from gigacity_ingest.pipeline.consignment import Consignment
from gigacity_ingest.pipeline.dispatching import DispatchPolicy, Post, Source, SpoolPort
from gigacity_ingest.pipeline.health import Health

_MAX_ASIDE = 16
"""Batches, and records, that may wait for another try while others pass them."""
_PATIENCE_IN_QUEUE = 4
"""A batch that only waits for its turn is spooled after so many times the usual patience: after a
long absence the broker hands over faster than the database takes, and it keeps the rest as well."""
_DRAIN_AT_LEAST_S = 1.0
_AGAIN_S = 1.0


class Dispatcher:
    """See the module. Every call comes from the sink thread.

    Args:
        source: of batches.
        spool: a gate to the spool.
        store: makes letters durable; False if it cannot now.
        emit: told of everything that is settled.
        policy: of the operator.
        worker: tag of arrival rows.
    """

    def __init__(
        self,
        *,
        source: Source,
        spool: SpoolPort,
        store: Callable[[list[Letter]], bool],
        emit: Callable[[Delivered], None],
        policy: DispatchPolicy,
        worker: str,
    ) -> None:
        self._source = source
        self._spool = spool
        self._store = store
        self._emit = emit
        self._policy = policy
        self._worker = worker
        self.health = Health()
        self.is_hurried = False
        """The worker ends: what is in trouble is spooled at once."""
        self._live: list[Consignment] = []
        self._drained: list[Consignment] = []
        self._posts: list[Post] = []
        self._skipped: set[int] = set()
        """Numbers of spooled records that a late answer confirmed."""
        self._told = SpoolCounts()
        self._spool_again_s = 0.0
        self._read_at_s = 0.0
        self._last_drain_s = 0.0
        self._last_answer_s = 0.0

    @property
    def has_work(self) -> bool:
        """Whether something waits for its turn, for another try or for an answer."""
        return bool(self._live or self._drained or self._posts or self._spool.records)

    # --- spooling ------------------------------------------------------------------------------

    def tick(self, now_s: float, now_ms: int) -> None:
        """Do what time alone brings: spool what is overdue, read what may drain."""
        for consignment in list(self._live):
            if self._is_overdue(consignment.since_s, now_s):
                self._try_spool(consignment, now_s, now_ms)
        while self._is_queue_overdue(now_s) and len(self._live) < _MAX_ASIDE:
            batch = self._source.take_batch()
            if batch is None:
                break
            self._try_spool(self._begin(batch), now_s, now_ms)
        self._read_ahead(now_s)
        self._tell_spool()

    def _is_overdue(self, since_s: float, now_s: float) -> bool:
        age_s, patience_s = now_s - since_s, self._policy.spool_after_s
        if now_s < self._spool_again_s:
            return False
        if self.health.is_troubled and self.is_hurried:
            return True
        is_slow = any(now_s - post.begun_s >= patience_s for post in self._posts)
        if age_s >= patience_s and (self.health.is_troubled or is_slow):
            return True
        return age_s >= patience_s * _PATIENCE_IN_QUEUE

    def _is_queue_overdue(self, now_s: float) -> bool:
        oldest_s = self._source.oldest_s()
        if oldest_s is None or now_s < self._spool_again_s:
            return False
        is_down = self.health.is_down(now_s, self._policy.spool_after_s)
        return is_down or self._is_overdue(oldest_s, now_s)

    def _begin(self, batch: Batch) -> Consignment:
        consignment = Consignment.of_batch(batch)
        self._live.append(consignment)
        return consignment

    def _try_spool(self, consignment: Consignment, now_s: float, now_ms: int) -> None:
        """Spool what has no outcome yet, and settle the batch; later, if it cannot be done now."""
        post = next((p for p in self._posts if p.consignment is consignment), None)
        consignment.cut(now_ms)
        number: int | None = 0
        if self._store_letters(consignment):
            rest = consignment.rest()
            if rest or consignment.confirmed:
                number = self._spool.append(consignment.record())
            if number is not None:
                self._live.remove(consignment)
                if post is not None:
                    is_all = len(rest) == 1 and rest[0] is post.body
                    post.spooled_as = number if is_all else 0
                self._settle(consignment, now_ms, spool=self._spool.counts())
                return
        self._spool_again_s = now_s + _AGAIN_S

    def _tell_spool(self) -> None:
        counts = self._spool.counts()
        if counts != self._told:
            self._told = counts
            self._emit(Delivered(0, 0, 0, {}, counts))

    # --- draining ------------------------------------------------------------------------------

    def _read_ahead(self, now_s: float) -> None:
        """Read records while the rate allows and few of those read can be posted."""
        while self._spool.records > len(self._drained) and now_s >= self._read_at_s:
            ready = sum(c.is_in_flight or c.retry_at_s <= now_s for c in self._drained)
            if ready >= self._policy.lanes or len(self._drained) >= _MAX_ASIDE:
                return
            spooled = self._spool.read_next()
            if spooled is None:
                self._read_at_s = now_s + _AGAIN_S
                return
            consignment = Consignment.of_record(spooled, now_s)
            if spooled.number in self._skipped:
                self._skipped.discard(spooled.number)
                consignment.skip()
            self._drained.append(consignment)
            pause_s = consignment.points / self._policy.drain_points_per_s
            self._read_at_s = max(self._read_at_s, now_s - _AGAIN_S) + pause_s

    # --- posting -------------------------------------------------------------------------------

    def next_post(self, now_s: float, now_ms: int) -> Post | None:
        """The next request to begin, if one may begin now."""
        while len(self._posts) < self._policy.lanes:
            if not self.health.may_post(now_s, len(self._posts)):
                return None
            consignment = self._choose(now_s)
            if consignment is None:
                return None
            body = consignment.next_body(worker=self._worker, now_ms=now_ms)
            if body is None:
                self._finish(consignment, now_s, now_ms)
                continue
            consignment.is_in_flight = True
            if consignment.is_spooled:
                self._last_drain_s = now_s
            post = Post(body, consignment, now_s)
            self._posts.append(post)
            return post
        return None

    def _choose(self, now_s: float) -> Consignment | None:
        """Whose turn it is. Live batches first, and the spool at least once a second."""
        drain = self._next_drain(now_s)
        if drain is not None and now_s - self._last_drain_s >= _DRAIN_AT_LEAST_S:
            return drain
        return self._next_live(now_s) or drain

    def _next_drain(self, now_s: float) -> Consignment | None:
        if sum(c.is_in_flight for c in self._drained) >= max(1, self._policy.lanes - 1):
            return None
        for consignment in self._drained:
            is_held = any(p.spooled_as == consignment.number for p in self._posts)
            if not consignment.is_in_flight and not is_held and consignment.retry_at_s <= now_s:
                return consignment
        return None

    def _next_live(self, now_s: float) -> Consignment | None:
        for consignment in self._live:
            if not consignment.is_in_flight and consignment.retry_at_s <= now_s:
                if self._store_letters(consignment):
                    return consignment
                consignment.retry_at_s = now_s + _AGAIN_S
        while len(self._live) < _MAX_ASIDE:
            batch = self._source.take_batch()
            if batch is None:
                return None
            consignment = self._begin(batch)
            if self._store_letters(consignment):
                return consignment
            consignment.retry_at_s = now_s + _AGAIN_S
        return None

    def post_rows(self, body: Body, now_s: float) -> Post | None:
        """Own rows, if a lane is free and the database well; they are not kept otherwise."""
        if self.health.is_troubled or len(self._posts) >= self._policy.lanes:
            return None
        post = Post(body, None, now_s)
        self._posts.append(post)
        return post

    # --- answers -------------------------------------------------------------------------------

    def take_answer(self, post: Post, outcome: WriteOutcome, now_s: float, now_ms: int) -> str:
        """An answer came, or the request failed.

        Returns:
            Why the post must be repeated; empty if it need not be.
        """
        self._posts.remove(post)
        self._judge_health(post, outcome, now_s)
        busy_s, self._last_answer_s = now_s - max(self._last_answer_s, post.begun_s), now_s
        consignment = post.consignment
        if consignment is None:
            return ""
        consignment.busy_s += busy_s
        consignment.is_in_flight = False
        if post.spooled_as is not None:
            self._take_late(post.spooled_as, outcome)
            return ""
        evidence = self.health.evidence[post.body.policy]
        problem = consignment.judge(
            post.body, outcome, evidence=evidence, now_s=now_s, now_ms=now_ms
        )
        if consignment.next_body(worker=self._worker, now_ms=now_ms) is None:
            self._finish(consignment, now_s, now_ms)
        return problem

    def _judge_health(self, post: Post, outcome: WriteOutcome, now_s: float) -> None:
        if isinstance(outcome, Written):
            self.health.succeed(post.body.policy)
        elif isinstance(outcome, Unavailable):
            self.health.fail(now_s, min(outcome.retry_after_s or 0, 60))
        elif isinstance(outcome, Denied | Refused):
            self.health.fail(now_s)
        else:
            self.health.answer()

    def _take_late(self, number: int, outcome: WriteOutcome) -> None:
        """The answer to a post whose batch was spooled meanwhile."""
        if not number or not isinstance(outcome, Written):
            return
        for consignment in self._drained:
            if consignment.number == number:
                consignment.skip()
                return
        self._skipped.add(number)

    def _store_letters(self, consignment: Consignment) -> bool:
        if consignment.letters:
            if not self._store(consignment.letters):
                return False
            consignment.note_stored_letters()
        return True

    def _finish(self, consignment: Consignment, now_s: float, now_ms: int) -> None:
        """Everything has its outcome: settle it as soon as its letters are durable."""
        if not self._store_letters(consignment):
            consignment.retry_at_s = now_s + _AGAIN_S
            return
        if not consignment.is_spooled:
            self._live.remove(consignment)
            self._settle(consignment, now_ms)
            return
        self._drained.remove(consignment)
        self._spool.confirm(consignment.number)
        self._settle(consignment, now_ms, spool=self._spool.counts())

    def _settle(
        self, consignment: Consignment, now_ms: int, spool: SpoolCounts | None = None
    ) -> None:
        if spool is not None:
            self._told = spool
        self._emit(
            Delivered(
                0 if consignment.is_spooled else consignment.number,
                consignment.confirmed,
                consignment.dead_lettered,
                dict(consignment.stored_letters),
                spool,
                consignment.ages(now_ms),
                consignment.busy_s,
            )
        )
