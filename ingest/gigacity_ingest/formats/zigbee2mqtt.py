"""Zigbee2MQTT: ``{base}/{friendly name}`` with one JSON object; a name may hold ``/``.

Source: zigbee2mqtt.io, "MQTT topics and messages". Its cache repeats attributes that no message
brought again: which of them is fresh cannot be told. ``last_seen`` is off by default; without it
there is no time.
"""

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bare_values import bare_or_json, is_online, presence_refused
from gigacity_ingest.formats.definition import Dialect, Format, check_keys, text
from gigacity_ingest.formats.gathering import EMPTY, Gathering, identity
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule

_COMMANDS = frozenset({"set", "get"})


class Zigbee2MqttDecoder:
    """Reads states of devices and groups, and their availability.

    Args:
        times: how ``last_seen`` is written.
        base: the levels before the name.
    """

    def __init__(self, times: TimeRule, base: str) -> None:
        self._times = times
        self._base = f"{base.rstrip('/')}/"

    def decode(self, message: ForeignMessage) -> Decoded:
        """What the message holds.

        Raises:
            PayloadError: another topic, no JSON, or no state of presence.
        """
        if not message.topic.startswith(self._base):
            raise PayloadError(RejectionReason.BAD_TOPIC, f"expected {self._base}...")
        name = message.topic[len(self._base) :]
        parent, _, last = name.rpartition("/")
        gathering = Gathering()
        if name.startswith("bridge/"):
            gathering.ignore("bridge")
        elif parent and _COMMANDS & set(name.split("/")[1:]):
            gathering.ignore("command")
        elif not message.payload:
            gathering.ignore("deleted")
        elif parent and last == "availability":
            gathering.add_session({"device": parent}, is_online=_is_available(message.payload))
        else:
            self._add(gathering, name, message.payload)
        return gathering.finish()

    def _add(self, gathering: Gathering, name: str, payload: bytes) -> None:
        body = bare_or_json(payload)
        if not isinstance(body, dict):
            # Output "attribute": a topic for each attribute, and its bare value.
            parent, _, attribute = name.rpartition("/")
            if not parent:
                text = f"{name}: expected an object, or a value at {name}/attribute"
                raise PayloadError(RejectionReason.BAD_ENVELOPE, text)
            gathering.add({"device": parent}, {attribute: body})
            return
        names = {"device": name}
        about = body.pop("device", None)
        if isinstance(about, dict):
            names["ieee_address"] = identity(about.get("ieeeAddr")) or ""
        elif about is not None:
            body["device"] = about
        seen = body.pop("last_seen", None)
        if not body:
            gathering.ignore(EMPTY)
            return
        gathering.add(names, body, self._times.instant_ms(seen))


def _is_available(payload: bytes) -> bool:
    """From ``online`` as text, or ``{"state": "online"}``."""
    body = bare_or_json(payload)
    said = body.get("state") if isinstance(body, dict) else body
    answer = is_online(said) if isinstance(said, str) else None
    if answer is None:
        raise presence_refused("availability")
    return answer


def _make(dialect: Dialect, times: TimeRule) -> Zigbee2MqttDecoder:
    check_keys(dialect, ("base",))
    return Zigbee2MqttDecoder(times, text(dialect, "base", "zigbee2mqtt"))


FORMAT = Format(
    "zigbee2mqtt",
    _make,
    "Zigbee2MQTT: states and availability of devices",
    "Zigbee2MQTT：设备状态与在线情况",
)
