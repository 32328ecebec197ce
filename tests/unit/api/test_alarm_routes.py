"""Alarms over HTTP: who may see and touch them, under which names, and what stands in the log."""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from gigacity_api.alarms.model import Act
from gigacity_api.errors import StoreUnavailableError
from gigacity_api.evaluator.self_report import SelfReport
from tests.unit.api.alarms import ALARM, call_for_help, next_minute, say
from tests.unit.api.conftest import OPERATE_KEY, READ_KEY, Running, T

NOW = datetime.fromtimestamp(T / 1000, UTC)


def post(running: Running, path: str, body: object, key: str = OPERATE_KEY) -> int:
    headers = {"Authorization": f"Bearer {key}"}
    return running.ask("POST", path, headers, body).status_code


@pytest.fixture
def calling(evaluated: Running) -> Running:
    call_for_help(evaluated)
    return evaluated


def test_the_list_speaks_tmf642(calling: Running) -> None:
    body = calling.get("/api/v1/alarms").json()
    (alarm,) = body["items"]

    assert (body["total"], alarm["id"], alarm["state"]) == (1, ALARM, "raised")
    assert alarm["specificProblem"] == "safety.smoke"
    assert alarm["alarmType"] == "environmentalAlarm"
    assert (alarm["perceivedSeverity"], alarm["ackState"]) == ("critical", "unacknowledged")
    assert alarm["alarmRaisedTime"] < alarm["alarmReportingTime"]
    assert alarm["isRootCause"] is True
    assert alarm["alarmDetails"]["zh"].startswith("烟雾报警")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?severity=critical", 1), ("?severity=minor&severity=critical", 1), ("?severity=minor", 0),
        ("?type=safety.", 1), ("?type=pon.", 0), ("?kind=device", 1), ("?kind=port", 0),
        ("?state=cleared", 0), ("?state=all", 1), ("?acknowledged=true", 0),
        ("?from=2030-01-01T00:00:00Z", 0), ("?from=2020-01-01T00:00:00Z", 1),
    ],
)  # fmt: skip
def test_filters(calling: Running, query: str, count: int) -> None:
    assert calling.get(f"/api/v1/alarms{query}").json()["total"] == count


def test_pages_give_every_alarm_once(calling: Running) -> None:
    whole = calling.get("/api/v1/alarms?state=all").json()
    found, cursor = [], ""
    while True:
        more = f"&cursor={cursor}" if cursor else ""
        page = calling.get(f"/api/v1/alarms?state=all&limit=1{more}").json()
        found += [a["id"] for a in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [a["id"] for a in whole["items"]]


def test_an_operator_acts_and_the_history_says_who_and_why(calling: Running) -> None:
    path = f"/api/v1/alarms/{ALARM}"
    assert post(calling, f"{path}/acknowledge", {"why": "on our way", "user": "Li"}) == 200
    assert post(calling, f"{path}/comment", {"comment": "false alarm, cooking"}) == 200
    until = (NOW + timedelta(hours=2)).isoformat()
    assert post(calling, f"{path}/shelve", {"until": until, "why": "cooking"}) == 200
    alarm = calling.get(path).json()

    assert [h["act"] for h in alarm["history"]] == ["shelve", "comment", "acknowledge", "raise"]
    assert alarm["history"][2]["userId"] == "Li (noc)"
    assert alarm["comment"][0]["comment"] == "false alarm, cooking"
    assert alarm["operatorState"] == "shelved"
    calling.alarms.refresh()
    stored = [row.fields["act"] for row in calling.store.found("alarm")]
    assert stored == ["raise", "acknowledge", "comment", "shelve"]


def test_a_shelf_ends_by_itself(calling: Running) -> None:
    until = (NOW + timedelta(minutes=10)).isoformat()
    post(calling, f"/api/v1/alarms/{ALARM}/shelve", {"until": until, "why": "cooking"})
    calling.clock.advance_s(900)
    calling.alarms.refresh()

    alarm = calling.get(f"/api/v1/alarms/{ALARM}").json()
    assert (alarm["operatorState"], alarm["history"][0]["userId"]) == ("none", "gigacity")


@pytest.mark.parametrize(
    ("path", "body", "key", "status"),
    [
        (f"{ALARM}/acknowledge", {}, READ_KEY, 403),
        ("0" * 16 + "/acknowledge", {}, OPERATE_KEY, 404),
        ("nonsense/acknowledge", {}, OPERATE_KEY, 422),
        (f"{ALARM}/shelve", {"until": "2099-01-01T00:00:00Z", "why": "x"}, OPERATE_KEY, 422),
        (f"{ALARM}/shelve", {"until": "2020-01-01T00:00:00Z", "why": "x"}, OPERATE_KEY, 422),
        (f"{ALARM}/comment", {"comment": ""}, OPERATE_KEY, 422),
        (f"{ALARM}/comment", {"coment": "x"}, OPERATE_KEY, 422),
    ],
)
def test_refusals(calling: Running, path: str, body: dict[str, str], key: str, status: int) -> None:
    assert post(calling, f"/api/v1/alarms/{path}", body, key) == status


def test_planned_work_calls_nobody_but_never_hides_a_call_for_help(evaluated: Running) -> None:
    window = {
        "kind": "area", "id": "371602", "starts": (NOW - timedelta(hours=1)).isoformat(),
        "ends": (NOW + timedelta(hours=3)).isoformat(), "why": "feeder moved",
    }  # fmt: skip
    evaluated.alarms.refresh()
    assert post(evaluated, "/api/v1/maintenance", window) == 201
    say(evaluated, T + 40_000, alarm=True)
    next_minute(evaluated)

    (told,) = evaluated.alarms.recent
    assert (told.act, told.alarm.is_planned, told.is_life_safety) == (Act.RAISE, True, True)
    (item,) = evaluated.get("/api/v1/maintenance").json()["items"]
    headers = {"Authorization": f"Bearer {OPERATE_KEY}"}
    gone = evaluated.ask("DELETE", f"/api/v1/maintenance/{item['id']}", headers)
    assert gone.json()["is_cancelled"] is True


WINDOW = {
    "kind": "area", "id": "371602", "starts": NOW.isoformat(), "why": "feeder moved",
    "ends": (NOW + timedelta(hours=3)).isoformat(),
}  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "alarms", None), ("GET", "alarms/quality", None), ("GET", f"alarms/{ALARM}", None),
        ("POST", f"alarms/{ALARM}/acknowledge", {}), ("GET", "maintenance", None),
        ("POST", "maintenance", WINDOW), ("DELETE", "maintenance/mw-1", None),
    ],
)  # fmt: skip
def test_before_the_log_was_read_nothing_is_said_of_alarms(
    evaluated: Running, method: str, path: str, body: object
) -> None:
    """Once, the list was empty, and whoever compared it told people that everything had cleared."""
    headers = {"Authorization": f"Bearer {OPERATE_KEY if method != 'GET' else READ_KEY}"}
    answer = evaluated.ask(method, f"/api/v1/{path}", headers, body)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["type"] == "urn:gigacity:problem:database-unavailable"
    evaluated.alarms.refresh()
    assert evaluated.ask(method, f"/api/v1/{path}", headers, body).status_code < 500


def test_who_asks_for_it_is_told_of_the_platform_before_the_log_was_read(
    evaluated: Running,
) -> None:
    """A database that was away when the API started was an alarm that nobody could see."""
    path = "/api/v1/alarms?partial=true"
    empty = evaluated.get(path)
    assert (empty.json()["total"], empty.json()["is_whole"]) == (0, False)
    evaluated.store.failure = StoreUnavailableError("away")
    for _ in range(6):
        evaluated.clock.advance_s(11)
        with suppress(StoreUnavailableError):
            evaluated.alarms.refresh()
    said = evaluated.get(path).json()
    assert [a["specificProblem"] for a in said["items"]] == ["platform.database_unreachable"]
    assert said["is_whole"] is False
    assert evaluated.get(f"/api/v1/alarms/{said['items'][0]['id']}").status_code == 503

    evaluated.store.failure = None
    evaluated.alarms.refresh()
    assert evaluated.get(path).json()["is_whole"] is True
    assert evaluated.get("/api/v1/alarms").json()["is_whole"] is True


def test_a_list_that_became_whole_is_another_one(evaluated: Running) -> None:
    """Else its reader, to whom nothing changed, would still take it for a part."""
    path = "/api/v1/alarms?partial=true"
    tag = evaluated.get(path).headers["etag"]
    evaluated.alarms._is_restored = True
    answer = evaluated.get(path, **{"If-None-Match": tag})
    assert (answer.status_code, answer.json()["is_whole"]) == (200, True)


def test_who_has_no_key_is_not_told_what_was_read(evaluated: Running) -> None:
    assert evaluated.ask("GET", "/api/v1/alarms").status_code == 401


def test_counts_stand_on_the_scorecard_and_the_system_measures_itself(calling: Running) -> None:
    assert calling.get("/api/v1/scorecard").json()["alarms"]["critical"] == 1
    calling.clock.advance_s(120)
    post(calling, f"/api/v1/alarms/{ALARM}/acknowledge", {})
    quality = calling.get("/api/v1/alarms/quality").json()

    assert (quality["raisedLastHour"], quality["isFlood"]) == (1, False)
    assert quality["acknowledgeMedianS"] == 120.0
    assert quality["mostFrequent"][0]["id"] == ALARM
    SelfReport(calling.store, calling.alarms, calling.clock, calling.metrics).refresh()
    metrics = calling.metrics.text().decode()
    assert "gigacity_api_alarms_raised_last_hour 1.0" in metrics
    assert "gigacity_api_alarm_acknowledge_median_seconds 120.0" in metrics


def test_the_stream_tells_what_happens_to_alarms_and_nothing_of_before(calling: Running) -> None:
    stream = calling.app.state.context.stream.events("")

    async def follow() -> list[bytes]:
        found = [await anext(stream), await anext(stream)]
        calling.alarms.act([ALARM], Act.ACKNOWLEDGE, who="noc")
        found.append(await anext(stream))
        await stream.aclose()
        return found

    _, evaluation, told = asyncio.run(follow())
    assert b"event: evaluation" in evaluation
    kind, data = (
        line for line in told.decode().splitlines() if not line.startswith("id:") and line
    )
    body = json.loads(data.removeprefix("data: "))

    assert kind == "event: alarm"
    assert (body["id"], body["act"], body["isLifeSafety"]) == (ALARM, "acknowledge", True)
