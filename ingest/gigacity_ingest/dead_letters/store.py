"""Dead letters on disk: JSON lines in segment files, durable before anyone is told.

Appending is the worker's alone; listing and settling are other processes' (``folder``).
Beyond a budget a summary is kept of a dead letter, and beyond that a count (``budget``): appending
fails only when the disk does.
"""

import os
from pathlib import Path

import msgspec

from gigacity_contract.errors import GigacityError
from gigacity_ingest.dead_letters.budget import DeadLetterBudget, StoreStatus, StoreUsage
from gigacity_ingest.dead_letters.counts import DeadLetterCounts, UnsettledCounts
from gigacity_ingest.dead_letters.folder import DeadLetterFolder
from gigacity_ingest.dead_letters.segments import (
    lines_of,
    lock_segment,
    next_segment,
    sync_directory,
    unlock_segment,
)
from gigacity_ingest.decode.dead_letter import DeadLetter, publisher_of

SEGMENT_BYTES = 16 * 1024 * 1024
_DRAFT = "segment.new"
"""A segment before it has its name: settling processes do not see it."""
_encode = msgspec.json.Encoder().encode


class DeadLetterStoreError(GigacityError):
    """They could not be made durable; try again later, and acknowledge nothing until then."""


class _Counted(msgspec.Struct):
    """What the usage of a line depends on: the body is passed over."""

    reason: str
    topic: str
    digest: str = ""
    payload: msgspec.Raw = msgspec.Raw()
    sender: str = ""

    @property
    def is_summary(self) -> bool:
        """Whether nothing of its bytes is kept."""
        return bool(self.digest) and len(memoryview(self.payload)) == len(_NO_BODY)


_NO_BODY = b'""'
_decode_counted = msgspec.json.Decoder(_Counted).decode


class DeadLetterStore(DeadLetterFolder):
    """The same as the worker sees it, which alone appends.

    Args:
        folder: made if it is missing.
        budget_bytes: of all segments together.
        segment_bytes: size at which the next segment begins.
    """

    def __init__(
        self, folder: Path, *, budget_bytes: int, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        super().__init__(folder)
        self._segment_bytes = segment_bytes
        self._usage = StoreUsage(DeadLetterBudget(budget_bytes))
        self._known: dict[str, tuple[int, int]] = {}
        """Inode and size of the segments that are in the usage."""
        self._counts: DeadLetterCounts | None = None
        self._unsettled_counts = UnsettledCounts(folder)
        self._descriptor: int | None = None
        self._path = folder
        self._size = 0
        self._summarized = self._counted = 0

    def status(self) -> StoreStatus:
        """What is used now; looks at the folder, since a settling process makes room in it."""
        self._look()
        usage = self._usage
        warning = usage.warning(self._unsettled_counts.warning())
        return StoreStatus(
            usage.total_bytes,
            usage.budget.total_bytes,
            self._summarized,
            self._counted,
            warning,
        )

    def append(self, dead_letters: list[DeadLetter]) -> None:
        """Make dead letters durable, all of them or, as far as a caller may rely on it, none.

        Raises:
            DeadLetterStoreError: the disk refuses.
        """
        try:
            self._append(dead_letters)
        except OSError as error:
            self._give_up_segment()
            raise DeadLetterStoreError(
                f"dead letters cannot be stored in {self.folder}: {error}"
            ) from error

    def _append(self, dead_letters: list[DeadLetter]) -> None:
        self._look()
        descriptor = self._take_segment()
        lines, counted, summarized = self._choose(dead_letters)
        # Counts first: a caller whose call failed comes again, and must not find its lines twice.
        if counted:
            if self._counts is None:
                self._counts = DeadLetterCounts(self.folder)
            self._counts.add(counted)
        data = view = memoryview(b"".join(lines))
        while view:
            view = view[os.write(descriptor, view) :]
        os.fdatasync(descriptor)
        self._size += len(data)
        self._known[self._path.name] = (os.fstat(descriptor).st_ino, self._size)
        unlock_segment(descriptor)
        self._summarized += summarized
        self._counted += len(counted)

    def _choose(self, dead_letters: list[DeadLetter]) -> tuple[list[bytes], list[DeadLetter], int]:
        """Lines to keep, dead letters to count alone, and how many of the lines are summaries."""
        usage, lines, counted, summarized = self._usage, [], [], 0
        for dead_letter in dead_letters:
            line = _encode(dead_letter) + b"\n"
            if not usage.takes_whole(dead_letter, len(line)):
                short = _encode(dead_letter.cut_to(0)) + b"\n"
                is_shorter = len(short) < len(line)
                line = short if is_shorter else line
                if not usage.takes_summary(dead_letter, len(line)):
                    counted.append(dead_letter)
                    continue
                summarized += is_shorter
                usage.add_summary(self._path.name, is_shorter)
            lines.append(line)
            usage.add(self._path.name, dead_letter.publisher, dead_letter.reason, len(line))
        return lines, counted, summarized

    def _look(self) -> None:
        """Count what came, went or changed in the folder since the last look."""
        found: dict[str, tuple[int, int]] = {}
        for path in self.segments():
            try:
                stat = path.stat()
            except FileNotFoundError:  # A settling process gave it back meanwhile.
                continue
            found[path.name] = (stat.st_ino, stat.st_size)
        for name in self._known.keys() - found.keys():
            self._usage.drop(name)
        for name, identity in found.items():
            if self._known.get(name) != identity:
                self._usage.drop(name)
                self._count_lines(name)
        self._known = found

    def _count_lines(self, name: str) -> None:
        for line in lines_of(self.folder / name):
            try:
                entry = _decode_counted(line)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                entry = _Counted("", "")
            publisher = entry.sender or publisher_of(entry.topic)
            self._usage.add(name, publisher, entry.reason, len(line))
            self._usage.add_summary(name, entry.is_summary)

    def _take_segment(self) -> int:
        """A segment that is ours now and has room."""
        descriptor = self._descriptor
        has_room = descriptor is not None and self._size < self._segment_bytes
        if descriptor is not None and has_room and lock_segment(descriptor):
            return descriptor
        return self._open_next()

    def _open_next(self) -> int:
        """Begin a segment; never continue one, since its last line may have been cut short.

        It is locked before it has its name: a settling process would take it, empty as it is, for
        one that is settled.
        """
        self.close()
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            # A folder whose own entry is not on disk would take its dead letters with it.
            sync_directory(self.folder.parent)
        self._path = next_segment(self.folder)
        draft = self.folder / _DRAFT
        draft.unlink(missing_ok=True)  # Of a worker that was killed.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        descriptor = self._descriptor = os.open(draft, flags, 0o640)
        self._size = 0
        if not lock_segment(descriptor):
            raise BlockingIOError(f"{draft} is somebody else's")
        draft.rename(self._path)
        sync_directory(self.folder)
        return descriptor

    def _give_up_segment(self) -> None:
        """Its last lines were not promised: they are counted by what is found on the disk."""
        is_open = self._descriptor is not None
        self.close()
        if is_open:
            self._known.pop(self._path.name, None)
            self._usage.drop(self._path.name)
            if not self._size:  # Nothing of it was promised, and a full disk would collect them.
                self._path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the open segment."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
