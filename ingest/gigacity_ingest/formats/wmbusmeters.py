"""wmbusmeters: one JSON object a telegram of a water, heat, gas or electricity meter.

Source: wmbusmeters' README. The unit is part of a name (``total_m3``); ``timestamp`` is the
moment of reception in UTC; null means that the value was never received. After a partial telegram
old values come again with a new timestamp, which cannot be told from fresh ones.
"""

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import read_body_object
from gigacity_ingest.formats.definition import Dialect, Format, check_keys
from gigacity_ingest.formats.gathering import EMPTY, Gathering, identity
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule

_ABOUT = ("id", "name", "meter", "media")
_ENVELOPE = frozenset({*_ABOUT, "_", "timestamp"})


class WMBusMetersDecoder:
    """Reads telegrams that wmbusmeters decoded.

    Args:
        times: how ``timestamp`` is written.
    """

    def __init__(self, times: TimeRule) -> None:
        self._times = times

    def decode(self, message: ForeignMessage) -> Decoded:
        """The reading of one telegram.

        Raises:
            PayloadError: no JSON object, or no meter is named.
        """
        gathering = Gathering()
        body = read_body_object(message.payload)
        names = {about: identity(body.get(about)) or "" for about in _ABOUT}
        if not names["id"]:
            raise PayloadError(RejectionReason.BAD_ENVELOPE, "id: expected the meter's number")
        values = {name: value for name, value in body.items() if name not in _ENVELOPE}
        if values:
            gathering.add(names, values, self._times.instant_ms(body.get("timestamp")))
        else:
            gathering.ignore(EMPTY)
        return gathering.finish()


def _make(dialect: Dialect, times: TimeRule) -> WMBusMetersDecoder:
    check_keys(dialect, ())
    return WMBusMetersDecoder(times)


FORMAT = Format(
    "wmbusmeters",
    _make,
    "wmbusmeters: water, heat, gas and electricity meters by wireless M-Bus",
    "wmbusmeters：无线 M-Bus 水、热、气、电表",
)
