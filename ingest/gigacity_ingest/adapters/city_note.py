"""What the city in force declares, kept over restarts.

By it a worker that starts tells a table that was cut short, as one that runs does.
"""

import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from gigacity_city.model import City
from gigacity_city.reload import SETTLE_S, CityFolder
from gigacity_contract.clock import Clock
from gigacity_ingest.dead_letters.segments import replace_file

_NAME = "city.json"
_LOOK_S = 1.0
log = structlog.get_logger("city")


class _NotedCity(msgspec.Struct):
    folder: str
    version: str
    counts: dict[str, int]
    """How much each table declares."""


class CityNote:
    """The note of one worker.

    Args:
        state_dir: the worker's folder.
        folder: of the city; another folder is another city.
        clock: tells how long ago files were written.
    """

    def __init__(self, state_dir: Path, folder: CityFolder, clock: Clock) -> None:
        self._path = state_dir / _NAME
        self._folder = folder
        self._clock = clock

    def load(self, sleep: Callable[[float], None] = time.sleep) -> City:
        """Load the folder for the first time.

        One that is not what was in force here last is taken as a change is: once it stood still,
        and if no table lost much of what it declared.

        Raises:
            CityError: it is wrong, or not whole.
        """
        noted = self._read()
        city = self._folder.load().city
        if noted is None or noted.version == city.version:
            return city
        if not self._folder.stood_still(self._clock.now_ms()):
            log.info("city_changed_just_now", waits_s=SETTLE_S)
            while not self._folder.stood_still(self._clock.now_ms()):
                sleep(_LOOK_S)
        self._folder.in_force = noted.counts
        return self._folder.load().city

    def write(self, version: str) -> None:
        """Note what is in force now; a disk that refuses is said, and hinders nobody."""
        noted = _NotedCity(str(self._folder.folder.absolute()), version, self._folder.in_force)
        if self._read() == noted:
            return
        try:
            replace_file(self._path, msgspec.json.encode(noted))
        except OSError as error:
            log.warning("city_not_noted", problem=str(error))

    def _read(self) -> _NotedCity | None:
        try:
            noted = msgspec.json.decode(self._path.read_bytes(), type=_NotedCity)
        except (OSError, msgspec.MsgspecError):
            return None
        return noted if noted.folder == str(self._folder.folder.absolute()) else None
