"""``gigacity alarms`` against an API that answers as ours does."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner

from gigacity_deploy.commands.alarms import app
from tests.support.http_double import QuietHandler, http_service

ALARM: dict[str, Any] = {
    "id": "5f0c8a529d3e4a4b", "perceivedSeverity": "critical", "operatorState": "none",
    "alarmRaisedTime": "2026-11-24T02:00:00.000Z", "ackState": "unacknowledged",
    "alarmDetails": {"zh": "OLT离线", "en": "OLT offline: olt-1"},
    "impact": {
        "households": 0, "householdsAtMost": 12, "ports": 4, "onus": 0, "devices": 0,
        "figures": [{"indicator": "pon.ports_10g", "scope": "city", "code": "1", "by": -4.0}],
    },
    "proposedRepairedActions": {"zh": "查供电", "en": "check its mains"},
    "childrenByType": {"pon.port_down": 3},
    "history": [
        {"time": "2026-11-24T02:02:00.000Z", "act": "raise", "userId": None, "why": None},
    ],
}  # fmt: skip


class _Api(QuietHandler):
    asked: ClassVar[list[tuple[str, str, str]]] = []

    def respond(self) -> None:
        if self.command == "POST":
            self._say({**ALARM, "operatorState": "ack"}, self.body().decode())
            return
        detail = self.path.startswith("/api/v1/alarms/")
        self._say(ALARM if detail else {"items": [ALARM], "total": 1, "next_cursor": None})

    def _say(self, body: object, given: str = "") -> None:
        self.asked.append((self.command, self.path, given))
        known = self.headers["Authorization"] == "Bearer gck_x"
        raw = json.dumps(body if known else {"detail": "send a key"}).encode()
        self.answer(200 if known else 401, raw)


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    _Api.asked.clear()
    with http_service(_Api) as found:
        monkeypatch.setenv("GIGACITY_API_KEY", "gck_x")
        monkeypatch.setenv("GIGACITY_API_URL", found)
        yield found


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.output


def test_the_list_says_that_something_is_critical(url: str) -> None:
    code, text = run("list", "--severity", "critical", "--area", "371602")

    assert code == 1
    assert text.splitlines()[0].startswith("!!5f0c8a52  2026-11-24 02:00Z  OLT offline: olt-1")
    assert "severity=critical" in _Api.asked[0][1]
    assert "area=371602" in _Api.asked[0][1]
    assert run("list", "--lang", "zh")[1].splitlines()[0].endswith("OLT离线")
    assert json.loads(run("list", "--json")[1])["total"] == 1


def test_one_alarm_is_shown_by_the_beginning_of_its_id(url: str) -> None:
    code, text = run("show", "5f0c")

    assert code == 0
    assert "check its mains" in text
    assert "explains 3 x pon.port_down" in text


def test_an_act_sends_what_was_said(url: str) -> None:
    code, text = run("ack", "5f0c8a529d3e4a4b", "--why", "on our way", "--user", "Li")

    assert (code, text.rstrip().endswith("[ack]")) == (0, True)
    method, path, body = _Api.asked[-1]
    assert (method, path) == ("POST", "/api/v1/alarms/5f0c8a529d3e4a4b/acknowledge")
    assert json.loads(body) == {"why": "on our way", "user": "Li"}


def test_a_refusal_is_said_and_shows_no_key(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIGACITY_API_KEY", "gck_wrong")
    code, text = run("list")

    assert code == 2
    assert "send a key" in text
    assert "gck_wrong" not in text
