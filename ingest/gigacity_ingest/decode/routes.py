"""What the worker remembers of a topic: its parts, current area, and prefixes of its lines."""

import sys
from collections.abc import Mapping

import msgspec

from gigacity_contract.city.model import City
from gigacity_contract.decoding import PayloadError, Reason
from gigacity_contract.errors import TopicError
from gigacity_contract.kinds import Values
from gigacity_contract.topics import Message, Publisher, parse_topic
from gigacity_ingest.decode.outcome import Series
from gigacity_ingest.decode.sequences import UNKNOWN
from gigacity_ingest.encode.line_builder import Shape
from gigacity_ingest.encode.port_lines import OltPrefixes

DeviceKey = tuple[str, str, type[Values]]
"""Community, device and the struct of its kind."""


class Carried(msgspec.Struct, gc=False):
    """A device whose reports arrive on a topic: its own, or its gateway's.

    ``gc=False`` here and below: hundreds of thousands of these make no cycles, and a collector that
    walked them cost a seventh of the whole.
    """

    values: type[Values]
    prefix: bytes
    series: Series
    shape: Shape
    """Of its last report: which fields a device reports hardly ever changes."""
    hides_sentinels: bool
    refusal: str = ""
    """Why reports of this device are not accepted on this topic; empty: they are."""
    last_seq: int = UNKNOWN
    """Of its entries in bundles."""


class Route(msgspec.Struct, gc=False):
    """One topic, parsed once. A city has hundreds of thousands: it holds only what it needs."""

    message: Message
    publisher: Publisher
    area: str
    """Current code; the topic may carry a retired one."""
    community: str
    id: str
    ports: OltPrefixes | None
    devices: dict[DeviceKey, Carried]
    """Devices that the gateway carries."""
    own: Carried | None = None
    """The device whose topic it is, as it last reported."""
    last_seq: int = UNKNOWN


_NO_DEVICES: dict[DeviceKey, Carried] = {}


class Routes:
    """Routes by topic, up to a bound; topics that are refused or rarely used are not kept."""

    def __init__(self, city: City, max_routes: int = 500_000) -> None:
        self._areas = city.area_of_code
        self._max_routes = max_routes
        self._routes: dict[bytes, Route] = {}

    def __len__(self) -> int:
        return len(self._routes)

    @property
    def known(self) -> Mapping[bytes, Route]:
        """Routes by topic, for looking up without parsing; emptied in place at the bound."""
        return self._routes

    def find(self, topic: bytes) -> Route:
        """The route of a topic.

        Raises:
            PayloadError: outside the grammar, or of an area that the city does not have.
        """
        route = self._routes.get(topic)
        if route is None:
            route = self._parse(topic)
            if len(self._routes) >= self._max_routes:
                self._routes.clear()
            if route.message is not Message.STATUS:
                self._routes[topic] = route
        return route

    def _parse(self, topic: bytes) -> Route:
        try:
            parsed = parse_topic(topic.decode())
        except (TopicError, UnicodeDecodeError) as error:
            raise PayloadError(Reason.BAD_TOPIC, f"topic: {error}") from error
        area = self._areas.get(parsed.area)
        if area is None:
            text = f"area: {parsed.area} is not in the city file"
            raise PayloadError(Reason.UNKNOWN_AREA, text)
        message = parsed.message
        return Route(
            message,
            parsed.publisher,
            area,
            sys.intern(parsed.community),  # A community has hundreds of devices.
            parsed.id,
            OltPrefixes(area, parsed.id) if message is Message.PON else None,
            {} if message is Message.BUNDLE else _NO_DEVICES,
        )
