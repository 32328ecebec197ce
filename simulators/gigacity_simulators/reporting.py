"""From samples to messages: OLT reports, device reports and bundles; the truth hears each sample.

Pure apart from its own sequence numbers and the bundles that wait: no sockets, no clock.
"""

import dataclasses
from array import array
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from gigacity_city.model import City
from gigacity_contract.device_messages import ENTRY_STRUCTS, MESSAGE_STRUCTS, Bundle
from gigacity_contract.payloads import PonMessage
from gigacity_contract.topics import MessageKind, topic_of
from gigacity_simulators.foreign.readings import PORT_KIND, FieldReading
from gigacity_simulators.foreign.speakers import Speaker
from gigacity_simulators.messages import OutgoingMessage
from gigacity_simulators.models.catalogue import DEVICE_MODELS
from gigacity_simulators.models.clocks import MAX_AHEAD_MS, ClockSkew, clock_error_ms
from gigacity_simulators.models.pon import sample_port
from gigacity_simulators.models.trouble import PortTrouble
from gigacity_simulators.publisher_directory import PublisherDirectory, PublisherRole
from gigacity_simulators.truth.held import HeldSamples
from gigacity_simulators.world import World

_MAX_BUNDLE = 1000
_encode = msgspec.json.Encoder().encode


class Reporter:
    """Samples objects and turns them into messages of their publishers."""

    def __init__(
        self,
        city: City,
        directory: PublisherDirectory,
        world: World,
        held: HeldSamples,
        *,
        bundle_ms: int,
        troubles: Mapping[int, Sequence[PortTrouble]] = MappingProxyType({}),
        speakers: Mapping[int, Speaker] = MappingProxyType({}),
        skews: Mapping[int, Sequence[ClockSkew]] = MappingProxyType({}),
    ) -> None:
        # Who speaks another format does, by publisher; all others speak the native one.
        self._speakers = speakers
        self._said: Counter[tuple[str, str]] = Counter()
        self._troubles = troubles
        self._skews = skews
        self._directory = directory
        self._world = world
        self._held = held
        self._bundle_ms = bundle_ms
        self._port_keys = [port.key for port in city.ports]
        self._sequence = array("q", bytes(8 * len(directory.publishers)))
        self._topics = [topic_of(p.identity, _LAST_LEVEL[p.role]) for p in directory.publishers]
        self._waiting: dict[int, list[tuple[int, Any]]] = {}
        """By gateway: when an entry was due, and the entry."""
        self._deadlines: deque[tuple[int, int]] = deque()

    def olt_due(self, olt: int, due_ms: int) -> Iterator[tuple[int, OutgoingMessage]]:
        """Sample every port of an OLT."""
        ports = []
        for index in self._directory.ports_of[olt]:
            key, state = self._port_keys[index], self._world.ports[index]
            model_key = self._directory.port_keys[index]
            values = sample_port(model_key, key.slot, key.port, state, due_ms)
            for trouble in self._troubles.get(index, ()):
                trouble.trouble(values, due_ms)
            ports.append(values)
            self._held.port_sampled(index, due_ms, values)
        # The first publishers of a directory are its OLTs, in the order of the city.
        said_ms = self._said_ms(olt, due_ms)
        if olt in self._speakers:
            place = self._speakers[olt].sender
            readings = [
                self._reading(place, f"{p.slot}/{p.port}", PORT_KIND, said_ms, p) for p in ports
            ]
            yield from self._in_its_words(olt, readings, due_ms)
            return
        report = PonMessage(ts=said_ms, seq=self._next(olt), ports=ports)
        points = {"pon_port": len(ports)} if _is_believed(said_ms, due_ms) else {}
        yield olt, OutgoingMessage(self._topics[olt], _encode(report), due_ms, points)

    def _said_ms(self, publisher: int, due_ms: int) -> int:
        """What the publisher's clock shows; the truth knows better."""
        skews = self._skews.get(publisher)
        return due_ms + clock_error_ms(skews, due_ms) if skews else due_ms

    def _reading(self, home: str, name: str, kind: str, at_ms: int, sample: Any) -> FieldReading:
        self._said[home, name] += 1
        values = msgspec.structs.asdict(sample)
        return FieldReading(home, name, kind, at_ms, values, self._said[home, name])

    def _in_its_words(
        self, publisher: int, readings: Sequence[FieldReading], due_ms: int
    ) -> Iterator[tuple[int, OutgoingMessage]]:
        for message in self._speakers[publisher].messages(readings):
            if publisher not in self._skews:
                yield publisher, message
                continue
            points = message.points if _is_believed(message.due_ms, due_ms) else {}
            yield publisher, dataclasses.replace(message, due_ms=due_ms, points=points)

    def device_due(self, device: int, due_ms: int) -> Iterator[tuple[int, OutgoingMessage]]:
        """Sample a device; messages if it publishes by itself, none if its gateway collects it."""
        directory = self._directory
        group = directory.groups[directory.group_of[device]]
        publisher = directory.publisher_of[device]
        condition = self._world.conditions[device]
        values = DEVICE_MODELS[group.kind](directory.device_keys[device], due_ms, condition)
        self._held.device_sampled(device, due_ms, values)
        said_ms = self._said_ms(publisher, due_ms)
        if directory.publishers[publisher].role is PublisherRole.DEVICE:
            if publisher in self._speakers:
                name = group.device_id(device)
                reading = self._reading(group.community, name, group.kind, said_ms, values)
                yield from self._in_its_words(publisher, [reading], due_ms)
                return
            report = MESSAGE_STRUCTS[group.kind](
                ts=said_ms, seq=self._next(publisher), values=values
            )
            points = {_MEASUREMENT[group.kind]: 1}
            yield (
                publisher,
                OutgoingMessage(self._topics[publisher], _encode(report), due_ms, points),
            )
            return
        entry = ENTRY_STRUCTS[group.kind](
            community=group.community, device=group.device_id(device), ts=said_ms, values=values
        )
        self._collect(publisher, due_ms, entry)

    def _collect(self, gateway: int, due_ms: int, entry: Any) -> None:
        waiting = self._waiting.get(gateway)
        if waiting is None:
            waiting = self._waiting[gateway] = []
            self._deadlines.append((due_ms + self._bundle_ms, gateway))
        waiting.append((due_ms, entry))

    def bundles(self, until_ms: int) -> Iterator[tuple[int, OutgoingMessage]]:
        """The bundles whose first report has waited long enough."""
        while self._deadlines and self._deadlines[0][0] <= until_ms:
            yield from self._bundle(self._deadlines.popleft()[1])

    def bundle_now(self, publisher: int) -> Iterator[tuple[int, OutgoingMessage]]:
        """What waits at a gateway, without further delay: an event is among it."""
        yield from self._bundle(publisher)

    def rest(self) -> Iterator[tuple[int, OutgoingMessage]]:
        """Everything that waits; for the end."""
        while self._deadlines:
            yield from self._bundle(self._deadlines.popleft()[1])

    def oldest_waiting_ms(self) -> int | None:
        """The earliest instant among the reports that wait for their bundle."""
        return self._deadlines[0][0] - self._bundle_ms if self._deadlines else None

    def _bundle(self, gateway: int) -> Iterator[tuple[int, OutgoingMessage]]:
        # Nothing is left of a deadline whose reports went out with an event.
        waiting = self._waiting.pop(gateway, [])
        if gateway in self._speakers and waiting:
            readings = [self._reading_of(entry) for _, entry in waiting]
            yield from self._in_its_words(gateway, readings, waiting[0][0])
            return
        for start in range(0, len(waiting), _MAX_BUNDLE):
            part = waiting[start : start + _MAX_BUNDLE]
            bundle = Bundle(reports=[entry for _, entry in part], seq=self._next(gateway))
            oldest_ms = min(due_ms for due_ms, _ in part)
            points = _count_points(
                entry for due_ms, entry in part if _is_believed(entry.ts, due_ms)
            )
            yield (
                gateway,
                OutgoingMessage(self._topics[gateway], _encode(bundle), oldest_ms, points),
            )

    def _reading_of(self, entry: Any) -> FieldReading:
        kind = _KIND_OF_ENTRY[type(entry)]
        return self._reading(entry.community, entry.device, kind, entry.ts, entry.values)

    def _next(self, publisher: int) -> int:
        self._sequence[publisher] += 1
        return self._sequence[publisher]


_LAST_LEVEL = {
    PublisherRole.OLT: MessageKind.PON,
    PublisherRole.GATEWAY: MessageKind.BUNDLE,
    PublisherRole.DEVICE: MessageKind.TELEMETRY,
}
_MEASUREMENT = {kind: f"device_{kind}" for kind in ENTRY_STRUCTS}
_KIND_OF_ENTRY = {struct: kind for kind, struct in ENTRY_STRUCTS.items()}


def _is_believed(said_ms: int, due_ms: int) -> bool:
    """What is dated too far ahead is refused, so that it makes no point."""
    return said_ms - due_ms <= MAX_AHEAD_MS


def _count_points(entries: Iterable[Any]) -> dict[str, int]:
    return dict(Counter(_MEASUREMENT[_KIND_OF_ENTRY[type(entry)]] for entry in entries))
