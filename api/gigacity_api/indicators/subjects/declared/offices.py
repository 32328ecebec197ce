"""Figures of plans and standards that only offices know."""

from gigacity_api.indicators.definitions import Reported
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.standards import (
    GIGABIT_CITY,
    METHOD_OF_2026_11_24,
    PLAN,
    PROVINCE_5G,
    SMART_CITY_STARS,
    SMART_COMMUNITY,
    Standard,
)
from gigacity_city.model import Name


def _of_offices(
    indicator: str, name: Name, formula: Name, *, unit: str = "ratio", standard: Standard = PLAN
) -> Reported:
    return Reported(
        id=indicator,
        name=name,
        unit=unit,
        formula=formula,
        order=200,
        levels=(Level.CITY, Level.AREA),
        standard=standard,
        effective=METHOD_OF_2026_11_24,
    )


INDICATORS = (
    _of_offices(
        "community.smart_accepted",
        Name("通过验收的智慧社区占比", "smart communities accepted"),
        Name(
            "县级大数据主管部门验收通过的社区数 ÷ 社区总数",
            "communities that the county's big-data bureau has accepted / communities; acceptance"
            " is its decision, and stands beside community.smart_coverage",
        ),
        standard=SMART_COMMUNITY,
    ),
    _of_offices(
        "brain.scenarios",
        Name("城市大脑应用场景数", "city-brain scenarios"),
        Name("城市大脑已上线的应用场景个数", "scenarios that the city brain has in use"),
        unit="scenarios",
    ),
    _of_offices(
        "service.end_to_end_online",
        Name("政务服务全程网办率", "services handled online end to end"),
        Name(
            "可全程网办的事项数 ÷ 政务服务事项总数",
            "service items that can be handled online from beginning to end / service items",
        ),
    ),
    _of_offices(
        "service.document_exempt_items",
        Name("免证办事项数", "document-exempt service items"),
        Name("免提交证照材料的事项个数", "service items for which no document need be handed in"),
        unit="items",
    ),
    _of_offices(
        "industry.morning_star_factories",
        Name("晨星工厂数", "Morning Star factories"),
        Name("认定的晨星工厂个数", "factories recognised as Morning Star factories"),
        unit="factories",
    ),
    _of_offices(
        "industry.innovation_labs",
        Name("创新实验室数", "innovation labs"),
        Name("建成的创新实验室个数", "innovation labs that have been set up"),
        unit="labs",
    ),
    _of_offices(
        "industry.education_platforms",
        Name("产教融合平台数", "industry-education platforms"),
        Name("建成的产教融合平台个数", "industry-education platforms that have been set up"),
        unit="platforms",
    ),
    _of_offices(
        "data.department_sharing",
        Name("部门数据共享率", "departmental data sharing"),
        Name(
            "已满足的部门数据共享需求数 ÷ 部门数据共享需求总数",
            "data-sharing needs of departments that are met / all of them",
        ),
    ),
    _of_offices(
        "city.four_star",
        Name("四星级以上县区占比(全域四星)", "county-level units at four stars or more"),
        Name(
            "达到四星级及以上的县级单位数 ÷ 县级单位总数(全域四星即100%)",
            "county-level units that reach four stars or more / county-level units; the whole area"
            " is at four stars when it is all of them",
        ),
        standard=SMART_CITY_STARS,
    ),
    _of_offices(
        "broadband.users_500m",
        Name("500Mbps及以上用户占比", "broadband users at 500 Mbit/s or more"),
        Name(
            "500Mbps及以上固定宽带用户数 ÷ 固定宽带用户总数",
            "fixed broadband users at 500 Mbit/s or more / fixed broadband users",
        ),
        standard=GIGABIT_CITY,
    ),
    _of_offices(
        "mobile.stations_per_10k",
        Name("每万人拥有5G基站数", "5G stations per 10,000 people"),
        Name("5G基站数 ÷ 常住人口(万人)", "5G base stations / residents in tens of thousands"),
        unit="stations per 10,000",
        standard=GIGABIT_CITY,
    ),
    _of_offices(
        "mobile.users_5g",
        Name("5G用户占比", "5G users"),
        Name("5G用户数 ÷ 移动电话用户总数", "5G users / mobile users"),
        standard=GIGABIT_CITY,
    ),
    _of_offices(
        "mobile.key_places_5g",
        Name("重点场所5G网络通达率", "key places reached by 5G"),
        Name(
            "5G网络通达的重点场所数 ÷ 重点场所总数",
            "key places with 5G (hospitals, universities, stations, airports, key roads, tourism"
            " areas) / key places",
        ),
        standard=GIGABIT_CITY,
    ),
    _of_offices(
        "mobile.area_5g",
        Name("5G网络面积覆盖率", "surface with 5G"),
        Name("有5G信号的面积 ÷ 行政区域面积", "surface with 5G signal / surface of the area"),
        standard=PROVINCE_5G,
    ),
)
