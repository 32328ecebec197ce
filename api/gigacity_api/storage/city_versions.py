"""The city in force: now, and at an earlier instant. Reads files, and keeps what it read."""

import threading
from dataclasses import replace
from pathlib import Path

import structlog

from gigacity_api.errors import CityVersionLostError
from gigacity_api.storage.city_store import CityStore
from gigacity_city.files import read_files
from gigacity_city.foreign_ids import ForeignIds
from gigacity_city.load import LoadedCity
from gigacity_city.model import City
from gigacity_city.problems import Problems
from gigacity_city.reload import CityFolder
from gigacity_city.wholeness import table_counts
from gigacity_contract.clock import Clock
from gigacity_contract.errors import CityError

_log = structlog.get_logger("gigacity_api.city")


class CityVersions:
    """As ``protocols.Cities``: the folder, watched, and every version that was in force."""

    def __init__(self, folder: Path, state_dir: Path, clock: Clock) -> None:
        """Load the folder.

        What changed while nobody looked comes into force as any change does: once it stood still.
        A city that was never in force here is in force from now.

        Raises:
            CityError: the folder is wrong.
        """
        self._folder = CityFolder(folder, clock.monotonic_s)
        self._store = CityStore(state_dir)
        self._clock = clock
        self._keeping = threading.Lock()
        self._older: City | None = None
        self._refused = ""
        self._lost = self._store.damaged()
        for version, why in self._lost.items():
            _log.error("kept city version does not verify", version=version, reason=why)
        loaded = self._load()
        self._current = loaded.city
        before = self._newest()
        if before is None or before.code != loaded.city.code or before.version == self.version:
            self._keep(loaded)
        else:
            self._current = before
            self._folder.in_force = table_counts(before)
            self._folder.forget()
        self._in_force_since_ms = min(entry.from_ms for entry in self._store.history())

    @property
    def current(self) -> City:
        """The newest version that holds together."""
        return self._current

    @property
    def in_force_since_ms(self) -> int:
        """When the first version came into force."""
        return self._in_force_since_ms

    @property
    def version(self) -> str:
        """Of the current city."""
        return self._current.version

    @property
    def trouble(self) -> str:
        """Why the newest folder is not in force, and which kept versions are lost; empty: none."""
        lost = ", ".join(sorted(self._lost))
        said = f"kept city versions that do not verify, and are not used: {lost}" if lost else ""
        return "; ".join(text for text in (self._refused, said) if text)

    def refresh(self) -> None:
        """Take over a folder that changed and stood still; a wrong one leaves the old in force."""
        if not self._folder.is_due():
            return
        try:
            loaded = self._load()
        except CityError as error:
            self._refused = str(error)
            _log.error("city file not reloaded", error=str(error))
            return
        self._refused = ""
        if loaded.city.version != self.version:
            self._current = loaded.city
            self._keep(loaded)
            _log.info("city file reloaded", version=self.version)

    def at(self, as_of_ms: int) -> City:
        """The version in force at an instant.

        Raises:
            CityVersionLostError: its files are gone or have been changed.
        """
        version = self._store.version_at(as_of_ms)
        if version is None or version == self.version:
            return self.current
        # Several threads ask: what one of them found must not be swapped under another.
        older = self._older
        if older is None or older.version != version:
            try:
                self._older = older = self._store.load(version)
            except CityError as error:
                self._lost[version] = str(error)
                raise CityVersionLostError(
                    f"the city file of that instant, version {version}, is no longer whole"
                ) from error
        return older

    def mend(self) -> None:
        """Keep the version in force again, if what is kept of it is no longer whole.

        Who serves has it in memory; others, and this process after a restart, need the files. They
        are the watched folder's, unless that has changed meanwhile. Reads every file of both.
        """
        with self._keeping:
            version = self.version
            why = self._store.fault_of(version)
            if not why and self._store.history():
                self._lost.pop(version, None)
                return
            files = read_files(self._folder.folder, Problems())
            if files.version == version:
                try:
                    self._store.put_in_force(files, self._clock.now_ms())
                except OSError as error:
                    why = f"{why}; it cannot be written again: {error}"
                else:
                    self._lost.pop(version, None)
                    _log.warning("kept city version written again", version=version, reason=why)
                    return
            if version not in self._lost:
                _log.error("kept city version does not verify", version=version, reason=why)
            self._lost[version] = why

    def _load(self) -> LoadedCity:
        """The folder; foreign ids are checked, for the workers' sake, and not kept."""
        loaded = self._folder.load()
        counted = ForeignIds.counted(len(loaded.city.foreign_ids))
        return replace(loaded, city=replace(loaded.city, foreign_ids=counted))

    def _newest(self) -> City | None:
        """The version that was in force last, if it is kept whole."""
        history = self._store.history()
        if not history or history[-1].version in self._lost:
            return None
        return self._store.load(history[-1].version)

    def _keep(self, loaded: LoadedCity) -> None:
        with self._keeping:
            self._store.put_in_force(loaded.files, self._clock.now_ms())
        self._lost.pop(self.version, None)
