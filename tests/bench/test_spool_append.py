"""Durable appends a second: the spool, a plain growing file, and sqlite with full sync."""

import itertools
import os
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gigacity_contract.clock import SystemClock
from gigacity_ingest.spool import RecordPart, SpoolPolicy, SpoolRecord, open_spool

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

APPENDS = 400
ROUNDS = 7


def spool(folder: Path, body: bytes) -> Callable[[], object]:
    """What the worker pays: header, checksum, number, counts, sync."""
    opened = open_spool(folder, clock=SystemClock(), policy=SpoolPolicy())
    record = SpoolRecord((RecordPart("raw", "ms", 220, body, "gzip"),), 1, 2)
    return lambda: opened.append(record)


def plain_file(folder: Path, body: bytes) -> Callable[[], object]:
    """The least that is durable: write at the end, fdatasync."""
    folder.mkdir()
    descriptor = os.open(folder / "file", os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def append() -> None:
        os.write(descriptor, body)
        os.fdatasync(descriptor)

    return append


def sqlite_full(folder: Path, body: bytes) -> Callable[[], object]:
    """WAL with synchronous=FULL: as durable, and no code of ours."""
    folder.mkdir()
    database = sqlite3.connect(folder / "db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE spool (number INTEGER PRIMARY KEY, body BLOB)")
    return lambda: database.execute("INSERT INTO spool (body) VALUES (?)", (body,))


CANDIDATES = {"spool": spool, "file + fdatasync": plain_file, "sqlite FULL": sqlite_full}


@pytest.mark.parametrize("size", [4_096, 65_536], ids=["4 KB", "64 KB"])
def test_appends_a_second(tmp_path: Path, size: int) -> None:
    """Medians of interleaved rounds; ratios to sqlite."""
    body = os.urandom(size)
    rates: dict[str, list[float]] = {name: [] for name in CANDIDATES}
    for number, (name, build) in itertools.product(range(ROUNDS), CANDIDATES.items()):
        append = build(tmp_path / f"{name}-{number}", body)
        start = time.perf_counter()
        for _ in range(APPENDS):
            append()
        rates[name].append(APPENDS / (time.perf_counter() - start))
    base = statistics.median(rates["sqlite FULL"])
    for name, seen in rates.items():
        median = statistics.median(seen)
        sys.stdout.write(
            f"\n{size} bytes, {name}: {median:,.0f}/s ({min(seen):,.0f}-{max(seen):,.0f}),"
            f" {median / base:.2f} of sqlite"
        )
    sys.stdout.write("\n")


def test_reading_and_opening(tmp_path: Path) -> None:
    """MB a second of a start over a full folder, and of draining it with a cursor each record."""
    opened = open_spool(tmp_path, clock=SystemClock())
    record = SpoolRecord((RecordPart("raw", "ms", 5000, os.urandom(100_000), "gzip"),), 1, 2)
    for _ in range(3000):
        opened.append(record)
    size_mb = opened.status().disk_bytes / 1e6
    opened.close()

    start = time.perf_counter()
    opened = open_spool(tmp_path, clock=SystemClock())
    opening_s = time.perf_counter() - start
    start = time.perf_counter()
    while (spooled := opened.read_next()) is not None:
        opened.confirm(spooled.number)
    draining_s = time.perf_counter() - start
    sys.stdout.write(
        f"\nopening {size_mb:.0f} MB: {opening_s:.2f} s; reading and confirming"
        f" {3000 / draining_s:,.0f} records/s\n"
    )
