"""Lines of ``pon_port``: the fastest encoder, since ports are most of a city's points.

Identity and state of a port rarely change, so tags, admin and oper together are one cached prefix,
and the numbers are formatted in one step by a template of the fields that are present.
"""

from typing import Any

from msgspec.structs import astuple

from gigacity_contract.fields import FieldType
from gigacity_contract.line_protocol import tag_prefix
from gigacity_contract.measurements import PON_PORT
from gigacity_contract.payloads import Port
from gigacity_contract.technology import canonical_tech

PortPrefixes = dict[tuple[Any, ...], bytes]
"""(slot, port, tech, admin, oper) of one OLT to the start of its line."""

_IDENTITY = 5
_STATE = PON_PORT.fields[:2]
_NUMBERS = PON_PORT.fields[2:]
_CONVERSIONS = {FieldType.FLOAT: "%a", FieldType.INTEGER: "%di"}
_MAX_PREFIXES = 4096
_MAX_TEMPLATES = 4096


def _template(present: list[bool]) -> bytes:
    chosen = (
        f",{field.name}={_CONVERSIONS[field.type]}"
        for field, there in zip(_NUMBERS, present, strict=True)
        if there
    )
    return f"%b{''.join(chosen)} %d".encode()


_FULL = _template([True] * len(_NUMBERS))
_partial: dict[tuple[bool, ...], bytes] = {}


def _prefix(area: str, olt: str, identity: tuple[Any, ...]) -> bytes:
    slot, port, tech, *state = identity
    tags = {"area": area, "olt": olt, "slot": str(slot), "port": str(port), "tech": tech}
    fields = (f'{field.name}="{value}"' for field, value in zip(_STATE, state, strict=True))
    return f"{tag_prefix(PON_PORT, tags)} {','.join(fields)}".encode()


def port_line(prefixes: PortPrefixes, area: str, olt: str, port: Port, ts: int) -> bytes:
    """One line.

    Args:
        prefixes: those of this OLT; filled here, and emptied when a publisher invents too many.
        area: current area code.
        olt: OLT id.
        port: validated, its technology canonical or a list.
        ts: epoch ms.
    """
    values = astuple(port)
    identity, numbers = values[:_IDENTITY], values[_IDENTITY:]
    if port.tech.__class__ is list:
        identity = (*identity[:2], canonical_tech(list(port.tech)), *identity[3:])
    prefix = prefixes.get(identity)
    if prefix is None:
        if len(prefixes) >= _MAX_PREFIXES:
            prefixes.clear()
        prefix = prefixes[identity] = _prefix(area, olt, identity)
    if None not in numbers:
        return _FULL % (prefix, *numbers, ts)
    present = [number is not None for number in numbers]
    key = tuple(present)
    template = _partial.get(key)
    if template is None:
        if len(_partial) >= _MAX_TEMPLATES:
            _partial.clear()
        template = _partial[key] = _template(present)
    return template % (prefix, *[number for number in numbers if number is not None], ts)
