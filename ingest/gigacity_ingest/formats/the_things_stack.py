"""The Things Stack v3: uplinks as JSON of protobuf.

``v3/{application}@{tenant}/devices/{device}/up``. Source: its documentation of data formats. Of
its three times the network server's is taken: gateways may have no clock or a wrong one, and the
application server's is that of handing over. What equals its default is left out (``f_cnt`` 0).
"""

from collections.abc import Mapping
from typing import Any

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import read_body_object
from gigacity_ingest.formats.codec_outputs import (
    BODY,
    CodecOutput,
    CodecReader,
    UplinkReport,
    codec_of,
)
from gigacity_ingest.formats.definition import Dialect, Format, check_keys
from gigacity_ingest.formats.gathering import Gathering, identity, message_id
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule

_OTHERS = (
    "join_accept",
    "downlink_queued",
    "downlink_sent",
    "downlink_ack",
    "downlink_nack",
    "downlink_failed",
    "downlink_queue_invalidated",
    "service_data",
    "location_solved",
    "uplink_normalized",
)
_DEFAULTS: dict[str, Any] = {"f_cnt": 0, "f_port": 0, "confirmed": False}


class TheThingsStackDecoder:
    """Reads uplinks; everything else is counted.

    Args:
        times: how instants are written.
        output: whose codec wrote ``decoded_payload``.
    """

    def __init__(self, times: TimeRule, output: CodecOutput) -> None:
        self._times = times
        self._codec = CodecReader(output, times)

    def decode(self, message: ForeignMessage) -> Decoded:
        """The readings of one message.

        Raises:
            PayloadError: no JSON object, or no device is named.
        """
        gathering = Gathering()
        body = read_body_object(message.payload)
        uplink = body.get("uplink_message")
        if not isinstance(uplink, dict):
            gathering.ignore(next((other for other in _OTHERS if other in body), "no_uplink"))
        elif body.get("simulated"):
            gathering.ignore("simulated")
        else:
            self._add(gathering, body, uplink)
        return gathering.finish()

    def _add(self, gathering: Gathering, body: Mapping[str, Any], uplink: dict[str, Any]) -> None:
        values = uplink.get("decoded_payload")
        if isinstance(values, dict) and values:
            names = _names(body)
            report = UplinkReport(
                names,
                self._instant(body, uplink),
                f"{names['device']}:{message_id(uplink.get('f_cnt', 0))}",
                (_DEFAULTS | uplink,),
            )
            self._codec.add(gathering, report, values)
        elif uplink.get("frm_payload"):
            text = "uplink_message.decoded_payload: none; set a payload formatter"
            gathering.fault(RejectionReason.NO_VALUES, text, b"")
        else:
            gathering.ignore("no_payload")

    def _instant(self, body: Mapping[str, Any], uplink: Mapping[str, Any]) -> int | None:
        instant = self._times.instant_ms(uplink.get("received_at"))
        return self._times.instant_ms(body.get("received_at")) if instant is None else instant


def _names(body: Mapping[str, Any]) -> dict[str, str]:
    ids = body.get("end_device_ids")
    device = identity(ids.get("device_id")) if isinstance(ids, dict) else None
    if not isinstance(ids, dict) or device is None:
        text = "end_device_ids.device_id: expected a text"
        raise PayloadError(RejectionReason.BAD_ENVELOPE, text)
    application = ids.get("application_ids")
    if not isinstance(application, dict):
        application = {}
    return {
        "device": device,
        "device_eui": (identity(ids.get("dev_eui")) or "").lower(),
        "application": identity(application.get("application_id")) or "",
    }


def _make(dialect: Dialect, times: TimeRule) -> TheThingsStackDecoder:
    check_keys(dialect, (BODY,))
    return TheThingsStackDecoder(times, codec_of(dialect))


FORMAT = Format(
    "ttn",
    _make,
    "The Things Stack v3 (TTN): uplinks of LoRaWAN devices",
    "The Things Stack v3（TTN）：LoRaWAN 设备上行数据",
)
