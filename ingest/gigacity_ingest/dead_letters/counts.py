"""Dead letters of which nothing but their count is kept, by publisher and reason: one small file.

It is written anew, and durable, before anything that it counts is acknowledged.
"""

from pathlib import Path

import msgspec
import structlog

from gigacity_contract.errors import GigacityError
from gigacity_ingest.dead_letters.segments import replace_file
from gigacity_ingest.decode.dead_letter import DeadLetter

log = structlog.get_logger("dead_letters")
FILE_NAME = "counts.json"
_MAX_ENTRIES = 4096
EVERYBODY = "*"
"""In a publisher's place when too many have one of their own."""


class DamagedCountsError(GigacityError):
    """The only trace of what was counted cannot be read; it is kept, and never written over."""


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
    """What was counted in a folder; nothing if the file is not there.

    Raises:
        OSError: the file cannot be read.
        DamagedCountsError: it is no file of counts.
    """
    try:
        return _decode((folder / FILE_NAME).read_bytes())
    except FileNotFoundError:
        return []
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DamagedCountsError(
            f"{folder / FILE_NAME} is damaged: {error}; move it away to begin anew"
        ) from error


class DeadLetterCounts:
    """The file, which the worker alone writes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._entries = {(e.publisher, e.reason): e for e in _kept(folder)}

    def add(self, dead_letters: list[DeadLetter]) -> None:
        """Count these, durably.

        Raises:
            OSError: the disk refuses; none of them is counted.
        """
        entries = {key: msgspec.structs.replace(entry) for key, entry in self._entries.items()}
        for dead_letter in dead_letters:
            entry = _entry(entries, dead_letter)
            entry.count += 1
            entry.size += dead_letter.size or len(dead_letter.payload)
            entry.last_ms = dead_letter.received_ms
        replace_file(self._path, msgspec.json.encode(list(entries.values())))
        self._entries = entries


def _kept(folder: Path) -> list[CountedDeadLetters]:
    """What was counted; a damaged file is put aside, whole, under a name of its own."""
    try:
        return read_counts(folder)
    except DamagedCountsError as error:
        number = len(list(folder.glob(f"{FILE_NAME}.damaged-*")))
        aside = folder / f"{FILE_NAME}.damaged-{number}"
        (folder / FILE_NAME).replace(aside)
        log.warning("dead_letter_counts_damaged", problem=str(error), kept_as=str(aside))
        return []


def _entry(
    entries: dict[tuple[str, str], CountedDeadLetters], dead_letter: DeadLetter
) -> CountedDeadLetters:
    key = dead_letter.publisher, dead_letter.reason.value
    if key not in entries and len(entries) >= _MAX_ENTRIES:
        key = EVERYBODY, dead_letter.reason.value
    return entries.setdefault(
        key,
        CountedDeadLetters(publisher=key[0], reason=key[1], first_ms=dead_letter.received_ms),
    )
