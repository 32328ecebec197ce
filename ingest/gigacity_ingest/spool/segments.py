"""Segment files: their names, and what a scan of one finds that still has to be sent."""

import errno
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gigacity_ingest.spool.filesystem import FileSystem, SpoolFile
from gigacity_ingest.spool.frames import Frame, Gap, scan
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


@dataclass(slots=True)
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
    records: int = 0
    points: int = 0
    waiting_bytes: int = 0
    _oldest_ms: array[int] = field(default_factory=lambda: array("q"))

    def add(self, points: int, frame_bytes: int, oldest_ms: int) -> None:
        """Count a record that waits; its number in the segment is how many came before it."""
        self.records += 1
        self.points += points
        self.waiting_bytes += frame_bytes
        self._oldest_ms.append(oldest_ms)

    def settle(self, number: int, points: int, frame_bytes: int) -> None:
        """Record ``number`` no longer waits."""
        self.records -= 1
        self.points -= points
        self.waiting_bytes -= frame_bytes
        self._oldest_ms[number] = _DONE

    def forget(self) -> None:
        """Drop all counts, to take them anew."""
        self.records = self.points = self.waiting_bytes = 0
        self._oldest_ms = array("q")

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
class Found:
    """What a scan found in one segment."""

    gaps: list[Gap]
    """Those that may hide a record that still waits."""
    last_sequence: int
    """The highest number seen so far, in this and all earlier segments."""
    superseded: int
    """Records whose number came before: a copy of an append whose sync had failed."""
    records: int
    """Good records, waiting or not."""


def take_stock(
    segment: Segment, data: bytes, *, start: int = 0, last_sequence: int, confirmed: int
) -> Found:
    """Scan a segment: set its end and gaps, count what waits, and say what is damaged.

    Args:
        segment: changed in place; counts are added to what it holds.
        data: all its bytes.
        start: where to begin.
        last_sequence: the highest number in earlier segments; lower ones are copies.
        confirmed: records up to this number no longer wait.
    """
    gaps: list[Gap] = []
    superseded = records = 0
    pending: Gap | None = None
    segment.end = start
    for piece in _understood(data, start):
        if isinstance(piece, Gap):
            pending = piece
            segment.gaps[piece.offset] = piece.end
            continue
        # Damage between records that are stored already hides nothing that anyone needs.
        if pending is not None and piece.sequence > confirmed:
            gaps.append(pending)
        pending = None
        records += 1
        segment.end = piece.end
        if piece.sequence <= last_sequence:
            superseded += 1
            continue
        last_sequence = piece.sequence
        if piece.sequence > confirmed:
            _count(segment, piece)
    if pending is not None:
        gaps.append(pending)
        if pending.is_tail:
            del segment.gaps[pending.offset]
        else:
            segment.end = pending.end
    return Found(gaps, last_sequence, superseded, records)


def _count(segment: Segment, frame: Frame) -> None:
    header = decode_header(frame.header)
    if header is not None:
        segment.add(header.points, frame.frame_bytes, header.oldest_ms)


def _understood(data: bytes, start: int) -> Iterator[Frame | Gap]:
    """Frames whose header this version reads; others, and neighbouring gaps, become one gap."""
    gap: Gap | None = None
    for piece in scan(data, start):
        if isinstance(piece, Frame) and decode_header(piece.header) is not None:
            if gap is not None:
                yield gap
                gap = None
            yield piece
            continue
        end = piece.end
        is_tail = isinstance(piece, Gap) and piece.is_tail
        gap = Gap(gap.offset if gap else piece.offset, end, is_tail and gap is None)
    if gap is not None:
        yield gap
