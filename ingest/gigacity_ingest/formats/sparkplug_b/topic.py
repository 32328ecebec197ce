"""Sparkplug B's topics: ``spBv1.0/{group}/{message}/{edge node}[/{device}]``."""

from enum import StrEnum
from typing import NamedTuple

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.gathering import MAX_NAME

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
    node: tuple[str, str]
    """Group and edge node: what is unique in a broker; a device's id is so below its node alone."""
    device: str
    """Empty: the edge node itself."""
    names: dict[str, str]
    """Of its readings, the same for all of them."""


def names_of(node: tuple[str, str], device: str) -> dict[str, str]:
    """Names of a node, or of a device behind it; ``path`` is one text for both alike."""
    group, edge_node = node
    path = f"{group}/{edge_node}/{device}" if device else f"{group}/{edge_node}"
    return {"group": group, "edge_node": edge_node, "device": device, "path": path}


def parse_sparkplug_topic(topic: str) -> SparkplugTopic:
    """The parts of a topic.

    Raises:
        PayloadError: no topic of this format; a device is named where none may be, or is missing;
            a name is too long to be anybody's.
    """
    levels = topic.split("/")
    if levels[0] != NAMESPACE or len(levels) < 3:
        raise _bad(topic)
    if levels[1] == SparkplugMessage.STATE:
        return SparkplugTopic(SparkplugMessage.STATE, ("", ""), "", {})
    if not 4 <= len(levels) <= 5 or "" in levels or levels[2] not in _MESSAGES:
        raise _bad(topic)
    if max(map(len, levels)) > MAX_NAME:
        text = f"{topic[:MAX_NAME]}...: names of at most {MAX_NAME} characters"
        raise PayloadError(RejectionReason.BAD_TOPIC, text)
    message = SparkplugMessage(levels[2])
    device = levels[4] if len(levels) == 5 else ""
    if message.startswith("D") != bool(device) or message is SparkplugMessage.STATE:
        raise _bad(topic)
    node = levels[1], levels[3]
    return SparkplugTopic(message, node, device, names_of(node, device))


def _bad(topic: str) -> PayloadError:
    return PayloadError(
        RejectionReason.BAD_TOPIC,
        f"{topic}: expected {NAMESPACE}/group/message/edge_node, and /device for D messages alone",
    )
