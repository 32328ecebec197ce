"""Devices online, in all and by kind."""

from gigacity_api.indicators.definitions import Definition, Level, Predicate, Subject
from gigacity_api.indicators.families.standards import (
    DEVICE_WINDOW,
    METHOD_OF_2026_11_01,
    OPERATING,
)
from gigacity_city.model import Name
from gigacity_contract.kinds import CATALOGUE

_FORMULA = Name(
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
        formula=_FORMULA,
        window=DEVICE_WINDOW,
        subject=Subject.DEVICE,
        predicate=Predicate.DEVICE_ONLINE,
        levels=levels,
        direction="at_least",
        standard=OPERATING.name,
        standard_date=OPERATING.date,
        method_version=1,
        effective=METHOD_OF_2026_11_01,
        device_kind=kind,
    )


DEVICE_ONLINE = _online(
    None, Name("设备在线率", "devices online"), (Level.CITY, Level.AREA, Level.COMMUNITY)
)

BY_KIND = tuple(
    _online(kind.name, Name(f"{kind.zh}在线率", f"{kind.en} online"), (Level.CITY, Level.AREA))
    for kind in CATALOGUE.values()
)
