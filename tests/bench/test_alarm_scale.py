"""CPU and memory of the alarm engine over the whole city.

``pytest -m bench -s tests/bench/test_alarm_scale.py``. A quiet interval, a region whose every
port loses its ONUs at once, and their coming back; as the evaluator would hand them over.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gigacity_api.alarms.book import AlarmBook
from gigacity_api.alarms.engine import AlarmEngine
from gigacity_api.alarms.model import Act, AlarmEvent
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.technologies import mask_of
from gigacity_city.load import load_city

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[2]
CITY = ROOT / "deploy" / "city" / "binzhou"
T = 1_800_000_000_000
MINUTE = 60_000


def report(state: CityState, at_ms: int, *, dark: bool) -> None:
    """Every port and device reports just before an instant; dark: no ONU is online."""
    ports, devices = state.ports, state.devices
    count = len(ports.ts)
    values: dict[str, Any] = {
        "tech": np.full(count, mask_of("xgs-pon")), "admin": np.ones(count, np.int8),
        "oper": np.ones(count, np.int8), "onu_total": np.full(count, 40),
        "onu_online": np.full(count, 0 if dark else 36), "onu_rx_min_dbm": np.full(count, -22.0),
        "tx_dbm": np.full(count, 5.0), "temp_c": np.full(count, 40.0),
    }  # fmt: skip
    ports.offer(np.arange(count), np.full(count, at_ms - 5_000), values)
    index = np.arange(len(devices.ts))
    devices.offer(index, np.full(len(index), at_ms - 5_000), {})


def measure() -> dict[str, Any]:
    """A few quiet intervals, the fall of every port, and what follows."""
    city = load_city(CITY)
    inventory = Inventory(city)
    state = CityState.empty(inventory)
    events: list[AlarmEvent] = []
    before_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    engine = AlarmEngine(AlarmBook(events.append), inventory)
    costs: list[float] = []

    def step(number: int, *, dark: bool) -> float:
        at_ms = T + number * MINUTE
        report(state, at_ms, dark=dark)
        instant = CityInstant(inventory, state.copy(), at_ms)
        started_s = time.thread_time()
        engine.step(instant, (), at_ms + 30_000)
        return time.thread_time() - started_s

    step(0, dark=False)
    costs = [step(number, dark=False) for number in range(1, 11)]
    quiet = len(events)
    fall = [step(number, dark=True) for number in range(11, 17)]
    found, told = len(engine.book.active), len(events)
    rise = [step(number, dark=False) for number in range(17, 24)]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "ports": len(city.ports), "devices": len(city.devices), "quiet_s": round(max(costs), 3),
        "quiet_events": quiet, "fall_s": [round(s, 3) for s in fall], "alarms": found,
        "rise_s": [round(s, 3) for s in rise],
        "raised_by_light": sum(event.act is Act.RAISE for event in events[told:]),
        "left": len(engine.book.active),
        "grown_mb": round(peak_mb - before_mb),
    }  # fmt: skip


def test_a_whole_city() -> None:
    """Prints one line, and holds what alarms may cost."""
    code = (
        "import json; from tests.bench.test_alarm_scale import measure;"
        " print(json.dumps(measure()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    sys.stdout.write(f"\n{json.dumps(found)}\n")
    assert found["quiet_s"] < 0.3
    assert max(found["fall_s"]) < 5.0
    assert max(found["rise_s"]) < 0.3
    assert found["raised_by_light"] == 0
    assert (found["quiet_events"], found["left"]) == (0, 0)
