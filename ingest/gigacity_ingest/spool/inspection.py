"""Looking at a spool from outside, read-only, while its worker may be using it."""

from dataclasses import dataclass, field
from pathlib import Path

from gigacity_ingest.spool.cursor import read_cursor
from gigacity_ingest.spool.damaged import FOLDER, list_damaged
from gigacity_ingest.spool.errors import explain
from gigacity_ingest.spool.filesystem import DiskFileSystem, FileSystem
from gigacity_ingest.spool.segments import (
    Damage,
    Segment,
    index_segments,
    load_content,
    read_serial,
)
from gigacity_ingest.spool.spool import LOCK_NAME


@dataclass(frozen=True, slots=True)
class SegmentReport:
    """What one segment holds."""

    name: str
    disk_bytes: int
    records: int
    """Good records, stored ones included."""
    waiting_records: int
    waiting_points: int
    waiting_bytes: int
    oldest_ms: int | None
    damages: tuple[Damage, ...]
    unreadable_bytes: int


@dataclass(frozen=True, slots=True)
class SpoolReport:
    """What a spool holds, and what is wrong with it."""

    folder: Path
    holder: int | None = None
    """Process id of the worker that uses it (0 if unknown); None if none does."""
    confirmed_number: int = 0
    segments: tuple[SegmentReport, ...] = ()
    damaged_files: int = 0
    damaged_bytes: int = 0
    problems: tuple[str, ...] = field(default=())
    """One sentence each, with what to do; empty if all is well."""

    @property
    def records(self) -> int:
        """Records that wait."""
        return sum(segment.waiting_records for segment in self.segments)

    @property
    def points(self) -> int:
        """Points that wait."""
        return sum(segment.waiting_points for segment in self.segments)

    @property
    def waiting_bytes(self) -> int:
        """Bytes of the records that wait."""
        return sum(segment.waiting_bytes for segment in self.segments)

    @property
    def disk_bytes(self) -> int:
        """What the folder takes."""
        return sum(segment.disk_bytes for segment in self.segments) + self.damaged_bytes

    @property
    def oldest_ms(self) -> int | None:
        """Time of the oldest point that waits."""
        times = [s.oldest_ms for s in self.segments if s.oldest_ms is not None]
        return min(times, default=None)


def inspect_spool(folder: Path, fs: FileSystem | None = None) -> SpoolReport:
    """Read a whole spool and change nothing.

    While a worker uses it, the figures are those of one moment during the reading. A folder that
    is not there is an empty spool: it is made when the first worker starts.

    Raises:
        SpoolError: the folder or a file in it cannot be read.
    """
    fs = fs or DiskFileSystem()
    try:
        return _inspect(fs, folder)
    except OSError as error:
        raise explain(error, folder, "read the spool in") from error


def _inspect(fs: FileSystem, folder: Path) -> SpoolReport:
    try:
        names = fs.list_files(folder)
    except FileNotFoundError:
        return SpoolReport(folder)
    holder = fs.lock_holder(folder / LOCK_NAME)
    cursor = read_cursor(fs, folder)
    kept = list_damaged(fs, folder)
    problems = []
    if cursor.is_lost:
        problems.append("the cursor is damaged: records that are stored will be written again")
    if kept:
        problems.append(
            f"{len(kept)} damaged file(s) in {folder / FOLDER}: look at them, then remove them"
        )
    reports = []
    serials = sorted(serial for name in names if (serial := read_serial(name)) is not None)
    named = {read_serial(name): name for name in names}
    for serial in serials:
        segment = Segment(serial, folder / named[serial])
        is_growing = holder is not None and serial == serials[-1]
        try:
            report = _report(fs, segment, cursor.number, is_growing=is_growing)
        except FileNotFoundError:  # It drained while we looked.
            continue
        reports.append(report)
        problems += _problems(report)
    return SpoolReport(
        folder,
        holder=holder,
        confirmed_number=cursor.number,
        segments=tuple(reports),
        damaged_files=len(kept),
        damaged_bytes=sum(kept.values()),
        problems=tuple(problems),
    )


def _report(fs: FileSystem, segment: Segment, confirmed: int, *, is_growing: bool) -> SegmentReport:
    content = load_content(fs, segment.path)
    found = index_segments(segment, content.data, confirmed=confirmed)
    return SegmentReport(
        name=segment.path.name,
        disk_bytes=len(content.data),
        records=found.records,
        waiting_records=segment.records,
        waiting_points=segment.points,
        waiting_bytes=segment.waiting_bytes,
        oldest_ms=segment.oldest_ms(),
        # The tail of a growing segment is an append that is under way.
        damages=tuple(d for d in found.damages if d.is_loss and not (is_growing and d.is_tail)),
        unreadable_bytes=content.unreadable_bytes,
    )


def _problems(report: SegmentReport) -> list[str]:
    problems = []
    for damage in report.damages:
        size = damage.end - damage.offset
        if damage.is_tail:
            problems.append(
                f"{report.name}: {size} bytes at {damage.offset} are an append that was cut off, or"
                " a damaged record; the worker keeps them in damaged/ when it starts"
            )
        else:
            problems.append(
                f"{report.name}: {size} bytes at {damage.offset} are damaged, and with them what"
                " was stored there; the worker keeps them in damaged/ when it starts"
            )
    if report.unreadable_bytes:
        problems.append(
            f"{report.name}: the disk refuses to read {report.unreadable_bytes} bytes;"
            " check the disk and the kernel log"
        )
    return problems
