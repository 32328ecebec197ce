"""The durable cursor: up to which record everything is stored in the database.

The file has two slots in pages of their own, written in turn: an update that a crash tears leaves
the one before it. It is overwritten in place, so that draining needs no space on a full disk.
"""

import contextlib
import struct
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from gigacity_ingest.spool.filesystem import FileSystem, SpoolFile

FILE_NAME = "cursor"
_NEW_NAME = "cursor.new"
_SLOT = struct.Struct("<4sQQ")
_CHECKSUM = struct.Struct("<I")
_MAGIC = b"GSC1"
_SLOT_BYTES = 4096


@dataclass(frozen=True, slots=True)
class CursorState:
    """What the file says."""

    turn: int = 0
    """How many updates there were; the slot with the higher one counts."""
    number: int = 0
    """Every record up to it is stored."""
    is_lost: bool = False
    """There is a file, and neither slot of it can be read."""


def _encode(turn: int, number: int) -> bytes:
    slot = _SLOT.pack(_MAGIC, turn, number)
    return slot + _CHECKSUM.pack(crc32(slot))


def _decode(data: bytes) -> CursorState | None:
    if len(data) < _SLOT.size + _CHECKSUM.size:
        return None
    magic, turn, number = _SLOT.unpack_from(data)
    (checksum,) = _CHECKSUM.unpack_from(data, _SLOT.size)
    is_good = magic == _MAGIC and checksum == crc32(data[: _SLOT.size])
    return CursorState(turn, number) if is_good else None


def read_cursor(fs: FileSystem, folder: Path) -> CursorState:
    """Read the file; the start of everything if there is none.

    Raises:
        OSError: it is there and cannot be opened.
    """
    try:
        file = fs.open(folder / FILE_NAME)
    except FileNotFoundError:
        return CursorState()
    found = []
    try:
        for slot in range(2):
            # A slot that the disk refuses to read is as good as a torn one.
            with contextlib.suppress(OSError):
                found.append(_decode(file.read_at(slot * _SLOT_BYTES, _SLOT_BYTES)))
    finally:
        file.close()
    good = [state for state in found if state is not None]
    return max(good, key=lambda s: s.turn) if good else CursorState(is_lost=True)


class SpoolCursor:
    """The cursor of an open spool."""

    def __init__(self, fs: FileSystem, folder: Path) -> None:
        self._fs = fs
        self._folder = folder
        self.state = read_cursor(fs, folder)
        self._file: SpoolFile | None = None
        # A file whose sync failed, or that is damaged or missing, is replaced by another one.
        self._is_replaced = self.state.is_lost or not self.state.turn

    @property
    def number(self) -> int:
        """Every record up to it is stored, whether the disk knows already or not."""
        return self.state.number

    def advance(self, number: int) -> bool:
        """Move on; false if the disk did not take it, which is made up for at the next call."""
        self.state = CursorState(self.state.turn + 1, number)
        try:
            if self._is_replaced:
                self._replace()
            else:
                if self._file is None:
                    self._file = self._fs.open(self._folder / FILE_NAME, writable=True)
                self._write(self._file)
        except OSError:
            self.close()
            self._is_replaced = True
            return False
        return True

    def _write(self, file: SpoolFile) -> None:
        state = self.state
        file.write_at(state.turn % 2 * _SLOT_BYTES, _encode(state.turn, state.number))
        file.sync()

    def _replace(self) -> None:
        new = self._folder / _NEW_NAME
        with contextlib.suppress(FileNotFoundError):
            self._fs.remove(new)
        file = self._fs.open(new, create=True)
        try:
            file.write_at(0, bytes(2 * _SLOT_BYTES))
            self._write(file)
            self._fs.rename(new, self._folder / FILE_NAME)
            self._fs.sync_folder(self._folder)
        except OSError:
            file.close()
            raise
        self._file, self._is_replaced = file, False

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            self._file.close()
            self._file = None
