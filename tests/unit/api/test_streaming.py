"""The stream: newest first, then every new one; goes on after the last event; bounded."""

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest

from gigacity_api.evaluator.board import Board, Publication
from gigacity_api.streaming import Stream, StreamSettings, parse_event_id
from tests.unit.api.conftest import GRID, READ_KEY, Running, T

GRID_MS = GRID.grid_ms


@pytest.fixture
def stream(evaluated: Running) -> Stream:
    return Stream(evaluated.board, GRID_MS, StreamSettings(look_s=0, heartbeat_s=1e9))


async def take(events: AsyncGenerator[bytes, None], count: int) -> list[bytes]:
    found = [await anext(events) for _ in range(count)]
    await events.aclose()
    return found


def publish(board: Board, as_of_ms: int, revision: int = 0) -> None:
    newest = board.newest()
    assert newest is not None
    board.put(
        Publication(as_of_ms, newest.city_version, revision, newest.figures, newest.universe, None)
    )


def ids(events: list[bytes]) -> list[str]:
    return [e.split(b"\n")[0].decode() for e in events if e.startswith(b"id:")]


def test_the_newest_evaluation_comes_at_once(stream: Stream) -> None:
    retry, event = asyncio.run(take(stream.events(""), 2))
    assert retry == b"retry: 3000\n\n"
    head, kind, data, *_ = event.decode().split("\n")
    assert (head, kind) == (f"id: {T}-0", "event: evaluation")
    body = json.loads(data.removeprefix("data: "))
    assert body["as_of_ms"] == T
    assert {f["scope"] for f in body["figures"]} == {"city"}
    assert event.endswith(b"\n\n")


def test_a_new_evaluation_or_revision_is_the_next_event(stream: Stream, evaluated: Running) -> None:
    async def follow() -> list[bytes]:
        events = stream.events("")
        found = [await anext(events), await anext(events)]
        publish(evaluated.board, T + GRID_MS)
        found.append(await anext(events))
        publish(evaluated.board, T + GRID_MS, 1)
        return [*found, *await take(events, 1)]

    found = asyncio.run(follow())
    assert ids(found) == [f"id: {T}-0", f"id: {T + GRID_MS}-0", f"id: {T + GRID_MS}-1"]


def test_it_goes_on_after_the_last_event_as_far_as_evaluations_are_kept(
    stream: Stream, evaluated: Running
) -> None:
    for step in (1, 2, 3):
        publish(evaluated.board, T + step * GRID_MS)
    found = asyncio.run(take(stream.events(f"{T}-0"), 4))
    assert ids(found) == [f"id: {T + step * GRID_MS}-0" for step in (1, 2, 3)]
    assert ids(asyncio.run(take(stream.events("1-0"), 3)))[-1] != f"id: {T + 3 * GRID_MS}-0"


@pytest.mark.parametrize("last", ["", "x", "1", "-", "1-x", "²-1", "9" * 400 + "-1"])
def test_an_unknown_last_event_begins_with_the_newest(stream: Stream, last: str) -> None:
    assert parse_event_id(last) is None
    assert ids(asyncio.run(take(stream.events(last), 2))) == [f"id: {T}-0"]


def test_silence_is_broken_by_a_comment(evaluated: Running) -> None:
    stream = Stream(evaluated.board, GRID_MS, StreamSettings(look_s=0.001, heartbeat_s=0.002))
    found = asyncio.run(take(stream.events(f"{T}-0"), 3))
    assert found[1:] == [b": nothing new\n\n"] * 2


def test_subscribers_are_counted_while_they_listen(evaluated: Running) -> None:
    stream = Stream(evaluated.board, GRID_MS, StreamSettings(max_subscribers=1, look_s=0))

    async def listen() -> tuple[bool, bool]:
        events = stream.events("")
        await anext(events)
        full = stream.is_full
        await events.aclose()
        return full, stream.is_full

    assert asyncio.run(listen()) == (True, False)


def test_one_subscriber_too_many_is_turned_away(evaluated: Running) -> None:
    evaluated.app.state.context.stream.subscribers = 200
    response = evaluated.get("/api/v1/stream", READ_KEY)
    assert response.status_code == 429
    assert response.headers["retry-after"] == "30"
