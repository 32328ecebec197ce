"""The keys file, read again when it changes."""

import threading
from pathlib import Path

import structlog

from gigacity_api.keys import ApiKey, find_key, parse_keys
from gigacity_contract.clock import Clock
from gigacity_contract.errors import ConfigError

CHECK_EVERY_S = 1.0

_log = structlog.get_logger("gigacity_api.keys")


class KeyFile:
    """Keys of a file; a change that cannot be read leaves the keys that were in force."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Read the file.

        Raises:
            ConfigError: it cannot be read, or a line of it is wrong.
        """
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._stamp = self._current_stamp()
        self._keys = self._read()
        self._checked_s = clock.monotonic_s()
        self.trouble = ""

    def find(self, presented: str) -> ApiKey | None:
        """The key that was presented, if it is known."""
        self._refresh()
        return find_key(self._keys, presented)

    def _read(self) -> tuple[ApiKey, ...]:
        try:
            text = self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"GIGACITY_API_KEYS_FILE={self._path}: cannot be read: {error};"
                " `gigacity credentials` makes one"
            ) from error
        return parse_keys(text, str(self._path))

    def _current_stamp(self) -> tuple[int, int, int]:
        try:
            status = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (status.st_mtime_ns, status.st_size, status.st_ino)

    def _refresh(self) -> None:
        with self._lock:
            now_s = self._clock.monotonic_s()
            if now_s - self._checked_s < CHECK_EVERY_S:
                return
            self._checked_s = now_s
            stamp = self._current_stamp()
            if stamp == self._stamp:
                return
            self._stamp = stamp
            try:
                self._keys = self._read()
            except ConfigError as error:
                self.trouble = str(error)
                _log.error("keys file not reloaded", error=str(error))
                return
            self.trouble = ""
            _log.info("keys file reloaded", keys=len(self._keys))
