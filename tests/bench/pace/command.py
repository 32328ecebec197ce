"""``python -m tests.bench pace``: surrounds, measures at each pace, reports."""

import json
import shutil
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.table import Table

from gigacity_city.load import load_city
from gigacity_contract.clock import SystemClock
from gigacity_contract.errors import ConfigError, GigacityError
from tests.bench.ingest.command import DEFAULT_CITY
from tests.bench.ingest.consumers import select_consumers
from tests.bench.ingest.run import say
from tests.bench.ingest.shapes import ShapeName
from tests.bench.ingest.surroundings import SinkName, surround
from tests.bench.pace.run import PaceName, PaceResult, PaceRun, Plan

SHAPES: tuple[PaceName, ...] = (*get_args(ShapeName), "city")


def pace(
    *,
    rates: Annotated[str, typer.Option(help="Points a second, joined by commas.")] = "1500,7500",
    shape: Annotated[
        str,
        typer.Option(
            help="Of pon, device, bundle10, bundle100, city (ports and bundles as in the"
            " load test), joined by commas."
        ),
    ] = "city",
    seconds: Annotated[float, typer.Option(min=1, help="Measured, after the warm-up.")] = 30.0,
    warm_up: Annotated[
        float, typer.Option(min=0, help="Seconds before, once everything has been published.")
    ] = 10.0,
    rounds: Annotated[int, typer.Option(min=1, help="Interleaved; all are shown.")] = 1,
    sink: Annotated[SinkName, typer.Option(help="influx: a real InfluxDB 1.x.")] = "null",
    consumer_list: Annotated[
        str, typer.Option(help="Of worker, plain, telegraf; default: worker.")
    ] = "worker",
    city: Annotated[Path, typer.Option(envvar="GIGACITY_CITY", help="City folder.")] = DEFAULT_CITY,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON on standard output, the table on standard error.")
    ] = False,
) -> None:
    """Publish evenly, as a city does, and say what each point costs a consumer that never queues.

    CPU is the consumer's own, from the end of the warm-up to the end; publishing to storing is told
    by the worker's histogram. Exits with 1 if the worker did not store everything, or a
    consumer or a server ended.
    """
    shapes = [_shape(name) for name in shape.split(",")]
    paces = [float(rate) for rate in rates.split(",")]
    consumers, _ = select_consumers(consumer_list)
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    results: list[PaceResult] = []
    try:
        with ExitStack() as stack:
            folder = Path(tempfile.mkdtemp(prefix="gigacity-pace-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            loaded = load_city(city)
            areas = tuple(dict.fromkeys(olt.area for olt in loaded.olts))
            around = surround(sink, areas, folder, stack)
            plan = Plan(consumers, shapes, paces, seconds, warm_up, folder, city.resolve(), loaded)
            run = PaceRun(plan, around, SystemClock())
            for number in range(rounds):
                for name in shapes:
                    for rate in paces:
                        for consumer in consumers:
                            say(f"round {number + 1}/{rounds}, {name}, {rate:g}/s: {consumer}")
                            results.append(run.measure(consumer, name, rate))
    except ConfigError:
        raise
    except (GigacityError, OSError) as error:
        sys.stderr.write(f"gigacity: {error}\n")
        raise typer.Exit(1) from error
    Console(stderr=as_json).print(_table(results, sink))
    if as_json:
        sys.stdout.write(json.dumps([result.as_json() for result in results], indent=2) + "\n")
    lost = [r for r in results if r.consumer == "worker" and r.stored < r.published]
    raise typer.Exit(1 if lost else 0)


def _shape(name: str) -> PaceName:
    for known in SHAPES:
        if name.strip() == known:
            return known
    raise ConfigError(f"--shape {name}: choose from {', '.join(SHAPES)}, joined by commas")


def _table(results: list[PaceResult], sink: str) -> Table:
    table = Table(title=f"at a pace, into {'the null sink' if sink == 'null' else 'InfluxDB'}")
    for head in ("messages", "consumer", "points/s", "CPU s / million points", "of a core",
                 "p50 s", "p99 s", "RSS MB", "stored", "pace missed by s"):  # fmt: skip
        table.add_column(head, justify="left" if head in {"messages", "consumer"} else "right")
    for r in results:
        table.add_row(
            r.shape, r.consumer, f"{r.points_per_s:,.0f}", f"{r.cpu_s_per_million:.2f}",
            f"{r.core_percent:.1f} %", "" if r.p50_s is None else f"{r.p50_s:.2f}",
            "" if r.p99_s is None else f"{r.p99_s:.2f}", f"{r.peak_rss_mb:.0f}",
            "all" if r.stored >= r.published else f"{r.stored / r.published:.1%}",
            f"{r.publisher_late_s:.2f}",
        )  # fmt: skip
    return table
