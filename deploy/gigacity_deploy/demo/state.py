"""The demo's folder: made, locked while the demo lives, removed; also what dead demos left.

The lock is the kernel's: it ends with the process that holds it, however that ends.
"""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from gigacity_contract.errors import ConfigError

PREFIX = "gigacity-demo-"
LOCK = "demo.lock"


class StateDir:
    """Where one demo keeps logs, secrets and data."""

    def __init__(self, path: Path, *, is_temporary: bool) -> None:
        self.path = path
        self.is_temporary = is_temporary
        self.logs = path / "logs"
        """One log file a process."""
        self.secrets = path / "secrets"
        """One file a secret."""
        for folder in (self.logs, self.secrets):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = _lock(path / LOCK)
        if lock is None:
            raise ConfigError(f"another demo runs in {path}: stop it, or choose another folder")
        self._lock = lock

    def close(self, *, keep: bool) -> None:
        """Remove what is temporary, or give the folder free."""
        if self.is_temporary and not keep:
            shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def open_state_dir(given: Path | None) -> StateDir:
    """The given folder, or a temporary one after those of dead demos are removed.

    Raises:
        ConfigError: the folder is in use or cannot be made.
    """
    try:
        if given is not None:
            given.mkdir(parents=True, exist_ok=True, mode=0o700)
            return StateDir(given.resolve(), is_temporary=False)
        _sweep(Path(tempfile.gettempdir()))
        return StateDir(Path(tempfile.mkdtemp(prefix=PREFIX)), is_temporary=True)
    except OSError as error:
        raise ConfigError(f"no folder for the demo: {error}; set --state-dir") from error


def _lock(path: Path) -> int | None:
    """The descriptor that holds the lock; None if another demo has it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _sweep(parent: Path) -> None:
    """Remove folders whose demo was killed; only our own user's, only with a lock nobody holds."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if folder.stat().st_uid != os.getuid() or not (folder / LOCK).exists():
                continue
            lock = _lock(folder / LOCK)
            if lock is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)
