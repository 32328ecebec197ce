"""What a full city costs the evaluator: taking an interval's rows, and every figure at every level.

``pytest -m bench -s tests/bench/test_indicators.py``
"""

import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gigacity_api.evaluator.lines import FigureLines, Stamp
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.evaluation import Evaluator
from gigacity_api.indicators.inventory import KINDS, Inventory
from gigacity_api.indicators.row_loader import (
    PortRow,
    device_row,
    load_devices,
    load_ports,
)
from gigacity_city.load import load_city

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

CITY = Path(__file__).parents[2] / "deploy" / "city" / "binzhou"
T = 1_800_000_000_000
MOST_CPU_S = 1.0
"""Of one interval: rows taken in, figures computed, and lines of them."""
BATCH = 10_000


def port_rows(inventory: Inventory, ts: int, dice: random.Random) -> list[PortRow]:
    """One report of every port."""
    return [
        PortRow(
            ts - dice.randrange(60_000), p.key.olt, str(p.key.slot), str(p.key.port), p.tech,
            inventory.city.olt_by_id[p.key.olt].area,
            "up", "down" if dice.random() < 0.02 else "up",
            onu_total=32, onu_online=30, onu_rx_min_dbm=-21.5, tx_dbm=4.2, temp_c=41.5,
        )
        for p in inventory.city.ports
    ]  # fmt: skip


def device_rows(inventory: Inventory, ts: int, dice: random.Random) -> dict[str, list[Any]]:
    """One report of every device, by kind."""
    rows: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for row in inventory.city.devices.ranges:
        make = device_row(row.kind)
        area = inventory.city.community_by_code[row.community].area
        values = (True, True) if row.kind == "camera" else ()
        for device in row.ids.ids():
            rows[row.kind].append(
                make(ts - dice.randrange(60_000), row.community, device, area, *values)
            )
    return rows


def cpu_s(work: Callable[[], Any], times: int = 3) -> float:
    """The least CPU seconds of a few runs."""
    best = float("inf")
    for _ in range(times):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def test_an_interval_of_the_full_city_fits_its_budget() -> None:
    inventory = Inventory(load_city(CITY))
    dice = random.Random(1)  # noqa: S311 - a city, not a secret
    evaluator, state = Evaluator(inventory), CityState.empty(inventory)
    # As the reader does: each interval reads about three of them again.
    ports = [port_rows(inventory, T - ago * 60_000, dice) for ago in (2, 1, 0)]
    devices = device_rows(inventory, T, dice)
    count = sum(map(len, ports)) + sum(map(len, devices.values()))

    def take() -> None:
        for rows in ports:
            for first in range(0, len(rows), BATCH):
                load_ports(state, inventory, rows[first : first + BATCH], T)
        for kind, found in devices.items():
            for first in range(0, len(found), BATCH):
                load_devices(state, inventory, kind, found[first : first + BATCH], T)

    first_s = cpu_s(take, times=1)
    again_s = cpu_s(take)
    figures_s = cpu_s(lambda: evaluator.evaluate(state, T))
    figures = evaluator.evaluate(state, T).figures
    lines, stamp = FigureLines(), Stamp(T, "0" * 16, 0)
    lines_s = cpu_s(lambda: [lines.of(f, stamp).line() for f in figures])
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"\n{count:,} rows taken in {first_s:.3f} s CPU, again in {again_s:.3f} s;"
        f" {len(figures):,} figures in {figures_s:.3f} s, as lines in {lines_s:.3f} s;"
        f" {memory_mb:.0f} MB with the rows\n"
    )
    assert max(first_s, again_s) + figures_s + lines_s <= MOST_CPU_S
