"""``python -m tests.bench ingest``: the worker's cost and speed beside baselines, in one call."""

from pathlib import Path
from typing import Annotated

import typer

from gigacity_ingest import options

Rounds = Annotated[int, typer.Option(min=1, max=100, help="Interleaved; medians are reported.")]
Messages = Annotated[
    int,
    typer.Option(min=0, help="Messages of a round; 0: 12,500 of 16 points, or 200,000 of 1 point."),
]
ShapeOption = Annotated[
    str, typer.Option(help="pon (16 points a message), device (1 point), or both.")
]
SinkOption = Annotated[str, typer.Option(help="null, or influx: a real InfluxDB 1.x.")]
ConsumerList = Annotated[
    str,
    typer.Option(
        help="Of worker, plain, telegraf, writer; default: all that are installed. writer posts"
        " ready lines: the ceiling."
    ),
]
MQTTURL = Annotated[
    str,
    typer.Option(
        envvar="GIGACITY_MQTT_URL",
        help="A broker whose user may publish and read everything; default: start one.",
    ),
]
MQTTUsername = Annotated[
    str,
    typer.Option(
        envvar="GIGACITY_MQTT_USERNAME", help="Its password comes from GIGACITY_MQTT_PASSWORD."
    ),
]
InfluxURL = Annotated[
    str,
    typer.Option(envvar="GIGACITY_INFLUX_URL", help="InfluxDB 1.x; default: start one."),
]
InfluxUsername = Annotated[
    str,
    typer.Option(
        envvar="GIGACITY_INFLUX_USERNAME",
        help="An administrator; its password comes from GIGACITY_INFLUX_PASSWORD.",
    ),
]
DatabaseCPUs = Annotated[
    str,
    typer.Option(
        help="Keep the database that the bench starts on these CPUs, such as 0 or 0,2-3, and"
        " everything else on the others, so that every consumer leaves it the same; default: no"
        " division."
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option(help="Where servers and consumers keep files and logs; default: temporary."),
]


def ingest(
    *,
    rounds: Rounds = 3,
    messages: Messages = 0,
    shape: ShapeOption = "both",
    sink: SinkOption = "influx",
    consumer_list: ConsumerList = "",
    mqtt_url: MQTTURL = "",
    mqtt_username: MQTTUsername = "",
    influx_url: InfluxURL = "",
    influx_username: InfluxUsername = "",
    database_cpus: DatabaseCPUs = "",
    city: options.CityFolder = options.DEFAULT_CITY,
    seed: Annotated[int, typer.Option(help="Of the values in the messages.")] = 1,
    folder: Folder = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON on standard output, the table on standard error.")
    ] = False,
) -> None:
    """Drain queues that were filled beforehand into a database; say what it cost, and others.

    CPU and memory are the consumer's own, from its connection to its last acknowledgement. Exits
    with 1 if the worker did not store and acknowledge everything, with 2 for a wrong call.
    """
    from tests.bench.ingest.call import Call, execute  # noqa: PLC0415 - keeps --help quick.

    raise typer.Exit(
        execute(
            Call(
                rounds=rounds,
                messages=messages,
                shape=shape,
                sink=sink,
                consumer_list=consumer_list,
                mqtt_url=mqtt_url,
                mqtt_username=mqtt_username,
                influx_url=influx_url,
                influx_username=influx_username,
                database_cpus=database_cpus,
                city=city,
                seed=seed,
                folder=folder,
                as_json=as_json,
            )
        )
    )
