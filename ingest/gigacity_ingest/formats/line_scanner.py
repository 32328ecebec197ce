"""Reads line protocol from left to right, whatever is escaped in it.

Source: InfluxDB's line protocol reference. Commas, spaces and equals signs are escaped by a
backslash outside of strings; quotation marks and backslashes inside of them, where a newline is
just a character.
"""

from math import isfinite
from typing import NamedTuple

Scalar = float | int | bool | str
QUOTE = '"'
_TRUE = frozenset({"t", "T", "true", "True", "TRUE"})
_FALSE = frozenset({"f", "F", "false", "False", "FALSE"})
_ESCAPED = frozenset(", =\\")
_WHOLE = "iu"


class LineError(ValueError):
    """A line that is none; says what was expected where."""


class ProtocolLine(NamedTuple):
    """One point as it is written."""

    head: str
    """Measurement and tags as they stand there: the same for every point of a series."""
    fields: dict[str, Scalar]
    timestamp: int | None
    end: int
    """Where the line ends in its text: the offset of its newline, or the text's length."""


class LineHead(NamedTuple):
    """What a head says."""

    measurement: str
    tags: dict[str, str]


def written_time(text: str) -> int | None:
    """The number behind the fields; None where there is none.

    Raises:
        LineError: no whole number.
    """
    if not text:
        return None
    try:
        return int(text)
    except ValueError as error:
        raise LineError(f"time {text[:64]!r}: expected a whole number") from error


def scalar(name: str, text: str) -> Scalar:
    """A field's value that is no string.

    Raises:
        LineError: neither a number nor a switch.
    """
    try:
        if "_" not in text and text.isascii():
            if text[-1] in _WHOLE:
                return int(text[:-1])
            number = float(text)
            if isfinite(number):
                return number
    except ValueError:
        pass
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise LineError(f"field {name[:64]}: {text[:64]!r} is no number, switch or quoted text")


class LineScanner:
    """Reads one line from left to right.

    Args:
        text: of all lines.
        at: where the line begins.
    """

    def __init__(self, text: str, at: int) -> None:
        self._text = text
        self._at = at

    def head(self) -> LineHead:
        """Measurement and tags.

        Raises:
            LineError: there are none.
        """
        measurement = self._word(", ")
        if not measurement:
            raise LineError("expected a measurement")
        tags = {}
        while self._takes(","):
            name = self._name("tag")
            value = self._word(", ")
            if value:
                tags[name] = value
        return LineHead(measurement, tags)

    def line(self) -> ProtocolLine:
        """The line.

        Raises:
            LineError: it is none.
        """
        start = self._at
        self.head()
        head = self._text[start : self._at]
        self._skip_spaces()
        fields: dict[str, Scalar] = {}
        while True:
            name = self._name("field")
            if self._takes(QUOTE):
                fields[name] = self._string(name)
            else:
                value = self._word(", ").removesuffix("\r")
                if not value:
                    raise LineError(f"field {name[:64]!r}: expected name=value")
                fields[name] = scalar(name, value)
            if not self._takes(","):
                break
        self._skip_spaces()
        time = self._word(" ").removesuffix("\r")
        self._skip_spaces()
        if self._at < len(self._text) and self._text[self._at] != "\n":
            raise LineError(f"{self._text[self._at : self._at + 64]!r}: expected the line's end")
        return ProtocolLine(head, fields, written_time(time), self._at)

    def _takes(self, mark: str) -> bool:
        if self._text.startswith(mark, self._at):
            self._at += 1
            return True
        return False

    def _skip_spaces(self) -> None:
        while self._takes(" "):
            pass

    def _name(self, what: str) -> str:
        name = self._word(",= ")
        if not (name and self._takes("=")):
            raise LineError(f"{what} {name[:64]!r}: expected name=value")
        return name

    def _word(self, ends: str) -> str:
        """Characters up to one of the ends or the newline, neither of them escaped."""
        text, at = self._text, self._at
        parts, begin = [], at
        while at < len(text):
            mark = text[at]
            if mark == "\\" and text[at + 1 : at + 2] in _ESCAPED:
                parts.append(text[begin:at])
                begin = at + 1
                at += 2
            elif mark in ends or mark == "\n":
                break
            else:
                at += 1
        self._at = at
        parts.append(text[begin:at])
        return "".join(parts)

    def _string(self, name: str) -> str:
        """What stands up to the closing quotation mark, which is taken."""
        text, at = self._text, self._at
        parts, begin = [], at
        while (at := self._next_mark(at)) >= 0:
            if text[at] == QUOTE:
                parts.append(text[begin:at])
                self._at = at + 1
                return "".join(parts)
            if text[at + 1 : at + 2] in {QUOTE, "\\"}:
                parts.append(text[begin:at])
                begin = at + 1
                at += 1
            at += 1
        raise LineError(f"field {name[:64]}: the text does not end")

    def _next_mark(self, at: int) -> int:
        """Where the next quotation mark or backslash stands; -1: nowhere."""
        quote = self._text.find(QUOTE, at)
        backslash = self._text.find("\\", at, None if quote < 0 else quote)
        return quote if backslash < 0 else backslash
