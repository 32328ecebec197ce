"""What the worker remembers of a topic: its parts, current area, and prefixes of its lines."""

from gigacity_contract.city.model import City
from gigacity_contract.decoding import PayloadError, Reason
from gigacity_contract.errors import TopicError
from gigacity_contract.kinds import Values
from gigacity_contract.topics import Message, Publisher, parse_topic
from gigacity_ingest.decode.outcome import Series
from gigacity_ingest.encode.port_lines import PortPrefixes

DeviceKey = tuple[str, str, type[Values]]
"""Community, device and the struct of its kind."""


class Carried:
    """A device whose reports arrive on a topic: its own, or its gateway's."""

    __slots__ = ("prefix", "refusal", "series", "values")

    def __init__(
        self, values: type[Values], prefix: bytes, series: Series, refusal: str = ""
    ) -> None:
        self.values = values
        self.prefix = prefix
        self.series = series
        self.refusal = refusal
        """Why reports of this device are not accepted on this topic; empty: they are."""


class Route:
    """One topic, parsed once. A city has hundreds of thousands: it holds only what it needs."""

    __slots__ = ("area", "community", "devices", "id", "message", "own", "ports", "publisher")

    def __init__(
        self, message: Message, publisher: Publisher, area: str, community: str, publisher_id: str
    ) -> None:
        self.message = message
        self.publisher = publisher
        self.area = area
        """Current code; the topic may carry a retired one."""
        self.community = community
        self.id = publisher_id
        self.own: Carried | None = None
        """The device whose topic it is, as it last reported."""
        self.ports: PortPrefixes = {} if message is Message.PON else _NO_PORTS
        self.devices: dict[DeviceKey, Carried] = {} if message is Message.BUNDLE else _NO_DEVICES
        """Devices that the gateway carries."""


_NO_PORTS: PortPrefixes = {}
_NO_DEVICES: dict[DeviceKey, Carried] = {}


class Routes:
    """Routes by topic, up to a bound; topics that are refused are not kept."""

    def __init__(self, city: City, max_routes: int = 500_000) -> None:
        self._areas = city.area_of_code
        self._max_routes = max_routes
        self._routes: dict[bytes, Route] = {}

    def __len__(self) -> int:
        return len(self._routes)

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
        return Route(parsed.message, parsed.publisher, area, parsed.community, parsed.id)
