"""Segment files: their names, and what a scan of one finds that still has to be sent."""

import errno
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gigacity_ingest.spool.filesystem import FileSystem, SpoolFile
from gigacity_ingest.spool.frames import Frame, FrameGap, number_at, scan
from gigacity_ingest.spool.records import decode_header

SUFFIX = ".segment"
_SERIAL_DIGITS = 10
_BLOCK_BYTES = 4096
_DONE = 2**63 - 1
"""Stands in place of the time of a record that no longer waits."""


def segment_name(serial: int) -> str:
    """The file name of a segment; names sort as their serial numbers do."""
    return f"{serial:0{_SERIAL_DIGITS}d}{SUFFIX}"


def read_serial(name: str) -> int | None:
    """The serial number in a file name, or None if it is not the name of a segment."""
    digits = name.removesuffix(SUFFIX)
    is_ours = name.endswith(SUFFIX) and digits.isascii() and digits.isdigit()
    return int(digits) if is_ours and segment_name(int(digits)) == name else None


@dataclass(slots=True, eq=False)
class Segment:
    """One segment file: its extent, and counts of the records that wait in it."""

    serial: int
    path: Path
    end: int = 0
    """Behind the last good record."""
    disk_bytes: int = 0
    gaps: dict[int, int] = field(default_factory=dict)
    """Damaged stretches: where one begins, where it ends."""
    is_kept: bool = False
    """It holds damaged bytes that could not be copied: never remove it, move it away whole."""
    is_gone: bool = False
    """The spool has let go of it."""
    records: int = 0
    points: int = 0
    waiting_bytes: int = 0
    _numbers: "array[int]" = field(default_factory=lambda: array("Q"))
    _oldest_ms: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, number: int, points: int, frame_bytes: int, oldest_ms: int) -> None:
        """Count a record that waits; numbers only grow."""
        self.records += 1
        self.points += points
        self.waiting_bytes += frame_bytes
        self._numbers.append(number)
        self._oldest_ms.append(oldest_ms)

    def settle(self, number: int, points: int, frame_bytes: int) -> None:
        """A record no longer waits; one that was lost meanwhile is ignored."""
        at = bisect_left(self._numbers, number)
        if at == len(self._numbers) or self._numbers[at] != number:
            return
        if self._oldest_ms[at] != _DONE:
            self._oldest_ms[at] = _DONE
            self.records -= 1
            self.points -= points
            self.waiting_bytes -= frame_bytes

    def skip_gap(self, offset: int) -> int | None:
        """Where the damaged stretch ends in which ``offset`` lies; None if it lies in none."""
        return next((end for start, end in self.gaps.items() if start <= offset < end), None)

    def forget(self) -> None:
        """Drop what a scan found, to scan anew."""
        self.records = self.points = self.waiting_bytes = 0
        self.gaps = {}
        self._numbers, self._oldest_ms = array("Q"), array("q")

    def oldest_ms(self) -> int | None:
        """Time of the oldest point that waits here."""
        return min(self._oldest_ms) if self.records else None


@dataclass(frozen=True, slots=True)
class Content:
    """All bytes of a segment."""

    data: bytes
    unreadable_bytes: int
    """Of these; the disk refused them, and zeros stand in their place."""


def read_content(file: SpoolFile) -> Content:
    """Read a whole segment, block by block where the disk refuses a part of it."""
    size = file.size()
    try:
        return Content(file.read_at(0, size), 0)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
    blocks, unreadable = [], 0
    for offset in range(0, size, _BLOCK_BYTES):
        length = min(_BLOCK_BYTES, size - offset)
        try:
            blocks.append(file.read_at(offset, length))
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            blocks.append(bytes(length))
            unreadable += length
    return Content(b"".join(blocks), unreadable)


def load_content(fs: FileSystem, path: Path) -> Content:
    """Open, read and close a segment."""
    file = fs.open(path)
    try:
        return read_content(file)
    finally:
        file.close()


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a segment that is no record."""

    offset: int
    end: int
    is_tail: bool
    """Nothing follows it: an append that a crash cut off, or damage to the last record."""
    is_loss: bool
    """It may hide a record that still waits."""


@dataclass(frozen=True, slots=True)
class SegmentScan:
    """What a scan found in one segment."""

    damages: list[Damage]
    records: int
    """Good records, waiting or not."""


def index_segments(segment: Segment, data: bytes, *, confirmed: int) -> SegmentScan:
    """Scan a segment: set its end, gaps and counts, and say what is damaged.

    Args:
        segment: changed in place.
        data: all its bytes.
        confirmed: records up to this number no longer wait.
    """
    segment.forget()
    segment.end = 0
    damages: list[Damage] = []
    records = 0
    gap: FrameGap | None = None
    for piece in _understood(data, segment.serial):
        if isinstance(piece, FrameGap):
            gap = piece
            continue
        if gap is not None:
            segment.gaps[gap.offset] = gap.end
            damages.append(_damage(segment, gap, confirmed, is_tail=False))
            gap = None
        records += 1
        segment.end = piece.end
        if piece.number > confirmed:
            _count(segment, piece)
    if gap is not None:
        damages.append(_damage(segment, gap, confirmed, is_tail=True))
    return SegmentScan(damages, records)


def _damage(segment: Segment, gap: FrameGap, confirmed: int, *, is_tail: bool) -> Damage:
    is_loss = number_at(segment.serial, gap.offset) > confirmed
    return Damage(gap.offset, gap.end, is_tail=is_tail, is_loss=is_loss)


def _count(segment: Segment, frame: Frame) -> None:
    header = decode_header(frame.header)
    if header is not None:
        segment.add(frame.number, header.points, frame.frame_bytes, header.oldest_ms)


def _understood(data: bytes, serial: int) -> Iterator[Frame | FrameGap]:
    """Frames whose header this version reads; whatever lies between two of them is one gap."""
    gap: FrameGap | None = None
    for piece in scan(data, serial):
        if isinstance(piece, Frame) and decode_header(piece.header) is not None:
            if gap is not None:
                yield gap
                gap = None
            yield piece
        else:
            gap = FrameGap(gap.offset if gap else piece.offset, piece.end)
    if gap is not None:
        yield gap
