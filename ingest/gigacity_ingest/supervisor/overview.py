"""Who owns what according to the record, and whether the worker's surroundings can be reached.

Looks and changes nothing: no session of a worker is touched, nothing is created.
"""

import dataclasses
import secrets
from typing import Any

from gigacity_contract.clock import SystemClock
from gigacity_contract.errors import CityError, ConfigError, GigacityError
from gigacity_contract.influx import Server
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from gigacity_ingest.adapters.state_folder import read_filters
from gigacity_ingest.influx.storage import Storage
from gigacity_ingest.influx.writer import InfluxWriter
from gigacity_ingest.settings import IngestSettings
from gigacity_ingest.supervisor.planner import EVERYTHING
from gigacity_ingest.supervisor.prepared import Prepare, Prepared
from gigacity_ingest.supervisor.record import Record, Session
from gigacity_ingest.supervisor.record_file import RecordFile
from gigacity_ingest.supervisor.run import build_planner
from gigacity_ingest.supervisor.session_editor import EditError, SessionEditor
from gigacity_ingest.supervisor.steps import Step

_TIMEOUT_S = 10.0


def known_record(prepared: Prepared) -> Record:
    """The supervisor's record, or what a single worker's folder tells of its session.

    Raises:
        ConfigError: the record cannot be read.
    """
    record = RecordFile(prepared.folder).load()
    if record.sessions:
        return record
    settings = prepared.settings
    filters = frozenset(read_filters(settings.state_dir))
    if not filters:
        return record
    alone = Session(
        client_id=settings.mqtt.client_id,
        folder=settings.state_dir.name,
        areas=prepared.areas or (EVERYTHING,),
        wanted=filters,
        held=filters,
        maybe=filters,
    )
    return Record(sessions=(alone,))


def session_overview(prepared: Prepared) -> dict[str, Any]:
    """Sessions, their areas and states, areas without an owner; ``ok`` if all is well."""
    record = known_record(prepared)
    unowned = build_planner(prepared).unowned(record)
    problems = []
    if not record.sessions:
        problems.append(f"no session is recorded in {prepared.folder}")
    if unowned:
        problems.append(
            f"no session owns {', '.join(unowned)}: what is published there is not kept; start"
            " workers for them"
        )
    problems += [
        f"{s.client_id} is still to be {'drained' if s.is_leaving else 'subscribed'}: run the"
        " supervisor, or `gigacity ingest drain`; one that runs says on /readyz what it waits for"
        for s in record.sessions
        if s.is_leaving or not s.is_settled
    ]
    return {
        "broker": record.broker,
        "sessions": [
            {
                "client_id": s.client_id,
                "folder": s.folder,
                "areas": list(s.areas),
                "state": _state(s),
                "filters": sorted(s.held),
            }
            for s in record.sessions
        ],
        "unowned_areas": unowned,
        "problems": problems,
        "ok": not problems,
    }


def _state(session: Session) -> str:
    if session.is_leaving:
        return "leaving"
    return "owner" if session.is_settled else "moving"


def check_all(prepare: Prepare) -> dict[str, Any]:
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
            "broker": _check_broker(prepared.settings.mqtt),
            "database": _check_database(prepared.settings),
            "areas": _check_areas(prepared),
        }
    )


def _verdict(checks: dict[str, tuple[bool, str]]) -> dict[str, Any]:
    return {
        "ok": all(ok for ok, _ in checks.values()),
        "checks": {name: {"ok": ok, "detail": detail} for name, (ok, detail) in checks.items()},
    }


def _check_broker(endpoint: MQTTEndpoint) -> tuple[bool, str]:
    """Connect under a name of its own, with a session that ends with the connection."""
    name = f"gigacity-check-{secrets.token_hex(6)}"
    visitor = dataclasses.replace(endpoint, client_id=name, filters=(), session_expiry_s=0)
    editor = SessionEditor(lambda _: visitor, clock=SystemClock(), should_stop=lambda: False)
    try:
        editor.apply(Step(name), expects_session=False)
    except (EditError, ConfigError) as error:
        return False, f"{endpoint.address}: {error}"
    return True, f"{endpoint.address} accepts these credentials"


def _check_database(settings: IngestSettings) -> tuple[bool, str]:
    def create(_server: Server) -> None:
        raise GigacityError("a check makes nothing")

    with InfluxWriter(settings.influx, timeout_s=_TIMEOUT_S) as writer:
        storage = Storage(writer, bucket=settings.influx.bucket, create=create)
        problem = storage.ensure()
    where = f"{settings.influx.address}, {settings.influx.bucket}"
    return (False, problem) if problem else (True, f"{where}: {storage.server}, can be written")


def _check_areas(prepared: Prepared) -> tuple[bool, str]:
    try:
        overview = session_overview(prepared)
    except ConfigError as error:
        return False, str(error)
    owners = len(overview["sessions"])
    return overview["ok"], "; ".join(overview["problems"]) or f"{owners} session(s) own every area"
