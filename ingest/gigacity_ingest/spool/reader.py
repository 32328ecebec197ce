"""Reading records in order, around what is damaged. Reads only; it confirms and removes nothing."""

from dataclasses import dataclass

from gigacity_ingest.spool.filesystem import FileSystem, SpoolFile
from gigacity_ingest.spool.frames import (
    HEAD_BYTES,
    number_at,
    offset_of,
    read_head,
    serial_of,
    split_data,
)
from gigacity_ingest.spool.records import SpooledRecord, decode_header, join_record
from gigacity_ingest.spool.segment_log import SegmentLog
from gigacity_ingest.spool.segments import Segment


class DamagedRecord(Exception):  # noqa: N818 - the caller mends the segment and reads on
    """What stands at the reader's place is no record, though the last scan found one."""

    def __init__(self, segment: Segment, number: int) -> None:
        self.segment = segment
        self.number = number
        super().__init__(f"{segment.path}: a record cannot be read any more")


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """A record with its length."""

    spooled: SpooledRecord
    frame_bytes: int


class Reader:
    """A place in the segments that moves forward."""

    def __init__(self, fs: FileSystem, segment_log: SegmentLog) -> None:
        self._fs = fs
        self._segment_log = segment_log
        self._segment: Segment | None = None
        self._file: SpoolFile | None = None
        self._offset = 0

    def seek(self, number: int) -> None:
        """Go to a record, or to what follows it if its segment is gone."""
        self.close()
        self._segment, self._offset = self._segment_log.find(serial_of(number)), offset_of(number)
        if self._segment is None:
            self._segment, self._offset = self._segment_log.following(serial_of(number)), 0

    def next(self) -> ReadRecord | None:
        """The next record, or None at the end of what is written.

        Raises:
            DamagedRecord: mend its segment and call again.
            OSError: a file cannot be opened.
        """
        while (segment := self._current()) is not None:
            if (end := segment.skip_gap(self._offset)) is not None:
                self._offset = end
                continue
            read = self._read(segment)
            if read is None:
                self.close()
                raise DamagedRecord(segment, number_at(segment.serial, self._offset))
            self._offset += read.frame_bytes
            return read
        return None

    def _current(self) -> Segment | None:
        """The segment with something left to read; None at the end."""
        if self._segment is None:
            self._segment = self._segment_log.following(0)
            self._offset = 0
        while (segment := self._segment) is not None and (
            segment.is_gone or self._offset >= segment.end
        ):
            following = self._segment_log.following(segment.serial)
            if following is None:
                return None
            self.close()
            self._segment, self._offset = following, 0
        return self._segment

    def _read(self, segment: Segment) -> ReadRecord | None:
        if self._file is None:
            self._file = self._fs.open(segment.path)
        try:
            head = read_head(self._file.read_at(self._offset, HEAD_BYTES))
            number = number_at(segment.serial, self._offset)
            if head is None or head.number != number:
                return None
            size = head.header_bytes + head.body_bytes
            parts = split_data(head, self._file.read_at(self._offset + HEAD_BYTES, size))
        except OSError:  # The scan that follows tells which blocks the disk refuses.
            return None
        header = decode_header(parts[0]) if parts is not None else None
        if parts is None or header is None:
            return None
        return ReadRecord(join_record(number, header, parts[1]), head.frame_bytes)

    def let_go(self) -> None:
        """Close a file that was removed; an open one would keep its space."""
        if self._segment is not None and self._segment.is_gone:
            self.close()

    def close(self) -> None:
        """Close the file; reading goes on at the same place."""
        if self._file is not None:
            self._file.close()
            self._file = None
