"""Rows of telemetry and presence into the columns of a state.

The row structs say which columns a query must select, and in which order. Rows later than
``as_of_ms`` do not count; reporters that are not registered are remembered as such.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from gigacity_api.indicators.city_state import (
    CHARGE_FIELD,
    CHARGED_KINDS,
    DEVICE_FIELDS,
    DEVICE_VALUES,
    EVENT_FIELDS,
    NO_END,
    STEPS,
    CityState,
    UnregisteredReporter,
    field_types,
)
from gigacity_api.indicators.inventory import KINDS, Inventory
from gigacity_api.indicators.latest_state import LatestState, StateColumn
from gigacity_api.indicators.technologies import mask_of
from gigacity_api.indicators.verdicts import Integers
from gigacity_contract.fields import FieldType
from gigacity_contract.measurements import DEVICE_MEASUREMENTS

_UP = {"down": 0, "up": 1}


class PortRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``pon_port``: time, then these columns."""

    time: int
    olt: str
    slot: str
    port: str
    tech: str | None
    area: str | None
    admin: str | None = None
    oper: str | None = None
    onu_total: int | None = None
    onu_online: int | None = None
    onu_rx_min_dbm: float | None = None
    tx_dbm: float | None = None
    temp_c: float | None = None


class DeviceReportRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``device_<kind>``: time, then these columns; further ones are skipped unread."""

    time: int
    community: str
    device: str
    area: str | None


class PresenceRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``presence``: time is the session."""

    time: int
    object: str
    community: str | None
    id: str
    online_ms: int | None = None
    ended_ms: int | None = None
    seen_ended_ms: int | None = None


_TYPES: dict[FieldType, Any] = {
    FieldType.BOOLEAN: bool | None, FieldType.INTEGER: int | None, FieldType.FLOAT: float | None,
}  # fmt: skip


def _make_row(kind: str) -> type[DeviceReportRow]:
    """The row of a kind whose fields are kept: what every row has, then each of these fields."""
    fields = [(name, _TYPES[type_], None) for name, type_ in field_types(kind).items()]
    if kind in EVENT_FIELDS and EVENT_FIELDS[kind] not in DEVICE_FIELDS.get(kind, ()):
        fields.append((EVENT_FIELDS[kind], bool | None, None))
    if kind in CHARGED_KINDS and CHARGE_FIELD not in DEVICE_FIELDS.get(kind, ()):
        fields.append((CHARGE_FIELD, float | None, None))
    row: type[Any] = msgspec.defstruct(
        f"{kind}_row", fields, bases=(DeviceReportRow,), array_like=True, gc=False
    )
    return row


_ROWS = {kind: _make_row(kind) for kind in {*DEVICE_FIELDS, *EVENT_FIELDS, *CHARGED_KINDS}}

PORT_COLUMNS = PortRow.__struct_fields__[1:]
PRESENCE_COLUMNS = PresenceRow.__struct_fields__[1:]


def device_columns(kind: str) -> tuple[str, ...]:
    """Columns of a kind's query: every field, since a row shows only if a selected field is set."""
    head = device_row(kind).__struct_fields__[1:]
    rest = [f.name for f in DEVICE_MEASUREMENTS[kind].fields if f.name not in head]
    return (*head, *rest)


def device_row(kind: str) -> type[DeviceReportRow]:
    """The row struct of a kind."""
    return _ROWS.get(kind, DeviceReportRow)


def load_ports(
    state: CityState,
    inventory: Inventory,
    rows: Sequence[PortRow],
    as_of_ms: int,
    *,
    are_parts: bool = False,
) -> None:
    """Offer port reports to the state; ``are_parts``: as they were sent, not as they are stored."""
    registered = inventory.port_of_tags
    index: list[int] = []
    mine: list[PortRow] = []
    for row in rows:
        if row.time > as_of_ms:
            continue
        place = registered.get((row.olt, row.slot, row.port))
        if place is None:
            identity = f"{row.olt}/{row.slot}/{row.port}"
            state.unregistered.offer(_reporter(inventory, "port", row.area, identity), row.time)
            continue
        index.append(place)
        mine.append(row)
    if mine:
        _offer_ports(state.ports, np.array(index, dtype=np.int64), mine, are_parts=are_parts)


def _offer_ports(
    ports: LatestState, index: Integers, rows: list[PortRow], *, are_parts: bool
) -> None:
    """Offer rows to their ports; only those that may win are looked at: most were read before."""
    ts = np.array([row.time for row in rows], dtype=np.int64)
    chosen = ports.contenders(index, ts)
    winners = [rows[i] for i in chosen.tolist()]
    said: dict[str, NDArray[Any]] = {
        "tech": np.array([mask_of(row.tech) for row in winners], np.int64),
        "admin": np.array([_UP.get(row.admin, -1) for row in winners], np.int8),
        "oper": np.array([_UP.get(row.oper, -1) for row in winners], np.int8),
    }
    for name in ("onu_total", "onu_online"):
        counts = [getattr(row, name) for row in winners]
        said[name] = np.array([-1 if count is None else count for count in counts], np.int64)
    for name, places in STEPS.items():
        numbers = np.array([getattr(row, name) for row in winners], np.float64)
        said[name] = np.round(numbers, places)
    if winners:
        offer = ports.offer_parts if are_parts else ports.offer
        offer(index[chosen], ts[chosen], said)


def load_devices(
    state: CityState,
    inventory: Inventory,
    kind: str,
    rows: Sequence[DeviceReportRow],
    as_of_ms: int,
    *,
    are_parts: bool = False,
) -> None:
    """Offer reports of one kind to the state; ``are_parts`` as of ports.

    A device that is registered as another kind is unregistered in this one: its report says nothing
    of what the city file lists.
    """
    registered, kind_of_device = inventory.device_of_tags, inventory.kind_of_device
    kind_index = KINDS.index(kind)
    none: dict[str, int] = {}
    places: list[int] = []
    mine: list[DeviceReportRow] = []
    for row in rows:
        if row.time > as_of_ms:
            continue
        place = registered.get(row.community, none).get(row.device)
        if place is None or kind_of_device[place] != kind_index:
            identity = f"{row.community}/{row.device}"
            state.unregistered.offer(_reporter(inventory, kind, row.area, identity), row.time)
            continue
        places.append(place)
        mine.append(row)
    if mine:
        index, ts = np.array(places, np.int64), np.array([row.time for row in mine], np.int64)
        offer = state.devices.offer_parts if are_parts else state.devices.offer
        offer(index, ts, _said_by(kind, mine))
        if kind in EVENT_FIELDS:
            called = np.flatnonzero([getattr(row, EVENT_FIELDS[kind]) is True for row in mine])
            if called.size:
                state.events.offer(index[called], ts[called], {})


def _said_by(kind: str, rows: Sequence[DeviceReportRow]) -> dict[str, NDArray[Any]]:
    said: dict[str, NDArray[Any]] = {}
    for name in DEVICE_FIELDS.get(kind, ()):
        column = DEVICE_VALUES[name]
        said[name] = _column(column, rows, name)
    if kind in EVENT_FIELDS:
        said["event"] = _column(DEVICE_VALUES["event"], rows, EVENT_FIELDS[kind])
    if kind in CHARGED_KINDS:
        said[CHARGE_FIELD] = _column(DEVICE_VALUES[CHARGE_FIELD], rows, CHARGE_FIELD)
    return said


def _column(column: StateColumn, rows: Sequence[DeviceReportRow], field: str) -> NDArray[Any]:
    values = (getattr(row, field) for row in rows)
    return np.array([column.absent if v is None else v for v in values], column.dtype)


def _reporter(
    inventory: Inventory, kind: str, area: str | None, identity: str
) -> UnregisteredReporter:
    code = area or ""
    return UnregisteredReporter(kind, inventory.city.area_of_code.get(code, code), identity)


def load_presence(
    state: CityState, inventory: Inventory, rows: Sequence[PresenceRow], as_of_ms: int
) -> None:
    """Offer sessions to the state; those of unregistered publishers are of no figure's concern."""
    found: dict[str, list[tuple[int, int, int]]] = {name: [] for name in state.sessions}
    for row in rows:
        if row.time > as_of_ms or row.object not in found:
            continue
        index = _publisher(inventory, row)
        if index is not None:
            ends = [end for end in (row.ended_ms, row.seen_ended_ms) if end is not None]
            found[row.object].append((index, row.time, min(ends, default=NO_END)))
    for name, sessions in found.items():
        if sessions:
            places, starts, ends_ms = np.array(sessions, dtype=np.int64).T
            state.sessions[name].offer(places, starts, {"end_ms": ends_ms})


def _publisher(inventory: Inventory, row: PresenceRow) -> int | None:
    if row.object == "olt":
        return inventory.olt_index.get(row.id)
    if row.object == "gateway":
        return inventory.gateway_index.get(row.id)
    return inventory.device_of_tags.get(row.community or "", {}).get(row.id)
