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
)
from gigacity_contract.topics import PREFIX, MessageKind
from gigacity_ingest.decode.admission import Admission
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.decode.instants import check_time
from gigacity_ingest.decode.new_devices import NewDevices
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from gigacity_ingest.decode.points import add_admitted_ports, add_device, add_ports
from gigacity_ingest.decode.routes import Route, Routes
from gigacity_ingest.decode.sequences import UNKNOWN, SequenceTracker
from gigacity_ingest.decode.sessions import take_status
from gigacity_ingest.encode.port_lines import TooManyPortsError

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


class Decoder:
    """Decodes messages of one city, whose version may change between two messages."""

    def __init__(
        self, city: City | FieldRegistry, sequences: SequenceTracker | None = None
    ) -> None:
        self._registry = _registry_of(city)
        self.admission = Admission(self._registry)
        """Of what nobody registered; a worker keeps it over restarts."""
        self.routes = Routes(self._registry, self.admission.admits_port)
        self.new_devices = NewDevices(self._registry, self.admission, self.routes)
        """For those of which the routes know nothing yet."""
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
        self.new_devices.follow(self._registry)

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
            device = self.new_devices.learn_own(route, values)
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
            group, prefix = self.new_devices.learn_carried(
                route, entry.community, device, values.__class__
            )
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

    def _status(self, route: Route, message: ReceivedMessage, out: Outcome) -> None:
        take_status(route, message, self.admission, out)
