"""``gigacity watch``: what is drawn, what keys do, and the command against an API's double."""

import io
import json
import os
import signal
import time
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from gigacity_api.indicators.display import percentage
from gigacity_deploy.commands.watch import app
from gigacity_deploy.watching.board import KeyAct, SystemReading, WatchBoard, keys_of
from gigacity_deploy.watching.drawing import WORDS, amount, draw
from tests.support.http_double import QuietHandler, http_service
from tests.support.watch_terminal import WatchTerminal

BOUNDS = "93.10 % .. 99.80 %"


def figure(slug: str, **changes: Any) -> dict[str, Any]:
    found = {
        "indicator": slug, "unit": "ports", "name": {"zh": "端口", "en": slug},
        "display_text": "40,112", "lower": 40112.0, "upper": 40160.0, "target": 40000.0,
        "verdict": "met",
    }  # fmt: skip
    return found | changes


def card(count: int = 0) -> dict[str, Any]:
    figures = [
        figure("pon.ports_10g"),
        figure("home.gigabit_access", unit="ratio", display_text=BOUNDS, lower=0.931, upper=0.998,
               target=1.0, verdict="missed"),
        *(figure(f"device.online.{n}", target=None, verdict="no_target") for n in range(count)),
    ]  # fmt: skip
    return {
        "as_of": "2026-11-24T02:00:00.000Z", "age_s": 41.0,
        "city": {"name": {"zh": "滨州市", "en": "Binzhou"}},
        "items": [{"figure": each} for each in figures],
    }  # fmt: skip


def alarm(number: int, severity: str = "major", homes: int = 0, **changes: Any) -> dict[str, Any]:
    found = {
        "id": f"{number:016x}", "perceivedSeverity": severity, "operatorState": "none",
        "alarmRaisedTime": "2026-11-24T02:00:00.000Z",
        "alarmDetails": {"zh": f"告警{number}", "en": f"alarm {number}"},
        "impact": {"households": 0, "householdsAtMost": homes}, "isLifeSafety": False,
    }  # fmt: skip
    return found | changes


def board(*alarms: dict[str, Any], **more: Any) -> WatchBoard:
    return WatchBoard(SystemReading(card(), alarms, len(alarms), known_at_s=10.0, **more))


def drawn(
    shown: WatchBoard, language: str = "en", *, height: int | None = 40, now_s: float = 12.0
) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(draw(shown, language, now_s=now_s, height=height))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_figures_stand_with_bounds_target_and_verdict() -> None:
    """Where less than half is known the API's text is the bounds: they stand in its place."""
    lines = drawn(board()).splitlines()
    ports = next(line for line in lines if "pon.ports_10g" in line)
    homes = next(line for line in lines if "home.gigabit_access" in line)

    assert "Binzhou   as of 2026-11-24 02:00:00Z, 43 s ago" in lines[0]
    assert [c.strip() for c in ports.split("│")[2:-1]] == [
        "40,112", "40,112 .. 40,160", "40,000", "met",
    ]  # fmt: skip
    assert [c.strip() for c in homes.split("│")[2:-1]] == [
        BOUNDS, "93.10% .. 99.80%", "100.00%", "MISSED",
    ]  # fmt: skip
    assert "no alarm" in drawn(board())


@given(share=st.floats(0, 1), target=st.none() | st.integers(0, 10_000).map(lambda n: n / 10_000))
@example(share=0.99999, target=1.0)
@example(share=0.00001, target=None)
def test_a_share_is_cut_as_the_api_cuts_it(share: float, target: float | None) -> None:
    assert amount(share, "ratio", target) == percentage(share, target)


def test_on_a_low_screen_figures_with_a_target_stay_and_the_count_says_so() -> None:
    shown = WatchBoard(SystemReading({**card(20), "items": card(20)["items"][::-1]}))
    text = drawn(shown, height=20)

    assert "5 of 22 figures" in text
    assert "pon.ports_10g" in text
    assert "home.gigabit_access" in text
    assert "22 of 22 figures" in drawn(shown, height=None)


def test_an_old_evaluation_and_an_api_that_is_away_are_said() -> None:
    shown = board(trouble="/api/v1/scorecard: TimeoutError: timed out")

    assert "NOTHING NEW" not in drawn(shown, now_s=200.0)
    head = drawn(shown, now_s=400.0).splitlines()[0]
    assert "NOTHING NEW" in head
    assert "API: /api/v1/scorecard" in head
    assert drawn(WatchBoard()).startswith("no evaluation yet")


def test_both_languages_have_every_word() -> None:
    assert WORDS["zh"].keys() == WORDS["en"].keys()
    text = drawn(board(alarm(1, homes=12)), "zh")

    assert all(word in text for word in ("滨州市", "截至", "达标", "未达标", "户数", "告警1"))
    assert "0 .. 12" in text


def test_alarms_stand_by_households_and_calls_for_help_first() -> None:
    shown = board(
        alarm(1, homes=10), alarm(2, "warning", homes=900), alarm(3, "critical"),
        alarm(4, "critical", isLifeSafety=True),
    )  # fmt: skip

    assert [int(a["id"], 16) for a in shown.alarms] == [4, 2, 1, 3]


def test_keys_move_filter_acknowledge_and_quit() -> None:
    shown = board(*(alarm(n, "major" if n < 3 else "warning", 100 - n) for n in range(5)))

    def chosen() -> int:
        return int(shown.alarms[shown.row]["id"], 16)

    for key in keys_of("jj\x1b[B\x1bOB\x1b[Bj"):
        assert shown.press(key) == KeyAct("")
    assert chosen() == 4
    shown.press("k")
    shown.press("up")
    assert chosen() == 2
    assert shown.press("a") == KeyAct("acknowledge", f"{2:016x}")
    shown.press("f")
    assert (shown.filter, shown.row) == ("critical", -1)
    assert shown.press("a") == KeyAct("")
    shown.press("f")
    assert len(shown.alarms) == 3
    assert chosen() == 2
    assert shown.press("q") == KeyAct("quit")


def test_the_chosen_alarm_stays_chosen_when_others_come_before_it() -> None:
    shown = board(alarm(1, homes=50), alarm(2, homes=10))
    shown.press("j")
    shown.take(SystemReading(card(), (alarm(9, homes=99), alarm(2, homes=10)), 2))

    assert shown.alarms[shown.row]["id"] == f"{2:016x}"
    shown.take(SystemReading(card(), (alarm(9, homes=99),), 1))
    assert shown.row == 0


@pytest.mark.parametrize("text", ["\x1b", "\x1b[", "\x1b[5~", "\x1b[1;5C", "\x1bOP"])
def test_other_sequences_mean_nothing(text: str) -> None:
    assert keys_of(text) == []
    assert keys_of(text + "\x1b[Aj")[-2:] == ["up", "j"]


@pytest.mark.parametrize("height", [10, 24, 60])
def test_it_fits_the_screen_and_shows_the_chosen_row(height: int) -> None:
    shown = WatchBoard(
        SystemReading(card(30), tuple(alarm(n, homes=1000 - n) for n in range(200)), 200)
    )
    for _ in range(150):
        shown.press("j")
    text = drawn(shown, height=height)

    assert "alarm 150" in text
    assert len(text.splitlines()) <= max(height, 18)


def test_texts_bring_no_markup_and_no_control_characters() -> None:
    text = drawn(board(alarm(1, alarmDetails={"zh": "", "en": "[bold]x[/bold]\x1b[2J"})))

    assert "[bold]x[/bold]?[2J" in text


class _Api(QuietHandler):
    asked: ClassVar[list[tuple[str, str, int]]] = []
    alarms: ClassVar[list[dict[str, Any]]] = []

    def respond(self) -> None:
        if self.command == "POST":
            self.body()
            self.alarms[0] = {**self.alarms[0], "operatorState": "ack"}
            self._say(self.alarms[0])
            return
        page = {"items": self.alarms, "total": len(self.alarms), "next_cursor": None}
        self._say(card() if self.path.startswith("/api/v1/scorecard") else page)

    def _say(self, body: object) -> None:
        raw = json.dumps(body).encode()
        etag = f'W/"{hash(raw)}"'
        status = 200 if self.headers["Authorization"] == "Bearer gck_x" else 401
        if self.headers.get("If-None-Match") == etag:
            status, raw = 304, b""
        self.asked.append((self.command, self.path.partition("?")[0], status))
        self.answer(status, raw, {"ETag": etag})


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Api]]:
    _Api.asked.clear()
    _Api.alarms[:] = [alarm(1, homes=12)]
    with http_service(_Api) as url:
        monkeypatch.setenv("GIGACITY_API_KEY", "gck_x")
        monkeypatch.setenv("GIGACITY_API_URL", url)
        yield _Api


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.output


def test_into_a_pipe_it_prints_once(api: type[_Api], monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = run()
    assert (code, "alarm 1" in text, "40,112" in text) == (0, True, True)
    assert "acknowledge" not in text
    api.alarms[:] = [alarm(2, "critical")]
    code, text = run("--once", "--language", "zh")
    assert (code, "告警2" in text) == (1, True)
    code, text = run("--json")
    assert (code, json.loads(text)["alarms"][0]["id"]) == (1, f"{2:016x}")
    monkeypatch.setenv("GIGACITY_API_KEY", "gck_wrong")
    code, text = run()
    assert (code, "401" in text, "gck_wrong" in text) == (2, True, False)


@pytest.fixture
def terminal(api: type[_Api]) -> Iterator[WatchTerminal]:
    found = WatchTerminal()
    yield found
    found.close()


def test_on_a_terminal_it_lives_acknowledges_and_leaves_it_as_it_was(
    terminal: WatchTerminal, api: type[_Api]
) -> None:
    terminal.until("alarm 1")
    assert not terminal.is_restored()
    os.write(terminal.master, b"a")
    terminal.until(": ack")
    os.write(terminal.master, b"q")
    terminal.until("\x1b[?1049l")
    assert terminal.process.wait(10) == 0
    assert terminal.is_restored()
    assert ("POST", f"/api/v1/alarms/{1:016x}/acknowledge", 200) in api.asked


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was(terminal: WatchTerminal, number: int) -> None:
    terminal.until("alarm 1")
    terminal.process.send_signal(number)
    terminal.until("\x1b[?1049l")
    assert terminal.process.wait(10) == 0
    assert terminal.is_restored()


def test_what_did_not_change_costs_a_304(terminal: WatchTerminal, api: type[_Api]) -> None:
    terminal.until("alarm 1")
    end_s = time.monotonic() + 20
    while ("GET", "/api/v1/alarms", 304) not in api.asked and time.monotonic() < end_s:
        time.sleep(0.1)

    assert ("GET", "/api/v1/scorecard", 304) in api.asked
    assert ("GET", "/api/v1/alarms", 304) in api.asked
