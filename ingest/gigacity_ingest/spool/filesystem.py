"""The few file operations that the spool needs, behind a seam that tests can break on purpose.

Every method may raise OSError. Nothing here retries, logs or decides.
"""

import contextlib
import fcntl
import os
import struct
from pathlib import Path
from typing import Protocol


class SpoolFile(Protocol):
    """One open file."""

    def read_at(self, offset: int, size: int) -> bytes:
        """Up to ``size`` bytes; fewer only where the file ends."""
        ...

    def write_at(self, offset: int, data: bytes) -> None:
        """Write all of ``data``. After an error any part of it may have been written."""
        ...

    def truncate(self, size: int) -> None:
        """Cut the file to ``size`` bytes."""
        ...

    def sync(self) -> None:
        """Return once the content is on the disk. After an error it must not be trusted again."""
        ...

    def size(self) -> int:
        """Length in bytes."""
        ...

    def close(self) -> None:
        """Give the descriptor back; never raises."""
        ...


class FolderLock(Protocol):
    """A lock that ends with its process, however that ends."""

    def release(self) -> None:
        """Let another process in."""
        ...


class FileSystem(Protocol):
    """Files and folders."""

    def make_folder(self, path: Path) -> None:
        """Create a folder and its parents, durably, unless it is there."""
        ...

    def list_files(self, folder: Path) -> dict[str, int]:
        """Names of the regular files of a folder with their sizes in bytes."""
        ...

    def open(self, path: Path, *, create: bool = False, writable: bool = False) -> SpoolFile:
        """Open a file; with ``create`` a new and empty one, which must not exist yet."""
        ...

    def remove(self, path: Path) -> None:
        """Remove a file."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Move a file, replacing ``target``."""
        ...

    def sync_folder(self, folder: Path) -> None:
        """Make what was created, removed or renamed in a folder durable."""
        ...

    def lock(self, path: Path) -> FolderLock | int:
        """Take a lock, or return the process id of its holder (0 if unknown)."""
        ...

    def lock_holder(self, path: Path) -> int | None:
        """The process id of the holder of a lock, without taking it; None if it is free."""
        ...


class DiskFile:
    """A file descriptor."""

    __slots__ = ("_fd",)

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def read_at(self, offset: int, size: int) -> bytes:
        """See ``SpoolFile``."""
        parts = []
        while size > 0 and (part := os.pread(self._fd, size, offset)):
            parts.append(part)
            offset += len(part)
            size -= len(part)
        return b"".join(parts)

    def write_at(self, offset: int, data: bytes) -> None:
        """See ``SpoolFile``."""
        view = memoryview(data)
        while view:
            written = os.pwrite(self._fd, view, offset)
            view = view[written:]
            offset += written

    def truncate(self, size: int) -> None:
        """See ``SpoolFile``."""
        os.ftruncate(self._fd, size)

    def sync(self) -> None:
        """See ``SpoolFile``."""
        os.fdatasync(self._fd)

    def size(self) -> int:
        """See ``SpoolFile``."""
        return os.fstat(self._fd).st_size

    def close(self) -> None:
        """See ``SpoolFile``."""
        # What close reports was reported by sync, or was never promised.
        with contextlib.suppress(OSError):
            os.close(self._fd)


_FLOCK = struct.Struct("hhqqi4x")
"""struct flock of 64-bit Linux, padded as the C compiler does."""


def _flock(kind: int) -> bytes:
    return _FLOCK.pack(kind, os.SEEK_SET, 0, 0, 0)


class DiskLock:
    """An open-file-description lock; the holder's process id stands in the file."""

    __slots__ = ("_file",)

    def __init__(self, fd: int) -> None:
        self._file = DiskFile(fd)

    def release(self) -> None:
        """See ``FolderLock``. The file stays: removing it would let two processes in."""
        self._file.close()


class DiskFileSystem:
    """The real file system of a Linux machine."""

    def make_folder(self, path: Path) -> None:
        """See ``FileSystem``."""
        if path.is_dir():
            return
        self.make_folder(path.parent)
        path.mkdir(mode=0o750, exist_ok=True)
        self.sync_folder(path.parent)

    def list_files(self, folder: Path) -> dict[str, int]:
        """See ``FileSystem``."""
        with os.scandir(folder) as entries:
            return {e.name: e.stat().st_size for e in entries if e.is_file(follow_symlinks=False)}

    def open(self, path: Path, *, create: bool = False, writable: bool = False) -> DiskFile:
        """See ``FileSystem``."""
        flags = os.O_RDWR if create or writable else os.O_RDONLY
        if create:
            flags |= os.O_CREAT | os.O_EXCL
        return DiskFile(os.open(path, flags | os.O_CLOEXEC, 0o640))

    def remove(self, path: Path) -> None:
        """See ``FileSystem``."""
        path.unlink()

    def rename(self, source: Path, target: Path) -> None:
        """See ``FileSystem``."""
        source.replace(target)

    def sync_folder(self, folder: Path) -> None:
        """See ``FileSystem``."""
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def lock(self, path: Path) -> DiskLock | int:
        """See ``FileSystem``."""
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.fcntl(fd, fcntl.F_OFD_SETLK, _flock(fcntl.F_WRLCK))
        except BlockingIOError:
            holder = _read_holder(fd)
            os.close(fd)
            return holder
        except OSError:
            os.close(fd)
            raise
        # The number is a help for people; a full disk must not keep a worker from draining.
        with contextlib.suppress(OSError):
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        return DiskLock(fd)

    def lock_holder(self, path: Path) -> int | None:
        """See ``FileSystem``."""
        try:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            answer = fcntl.fcntl(fd, fcntl.F_OFD_GETLK, _flock(fcntl.F_RDLCK))
            return None if _FLOCK.unpack(answer)[0] == fcntl.F_UNLCK else _read_holder(fd)
        finally:
            os.close(fd)


def _read_holder(fd: int) -> int:
    text = os.pread(fd, 32, 0).strip()
    return int(text) if text.isdigit() else 0
