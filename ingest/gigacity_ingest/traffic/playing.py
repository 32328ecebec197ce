"""When each message of a recording is played, and which instants it then has."""

from dataclasses import dataclass

from gigacity_contract.decoding import PayloadError
from gigacity_contract.topics import PREFIX
from gigacity_ingest.formats.readings import Decoded, ForeignMessage, FormatDecoder
from gigacity_ingest.formats.sparkplug_b.decoder import FORMAT as SPARKPLUG
from gigacity_ingest.formats.sparkplug_b.topic import NAMESPACE
from gigacity_ingest.formats.times import TimeRule
from gigacity_ingest.mapping.sources import SourceSet
from gigacity_ingest.traffic.arrivals import Arrival
from gigacity_ingest.traffic.shifting import shift_native, shift_sparkplug, shift_stated

_NATIVE = f"{PREFIX}/"
_SPARKPLUG = f"{NAMESPACE}/"


@dataclass(frozen=True, slots=True)
class Playing:
    """One pace and one shift for a whole recording.

    All instants move by the same, so that no two readings fall together, and the end of the
    recording becomes the end of the playing: at a higher pace what came before it is older.

    Args:
        first_ms: arrival of the first message.
        last_ms: of the last one.
        start_ms: when playing begins.
        pace: 2 is twice as fast as it came; 0: as fast as it can be sent.
        keeps_times: leave every instant as it was recorded.
    """

    first_ms: int
    last_ms: int
    start_ms: int
    pace: float = 1.0
    keeps_times: bool = False

    def due_s(self, at_ms: int) -> float:
        """Seconds from the start until a message that arrived then is played."""
        return max(0, at_ms - self.first_ms) / self.pace / 1000 if self.pace else 0.0

    @property
    def shift_ms(self) -> int:
        """How much later each instant is."""
        if self.keeps_times:
            return 0
        return self.start_ms + round(self.due_s(self.last_ms) * 1000) - self.last_ms


class Shifter:
    """Moves the instants of messages; counts those in which none was found.

    Args:
        shift_ms: by how much.
        sources: by which foreign messages are read; without its source one stays as it is.
    """

    def __init__(self, shift_ms: int, sources: SourceSet | None = None) -> None:
        self._shift_ms = shift_ms
        self._sources = sources or SourceSet()
        self._sparkplug = SPARKPLUG.make({}, TimeRule())
        self.unshifted = 0
        """Foreign messages that stayed as they were."""
        self.unborn: dict[str, str] = {}
        """Edge nodes of Sparkplug whose births the recording lacks, and what shows it: a worker
        refuses what they say."""

    def payload_of(self, arrival: Arrival) -> bytes:
        """What to publish in its place."""
        if arrival.topic.startswith(_NATIVE):
            return shift_native(arrival.payload, self._shift_ms)
        is_sparkplug = arrival.topic.startswith(_SPARKPLUG)
        if is_sparkplug:
            self._note_births(arrival)
        if not self._shift_ms:
            return arrival.payload
        if is_sparkplug:
            shifted = shift_sparkplug(arrival.payload, self._shift_ms)
        else:
            shifted = shift_stated(arrival.payload, self._instants(arrival), self._shift_ms)
        if shifted is None:
            self.unshifted += 1
            return arrival.payload
        return shifted

    def _note_births(self, arrival: Arrival) -> None:
        """Whoever has to be asked for its births says nothing that can be read until then."""
        source = self._sources.find(arrival.topic)
        decoder = self._sparkplug if source is None else source.decoder
        found = _decoded(decoder, arrival)
        for answer in found.answers:
            error = found.faults[0].error if found.faults else "NDEATH without NBIRTH"
            self.unborn.setdefault(answer.topic.rpartition("/")[2], error)

    def _instants(self, arrival: Arrival) -> list[int]:
        source = self._sources.find(arrival.topic)
        if source is None:
            return []
        found = _decoded(source.decoder, arrival)
        stated = [reading.time_ms for reading in found.readings]
        stated += [session.time_ms for session in found.sessions]
        return [at_ms for at_ms in stated if at_ms is not None]


def _decoded(decoder: FormatDecoder, arrival: Arrival) -> Decoded:
    message = ForeignMessage(arrival.topic, arrival.payload, arrival.is_copy, arrival.at_ms)
    try:
        return decoder.decode(message)
    except PayloadError:
        return Decoded()
