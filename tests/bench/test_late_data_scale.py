"""CPU of late data in a whole city, the database apart: what an instant costs that is made again.

``pytest -m bench -s tests/bench/test_late_data_scale.py``. A device whose reports of all kept days
come at once touches every instant of them, and so does a day of everybody's: what differs is how
many instants that are.
"""

import json
import statistics
import sys
from typing import Any

import pytest

from gigacity_api.evaluator.backfill import Backfill
from gigacity_api.evaluator.background import MAX_SHARE
from gigacity_api.evaluator.reach import whole_since_ms
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_city.load import load_city
from gigacity_contract.clock import ManualClock
from tests.bench.api.serving import OneCity
from tests.bench.city_store import CityStore
from tests.bench.test_evaluator_scale import CITY, MINUTE, Meter, T

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

INSTANTS = 20
DAY = 1440


def measure() -> dict[str, Any]:
    """The first instant of a flood, and those that follow it."""
    city = load_city(CITY)
    store = CityStore(city)
    again = Backfill(store, OneCity(city), EvaluationSettings(60, 30), ManualClock(T))
    costs = []
    for number in range(INSTANTS + 1):
        meter = Meter(store)
        again.evaluate(T - DAY * MINUTE + number * MINUTE)
        costs.append(meter.lap())
    each_s = statistics.median(costs[1:])
    kept = (T - whole_since_ms(city, T)) // MINUTE
    return {
        "first_s": round(costs[0], 2), "each_s": round(each_s, 3),
        "instants": {"a day of everybody's": DAY, "all kept days of one device": kept},
        "hours": {
            "a day of everybody's": round(DAY * each_s / MAX_SHARE / 3600, 2),
            "all kept days of one device": round(kept * each_s / MAX_SHARE / 3600, 2),
        },
    }  # fmt: skip


def test_late_data_of_a_whole_city() -> None:
    """Prints one line."""
    found = measure()
    sys.stdout.write(f"\n{json.dumps(found)}\n")
    assert found["each_s"] <= 2.0
