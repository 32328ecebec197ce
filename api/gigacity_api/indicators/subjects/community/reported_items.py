"""Items of the community standard that offices report: 5G surface, TV, cameras at key positions."""

from collections.abc import Callable

from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.rules import (
    CityInstant,
    ReasonColumn,
    Rule,
    VerdictReason,
    choose,
    derived,
)
from gigacity_api.indicators.standards import METHOD_OF_2026_11_24, SMART_COMMUNITY
from gigacity_api.indicators.subjects.community.standard import (
    OfficeItem,
    area_with_5g,
    homes_with_tv,
    positions_with_camera,
)
from gigacity_api.indicators.subjects.community.subject import CommunityIndicator
from gigacity_api.indicators.verdicts import IN, OUT, VerdictColumn
from gigacity_city.model import Name

_IN_FULL = VerdictReason("community_reported_in_full", "上报值为全部", "all of it, as reported")
_IN_PART = VerdictReason("community_reported_in_part", "上报值为部分", "part of it, as reported")
_NOT_REPORTED = VerdictReason("community_not_reported", "尚未上报", "nobody has reported it")


def _as_reported(find: Callable[[Inventory], OfficeItem]) -> Rule:
    def judge(instant: CityInstant) -> VerdictColumn:
        inventory = instant.inventory
        # The same at every instant of a city version.
        return inventory.once((judge, find), lambda: VerdictColumn.of_parts(*find(inventory)))

    @derived
    def explain(instant: CityInstant) -> ReasonColumn:
        verdicts = judge(instant).verdicts
        return choose(
            (verdicts == OUT, _IN_PART), (verdicts == IN, _IN_FULL), otherwise=_NOT_REPORTED
        )

    return Rule(judge, explain, (_IN_FULL, _IN_PART, _NOT_REPORTED))


def _item(
    item: str, find: Callable[[Inventory], OfficeItem], *, order: int, name: Name, formula: Name
) -> CommunityIndicator:
    return CommunityIndicator(
        id=f"community.{item}",
        order=order,
        name=name,
        formula=formula,
        rule=_as_reported(find),
        standard=SMART_COMMUNITY,
        effective=METHOD_OF_2026_11_24,
        item=item,
    )


INDICATORS = (
    _item(
        "mobile_5g_area",
        area_with_5g,
        order=71,
        name=Name("社区5G信号面积占比", "surface of communities with 5G signal"),
        formula=Name(
            "有5G信号的面积 ÷ 社区面积(按面积,不按人口或基站)",
            "surface with 5G signal, as reported / surface of the community: an area, neither"
            " people nor stations; a community that has not reported is unknown with its whole"
            " surface",
        ),
    ),
    _item(
        "tv_households",
        homes_with_tv,
        order=72,
        name=Name("社区广播电视住户占比", "homes of communities with cable TV or IPTV"),
        formula=Name(
            "有线电视或IPTV住户数(每户只计一次,取并集) ÷ 社区全部住户数",
            "households with cable TV or IPTV, as reported / all households: the union of both,"
            " never their sum; a community that has not reported is unknown with all its"
            " households",
        ),
    ),
    CommunityIndicator(
        id="community.camera_coverage",
        order=73,
        name=Name("重点部位摄像机覆盖率", "key positions with a camera"),
        formula=Name(
            "min(登记摄像机数, 重点部位数) ÷ 重点部位数;未上报重点部位数的社区无此值,不向上汇总",
            "min(registered cameras, key positions) / key positions, as reported; a community that"
            " has not reported its positions has no figure, so there is no sum above communities",
        ),
        levels=(Level.COMMUNITY,),
        rule=_as_reported(positions_with_camera),
        standard=SMART_COMMUNITY,
        effective=METHOD_OF_2026_11_24,
        item="camera_coverage",
    ),
)
