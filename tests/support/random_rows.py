"""The lives of a random city as rows of the database, as they have arrived at some moment."""

from typing import NamedTuple

from gigacity_api.indicators.city_state import DEVICE_FIELDS, CityState
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.row_loader import (
    DeviceReportRow,
    PortRow,
    PresenceRow,
    device_row,
    load_devices,
    load_ports,
    load_presence,
)
from tests.support.random_lives import PortState, Report, World


class Rows(NamedTuple):
    """Rows of every measurement."""

    ports: list[PortRow]
    devices: dict[str, list[DeviceReportRow]]
    presence: list[PresenceRow]


def rows_of(world: World, heard_ms: int | None) -> Rows:
    """What had arrived by a moment; None: everything that was ever sampled, whole."""
    ports: list[PortRow] = []
    for registered, reports in zip(world.city.ports, world.ports, strict=True):
        olt = world.city.olt_by_id[registered.key.olt]
        for report in reports:
            state = report.state
            if not _is_there(report, heard_ms):
                continue
            assert isinstance(state, PortState)
            key = registered.key
            row = PortRow(
                report.due_ms, key.olt, str(key.slot), str(key.port), state.tech, olt.area
            )
            for name, value in state._asdict().items():
                if heard_ms is None or name not in report.lacks:
                    setattr(row, name, value)
            ports.append(row)
    presence = [
        PresenceRow(s.start_ms, s.object, s.community, s.id, s.start_ms, s.end_ms)
        for s in world.sessions
        if (not s.is_outage if heard_ms is None else s.arrives_ms <= heard_ms)
    ]
    return Rows(ports, _devices(world, heard_ms), presence)


def _is_there(report: Report, heard_ms: int | None) -> bool:
    if heard_ms is None:
        return True
    return report.arrives_ms is not None and report.arrives_ms <= heard_ms


def _devices(world: World, heard_ms: int | None) -> dict[str, list[DeviceReportRow]]:
    found: dict[str, list[DeviceReportRow]] = {}
    for device in world.devices:
        rows = found.setdefault(device.kind, [])
        for report in device.reports:
            if not _is_there(report, heard_ms):
                continue
            head = (report.due_ms, device.community, device.id, device.area)
            row = device_row(device.kind)(*head)
            for name in DEVICE_FIELDS.get(device.kind, ()):
                if heard_ms is None or name not in report.lacks:
                    setattr(row, name, getattr(report.state, name))
            rows.append(row)
    return found


def offer(state: CityState, inventory: Inventory, rows: Rows, as_of_ms: int) -> CityState:
    """Offer them all."""
    load_ports(state, inventory, rows.ports, as_of_ms)
    for kind, found in rows.devices.items():
        load_devices(state, inventory, kind, found, as_of_ms)
    load_presence(state, inventory, rows.presence, as_of_ms)
    return state
