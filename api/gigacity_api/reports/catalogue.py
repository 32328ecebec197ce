"""What may be reported: figures that only offices know, and every measured one beside them. Pure.

Nothing here is computed from telemetry: a reported figure stands as it was entered, with its
source.
"""

from dataclasses import dataclass
from types import MappingProxyType

from gigacity_api.indicators.definitions import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_contract.city.model import City, Direction, Name, Target
from gigacity_contract.city.vocabulary import TARGETABLE

RATIO = "ratio"

_PLAN = Name("滨州市数字城市建设规划(2023—2025年)", "Binzhou Digital City plan 2023-2025")
_GIGABIT_CITY = Name("千兆城市评价指标", "gigabit-city indicator set")
_EFFECTIVE = "2026-11-01"
_PLACES = (Level.CITY, Level.AREA)


@dataclass(frozen=True, slots=True)
class Reportable:
    """A figure that an office may report."""

    id: str
    name: Name
    unit: str
    """``ratio``: a fraction; else what is counted."""
    meaning: Name
    levels: tuple[Level, ...]
    standard: Name
    is_share: bool
    """Never above 1."""
    is_whole: bool
    """A number of things, rather than a ratio or a rate."""
    is_measured: bool = False
    """Also computed from telemetry."""
    direction: Direction = "at_least"
    effective: str = _EFFECTIVE

    def target(self, city: City, scope: str, code: str) -> Target | None:
        """The target that holds at a scope; the city's target of a share holds at each level."""
        mine = [t for t in city.targets if t.indicator == self.id]
        own = [t for t in mine if t.scope == scope and (scope == Level.CITY or t.code == code)]
        if own or not self.is_share:
            return own[0] if own else None
        return next((t for t in mine if t.scope == Level.CITY), None)


def _share(id_: str, name: Name, meaning: Name, standard: Name) -> Reportable:
    return Reportable(id_, name, RATIO, meaning, _PLACES, standard, is_share=True, is_whole=False)


def _count(id_: str, name: Name, unit: str, meaning: Name, standard: Name) -> Reportable:
    return Reportable(id_, name, unit, meaning, _PLACES, standard, is_share=False, is_whole=True)


_REPORTED = (
    _share(
        "community.smart_accepted",
        Name("智慧社区验收通过率", "smart communities accepted"),
        Name(
            "县级大数据主管部门验收通过的社区数 ÷ 社区总数",
            "communities that the county bureau accepted / communities; its decision, not ours",
        ),
        Name("山东省智慧社区建设标准", "Shandong smart-community standard"),
    ),
    _count(
        "brain.scenarios",
        Name("城市大脑应用场景数", "city-brain scenarios"),
        "scenarios",
        Name("已上线的城市大脑应用场景个数", "scenarios of the city brain in operation"),
        _PLAN,
    ),
    _share(
        "service.end_to_end_online",
        Name("政务服务全程网办率", "services handled online end to end"),
        Name("可全程网办的事项数 ÷ 政务服务事项总数", "items handled online throughout / items"),
        _PLAN,
    ),
    _count(
        "service.document_exempt_items",
        Name("免证办事项数", "document-exempt items"),
        "items",
        Name("办理时免于提交证照的事项个数", "service items that ask for no document"),
        _PLAN,
    ),
    _count(
        "industry.morning_star_factories",
        Name("晨星工厂数", "Morning Star factories"),
        "factories",
        Name("入选晨星工厂的企业个数", "factories listed as Morning Star"),
        _PLAN,
    ),
    _count(
        "industry.innovation_labs",
        Name("数字经济创新实验室数", "innovation labs"),
        "labs",
        Name("已建成的创新实验室个数", "innovation labs in operation"),
        _PLAN,
    ),
    _count(
        "industry.education_platforms",
        Name("产教融合平台数", "industry-education platforms"),
        "platforms",
        Name("已建成的产教融合平台个数", "industry-education platforms in operation"),
        _PLAN,
    ),
    _share(
        "data.department_sharing",
        Name("部门数据共享率", "departmental data sharing"),
        Name("已共享的部门数据目录数 ÷ 应共享总数", "shared data items / items due to be shared"),
        _PLAN,
    ),
    _share(
        "city.four_star",
        Name("新型智慧城市四星级覆盖率", "four-star smart-city units"),
        Name(
            "达到四星级及以上的县级单位数 ÷ 县级单位总数", "county-level units of 4 stars / units"
        ),
        _PLAN,
    ),
    _share(
        "broadband.users_500m",
        Name("500Mbps及以上用户占比", "users of 500 Mbps or more"),
        Name("500Mbps及以上固定宽带用户数 ÷ 固定宽带用户数", "users of 500 Mbps or more / users"),
        _GIGABIT_CITY,
    ),
    Reportable(
        "mobile.stations_per_10k",
        Name("每万人拥有5G基站数", "5G stations per 10,000 people"),
        "stations per 10,000",
        Name("5G基站数 ÷ 常住人口(万人)", "5G base stations / residents, in 10,000"),
        _PLACES,
        _GIGABIT_CITY,
        is_share=False,
        is_whole=False,
    ),
    _share(
        "mobile.users_5g",
        Name("5G用户占比", "share of 5G users"),
        Name("5G用户数 ÷ 移动电话用户数", "5G users / mobile users"),
        _GIGABIT_CITY,
    ),
    _share(
        "mobile.key_places_5g",
        Name("重点场所5G网络通达率", "5G reach of key places"),
        Name("5G通达的重点场所数 ÷ 重点场所总数", "key places that 5G reaches / key places"),
        _GIGABIT_CITY,
    ),
    _share(
        "mobile.area_5g",
        Name("5G网络面积覆盖率", "area with 5G"),
        Name("5G信号覆盖面积 ÷ 总面积", "area with 5G signal / area"),
        _GIGABIT_CITY,
    ),
)

REPORTED: MappingProxyType[str, Reportable] = MappingProxyType(
    {entry.id: entry for entry in _REPORTED if entry.id not in REGISTRY}
)
"""Figures that only offices know, by id, in the order in which they are shown."""


def reportable(indicator: str) -> Reportable | None:
    """What may be reported under an id, or None."""
    definition = REGISTRY.get(indicator)
    if definition is None:
        return REPORTED.get(indicator)
    is_ratio = definition.unit == RATIO
    return Reportable(
        definition.id,
        definition.name,
        definition.unit,
        definition.formula,
        tuple(level for level in definition.levels if level is not Level.OLT),
        definition.standard,
        is_share=is_ratio and TARGETABLE.get(indicator, "share") == "share",
        is_whole=not is_ratio,
        is_measured=True,
        direction=definition.direction,
        effective=definition.effective,
    )
