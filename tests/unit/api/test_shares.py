"""Fair shares by key: turns, places, work, and attackers who do not read over real sockets."""

import asyncio
import gc
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import repeat
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from gigacity_api.errors import RecomputationCalledOffError
from gigacity_api.evaluator.driver import Driver
from gigacity_api.http import lanes
from gigacity_api.http.bounded import Slots
from gigacity_api.http.context import AS_OF_WAITING, EXPORTS_PER_KEY
from gigacity_api.http.lanes import Lane
from gigacity_api.http.large_answers import PART_BYTES
from gigacity_api.http.problem_types import TOO_MANY_EXPORTS, ApiProblem
from gigacity_api.http.recomputing import in_lane_while_wanted
from gigacity_api.http.routers import exports
from gigacity_api.http.serving.connections import ConnectionLimits
from gigacity_api.http.serving.server import server
from gigacity_api.http.shares import CALLER, KeyShares, ShareSettings
from gigacity_api.keys import hash_key
from gigacity_contract.clock import ManualClock
from tests.support.mqtt_probe import wait_until
from tests.unit.api.conftest import READ_KEY, REPORT_KEY, TICKS, Running, keys_text
from tests.unit.api.test_as_of import path

OTHER_KEY = "gck_other"
AS_OF = 1_799_999_940_000


@pytest.fixture
def two_readers(evaluated: Running, tmp_path: Any) -> Running:
    """Another key that reads."""
    line = f'{{"name": "other", "sha256": "{hash_key(OTHER_KEY)}", "scopes": ["read"]}}\n'
    (tmp_path / "keys.jsonl").write_text(keys_text() + line)
    evaluated.clock.elapsed_s += 60
    return evaluated


def test_keys_take_turns_however_many_requests_one_of_them_has() -> None:
    """Once, the one request waited for all that had come before it."""
    shares, order = KeyShares(ShareSettings(), ManualClock(0)), list[str]()
    go = threading.Event()

    def work(key: str) -> None:
        go.wait(10)
        order.append(key)

    async def ask(lane: Lane, key: str) -> None:
        CALLER.set(key)
        await lane.run(partial(work, key))

    async def main() -> None:
        lane = Lane(1, shares)
        greedy = [asyncio.create_task(ask(lane, "greedy")) for _ in range(9)]
        await asyncio.sleep(0)
        modest = asyncio.create_task(ask(lane, "modest"))
        await asyncio.sleep(0)
        greedy[3].cancel()
        go.set()
        await asyncio.gather(modest, *greedy, return_exceptions=True)

    asyncio.run(main())
    assert order.index("modest") <= 2
    assert len(order) == 9


def long_answer(lane: Lane, parts: Iterable[bytes | None]) -> list[bytes]:
    async def ask() -> list[bytes]:
        return [part async for part in lane.each(parts)]

    return asyncio.run(ask())


def test_a_long_answer_gives_way_to_an_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    """It took its turns with the evaluation, which needed three times as long."""
    under_way: list[int | None] = [None]
    lane = Lane(1, KeyShares(ShareSettings(), ManualClock(0)), under_way=lambda: under_way[0])
    waited_s: list[float] = []

    async def looked(seconds: float) -> None:
        waited_s.append(seconds)
        if len(waited_s) == 3:
            under_way[0] = None

    monkeypatch.setattr(lanes, "asyncio", SimpleNamespace(sleep=looked))

    def parts() -> Iterator[bytes]:
        yield b"a"
        yield b""
        under_way[0] = 7
        yield b"b"
        assert under_way[0] is None
        yield b"c"

    assert long_answer(lane, parts()) == [b"a", b"b", b"c"]
    assert len(waited_s) == 3


def test_it_waits_for_one_evaluation_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that does not answer holds the evaluation; the answer must not wait for it."""
    monkeypatch.setattr(lanes, "GIVES_WAY_S", 0.05)
    step = 7
    lane = Lane(1, KeyShares(ShareSettings(), ManualClock(0)), under_way=lambda: step)
    begun_s = time.monotonic()
    assert long_answer(lane, [b"a"] * 50) == [b"a"] * 50
    assert 0.05 <= time.monotonic() - begun_s < 1
    step, begun_s = 8, time.monotonic()
    assert long_answer(lane, [b"a"] * 50) == [b"a"] * 50
    assert 0.05 <= time.monotonic() - begun_s < 1


def test_a_short_answer_waits_for_no_evaluation() -> None:
    lane = Lane(1, KeyShares(ShareSettings(), ManualClock(0)), under_way=lambda: 7)

    async def ask() -> bytes:
        assert await lane.run(lambda: b"b") == b"b"
        return await anext(lane.each([b"a", b"b"]))

    begun_s = time.monotonic()
    assert asyncio.run(ask()) == b"a"
    assert time.monotonic() - begun_s < 1


def test_who_waits_for_a_part_leaves_the_thread_to_others() -> None:
    """Of an export whose process is at work there is nothing to compute."""
    lane = Lane(1, KeyShares(ShareSettings(), ManualClock(0)))
    is_done = False

    def parts() -> Iterator[bytes | None]:
        while not is_done:
            yield None
        yield b"end"

    async def ask() -> list[bytes]:
        nonlocal is_done

        async def read() -> list[bytes]:
            return [part async for part in lane.each(parts())]

        waiting = asyncio.create_task(read())
        for _ in range(20):
            await lane.run(lambda: None)
        is_done = True
        return await waiting

    assert asyncio.run(ask()) == [b"end"]


def test_a_key_has_its_places_and_its_work_and_saves_it_again() -> None:
    clock = ManualClock(0)
    shares = KeyShares(ShareSettings(requests=2, work_s=10, work_share=0.5), clock)
    with shares.request("a"), shares.request("a"):
        with pytest.raises(ApiProblem, match="too-many-requests"), shares.request("a"):
            pass
        with shares.request("b"):
            pass
    shares.charge("a", 10)
    with shares.request("a"):
        shares.charge("a", 5)
    with pytest.raises(ApiProblem, match="work-used-up") as refused, shares.request("a"):
        pass
    assert refused.value.headers == {"Retry-After": "10"}
    with shares.request("b"):
        pass
    clock.elapsed_s += 10
    with shares.request("a"):
        pass


def test_a_key_holds_its_share_of_slots_and_no_more() -> None:
    slots = Slots(3, ApiProblem(TOO_MANY_EXPORTS), per_key=2)
    with slots, slots:
        with pytest.raises(ApiProblem), slots:
            pass
        token = CALLER.set("other")
        with slots:
            assert slots.taken == 3
        CALLER.reset(token)


def test_forty_questions_of_the_past_are_one_and_two_that_wait(
    two_readers: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is refused at once, and whoever else asks has a turn."""
    context = two_readers.app.state.context
    made, go = list[int](), threading.Event()
    make = context.recomputer.at

    def at(as_of_ms: int, wanted: Any) -> Any:
        go.wait(20)
        made.append(as_of_ms)
        return make(as_of_ms, wanted)

    monkeypatch.setattr(context.recomputer, "at", at)

    async def main() -> list[int]:
        transport = httpx.ASGITransport(two_readers.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:

            async def ask(key: str, as_of_ms: int) -> int:
                headers = {"Authorization": f"Bearer {key}"}
                return (await client.get(path("indicators", as_of_ms), headers=headers)).status_code

            greedy = [asyncio.create_task(ask(READ_KEY, AS_OF - n)) for n in range(40)]
            modest = asyncio.create_task(ask(OTHER_KEY, AS_OF - 100))
            refused = 0
            while refused < 40 - 1 - AS_OF_WAITING:
                await asyncio.sleep(0.01)
                refused = sum(task.done() for task in greedy)
            go.set()
            return [await modest, *[await task for task in greedy]]

    modest, *greedy = asyncio.run(main())
    assert modest == 200
    assert sorted(greedy) == [200] * (1 + AS_OF_WAITING) + [429] * (39 - AS_OF_WAITING)
    assert len(made) == 2 + AS_OF_WAITING
    assert made.index(AS_OF - 100) <= 2


def test_who_leaves_the_queue_of_the_past_has_no_turn() -> None:
    shares, made = KeyShares(ShareSettings(), ManualClock(0)), list[str]()

    async def leaves() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def main() -> None:
        lane, go = Lane(1, shares), threading.Event()
        first = asyncio.create_task(lane.run(lambda: go.wait(10)))
        await asyncio.sleep(0)
        request = Request({"type": "http"}, leaves)
        with pytest.raises(RecomputationCalledOffError):
            await in_lane_while_wanted(request, lane, lambda _: made.append("made"))
        go.set()
        await first
        assert await lane.run(lambda: 1) == 1

    asyncio.run(main())
    assert made == []


class Attacked:
    """The whole application over real sockets."""

    def __init__(self, running: Running, write_s: float) -> None:
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self.server = server(running.app, ConnectionLimits(write_s=write_s))
        self._thread = threading.Thread(
            target=lambda: self.server.run(sockets=[self._listener]), daemon=True
        )
        self._thread.start()
        wait_until(lambda: self.server.started, "it serves", timeout_s=10)

    def ask(self, path: str, key: str) -> socket.socket:
        """A request whose answer nobody has read yet."""
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(20)
        client.connect(self._listener.getsockname())
        client.sendall(
            f"GET {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
        )
        return client

    def status(self, path: str, key: str) -> int:
        """The status of an answer."""
        with self.ask(path, key) as client:
            return int(client.recv(12)[9:12])

    def stop(self) -> None:
        """End it."""
        self.server.should_exit = self.server.force_exit = True
        self._thread.join(10)
        self._listener.close()


def test_exports_that_nobody_reads_leave_room_and_end(
    two_readers: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, four of them took every place, for ever."""
    monkeypatch.setattr(exports, "csv_parts", lambda _: repeat(b"x" * PART_BYTES))
    slots, api = two_readers.app.state.context.exports, Attacked(two_readers, 2.0)
    export = "/api/v1/scorecard/export"
    unread = [api.ask(export, READ_KEY) for _ in range(4)]
    try:
        wait_until(lambda: slots.taken == EXPORTS_PER_KEY, "it has its share", timeout_s=10)
        assert api.status("/healthz", "") == 200
        assert api.status(export, READ_KEY) == 429
        assert api.status(export, OTHER_KEY) == 200
        wait_until(lambda: slots.taken == 0, "who does not read is gone", timeout_s=20)
    finally:
        api.stop()
        for client in unread:
            client.close()


def test_streams_of_one_key_leave_room(two_readers: Running) -> None:
    """Once, two hundred of one key were all that there were."""
    slots, api = two_readers.app.state.context.stream.slots, Attacked(two_readers, 2.0)
    listening = [api.ask("/api/v1/stream", READ_KEY) for _ in range(60)]
    try:
        wait_until(lambda: slots.taken == 50, "it has its share", timeout_s=10)
        assert api.status("/api/v1/stream", READ_KEY) == 429
        assert api.status("/api/v1/stream", OTHER_KEY) == 200
        assert api.status("/api/v1/scorecard", READ_KEY) == 200
    finally:
        for client in listening:
            client.close()
        api.stop()


def test_a_page_is_made_in_turns_and_is_whole(two_readers: Running) -> None:
    """A long page of one key lets another's question pass between its pieces."""
    answer = two_readers.get("/api/v1/indicators/device.online/evidence?limit=5000").json()
    assert len(answer["items"]) == answer["total"]
    assert answer["next_cursor"] is None
    assert answer["figure"]["denominator"] == sum(item["weight"] for item in answer["items"])
    assert two_readers.get("/api/v1/reports", REPORT_KEY).status_code in {200, 403}


@pytest.fixture
def unfrozen() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("unfrozen")
def test_what_lives_as_long_as_the_city_is_no_garbage_to_look_for(running: Running) -> None:
    """Formerly a page of 5,000 entries made the collector look through the whole city: 0.3 s."""
    driver = Driver(
        core=running.core, cache=running.cache, settings=TICKS, clock=running.clock,
        metrics=running.metrics,
    )  # fmt: skip
    gc.unfreeze()
    driver.tick()
    driver.tick()
    assert gc.get_freeze_count() > 10_000
