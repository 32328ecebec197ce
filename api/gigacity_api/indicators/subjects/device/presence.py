"""Whether devices are there: fresh reports, ended sessions, and what carries their reports.

Freshness: a report counts while ``as_of - window < ts <= as_of``.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gigacity_api.indicators.inventory import DIRECT
from gigacity_api.indicators.latest_state import NEVER, LatestState
from gigacity_api.indicators.rules import CityInstant, derived
from gigacity_api.indicators.verdicts import Flags, Indices, Integers


@dataclass(frozen=True, slots=True)
class DevicePresence:
    """What is known of the presence of every device."""

    fresh: Flags
    """With a report inside its window."""
    ended: Flags
    """The newest session has ended and nothing was reported since."""
    carrier_alive: Flags
    """What carries its reports is proven to deliver."""
    link_doubtful: Flags
    """Its own link may be holding its reports back, whatever others deliver."""


class ConnectionEvidence(NamedTuple):
    """What carries each device's reports: connected since, and last proven to deliver at."""

    since_ms: Integers
    seen_ms: Integers


@derived
def device_presence(instant: CityInstant) -> DevicePresence:
    """Of every device at this instant.

    Silence means off only where the carrier is known to have delivered for one expected interval
    of the device inside its window: a report was then due, and would have come. A fresh report of
    some other device proves less, since a carrier that was cut off, or has just come back, leaves
    some devices fresh and others silent for a while.

    Of a device that connects by itself nobody else proves the link. The broker tells when it is
    broken, though: a session that has not ended is doubtful until the device has been silent for
    its patience, counted from its newest report or from the beginning of the session.
    """
    inventory = instant.inventory
    devices, sessions = instant.state.devices, instant.state.sessions["device"]
    since = instant.as_of_ms - inventory.device_window_ms
    fresh = devices.ts > since
    has_ended = ~_is_open(sessions, instant.as_of_ms)
    ended = has_ended & ~(fresh & (devices.ts > sessions["end_ms"]))
    carrier = _carriers(instant)
    connected = np.maximum(since, carrier.since_ms)
    alive = carrier.seen_ms >= connected + inventory.device_interval_ms
    heard = np.maximum(devices.ts, sessions.ts)
    doubtful = (inventory.device_gateway == DIRECT) & (
        heard > instant.as_of_ms - inventory.device_patience_ms
    )
    return DevicePresence(fresh, ended, alive, doubtful)


def _is_open(sessions: LatestState, as_of_ms: int) -> Flags:
    """Whether the newest session, if there is any, has not ended."""
    is_open: Flags = (sessions.ts == NEVER) | (sessions["end_ms"] > as_of_ms)
    return is_open


def _carriers(instant: CityInstant) -> ConnectionEvidence:
    """The carrier of each device.

    It is the device's gateway, while that one's session is open; for a device that connects by
    itself its own connection and the worker, which any report of its area proves.
    """
    inventory, state, as_of_ms = instant.inventory, instant.state, instant.as_of_ms
    gateway = inventory.device_gateway
    bundled = gateway != DIRECT
    # Fresh reports only: a state that was built from a window knows of no others, and a figure
    # must not depend on how long the process has been running.
    device_ts = _fresh_or_never(state.devices.ts, as_of_ms - inventory.device_window_ms)
    port_ts = _fresh_or_never(state.ports.ts, as_of_ms - inventory.city.cadence.pon_window_ms())
    by_gateway = _newest_by(gateway[bundled], device_ts[bundled], len(inventory.city.gateways))
    by_gateway[~_is_open(state.sessions["gateway"], as_of_ms)] = NEVER
    areas = len(inventory.city.areas)
    by_area = np.maximum(
        _newest_by(inventory.device_area, device_ts, areas),
        _newest_by(inventory.port_area, port_ts, areas),
    )
    seen = by_area[inventory.device_area]
    seen[bundled] = by_gateway[gateway[bundled]]
    since = state.sessions["device"].ts.copy()
    since[bundled] = state.sessions["gateway"].ts[gateway[bundled]]
    return ConnectionEvidence(since, seen)


def _newest_by(groups: Indices, ts: Integers, size: int) -> Integers:
    newest = np.full(size, NEVER, dtype=np.int64)
    np.maximum.at(newest, groups, ts)
    return newest


def _fresh_or_never(ts: Integers, since: Integers | int) -> Integers:
    return np.where(ts > since, ts, NEVER)
