"""A watch over one publisher: messages in, a report out."""

from gigacity_city.model import Cadence
from gigacity_contract.topics import MessageKind, Topic, parse_topic, topic_of
from gigacity_ingest.conformance.judging import JudgedWatch
from gigacity_ingest.conformance.observed import Observer
from gigacity_ingest.conformance.report import ConformanceReport
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.decode.imaginary import imaginary_registry
from gigacity_ingest.traffic.arrivals import Arrival


class ConformanceWatch:
    """Judges one publisher by what it sends.

    Args:
        identity: of the publisher, such as ``371602/olt/olt-1``.
        from_ms: when the watch began.
        registry: of the city; None: nothing is known to be registered or not.
        cadence: the city's expected intervals.

    Raises:
        TopicError: the identity is outside the grammar.
    """

    def __init__(
        self,
        identity: str,
        from_ms: int,
        registry: FieldRegistry | None = None,
        cadence: Cadence | None = None,
    ) -> None:
        self._topic = parse_topic(topic_of(identity, MessageKind.STATUS))
        self._from_ms = from_ms
        self._cadence = cadence or Cadence()
        self._is_registered = None if registry is None else _has(registry, self._topic)
        decoder = Decoder(registry or imaginary_registry([self._topic.area]))
        self._observer = Observer(identity, decoder)

    def take(self, arrival: Arrival) -> None:
        """Look at one message."""
        self._observer.take(arrival)

    def report(self, now_ms: int, losses: int = 0) -> ConformanceReport:
        """What was found until now.

        Args:
            now_ms: when the watch ended.
            losses: connections that the watch itself lost.
        """
        missing, reordered = self._observer.sequences
        seen = self._observer.seen
        judged = JudgedWatch(
            seen, self._from_ms, now_ms, self._cadence, missing, reordered, losses,
            self._is_registered,
        )  # fmt: skip
        return ConformanceReport(
            seen.identity, self._from_ms, now_ms, seen.messages, judged.findings()
        )


def _has(registry: FieldRegistry, topic: Topic) -> bool:
    area = registry.area_of_code.get(topic.area)
    if topic.publisher == "olt":
        return registry.has_olt(area or "", topic.id)
    if topic.publisher == "gateway":
        return registry.gateways.get(topic.id) == area
    community = registry.community_by_code.get(topic.community)
    is_here = community is not None and community.area == area
    return is_here and registry.devices.range_of(topic.community, topic.id) is not None
