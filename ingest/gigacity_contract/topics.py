"""The topic grammar: build a topic, or parse one.

::

    gigacity/v1/{area}/olt/{olt}/{pon|status}
    gigacity/v1/{area}/community/{community}/{device}/{telemetry|status}
    gigacity/v1/{area}/gateway/{gateway}/{bundle|status}

The middle part, without prefix and last level, is the publisher's *identity path* and its MQTT user
name (``371602/olt/olt-1``).
"""

from enum import StrEnum
from typing import NamedTuple

from gigacity_contract.errors import TopicError
from gigacity_contract.identifiers import is_area, is_community, is_id

PREFIX = "gigacity/v1"
SHARE = "$share/"
"""Before the group's name in the filter of a shared subscription."""
EVERY_AREA = "*"
"""In the place of an area code, where a worker says what it owns."""


class MessageKind(StrEnum):
    """What kind of message a topic carries: its last level."""

    PON = "pon"
    TELEMETRY = "telemetry"
    BUNDLE = "bundle"
    STATUS = "status"


class Publisher(StrEnum):
    """Who publishes: the ``object`` tag of the measurement ``presence`` (device for community)."""

    OLT = "olt"
    DEVICE = "device"
    GATEWAY = "gateway"


class Topic(NamedTuple):
    """A parsed topic."""

    message: MessageKind
    publisher: Publisher
    area: str
    community: str
    """12-digit code; empty unless the publisher is a device."""
    id: str
    """OLT, device or gateway id."""

    @property
    def identity(self) -> str:
        """The publisher's identity path, which is also its MQTT user name."""
        if self.publisher is Publisher.DEVICE:
            return device_identity(self.area, self.community, self.id)
        return f"{self.area}/{self.publisher}/{self.id}"


_LAST_LEVEL = {
    "olt": {"pon": MessageKind.PON, "status": MessageKind.STATUS},
    "community": {"telemetry": MessageKind.TELEMETRY, "status": MessageKind.STATUS},
    "gateway": {"bundle": MessageKind.BUNDLE, "status": MessageKind.STATUS},
}


def olt_identity(area: str, olt: str) -> str:
    """Identity path and MQTT user name of an OLT."""
    return f"{area}/olt/{olt}"


def device_identity(area: str, community: str, device: str) -> str:
    """Identity path and MQTT user name of a device that connects by itself."""
    return f"{area}/community/{community}/{device}"


def gateway_identity(area: str, gateway: str) -> str:
    """Identity path and MQTT user name of a gateway."""
    return f"{area}/gateway/{gateway}"


def topic_of(identity: str, message: MessageKind) -> str:
    """The topic on which the publisher with this identity sends this kind of message."""
    return f"{PREFIX}/{identity}/{message}"


def area_filter(area: str | None = None) -> str:
    """The subscription of a worker that owns one area, or (None) all of them."""
    return f"{PREFIX}/#" if area is None else f"{PREFIX}/{area}/#"


def parse_topic(topic: str) -> Topic:
    """Read a topic.

    Raises:
        TopicError: the topic is outside the grammar; the message names the level at fault.
    """
    levels = topic.split("/")
    if levels[:2] != ["gigacity", "v1"]:
        raise TopicError(f"topic does not start with {PREFIX}/")
    is_device = len(levels) > 3 and levels[3] == "community"
    if len(levels) != (7 if is_device else 6):
        raise TopicError(f"topic has {len(levels)} levels, not {7 if is_device else 6}")
    area, group, last = levels[2], levels[3], levels[-1]
    if not is_area(area):
        raise TopicError("area is not a 6-digit code")
    if group not in _LAST_LEVEL:
        raise TopicError("level 4 is none of olt, community, gateway")
    message = _LAST_LEVEL[group].get(last)
    if message is None:
        raise TopicError(f"last level is none of {', '.join(_LAST_LEVEL[group])}")
    community = levels[4] if is_device else ""
    if is_device and not is_community(community):
        raise TopicError("community is not a 12-digit code")
    if not is_id(levels[-2]):
        raise TopicError(f"{group if not is_device else 'device'} id has characters it must not")
    publisher = Publisher.DEVICE if is_device else Publisher(group)
    return Topic(message, publisher, area, community, levels[-2])
