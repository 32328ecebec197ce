"""What LoRaWAN codecs make of a frame: flat values, and late ones in lists with their own times.

Sources: Milesight's SensorDecoders (``history[]``, ``timestamp`` in seconds) and Dragino's
codecs (``datalog[]``; numbers as text of ``toFixed``, some with their unit; 0x7FFF for a probe
that is not there).
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gigacity_contract.decoding import RejectionReason
from gigacity_ingest.formats.bare_values import bare_number
from gigacity_ingest.formats.definition import Dialect, choice
from gigacity_ingest.formats.gathering import EMPTY, Gathering
from gigacity_ingest.formats.times import TimeRule

_TIMES = ("timestamp", "time", "Data_time", "Systimestamp", "TimeStamp")
_MAX_UNIT = 8
_NO_PROBE = frozenset({32767.0, 3276.7, 327.67})
"""0x7FFF as it is, in tenths and in hundredths."""


class CodecOutput(NamedTuple):
    """How the codecs of one maker write."""

    histories: frozenset[str]
    """Members that are lists of late values, each with its own time."""
    clean: Callable[[Any], Any]
    """A value as it is meant."""


def _as_it_is(value: Any) -> Any:
    return value


def _dragino_value(value: Any) -> Any:
    """Numbers out of their text, with or without a unit behind a space; None for no probe."""
    if value.__class__ is str:
        text, _, unit = value.partition(" ")
        number = bare_number(text)
        if number is None or len(unit) > _MAX_UNIT or " " in unit:
            return value
        value = number
    is_number = value.__class__ is float or value.__class__ is int
    return None if is_number and value in _NO_PROBE else value


MILESIGHT = CodecOutput(frozenset({"history"}), _as_it_is)
DRAGINO = CodecOutput(frozenset({"datalog", "DATALOG", "Datalog"}), _dragino_value)
_PLAIN = CodecOutput(frozenset(), _as_it_is)
_BODIES = {"plain": _PLAIN, "milesight": MILESIGHT, "dragino": DRAGINO}
BODY = "body"
"""Key of a dialect that says whose codec wrote the decoded values."""


def codec_of(dialect: Dialect) -> CodecOutput:
    """How the codecs of the maker write that a dialect names.

    Raises:
        DialectError: none of those that are known.
    """
    return _BODIES[choice(dialect, BODY, _BODIES, "plain")]


class UplinkReport(NamedTuple):
    """What the network says about one frame."""

    names: Mapping[str, str]
    time_ms: int | None
    sent_as: str
    parents: tuple[Mapping[str, Any], ...] = ()


class CodecReader:
    """Readings out of codec output.

    Args:
        output: how it is written.
        times: how its instants are.
    """

    def __init__(self, output: CodecOutput, times: TimeRule) -> None:
        self._output = output
        self._times = times

    def add(self, gathering: Gathering, report: UplinkReport, values: Mapping[str, Any]) -> None:
        """Readings of one frame: its own, and one for each late entry.

        Raises:
            PayloadError: too many readings.
        """
        histories, clean = self._output
        if clean is _as_it_is and values and histories.isdisjoint(values):
            gathering.add(report.names, values, report.time_ms, report.sent_as, report.parents)
            return
        now = {name: clean(value) for name, value in values.items() if name not in histories}
        if now:
            gathering.add(report.names, now, report.time_ms, report.sent_as, report.parents)
        for name, entries in values.items():
            if name not in histories:
                continue
            for index, entry in enumerate(entries if isinstance(entries, list) else [entries]):
                self._add_late(gathering, report, f"{name}[{index}]", entry)
        if not values:
            gathering.ignore(EMPTY)

    def _add_late(self, gathering: Gathering, report: UplinkReport, place: str, entry: Any) -> None:
        if not isinstance(entry, dict):
            text = "an object of named values (text that a codec left as it is has no names)"
            gathering.refuse(place, text, entry, RejectionReason.BAD_FIELD)
            return
        stated = next((entry[key] for key in _TIMES if key in entry), None)
        instant = self._times.instant_ms(stated)
        if instant is None:
            # Late by nature: the frame's own time would be a lie.
            gathering.refuse(f"{place}.timestamp", "the entry's own time", entry)
            return
        clean = self._output.clean
        values = {key: clean(value) for key, value in entry.items() if key not in _TIMES}
        gathering.add(report.names, values, instant, report.sent_as, report.parents)
