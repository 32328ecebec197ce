"""The message ledger: what was received, and which packet ids may be acknowledged now.

Invariants: a packet id is released only after its batch was settled, in order of receipt, and only
while the connection lasts on which it came. received = acknowledged + unacknowledged + abandoned.
"""

from collections import deque

from gigacity_ingest.formats.readings import Answer
from gigacity_ingest.pipeline.batch import Batch


class AckLedger:
    """Batches that await their outcome, in order of receipt."""

    def __init__(self) -> None:
        self.epoch = 0
        """Counts connections; 0 before the first."""
        self.received = 0
        self.acknowledged = 0
        self.abandoned = 0
        """Received on a connection that ended before they were acknowledged: delivered again."""
        self.redelivered = 0
        self.qos0 = 0
        self.qos0_dropped = 0
        self.held_mids = 0
        """Packet ids of sealed batches that are not released: asked at every read, so counted."""
        self._answers: list[Answer] = []
        self._waiting: deque[Batch] = deque()
        self._settled: set[int] = set()

    @property
    def waiting(self) -> list[Batch]:
        """Batches sealed and not settled, in order of receipt."""
        return [batch for batch in self._waiting if batch.number not in self._settled]

    def begin_epoch(self) -> None:
        """A connection begins; what was not acknowledged on the last one never will be."""
        self._abandon()
        self.epoch += 1

    def _abandon(self) -> None:
        for batch in self._waiting:
            self.abandoned += len(batch.mids)
            # Their messages come again, and are answered then.
            batch.mids, batch.answers = [], []
        self.held_mids = 0
        self._answers = []

    def end_epoch(self) -> None:
        """The connection ended."""
        self._abandon()

    def seal(self, batch: Batch) -> None:
        """A batch goes on its way; the order of calls is the order of receipt."""
        if batch.epoch != self.epoch:
            raise ValueError("a batch is sealed in the epoch in which its messages were received")
        self._waiting.append(batch)
        self.held_mids += len(batch.mids)

    def settle(self, number: int) -> Batch:
        """A batch is confirmed, its dead letters durable.

        Raises:
            KeyError: no such batch waits.
        """
        for batch in self._waiting:
            if batch.number == number and number not in self._settled:
                self._settled.add(number)
                return batch
        raise KeyError(number)

    def withdraw(self, number: int) -> Batch:
        """Forget a batch that was not begun and whose messages the broker will send again."""
        batch = self.settle(number)
        if batch.mids:
            raise ValueError("only a batch of an ended epoch can be withdrawn")
        self.qos0_dropped += batch.unguarded
        self._clear_settled()
        return batch

    def release(self) -> list[int]:
        """Packet ids to acknowledge now: those of settled batches with no unsettled one before."""
        mids: list[int] = []
        while self._waiting and self._waiting[0].number in self._settled:
            batch = self._waiting.popleft()
            self._settled.discard(batch.number)
            mids += batch.mids
            self._answers += batch.answers
        self.acknowledged += len(mids)
        self.held_mids -= len(mids)
        return mids

    def take_answers(self) -> list[Answer]:
        """Answers to messages of which everything is durable; each once."""
        answers, self._answers = self._answers, []
        return answers

    def _clear_settled(self) -> None:
        """Drop settled batches that hold no packet ids, wherever they stand."""
        kept = [b for b in self._waiting if b.mids or b.number not in self._settled]
        numbers = {batch.number for batch in kept}
        self._waiting = deque(kept)
        self._settled &= numbers

    def unacknowledged(self) -> int:
        """What ``held_mids`` counts, found anew: the ledger's balance must not rest on it."""
        return sum(len(batch.mids) for batch in self._waiting)
