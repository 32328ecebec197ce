"""The city in force: now, and at an earlier instant. Reads files, and keeps what it read."""

from contextlib import suppress
from pathlib import Path

import structlog

from gigacity_api.storage.city_store import CityStore
from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_city.reload import CityHolder
from gigacity_contract.clock import Clock
from gigacity_contract.errors import CityError

_log = structlog.get_logger("gigacity_api.city")


class CityVersions:
    """As ``ports.Cities``: the folder, watched, and every version that was in force."""

    def __init__(self, folder: Path, state_dir: Path, clock: Clock) -> None:
        """Load the folder; it is in force from now, unless it already was.

        Raises:
            CityError: the folder is wrong.
        """
        self._holder = CityHolder(folder)
        self._store = CityStore(state_dir)
        self._clock = clock
        self._store.put_in_force(folder, self._holder.city, clock.now_ms())
        self._older: City | None = None
        self.trouble = ""

    @property
    def current(self) -> City:
        """The newest version that holds together."""
        return self._holder.city

    def refresh(self) -> None:
        """Take over a changed folder; a wrong one leaves the old city in force."""
        try:
            if not self._holder.refresh():
                self._look_again()
                return
        except CityError as error:
            self.trouble = str(error)
            _log.error("city file not reloaded", error=str(error))
            return
        self.trouble = ""
        self._store.put_in_force(self._holder.folder, self.current, self._clock.now_ms())
        _log.info("city file reloaded", version=self.current.version)

    def _look_again(self) -> None:
        """A wrong folder may have been put back as it was, which the holder takes for no change."""
        if self.trouble:
            with suppress(CityError):
                load_city(self._holder.folder)
                self.trouble = ""

    def at(self, as_of_ms: int) -> City:
        """The version in force at an instant; the current one if that one's files are gone."""
        version = self._store.version_at(as_of_ms)
        if version is None or version == self.current.version:
            return self.current
        # Several threads ask: what one of them found must not be swapped under another.
        older = self._older
        if older is None or older.version != version:
            try:
                self._older = older = self._store.load(version)
            except CityError as error:
                _log.warning("kept city version is gone", version=version, error=str(error))
                return self.current
        return older
