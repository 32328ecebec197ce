"""What is measured, as a process: the API over a city in memory, or a bare Starlette route.

``python -m tests.bench.api.serving api CITY KEYS_FILE [DATABASE]``, ``... bare BYTES`` and
``... database CITY`` listen on a free port of the loopback interface and print it. With the port of
a database, in which everything reports on time, questions of the past have a process of their own,
as in the product; ``here DATABASE`` answers them without it.
"""

import gc
import re
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs

import numpy as np
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from gigacity_api import as_of_service
from gigacity_api.cli import SWITCH_INTERVAL_S
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.http.app import create_app
from gigacity_api.http.as_of_process import AsOfProcess
from gigacity_api.http.context import Context
from gigacity_api.http.serving.connections import ConnectionLimits
from gigacity_api.http.serving.server import server
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.evaluation import Evaluator
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.technologies import mask_of
from gigacity_api.metrics import ApiMetrics
from gigacity_api.reports.log import DeclarationLog
from gigacity_api.settings import ApiSettings
from gigacity_api.storage.city_versions import CityVersions
from gigacity_api.storage.influx import InfluxStore
from gigacity_api.storage.key_file import KeyFile
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.query import Query
from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_contract.clock import SystemClock
from gigacity_contract.influx import Series
from gigacity_contract.measurements import Measurement
from tests.bench.city_store import CityStore

R = TypeVar("R")


class EmptyStore:
    """A database that holds nothing and takes everything: the scorecard asks it for nothing."""

    def rows(self, query: Query, row: type[R]) -> Iterator[list[R]]:
        """No rows."""
        return iter(())

    def series(self, query: Query) -> list[Series]:
        """No series."""
        return []

    def write(self, measurement: Measurement, lines: list[bytes]) -> None:
        """Forget them."""


class OneCity:
    """A city that never changes."""

    trouble = ""
    in_force_since_ms = 0

    def __init__(self, city: City) -> None:
        self.current = city

    def refresh(self) -> None:
        """Nothing changes."""

    def at(self, as_of_ms: int) -> City:
        """The city."""
        return self.current


def everything_reported(inventory: Inventory, ts: int) -> CityState:
    """Every port up as registered, every device fresh."""
    state = CityState.empty(inventory)
    ports = np.arange(len(inventory.city.ports), dtype=np.int64)
    up = np.ones(len(ports), dtype=np.int8)
    techs = np.array([mask_of(port.tech) for port in inventory.city.ports], dtype=np.int64)
    state.ports.offer(ports, np.full_like(ports, ts), {"tech": techs, "admin": up, "oper": up})
    devices = np.arange(len(inventory.city.devices), dtype=np.int64)
    fine = np.ones(len(devices), dtype=np.int8)
    said = {"intact": fine, "picture": fine}
    state.devices.offer(devices, np.full_like(devices, ts), said)
    return state


def api(
    city_folder: Path,
    keys_file: Path,
    database: str = "",
    past_where: str = "",
    *,
    under_way: Callable[[], int | None] = lambda: None,
) -> Any:
    """The whole application, with one evaluation to answer from."""
    clock, city = SystemClock(), load_city(city_folder)
    inventory = Inventory(city)
    cache = PublicationCache(inventory)
    as_of_ms = clock.now_ms() // 60_000 * 60_000
    state = everything_reported(inventory, as_of_ms - 1000)
    cache.put(Publication.of(Evaluator(inventory).evaluate(state, as_of_ms)))
    settings = ApiSettings(
        influx_url=f"http://127.0.0.1:{database or 9}", city=city_folder, api_keys_file=keys_file,
        state_dir=keys_file.parent,
    )  # fmt: skip
    if database:
        CityVersions(city_folder, settings.state_dir, clock)
    store: Store = InfluxStore(settings.endpoint) if database else EmptyStore()
    past = None
    if database and past_where != "here":
        past = AsOfProcess(as_of_service.MODULE, as_of_service.given(settings))
    context = Context.over(
        cache=cache, store=store, cities=OneCity(city), keys=KeyFile(keys_file, clock),
        clock=clock, metrics=ApiMetrics(), evaluation=EvaluationSettings(),
        declarations=DeclarationLog(store, clock), as_of_process=past,
        under_way=under_way,
    )  # fmt: skip
    context.alarms.refresh()
    # As the evaluator's thread does after its first instant.
    gc.collect()
    gc.freeze()
    return create_app(context, (past,) if past else ())


def database(city_folder: Path) -> Any:
    """What a database answers to which every object reported on time, and nothing else came."""
    store = CityStore(load_city(city_folder))

    async def answer(request: Request) -> Response:
        text = parse_qs((await request.body()).decode())["q"][0]
        chosen, _, source = text.partition(" FROM ")
        columns = tuple(re.findall(r'"(\w+)"', chosen))
        if "(" in chosen or source.split('"')[1] not in store.measurements:
            return Response(b'{"results":[{"statement_id":0}]}\n')
        return StreamingResponse(part + b"\n" for part in store.documents(text, columns))

    return Starlette(routes=[Route("/query", answer, methods=["POST"])])


def bare(size: int) -> Any:
    """One Starlette route that answers so many bytes."""
    body = b'"' + b"x" * (size - 2) + b'"'

    async def answer(_: Request) -> Response:
        return Response(body, media_type="application/json")

    return Starlette(routes=[Route("/bare", answer)])


def main(kind: str, *arguments: str) -> None:
    """Serve until SIGTERM."""
    if kind == "api":
        application = api(Path(arguments[0]), Path(arguments[1]), *arguments[2:])
    else:
        application = bare(int(arguments[0])) if kind == "bare" else database(Path(arguments[0]))
    serve(application)


def serve(application: Any) -> None:
    """Listen, print the port, and serve until SIGTERM, as the product does."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        server(application, ConnectionLimits()).run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
