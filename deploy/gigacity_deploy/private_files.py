"""Files that only their owner can read, whatever the umask."""

import os
from pathlib import Path
from typing import TextIO

from gigacity_contract.errors import ConfigError

_MODE = 0o600


def _open(path: Path, flag: int) -> TextIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flag, _MODE)
    # The mode given to open is that of a new file; an older one keeps what it had.
    os.fchmod(descriptor, _MODE)
    return os.fdopen(descriptor, "w", encoding="utf-8")


def write_private(path: Path, text: str) -> Path:
    """Write a file, replacing an older one at once; its path.

    Raises:
        ConfigError: it cannot be written.
    """
    fresh = path.with_name(path.name + ".new")
    try:
        with _open(fresh, os.O_TRUNC) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        return fresh.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error}") from error


def append_private(path: Path, text: str) -> None:
    """Add to a file, making it if it is missing.

    Raises:
        ConfigError: it cannot be written.
    """
    try:
        with _open(path, os.O_APPEND) as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error}") from error
