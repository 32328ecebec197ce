"""10G-PON ports in service: the plan's count, the gigabit-city share, the ministry's capacity."""

from dataclasses import dataclass

import numpy as np

from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level, Population
from gigacity_api.indicators.rules import CityInstant, ReasonColumn, Rule, VerdictReason, derived
from gigacity_api.indicators.standards import (
    GIGABIT_CITY,
    METHOD_OF_2026_11_01,
    METHOD_OF_2026_11_24,
    PLAN,
)
from gigacity_api.indicators.subjects.port.subject import (
    ADMIN_DOWN,
    OPER_DOWN,
    UNHEARD,
    PortIndicator,
    down_reasons,
    fresh_ports,
    port_reasons,
)
from gigacity_api.indicators.technologies import any_10g
from gigacity_api.indicators.verdicts import VerdictColumn, Weights, known, summed
from gigacity_city.model import Name

_IN_SERVICE = VerdictReason(
    "port_in_service_10g",
    "端口在用,下行10G及以上",
    "the port is up and carries 10G downstream or more",
)
_BELOW_10G = VerdictReason(
    "port_below_10g", "端口制式低于10G", "the port's technology is below 10G"
)


@derived
def ports_in_service(instant: CityInstant) -> VerdictColumn:
    """10G downstream or more, administratively and operationally up.

    A port that is known to be down is out, whatever else its report lacks.
    """
    ports = instant.state.ports
    tech, admin, oper = ports["tech"], ports["admin"], ports["oper"]
    is_10g = any_10g(tech)
    is_in = is_10g & (admin == 1) & (oper == 1)
    is_out = (admin == 0) | (oper == 0) | ((tech > 0) & ~is_10g)
    return VerdictColumn(known(fresh_ports(instant) & (is_in | is_out), is_in))


@derived
def _reasons(instant: CityInstant) -> ReasonColumn:
    verdicts = ports_in_service(instant).verdicts
    return port_reasons(instant, verdicts, _IN_SERVICE, down_reasons(instant, _BELOW_10G))


IN_SERVICE_10G = Rule(
    ports_in_service, _reasons, (_IN_SERVICE, _BELOW_10G, ADMIN_DOWN, OPER_DOWN, *UNHEARD)
)

_MEANING = (
    "a port is in service when its newest report says 10G downstream or more, admin up, oper up"
)

PON_PORTS_10G = PortIndicator(
    id="pon.ports_10g",
    order=10,
    name=Name("在用10G-PON及以上端口数", "10G-PON ports in service"),
    unit="ports",
    formula=Name(
        "在用的下行10G及以上物理PON端口个数(组合端口按最高制式计一次)",
        f"physical PON ports of 10G downstream or more in service; {_MEANING};"
        " a combo port counts once, as its highest technology",
    ),
    rule=IN_SERVICE_10G,
    standard=PLAN,
    effective=METHOD_OF_2026_11_01,
)

PON_PORT_SHARE_10G = PortIndicator(
    id="pon.port_share_10g",
    order=20,
    name=Name("10G-PON端口占比", "share of 10G-PON ports"),
    formula=Name(
        "在用的下行10G及以上PON端口数 ÷ 全部登记PON端口数",
        f"10G ports in service / all registered PON ports; {_MEANING}",
    ),
    rule=IN_SERVICE_10G,
    standard=GIGABIT_CITY,
    effective=METHOD_OF_2026_11_01,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityIndicator(PortIndicator):
    """Ports times households per port, over all households: no share, it may exceed 1."""

    levels: tuple[Level, ...] = (Level.CITY, Level.AREA)

    def weights(self, inventory: Inventory) -> Weights:
        """Households that each port could serve."""
        each = inventory.parameter("households_per_10g_port") or 0
        return np.full(len(inventory.port_olt), each, dtype=np.float64)

    def make_population(self, inventory: Inventory) -> Population:
        """Every registered port, over all registered households."""
        ports = PortIndicator.make_population(self, inventory)
        everywhere = np.zeros_like(inventory.building_area)
        households = {
            Level.CITY: summed(inventory.households, everywhere, 1),
            Level.AREA: summed(
                inventory.households, inventory.building_area, len(inventory.area_index)
            ),
        }
        return Population(
            ports.index, ports.levels, ports.reporters, ports.unregistered_kinds, households
        )


HOME_GIGABIT_CAPACITY = CapacityIndicator(
    id="home.gigabit_capacity",
    order=50,
    name=Name("家庭千兆光纤网络覆盖能力(部口径)", "gigabit capacity per household"),
    formula=Name(
        "在用10G-PON及以上端口数 × 每端口可覆盖住户数 ÷ 全部住户数(可超过100%)",
        "10G ports in service x households_per_10g_port / all registered households: the ministry's"
        f" ratio; a capacity and no share of homes, it may exceed 1; {_MEANING};"
        " unknown ports count as none in the value",
    ),
    rule=IN_SERVICE_10G,
    standard=GIGABIT_CITY,
    effective=METHOD_OF_2026_11_24,
    parameters=("households_per_10g_port",),
)

INDICATORS = (PON_PORTS_10G, PON_PORT_SHARE_10G, HOME_GIGABIT_CAPACITY)
