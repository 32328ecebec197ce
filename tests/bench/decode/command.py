"""``python -m tests.bench decode``: CPU of a reading by format, beside the native way.

Decoding alone, and all of it from the message to lines.
"""

import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tests.bench.decode.messages import (
    DecodeJob,
    device_jobs,
    golden_jobs,
    long_jobs,
    native_jobs,
    parser_of,
)
from tests.bench.decode.telegraf import parse_us
from tests.bench.decode.whole_way import way_jobs

LEAST = 0.3
"""Of the native decoder's speed; what is below it has its reason in docs/performance.md."""
_ROUNDS = 7


@dataclass(frozen=True, slots=True)
class DecodeCost:
    """What one message costs."""

    format: str
    name: str
    bytes: int
    readings: int
    reading_us: float
    """CPU of one reading."""
    ratio: float
    """Native CPU of a point of the same kind of message over this one's: its relative speed."""
    telegraf_us: float | None = None
    parser_us: float | None = None
    """CPU of a parser in C that reads these bytes and does no more, for one reading."""

    @property
    def readings_per_s(self) -> int:
        """Of one core."""
        return round(1e6 / self.reading_us)


def decode(
    *,
    seconds: Annotated[
        float, typer.Option(min=0.01, help="CPU time of each message; more is steadier.")
    ] = 0.2,
    only: Annotated[str, typer.Option(help="Formats, divided by commas; default: all.")] = "",
    telegraf: Annotated[
        bool, typer.Option(help="Beside Telegraf's parsers, where it is on PATH.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Figures for a program.")] = False,
) -> None:
    """CPU of decoding a message of every foreign format, beside the native decoder."""
    names = {name for name in only.split(",") if name}
    program = shutil.which("telegraf") if telegraf else None
    costs = measure(names, seconds, program)
    ways = measure_ways(names, seconds)
    if as_json:
        figures = {"decoding": _rows(costs), "to_lines": _rows(ways)}
        sys.stdout.write(json.dumps(figures, indent=1) + "\n")
        return
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(costs_table(costs, "Decoding alone, one core"))
    console.print(costs_table(ways, "From the message to lines, one core"))


def _rows(costs: list[DecodeCost]) -> list[dict[str, Any]]:
    return [asdict(cost) | {"readings_per_s": cost.readings_per_s} for cost in costs]


def measure(names: set[str], seconds: float, program: str | None = None) -> list[DecodeCost]:
    """Costs of native messages, of long ones and of golden ones.

    Args:
        names: formats that are wanted; empty: all.
        seconds: CPU time of each.
        program: path of Telegraf, if it is to be measured as well.
    """
    native = {job.name: cpu_us(job.decode, seconds) / job.readings for job in native_jobs()}
    jobs = [
        job
        for job in long_jobs() + device_jobs() + golden_jobs()
        if not names or job.format in names
    ]
    costs = [
        DecodeCost("native", job.name, len(job.payload), job.readings, native[job.name], 1.0)
        for job in native_jobs()
    ]
    for job in jobs:
        own_us = cpu_us(job.decode, seconds) / job.readings
        telegraf_us = _telegraf_us(program, job)
        costs.append(
            DecodeCost(
                job.format,
                job.name,
                len(job.payload),
                job.readings,
                own_us,
                native[job.beside] / own_us,
                telegraf_us,
                _parser_us(job, seconds),
            )
        )
    return costs


def measure_ways(names: set[str], seconds: float) -> list[DecodeCost]:
    """Costs of the same content from the message to lines, native and by a mapping.

    Args:
        names: formats that are wanted; empty: all.
        seconds: CPU time of each.
    """
    with TemporaryDirectory() as folder:
        jobs = way_jobs(Path(folder))
    native: dict[str, float] = {}
    costs = []
    for job in jobs:
        if job.format != "native" and names and job.format not in names:
            continue
        own_us = cpu_us(job.decode, seconds) / job.readings
        if job.format == "native":
            native[job.name] = own_us
        ratio = native[job.beside] / own_us
        size = len(job.payload)
        costs.append(DecodeCost(job.format, job.name, size, job.readings, own_us, ratio))
    return costs


def _parser_us(job: DecodeJob, seconds: float) -> float | None:
    parse = parser_of(job)
    return None if parse is None else cpu_us(parse, seconds) / job.readings


def _telegraf_us(program: str | None, job: DecodeJob) -> float | None:
    return parse_us(program, job) if program is not None and job.name == "rows" else None


def cpu_us(work: Callable[[], object], seconds: float) -> float:
    """CPU of one call: the least of some rounds, since others only ever add to it."""
    started = time.process_time()
    work()
    count = max(1, int(seconds / _ROUNDS / max(time.process_time() - started, 1e-6)))
    least = float("inf")
    for _ in range(_ROUNDS):
        started = time.process_time()
        for _ in range(count):
            work()
        least = min(least, (time.process_time() - started) / count)
    return least * 1e6


def costs_table(costs: list[DecodeCost], title: str) -> Table:
    """For people."""
    table = Table(title=title)
    for column in ("format", "message"):
        table.add_column(column)
    for column in (
        "bytes",
        "readings",
        "µs a reading",
        "readings/s",
        "of native",
        "parser µs",
        "Telegraf µs",
    ):
        table.add_column(column, justify="right")
    for cost in costs:
        mark = "" if cost.ratio >= LEAST else " [yellow]low[/]"
        table.add_row(
            cost.format,
            cost.name,
            f"{cost.bytes:,}",
            str(cost.readings),
            f"{cost.reading_us:.2f}",
            f"{cost.readings_per_s:,}",
            f"{cost.ratio:.2f}{mark}",
            "" if cost.parser_us is None else f"{cost.parser_us:.2f}",
            "" if cost.telegraf_us is None else f"{cost.telegraf_us:.2f}",
        )
    return table
