"""Splits line protocol: a quick way for lines without escapes, a scanner for the others.

Source: InfluxDB's line protocol reference. Commas, spaces and equals signs are escaped by a
backslash outside of strings; quotation marks and backslashes inside of them, where a newline is
just a character.
"""

from collections.abc import Iterator
from math import isfinite
from typing import NamedTuple

Scalar = float | int | bool | str
_TRUE = frozenset({"t", "T", "true", "True", "TRUE"})
_FALSE = frozenset({"f", "F", "false", "False", "FALSE"})
_ESCAPED = frozenset(", =\\")
_STAND_IN = "\0"
_QUOTE = '"'
_NO_STRINGS: Iterator[str] = iter(())


class LineError(ValueError):
    """A line that is none; says what was expected where."""


class Line(NamedTuple):
    """One point as it is written."""

    measurement: str
    tags: dict[str, str]
    fields: dict[str, Scalar]
    timestamp: int | None
    end: int
    """Where the line ends in its text: the offset of its newline, or the text's length."""


def split_line(text: str, start: int) -> Line:
    """The line that begins at an offset.

    Raises:
        LineError: it is none; the text goes on behind the next newline.
    """
    end = end_of_line(text, start)
    line = text[start:end].removesuffix("\r")
    if "\\" in line or _STAND_IN in line:
        return _Scanner(text, start).line()
    if _QUOTE not in line:
        return _split(line, _NO_STRINGS, end)
    head = line.partition(" ")[0]
    parts = line.split(_QUOTE)
    if _QUOTE in head or len(parts) % 2 == 0:
        return _Scanner(text, start).line()
    return _split(_STAND_IN.join(parts[::2]), iter(parts[1::2]), end)


def end_of_line(text: str, start: int) -> int:
    """Where the next newline stands, or the text ends."""
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _split(line: str, strings: Iterator[str], end: int) -> Line:
    """A line without escapes; its strings stand apart."""
    sections = line.split(" ")
    if len(sections) > 3 or "" in sections:
        sections = [section for section in sections if section]
    if not 2 <= len(sections) <= 3:
        raise LineError("expected measurement, fields and a time, with one space between them")
    measurement, *pairs = sections[0].split(",")
    tags = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise LineError(f"tag {pair[:64]!r}: expected name=value")
        if value:
            tags[name] = value
    fields: dict[str, Scalar] = {}
    for pair in sections[1].split(","):
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise LineError(f"field {pair[:64]!r}: expected name=value")
        fields[name] = next(strings) if value == _STAND_IN else _scalar(name, value)
    if next(strings, None) is not None:
        raise LineError("expected quotation marks around values alone")
    return _checked(measurement, tags, fields, sections[2] if len(sections) == 3 else "", end)


def _checked(
    measurement: str, tags: dict[str, str], fields: dict[str, Scalar], time: str, end: int
) -> Line:
    if not measurement:
        raise LineError("expected a measurement")
    if not time:
        return Line(measurement, tags, fields, None, end)
    try:
        return Line(measurement, tags, fields, int(time), end)
    except ValueError as error:
        raise LineError(f"time {time[:64]!r}: expected a whole number") from error


def _scalar(name: str, text: str) -> Scalar:
    """A value that is no string."""
    try:
        if "_" not in text and text.isascii():
            if text[-1:] in {"i", "u"}:
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

    def line(self) -> Line:
        """The line.

        Raises:
            LineError: it is none.
        """
        measurement = self._word(", ")
        tags = {}
        while self._takes(","):
            name = self._name("tag")
            value = self._word(", ")
            if value:
                tags[name] = value
        self._skip_spaces()
        fields: dict[str, Scalar] = {}
        while True:
            name = self._name("field")
            if self._takes(_QUOTE):
                fields[name] = self._string(name)
            else:
                fields[name] = _scalar(name, self._word(", ").removesuffix("\r"))
            if not self._takes(","):
                break
        self._skip_spaces()
        time = self._word(" ").removesuffix("\r")
        self._skip_spaces()
        if self._at < len(self._text) and self._text[self._at] != "\n":
            raise LineError(f"{self._text[self._at : self._at + 64]!r}: expected the line's end")
        return _checked(measurement, tags, fields, time, self._at)

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
