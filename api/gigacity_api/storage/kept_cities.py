"""The city versions that another process keeps in its state folder: read, and never written."""

from collections import OrderedDict
from pathlib import Path

from gigacity_api.errors import CityVersionLostError
from gigacity_api.storage.city_store import CityStore
from gigacity_city.model import City
from gigacity_contract.errors import CityError

_LOADED = 2
"""Those that were asked for last."""


class KeptCities:
    """As ``protocols.Cities``; used by one thread at a time."""

    trouble = ""

    def __init__(self, state_dir: Path) -> None:
        self._store = CityStore(state_dir)
        self._loaded: OrderedDict[str, City] = OrderedDict()

    @property
    def in_force_since_ms(self) -> int:
        """When the first version came into force; 0: nobody knows any more."""
        return min((entry.from_ms for entry in self._store.history()), default=0)

    @property
    def current(self) -> City:
        """The version that came into force last.

        Raises:
            CityVersionLostError: as ``at``.
        """
        history = self._store.history()
        if not history:
            raise CityVersionLostError("no city version is kept any more")
        return self._load(history[-1].version)

    def refresh(self) -> None:
        """The other process looks."""

    def at(self, as_of_ms: int) -> City:
        """The version in force at an instant.

        Raises:
            CityVersionLostError: its files are gone or have been changed.
        """
        version = self._store.version_at(as_of_ms)
        return self.current if version is None else self._load(version)

    def _load(self, version: str) -> City:
        if version not in self._loaded:
            try:
                self._loaded[version] = self._store.load(version)
            except CityError as error:
                raise CityVersionLostError(
                    f"the city file of that instant, version {version}, is no longer whole"
                ) from error
        self._loaded.move_to_end(version)
        while len(self._loaded) > _LOADED:
            self._loaded.popitem(last=False)
        return self._loaded[version]
