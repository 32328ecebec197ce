"""Why an object has its verdict: a slug for machines, a sentence for people."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from gigacity_api.indicators.verdicts import Flags
from gigacity_city.model import Name

Reasons = NDArray[np.int8]
"""A reason for each object: its place in ``ALL``."""


class VerdictReason(StrEnum):
    """Slugs; they never change their meaning."""

    PORT_IN_SERVICE_10G = "port_in_service_10g"
    PORT_BELOW_10G = "port_below_10g"
    PORT_ADMIN_DOWN = "port_admin_down"
    PORT_OPER_DOWN = "port_oper_down"
    PORT_INCOMPLETE = "port_incomplete"
    PORT_STALE = "port_stale"
    PORT_UP = "port_up"
    PORT_OPTICS_GOOD = "port_optics_good"
    PORT_ONU_RX_LOW = "port_onu_rx_low"
    PORT_TX_LOW = "port_tx_low"
    PORT_TX_HIGH = "port_tx_high"
    PORT_TOO_WARM = "port_too_warm"
    PORT_ONUS_ALL_ONLINE = "port_onus_all_online"
    PORT_ONUS_OFFLINE = "port_onus_offline"
    BUILDING_HAS_10G_PORT = "building_has_10g_port"
    BUILDING_ALL_PORTS_OUT = "building_all_ports_out"
    BUILDING_NOT_PASSED = "building_not_passed"
    BUILDING_PORTS_UNKNOWN = "building_ports_unknown"
    COMMUNITY_ALL_ITEMS_PASS = "community_all_items_pass"  # noqa: S105 - no secret
    COMMUNITY_ITEM_FAILS = "community_item_fails"
    COMMUNITY_ITEMS_UNKNOWN = "community_items_unknown"
    COMMUNITY_REPORTED_IN_FULL = "community_reported_in_full"
    COMMUNITY_REPORTED_IN_PART = "community_reported_in_part"
    COMMUNITY_NOT_REPORTED = "community_not_reported"
    CAMERA_INTACT = "camera_intact"
    CAMERA_NOT_INTACT = "camera_not_intact"
    CAMERA_GIVES_PICTURE = "camera_gives_picture"
    CAMERA_NO_PICTURE = "camera_no_picture"
    CAMERA_INCOMPLETE = "camera_incomplete"
    DEVICE_REPORTS = "device_reports"
    DEVICE_SESSION_ENDED = "device_session_ended"
    DEVICE_SILENT = "device_silent"
    DEVICE_CARRIER_UNPROVEN = "device_carrier_unproven"
    NEVER_REPORTED = "never_reported"


ALL: tuple[VerdictReason, ...] = tuple(VerdictReason)
_CODES = {reason: code for code, reason in enumerate(ALL)}


def code_of(reason: VerdictReason) -> int:
    """A reason's place in ``ALL``."""
    return _CODES[reason]


def choose(*cases: tuple[Flags, VerdictReason], otherwise: VerdictReason | Reasons) -> Reasons:
    """For each object the reason of the first case that holds for it; at least one case."""
    rest = np.int8(_CODES[otherwise]) if isinstance(otherwise, VerdictReason) else otherwise
    codes = [np.int8(_CODES[reason]) for _, reason in cases]
    return np.select([flags for flags, _ in cases], codes, rest).astype(np.int8)


TEXTS: dict[VerdictReason, Name] = {
    VerdictReason.PORT_IN_SERVICE_10G: Name(
        "端口在用,下行10G及以上", "the port is up and carries 10G downstream or more"
    ),
    VerdictReason.PORT_BELOW_10G: Name("端口制式低于10G", "the port's technology is below 10G"),
    VerdictReason.PORT_ADMIN_DOWN: Name("端口被管理关闭", "the port is administratively down"),
    VerdictReason.PORT_OPER_DOWN: Name("端口运行状态为关闭", "the port is operationally down"),
    VerdictReason.PORT_INCOMPLETE: Name(
        "最近上报缺少判定所需字段", "the newest report lacks a field that the verdict needs"
    ),
    VerdictReason.PORT_STALE: Name(
        "窗口内没有上报", "no report inside the window; what the last one said may have changed"
    ),
    VerdictReason.PORT_UP: Name("端口运行状态为开启", "the port is operationally up"),
    VerdictReason.PORT_OPTICS_GOOD: Name(
        "光功率与温度均在限值内",
        "launch power, weakest ONU and temperature are within their limits",
    ),
    VerdictReason.PORT_ONU_RX_LOW: Name(
        "最弱ONU的接收光功率低于限值", "its weakest ONU receives less than the limit"
    ),
    VerdictReason.PORT_TX_LOW: Name("发送光功率低于下限", "its launch power is below the limit"),
    VerdictReason.PORT_TX_HIGH: Name("发送光功率高于上限", "its launch power is above the limit"),
    VerdictReason.PORT_TOO_WARM: Name(
        "光模块温度高于上限", "its transceiver is warmer than the limit"
    ),
    VerdictReason.PORT_ONUS_ALL_ONLINE: Name("该端口的ONU全部在线", "all of its ONUs are online"),
    VerdictReason.PORT_ONUS_OFFLINE: Name("该端口有ONU不在线", "some of its ONUs are not online"),
    VerdictReason.BUILDING_HAS_10G_PORT: Name(
        "至少一个经过该楼栋的10G端口在用", "at least one 10G port that passes it is in service"
    ),
    VerdictReason.BUILDING_ALL_PORTS_OUT: Name(
        "经过该楼栋的端口均不在用或低于10G",
        "every port that passes it is known to be down or below 10G",
    ),
    VerdictReason.BUILDING_NOT_PASSED: Name(
        "没有登记的端口经过该楼栋", "no registered port passes it"
    ),
    VerdictReason.BUILDING_PORTS_UNKNOWN: Name(
        "没有已知在用的端口,且部分端口状态未知",
        "no port that passes it is known to be in service, and some are unknown",
    ),
    VerdictReason.COMMUNITY_ALL_ITEMS_PASS: Name(
        "全部必选项达标", "every required item is known to pass"
    ),
    VerdictReason.COMMUNITY_ITEM_FAILS: Name(
        "至少一个必选项已知不达标", "at least one required item is known to fail"
    ),
    VerdictReason.COMMUNITY_ITEMS_UNKNOWN: Name(
        "没有必选项已知不达标,但部分项未知",
        "no required item is known to fail, and some are unknown",
    ),
    VerdictReason.COMMUNITY_REPORTED_IN_FULL: Name("上报值为全部", "all of it, as reported"),
    VerdictReason.COMMUNITY_REPORTED_IN_PART: Name("上报值为部分", "part of it, as reported"),
    VerdictReason.COMMUNITY_NOT_REPORTED: Name("尚未上报", "nobody has reported it"),
    VerdictReason.CAMERA_INTACT: Name("在线且自报完好", "it is online and says that it is intact"),
    VerdictReason.CAMERA_NOT_INTACT: Name(
        "在线但自报不完好", "it is online and says that it is not intact"
    ),
    VerdictReason.CAMERA_GIVES_PICTURE: Name("在线且出图", "it is online and gives a picture"),
    VerdictReason.CAMERA_NO_PICTURE: Name("在线但不出图", "it is online and gives no picture"),
    VerdictReason.CAMERA_INCOMPLETE: Name(
        "在线,但最近上报缺少该字段", "it is online, and its newest report lacks this field"
    ),
    VerdictReason.DEVICE_REPORTS: Name("窗口内有上报", "it reported inside its window"),
    VerdictReason.DEVICE_SESSION_ENDED: Name(
        "最近会话已结束,此后无上报", "its newest session ended and nothing was reported since"
    ),
    VerdictReason.DEVICE_SILENT: Name(
        "静默,而其承载网关或采集确证正常",
        "silent while its gateway or the worker is proven to deliver",
    ),
    VerdictReason.DEVICE_CARRIER_UNPROVEN: Name(
        "静默,且无法确证其网关或采集正常",
        "silent, and its gateway or the worker is not proven to deliver either",
    ),
    VerdictReason.NEVER_REPORTED: Name("尚无任何上报", "no report is known"),
}
"""A sentence for each."""
