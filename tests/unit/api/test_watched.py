"""What ``gigacity watch`` draws of what the API really says."""

import io

import pytest
from rich.console import Console

from gigacity_deploy.watching.board import SystemReading, WatchBoard
from gigacity_deploy.watching.drawing import draw
from tests.unit.api.alarms import ALARM, call_for_help
from tests.unit.api.conftest import Running


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figures_and_alarms_of_the_api_are_drawn(evaluated: Running, language: str) -> None:
    call_for_help(evaluated)
    card = evaluated.get("/api/v1/scorecard").json()
    page = evaluated.get("/api/v1/alarms?state=open").json()
    board = WatchBoard(SystemReading(card, tuple(page["items"]), page["total"], known_at_s=0.0))
    console = Console(file=io.StringIO(), width=160)
    console.print(draw(board, language, now_s=0.0, height=None))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()

    assert ALARM[:8] in text
    for item in card["items"]:
        assert item["figure"]["display_text"] in text
        assert item["figure"]["name"][language][:20] in text
