"""Readings that contradict themselves, and readings that lack what a figure needs.

What lies outside the contract's ranges never gets here: the worker leaves such a value out and
counts it. Here stands what only shows when values of one report are laid side by side. It changes
no verdict, since nobody can say which of the two values is wrong; it lowers the grade.
"""

from enum import StrEnum

import numpy as np

from gigacity_api.indicators import line_codes
from gigacity_api.indicators.codes import (
    camera_intact,
    camera_picture,
    port_is_complete,
    port_oper_down,
    port_oper_up,
    port_switched_off,
)
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.latest_state import LatestState
from gigacity_api.indicators.verdicts import UNKNOWN, Flags, Integers
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

Contradictions = dict[Contradiction, Flags]


def port_contradictions(inventory: Inventory, ports: LatestState, fresh: Flags) -> Contradictions:
    """Which ports contradict themselves in their newest report, while it counts."""
    code, line = ports.code, ports.line
    total = line_codes.ONU_TOTAL.of(line) - 1
    online = line_codes.ONU_ONLINE.of(line) - 1
    received, launched = line_codes.ONU_RX_MIN_DBM.of(line), line_codes.TX_DBM.of(line)
    most = inventory.parameter("max_onus_per_pon_port") or np.inf
    found = {
        Contradiction.UP_WHILE_SWITCHED_OFF: port_switched_off(code) & port_oper_up(code),
        Contradiction.ONUS_ON_A_DOWN_PORT: port_oper_down(code) & (online > 0),
        Contradiction.ONUS_ONLINE_BEYOND_TOTAL: (total >= 0) & (online > total),
        Contradiction.ONUS_BEYOND_SPLIT: total > most,
        # Both are kept in the same steps; zero is absent.
        Contradiction.RECEIVED_ABOVE_LAUNCHED: (launched > 0) & (received > launched),
    }
    return {contradiction: flags & fresh for contradiction, flags in found.items()}


def any_contradiction(found: Contradictions, size: int) -> Flags:
    """Objects with at least one."""
    flags: Flags = np.zeros(size, dtype=np.bool_)
    for mine in found.values():
        flags |= mine
    return flags


def incomplete_ports(ports: LatestState, fresh: Flags) -> Flags:
    """LatestState reports without a value that a figure of ports needs.

    Every port says its technology and states; one that is up its ONUs, powers and temperature too.
    """
    has_line = np.ones(len(fresh), dtype=np.bool_)
    for scale in (
        line_codes.ONU_TOTAL, line_codes.ONU_ONLINE, line_codes.ONU_RX_MIN_DBM, line_codes.TX_DBM,
        line_codes.TEMP_C,
    ):  # fmt: skip
        has_line &= scale.of(ports.line) > 0
    lacks: Flags = fresh & (~port_is_complete(ports.code) | (port_oper_up(ports.code) & ~has_line))
    return lacks


def incomplete_cameras(code: Integers, fresh: Flags) -> Flags:
    """LatestState reports of cameras that do not say whether they are intact, or give a picture."""
    lacks: Flags = fresh & (
        (camera_intact(code) == UNKNOWN) | (camera_picture(code) == UNKNOWN)
    )  # fmt: skip
    return lacks
