"""The indicators that boards show: their id, names and unit.

The definitions live with the evaluator. Boards know only what they must to lay a figure out; a
board's figure that nobody publishes shows up as an empty panel in the tests.
"""

from typing import Literal, NamedTuple

from gigacity_city.model import Name
from gigacity_contract.kinds import CATALOGUE

Unit = Literal["count", "ratio"]


class IndicatorLabel(NamedTuple):
    """One figure of the city and its areas."""

    id: str
    name: Name
    unit: Unit
    short: Name | None = None
    """For narrow places."""

    @property
    def label(self) -> Name:
        """The short name, where there is one."""
        return self.short or self.name


PORTS_10G = IndicatorLabel(
    "pon.ports_10g", Name("在用10G-PON及以上端口数", "10G-PON ports in service"), "count"
)
PORT_SHARE_10G = IndicatorLabel(
    "pon.port_share_10g", Name("10G-PON端口占比", "Share of 10G-PON ports"), "ratio"
)
GIGABIT_ACCESS = IndicatorLabel(
    "home.gigabit_access",
    Name("城镇家庭千兆光纤网络覆盖率", "Urban households with gigabit access"),
    "ratio",
    Name("城镇家庭千兆覆盖率", "Urban gigabit"),
)
SMART_COVERAGE = IndicatorLabel(
    "community.smart_coverage", Name("智慧社区覆盖率", "Smart-community coverage"), "ratio",
    Name("智慧社区", "Smart"),
)  # fmt: skip
DEVICE_ONLINE = IndicatorLabel("device.online", Name("设备在线率", "Devices online"), "ratio")

PORT_AVAILABILITY = IndicatorLabel(
    "pon.port_availability", Name("PON端口可用率", "PON ports available"), "ratio"
)
OPTICAL_HEALTH = IndicatorLabel(
    "pon.optical_health", Name("PON光路健康率", "PON ports with healthy optics"), "ratio"
)
ONU_ONLINE = IndicatorLabel("onu.online", Name("ONU在线率", "ONUs online"), "ratio")

HEADLINES = (PORTS_10G, GIGABIT_ACCESS, SMART_COVERAGE)
"""The plan's figures that are measured here."""

OPERATING = (PORT_SHARE_10G, DEVICE_ONLINE)

ALL = (*HEADLINES, *OPERATING)

NETWORK = (PORT_AVAILABILITY, OPTICAL_HEALTH, ONU_ONLINE, PORTS_10G)
"""Of the board of the optical network; so many stand side by side."""
NETWORK_ALL = (*NETWORK, PORT_SHARE_10G)

GIGABIT_HOMES = IndicatorLabel(
    "community.gigabit_homes", Name("社区千兆住户占比", "Homes of communities with gigabit access"),
    "ratio", Name("千兆住户占比", "Gigabit homes"),
)  # fmt: skip
CAMERA_ONLINE = IndicatorLabel(
    "community.camera_online", Name("社区摄像机联网率", "Cameras of communities online"), "ratio",
    Name("摄像机联网率", "Cameras online"),
)  # fmt: skip
CAMERA_INTACT = IndicatorLabel(
    "community.camera_intact", Name("社区摄像机完好率", "Cameras of communities intact"), "ratio",
    Name("摄像机完好率", "Cameras intact"),
)  # fmt: skip
CAMERA_PICTURE = IndicatorLabel(
    "community.camera_picture",
    Name("社区摄像机出图率", "Cameras of communities that give a picture"),
    "ratio",
    Name("摄像机出图率", "Cameras with picture"),
)
COMMUNITIES = (
    SMART_COVERAGE, GIGABIT_HOMES, CAMERA_ONLINE, CAMERA_INTACT, CAMERA_PICTURE, DEVICE_ONLINE,
)  # fmt: skip
"""Of the board of smart communities; so many stand side by side."""
OF_COMMUNITY = (
    *COMMUNITIES[1:],
    GIGABIT_ACCESS,
    IndicatorLabel(
        "home.gigabit_access.alternative",
        Name(
            "城镇家庭千兆光纤网络覆盖率(另一城镇口径,供对照)",
            "Urban households with gigabit access, by the alternative urban rule",
        ),
        "ratio",
        Name("城镇家庭千兆(另一口径)", "Urban gigabit, other rule"),
    ),
    IndicatorLabel(
        "community.mobile_5g_area",
        Name("社区5G信号面积占比", "Surface of communities with 5G signal"),
        "ratio",
        Name("5G信号面积占比", "5G surface"),
    ),
    IndicatorLabel(
        "community.tv_households",
        Name("社区广播电视住户占比", "Homes of communities with cable TV or IPTV"),
        "ratio",
        Name("广播电视住户占比", "Homes with TV"),
    ),
    IndicatorLabel(
        "community.camera_coverage",
        Name("重点部位摄像机覆盖率", "Key positions with a camera"),
        "ratio",
    ),
)
"""Those that a community has of its own."""

KIND_PREFIX = f"{DEVICE_ONLINE.id}."
"""``device.online.<kind>`` is the same figure of one device kind."""

KIND_NAMES: dict[str, Name] = {
    KIND_PREFIX + kind.name: Name(kind.zh, kind.en) for kind in CATALOGUE.values()
}
"""Names of the figures by device kind."""
