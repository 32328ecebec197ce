"""What is in, out or unknown at an instant: ports, buildings, devices.

Freshness: a report counts while ``as_of - window < ts <= as_of``.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gigacity_api.indicators.codes import camera_intact, camera_picture, port_in_service_10g
from gigacity_api.indicators.newest import NEVER, Newest
from gigacity_api.indicators.state import State
from gigacity_api.indicators.universe import DIRECT, Universe
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


def judge_ports(universe: Universe, ports: Newest, as_of_ms: int) -> PortVerdicts:
    """Ports in service at 10G or more, and buildings with at least one such port."""
    fresh = ports.ts > as_of_ms - universe.city.cadence.pon_window_ms()
    verdicts = np.where(fresh, port_in_service_10g(ports.code), UNKNOWN).astype(np.int8)
    passing = verdicts[universe.coverage_port]
    buildings = any_of(passing, universe.coverage_building, len(universe.city.buildings))
    return PortVerdicts(fresh, verdicts, buildings)


def session_open(sessions: Newest, as_of_ms: int) -> Flags:
    """Whether the newest session, if there is any, has not ended."""
    is_open: Flags = (sessions.ts == NEVER) | (-sessions.code > as_of_ms)
    return is_open


def _newest_by(groups: Indices, ts: Integers, size: int) -> Integers:
    newest = np.full(size, NEVER, dtype=np.int64)
    np.maximum.at(newest, groups, ts)
    return newest


class Carrier(NamedTuple):
    """What carries each device's reports: connected since, and last proven to deliver at."""

    since_ms: Integers
    seen_ms: Integers


def carrier_of_devices(universe: Universe, state: State, as_of_ms: int) -> Carrier:
    """The carrier of each device.

    It is the device's gateway, while that one's session is open; for a device that connects by
    itself its own connection and the worker, which any report of its area proves.
    """
    city, devices = universe.city, state.devices
    bundled = universe.device_gateway != DIRECT
    gateway = universe.device_gateway
    by_gateway = _newest_by(gateway[bundled], devices.ts[bundled], len(city.gateways))
    by_gateway[~session_open(state.sessions["gateway"], as_of_ms)] = NEVER
    by_area = np.maximum(
        _newest_by(universe.device_area, devices.ts, len(city.areas)),
        _newest_by(universe.port_area, state.ports.ts, len(city.areas)),
    )
    seen = by_area[universe.device_area]
    seen[bundled] = by_gateway[gateway[bundled]]
    since = state.sessions["device"].ts.copy()
    since[bundled] = state.sessions["gateway"].ts[gateway[bundled]]
    return Carrier(since, seen)


def judge_devices(universe: Universe, state: State, as_of_ms: int) -> DeviceVerdicts:
    """Devices online, and cameras intact and with a picture.

    Silence means off only where the carrier is known to have delivered for one expected interval
    of the device inside its window: a report was then due, and would have come. A fresh report of
    some other device proves less, since a carrier that was cut off, or has just come back, leaves
    some devices fresh and others silent for a while.
    """
    devices, sessions = state.devices, state.sessions["device"]
    since = as_of_ms - universe.device_window_ms
    fresh = devices.ts > since
    end = -sessions.code
    has_ended = ~session_open(sessions, as_of_ms)
    ended = has_ended & ~(fresh & (devices.ts > end))
    carrier = carrier_of_devices(universe, state, as_of_ms)
    connected = np.maximum(since, carrier.since_ms)
    carrier_alive = carrier.seen_ms >= connected + universe.device_interval_ms
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
