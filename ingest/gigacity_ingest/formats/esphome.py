"""ESPHome: ``{node}/{component}/{object}/state`` with one bare value, ``{node}/status``.

Source: esphome.io, MQTT client component. States are retained and carry no time; a sensor that
has none says ``nan`` or ``None``.
"""

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bare_values import bare_or_json, bare_text, is_online, presence_refused
from gigacity_ingest.formats.definition import Dialect, Format, check_keys
from gigacity_ingest.formats.gathering import Gathering
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule


class EspHomeDecoder:
    """Reads states, one value a message, and the node's last will."""

    def decode(self, message: ForeignMessage) -> Decoded:
        """What the message holds.

        Raises:
            PayloadError: another topic, no text, or no state of presence.
        """
        levels = message.topic.split("/")
        gathering = Gathering()
        if not message.payload and levels[-1] in {"state", "status"}:
            gathering.ignore("deleted")
        elif levels[-1] == "status" and len(levels) > 1:
            online = is_online(bare_text(message.payload))
            if online is None:
                raise presence_refused("status")
            gathering.add_session({"device": "/".join(levels[:-1])}, is_online=online)
        elif levels[-1] == "state" and len(levels) > 3:
            *node, component, item, _ = levels
            names = {"device": "/".join(node), "component": component}
            gathering.add(names, {item: bare_or_json(message.payload)})
        elif levels[-1] in {"command", "debug"} or len(levels) > 3:
            gathering.ignore("other")
        else:
            text = "expected node/component/object/state or node/status"
            raise PayloadError(RejectionReason.BAD_TOPIC, text)
        return gathering.finish()


def _make(dialect: Dialect, _times: TimeRule) -> EspHomeDecoder:
    check_keys(dialect, ())
    return EspHomeDecoder()


FORMAT = Format(
    "esphome",
    _make,
    "ESPHome: one bare value a topic, and the node's presence",
    "ESPHome：每个主题一个裸值，以及节点在线情况",
)
