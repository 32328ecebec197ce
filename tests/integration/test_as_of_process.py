"""The process that answers questions of the past, as a process: its answers, bounds and end."""

import asyncio
import json
import os
import random
import signal
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from gigacity_api import as_of_service
from gigacity_api.as_of_child import MAX_MEMORY_BYTES
from gigacity_api.as_of_service import past_application
from gigacity_api.http import as_of_process
from gigacity_api.http.app import create_app
from gigacity_api.http.as_of_process import AsOfProcess
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.keys import hash_key
from gigacity_api.settings import ApiSettings
from gigacity_api.storage.city_store import CityStore
from gigacity_api.storage.city_versions import CityVersions
from gigacity_city.files import read_files
from gigacity_city.problems import Problems
from gigacity_contract.access import Secret
from gigacity_contract.clock import SystemClock
from gigacity_contract.local_time import DAY_MS, rfc3339
from gigacity_contract.process.options import secrets_of
from tests.integration.test_api_evaluation import elevator, port, session
from tests.integration.test_api_process import KEY, Api, start
from tests.support.city import AREA_A, write_city
from tests.support.mqtt_probe import wait_until
from tests.support.processes_influx import InfluxServer

pytestmark = pytest.mark.integration

R = TypeVar("R")
NOW = SystemClock().now_ms()
SPAN_MS = 900_000
KEYED = {"Authorization": f"Bearer {KEY}", "X-Request-Id": "one"}


def made(tmp_path: Path, **more: Any) -> ApiSettings:
    """Settings over a city that came into force."""
    keys = tmp_path / "keys.jsonl"
    keys.write_text(json.dumps({"name": "t", "sha256": hash_key(KEY), "scopes": ["read"]}) + "\n")
    usual: dict[str, Any] = {
        "influx_url": "http://127.0.0.1:9", "influx_username": "u", "influx_password": Secret("p"),
        "city": write_city(tmp_path / "city"), "state_dir": tmp_path / "state",
        "api_keys_file": keys,
    }  # fmt: skip
    found = ApiSettings(**(usual | more))
    CityVersions(found.city, found.state_dir, SystemClock())
    return found


class Both:
    """The same application twice: the past made here, and by the process."""

    def __init__(self, settings: ApiSettings, here: FastAPI) -> None:
        self.process = AsOfProcess(as_of_service.MODULE, as_of_service.given(settings))
        self.here = here
        self.there = create_app(replace(here.state.context, as_of_process=self.process))
        self._loop = asyncio.new_event_loop()

    def run(self, work: Callable[[], Awaitable[R]]) -> R:
        """In the one loop that the process knows."""
        return self._loop.run_until_complete(work())

    async def get(self, app: FastAPI, address: str, **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
            return await client.get(address, headers=KEYED | headers)

    def ask(self, address: str, **headers: str) -> httpx.Response:
        """What the process answers."""
        return self.run(lambda: self.get(self.there, address, **headers))

    def ask_here(self, address: str, **headers: str) -> httpx.Response:
        """What is answered without it."""
        return self.run(lambda: self.get(self.here, address, **headers))

    def close(self) -> None:
        self.process.stop()
        self._loop.close()


def both_over(settings: ApiSettings) -> Iterator[Both]:
    with past_application(settings, SystemClock()) as here:
        found = Both(settings, here)
        yield found
        found.close()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Both]:
    """Without a database: what needs one is answered 503."""
    yield from both_over(made(tmp_path))


@pytest.fixture
def reported(database: InfluxServer, tmp_path: Path) -> Iterator[Both]:
    """Ports that go up and down, an elevator that comes and goes: by chance, for 15 minutes."""
    dice, lines = random.Random(7), list[bytes]()  # noqa: S311 - no secret
    for at in range(NOW - SPAN_MS - 300_000, NOW, 20_000):
        ports = [port(n, at + n, dice.choice(["up", "up", "down"])) for n in range(8)]
        lines += [line for line in ports if dice.random() < 0.3]
        if dice.random() < 0.3:
            lines.append(elevator(at, floor=dice.randint(1, 9)))
    assert database.write(b"\n".join(lines), rp="raw").status == 204
    begun = NOW - SPAN_MS
    lived = session(begun, online_ms=begun, ended_ms=begun + SPAN_MS // 2)
    assert database.write(lived, rp="forever").status == 204
    env = database.env("api")
    secrets = secrets_of(ApiSettings, env)
    settings = made(
        tmp_path, influx_url=env["GIGACITY_INFLUX_URL"],
        influx_bucket=env["GIGACITY_INFLUX_BUCKET"],
        influx_username=env.get("GIGACITY_INFLUX_USERNAME", ""), **secrets,
    )  # fmt: skip
    yield from both_over(settings)


def path(what: str, at_ms: int, more: str = "") -> str:
    return f"/api/v1/as-of/{what}?as_of={quote(rfc3339(at_ms))}{more}"


def said(found: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    return found.status_code, dict(found.headers), found.content


def test_whatever_is_asked_the_process_answers_what_is_answered_here(reported: Both) -> None:
    @given(
        before_ms=st.integers(30_000, SPAN_MS), indicator=st.sampled_from(sorted(REGISTRY)),
        scope=st.sampled_from(["city", "area"]), is_packed=st.booleans(),
    )  # fmt: skip
    @hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def ask(before_ms: int, indicator: str, scope: str, *, is_packed: bool) -> None:
        at_ms, code = NOW - before_ms, "" if scope == "city" else f"&code={AREA_A}"
        headers = {"Accept-Encoding": "gzip" if is_packed else "identity"}
        for address in (
            path("indicators", at_ms, f"&limit=5000&scope={scope}"),
            path(f"indicators/{indicator}/evidence", at_ms, f"&scope={scope}{code}&limit=5000"),
        ):
            here, there = (of(address, **headers) for of in (reported.ask_here, reported.ask))
            # A list of more than a page has a cursor, which names the recomputation of its process.
            assert "next_cursor" not in here.json() or here.json()["next_cursor"] is None
            assert said(there) == said(here)

    ask()
    assert reported.ask(path("indicators", NOW - 60_000)).status_code == 200


def test_it_is_bounded_and_gives_way(alone: Both) -> None:
    assert alone.ask(path("indicators", NOW - 60_000)).status_code == 503
    folder = Path(f"/proc/{alone.process.pid}")
    limits = (folder / "limits").read_text()
    space = next(line for line in limits.splitlines() if line.startswith("Max address space"))
    assert space.split()[3:5] == [str(MAX_MEMORY_BYTES)] * 2
    assert (folder / "oom_score_adj").read_text().strip() == "1000"
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, alone.process.pid or 0) == min(19, ours + 5)
    shown = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
    assert b"GIGACITY" not in shown


def test_the_same_process_answers_until_nobody_asks(
    alone: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone.ask(path("indicators", NOW - 60_000))
    first = alone.process.pid
    monkeypatch.setattr(as_of_process, "IDLE_S", 0.05)
    alone.ask(path("indicators", NOW - 60_000))
    assert alone.process.pid == first
    alone.run(lambda: asyncio.sleep(0.2))
    assert alone.process.pid is None
    assert alone.ask(path("indicators", NOW + DAY_MS)).status_code == 422


def test_one_that_was_killed_is_replaced(alone: Both) -> None:
    alone.ask(path("indicators", NOW - 60_000))
    first = alone.process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: alone.process.pid is None, "it is gone")
    assert alone.ask(path("indicators", NOW + DAY_MS)).status_code == 422
    assert alone.process.pid not in {None, first}


def test_one_that_is_stuck_is_replaced(alone: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, callers waited until they gave up, and nothing took its place."""
    alone.ask(path("indicators", NOW - 60_000))
    first = alone.process.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    with monkeypatch.context() as hurried:
        hurried.setattr(as_of_process, "TAKEN_WITHIN_S", 0.5)
        answer = alone.ask(path("indicators", NOW - 60_000))
    assert answer.json()["type"] == "urn:gigacity:problem:as-of-called-off"
    assert (answer.status_code, alone.process.pid) == (503, None)
    assert alone.ask(path("indicators", NOW + DAY_MS)).status_code == 422
    assert alone.process.pid not in {None, first}


def test_a_question_that_is_not_handed_over_ends_nothing(alone: Both) -> None:
    """Where too many files are open, the kernel passes the byte on and drops the socket."""
    alone.ask(path("indicators", NOW - 60_000))
    first, control = alone.process.pid, alone.process._child._control
    assert control is not None
    control.send(b"?")
    assert alone.ask(path("indicators", NOW + DAY_MS)).status_code == 422
    assert alone.process.pid == first


def test_another_city_version_is_taken(reported: Both, tmp_path: Path) -> None:
    """The serving process keeps it, and the process finds it."""
    before = reported.ask(path("indicators", NOW - 60_000, "&scope=city")).json()
    table = tmp_path / "city" / "communities.csv"
    table.write_text(table.read_text() + "\n")
    problems = Problems()
    files = read_files(tmp_path / "city", problems)
    assert not problems
    CityStore(tmp_path / "state").put_in_force(files, NOW - 50_000)
    after = reported.ask(path("indicators", NOW - 45_000, "&scope=city")).json()
    again = reported.ask(path("indicators", NOW - 60_000, "&scope=city")).json()
    versions = [page["items"][0]["city_version"] for page in (before, after, again)]
    assert versions == [versions[0], files.version, versions[0]]
    assert files.version != versions[0]


def test_what_is_lost_of_the_newest_city_version_costs_its_own_instants_alone(
    reported: Both, tmp_path: Path
) -> None:
    """Once, the process did not start, and no question of the past was answered."""
    table = tmp_path / "city" / "communities.csv"
    table.write_text(table.read_text() + "\n")
    problems = Problems()
    files = read_files(tmp_path / "city", problems)
    CityStore(tmp_path / "state").put_in_force(files, NOW - 50_000)
    (tmp_path / "state" / "city" / files.version / "communities.csv").write_bytes(b"x")
    lost = reported.ask(path("indicators", NOW - 45_000))
    assert (lost.status_code, files.version in lost.json()["detail"]) == (422, True)
    assert lost.json()["type"] == "urn:gigacity:problem:as-of-out-of-range"
    assert reported.ask(path("indicators", NOW - 60_000)).status_code == 200


def test_a_keys_file_that_became_wrong_costs_no_question(alone: Both, tmp_path: Path) -> None:
    """The keys that were in force before still are, where they are asked for."""
    (tmp_path / "keys.jsonl").write_text("{not json\n")
    assert alone.ask(path("indicators", NOW + DAY_MS)).status_code == 422


@pytest.fixture
def api(database: InfluxServer, tmp_path: Path) -> Iterator[Api]:
    running = start(database, tmp_path)
    wait_until(lambda: running.get("/readyz")[0] == 200, "the API is ready", timeout_s=30)
    yield running
    running.process.kill()
    running.process.wait()


def child_of(pid: int) -> int:
    """The process that answers for an API."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == pid and as_of_service.MODULE.encode() in command:
            return int(folder.name)
    pytest.fail("there is none")


def test_the_api_mends_what_the_process_will_read(api: Api, tmp_path: Path) -> None:
    """A copy that was damaged, and a keys file that became wrong, took the whole past with them."""
    copies = list((tmp_path / "state" / "city").glob("*/communities.csv"))
    for copy in copies:
        copy.write_bytes(b"x")
    (tmp_path / "keys.jsonl").write_text("{not json\n")
    status, page = api.get(path("indicators", SystemClock().now_ms() - 2000), KEY)
    assert (status, page["total"] > 10, len(copies)) == (200, True, 1)
    assert copies[0].read_bytes() != b"x"

    def warned() -> bool:
        api.get("/api/v1/indicators?limit=1", KEY)  # Who asks for a key looks at the file.
        return any("keys.jsonl" in text for text in api.get("/readyz")[1]["warnings"])

    wait_until(warned, "the keys file is named", timeout_s=20)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_the_api_however_that_ends(api: Api, how: signal.Signals) -> None:
    status, page = api.get(path("indicators", SystemClock().now_ms() - 2000), KEY)
    assert (status, page["total"] > 10) == (200, True)
    child = child_of(api.process.pid)
    api.process.send_signal(how)
    api.process.wait(timeout=20)
    wait_until(lambda: not Path(f"/proc/{child}").exists(), "it ends, too")
