"""Reads ports.csv and coverage.csv, whose rows stand for ranges: the network and what it passes."""

from gigacity_city import files
from gigacity_city.model import Building, PortKey, RegisteredPort
from gigacity_city.registry import IdRange, parse_id_range
from gigacity_city.tables import Register, Table, TableRow

MAX_PORTS = 1_000_000


def read_ports(table: Table) -> Register[RegisteredPort]:
    """The ports of ports.csv, one by one where the table gives a range."""
    ports = Register[RegisteredPort](files.PORTS, "port", is_complete=table.is_complete)
    for row in table.rows():
        if len(ports.items) > MAX_PORTS:
            row.fault("port", f"more than {MAX_PORTS} ports; the rest was not read")
            ports.is_complete = False
            break
        olt, slot, numbers = row.raw("olt"), row.values["slot"], row.values["port"]
        if slot is None or numbers is None:
            # What this row meant to declare is unknown: coverage that refers to it is not judged.
            ports.is_complete = False
            continue
        for number in numbers:
            key = PortKey(olt, slot, number)
            port = RegisteredPort(key, row.values["tech"] or "")
            first = ports.declare(str(key), row.line, port)
            if first is not None:
                row.fault("port", f"port {key} already stands in line {first}")
                break
    return ports


def read_coverage(
    table: Table, ports: Register[RegisteredPort], buildings: Register[Building]
) -> list[tuple[int, int]]:
    """Pairs of (building index, port index)."""
    pairs: list[tuple[int, int]] = []
    lines: dict[int, int] = {}
    for row in table.rows():
        passed = _passed(row, buildings)
        for port in _ports_of(row, ports):
            first = lines.setdefault(port, row.line)
            if first != row.line:
                row.fault("port", f"port {ports.items[port].key} already stands in line {first}")
                break
            pairs.extend((building, port) for building in passed)
    return pairs


def _ports_of(row: TableRow, ports: Register[RegisteredPort]) -> list[int]:
    """Indices of the ports that a row names; the first that is missing is a fault."""
    olt, slot = row.raw("olt"), row.values["slot"]
    if slot is None:
        return []
    names = [str(PortKey(olt, slot, number)) for number in row.values["port"] or ()]
    missing = next(filter(ports.is_missing, names), None)
    if missing is not None:
        row.fault("port", f"port {missing} is not in {files.PORTS}")
    found = map(ports.index, names)
    return [index for index in found if index is not None]


def _passed(row: TableRow, buildings: Register[Building]) -> list[int]:
    """Indices of the buildings of one row; the first id that is wrong ends the row."""
    passed: dict[int, None] = {}
    for text in (row.values["buildings"] or "").split():
        ids: IdRange | None = row.read("buildings", parse_id_range, text)
        if ids is None:
            return []
        for identifier in ids.ids():
            row.refer("buildings", buildings, identifier)
            index = buildings.index(identifier)
            if index is None:
                return []
            if index in passed:
                row.fault("buildings", f"building {identifier} stands twice in this row")
                return []
            passed[index] = None
    return list(passed)
