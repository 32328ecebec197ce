"""PON ports and ONUs: the plan's count, the gigabit-city share, and what operators watch."""

from gigacity_api.indicators.definitions import Definition, Level, Predicate, Subject
from gigacity_api.indicators.families.standards import (
    GIGABIT_CITY,
    METHOD_OF_2026_11_01,
    METHOD_OF_2026_11_24,
    OPERATING,
    PLAN,
    PON_WINDOW,
    Standard,
)
from gigacity_city.model import Name

IN_SERVICE = (
    "a port is in service when its newest report says 10G downstream or more, admin up, oper up"
)
OPTICS_PARAMETERS = (
    "optics_onu_rx_min_dbm", "optics_tx_min_dbm", "optics_tx_max_dbm", "optics_temp_max_c",
)  # fmt: skip


def _of_ports(
    indicator: str,
    predicate: Predicate,
    name: Name,
    formula: Name,
    *,
    unit: str = "ratio",
    standard: Standard = OPERATING,
    effective: str = METHOD_OF_2026_11_24,
    parameters: tuple[str, ...] = (),
) -> Definition:
    return Definition(
        id=indicator,
        name=name,
        unit=unit,
        formula=formula,
        window=PON_WINDOW,
        subject=Subject.PORT,
        predicate=predicate,
        levels=(Level.CITY, Level.AREA, Level.OLT),
        direction="at_least",
        standard=standard.name,
        standard_date=standard.date,
        method_version=1,
        effective=effective,
        parameters=parameters,
    )


PON_PORTS_10G = _of_ports(
    "pon.ports_10g",
    Predicate.PORT_10G,
    Name("在用10G-PON及以上端口数", "10G-PON ports in service"),
    Name(
        "在用的下行10G及以上物理PON端口个数(组合端口按最高制式计一次)",
        f"physical PON ports of 10G downstream or more in service; {IN_SERVICE};"
        " a combo port counts once, as its highest technology",
    ),
    unit="ports",
    standard=PLAN,
    effective=METHOD_OF_2026_11_01,
)

PON_PORT_SHARE_10G = _of_ports(
    "pon.port_share_10g",
    Predicate.PORT_10G,
    Name("10G-PON端口占比", "share of 10G-PON ports"),
    Name(
        "在用的下行10G及以上PON端口数 ÷ 全部登记PON端口数",
        f"10G ports in service / all registered PON ports; {IN_SERVICE}",
    ),
    standard=GIGABIT_CITY,
    effective=METHOD_OF_2026_11_01,
)

PON_PORT_AVAILABILITY = _of_ports(
    "pon.port_availability",
    Predicate.PORT_AVAILABLE,
    Name("PON端口可用率", "PON ports available"),
    Name(
        "运行状态为开启的端口数 ÷ 管理状态为开启的端口数;已知被管理关闭的端口不计入",
        "ports that are oper up / ports that are meant to be: one that is known to be admin down"
        " does not count at all, one that is not heard widens the bounds",
    ),
)

PON_OPTICAL_HEALTH = _of_ports(
    "pon.optical_health",
    Predicate.PORT_OPTICS,
    Name("PON光路健康率", "PON ports with healthy optics"),
    Name(
        "光功率与温度均在限值内的端口数 ÷ 全部登记PON端口数;"
        "已知任一项超限为不健康,缺少任一项为未知",
        "ports whose launch power (tx_dbm), weakest ONU (onu_rx_min_dbm) and temperature (temp_c)"
        " are within the limits of the city file / all registered PON ports; a port with one value"
        " known to be outside is out, else one that lacks a value is unknown;"
        " compared in steps of 0.01 dB and 0.1 °C",
    ),
    parameters=OPTICS_PARAMETERS,
)

ONU_ONLINE = _of_ports(
    "onu.online",
    Predicate.PORT_ONUS,
    Name("ONU在线率", "ONUs online"),
    Name(
        "各端口上报的在线ONU数之和 ÷ 上报的ONU总数之和;未知端口按每端口ONU数上限计入上下界",
        "sum of onu_online / sum of onu_total, as ports report them; a port whose counts are not"
        " known, silent or not, has the size max_onus_per_pon_port in the bounds",
    ),
    parameters=("max_onus_per_pon_port",),
)

NETWORK = (PON_PORTS_10G, PON_PORT_SHARE_10G)
OPERATING_NETWORK = (PON_PORT_AVAILABILITY, PON_OPTICAL_HEALTH, ONU_ONLINE)
