"""What the operator decides about the spool, and what the spool says about itself. Pure values."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class SpoolPolicy:
    """Fixed for the life of an open spool."""

    max_bytes: int = 4096 * MEBIBYTE
    """Of all files in the folder together, the damaged ones included."""
    segment_bytes: int = 16 * MEBIBYTE
    """A segment is read as a whole at start, and its space comes back when all of it is stored."""
    fill_bytes: int = 1 * MEBIBYTE
    """Zeros are written this far ahead, so that most syncs need not write the file's length too:
    a third more appends a second than with a growing file (docs/decisions/0005-spool.md)."""

    def __post_init__(self) -> None:
        if min(self.max_bytes, self.segment_bytes) <= 0 or self.fill_bytes < 0:
            raise ValueError("the byte limits of a spool are positive")
        if self.segment_bytes > 1024 * MEBIBYTE:
            raise ValueError("a segment has at most 1 GiB: a record's number holds its offset")

    @property
    def roll_bytes(self) -> int:
        """Length at which a segment is sealed.

        An eighth of a small budget, so that draining gives space back in steps.
        """
        return min(self.segment_bytes, max(1, self.max_bytes // 8))


class NoticeKind(StrEnum):
    """What the operator should hear of."""

    TORN_TAIL = "torn_tail"
    """A crash cut off an append that was never promised (or the last record is damaged)."""
    DAMAGED = "damaged"
    """Records in the middle of a segment cannot be read."""
    UNREADABLE = "unreadable"
    """The disk refuses to read a part of a segment."""
    SYNC_FAILED = "sync_failed"
    """A segment was given up and its unconfirmed records were written to another one."""
    CURSOR_LOST = "cursor_lost"
    """What was stored before the restart will be written again."""
    CURSOR_NOT_DURABLE = "cursor_not_durable"
    """If the worker dies now, records that are stored will be written again."""
    NOT_REMOVED = "not_removed"
    """A file that is done with could not be removed."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to log and to count, by its kind."""

    kind: NoticeKind
    path: Path
    message: str
    offset: int = 0
    size_bytes: int = 0
    kept: Path | None = None
    """Where the damaged bytes are kept."""
    lost_records: int = 0
    """Records that had been counted as waiting and cannot be read any more."""
    lost_points: int = 0


Notify = Callable[[Notice], None]


@dataclass(frozen=True, slots=True)
class SpoolStatus:
    """What waits, and what it takes."""

    records: int
    points: int
    waiting_bytes: int
    oldest_ms: int | None
    """Time of the oldest point that waits."""
    segments: int
    disk_bytes: int
    """Of segments and damaged files."""
    max_bytes: int
    damaged_files: int
    damaged_bytes: int
    confirmed_number: int
    """Every record up to it is stored in the database."""
    is_cursor_durable: bool = True
