"""Examples of the answers about reports, forecasts, quality and the catalogue."""

from typing import Any

_INSTANT = {"as_of": "2026-11-24T02:00:00.000Z", "as_of_ms": 1795485600000}
_CITY_NAME = {"zh": "滨州市", "en": "Binzhou"}
_PLAN = {"zh": "滨州市数字城市建设规划", "en": "Binzhou Digital City plan 2023-2025"}
_SOURCE = {"text": "滨州市数字强市建设规划(2023-2025年)", "date": "2023-07-31", "confirmed": True}
_CURSOR = "WzE3OTU0ODU2MDAwMDAsIjZiODZiMjczZmYzNCIsMTAwMF0"

_TARGET = {
    "scope": "city", "code": "371600", "value": 30.0, "direction": "at_least",
    "due": "2025-12-31", "source": _SOURCE,
}  # fmt: skip
REPORT: dict[str, Any] = {
    "indicator": "brain.scenarios",
    "scope": "city",
    "code": "371600",
    "name": {"zh": "城市大脑应用场景数", "en": "city-brain scenarios"},
    "place": _CITY_NAME,
    "unit": "scenarios",
    "as_of": "2026-10-31T15:59:59.000Z",
    "as_of_ms": 1793462399000,
    "value": 32.0,
    "numerator": None,
    "denominator": None,
    "source": "滨数发〔2026〕12号",
    "reporter": "市大数据局 (bureau)",
    "entered_at": "2026-11-03T01:12:09.000Z",
    "revision": 0,
}
_PORTS_REPORT = REPORT | {
    "indicator": "pon.ports_10g",
    "name": {"zh": "在用10G-PON及以上端口数", "en": "10G-PON ports in service"},
    "unit": "ports",
    "value": 40200.0,
}
GAP: dict[str, Any] = {
    "difference": 88.0,
    "standing": "above_bounds",
    "reported_numerator": 40200,
    "is_implied": False,
    "parts": [
        {
            "slug": "reported_but_unknown", "count": 48, "zh": "已填报,实测状态未知",
            "en": "reported, and their state is unknown here",
        },
        {
            "slug": "reported_but_out", "count": 40, "zh": "已填报,实测已知不达标(见明细)",
            "en": "reported, and known here not to count; evidence lists them",
        },
    ],
    "zh": "填报值高于实测上界(即使未知对象全部达标)",
    "en": "the report is higher than if everything unknown here counted",
}  # fmt: skip
REPORTABLE = {
    "id": "brain.scenarios",
    "name": REPORT["name"],
    "unit": "scenarios",
    "meaning": {
        "zh": "已上线的城市大脑应用场景个数",
        "en": "scenarios of the city brain in operation",
    },
    "levels": ["city", "area"],
    "direction": "at_least",
    "standard": _PLAN,
    "effective": "2026-11-01",
    "targets": [_TARGET],
}
REPORTED_ITEM = {"definition": REPORTABLE, "report": REPORT, "target": 30.0, "verdict": "met"}
_PARAMETER = {"name": "households_per_10g_port", "value": 40.0, "source": _SOURCE}
_FIELD = {"name": "rx_dbm", "type": "float", "unit": "dBm", "low": -50.0, "high": 10.0}

_REFUSED = {"implausible": 12, "duplicates": 4, "absent_fields": 811, "dead_letters": 17}
_IMPLAUSIBLE = {
    "id": "olt-1/1/0", "olt": "olt-1", "slot": 1, "port": 0, "area": "371602",
    "verdict": "unknown",
    "reason": {
        "slug": "port_incomplete", "zh": "最近上报缺少判定所需字段",
        "en": "the newest report lacks a field that the verdict needs",
    },
    "last_report": "2026-11-24T01:59:41.000Z", "last_report_ms": 1795485581000,
    "values": {
        "tech": "xgs-pon", "admin": "up", "oper": "up", "registered_tech": "xgs-pon",
        "onu_total": 32, "onu_online": 40,
    },
}  # fmt: skip
_CONTRADICTION = {
    "slug": "onus_online_beyond_total",
    "zh": "在线ONU多于ONU总数",
    "en": "more ONUs online than there are in all",
}


_MEASURED = (
    "value", "lower", "upper", "display", "display_text", "numerator", "denominator", "unknown",
)  # fmt: skip


def more_examples(figure: dict[str, Any], definition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By the name of the schema."""
    measured = {key: figure[key] for key in _MEASURED}
    then = {**_INSTANT, **measured, "gap": GAP}
    beside = {"report": _PORTS_REPORT, "figure": figure, "gap": GAP}
    return {
        "ReportOut": REPORT,
        "ReportPage": {"items": [REPORT], "next_cursor": None},
        "ReportsEntered": {"count": 1, "repeated": 0, "items": [REPORT]},
        "GapPage": {**_INSTANT, "items": [beside], "next_cursor": None},
        "GapDetail": {**_INSTANT, **beside, "then": then},
        "ForecastOut": _forecast(figure),
        **_quality(),
        "KindList": {
            "items": [
                {
                    "kind": "port", "name": {"zh": "PON端口", "en": "PON port"},
                    "measurement": "pon_port", "expected_interval_s": 60.0, "window_s": 180.0,
                    "registered": 41000, "fields": [_FIELD],
                }
            ]
        },
        "DefinitionList": {
            "city_version": figure["city_version"], "measured": [definition],
            "reported": [REPORTABLE], "parameters": [_PARAMETER],
        },
    }  # fmt: skip


def _quality() -> dict[str, dict[str, Any]]:
    """Of the pages about what was reported, and how well."""
    return {
        "QualityReport": {
            **_INSTANT,
            "items": [
                {
                    "kind": "camera", "name": {"zh": "视频监控", "en": "camera"}, "area": "371602",
                    "expected": 5200, "fresh": 5170, "fresh_share": 0.994, "incomplete": 8,
                    "implausible": None, "unregistered": 3, "grade": "A",
                }
            ],
            "refused": {
                "since": "2026-11-24T01:00:30.000Z", "until": "2026-11-24T02:00:30.000Z",
                **_REFUSED, "workers": [{"worker": "gigacity-worker-0", **_REFUSED}],
            },
        },
        "ImplausiblePage": {
            **_INSTANT, "total": 1, "next_cursor": None,
            "items": [{"port": _IMPLAUSIBLE, "contradictions": [_CONTRADICTION]}],
        },
        "UnregisteredPage": {
            **_INSTANT, "total": 1, "overflow": 0, "next_cursor": None,
            "items": [
                {
                    "kind": "port", "area": "371602", "id": "olt-99/1/0",
                    "last_report": "2026-11-24T01:59:41.000Z", "last_report_ms": 1795485581000,
                }
            ],
        },
        "DeadLetters": {
            "since": "2026-11-24T01:00:30.000Z", "until": "2026-11-24T02:00:30.000Z", "total": 12,
            "items": [
                {
                    "reason": "bad_field", "zh": "字段类型或量程错误",
                    "en": "a field of the wrong type or out of range", "count": 12,
                    "workers": {"gigacity-worker-0": 12},
                    "last_seen": "2026-11-24T01:58:00.000Z",
                }
            ],
        },
    }  # fmt: skip


def _forecast(figure: dict[str, Any]) -> dict[str, Any]:
    due = "2026-12-31"
    return {
        "indicator": "pon.ports_10g",
        "scope": "city",
        "code": "371600",
        "name": figure["name"],
        "series": "measured",
        "target": _TARGET | {"value": 41000.0, "due": due},
        "status": "open",
        "statement": {
            "zh": "尚难判断:按趋势2026-12-31为40,950(90%区间40,870至41,030;目标41,000)",
            "en": "open: the trend leads to 40,950 on 2026-12-31 (90 % interval 40,870 to 41,030;"
            " target 41,000)",
        },
        "history_days": 60,
        "history_span_days": 59.0,
        "trend_per_month": 690.0,
        "needed_per_month": 730.5,
        "forecast": {"value": 40950.0, "lower": 40870.0, "upper": 41030.0, "confidence": 0.9},
        "reached_on": None,
        "is_met_now": False,
        "method": "median of pairwise slopes (Theil 1950, Sen 1968) through daily values",
        "history": [{"date": "2026-11-24", "value": 40112.0, "lower": 40112.0, "upper": 40160.0}],
    }
