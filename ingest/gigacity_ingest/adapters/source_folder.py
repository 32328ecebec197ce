"""A folder of mappings that is looked at again and again: noticed, loaded, never half in force."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from gigacity_contract.errors import ConfigError, GigacityError
from gigacity_ingest.mapping.sources import SourceSet

SETTLE_S = 5.0
"""For so long no file may change before a change is taken."""
MAX_FILES = 2000

LoadSources = Callable[[Path], SourceSet]
"""Raises ``GigacityError`` naming file, line and column."""


class _FileMark(NamedTuple):
    size: int
    modified_ns: int
    inode: int


_Look = dict[str, _FileMark]


class SourceFolder:
    """The folder (or the one file) of a worker's mappings.

    Args:
        path: of it.
        load: compiles it.
        monotonic_s: the clock's.
    """

    def __init__(self, path: Path, load: LoadSources, monotonic_s: Callable[[], float]) -> None:
        self.path = path
        self._load = load
        self._monotonic_s = monotonic_s
        self._noted: _Look | None = None
        self._seen: _Look | None = None
        self._seen_s = 0.0

    def load(self) -> SourceSet:
        """Load it now, changed or not; it is due again only once a file has changed.

        Raises:
            GigacityError: it is missing, wrong, or was written meanwhile.
        """
        self._noted = self._seen = self._look()
        if not self._noted:
            raise ConfigError(
                f"GIGACITY_MQTT_SOURCES={self.path}: no such file, or an empty folder"
            )
        sources = self._load(self.path)
        if self._look() != self._noted:
            raise GigacityError(f"{self.path} changed while it was loaded")
        return sources

    def is_due(self) -> bool:
        """Whether it differs from what was loaded last, and stands still since a while."""
        now = self._look()
        if now == self._noted:
            self._seen = now
            return False
        if now != self._seen:
            self._seen, self._seen_s = now, self._monotonic_s()
            return False
        return self._monotonic_s() - self._seen_s >= SETTLE_S

    def _look(self) -> _Look:
        """Every file, payloads of the mappings' own tests among them."""
        found: _Look = {}
        files = [self.path] if self.path.is_file() else sorted(self.path.rglob("*"))
        for file in files[:MAX_FILES]:
            try:
                stat = file.stat()
            except OSError:
                continue
            if file.is_file():
                mark = _FileMark(stat.st_size, stat.st_mtime_ns, stat.st_ino)
                found[str(file)] = mark
        return found
