"""Entries that are taken back, keys that are bounded, and what the log says of both."""

from typing import Any

import pytest
import structlog

from gigacity_api.http.auditing import audited_export
from gigacity_api.reports.log import DeclarationLog
from tests.support.city import AREA_A, AREA_B, COMMUNITY_A, COMMUNITY_B
from tests.unit.api.conftest import BOUNDED_KEY, READ_KEY, Running
from tests.unit.api.test_report_routes import ENTRY, enter, get, send, upload, wrong_fields

NAMED = {"indicator": "brain.scenarios", "scope": "city", "as_of": "2026-12-31"}


def withdraw(running: Running, *, status: int = 201, **changes: Any) -> Any:
    body = NAMED | {"reason": "issued in error"} | changes
    response = send(running, "/api/v1/reports/withdrawals", json=body)
    assert response.status_code == status, response.text
    return response.json()


def standing(running: Running) -> list[tuple[str, float]]:
    items = get(running, "/api/v1/reports?standing=true")["items"]
    return [(item["as_of"][:10], item["value"]) for item in items]


def test_after_a_withdrawal_the_entry_before_it_stands_again(evaluated: Running) -> None:
    enter(evaluated, as_of="2026-11-30", value=30)
    enter(evaluated, value=99)
    withdrawn = withdraw(evaluated)
    assert (withdrawn["revision"], withdrawn["withdrawn"]) == (1, "issued in error")
    assert (withdrawn["value"], withdrawn["reporter"]) == (99, "office")
    assert standing(evaluated) == [("2026-11-30", 30)]
    history = get(evaluated, "/api/v1/reports")["items"]
    assert [(e["value"], e["revision"], e["withdrawn"]) for e in history] == [
        (99, 1, "issued in error"), (99, 0, None), (30, 0, None),
    ]  # fmt: skip


def test_a_withdrawal_outlives_a_restart_and_is_not_stored_twice(evaluated: Running) -> None:
    enter(evaluated)
    withdraw(evaluated)
    assert withdraw(evaluated, status=200, reason="again")["withdrawn"] == "issued in error"
    again = DeclarationLog(evaluated.store, evaluated.clock).refresh()
    assert (len(again), again.in_force()) == (2, ())
    assert again.series("brain.scenarios", "city", "371600") == []


def test_what_was_withdrawn_may_be_entered_again(evaluated: Running) -> None:
    enter(evaluated)
    withdraw(evaluated)
    assert enter(evaluated)["revision"] == 2
    assert standing(evaluated) == [("2026-12-31", 32)]


def test_only_what_was_entered_can_be_withdrawn(evaluated: Running) -> None:
    assert withdraw(evaluated, status=404)["type"].endswith(":no-entry")
    enter(evaluated)
    assert withdraw(evaluated, status=404, as_of="2026-12-30")["type"].endswith(":no-entry")
    body = NAMED | {"reason": " ", "as_of": "31.12.26"}
    response = send(evaluated, "/api/v1/reports/withdrawals", json=body)
    assert {field for _, field in wrong_fields(response)} == {"body.reason", "body.as_of"}
    refused = send(evaluated, "/api/v1/reports/withdrawals", key=READ_KEY, json=NAMED)
    assert refused.status_code == 403


# ---- keys that are bounded -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"scope": "city"}, f"may enter figures of {AREA_A}, and not of 371600"),
        ({"scope": "area", "code": AREA_B}, f"may enter figures of {AREA_A}, and not of {AREA_B}"),
        ({"indicator": "industry.innovation_labs"}, "may enter brain.scenarios, and not industry"),
    ],
)
def test_a_bounded_key_hears_what_it_may_enter(
    evaluated: Running, changes: dict[str, Any], said: str
) -> None:
    for path, more in (("/api/v1/reports", {}), ("/api/v1/reports/withdrawals", {"reason": "x"})):
        given = ENTRY if path.endswith("reports") else NAMED
        answer = send(evaluated, path, key=BOUNDED_KEY, json=given | more | changes)
        assert answer.status_code == 403, answer.text
        assert answer.json()["type"].endswith(":key-bounded")
        assert said in answer.json()["detail"]
    assert not evaluated.store.found("report")


def test_a_bounded_key_enters_what_it_may(evaluated: Running) -> None:
    area = ENTRY | {"scope": "area", "code": AREA_A}
    assert send(evaluated, "/api/v1/reports", key=BOUNDED_KEY, json=area).status_code == 201
    table = (
        "indicator,scope,code,as_of,value,source\n"
        f"brain.scenarios,area,{AREA_A},2026-12-30,3,x\nbrain.scenarios,area,{AREA_B},2026-12-30,3,x\n"
    )
    assert upload(evaluated, table, key=BOUNDED_KEY).status_code == 403
    assert len(evaluated.store.found("report")) == 1
    share = {"indicator": "device.online", "scope": "community", "value": 0.5}
    for code in (COMMUNITY_A, COMMUNITY_B):
        answer = send(
            evaluated, "/api/v1/reports", key=BOUNDED_KEY, json=ENTRY | share | {"code": code}
        )
        assert answer.status_code == 403


def test_the_log_names_who_entered_withdrew_and_exported(evaluated: Running) -> None:
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as lines:
        enter(evaluated)
        withdraw(evaluated)
        answer = evaluated.get("/api/v1/scorecard/export")
    found = [(e["event"], e["api_key"]) for e in lines if e.get("request_id")]
    assert found == [
        ("report entered", "office"), ("report withdrawn", "office"), ("export begun", "board"),
        ("exported", "board"),
    ]  # fmt: skip
    rows = answer.text.strip().count("\r\n")
    assert (lines[-1]["rows"], lines[-1]["is_whole"]) == (rows, True)
    assert lines[-1]["file"].startswith("scorecard-")


def test_the_log_says_how_many_rows_went_out_when_a_client_left() -> None:
    with structlog.testing.capture_logs() as lines:
        rows = audited_export("a.csv", (("x",) for _ in range(10)))
        next(rows), next(rows), next(rows)
        rows.close()  # type: ignore[attr-defined] # a generator
    assert (lines[-1]["event"], lines[-1]["rows"], lines[-1]["is_whole"]) == ("exported", 2, False)
