import io
import re
from typing import Any

import pytest
from rich.console import Console

from gigacity_deploy.demo.scoreboard import Scoreboard, plain_line, render, shown
from gigacity_deploy.demo.watch import DemoSnapshot


def _figure(indicator: str, **changes: Any) -> dict[str, Any]:
    return {
        "indicator": indicator, "name": {"zh": "端口数", "en": "ports"}, "unit": "count",
        "value": 1288.0, "lower": 1280.0, "upper": 1300.0,
        "display": "value", "display_text": "1,288", "target": 1600.0, "verdict": "missed",
        "known_in": 1288, "known_out": 300, "unknown": 12,
    } | changes  # fmt: skip


LEDGER: dict[str, Any] = {
    "messages": {"received": 5000, "acknowledged": 4990, "unacknowledged": 10},
    "points": {
        "decoded": 70, "spooled_at_start": 1, "withdrawn": 2, "confirmed": 60, "dead_lettered": 3,
        "spooled": 4, "in_flight": 6,
    },
    "balanced": True,
}  # fmt: skip
SNAPSHOT = DemoSnapshot(
    figures=[_figure("pon.ports_10g"), _figure("device.online.camera", target=None)],
    ledger=LEDGER,
    stats={"connected": 171},
)


def _text(snapshot: DemoSnapshot, *, height: int = 50, note: str = "") -> str:
    console = Console(width=160, file=io.StringIO(), record=True)
    console.print(render(snapshot, 12.0, note, height=height))
    return console.export_text()


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(None, "ratio", "-"), (0.9766, "ratio", "97.66%"), (40_000.0, "count", "40,000")],
)
def test_figures_are_shown_as_people_read_them(value: float | None, unit: str, text: str) -> None:
    assert shown(value, unit) == text


def test_the_board_shows_value_bounds_target_verdict_and_ledgers() -> None:
    text = _text(SNAPSHOT, note="InfluxDB is stopped")
    for part in (
        "端口数", "1,288", "1,280 .. 1,300", "1,600", "missed", "1,288 / 300 / 12", "171 clients",
        "5,000 received = 4,990 acknowledged + 10 unacknowledged", "60 confirmed", "balanced",
        "InfluxDB is stopped",
    ):  # fmt: skip
        assert part in text


def test_where_little_is_known_the_bounds_stand_in_the_values_place() -> None:
    """39 homes are known to be out of 1,000: not "0.00%, missed"."""
    homes = _figure(
        "home.gigabit_access", unit="ratio", value=0.0, lower=0.0, upper=0.961, target=1.0,
        display="bounds", display_text="0.00% .. 96.10%", known_in=0, known_out=39, unknown=961,
    )  # fmt: skip
    for text in (_text(DemoSnapshot(figures=[homes])), plain_line(DemoSnapshot([homes]), 0.0)):
        assert "0.00% .. 96.10%" in text
        assert "missed" in text
        assert not re.search(r"(?<!\d)0\.00%(?! \.\.)", text)


def test_a_ledger_out_of_balance_cannot_be_overlooked() -> None:
    assert "NOT BALANCED" in _text(DemoSnapshot(ledger=LEDGER | {"balanced": False}))


def test_a_worker_that_does_not_answer_is_said() -> None:
    assert "worker: refused" in _text(DemoSnapshot(worker_trouble="refused"))


def test_figures_by_kind_are_left_out_on_a_low_screen() -> None:
    low = SNAPSHOT.figures * 12
    assert _text(DemoSnapshot(figures=low), height=50).count("端口数") == 24
    assert _text(DemoSnapshot(figures=low), height=24).count("端口数") == 12


def test_a_pipe_gets_plain_lines_every_few_seconds_and_the_links_first() -> None:
    out = io.StringIO()
    console = Console(file=out, width=80)
    links = ["API      http://127.0.0.1:1/docs", "publish a reading yourself:"]
    board = Scoreboard(console, links)
    board.open()
    for tenth in range(100):
        board.show(SNAPSHOT, tenth / 10, "")
    board.close()
    lines = out.getvalue().splitlines()
    assert lines[: len(links)] == links
    assert len(lines) - len(links) == 2
    assert "pon.ports_10g 1,288 (missed)" in lines[-1]
    assert "device.online.camera" not in plain_line(SNAPSHOT, 0.0)
