"""Gives back the space of settled dead letters, of the newest segment too, beside the worker.

A segment whose dead letters are all settled is removed; one of which a good part is, is written
anew without them. One with a damaged line stays as it is: nobody can say that its dead letter is
settled.
"""

import contextlib
import os
from pathlib import Path

from gigacity_ingest.dead_letters.digest_counts import DigestCounts
from gigacity_ingest.dead_letters.folder import RESOLVED, DeadLetterFolder
from gigacity_ingest.dead_letters.segments import (
    lines_of,
    list_segments,
    lock_segment,
    read_line,
    replace_file,
    sync_directory,
)

_WORTH_IT = 4
"""A segment is written anew when at least one of so many bytes comes back."""


def give_back(store: DeadLetterFolder) -> int:
    """Give the space of settled dead letters back.

    Returns:
        Bytes that came back. A segment to which the worker is writing at this moment, or for whose
        new form the disk has no room, is left for the next time.
    """
    done, freed = store.resolved(), 0
    for path in list_segments(store.folder):
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                # Locked until the file is gone from here: the worker then begins another one.
                if lock_segment(descriptor):
                    freed += _give_back(path, done)
            finally:
                os.close(descriptor)
    if freed:
        sync_directory(store.folder)
        _forget_resolved(store, done)
    return freed


def _give_back(path: Path, done: DigestCounts) -> int:
    kept: list[bytes] = []
    size = 0
    for line in lines_of(path):
        size += len(line)
        dead_letter = read_line(line)
        if dead_letter is None:
            if line.endswith(b"\n"):
                return 0
            continue  # A last line without its end was never promised.
        if dead_letter.received_ms > done.newest(dead_letter.id):
            kept.append(line)
    freed = size - sum(map(len, kept))
    if not kept:
        path.unlink()
        return freed
    if freed * _WORTH_IT < size:
        return 0
    try:
        replace_file(path, b"".join(kept))
    except OSError:
        path.with_name(f"{path.name}.new").unlink(missing_ok=True)
        return 0
    return freed


def _forget_resolved(store: DeadLetterFolder, done: DigestCounts) -> None:
    """Keep only the ids of settled dead letters that are still in a segment."""
    notes = []
    for dead_letter in store.read():
        id_ = dead_letter.id
        if dead_letter.received_ms <= (until_ms := done.newest(id_)) and done.take(id_):
            notes.append(f"{id_} {until_ms}\n")
    replace_file(store.folder / RESOLVED, "".join(notes).encode("ascii"))
