"""Who speaks which format: publishers of a role take turns through the formats of that role."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle

from gigacity_simulators.foreign.catalogue import FORMATS, NATIVE
from gigacity_simulators.foreign.definition import ForeignFormat
from gigacity_simulators.foreign.readings import PORT_KIND, FieldReading
from gigacity_simulators.messages import OutgoingMessage
from gigacity_simulators.publisher_directory import PublisherDirectory, PublisherRole
from gigacity_simulators.sessions import NativeSession, SessionWords

_MOST_READINGS = 100
"""Of one message."""


class Speaker:
    """One publisher that speaks a foreign format.

    Args:
        spoken: the format.
        sender: its id in topics.
    """

    def __init__(self, spoken: ForeignFormat, sender: str) -> None:
        self.spoken = spoken
        self.sender = sender
        self._last: dict[str, int] = {}
        """By device, the newest step of the times that it stated; empty where each is another."""

    def session(self) -> SessionWords:
        """What it says of its connection."""
        return self.spoken.session(self.sender)

    def messages(self, readings: Sequence[FieldReading]) -> Iterator[OutgoingMessage]:
        """Readings in its words."""
        size = _MOST_READINGS if self.spoken.is_batch else 1
        for start in range(0, len(readings), size):
            yield from self._said(readings[start : start + size])

    def _said(self, readings: Sequence[FieldReading]) -> Iterator[OutgoingMessage]:
        points = dict(Counter(_measurement(r.kind) for r in readings if self._is_new(r)))
        due_ms = min(reading.at_ms for reading in readings)
        for message in self.spoken.say(self.sender, readings):
            yield OutgoingMessage(
                message.topic, message.payload, due_ms, points, retain=message.retain
            )
            points = {}  # The first message carries the first field of each.

    def _is_new(self, reading: FieldReading) -> bool:
        """Whether it is a point of its own, or writes over the one before."""
        if self.spoken.step_ms == 1:
            return True
        step = reading.at_ms // self.spoken.step_ms
        is_new = self._last.get(reading.name) != step
        self._last[reading.name] = step
        return is_new


def _measurement(kind: str) -> str:
    return kind if kind == PORT_KIND else f"device_{kind}"


def speakers_of(directory: PublisherDirectory, names: Iterable[str]) -> dict[int, Speaker]:
    """By publisher; who speaks natively is not among them.

    Args:
        directory: who takes part.
        names: of formats, in whose order publishers take turns.
    """
    wanted = list(names)
    found: dict[int, Speaker] = {}
    for role in PublisherRole:
        turns = [name for name in wanted if name == NATIVE or FORMATS[name].role is role]
        publishers = [i for i, one in enumerate(directory.publishers) if one.role is role]
        if turns == [NATIVE]:
            continue
        for publisher, name in zip(publishers, cycle(turns), strict=False):
            if name != NATIVE:
                sender = sender_of(directory.publishers[publisher].identity)
                found[publisher] = Speaker(FORMATS[name], sender)
    return found


def sender_of(identity: str) -> str:
    """The id of an OLT or a gateway; of a device, its name in the whole city."""
    return "-".join(identity.split("/")[2:])


def sessions_of(
    directory: PublisherDirectory, speakers: Mapping[int, Speaker]
) -> dict[str, SessionWords]:
    """What each publisher says of its connection, by its identity, in their order."""
    return {
        publisher.identity: (
            speakers[index].session() if index in speakers else NativeSession(publisher.identity)
        )
        for index, publisher in enumerate(directory.publishers)
    }
