"""The lists of the worst that boards read: of each area, of what is fresh, and no more of them."""

import random

import numpy as np
import pytest

from gigacity_api.alarms.trends import PortTrends
from gigacity_api.errors import StoreUnavailableError
from gigacity_api.evaluator import worst_objects
from gigacity_api.evaluator.worst_objects import EVERY_MS, WorstObjects, worst_ports
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.rules import CityInstant
from tests.support.line_protocol import Point, parse_line
from tests.unit.api.conftest import Running, T

COUNT = 3
LISTS = {"weakest": 1, "hottest": -1, "busiest": -1, "faulty": -1, "drifting": -1}


@pytest.fixture(autouse=True)
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test city has few ports."""
    monkeypatch.setattr(worst_objects, "PORTS", COUNT)
    monkeypatch.setattr(worst_objects, "DEVICES", COUNT)


def instant_of(inventory: Inventory, ports: dict[str, np.ndarray], ts: np.ndarray) -> CityInstant:
    state = CityState.empty(inventory)
    state.ports.ts[:] = ts
    for name, values in ports.items():
        state.ports[name][:] = values
    return CityInstant(inventory, state, T)


def key_of(point: Point) -> tuple[str, str, str]:
    olt, slot, port = (point.fields[name][1] for name in ("olt", "slot", "port"))
    return str(olt), str(slot), str(port)


@pytest.mark.parametrize("seed", range(20))
def test_each_list_has_the_worst_of_each_area_and_nothing_unknown(
    inventory: Inventory, seed: int
) -> None:
    choose = random.Random(seed)  # noqa: S311 - no secret
    size = len(inventory.city.ports)

    def column(values: tuple[float, ...]) -> np.ndarray:
        return np.array([choose.choice((*values, float("nan"))) for _ in range(size)])

    power, heat = column((-29.0, -25.5, -25.5, -20.0)), column((35.0, 40.0, 71.5))
    is_fresh = np.array([choose.random() < 0.8 for _ in range(size)])
    nothing = np.full(size, np.nan)
    trends = PortTrends(
        utilisation=nothing, fec_per_s=column((0.0, 0.5, 2.0)), rx_change_db=column((-1.5, 0.5)),
        tx_change_db=nothing, bias_change=nothing, down_bps=column((1e9, 2e9, 3e9)),
    )  # fmt: skip
    instant = instant_of(
        inventory, {"onu_rx_min_dbm": power, "temp_c": heat}, np.where(is_fresh, T - 1, T - 10**9)
    )
    shown = {
        "weakest": np.where(is_fresh, power, np.nan), "hottest": np.where(is_fresh, heat, np.nan),
        "busiest": trends.down_bps, "drifting": np.abs(trends.rx_change_db),
        "faulty": np.where(trends.fec_per_s > 0, trends.fec_per_s * 600, np.nan),
    }  # fmt: skip
    found = [parse_line(line) for line in worst_ports(instant, trends)]
    ports = {place: key for key, place in inventory.port_of_tags.items()}
    for by, sign in LISTS.items():
        for code, area in inventory.area_index.items():
            mine = [i for i in range(size) if inventory.port_area[i] == area]
            known = [i for i in mine if not np.isnan(shown[by][i])]
            expected = sorted(known, key=lambda i: (sign * shown[by][i], i))[:COUNT]
            rows = [p for p in found if (p.tags["by"], p.tags["area"]) == (by, code)]
            assert [p.tags["rank"] for p in rows] == [f"{n + 1:02}" for n in range(len(expected))]
            assert [key_of(p) for p in rows] == [ports[i] for i in expected]
            assert [p.fields["value"][1] for p in rows] == [shown[by][i] for i in expected]


def test_a_port_is_in_the_band_of_its_power(inventory: Inventory) -> None:
    size = len(inventory.city.ports)
    power = np.full(size, np.nan)
    power[:5] = [-28.01, -28.0, -8.0, -12.0, -20.0]
    ts = np.full(size, T - 1)
    ts[4] = T - 10**9
    rows = [
        parse_line(line)
        for line in worst_objects.power_bands(instant_of(inventory, {"onu_rx_min_dbm": power}, ts))
    ]
    names = ("below_28", "from_28", "from_25", "from_22", "from_18", "from_8")
    summed = {name: sum(int(row.fields[name][1]) for row in rows) for name in names}
    assert summed == dict(zip(names, (1, 1, 0, 0, 1, 1), strict=True))
    assert {row.tags["area"] for row in rows} == set(inventory.area_index)


def test_the_lowest_batteries_are_those_of_the_newest_reports(evaluated: Running) -> None:
    evaluation = evaluated.cache.newest().evaluation  # type: ignore[union-attr]
    assert evaluation is not None
    charge = evaluation.state.devices["battery_pct"]
    kinds = evaluation.inventory.kind_of_device
    mine = [i for i, kind in enumerate(kinds) if kind == kinds[-1]]
    charge[mine] = np.arange(len(mine), 0, -1) + 10.0
    rows = [parse_line(line) for line in worst_objects.low_batteries(evaluation.instant)]
    lowest = min(int(row.fields["battery_pct"][1]) for row in rows)
    assert lowest == 11
    assert all(int(row.tags["rank"]) <= COUNT for row in rows)


def test_lists_are_written_every_four_minutes_and_at_once_when_trends_come(
    evaluated: Running,
) -> None:
    state = evaluated.cache.newest().evaluation.state  # type: ignore[union-attr]
    state.ports["temp_c"][:] = 40.0
    worst = WorstObjects(
        evaluated.store, evaluated.cache, evaluated.alarms.trends, evaluated.clock, tick_ms=60_000
    )
    evaluated.store.write_failure = StoreUnavailableError("down")
    with pytest.raises(StoreUnavailableError):
        worst.refresh()
    evaluated.store.write_failure = None
    worst.refresh()
    assert evaluated.store.found("worst_port") == []

    assert evaluated.alarms.trends.step()
    worst.refresh()
    written = evaluated.store.found("worst_port")
    assert {row.tags["by"] for row in written} == {"hottest"}
    evaluated.store.points.clear()
    worst.refresh()
    assert evaluated.store.found("worst_port") == []
    evaluated.clock.advance_s(EVERY_MS / 1000)
    worst.refresh()
    assert len(evaluated.store.found("worst_port")) == len(written)


def test_before_the_first_evaluation_nothing_is_written(running: Running) -> None:
    trends = running.alarms.trends
    WorstObjects(running.store, running.cache, trends, running.clock, tick_ms=60_000).refresh()
    assert running.store.found("port_power") == []


def test_a_demo_whose_ticks_are_short_need_not_wait_for_minutes(evaluated: Running) -> None:
    evaluated.cache.newest().evaluation.state.ports["temp_c"][:] = 40.0  # type: ignore[union-attr]
    worst = WorstObjects(
        evaluated.store, evaluated.cache, evaluated.alarms.trends, evaluated.clock, tick_ms=5000
    )
    worst.refresh()
    count = len(evaluated.store.found("worst_port"))
    evaluated.store.points.clear()
    evaluated.clock.advance_s(20)
    worst.refresh()
    assert len(evaluated.store.found("worst_port")) == count > 0
