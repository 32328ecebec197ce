"""Households that a working 10G port passes: of towns by either urban rule, and of communities."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gigacity_api.indicators.entries import Used
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.rules import (
    CityInstant,
    ReasonColumn,
    Rule,
    VerdictReason,
    choose,
    derived,
)
from gigacity_api.indicators.standards import (
    METHOD_OF_2026_11_01,
    METHOD_OF_2026_11_24,
    PLAN,
    SMART_COMMUNITY,
)
from gigacity_api.indicators.subjects.building.subject import BuildingIndicator
from gigacity_api.indicators.subjects.port.in_service import ports_in_service
from gigacity_api.indicators.verdicts import IN, OUT, Flags, VerdictColumn, any_of
from gigacity_city.model import City, Name, UrbanRule

_HAS_10G = VerdictReason(
    "building_has_10g_port",
    "至少一个经过该楼栋的10G端口在用",
    "at least one 10G port that passes it is in service",
)
_ALL_OUT = VerdictReason(
    "building_all_ports_out",
    "经过该楼栋的端口均不在用或低于10G",
    "every port that passes it is known to be down or below 10G",
)
_NOT_PASSED = VerdictReason(
    "building_not_passed", "没有登记的端口经过该楼栋", "no registered port passes it"
)
_UNKNOWN = VerdictReason(
    "building_ports_unknown",
    "没有已知在用的端口,且部分端口状态未知",
    "no port that passes it is known to be in service, and some are unknown",
)


@derived
def buildings_passed(instant: CityInstant) -> VerdictColumn:
    """Buildings with at least one 10G port in service."""
    inventory = instant.inventory
    passing = ports_in_service(instant).verdicts[inventory.coverage_port]
    size = len(inventory.city.buildings)
    return VerdictColumn(any_of(passing, inventory.coverage_building, size))


@derived
def _reasons(instant: CityInstant) -> ReasonColumn:
    verdicts = buildings_passed(instant).verdicts
    passing = np.bincount(instant.inventory.coverage_building, minlength=len(verdicts))
    return choose(
        (passing == 0, _NOT_PASSED),
        (verdicts == IN, _HAS_10G),
        (verdicts == OUT, _ALL_OUT),
        otherwise=_UNKNOWN,
    )


BUILDING_PASSED = Rule(buildings_passed, _reasons, (_HAS_10G, _ALL_OUT, _NOT_PASSED, _UNKNOWN))


@dataclass(frozen=True, slots=True, kw_only=True)
class UrbanIndicator(BuildingIndicator):
    """Only households that are urban, county level and above."""

    def counts(self, inventory: Inventory) -> Flags:
        """Communities that are urban by the rule of the city file."""
        return inventory.community_is_urban

    def rules_of_city(self, city: City) -> Iterable[Used]:
        """The urban rule."""
        return (_used(city.urban),)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeUrbanIndicator(BuildingIndicator):
    """Urban by the alternative rule of the city file; without one there is no figure."""

    def is_computable(self, city: City) -> bool:
        """Whether there is an alternative rule."""
        return city.urban.alternative is not None

    def counts(self, inventory: Inventory) -> Flags:
        """Communities that are urban by the alternative rule."""
        return inventory.community_is_urban_otherwise

    def rules_of_city(self, city: City) -> Iterable[Used]:
        """The alternative rule."""
        return () if city.urban.alternative is None else (_used(city.urban.alternative),)


def _used(rule: UrbanRule) -> Used:
    text = f"{_listed(rule.everywhere)} everywhere"
    if rule.county_seat:
        streets = ",".join(sorted(rule.county_seat_streets))
        text += f"; {_listed(rule.county_seat)} in {streets}"
    return Used("urban", text, rule.source)


def _listed(classes: Iterable[int]) -> str:
    return ",".join(map(str, sorted(classes)))


HOME_GIGABIT_ACCESS = UrbanIndicator(
    id="home.gigabit_access",
    order=30,
    name=Name("城镇家庭千兆光纤网络覆盖率", "urban households with gigabit access"),
    formula=Name(
        "有在用10G-PON端口经过的楼栋的城镇住户数 ÷ 城镇住户总数(每户只计一次)",
        "households of urban buildings that at least one 10G port in service passes / urban"
        " households, county level and above; a home counts once, however many ports pass it",
    ),
    rule=BUILDING_PASSED,
    standard=PLAN,
    effective=METHOD_OF_2026_11_01,
)

HOME_GIGABIT_ACCESS_ALTERNATIVE = AlternativeUrbanIndicator(
    id="home.gigabit_access.alternative",
    order=40,
    name=Name(
        "城镇家庭千兆光纤网络覆盖率(另一城镇口径,供对照)",
        "urban households with gigabit access, by the alternative urban rule",
    ),
    formula=Name(
        "同城镇家庭千兆光纤网络覆盖率,城镇范围按城市文件的另一口径(未经确认)",
        "as home.gigabit_access, urban by the alternative rule of the city file; both readings are"
        " unconfirmed, and this one is shown beside, not against the plan's target",
    ),
    rule=BUILDING_PASSED,
    standard=PLAN,
    effective=METHOD_OF_2026_11_24,
)

COMMUNITY_GIGABIT_HOMES = BuildingIndicator(
    id="community.gigabit_homes",
    order=70,
    name=Name("社区千兆住户占比", "homes of communities with gigabit access"),
    formula=Name(
        "具备千兆接入能力的住户数 ÷ 社区全部住户数(每户只计一次)",
        "households of buildings that at least one 10G port in service passes / all households,"
        " urban or not; a home counts once",
    ),
    rule=BUILDING_PASSED,
    standard=SMART_COMMUNITY,
    effective=METHOD_OF_2026_11_24,
    item="gigabit_homes",
)

INDICATORS = (HOME_GIGABIT_ACCESS, HOME_GIGABIT_ACCESS_ALTERNATIVE, COMMUNITY_GIGABIT_HOMES)
