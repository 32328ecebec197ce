"""Every indicator that is computed, in the order in which it is shown."""

from types import MappingProxyType

from gigacity_api.indicators.definitions import Definition, Level, Subject
from gigacity_contract.city.model import Name
from gigacity_contract.kinds import CATALOGUE

_PLAN = Name(
    "滨州市数字城市建设规划(2023—2025年)",
    "Binzhou Digital City plan 2023-2025",
)
_PON_WINDOW = Name("3个PON上报周期(默认180秒)", "3 expected PON intervals (180 s by default)")
_DEVICE_WINDOW = Name("该类设备的3个上报周期", "3 expected intervals of the device's kind")
_PORT_IN_SERVICE = (
    "a port is in service when its newest report says 10G downstream or more, admin up, oper up"
)

PON_PORTS_10G = Definition(
    id="pon.ports_10g",
    name=Name("在用10G-PON及以上端口数", "10G-PON ports in service"),
    unit="ports",
    formula=Name(
        "在用的下行10G及以上物理PON端口个数(组合端口按最高制式计一次)",
        f"physical PON ports of 10G downstream or more in service; {_PORT_IN_SERVICE};"
        " a combo port counts once, as its highest technology",
    ),
    window=_PON_WINDOW,
    subject=Subject.PORT,
    levels=(Level.CITY, Level.AREA, Level.OLT),
    direction="at_least",
    standard=_PLAN,
    method_version=1,
    effective="2026-11-01",
)

PON_PORT_SHARE_10G = Definition(
    id="pon.port_share_10g",
    name=Name("10G-PON端口占比", "share of 10G-PON ports"),
    unit="ratio",
    formula=Name(
        "在用的下行10G及以上PON端口数 ÷ 全部登记PON端口数",
        f"10G ports in service / all registered PON ports; {_PORT_IN_SERVICE}",
    ),
    window=_PON_WINDOW,
    subject=Subject.PORT,
    levels=(Level.CITY, Level.AREA, Level.OLT),
    direction="at_least",
    standard=Name("千兆城市评价指标", "gigabit-city indicator set"),
    method_version=1,
    effective="2026-11-01",
)

HOME_GIGABIT_ACCESS = Definition(
    id="home.gigabit_access",
    name=Name("城镇家庭千兆光纤网络覆盖率", "urban households with gigabit access"),
    unit="ratio",
    formula=Name(
        "有在用10G-PON端口经过的楼栋的城镇住户数 ÷ 城镇住户总数(每户只计一次)",
        "households of urban buildings that at least one 10G port in service passes / urban"
        " households, county level and above; a home counts once, however many ports pass it",
    ),
    window=_PON_WINDOW,
    subject=Subject.BUILDING,
    levels=(Level.CITY, Level.AREA, Level.COMMUNITY),
    direction="at_least",
    standard=_PLAN,
    method_version=1,
    effective="2026-11-01",
    urban_only=True,
)

COMMUNITY_SMART_COVERAGE = Definition(
    id="community.smart_coverage",
    name=Name("智慧社区覆盖率", "smart-community coverage"),
    unit="ratio",
    formula=Name(
        "达到智慧社区标准全部必选项的社区数 ÷ 社区总数",
        "communities that pass every required item of the smart-community standard / communities;"
        " out if any required item is known to fail, in if all are known to pass, else unknown",
    ),
    window=Name(
        "PON端口与摄像机各自的3个上报周期", "3 expected intervals of PON ports and of cameras"
    ),
    subject=Subject.COMMUNITY,
    levels=(Level.CITY, Level.AREA),
    direction="at_least",
    standard=Name(
        "山东省智慧社区建设标准(基础型)", "Shandong smart-community standard, basic level"
    ),
    method_version=1,
    effective="2026-11-01",
)

_ONLINE_FORMULA = Name(
    "在线设备数 ÷ 登记设备数。会话已结束且此后无上报为离线;窗口内有上报为在线;"
    "静默且承载网关(或本区县采集)确证正常为离线,否则为未知",
    "devices online / registered devices; a device whose newest session ended, with no fresh report"
    " since, is out; one with a report inside the window is in; a silent one is out while its"
    " gateway (for a device of its own, any report of its area) is proven to deliver, else unknown",
)


def _online(kind: str | None, name: Name, levels: tuple[Level, ...]) -> Definition:
    return Definition(
        id="device.online" if kind is None else f"device.online.{kind}",
        name=name,
        unit="ratio",
        formula=_ONLINE_FORMULA,
        window=_DEVICE_WINDOW,
        subject=Subject.DEVICE,
        levels=levels,
        direction="at_least",
        standard=Name("运行指标", "operating figure"),
        method_version=1,
        effective="2026-11-01",
        device_kind=kind,
    )


DEVICE_ONLINE = _online(
    None,
    Name("设备在线率", "devices online"),
    (Level.CITY, Level.AREA, Level.COMMUNITY),
)

REGISTRY: MappingProxyType[str, Definition] = MappingProxyType(
    {
        definition.id: definition
        for definition in (
            PON_PORTS_10G,
            PON_PORT_SHARE_10G,
            HOME_GIGABIT_ACCESS,
            COMMUNITY_SMART_COVERAGE,
            DEVICE_ONLINE,
            *(
                _online(
                    kind.name,
                    Name(f"{kind.zh}在线率", f"{kind.en} online"),
                    (Level.CITY, Level.AREA),
                )
                for kind in CATALOGUE.values()
            ),
        )
    }
)
"""Definitions by id."""
