"""The demo's folder: made, remembered, removed; and what dead demos left is swept away."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from gigacity_contract.errors import ConfigError

PREFIX = "gigacity-demo-"
_OWNER = "demo.pid"


def _started_at(pid: int) -> str:
    """Kernel's start time of a process, so that a reused pid is not taken for the old one."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]


def _is_alive(owner: Path) -> bool:
    try:
        pid, started = owner.read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return False
    return _started_at(int(pid)) == started


class StateDir:
    """Where one demo keeps logs, secrets and data."""

    def __init__(self, path: Path, *, is_temporary: bool) -> None:
        self.path = path
        self.is_temporary = is_temporary
        for folder in (self.logs, self.secrets):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        owner = path / _OWNER
        if _is_alive(owner):
            raise ConfigError(f"another demo runs in {path}: stop it, or choose another folder")
        owner.write_text(f"{os.getpid()} {_started_at(os.getpid())}", encoding="ascii")

    @property
    def logs(self) -> Path:
        """One log file a process."""
        return self.path / "logs"

    @property
    def secrets(self) -> Path:
        """One file a secret."""
        return self.path / "secrets"

    def close(self, *, keep: bool) -> None:
        """Remove what is temporary, or give the folder free."""
        if self.is_temporary and not keep:
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            (self.path / _OWNER).unlink(missing_ok=True)


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


def _sweep(parent: Path) -> None:
    """Remove folders whose demo was killed; only our own user's, only with a dead owner."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            owner = folder / _OWNER
            if folder.stat().st_uid == os.getuid() and owner.exists() and not _is_alive(owner):
                shutil.rmtree(folder, ignore_errors=True)
