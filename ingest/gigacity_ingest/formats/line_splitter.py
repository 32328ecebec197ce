"""Splits line protocol: a quick way for lines without escapes, a scanner for the others.

Source: InfluxDB's line protocol reference. Commas, spaces and equals signs are escaped by a
backslash outside of strings; quotation marks and backslashes inside of them, where a newline is
just a character.
"""

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple

Scalar = float | int | bool | str
_TRUE = frozenset({"t", "T", "true", "True", "TRUE"})
_FALSE = frozenset({"f", "F", "false", "False", "FALSE"})
_ESCAPED = frozenset(", =\\")
_STAND_IN = "\0"
_QUOTE = '"'
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


def parse_head(head: str) -> LineHead:
    """Measurement and tags, without escapes; tags without a value are left out.

    Raises:
        LineError: no measurement, or a tag that is none.
    """
    return _Scanner(head, 0).head()


def split_line(text: str, start: int, end: int) -> ProtocolLine:
    """The line that begins at an offset; its head is not looked into.

    Args:
        text: of all lines.
        start: where the line begins.
        end: where the next newline stands (``end_of_line``).

    Raises:
        LineError: it is none; the text goes on behind the next newline.
    """
    line = text[start:end].removesuffix("\r")
    space = line.find(" ")
    if space < 0:
        raise LineError("expected measurement, fields and a time, with one space between them")
    if "\\" in line:
        if "\\\\" in line:
            return _Scanner(text, start).line()
        while space > 0 and line[space - 1] == "\\":
            space = line.find(" ", space + 1)
    rest = line[space + 1 :]
    if space <= 0 or _STAND_IN in rest or "\\" in rest:
        return _Scanner(text, start).line()
    if _QUOTE not in rest:
        return ProtocolLine(line[:space], *_fields_and_time(rest, ()), end)
    parts = rest.split(_QUOTE)
    if len(parts) % 2 == 0:
        return _Scanner(text, start).line()
    plain = _STAND_IN.join(parts[::2])
    return ProtocolLine(line[:space], *_fields_and_time(plain, parts[1::2]), end)


def end_of_line(text: str, start: int) -> int:
    """Where the next newline stands, or the text ends."""
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _fields_and_time(text: str, strings: Sequence[str]) -> tuple[dict[str, Scalar], int | None]:
    """What stands behind the head; strings stand apart."""
    written, _, time = text.lstrip(" ").partition(" ")
    numbers = None if strings else _numbers(written)
    if numbers is not None:
        return numbers, _time(time.strip(" ")) if time else None
    fields: dict[str, Scalar] = {}
    used = 0
    for pair in written.split(","):
        name, _, value = pair.partition("=")
        if not (name and value):
            raise LineError(f"field {pair[:64]!r}: expected name=value")
        if value == _STAND_IN:
            fields[name] = strings[used]
            used += 1
        else:
            fields[name] = _scalar(name, value)
    if used < len(strings):
        raise LineError("expected quotation marks around values alone")
    return fields, _time(time.strip(" ")) if time else None


def _numbers(written: str) -> dict[str, Scalar] | None:
    """Fields that are plain numbers, which is what most lines hold; None where one is not."""
    fields: dict[str, Scalar] = {}
    has_underscore = "_" in written
    try:
        for pair in written.split(","):
            name, _, value = pair.partition("=")
            if value[-1] == "i":
                fields[name] = int(value[:-1])
            else:
                number = fields[name] = float(value)
                if not isfinite(number):
                    return None
            if has_underscore and "_" in value:
                return None
    except (ValueError, IndexError):
        return None
    return fields if "" not in fields and written.isascii() else None


def _time(text: str) -> int | None:
    if not text:
        return None
    try:
        return int(text)
    except ValueError as error:
        raise LineError(f"time {text[:64]!r}: expected a whole number") from error


def _scalar(name: str, text: str) -> Scalar:
    """A value that is no string."""
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


class _Scanner:
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
            if self._takes(_QUOTE):
                fields[name] = self._string(name)
            else:
                value = self._word(", ").removesuffix("\r")
                if not value:
                    raise LineError(f"field {name[:64]!r}: expected name=value")
                fields[name] = _scalar(name, value)
            if not self._takes(","):
                break
        self._skip_spaces()
        time = self._word(" ").removesuffix("\r")
        self._skip_spaces()
        if self._at < len(self._text) and self._text[self._at] != "\n":
            raise LineError(f"{self._text[self._at : self._at + 64]!r}: expected the line's end")
        return ProtocolLine(head, fields, _time(time), self._at)

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
            if text[at] == _QUOTE:
                parts.append(text[begin:at])
                self._at = at + 1
                return "".join(parts)
            if text[at + 1 : at + 2] in {_QUOTE, "\\"}:
                parts.append(text[begin:at])
                begin = at + 1
                at += 1
            at += 1
        raise LineError(f"field {name[:64]}: the text does not end")

    def _next_mark(self, at: int) -> int:
        """Where the next quotation mark or backslash stands; -1: nowhere."""
        quote = self._text.find(_QUOTE, at)
        backslash = self._text.find("\\", at, None if quote < 0 else quote)
        return quote if backslash < 0 else backslash
