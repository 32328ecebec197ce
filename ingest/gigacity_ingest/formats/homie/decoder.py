"""Homie 4 and 5: bare values whose types the device declared, and states of devices.

Source: homieiot/convention. Everything is retained, so types, states and values come in any
order after a connection: a value whose type is not known yet is read by its text, and counted.
A child shares its root's connection and is lost with it, without a message of its own.
"""

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bare_values import bare_text
from gigacity_ingest.formats.bodies import read_body_object
from gigacity_ingest.formats.definition import Dialect, Format, check_keys, text
from gigacity_ingest.formats.gathering import Gathering
from gigacity_ingest.formats.homie.devices import (
    OFFLINE_STATES,
    ONLINE_STATES,
    HomieDevices,
    typed_value,
)
from gigacity_ingest.formats.homie.topic import HomieTopic, parse_homie_topic
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule


class HomieDecoder:
    """Reads one domain. Remembers what devices declare, within bounds.

    Args:
        domain: the first levels of every topic.
    """

    def __init__(self, domain: str) -> None:
        self._domain = domain.rstrip("/")
        self._devices = HomieDevices()

    def decode(self, message: ForeignMessage) -> Decoded:
        """What the message holds.

        Raises:
            PayloadError: another topic, no text, or a description that is none.
        """
        topic = parse_homie_topic(message.topic, self._domain)
        gathering = Gathering()
        if topic.property:
            self._property(gathering, topic, message.payload)
        elif topic.attribute == "$state":
            self._state(gathering, topic.device, bare_text(message.payload))
        elif topic.attribute == "$description":
            if message.payload:
                self._devices.describe(topic.device, read_body_object(message.payload))
            gathering.ignore("description")
        else:
            gathering.ignore("attribute")
        return gathering.finish()

    def _property(self, gathering: Gathering, topic: HomieTopic, payload: bytes) -> None:
        if topic.attribute == "$datatype":
            self._devices.learn_type(topic.device, topic.property, bare_text(payload))
        if topic.attribute:
            gathering.ignore("command" if topic.attribute == "set" else "attribute")
            return
        if not payload:
            gathering.ignore("deleted")
            return
        known = self._devices.find(topic.device)
        datatype = known.types.get(topic.property) if known is not None else None
        if datatype is None:
            gathering.ignore("undeclared_type")
        value = typed_value(bare_text(payload), datatype)
        gathering.add({"device": topic.device}, {topic.property: value})

    def _state(self, gathering: Gathering, device: str, state: str) -> None:
        if not state:
            # Deleted: its children have no connection left either.
            self._end_family(gathering, device, "deleted")
            self._devices.forget(device)
            gathering.add_session({"device": device}, is_online=False, reason="deleted")
            return
        if state not in ONLINE_STATES | OFFLINE_STATES:
            reason = f"$state: expected one of {', '.join(sorted(ONLINE_STATES | OFFLINE_STATES))}"
            raise PayloadError(RejectionReason.BAD_ENVELOPE, reason)
        known = self._devices.learn(device)
        was_offline, known.state = known.state in OFFLINE_STATES, state
        is_online = state in ONLINE_STATES
        root = self._devices.find(known.root) if known.root else None
        if is_online and root is not None and root.state in OFFLINE_STATES:
            gathering.ignore("root_is_offline")
            return
        gathering.add_session({"device": device}, is_online=is_online, reason=state)
        if not is_online:
            self._end_family(gathering, device, state)
        elif was_offline:
            for child, about in self._devices.family(device):
                if about.state in ONLINE_STATES:
                    names = {"device": child}
                    gathering.add_session(names, is_online=True, reason=about.state)

    def _end_family(self, gathering: Gathering, root: str, reason: str) -> None:
        for child, about in self._devices.family(root):
            if about.state not in OFFLINE_STATES:
                gathering.add_session({"device": child}, is_online=False, reason=reason)


def _make(dialect: Dialect, _times: TimeRule) -> HomieDecoder:
    check_keys(dialect, ("domain",))
    return HomieDecoder(text(dialect, "domain", "homie"))


FORMAT = Format(
    "homie",
    _make,
    "Homie 4 and 5: self-describing devices",
    "Homie 4 与 5：自描述设备",
)
