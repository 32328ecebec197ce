"""Devices and ports by id with their raw reports, search, and figures as metrics."""

import math
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gigacity_city.model import City
from tests.support.city import AREA_A, COMMUNITY_A
from tests.unit.api.conftest import Running, T, report_everything

CAMERA = f"/api/v1/devices/{COMMUNITY_A}/camera-1"
PORT = "/api/v1/ports/olt-a/1/0"


def get(running: Running, path: str, status: int = 200) -> Any:
    answer = running.get(path)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_device_has_its_verdict_and_its_newest_report(evaluated: Running) -> None:
    found = get(evaluated, CAMERA)
    assert (found["verdict"], found["reason"]["slug"]) == ("in", "device_reports")
    assert (found["kind"], found["area"], found["gateway"]) == ("camera", AREA_A, "gw-a")
    assert found["values"] == {"intact": True, "picture": True}
    assert found["last_report_ms"] == T - 1000


def test_a_port_has_every_value_of_its_newest_report(evaluated: Running) -> None:
    found = get(evaluated, PORT)
    assert found["port"]["id"] == "olt-a/1/0"
    assert found["values"] == {"tech": "xgs-pon", "admin": "up", "oper": "up"}


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        (f"/api/v1/devices/{COMMUNITY_A}/camera-99", "unknown-device"),
        ("/api/v1/devices/371699001001/camera-1", "unknown-community"),
        ("/api/v1/ports/olt-a/9/9", "unknown-port"),
        ("/api/v1/ports/olt-x/1/0", "unknown-olt"),
        (f"/api/v1/devices/{COMMUNITY_A}/'%20OR%201/history", "unknown-device"),
    ],
)
def test_what_is_not_registered_is_said(evaluated: Running, path: str, slug: str) -> None:
    assert get(evaluated, path, 404)["type"].endswith(slug)


@pytest.mark.parametrize("path", [CAMERA, PORT])
def test_raw_reports_come_in_pages_oldest_first(evaluated: Running, city: City, path: str) -> None:
    for number in range(2, 6):
        report_everything(evaluated.store, city, T - number * 60_000)
    page = get(evaluated, f"{path}/history?limit=2")
    times = [item["at_ms"] for item in page["items"]]
    while page["next_cursor"]:
        page = get(evaluated, f"{path}/history?limit=2&cursor={page['next_cursor']}")
        times += [item["at_ms"] for item in page["items"]]
    assert times == [*(T - n * 60_000 for n in (5, 4, 3, 2)), T - 1000]
    assert None not in page["items"][0]["values"].values()


@pytest.mark.parametrize(
    "query",
    ["from=2026-01-01T00:00:00Z", "from=2027-01-15T09:00:00", "to=1999-01-01T00:00:00Z", "limit=0"],
)
def test_a_range_is_bounded_by_what_is_kept(evaluated: Running, query: str) -> None:
    assert get(evaluated, f"{PORT}/history?{query}", 422)[
        "errors" if "limit" in query else "detail"
    ]


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        ("滨城", ("area", AREA_A)), ("olt-a", ("olt", "olt-a")), ("OLT-A", ("olt", "olt-a")),
        (COMMUNITY_A, ("community", COMMUNITY_A)), (COMMUNITY_A[:9], ("community", COMMUNITY_A)),
        (f"{COMMUNITY_A}/camera-1", ("device", "camera-1")), ("camera-1", ("device", "camera-1")),
    ],
)  # fmt: skip
def test_search_finds_by_name_code_and_id(
    evaluated: Running, wanted: str, first: tuple[str, str]
) -> None:
    found = get(evaluated, f"/api/v1/search?q={wanted}")
    assert (found["items"][0]["kind"], found["items"][0]["id"]) == first
    assert get(evaluated, found["items"][0]["href"])
    assert found["total"] >= len(found["items"])


def test_search_is_bounded(evaluated: Running) -> None:
    assert len(get(evaluated, "/api/v1/search?q=1&limit=1")["items"]) == 1
    for query in ("q=", "q=%20", f"q={'x' * 65}", "q=1&limit=101", ""):
        assert get(evaluated, f"/api/v1/search?{query}", 422)
    assert get(evaluated, "/api/v1/search?q=zzz")["total"] == 0


def test_figures_are_metrics_and_what_is_not_known_is_absent(running: Running, city: City) -> None:
    """Only ports report: everything of devices is unknown."""
    for registered in city.ports:
        key = registered.key
        tags = {
            "area": city.olt_by_id[key.olt].area, "olt": key.olt, "slot": str(key.slot),
            "port": str(key.port), "tech": registered.tech,
        }  # fmt: skip
        running.store.put("pon_port", T - 1000, tags, admin="up", oper="up")
    assert running.core.step()
    answer = running.get("/metrics/figures")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = {f.name: f.samples for f in text_string_to_metric_families(answer.text)}
    city_wide = {"scope": "city", "code": "371600"}

    def of(name: str, indicator: str) -> list[float]:
        wanted = {"indicator": indicator, **city_wide}
        return [s.value for s in families[name] if s.labels == wanted]

    assert of("gigacity_figure", "pon.ports_10g") == of("gigacity_figure_upper", "pon.ports_10g")
    assert of("gigacity_figure", "device.online") == []
    assert of("gigacity_figure_lower", "device.online") == [0.0]
    assert all(math.isfinite(s.value) for samples in families.values() for s in samples)
    assert {s.labels.get("scope", "city") for s in families["gigacity_figure"]} == {"city", "area"}
    assert families["gigacity_figures_as_of_seconds"][0].value == T / 1000
    assert running.ask("GET", "/metrics/figures").status_code == 401
