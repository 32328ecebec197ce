"""Options of ``gigacity ingest``: names, help and defaults."""

from dataclasses import dataclass
from typing import Annotated

import typer

from gigacity_ingest import options

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
EndSession = Annotated[
    bool,
    typer.Option(
        "--end-session",
        envvar="GIGACITY_END_SESSION",
        help="Leave for good: unsubscribe, store what is queued, end the session. The new owners of"
        " its areas must be ready before; `gigacity ingest drain` does the same.",
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


@dataclass(frozen=True, kw_only=True)
class IngestOptions:
    """What ``gigacity ingest`` may be told; each field is a flag and a variable."""

    mqtt_url: MQTTURL = "mqtt://127.0.0.1:1883"
    mqtt_client_id: MQTTClientId = "gigacity-worker-0"
    mqtt_username: MQTTUsername = ""
    mqtt_areas: MQTTAreas = ""
    mqtt_shared_group: SharedGroup = ""
    mqtt_ca: MQTTCA = ""
    mqtt_cert: MQTTCert = ""
    mqtt_key: MQTTKey = ""
    mqtt_receive_maximum: ReceiveMaximum = 40_000
    influx_url: options.InfluxURL = options.DEFAULT_INFLUX_URL
    influx_bucket: options.InfluxBucket = options.DEFAULT_BUCKET
    influx_org: options.InfluxOrg = ""
    influx_username: options.InfluxUsername = ""
    influx_ca: options.InfluxCA = ""
    city: options.CityFolder = options.DEFAULT_CITY
    state_dir: options.StateDir = options.DEFAULT_STATE_DIR
    http_listen: HTTPListen = "127.0.0.1:8081"
    batch_points: BatchPoints = 5000
    batch_age_s: BatchAge = 0.5
    report_interval_s: ReportInterval = 10.0
    drain_timeout_s: DrainTimeout = 20.0
    deadletter_budget_mb: DeadLetterBudget = 1024
    deadletter_alarm_ratio: AlarmRatio = 0.5
    deadletter_alarm_in_a_row: AlarmInARow = 1000
    spool_budget_mb: SpoolBudget = 4096
    spool_after_s: SpoolAfter = 5.0
    spool_drain_points_per_s: SpoolDrainRate = 20_000.0
    influx_connections: InfluxConnections = 2
    influx_timeout_s: InfluxTimeout = 30.0
    end_session: EndSession = False
    log_level: options.LogLevel = "info"
