"""PON ports available: of the ports that are meant to work, those that do."""

import numpy as np

from gigacity_api.indicators.rules import CityInstant, ReasonColumn, Rule, VerdictReason, derived
from gigacity_api.indicators.standards import METHOD_OF_2026_11_24, OPERATING
from gigacity_api.indicators.subjects.port.subject import (
    ADMIN_DOWN,
    OPER_DOWN,
    UNHEARD,
    PortIndicator,
    down_reasons,
    fresh_ports,
    port_reasons,
)
from gigacity_api.indicators.verdicts import IN, OUT, UNKNOWN, VerdictColumn, VerdictCounts, known
from gigacity_city.model import Name

_UP = VerdictReason("port_up", "端口运行状态为开启", "the port is operationally up")


@derived
def ports_available(instant: CityInstant) -> VerdictColumn:
    """Oper up, of the ports that are admin up: one known to be admin down adds nothing."""
    ports, fresh = instant.state.ports, fresh_ports(instant)
    admin, oper = ports["admin"], ports["oper"]
    up = known(fresh & (admin == 1) & (oper >= 0), oper == 1)
    is_off = fresh & (admin == 0)
    counted = np.where(is_off, 0, 1)
    counts = VerdictCounts(*(counted * (up == verdict) for verdict in (IN, OUT, UNKNOWN)))
    return VerdictColumn(np.where(is_off, OUT, up).astype(np.int8), counts)


@derived
def _reasons(instant: CityInstant) -> ReasonColumn:
    verdicts = ports_available(instant).verdicts
    return port_reasons(instant, verdicts, _UP, down_reasons(instant, OPER_DOWN))


PON_PORT_AVAILABILITY = PortIndicator(
    id="pon.port_availability",
    order=80,
    name=Name("PON端口可用率", "PON ports available"),
    formula=Name(
        "运行状态为开启的端口数 ÷ 管理状态为开启的端口数;已知被管理关闭的端口不计入",
        "ports that are oper up / ports that are meant to be: one that is known to be admin down"
        " does not count at all, one that is not heard widens the bounds",
    ),
    rule=Rule(ports_available, _reasons, (_UP, ADMIN_DOWN, OPER_DOWN, *UNHEARD)),
    standard=OPERATING,
    effective=METHOD_OF_2026_11_24,
)

INDICATORS = (PON_PORT_AVAILABILITY,)
