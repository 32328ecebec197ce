"""``python -m tests.bench ingest``: surrounds, measures, reports, gives an exit code."""

import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from gigacity_city.load import load_city
from gigacity_contract.clock import SystemClock
from gigacity_contract.errors import ConfigError, GigacityError
from tests.bench.ingest.consumers import select_consumers
from tests.bench.ingest.cpus import divide_cpus, running_on
from tests.bench.ingest.results import ShapeResult, lost
from tests.bench.ingest.run import Plan, run_rounds, say
from tests.bench.ingest.shapes import Shape, ShapeName, build_shape
from tests.bench.ingest.surroundings import SinkName, surround
from tests.bench.ingest.table import results_table

DEFAULT_CITY = Path("deploy/city/binzhou")
SHAPES: dict[str, tuple[ShapeName, ...]] = {
    "pon": ("pon",), "device": ("device",), "both": ("pon", "device"),
    "bundle": ("bundle10", "bundle100"),
}  # fmt: skip
DEFAULT_MESSAGES: dict[ShapeName, int] = {
    "pon": 12_500, "device": 200_000, "bundle10": 20_000, "bundle100": 2_000,
}  # fmt: skip
"""200,000 points each."""


def ingest(
    *,
    rounds: Annotated[
        int, typer.Option(min=1, max=100, help="Interleaved; medians are reported.")
    ] = 3,
    messages: Annotated[
        int,
        typer.Option(
            min=0, help="Messages of a round; 0: 12,500 of 16 points, or 200,000 of 1 point."
        ),
    ] = 0,
    shape: Annotated[
        Literal["pon", "device", "both", "bundle"],
        typer.Option(
            help="pon: 16 points a message; device: 1 point; bundle: 10 and 100 points, which"
            " neither plain nor telegraf read."
        ),
    ] = "both",
    sink: Annotated[SinkName, typer.Option(help="influx: a real InfluxDB 1.x.")] = "influx",
    consumer_list: Annotated[
        str,
        typer.Option(
            help="Of worker, plain, telegraf, writer; default: all that are installed. writer posts"
            " ready lines: the ceiling."
        ),
    ] = "",
    database_cpus: Annotated[
        str,
        typer.Option(
            help="Keep the database on these CPUs, such as 0 or 0,2-3, and everything else on the"
            " others, so that every consumer leaves it the same; default: no division."
        ),
    ] = "",
    city: Annotated[Path, typer.Option(envvar="GIGACITY_CITY", help="City folder.")] = DEFAULT_CITY,
    seed: Annotated[int, typer.Option(help="Of the values in the messages.")] = 1,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where servers and consumers keep files and logs; default: temporary."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON on standard output, the table on standard error.")
    ] = False,
) -> None:
    """Drain queues that were filled beforehand into a database; say what it cost, and others.

    CPU and memory are the consumer's own, from its connection to its last acknowledgement. Exits
    with 1 if the worker did not store and acknowledge everything, with 2 for a wrong call.
    """
    cpus = divide_cpus(database_cpus, sink=sink, usable=frozenset(os.sched_getaffinity(0)))
    if shape == "bundle" and not consumer_list:
        consumer_list = "worker,writer"
    consumers, remarks = select_consumers(consumer_list)
    if shape == "bundle" and not {"worker", "writer"}.issuperset(consumers):
        raise ConfigError("--shape bundle: only worker and writer read it; see --consumer-list")
    for remark in remarks:
        say(remark)
    say("prepare messages")
    shapes = _shapes(SHAPES[shape], messages, city, seed)
    areas = tuple(dict.fromkeys(sample.area for made in shapes for sample in made.samples))
    # Leave through the stack, which ends the servers and removes their files.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        with ExitStack() as stack:
            stack.enter_context(running_on(cpus.others))
            files = _folder(folder, stack)
            around = surround(sink, areas, files, stack, cpus.database)
            results = run_rounds(Plan(consumers, shapes, rounds, files, city.resolve()), around)
    except ConfigError:
        raise
    except GigacityError as error:
        sys.stderr.write(f"gigacity: {error}\n")
        raise typer.Exit(1) from error
    where = "the null sink" if sink == "null" else f"InfluxDB{cpus}"
    Console(stderr=as_json).print(results_table(results, where))
    if as_json:
        call = {"sink": sink, "rounds": rounds, "seed": seed, "database_cpus": [*cpus.database]}
        _print_json(call, results)
    problems = lost(results)
    sys.stderr.writelines(f"gigacity: {problem}\n" for problem in problems)
    raise typer.Exit(1 if problems else 0)


def _shapes(names: tuple[ShapeName, ...], messages: int, folder: Path, seed: int) -> list[Shape]:
    city, now_ms = load_city(folder), SystemClock().now_ms()
    return [
        build_shape(name, messages or DEFAULT_MESSAGES[name], city, now_ms=now_ms, seed=seed)
        for name in names
    ]


def _folder(wanted: Path | None, stack: ExitStack) -> Path:
    """The caller's folder, which must be empty, or a temporary one."""
    if wanted is None:
        folder = Path(tempfile.mkdtemp(prefix="gigacity-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        return folder
    wanted.mkdir(parents=True, exist_ok=True)
    if any(wanted.iterdir()):
        raise ConfigError(f"--folder {wanted}: it is not empty; name a new one")
    return wanted.resolve()


def _print_json(call: Mapping[str, object], results: list[ShapeResult]) -> None:
    document = {**call, "shapes": {result.shape: result.as_json() for result in results}}
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
