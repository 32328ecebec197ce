"""Line protocol as pollers write it: numbers and switches without a quotation mark, many lines.

The fields of all lines become one JSON text by a few replacements, which C reads at once. What
JSON would read otherwise than line protocol (text, escapes, lists, a fraction marked as whole) is
left, as a whole message, to the splitter, with which this reader must always agree. A number
without ``i`` may come as a whole one: to a mapping, 5 and 5.0 are the same.
"""

from typing import Any, NamedTuple

import msgspec

from gigacity_contract.decoding.document import JSON_ERRORS

_DIGITS = b"0123456789"
_STRANGE = frozenset('"[]{}\t\r\0')
_decode = msgspec.json.Decoder(list[dict[str, float | int | bool]]).decode


class PlainLine(NamedTuple):
    """One line."""

    head: str
    """As it is written."""
    fields: dict[str, Any]
    time: str
    """A whole number; empty: none."""


def plain_lines(text: str) -> list[PlainLine] | None:
    """The lines of a text; None where the splitter has to read it.

    Args:
        text: of one message.
    """
    heads, written, times = [], [], []
    for line in text.split("\n"):
        if not line or line[0] == "#":
            continue
        head, _, rest = line.partition(" ")
        while head[-1:] == "\\":
            more, _, rest = rest.partition(" ")
            head = f"{head} {more}"
        fields, _, time = rest.partition(" ")
        if not head or (time and not time.isdecimal()):
            return None
        heads.append(head)
        written.append(fields)
        times.append(time)
    fields = ",\n".join(written) + ",\n"
    if _is_other(fields) or "\\\\" in text:
        return None
    body = (
        fields[:-2].replace("i,", ",").removesuffix("i")
        .replace("=", '":').replace(",\n", "\n").replace(",", ',"').replace("\n", '},{"')
    )  # fmt: skip
    try:
        rows = _decode(f'[{{"{body}}}]')
    except JSON_ERRORS:
        return None
    if len(rows) != len(heads):
        return None
    return list(map(PlainLine, heads, rows, times))


def _is_other(fields: str) -> bool:
    """Whether fields, each with a comma behind it, may mean something else as JSON."""
    if not _STRANGE.isdisjoint(fields) or "\\" in fields:
        return True
    if fields[0] == "=" or ",=" in fields or "\n=" in fields or ",," in fields:
        return True
    if "i," not in fields:
        return False
    # Only whole numbers are marked so: without digits, nothing but a sign is left of them.
    left = fields.encode().translate(None, _DIGITS)
    return left.count(b"i,") != left.count(b"=i,") + left.count(b"=-i,")
