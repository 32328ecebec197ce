"""InfluxDB's line protocol, as Telegraf and many gateways publish it."""

from gigacity_contract.decoding import RejectionReason
from gigacity_ingest.formats.bodies import read_text
from gigacity_ingest.formats.definition import Dialect, Format, check_keys
from gigacity_ingest.formats.gathering import MAX_READINGS, Gathering
from gigacity_ingest.formats.line_scanner import LineError
from gigacity_ingest.formats.line_splitter import end_of_line, parse_head, split_line
from gigacity_ingest.formats.memo import Memo
from gigacity_ingest.formats.plain_lines import PlainLine, plain_lines
from gigacity_ingest.formats.readings import Decoded, ForeignMessage, Reading
from gigacity_ingest.formats.tag_names import MEASUREMENT, PREFIX
from gigacity_ingest.formats.times import TimeRule

_NO_LINE = frozenset("\n\r#")
"""What an empty line or a comment begins with."""


MAX_SERIES = 50_000
"""Of one source, whose names are made once."""


class InfluxLineDecoder:
    """Reads lines: tags name the object, fields are its values.

    Args:
        times: how the number behind the fields is written; by its magnitude unless stated.
    """

    def __init__(self, times: TimeRule) -> None:
        self._times = times
        self._names = Memo(_names_of, MAX_SERIES)

    def decode(self, message: ForeignMessage) -> Decoded:
        """The readings of one message; each line that is none is a fault of its own.

        Raises:
            PayloadError: no text.
        """
        text = read_text(message.payload)
        lines = plain_lines(text)
        if lines is not None and 0 < len(lines) <= MAX_READINGS:
            try:
                return self._of_plain(lines)
            except LineError:
                pass  # A head that is none, which is told with its place.
        gathering = Gathering()
        at, number = 0, 0
        while at < len(text):
            number += 1
            end = end_of_line(text, at)
            if text[at] not in _NO_LINE:
                try:
                    line = split_line(text, at, end)
                    names = self._names[line.head]
                except LineError as error:
                    place = f"line {number}: {error}"
                    gathering.fault(RejectionReason.BAD_ENTRY, place, text[at:end].encode())
                else:
                    end = line.end
                    time_ms = self._times.instant_ms(line.timestamp)
                    gathering.add(names, line.fields, time_ms)
            at = end + 1
        return gathering.finish()

    def _of_plain(self, lines: list[PlainLine]) -> Decoded:
        """The readings of plain lines.

        Raises:
            LineError: a head is none.
        """
        names, readings = self._names, []
        written, time_ms = "", None
        for head, fields, time in lines:
            if time != written:
                # Lines of one poll mostly state one time.
                written, time_ms = time, self._times.instant_ms(int(time)) if time else None
            readings.append(Reading(names[head], fields, time_ms))
        return Decoded(readings)


def _names_of(head: str) -> dict[str, str]:
    measurement, tags = parse_head(head)
    return {MEASUREMENT: measurement} | {PREFIX + tag: value for tag, value in tags.items()}


def _make(dialect: Dialect, times: TimeRule) -> InfluxLineDecoder:
    check_keys(dialect, ())
    return InfluxLineDecoder(times)


FORMAT = Format(
    "influx_line",
    _make,
    "InfluxDB line protocol, many lines a message",
    "InfluxDB 行协议，每条消息可含多行",
)
