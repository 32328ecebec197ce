"""CPU and memory of evaluating, recomputing and rolling up a whole city, the database apart.

``pytest -m bench -s tests/bench/test_evaluator_scale.py``. Each size runs in a process of its own,
so that its memory is its own.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gigacity_api.evaluator.board import Board
from gigacity_api.evaluator.core import EvaluatorCore
from gigacity_api.indicators.universe import Universe
from gigacity_api.metrics import ApiMetrics
from gigacity_api.rollups.roller import Roller
from gigacity_api.settings import EvaluationSettings
from gigacity_contract.city.load import load_city
from gigacity_contract.clock import ManualClock
from tests.bench.city_store import CityStore, multiplied
from tests.unit.api.doubles import FakeCities

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[2]
CITY = ROOT / "deploy" / "city" / "binzhou"
T = 1_800_000_000_000
MINUTE = 60_000
INTERVALS = 3


class Meter:
    """CPU of this thread, without what making the answers took."""

    def __init__(self, store: CityStore) -> None:
        self._store = store
        self._rows, self._making_s = store.rows_made, store.making_s
        self._started_s = time.thread_time()

    def read(self) -> dict[str, float]:
        """Seconds and rows since it was made."""
        cpu_s = time.thread_time() - self._started_s - (self._store.making_s - self._making_s)
        return {"cpu_s": round(cpu_s, 3), "rows": self._store.rows_made - self._rows}


def measure(times: int) -> dict[str, Any]:
    """A cold start, a few intervals, and one window of roll-ups."""
    city = load_city(CITY)
    if times > 1:
        city = multiplied(city, times)
    store, clock = CityStore(city), ManualClock(T + 30_000)
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cities, metrics = FakeCities(city), ApiMetrics()
    meter = Meter(store)
    core = EvaluatorCore(
        store=store, board=Board(Universe(city)), cities=cities,
        settings=EvaluationSettings(60, 30), clock=clock, metrics=metrics,
    )  # fmt: skip
    core.evaluate(T)
    core.publisher.flush()
    found: dict[str, Any] = {"times": times, "cold start": meter.read(), "intervals": []}
    for number in range(1, INTERVALS + 1):
        clock.wall_ms = T + number * MINUTE + 30_000
        meter = Meter(store)
        core.evaluate(T + number * MINUTE)
        core.publisher.flush()
        found["intervals"].append(meter.read())
    clock.wall_ms = T + 5 * MINUTE
    roller = Roller(store, cities, clock, metrics)
    roller.step()
    clock.wall_ms += 5 * MINUTE
    written, meter = store.bytes_written, Meter(store)
    while roller.step():
        pass
    found["five minutes"] = meter.read() | {
        "written_mb": round((store.bytes_written - written) / 1e6, 1)
    }
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found | {"harness_mb": round(before_mb), "peak_mb": round(peak_mb)}


@pytest.mark.parametrize("times", [1, 2, 4])
def test_a_whole_city(times: int) -> None:
    """Prints one line; of the city itself it holds what the design asks for."""
    code = (
        "import json; from tests.bench.test_evaluator_scale import measure;"
        f" print(json.dumps(measure({times})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    sys.stdout.write(f"\n{json.dumps(found)}\n")
    interval = min(part["cpu_s"] for part in found["intervals"])
    assert interval <= 1.0 * times
    assert found["cold start"]["cpu_s"] <= 20 * times
