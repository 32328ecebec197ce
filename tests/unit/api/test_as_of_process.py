"""Questions of the past that another process answers: over the wire, every answer is the same.

The process is played by its own code, at the other end of a socket in this one;
``tests/integration/test_as_of_process.py`` has the real one.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from gigacity_api.as_of_service import answer
from gigacity_api.errors import StoreUnavailableError
from gigacity_api.http import as_of_process, child_handle
from gigacity_api.http.app import create_app
from gigacity_api.http.as_of_process import AsOfProcess
from gigacity_api.http.asgi_frames import receive_message, send_message
from gigacity_api.http.callers import LetInKeys, named
from gigacity_api.http.child_handle import ChildHandle
from gigacity_api.http.context import Context
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.storage.queries.query import Query
from gigacity_contract.local_time import rfc3339
from tests.support.city import AREA_A
from tests.support.mqtt_probe import wait_until
from tests.unit.api.conftest import READ_KEY, Running, T
from tests.unit.api.doubles import FakeStore
from tests.unit.api.test_as_of import MINUTE, moment, path, put_port, step_at

R = TypeVar("R")


class _NearProcess(AsOfProcess):
    """Its process is a task of this loop."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__("nothing", b"")
        self._app = create_app(replace(app.state.context, keys=LetInKeys()))
        self.tasks: list[asyncio.Task[None]] = []

    def _connected(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        self.tasks.append(asyncio.get_running_loop().create_task(answer(self._app, theirs)))
        return ours


class _GoneProcess(AsOfProcess):
    """It ends instead of answering."""

    def _connected(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        theirs.close()
        return ours


def over(running: Running, process: AsOfProcess) -> FastAPI:
    """The application that has its past from a process."""
    context: Context = running.app.state.context
    return create_app(replace(context, as_of_process=process))


def ask(app: FastAPI, address: str, **headers: str) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return await client.get(address, headers=headers)

    return asyncio.run(send())


KEYED = {"Authorization": f"Bearer {READ_KEY}", "X-Request-Id": "one"}


def both(running: Running, address: str, **headers: str) -> tuple[httpx.Response, httpx.Response]:
    here = ask(running.app, address, **KEYED, **headers)
    return here, ask(over(running, _NearProcess(running.app)), address, **KEYED, **headers)


def said(found: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    return found.status_code, dict(found.headers), found.content


@pytest.fixture
def past(evaluated: Running) -> Running:
    put_port(evaluated.store, T + 2 * MINUTE, "down")
    for number in range(1, 4):
        step_at(evaluated, T + number * MINUTE)
    return evaluated


EVIDENCE = "indicators/pon.ports_10g/evidence"


@pytest.mark.parametrize(
    "address",
    [
        path("indicators", T), path("indicators", T + 1, "&limit=7"),
        path(EVIDENCE, T + 2 * MINUTE, f"&scope=area&code={AREA_A}&verdict=out"),
        path("differences", T + MINUTE), path("differences", T + 1),
        path("indicators", T - 40 * 86_400_000), path("indicators", T, "&indicator=none"),
        path("indicators", T, "&unheard=of"), path("indicators", T, "&cursor=x"),
        "/api/v1/as-of/indicators", "/api/v1/as-of/indicators?as_of=yesterday",
        path("indicators/none/evidence", T), path(EVIDENCE, T, "&scope=area&code=1"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("language", "packing"), [("en", "gzip"), ("zh", "identity")])
def test_every_answer_and_every_problem_is_the_same(
    past: Running, address: str, language: str, packing: str
) -> None:
    packed = {"Accept-Language": language, "Accept-Encoding": packing}
    here, there = both(past, address, **packed)
    assert said(there) == said(here)
    tag = here.headers.get("etag")
    if tag:
        assert here.status_code == 200
        again, once_more = both(past, address, **{"If-None-Match": tag})
        assert (once_more.status_code, said(once_more)) == (304, said(again))


@given(
    after_ms=st.integers(0, 3 * MINUTE), indicator=st.sampled_from(sorted(REGISTRY)),
    scope=st.sampled_from(["city", "area", "community", "olt"]),
    verdict=st.sampled_from(["", "&verdict=in", "&verdict=out", "&verdict=unknown"]),
    limit=st.integers(1, 60),
)  # fmt: skip
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_the_bytes_are_the_same(
    past: Running, after_ms: int, indicator: str, scope: str, verdict: str, limit: int
) -> None:
    code = {"city": "", "area": f"&code={AREA_A}"}.get(scope, "&code=olt-a")
    evidence = path(f"indicators/{indicator}/evidence", T + after_ms)
    for address in (
        f"{evidence}&scope={scope}{code}{verdict}&limit={limit}",
        path("indicators", T + after_ms, f"&indicator={indicator}&scope={scope}&limit={limit}"),
    ):
        here, there = both(past, address)
        assert said(there) == said(here)


def test_the_pages_of_a_list_come_from_the_process(past: Running) -> None:
    """The serving process keeps no recomputation: it hands cursors over as they are."""
    app = over(past, _NearProcess(past.app))
    address, seen = path("indicators", T, "&limit=10"), []
    while address:
        page = ask(app, address, **KEYED).json()
        seen += page["items"]
        following = page["next_cursor"]
        address = path("indicators", T, f"&limit=10&cursor={following}") if following else ""
    assert len(seen) == page["total"] > 10


def test_a_key_is_asked_for_before_anything_is_passed_on(past: Running) -> None:
    process = _NearProcess(past.app)
    app = over(past, process)
    for headers, status in (({}, 401), ({"Authorization": "Bearer gck_wrong"}, 401)):
        assert ask(app, path("indicators", T), **headers).status_code == status
    assert process.tasks == []


def test_what_was_published_then_needs_no_process(past: Running) -> None:
    process = _GoneProcess("nothing", b"")
    address = f"/api/v1/as-of/published?published_at={moment(T + MINUTE)}"
    assert ask(over(past, process), address, **KEYED).status_code == 200


def test_a_process_that_ends_is_a_problem_that_says_so(past: Running) -> None:
    app = over(past, _GoneProcess("nothing", b""))
    found = ask(app, path("indicators", T), **KEYED)
    assert (found.status_code, found.headers["retry-after"]) == (503, "30")
    assert found.json()["type"] == "urn:gigacity:problem:as-of-called-off"


def test_who_asks_is_named_and_no_key_is_passed_on(past: Running) -> None:
    """The process would refuse a key that is in force here, were its keys file wrong meanwhile."""
    seen: list[tuple[bytes, bytes]] = []

    class Listening(_NearProcess):
        def _connected(self) -> socket.socket:
            ours, theirs = socket.socketpair()

            async def listen() -> None:
                reader, writer = await asyncio.open_connection(sock=theirs)
                question = await receive_message(reader)
                assert question is not None
                seen.extend(tuple(header) for header in question["headers"])
                writer.close()

            self.tasks.append(asyncio.get_running_loop().create_task(listen()))
            return ours

    ask(over(past, Listening(past.app)), path("indicators", T), **KEYED)
    assert (b"authorization", b"Bearer board") in seen
    assert READ_KEY.encode() not in b"".join(value for _, value in seen)


@pytest.mark.parametrize("name", ["board", "市政 大屏", "a b/c%"])
def test_a_key_has_its_own_name_in_the_process(name: str) -> None:
    _, value = named(name)
    scheme, _, presented = value.decode("ascii").partition(" ")
    found = LetInKeys().find(presented)
    assert found is not None
    assert (scheme, found.name) == ("Bearer", name)


class _CountedChild(ChildHandle):
    """Counts its starts."""

    starts = 0

    def _begin(self) -> None:
        self.starts += 1
        super()._begin()


def test_a_process_that_does_not_start_is_tried_after_pauses_and_said_so(past: Running) -> None:
    """Once, each second question began another one that was bound to fail, for a second each."""
    process, prepared = AsOfProcess("gigacity_api.no_such_module", b"", lambda: None), []
    process._child = child = _CountedChild("gigacity_api.no_such_module", b"")
    process._prepare = lambda: prepared.append(1)
    app = over(past, process)
    for _ in range(5):
        found = ask(app, path("indicators", T), **KEYED)
        assert (found.status_code, found.headers["retry-after"]) == (503, "30")
        assert "does not start; it is tried again in " in found.json()["detail"]
    assert (child.starts, len(prepared)) == (1, 1)
    process.stop()


def test_pauses_between_starts_grow_and_end_with_one_that_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now_s = 1000.0
    monkeypatch.setattr(child_handle, "time", SimpleNamespace(monotonic=lambda: now_s))
    child, (ours, theirs) = ChildHandle("gigacity_api.no_such_module", b""), socket.socketpair()
    pauses = []
    for _ in range(8):
        with suppress(BrokenPipeError):  # It may have ended before it is given anything.
            child.hand_over(theirs)
        wait_until(lambda: child.pid is None, "it has ended")
        pauses.append(child.wait_s())
        now_s += child.wait_s()
        assert child.wait_s() == 0
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    with suppress(BrokenPipeError):
        child.hand_over(theirs)
    child.works()
    wait_until(lambda: child.pid is None, "it has ended")
    assert child.wait_s() == 0
    child.end()
    ours.close()
    theirs.close()


def test_one_that_cannot_be_told_its_settings_is_no_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It lived on, and the next question was an error of ours."""
    child = ChildHandle("gigacity_api.as_of_child", b"x" * 4)

    class Deaf(socket.socket):
        def sendall(self, *_: Any) -> None:
            raise BrokenPipeError

    pair = socket.socketpair

    def deaf_pair() -> tuple[socket.socket, socket.socket]:
        ours, theirs = pair()
        return Deaf(fileno=ours.detach()), theirs

    with monkeypatch.context() as broken, socket.socket() as question:
        broken.setattr(socket, "socketpair", deaf_pair)
        for _ in range(2):
            with pytest.raises(BrokenPipeError):
                child.hand_over(question)
            assert child.pid is None
    child.end()


def test_nobody_waits_for_a_process_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that hangs in a system call keeps a signal waiting, and kept the event loop waiting."""
    ours, theirs = socket.socketpair()
    child = ChildHandle("gigacity_api.as_of_child", b"")
    child.hand_over(theirs)
    assert child._child is not None
    monkeypatch.setattr(child._child, "kill", lambda: None)
    pid, started_s = child.pid, time.monotonic()
    child.end()
    assert time.monotonic() - started_s < 0.5
    assert child.pid is None
    # Without `_control` it ends by itself, and is waited for.
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), "it is gone", timeout_s=30)
    ours.close()
    theirs.close()


def test_no_more_questions_are_open_than_the_process_may_have_files_for(
    past: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = _NearProcess(past.app)
    monkeypatch.setattr(as_of_process, "MOST_OPEN", 0)
    found = ask(over(past, process), path("indicators", T), **KEYED)
    assert (found.status_code, found.json()["type"]) == (429, "urn:gigacity:problem:as-of-busy")
    monkeypatch.setattr(as_of_process, "MOST_OPEN", 1)
    for _ in range(3):
        assert ask(over(past, process), path("indicators", T), **KEYED).status_code == 200


def test_a_caller_who_has_gone_is_no_fault_of_the_application() -> None:
    """Each one who hung up early once left a stack trace in the log."""

    async def leave() -> None:
        is_gone, sent = asyncio.Event(), []

        async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
            await is_gone.wait()
            for part in (b"a", b"b", b"c"):
                await send({"type": "http.response.body", "body": part, "more_body": True})
                await asyncio.sleep(0.01)
                sent.append(part)

        ours, theirs = socket.socketpair()
        answering = asyncio.create_task(answer(app, theirs))
        _, writer = await asyncio.open_connection(sock=ours)
        await send_message(writer, {"type": "http"})
        await asyncio.sleep(0.01)
        writer.transport.abort()
        await asyncio.sleep(0.01)
        is_gone.set()
        await asyncio.wait_for(answering, 5)
        assert sent == [b"a", b"b", b"c"]

    asyncio.run(leave())


class _EndlessStore(FakeStore):
    """Its rows never end; it knows whether somebody still reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.has_begun, self.is_left = threading.Event(), threading.Event()

    def rows(self, query: Query, row: type[R]) -> Iterator[list[R]]:
        self.has_begun.set()
        try:
            for _ in range(1000):
                yield []
                time.sleep(0.01)
            raise StoreUnavailableError("nobody left")
        finally:
            self.is_left.set()


def test_a_caller_who_leaves_ends_the_reading_in_the_process(past: Running) -> None:
    store, context = _EndlessStore(), past.app.state.context
    there = Context.over(
        cache=past.cache, store=store, cities=past.cities, keys=context.keys, clock=past.clock,
        metrics=past.metrics, evaluation=context.evaluation, declarations=context.declarations,
    )  # fmt: skip
    app = over(past, _NearProcess(create_app(there)))

    async def leave() -> None:
        statuses: list[int] = []

        async def receive() -> dict[str, Any]:
            await asyncio.to_thread(store.has_begun.wait, 5)
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            statuses.append(message.get("status", 0))

        query = f"as_of={rfc3339(T)}".encode()
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": "/api/v1/as-of/indicators", "root_path": "",
            "raw_path": b"/api/v1/as-of/indicators", "query_string": query,
            "headers": [(b"authorization", f"Bearer {READ_KEY}".encode())],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        await asyncio.wait_for(app(scope, receive, send), 5)
        assert statuses[0] == 503
        assert await asyncio.to_thread(store.is_left.wait, 5)

    asyncio.run(leave())
