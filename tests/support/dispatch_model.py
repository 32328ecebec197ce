"""Spool, dead letters, queue and database in a few lines, for the dispatcher's state machine."""

import re
from collections import deque
from itertools import count

from gigacity_contract.influx import Malformed, WriteOutcome, Written
from gigacity_ingest.decode.dead_letter import DeadLetter
from gigacity_ingest.pipeline.batch import Batch, SpoolCounts
from gigacity_ingest.pipeline.dispatching import SentRequest
from gigacity_ingest.spool import SpooledRecord, SpoolRecord
from tests.unit.ingest.messages import NOW_MS

_NUMBER = re.compile(rb"rx_bytes=([0-9]+)i")


def points(text: bytes) -> set[int]:
    """Points of lines, by the number that each carries."""
    return {int(number) for number in _NUMBER.findall(text)}


class Disk:
    """Spool and dead letters: what is on it survives the worker."""

    def __init__(self) -> None:
        self.waiting: dict[int, SpoolRecord] = {}
        self.dead_letters: list[DeadLetter] = []
        self.takes_records = True
        self.takes_dead_letters = True
        self._numbers = count(1)
        self._read: set[int] = set()
        self._found = 0

    def restart(self) -> None:
        self._read = set()
        self._found = self.counts().points

    # The dispatcher's side of the spool.

    @property
    def records(self) -> int:
        return len(self.waiting)

    def append(self, record: SpoolRecord) -> int | None:
        if not self.takes_records:
            return None
        number = next(self._numbers)
        self.waiting[number] = record
        return number

    def read_next(self) -> SpooledRecord | None:
        for number, record in self.waiting.items():
            if number not in self._read:
                self._read.add(number)
                return SpooledRecord(number, NOW_MS, record)
        return None

    def confirm(self, number: int) -> None:
        assert number in self._read
        del self.waiting[number]

    def counts(self) -> SpoolCounts:
        return SpoolCounts(sum(r.points for r in self.waiting.values()), self._found)

    # Its side of the dead letters.

    def store(self, dead_letters: list[DeadLetter]) -> bool:
        if self.takes_dead_letters:
            self.dead_letters += dead_letters
        return self.takes_dead_letters


class Queue:
    """Sealed batches that nobody has begun."""

    def __init__(self) -> None:
        self.batches: deque[Batch] = deque()

    def take_batch(self) -> Batch | None:
        return self.batches.popleft() if self.batches else None

    def oldest_s(self) -> float | None:
        return self.batches[0].opened_s if self.batches else None


class Database:
    """Stores what is not bad."""

    def __init__(self) -> None:
        self.stored: set[int] = set()
        self.bad: set[int] = set()
        self.spans = 0
        self.names_lines = True

    def take(self, sent: SentRequest) -> WriteOutcome:
        lines = sent.body.lines()
        if sent.body.policy == "ops":
            self.spans += len(lines)
            return Written()
        bad = [line for line in lines if points(line) & self.bad]
        if bad and self.names_lines:
            return Malformed(tuple(bad), "unable to parse", rest_stored=False)
        if bad:
            return Malformed((b"nobody's",), "unable to parse", rest_stored=False)
        self.stored |= points(b"\n".join(lines))
        return Written()
