"""Data of an edge node by aliases: every message goes on where the sequence stood."""

from itertools import cycle

from gigacity_ingest.formats.catalogue import FORMATS
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule
from tests.support.protobuf_wire import WireField, wire

METRICS = 4
"""As many as a native electricity meter has fields."""
_DOUBLE, _INT64 = 10, 4
_BIRTH, _DATA = "spBv1.0/g/NBIRTH/e", "spBv1.0/g/NDATA/e"


class SparkplugData:
    """An endless stream of a born node's data.

    Args:
        now_ms: when all of it is sent.
    """

    def __init__(self, now_ms: int) -> None:
        self._decoder = FORMATS["sparkplug_b"].make({}, TimeRule())
        born: list[WireField] = [
            (2, [(1, f"Meter/m{n}"), (2, n), (3, now_ms), (4, _DOUBLE), (13, 1.5)])
            for n in range(METRICS)
        ]
        bd_seq: WireField = (2, [(1, "bdSeq"), (4, _INT64), (11, 1)])
        birth = wire([(1, now_ms), bd_seq, *born, (3, 255)])
        self._decoder.decode(ForeignMessage(_BIRTH, birth, False, now_ms))
        values: list[WireField] = [(2, [(2, n), (3, now_ms), (13, 2.5)]) for n in range(METRICS)]
        messages = [
            ForeignMessage(_DATA, wire([(1, now_ms), *values, (3, seq)]), False, now_ms)
            for seq in range(256)
        ]
        self.payload = messages[0].payload
        self._messages = cycle(messages)

    def decode_next(self) -> Decoded:
        """What the next message holds: one reading."""
        return self._decoder.decode(next(self._messages))
