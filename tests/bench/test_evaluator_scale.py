"""CPU and memory of evaluating, recomputing and rolling up a whole city, the database apart.

``pytest -m bench -s tests/bench/test_evaluator_scale.py``. Each size runs in a process of its own,
so that its memory is its own.
"""

import json
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
from gigacity_api.rollups.accumulator import Accumulator
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.rollups import area_rows
from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_contract.clock import ManualClock
from gigacity_contract.rollup_measurements import TELEMETRY
from tests.bench.city_store import CityStore, multiplied

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[2]
CITY = ROOT / "deploy" / "city" / "binzhou"
T = 1_800_000_000_000
MINUTE = 60_000
PIECE_MS = 300_000
INTERVALS = 15
"""The last of them is written whole."""


class Meter:
    """CPU of this thread, without what making the answers took."""

    def __init__(self, store: CityStore) -> None:
        self._store = store
        self._making_s = store.making_s
        self._started_s = time.thread_time()

    def lap(self) -> float:
        """Seconds since it was made, or since the last lap."""
        now_s, making_s = time.thread_time(), self._store.making_s
        cpu_s = now_s - self._started_s - (making_s - self._making_s)
        self._started_s, self._making_s = now_s, making_s
        return cpu_s


class Evaluating:
    """The parts of an interval, one after another as the evaluator does them."""

    def __init__(self, store: CityStore, city: City) -> None:
        self._store = store
        self._clock = ManualClock(T)
        inventory = Inventory(city)
        self._evaluator = Evaluator(inventory)
        self._reader = StateReader(store, inventory, EvaluationSettings(60, 30), self._clock)
        self._publisher = FigurePublisher(store, MonotonicTimestamps(self._clock))

    def at(self, instant: int) -> dict[str, Any]:
        """CPU seconds of each part, and rows."""
        self._clock.wall_ms = instant + 30_000
        lines = self._store.lines_written.copy()
        meter = Meter(self._store)
        rows = self._reader.advance(instant).rows
        read_s = meter.lap()
        publication = Publication.of(self._evaluator.evaluate(self._reader.state, instant))
        evaluate_s = meter.lap()
        self._publisher.add(publication)
        self._publisher.flush()
        publish_s = meter.lap()
        return {
            "rows": rows, "read_s": round(read_s, 3), "evaluate_s": round(evaluate_s, 3),
            "publish_s": round(publish_s, 3),
            "cpu_s": round(read_s + evaluate_s + publish_s, 3),
            "lines": dict(self._store.lines_written - lines), "figures": len(publication.figures),
        }  # fmt: skip


def medians(parts: list[dict[str, Any]]) -> dict[str, float]:
    """Of each number."""
    names = ("rows", "read_s", "evaluate_s", "publish_s", "cpu_s")
    return {name: statistics.median(part[name] for part in parts) for name in names}


def roll_up(store: Store, city: City, start_ms: int) -> None:
    """Read and join five minutes of every area, as roll-ups do of a day; nothing is written."""
    for raw in TELEMETRY:
        for area in city.area_of_code:
            joined = Accumulator(raw.name)
            for batch in store.rows(area_rows(raw, area, start_ms, start_ms + PIECE_MS), list):
                joined.take(batch)


def measure(times: int) -> dict[str, Any]:
    """A cold start, a few intervals, and a piece of the roll-ups."""
    city = load_city(CITY)
    if times > 1:
        city = multiplied(city, times)
    store = CityStore(city)
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    evaluating = Evaluating(store, city)
    found: dict[str, Any] = {"times": times, "cold start": evaluating.at(T)}
    parts = [evaluating.at(T + number * MINUTE) for number in range(1, INTERVALS + 1)]
    found |= {"interval": medians(parts), "most": max(part["cpu_s"] for part in parts)}
    found["lines"] = [part["lines"] for part in parts]
    rows, meter = store.rows_made, Meter(store)
    roll_up(store, city, T)
    found["five minutes of roll-ups"] = {
        "cpu_s": round(meter.lap(), 3), "rows": store.rows_made - rows,
    }  # fmt: skip
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
    assert found["interval"]["cpu_s"] <= 1.0 * times
    assert found["cold start"]["cpu_s"] <= 20 * times
