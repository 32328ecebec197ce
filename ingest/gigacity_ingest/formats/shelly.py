"""Shelly, second generation on: ``{prefix}/events/rpc``, ``/status/{component}``, ``/online``.

Source: shelly-api-docs.shelly.cloud, gen2, notifications. A notification carries only what
changed; ``status`` topics carry no time. ``aenergy.total`` is in Wh, ``by_minute`` in mWh.
"""

from typing import Any

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bare_values import bare_text, is_online, presence_refused
from gigacity_ingest.formats.bodies import read_body_object
from gigacity_ingest.formats.definition import Dialect, Format, check_keys
from gigacity_ingest.formats.gathering import EMPTY, Gathering, identity
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule

_STATUS = frozenset({"NotifyStatus", "NotifyFullStatus"})
_EVENTS = "/events/rpc"
_ONLINE = "/online"
_COMPONENT = "/status/"


class ShellyDecoder:
    """Reads notifications and states of components.

    Args:
        times: how ``ts`` is written.
    """

    def __init__(self, times: TimeRule) -> None:
        self._times = times

    def decode(self, message: ForeignMessage) -> Decoded:
        """What the message holds.

        Raises:
            PayloadError: no JSON object, no notification, or no state of presence.
        """
        gathering, topic = Gathering(), message.topic
        if not message.payload:
            gathering.ignore("deleted")
        elif topic.endswith(_EVENTS):
            prefix = topic.removesuffix(_EVENTS)
            self._notification(gathering, prefix, read_body_object(message.payload))
        elif topic.endswith(_ONLINE):
            online = is_online(bare_text(message.payload))
            if online is None:
                raise presence_refused("online")
            names = {"device": topic.removesuffix(_ONLINE)}
            gathering.add_session(names, is_online=online)
        elif _COMPONENT in topic:
            prefix, _, component = topic.rpartition(_COMPONENT)
            values = read_body_object(message.payload)
            if values:
                gathering.add({"device": prefix}, {component: values})
        else:
            # Commands, their answers, and bare values that older scripts send.
            gathering.ignore("command")
        return gathering.finish()

    def _notification(self, gathering: Gathering, prefix: str, body: dict[str, Any]) -> None:
        method, params = body.get("method"), body.get("params")
        if method == "NotifyEvent":
            gathering.ignore("event")
            return
        is_status = isinstance(method, str) and method in _STATUS
        if not is_status or not isinstance(params, dict):
            text = 'expected "method": NotifyStatus or NotifyFullStatus, with "params"'
            raise PayloadError(RejectionReason.BAD_ENVELOPE, text)
        values = {name: value for name, value in params.items() if name != "ts"}
        if not values:
            gathering.ignore(EMPTY)
            return
        names = {"device": prefix, "source": identity(body.get("src")) or ""}
        gathering.add(names, values, self._times.instant_ms(params.get("ts")))


def _make(dialect: Dialect, times: TimeRule) -> ShellyDecoder:
    check_keys(dialect, ())
    return ShellyDecoder(times)


FORMAT = Format(
    "shelly",
    _make,
    "Shelly (second generation and later): notifications and status",
    "Shelly（第二代及以后）：状态通知",
)
