"""Whether a worker's surroundings can be reached: looks, and changes nothing."""

from collections.abc import Callable
from typing import Any

from gigacity_contract.clock import SystemClock
from gigacity_contract.errors import CityError, GigacityError, QueryError
from gigacity_contract.influx import Server
from gigacity_ingest.adapters.broker_check import check_broker
from gigacity_ingest.adapters.foreign_sources import LoadedSources
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from gigacity_ingest.commands.preparing import PreparedCall
from gigacity_ingest.influx.own_rows import newest_rows
from gigacity_ingest.influx.storage import Storage
from gigacity_ingest.influx.writer import InfluxWriter
from gigacity_ingest.ownership.owners import OwnRow, ownership_problems
from gigacity_ingest.ownership.sources import source_problems
from gigacity_ingest.worker_config import WorkerConfig

_TIMEOUT_S = 10.0


def check_surroundings(prepare: Callable[[], PreparedCall]) -> dict[str, Any]:
    """Each check by name with ``ok`` and ``detail``; ``ok`` if all are.

    Raises:
        ConfigError: a wrong setting, so that nothing can be tried.
    """
    try:
        prepared = prepare()
    except CityError as error:
        return _verdict({"city": (False, str(error))})
    city = prepared.city
    return _verdict(
        {
            "city": (True, f"{city.name.en}, {len(city.areas)} areas, version {city.version}"),
            "broker": _broker(prepared.config.mqtt),
            "database": _database(prepared.config),
            "areas": _areas(prepared),
        }
        | ({} if prepared.foreign is None else {"sources": _sources(prepared, prepared.foreign)})
    )


def _verdict(checks: dict[str, tuple[bool, str]]) -> dict[str, Any]:
    return {
        "ok": all(ok for ok, _ in checks.values()),
        "checks": {name: {"ok": ok, "detail": detail} for name, (ok, detail) in checks.items()},
    }


def _broker(endpoint: MQTTEndpoint) -> tuple[bool, str]:
    problem = check_broker(endpoint, SystemClock())
    return not problem, f"{endpoint.address}: {problem or 'accepts these credentials'}"


def _database(settings: WorkerConfig) -> tuple[bool, str]:
    def create(_server: Server) -> None:
        raise GigacityError("a check makes nothing")

    with InfluxWriter(settings.influx, timeout_s=_TIMEOUT_S) as writer:
        storage = Storage(writer, bucket=settings.influx.bucket, create=create)
        problem = storage.ensure()
    where = f"{settings.influx.address}, {settings.influx.bucket}"
    return not problem, problem or f"{where}: {storage.server}, can be written"


def _areas(prepared: PreparedCall) -> tuple[bool, str]:
    """Whether each area has one owner, over all machines that write to this database."""
    now_ms = SystemClock().now_ms()
    rows, problem = _own_rows(prepared, now_ms)
    if problem:
        return False, problem
    areas = prepared.city.areas
    problems = ownership_problems(areas, rows, now_ms)
    owners = sum(bool(row.areas) for row in rows)
    return not problems, "; ".join(problems) or f"{owners} worker(s) own {len(areas)} areas"


def _sources(prepared: PreparedCall, foreign: LoadedSources) -> tuple[bool, str]:
    """Whether each foreign source has one reader, over all machines."""
    rows, problem = _own_rows(prepared, SystemClock().now_ms())
    if problem:
        return False, problem
    problems = source_problems(foreign.sources, rows)
    readers = sum(bool(row.sources) for row in rows)
    return not problems, "; ".join(problems) or (
        f"{readers} worker(s) read {len(foreign.sources)} foreign sources"
    )


def _own_rows(prepared: PreparedCall, now_ms: int) -> tuple[list[OwnRow], str]:
    """What all workers say of themselves; or why that is not known."""
    try:
        with InfluxWriter(prepared.config.influx, timeout_s=_TIMEOUT_S) as writer:
            found = newest_rows(writer, now_ms)
    except QueryError as error:
        return [], (
            f"the workers' rows cannot be read: {error}; a worker's own credentials may only write,"
            " so use those of the API"
        )
    except GigacityError as error:
        return [], f"the workers' rows cannot be read: {error}"
    return [OwnRow(worker, *newest) for worker, newest in found.items()], ""
