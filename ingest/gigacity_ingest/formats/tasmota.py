"""Tasmota: ``tele/{topic}/SENSOR``, ``STATE`` and ``LWT``, in any order of the full topic.

Source: tasmota.github.io/docs/MQTT. ``Time`` is local and names no offset by default, so that
the source's zone decides; with an ``Epoch`` beside it, that is taken. Several channels of one
quantity become a list.
"""

from typing import Any

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bare_values import bare_text, is_online, presence_refused
from gigacity_ingest.formats.bodies import read_body_object
from gigacity_ingest.formats.definition import Dialect, Format, check_keys, text
from gigacity_ingest.formats.gathering import EMPTY, Gathering
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule

_PREFIXES = ("tele", "stat", "cmnd")
_READ = frozenset({"SENSOR", "STATE"})


class TasmotaDecoder:
    """Reads what devices say by themselves; answers to commands are counted.

    Args:
        times: how ``Time`` is written, and in which zone.
        telemetry: the prefix of what devices say by themselves.
    """

    def __init__(self, times: TimeRule, telemetry: str) -> None:
        self._times = times
        self._telemetry = telemetry

    def decode(self, message: ForeignMessage) -> Decoded:
        """What the message holds.

        Raises:
            PayloadError: another topic, no JSON object, or no state of presence.
        """
        *levels, suffix = message.topic.split("/")
        gathering = Gathering()
        if self._telemetry not in levels:
            if not any(prefix in levels for prefix in _PREFIXES):
                text = f"expected {self._telemetry} as a level, and SENSOR, STATE or LWT at the end"
                raise PayloadError(RejectionReason.BAD_TOPIC, text)
            gathering.ignore("command")
            return gathering.finish()
        levels.remove(self._telemetry)
        names = {"device": "/".join(levels), "part": suffix}
        if not message.payload:
            gathering.ignore("deleted")
        elif suffix == "LWT":
            online = is_online(bare_text(message.payload))
            if online is None:
                raise presence_refused("LWT")
            gathering.add_session({"device": names["device"]}, is_online=online)
        elif suffix in _READ:
            self._add(gathering, names, read_body_object(message.payload))
        else:
            gathering.ignore("information")
        return gathering.finish()

    def _add(self, gathering: Gathering, names: dict[str, str], body: dict[str, Any]) -> None:
        stated, epoch = body.pop("Time", None), body.pop("Epoch", None)
        if not body:
            gathering.ignore(EMPTY)
            return
        instant = self._times.instant_ms(epoch)
        if instant is None:
            instant = self._times.instant_ms(_iso(stated))
        gathering.add(names, body, instant)


def _iso(stated: Any) -> Any:
    """Old firmware writes ``2018.02.01 21:29:40``."""
    if isinstance(stated, str) and stated[4:5] == "." and stated[7:8] == ".":
        return stated.replace(".", "-", 2)
    return stated


def _make(dialect: Dialect, times: TimeRule) -> TasmotaDecoder:
    check_keys(dialect, ("telemetry",))
    return TasmotaDecoder(times, text(dialect, "telemetry", "tele"))


FORMAT = Format(
    "tasmota",
    _make,
    "Tasmota: sensors, state and last will",
    "Tasmota：传感器、状态与遗嘱",
)
