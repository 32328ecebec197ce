"""Whose report counts, and why a port's verdict is what it is: alike for every rule of ports.

Freshness: a report counts while ``as_of - window < ts <= as_of``.
"""

from gigacity_api.indicators.latest_state import NEVER
from gigacity_api.indicators.rules import (
    NEVER_REPORTED,
    CityInstant,
    ReasonColumn,
    VerdictReason,
    choose,
    derived,
)
from gigacity_api.indicators.verdicts import IN, UNKNOWN, Flags, Verdicts

STALE = VerdictReason(
    "port_stale",
    "窗口内没有上报",
    "no report inside the window; what the last one said may have changed",
)
INCOMPLETE = VerdictReason(
    "port_incomplete",
    "最近上报缺少判定所需字段",
    "the newest report lacks a field that the verdict needs",
)
ADMIN_DOWN = VerdictReason("port_admin_down", "端口被管理关闭", "the port is administratively down")
OPER_DOWN = VerdictReason("port_oper_down", "端口运行状态为关闭", "the port is operationally down")

UNHEARD = (NEVER_REPORTED, STALE, INCOMPLETE)
"""Reasons that every rule of ports may give."""


@derived
def fresh_ports(instant: CityInstant) -> Flags:
    """Ports with a report inside the window."""
    window_ms = instant.inventory.city.cadence.pon_window_ms()
    fresh: Flags = instant.state.ports.ts > instant.as_of_ms - window_ms
    return fresh


def port_reasons(
    instant: CityInstant, verdicts: Verdicts, good: VerdictReason, bad: VerdictReason | ReasonColumn
) -> ReasonColumn:
    """The reason of every port: whether it is heard at all, then what it says."""
    return choose(
        (instant.state.ports.ts == NEVER, NEVER_REPORTED),
        (~fresh_ports(instant), STALE),
        (verdicts == IN, good),
        (verdicts == UNKNOWN, INCOMPLETE),
        otherwise=bad,
    )


def down_reasons(instant: CityInstant, otherwise: VerdictReason) -> ReasonColumn:
    """Why a port that is out does not work."""
    ports = instant.state.ports
    return choose(
        (ports["admin"] == 0, ADMIN_DOWN), (ports["oper"] == 0, OPER_DOWN), otherwise=otherwise
    )
