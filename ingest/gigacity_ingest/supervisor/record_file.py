"""The record on disk, and who may change it: ``assignments.json`` in the supervisor's folder."""

import fcntl
import os
from pathlib import Path

import msgspec

from gigacity_contract.errors import ConfigError
from gigacity_ingest.supervisor.record import Record

NAME = "assignments.json"
_LOCK_NAME = "supervisor.lock"
_FORMAT = 1


class RecordFile:
    """The record of one state folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / NAME
        self._lock: int | None = None

    def lock(self) -> bool:
        """Become the only one who may save; False if another process is.

        Raises:
            ConfigError: the folder cannot be made or written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.folder / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise ConfigError(
                f"GIGACITY_STATE_DIR={self.folder}: {error.strerror}; name a folder that this user"
                " may write"
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        self._lock = handle
        return True

    def unlock(self) -> None:
        """Let another process be the one."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def load(self) -> Record:
        """The record; an empty one if there is none yet.

        Raises:
            ConfigError: it cannot be read. It is never replaced by an empty one: sessions that are
                not remembered keep their messages where nobody fetches them.
        """
        try:
            record = msgspec.json.decode(self._path.read_bytes(), type=Record)
        except FileNotFoundError:
            return Record()
        except (OSError, msgspec.MsgspecError) as error:
            raise ConfigError(
                f"{self._path}: cannot be read: {error}; restore it. If that is impossible, remove"
                " it, then end by hand the sessions of workers that the new plan does not have"
            ) from error
        if record.version != _FORMAT:
            raise ConfigError(f"{self._path}: version {record.version} is of another release")
        return record

    def save(self, record: Record) -> None:
        """Replace the record in one step; it is durable on return.

        Raises:
            OSError: the disk refuses; the old record stands.
        """
        draft = self._path.with_suffix(".new")
        with draft.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(record, order="deterministic")))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
