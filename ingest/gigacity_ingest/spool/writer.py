"""Appending: a frame is written and on the disk before anyone is told.

After an error nothing half-written is left to be read, and a file whose sync failed is never
written to again: the kernel may have dropped its dirty pages, and a later sync would not say so.
"""

import contextlib
from pathlib import Path
from typing import NoReturn

from gigacity_ingest.spool.errors import NO_ROOM, FullCause, SpoolFull, explain
from gigacity_ingest.spool.filesystem import FileSystem, SpoolFile
from gigacity_ingest.spool.frames import HEAD_BYTES, MAX_RECORD_BYTES, encode_frame, number_at
from gigacity_ingest.spool.policy import Notice, NoticeKind, Notify, SpoolPolicy
from gigacity_ingest.spool.segment_log import SegmentLog
from gigacity_ingest.spool.segments import Segment


class _Distrusted(Exception):  # noqa: N818 - a turn in the control flow, caught in this module
    """The segment was given up; another one may take the data."""

    def __init__(self, path: Path, error: OSError) -> None:
        self.path = path
        self.error = error
        super().__init__(str(error))


class Writer:
    """The one segment that grows."""

    def __init__(
        self, fs: FileSystem, segment_log: SegmentLog, policy: SpoolPolicy, notify: Notify
    ) -> None:
        self._fs = fs
        self._segment_log = segment_log
        self._policy = policy
        self._notify = notify
        self.active: Segment | None = None
        """None until the first append after a start or a seal: what a former process wrote, or
        what was given up, is only read."""
        self._file: SpoolFile | None = None

    def write(self, header: bytes, body: bytes) -> tuple[Segment, int, int]:
        """Store a record durably.

        Returns:
            Its segment, its number and the length of its frame.

        Raises:
            SpoolFull: no room; nothing was stored.
            SpoolError: the disk refuses; nothing is promised.
            ValueError: it is too long.
        """
        limit = min(MAX_RECORD_BYTES, self._policy.max_bytes)
        if HEAD_BYTES + len(header) + len(body) > limit:
            raise ValueError(f"a record of {len(body)} bytes is over the limit of {limit}")
        try:
            return self._store(header, body)
        except _Distrusted as first:
            message = f"{first.path}: given up after {first.error.strerror}; going on in a new one"
            self._notify(Notice(NoticeKind.SYNC_FAILED, first.path, message))
        try:
            return self._store(header, body)
        except _Distrusted as second:
            raise explain(second.error, second.path, "append to") from second.error

    def _check_budget(self, size: int) -> None:
        if self.free_bytes < size and self.active is not None and not self.active.records:
            self.seal()
        if self.free_bytes < size:
            raise SpoolFull(
                FullCause.BUDGET,
                f"the spool holds {self._segment_log.disk_bytes} of {self._policy.max_bytes} bytes,"
                f" {size} more do not fit; nothing is acknowledged until it has drained",
            )

    @property
    def free_bytes(self) -> int:
        """What may still be appended."""
        ahead = self.active.disk_bytes - self.active.end if self.active else 0
        return self._policy.max_bytes - self._segment_log.disk_bytes + ahead

    def _store(self, header: bytes, body: bytes) -> tuple[Segment, int, int]:
        size = HEAD_BYTES + len(header) + len(body)
        self._check_budget(size)
        if self.active is not None and self.active.end + size > self._policy.roll_bytes:
            self.seal()
            self._check_budget(size)  # Zeros ahead may stand where cutting them off failed.
        if self.active is None:
            segment = self._segment_log.new_segment()
            frame = encode_frame(number_at(segment.serial, 0), header, body)
            self._begin(segment, frame)
            return segment, number_at(segment.serial, 0), size
        segment, offset = self.active, self.active.end
        number = number_at(segment.serial, offset)
        self._extend(segment, self._opened(), encode_frame(number, header, body))
        return segment, number, size

    def _extend(self, segment: Segment, file: SpoolFile, frame: bytes) -> None:
        """Write a frame at the end of the active segment."""
        end = segment.end + len(frame)
        try:
            self._fill(segment, file, end)
            file.write_at(segment.end, frame)
        except OSError as error:
            if error.errno in NO_ROOM and self._take_back(segment, file):
                raise explain(error, segment.path, "append to") from error
            self._give_up(segment, file, error)
        try:
            file.sync()
        except OSError as error:
            self._give_up(segment, file, error)
        segment.end = end
        segment.disk_bytes = max(segment.disk_bytes, end)

    def _begin(self, segment: Segment, frame: bytes) -> None:
        """Make a segment with its first frame; it exists only if all of it worked."""
        try:
            file = self._fs.open(segment.path, create=True)
        except OSError as error:
            raise explain(error, segment.path, "create") from error
        try:
            file.write_at(0, frame)
            file.sync()
            self._fs.sync_folder(segment.path.parent)
        except OSError as error:
            file.close()
            with contextlib.suppress(OSError):  # What stays repeats a record at most.
                self._fs.remove(segment.path)
            if error.errno in NO_ROOM:
                raise explain(error, segment.path, "write") from error
            raise _Distrusted(segment.path, error) from error
        segment.end = segment.disk_bytes = len(frame)
        self._segment_log.segments.append(segment)
        self.active, self._file = segment, file

    def _fill(self, segment: Segment, file: SpoolFile, needed: int) -> None:
        """Lengthen the file by zeros, if it is not long enough and there is room to spare."""
        if needed <= segment.disk_bytes:
            return
        policy = self._policy
        room = min(
            policy.roll_bytes - segment.disk_bytes, policy.max_bytes - self._segment_log.disk_bytes
        )
        zeros = min(policy.fill_bytes, room)
        if segment.disk_bytes + zeros < needed:
            return
        try:
            file.write_at(segment.disk_bytes, bytes(zeros))
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            # The last room on a disk belongs to data.
            self._take_back(segment, file)
            return
        segment.disk_bytes += zeros

    def _take_back(self, segment: Segment, file: SpoolFile) -> bool:
        """Cut off what was written behind the last good frame."""
        try:
            file.truncate(segment.end)
        except OSError:
            return False
        segment.disk_bytes = segment.end
        return True

    def _give_up(self, segment: Segment, file: SpoolFile, error: OSError) -> NoReturn:
        """Never write to this segment again; its earlier records are read from it."""
        self._take_back(segment, file)
        file.close()
        self.active = self._file = None
        if error.errno in NO_ROOM:
            raise explain(error, segment.path, "append to") from error
        raise _Distrusted(segment.path, error) from error

    def seal(self) -> None:
        """Close the active segment; the next append begins another one."""
        if self.active is not None:
            file = self._opened()
            self._take_back(self.active, file)
            file.close()
            self.active = self._file = None
        self._segment_log.clear_done(None)

    def _opened(self) -> SpoolFile:
        if self._file is None:
            raise AssertionError("an active segment has an open file")
        return self._file
