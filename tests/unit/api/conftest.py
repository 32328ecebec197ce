"""The hand-written city of ``tests.support.city``, evaluated and served from memory."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gigacity_api.evaluator.alarm_service import AlarmService
from gigacity_api.evaluator.core import EvaluatorCore
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.http.app import create_app
from gigacity_api.http.context import Context
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.keys import hash_key
from gigacity_api.metrics import ApiMetrics
from gigacity_api.reports.log import DeclarationLog
from gigacity_api.storage.key_file import KeyFile
from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_contract.clock import ManualClock
from gigacity_contract.process.logs import configure_logs
from tests.support.city import RETIRED_A, write_city
from tests.unit.api.doubles import FakeCities, FakeStore

READ_KEY = "gck_read"
REPORT_KEY = "gck_report"
BOUNDED_KEY = "gck_county"
OPERATE_KEY = "gck_operate"
TICKS = EvaluationSettings(60, 30)
T = 1_800_000_000_000 // 60_000 * 60_000
"""A evaluation tick."""


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """Traces as the service writes them: the console's show every local, which takes seconds."""
    configure_logs("info")


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The test city, loaded."""
    return load_city(write_city(tmp_path_factory.mktemp("city")))


@pytest.fixture(scope="session")
def inventory(city: City) -> Inventory:
    """Its registered objects."""
    return Inventory(city)


@pytest.fixture
def store() -> FakeStore:
    """An empty database."""
    return FakeStore()


@pytest.fixture
def clock() -> ManualClock:
    """Just after the allowed lateness of T."""
    return ManualClock(T + 30_000)


def report_everything(store: FakeStore, city: City, ts: int) -> None:
    """Every port up with its registered technology; every camera intact, with a picture."""
    for registered in city.ports:
        key = registered.key
        tags = {
            "area": city.olt_by_id[key.olt].area, "olt": key.olt, "slot": str(key.slot),
            "port": str(key.port), "tech": registered.tech,
        }  # fmt: skip
        store.put("pon_port", ts, tags, admin="up", oper="up")
    first: dict[str, dict[str, Any]] = {
        "camera": {"intact": True, "picture": True}, "smoke_detector": {"alarm": False},
        "electricity_meter": {"power_kw": 1.0}, "elevator": {"floor": 1},
        "street_light": {"lamp_on": True}, "water_meter": {"valve_open": True},
    }  # fmt: skip
    for row in city.devices.ranges:
        area = city.community_by_code[row.community].area
        for device in row.ids.ids():
            tags = {"area": area, "community": row.community, "device": device}
            store.put(f"device_{row.kind}", ts, tags, **first[row.kind])


@dataclass
class Running:
    """An evaluator and the service over it."""

    core: EvaluatorCore
    cache: PublicationCache
    store: FakeStore
    clock: ManualClock
    app: FastAPI
    metrics: ApiMetrics
    cities: FakeCities
    alarms: AlarmService

    def get(self, path: str, key: str = READ_KEY, **headers: str) -> httpx.Response:
        """A request with a key."""
        return self.ask("GET", path, {"Authorization": f"Bearer {key}", **headers})

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | list[tuple[str, str]] | None = None,
        body: Any = None,
    ) -> httpx.Response:
        """A request, as the application answers it."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await client.request(method, path, headers=headers, json=body)

        return asyncio.run(send())


def keys_text() -> str:
    """Keys that read, report, report within bounds, and act on alarms."""
    return (
        f'{{"name": "board", "sha256": "{hash_key(READ_KEY)}", "scopes": ["read"]}}\n'
        f'{{"name": "office", "sha256": "{hash_key(REPORT_KEY)}", "scopes": ["report"]}}\n'
        f'{{"name": "noc", "sha256": "{hash_key(OPERATE_KEY)}", "scopes": ["operate"]}}\n'
        f'{{"name": "county", "sha256": "{hash_key(BOUNDED_KEY)}", "scopes": ["report"],'
        f' "indicators": ["brain.scenarios"], "codes": ["{RETIRED_A}"]}}\n'
    )


@pytest.fixture
def running(inventory: Inventory, store: FakeStore, clock: ManualClock, tmp_path: Path) -> Running:
    """Nothing evaluated yet."""
    keys_file = tmp_path / "keys.jsonl"
    keys_file.write_text(keys_text())
    cache, metrics = PublicationCache(inventory), ApiMetrics()
    cities = FakeCities(inventory.city)
    alarms = AlarmService(
        store=store, cache=cache, cities=cities, settings=TICKS, clock=clock, metrics=metrics,
        is_leading=True,
    )  # fmt: skip
    core = EvaluatorCore(
        store=store, cache=cache, cities=cities, settings=TICKS, clock=clock, metrics=metrics,
        evaluated=alarms.evaluated,
    )  # fmt: skip
    context = Context.over(
        cache=cache, store=store, cities=cities, keys=KeyFile(keys_file, clock), clock=clock,
        metrics=metrics, evaluation=TICKS, declarations=DeclarationLog(store, clock),
        alarms=alarms,
    )  # fmt: skip
    return Running(core, cache, store, clock, create_app(context), metrics, cities, alarms)


@pytest.fixture
def evaluated(running: Running, city: City) -> Running:
    """Everything has reported, and T is evaluated."""
    report_everything(running.store, city, T - 1000)
    assert running.core.step()
    return running
