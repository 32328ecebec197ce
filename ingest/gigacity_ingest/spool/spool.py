"""The durable spool: batches that the database does not take now wait on this worker's disk.

Promises, whatever moment the process or the machine dies at:
- what ``append`` returned for is read again until it is confirmed, in the order of appends;
- what ``confirm`` returned for is not read again after a restart, apart from the last one, as long
  as the disk takes the cursor (``is_cursor_durable``); records confirmed ahead of an earlier one
  that is not confirmed yet may be;
- nothing is dropped: a full spool refuses, damaged bytes are kept and reported.

Not thread-safe: one thread owns an open spool. Every call may block on the disk.
"""

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from gigacity_contract.clock import Clock
from gigacity_ingest.spool.cursor import SpoolCursor
from gigacity_ingest.spool.errors import SpoolError, SpoolLocked, explain
from gigacity_ingest.spool.filesystem import DiskFileSystem, FileSystem, FolderLock
from gigacity_ingest.spool.frames import serial_of
from gigacity_ingest.spool.policy import Notice, NoticeKind, Notify, SpoolPolicy, SpoolStatus
from gigacity_ingest.spool.reader import DamagedRecord, Reader, ReadRecord
from gigacity_ingest.spool.records import SpooledRecord, SpoolRecord, encode_record
from gigacity_ingest.spool.segment_log import SegmentLog
from gigacity_ingest.spool.segments import Segment
from gigacity_ingest.spool.writer import Writer

LOCK_NAME = "lock"


@dataclass(slots=True)
class _Outstanding:
    """A record that was read and is not confirmed, or confirmed ahead of an earlier one."""

    points: int
    frame_bytes: int
    is_confirmed: bool = False


class Spool:
    """An open spool; make one with ``open_spool``.

    Args:
        fs: where the files are.
        folder: of this worker alone.
        policy: the operator's limits.
        clock: for the time of spooling.
        notify: told of everything that an operator should hear; must not raise.
        lock: held until ``close``.
    """

    def __init__(
        self,
        fs: FileSystem,
        folder: Path,
        policy: SpoolPolicy,
        *,
        clock: Clock,
        notify: Notify,
        lock: FolderLock,
    ) -> None:
        self._folder = folder
        self._policy = policy
        self._clock = clock
        self._notify = notify
        self._lock = lock
        self._cursor = SpoolCursor(fs, folder)
        self._is_cursor_durable = True
        if self._cursor.state.is_lost:
            message = f"{folder}: the cursor is damaged; what waits here may be written again"
            notify(Notice(NoticeKind.CURSOR_LOST, folder, message))
        self._segment_log = SegmentLog(fs, folder, notify)
        self._segment_log.load(self._cursor.number)
        self._writer = Writer(fs, self._segment_log, policy, notify)
        self._reader = Reader(fs, self._segment_log)
        self._reader.seek(self._cursor.number)
        self._outstanding: OrderedDict[int, _Outstanding] = OrderedDict()

    def append(self, record: SpoolRecord) -> int:
        """Store a record durably, or, as far as a caller may rely on it, not at all.

        Returns:
            Its number; numbers only grow.

        Raises:
            SpoolFull: the budget or the disk is used up; try again when something was confirmed.
            SpoolError: the disk refuses. Nothing may be acknowledged; after a restart the record
                may be read all the same, which repeats points at most.
            ValueError: it is over 64 MiB, or over the whole budget.
        """
        header, body = encode_record(record, self._clock.now_ms())
        segment, number, frame_bytes = self._writer.write(header, body)
        segment.add(number, record.points, frame_bytes, record.oldest_ms)
        return number

    def read_next(self) -> SpooledRecord | None:
        """The next record that was not read yet, or None. It waits on until it is confirmed.

        Raises:
            SpoolError: the disk refuses; try again later.
        """
        while (read := self._read()) is not None:
            number = read.spooled.number
            if number <= self._cursor.number:  # Confirmed before the start, or after a rewind.
                continue
            earlier = self._outstanding.get(number)
            if earlier is None:
                points = read.spooled.record.points
                self._outstanding[number] = _Outstanding(points, read.frame_bytes)
            elif earlier.is_confirmed:
                continue
            return read.spooled
        return None

    def _read(self) -> ReadRecord | None:
        mended: int | None = None
        while True:
            try:
                return self._reader.next()
            except DamagedRecord as damaged:
                if damaged.number == mended:
                    raise SpoolError(f"{damaged}: it reads differently each time") from damaged
                mended = damaged.number
                self._mend(damaged.segment)
            except OSError as error:
                raise explain(error, self._folder, "read") from error

    def _mend(self, segment: Segment) -> None:
        if segment is self._writer.active:
            self._writer.seal()
        if segment.is_gone:
            return
        try:
            self._segment_log.mend(segment, self._cursor.number)
        except OSError as error:
            raise explain(error, segment.path, "read") from error
        # A new scan counts what was confirmed ahead as waiting again.
        for number, entry in self._outstanding.items():
            if entry.is_confirmed:
                self._settle(number, entry)
        self._segment_log.clear_done(self._writer.active)

    def _settle(self, number: int, entry: _Outstanding) -> None:
        segment = self._segment_log.find(serial_of(number))
        if segment is not None:
            segment.settle(number, entry.points, entry.frame_bytes)

    def confirm(self, number: int) -> None:
        """The database has a record that was read; its space comes back with its segment's.

        Records may be confirmed in any order; the durable cursor follows the first one that is not.

        Raises:
            KeyError: it was not read, or is confirmed already.
        """
        entry = self._outstanding[number]
        if entry.is_confirmed:
            raise KeyError(number)
        entry.is_confirmed = True
        self._settle(number, entry)
        stored = self._cursor.number
        while self._outstanding and next(iter(self._outstanding.values())).is_confirmed:
            stored, _ = self._outstanding.popitem(last=False)
        if stored > self._cursor.number:
            self._advance(stored)
        if self._segment_log.records:
            self._segment_log.clear_done(self._writer.active)
        else:
            self._writer.seal()
        self._reader.let_go()

    def _advance(self, stored: int) -> None:
        was_durable = self._is_cursor_durable
        self._is_cursor_durable = self._cursor.advance(stored)
        if was_durable and not self._is_cursor_durable:
            message = (
                f"{self._folder}: the cursor cannot be written; if this process dies now,"
                " stored records are written again; check the disk"
            )
            self._notify(Notice(NoticeKind.CURSOR_NOT_DURABLE, self._folder, message))

    def rewind(self) -> None:
        """Read again, from the first record that was read and is not confirmed."""
        if self._outstanding:
            self._reader.seek(next(iter(self._outstanding)))

    @property
    def records(self) -> int:
        """Records that wait: appended or found at start, and not confirmed."""
        return self._segment_log.records

    @property
    def points(self) -> int:
        """Points of the records that wait; right after opening, what was spooled at start."""
        return sum(segment.points for segment in self._segment_log.segments)

    @property
    def free_bytes(self) -> int:
        """What ``append`` may still take, headers included, unless the disk is full."""
        return max(0, self._writer.free_bytes)

    def status(self) -> SpoolStatus:
        """What waits now; touches no file."""
        segments = self._segment_log.segments
        times = [ms for segment in segments if (ms := segment.oldest_ms()) is not None]
        return SpoolStatus(
            records=self.records,
            points=self.points,
            waiting_bytes=sum(segment.waiting_bytes for segment in segments),
            oldest_ms=min(times, default=None),
            segments=len(segments),
            disk_bytes=self._segment_log.disk_bytes,
            max_bytes=self._policy.max_bytes,
            damaged_files=self._segment_log.damaged.files,
            damaged_bytes=self._segment_log.damaged.size_bytes,
            confirmed_number=self._cursor.number,
            is_cursor_durable=self._is_cursor_durable,
        )

    def close(self) -> None:
        """Close the files and let another process in. What waits, waits for it."""
        self._writer.seal()
        self._reader.close()
        self._cursor.close()
        self._lock.release()


def open_spool(
    folder: Path,
    *,
    clock: Clock,
    policy: SpoolPolicy | None = None,
    notify: Notify = lambda _: None,
    fs: FileSystem | None = None,
) -> Spool:
    """Open the spool of one worker, and mend what a crash left.

    Args:
        folder: made if it is missing.
        clock: for the time of spooling.
        policy: the operator's limits.
        notify: told of torn ends, damage and failing disks.
        fs: the real file system unless a test brings its own.

    Raises:
        SpoolLocked: another process has it open.
        SpoolError: the folder cannot be made, read or written; the message says what to do.
    """
    fs = fs or DiskFileSystem()
    try:
        fs.make_folder(folder)
        lock = fs.lock(folder / LOCK_NAME)
    except OSError as error:
        raise explain(error, folder, "open the spool in") from error
    if isinstance(lock, int):
        holder = f"process {lock}" if lock else "another process"
        raise SpoolLocked(
            f"{folder}: is in use by {holder}; give each worker its own GIGACITY_STATE_DIR"
        )
    try:
        return Spool(fs, folder, policy or SpoolPolicy(), clock=clock, notify=notify, lock=lock)
    except OSError as error:
        lock.release()
        raise explain(error, folder, "read the spool in") from error
