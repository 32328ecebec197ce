"""One MQTT message in, lines and dead letters out.

Whatever arrives, decoding ends: an unusable message becomes a dead letter, and so does one that
trips a fault of our own, since a message that stopped the worker would stop it again after every
redelivery.
"""

from typing import Any, Protocol

import msgspec

from gigacity_city.model import City
from gigacity_contract.decoding import (
    Extent,
    PayloadError,
    RejectionReason,
    decode_bundle,
    decode_device,
    decode_pon,
    decode_status,
)
from gigacity_contract.errors import EncodeError
from gigacity_contract.identifiers import is_community, is_id
from gigacity_contract.kinds import Values
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.measurements import PRESENCE, RAW
from gigacity_contract.topics import PREFIX, MessageKind
from gigacity_ingest.decode.admission import Admission
from gigacity_ingest.decode.carried import CarriedGroup
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from gigacity_ingest.decode.point_spans import Series
from gigacity_ingest.decode.points import TOO_MANY, add_admitted_ports, add_device, add_ports
from gigacity_ingest.decode.presence import (
    CLOCK_TOLERANCE_MS,
    check_session,
    has_plausible_end,
    presence_fields,
)
from gigacity_ingest.decode.routes import Carried, Route, Routes
from gigacity_ingest.decode.safety import flag_index
from gigacity_ingest.decode.sequences import UNKNOWN, SequenceTracker
from gigacity_ingest.encode.device_lines import (
    HIDES_SENTINELS,
    MEASUREMENT_OF_VALUES,
    SHAPES_OF_VALUES,
    device_prefix,
)
from gigacity_ingest.encode.port_lines import TooManyPortsError

RETENTION_MS = RAW.duration_s * 1000
"""Age at which a point would leave the database again at once."""


_NATIVE = f"{PREFIX}/".encode()


class ForeignMessages(Protocol):
    """Takes messages whose topics are not of the native grammar."""

    def take(self, message: ReceivedMessage, out: Outcome) -> None:
        """Add what one message holds.

        Raises:
            PayloadError: nothing of it is usable.
        """
        ...  # pragma: no cover


def _registry_of(city: City | FieldRegistry) -> FieldRegistry:
    return city if isinstance(city, FieldRegistry) else FieldRegistry.of(city)


def check_time(ts: int, now_ms: int) -> None:
    """Refuse a ``ts`` that no working clock can have given.

    Raises:
        PayloadError: more than 5 min ahead, or older than the raw retention.
    """
    if not now_ms - RETENTION_MS <= ts <= now_ms + CLOCK_TOLERANCE_MS:
        text = f"ts: {ts} is more than 5 min ahead, or older than {RAW.duration_s // 86_400} days"
        raise PayloadError(RejectionReason.IMPLAUSIBLE_TIMESTAMP, text)


class Decoder:
    """Decodes messages of one city, whose version may change between two messages."""

    def __init__(
        self, city: City | FieldRegistry, sequences: SequenceTracker | None = None
    ) -> None:
        self._registry = _registry_of(city)
        self.admission = Admission(self._registry)
        """Of what nobody registered; a worker keeps it over restarts."""
        self.routes = Routes(self._registry, self.admission.admits_port)
        self._series: dict[Series, Series] = {}
        """Each one once, however many devices belong to it."""
        self.sequences = sequences or SequenceTracker()
        self.foreign: ForeignMessages | None = None
        """None: a foreign topic is a bad one."""
        self.internal_errors = 0
        """Messages that tripped a fault of our own and became dead letters."""
        self._handlers = {
            MessageKind.PON: self._pon,
            MessageKind.TELEMETRY: self._telemetry,
            MessageKind.BUNDLE: self._bundle,
            MessageKind.STATUS: self._status,
        }

    @property
    def registry(self) -> FieldRegistry:
        """Of the city in force."""
        return self._registry

    def decode(self, message: ReceivedMessage, out: Outcome) -> None:
        """Add what one message holds to ``out``; never raises for what a message contains."""
        try:
            if self.foreign is not None and not message.topic.startswith(_NATIVE):
                self.foreign.take(message, out)
                return
            route = self.routes.find(message.topic)
            self._handlers[route.message](route, message, out)
        except PayloadError as error:
            out.refuse(message, error.reason, error.error)
        except Exception as error:  # noqa: BLE001 - see the module's docstring.
            self.internal_errors += 1
            text = f"fault of the worker: {type(error).__name__}: {error}"
            out.refuse(message, RejectionReason.BAD_ENVELOPE, text)

    def follow(self, city: City | FieldRegistry) -> None:
        """Decode by another version of the city from now on; sequences go on as they were."""
        self._registry = _registry_of(city)
        self.admission.follow(self._registry)
        self.routes.follow(self._registry)

    def _pon(self, route: Route, message: ReceivedMessage, out: Outcome) -> None:
        report, notes = decode_pon(message.payload)
        ts = report.ts
        check_time(ts, message.now_ms)
        ports = report.ports
        if ports:
            try:
                add_ports(route, ports, ts, out)
            except TooManyPortsError:
                add_admitted_ports(route, report.ports, message, ts, out)
        if report.seq is not None:
            self._observe(route, message.topic, report.seq)
        if notes is not None:
            out.note(notes, message, ts)

    def _telemetry(self, route: Route, message: ReceivedMessage, out: Outcome) -> None:
        report, notes = decode_device(message.payload)
        check_time(report.ts, message.now_ms)
        if report.seq is not None:
            self._observe(route, message.topic, report.seq)
        values = report.values.__class__
        device = route.own
        if device is None or device.values is not values:
            device = self.learn_own(route, values)
        has_values = add_device(device.prefix, device.series, report.values, report.ts, out)
        if not has_values and notes is not None:
            # The whole message becomes one dead letter below, and not a second, partial one.
            notes.rejections.clear()
        if notes is not None:
            out.note(notes, message)
        if not has_values:
            raise PayloadError(RejectionReason.NO_VALUES, "values: none is usable")

    def _observe(self, route: Route, topic: bytes, seq: int) -> None:
        last = route.last_seq
        if seq == last + 1:
            route.last_seq = seq
        else:
            route.last_seq = self.sequences.observe(topic.decode(), last, seq)

    def _bundle(self, route: Route, message: ReceivedMessage, out: Outcome) -> None:
        bundle, notes = decode_bundle(message.payload)
        seen: set[tuple[str, str, int]] = set()
        before = len(out.instants)
        for entry in bundle.reports:
            try:
                self._entry(route, entry, seen, out, message.now_ms)
            except PayloadError as error:
                text = f"{entry.community}/{entry.device}: {error.error}"
                raw = msgspec.json.encode(entry)
                out.refuse(message, error.reason, text, extent=Extent.ENTRY, raw=raw)
        if own := out.instants[before:]:
            # How long its gateway collected the others is not the way of the message. One device
            # whose clock is fast must not make all of them seem to be stored at once.
            out.instants[before:] = [min(max(own), message.now_ms)] * len(own)
        if bundle.seq is not None:
            self._observe(route, message.topic, bundle.seq)
        if notes is not None:
            out.note(notes, message)

    def _entry(
        self, route: Route, entry: Any, seen: set[tuple[str, str, int]], out: Outcome, now_ms: int
    ) -> None:
        """Take one report of a bundle.

        Raises:
            PayloadError: it is another's device, implausible in time, a duplicate or empty.
        """
        ts, values, device = entry.ts, entry.values, entry.device
        group = route.carried.groups.get((entry.community, values.__class__))
        prefix = None if group is None else group.prefixes.get(device)
        if group is None or prefix is None:
            group, prefix = self._carry(route, entry.community, device, values.__class__)
        check_time(ts, now_ms)
        key = (entry.community, device, ts)
        if key in seen:
            raise PayloadError(
                RejectionReason.DUPLICATE_ENTRY, f"ts: {ts} stands in this bundle twice"
            )
        seen.add(key)
        if not add_device(prefix, group.series, values, ts, out):
            raise PayloadError(RejectionReason.NO_VALUES, "values: none is usable")
        seq = entry.seq
        if seq is not None:
            name, last = f"{entry.community}/{device}", group.last_seqs.get(device, UNKNOWN)
            group.last_seqs[device] = self.sequences.observe(name, last, seq)

    def _carry(
        self, route: Route, community: str, device: str, values: type[Values]
    ) -> tuple[CarriedGroup, str]:
        """Remember a device of a gateway.

        Raises:
            PayloadError: the gateway must not report it.
        """
        refusal = self._refusal(route, community, device)
        if refusal:
            raise PayloadError(RejectionReason.NOT_YOURS, refusal)
        if not (is_community(community) and is_id(device)):
            raise EncodeError(f"{community}/{device} is outside the grammar")
        if not self.admission.admits_device(
            route.area, community, device, values=values, gateway=route.id
        ):
            raise PayloadError(RejectionReason.TOO_MANY_UNREGISTERED, TOO_MANY)
        prefix = device_prefix(values, route.area, community, device)
        series = self._series_of(values, route.area)
        return self.routes.carry(route, (community, values), series, device, prefix), prefix

    def learn_own(self, route: Route, values: type[Values]) -> Carried:
        """Remember of which kind the device is whose topic this is.

        Raises:
            PayloadError: it is not registered, and there are too many such.
        """
        if not self.admission.admits_device(route.area, route.community, route.id, values=values):
            raise PayloadError(RejectionReason.TOO_MANY_UNREGISTERED, f"{route.id}: {TOO_MANY}")
        route.own = Carried(
            values,
            device_prefix(values, route.area, route.community, route.id),
            self._series_of(values, route.area),
            SHAPES_OF_VALUES[values].full,
            values in HIDES_SENTINELS,
            flag_index(values),
        )
        return route.own

    def admits_session(self, route: Route) -> bool:
        """Whether the sessions of a topic's publisher may have a series."""
        return self.admission.admits_session(route.publisher, route.area, route.community, route.id)

    def _series_of(self, values: type[Values], area: str) -> Series:
        series = (MEASUREMENT_OF_VALUES[values], area)
        return self._series.setdefault(series, series)

    def _refusal(self, route: Route, community: str, device: str) -> str:
        """Why a gateway must not report this device; empty if it may.

        A device that nobody registered is stored: it never counts, and the quality of the figures
        shows it.
        """
        owner = self._registry.devices.gateway_of(community, device)
        if owner is not None and owner != route.id:
            carrier = f"gateway {owner}" if owner else "the device itself"
            return f"device: {community}/{device} is registered to {carrier}"
        known = self._registry.community_by_code.get(community)
        if known is not None and known.area != route.area:
            return f"community: {community} lies in area {known.area}, not in the gateway's"
        return ""

    def _status(self, route: Route, message: ReceivedMessage, out: Outcome) -> None:
        if not message.payload:
            # This is how MQTT clears a retained message. What the session was stays stored.
            out.cleared_statuses += 1
            return
        now_ms = message.now_ms
        status, notes = decode_status(message.payload)
        check_session(status, now_ms)
        name, kind = route.id, route.publisher
        if not self.admits_session(route):
            raise PayloadError(RejectionReason.TOO_MANY_UNREGISTERED, f"{name}: {TOO_MANY}")
        if notes is not None:
            out.note(notes, message)
        if not has_plausible_end(status, now_ms):
            text = f"ts: {status.ts} is before the session or more than 5 min ahead"
            out.refuse(message, RejectionReason.BAD_FIELD, text, extent=Extent.PARTIAL)
            out.absent_fields += 1
        fields, instant_ms = presence_fields(status, is_copy=message.is_copy, now_ms=now_ms)
        tags = {
            "area": route.area,
            "community": route.community,
            "id": name,
            "object": kind.value,
        }
        out.forever.append(encode_point(PRESENCE, tags, fields, status.session))
        if not message.is_copy:
            # A copy tells nothing new about the past, and its session may be months old.
            out.note_time((PRESENCE.name, route.area), instant_ms, 1)
