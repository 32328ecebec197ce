"""Reading records in order, around what is damaged. Reads only; it confirms and removes nothing."""

from dataclasses import dataclass

from gigacity_ingest.spool.filesystem import FileSystem, SpoolFile
from gigacity_ingest.spool.frames import HEAD_BYTES, read_head, split_data
from gigacity_ingest.spool.records import SpooledRecord, decode_header, join_record
from gigacity_ingest.spool.segments import Segment
from gigacity_ingest.spool.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record begins."""

    serial: int
    offset: int


class DamagedRecord(Exception):  # noqa: N818 - the caller mends the segment and reads on
    """What stands at the reader's place is no record, though the last scan found one."""

    def __init__(self, segment: Segment, place: Place) -> None:
        self.segment = segment
        self.place = place
        super().__init__(f"{segment.path}: a record cannot be read any more")


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """A record with its place and length."""

    spooled: SpooledRecord
    place: Place
    frame_bytes: int


class Reader:
    """A place in the segments that moves forward.

    Args:
        fs: where the files are.
        shelf: the segments.
        after_sequence: records up to this number are passed over.
    """

    def __init__(self, fs: FileSystem, shelf: Shelf, after_sequence: int) -> None:
        self._fs = fs
        self._shelf = shelf
        self._after_sequence = after_sequence
        self._segment: Segment | None = None
        self._file: SpoolFile | None = None
        self._offset = 0

    def seek(self, place: Place, after_sequence: int) -> None:
        """Go back to a record that was read before."""
        self.close()
        self._after_sequence = after_sequence
        self._segment = self._shelf.following(place.serial - 1)
        is_there = self._segment is not None and self._segment.serial == place.serial
        self._offset = place.offset if is_there else 0

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
                raise DamagedRecord(segment, Place(segment.serial, self._offset))
            self._offset += read.frame_bytes
            if read.spooled.sequence > self._after_sequence:
                self._after_sequence = read.spooled.sequence
                return read
        return None

    def _current(self) -> Segment | None:
        """The segment with something left to read; None at the end."""
        if self._segment is None:
            self._segment = self._shelf.following(0)
            self._offset = 0
        while (segment := self._segment) is not None and (
            segment.is_gone or self._offset >= segment.end
        ):
            following = self._shelf.following(segment.serial)
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
            if head is None:
                return None
            size = head.header_bytes + head.body_bytes
            parts = split_data(head, self._file.read_at(self._offset + HEAD_BYTES, size))
        except OSError:  # The scan that follows tells which blocks the disk refuses.
            return None
        header = decode_header(parts[0]) if parts is not None else None
        if parts is None or header is None:
            return None
        place = Place(segment.serial, self._offset)
        return ReadRecord(join_record(head.sequence, header, parts[1]), place, head.frame_bytes)

    def let_go(self) -> None:
        """Close a file that was removed; an open one would keep its space."""
        if self._segment is not None and self._segment.is_gone:
            self.close()

    def close(self) -> None:
        """Close the file; reading goes on at the same place."""
        if self._file is not None:
            self._file.close()
            self._file = None
