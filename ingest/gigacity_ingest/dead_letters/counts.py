"""Dead letters of which nothing but their count is kept, by publisher and reason: one small file.

It is written anew, and durable, before anything that it counts is acknowledged.
"""

from pathlib import Path

import msgspec

from gigacity_ingest.dead_letters.segments import replace_file
from gigacity_ingest.decode.dead_letter import DeadLetter

FILE_NAME = "counts.json"
_MAX_ENTRIES = 4096
EVERYBODY = "*"
"""In a publisher's place when too many have one of their own."""


class CountedDeadLetters(msgspec.Struct, kw_only=True):
    """Dead letters of one publisher and one reason, beyond every budget."""

    publisher: str
    reason: str
    count: int = 0
    size: int = 0
    """Bytes that were refused."""
    first_ms: int = 0
    last_ms: int = 0


_decode = msgspec.json.Decoder(list[CountedDeadLetters]).decode


def read_counts(folder: Path) -> list[CountedDeadLetters]:
    """What was counted in a folder; nothing if the file is not there or damaged."""
    try:
        return _decode((folder / FILE_NAME).read_bytes())
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return []


class DeadLetterCounts:
    """The file, which the worker alone writes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._entries = {(e.publisher, e.reason): e for e in read_counts(folder)}

    def add(self, dead_letters: list[DeadLetter]) -> None:
        """Count these, durably.

        Raises:
            OSError: the disk refuses; they may be counted all the same, and again next time.
        """
        for dead_letter in dead_letters:
            entry = self._entry(dead_letter)
            entry.count += 1
            entry.size += dead_letter.size or len(dead_letter.payload)
            entry.last_ms = dead_letter.received_ms
        replace_file(self._path, msgspec.json.encode(list(self._entries.values())))

    def _entry(self, dead_letter: DeadLetter) -> CountedDeadLetters:
        key = dead_letter.publisher, dead_letter.reason.value
        if key not in self._entries and len(self._entries) >= _MAX_ENTRIES:
            key = EVERYBODY, dead_letter.reason.value
        entry = self._entries.get(key)
        if entry is None:
            entry = CountedDeadLetters(
                publisher=key[0], reason=key[1], first_ms=dead_letter.received_ms
            )
            self._entries[key] = entry
        return entry
