"""What is in, out or unknown at an instant: ports, buildings, devices.

Freshness: a report counts while ``as_of - window < ts <= as_of``.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gigacity_api.indicators import line_codes
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.codes import (
    camera_intact,
    camera_picture,
    port_available,
    port_in_service_10g,
    port_switched_off,
)
from gigacity_api.indicators.columns import Counts, VerdictColumn
from gigacity_api.indicators.inventory import DIRECT, Inventory
from gigacity_api.indicators.latest_state import NEVER, LatestState
from gigacity_api.indicators.verdicts import (
    IN,
    OUT,
    UNKNOWN,
    Flags,
    Indices,
    Integers,
    Verdicts,
    any_of,
)


@dataclass(frozen=True, slots=True)
class PortVerdicts:
    """Ports, and the buildings that they pass."""

    fresh: Flags
    in_service_10g: Verdicts
    building_passed: Verdicts
    available: VerdictColumn
    optics: VerdictColumn
    onus: VerdictColumn


@dataclass(frozen=True, slots=True)
class DeviceVerdicts:
    """Devices, and what cameras say of themselves."""

    fresh: Flags
    ended: Flags
    """The newest session has ended and nothing was reported since."""
    carrier_alive: Flags
    online: Verdicts
    intact: Verdicts
    picture: Verdicts


def judge_ports(inventory: Inventory, ports: LatestState, as_of_ms: int) -> PortVerdicts:
    """What is asked of ports, and buildings with at least one 10G port in service."""
    fresh = ports.ts > as_of_ms - inventory.city.cadence.pon_window_ms()
    verdicts = np.where(fresh, port_in_service_10g(ports.code), UNKNOWN).astype(np.int8)
    passing = verdicts[inventory.coverage_port]
    buildings = any_of(passing, inventory.coverage_building, len(inventory.city.buildings))
    return PortVerdicts(
        fresh, verdicts, buildings, _available(ports.code, fresh), _optics(inventory, ports, fresh),
        _onus(inventory, ports, fresh),
    )  # fmt: skip


def _available(code: Integers, fresh: Flags) -> VerdictColumn:
    """Oper up, of the ports that are meant to work: one known to be admin down adds nothing."""
    up = np.where(fresh, port_available(code), UNKNOWN).astype(np.int8)
    off = fresh & port_switched_off(code)
    counted = np.where(off, 0, 1)
    counts = Counts(counted * (up == IN), counted * (up == OUT), counted * (up == UNKNOWN))
    return VerdictColumn(np.where(off, OUT, up).astype(np.int8), counts)


def _optics(inventory: Inventory, ports: LatestState, fresh: Flags) -> VerdictColumn:
    """Launch power, weakest ONU and temperature within limits.

    One value outside decides, whatever else is absent; a limit that the city file lacks as well.
    """
    is_out = np.zeros(len(fresh), dtype=np.bool_)
    is_in = fresh.copy()
    for scale, name, sign in (
        (line_codes.ONU_RX_MIN_DBM, "optics_onu_rx_min_dbm", 1),
        (line_codes.TX_DBM, "optics_tx_min_dbm", 1),
        (line_codes.TX_DBM, "optics_tx_max_dbm", -1),
        (line_codes.TEMP_C, "optics_temp_max_c", -1),
    ):
        limit = scale.step(inventory.parameter(name))
        value = scale.of(ports.line)
        known = (value > 0) & (limit > 0)
        good = sign * value >= sign * limit
        is_out |= known & ~good
        is_in &= known & good
    verdicts = np.where(is_in, IN, np.where(fresh & is_out, OUT, UNKNOWN))
    return VerdictColumn(verdicts.astype(np.int8))


def _onus(inventory: Inventory, ports: LatestState, fresh: Flags) -> VerdictColumn:
    """ONUs online of ONUs in all, as fresh ports report them.

    What is not known has the greatest size that a port can have, so that bounds hold whatever it
    is. It is not the last known size: a figure must not depend on how long a process has run.
    """
    total = line_codes.ONU_TOTAL.of(ports.line) - 1
    online = line_codes.ONU_ONLINE.of(ports.line) - 1
    known = fresh & (total >= 0) & (online >= 0) & (online <= total)
    size = round(inventory.parameter("max_onus_per_pon_port") or 0)
    known_in, known_out = np.where(known, online, 0), np.where(known, total - online, 0)
    verdicts = np.where(known, np.where(known_out == 0, IN, OUT), UNKNOWN).astype(np.int8)
    return VerdictColumn(verdicts, Counts(known_in, known_out, np.where(known, 0, size)))


def session_open(sessions: LatestState, as_of_ms: int) -> Flags:
    """Whether the newest session, if there is any, has not ended."""
    is_open: Flags = (sessions.ts == NEVER) | (-sessions.code > as_of_ms)
    return is_open


def _newest_by(groups: Indices, ts: Integers, size: int) -> Integers:
    newest = np.full(size, NEVER, dtype=np.int64)
    np.maximum.at(newest, groups, ts)
    return newest


def _fresh_or_never(ts: Integers, since: Integers | int) -> Integers:
    return np.where(ts > since, ts, NEVER)


class ConnectionEvidence(NamedTuple):
    """What carries each device's reports: connected since, and last proven to deliver at."""

    since_ms: Integers
    seen_ms: Integers


def carrier_of_devices(inventory: Inventory, state: CityState, as_of_ms: int) -> ConnectionEvidence:
    """The carrier of each device.

    It is the device's gateway, while that one's session is open; for a device that connects by
    itself its own connection and the worker, which any report of its area proves.
    """
    city, devices = inventory.city, state.devices
    bundled = inventory.device_gateway != DIRECT
    gateway = inventory.device_gateway
    # Fresh reports only: a state that was built from a window knows of no others, and a figure
    # must not depend on how long the process has been running.
    device_ts = _fresh_or_never(devices.ts, as_of_ms - inventory.device_window_ms)
    port_ts = _fresh_or_never(state.ports.ts, as_of_ms - inventory.city.cadence.pon_window_ms())
    by_gateway = _newest_by(gateway[bundled], device_ts[bundled], len(city.gateways))
    by_gateway[~session_open(state.sessions["gateway"], as_of_ms)] = NEVER
    by_area = np.maximum(
        _newest_by(inventory.device_area, device_ts, len(city.areas)),
        _newest_by(inventory.port_area, port_ts, len(city.areas)),
    )
    seen = by_area[inventory.device_area]
    seen[bundled] = by_gateway[gateway[bundled]]
    since = state.sessions["device"].ts.copy()
    since[bundled] = state.sessions["gateway"].ts[gateway[bundled]]
    return ConnectionEvidence(since, seen)


def judge_devices(inventory: Inventory, state: CityState, as_of_ms: int) -> DeviceVerdicts:
    """Devices online, and cameras intact and with a picture.

    Silence means off only where the carrier is known to have delivered for one expected interval
    of the device inside its window: a report was then due, and would have come. A fresh report of
    some other device proves less, since a carrier that was cut off, or has just come back, leaves
    some devices fresh and others silent for a while.
    """
    devices, sessions = state.devices, state.sessions["device"]
    since = as_of_ms - inventory.device_window_ms
    fresh = devices.ts > since
    end = -sessions.code
    has_ended = ~session_open(sessions, as_of_ms)
    ended = has_ended & ~(fresh & (devices.ts > end))
    carrier = carrier_of_devices(inventory, state, as_of_ms)
    connected = np.maximum(since, carrier.since_ms)
    carrier_alive = carrier.seen_ms >= connected + inventory.device_interval_ms
    silent = np.where(carrier_alive, OUT, UNKNOWN)
    online = np.where(ended, OUT, np.where(fresh, IN, silent)).astype(np.int8)

    def while_online(field: Verdicts) -> Verdicts:
        return np.where(online == IN, field, online).astype(np.int8)

    return DeviceVerdicts(
        fresh=fresh,
        ended=ended,
        carrier_alive=carrier_alive,
        online=online,
        intact=while_online(camera_intact(devices.code)),
        picture=while_online(camera_picture(devices.code)),
    )
