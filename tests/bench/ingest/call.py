"""One call of the command: checks what was asked, surrounds, measures, reports, gives a code."""

import json
import shutil
import signal
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

from rich.console import Console

from gigacity_city.load import load_city
from gigacity_contract.clock import SystemClock
from gigacity_contract.errors import ConfigError, GigacityError
from tests.bench.ingest.affinity import running_on
from tests.bench.ingest.consumers import select_consumers
from tests.bench.ingest.cpus import OPTION, Division, divide_cpus
from tests.bench.ingest.progress import TerminalProgress
from tests.bench.ingest.results import ShapeResult, lost
from tests.bench.ingest.run import Plan, run_rounds
from tests.bench.ingest.shapes import Shape, ShapeName, build_shape
from tests.bench.ingest.surroundings import SinkName, Wanted, surround
from tests.bench.ingest.table import results_table

ShapeChoice = Literal["pon", "device", "both"]
DEFAULT_MESSAGES: dict[ShapeName, int] = {"pon": 12_500, "device": 200_000}
"""200,000 points each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The options of the command, as given."""

    rounds: int
    messages: int
    shape: str
    sink: str
    consumer_list: str
    mqtt_url: str
    mqtt_username: str
    influx_url: str
    influx_username: str
    database_cpus: str
    city: Path
    seed: int
    folder: Path | None
    as_json: bool

    def shape_names(self) -> tuple[ShapeName, ...]:
        """The shapes to run.

        Raises:
            ConfigError: there is no such shape.
        """
        if self.shape not in get_args(ShapeChoice):
            raise ConfigError(
                f"--shape {self.shape}: choose from {', '.join(get_args(ShapeChoice))}"
            )
        return ("pon", "device") if self.shape == "both" else (cast("ShapeName", self.shape),)

    def sink_name(self) -> SinkName:
        """Where points go.

        Raises:
            ConfigError: there is no such sink.
        """
        if self.sink not in get_args(SinkName):
            raise ConfigError(f"--sink {self.sink}: choose from {', '.join(get_args(SinkName))}")
        return cast("SinkName", self.sink)


def execute(call: Call) -> int:
    """Run it; the exit code: 0, or 1 if the worker left something out or nothing could be measured.

    Raises:
        ConfigError, CityError: a wrong call (exit code 2).
    """
    names, sink = call.shape_names(), call.sink_name()
    cpus = divide_cpus(call.database_cpus, sink=sink, influx_url=call.influx_url)
    consumers, remarks = select_consumers(call.consumer_list)
    progress = TerminalProgress(Console(stderr=True))
    for remark in remarks:
        progress.say(remark)
    with progress.step("prepare messages", len(names)):
        shapes = _shapes(call, names)
    areas = tuple(dict.fromkeys(sample.area for made in shapes for sample in made.samples))
    # Leave through the stack, which ends the servers and removes their files.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        with ExitStack() as stack:
            stack.enter_context(running_on(OPTION, cpus.others))
            folder = _folder(call.folder, stack)
            wanted = Wanted(
                call.mqtt_url, call.mqtt_username, call.influx_url, call.influx_username,
                sink, areas, folder, cpus.database,
            )  # fmt: skip
            around = surround(wanted, stack)
            plan = Plan(consumers, shapes, call.rounds, folder, call.city.resolve())
            results = run_rounds(plan, around, progress)
    except ConfigError:
        raise
    except GigacityError as error:
        sys.stderr.write(f"gigacity: {error}\n")
        return 1
    return _report(call, cpus, results)


def _shapes(call: Call, names: tuple[ShapeName, ...]) -> list[Shape]:
    city, now_ms = load_city(call.city), SystemClock().now_ms()
    return [
        build_shape(
            name, call.messages or DEFAULT_MESSAGES[name], city, now_ms=now_ms, seed=call.seed
        )
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


def _report(call: Call, cpus: Division, results: list[ShapeResult]) -> int:
    where = "the null sink" if call.sink == "null" else f"InfluxDB{cpus}"
    Console(stderr=call.as_json).print(results_table(results, where))
    if call.as_json:
        sys.stdout.write(json.dumps(_document(call, cpus, results), indent=2) + "\n")
    problems = lost(results)
    for problem in problems:
        sys.stderr.write(f"gigacity: {problem}\n")
    return 1 if problems else 0


def _document(call: Call, cpus: Division, results: list[ShapeResult]) -> dict[str, Any]:
    return {
        "sink": call.sink,
        "rounds": call.rounds,
        "seed": call.seed,
        "database_cpus": sorted(cpus.database),
        "shapes": {result.shape: result.as_json() for result in results},
    }
