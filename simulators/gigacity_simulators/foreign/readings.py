"""What a simulated object says, before any format."""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from gigacity_contract.local_time import UTC_OFFSET_MS

PORT_KIND = "pon_port"
json_bytes = msgspec.json.Encoder().encode


class FieldReading(NamedTuple):
    """One report of one device, or of one port of an OLT."""

    home: str
    """Code of the community, or id of the OLT."""
    object: str
    """Id of the device; ``slot/port`` of a port."""
    kind: str
    at_ms: int
    values: Mapping[str, Any]
    number: int
    """Of the reports that it has made, from 1."""

    @property
    def name(self) -> str:
        """In the whole city."""
        return device_name(self.home, self.object)


class WireMessage(NamedTuple):
    """What is published."""

    topic: str
    payload: bytes
    retain: bool = False


def device_name(community: str, device: str) -> str:
    """One level of a topic that names a device in the whole city."""
    return f"{community}-{device}"


def device_eui(name: str) -> str:
    """Sixteen hexadecimal digits of its own, as LoRaWAN has them."""
    return blake2b(name.encode(), digest_size=8).hexdigest()


def utc_text(at_ms: int) -> str:
    """``2026-11-30T12:00:00.123Z``."""
    return _at(at_ms).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03}Z"


def local_text(at_ms: int, form: str) -> str:
    """In China's local time, by ``strftime``."""
    return _at(at_ms + UTC_OFFSET_MS).strftime(form)


def _at(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms // 1000, UTC)
