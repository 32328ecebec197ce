"""Reads devices.csv: smart-community devices, a range of them a row, and who carries them."""

from collections.abc import Iterable

from gigacity_city import files, schemas
from gigacity_city.model import Community, Gateway
from gigacity_city.registry import DeviceRange, DeviceRegistry, IdRange, split_number
from gigacity_city.tables import CityTables, TableRow
from gigacity_city.values import identifier

MAX_DEVICES = 5_000_000

_Span = tuple[str, str, int, int]
"""Community, prefix, first and last number of a row's devices."""


def read_devices(tables: CityTables) -> DeviceRegistry:
    """Every device of the table."""
    ranges: list[DeviceRange] = []
    spans: list[tuple[_Span, TableRow]] = []
    offset = 0
    for row in tables.table(schemas.DEVICES).rows():
        _check_gateway(row, tables)
        code, ids = row.values["community"], row.values["device"]
        if ids is not None and ids.first is None:
            # A plain id is of any form until here.
            ids = row.read("device", identifier, ids.prefix) and ids
        if ids is None or code is None:
            continue
        kind, gateway = row.values["kind"] or "", row.values["gateway"] or ""
        spans.append((_span(code, ids), row))
        ranges.append(DeviceRange(code, kind, ids, gateway, offset))
        offset += len(ids)
    if offset > MAX_DEVICES:
        message = f"registers {offset} devices, above {MAX_DEVICES}"
        tables.problems.add(files.DEVICES, 0, "device", message)
    _check_overlaps(spans)
    return DeviceRegistry(ranges)


def _check_gateway(row: TableRow, tables: CityTables) -> None:
    gateway: Gateway | None = tables.registers[files.GATEWAYS].find(row.values["gateway"] or "")
    community: Community | None = tables.registers[files.COMMUNITIES].find(
        row.values["community"] or ""
    )
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


def _check_overlaps(spans: Iterable[tuple[_Span, TableRow]]) -> None:
    group: tuple[str, str] | None = None
    widest: TableRow | None = None
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
