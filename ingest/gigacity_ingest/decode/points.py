"""Puts the points of one report into an outcome."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import astuple

from gigacity_contract.decoding import Extent, RejectionReason
from gigacity_contract.kinds import Values
from gigacity_contract.measurements import PON_PORT
from gigacity_contract.payloads import Port
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from gigacity_ingest.decode.point_spans import Series
from gigacity_ingest.decode.routes import Carried, Route
from gigacity_ingest.decode.safety import NO_FLAG, flag_index
from gigacity_ingest.encode.device_lines import SHAPES_OF_VALUES, STAMP, stamped_shapes

TOO_MANY = (
    "it is not in the city file, and its publisher or area already has as many unregistered objects"
    " as are stored; register it"
)


def add_ports(
    route: Route, ports: list[Port], ts: int, out: Outcome, *, is_stamped: bool = False
) -> None:
    """Add the ports of one report.

    Raises:
        TooManyPortsError: one of them may not have a series; none is added.
    """
    if route.ports is None:
        raise ValueError("only the topic of an OLT carries ports")
    route.ports.add(ports, ts, out.lines, is_stamped=is_stamped)
    out.note_time((PON_PORT.name, route.area), ts, len(ports))


def add_device(
    prefix: str,
    series: Series,
    values: Values,
    ts: int,
    out: Outcome,
    *,
    is_stamped: bool = False,
) -> bool:
    """Add the point of one device report; False if it has no value."""
    row = astuple(values)
    if row.count(None) == len(row):
        return False
    if is_stamped:
        out.lines.add(prefix + STAMP, stamped_shapes(values.__class__), row, ts)
    else:
        out.lines.add(prefix, SHAPES_OF_VALUES[values.__class__], row, ts)
    out.note_time(series, ts, 1)
    flag = flag_index(values.__class__)
    if flag != NO_FLAG and row[flag]:
        out.safety_calls.append((prefix, ts))
    return True


def add_own(device: Carried, values: Values, ts: int, out: Outcome) -> bool:
    """Add the point of a device as it mostly reports; False if it has no value.

    As ``add_device``; the fields that were there last time are looked for first.
    """
    row: Sequence[Any] = astuple(values)
    shape, absent = device.shape, row.count(None)
    if absent == len(row):
        return False
    picked = shape.pick(row) if absent else row
    if absent != shape.absent or None in picked:
        shape = device.shape = SHAPES_OF_VALUES[device.values].shape_of(row)
        picked = shape.pick(row) if absent else row
    out.lines.points.append(shape.make(device.prefix, *picked, ts))
    out.note_time(device.series, ts, 1)
    if device.flag != NO_FLAG and row[device.flag]:
        out.safety_calls.append((device.prefix, ts))
    return True


def add_admitted_ports(
    route: Route, ports: list[Port], message: ReceivedMessage, ts: int, out: Outcome
) -> None:
    """Add the ports that may have a series; each of the others is a dead letter."""
    known, admitted = route.ports, []
    for port in ports:
        if known is not None and known.admits(port):
            admitted.append(port)
        else:
            text = f"port {port.slot}/{port.port}: {TOO_MANY}"
            raw = msgspec.json.encode(port)
            reason = RejectionReason.TOO_MANY_UNREGISTERED
            out.refuse(message, reason, text, extent=Extent.ENTRY, raw=raw, ts=ts)
    if admitted:
        add_ports(route, admitted, ts, out)
