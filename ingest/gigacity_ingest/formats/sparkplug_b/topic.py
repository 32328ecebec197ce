"""Sparkplug B's topics: ``spBv1.0/{group}/{message}/{edge node}[/{device}]``."""

from enum import StrEnum
from typing import NamedTuple

from gigacity_contract.decoding import PayloadError, RejectionReason

NAMESPACE = "spBv1.0"


class SparkplugMessage(StrEnum):
    """What a message is for. N: of an edge node, D: of a device behind it."""

    NBIRTH = "NBIRTH"
    NDEATH = "NDEATH"
    NDATA = "NDATA"
    NCMD = "NCMD"
    DBIRTH = "DBIRTH"
    DDEATH = "DDEATH"
    DDATA = "DDATA"
    DCMD = "DCMD"
    STATE = "STATE"


_MESSAGES = frozenset(message.value for message in SparkplugMessage)


class SparkplugTopic(NamedTuple):
    """Whose message, and which."""

    message: SparkplugMessage
    group: str
    edge_node: str
    device: str
    """Empty: the edge node itself."""

    @property
    def node(self) -> tuple[str, str]:
        """What is unique in a broker; a device's id is so below its node alone."""
        return self.group, self.edge_node

    @property
    def names(self) -> dict[str, str]:
        """Names of a reading; ``path`` is one text for nodes and devices alike."""
        return {
            "group": self.group,
            "edge_node": self.edge_node,
            "device": self.device,
            "path": "/".join(part for part in self[1:] if part),
        }


def parse_sparkplug_topic(topic: str) -> SparkplugTopic:
    """The parts of a topic.

    Raises:
        PayloadError: no topic of this format; a device is named where none may be, or is missing.
    """
    levels = topic.split("/")
    if levels[0] != NAMESPACE or len(levels) < 3:
        raise _bad(topic)
    if levels[1] == SparkplugMessage.STATE:
        return SparkplugTopic(SparkplugMessage.STATE, "", "", "")
    if not 4 <= len(levels) <= 5 or "" in levels or levels[2] not in _MESSAGES:
        raise _bad(topic)
    message = SparkplugMessage(levels[2])
    device = levels[4] if len(levels) == 5 else ""
    if message.startswith("D") != bool(device) or message is SparkplugMessage.STATE:
        raise _bad(topic)
    return SparkplugTopic(message, levels[1], levels[3], device)


def _bad(topic: str) -> PayloadError:
    return PayloadError(
        RejectionReason.BAD_TOPIC,
        f"{topic}: expected {NAMESPACE}/group/message/edge_node, and /device for D messages alone",
    )
