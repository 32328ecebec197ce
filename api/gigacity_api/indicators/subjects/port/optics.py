"""PON ports with healthy optics: launch power, weakest ONU and temperature within limits."""

from typing import NamedTuple

import numpy as np

from gigacity_api.indicators.city_state import STEPS
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
from gigacity_api.indicators.verdicts import Flags, Numbers, VerdictColumn, known
from gigacity_city.model import Name

_GOOD = VerdictReason(
    "port_optics_good",
    "光功率与温度均在限值内",
    "launch power, weakest ONU and temperature are within their limits",
)


class _Limit(NamedTuple):
    value: str
    parameter: str
    sign: int
    """1: a least value; -1: a greatest one."""
    reason: VerdictReason

    def excess(self, instant: CityInstant) -> Numbers:
        """How far each port is inside; NaN where a value or the limit is not known."""
        limit = instant.inventory.parameter(self.parameter)
        rounded = np.nan if limit is None else np.round(limit, STEPS[self.value])
        found: Numbers = self.sign * (instant.state.ports[self.value] - rounded)
        return found


_RX_LOW = VerdictReason(
    "port_onu_rx_low", "最弱ONU的接收光功率低于限值", "its weakest ONU receives less than the limit"
)
_TX_LOW = VerdictReason("port_tx_low", "发送光功率低于下限", "its launch power is below the limit")
_TX_HIGH = VerdictReason(
    "port_tx_high", "发送光功率高于上限", "its launch power is above the limit"
)
_TOO_WARM = VerdictReason(
    "port_too_warm", "光模块温度高于上限", "its transceiver is warmer than the limit"
)

_LIMITS = (
    # The weakest ONU goes first, since it is what fibre does.
    _Limit("onu_rx_min_dbm", "optics_onu_rx_min_dbm", 1, _RX_LOW),
    _Limit("tx_dbm", "optics_tx_min_dbm", 1, _TX_LOW),
    _Limit("tx_dbm", "optics_tx_max_dbm", -1, _TX_HIGH),
    _Limit("temp_c", "optics_temp_max_c", -1, _TOO_WARM),
)


@derived
def ports_with_healthy_optics(instant: CityInstant) -> VerdictColumn:
    """One value outside decides, whatever else is absent."""
    fresh = fresh_ports(instant)
    is_out: Flags = np.zeros_like(fresh)
    is_in = fresh
    for limit in _LIMITS:
        excess = limit.excess(instant)
        is_out = is_out | (fresh & (excess < 0))
        is_in = is_in & (excess >= 0)
    return VerdictColumn(known(is_in | is_out, is_in))


@derived
def _reasons(instant: CityInstant) -> ReasonColumn:
    outside = [(limit.excess(instant) < 0, limit.reason) for limit in _LIMITS]
    verdicts = ports_with_healthy_optics(instant).verdicts
    first = choose(*outside[:-1], otherwise=outside[-1][1])
    return port_reasons(instant, verdicts, _GOOD, first)


PON_OPTICAL_HEALTH = PortIndicator(
    id="pon.optical_health",
    order=81,
    name=Name("PON光路健康率", "PON ports with healthy optics"),
    formula=Name(
        "光功率与温度均在限值内的端口数 ÷ 全部登记PON端口数;"
        "已知任一项超限为不健康,缺少任一项为未知",
        "ports whose launch power (tx_dbm), weakest ONU (onu_rx_min_dbm) and temperature (temp_c)"
        " are within the limits of the city file / all registered PON ports; a port with one value"
        " known to be outside is out, else one that lacks a value is unknown;"
        " compared in steps of 0.01 dB and 0.1 °C",
    ),
    rule=Rule(
        ports_with_healthy_optics, _reasons, (_GOOD, *(limit.reason for limit in _LIMITS), *UNHEARD)
    ),
    standard=OPERATING,
    effective=METHOD_OF_2026_11_24,
    parameters=tuple(limit.parameter for limit in _LIMITS),
    shows=LINE_VALUES,
)

INDICATORS = (PON_OPTICAL_HEALTH,)
