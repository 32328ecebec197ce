"""Dead letters on disk: JSON lines in segment files, durable before anyone is told.

Appending is the worker's alone. Listing and replaying are other processes', which only read the
segments and append to a file of their own that names the dead letters done with.
At the disk budget appending fails, and so the worker stops acknowledging: nothing is thrown away.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from gigacity_contract.errors import GigacityError
from gigacity_ingest.dead_letters.digest_counts import DigestCounts
from gigacity_ingest.decode.dead_letter import DeadLetter

SEGMENT_BYTES = 16 * 1024 * 1024
_PATTERN = "letters-*.jsonl"
_RESOLVED = "resolved.txt"
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(DeadLetter).decode


class DeadLetterStoreError(GigacityError):
    """They could not be made durable; try again later, and acknowledge nothing until then."""


class Stored(NamedTuple):
    """A dead letter and how often its refused bytes came."""

    dead_letter: DeadLetter
    times: int
    is_resolved: bool


def sync_directory(folder: Path) -> None:
    """Make the entries of a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class DeadLetterStore:
    """The folder of one worker.

    Args:
        folder: made if it is missing.
        budget_bytes: of all segments together.
        segment_bytes: size at which the next segment begins.
    """

    def __init__(
        self, folder: Path, *, budget_bytes: int, segment_bytes: int = SEGMENT_BYTES
    ) -> None:
        self.folder = folder
        self._budget_bytes = budget_bytes
        self._segment_bytes = segment_bytes
        self._descriptor: int | None = None
        self._size = 0

    def segments(self) -> list[Path]:
        """Segment files, oldest first."""
        return sorted(self.folder.glob(_PATTERN))

    def size_bytes(self) -> int:
        """What the segments take on disk; a replay may remove some of them meanwhile."""
        total = 0
        for path in self.segments():
            with contextlib.suppress(FileNotFoundError):
                total += path.stat().st_size
        return total

    def append(self, dead_letters: list[DeadLetter]) -> None:
        """Make dead letters durable, all of them or, as far as a caller may rely on it, none.

        Raises:
            StoreError: the budget is used up, or the disk refuses.
        """
        data = b"".join([_encode(dead_letter) + b"\n" for dead_letter in dead_letters])
        try:
            self._check_budget(len(data))
            self._write(data)
        except OSError as error:
            self.close()
            raise DeadLetterStoreError(
                f"dead letters cannot be stored in {self.folder}: {error}"
            ) from error

    def _check_budget(self, more_bytes: int) -> None:
        used = self.size_bytes()
        if used + more_bytes > self._budget_bytes:
            raise DeadLetterStoreError(
                f"dead letters take {used} of {self._budget_bytes} bytes in {self.folder}: replay"
                " them (gigacity deadletters replay), move old segments away, or raise"
                " GIGACITY_DEADLETTER_BUDGET_MB"
            )

    def _write(self, data: bytes) -> None:
        descriptor = self._descriptor
        if descriptor is None or self._size >= self._segment_bytes:
            descriptor = self._open_next()
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fdatasync(descriptor)
        self._size += len(data)

    def _open_next(self) -> int:
        """Begin a segment; never continue one, since its last line may have been cut short."""
        self.close()
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            # A folder whose own entry is not on disk would take its dead letters with it.
            sync_directory(self.folder.parent)
        existing = self.segments()
        number = int(existing[-1].stem.rpartition("-")[2]) + 1 if existing else 1
        path = self.folder / f"letters-{number:08d}.jsonl"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        descriptor = self._descriptor = os.open(path, flags, 0o640)
        self._size = 0
        sync_directory(self.folder)
        return descriptor

    def close(self) -> None:
        """Close the open segment."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def read(self) -> Iterator[DeadLetter]:
        """Every dead letter, oldest first; a line that is none is passed over."""
        for path in self.segments():
            yield from _dead_letters_of(path)

    def unique(self) -> Iterator[Stored]:
        """Each dead letter once, oldest first: a redelivered message leaves it again.

        Reads everything twice and holds one at a time, and 9 bytes for each that is stored.
        What comes after the first reading is left for the next call.
        """
        counts, done = DigestCounts(dead_letter.id for dead_letter in self.read()), self.resolved()
        for dead_letter in self.read():
            times = counts.take(dead_letter.id)
            if times:
                yield Stored(dead_letter, times, dead_letter.id in done)

    def resolved(self) -> DigestCounts:
        """Ids of the dead letters that a replay has settled."""
        path = self.folder / _RESOLVED
        if not path.exists():
            return DigestCounts(())
        with path.open(encoding="ascii", errors="replace") as file:
            return DigestCounts(line.strip() for line in file)

    def resolve(self, ids: Iterable[str]) -> None:
        """Note that a replay settled these dead letters, durably."""
        path = self.folder / _RESOLVED
        with path.open("a", encoding="ascii") as file:
            file.writelines(f"{id_}\n" for id_ in ids)
            file.flush()
            os.fsync(file.fileno())

    def remove_resolved_segments(self) -> int:
        """Give back the space of segments, all but the newest, whose dead letters are all settled.

        A segment with a damaged line stays: nobody can say that its dead letter is settled.
        """
        done, removed = self.resolved(), 0
        for path in self.segments()[:-1]:
            if _has_damage(path):
                continue
            if all(dead_letter.id in done for dead_letter in _dead_letters_of(path)):
                path.unlink()
                removed += 1
        if removed:
            self._forget_resolved(done)
        return removed

    def _forget_resolved(self, done: DigestCounts) -> None:
        """Keep only the ids of dead letters that are still in a segment."""
        draft = self.folder / f"{_RESOLVED}.new"
        with draft.open("w", encoding="ascii") as file:
            ids = (dead_letter.id for dead_letter in self.read())
            file.writelines(f"{id_}\n" for id_ in ids if done.take(id_))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / _RESOLVED)
        sync_directory(self.folder)


def _has_damage(path: Path) -> bool:
    """Whether a whole line is no dead letter; a last line without its end was never promised."""
    with path.open("rb") as file:
        return any(line.endswith(b"\n") and _decoded(line) is None for line in file)


def _dead_letters_of(path: Path) -> Iterator[DeadLetter]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        # A replay removed it meanwhile: all of its dead letters are settled.
        return
    with file:
        for line in file:
            dead_letter = _decoded(line)
            if dead_letter is not None:
                yield dead_letter


def _decoded(line: bytes) -> DeadLetter | None:
    try:
        return _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
