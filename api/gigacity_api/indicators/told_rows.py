"""Lines of telemetry, as a worker tells them, into the rows that a state takes. Pure.

The text of many lines becomes one JSON array for each measurement, which a C parser reads straight
into typed rows: several times as quick as taking line by line apart. That is safe because
identities and the values of telemetry hold no character that means anything to either grammar.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from gigacity_api.indicators.inventory import KINDS
from gigacity_api.indicators.row_loader import PortRow, device_row
from gigacity_contract.measurements import DEVICE_MEASUREMENTS, PON_PORT

_FOREIGN = ("\\", "\r", "\t")
"""No line of telemetry holds one."""


def _by_name(row: type[msgspec.Struct]) -> msgspec.json.Decoder[list[Any]]:
    """Reads objects instead of arrays; further members are skipped unread."""
    fields = [(f.name, f.type, None) for f in msgspec.structs.fields(row)]
    struct: Any = msgspec.defstruct(f"told_{row.__name__}", fields, gc=False)
    decoder: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(list[struct])
    return decoder


_DECODERS = {PON_PORT.name: _by_name(PortRow)} | {
    DEVICE_MEASUREMENTS[kind].name: _by_name(device_row(kind)) for kind in KINDS
}


class _Lines:
    """Of one measurement, taken apart."""

    __slots__ = ("fields", "tags", "times")

    def __init__(self) -> None:
        self.tags: list[str] = []
        self.fields: list[str] = []
        self.times: list[str] = []


def told_rows(text: str) -> dict[str, list[Any]]:
    """Rows by measurement, in the order of the lines.

    Args:
        text: lines of telemetry, times in ms.

    Raises:
        ValueError: a line that no worker writes.
    """
    if any(mark in text for mark in _FOREIGN):
        raise ValueError("told lines hold an escape or a control character")
    found: dict[str, _Lines] = {}
    for line in text.split("\n"):
        head, fields, time = line.split(" ")
        name, _, tags = head.partition(",")
        lines = found.get(name)
        if lines is None:
            lines = found[name] = _Lines()
        lines.tags.append(tags)
        lines.fields.append(fields)
        lines.times.append(time)
    return {name: _decoded(name, lines) for name, lines in found.items()}


def _decoded(name: str, lines: _Lines) -> list[Any]:
    decoder = _DECODERS.get(name)
    if decoder is None:
        raise ValueError(f"{name} is no measurement of telemetry")
    try:
        return decoder.decode(_array(lines.tags, lines.fields, lines.times))
    except msgspec.MsgspecError as error:
        raise ValueError(f"told lines of {name}: {error}") from error


def _array(tags: Sequence[str], fields: Sequence[str], times: Sequence[str]) -> str:
    """An object a line: ``a=b x=1i,y="up" 7`` becomes ``{"a":"b","x":1,"y":"up","time":7}``."""
    heads = "\n".join(tags).replace("=", '":"').replace(",", '","').split("\n")
    text = ("\n".join(fields) + "\n").replace("i,", ",").replace("i\n", "\n")
    bodies = text.replace("=", '":').replace(",", ',"').split("\n")
    objects = [
        f'{{"{head}","{body},"time":{time}}}'
        for head, body, time in zip(heads, bodies, times, strict=False)
    ]
    return f"[{','.join(objects)}]"
