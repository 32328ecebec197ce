"""Holds the city in force and replaces it as a whole when its files change.

Polled by its caller; starts no thread. A folder that does not hold together never replaces one that
does. Several files that change together are best replaced by renaming the whole folder.
"""

from pathlib import Path

from gigacity_city.files import FILES
from gigacity_city.load import load_city
from gigacity_city.model import City

_Stamp = tuple[tuple[int, int, int] | None, ...]


class CityFolder:
    """A city folder that is looked at again and again; keeps nothing of what it loaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stamp: _Stamp = ()

    def load(self) -> City:
        """Load it now, changed or not.

        Raises:
            CityError: it does not hold together; ``load_changed`` says so only once more files
                have changed.
        """
        # Looked at before reading: a change during the load is seen by the next call.
        self._stamp = self._look()
        return load_city(self.folder)

    def load_changed(self) -> City | None:
        """Load it if a file changed since the last time; None if none did.

        Raises:
            CityError: as ``load``.
        """
        return None if self._look() == self._stamp else self.load()

    def notice_change(self) -> bool:
        """Whether a file changed since the last time, for a caller that loads it elsewhere."""
        before, self._stamp = self._stamp, self._look()
        return self._stamp != before

    def _look(self) -> _Stamp:
        return tuple(_stamp(self.folder / name) for name in FILES)


class CityHolder:
    """The city in force; ``city`` is always whole, and readers keep the one that they took."""

    def __init__(self, folder: Path) -> None:
        """Load the folder.

        Raises:
            CityError: it does not hold together; there is no older city to fall back on.
        """
        self.folder = folder
        self._source = CityFolder(folder)
        self.city: City = self._source.load()

    def refresh(self) -> bool:
        """Load again if a file changed; True if another version is now in force.

        Raises:
            CityError: the changed folder is wrong. The old city stays in force; the same fault is
                not raised again until the files change once more.
        """
        loaded = self._source.load_changed()
        if loaded is None or loaded.version == self.city.version:
            return False
        self.city = loaded
        return True


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
