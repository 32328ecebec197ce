"""ONUs online of ONUs in all, as their ports report them."""

import numpy as np

from gigacity_api.indicators.rules import (
    CityInstant,
    ReasonColumn,
    Rule,
    VerdictReason,
    choose,
    derived,
)
from gigacity_api.indicators.standards import METHOD_OF_2026_11_24, OPERATING
from gigacity_api.indicators.subjects.port.subject import (
    LINE_VALUES,
    UNHEARD,
    PortIndicator,
    fresh_ports,
    port_reasons,
)
from gigacity_api.indicators.verdicts import VerdictColumn
from gigacity_city.model import Name

_ALL_ONLINE = VerdictReason(
    "port_onus_all_online", "该端口的ONU全部在线", "all of its ONUs are online"
)
_SOME_OFFLINE = VerdictReason(
    "port_onus_offline", "该端口有ONU不在线", "some of its ONUs are not online"
)

_CONTRADICTING = VerdictReason(
    "port_onus_beyond_total",
    "上报的在线ONU多于ONU总数",
    "it reports more ONUs online than there are in all",
)


@derived
def onus_online(instant: CityInstant) -> VerdictColumn:
    """ONUs of fresh ports.

    What is not known has the greatest size that a port can have, so that bounds hold whatever it
    is. It is not the last known size: a figure must not depend on how long a process has run.
    """
    ports = instant.state.ports
    total, online = ports["onu_total"], ports["onu_online"]
    is_known = fresh_ports(instant) & (total >= 0) & (online >= 0) & (online <= total)
    size = round(instant.inventory.parameter("max_onus_per_pon_port") or 0)
    return VerdictColumn.of_parts(online, np.where(is_known, total, size), is_known)


@derived
def _reasons(instant: CityInstant) -> ReasonColumn:
    ports = instant.state.ports
    total, online = ports["onu_total"], ports["onu_online"]
    said = port_reasons(instant, onus_online(instant).verdicts, _ALL_ONLINE, _SOME_OFFLINE)
    is_contradicting = fresh_ports(instant) & (total >= 0) & (online > total)
    return choose((is_contradicting, _CONTRADICTING), otherwise=said)


ONU_ONLINE = PortIndicator(
    id="onu.online",
    order=82,
    name=Name("ONU在线率", "ONUs online"),
    formula=Name(
        "各端口上报的在线ONU数之和 ÷ 上报的ONU总数之和;未知端口按每端口ONU数上限计入上下界",
        "sum of onu_online / sum of onu_total, as ports report them; a port whose counts are not"
        " known, silent or not, has the size max_onus_per_pon_port in the bounds",
    ),
    rule=Rule(onus_online, _reasons, (_ALL_ONLINE, _SOME_OFFLINE, _CONTRADICTING, *UNHEARD)),
    standard=OPERATING,
    effective=METHOD_OF_2026_11_24,
    parameters=("max_onus_per_pon_port",),
    shows=LINE_VALUES,
)

INDICATORS = (ONU_ONLINE,)
