"""Households with a working 10G path, and what the ministry's capacity ratio makes of the ports."""

from gigacity_api.indicators.definitions import Definition, Level, Predicate, Subject
from gigacity_api.indicators.families.network import IN_SERVICE
from gigacity_api.indicators.families.standards import (
    GIGABIT_CITY,
    METHOD_OF_2026_11_01,
    METHOD_OF_2026_11_24,
    PLAN,
    PON_WINDOW,
)
from gigacity_city.model import Name

HOME_GIGABIT_ACCESS = Definition(
    id="home.gigabit_access",
    name=Name("城镇家庭千兆光纤网络覆盖率", "urban households with gigabit access"),
    unit="ratio",
    formula=Name(
        "有在用10G-PON端口经过的楼栋的城镇住户数 ÷ 城镇住户总数(每户只计一次)",
        "households of urban buildings that at least one 10G port in service passes / urban"
        " households, county level and above; a home counts once, however many ports pass it",
    ),
    window=PON_WINDOW,
    subject=Subject.BUILDING,
    predicate=Predicate.BUILDING_10G,
    levels=(Level.CITY, Level.AREA, Level.COMMUNITY),
    direction="at_least",
    standard=PLAN.name,
    standard_date=PLAN.date,
    method_version=1,
    effective=METHOD_OF_2026_11_01,
    urban_only=True,
)

HOME_GIGABIT_ACCESS_ALTERNATIVE = Definition(
    id="home.gigabit_access.alternative",
    name=Name(
        "城镇家庭千兆光纤网络覆盖率(另一城镇口径,供对照)",
        "urban households with gigabit access, by the alternative urban rule",
    ),
    unit="ratio",
    formula=Name(
        "同城镇家庭千兆光纤网络覆盖率,城镇范围按城市文件的另一口径(未经确认)",
        "as home.gigabit_access, urban by the alternative rule of the city file; both readings are"
        " unconfirmed, and this one is shown beside, not against the plan's target",
    ),
    window=PON_WINDOW,
    subject=Subject.BUILDING,
    predicate=Predicate.BUILDING_10G,
    levels=(Level.CITY, Level.AREA, Level.COMMUNITY),
    direction="at_least",
    standard=PLAN.name,
    standard_date=PLAN.date,
    method_version=1,
    effective=METHOD_OF_2026_11_24,
    urban_only=True,
    is_alternative=True,
)

HOME_GIGABIT_CAPACITY = Definition(
    id="home.gigabit_capacity",
    name=Name("家庭千兆光纤网络覆盖能力(部口径)", "gigabit capacity per household"),
    unit="ratio",
    formula=Name(
        "在用10G-PON及以上端口数 × 每端口可覆盖住户数 ÷ 全部住户数(可超过100%)",
        "10G ports in service x households_per_10g_port / all registered households: the ministry's"
        f" ratio; a capacity and no share of homes, it may exceed 1; {IN_SERVICE};"
        " unknown ports count as none in the value",
    ),
    window=PON_WINDOW,
    subject=Subject.PORT,
    predicate=Predicate.PORT_10G,
    levels=(Level.CITY, Level.AREA),
    direction="at_least",
    standard=GIGABIT_CITY.name,
    standard_date=GIGABIT_CITY.date,
    method_version=1,
    effective=METHOD_OF_2026_11_24,
    parameters=("households_per_10g_port",),
    per_households=True,
)

HOMES = (HOME_GIGABIT_ACCESS, HOME_GIGABIT_ACCESS_ALTERNATIVE, HOME_GIGABIT_CAPACITY)
