"""From one message of a foreign source to lines, presence, dead letters and answers. Pure.

The source's decoder takes the format apart and its mapper says whose each reading is. Here stands
what holds for every source: whose objects it may speak of, which instant a message without a time
has, what may be answered, and what becomes of everything that could not be used.
"""

import msgspec

from gigacity_contract.decoding import (
    MAX_PAYLOAD_BYTES,
    Extent,
    PayloadError,
    RejectionReason,
)
from gigacity_contract.topics import Publisher
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.decode.objects import ObjectEntry, report_topic
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from gigacity_ingest.decode.sequences import UNKNOWN
from gigacity_ingest.foreign.answers import AnswerRate, answer_topics, is_harmless
from gigacity_ingest.foreign.arrival_stamps import ArrivalStamps
from gigacity_ingest.foreign.faults import MessageFaults
from gigacity_ingest.foreign.intake_counts import IntakeCounts
from gigacity_ingest.formats.readings import Decoded, ForeignMessage, Reading, SessionChange
from gigacity_ingest.mapping.reports import Mapped, MappingFault, ReportTarget, TimeOrigin
from gigacity_ingest.mapping.sources import ForeignSource, SourceSet
from gigacity_ingest.mapping.topic_filters import levels_of

_MAX_ACCEPTED = 200_000
"""Objects that were found in order and are not looked up again."""


class _Visit(msgspec.Struct, gc=False):
    """What is known of one message while it is taken."""

    source: ForeignSource
    message: ReceivedMessage
    out: Outcome
    counts: IntakeCounts
    stamps: ArrivalStamps
    stamp_ms: int | None
    faults: MessageFaults | None = None
    message_id: str = ""
    is_any_stored: bool = False

    def fault(
        self, reason: RejectionReason, error: str, raw: bytes = b"", *, is_partial: bool = False
    ) -> None:
        """One more part that could not be stored; see ``MessageFaults``."""
        if self.faults is None:
            self.faults = MessageFaults()
        self.faults.add(reason, error, raw, is_partial=is_partial)

    def arrival_ms(self, message_id: str = "") -> int:
        """The instant of what states none: the same for all of the message, and for its copies."""
        if self.stamp_ms is None:
            message = self.message
            self.stamp_ms = self.stamps.stamp(
                message.topic,
                message.payload,
                message_id or self.message_id,
                is_redelivered=message.is_copy,
                now_ms=message.now_ms,
            )
        return self.stamp_ms


class ForeignIntake:
    """The way of foreign messages into a batch.

    Args:
        decoder: of native messages, through whose routes objects enter.
        registry: of the city in force.
        sources: of the mapping folder.
        stamps: what is remembered of messages without a time.
        counts: by source; added to.
    """

    def __init__(
        self,
        decoder: Decoder,
        registry: FieldRegistry,
        sources: SourceSet,
        *,
        stamps: ArrivalStamps | None = None,
        counts: dict[str, IntakeCounts] | None = None,
    ) -> None:
        self._objects = ObjectEntry(decoder)
        self._sequences = decoder.sequences
        self._last_numbers: dict[bytes, int] = {}
        """By native topic of a device, the newest number that it gave a message."""
        self._registry = registry
        self._stamps = ArrivalStamps() if stamps is None else stamps
        self.counts = {} if counts is None else counts
        self._rates: dict[str, AnswerRate] = {}
        self._accepted: dict[tuple[str, str, str, str], bytes] = {}
        """Native topics of objects that a source may speak of, by its name and their identity."""
        self._sources = SourceSet()
        self.replace(sources)

    def replace(self, sources: SourceSet) -> None:
        """Other sources are in force, all at once.

        Decoders of sources that are read as before go on with what they know.
        """
        sources.keep_decoders(self._sources)
        self._sources = sources
        self._answer_topics = {source.name: answer_topics(source) for source in sources}
        for source in sources:
            self.counts.setdefault(source.name, IntakeCounts()).follow(source.mapper.counts)
        sources.follow(self._registry)
        self._accepted.clear()

    def follow(self, registry: FieldRegistry) -> None:
        """Another version of the city is in force."""
        self._registry = registry
        self._sources.follow(registry)
        self._accepted.clear()

    def take(self, message: ReceivedMessage, out: Outcome) -> None:
        """Add what one message holds.

        Raises:
            PayloadError: no source has its topic.
        """
        try:
            topic = message.topic.decode()
        except UnicodeDecodeError as error:
            raise PayloadError(RejectionReason.BAD_TOPIC, f"topic: {error}") from error
        source = self._sources.find(topic)
        if source is None:
            text = "topic: neither the platform's own nor one of a source in the mappings"
            raise PayloadError(RejectionReason.BAD_TOPIC, text)
        counts = self.counts[source.name]
        counts.messages += 1
        visit = _Visit(source, message, out, counts, self._stamps, message.stamp_ms)
        try:
            # What counts from now counts from when it came, also in a replay.
            came_ms = message.now_ms if message.stamp_ms is None else message.stamp_ms
            foreign = ForeignMessage(topic, message.payload, message.is_retained, came_ms)
            if len(message.payload) > MAX_PAYLOAD_BYTES:
                text = f"{len(message.payload)} bytes, limit {MAX_PAYLOAD_BYTES}"
                raise PayloadError(RejectionReason.TOO_LARGE, text)
            decoded = source.decoder.decode(foreign)
            if decoded.readings:
                self._take_readings(visit, decoded.readings, foreign)
            for change in decoded.sessions:
                self._take_session(visit, change, topic)
            if decoded.faults or decoded.ignored or decoded.answers:
                self._take_rest(visit, decoded)
        except PayloadError as error:
            visit.fault(error.reason, error.error)
        if visit.faults is not None:
            counts.faults += 1
            visit.faults.refuse(
                message,
                out,
                sender=sender_of(source, topic),
                stamp_ms=visit.stamp_ms,
                is_any_stored=visit.is_any_stored,
            )

    def _take_readings(
        self, visit: _Visit, readings: list[Reading], message: ForeignMessage
    ) -> None:
        out, now_ms = visit.out, visit.message.now_ms
        visit.counts.readings += len(readings)
        visit.message_id = readings[0].message_id
        before = len(out.instants)
        for mapped in visit.source.mapper.map(readings, message):
            self._take_mapped(visit, mapped)
        own = out.instants[before:]
        if len(own) > 1 or (own and own[0] > now_ms):
            # As for a bundle: how long the others were collected is not the way of the message.
            out.instants[before:] = [min(max(own), now_ms)] * len(own)

    def _take_mapped(self, visit: _Visit, mapped: Mapped) -> None:
        for fault in mapped.faults:
            is_partial = fault.extent is Extent.PARTIAL
            visit.fault(fault.reason, fault.error, is_partial=is_partial)
        target = mapped.target
        if target is None or (mapped.values is None and not mapped.ports):
            return
        now_ms, out = visit.message.now_ms, visit.out
        try:
            topic = self._topic_of(visit.source, target)
            ts, is_stamped = mapped.time_ms, mapped.time_origin is TimeOrigin.ARRIVAL
            if is_stamped:
                ts = visit.arrival_ms(mapped.message_id)
                visit.counts.stamped += 1
            if mapped.values is not None:
                self._objects.add_device(
                    topic, mapped.values, ts, now_ms=now_ms, out=out, is_stamped=is_stamped
                )
            else:
                self._objects.add_ports(
                    topic, mapped.ports, ts, now_ms=now_ms, out=out, is_stamped=is_stamped
                )
        except PayloadError as error:
            visit.fault(error.reason, f"{_name_of(target)}: {error.error}")
        else:
            visit.is_any_stored = True
            visit.counts.points += len(mapped.ports) or 1
            if mapped.sequence is not None:
                self._observe(topic, mapped.sequence)

    def _observe(self, topic: bytes, number: int) -> None:
        """Note a device's own number of its message, as ``seq`` of the native format."""
        last = self._last_numbers.get(topic, UNKNOWN)
        if len(self._last_numbers) >= _MAX_ACCEPTED:
            self._last_numbers.clear()
        self._last_numbers[topic] = self._sequences.observe(topic.decode(), last, number)

    def _take_session(self, visit: _Visit, change: SessionChange, topic: str) -> None:
        target = visit.source.mapper.whose(change.names, topic)
        if target is None:
            return
        if isinstance(target, MappingFault):
            visit.fault(target.reason, target.error)
            return
        at_ms = change.time_ms if change.time_ms is not None else visit.arrival_ms()
        try:
            self._topic_of(visit.source, target)
            self._objects.add_session(
                target.publisher,
                (target.area, target.community, target.id),
                is_online=change.is_online,
                at_ms=at_ms,
                is_copy=change.time_ms is None and visit.message.is_copy,
                reason=change.reason,
                now_ms=visit.message.now_ms,
                out=visit.out,
            )
        except PayloadError as error:
            visit.fault(error.reason, f"{_name_of(target)}: {error.error}")
        else:
            visit.is_any_stored = True
            visit.counts.sessions += 1

    def _take_rest(self, visit: _Visit, decoded: Decoded) -> None:
        counts, source, now_ms = visit.counts, visit.source, visit.message.now_ms
        for fault in decoded.faults:
            visit.fault(fault.reason, fault.error, fault.raw)
        if decoded.ignored:
            counts.ignore(decoded.ignored.items())
        if not (decoded.answers and source.answers) or visit.message.is_retained:
            return
        rate = self._rates.setdefault(source.name, AnswerRate())
        topics = self._answer_topics[source.name]
        for answer in decoded.answers:
            if is_harmless(answer, topics) and rate.takes(now_ms):
                visit.out.answers.append(answer)
                counts.answers += 1
            else:
                counts.answers_withheld += 1

    def _topic_of(self, source: ForeignSource, target: ReportTarget) -> bytes:
        """The native topic of an object's reports.

        Raises:
            PayloadError: this source may not speak of it: it is not registered, or not in an area
                of the source's owner.
        """
        _, area, community, name = target
        key = (source.name, area, community, name)
        topic = self._accepted.get(key)
        if topic is not None:
            return topic
        areas = source.owner.areas
        if areas and target.area not in areas:
            text = f"lies in area {target.area}; {source.name} has {', '.join(areas)}"
            raise PayloadError(RejectionReason.NOT_YOURS, text)
        if not self._is_registered(target):
            text = (
                f"is not in the city file as {target.publisher} of area {target.area}; register it"
            )
            raise PayloadError(RejectionReason.UNKNOWN_IDENTITY, text)
        if len(self._accepted) >= _MAX_ACCEPTED:
            self._accepted.clear()
        identity = (target.area, target.community, target.id)
        topic = self._accepted[key] = report_topic(target.publisher, identity)
        return topic

    def _is_registered(self, target: ReportTarget) -> bool:
        city = self._registry
        if target.publisher is Publisher.OLT:
            return city.has_olt(target.area, target.id)
        return city.devices.find(target.community, target.id) is not None


def sender_of(source: ForeignSource, topic: str) -> str:
    """Who sent a message, so far as its topic tells: the source, and the levels that are a user's.

    Only these are checked by the broker. What else a wildcard stands for, one user could invent
    without end, and take the shares of dead letters that are others'.
    """
    names = source.publishers.levels
    if not names:
        return source.name
    levels = levels_of(topic)
    met = next((f for f in source.topics if f.matches(levels)), None)
    own = [] if met is None else [levels[place] for place, name in met.names if name in names]
    return "/".join([source.name, *own])


def _name_of(target: ReportTarget) -> str:
    return f"{target.community}/{target.id}" if target.community else target.id
