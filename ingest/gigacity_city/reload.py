"""Notices that a city folder has changed, and stood still since.

Polled by its caller; starts no thread. A folder that does not hold together, or is not whole, never
replaces one that does. Several files that change together are best replaced by renaming the whole
folder, which is seen at once.
"""

from collections.abc import Callable
from pathlib import Path

from gigacity_city.load import LoadedCity, load_whole
from gigacity_city.wholeness import FileStamp, stamps_of, table_counts
from gigacity_contract.errors import CityError, CityProblem

SETTLE_S = 10.0
"""For so long no file may change before a change is taken."""

_Look = tuple[int, dict[str, FileStamp | None]]
"""Inode of the folder, and of each file what tells that it has changed."""


class CityFolder:
    """A city folder that is looked at again and again; keeps nothing of what it loaded."""

    def __init__(self, folder: Path, monotonic_s: Callable[[], float]) -> None:
        """Look at nothing yet.

        Args:
            folder: of the city.
            monotonic_s: the clock's.
        """
        self.folder = folder
        self.in_force: dict[str, int] = {}
        """How much each table of the city in force declares; a caller sets it."""
        self._monotonic_s = monotonic_s
        self._noted: _Look = (0, {})
        self._seen: _Look = (0, {})
        self._seen_s = 0.0

    def is_due(self) -> bool:
        """Whether it differs from what was noted last, and stands still since a while."""
        now = self._look()
        if now == self._noted:
            self._seen = now
            return False
        if now != self._seen:
            self._seen, self._seen_s = now, self._monotonic_s()
            return self._was_moved_in(now)
        return self._monotonic_s() - self._seen_s >= SETTLE_S

    def note(self) -> None:
        """It is about to be loaded as it is now: only a further change makes it due."""
        self._noted = self._look()

    def forget(self) -> None:
        """Nothing of it is in force: it is due as a change is, once it stood still."""
        self._noted = (0, {})

    def stood_still(self, now_ms: int) -> bool:
        """Whether no file was written lately: for whoever has not looked before.

        Args:
            now_ms: wall time; the file system's clock may be another one, far off at worst.
        """
        _, files = self._look()
        newest_ns = max((stamp.written_ns for stamp in files.values() if stamp), default=0)
        return abs(now_ms * 1_000_000 - newest_ns) >= SETTLE_S * 1e9

    @property
    def is_as_noted(self) -> bool:
        """Whether nothing changed since: asked after loading, before anything is used."""
        return self._look() == self._noted

    def load(self) -> LoadedCity:
        """Load it now, changed or not, and take it for the city in force.

        Raises:
            CityError: it does not hold together, or is not whole; it is due again only once more
                files have changed.
        """
        self.note()
        loaded = load_whole(self.folder, self.in_force)
        if not self.is_as_noted:
            changed = CityProblem(str(self.folder), 0, "", "changed while it was loaded")
            raise CityError([changed])
        self.in_force = table_counts(loaded.city)
        return loaded

    def _look(self) -> _Look:
        try:
            inode = self.folder.stat().st_ino
        except OSError:
            inode = 0
        return inode, stamps_of(self.folder)

    def _was_moved_in(self, now: _Look) -> bool:
        """Whether another folder took the place, and its files were written before it came.

        A move sets the time of the folder (or of the link to it) after those of all its files;
        writing files into a folder sets theirs after the folder's.
        """
        inode, files = now
        if inode == self._noted[0]:
            return False
        try:
            moved_ns = max(self.folder.stat().st_ctime_ns, self.folder.lstat().st_ctime_ns)
        except OSError:
            return False
        return all(stamp.written_ns < moved_ns for stamp in files.values() if stamp)
