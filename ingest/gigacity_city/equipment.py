"""Reads gateways.csv and devices.csv: smart-community devices and what carries their reports."""

from collections.abc import Iterable

from gigacity_city import files
from gigacity_city.model import Community, Gateway
from gigacity_city.network import read_area
from gigacity_city.outline import Outline
from gigacity_city.problems import Problems
from gigacity_city.registry import (
    DeviceRange,
    DeviceRegistry,
    IdRange,
    parse_id_range,
    split_number,
)
from gigacity_city.tables import Register, Row, Table
from gigacity_contract.identifiers import is_id
from gigacity_contract.kinds import CATALOGUE

GATEWAY_COLUMNS = ("id", "area")
DEVICE_COLUMNS = ("community", "kind", "device", "gateway")

MAX_DEVICES = 5_000_000

_Span = tuple[str, str, int, int]
"""Community, prefix, first and last number of a row's devices."""


def read_gateways(
    text: str | None, outline: Outline, problems: Problems
) -> tuple[list[Gateway], Register[Gateway]]:
    """Read gateways.csv."""
    table = Table(files.GATEWAYS, GATEWAY_COLUMNS, text, problems, may_be_empty=True)
    register: Register[Gateway] = Register(table, "gateway")
    gateways: list[Gateway] = []
    for row in table.rows:
        identifier, area = row.identifier("id"), read_area(row, outline)
        gateway = Gateway(identifier, area) if identifier and area else None
        if register.declare(row, "id", gateway) and gateway is not None:
            gateways.append(gateway)
    return gateways, register


def read_devices(
    text: str | None,
    communities: Register[Community],
    gateways: Register[Gateway],
    problems: Problems,
) -> DeviceRegistry:
    """Read devices.csv, one range of devices a row."""
    table = Table(files.DEVICES, DEVICE_COLUMNS, text, problems, may_be_empty=True)
    ranges: list[DeviceRange] = []
    spans: list[tuple[_Span, Row]] = []
    offset = 0
    for row in table.rows:
        ids = _ids(row)
        kind = row.raw("kind")
        if kind not in CATALOGUE:
            row.fault("kind", f"{kind!r} is not a device kind; known are {', '.join(CATALOGUE)}")
        code = row.community_code("community")
        if code is not None:
            _check_gateway(row, communities.find(row, "community", code), gateways)
        if ids is None or code is None:
            continue
        spans.append((_span(code, ids), row))
        ranges.append(DeviceRange(code, kind, ids, row.raw("gateway"), offset))
        offset += len(ids)
    if offset > MAX_DEVICES:
        problems.add(files.DEVICES, 0, "device", f"registers {offset} devices, above {MAX_DEVICES}")
    _check_overlaps(spans)
    return DeviceRegistry(ranges)


def _ids(row: Row) -> IdRange | None:
    text = row.raw("device")
    try:
        ids = parse_id_range(text)
    except ValueError as error:
        row.fault("device", str(error))
        return None
    if ids.first is None and not is_id(text):
        row.identifier("device")
        return None
    return ids


def _check_gateway(row: Row, community: Community | None, gateways: Register[Gateway]) -> None:
    if not row.raw("gateway"):
        return
    gateway = gateways.find(row, "gateway")
    if gateway and community and gateway.area != community.area:
        row.fault(
            "gateway",
            f"gateway {gateway.id} is in area {gateway.area}, community {community.code} in"
            f" {community.area}; a gateway bundles devices of its own area",
        )


def _span(community: str, ids: IdRange) -> _Span:
    if ids.first is not None:
        return community, ids.prefix, ids.first, ids.last
    # A plain camera-7 is the same device as the seventh of camera-{1..24}.
    prefix, number = split_number(ids.prefix)
    return community, prefix, number, number


def _check_overlaps(spans: Iterable[tuple[_Span, Row]]) -> None:
    group: tuple[str, str] | None = None
    widest: Row | None = None
    reach = -1
    for (community, prefix, first, last), row in sorted(spans, key=lambda s: (s[0], s[1].line)):
        if (community, prefix) != group:
            group, widest, reach = (community, prefix), None, -1
        if widest is not None and first <= reach:
            later, earlier = (row, widest) if row.line > widest.line else (widest, row)
            later.fault(
                "device",
                f"{later.raw('device')} overlaps {earlier.raw('device')} in line {earlier.line}",
            )
        if last > reach or widest is None:
            widest, reach = row, last
