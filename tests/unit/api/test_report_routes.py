"""Entering reports over HTTP, and what then stands in the scorecard and beside measured figures."""

import asyncio
import csv
import io
from dataclasses import replace
from typing import Any

import httpx
import openpyxl
import pytest

from gigacity_api.errors import StoreUnavailableError
from gigacity_api.http.context import MAX_UPLOADS
from gigacity_api.http.limits import MAX_BODY_BYTES
from gigacity_city.model import City
from gigacity_contract.local_time import rfc3339
from tests.support.city import AREA_B, COMMUNITY_A
from tests.unit.api.conftest import READ_KEY, REPORT_KEY, Running, T, report_everything

ENTRY: dict[str, Any] = {
    "indicator": "brain.scenarios", "scope": "city", "as_of": "2026-12-31", "value": 32,
    "source": "滨数发〔2026〕12号",
}  # fmt: skip
PORTS = ENTRY | {"indicator": "pon.ports_10g"}


def send(
    running: Running, path: str, *, key: str = REPORT_KEY, once: str = "", **content: Any
) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(running.app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {key}"}
        if once:
            headers["Idempotency-Key"] = once
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return await client.post(path, headers=headers, **content)

    return asyncio.run(ask())


def enter(running: Running, **changes: Any) -> Any:
    response = send(running, "/api/v1/reports", json=ENTRY | changes)
    assert response.status_code == 201, response.text
    return response.json()


def upload(running: Running, text: str, **more: Any) -> httpx.Response:
    return send(running, "/api/v1/reports/upload", files={"file": ("r.csv", text)}, **more)


def get(running: Running, path: str) -> Any:
    response = running.get(path)
    assert response.status_code == 200, response.text
    return response.json()


def wrong_fields(response: httpx.Response) -> list[tuple[int | None, str]]:
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return [(e.get("row"), e["field"]) for e in response.json()["errors"]]


# ---- entering ---------------------------------------------------------------------------------


def test_an_entry_is_answered_as_it_stands(evaluated: Running) -> None:
    report = enter(evaluated, reporter="数据局")
    assert (report["value"], report["revision"], report["code"]) == (32, 0, "371600")
    assert report["reporter"] == "数据局 (office)"
    assert report["name"] == {"zh": "城市大脑应用场景数", "en": "city-brain scenarios"}
    assert report["as_of"] == "2026-12-31T15:59:59.000Z"
    assert report["entered_at"].startswith("2027-01-15")
    assert enter(evaluated, value=33)["revision"] == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"indicator": "brain.scenario"}, "body.indicator"),
        ({"as_of": "2027-01-16"}, "body.as_of"),
        ({"value": -1}, "body.value"),
        ({"value": "32"}, "body.value"),
        ({"value": None}, "body.value"),
        ({"value": 32.5}, "body.value"),
        ({"unit": "ratio"}, "body.unit"),
        ({"indicator": "data.department_sharing", "value": 99.5}, "body.value"),
        ({"scope": "olt"}, "body.scope"),
        ({"scope": "area", "code": "110101"}, "body.code"),
        ({"sauce": "typo"}, "body.sauce"),
    ],
)
def test_a_wrong_entry_is_refused_with_the_field_named(
    evaluated: Running, changes: dict[str, Any], field: str
) -> None:
    response = send(evaluated, "/api/v1/reports", json=ENTRY | changes)
    assert (None, field) in wrong_fields(response)
    assert not evaluated.store.found("report")


def test_only_a_key_with_the_scope_report_may_enter(evaluated: Running) -> None:
    answers = [
        send(evaluated, "/api/v1/reports", json=ENTRY, key=READ_KEY),
        upload(evaluated, "x", key=READ_KEY),
        send(evaluated, "/api/v1/reports", json=ENTRY, key="gck_guess"),
    ]
    assert [a.status_code for a in answers] == [403, 403, 401]
    assert not evaluated.store.found("report")


def test_a_database_that_is_away_is_said(evaluated: Running) -> None:
    evaluated.store.write_failure = StoreUnavailableError("away")
    assert send(evaluated, "/api/v1/reports", json=ENTRY).status_code == 503


# ---- the same again ---------------------------------------------------------------------------


def test_the_same_report_again_is_the_one_that_stands(evaluated: Running) -> None:
    first = send(evaluated, "/api/v1/reports", json=ENTRY)
    evaluated.clock.advance_s(60)
    again = send(evaluated, "/api/v1/reports", json=ENTRY)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert len(evaluated.store.found("report")) == 1
    other = send(evaluated, "/api/v1/reports", json=ENTRY | {"value": 33})
    back = send(evaluated, "/api/v1/reports", json=ENTRY)
    assert [a.json()["revision"] for a in (other, back)] == [1, 2]


def test_a_report_of_today_again_is_the_one_that_stands(evaluated: Running) -> None:
    today = ENTRY | {"as_of": "2027-01-15"}
    first = send(evaluated, "/api/v1/reports", json=today)
    evaluated.clock.advance_s(60)
    again = send(evaluated, "/api/v1/reports", json=today)
    assert (again.status_code, again.json()) == (200, first.json())


def test_a_key_gets_its_first_answer_again_whatever_came_between(evaluated: Running) -> None:
    first = send(evaluated, "/api/v1/reports", json=ENTRY, once='"k-1"')
    enter(evaluated, value=33)
    for once in ('"k-1"', "k-1"):
        again = send(evaluated, "/api/v1/reports", json=ENTRY, once=once)
        assert (again.status_code, again.json()) == (201, first.json())
    assert len(evaluated.store.found("report")) == 2


def test_a_key_stands_for_one_body(evaluated: Running) -> None:
    send(evaluated, "/api/v1/reports", json=ENTRY, once="k-1")
    other = send(evaluated, "/api/v1/reports", json=ENTRY | {"value": 33}, once="k-1")
    table = upload(evaluated, HEADER + "brain.scenarios,city,,2026-12-31,34,d\n", once="k-1")
    for answer in (other, table):
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:gigacity:problem:idempotency-key-reused"
    assert len(evaluated.store.found("report")) == 1
    assert send(evaluated, "/api/v1/reports", json=ENTRY, once="k 2").status_code == 422


def test_what_failed_may_be_sent_again_under_its_key(evaluated: Running) -> None:
    evaluated.store.write_failure = StoreUnavailableError("away")
    assert send(evaluated, "/api/v1/reports", json=ENTRY, once="k").status_code == 503
    evaluated.store.write_failure = None
    assert send(evaluated, "/api/v1/reports", json=ENTRY, once="k").status_code == 201


def test_a_table_again_stores_only_what_is_new(evaluated: Running) -> None:
    rows = "brain.scenarios,city,,2026-12-31,32,d\ncity.four_star,city,,2026-12-31,0.5,d\n"
    first = upload(evaluated, HEADER + rows).json()
    again = upload(evaluated, HEADER + rows)
    assert (again.status_code, again.json()["count"], again.json()["repeated"]) == (200, 0, 2)
    assert again.json()["items"] == first["items"]
    longer = upload(evaluated, HEADER + rows + f"brain.scenarios,area,{AREA_B},2026-12-31,5,d\n")
    assert longer.status_code == 201
    assert (longer.json()["count"], longer.json()["repeated"]) == (1, 2)
    assert len(evaluated.store.found("report")) == 3
    keyed = upload(evaluated, HEADER + rows.replace("32", "33"), once="t")
    replayed = upload(evaluated, HEADER + rows.replace("32", "33"), once="t")
    assert (replayed.status_code, replayed.json()) == (201, keyed.json())


def test_a_replica_sends_offices_to_the_process_that_writes(evaluated: Running) -> None:
    context = replace(evaluated.app.state.context, takes_declarations=False)
    evaluated.app.state.context = context
    for answer in (
        send(evaluated, "/api/v1/reports", json=ENTRY),
        upload(evaluated, HEADER + "brain.scenarios,city,,2026-12-31,32,d\n"),
    ):
        assert answer.status_code == 501
        assert answer.json()["type"] == "urn:gigacity:problem:reports-elsewhere"
        assert "--no-evaluate" in answer.json()["detail"]
    assert not evaluated.store.found("report")


# ---- tables -----------------------------------------------------------------------------------

HEADER = "indicator,scope,code,as_of,value,source\n"


def test_a_table_is_stored_whole(evaluated: Running) -> None:
    rows = f"brain.scenarios,city,,2026-12-31,32,d\nbrain.scenarios,area,{AREA_B},2026-12-31,5,d\n"
    response = upload(evaluated, HEADER + rows)
    assert response.status_code == 201, response.text
    assert response.json()["count"] == 2
    assert len(evaluated.store.found("report")) == 2


def test_one_wrong_row_stores_nothing_and_every_error_is_placed(evaluated: Running) -> None:
    rows = (
        "brain.scenarios,city,,2026-12-31,32,d\n"
        "brain.scenarios,city,,2030-12-31,-1,d\n"
        "city.four_star,moon,,2026-12-31,97,d\n"
    )
    response = upload(evaluated, HEADER + rows)
    assert wrong_fields(response) == [(3, "as_of"), (3, "value"), (4, "scope"), (4, "value")]
    assert all(e["zh"] for e in response.json()["errors"])
    assert not evaluated.store.found("report")


def test_a_wrong_header_and_no_table_are_refused(evaluated: Running) -> None:
    assert (1, "amount") in wrong_fields(upload(evaluated, HEADER.replace("value", "amount")))
    assert wrong_fields(send(evaluated, "/api/v1/reports/upload", files={"fail": ("r", "x")})) == [
        (None, "body.file")
    ]


def test_a_body_beyond_the_limit_is_cut_off(evaluated: Running) -> None:
    response = upload(evaluated, "x" * (MAX_BODY_BYTES + 1))
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"
    too_long = send(evaluated, "/api/v1/reports", content=b" " * (MAX_BODY_BYTES + 1))
    assert too_long.status_code == 413


# ---- reading ----------------------------------------------------------------------------------


def test_more_tables_than_may_be_read_at_a_time_are_told_to_come_again(
    evaluated: Running,
) -> None:
    row = "brain.scenarios,city,,2026-12-31,32,d\n"
    uploads = evaluated.app.state.context.uploads
    uploads.taken = MAX_UPLOADS
    refused = upload(evaluated, HEADER + row)
    uploads.taken = 0
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    assert refused.json()["type"].endswith("too-many-uploads")
    assert upload(evaluated, HEADER + row).status_code == 201


def test_a_dry_run_says_what_would_be_stored_and_stores_nothing(evaluated: Running) -> None:
    row = "brain.scenarios,city,,2026-12-31,32,d\n"
    path = "/api/v1/reports/upload?dry_run=true"
    tried = send(evaluated, path, files={"file": ("r.csv", HEADER + row)}, once="k")
    assert (tried.status_code, tried.json()["is_dry_run"], tried.json()["count"]) == (200, True, 1)
    assert get(evaluated, "/api/v1/reports")["items"] == []

    stored = upload(evaluated, HEADER + row, once="k")
    assert (stored.status_code, stored.json()["is_dry_run"]) == (201, False)
    again = send(evaluated, path, files={"file": ("r.csv", HEADER + row.replace("32", "33") + row)})
    assert again.status_code == 422
    revised = send(evaluated, path, files={"file": ("r.csv", HEADER + row.replace("32", "33"))})
    assert revised.json()["items"][0]["revision"] == 1
    same = send(evaluated, path, files={"file": ("r.csv", HEADER + row)}).json()
    assert (same["count"], same["repeated"]) == (0, 1)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("format_", ["xlsx", "csv"])
def test_the_template_can_be_filled_in_and_uploaded(
    evaluated: Running, format_: str, language: str
) -> None:
    path = f"/api/v1/reports/template?format={format_}&language={language}"
    answer = evaluated.get(path, key=REPORT_KEY)
    assert f'filename="reports.{format_}"' in answer.headers["Content-Disposition"]
    untouched = send(evaluated, "/api/v1/reports/upload", files={"file": ("r", answer.content)})
    assert untouched.status_code == 422
    assert {field for _, field in wrong_fields(untouched)} == {"as_of", "value", "source"}

    header: Any
    first: Any
    if format_ == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        header, first, *_ = book["reports"].iter_rows(values_only=True)
        catalogue = [row[0] for row in book["catalogue"].iter_rows(values_only=True)]
        assert {"pon.ports_10g", "brain.scenarios"} <= set(catalogue)
    else:
        header, first, *_ = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    cells = dict(zip(header, first, strict=True))
    names = ("截止日期", "数值", "来源文件") if language == "zh" else ("as_of", "value", "source")
    cells |= dict(zip(names, ("2026/12/31", "1", "d"), strict=True))
    text = "\n".join(",".join(str(cell or "") for cell in line) for line in (cells, cells.values()))
    assert upload(evaluated, text).status_code == 201


def test_a_template_needs_a_key_that_may_report(evaluated: Running) -> None:
    assert evaluated.get("/api/v1/reports/template").status_code == 403


def test_every_entry_is_listed_newest_first_and_paged(evaluated: Running) -> None:
    for value in (30, 31, 32):
        enter(evaluated, value=value)
        evaluated.clock.advance_s(1)
    enter(evaluated, indicator="industry.innovation_labs", value=2)
    path = "/api/v1/reports?indicator=brain.scenarios&limit=2"
    first = get(evaluated, path)
    assert [(r["value"], r["revision"]) for r in first["items"]] == [(32, 2), (31, 1)]
    enter(evaluated, value=99)
    second = get(evaluated, f"{path}&cursor={first['next_cursor']}")
    assert [r["value"] for r in second["items"]] == [30]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-entered_at", [31, 32, 30]),
        ("entered_at", [30, 32, 31]),
        ("value", [30, 31, 32]),
        ("-value", [32, 31, 30]),
        ("as_of", [31, 32, 30]),
        ("-as_of", [32, 30, 31]),
    ],
)
def test_entries_are_sorted(evaluated: Running, sort: str, expected: list[float]) -> None:
    for value, as_of in ((30, "2026-12-31"), (32, "2026-12-31"), (31, "2026-11-30")):
        enter(evaluated, value=value, as_of=as_of)
        evaluated.clock.advance_s(1)
    values, cursor = [], ""
    while True:
        page = get(evaluated, f"/api/v1/reports?sort={sort}&limit=2{cursor}")
        values += [r["value"] for r in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert values == expected
    assert evaluated.get("/api/v1/reports?sort=size").status_code == 422


def test_only_the_standing_ones_may_be_asked_for(evaluated: Running) -> None:
    enter(evaluated)
    enter(evaluated, value=33)
    enter(evaluated, value=20, as_of="2026-06-30")
    items = get(evaluated, "/api/v1/reports?standing=true&scope=city&code=371600")["items"]
    assert [(r["value"], r["as_of"][:10]) for r in items] == [(33, "2026-12-31")]


def test_the_list_is_conditional(evaluated: Running) -> None:
    enter(evaluated)
    etag = evaluated.get("/api/v1/reports").headers["etag"]
    assert evaluated.get("/api/v1/reports", **{"If-None-Match": etag}).status_code == 304
    enter(evaluated, value=33)
    assert evaluated.get("/api/v1/reports", **{"If-None-Match": etag}).status_code == 200


def test_an_unknown_figure_of_the_list_is_404(evaluated: Running) -> None:
    assert evaluated.get("/api/v1/reports?indicator=x").status_code == 404


# ---- beside what is measured ------------------------------------------------------------------


def test_reported_only_figures_stand_in_the_scorecard(evaluated: Running) -> None:
    before = {i["definition"]["id"]: i for i in get(evaluated, "/api/v1/scorecard")["reported"]}
    assert before["brain.scenarios"]["report"] is None
    etag = evaluated.get("/api/v1/scorecard").headers["etag"]
    enter(evaluated)
    answer = evaluated.get("/api/v1/scorecard", **{"If-None-Match": etag})
    assert answer.status_code == 200
    after = {i["definition"]["id"]: i for i in answer.json()["reported"]}
    assert after["brain.scenarios"]["report"]["value"] == 32
    assert after["brain.scenarios"]["verdict"] == "no_target"


def test_a_measured_figure_shows_its_report_and_the_gap(evaluated: Running) -> None:
    enter(evaluated, indicator="pon.ports_10g", value=20)
    ports = get(evaluated, "/api/v1/scorecard")["items"][0]
    assert (ports["figure"]["value"], ports["report"]["value"]) == (18, 20)
    assert ports["gap"]["difference"] == 2
    assert [(p["slug"], p["count"]) for p in ports["gap"]["parts"]] == [("reported_but_out", 2)]


def test_every_gap_is_listed(evaluated: Running) -> None:
    enter(evaluated, indicator="pon.ports_10g", value=20)
    enter(evaluated, indicator="pon.ports_10g", scope="area", code=AREA_B, value=4)
    enter(evaluated)
    items = get(evaluated, "/api/v1/gaps")["items"]
    assert [(i["report"]["scope"], i["gap"]["standing"]) for i in items] == [
        ("area", "equal"), ("city", "above_bounds"),
    ]  # fmt: skip
    assert len(get(evaluated, "/api/v1/gaps?scope=area")["items"]) == 1
    for sort, first in (("difference", "area"), ("-difference", "city")):
        page = get(evaluated, f"/api/v1/gaps?sort={sort}&limit=1")
        assert page["items"][0]["report"]["scope"] == first
        page = get(evaluated, f"/api/v1/gaps?sort={sort}&cursor={page['next_cursor']}")
        assert [i["report"]["scope"] for i in page["items"]] == [
            "area" if first == "city" else "city"
        ]
    assert evaluated.get("/api/v1/gaps?indicator=brain.scenarios").status_code == 404


def test_pages_of_gaps_are_of_the_book_that_they_began_with(evaluated: Running) -> None:
    """A report that comes meanwhile would move the others by one."""
    enter(evaluated, indicator="pon.ports_10g", value=20)
    evaluated.clock.advance_s(1)
    enter(evaluated, indicator="pon.ports_10g", scope="area", code=AREA_B, value=4)
    first = get(evaluated, "/api/v1/gaps?sort=-entered_at&limit=1")
    evaluated.clock.advance_s(1)
    enter(evaluated, indicator="pon.port_share_10g", value=0.5)
    second = get(evaluated, f"/api/v1/gaps?sort=-entered_at&cursor={first['next_cursor']}")
    scopes = [i["report"]["scope"] for page in (first, second) for i in page["items"]]
    assert scopes == ["area", "city"]
    assert len(get(evaluated, "/api/v1/gaps")["items"]) == 3


def test_one_gap_is_also_that_of_the_reports_own_instant(evaluated: Running) -> None:
    as_of = "2027-01-15T16:00:00+08:00"
    enter(evaluated, indicator="pon.ports_10g", value=20, as_of=as_of)
    body = get(evaluated, "/api/v1/gaps/pon.ports_10g")
    assert body["gap"]["difference"] == 2
    assert body["then"]["as_of_ms"] == T
    assert body["then"]["gap"]["difference"] == 2


def test_the_reports_own_instant_is_the_one_that_was_published_not_that_of_its_row(
    evaluated: Running, city: City
) -> None:
    """Below the areas a row stands for the instants after it, too, while nothing changes."""
    report_everything(evaluated.store, city, T + 59_000)
    evaluated.clock.wall_ms = T + 100_000
    assert evaluated.core.step()
    place = {"indicator": "home.gigabit_access", "scope": "community", "code": COMMUNITY_A}
    enter(evaluated, **place, value=0.5, as_of=rfc3339(T + 70_000))
    body = get(evaluated, f"/api/v1/gaps/home.gigabit_access?scope=community&code={COMMUNITY_A}")
    assert body["then"]["as_of_ms"] == T + 60_000


def test_a_gap_of_a_day_without_measurement_says_so(evaluated: Running) -> None:
    enter(evaluated, indicator="pon.ports_10g", value=20)
    assert get(evaluated, "/api/v1/gaps/pon.ports_10g")["then"] is None


def test_no_report_is_no_gap(evaluated: Running) -> None:
    assert evaluated.get("/api/v1/gaps/pon.ports_10g").status_code == 404
