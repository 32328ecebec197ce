"""The stream of visitors tells that there is something new, and is bounded."""

import asyncio

import pytest

from gigacity_api.http.bounded import Slots
from gigacity_api.http.problem_types import PUBLIC_BUSY, ApiProblem
from gigacity_api.http.streaming.page_events import PageEvents
from tests.unit.api.conftest import Running, T


def test_it_says_only_that_there_is_an_evaluation(opened: Running) -> None:
    events = PageEvents(opened.cache, Slots(1, ApiProblem(PUBLIC_BUSY)))

    async def first(count: int) -> list[bytes]:
        stream = events.events()
        return [await anext(stream) for _ in range(count)]

    assert asyncio.run(first(2)) == [
        b"retry: 5000\n\n", f"event: evaluation\ndata: {T}-0\n\n".encode(),
    ]  # fmt: skip


def test_who_finds_no_place_is_told_when_to_come_again(opened: Running) -> None:
    slots = opened.app.state.context.site.events.slots
    slots.taken = 200
    answer = opened.ask("GET", "/live")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert answer.json()["type"].endswith("public-busy")


def test_a_visitor_needs_no_key_and_gets_none_of_the_others(opened: Running) -> None:
    """The stream with figures still asks for one."""
    assert opened.ask("GET", "/api/v1/stream").status_code == 401
    with pytest.raises(ApiProblem), Slots(0, ApiProblem(PUBLIC_BUSY)):
        pass
