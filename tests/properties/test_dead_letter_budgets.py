"""Whoever publishes what, and whatever is settled, moved or restarted: budgets hold their promises.

Nobody is held while the disk takes anything; every dead letter is whole, a summary or counted; one
publisher beyond its budget costs no other a body; what is settled comes back.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gigacity_contract.decoding import Extent, RejectionReason
from gigacity_ingest.dead_letters.counts import read_counts
from gigacity_ingest.dead_letters.settling import give_back
from gigacity_ingest.dead_letters.store import DeadLetterStore
from gigacity_ingest.decode.dead_letter import DeadLetter, Kept

BUDGET = 1 << 20
SHARE = BUDGET // 64
HONEST = "371602/olt/honest"
LOUD = tuple(f"371602/olt/loud-{n}" for n in range(4))
REASONS = (RejectionReason.NOT_JSON, RejectionReason.BAD_FIELD)


class Letters(RuleBasedStateMachine):
    """A worker's store, and processes that settle beside it."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.store = self._open()
        self.numbers = 0
        self.added = 0
        self.settled = 0
        self.honest_bytes = 0

    def _open(self) -> DeadLetterStore:
        return DeadLetterStore(self.folder, budget_bytes=BUDGET, segment_bytes=SHARE)

    def _dead_letter(self, publisher: str, reason: RejectionReason, size: int) -> DeadLetter:
        self.numbers += 1
        self.added += 1
        return DeadLetter(
            reason=reason,
            extent=Extent.MESSAGE,
            error="no",
            topic=f"gigacity/v1/{publisher}/pon",
            payload=b"%08d" % self.numbers + b"x" * size,
            received_ms=1,
        )

    @rule(
        publisher=st.sampled_from(LOUD),
        reason=st.sampled_from(REASONS),
        sizes=st.lists(st.sampled_from([0, 100, 2000, 50_000]), min_size=1, max_size=40),
    )
    def flood(self, publisher: str, reason: RejectionReason, sizes: list[int]) -> None:
        self.store.append([self._dead_letter(publisher, reason, size) for size in sizes])

    @rule(beside=st.sampled_from([0, 50_000]))
    def one_of_an_honest_publisher(self, beside: int) -> None:
        """It is kept whole up to its own share, in one batch with whoever is loud."""
        loud = self._dead_letter(LOUD[0], REASONS[0], beside)
        honest = self._dead_letter(HONEST, REASONS[1], 300)
        self.store.append([loud, honest])
        if self.honest_bytes + 1000 < SHARE:
            self.honest_bytes += 1000
            (kept,) = [x for x in self.store.read() if x.payload == honest.payload]
            assert kept.kept is Kept.WHOLE

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = self._open()

    @rule(part=st.sampled_from([1, 2]))
    def settle(self, part: int) -> None:
        """Another process settles every dead letter, or every other one."""
        other = self._open()
        ids = [(x.id, x.received_ms) for x in other.read()][::part]
        before = sum(1 for _ in other.read())
        other.resolve(ids)
        give_back(other)
        self.settled += before - sum(1 for _ in other.read())

    @invariant()
    def nothing_is_lost(self) -> None:
        counted = sum(entry.count for entry in read_counts(self.folder))
        assert sum(1 for _ in self.store.read()) + counted + self.settled == self.added

    @invariant()
    def nobody_takes_more_than_its_share(self) -> None:
        taken: dict[str, int] = {}
        for path in self.store.segments():
            for line in path.read_bytes().splitlines(keepends=True):
                name = line.split(b"/olt/")[1].split(b"/")[0].decode()
                taken[name] = taken.get(name, 0) + len(line)
        assert all(size <= SHARE + SHARE // 16 for size in taken.values())

    @invariant()
    def what_is_said_to_be_used_is_used(self) -> None:
        on_disk = sum(path.stat().st_size for path in self.store.segments())
        assert self.store.status().used_bytes == on_disk

    def teardown(self) -> None:
        self.store.close()
        self._folder.cleanup()


TestLetters = Letters.TestCase
TestLetters.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
