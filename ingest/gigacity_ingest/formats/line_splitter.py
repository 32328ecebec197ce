"""Splits line protocol quickly, and leaves to the scanner what has escapes in its fields."""

from collections.abc import Sequence
from math import isfinite

from gigacity_ingest.formats.line_scanner import (
    QUOTE,
    LineError,
    LineHead,
    LineScanner,
    ProtocolLine,
    Scalar,
    scalar,
    written_time,
)

_STAND_IN = "\0"


def parse_head(head: str) -> LineHead:
    """Measurement and tags, without escapes; tags without a value are left out.

    Raises:
        LineError: no measurement, or a tag that is none.
    """
    return LineScanner(head, 0).head()


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
            return LineScanner(text, start).line()
        while space > 0 and line[space - 1] == "\\":
            space = line.find(" ", space + 1)
    rest = line[space + 1 :]
    if space <= 0 or _STAND_IN in rest or "\\" in rest:
        return LineScanner(text, start).line()
    if QUOTE not in rest:
        return ProtocolLine(line[:space], *_fields_and_time(rest, ()), end)
    parts = rest.split(QUOTE)
    if len(parts) % 2 == 0:
        return LineScanner(text, start).line()
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
        return numbers, written_time(time.strip(" ")) if time else None
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
            fields[name] = scalar(name, value)
    if used < len(strings):
        raise LineError("expected quotation marks around values alone")
    return fields, written_time(time.strip(" ")) if time else None


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
