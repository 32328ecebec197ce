"""Ports whose readings contradict themselves, or lack what a figure needs.

What lies outside the contract's ranges never gets here: the worker leaves such a value out and
counts it. Here stands what only shows when values of one report are laid side by side. It changes
no verdict, since nobody can say which of the two values is wrong; it lowers the grade.
"""

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gigacity_api.indicators.rules import CityInstant, derived
from gigacity_api.indicators.subjects.port.subject import LINE_VALUES, fresh_ports
from gigacity_api.indicators.verdicts import Flags
from gigacity_city.model import Name


class Contradiction(StrEnum):
    """Slugs; they never change their meaning."""

    UP_WHILE_SWITCHED_OFF = "up_while_switched_off"
    ONUS_ON_A_DOWN_PORT = "onus_on_a_down_port"
    ONUS_ONLINE_BEYOND_TOTAL = "onus_online_beyond_total"
    ONUS_BEYOND_SPLIT = "onus_beyond_split"
    RECEIVED_ABOVE_LAUNCHED = "received_above_launched"


TEXTS: dict[Contradiction, Name] = {
    Contradiction.UP_WHILE_SWITCHED_OFF: Name(
        "管理关闭而运行开启", "operationally up while administratively down (RFC 2863)"
    ),
    Contradiction.ONUS_ON_A_DOWN_PORT: Name(
        "端口运行关闭而有ONU在线", "ONUs online on a port that is operationally down"
    ),
    Contradiction.ONUS_ONLINE_BEYOND_TOTAL: Name(
        "在线ONU多于ONU总数", "more ONUs online than there are in all"
    ),
    Contradiction.ONUS_BEYOND_SPLIT: Name(
        "ONU总数超过单端口上限",
        "more ONUs than a port can have (max_onus_per_pon_port of the city file)",
    ),
    Contradiction.RECEIVED_ABOVE_LAUNCHED: Name(
        "最弱ONU的接收光功率高于端口发送光功率",
        "its weakest ONU receives more than the port launches, and a passive network has no gain",
    ),
}


@derived
def contradictions(instant: CityInstant) -> dict[Contradiction, Flags]:
    """Which ports contradict themselves in their newest report, while it counts."""
    ports, fresh = instant.state.ports, fresh_ports(instant)
    admin, oper = ports["admin"], ports["oper"]
    total, online = ports["onu_total"], ports["onu_online"]
    most = instant.inventory.parameter("max_onus_per_pon_port") or np.inf
    found = {
        Contradiction.UP_WHILE_SWITCHED_OFF: (admin == 0) & (oper == 1),
        Contradiction.ONUS_ON_A_DOWN_PORT: (oper == 0) & (online > 0),
        Contradiction.ONUS_ONLINE_BEYOND_TOTAL: (total >= 0) & (online > total),
        Contradiction.ONUS_BEYOND_SPLIT: total > most,
        Contradiction.RECEIVED_ABOVE_LAUNCHED: ports["onu_rx_min_dbm"] > ports["tx_dbm"],
    }
    return {contradiction: flags & fresh for contradiction, flags in found.items()}


@derived
def implausible_ports(instant: CityInstant) -> Flags:
    """Ports with at least one contradiction."""
    found: Flags = np.logical_or.reduce(list(contradictions(instant).values()))
    return found


def incomplete_ports(instant: CityInstant) -> Flags:
    """Newest reports without a value that a figure of ports needs.

    Every port says its technology and states; one that is up its ONUs, powers and temperature too.
    """
    ports = instant.state.ports
    has_state = (ports["tech"] > 0) & (ports["admin"] >= 0) & (ports["oper"] >= 0)
    has_line = np.logical_and.reduce([_is_there(ports[name]) for name in LINE_VALUES])
    lacks: Flags = fresh_ports(instant) & (~has_state | ((ports["oper"] == 1) & ~has_line))
    return lacks


def _is_there(values: NDArray[Any]) -> Flags:
    found: Flags = ~np.isnan(values) if values.dtype.kind == "f" else values >= 0
    return found
