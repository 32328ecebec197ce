"""The SQLite file of the queue: its tables, and the small values that outlive the process."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

ALARM_OF_WAITING = "json_extract(CAST(notice AS TEXT), '$.alarm')"
"""Has an index, as it stands here."""

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS waiting (
  number INTEGER PRIMARY KEY, channel TEXT NOT NULL, notice BLOB NOT NULL,
  since_ms INTEGER NOT NULL, not_before_ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS waiting_alarm ON waiting ({ALARM_OF_WAITING});
CREATE TABLE IF NOT EXISTS message (
  number INTEGER PRIMARY KEY, channel TEXT NOT NULL, notices BLOB NOT NULL,
  made_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  dead INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',
  lane TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS message_due ON message (dead, channel, due_ms);
CREATE TABLE IF NOT EXISTS told (key TEXT PRIMARY KEY, at_ms INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS told_at ON told (at_ms);
CREATE TABLE IF NOT EXISTS open_alarm (
  alarm TEXT PRIMARY KEY, notice BLOB NOT NULL, raised_ms INTEGER NOT NULL,
  told_ms INTEGER NOT NULL, acknowledged INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS silent_alarm (alarm TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mark (
  alarm TEXT NOT NULL, name TEXT NOT NULL, at_ms INTEGER NOT NULL,
  PRIMARY KEY (alarm, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class QueueFile:
    """The open file. Threads may share it; each writes under the lock."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it.

        Raises:
            sqlite3.Error: it cannot be used.
        """
        self.lock = threading.RLock()
        self._is_open = False
        """A transaction is under way: of the thread that has the lock."""
        self.base = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.base.execute("PRAGMA journal_mode=WAL")
        # What was taken must be on disk before it counts as taken.
        self.base.execute("PRAGMA synchronous=FULL")
        self.base.executescript(_SCHEMA)

    @contextlib.contextmanager
    def without_waiting(self) -> Iterator[None]:
        """As ``together``, and the disk is not waited for: for what may be done again.

        It outlives the process all the same; only a loss of power undoes it.
        """
        with self.lock:
            self.base.execute("PRAGMA synchronous=NORMAL")
            try:
                with self.together():
                    yield
            finally:
                self.base.execute("PRAGMA synchronous=FULL")

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """What is done within is on disk as a whole, or not at all; what is within another, too.

        Each costs the disk's own pace, and all threads wait for it: hundreds of changes are one.
        """
        with self.lock:
            if self._is_open:
                yield
                return
            self._is_open = True
            try:
                with self.base:
                    self.base.execute("BEGIN IMMEDIATE")
                    yield
            finally:
                self._is_open = False

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            self.base.close()

    def note(self, name: str, default: str = "") -> str:
        """A small value that outlives the process, such as the moment of the last round."""
        with self.lock:
            row = self.base.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
        return default if row is None else str(row[0])

    def set_note(self, name: str, value: str) -> None:
        """Keep a small value."""
        with self.together():
            self.base.execute(
                "INSERT INTO note VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )

    def count(self, name: str, number: int = 1) -> None:
        """Add to a count; inside a transaction of the caller's."""
        self.base.execute(
            "INSERT INTO note VALUES (?, ?) ON CONFLICT (name) DO UPDATE"
            " SET value = CAST(value AS INTEGER) + CAST(excluded.value AS INTEGER)",
            (f"count.{name}", str(number)),
        )

    def counts(self) -> dict[str, int]:
        """What became of messages and notices, ever, and what waits."""
        with self.lock:
            ever = {
                name: int(self.note(f"count.{name}", "0"))
                for name in ("delivered", "dead", "given_up")
            }
            waiting = self.base.execute("SELECT count(*) FROM message WHERE dead = 0").fetchone()
            return ever | {
                "messages_waiting": waiting[0],
                "notices_waiting": self.number_waiting(),
            }

    def number_waiting(self) -> int:
        """Notices that wait."""
        row = self.base.execute("SELECT count(*) FROM waiting").fetchone()
        return int(row[0])
