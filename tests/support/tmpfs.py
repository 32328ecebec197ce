"""A small file system in memory, to fill up. Needs the right to mount."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class NoTmpfsError(Exception):
    """Mounting is not permitted here; says why."""


@contextmanager
def small_tmpfs(folder: Path, size_bytes: int) -> Iterator[Path]:
    """The folder, with a file system of this size mounted on it.

    Raises:
        NoTmpfsError: it cannot be mounted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={size_bytes},mode=700"
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "gigacity-test", str(folder)],
            check=True,
            capture_output=True,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise NoTmpfsError(f"no tmpfs can be mounted here: {said.strip()}") from error
    try:
        yield folder
    finally:
        # Lazily: a process that was killed may not have let go yet.
        subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=10)


class Ballast:
    """A file that takes all that is left, and gives it back."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ballast"

    def fill(self) -> int:
        """Take every free byte; how many."""
        chunk, taken = bytes(65_536), 0
        with self._path.open("ab", buffering=0) as file:
            while chunk:
                try:
                    taken += file.write(chunk)
                except OSError:
                    chunk = chunk[: len(chunk) // 2]
        return taken

    def free(self) -> None:
        """Give it back."""
        self._path.unlink(missing_ok=True)
