"""Devices online, in all and by kind."""

import numpy as np

from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.rules import (
    CityInstant,
    ReasonColumn,
    Rule,
    VerdictReason,
    choose,
    derived,
)
from gigacity_api.indicators.standards import METHOD_OF_2026_12_01, OPERATING
from gigacity_api.indicators.subjects.device.presence import device_presence
from gigacity_api.indicators.subjects.device.subject import DeviceIndicator
from gigacity_api.indicators.verdicts import IN, OUT, UNKNOWN, VerdictColumn
from gigacity_city.model import Name
from gigacity_contract.kinds import CATALOGUE

_REPORTS = VerdictReason("device_reports", "窗口内有上报", "it reported inside its window")
_ENDED = VerdictReason(
    "device_session_ended",
    "最近会话已结束,此后无上报",
    "its newest session ended and nothing was reported since",
)
_SILENT = VerdictReason(
    "device_silent",
    "静默,而其承载网关或采集确证正常",
    "silent while its gateway or the worker is proven to deliver",
)
_DOUBTFUL = VerdictReason(
    "device_link_doubtful",
    "自行联网,会话未结束,静默未久:其自身链路可能正在缓存上报",
    "connects by itself, its session has not ended, and it has not been silent for long: its own"
    " link may be holding reports back",
)
_UNPROVEN = VerdictReason(
    "device_carrier_unproven",
    "静默,且无法确证其网关或采集正常",
    "silent, and its gateway or the worker is not proven to deliver either",
)


@derived
def devices_online(instant: CityInstant) -> VerdictColumn:
    """Out once its session ended, in with a fresh report, out if its silence is proven."""
    presence = device_presence(instant)
    is_proven = presence.carrier_alive & ~presence.link_doubtful
    silent = np.where(is_proven, OUT, UNKNOWN)
    online = np.where(presence.ended, OUT, np.where(presence.fresh, IN, silent))
    return VerdictColumn(online.astype(np.int8))


@derived
def online_reasons(instant: CityInstant) -> ReasonColumn:
    """Why each device is online, or is not."""
    presence = device_presence(instant)
    return choose(
        (presence.ended, _ENDED),
        (presence.fresh, _REPORTS),
        (presence.carrier_alive & presence.link_doubtful, _DOUBTFUL),
        (presence.carrier_alive, _SILENT),
        otherwise=_UNPROVEN,
    )


ONLINE = Rule(devices_online, online_reasons, (_REPORTS, _ENDED, _SILENT, _DOUBTFUL, _UNPROVEN))

_FORMULA = Name(
    "在线设备数 ÷ 登记设备数。会话已结束且此后无上报为离线;窗口内有上报为在线;"
    "静默且承载网关(或本区县采集)确证正常为离线,否则为未知;"
    "自行联网且会话未结束的设备,静默满其容忍时间后才为离线",
    "devices online / registered devices; a device whose newest session ended, with no fresh report"
    " since, is out; one with a report inside the window is in; a silent one is out while its"
    " gateway (for a device of its own, any report of its area) is proven to deliver, else unknown;"
    " one that connects by itself and whose session has not ended is out only when it has been"
    " silent for its patience",
)

DEVICE_ONLINE = DeviceIndicator(
    id="device.online",
    order=90,
    name=Name("设备在线率", "devices online"),
    formula=_FORMULA,
    rule=ONLINE,
    standard=OPERATING,
    method_version=2,
    effective=METHOD_OF_2026_12_01,
)

INDICATORS = (
    DEVICE_ONLINE,
    *(
        DeviceIndicator(
            id=f"device.online.{kind.name}",
            order=91,
            name=Name(f"{kind.zh}在线率", f"{kind.en} online"),
            formula=_FORMULA,
            levels=(Level.CITY, Level.AREA),
            rule=ONLINE,
            standard=OPERATING,
            method_version=2,
            effective=METHOD_OF_2026_12_01,
            kind=kind.name,
        )
        for kind in CATALOGUE.values()
    ),
)
