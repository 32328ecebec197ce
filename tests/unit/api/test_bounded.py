"""Streamed answers hold a slot while they are sent: never more than the bound at a time."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gigacity_api.http.bounded import BoundedStream, Slots
from gigacity_api.http.context import EXPORTS_PER_KEY
from gigacity_api.http.problem_types import TOO_MANY_EXPORTS, ApiProblem
from gigacity_api.http.routers import exports
from tests.unit.api.conftest import READ_KEY, Running

FULL = ApiProblem(TOO_MANY_EXPORTS)


def test_more_exports_than_allowed_never_start_however_they_come(
    evaluated: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All look for room at the same moment, before any of them has begun to send."""
    asked, most = EXPORTS_PER_KEY + 3, 0
    slots = evaluated.app.state.context.exports

    def parts(_: Any) -> Iterator[bytes]:
        nonlocal most
        for _ in range(10):
            most = max(most, slots.taken)
            yield b"row"

    monkeypatch.setattr(exports, "csv_parts", parts)

    async def ask() -> list[int]:
        transport = httpx.ASGITransport(evaluated.app)
        headers = {"Authorization": f"Bearer {READ_KEY}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://api", headers=headers
        ) as client:
            found = [client.get("/api/v1/scorecard/export") for _ in range(asked)]
            return sorted([response.status_code for response in await asyncio.gather(*found)])

    assert asyncio.run(ask()) == [200] * EXPORTS_PER_KEY + [429] * 3
    assert most == EXPORTS_PER_KEY


def test_a_slot_is_held_only_while_an_answer_is_sent() -> None:
    slots = Slots(1, FULL)
    taken: list[int] = []

    def parts() -> Iterator[bytes]:
        taken.append(slots.taken)
        yield b"part"

    never_sent, sent = BoundedStream(parts(), slots), BoundedStream(parts(), slots)
    asyncio.run(_send(sent))
    assert (taken, slots.taken) == ([1], 0)
    del never_sent
    asyncio.run(_send(BoundedStream(parts(), slots)))


def test_a_failure_gives_the_slot_back() -> None:
    slots = Slots(1, FULL)

    def parts() -> Iterator[bytes]:
        yield b"part"
        raise ZeroDivisionError

    with pytest.raises((ZeroDivisionError, ExceptionGroup)):
        asyncio.run(_send(BoundedStream(parts(), slots)))
    assert slots.taken == 0


def test_who_finds_no_slot_gets_the_problem_and_nothing_is_sent() -> None:
    slots = Slots(0, FULL)
    with pytest.raises(ApiProblem):
        asyncio.run(_send(BoundedStream([b"part"], slots)))
    assert slots.taken == 0


async def _send(answer: BoundedStream) -> None:
    async def receive() -> dict[str, Any]:
        await asyncio.sleep(30)
        return {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        """Take it."""

    await answer({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, send)
