"""Forecast, exports, quality, dead letters, the catalogue, sorting and filters over HTTP."""

import csv
import io
from typing import Any

import openpyxl
import pytest

from gigacity_api.errors import StoreUnavailableError
from gigacity_api.evaluator.refusals import REFUSALS
from gigacity_api.http.context import MAX_EXPORTS
from gigacity_api.http.routers import exports
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.reports.catalogue import REPORTED
from gigacity_api.reports.checking import Draft
from gigacity_contract.decoding import RejectionReason
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.local_time import DAY_MS
from tests.support.city import AREA_A, AREA_B, COMMUNITY_A, COMMUNITY_ZONE
from tests.support.influxql_rules import problems
from tests.unit.api.conftest import Running, T


def get(running: Running, path: str, status: int = 200) -> Any:
    response = running.get(path)
    assert response.status_code == status, response.text
    return response.json()


# ---- forecast ---------------------------------------------------------------------------------

TAGS = {"indicator": "pon.port_share_10g", "scope": "city", "code": "371600"}


def put_history(running: Running, days: int, step: float) -> None:
    for day in range(days):
        value = 0.75 - step * (days - day)
        running.store.put(
            "indicator", T - (days - day) * DAY_MS, TAGS, value=value, lower=value, upper=value
        )


def test_a_forecast_reads_the_last_value_of_each_day(evaluated: Running) -> None:
    put_history(evaluated, 40, 0.001)
    body = get(evaluated, "/api/v1/indicators/pon.port_share_10g/forecast")
    assert body["history_days"] == 41
    assert body["history"][-1]["value"] == 0.75
    assert body["trend_per_month"] == pytest.approx(0.001 * 365.25 / 12, rel=0.05)
    assert body["status"] == "no_due_date"
    assert body["statement"]["zh"]


def test_days_that_were_rolled_up_are_read_as_they_are(evaluated: Running) -> None:
    midnight = (T + 8 * 3_600_000) // DAY_MS * DAY_MS - 8 * 3_600_000
    for day in range(1, 500):
        fields = dict.fromkeys(("value", "lower", "upper"), 0.75 - 0.001 * day)
        evaluated.store.put("r1d/indicator", midnight - day * DAY_MS, TAGS, **fields)
    put_history(evaluated, 3, 0.5)
    body = get(evaluated, "/api/v1/indicators/pon.port_share_10g/forecast")
    assert body["history_days"] == 500
    assert [d["value"] for d in body["history"][-3:]] == pytest.approx([0.748, 0.749, 0.75])


def test_a_target_whose_date_has_passed_is_judged(evaluated: Running) -> None:
    body = get(evaluated, "/api/v1/indicators/pon.ports_10g/forecast")
    assert (body["status"], body["target"]["due"]) == ("unknown_at_due", "2025-12-31")
    assert body["is_met_now"] is True


def test_a_reported_figure_is_forecast_from_its_reports(evaluated: Running) -> None:
    evaluated.app.state.context.declarations.add(
        [
            Draft("brain.scenarios", "city", "371600", T - i * 30 * DAY_MS, 30.0 - i, None, None,
                  "d", "o")
            for i in range(8)
        ]
    )  # fmt: skip
    body = get(evaluated, "/api/v1/indicators/brain.scenarios/forecast")
    assert (body["series"], body["history_days"], body["status"]) == ("reported", 8, "no_target")
    assert body["trend_per_month"] == pytest.approx(365.25 / 12 / 30)


@pytest.mark.parametrize(
    "path",
    [
        "nothing/forecast",
        "pon.ports_10g/forecast?scope=community&code=1",
        "brain.scenarios/forecast?series=measured",
        "brain.scenarios/forecast?scope=olt&code=olt-a",
    ],
)
def test_what_has_no_forecast_is_404(evaluated: Running, path: str) -> None:
    get(evaluated, f"/api/v1/indicators/{path}", 404)


def test_an_unchanged_forecast_is_not_sent_again(evaluated: Running) -> None:
    path = "/api/v1/indicators/pon.ports_10g/forecast"
    etag = evaluated.get(path).headers["etag"]
    assert evaluated.get(path, **{"If-None-Match": etag}).status_code == 304


# ---- exports ----------------------------------------------------------------------------------


def csv_of(running: Running, path: str) -> list[list[str]]:
    response = running.get(path)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"].startswith("attachment; filename=")
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_the_scorecard_is_exported_with_areas_and_reports(evaluated: Running) -> None:
    header, *rows = csv_of(evaluated, "/api/v1/scorecard/export")
    assert {len(row) for row in rows} == {len(header)}
    card = get(evaluated, "/api/v1/scorecard")
    figures = sum(1 + len(item["areas"]) for item in card["items"])
    assert len(rows) == figures + len(card["reported"])
    first = dict(zip(header, rows[0], strict=True))
    assert (first["指标 indicator"], first["数值 value"]) == ("pon.ports_10g", "18")


def test_evidence_is_exported_whole(evaluated: Running) -> None:
    path = "/api/v1/indicators/home.gigabit_access/evidence"
    _, *rows = csv_of(evaluated, f"{path}/export")
    page = get(evaluated, f"{path}?limit=5000")
    assert [row[1] for row in rows] == [entry["id"] for entry in page["items"]]
    path = "/api/v1/indicators/pon.ports_10g/evidence/export?verdict=out&scope=olt&code=olt-a"
    assert [row[1] for row in csv_of(evaluated, path)[1:]] == ["olt-a/2/0", "olt-a/2/1"]


def test_the_same_as_xlsx(evaluated: Running) -> None:
    path = "/api/v1/indicators/pon.ports_10g/evidence/export"
    response = evaluated.get(f"{path}?format=xlsx")
    assert response.status_code == 200
    assert response.headers["content-type"].endswith("spreadsheetml.sheet")
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    rows = [[str(c or "") for c in row] for row in sheet.iter_rows(values_only=True)]
    assert rows == csv_of(evaluated, path)


def test_an_xlsx_that_would_be_too_long_is_refused(
    evaluated: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MAX_XLSX_ROWS", 23)
    path = "/api/v1/indicators/pon.ports_10g/evidence/export?format=xlsx"
    body = get(evaluated, path, 413)
    assert "format=csv" in body["detail"]
    assert len(csv_of(evaluated, path.removesuffix("?format=xlsx"))) == 25


def test_exports_give_their_place_back(evaluated: Running) -> None:
    for _ in range(MAX_EXPORTS + 1):
        csv_of(evaluated, "/api/v1/scorecard/export")


def test_too_many_exports_at_once_are_turned_away(evaluated: Running) -> None:
    evaluated.app.state.context.exports.taken = MAX_EXPORTS
    response = evaluated.get("/api/v1/scorecard/export")
    assert response.status_code == 429
    assert response.headers["retry-after"]


# ---- quality and dead letters -----------------------------------------------------------------


def test_fresh_share_by_kind_and_area(evaluated: Running) -> None:
    items = get(evaluated, "/api/v1/quality?kind=camera")["items"]
    assert [(i["area"], i["expected"], i["fresh"]) for i in items] == [
        (None, 28, 28), (AREA_A, 10, 10), ("371690", 18, 18),
    ]  # fmt: skip
    items = get(evaluated, f"/api/v1/quality?area={AREA_A}")["items"]
    assert {i["area"] for i in items} == {AREA_A}
    assert {i["kind"] for i in get(evaluated, "/api/v1/quality")["items"]} == {"port", *CATALOGUE}
    get(evaluated, "/api/v1/quality?kind=toaster", 404)
    get(evaluated, "/api/v1/quality?area=1", 404)


def test_the_unregistered_are_listed_and_lower_the_grade(running: Running) -> None:
    for olt in ("olt-x", "olt-y"):
        tags = {"area": AREA_B, "olt": olt, "slot": "1", "port": "0", "tech": "gpon"}
        running.store.put("pon_port", T - 1000, tags, admin="up", oper="up")
    assert running.core.step()
    body = get(running, "/api/v1/quality/unregistered?limit=1")
    assert (body["total"], body["items"][0]["id"]) == (2, "olt-x/1/0")
    more = get(running, f"/api/v1/quality/unregistered?limit=1&cursor={body['next_cursor']}")
    assert [i["id"] for i in more["items"]] == ["olt-y/1/0"]
    assert get(running, f"/api/v1/quality/unregistered?area={AREA_A}")["total"] == 0
    ports = get(running, "/api/v1/quality?kind=port")["items"]
    assert [(i["area"], i["unregistered"]) for i in ports if i["unregistered"]] == [
        (None, 2), (AREA_B, 2),
    ]  # fmt: skip


def put_letters(running: Running, counts: dict[int, int], reason: str = "bad_field") -> None:
    for at_ms, count in counts.items():
        running.store.put("dead_letter", at_ms, {"reason": reason, "worker": "w0"}, count=count)


def test_dead_letters_are_counted_by_reason_in_a_range(evaluated: Running) -> None:
    put_letters(evaluated, {T - 7_200_000: 5, T - 3_700_000: 7, T - 60_000: 9})
    put_letters(evaluated, {T - 60_000: 2}, "not_json")
    body = get(evaluated, "/api/v1/dead-letters")
    assert [(i["reason"], i["count"]) for i in body["items"]] == [("bad_field", 2), ("not_json", 2)]
    assert body["items"][0]["workers"] == {"w0": 2}
    assert body["total"] == 4
    assert get(evaluated, "/api/v1/dead-letters?worker=w1")["total"] == 0
    day = "/api/v1/dead-letters?from=2027-01-14T08:00:00Z&to=2027-01-15T07:00:00Z"
    assert get(evaluated, day)["total"] == 7


@pytest.mark.parametrize(
    "query",
    ["from=2027-01-01T00:00:00Z", "from=2027-01-15T09:00:00Z", "from=2027-01-15T00:00:00", "to=x"],
)
def test_a_wrong_range_is_refused(evaluated: Running, query: str) -> None:
    get(evaluated, f"/api/v1/dead-letters?{query}", 422)


def test_what_workers_refused_stands_beside_the_freshness(evaluated: Running) -> None:
    put_letters(evaluated, {T - 60_000: 3})
    put_letters(evaluated, {T - 60_000: 1}, "duplicate_entry")
    for at_ms, redelivered, absent in ((T - 3_700_000, 10, 100), (T - 60_000, 14, 160)):
        evaluated.store.put(
            "gigacity_worker", at_ms, {"worker": "w0"}, messages_redelivered=redelivered,
            absent_fields=absent, dead_letters=4,
        )  # fmt: skip
    refused = get(evaluated, "/api/v1/quality?kind=port")["refused"]
    counts = {k: v for k, v in refused.items() if isinstance(v, int)}
    assert counts == {"implausible": 3, "duplicates": 5, "absent_fields": 60, "dead_letters": 4}
    assert refused["workers"] == [{"worker": "w0", **counts}]
    running = evaluated
    running.store.put("dead_letter", T - 60_000, {"reason": "not_json", "worker": "w1"}, count=2)
    refused = get(evaluated, "/api/v1/quality?kind=port")["refused"]
    assert refused["dead_letters"] == 6
    assert [(w["worker"], w["dead_letters"]) for w in refused["workers"]] == [("w0", 4), ("w1", 2)]


def test_freshness_is_shown_while_the_database_is_away(evaluated: Running) -> None:
    evaluated.store.failure = StoreUnavailableError("away")
    body = get(evaluated, "/api/v1/quality?kind=port")
    assert body["items"]
    assert body["refused"] is None


def test_every_reason_has_its_sentences() -> None:
    assert set(REFUSALS) == set(RejectionReason)


# ---- catalogue, sorting, filters --------------------------------------------------------------


def test_every_kind_with_its_fields_and_cadence(evaluated: Running) -> None:
    kinds = {k["kind"]: k for k in get(evaluated, "/api/v1/kinds")["items"]}
    assert list(kinds) == ["port", *CATALOGUE]
    assert (kinds["camera"]["registered"], kinds["camera"]["window_s"]) == (28, 180)
    assert [f["name"] for f in kinds["camera"]["fields"]][:2] == ["intact", "picture"]
    assert next(f for f in kinds["port"]["fields"] if f["name"] == "rx_dbm")["unit"] == "dBm"


def test_every_definition_measured_and_reported(evaluated: Running) -> None:
    body = get(evaluated, "/api/v1/definitions")
    assert [d["id"] for d in body["measured"]] == list(REGISTRY)
    assert [d["id"] for d in body["reported"]] == list(REPORTED)
    assert body["parameters"][0]["value"] == 40


def test_figures_are_sorted_and_filtered_by_verdict(evaluated: Running) -> None:
    path = "/api/v1/indicators?indicator=pon.ports_10g&scope=olt&sort="
    for sort, values in (("value", [4, 6, 8]), ("-value", [8, 6, 4])):
        assert [i["value"] for i in get(evaluated, path + sort)["items"]] == values
    assert [i["code"] for i in get(evaluated, path + "-code")["items"]] == [
        "olt-z", "olt-b", "olt-a",
    ]  # fmt: skip
    met = get(evaluated, "/api/v1/indicators?verdict=met&limit=5000")["items"]
    assert met
    assert {i["verdict"] for i in met} == {"met"}


def test_communities_are_sorted_and_filtered(evaluated: Running) -> None:
    path = "/api/v1/communities?sort=-households"
    sizes = [c["households"] for c in get(evaluated, path)["items"]]
    assert sizes == sorted(sizes, reverse=True)
    assert [c["code"] for c in get(evaluated, "/api/v1/communities?urban=true")["items"]] == [
        COMMUNITY_A, COMMUNITY_ZONE,
    ]  # fmt: skip
    assert len(get(evaluated, "/api/v1/communities?name=石庙")["items"]) == 1
    get(evaluated, "/api/v1/communities?sort=colour", 422)


def test_a_replica_says_where_quality_is(evaluated: Running) -> None:
    newest = evaluated.cache.newest()
    assert newest is not None
    without = type(newest)(T, newest.city_version, 0, newest.figures, newest.inventory, None)
    evaluated.cache.put(without)
    for path in ("quality", "quality/unregistered", "indicators/pon.ports_10g/evidence/export"):
        get(evaluated, f"/api/v1/{path}", 501)
    assert get(evaluated, "/api/v1/scorecard")["items"]


def test_every_query_of_these_routes_keeps_the_house_rules(evaluated: Running) -> None:
    evaluated.store.asked.clear()
    for path in ("indicators/pon.ports_10g/forecast", "reports", "quality", "dead-letters"):
        get(evaluated, f"/api/v1/{path}")
    texts = {query.text for query in evaluated.store.asked}
    assert len(texts) >= 7
    assert [problems(text) for text in texts if problems(text)] == []


@pytest.mark.parametrize("code", ["a'b", "%0A", "a%20b", "x" * 65, ""])
def test_what_can_be_no_code_is_refused_before_it_reaches_a_query(
    evaluated: Running, code: str
) -> None:
    for path in ("history", "forecast", "evidence"):
        get(evaluated, f"/api/v1/indicators/pon.ports_10g/{path}?scope=area&code={code}", 422)


@pytest.mark.parametrize(("sort", "key"), [("id", "id"), ("ports", "ports")])
def test_olts_are_sorted_across_pages(evaluated: Running, sort: str, key: str) -> None:
    plain = get(evaluated, "/api/v1/olts")["items"]
    for sign, descending in (("", False), ("-", True)):
        found: list[dict[str, Any]] = []
        path = f"/api/v1/olts?sort={sign}{sort}&limit=2"
        while True:
            page = get(evaluated, path)
            found += page["items"]
            if page["next_cursor"] is None:
                break
            path = f"/api/v1/olts?sort={sign}{sort}&limit=2&cursor={page['next_cursor']}"
        assert found == sorted(plain, key=lambda olt: olt[key], reverse=descending)
    get(evaluated, "/api/v1/olts?sort=size", 422)
