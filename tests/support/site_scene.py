"""A city in one of the states that people meet, behind a real HTTP server: for browsers.

The state is written straight into its columns, so that a whole city takes a second and no database.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.forecasting.outlook import Day
from gigacity_api.http.app import create_app
from gigacity_api.http.context import Context
from gigacity_api.http.serving.connections import ConnectionLimits
from gigacity_api.http.serving.server import server
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.evaluation import Evaluator
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.technologies import mask_of
from gigacity_api.metrics import ApiMetrics
from gigacity_api.reports.catalogue import REPORTED
from gigacity_api.reports.declarations import DeclaredFigure
from gigacity_api.reports.log import DeclarationLog
from gigacity_api.site.public_level import PublicLevel
from gigacity_api.site.public_scope import PublicScope
from gigacity_api.site.snapshot import RememberedFigure
from gigacity_api.storage.key_file import KeyFile
from gigacity_city.model import City
from gigacity_contract.clock import ManualClock
from gigacity_contract.local_time import DAY_MS
from tests.unit.api.doubles import FakeCities, FakeStore

T = 1_796_018_400_000
"""2026-11-30 14:00:00 in the city, an evaluation tick."""

TICKS = EvaluationSettings(60, 30)

Scene = Literal["well", "outage", "empty", "silent", "area_unknown", "waiting"]
SCENES: tuple[Scene, ...] = get_args(Scene)
"""All well; an OLT in seven is down; nothing ever reported; the evaluator is silent; an area is not
heard; nothing was evaluated yet."""


def state_of(scene: Scene, inventory: Inventory, as_of_ms: int) -> CityState:
    """What is known in a scene."""
    state, city = CityState.empty(inventory), inventory.city
    if scene == "empty":
        return state
    heard_ms = as_of_ms - 5_000
    ports, devices = len(city.ports), len(city.devices)
    said: dict[str, Any] = {
        "tech": np.array([mask_of(p.tech) for p in city.ports], dtype=np.int64),
        "admin": np.ones(ports, dtype=np.int8),
        "oper": np.ones(ports, dtype=np.int8),
        "onu_total": np.full(ports, 30, dtype=np.int64),
        "onu_online": np.full(ports, 29, dtype=np.int64),
        "onu_rx_min_dbm": np.full(ports, -21.0),
        "tx_dbm": np.full(ports, 3.0),
        "temp_c": np.full(ports, 45.0),
    }
    if scene == "outage":
        said["oper"][inventory.port_olt % 7 == 0] = 0
    state.ports.offer(np.arange(ports), np.full(ports, heard_ms), said)
    flags = {name: np.ones(devices, dtype=np.int8) for name in ("intact", "picture")}
    state.devices.offer(np.arange(devices), np.full(devices, heard_ms), flags)
    if scene == "area_unknown":
        state.ports.ts[inventory.port_area == 0] = as_of_ms - DAY_MS
        state.devices.ts[inventory.device_area == 0] = as_of_ms - DAY_MS
    return state


def publication_of(scene: Scene, inventory: Inventory, as_of_ms: int = T) -> Publication:
    """The figures of a scene."""
    return Publication.of(
        Evaluator(inventory).evaluate(state_of(scene, inventory, as_of_ms), as_of_ms)
    )


def remembered_days(publication: Publication, days: int = 60) -> dict[str, RememberedFigure]:
    """Daily values that lead to those of a publication, with a gap of two days."""
    found = {}
    for figure in publication.figures:
        if figure.scope == "city" and figure.lower is not None and figure.upper is not None:
            value = figure.lower if figure.value is None else figure.value
            series = []
            for back in range(days, 0, -1):
                if back in {20, 21}:
                    continue
                factor = 1 - 0.0008 * back - (0.03 if back % 17 == 0 else 0)
                low = value * factor * (0.98 if back % 9 else 0.8)
                at_ms = publication.as_of_ms - back * DAY_MS
                series.append(Day(at_ms, value * factor, low, value * factor))
            found[figure.indicator] = RememberedFigure(tuple(series))
    return found


DECLARED = {
    "home.gigabit_access": (1.0, "滨通信〔2026〕7号"),
    "brain.scenarios": (32, "滨数发〔2026〕12号"),
    "service.end_to_end_online": (0.9796, "滨数发〔2026〕13号"),
}


def declared_figures(code: str, *, of_all: bool) -> list[DeclaredFigure]:
    """What offices declared: some figures, or every one that they can."""
    known = dict.fromkeys(REPORTED, (1.0, "滨数发〔2026〕99号")) if of_all else {}
    return [
        DeclaredFigure(
            T - 20 * DAY_MS, indicator, "city", code, T - 30 * DAY_MS, value, None, None,
            "市大数据局 (bureau)", source, 0,
        )
        for indicator, (value, source) in (known | DECLARED).items()
    ]  # fmt: skip


@dataclass
class RunningSite:
    """A service that browsers can reach."""

    url: str
    cache: PublicationCache
    clock: ManualClock
    context: Context
    inventory: Inventory
    store: FakeStore
    ticks: int = field(default=0)

    def evaluate(self, scene: Scene) -> Publication:
        """A further evaluation, a minute later."""
        self.ticks += 1
        at_ms = T + self.ticks * 60_000
        self.clock.wall_ms = at_ms + 30_000
        publication = publication_of(scene, self.inventory, at_ms)
        self.cache.put(publication)
        return publication


@contextmanager
def served_scene(
    scene: Scene,
    city: City,
    folder: Path,
    *,
    level: PublicLevel = PublicLevel.COMMUNITY,
    has_past: bool = True,
) -> Iterator[RunningSite]:
    """A scene over HTTP."""
    inventory = Inventory(city)
    keys_file = folder / "keys.jsonl"
    keys_file.write_text("")
    late_ms = 3_600_000 if scene == "silent" else 0
    clock, store = ManualClock(T + 30_000 + late_ms), FakeStore()
    cache, cities = PublicationCache(inventory), FakeCities(city)
    declarations = DeclarationLog(store, clock)
    context = Context.over(
        cache=cache, store=store, cities=cities, keys=KeyFile(keys_file, clock), clock=clock,
        metrics=ApiMetrics(), evaluation=TICKS, declarations=declarations,
        public=PublicScope(level),
    )  # fmt: skip
    if scene != "empty":
        declarations._declared = declarations.known.with_more(
            declared_figures(city.code, of_all=scene == "area_unknown")
        )
    if scene != "waiting":
        publication = publication_of("well" if scene == "silent" else scene, inventory)
        cache.put(publication)
        past = remembered_days(publication) if has_past and scene != "empty" else {}
        context.site.memory._known = past or {
            d.id: RememberedFigure() for d in context.site.scope.definitions()
        }
    with _listening(create_app(context)) as url:
        yield RunningSite(url, cache, clock, context, inventory, store)


@contextmanager
def _listening(app: object) -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.listen(64)
        running = server(app, ConnectionLimits(), timeout_graceful_shutdown=1)  # type: ignore[arg-type] # an ASGI app
        thread = threading.Thread(target=running.run, kwargs={"sockets": [taken]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            running.should_exit = True
            thread.join()
