"""The spool's promise under crashes and failing disks, against a model of a few dictionaries."""

import errno
import random
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from gigacity_contract.clock import ManualClock
from gigacity_ingest.spool import (
    FullCause,
    NoticeKind,
    RecordPart,
    Spool,
    SpoolError,
    SpoolFull,
    SpoolPolicy,
    SpoolRecord,
    open_spool,
)
from gigacity_ingest.spool.policy import Notice
from tests.support.simulated_disk import Fault, SimulatedCrash, SimulatedDisk

FOLDER = Path("/state/spool")
POLICY = SpoolPolicy(max_bytes=40_000, segment_bytes=5_000, fill_bytes=1_000)
FAULTS = st.sampled_from(
    [
        Fault("sync", errno.EIO),
        Fault("sync", errno.EIO, 2),
        Fault("sync", errno.ENOSPC),
        Fault("write", errno.ENOSPC),
        Fault("write", errno.EIO),
        Fault("write", errno.EROFS, 3),
        Fault("sync_folder", errno.EIO),
        Fault("create", errno.ENOSPC),
        Fault("truncate", errno.EIO),
        Fault("remove", errno.EIO),
        Fault("rename", errno.EIO),
        Fault("open", errno.EMFILE),
    ]
)


class SpoolMachine(RuleBasedStateMachine):
    """Every body is unique, so that the model can tell records apart by it."""

    waiting = Bundle("waiting")
    """Numbers that were read and not confirmed."""

    def __init__(self) -> None:
        super().__init__()
        self.promised: dict[bytes, int] = {}
        """Appended, in order, with their points; not confirmed."""
        self.doubtful: set[bytes] = set()
        """An append failed or died, or a confirmation may not be on the disk: either is right."""
        self.done: set[bytes] = set()
        """Confirmed, and the disk knows."""
        self.repeatable: set[bytes] = set()
        """Written twice, as the first sync failed; after a crash both copies may be there."""
        self.read: dict[int, bytes] = {}
        self.unsure: dict[int, bytes] = {}
        """Confirmed, and the cursor has not passed it, or is not on the disk."""
        self.count = 0
        self.notices: list[Notice] = []

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.disk = SimulatedDisk(random.Random(seed))  # noqa: S311 - repeatable
        self.spool = self.open()

    def open(self) -> Spool:
        return open_spool(
            FOLDER, clock=ManualClock(), policy=POLICY, notify=self.notices.append, fs=self.disk
        )

    def make(self, size: int) -> SpoolRecord:
        self.count += 1
        body = (b"%d:" % self.count).ljust(size, b"x")
        part = RecordPart("raw", "ms", self.count, body)
        return SpoolRecord((part,), 1000 + self.count, 2000)

    @rule(size=st.integers(10, 6000))
    def append(self, size: int) -> None:
        record = self.make(size)
        body = record.parts[0].body
        seen = len(self.notices)
        try:
            self.spool.append(record)
        except SpoolError as error:
            if isinstance(error, SpoolFull) and error.cause is FullCause.BUDGET:
                assert self.spool.free_bytes < size + 300
            self.doubtful.add(body)
        except SimulatedCrash:
            self.doubtful.add(body)
            self.reopen(is_machine=False)
        else:
            self.promised[body] = record.points
        if any(n.kind is NoticeKind.SYNC_FAILED for n in self.notices[seen:]):
            self.repeatable.add(body)

    @rule(target=waiting)
    def read_one(self) -> object:
        try:
            spooled = self.spool.read_next()
        except SpoolError:
            return multiple()
        except SimulatedCrash:
            self.reopen(is_machine=False)
            return multiple()
        if spooled is None:
            return multiple()
        body = spooled.record.parts[0].body
        assert body in self.promised or body in self.doubtful
        assert body not in self.done - self.repeatable
        self.read[spooled.number] = body
        return spooled.number

    @rule(number=consumes(waiting))
    def confirm(self, number: int) -> None:
        body = self.read.pop(number, None)
        if body is None:
            return
        try:
            self.spool.confirm(number)
        except SimulatedCrash:
            self.doubtful.add(body)
            self.promised.pop(body, None)
            self.reopen(is_machine=False)
            return
        self.promised.pop(body, None)
        self.doubtful.discard(body)
        self.unsure[number] = body
        status = self.spool.status()
        if status.is_cursor_durable:
            sure = [n for n in self.unsure if n <= status.confirmed_number]
            self.done |= {self.unsure.pop(n) for n in sure}

    @rule()
    def rewind(self) -> None:
        self.spool.rewind()
        first = min(self.read, default=None)
        try:
            again = self.spool.read_next() if first is not None else None
        except SpoolError:
            return
        except SimulatedCrash:
            self.reopen(is_machine=False)
            return
        if again is not None and first is not None:
            assert again.number == first
        self.spool.rewind()

    @precondition(lambda self: not self.disk.faults)
    @rule(fault=FAULTS)
    def break_disk(self, fault: Fault) -> None:
        self.disk.faults = [Fault(fault.operation, fault.error, fault.times)]

    @rule()
    def mend_disk(self) -> None:
        self.disk.faults = []

    @rule(room=st.integers(0, 20_000))
    def fill_disk(self, room: int) -> None:
        used = self.disk.capacity - self.disk.free_bytes()
        self.disk.capacity = used + room

    @rule()
    def empty_disk(self) -> None:
        self.disk.capacity = 1 << 40

    @rule(steps=st.integers(1, 12))
    def die_soon(self, steps: int) -> None:
        self.disk.steps_to_crash = steps

    @rule(is_machine=st.booleans())
    def reopen(self, is_machine: bool) -> None:
        """The process or the machine dies; everything is read once and compared."""
        self.disk.kill_process()
        self.disk.capacity = 1 << 40
        if is_machine:
            self.disk.crash_machine()
        self.spool = self.open()
        self.doubtful |= set(self.unsure.values())
        self.unsure = {}
        self.read = {}
        self.compare()

    def compare(self) -> None:
        records, points = self.spool.records, self.spool.points
        found: list[bytes] = []
        total = 0
        while (spooled := self.spool.read_next()) is not None:
            found.append(spooled.record.parts[0].body)
            total += spooled.record.points
        once = list(dict.fromkeys(found))
        assert [body for body in once if body in self.promised] == list(self.promised)
        assert all(found.count(body) == 1 for body in once if body not in self.repeatable)
        assert set(found) <= set(self.promised) | self.doubtful | (self.repeatable & self.done)
        assert (len(found), total) == (records, points)
        self.spool.rewind()

    @invariant()
    def keeps_to_budget(self) -> None:
        if hasattr(self, "spool"):
            assert self.spool.status().disk_bytes <= POLICY.max_bytes + self.damaged_bytes()

    def damaged_bytes(self) -> int:
        return self.spool.status().damaged_bytes

    def teardown(self) -> None:
        if hasattr(self, "spool"):
            self.reopen(is_machine=True)
            assert all(n.kind is not NoticeKind.DAMAGED for n in self.notices)


SpoolMachine.TestCase.settings = settings(max_examples=400, stateful_step_count=40, deadline=None)
TestSpool = SpoolMachine.TestCase
