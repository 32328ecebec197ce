"""Publishers that are connected and report nothing, as far as the state goes back. Pure.

Their presence says that they are there, so nothing is wrong with their network: they publish to
other topics, send what is refused, or have nothing to report. On MQTT 3.1.1 nothing else tells.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gigacity_api.indicators.inventory import DIRECT, Inventory
from gigacity_api.indicators.latest_state import NEVER, LatestState
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.verdicts import Indices, Integers
from gigacity_contract.topics import device_identity, gateway_identity, olt_identity


class SilentPublisher(NamedTuple):
    """One that is connected, and of which nothing is fresh."""

    publisher: str
    """``olt``, ``gateway`` or ``device``."""
    area: str
    identity: str
    """Identity path: its MQTT user name."""
    connected_since_ms: int
    last_report_ms: int | None
    """None: no report is known."""


def silent_publishers(instant: CityInstant) -> Iterator[SilentPublisher]:
    """Publishers whose session is open for a whole window without a report of any of theirs.

    The window is that of their kind; for a gateway the longest of its devices'.
    """
    inventory, state = instant.inventory, instant.state
    city = inventory.city
    olts, gateways = len(city.olts), len(city.gateways)
    reports = newest(inventory.port_olt, state.ports.ts, olts)
    windows = np.full(olts, city.cadence.pon_window_ms(), dtype=np.int64)
    for index in _silent(instant, "olt", reports, windows):
        olt = city.olts[index]
        times = _times(state.sessions["olt"], reports, index)
        yield SilentPublisher("olt", olt.area, olt_identity(olt.area, olt.id), *times)

    bundled = inventory.device_gateway != DIRECT
    of = inventory.device_gateway[bundled]
    reports = newest(of, state.devices.ts[bundled], gateways)
    # A gateway that no registered device names has nothing to report.
    windows = newest(of, inventory.device_window_ms[bundled], gateways)
    windows[windows == NEVER] = instant.as_of_ms - NEVER
    for index in _silent(instant, "gateway", reports, windows):
        gateway = city.gateways[index]
        identity = gateway_identity(gateway.area, gateway.id)
        times = _times(state.sessions["gateway"], reports, index)
        yield SilentPublisher("gateway", gateway.area, identity, *times)

    reports = state.devices.ts
    for index in _silent(instant, "device", reports, inventory.device_window_ms):
        if not bundled[index]:
            times = _times(state.sessions["device"], reports, index)
            yield SilentPublisher("device", *_device(inventory, index), *times)


def newest(groups: Indices, times: Integers, size: int) -> Integers:
    """The greatest value of each group; ``NEVER`` where there is none."""
    found = np.full(size, NEVER, dtype=np.int64)
    np.maximum.at(found, groups, times)
    return found


def _silent(
    instant: CityInstant, publisher: str, reports: Integers, windows: Integers
) -> list[int]:
    sessions: LatestState = instant.state.sessions[publisher]
    since = instant.as_of_ms - windows
    is_open = (sessions.ts != NEVER) & (sessions["end_ms"] > instant.as_of_ms)
    found: list[int] = np.flatnonzero(
        is_open & (sessions.ts <= since) & (reports <= since)
    ).tolist()
    return found


def _device(inventory: Inventory, index: int) -> tuple[str, str]:
    row, name = inventory.device_range(index)
    area = inventory.city.areas[int(inventory.device_area[index])].code
    return area, device_identity(area, row.community, name)


def _times(sessions: LatestState, reports: Integers, index: int) -> tuple[int, int | None]:
    """Connected since, and the last report."""
    at = int(reports[index])
    return int(sessions.ts[index]), None if at == NEVER else at
