"""A strict reader of line protocol, written apart from our encoder, so that it can contradict it.

It accepts what InfluxDB 1.6.7 and 2.9.1 both store unchanged and refuses the rest; the recordings
hold it to that (``tests/unit/contract/test_line_parser.py``).
"""

from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["float", "integer", "boolean", "string"]

_TRUE = {"t", "T", "true", "True", "TRUE"}
_FALSE = {"f", "F", "false", "False", "FALSE"}
_MAX_INT64 = 2**63 - 1
_RESERVED_TAGS = {"time", "_field", "_measurement"}


class LineError(ValueError):
    """A server would refuse the line, or the two servers would not read it alike."""


@dataclass(frozen=True)
class Point:
    """A parsed line. Fields carry their kind, since ``5`` and ``5.0`` are equal in Python."""

    measurement: str
    tags: dict[str, str]
    fields: dict[str, tuple[FieldKind, float | int | bool | str]]
    time: int | None


def parse_lines(text: bytes) -> list[Point]:
    """Every line; blank lines and comments are skipped."""
    return [
        parse_line(line)
        for line in text.split(b"\n")
        if line.strip(b" \r") and not line.startswith(b"#")
    ]


def parse_line(line: bytes) -> Point:
    """One line without its line feed.

    Raises:
        LineError: with what is wrong.
    """
    text = line.decode()
    if "\r" in text or "\x00" in text:
        raise LineError("a control character")
    key, fields, time = _sections(text)
    measurement, *tags = _split(key, ",", quoted=False)
    if not measurement:
        raise LineError("no measurement")
    return Point(_plain(measurement), _tags(tags), _fields(fields), _time(time))


def _sections(text: str) -> tuple[str, str, str]:
    # Quotes mean nothing before the fields.
    key = _split(text, " ", quoted=False)[0]
    parts = _split(text[len(key) + 1 :], " ", quoted=True)
    if len(parts) > 2 or not key or not parts[0]:
        raise LineError(f"{len(parts) + 1} sections")
    return key, parts[0], parts[1] if len(parts) == 2 else ""


def _split(text: str, separator: str, *, quoted: bool) -> list[str]:
    """Split at a separator that is neither escaped nor, where it counts, between quotes."""
    parts, start, i, inside = [], 0, 0, False
    while i < len(text):
        char = text[i]
        if char == "\\":
            i += 1
        elif char == '"' and quoted:
            inside = not inside
        elif char == separator and not inside:
            parts.append(text[start:i])
            start = i + 1
        i += 1
    if inside:
        raise LineError("unbalanced quotes")
    parts.append(text[start:])
    return parts


def _pair(text: str, *, quoted: bool) -> tuple[str, str]:
    parts = _split(text, "=", quoted=quoted)
    if len(parts) != 2 or not all(parts):
        raise LineError(f"no key or value: {text!r}")
    return _plain(parts[0]), parts[1]


def _plain(text: str) -> str:
    """A measurement, key or tag value without its escapes."""
    if text.endswith("\\"):
        raise LineError("ends in a backslash")
    out, i = [], 0
    while i < len(text):
        if text[i] == "\\" and text[i + 1 : i + 2] in {",", "=", " "}:
            i += 1
        out.append(text[i])
        i += 1
    return "".join(out)


def _tags(parts: list[str]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for part in parts:
        key, value = _pair(part, quoted=False)
        if key in tags or key in _RESERVED_TAGS:
            raise LineError(f"duplicate or reserved tag {key!r}")
        tags[key] = _plain(value)
    return tags


def _fields(text: str) -> dict[str, tuple[FieldKind, float | int | bool | str]]:
    fields: dict[str, tuple[FieldKind, float | int | bool | str]] = {}
    for part in _split(text, ",", quoted=True):
        key, value = _pair(part, quoted=True)
        if key in fields or key == "time":
            raise LineError(f"duplicate or reserved field {key!r}")
        fields[key] = _value(value)
    return fields


def _value(text: str) -> tuple[FieldKind, float | int | bool | str]:
    if text.startswith('"'):
        return "string", _string(text)
    if text in _TRUE | _FALSE:
        return "boolean", text in _TRUE
    if text.endswith("i"):
        return "integer", _whole(text[:-1])
    if not set(text) <= set("0123456789+-.eE"):
        raise LineError(f"no number: {text!r}")
    try:
        number = float(text)
    except ValueError as error:
        raise LineError(f"no number: {text!r}") from error
    if number in {float("inf"), float("-inf")}:
        raise LineError("a float that is not finite")
    return "float", number


def _string(text: str) -> str:
    if len(text) < 2 or not text.endswith('"'):
        raise LineError("unbalanced quotes")
    out, i, inner = [], 0, text[1:-1]
    while i < len(inner):
        if inner[i] == "\\" and inner[i + 1 : i + 2] in {'"', "\\"}:
            i += 1
        elif inner[i] == '"':
            raise LineError("a quote inside a string")
        out.append(inner[i])
        i += 1
    return "".join(out)


def _whole(text: str) -> int:
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit():
        raise LineError(f"no integer: {text!r}")
    number = int(text)
    if not -_MAX_INT64 - 1 <= number <= _MAX_INT64:
        raise LineError("an integer beyond 64 bits")
    return number


def _time(text: str) -> int | None:
    return _whole(text) if text else None
