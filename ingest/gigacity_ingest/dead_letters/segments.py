"""Segment files of the dead letters: their names, lines and locks.

A segment is written by the worker alone, and given back by a settling process alone. Both hold its
lock meanwhile, and neither waits for it: the worker begins another segment instead.
"""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from gigacity_ingest.decode.dead_letter import DeadLetter

_PATTERN = "letters-*.jsonl"
_decode = msgspec.json.Decoder(DeadLetter).decode


def sync_directory(folder: Path) -> None:
    """Make the entries of a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, data: bytes) -> None:
    """Put a file in the place of another, durably, so that a reader sees one of the two.

    Raises:
        OSError: the disk refuses; the former file stands.
    """
    draft = path.with_name(f"{path.name}.new")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_directory(path.parent)


def list_segments(folder: Path) -> list[Path]:
    """Segment files, oldest first."""
    return sorted(folder.glob(_PATTERN))


def next_segment(folder: Path) -> Path:
    """The path of a segment that does not exist yet."""
    existing = list_segments(folder)
    number = int(existing[-1].stem.rpartition("-")[2]) + 1 if existing else 1
    return folder / f"letters-{number:08d}.jsonl"


def lock_segment(descriptor: int) -> bool:
    """Take the lock of an open segment; False: somebody has it, or the file is gone from there."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return os.fstat(descriptor).st_nlink > 0


def unlock_segment(descriptor: int) -> None:
    """Let others have it."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def lines_of(path: Path) -> Iterator[bytes]:
    """Every line of a segment; none if it was given back meanwhile: all of it is settled."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        yield from file


def dead_letters_of(path: Path) -> Iterator[DeadLetter]:
    """Every dead letter of a segment; a line that is none is passed over."""
    for line in lines_of(path):
        dead_letter = read_line(line)
        if dead_letter is not None:
            yield dead_letter


def read_line(line: bytes) -> DeadLetter | None:
    """The dead letter of a line, or None if it is damaged."""
    try:
        return _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
