"""``python -m tests.bench storm``: the load test of the whole platform on one machine."""

import os
import signal
from pathlib import Path
from typing import Annotated

import typer


def storm(
    *,
    profile: Annotated[
        str, typer.Option(help="city: 41,000 ports, 300,000 devices; demo: the small city.")
    ] = "city",
    duration: Annotated[float, typer.Option(min=10, help="Seconds.")] = 900.0,
    cadence: Annotated[
        str,
        typer.Option(
            help="storm: every port each 15 s and every device each 60 s; or a factor of the"
            " city file's pace, such as 2."
        ),
    ] = "storm",
    clients: Annotated[
        str,
        typer.Option(
            help="olt: one MQTT connection for each OLT, gateway and device without a gateway;"
            " pooled: at most 200 of those devices."
        ),
    ] = "olt",
    seed: Annotated[int, typer.Option(help="Seed of the simulated city.")] = 1,
    store: Annotated[
        str,
        typer.Option(
            help="influxdb1: Debian's; influxdb2 or opengemini: the program that"
            " GIGACITY_BENCH_INFLUXDB2 or GIGACITY_BENCH_OPENGEMINI names."
        ),
    ] = "influxdb1",
    influx_outage: Annotated[
        str, typer.Option(help="AT:FOR, seconds: the database is stopped, and started again.")
    ] = "",
    broker_outage: Annotated[
        str, typer.Option(help="AT:FOR, seconds: the same of the broker.")
    ] = "",
    machine_gib: Annotated[
        int, typer.Option(min=0, help="Memory for which the database is set; 0: this machine's.")
    ] = 0,
    report: Annotated[
        Path | None, typer.Option(help="JSON file: findings, latency, CPU, memory, rates.")
    ] = None,
    state_dir: Annotated[
        Path | None, typer.Option(help="Folder that stays, with logs; default: temporary.")
    ] = None,
) -> None:
    """Run broker, database, worker, API and a simulated city under load, and measure.

    Told are: points confirmed to the simulator and points stored; p50, p99 and the bound of the
    slowest from publishing to storing, after the warm-up; the same of one device beside the city,
    from the first second; CPU seconds and memory of each process.
    Exits with 1 if anything confirmed is not stored, or a ledger does not balance.
    """
    from gigacity_contract.clock import SystemClock  # noqa: PLC0415 - keeps --help fast
    from gigacity_deploy.demo.options import DemoOptions  # noqa: PLC0415 - as above
    from gigacity_deploy.demo.profile import parse_interval  # noqa: PLC0415 - as above
    from tests.bench.storm.events import Events  # noqa: PLC0415 - as above
    from tests.bench.storm.run import run_storm  # noqa: PLC0415 - as above
    from tests.bench.storm.stores import parse_store  # noqa: PLC0415 - as above

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    raise typer.Exit(
        run_storm(
            DemoOptions(profile=profile, seed=seed, state_dir=state_dir, grafana=False),
            ("--cadence", cadence, "--clients", clients),
            SystemClock(),
            dict(os.environ),
            duration_s=duration,
            report=report,
            store=parse_store(store),
            machine_gib=machine_gib,
            events=Events(
                parse_interval("--influx-outage", influx_outage) if influx_outage else None,
                parse_interval("--broker-outage", broker_outage) if broker_outage else None,
            ),
        )
    )
