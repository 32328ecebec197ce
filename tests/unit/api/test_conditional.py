"""Conditional answers: the comparison of tags, and 304 on every route that answers with data."""

import json
from dataclasses import replace
from urllib.parse import quote

import pytest

from gigacity_api.http.etag import has
from tests.docs import openapi_text
from tests.support.city import AREA_A, COMMUNITY_A
from tests.unit.api.alarms import ALARM, call_for_help
from tests.unit.api.conftest import READ_KEY, Running, T
from tests.unit.api.test_report_routes import enter

DOCUMENT = json.loads(openapi_text())
UNCONDITIONAL = {
    "/api/v1/stream": "it never ends",
    "/api/v1/map.geojson": "this city has no map; test_verdict_map.py asks one that has",
    "/api/v1/reports/template": "a form to fill in, with the day on which it was made",
}
EARLIER = quote("2027-01-15T07:59:00+00:00")
NOW = quote("2027-01-15T08:00:30+00:00")
"""Of the fixture's clock."""

PATHS = {
    "/api/v1/scorecard": "",
    "/api/v1/scorecard/export": "",
    "/api/v1/indicators": "?scope=city",
    "/api/v1/indicators/{indicator}": "",
    "/api/v1/indicators/{indicator}/evidence": "?limit=3",
    "/api/v1/indicators/{indicator}/evidence/export": "?format=xlsx",
    "/api/v1/indicators/{indicator}/history": "?limit=1&every=1h",
    "/api/v1/indicators/{indicator}/forecast": "",
    "/api/v1/as-of/indicators": f"?as_of={EARLIER}",
    "/api/v1/as-of/indicators/{indicator}/evidence": f"?as_of={EARLIER}",
    "/api/v1/as-of/published": f"?published_at={NOW}",
    "/api/v1/as-of/differences": f"?as_of={quote('2027-01-15T08:00:00+00:00')}",
    "/api/v1/areas": "",
    "/api/v1/areas/{code}": AREA_A,
    "/api/v1/communities": "",
    "/api/v1/communities/{code}": COMMUNITY_A,
    "/api/v1/olts": "",
    "/api/v1/olts/{id}": "",
    "/api/v1/ports": "",
    "/api/v1/reports": "",
    "/api/v1/gaps": "",
    "/api/v1/gaps/{indicator}": "",
    "/api/v1/quality": "",
    "/api/v1/quality/implausible": "",
    "/api/v1/quality/unregistered": "",
    "/api/v1/quality/silent": "",
    "/api/v1/dead-letters": "",
    "/api/v1/kinds": "",
    "/api/v1/definitions": "",
    "/api/v1/communities/export": "",
    "/api/v1/devices/{community}/{device}": "",
    "/api/v1/devices/{community}/{device}/history": "?limit=2",
    "/api/v1/gaps/export": "",
    "/api/v1/indicators/{indicator}/history/export": "",
    "/api/v1/ports/{olt}/{slot}/{port}": "",
    "/api/v1/ports/{olt}/{slot}/{port}/history": "?limit=2",
    "/api/v1/reports/export": "",
    "/api/v1/search": "?q=camera-1",
    "/api/v1/alarms": "?state=all",
    "/api/v1/alarms/quality": "",
    "/api/v1/alarms/{alarm}": "",
    "/api/v1/maintenance": "",
}
"""Every route with what it is asked here: a query, or the code in its path."""
NAMES = {
    "indicator": "pon.ports_10g", "id": "olt-a", "community": COMMUNITY_A, "device": "camera-1",
    "olt": "olt-a", "slot": "1", "port": "0",
    "alarm": ALARM,
}  # fmt: skip


def url(path: str) -> str:
    more = PATHS[path]
    if not more.startswith("?"):
        path, more = path.replace("{code}", more), ""
    return path.format(**NAMES) + more


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('W/"a"', True),
        ('"a"', True),
        ('"b", W/"a" ,"c"', True),
        ("*", True),
        (" * ", True),
        ("", False),
        ('"b"', False),
        ('"b,a"', False),
        ("a", False),
        ('"*"', False),
        ('"b", *', False),
        ('"A"', False),
    ],
)
def test_tags_are_compared_weakly(given: str, *, expected: bool) -> None:
    assert has(given, 'W/"a"') is expected


def test_every_route_of_data_is_asked_here_and_says_304() -> None:
    reading = {
        path: methods["get"]
        for path, methods in DOCUMENT["paths"].items()
        if path.startswith("/api/v1") and "get" in methods
    }
    assert set(reading) - set(UNCONDITIONAL) == set(PATHS)
    for path in PATHS:
        assert "304" in reading[path]["responses"], path
        assert "ETag" in reading[path]["responses"]["200"]["headers"], path


@pytest.mark.parametrize("path", PATHS)
def test_what_the_caller_has_is_not_sent_again(evaluated: Running, path: str) -> None:
    enter(evaluated, indicator="pon.ports_10g", value=20)
    call_for_help(evaluated)
    first = evaluated.get(url(path))
    assert first.status_code == 200, first.text
    etag = first.headers["etag"]
    assert etag.startswith('W/"')
    # Time alone is no news.
    evaluated.clock.advance_s(1)
    for given in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
        again = evaluated.get(url(path), **{"If-None-Match": given})
        assert (again.status_code, again.content) == (304, b""), given
        if given != "*":
            assert again.headers["etag"] == etag
        assert again.headers["cache-control"] == first.headers["cache-control"]
    other = evaluated.get(url(path), **{"If-None-Match": 'W/"other"'})
    assert other.status_code == 200


def test_a_list_of_tags_may_stand_on_several_lines(evaluated: Running) -> None:
    path = "/api/v1/areas"
    etag = evaluated.get(path).headers["etag"]
    headers = [
        ("Authorization", f"Bearer {READ_KEY}"), ("If-None-Match", '"other"'),
        ("If-None-Match", etag),
    ]  # fmt: skip
    assert evaluated.ask("GET", path, headers).status_code == 304


def test_another_answer_has_another_tag(evaluated: Running) -> None:
    """New points of a figure, and a worker's new refusals, are news."""
    history, letters = "/api/v1/indicators/pon.ports_10g/history", "/api/v1/dead-letters"
    before = [evaluated.get(path).headers["etag"] for path in (history, letters)]
    tags = {"indicator": "pon.ports_10g", "scope": "city", "code": "371600"}
    evaluated.store.put("indicator", T - 60_000, tags, value=1.0)
    evaluated.store.put("dead_letter", T, {"worker": "w", "reason": "not_json"}, count=3)
    after = [evaluated.get(path).headers["etag"] for path in (history, letters)]
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_a_history_that_goes_on_is_news_though_its_first_page_is_as_it_was(
    evaluated: Running,
) -> None:
    history = "/api/v1/indicators/pon.ports_10g/history?limit=1"
    first = evaluated.get(history)
    assert first.json()["next_cursor"] is None
    tags = {"indicator": "pon.ports_10g", "scope": "city", "code": "371600"}
    evaluated.store.put("indicator", T + 60_000, tags, value=1.0)
    evaluated.clock.advance_s(60)
    again = evaluated.get(history, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.json()["items"]) == (200, first.json()["items"])
    assert again.json()["next_cursor"]


def test_a_replicas_answer_has_another_tag_than_the_evaluators(evaluated: Running) -> None:
    """It does not know how many reporters are not registered."""
    path = "/api/v1/indicators?scope=city"
    own = evaluated.get(path)
    newest = evaluated.cache.newest()
    assert newest is not None
    evaluated.cache.put(replace(newest, evaluation=None))
    assert own.headers["etag"] != evaluated.get(path).headers["etag"]
