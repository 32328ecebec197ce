"""Holds the city in force and replaces it as a whole when its files change.

Polled by its caller; starts no thread. A folder that does not hold together never replaces one that
does. Several files that change together are best replaced by renaming the whole folder.
"""

from pathlib import Path

from gigacity_contract.city.files import FILES
from gigacity_contract.city.load import load_city
from gigacity_contract.city.model import City

_Stamp = tuple[tuple[int, int, int] | None, ...]


class CityHolder:
    """The city in force; ``city`` is always whole, and readers keep the one that they took."""

    def __init__(self, folder: Path) -> None:
        """Load the folder.

        Raises:
            CityError: it does not hold together; there is no older city to fall back on.
        """
        self.folder = folder
        self._stamp = self._look()
        self.city: City = load_city(folder)

    def refresh(self) -> bool:
        """Load again if a file changed; True if another version is now in force.

        Raises:
            CityError: the changed folder is wrong. The old city stays in force; the same fault is
                not raised again until the files change once more.
        """
        # Looked at before reading: a change during the load is seen by the next call.
        stamp = self._look()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        loaded = load_city(self.folder)
        if loaded.version == self.city.version:
            return False
        self.city = loaded
        return True

    def _look(self) -> _Stamp:
        return tuple(_stamp(self.folder / name) for name in FILES)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
