"""Reads foreign_ids.csv, and checks that what it names is registered."""

import sys

from gigacity_city import files, schemas
from gigacity_city.foreign_ids import ForeignIds, ForeignObject, ForeignRow
from gigacity_city.model import Community, Olt, PortKey, RegisteredPort
from gigacity_city.registry import DeviceRegistry
from gigacity_city.tables import CityTables, Register, TableRow

_WAYS = (
    "says neither a device (community and device) nor an OLT (olt, or olt, slot and port);"
    " give one of them"
)


def count_foreign_ids(text: str | None) -> ForeignIds:
    """How many rows a table has that was checked when it came into force."""
    return ForeignIds.counted(max(0, len((text or "").splitlines()) - 1))


def read_foreign_ids(
    tables: CityTables, ports: Register[RegisteredPort], devices: DeviceRegistry
) -> ForeignIds:
    """Every foreign id; none if the city has no such table."""
    if not tables.has(schemas.FOREIGN_IDS):
        return ForeignIds()
    # While the table of devices has faults of its own, it is not known what it registers.
    known = None if tables.problems.has(files.DEVICES) else devices
    rows: list[ForeignRow] = []
    lines: dict[tuple[str, str], int] = {}
    for row in tables.table(schemas.FOREIGN_IDS).rows():
        source, foreign_id = row.raw("source"), row.raw("foreign_id")
        first = lines.setdefault((source, foreign_id), row.line)
        if first != row.line:
            row.fault("foreign_id", f"{foreign_id} of {source} already stands in line {first}")
        found = _object_of(row, tables, ports, known)
        if found is not None and row.is_good:
            rows.append((sys.intern(source), foreign_id, found))
    return ForeignIds(rows)


def _object_of(
    row: TableRow,
    tables: CityTables,
    ports: Register[RegisteredPort],
    devices: DeviceRegistry | None,
) -> ForeignObject | None:
    has_device = bool(row.raw("community") or row.raw("device"))
    has_olt = any(row.raw(name) for name in ("olt", "slot", "port"))
    if has_device == has_olt:
        row.fault("device" if has_device else "foreign_id", _WAYS)
        return None
    return _olt(row, tables, ports) if has_olt else _device(row, tables, devices)


def _device(
    row: TableRow, tables: CityTables, devices: DeviceRegistry | None
) -> ForeignObject | None:
    code, device = row.values["community"], row.values["device"]
    for column in ("community", "device"):
        if not row.raw(column):
            row.fault(column, "is empty; a device has its community beside it")
    community: Community | None = tables.registers[files.COMMUNITIES].find(code or "")
    if community is None or device is None:
        return None
    if devices is not None and devices.find(code, device) is None:
        row.fault("device", f"device {device} of {code} is not in {files.DEVICES}")
    _check_area(row, f"community {code}", community.area)
    return ForeignObject(community.area, community.code, device)


def _olt(
    row: TableRow, tables: CityTables, ports: Register[RegisteredPort]
) -> ForeignObject | None:
    slot, port = row.values["slot"], row.values["port"]
    if not row.raw("olt"):
        row.fault("olt", "is empty; slot and port are those of an OLT")
    if bool(row.raw("slot")) != bool(row.raw("port")):
        row.fault("port", "slot and port stand together, or neither: the OLT as a whole")
        return None
    olt: Olt | None = tables.registers[files.OLTS].find(row.values["olt"] or "")
    if olt is None:
        return None
    if slot is not None and port is not None:
        row.refer("port", ports, str(PortKey(olt.id, slot, port)))
    _check_area(row, f"OLT {olt.id}", olt.area)
    return ForeignObject(olt.area, "", olt.id, slot, port)


def _check_area(row: TableRow, what: str, area: str) -> None:
    stated = row.values["area"]
    if stated and stated != area:
        row.fault("area", f"{what} is in area {area}, not {stated}; an empty cell will do")
