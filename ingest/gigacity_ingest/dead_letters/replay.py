"""Replays dead letters: decodes each again, stores what is good now, and notes what is settled.

Running it again changes nothing: points overwrite themselves, and a letter that is still refused
stays where it is. It may run beside the worker.
"""

from dataclasses import dataclass

from gigacity_contract.clock import Clock
from gigacity_contract.decoding import Reason
from gigacity_contract.errors import GigacityError
from gigacity_contract.influx import Written
from gigacity_contract.measurements import OPS
from gigacity_ingest.dead_letters.store import DeadLetterStore
from gigacity_ingest.decode.arrivals import arrival_lines
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.letters import Letter, message_of
from gigacity_ingest.decode.outcome import Arrived, Outcome
from gigacity_ingest.encode.body import POLICY_OF_NAME, Body
from gigacity_ingest.influx.writer import InfluxWriter
from gigacity_ingest.pipeline.delivery import Delivery

_NOTE_EVERY = 1000
"""Letters that are settled, until that is noted."""
WORKER = "replay"
"""The ``worker`` tag of arrival rows that a replay writes."""


class ReplayError(GigacityError):
    """The database cannot be written now; nothing was lost, try again."""


@dataclass(slots=True)
class Replayed:
    """What a replay did. replayed = confirmed + refused."""

    letters: int = 0
    settled: int = 0
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
        clock: for plausibility and arrival rows.
    """

    def __init__(
        self, store: DeadLetterStore, decoder: Decoder, writer: InfluxWriter, clock: Clock
    ) -> None:
        self._store = store
        self._decoder = decoder
        self._writer = writer
        self._clock = clock

    def run(self, ids: frozenset[str] = frozenset()) -> Replayed:
        """Replay the letters that are open, or those of them that ``ids`` names.

        Raises:
            ReplayError: the database cannot be written; what was settled before is noted.
        """
        result = Replayed()
        settled: list[str] = []
        try:
            for stored in self._store.unique():
                letter = stored.letter
                if not stored.is_resolved and (not ids or letter.id in ids):
                    result.letters += 1
                    if self._replay(letter, result):
                        result.settled += 1
                        settled.append(letter.id)
                if len(settled) >= _NOTE_EVERY:
                    self._store.resolve(settled)
                    settled.clear()
        finally:
            self._store.resolve(settled)
        self._store.remove_resolved_segments()
        return result

    def _replay(self, letter: Letter, result: Replayed) -> bool:
        """Whether nothing of the letter is refused any more."""
        if letter.reason is Reason.SINK_REJECTED:
            lines = letter.payload.split(b"\n")
            return self._post(Body.of_lines(POLICY_OF_NAME[letter.policy], lines), result)
        out = Outcome()
        topic = letter.topic.encode()
        # A status is replayed as a copy: the moment of a will is gone.
        message = Arrived(topic, message_of(letter), True, self._clock.now_ms())
        self._decoder.decode(message, out)
        is_clean = not out.letters
        for body in out.bodies():
            is_clean &= self._post(body, result)
        late = arrival_lines(out.spans, worker=WORKER, now_ms=self._clock.now_ms())
        self._deliver(Body.of_lines(OPS, late))
        return is_clean

    def _post(self, body: Body, result: Replayed) -> bool:
        delivery = self._deliver(body)
        refused = sum(part.points for part in delivery.refused)
        result.replayed += body.points
        result.confirmed += delivery.confirmed
        result.refused += refused
        return refused == 0

    def _deliver(self, body: Body) -> Delivery:
        delivery, evidence = Delivery(body), 0
        while (piece := delivery.next_body()) is not None:
            outcome = self._writer.write(piece.policy, piece.precision, piece.lines())
            evidence += isinstance(outcome, Written)
            delivery.judge(outcome, evidence)
            if delivery.problem:
                raise ReplayError(f"the database cannot be written: {delivery.problem}")
        return delivery
