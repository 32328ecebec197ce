"""Puts the supervisor together and runs it in the main thread."""

import dataclasses
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from gigacity_city.model import City
from gigacity_contract.clock import Clock, SystemClock
from gigacity_contract.errors import ConfigError
from gigacity_ingest.adapters.health import HealthServer
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from gigacity_ingest.adapters.state_folder import read_filters
from gigacity_ingest.ownership.drain_request import take_request
from gigacity_ingest.ownership.subscriptions import list_filters
from gigacity_ingest.supervisor.city_follower import CityFollower
from gigacity_ingest.supervisor.pages import SupervisorPages, fetch_page
from gigacity_ingest.supervisor.planner import EVERYTHING, Planner
from gigacity_ingest.supervisor.prepared import Prepared
from gigacity_ingest.supervisor.record import Member, Record, Session
from gigacity_ingest.supervisor.record_file import RecordFile
from gigacity_ingest.supervisor.session_editor import SessionEditor
from gigacity_ingest.supervisor.supervisor import Supervisor
from gigacity_ingest.supervisor.worker_process import Mode, WorkerProcess

_TURN_S = 0.1
_GRACE_S = 10.0
"""Beyond a worker's own time to drain, until it is killed."""
log = structlog.get_logger("supervisor")


def build_planner(prepared: Prepared, city: City | None = None) -> Planner:
    """The planner for a call's settings, and for its city if no other is given."""
    return Planner(
        city or prepared.city,
        client_id=prepared.client_id,
        areas=prepared.areas,
        group=prepared.group,
    )


def build_supervisor(
    prepared: Prepared, store: RecordFile, record: Record, *, clock: Clock, is_once: bool = False
) -> Supervisor:
    """A supervisor over real sessions and processes; the caller holds the store's lock."""
    settings = prepared.settings

    def endpoint(client_id: str) -> MQTTEndpoint:
        return dataclasses.replace(settings.mqtt, client_id=client_id, filters=())

    def spawn(session: Session, mode: Mode) -> WorkerProcess:
        port = _free_port()
        areas = () if EVERYTHING in session.areas else session.areas
        env = prepared.worker_environment(
            GIGACITY_WORKERS="0",
            GIGACITY_MQTT_CLIENT_ID=session.client_id,
            GIGACITY_MQTT_AREAS=",".join(areas),
            GIGACITY_MQTT_FILTERS=""
            if session.is_settled
            else list_filters(session.maybe, session.held & session.wanted),
            GIGACITY_STATE_DIR=str(prepared.folder / session.folder),
            GIGACITY_HTTP_LISTEN=f"127.0.0.1:{port}",
            GIGACITY_END_SESSION="1" if mode is Mode.RETIRE else "0",
        )
        grace_s = settings.drain_timeout_s + _GRACE_S
        return WorkerProcess(mode, env=env, http_port=port, grace_s=grace_s, clock=clock)

    editor = SessionEditor(endpoint, clock=clock, should_stop=lambda: supervisor.is_stopping)
    supervisor = Supervisor(
        _at_broker(record, str(settings.mqtt.address)),
        store=store,
        editor=editor,
        spawn=spawn,
        answers=_says_alive,
        granted=says_granted,
        clock=clock,
        is_once=is_once,
    )
    return supervisor


def _at_broker(record: Record, broker: str) -> Record:
    if record.sessions and record.broker not in {"", broker}:
        log.warning(
            "broker_changed",
            was=record.broker,
            now=broker,
            effect="sessions are looked for at the new address; if that is another broker, what"
            " the old one still holds is fetched only by a run against the old address",
        )
    return msgspec.structs.replace(record, broker=broker)


def with_earlier_workers(
    record: Record, plan: list[Member], folder: Path, *, client_id: str
) -> Record:
    """Add sessions of workers that ran here without a supervisor, as their folders tell.

    Args:
        record: as loaded.
        plan: whose members may have run in their folders before.
        folder: of the supervisor; a single worker may have had it for itself.
        client_id: of that single worker.
    """
    places = [(client_id, ".")] + [(member.client_id, member.folder) for member in plan]
    for name, place in places:
        known = {s.client_id for s in record.sessions}, {s.folder for s in record.sessions}
        filters = frozenset(read_filters(folder / place))
        if not filters or name in known[0] or place in known[1]:
            continue
        # Noted before they were asked for: the broker may have refused some.
        found = Session(client_id=name, folder=place, maybe=filters)
        record = msgspec.structs.replace(record, sessions=(*record.sessions, found))
    return record


def _says_alive(port: int) -> bool:
    answer = fetch_page(port, "/healthz")
    return answer is not None and answer[0] == 200


class _Readiness(msgspec.Struct):
    """What the supervisor reads of a worker's ``/readyz``."""

    worker: str = ""
    granted: frozenset[str] = frozenset()


def says_granted(client_id: str, port: int) -> frozenset[str]:
    """Nothing if another worker answers there, which may own what this one is to take over."""
    answer = fetch_page(port, "/readyz")
    try:
        said = msgspec.json.decode(answer[1] if answer else b"{}", type=_Readiness)
    except ValueError:  # Of msgspec, and for text that is no UTF-8.
        said = _Readiness()
    return said.granted if said.worker == client_id else frozenset()


def _free_port() -> int:
    """A port that is free now; a worker that finds it taken ends, and starts with another."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def supervise(prepared: Prepared, workers: int) -> None:
    """Run so many workers until SIGTERM, or until every session was drained; then exit.

    Raises:
        ConfigError: a wrong setting, or another supervisor uses the folder.
    """
    clock, store = SystemClock(), RecordFile(prepared.folder)
    if not store.lock():
        raise ConfigError(
            f"GIGACITY_STATE_DIR={prepared.folder}: another supervisor uses it; give each its own"
        )
    planner = build_planner(prepared)
    plan = planner.plan(workers)
    record = with_earlier_workers(
        store.load(), plan, prepared.folder, client_id=prepared.settings.mqtt.client_id
    )
    supervisor = build_supervisor(prepared, store, record, clock=clock)
    health = HealthServer(*prepared.settings.http_listen, SupervisorPages(supervisor, clock))
    try:
        supervisor.adopt(plan)
    except OSError as error:
        raise ConfigError(f"GIGACITY_STATE_DIR={prepared.folder}: {error}") from error
    _say_plan(supervisor.record, planner)
    health.start()
    log.info("supervising", workers=workers, http_port=health.port, folder=str(prepared.folder))

    cities = CityFollower(
        prepared.city_folder,
        prepared.city.version,
        planner=planner,
        build_planner=lambda city: build_planner(prepared, city),
        clock=clock,
    )
    signal.signal(signal.SIGHUP, lambda *_: cities.look_now())

    def each_turn() -> None:
        cities.turn(supervisor)
        request = take_request(prepared.folder)
        if request is None:
            return
        try:
            if request.every:
                supervisor.adopt([])
            else:
                supervisor.retire(request.client_ids, cities.planner.without)
        except ConfigError as error:
            log.warning("drain_refused", problem=str(error))

    take_request(prepared.folder)
    run_until_done(supervisor, each_turn)
    health.close()
    log.info("stopped", sessions=len(supervisor.record.sessions))
    sys.exit(0)


def _say_plan(record: Record, planner: Planner) -> None:
    for session in record.sessions:
        log.info(
            "session",
            worker=session.client_id,
            areas=session.areas,
            leaves=session.is_leaving,
            folder=session.folder,
        )
    planned = [name for s in record.sessions for name in s.wanted]
    if outside := planner.uncovered(planned):
        log.warning("areas_without_owner", areas=outside, effect="what they publish is not kept")


def run_until_done(supervisor: Supervisor, each_turn: Callable[[], None]) -> None:
    """Turn until the supervisor has nothing left to run; SIGTERM and SIGINT stop it in order."""

    def stop(_number: int, _frame: object) -> None:
        if supervisor.is_stopping:
            supervisor.kill()
        supervisor.request_stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    pause = threading.Event()
    while True:
        each_turn()
        supervisor.turn()
        if supervisor.is_done:
            return
        pause.wait(_TURN_S)
