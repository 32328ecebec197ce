"""Runs of MQTT packets to lines: the usual messages without a call for each.

It takes what the general decoder would find nothing to say about: a known topic, a payload that the
fast structs accept, a plausible time. Everything else goes to the general decoder, message by
message, which is also what this path must always agree with.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import msgspec
from msgspec.structs import astuple

from gigacity_contract.decoding import MAX_PAYLOAD_BYTES, are_usual, may_hold_sentinel
from gigacity_contract.device_messages import AnyDeviceMessage, BundleOfKnown
from gigacity_contract.lateness import LATE_AFTER_MS
from gigacity_contract.measurements import PON_PORT
from gigacity_contract.payloads import PonMessage
from gigacity_contract.topics import MessageKind
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.instants import CLOCK_TOLERANCE_MS, RETENTION_MS
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from gigacity_ingest.decode.routes import Route
from gigacity_ingest.decode.sequences import UNKNOWN
from gigacity_ingest.encode.device_lines import SHAPES_OF_VALUES
from gigacity_ingest.fast_path.hot_bundles import BundlePoints
from gigacity_ingest.fast_path.publish_packets import Packet

_PON, _TELEMETRY, _BUNDLE = MessageKind.PON, MessageKind.TELEMETRY, MessageKind.BUNDLE
_RETAIN, _RETAIN_OR_DUP = 1, 9
_FOLDED_AT_ONCE = 192
"""Points that become text together: fewer cost calls, more leave the processor's cache."""


class HotPath:
    """Decodes runs of packets, with the general decoder behind it."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        self._routes = decoder.routes.known
        self._decode_pon = msgspec.json.Decoder(PonMessage).decode
        self._decode_device = msgspec.json.Decoder(AnyDeviceMessage).decode
        self._decode_bundle = msgspec.json.Decoder(BundleOfKnown).decode

    def decode(  # noqa: C901, PLR0912 - one loop without calls: it meets every message of a device.
        self,
        packets: list[Packet],
        start: int,
        stop: int,
        out: Outcome,
        *,
        now_ms: int,
        points: int,
    ) -> int:
        """Decode packets from ``start`` up to ``stop``, or until ``out`` holds so many points.

        Returns:
            The index of the first packet that was not taken.
        """
        decode_device, find, general = self._decode_device, self._routes.get, self._decoder.decode
        made, series, times, at = out.lines.points, out.series, out.times, start
        low_ms, high_ms = now_ms - RETENTION_MS, now_ms + CLOCK_TOLERANCE_MS
        out.fresh_since_ms = max(out.fresh_since_ms, now_ms - LATE_AFTER_MS // 2)
        if len(made) >= _FOLDED_AT_ONCE:
            out.lines.fold()
        points -= out.lines.folded
        for _mid, topic, payload, flags, _end in islice(packets, start, stop):
            at, is_done = at + 1, False
            try:
                route = find(topic) or self._decoder.routes.find(topic)
                own = route.own
                if len(payload) > MAX_PAYLOAD_BYTES:
                    pass  # The general decoder says so.
                elif own is not None or route.message is _TELEMETRY:
                    report = decode_device(payload)
                    ts, values, seq = report.ts, report.values, report.seq
                    if own is None or values.__class__ is not own.values:
                        own = self._decoder.new_devices.learn_own(route, values.__class__)
                    is_done = low_ms <= ts <= high_ms and not (
                        own.hides_sentinels and may_hold_sentinel(payload)
                    )
                    if is_done:
                        row: Sequence[Any] = astuple(values)
                        shape = own.shape
                        picked = shape.pick(row) if shape.absent else row
                        if row.count(None) != shape.absent or (shape.absent and None in picked):
                            shape = own.shape = SHAPES_OF_VALUES[own.values].shape_of(row)
                            picked = shape.pick(row)
                        is_done = len(picked) > 0
                    if is_done and seq is not None:
                        self._observe(route, topic, seq)
                    if is_done:
                        if own.flag >= 0 and row[own.flag]:
                            out.safety_calls.append((own.prefix, ts))
                        made.append(shape.make(own.prefix, *picked, ts))
                        series.append(own.series)
                        times.append(ts)
                elif route.message is _PON:
                    is_done = self._take_ports(route, topic, payload, out, low_ms, high_ms)
                elif route.message is _BUNDLE:
                    is_done = self._take_bundle(route, topic, payload, out, now_ms)
            except Exception:  # noqa: BLE001 - the general decoder says what is wrong, ours or not.
                is_done = False
            if not is_done:
                is_copy, is_retained = flags & _RETAIN_OR_DUP != 0, flags & _RETAIN != 0
                general(ReceivedMessage(topic, payload, is_copy, now_ms, is_retained), out)
            if len(made) >= points:
                break
        return at

    def _take_ports(  # noqa: PLR0917 - the hot path; names would cost on every message.
        self, route: Route, topic: bytes, payload: bytes, out: Outcome, low_ms: int, high_ms: int
    ) -> bool:
        """Take one report of ports; False, and nothing taken, if it is not a usual one."""
        report = self._decode_pon(payload)
        ts, ports, known = report.ts, report.ports, route.ports
        if known is None or not low_ms <= ts <= high_ms or may_hold_sentinel(payload):
            return False
        if not known.add_known(ports, ts, out.lines):
            if not are_usual(ports, payload):
                return False
            known.add(ports, ts, out.lines)
        if ports:  # A report of none has no point, and its time widens no span.
            out.note_time((PON_PORT.name, route.area), ts, len(ports))
        if report.seq is not None:
            self._observe(route, topic, report.seq)
        return True

    def _take_bundle(
        self, route: Route, topic: bytes, payload: bytes, out: Outcome, now_ms: int
    ) -> bool:
        """Take one bundle; False, and nothing taken, if it is not a usual one."""
        bundle = self._decode_bundle(payload)
        if may_hold_sentinel(payload):
            return False
        points, low_ms = BundlePoints(), now_ms - RETENTION_MS
        is_usual = points.collect(bundle.reports, route.carried.groups)
        if not is_usual or not points.are_within(low_ms, now_ms + CLOCK_TOLERANCE_MS):
            return False
        points.add_to(out, now_ms, self._decoder.sequences)
        if bundle.seq is not None:
            self._observe(route, topic, bundle.seq)
        return True

    def _observe(self, route: Route, topic: bytes, seq: int) -> None:
        last = route.last_seq
        if seq == last + 1 or last == UNKNOWN:
            route.last_seq = seq
        else:
            route.last_seq = self._decoder.sequences.observe(topic.decode(), last, seq)
