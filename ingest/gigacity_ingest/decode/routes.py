"""What the worker remembers of a topic: its parts, current area, and prefixes of its lines."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_contract.errors import TopicError
from gigacity_contract.identifiers import ID_PATTERN
from gigacity_contract.kinds import Values
from gigacity_contract.topics import PREFIX, MessageKind, Publisher, parse_topic
from gigacity_ingest.decode.carried import CarriedDevices, CarriedGroup, GroupKey
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.decode.point_spans import Series
from gigacity_ingest.decode.sequences import UNKNOWN
from gigacity_ingest.encode.line_builder import Shape
from gigacity_ingest.encode.port_lines import AdmitsPort, OltPrefixes


class Carried(msgspec.Struct, gc=False):
    """A device whose reports arrive on its own topic.

    ``gc=False`` here and below: hundreds of thousands of these make no cycles, and a collector that
    walked them cost a seventh of the whole.
    """

    values: type[Values]
    prefix: str
    series: Series
    shape: Shape
    """Of its last report: which fields a device reports hardly ever changes."""
    hides_sentinels: bool
    flag: int
    """Where in its row the flag of danger stands (``safety``)."""


class Route(msgspec.Struct, gc=False):
    """One topic, parsed once. A city has hundreds of thousands: it holds only what it needs."""

    message: MessageKind
    publisher: Publisher
    area: str
    """Current code; the topic may carry a retired one."""
    community: str
    id: str
    ports: OltPrefixes | None
    carried: CarriedDevices
    """Devices that the gateway carries."""
    own: Carried | None = None
    """The device whose topic it is, as it last reported."""
    last_seq: int = UNKNOWN

    def move(self, area: str) -> None:
        """Its code now stands for this area: lines of it get other prefixes."""
        self.area, self.own = area, None
        if self.ports is not None:
            self.ports = self.ports.moved(area)
        for group in self.carried.groups.values():
            group.series = (group.series[0], area)


_is_id = re.compile(ID_PATTERN.encode() + rb"\Z").match
_DEVICE = Publisher.DEVICE
_PON, _BUNDLE, _STATUS = MessageKind.PON, MessageKind.BUNDLE, MessageKind.STATUS
"""Looking a member up costs as much as a call, and a route is made for every device."""
_NATIVE = f"{PREFIX}/".encode()
_NOT_NATIVE = f"topic: topic does not start with {PREFIX}/"
_NO_DEVICES = CarriedDevices()
_MAX_SIBLINGS = 20_000
MAX_CARRIED_DEVICES = 1_000_000
"""Of all gateways together, at 290 bytes each (measured)."""


class _Siblings(NamedTuple):
    """What topics have in common that differ in the publisher's id alone."""

    message: MessageKind
    publisher: Publisher
    area: str
    community: str

    def route_of(self, name: str, admits: AdmitsPort) -> Route:
        """The route of one of them."""
        message = self.message
        return Route(
            message,
            self.publisher,
            self.area,
            self.community,
            name,
            OltPrefixes(self.area, name, admits) if message is _PON else None,
            CarriedDevices() if message is _BUNDLE else _NO_DEVICES,
        )


class Routes:
    """Routes by topic, up to a bound; topics that are refused or rarely used are not kept."""

    def __init__(
        self, registry: FieldRegistry, admits: AdmitsPort, max_routes: int = 500_000
    ) -> None:
        self._areas = registry.area_of_code
        self._registry = registry
        self._admits = admits
        self._max_routes = max_routes
        self._routes: dict[bytes, Route] = {}
        self._siblings: dict[tuple[bytes, bytes], _Siblings] = {}
        """By what stands before the id, and behind it."""
        self.carried_devices = 0
        """Devices of all gateways."""

    def __len__(self) -> int:
        return len(self._routes)

    @property
    def known(self) -> Mapping[bytes, Route]:
        """Routes by topic, for looking up without parsing; always the same mapping."""
        return self._routes

    def find(self, topic: bytes) -> Route:
        """The route of a topic.

        Raises:
            PayloadError: outside the grammar, of an area that the city does not have, or of a
                publisher that is registered in another one.
        """
        route = self._routes.get(topic)
        if route is None:
            route = self._parse(topic)
            if len(self._routes) >= self._max_routes:
                self._routes.clear()
                self.carried_devices = 0
            if route.message is not _STATUS:
                self._routes[topic] = route
        return route

    def carry(
        self, route: Route, key: GroupKey, series: Series, device: str, prefix: str
    ) -> CarriedGroup:
        """Remember a device of a gateway; at the bound of all gateways every device is forgotten.

        Forgetting those of one gateway alone would not do: the bound may be reached by many, and
        each of its devices would then be forgotten with the next.
        """
        if self.carried_devices >= MAX_CARRIED_DEVICES:
            for other in self._routes.values():
                if other.carried.groups:
                    other.carried.forget()
            self.carried_devices = 0
        before = len(route.carried)
        group = route.carried.add(key, series, device, prefix)
        self.carried_devices += len(route.carried) - before
        return group

    def follow(self, registry: FieldRegistry) -> None:
        """Take over another version of the city; what was counted of each topic stays.

        Whether a gateway may report a device is asked again with its next report. A topic whose
        area code now stands for another area is kept with that; one whose publisher is registered
        in another area now is not kept. The mapping stays the same one.
        """
        former, self._areas = self._areas, registry.area_of_code
        self._registry = registry
        self._siblings.clear()
        codes = {*former, *self._areas}
        moved = {c.encode() for c in codes if former.get(c) != self._areas.get(c)}
        for route in self._routes.values():
            if route.carried.groups:
                route.carried.forget_prefixes()
        for topic in [name for name in self._routes if moved and _area_code(name) in moved]:
            area = self._areas.get(_area_code(topic).decode())
            if area is None:
                del self._routes[topic]
            else:
                self._routes[topic].move(area)
        for topic in [name for name, route in self._routes.items() if self._refusal(route)]:
            del self._routes[topic]
        self.carried_devices = sum(len(route.carried) for route in self._routes.values())

    def _check_area(self, route: Route) -> None:
        """Refuse a topic that is not its publisher's own.

        Raises:
            PayloadError: it is registered in another area.
        """
        if refusal := self._refusal(route):
            raise PayloadError(RejectionReason.NOT_YOURS, refusal)

    def _refusal(self, route: Route) -> str:
        """Why a publisher's topic is not its own; empty if it is, or if nobody registered it.

        Its state is kept under its id alone: reports below another area would be taken for its own.
        """
        if route.publisher is Publisher.DEVICE:
            what, name = "community", route.community
            community = self._registry.community_by_code.get(name)
            area = None if community is None else community.area
        elif route.publisher is Publisher.OLT:
            what, name, olt = "olt", route.id, self._registry.olts.get(route.id)
            area = None if olt is None else olt.area
        else:
            what, name, area = "gateway", route.id, self._registry.gateways.get(route.id)
        if area is None or area == route.area:
            return ""
        return f"topic: {what} {name} is registered in area {area}, not in {route.area}"

    def _parse(self, topic: bytes) -> Route:
        parts = topic.rsplit(b"/", 2)
        group, last = parts[0], parts[-1]
        siblings = self._siblings.get((group, last))
        if siblings is not None and _is_id(name := parts[1]):
            route = siblings.route_of(name.decode(), self._admits)
            if siblings.publisher is not _DEVICE:  # A community was checked with its first device.
                self._check_area(route)
            return route
        if not topic.startswith(_NATIVE):
            # Every foreign message comes by here: another exception would cost half its decoding.
            raise PayloadError(RejectionReason.BAD_TOPIC, _NOT_NATIVE)
        try:
            parsed = parse_topic(topic.decode())
        except (TopicError, UnicodeDecodeError) as error:
            raise PayloadError(RejectionReason.BAD_TOPIC, f"topic: {error}") from error
        area = self._areas.get(parsed.area)
        if area is None:
            text = f"area: {parsed.area} is not in the city file"
            raise PayloadError(RejectionReason.UNKNOWN_AREA, text)
        siblings = _Siblings(parsed.message, parsed.publisher, area, parsed.community)
        route = siblings.route_of(parsed.id, self._admits)
        self._check_area(route)
        if len(self._siblings) >= _MAX_SIBLINGS:
            self._siblings.clear()
        self._siblings[group, last] = siblings
        return route


def _area_code(topic: bytes) -> bytes:
    """Of a topic within the grammar: ``gigacity/v1/{area}/...``."""
    return topic.split(b"/", 3)[2]
