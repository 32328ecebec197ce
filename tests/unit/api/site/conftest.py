"""The hand-written city with its figures made public."""

from pathlib import Path

import pytest

from gigacity_api.evaluator.core import EvaluatorCore
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.http.app import create_app
from gigacity_api.http.context import Context
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.metrics import ApiMetrics
from gigacity_api.reports.log import DeclarationLog
from gigacity_api.site.public_level import PublicLevel
from gigacity_api.site.public_scope import PublicScope
from gigacity_api.storage.key_file import KeyFile
from gigacity_city.model import City
from gigacity_contract.clock import ManualClock
from tests.unit.api.conftest import TICKS, Running, T, keys_text, report_everything
from tests.unit.api.doubles import FakeCities, FakeStore


def open_city(
    city: City,
    store: FakeStore,
    clock: ManualClock,
    folder: Path,
    level: PublicLevel = PublicLevel.COMMUNITY,
    figures: str = "",
    contact: str = "",
) -> Running:
    """A service over a city of which something is public; nothing is evaluated yet."""
    keys_file = folder / "keys.jsonl"
    keys_file.write_text(keys_text())
    cache, metrics, cities = PublicationCache(Inventory(city)), ApiMetrics(), FakeCities(city)
    core = EvaluatorCore(
        store=store, cache=cache, cities=cities, settings=TICKS, clock=clock, metrics=metrics
    )
    context = Context.over(
        cache=cache, store=store, cities=cities, keys=KeyFile(keys_file, clock), clock=clock,
        metrics=metrics, evaluation=TICKS, declarations=DeclarationLog(store, clock),
        public=PublicScope.of(level, figures, "", contact, "https://city.example"),
    )  # fmt: skip
    return Running(core, cache, store, clock, create_app(context), metrics, cities, context.alarms)


@pytest.fixture
def opened(city: City, store: FakeStore, clock: ManualClock, tmp_path: Path) -> Running:
    """Everything has reported, T is evaluated, and the past was read."""
    running = open_city(city, store, clock, tmp_path)
    report_everything(running.store, city, T - 1000)
    assert running.core.step()
    running.app.state.context.site.memory.refresh()
    return running
