"""Cameras of communities: online, intact, giving a picture. Items of the community standard."""

import numpy as np

from gigacity_api.indicators.inventory import CAMERA_KIND
from gigacity_api.indicators.rules import (
    CityInstant,
    ReasonColumn,
    Rule,
    VerdictReason,
    choose,
    derived,
)
from gigacity_api.indicators.standards import CAMERA_WINDOW, METHOD_OF_2026_12_01, SMART_COMMUNITY
from gigacity_api.indicators.subjects.device.online import ONLINE, devices_online, online_reasons
from gigacity_api.indicators.subjects.device.presence import device_presence
from gigacity_api.indicators.subjects.device.subject import DeviceIndicator
from gigacity_api.indicators.verdicts import IN, UNKNOWN, Flags, VerdictColumn
from gigacity_city.model import Name

_INCOMPLETE = VerdictReason(
    "camera_incomplete",
    "在线,但最近上报缺少该字段",
    "it is online, and its newest report lacks this field",
)


def _says(field: str, yes: VerdictReason, no: VerdictReason) -> Rule:
    """What cameras that are online say of themselves; the others are what ``online`` makes them."""

    @derived
    def judge(instant: CityInstant) -> VerdictColumn:
        online = devices_online(instant).verdicts
        said = instant.state.devices[field]
        return VerdictColumn(np.where(online == IN, said, online))

    @derived
    def explain(instant: CityInstant) -> ReasonColumn:
        verdicts, is_online = judge(instant).verdicts, devices_online(instant).verdicts == IN
        return choose(
            (is_online & (verdicts == UNKNOWN), _INCOMPLETE),
            (is_online & (verdicts == IN), yes),
            (is_online, no),
            otherwise=online_reasons(instant),
        )

    return Rule(judge, explain, (yes, no, _INCOMPLETE, *ONLINE.reasons))


CAMERA_INTACT = _says(
    "intact",
    VerdictReason("camera_intact", "在线且自报完好", "it is online and says that it is intact"),
    VerdictReason(
        "camera_not_intact", "在线但自报不完好", "it is online and says that it is not intact"
    ),
)
CAMERA_PICTURE = _says(
    "picture",
    VerdictReason("camera_gives_picture", "在线且出图", "it is online and gives a picture"),
    VerdictReason("camera_no_picture", "在线但不出图", "it is online and gives no picture"),
)


def incomplete_cameras(instant: CityInstant) -> Flags:
    """Newest reports that do not say whether a camera is intact, or gives a picture.

    Of every device; meant for cameras.
    """
    devices = instant.state.devices
    lacks: Flags = (devices["intact"] == UNKNOWN) | (devices["picture"] == UNKNOWN)
    return device_presence(instant).fresh & lacks


def _item(item: str, rule: Rule, *, order: int, name: Name, formula: Name) -> DeviceIndicator:
    return DeviceIndicator(
        id=f"community.{item}",
        order=order,
        name=name,
        formula=formula,
        window=CAMERA_WINDOW,
        rule=rule,
        standard=SMART_COMMUNITY,
        method_version=2,
        effective=METHOD_OF_2026_12_01,
        item=item,
        kind=CAMERA_KIND,
    )


INDICATORS = (
    _item(
        "camera_online",
        ONLINE,
        order=74,
        name=Name("社区摄像机联网率", "cameras of communities online"),
        formula=Name(
            "在线摄像机数 ÷ 登记摄像机数",
            "cameras online / registered cameras; online as in device.online",
        ),
    ),
    _item(
        "camera_intact",
        CAMERA_INTACT,
        order=75,
        name=Name("社区摄像机完好率", "cameras of communities intact"),
        formula=Name(
            "在线且自报完好的摄像机数 ÷ 登记摄像机数",
            "cameras that are online and say that they are intact / registered cameras",
        ),
    ),
    _item(
        "camera_picture",
        CAMERA_PICTURE,
        order=76,
        name=Name("社区摄像机出图率", "cameras of communities that give a picture"),
        formula=Name(
            "在线且出图的摄像机数 ÷ 登记摄像机数",
            "cameras that are online and give a picture / registered cameras",
        ),
    ),
)
