"""``gigacity ingest``: one worker until it is told to stop."""

import os
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gigacity_ingest import options
from gigacity_ingest.supervisor import command
from gigacity_ingest.supervisor.prepared import Prepared, environment_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from gigacity_ingest.adapters.state_folder import StateFolder
    from gigacity_ingest.worker import Worker

app = typer.Typer()
app.add_typer(command.app)

MQTTURL = Annotated[
    str, typer.Option(envvar="GIGACITY_MQTT_URL", help="mqtt://host:1883 or mqtts://host:8883")
]
MQTTClientId = Annotated[
    str,
    typer.Option(
        envvar="GIGACITY_MQTT_CLIENT_ID",
        help="Stable name of this worker; its session is found again by it.",
    ),
]
MQTTUsername = Annotated[
    str,
    typer.Option(
        envvar="GIGACITY_MQTT_USERNAME",
        help="Its password comes from GIGACITY_MQTT_PASSWORD or _PASSWORD_FILE.",
    ),
]
MQTTAreas = Annotated[
    str,
    typer.Option(
        envvar="GIGACITY_MQTT_AREAS",
        help="Areas that this worker owns, such as 371602,371603; default: all.",
    ),
]
SharedGroup = Annotated[
    str,
    typer.Option(
        envvar="GIGACITY_MQTT_SHARED_GROUP",
        help="Share the areas with the other members of this group, inside one hot area; default:"
        " none, every area has one owner.",
    ),
]
Workers = Annotated[
    int,
    typer.Option(
        envvar="GIGACITY_WORKERS",
        min=0,
        max=256,
        help="Supervise so many workers and divide the areas among them; 0: be one worker.",
    ),
]
EndSession = Annotated[
    bool,
    typer.Option(
        "--end-session",
        envvar="GIGACITY_END_SESSION",
        help="Leave for good: unsubscribe, store what is queued, end the session. Others must have"
        " subscribed its areas before; `gigacity ingest drain` sees to that.",
    ),
]
MQTTCA = Annotated[str, typer.Option(envvar="GIGACITY_MQTT_CA", help="CA file for mqtts://")]
MQTTCert = Annotated[str, typer.Option(envvar="GIGACITY_MQTT_CERT", help="Client certificate")]
MQTTKey = Annotated[str, typer.Option(envvar="GIGACITY_MQTT_KEY", help="Its key")]
ReceiveMaximum = Annotated[
    int,
    typer.Option(
        envvar="GIGACITY_MQTT_RECEIVE_MAXIMUM",
        min=1,
        max=65_535,
        help="Unacknowledged messages that the broker may have sent; bounds memory.",
    ),
]
HTTPListen = Annotated[
    str,
    typer.Option(envvar="GIGACITY_HTTP_LISTEN", help="Health, metrics and ledgers; port 0: any"),
]
BatchPoints = Annotated[
    int, typer.Option(envvar="GIGACITY_BATCH_POINTS", min=1, help="Points of a full batch")
]
BatchAge = Annotated[
    float,
    typer.Option(envvar="GIGACITY_BATCH_AGE_S", min=0.0, help="Age at which a batch is sent"),
]
ReportInterval = Annotated[
    float,
    typer.Option(envvar="GIGACITY_REPORT_INTERVAL_S", min=0.0, help="Own rows; 0 writes none"),
]
DrainTimeout = Annotated[
    float,
    typer.Option(
        envvar="GIGACITY_DRAIN_TIMEOUT_S",
        min=0.0,
        help="On SIGTERM: how long to store and acknowledge what was read",
    ),
]
DeadLetterBudget = Annotated[
    int,
    typer.Option(
        envvar="GIGACITY_DEADLETTER_BUDGET_MB",
        min=1,
        help="Disk for dead letters; when it is used up, the worker stops acknowledging",
    ),
]
AlarmRatio = Annotated[
    float,
    typer.Option(
        envvar="GIGACITY_DEADLETTER_ALARM_RATIO",
        min=0.0,
        max=1.0,
        help="Alarm when so much of what arrived in the last minute was refused",
    ),
]
AlarmInARow = Annotated[
    int,
    typer.Option(
        envvar="GIGACITY_DEADLETTER_ALARM_IN_A_ROW",
        min=1,
        help="Alarm when so many messages and entries in a row were refused",
    ),
]
SpoolBudget = Annotated[
    int,
    typer.Option(
        envvar="GIGACITY_SPOOL_BUDGET_MB",
        min=1,
        help="Disk for batches that the database does not take; when it is used up, the worker"
        " stops acknowledging",
    ),
]
SpoolAfter = Annotated[
    float,
    typer.Option(
        envvar="GIGACITY_SPOOL_AFTER_S",
        min=0.0,
        help="Age at which a batch that the database has not confirmed goes to disk",
    ),
]
SpoolDrainRate = Annotated[
    float,
    typer.Option(
        envvar="GIGACITY_SPOOL_DRAIN_POINTS_PER_S",
        min=1.0,
        help="How fast the spool is drained beside live traffic",
    ),
]
InfluxConnections = Annotated[
    int,
    typer.Option(envvar="GIGACITY_INFLUX_CONNECTIONS", min=1, max=16, help="Posts at a time"),
]
InfluxTimeout = Annotated[
    float,
    typer.Option(
        envvar="GIGACITY_INFLUX_TIMEOUT_S", min=0.1, help="Until a post without answer is repeated"
    ),
]


@app.callback(
    invoke_without_command=True,
    epilog="Example: GIGACITY_MQTT_PASSWORD=... gigacity ingest --mqtt-url mqtt://127.0.0.1:1883"
    " --mqtt-username worker --influx-url http://127.0.0.1:8086 --city deploy/city/binzhou",
)
def ingest(
    context: typer.Context,
    *,
    mqtt_url: MQTTURL = "mqtt://127.0.0.1:1883",
    mqtt_client_id: MQTTClientId = "gigacity-worker-0",
    mqtt_username: MQTTUsername = "",
    mqtt_areas: MQTTAreas = "",
    mqtt_shared_group: SharedGroup = "",
    mqtt_ca: MQTTCA = "",
    mqtt_cert: MQTTCert = "",
    mqtt_key: MQTTKey = "",
    mqtt_receive_maximum: ReceiveMaximum = 40_000,
    influx_url: options.InfluxURL = options.DEFAULT_INFLUX_URL,
    influx_bucket: options.InfluxBucket = options.DEFAULT_BUCKET,
    influx_org: options.InfluxOrg = "",
    influx_username: options.InfluxUsername = "",
    influx_ca: options.InfluxCA = "",
    city: options.CityFolder = options.DEFAULT_CITY,
    state_dir: options.StateDir = options.DEFAULT_STATE_DIR,
    http_listen: HTTPListen = "127.0.0.1:8081",
    batch_points: BatchPoints = 5000,
    batch_age_s: BatchAge = 0.5,
    report_interval_s: ReportInterval = 10.0,
    drain_timeout_s: DrainTimeout = 20.0,
    deadletter_budget_mb: DeadLetterBudget = 1024,
    deadletter_alarm_ratio: AlarmRatio = 0.5,
    deadletter_alarm_in_a_row: AlarmInARow = 1000,
    spool_budget_mb: SpoolBudget = 4096,
    spool_after_s: SpoolAfter = 5.0,
    spool_drain_points_per_s: SpoolDrainRate = 20_000.0,
    influx_connections: InfluxConnections = 2,
    influx_timeout_s: InfluxTimeout = 30.0,
    workers: Workers = 0,
    end_session: EndSession = False,
    log_level: options.LogLevel = "info",
) -> None:
    """Read telemetry from MQTT and write it to InfluxDB; lose nothing.

    SIGTERM stores and acknowledges what was read, then ends; a second one ends at once.
    """

    def prepare() -> "Prepared":
        """Check every setting and load the city; sub-commands do it when they are called."""
        from gigacity_contract.city.load import load_city  # noqa: PLC0415 - keeps --help quick.
        from gigacity_ingest import settings  # noqa: PLC0415
        from gigacity_ingest.logs import configure_logs  # noqa: PLC0415
        from gigacity_ingest.pipeline.dispatching import DispatchPolicy  # noqa: PLC0415
        from gigacity_ingest.pipeline.refusals import RefusalLimits  # noqa: PLC0415
        from gigacity_ingest.spool import SpoolPolicy  # noqa: PLC0415

        is_worker = not workers and context.invoked_subcommand is None
        configure_logs(log_level, worker=mqtt_client_id if is_worker else "")
        loaded = load_city(city)
        checked = settings.IngestSettings(
            mqtt=settings.mqtt_endpoint(
                url=mqtt_url,
                client_id=mqtt_client_id,
                username=mqtt_username,
                filters=settings.topic_filters(mqtt_areas, loaded, mqtt_shared_group),
                tls=(mqtt_ca, mqtt_cert, mqtt_key),
                receive_maximum=mqtt_receive_maximum,
            ),
            influx=settings.influx_endpoint(
                url=influx_url, bucket=influx_bucket, username=influx_username, ca_file=influx_ca
            ),
            org=influx_org,
            limits=settings.batch_limits(batch_points, batch_age_s, mqtt_receive_maximum),
            state_dir=state_dir,
            http_listen=settings.listen_address(http_listen),
            report_interval_s=report_interval_s,
            drain_timeout_s=drain_timeout_s,
            dead_letter_budget_bytes=deadletter_budget_mb * settings.MEBIBYTE,
            spool=SpoolPolicy(max_bytes=spool_budget_mb * settings.MEBIBYTE),
            dispatch=DispatchPolicy(
                lanes=influx_connections,
                spool_after_s=spool_after_s,
                drain_points_per_s=spool_drain_points_per_s,
            ),
            influx_timeout_s=influx_timeout_s,
            refusals=RefusalLimits(
                ratio=deadletter_alarm_ratio, consecutive=deadletter_alarm_in_a_row
            ),
        )
        return Prepared(
            settings=checked,
            city=loaded,
            areas=settings.selected_areas(mqtt_areas, loaded),
            group=mqtt_shared_group,
            environment=environment_of(context),
        )

    context.obj = prepare
    if context.invoked_subcommand is not None:
        return
    if workers:
        from gigacity_ingest.supervisor.run import supervise  # noqa: PLC0415

        supervise(prepare(), workers)
    else:
        _run(prepare, ends_session=end_session)


def _build(
    prepare: "Callable[[], Prepared]", *, ends_session: bool
) -> "tuple[Worker, StateFolder]":
    """A worker, which keeps only what it needs of the city: half of its memory."""
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415
    from gigacity_ingest.adapters.state_folder import StateFolder  # noqa: PLC0415
    from gigacity_ingest.supervisor.retiring import RetiringWorker  # noqa: PLC0415
    from gigacity_ingest.worker import Worker  # noqa: PLC0415

    prepared = prepare()
    state = StateFolder(prepared.settings.state_dir)
    worker_type = RetiringWorker if ends_session else Worker
    worker = worker_type(prepared.settings, prepared.city, clock=SystemClock(), state=state)
    return worker, state


def _run(prepare: "Callable[[], Prepared]", *, ends_session: bool) -> None:
    from gigacity_ingest.memory import settle_memory  # noqa: PLC0415
    from gigacity_ingest.supervisor.retiring import RetiringWorker  # noqa: PLC0415

    worker, state = _build(prepare, ends_session=ends_session)

    def stop(_number: int, _frame: object) -> None:
        if worker.is_stopping:
            # Asked twice: what is not acknowledged is delivered again at the next start.
            os._exit(1)
        worker.request_stop()

    settle_memory()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        worker.run()
    finally:
        state.close()
    # 1: asked to stop before the session was empty; it stays, and can be drained again.
    sys.exit(1 if isinstance(worker, RetiringWorker) and not worker.has_ended else 0)
