"""Reads olts.csv, ports.csv and coverage.csv: the access network and the homes it passes."""

from dataclasses import dataclass

from gigacity_city import files
from gigacity_city.model import Olt, PortKey, RegisteredPort
from gigacity_city.outline import Outline
from gigacity_city.problems import Problems
from gigacity_city.registry import parse_id_range
from gigacity_city.tables import Register, Row, Table
from gigacity_contract.technology import parse_tech

OLT_COLUMNS = ("id", "area")
PORT_COLUMNS = ("olt", "slot", "port", "tech")
COVERAGE_COLUMNS = ("olt", "slot", "port", "buildings")

MAX_SLOT = 255
MAX_PORT = 255
MAX_PORTS = 1_000_000


@dataclass(frozen=True, slots=True)
class Network:
    """OLTs, ports and what they pass, in the order of their tables."""

    olts: list[Olt]
    ports: list[RegisteredPort]
    coverage: list[tuple[int, int]]
    """(building index, port index)."""


def read_network(
    texts: dict[str, str | None], outline: Outline, buildings: Register[int], problems: Problems
) -> Network:
    """Read the three tables and check them against each other, the areas and the buildings."""
    olt_table = Table(files.OLTS, OLT_COLUMNS, texts[files.OLTS], problems)
    olts, olt_register = _olts(olt_table, outline)
    port_table = Table(files.PORTS, PORT_COLUMNS, texts[files.PORTS], problems)
    ports = _Ports(port_table, olt_register)
    coverage_table = Table(
        files.COVERAGE, COVERAGE_COLUMNS, texts[files.COVERAGE], problems, may_be_empty=True
    )
    return Network(olts, ports.ports, _coverage(coverage_table, ports, buildings))


def read_area(row: Row, outline: Outline) -> str | None:
    """The cell ``area``: the code of one of the city's areas."""
    code = row.area_code("area")
    if code is None or not outline.is_complete or code in outline.area_by_code:
        return code
    row.fault("area", f"area {code!r} is not in {files.OUTLINE}")
    return None


def _olts(table: Table, outline: Outline) -> tuple[list[Olt], Register[Olt]]:
    register: Register[Olt] = Register(table, "OLT")
    olts: list[Olt] = []
    for row in table.rows:
        identifier, area = row.identifier("id"), read_area(row, outline)
        olt = Olt(identifier, area) if identifier and area else None
        if register.declare(row, "id", olt) and olt is not None:
            olts.append(olt)
    return olts, register


class _Ports:
    """The ports of ports.csv, one by one where the table gives a range."""

    def __init__(self, table: Table, olts: Register[Olt]) -> None:
        self.is_complete = table.is_complete
        self.ports: list[RegisteredPort] = []
        self._index: dict[tuple[str, int, int], int] = {}
        self._lines: list[int] = []
        for row in table.rows:
            if len(self.ports) > MAX_PORTS:
                row.fault("port", f"more than {MAX_PORTS} ports; the rest was not read")
                self.is_complete = False
                break
            self._read(row, olts)

    def _read(self, row: Row, olts: Register[Olt]) -> None:
        olt = row.raw("olt")
        olts.find(row, "olt", olt)
        slot, numbers = row.whole("slot", 0, MAX_SLOT), row.numbers("port", MAX_PORT)
        tech = _tech(row)
        # What this row meant to declare is unknown: coverage that refers to it is not judged.
        self.is_complete = self.is_complete and slot is not None and len(numbers) > 0
        if slot is None:
            return
        for number in numbers:
            key = PortKey(olt, slot, number)
            first = self._index.setdefault(key, len(self.ports))
            if first < len(self.ports):
                row.fault("port", f"port {key} already stands in line {self._lines[first]}")
                return
            self.ports.append(RegisteredPort(key, tech))
            self._lines.append(row.line)

    def find(self, row: Row) -> list[int]:
        """Indices of the ports that a coverage row names."""
        olt, slot = row.raw("olt"), row.whole("slot", 0, MAX_SLOT)
        numbers = row.numbers("port", MAX_PORT)
        if slot is None:
            return []
        found = [self._index.get((olt, slot, number)) for number in numbers]
        if None in found and self.is_complete:
            missing = PortKey(olt, slot, numbers[found.index(None)])
            row.fault("port", f"port {missing} is not in {files.PORTS}")
        return [index for index in found if index is not None]


def _tech(row: Row) -> str:
    try:
        return parse_tech(row.raw("tech"))
    except ValueError as error:
        row.fault("tech", str(error))
        return ""


def _coverage(table: Table, ports: _Ports, buildings: Register[int]) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    lines: dict[int, int] = {}
    for row in table.rows:
        passed = _passed(row, buildings)
        for port in ports.find(row):
            first = lines.setdefault(port, row.line)
            if first != row.line:
                row.fault("port", f"port {ports.ports[port].key} already stands in line {first}")
                break
            pairs.extend((building, port) for building in passed)
    return pairs


def _passed(row: Row, buildings: Register[int]) -> list[int]:
    """Indices of the buildings of one row; the first id that is wrong ends the row."""
    passed: dict[int, None] = {}
    for text in (row.text("buildings") or "").split():
        try:
            ids = parse_id_range(text)
        except ValueError as error:
            row.fault("buildings", str(error))
            return []
        for identifier in ids.ids():
            index = buildings.find(row, "buildings", identifier)
            if index is None:
                return []
            if index in passed:
                row.fault("buildings", f"building {identifier} stands twice in this row")
                return []
            passed[index] = None
    return list(passed)
