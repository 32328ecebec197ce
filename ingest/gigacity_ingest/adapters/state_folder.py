"""The worker's own folder: whose it is, and what its session is subscribed to."""

import fcntl
import os
from pathlib import Path

import msgspec

from gigacity_contract.errors import ConfigError
from gigacity_ingest.dead_letters.segments import sync_directory

_SUBSCRIPTIONS = "subscriptions.json"


def read_filters(folder: Path) -> tuple[str, ...]:
    """What the session of the worker in this folder was last subscribed to; nothing if unknown."""
    try:
        return tuple(msgspec.json.decode((folder / _SUBSCRIPTIONS).read_bytes(), type=list[str]))
    except (OSError, msgspec.MsgspecError):
        return ()


class StateFolder:
    """One worker's folder; a second process is refused until ``close``.

    Raises:
        ConfigError: it cannot be made or written, or another worker uses it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(path / "worker.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        except OSError as error:
            raise ConfigError(
                f"GIGACITY_STATE_DIR={path}: {error.strerror}; name a folder that this user may"
                " write"
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise ConfigError(
                f"GIGACITY_STATE_DIR={path}: a worker runs with it; stop that one, or give this"
                " one a folder of its own"
            ) from error

    @property
    def dead_letters(self) -> Path:
        """Folder of the dead letter store."""
        return self.path / "deadletters"

    @property
    def spool(self) -> Path:
        """Folder of the spool."""
        return self.path / "spool"

    def former_filters(self, filters: tuple[str, ...]) -> tuple[str, ...]:
        """Filters that an earlier plan subscribed, and this one does not have."""
        return tuple(name for name in read_filters(self.path) if name not in filters)

    def save_filters(self, filters: tuple[str, ...]) -> None:
        """Remember what the session is subscribed to, in one step.

        Writes nothing if that is known already, so that a worker starts on a full disk, too.

        Raises:
            ConfigError: it cannot be written.
        """
        if read_filters(self.path) == filters:
            return
        path = self.path / _SUBSCRIPTIONS
        draft = path.with_suffix(".new")
        try:
            with draft.open("wb") as file:
                file.write(msgspec.json.encode(list(filters)))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            sync_directory(self.path)
        except OSError as error:
            raise ConfigError(
                f"GIGACITY_STATE_DIR={self.path}: {error.strerror}; new subscriptions must be noted"
                " there before they begin"
            ) from error

    def close(self) -> None:
        """Let another process have the folder."""
        os.close(self._lock)
