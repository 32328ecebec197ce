"""An example of every answer, for the OpenAPI document. A test holds each to its schema."""

from typing import Any

from gigacity_api.http.schemas.as_of import AS_OF_EXAMPLES
from gigacity_api.http.schemas.examples_more import REPORTED_ITEM, more_examples
from gigacity_api.http.schemas.figures import FIGURE_EXAMPLE

_INSTANT = {"as_of": "2026-11-24T02:00:00.000Z", "as_of_ms": 1795485600000}
_FIGURE: dict[str, Any] = dict(FIGURE_EXAMPLE)
_CURSOR = "WzE3OTU0ODU2MDAwMDAsIjZiODZiMjczZmYzNCIsMTAwMF0"


def _figure(**changes: Any) -> dict[str, Any]:
    return _FIGURE | changes


_AREA_NAME = {"zh": "滨城区", "en": "Bincheng District"}
_AREA_FIGURE = _figure(
    scope="area", code="371602", place=_AREA_NAME, value=9120, numerator=9120, denominator=9400,
    lower=9120, upper=9130, display_text="9,120", known_in=9120, known_out=270, unknown=10,
    target=None, verdict="no_target",
)  # fmt: skip
_SOURCE = {"text": "滨州市数字强市建设规划(2023-2025年)", "date": "2023-07-31", "confirmed": True}
_DEFINITION = {
    "id": "pon.ports_10g",
    "name": _FIGURE["name"],
    "unit": "ports",
    "formula": {
        "zh": "在用的下行10G及以上物理PON端口个数(组合端口按最高制式计一次)",
        "en": "physical PON ports of 10G downstream or more in service",
    },
    "window": {"zh": "3个PON上报周期(默认180秒)", "en": "3 expected PON intervals"},
    "counts": "port",
    "levels": ["city", "area", "olt"],
    "direction": "at_least",
    "standard": {"zh": "滨州市数字城市建设规划", "en": "Binzhou Digital City plan 2023-2025"},
    "method_version": 1,
    "effective": "2026-11-01",
    "standard_date": "2023-07-24",
    "method": "1-048ed137",
    "uses": [{"name": "window_ms.pon", "value": 180000.0, "source": None}],
    "targets": [
        {
            "scope": "city", "code": "371600", "value": 40000, "direction": "at_least",
            "due": "2025-12-31", "source": _SOURCE,
        }
    ],
}  # fmt: skip
_CITY = {
    "code": "371600",
    "name": {"zh": "滨州市", "en": "Binzhou"},
    "profile": "full",
    "version": "9f2c4e1b7a5d3360",
    "is_synthetic": True,
}
_DOWN = {
    "slug": "port_oper_down", "zh": "端口运行状态为关闭", "en": "the port is operationally down",
}  # fmt: skip
_PORT = {
    "id": "olt-1/1/0",
    "olt": "olt-1",
    "slot": 1,
    "port": 0,
    "area": "371602",
    "verdict": "out",
    "reason": _DOWN,
    "last_report": "2026-11-24T01:59:41.000Z",
    "last_report_ms": 1795485581000,
    "values": {"tech": "xgs-pon", "admin": "up", "oper": "down", "registered_tech": "xgs-pon"},
}
_ENTRY = {
    "kind": "port",
    "id": "olt-1/1/0",
    "area": "371602",
    "community": None,
    "verdict": "out",
    "reason": _DOWN,
    "weight": 1,
    "adds": 0,
    "last_report": _PORT["last_report"],
    "last_report_ms": _PORT["last_report_ms"],
    "values": _PORT["values"],
    "ports": None,
    "items": None,
}
_ITEM = {
    "id": "camera_online",
    "name": {"zh": "视频监控联网率", "en": "cameras online"},
    "basis": "measured",
    "required": True,
    "threshold": 0.9,
    "verdict": "in",
    "value": 0.958,
    "lower": 0.958,
    "upper": 0.958,
    "numerator": 23,
    "denominator": 24,
}
_AREA = {
    "code": "371602",
    "name": _AREA_NAME,
    "kind": "district",
    "retired_codes": ["372301", "372322"],
    "is_local": False,
    "communities": 180,
    "olts": 600,
    "ports": 9400,
    "devices": 70000,
}
_COMMUNITY = {
    "code": "371602001001",
    "name": "市中街道示例社区01",
    "area": "371602",
    "urban_class": 111,
    "is_urban": True,
    "households": 1500,
    "devices": 300,
}
_OLT = {"id": "olt-1", "area": "371602", "ports": 16}

EXAMPLES: dict[str, dict[str, Any]] = {
    "FigurePage": {**_INSTANT, "items": [_FIGURE], "next_cursor": _CURSOR},
    "IndicatorOut": {**_INSTANT, "definition": _DEFINITION, "figure": _FIGURE},
    "Scorecard": {
        **_INSTANT, "age_s": 41.2, "city": _CITY,
        "items": [
            {
                "definition": _DEFINITION, "figure": _FIGURE, "areas": [_AREA_FIGURE],
                "report": None, "gap": None,
            }
        ],
        "reported": [REPORTED_ITEM],
    },
    "Evidence": {
        **_INSTANT, "figure": _FIGURE, "total": 840, "items": [_ENTRY], "next_cursor": _CURSOR,
    },
    "History": {
        "indicator": "pon.ports_10g", "scope": "city", "code": "371600", "series": "published",
        "every": "instant",
        "items": [
            {
                **_INSTANT, "published_at": "2026-11-24T02:00:31.000Z", "value": 40112,
                "lower": 40112, "upper": 40160, "display": "value", "display_text": "40,112",
                "numerator": 40112, "denominator": 41000,
                "unknown": 48, "verdict": "met", "grade": "A",
                "city_version": "9f2c4e1b7a5d3360", "method_version": 1, "revision": 0,
                "value_min": None, "value_max": None, "instants": None,
            }
        ],
        "next_cursor": None,
    },
    "AreaList": {"items": [_AREA]},
    "AreaDetail": {**_INSTANT, "area": _AREA, "figures": [_AREA_FIGURE]},
    "CommunityPage": {"items": [_COMMUNITY], "next_cursor": None},
    "CommunityDetail": {
        **_INSTANT, "community": _COMMUNITY, "figures": [], "smart": "in",
        "reason": {
            "slug": "community_all_items_pass", "zh": "全部必选项达标",
            "en": "every required item is known to pass",
        },
        "items": [_ITEM],
    },
    "OltPage": {"items": [_OLT], "next_cursor": None},
    "OltDetail": {**_INSTANT, "olt": _OLT, "figures": [], "ports": [_PORT]},
    "PortPage": {**_INSTANT, "total": 41000, "items": [_PORT], "next_cursor": _CURSOR},
    **AS_OF_EXAMPLES,
    **more_examples(_FIGURE, _DEFINITION),
}  # fmt: skip
"""By the name of the schema."""
