"""Why an object has its verdict: a slug for machines, a sentence for people."""

from enum import StrEnum

from gigacity_contract.city.model import Name


class Reason(StrEnum):
    """Slugs; they never change their meaning."""

    PORT_IN_SERVICE_10G = "port_in_service_10g"
    PORT_BELOW_10G = "port_below_10g"
    PORT_ADMIN_DOWN = "port_admin_down"
    PORT_OPER_DOWN = "port_oper_down"
    PORT_INCOMPLETE = "port_incomplete"
    PORT_STALE = "port_stale"
    BUILDING_HAS_10G_PORT = "building_has_10g_port"
    BUILDING_ALL_PORTS_OUT = "building_all_ports_out"
    BUILDING_NOT_PASSED = "building_not_passed"
    BUILDING_PORTS_UNKNOWN = "building_ports_unknown"
    COMMUNITY_ALL_ITEMS_PASS = "community_all_items_pass"  # noqa: S105 - no secret
    COMMUNITY_ITEM_FAILS = "community_item_fails"
    COMMUNITY_ITEMS_UNKNOWN = "community_items_unknown"
    DEVICE_REPORTS = "device_reports"
    DEVICE_SESSION_ENDED = "device_session_ended"
    DEVICE_SILENT = "device_silent"
    DEVICE_CARRIER_UNPROVEN = "device_carrier_unproven"
    NEVER_REPORTED = "never_reported"


TEXTS: dict[Reason, Name] = {
    Reason.PORT_IN_SERVICE_10G: Name(
        "端口在用,下行10G及以上", "the port is up and carries 10G downstream or more"
    ),
    Reason.PORT_BELOW_10G: Name("端口制式低于10G", "the port's technology is below 10G"),
    Reason.PORT_ADMIN_DOWN: Name("端口被管理关闭", "the port is administratively down"),
    Reason.PORT_OPER_DOWN: Name("端口运行状态为关闭", "the port is operationally down"),
    Reason.PORT_INCOMPLETE: Name(
        "最近上报缺少判定所需字段", "the newest report lacks a field that the verdict needs"
    ),
    Reason.PORT_STALE: Name(
        "窗口内没有上报", "no report inside the window; what the last one said may have changed"
    ),
    Reason.BUILDING_HAS_10G_PORT: Name(
        "至少一个经过该楼栋的10G端口在用", "at least one 10G port that passes it is in service"
    ),
    Reason.BUILDING_ALL_PORTS_OUT: Name(
        "经过该楼栋的端口均不在用或低于10G",
        "every port that passes it is known to be down or below 10G",
    ),
    Reason.BUILDING_NOT_PASSED: Name("没有登记的端口经过该楼栋", "no registered port passes it"),
    Reason.BUILDING_PORTS_UNKNOWN: Name(
        "没有已知在用的端口,且部分端口状态未知",
        "no port that passes it is known to be in service, and some are unknown",
    ),
    Reason.COMMUNITY_ALL_ITEMS_PASS: Name("全部必选项达标", "every required item is known to pass"),
    Reason.COMMUNITY_ITEM_FAILS: Name(
        "至少一个必选项已知不达标", "at least one required item is known to fail"
    ),
    Reason.COMMUNITY_ITEMS_UNKNOWN: Name(
        "没有必选项已知不达标,但部分项未知",
        "no required item is known to fail, and some are unknown",
    ),
    Reason.DEVICE_REPORTS: Name("窗口内有上报", "it reported inside its window"),
    Reason.DEVICE_SESSION_ENDED: Name(
        "最近会话已结束,此后无上报", "its newest session ended and nothing was reported since"
    ),
    Reason.DEVICE_SILENT: Name(
        "静默,而其承载网关或采集确证正常",
        "silent while its gateway or the worker is proven to deliver",
    ),
    Reason.DEVICE_CARRIER_UNPROVEN: Name(
        "静默,且无法确证其网关或采集正常",
        "silent, and its gateway or the worker is not proven to deliver either",
    ),
    Reason.NEVER_REPORTED: Name("尚无任何上报", "no report is known"),
}
"""A sentence for each."""
