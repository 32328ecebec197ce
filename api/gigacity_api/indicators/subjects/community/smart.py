"""Smart communities: those that pass every required item of the standard."""

from collections.abc import Iterable
from dataclasses import dataclass

from gigacity_api.indicators.inventory import CAMERA_KIND, Inventory
from gigacity_api.indicators.levels import PORT_REPORTER, Level, Population, by_level
from gigacity_api.indicators.rules import (
    CityInstant,
    ReasonColumn,
    Rule,
    VerdictReason,
    choose,
    derived,
)
from gigacity_api.indicators.standards import BOTH_WINDOWS, METHOD_OF_2026_12_01, SMART_COMMUNITY
from gigacity_api.indicators.subjects.building.subject import passing_ports
from gigacity_api.indicators.subjects.community.standard import communities_against_standard
from gigacity_api.indicators.subjects.community.subject import CommunityIndicator
from gigacity_api.indicators.verdicts import IN, OUT, VerdictColumn
from gigacity_city.model import City, Name, SmartItem

_ALL_PASS = VerdictReason(
    "community_all_items_pass", "全部必选项达标", "every required item is known to pass"
)
_FAILS = VerdictReason(
    "community_item_fails",
    "至少一个必选项已知不达标",
    "at least one required item is known to fail",
)
_UNKNOWN = VerdictReason(
    "community_items_unknown",
    "没有必选项已知不达标,但部分项未知",
    "no required item is known to fail, and some are unknown",
)


@derived
def smart_communities(instant: CityInstant) -> VerdictColumn:
    """Out if any required item is known to fail, in if all are known to pass, else unknown."""
    return VerdictColumn(communities_against_standard(instant).smart)


@derived
def _reasons(instant: CityInstant) -> ReasonColumn:
    verdicts = smart_communities(instant).verdicts
    return choose((verdicts == OUT, _FAILS), (verdicts == IN, _ALL_PASS), otherwise=_UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartCommunityIndicator(CommunityIndicator):
    """Rests on ports and cameras, and on every required threshold."""

    def thresholds(self, city: City) -> Iterable[SmartItem]:
        """Of the required items."""
        return (item for item in city.smart_items if item.required)

    def windows_ms(self, city: City) -> dict[str, int]:
        """How long reports of ports and cameras count."""
        cadence = city.cadence
        return {"pon": cadence.pon_window_ms(), CAMERA_KIND: cadence.window_ms(CAMERA_KIND)}

    def make_population(self, inventory: Inventory) -> Population:
        """Every community, by the reports of the ports that pass it and of its cameras."""
        every = CommunityIndicator.make_population(self, inventory)
        cameras = by_level(
            inventory.devices_of_kind[CAMERA_KIND], self.levels, area=inventory.device_area
        )
        ports = passing_ports(inventory, self.levels)
        kinds = frozenset({PORT_REPORTER, CAMERA_KIND})
        return Population(
            every.index, every.levels, (("ports", ports), ("devices", cameras)), kinds
        )


COMMUNITY_SMART_COVERAGE = SmartCommunityIndicator(
    id="community.smart_coverage",
    order=60,
    name=Name("智慧社区覆盖率", "smart-community coverage"),
    formula=Name(
        "达到智慧社区标准全部必选项的社区数 ÷ 社区总数",
        "communities that pass every required item of the smart-community standard / communities;"
        " out if any required item is known to fail, in if all are known to pass, else unknown",
    ),
    levels=(Level.CITY, Level.AREA),
    window=BOTH_WINDOWS,
    rule=Rule(smart_communities, _reasons, (_ALL_PASS, _FAILS, _UNKNOWN)),
    standard=SMART_COMMUNITY,
    method_version=2,
    effective=METHOD_OF_2026_12_01,
)

INDICATORS = (COMMUNITY_SMART_COVERAGE,)
