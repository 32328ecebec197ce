"""Dead letters of which nothing but their count is kept, by publisher and reason: one small file.

It is written anew, and durable, before anything that it counts is acknowledged. The worker alone
writes it; whoever settles writes a file beside it that says how many of each are settled.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from gigacity_contract.errors import GigacityError
from gigacity_ingest.dead_letters.segments import replace_file
from gigacity_ingest.decode.dead_letter import DeadLetter

log = structlog.get_logger("dead_letters")
FILE_NAME = "counts.json"
SETTLED_NAME = "settled-counts.json"
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


class SplitCount(NamedTuple):
    """An entry, and what of it is settled and what is not; None: nothing."""

    whole: CountedDeadLetters
    settled: CountedDeadLetters | None
    unsettled: CountedDeadLetters | None


def read_counts(folder: Path) -> list[CountedDeadLetters]:
    """What was ever counted in a folder; nothing if the file is not there.

    Raises:
        OSError: the file cannot be read.
        DamagedCountsError: it is no file of counts.
    """
    return _read(folder / FILE_NAME)


def split_counts(folder: Path) -> list[SplitCount]:
    """What was counted, apart by what is settled.

    Raises:
        OSError: a file cannot be read.
        DamagedCountsError: one is no file of counts.
    """
    settled = {_key(entry): entry for entry in _read(folder / SETTLED_NAME)}
    return [_split(entry, settled.get(_key(entry))) for entry in read_counts(folder)]


def settle_counts(folder: Path, entries: Iterable[CountedDeadLetters]) -> None:
    """Note, durably, that whole entries are settled as they stood; what is counted later is not.

    Raises:
        OSError: the disk refuses; nothing is noted.
        DamagedCountsError: as ``split_counts``.
    """
    notes = {_key(entry): entry for entry in _read(folder / SETTLED_NAME)}
    for entry in entries:
        known = notes.get(_key(entry))
        if known is None or known.count < entry.count:
            notes[_key(entry)] = entry
    if notes:
        still = {_key(entry) for entry in read_counts(folder)}
        kept = [entry for key, entry in notes.items() if key in still]
        replace_file(folder / SETTLED_NAME, msgspec.json.encode(kept))


class UnsettledCounts:
    """What an operator should hear of counted dead letters; reads again only what changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: object = None
        self._warning = ""

    def warning(self) -> str:
        """Empty: none is counted that is not settled.

        Raises:
            OSError: a file cannot be read.
        """
        seen = [_stamp(self._folder / name) for name in (FILE_NAME, SETTLED_NAME)]
        if seen != self._seen:
            try:
                self._warning = _warning(split_counts(self._folder))
            except DamagedCountsError as error:
                self._warning = str(error)
            self._seen = seen
        return self._warning


def _warning(counts: list[SplitCount]) -> str:
    left = [split.unsettled for split in counts if split.unsettled is not None]
    publishers = len({entry.publisher for entry in left})
    return (
        f"{sum(entry.count for entry in left)} dead letters of {publishers} publishers are only"
        " counted"
        if left
        else ""
    )


class DeadLetterCounts:
    """The file, which the worker alone writes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._entries = {(e.publisher, e.reason): e for e in _kept(folder, FILE_NAME)}
        self._forgotten: object = None

    def add(self, dead_letters: list[DeadLetter]) -> None:
        """Count these, durably.

        Raises:
            OSError: the disk refuses; none of them is counted.
        """
        entries = {key: msgspec.structs.replace(entry) for key, entry in self._entries.items()}
        forgotten = self._forgotten
        if len(entries) + len(dead_letters) > _MAX_ENTRIES:
            forgotten = self._forget_settled(entries)
        for dead_letter in dead_letters:
            entry = _entry(entries, dead_letter)
            entry.count += 1
            entry.size += dead_letter.size or len(dead_letter.payload)
            entry.last_ms = dead_letter.received_ms
        replace_file(self._path, msgspec.json.encode(list(entries.values())))
        # Only now: a disk that refused would else keep the room for good.
        self._entries, self._forgotten = entries, forgotten

    def _forget_settled(self, entries: dict[tuple[str, str], CountedDeadLetters]) -> object:
        """Make room, and return the stamp of the notes that this was done by.

        What was begun anew since has another first moment, and its note is void.
        """
        stamp = _stamp(self._path.with_name(SETTLED_NAME))
        if stamp == self._forgotten:
            return stamp
        for settled in _kept(self._path.parent, SETTLED_NAME):
            entry = entries.get((settled.publisher, settled.reason))
            if entry is not None and _split(entry, settled).unsettled is None:
                del entries[entry.publisher, entry.reason]
        return stamp


def _read(path: Path) -> list[CountedDeadLetters]:
    try:
        return _decode(path.read_bytes())
    except FileNotFoundError:
        return []
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        text = f"{path} is damaged: {error}; move it away to begin anew"
        raise DamagedCountsError(text) from error


def _key(entry: CountedDeadLetters) -> tuple[str, str, int]:
    return entry.publisher, entry.reason, entry.first_ms


def _split(entry: CountedDeadLetters, settled: CountedDeadLetters | None) -> SplitCount:
    if settled is None or _key(settled) != _key(entry):
        return SplitCount(entry, None, entry)
    if settled.count >= entry.count:
        return SplitCount(entry, entry, None)
    rest = msgspec.structs.replace(
        entry,
        count=entry.count - settled.count,
        size=entry.size - settled.size,
        first_ms=settled.last_ms,
    )
    return SplitCount(entry, settled, rest)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _kept(folder: Path, name: str) -> list[CountedDeadLetters]:
    """What a file holds; a damaged one is put aside, whole, under a name of its own."""
    try:
        return _read(folder / name)
    except DamagedCountsError as error:
        number = len(list(folder.glob(f"{name}.damaged-*")))
        aside = folder / f"{name}.damaged-{number}"
        (folder / name).replace(aside)
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
