"""Homie's topics: ``{domain}/5/{device}/...`` and, of version 4, ``{domain}/{device}/...``."""

from typing import NamedTuple

from gigacity_contract.decoding import PayloadError, RejectionReason

_VERSION_5 = "5"


class HomieTopic(NamedTuple):
    """What a topic is about, below the device: an attribute, or a property with or without one."""

    device: str
    property: str
    """``{node}/{property}``; empty: the device itself."""
    attribute: str
    """Such as ``$state``; empty: a value. What is not read is ``$other`` or ``set``."""


def parse_homie_topic(topic: str, domain: str) -> HomieTopic:
    """The parts of a topic.

    Raises:
        PayloadError: no topic of this domain.
    """
    if not topic.startswith(f"{domain}/"):
        raise PayloadError(RejectionReason.BAD_TOPIC, f"expected {domain}/...")
    levels = topic[len(domain) + 1 :].split("/")
    if levels[0] == _VERSION_5:
        del levels[0]
    match levels:
        case [device, attribute] if device and attribute.startswith("$"):
            return HomieTopic(device, "", attribute)
        case [device, node, name] if device and not (node + name).count("$"):
            return HomieTopic(device, f"{node}/{name}", "")
        case [device, node, name, attribute] if device and not node.startswith("$"):
            return HomieTopic(device, f"{node}/{name}", attribute)
        case [device, _, *_] if device:
            return HomieTopic(device, "", "$other")
    text = f"{topic}: expected {domain}/[5/]device and what is below it"
    raise PayloadError(RejectionReason.BAD_TOPIC, text)
