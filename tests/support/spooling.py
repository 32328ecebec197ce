"""Records and spools for tests."""

from collections.abc import Callable
from pathlib import Path

from gigacity_contract.clock import ManualClock
from gigacity_ingest.spool import (
    Notice,
    RecordPart,
    SeriesSpan,
    Spool,
    SpoolPolicy,
    SpoolRecord,
    open_spool,
)
from gigacity_ingest.spool.filesystem import FileSystem

SMALL = SpoolPolicy(max_bytes=200_000, segment_bytes=6_000, fill_bytes=1_000)


def make_record(number: int, size: int = 300, *, oldest_ms: int | None = None) -> SpoolRecord:
    """A record that is told from others by its number, which is also its points."""
    body = (b"%d:" % number).ljust(size, b"x")
    oldest = 1_000_000 + number if oldest_ms is None else oldest_ms
    spans = (SeriesSpan("pon_port", "371602", number, oldest, oldest + 5),)
    return SpoolRecord((RecordPart("raw", "ms", number, body, "gzip"),), oldest, oldest + 5, spans)


def number_of(record: SpoolRecord) -> int:
    """The number that ``make_record`` gave."""
    return int(record.parts[0].body.split(b":")[0])


def open_small(
    folder: Path,
    *,
    fs: FileSystem | None = None,
    policy: SpoolPolicy = SMALL,
    notify: Callable[[Notice], None] = lambda _: None,
) -> Spool:
    """A spool of small segments."""
    return open_spool(folder, clock=ManualClock(), policy=policy, fs=fs, notify=notify)


def read_all(spool: Spool) -> list[int]:
    """Numbers of all records that were not read yet, in order."""
    numbers = []
    while (spooled := spool.read_next()) is not None:
        numbers.append(number_of(spooled.record))
    return numbers


def confirm_next(spool: Spool) -> int:
    """Read one record and confirm it."""
    spooled = spool.read_next()
    assert spooled is not None
    spool.confirm(spooled.number)
    return number_of(spooled.record)
