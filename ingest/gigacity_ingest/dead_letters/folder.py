"""Dead letters of one worker as everybody sees them: listed, settled; appending is the worker's.

Whoever settles writes a file of its own that names the dead letters done with.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from gigacity_ingest.dead_letters.digest_counts import DigestCounts
from gigacity_ingest.dead_letters.segments import dead_letters_of, list_segments
from gigacity_ingest.decode.dead_letter import DeadLetter

RESOLVED = "resolved.txt"
_FOREVER_MS = (1 << 63) - 1


class Stored(NamedTuple):
    """A dead letter and how often its refused bytes came.

    What came again after it was settled is another one, though its id is the same.
    """

    dead_letter: DeadLetter
    """The oldest copy."""
    times: int
    is_resolved: bool
    last_ms: int
    """When the newest copy was received; to settle this one is to settle those up to then."""


class DeadLetterFolder:
    """The folder of one worker's dead letters; it need not be there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def segments(self) -> list[Path]:
        """Segment files, oldest first."""
        return list_segments(self.folder)

    def read(self) -> Iterator[DeadLetter]:
        """Every dead letter, oldest first; a line that is none is passed over."""
        for path in self.segments():
            yield from dead_letters_of(path)

    def unique(self) -> Iterator[Stored]:
        """Each dead letter once, oldest first: a redelivered message leaves it again.

        Reads everything twice and holds one at a time, and a few bytes for each that is stored.
        What comes after the first reading is left for the next call.
        """
        done = self.resolved()
        counts = DigestCounts(), DigestCounts()
        for dead_letter in self.read():
            id_ = dead_letter.id
            is_done = dead_letter.received_ms <= done.newest(id_)
            counts[is_done].add(id_, dead_letter.received_ms)
        for dead_letter in self.read():
            id_ = dead_letter.id
            is_done = dead_letter.received_ms <= done.newest(id_)
            if times := counts[is_done].take(id_):
                yield Stored(dead_letter, times, is_done, counts[is_done].newest(id_))

    def resolved(self) -> DigestCounts:
        """Ids of the dead letters that are settled, each up to a moment."""
        path = self.folder / RESOLVED
        if not path.exists():
            return DigestCounts()
        with path.open(encoding="ascii", errors="replace") as file:
            return DigestCounts(map(_resolved_until, file))

    def resolve(self, settled: Iterable[tuple[str, int]]) -> None:
        """Note that dead letters are settled, durably.

        Args:
            settled: id, and ``last_ms`` of what was settled: a later copy is a new dead letter.
        """
        lines = "".join(f"{id_} {until_ms}\n" for id_, until_ms in settled)
        if not lines:  # There may be no folder yet.
            return
        with (self.folder / RESOLVED).open("a", encoding="ascii") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())


def _resolved_until(line: str) -> tuple[str, int]:
    id_, _, until_ms = line.strip().partition(" ")
    # A note of an earlier release names no moment: all copies that there are.
    return id_, min(int(until_ms), _FOREVER_MS) if until_ms.isdigit() else _FOREVER_MS
