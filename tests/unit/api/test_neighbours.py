"""Ordinary callers, proxies and programs: what every answer carries and how each request is met."""

import asyncio
import gzip
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import HTTPServer
from typing import Any

import httpx
import pytest
import structlog

from gigacity_api.http.app import bare_app
from gigacity_api.http.problem_texts_zh import PROBLEMS
from gigacity_api.http.problem_types import CATALOGUE
from gigacity_api.storage.influx import InfluxStore
from gigacity_contract.access import Address, Secret
from gigacity_contract.influx import InfluxEndpoint
from tests.support.http_double import QuietHandler, serving
from tests.unit.api.conftest import READ_KEY, Running


def send(
    running: Running, method: str, path: str, *, key: str | None = READ_KEY, **more: Any
) -> httpx.Response:
    headers = more.pop("headers", {})
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(running.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return await client.request(method, path, headers=headers, **more)

    return asyncio.run(ask())


# ---- HEAD, headers, compression ------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/healthz", "/docs", "/api/v1/scorecard", "/api/v1/nothing"])
def test_head_is_get_without_a_body(evaluated: Running, path: str) -> None:
    get, head = (send(evaluated, method, path) for method in ("GET", "HEAD"))
    assert (head.status_code, head.content) == (get.status_code, b"")
    moving = {"date", "x-request-id", "content-length"}
    assert {k: v for k, v in head.headers.items() if k not in moving} == {
        k: v for k, v in get.headers.items() if k not in moving
    }


def test_head_of_an_endless_answer_ends_and_frees_its_place(evaluated: Running) -> None:
    head = send(evaluated, "HEAD", "/api/v1/stream")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")
    assert evaluated.app.state.context.stream.slots.taken == 0


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/docs", "/api/v1/areas", "/none"])
def test_every_answer_forbids_guessing_its_type(evaluated: Running, path: str) -> None:
    assert send(evaluated, "GET", path).headers["x-content-type-options"] == "nosniff"


def test_large_answers_are_compressed_and_their_version_stays(evaluated: Running) -> None:
    path = "/api/v1/indicators?limit=200"
    plain = send(evaluated, "GET", path, headers={"Accept-Encoding": "identity"})
    packed = send(evaluated, "GET", path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.json() == plain.json()
    assert int(packed.headers["content-length"]) < len(plain.content) / 5
    assert packed.headers["etag"] == plain.headers["etag"]
    again = {"If-None-Match": packed.headers["etag"], "Accept-Encoding": "gzip"}
    assert send(evaluated, "GET", path, headers=again).status_code == 304


def test_what_is_small_or_packed_already_stays_as_it_is(evaluated: Running) -> None:
    for path in ("/healthz", "/api/v1/scorecard/export?format=xlsx"):
        answer = send(evaluated, "GET", path, headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in answer.headers
    csv = send(evaluated, "GET", "/api/v1/scorecard/export", headers={"Accept-Encoding": "gzip"})
    assert csv.headers["content-encoding"] == "gzip"


# ---- who asks, and what for ----------------------------------------------------------------------


def test_a_request_has_an_id_in_answer_problem_and_log(evaluated: Running) -> None:
    given = send(evaluated, "GET", "/api/v1/x", headers={"X-Request-Id": "gate-7.a"})
    assert given.headers["x-request-id"] == given.json()["request_id"] == "gate-7.a"
    made = {send(evaluated, "GET", "/healthz").headers["x-request-id"] for _ in range(2)}
    assert len(made) == 2
    odd = send(evaluated, "GET", "/healthz", headers={"X-Request-Id": 'a"} {"evil": 1'})
    assert odd.headers["x-request-id"] != 'a"} {"evil": 1'
    assert not structlog.contextvars.get_contextvars()


@pytest.mark.parametrize(
    ("key", "slug"), [(None, "missing-key"), ("", "missing-key"), ("gck_wrong", "unknown-key")]
)
def test_a_wrong_key_is_told_from_none(evaluated: Running, key: str | None, slug: str) -> None:
    answer = send(evaluated, "GET", "/api/v1/scorecard", key=key)
    assert answer.status_code == 401
    assert answer.json()["type"] == f"urn:gigacity:problem:{slug}"
    assert answer.headers["www-authenticate"].startswith("Bearer ")


@pytest.mark.parametrize("path", ["/api/v1/reports", "/api/v1/reports/upload"])
@pytest.mark.parametrize("content", [b"{", b"x" * 3_000_000])
def test_the_key_is_asked_before_a_body_is_read(
    evaluated: Running, path: str, content: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    for key, status in ((None, 401), ("gck_wrong", 401), (READ_KEY, 403)):
        answer = send(evaluated, "POST", path, key=key, content=content, headers=dict(headers))
        assert answer.status_code == status


def test_too_large_a_body_hears_the_limit(evaluated: Running) -> None:
    answer = send(
        evaluated, "POST", "/api/v1/reports", key="gck_report", content=b"x" * 3_000_000,
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 413
    assert "2,200,000 bytes" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/v1/areas/", "/docs/", "/docs/assets"])
def test_no_redirect_is_made_from_the_host_header(evaluated: Running, path: str) -> None:
    answer = send(evaluated, "GET", path, headers={"Host": "evil.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize("zone", ["+08:00", "%2B08:00", "+0800"])
def test_the_plus_of_a_time_zone_may_be_unencoded(evaluated: Running, zone: str) -> None:
    path = "/api/v1/indicators/pon.ports_10g/history"
    answer = send(evaluated, "GET", f"{path}?from=2027-01-15T08:00:00{zone}")
    assert answer.status_code == 200, answer.text
    assert send(evaluated, "GET", f"{path}?from=2027-01-15T08:00:00").status_code == 422


# ---- the database, whatever the environment says -------------------------------------------------


@contextmanager
def database() -> Iterator[int]:
    class Ping(QuietHandler):
        def respond(self) -> None:
            self.answer(204, b"", {"X-Influxdb-Version": "1.6.7"})

    with serving(HTTPServer(("127.0.0.1", 0), Ping)) as port:
        yield port


def test_a_proxy_of_the_environment_does_not_cut_the_database_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    with database() as port:
        endpoint = InfluxEndpoint(
            Address("http", "127.0.0.1", port), "gigacity", username="u", secret=Secret("s")
        )
        with InfluxStore(endpoint) as store:
            assert store.ping().version == "1.6.7"


def test_problems_are_json_whatever_is_packed(evaluated: Running) -> None:
    answer = send(evaluated, "GET", "/api/v1/none", headers={"Accept-Encoding": "gzip"})
    assert json.loads(answer.content)["status"] == 404
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(answer.content)


# ---- one language, one vocabulary ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("zh", "zh"), ("en, zh;q=0.5", "en"), ("", "en"),
        ("de", "en"), ("zh;q=x", "en"), ("zh;q=0", "en"),
    ],
)  # fmt: skip
def test_an_error_speaks_the_language_that_is_asked_for(
    evaluated: Running, accepted: str, language: str
) -> None:
    headers = {"Accept-Language": accepted}
    answer = send(evaluated, "GET", "/api/v1/olts/olt-x", headers=headers)
    assert answer.headers["content-language"] == language
    assert "Accept-Language" in answer.headers["vary"]
    body = answer.json()
    assert body["title"] == {"zh": "没有这样的OLT", "en": "No such OLT"}[language]
    assert body["type"] == "urn:gigacity:problem:unknown-olt"
    if language == "zh":
        assert body["detail_en"] == "there is no OLT 'olt-x'"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/v1/olts?limit=0", "query.limit:不得小于 1"),
        ("/api/v1/olts?limit=x", "query.limit:应为整数"),
        ("/api/v1/olts?area=1&area=2", "query.area:参数重复"),
        ("/api/v1/olts?x=1", "query.x:未知参数"),
        ("/api/v1/dead-letters?from=yesterday", "query.from:应为 RFC 3339 时间"),
    ],
)
def test_a_wrong_parameter_is_explained_in_chinese(
    evaluated: Running, path: str, said: str
) -> None:
    answer = send(evaluated, "GET", path, headers={"Accept-Language": "zh"})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(said)
    english = send(evaluated, "GET", path).json()
    assert all(error["zh"] for error in english["errors"])


def test_every_problem_has_chinese_texts() -> None:
    assert set(CATALOGUE) <= set(PROBLEMS)
    for title, meaning in PROBLEMS.values():
        assert any(letter >= "\u4e00" for letter in title + meaning)


@pytest.mark.parametrize(("given", "name"), [("since", "from"), ("until", "to")])
def test_a_parameter_by_another_services_name_hears_ours(
    evaluated: Running, given: str, name: str
) -> None:
    for path in ("/api/v1/dead-letters", "/api/v1/indicators/pon.ports_10g/history"):
        answer = send(evaluated, "GET", f"{path}?{given}=2027-01-15T08:00:00Z")
        assert answer.status_code == 422
        assert f"query.{given}: is called {name} here" in answer.json()["detail"]


def test_every_operation_is_a_verb_and_a_noun_and_lists_say_how_long_they_are() -> None:
    document = bare_app().openapi()
    found = [o for methods in document["paths"].values() for o in methods.values()]
    ids = [operation["operationId"] for operation in found]
    assert len(set(ids)) == len(ids)
    verbs = (
        "list|get|enter|export|upload|withdraw|recompute|compare|count|follow|search|open"
        "|acknowledge|unacknowledge|comment|shelve|unshelve|close|plan|cancel"
    )
    assert [i for i in ids if not re.match(rf"({verbs})_[a-z_]+\Z", i)] == []
    for name, schema in document["components"]["schemas"].items():
        is_list = "items" in schema.get("properties", {}) and "next_cursor" in schema["properties"]
        if is_list and name not in {"History", "ReadingPage"}:
            assert "total" in schema["properties"], name


def test_totals_are_of_the_whole_list(evaluated: Running) -> None:
    for path in ("areas", "communities", "olts", "indicators", "kinds", "reports", "gaps"):
        whole = evaluated.get(f"/api/v1/{path}").json()
        assert whole["total"] == len(whole["items"]), path
        if path in {"communities", "olts", "indicators"}:
            page = evaluated.get(f"/api/v1/{path}?limit=1").json()
            assert (len(page["items"]), page["total"]) == (1, whole["total"])
