"""Replays dead letters: decodes each again, stores what is good now, and notes what is settled.

Running it again changes nothing: points overwrite themselves, and one that is still refused
stays where it is. It may run beside the worker.
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from gigacity_contract.clock import Clock
from gigacity_contract.decoding import RejectionReason
from gigacity_contract.errors import GigacityError
from gigacity_contract.influx import Written
from gigacity_contract.measurements import OPS, RAW
from gigacity_ingest.dead_letters.folder import DeadLetterFolder
from gigacity_ingest.dead_letters.settling import give_back
from gigacity_ingest.decode.dead_letter import DeadLetter, Kept, message_of
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.late_markers import LateMarkers
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from gigacity_ingest.decode.point_spans import Spans, spans_of_lines
from gigacity_ingest.encode.body import POLICY_OF_NAME, Body
from gigacity_ingest.influx.writer import InfluxWriter
from gigacity_ingest.pipeline.request_queue import RequestQueue

_NOTE_EVERY = 1000
"""Dead letters that are settled, until that is noted."""
_LOCK = "replay.lock"


class ReplayError(GigacityError):
    """The database cannot be written now; nothing was lost, try again."""


@dataclass(slots=True)
class Replayed:
    """What a replay did. replayed = confirmed + refused."""

    dead_letters: int = 0
    settled: int = 0
    not_whole: int = 0
    """Dead letters that cannot be tried: only a head or a summary of them was kept."""
    replayed: int = 0
    """Points that were offered to the database."""
    confirmed: int = 0
    refused: int = 0

    @property
    def is_balanced(self) -> bool:
        """Whether every point has its outcome."""
        return self.replayed == self.confirmed + self.refused


class Replay:
    """One run over a store.

    Args:
        store: read, and told what is settled.
        decoder: of the city in force now.
        writer: to the database.
        clock: for plausibility and late-data markers.
    """

    def __init__(
        self, store: DeadLetterFolder, decoder: Decoder, writer: InfluxWriter, clock: Clock
    ) -> None:
        self._store = store
        self._decoder = decoder
        self._writer = writer
        self._clock = clock
        self._markers = LateMarkers(replay_tag(store.folder))

    def run(self, ids: frozenset[str] = frozenset()) -> Replayed:
        """Replay the dead letters that are open, or those of them that ``ids`` names.

        Raises:
            ReplayError: the database cannot be written, and what was settled before is noted; or
                another replay of this store is under way.
        """
        if not self._store.folder.exists():
            return Replayed()
        with _alone_in(self._store.folder):
            return self._run(ids)

    def _run(self, ids: frozenset[str]) -> Replayed:
        result = Replayed()
        settled: list[tuple[str, int]] = []
        try:
            for stored in self._store.unique():
                dead_letter = stored.dead_letter
                if not stored.is_resolved and (not ids or dead_letter.id in ids):
                    result.dead_letters += 1
                    if dead_letter.kept is not Kept.WHOLE:
                        result.not_whole += 1
                    elif self._replay(dead_letter, result):
                        result.settled += 1
                        settled.append((dead_letter.id, stored.last_ms))
                if len(settled) >= _NOTE_EVERY:
                    self._store.resolve(settled)
                    settled.clear()
        finally:
            self._store.resolve(settled)
        give_back(self._store)
        return result

    def _replay(self, dead_letter: DeadLetter, result: Replayed) -> bool:
        """Whether nothing of the dead letter is refused any more."""
        if dead_letter.reason is RejectionReason.SINK_REJECTED:
            lines = dead_letter.payload.split(b"\n")
            policy = POLICY_OF_NAME[dead_letter.policy]
            is_stored = self._post(Body.of_lines(policy, lines), result)
            return self._announce(spans_of_lines(lines) if policy is RAW else {}) and is_stored
        out = Outcome()
        topic = dead_letter.topic.encode()
        # A status is replayed as a copy: the moment of a will is gone.
        came_ms = dead_letter.received_ms if dead_letter.ts is None else dead_letter.ts
        message = ReceivedMessage(
            topic,
            message_of(dead_letter),
            True,
            self._clock.now_ms(),
            dead_letter.is_retained,
            stamp_ms=came_ms,
        )
        self._decoder.decode(message, out)
        is_clean = not out.dead_letters
        for body in out.bodies():
            is_clean &= self._post(body, result)
        return self._announce(out.spans()) and is_clean

    def _announce(self, spans: Spans) -> bool:
        """Announce the points; False if the database refused that: nobody would hear of them.

        Fresh ones too: whoever follows what workers tell sees no others.
        """
        late = self._markers.lines(spans, self._clock.now_ms(), whatever_age=True)
        return not late or not self._deliver(Body.of_lines(OPS, late)).refused

    def _post(self, body: Body, result: Replayed) -> bool:
        requests = self._deliver(body)
        refused = sum(part.points for part in requests.refused)
        result.replayed += body.points
        result.confirmed += requests.confirmed
        result.refused += refused
        return refused == 0

    def _deliver(self, body: Body) -> RequestQueue:
        requests, evidence = RequestQueue(body), 0
        while (request := requests.next_body()) is not None:
            outcome = self._writer.write(request.policy, request.precision, request.lines())
            evidence += isinstance(outcome, Written)
            requests.judge(outcome, evidence)
            if requests.problem:
                raise ReplayError(f"the database cannot be written: {requests.problem}")
        return requests


def replay_tag(folder: Path) -> str:
    """The ``worker`` tag of late-data markers that a replay of this store writes.

    Two replays at once, of other stores or on other machines, must not write over each other's.
    """
    store = f"{socket.gethostname()} {folder.absolute()}".encode()
    return f"replay-{blake2b(store, digest_size=4).hexdigest()}"


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = f"another replay of {folder} is under way; wait until it has ended"
            raise ReplayError(text) from None
        yield
    finally:
        os.close(descriptor)
