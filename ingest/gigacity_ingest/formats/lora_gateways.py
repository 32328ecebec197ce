"""Codec output that a gateway publishes by itself: Milesight's and Dragino's, without a network.

The topic is the user's; ``devEUI`` and ``deviceName`` are members of the body where the gateway
adds them.
"""

from gigacity_ingest.formats.bodies import read_body_object
from gigacity_ingest.formats.codec_outputs import (
    DRAGINO,
    MILESIGHT,
    CodecOutput,
    CodecReader,
    UplinkReport,
)
from gigacity_ingest.formats.definition import Dialect, Format, check_keys
from gigacity_ingest.formats.gathering import Gathering, identity, message_id
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule

_EUIS = ("devEUI", "devEui", "DevEUI", "dev_eui")
_TIMES = ("timestamp", "time", "Time")
_COUNTER = "fCnt"
_ENVELOPE = frozenset(
    {*_EUIS, *_TIMES, "deviceName", _COUNTER, "fPort", "data", "rxInfo", "txInfo", "adr"}
    | {"applicationID", "applicationName", "devAddr"}
)
"""What the gateway says about the frame; what is left are the codec's values."""


class CodecOutputDecoder:
    """Reads one object of values, with or without late ones.

    Args:
        times: how instants are written.
        output: whose codec wrote it.
    """

    def __init__(self, times: TimeRule, output: CodecOutput) -> None:
        self._times = times
        self._codec = CodecReader(output, times)

    def decode(self, message: ForeignMessage) -> Decoded:
        """The readings of one message.

        Raises:
            PayloadError: no JSON object.
        """
        gathering = Gathering()
        body = read_body_object(message.payload)
        eui = next((identity(body[key]) for key in _EUIS if key in body), None)
        names = {
            "device_eui": (eui or "").lower(),
            "device": identity(body.get("deviceName")) or "",
        }
        stated = next((body[key] for key in _TIMES if key in body), None)
        counter = message_id(body.get(_COUNTER))
        report = UplinkReport(names, self._times.instant_ms(stated), "")
        if counter:
            around = ({_COUNTER: body[_COUNTER]},)
            report = report._replace(sent_as=f"{eui}:{counter}", parents=around)
        values = {key: value for key, value in body.items() if key not in _ENVELOPE}
        self._codec.add(gathering, report, values)
        return gathering.finish()


def _milesight(dialect: Dialect, times: TimeRule) -> CodecOutputDecoder:
    check_keys(dialect, ())
    return CodecOutputDecoder(times, MILESIGHT)


def _dragino(dialect: Dialect, times: TimeRule) -> CodecOutputDecoder:
    check_keys(dialect, ())
    return CodecOutputDecoder(times, DRAGINO)


MILESIGHT_FORMAT = Format(
    "milesight",
    _milesight,
    "Milesight gateways: decoded values, history with its own times",
    "Milesight 网关：解码后的数值，历史数据带各自时间",
)
DRAGINO_FORMAT = Format(
    "dragino",
    _dragino,
    "Dragino gateways: decoded values as numbers or text, data log",
    "Dragino 网关：数值或文本形式的解码值，数据日志",
)
