"""The HTTP service: answers, errors, pages, conditions, keys."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from gigacity_api.errors import StoreUnavailableError
from gigacity_api.evaluator.publication import Publication
from gigacity_api.indicators.registry import REGISTRY
from gigacity_city.model import City
from tests.support.city import AREA_A, AREA_B, COMMUNITY_A, COMMUNITY_B, RETIRED_A
from tests.unit.api.conftest import REPORT_KEY, Running, T, report_everything

AS_OF = datetime.fromtimestamp(T / 1000, tz=UTC).isoformat(timespec="milliseconds")
AS_OF = AS_OF.replace("+00:00", "Z")

READ_ROUTES = (
    "/api/v1/scorecard",
    "/api/v1/indicators",
    "/api/v1/indicators/pon.ports_10g",
    "/api/v1/indicators/pon.ports_10g/evidence",
    "/api/v1/indicators/pon.ports_10g/history",
    "/api/v1/areas",
    f"/api/v1/areas/{AREA_A}",
    "/api/v1/communities",
    f"/api/v1/communities/{COMMUNITY_A}",
    "/api/v1/olts",
    "/api/v1/olts/olt-a",
    "/api/v1/ports",
)


def get(running: Running, path: str, status: int = 200) -> Any:
    response = running.get(path)
    assert response.status_code == status, response.text
    return response.json()


def problem(running: Running, path: str, status: int, slug: str) -> dict[str, Any]:
    response = running.get(path)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["type"] == f"urn:gigacity:problem:{slug}"
    assert body["status"] == status
    assert body["title"]
    assert body["instance"] == path.split("?", maxsplit=1)[0]
    return body


def pages(running: Running, path: str) -> Iterator[dict[str, Any]]:
    """Every page of a list."""
    joint = "&" if "?" in path else "?"
    cursor = ""
    while True:
        page = get(running, path + (f"{joint}cursor={cursor}" if cursor else ""))
        yield page
        cursor = page["next_cursor"]
        if not cursor:
            return


# ---- keys ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", READ_ROUTES)
def test_every_route_needs_a_key_with_the_scope_read(evaluated: Running, path: str) -> None:
    without = evaluated.ask("GET", path)
    wrong = evaluated.get(path, key="gck_guess")
    other = evaluated.get(path, key=REPORT_KEY)
    assert [r.status_code for r in (without, wrong, other)] == [401, 401, 403]
    assert without.headers["www-authenticate"].startswith("Bearer")
    assert {r.headers["content-type"] for r in (without, wrong, other)} == {
        "application/problem+json"
    }


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json"])
def test_what_orchestrators_ask_is_open(evaluated: Running, path: str) -> None:
    assert evaluated.ask("GET", path).status_code == 200


# ---- figures ---------------------------------------------------------------------------------


def test_the_scorecard_has_every_headline_against_its_target(evaluated: Running) -> None:
    card = get(evaluated, "/api/v1/scorecard")
    assert (card["as_of"], card["as_of_ms"], card["age_s"]) == (AS_OF, T, 30.0)
    assert card["city"]["name"] == {"zh": "滨州市", "en": "Binzhou"}
    ids = [item["definition"]["id"] for item in card["items"]]
    figures = {f["indicator"] for f in get(evaluated, "/api/v1/indicators?scope=city")["items"]}
    assert ids == [
        id_
        for id_, definition in REGISTRY.items()
        if definition.device_kind is None and id_ in figures
    ]
    assert {"pon.ports_10g", "home.gigabit_access", "device.online"} <= set(ids)
    ports = card["items"][0]
    assert ports["definition"]["targets"][0]["value"] == 15
    assert ports["figure"]["verdict"] == "met"
    assert [area["code"] for area in ports["areas"]] == [AREA_A, AREA_B, "371690"]


def test_a_figure_carries_all_that_it_must(evaluated: Running) -> None:
    page = get(evaluated, "/api/v1/indicators?indicator=pon.ports_10g&scope=area&code=" + AREA_B)
    assert page["items"] == [
        {
            "indicator": "pon.ports_10g", "scope": "area", "code": AREA_B,
            "name": {"zh": "在用10G-PON及以上端口数", "en": "10G-PON ports in service"},
            "place": {"zh": "惠民县", "en": "Huimin"}, "unit": "ports",
            "as_of": AS_OF, "as_of_ms": T, "value": 4, "numerator": 4, "denominator": 8,
            "lower": 4, "upper": 4, "display": "value", "display_text": "4",
            "known_in": 4, "known_out": 4, "unknown": 0, "target": 4, "verdict": "met",
            "quality": {"fresh_share": 1.0, "unregistered": 0, "grade": "A"},
            "city_version": evaluated.cache.inventory.city.version, "method_version": 1,
            "revision": 0,
        }
    ]  # fmt: skip


def test_pages_together_are_the_whole_list_once(evaluated: Running) -> None:
    newest = evaluated.cache.newest()
    assert newest is not None
    found = [
        (item["indicator"], item["scope"], item["code"])
        for page in pages(evaluated, "/api/v1/indicators?limit=7")
        for item in page["items"]
    ]
    assert found == list(newest.by_key)


def test_filters_may_be_repeated(evaluated: Running) -> None:
    path = "/api/v1/indicators?scope=city&scope=area&indicator=pon.ports_10g&code=371600"
    assert [item["scope"] for item in get(evaluated, path)["items"]] == ["city"]
    path = "/api/v1/indicators?indicator=pon.ports_10g&indicator=device.online&scope=city"
    assert len(get(evaluated, path)["items"]) == 2


def test_one_indicator_with_its_definition(evaluated: Running) -> None:
    body = get(evaluated, "/api/v1/indicators/home.gigabit_access")
    assert body["definition"]["levels"] == ["city", "area", "community"]
    assert body["definition"]["targets"][0]["source"]["confirmed"] is True
    assert body["figure"]["value"] == 1.0


# ---- evidence --------------------------------------------------------------------------------


def test_evidence_adds_up_and_says_why(evaluated: Running) -> None:
    path = "/api/v1/indicators/pon.ports_10g/evidence?scope=olt&code=olt-a&limit=3"
    entries = [entry for page in pages(evaluated, path) for entry in page["items"]]
    assert [entry["verdict"] for entry in entries].count("in") == 6
    assert sum(entry["weight"] for entry in entries) == 8
    last = entries[-1]
    assert (last["id"], last["reason"]["slug"]) == ("olt-a/2/1", "port_below_10g")
    assert last["reason"]["zh"] == "端口制式低于10G"
    assert last["values"] == {
        "tech": "gpon", "admin": "up", "oper": "up", "registered_tech": "gpon"
    }  # fmt: skip
    assert last["last_report_ms"] == T - 1000


def test_evidence_of_one_verdict(evaluated: Running) -> None:
    path = "/api/v1/indicators/pon.ports_10g/evidence?scope=olt&code=olt-a&verdict=out"
    body = get(evaluated, path)
    assert (body["total"], [e["id"] for e in body["items"]]) == (2, ["olt-a/2/0", "olt-a/2/1"])
    assert body["figure"]["known_out"] == 2


def test_evidence_of_homes_lists_the_ports_that_pass_each_building(evaluated: Running) -> None:
    path = "/api/v1/indicators/home.gigabit_access/evidence?scope=community&code=" + COMMUNITY_A
    first, _, third = get(evaluated, path)["items"]
    assert (first["weight"], first["reason"]["slug"]) == (96, "building_has_10g_port")
    assert [port["id"] for port in first["ports"]] == ["olt-a/1/0", "olt-a/1/1", "olt-a/1/4"]
    assert [port["verdict"] for port in third["ports"]] == ["out", "in"]


def test_evidence_of_communities_lists_the_items(evaluated: Running) -> None:
    path = "/api/v1/indicators/community.smart_coverage/evidence"
    first, second, third = get(evaluated, path)["items"]
    assert [first["verdict"], second["verdict"], third["verdict"]] == ["in", "out", "out"]
    item = next(i for i in third["items"] if i["id"] == "mobile_5g_area")
    assert (item["verdict"], item["value"], item["threshold"]) == ("out", 0.5, 0.8)
    assert third["reason"]["slug"] == "community_item_fails"


def test_evidence_of_devices_names_kind_and_gateway(evaluated: Running) -> None:
    path = "/api/v1/indicators/device.online.camera/evidence?limit=1"
    (entry,) = get(evaluated, path)["items"]
    assert entry["community"] == COMMUNITY_A
    assert entry["values"] == {
        "kind": "camera", "gateway": "gw-a", "intact": True, "picture": True
    }  # fmt: skip


def test_a_replica_has_figures_but_no_evidence(evaluated: Running) -> None:
    newest = evaluated.cache.newest()
    assert newest is not None
    evaluated.cache.put(
        Publication(T, newest.city_version, 0, newest.figures, newest.inventory, None)
    )
    assert get(evaluated, "/api/v1/indicators?scope=city")["items"]
    path = "/api/v1/indicators/pon.ports_10g/evidence"
    assert "--no-evaluate" in problem(evaluated, path, 501, "evidence-elsewhere")["detail"]
    assert get(evaluated, "/api/v1/olts/olt-a")["ports"] == []
    assert get(evaluated, f"/api/v1/communities/{COMMUNITY_A}")["smart"] is None


# ---- cursors ---------------------------------------------------------------------------------


def test_a_list_goes_on_in_the_instant_it_began_with(evaluated: Running, city: City) -> None:
    first = get(evaluated, "/api/v1/indicators?limit=5")
    report_everything(evaluated.store, city, T + 50_000)
    evaluated.clock.wall_ms += 60_000
    evaluated.core.step()
    second = get(evaluated, f"/api/v1/indicators?limit=5&cursor={first['next_cursor']}")
    assert (first["as_of_ms"], second["as_of_ms"]) == (T, T)
    assert get(evaluated, "/api/v1/indicators?limit=1")["as_of_ms"] == T + 60_000


def test_a_cursor_of_an_instant_that_is_gone_is_410(evaluated: Running) -> None:
    cursor = get(evaluated, "/api/v1/ports?limit=5")["next_cursor"]
    for number in range(1, 6):
        evaluated.clock.wall_ms = T + number * 60_000 + 30_000
        evaluated.core.step()
    problem(evaluated, f"/api/v1/ports?limit=5&cursor={cursor}", 410, "evaluation-gone")


@pytest.mark.parametrize("cursor", ["nonsense", "bm9uc2Vuc2U", "!!!", "WzEsMiwzXQ", "W10"])
def test_what_is_no_cursor_is_refused(evaluated: Running, cursor: str) -> None:
    for path in ("indicators", "ports", "communities", "olts"):
        problem(evaluated, f"/api/v1/{path}?cursor={cursor}", 400, "bad-cursor")


def test_a_cursor_of_another_question_is_refused(evaluated: Running) -> None:
    cursor = get(evaluated, "/api/v1/indicators?limit=5")["next_cursor"]
    problem(evaluated, f"/api/v1/ports?cursor={cursor}", 400, "bad-cursor")
    problem(evaluated, f"/api/v1/indicators?scope=area&cursor={cursor}", 400, "bad-cursor")


# ---- conditions ------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [p for p in READ_ROUTES if "history" not in p])
def test_an_answer_that_the_caller_has_is_304(evaluated: Running, path: str, city: City) -> None:
    first = evaluated.get(path)
    etag = first.headers["etag"]
    again = evaluated.get(path, **{"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    other = evaluated.get(path, **{"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_a_new_evaluation_has_a_new_etag(evaluated: Running) -> None:
    before = evaluated.get("/api/v1/scorecard").headers["etag"]
    evaluated.clock.wall_ms += 60_000
    evaluated.core.step()
    after = evaluated.get("/api/v1/scorecard", **{"If-None-Match": before})
    assert after.status_code == 200
    assert after.headers["etag"] != before


def test_another_url_has_another_etag(evaluated: Running) -> None:
    tags = {evaluated.get(f"/api/v1/indicators?limit={n}").headers["etag"] for n in (1, 2, 3)}
    assert len(tags) == 3


# ---- places ----------------------------------------------------------------------------------


def test_areas_with_their_counts(evaluated: Running) -> None:
    first = get(evaluated, "/api/v1/areas")["items"][0]
    assert first == {
        "code": AREA_A, "name": {"zh": "滨城区", "en": "Bincheng"}, "kind": "district",
        "retired_codes": [RETIRED_A], "is_local": False, "communities": 1, "olts": 1, "ports": 8,
        "devices": 32,
    }  # fmt: skip


def test_a_retired_code_leads_to_the_current_area(evaluated: Running) -> None:
    body = get(evaluated, f"/api/v1/areas/{RETIRED_A}")
    assert body["area"]["code"] == AREA_A
    assert {figure["code"] for figure in body["figures"]} == {AREA_A}


def test_a_community_with_its_items(evaluated: Running) -> None:
    body = get(evaluated, f"/api/v1/communities/{COMMUNITY_A}")
    assert (body["smart"], body["reason"]["slug"]) == ("in", "community_all_items_pass")
    assert len(body["items"]) == 7
    measured = {f["indicator"] for f in body["figures"] if "community." not in f["indicator"]}
    assert measured == {"home.gigabit_access", "device.online"}
    # Other figures of communities may stand beside those of the standard's items.
    found = {REGISTRY[f["indicator"]].item for f in body["figures"]} - {None}
    assert found == {item["id"] for item in body["items"]}
    assert body["community"]["households"] == 200
    assert get(evaluated, f"/api/v1/communities/{COMMUNITY_B}")["community"]["is_urban"] is False


def test_communities_and_olts_by_area_and_page(evaluated: Running) -> None:
    found = [i["code"] for p in pages(evaluated, "/api/v1/communities?limit=1") for i in p["items"]]
    assert len(found) == 3
    assert [i["id"] for p in pages(evaluated, "/api/v1/olts?limit=2") for i in p["items"]] == [
        "olt-a", "olt-b", "olt-z",
    ]  # fmt: skip
    body = get(evaluated, f"/api/v1/communities?area={RETIRED_A}")
    assert [i["code"] for i in body["items"]] == [COMMUNITY_A]
    assert [i["id"] for i in get(evaluated, f"/api/v1/olts?area={AREA_B}")["items"]] == ["olt-b"]


def test_an_olt_with_its_ports(evaluated: Running) -> None:
    body = get(evaluated, "/api/v1/olts/olt-b")
    assert [port["verdict"] for port in body["ports"]] == ["in"] * 4 + ["out"] * 4
    assert {f["indicator"]: f["value"] for f in body["figures"]} == {
        "pon.ports_10g": 4, "pon.port_share_10g": 0.5, "pon.port_availability": 1.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"area={AREA_B}", 8),
        ("olt=olt-z&verdict=in", 8),
        (f"community={COMMUNITY_A}", 5),
        (f"community={COMMUNITY_A}&verdict=out", 1),
        (f"community={COMMUNITY_A}&olt=olt-z", 1),
        (f"area={AREA_A}&olt=olt-b", 0),
    ],
)
def test_ports_are_filtered(evaluated: Running, query: str, expected: int) -> None:
    body = get(evaluated, f"/api/v1/ports?{query}")
    assert (body["total"], len(body["items"])) == (expected, expected)


# ---- history ---------------------------------------------------------------------------------


def moment(offset_ms: int) -> str:
    at = datetime.fromtimestamp((T + offset_ms) / 1000, tz=UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def three_instants(running: Running, city: City) -> None:
    for number in (1, 2):
        report_everything(running.store, city, T + number * 60_000 - 1)
        running.clock.wall_ms = T + number * 60_000 + 30_000
        running.core.step()


def test_history_is_paged_oldest_first(evaluated: Running, city: City) -> None:
    three_instants(evaluated, city)
    found = [
        point
        for page in pages(evaluated, "/api/v1/indicators/pon.ports_10g/history?limit=2")
        for point in page["items"]
    ]
    assert [p["as_of_ms"] for p in found] == [T, T + 60_000, T + 120_000]
    assert {p["value"] for p in found} == {18}
    assert {p["published_at"] for p in found} == {None}


def test_history_as_published_says_when(evaluated: Running, city: City) -> None:
    three_instants(evaluated, city)
    path = "/api/v1/indicators/pon.ports_10g/history?series=published"
    points = get(evaluated, path)["items"]
    assert [(p["as_of_ms"], p["published_at"]) for p in points] == [
        (T + n * 60_000, moment(n * 60_000 + 30_000)) for n in range(3)
    ]


def test_history_of_a_range(evaluated: Running, city: City) -> None:
    three_instants(evaluated, city)
    base = "/api/v1/indicators/device.online/history?scope=area&code=" + AREA_A
    body = get(evaluated, f"{base}&from={moment(0)}&to={moment(60_000)}")
    assert [p["as_of_ms"] for p in body["items"]] == [T + 60_000]


@pytest.mark.parametrize(
    "query",
    [
        f"from={moment(0)}&to={moment(-1)}",
        f"from={moment(-40 * 86_400_000)}",
        "from=2026-01-01T00:00:00",
        "from=yesterday",
        "series=imagined",
    ],
)
def test_a_range_that_cannot_be_is_refused(evaluated: Running, query: str) -> None:
    path = f"/api/v1/indicators/pon.ports_10g/history?{query}"
    problem(evaluated, path, 422, "invalid-request")


def test_history_needs_the_database(evaluated: Running) -> None:
    evaluated.store.failure = StoreUnavailableError("gone")
    path = "/api/v1/indicators/pon.ports_10g/history"
    assert problem(evaluated, path, 503, "database-unavailable")["detail"] == "gone"


# ---- errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/api/v1/indicators/pon.ports", "unknown-indicator"),
        ("/api/v1/indicators/pon.ports/evidence", "unknown-indicator"),
        ("/api/v1/indicators/pon.ports/history", "unknown-indicator"),
        ("/api/v1/indicators?indicator=pon.ports", "unknown-indicator"),
        ("/api/v1/indicators/pon.ports_10g/evidence?scope=community&code=1", "unknown-figure"),
        ("/api/v1/indicators/pon.ports_10g/evidence?scope=area", "unknown-figure"),
        ("/api/v1/indicators/pon.ports_10g/history?scope=area&code=1", "unknown-figure"),
        ("/api/v1/areas/123456", "unknown-area"),
        ("/api/v1/communities?area=123456", "unknown-area"),
        ("/api/v1/communities/123456", "unknown-community"),
        ("/api/v1/olts/nobody", "unknown-olt"),
        ("/api/v1/ports?olt=nobody", "unknown-olt"),
        ("/api/v1/ports?community=nobody", "unknown-community"),
        ("/api/v1/nowhere", "not-found"),
    ],
)
def test_what_is_not_there_is_404(evaluated: Running, path: str, slug: str) -> None:
    problem(evaluated, path, 404, slug)


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "query.limit"), ("limit=5001", "query.limit"), ("scope=planet", "query.scope.0")],
)
def test_an_invalid_parameter_is_named(evaluated: Running, query: str, field: str) -> None:
    body = problem(evaluated, f"/api/v1/indicators?{query}", 422, "invalid-request")
    assert [error["field"] for error in body["errors"]] == [field]
    assert field in body["detail"]


def test_another_method_is_405_and_names_what_is_allowed(evaluated: Running) -> None:
    response = evaluated.ask("DELETE", "/api/v1/scorecard")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")
    assert response.headers["content-type"] == "application/problem+json"


def test_a_bug_is_a_problem_without_its_trace(
    evaluated: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(evaluated.cache, "newest", broken)
    body = problem(evaluated, "/api/v1/scorecard", 500, "internal-error")
    assert "secret" not in str(body)


@pytest.mark.parametrize("path", ["/api/v1/scorecard", "/api/v1/indicators", "/api/v1/ports"])
def test_before_the_first_evaluation_figures_are_503(running: Running, path: str) -> None:
    response = running.get(path)
    assert response.headers["retry-after"] == "5"
    problem(running, path, 503, "not-evaluated-yet")


# ---- operation -------------------------------------------------------------------------------


def test_ready_follows_the_evaluations(running: Running, city: City) -> None:
    assert get(running, "/readyz", 503)["reasons"] == ["no evaluation yet"]
    report_everything(running.store, city, T - 1)
    running.core.step()
    assert get(running, "/readyz") == {
        "ready": True, "reasons": [], "warnings": [], "as_of": AS_OF, "as_of_ms": T, "age_s": 30.0
    }  # fmt: skip
    running.clock.advance_s(200)
    assert get(running, "/readyz", 503)["reasons"] == ["the newest figures are 230 s old"]
    assert get(running, "/api/v1/scorecard")["age_s"] == 230.0


def test_not_ready_says_what_is_wrong_and_still_serves(evaluated: Running) -> None:
    evaluated.cache.set_trouble("ConnectError: refused")
    assert get(evaluated, "/readyz", 503)["reasons"] == ["ConnectError: refused"]
    assert get(evaluated, "/api/v1/scorecard")["items"]


def test_a_bad_edit_is_a_warning(evaluated: Running) -> None:
    evaluated.cities.trouble = "city.yaml: areas: missing"
    body = get(evaluated, "/readyz")
    assert (body["ready"], body["warnings"]) == (True, ["city.yaml: areas: missing"])


def test_metrics_count_requests_by_route(evaluated: Running) -> None:
    evaluated.get(f"/api/v1/communities/{COMMUNITY_A}")
    evaluated.get("/api/v1/communities/123456")
    evaluated.get("/nowhere")
    text = evaluated.ask("GET", "/metrics").text
    route = '/api/v1/communities/{code}",status'
    assert f'requests_total{{method="GET",route="{route}="200"}} 1.0' in text
    assert f'requests_total{{method="GET",route="{route}="404"}} 1.0' in text
    assert 'route="unmatched",status="404"} 1.0' in text
    assert "gigacity_api_evaluations_total 1.0" in text
