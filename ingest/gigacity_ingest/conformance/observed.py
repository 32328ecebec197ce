"""What was seen of one publisher so far: counts and times, bounded however much comes."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from gigacity_contract.decoding import (
    DecodingNotes,
    PayloadError,
    RejectionReason,
    decode_bundle,
    decode_device,
    decode_pon,
    decode_status,
)
from gigacity_contract.errors import TopicError
from gigacity_contract.kinds import KIND_OF_VALUES
from gigacity_contract.topics import MessageKind, parse_topic
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from gigacity_ingest.traffic.arrivals import Arrival

PORTS = "pon"
"""In the place of a device kind: the ports of an OLT."""
_MAX_OBJECTS = 12_000
_MAX_INTERVALS = 64
_MAX_STATUSES = 500
_MAX_NAMES = 5
_EMPTY_STATUS = b""


class SeenStatus(NamedTuple):
    """A birth or an end."""

    at_ms: int
    session: int
    is_online: bool
    is_orderly: bool
    is_retained: bool
    is_copy: bool


@dataclass(slots=True)
class SeenObject:
    """The reports of one port set or device."""

    kind: str
    first_at_ms: int
    last_at_ms: int
    longest_silence_ms: int = 0
    """Between two arrivals."""
    last_ts: int = 0
    content: int = 0
    """Hash of the reading at ``last_ts``."""
    intervals_ms: list[int] = field(default_factory=list)
    """Between the instants of the first readings."""


@dataclass(slots=True)
class SeenRefusals:
    """What the worker's decoder refuses for one reason."""

    count: int = 0
    error: str = ""
    """The first one."""


@dataclass(slots=True)
class Observed:
    """Everything that judging needs."""

    identity: str
    messages: int = 0
    reports: int = 0
    """Messages with readings that came while it was watched."""
    without_seq: int = 0
    qos_0: int = 0
    retained_reports: int = 0
    outside: dict[str, int] = field(default_factory=dict)
    """Messages on topics outside the grammar, the first of them by topic."""
    statuses: list[SeenStatus] = field(default_factory=list)
    refusals: dict[RejectionReason, SeenRefusals] = field(default_factory=dict)
    unknown_fields: Counter[str] = field(default_factory=Counter)
    absent_fields: Counter[str] = field(default_factory=Counter)
    least_lag_ms: int | None = None
    """From the newest reading of a message to its arrival."""
    objects: dict[str, SeenObject] = field(default_factory=dict)
    objects_beyond: int = 0
    twice: dict[str, int] = field(default_factory=dict)
    """Objects that gave two readings one ``ts``, and such an instant."""
    last_report_ms: int = 0


class Observer:
    """Looks at each message as the worker would, and keeps what judging needs.

    Args:
        identity: of the publisher.
        decoder: the worker's own.
    """

    def __init__(self, identity: str, decoder: Decoder) -> None:
        self.seen = Observed(identity)
        self._decoder = decoder

    @property
    def sequences(self) -> tuple[int, int]:
        """Missing messages, and those that came after a later one."""
        return self._decoder.sequences.gaps, self._decoder.sequences.reordered

    def take(self, arrival: Arrival) -> None:
        """Look at one message."""
        seen = self.seen
        try:
            topic = parse_topic(arrival.topic)
        except TopicError:
            seen.messages += not arrival.is_copy
            if arrival.topic in seen.outside or len(seen.outside) < _MAX_NAMES:
                seen.outside[arrival.topic] = seen.outside.get(arrival.topic, 0) + 1
            return
        is_status = topic.message is MessageKind.STATUS
        if not is_status and (arrival.is_copy or arrival.is_retained):
            seen.retained_reports += 1
        if arrival.is_copy and not is_status:
            return
        seen.messages += not arrival.is_copy
        seen.qos_0 += arrival.qos == 0
        self._decode(arrival)
        try:
            if is_status:
                self._status(arrival)
            else:
                self._report(topic.message, topic.id, arrival)
        except PayloadError:
            pass  # The worker's decoder has said so.

    def _decode(self, arrival: Arrival) -> None:
        out = Outcome()
        message = ReceivedMessage(
            arrival.topic.encode(), arrival.payload, arrival.is_copy, arrival.at_ms
        )
        self._decoder.decode(message, out)
        for letter in out.dead_letters:
            refusals = self.seen.refusals.setdefault(letter.reason, SeenRefusals())
            refusals.count += 1
            refusals.error = refusals.error or letter.error

    def _status(self, arrival: Arrival) -> None:
        if arrival.payload == _EMPTY_STATUS:
            return
        status, notes = decode_status(arrival.payload)
        self._note(notes)
        if len(self.seen.statuses) < _MAX_STATUSES:
            self.seen.statuses.append(
                SeenStatus(
                    arrival.at_ms,
                    status.session,
                    status.state == "online",
                    status.ts is not None,
                    arrival.is_retained,
                    arrival.is_copy,
                )
            )

    def _report(self, message: MessageKind, name: str, arrival: Arrival) -> None:
        seen = self.seen
        seen.reports += 1
        seen.last_report_ms = arrival.at_ms
        seq, notes, readings = _readings(message, name, arrival.payload)
        self._note(notes)
        seen.without_seq += seq is None
        newest = max((ts for _, _, ts, _ in readings), default=None)
        if newest is not None:
            lag_ms = arrival.at_ms - newest
            known = seen.least_lag_ms
            seen.least_lag_ms = lag_ms if known is None else min(known, lag_ms)
        for reading in readings:
            self._reading(reading, arrival.at_ms)

    def _reading(self, reading: "_Reading", at_ms: int) -> None:
        key, kind, ts, content = reading
        found = self.seen.objects.get(key)
        if found is None:
            if len(self.seen.objects) >= _MAX_OBJECTS:
                self.seen.objects_beyond += 1
                return
            self.seen.objects[key] = SeenObject(kind, at_ms, at_ms, 0, ts, content)
            return
        found.longest_silence_ms = max(found.longest_silence_ms, at_ms - found.last_at_ms)
        found.last_at_ms = at_ms
        if ts == found.last_ts:
            if content != found.content and len(self.seen.twice) < _MAX_NAMES:
                self.seen.twice[key] = ts
            return
        if len(found.intervals_ms) < _MAX_INTERVALS:
            found.intervals_ms.append(abs(ts - found.last_ts))
        found.last_ts, found.content = ts, content

    def _note(self, notes: DecodingNotes | None) -> None:
        if notes is not None:
            self.seen.unknown_fields.update(notes.unknown_fields)
            self.seen.absent_fields.update(notes.absent_fields)


_Reading = tuple[str, str, int, int]
"""Object, kind, instant, and a hash of what it says."""


def _readings(
    message: MessageKind, name: str, payload: bytes
) -> tuple[int | None, DecodingNotes | None, list[_Reading]]:
    """``seq``, notes and readings of one report.

    Raises:
        PayloadError: nothing of it is usable.
    """
    if message is MessageKind.PON:
        pon, notes = decode_pon(payload)
        # An OLT may spread its ports over several messages of one instant.
        return pon.seq, notes, [(name, PORTS, pon.ts, 0)] if pon.ports else []
    if message is MessageKind.TELEMETRY:
        device, notes = decode_device(payload)
        return device.seq, notes, [_of_device(name, device)]
    bundle, notes = decode_bundle(payload)
    entries: list[Any] = bundle.reports
    found = [_of_device(f"{entry.community}/{entry.device}", entry) for entry in entries]
    return bundle.seq, notes, found


def _of_device(name: str, report: Any) -> _Reading:
    content = hash(msgspec.json.encode(report.values))
    return name, KIND_OF_VALUES[type(report.values)], report.ts, content
