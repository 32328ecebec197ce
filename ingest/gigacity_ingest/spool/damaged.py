"""Where damaged bytes go: files of their own in ``damaged/``, for people to look at.

Nothing here is ever read back or removed by the worker.
"""

from pathlib import Path
from zlib import crc32

from gigacity_ingest.spool.filesystem import FileSystem
from gigacity_ingest.spool.segments import Damage, Segment

FOLDER = "damaged"


class DamagedFolder:
    """Keeps copies of damaged stretches, each once however often it is found."""

    def __init__(self, fs: FileSystem, spool: Path) -> None:
        self._fs = fs
        self.path = spool / FOLDER
        self.files = 0
        self.size_bytes = 0
        self._names = list_damaged(fs, spool)
        self.files = len(self._names)
        self.size_bytes = sum(self._names.values())

    def keep(self, segment: Segment, damage: Damage, data: bytes) -> Path | None:
        """Copy a damaged stretch; None if the disk did not take the copy.

        Args:
            segment: in which it lies.
            damage: its place.
            data: all bytes of the segment.
        """
        piece = data[damage.offset : damage.end]
        kind = "tail" if damage.is_tail else "middle"
        name = f"{segment.path.stem}-{damage.offset}-{crc32(piece):08x}.{kind}"
        target = self.path / name
        if self._names.get(name) == len(piece):
            return target
        try:
            self._fs.make_folder(self.path)
            if name in self._names:
                self._fs.remove(target)
            file = self._fs.open(target, create=True)
            try:
                file.write_at(0, piece)
                file.sync()
            finally:
                file.close()
            self._fs.sync_folder(self.path)
        except OSError:
            return None
        self._add(name, len(piece))
        return target

    def take(self, segment: Segment) -> Path | None:
        """Move a whole segment here, whose damage could not be copied; None if that fails."""
        name, count = segment.path.name, 1
        while name in self._names:
            count += 1
            name = f"{segment.path.stem}-{count}{segment.path.suffix}"
        target = self.path / name
        try:
            self._fs.make_folder(self.path)
            self._fs.rename(segment.path, target)
            self._fs.sync_folder(self.path)
        except OSError:
            return None
        self._add(target.name, segment.disk_bytes)
        return target

    def _add(self, name: str, size_bytes: int) -> None:
        self.size_bytes += size_bytes - self._names.get(name, 0)
        self._names[name] = size_bytes
        self.files = len(self._names)


def list_damaged(fs: FileSystem, spool: Path) -> dict[str, int]:
    """Names and sizes of what is kept; nothing if the folder was never made."""
    try:
        return fs.list_files(spool / FOLDER)
    except FileNotFoundError:
        return {}
