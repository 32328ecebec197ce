"""SenML in JSON and CBOR to readings: one for each device and instant of a pack.

Only a whole name means something to the specification. Where it is cut into a device and a
property is the source's: behind the base name, which is how packs are written, at the last
separator, or nowhere. ``s`` (a sum) is the property ``{property}:sum``; units stand in the parent.
"""

import math
from collections.abc import Callable

from gigacity_contract.decoding import MAX_PAYLOAD_BYTES, RejectionReason
from gigacity_ingest.formats.definition import Dialect, Format, check_keys, choice
from gigacity_ingest.formats.gathering import Gathering
from gigacity_ingest.formats.properties import REPEATED
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.senml.packs import read_pack
from gigacity_ingest.formats.senml.plain_packs import PlainPacks
from gigacity_ingest.formats.senml.records import (
    BaseFields,
    RecordError,
    ResolvedRecord,
    is_name,
    is_relative,
)
from gigacity_ingest.formats.times import TimeRule

UNNAMED = "value"
"""The property of a record whose whole name is the device's."""
DEVICES = ("base_name", "before_last_separator", "name")
_SEPARATORS = ":/."
_LONGEST_AGO = 10 * 366 * 86_400
"""Seconds; what is older by its own words was stamped by a clock that ran from nowhere."""


class SenMLDecoder:
    """Reads packs.

    Args:
        times: what counts as a usable instant.
        device: of ``DEVICES``, which part of a name is the device.
    """

    def __init__(self, times: TimeRule, device: str) -> None:
        self._times = times
        self._device = device
        self._plain = PlainPacks(self._plain_cut)

    def decode(self, message: ForeignMessage) -> Decoded:
        """The readings of one pack.

        Raises:
            PayloadError: no pack, a wrong base field, or a version that is not understood.
        """
        if len(message.payload) <= MAX_PAYLOAD_BYTES:
            plain = self._plain.read(message.payload, lambda at: self._instant(at, message))
            if plain is not None:
                return plain
        gathering = Gathering()
        grouped = _GroupedRecords(gathering, lambda seconds: self._instant(seconds, message))
        bases = BaseFields()
        for index, record in enumerate(read_pack(message.payload)):
            bases.take(record, index)
            try:
                resolved = bases.resolve(record)
            except RecordError as error:
                gathering.fault(RejectionReason.BAD_ENTRY, f"[{index}].{error}", b"")
                continue
            if resolved is not None:
                device, name = self._cut(resolved.base_name, resolved.name)
                grouped.put(device, name, resolved)
        grouped.finish()
        return gathering.finish()

    def _plain_cut(self, base_name: str, name: str) -> tuple[str, str] | None:
        return self._cut(base_name, name) if is_name(base_name + name) else None

    def _cut(self, base_name: str, name: str) -> tuple[str, str]:
        """Device and property."""
        if self._device == "base_name":
            return base_name.rstrip(_SEPARATORS), name or UNNAMED
        whole = base_name + name
        if self._device == "name":
            return whole, UNNAMED
        at = max(whole.rfind(":"), whole.rfind("/"))
        return whole[: max(at, 0)], whole[at + 1 :] or UNNAMED

    def _instant(self, seconds: float, message: ForeignMessage) -> int | None:
        """Epoch ms; None where no time is stated, or one that counts from an unknown now."""
        if not is_relative(seconds):
            return self._times.instant_ms(seconds)
        if seconds == 0 or message.is_retained or seconds < -_LONGEST_AGO:
            return None
        return message.now_ms + math.floor(seconds * 1000 + 0.5)


_Group = tuple[dict[str, object], dict[str, str]]


class _GroupedRecords:
    """Values and units by device and instant, in the order of their first record."""

    def __init__(self, gathering: Gathering, instant: Callable[[float], int | None]) -> None:
        self._gathering = gathering
        self._instant = instant
        self._groups: dict[tuple[str, int | None], _Group] = {}
        self._last: tuple[str, float] | None = None
        self._last_group: _Group = ({}, {})

    def _group(self, device: str, seconds: float) -> _Group:
        """Records of one device and time mostly stand together."""
        if self._last != (device, seconds):
            self._last = device, seconds
            key = device, self._instant(seconds)
            self._last_group = self._groups.setdefault(key, ({}, {}))
        return self._last_group

    def put(self, device: str, name: str, record: ResolvedRecord) -> None:
        if record.value.__class__ is bytes:
            self._gathering.ignore("data")
            return
        values, units = self._group(device, record.seconds)
        if record.value is not None:
            if name in values:
                self._gathering.ignore(REPEATED)
            values[name] = record.value
        if record.sum is not None:
            values[f"{name}:sum"] = record.sum
        if record.unit:
            units[name] = record.unit

    def finish(self) -> None:
        for (device, instant), (values, units) in self._groups.items():
            parents = ({"units": units},) if units else ()
            self._gathering.add({"device": device}, values, instant, "", parents)


def _make(dialect: Dialect, times: TimeRule) -> SenMLDecoder:
    check_keys(dialect, ("device",))
    return SenMLDecoder(times, choice(dialect, "device", DEVICES, "base_name"))


FORMAT = Format(
    "senml",
    _make,
    "SenML (RFC 8428) in JSON and CBOR",
    "SenML（RFC 8428），JSON 与 CBOR",
)
