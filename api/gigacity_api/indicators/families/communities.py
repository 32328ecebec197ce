"""Smart communities: the coverage, and the standard's items one by one."""

from gigacity_api.indicators.definitions import Definition, Level, Predicate, Subject
from gigacity_api.indicators.families.standards import (
    BOTH_WINDOWS,
    CAMERA_WINDOW,
    METHOD_OF_2026_11_01,
    METHOD_OF_2026_11_24,
    NO_WINDOW,
    PON_WINDOW,
    SMART_COMMUNITY,
)
from gigacity_city.model import Name

_EVERYWHERE = (Level.CITY, Level.AREA, Level.COMMUNITY)

COMMUNITY_SMART_COVERAGE = Definition(
    id="community.smart_coverage",
    name=Name("智慧社区覆盖率", "smart-community coverage"),
    unit="ratio",
    formula=Name(
        "达到智慧社区标准全部必选项的社区数 ÷ 社区总数",
        "communities that pass every required item of the smart-community standard / communities;"
        " out if any required item is known to fail, in if all are known to pass, else unknown",
    ),
    window=BOTH_WINDOWS,
    subject=Subject.COMMUNITY,
    predicate=Predicate.COMMUNITY_SMART,
    levels=(Level.CITY, Level.AREA),
    direction="at_least",
    standard=SMART_COMMUNITY.name,
    standard_date=SMART_COMMUNITY.date,
    method_version=1,
    effective=METHOD_OF_2026_11_01,
)


def _item(
    item: str,
    name: Name,
    formula: Name,
    *,
    subject: Subject,
    predicate: Predicate,
    window: Name = NO_WINDOW,
    levels: tuple[Level, ...] = _EVERYWHERE,
    device_kind: str | None = None,
) -> Definition:
    return Definition(
        id=f"community.{item}",
        name=name,
        unit="ratio",
        formula=formula,
        window=window,
        subject=subject,
        predicate=predicate,
        levels=levels,
        direction="at_least",
        standard=SMART_COMMUNITY.name,
        standard_date=SMART_COMMUNITY.date,
        method_version=1,
        effective=METHOD_OF_2026_11_24,
        device_kind=device_kind,
        item=item,
    )


def _camera(item: str, name: Name, formula: Name, predicate: Predicate) -> Definition:
    return _item(
        item, name, formula, subject=Subject.DEVICE, predicate=predicate,
        window=CAMERA_WINDOW, device_kind="camera",
    )  # fmt: skip


COMMUNITY_GIGABIT_HOMES = _item(
    "gigabit_homes",
    Name("社区千兆住户占比", "homes of communities with gigabit access"),
    Name(
        "具备千兆接入能力的住户数 ÷ 社区全部住户数(每户只计一次)",
        "households of buildings that at least one 10G port in service passes / all households,"
        " urban or not; a home counts once",
    ),
    subject=Subject.BUILDING,
    predicate=Predicate.BUILDING_10G,
    window=PON_WINDOW,
)
COMMUNITY_MOBILE_5G_AREA = _item(
    "mobile_5g_area",
    Name("社区5G信号面积占比", "surface of communities with 5G signal"),
    Name(
        "有5G信号的面积 ÷ 社区面积(按面积,不按人口或基站)",
        "surface with 5G signal, as reported / surface of the community: an area, neither people"
        " nor stations; a community that has not reported is unknown with its whole surface",
    ),
    subject=Subject.COMMUNITY,
    predicate=Predicate.COMMUNITY_5G_AREA,
)
COMMUNITY_TV_HOUSEHOLDS = _item(
    "tv_households",
    Name("社区广播电视住户占比", "homes of communities with cable TV or IPTV"),
    Name(
        "有线电视或IPTV住户数(每户只计一次,取并集) ÷ 社区全部住户数",
        "households with cable TV or IPTV, as reported / all households: the union of both, never"
        " their sum; a community that has not reported is unknown with all its households",
    ),
    subject=Subject.COMMUNITY,
    predicate=Predicate.COMMUNITY_TV,
)
COMMUNITY_CAMERA_COVERAGE = _item(
    "camera_coverage",
    Name("重点部位摄像机覆盖率", "key positions with a camera"),
    Name(
        "min(登记摄像机数, 重点部位数) ÷ 重点部位数;未上报重点部位数的社区无此值,不向上汇总",
        "min(registered cameras, key positions) / key positions, as reported; a community that has"
        " not reported its positions has no figure, so there is no sum above communities",
    ),
    subject=Subject.COMMUNITY,
    predicate=Predicate.COMMUNITY_CAMERAS,
    levels=(Level.COMMUNITY,),
)
COMMUNITY_CAMERA_ONLINE = _camera(
    "camera_online",
    Name("社区摄像机联网率", "cameras of communities online"),
    Name(
        "在线摄像机数 ÷ 登记摄像机数",
        "cameras online / registered cameras; online as in device.online",
    ),
    Predicate.DEVICE_ONLINE,
)
COMMUNITY_CAMERA_INTACT = _camera(
    "camera_intact",
    Name("社区摄像机完好率", "cameras of communities intact"),
    Name(
        "在线且自报完好的摄像机数 ÷ 登记摄像机数",
        "cameras that are online and say that they are intact / registered cameras",
    ),
    Predicate.CAMERA_INTACT,
)
COMMUNITY_CAMERA_PICTURE = _camera(
    "camera_picture",
    Name("社区摄像机出图率", "cameras of communities that give a picture"),
    Name(
        "在线且出图的摄像机数 ÷ 登记摄像机数",
        "cameras that are online and give a picture / registered cameras",
    ),
    Predicate.CAMERA_PICTURE,
)

ITEMS = (
    COMMUNITY_GIGABIT_HOMES, COMMUNITY_MOBILE_5G_AREA, COMMUNITY_TV_HOUSEHOLDS,
    COMMUNITY_CAMERA_COVERAGE, COMMUNITY_CAMERA_ONLINE, COMMUNITY_CAMERA_INTACT,
    COMMUNITY_CAMERA_PICTURE,
)  # fmt: skip
