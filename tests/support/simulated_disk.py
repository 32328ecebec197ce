"""A disk in memory that loses, tears and refuses what a real one may, at a chosen moment.

What was not synced survives a crash of the machine sector by sector, at random; what was renamed,
created or removed without a sync of its folder survives or not. After a failed sync the dirty pages
count as clean, as Linux does it: a later sync says nothing of them.
"""

import errno
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

SECTOR_BYTES = 512


class SimulatedCrash(BaseException):
    """The process dies here."""


def _apply(content: bytearray, offset: int, data: bytes) -> None:
    if len(content) < offset + len(data):
        content.extend(bytes(offset + len(data) - len(content)))
    content[offset : offset + len(data)] = data


@dataclass
class Inode:
    """One file: what the process sees, what the disk has, and the writes between the two."""

    current: bytearray = field(default_factory=bytearray)
    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)
    """Offset and data of writes; None as data cuts the file there."""

    def write(self, offset: int, data: bytes) -> None:
        """Into the page cache."""
        _apply(self.current, offset, data)
        self.pending.append((offset, data))

    def truncate(self, size: int) -> None:
        """In the page cache."""
        del self.current[size:]
        self.current.extend(bytes(size - len(self.current)))
        self.pending.append((size, None))

    def settle(self, rng: random.Random | None) -> None:
        """Bring pending writes to the disk: all of them, or some sectors of some."""
        for offset, data in self.pending:
            if data is None:
                if rng is None or rng.random() < 0.5:
                    del self.durable[offset:]
                    self.durable.extend(bytes(offset - len(self.durable)))
                continue
            at = 0
            while at < len(data):
                step = SECTOR_BYTES - (offset + at) % SECTOR_BYTES
                if rng is None or rng.random() < 0.5:
                    _apply(self.durable, offset + at, data[at : at + step])
                at += step
        self.pending = []


@dataclass
class Fault:
    """The next operations of one kind fail."""

    operation: str
    error: int
    times: int = 1


class SimulatedFile:
    """An open file of a simulated disk."""

    def __init__(self, disk: "SimulatedDisk", inode: Inode) -> None:
        self._disk = disk
        self._inode = inode

    def read_at(self, offset: int, size: int) -> bytes:
        self._disk.step("read")
        return bytes(self._inode.current[offset : offset + size])

    def write_at(self, offset: int, data: bytes) -> None:
        disk, inode = self._disk, self._inode

        def part() -> None:
            inode.write(offset, data[: disk.rng.randrange(len(data))])

        disk.step("write", part)
        growth = max(0, offset + len(data) - len(inode.current))
        if growth > disk.free_bytes():
            room = len(data) - growth + disk.free_bytes()
            inode.write(offset, data[: max(0, room)])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        inode.write(offset, data)

    def truncate(self, size: int) -> None:
        self._disk.step("truncate")
        self._inode.truncate(size)

    def sync(self) -> None:
        def lose() -> None:
            self._inode.settle(self._disk.rng)

        self._disk.step("sync", lose)
        self._inode.settle(None)

    def size(self) -> int:
        return len(self._inode.current)

    def close(self) -> None:
        pass


class SimulatedLock:
    """A lock of the simulated process."""

    def __init__(self, disk: "SimulatedDisk", path: Path) -> None:
        self._disk = disk
        self._path = path

    def release(self) -> None:
        self._disk.locks.discard(self._path)


class SimulatedDisk:
    """See ``gigacity_ingest.spool.filesystem.FileSystem``."""

    def __init__(self, rng: random.Random | None = None, capacity: int = 1 << 40) -> None:
        self.rng = rng or random.Random(0)  # noqa: S311 - repeatable on purpose
        self.capacity = capacity
        self.faults: list[Fault] = []
        self.steps_to_crash: int | None = None
        self.locks: set[Path] = set()
        self.folders: set[Path] = set()
        self.names: dict[Path, Inode] = {}
        self._durable_names: dict[Path, Inode] = {}
        self._pending: list[tuple[Path, Callable[[dict[Path, Inode]], None]]] = []

    def step(self, operation: str, part: Callable[[], None] = lambda: None) -> None:
        """Fail or die here if that was asked for; ``part`` is what happens half-way."""
        if self.steps_to_crash is not None:
            self.steps_to_crash -= 1
            if self.steps_to_crash <= 0:
                part()
                raise SimulatedCrash
        for fault in self.faults:
            if fault.operation == operation and fault.times > 0:
                fault.times -= 1
                part()
                raise OSError(fault.error, os.strerror(fault.error))

    def free_bytes(self) -> int:
        return max(0, self.capacity - sum(len(i.current) for i in self.names.values()))

    def _change(self, folder: Path, change: Callable[[dict[Path, Inode]], None]) -> None:
        change(self.names)
        self._pending.append((folder, change))

    def make_folder(self, path: Path) -> None:
        if path not in self.folders:
            self.step("make_folder")
            self.folders.add(path)

    def list_files(self, folder: Path) -> dict[str, int]:
        if folder not in self.folders:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return {p.name: len(i.current) for p, i in self.names.items() if p.parent == folder}

    def open(self, path: Path, *, create: bool = False, writable: bool = False) -> SimulatedFile:
        self.step("create" if create else "open")
        if create:
            if path in self.names:
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            inode = Inode()
            self._change(path.parent, lambda names: names.__setitem__(path, inode))
        if path not in self.names:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return SimulatedFile(self, self.names[path])

    def remove(self, path: Path) -> None:
        if path not in self.names:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        self.step("remove")

        def change(names: dict[Path, Inode]) -> None:
            names.pop(path, None)

        self._change(path.parent, change)

    def rename(self, source: Path, target: Path) -> None:
        self.step("rename")
        inode = self.names[source]

        def change(names: dict[Path, Inode]) -> None:
            if names.get(source) is inode:
                del names[source]
            names[target] = inode

        self._change(target.parent, change)

    def sync_folder(self, folder: Path) -> None:
        self.step("sync_folder")
        for where, change in self._pending:
            if where == folder:
                change(self._durable_names)
        self._pending = [(where, change) for where, change in self._pending if where != folder]

    def lock(self, path: Path) -> SimulatedLock | int:
        if path in self.locks:
            return 1
        self.locks.add(path)
        return SimulatedLock(self, path)

    def lock_holder(self, path: Path) -> int | None:
        return 1 if path in self.locks else None

    def kill_process(self) -> None:
        """The process is gone; the kernel still has all that was written."""
        self.steps_to_crash = None
        self.faults = []
        self.locks = set()

    def crash_machine(self) -> None:
        """Power is lost: only what was synced is sure."""
        self.kill_process()
        for _, change in self._pending:
            if self.rng.random() < 0.5:
                change(self._durable_names)
        self._pending = []
        for inode in self._durable_names.values():
            inode.settle(self.rng)
            inode.current = bytearray(inode.durable)
        self.names = dict(self._durable_names)
