"""The segment files of an open spool: which there are, what they take, and when one goes.

Files only come (the writer), lose records (confirmation) and go when none of them waits. A file
with damage that could not be copied is moved to ``damaged/`` instead of being removed.
"""

from pathlib import Path

from gigacity_ingest.spool.damaged import DamagedFolder
from gigacity_ingest.spool.filesystem import FileSystem
from gigacity_ingest.spool.frames import serial_of
from gigacity_ingest.spool.policy import Notice, NoticeKind, Notify
from gigacity_ingest.spool.segments import (
    Content,
    Damage,
    Segment,
    index_segments,
    load_content,
    read_serial,
    segment_name,
)


class SegmentLog:
    """Segments in order, oldest first."""

    def __init__(self, fs: FileSystem, folder: Path, notify: Notify) -> None:
        self._fs = fs
        self.folder = folder
        self._notify = notify
        self.damaged = DamagedFolder(fs, folder)
        self.segments: list[Segment] = []
        self._last_serial = 0

    def load(self, confirmed: int) -> None:
        """Read every segment that a former process left.

        Torn ends are cut off, damaged bytes copied, and files in which nothing waits removed.

        Raises:
            OSError: the folder or a file cannot be opened.
        """
        names = self._fs.list_files(self.folder)
        serials = {serial: name for name in names if (serial := read_serial(name)) is not None}
        # The segment to which the cursor points may be gone; its serial number stays used.
        self._last_serial = max(serial_of(confirmed), *serials, 0)
        for serial in sorted(serials):
            segment = Segment(serial, self.folder / serials[serial])
            self._load_segment(segment, confirmed)
            self.segments.append(segment)
        self.clear_done(None)

    def _load_segment(self, segment: Segment, confirmed: int) -> None:
        content = load_content(self._fs, segment.path)
        found = index_segments(segment, content.data, confirmed=confirmed)
        segment.disk_bytes = len(content.data)
        self._keep_damage(segment, found.damages, content)
        if not segment.is_kept and segment.end < segment.disk_bytes:
            self._cut(segment)

    def _cut(self, segment: Segment) -> None:
        """Cut a torn end or zeros off; if that fails the next start finds the same again."""
        try:
            file = self._fs.open(segment.path, writable=True)
        except OSError:
            return
        try:
            file.truncate(segment.end)
            segment.disk_bytes = segment.end
        except OSError:
            return
        finally:
            file.close()

    def mend(self, segment: Segment, confirmed: int) -> None:
        """Look at a segment again in which a record turned out to be damaged.

        Raises:
            OSError: the file cannot be opened any more.
        """
        before = segment.records, segment.points
        content = load_content(self._fs, segment.path)
        found = index_segments(segment, content.data, confirmed=confirmed)
        lost = max(0, before[0] - segment.records), max(0, before[1] - segment.points)
        self._keep_damage(segment, found.damages, content, *lost)

    def _keep_damage(
        self,
        segment: Segment,
        damages: list[Damage],
        content: Content,
        lost_records: int = 0,
        lost_points: int = 0,
    ) -> None:
        if content.unreadable_bytes:
            segment.is_kept = True
            size = content.unreadable_bytes
            message = f"{segment.path}: the disk refuses to read {size} bytes; check the disk"
            self._notify(Notice(NoticeKind.UNREADABLE, segment.path, message, 0, size))
        for damage in damages:
            kept = self.damaged.keep(segment, damage, content.data)
            if kept is None:
                segment.is_kept = True
            if not damage.is_loss:
                continue
            kind = NoticeKind.TORN_TAIL if damage.is_tail else NoticeKind.DAMAGED
            what = "cut off or damaged" if damage.is_tail else "hide what was stored there"
            message = (
                f"{segment.path}: {damage.end - damage.offset} bytes at {damage.offset} {what};"
                f" kept in {kept or 'the segment, as they could not be copied'}"
            )
            self._notify(
                Notice(
                    kind,
                    segment.path,
                    message,
                    offset=damage.offset,
                    size_bytes=damage.end - damage.offset,
                    kept=kept,
                    lost_records=lost_records,
                    lost_points=lost_points,
                )
            )
            lost_records = lost_points = 0

    def new_segment(self) -> Segment:
        """A segment that has no file yet; its serial number is never given again."""
        self._last_serial += 1
        path = self.folder / segment_name(self._last_serial)
        return Segment(self._last_serial, path)

    def find(self, serial: int) -> Segment | None:
        """The segment with this serial number."""
        return next((s for s in self.segments if s.serial == serial), None)

    def following(self, serial: int) -> Segment | None:
        """The first segment behind ``serial``."""
        return next((s for s in self.segments if s.serial > serial), None)

    def clear_done(self, active: Segment | None) -> None:
        """Let go of every segment, but the active one, in which nothing waits."""
        done = [s for s in self.segments if not s.records and s is not active]
        for segment in done:
            self.segments.remove(segment)
            segment.is_gone = True
            if segment.is_kept:
                is_gone = self.damaged.take(segment) is not None
            else:
                is_gone = self._remove(segment)
            if not is_gone:
                message = f"{segment.path}: is done with and cannot be removed; its bytes stay"
                self._notify(Notice(NoticeKind.NOT_REMOVED, segment.path, message))

    def _remove(self, segment: Segment) -> bool:
        try:
            self._fs.remove(segment.path)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return True

    @property
    def records(self) -> int:
        """Records that wait."""
        return sum(segment.records for segment in self.segments)

    @property
    def disk_bytes(self) -> int:
        """What segments and damaged files take."""
        return sum(segment.disk_bytes for segment in self.segments) + self.damaged.size_bytes
