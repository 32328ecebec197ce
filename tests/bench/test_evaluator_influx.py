"""The evaluator over InfluxDB 1.6.7 that holds a whole city: intervals, cold start, roll-ups.

``pytest -m bench -s tests/bench/test_evaluator_influx.py``; some ten minutes, half of them filling.
The evaluator runs in a process of its own, so that its CPU and memory are its own; the database and
the kernel are not counted in its CPU.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.publishing import FigurePublisher, MonotonicTimestamps
from gigacity_api.evaluator.reading import StateReader
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.indicators.evaluation import Evaluator
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.storage.influx import InfluxStore
from gigacity_city.load import load_city
from gigacity_contract.access import Secret
from gigacity_contract.clock import ManualClock, SystemClock
from gigacity_contract.influx import InfluxEndpoint
from gigacity_contract.process.settings import parse_url
from tests.bench.test_evaluator_scale import roll_up
from tests.support.processes import start_local_influx

pytestmark = [pytest.mark.bench, pytest.mark.timeout(3600)]

ROOT = Path(__file__).parents[2]
CITY = ROOT / "deploy" / "city" / "binzhou"
MINUTE = 60_000
FIVE_MINUTES = 5 * MINUTE
INTERVALS = 6
MOST_COLD_S = 20.0
MOST_MB = 600
SETTLED_S = 20
"""Until the database has written its files."""


class Lap:
    """CPU of this thread, time on the clock and CPU of the database, part by part."""

    def __init__(self, database_pid: int) -> None:
        self._stat = Path(f"/proc/{database_pid}/stat")
        self._last = self._now()

    def read(self) -> tuple[float, float, float]:
        """Since the last one."""
        now = self._now()
        cpu_s, wall_s, database_s = (new - old for new, old in zip(now, self._last, strict=True))
        self._last = now
        return cpu_s, wall_s, database_s

    def _now(self) -> tuple[float, float, float]:
        fields = self._stat.read_text().rpartition(")")[2].split()
        database_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return time.thread_time(), time.perf_counter(), database_s


def _store(told: dict[str, Any]) -> InfluxStore:
    secret = Secret(told["secret"])
    address = parse_url("URL", told["url"], ("http",))
    endpoint = InfluxEndpoint(address, told["bucket"], told["username"], secret)
    return InfluxStore(endpoint, timeout_s=300)


def evaluate(told: dict[str, Any]) -> dict[str, Any]:
    """A cold start, and the instants after it."""
    lap, t_ms = Lap(told["pid"]), told["t_ms"]
    inventory = Inventory(load_city(CITY))
    loading = lap.read()
    with _store(told) as store:
        clock = ManualClock(t_ms)
        reader = StateReader(store, inventory, EvaluationSettings(60, 30), clock)
        evaluator, publisher = (
            Evaluator(inventory),
            FigurePublisher(store, MonotonicTimestamps(clock)),
        )

        def at(instant: int) -> dict[str, float]:
            clock.wall_ms = instant + 30_000
            lap = Lap(told["pid"])
            rows = reader.advance(instant).rows
            read = lap.read()
            publication = Publication.of(evaluator.evaluate(reader.state, instant))
            made = lap.read()
            publisher.add(publication)
            publisher.flush()
            published = lap.read()
            parts = {"read": read, "evaluate": made, "publish": published}
            return {
                "rows": rows,
                **{f"{name}_s": part[0] for name, part in parts.items()},
                "cpu_s": sum(part[0] for part in parts.values()),
                "wall_s": sum(part[1] for part in parts.values()),
                "database_cpu_s": sum(part[2] for part in parts.values()),
            }

        cold = at(t_ms)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        intervals = [at(t_ms + number * MINUTE) for number in range(1, INTERVALS + 1)]
    return {
        "loading_s": loading[0], "loading_wall_s": loading[1], "cold start": cold,
        "cold_peak_mb": peak_mb, "intervals": intervals,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def rolled_up(told: dict[str, Any]) -> dict[str, Any]:
    """Five minutes of roll-ups, of the time before the cold start."""
    city = load_city(CITY)
    with _store(told) as store:
        lap = Lap(told["pid"])
        roll_up(store, city, told["t_ms"] - FIVE_MINUTES)
        cpu_s, wall_s, database_s = lap.read()
    return {"cpu_s": cpu_s, "wall_s": wall_s, "database_cpu_s": database_s}


def _in_a_process(code: str, told: dict[str, Any]) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, input=json.dumps(told), text=True, check=True,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def _call(name: str, told: dict[str, Any]) -> Any:
    module = "tests.bench.test_evaluator_influx"
    code = f"import json, sys; from {module} import {name};"
    return _in_a_process(f"{code} print(json.dumps({name}(json.load(sys.stdin))))", told)


def test_over_a_database_with_a_whole_city(tmp_path: Path) -> None:
    """Prints one JSON object a part; holds what the design asks for."""
    influx = start_local_influx(tmp_path)
    assert influx.process is not None
    try:
        t_ms = (SystemClock().now_ms() - 15 * MINUTE) // FIVE_MINUTES * FIVE_MINUTES
        told: dict[str, Any] = {
            "url": influx.url, "bucket": influx.bucket, "username": influx.admin_username,
            "secret": influx.admin_secret, "city": str(CITY), "t_ms": t_ms,
            "pid": influx.process.child.pid,
            "before_ms": FIVE_MINUTES, "after_ms": INTERVALS * MINUTE,
        }  # fmt: skip
        started_s = time.perf_counter()
        rows = _in_a_process("from tests.bench.city_lines import main; main()", told)
        print(f"\nfilled with {rows:,} rows in {time.perf_counter() - started_s:.0f} s")  # noqa: T201
        time.sleep(SETTLED_S)
        found = _call("evaluate", told)
        print(json.dumps(_rounded(found)))  # noqa: T201
        print(json.dumps(_rounded(_call("rolled_up", told))))  # noqa: T201
    finally:
        influx.close()
    assert statistics.median(part["cpu_s"] for part in found["intervals"]) <= 1.0
    assert found["loading_wall_s"] + found["cold start"]["wall_s"] <= MOST_COLD_S
    assert found["peak_mb"] <= MOST_MB


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    return value
