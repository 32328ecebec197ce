"""What alarms ask of ports beside the interval: load, errors, light over a week, lost ONUs."""

import numpy as np
import pytest

from gigacity_api.alarms.layout import NetworkLayout
from gigacity_api.alarms.port_conditions import PortConditions
from gigacity_api.alarms.trends import PortTrends
from gigacity_api.errors import StoreUnavailableError
from gigacity_api.evaluator.port_trends import PortTrendsReader
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.rules import CityInstant
from gigacity_contract.clock import ManualClock
from gigacity_contract.local_time import DAY_MS, day_start_ms
from tests.unit.api.conftest import T
from tests.unit.api.doubles import FakeStore


def put(
    store: FakeStore, inventory: Inventory, at_ms: int, table: str = "pon_port", **fields: float
) -> None:
    """A row of the first port."""
    port = inventory.city.ports[0]
    area = inventory.city.areas[int(inventory.port_area[0])].code
    tags = {
        "area": area, "olt": port.key.olt, "slot": str(port.key.slot), "port": str(port.key.port),
        "tech": "xgs-pon",
    }  # fmt: skip
    store.put(table, at_ms, tags, **fields)


@pytest.fixture
def reader(inventory: Inventory, store: FakeStore, clock: ManualClock) -> PortTrendsReader:
    return PortTrendsReader(store, PublicationCache(inventory), clock)


def test_rates_are_between_two_readings_and_none_after_a_restart_of_the_port(
    inventory: Inventory, store: FakeStore, clock: ManualClock, reader: PortTrendsReader
) -> None:
    found = []
    for total in (1_000, 1_600, 5):
        now_ms = clock.now_ms()
        put(store, inventory, now_ms - 1000, down_bps=4_976_640_000, fec_uncorrectable=total)
        assert reader.step()
        assert not reader.step()
        trends = reader.of(inventory)
        assert trends is not None
        found.append((round(float(trends.utilisation[0]), 3), float(trends.fec_per_s[0])))
        clock.advance_s(300)

    assert [used for used, _ in found] == [0.5, 0.5, 0.5]
    assert np.isnan(found[0][1])
    assert found[1][1] == 2.0
    assert np.isnan(found[2][1])
    assert np.isnan(reader.of(inventory).utilisation[1])  # type: ignore[union-attr]


def test_where_nothing_was_found_it_is_asked_again_soon(
    inventory: Inventory, store: FakeStore, clock: ManualClock, reader: PortTrendsReader
) -> None:
    """A system that has just begun: boards showed no busiest ports for five minutes."""
    assert reader.step()
    clock.advance_s(20)
    put(store, inventory, clock.now_ms() - 1000, down_bps=4_976_640_000)
    assert reader.step()
    clock.advance_s(20)
    assert not reader.step()


def test_light_is_compared_with_that_of_a_week_before(
    inventory: Inventory, store: FakeStore, clock: ManualClock, reader: PortTrendsReader
) -> None:
    yesterday = day_start_ms(clock.now_ms()) - DAY_MS
    for day, rx, bias in ((yesterday, -24.0, 18.0), (yesterday - 7 * DAY_MS, -22.5, 15.0)):
        means = {"onu_rx_min_dbm_mean": rx, "tx_dbm_mean": 4.0, "bias_ma_mean": bias}
        put(store, inventory, day, "r1d/pon_port", **means)
    reader.step()
    trends = reader.of(inventory)

    assert trends is not None
    assert trends.rx_change_db[0] == -1.5
    assert trends.tx_change_db[0] == 0.0
    assert trends.bias_change[0] == pytest.approx(0.2)


def test_what_onus_said_is_not_missed_when_the_database_is_away(
    inventory: Inventory, store: FakeStore, reader: PortTrendsReader
) -> None:
    lost = np.zeros(len(inventory.city.ports), dtype=np.bool_)
    lost[0] = True
    put(store, inventory, T - 1000, onu_off_power=12, onu_off_los=1)
    told = reader.losses(inventory, T, lost)
    assert told is not None
    assert (told.power[0], told.signal[0], told.power[1]) == (12, 1, -1)

    store.failure = StoreUnavailableError("away")
    assert reader.losses(inventory, T, lost) is None


@pytest.mark.parametrize(
    ("name", "field", "bad", "between", "good"),
    [
        ("pon.rx_drift", "rx_change_db", -1.0, -0.8, -0.4),
        ("pon.bias_rising", "bias_change", 0.25, 0.15, 0.05),
        ("pon.utilisation", "utilisation", 0.9, 0.84, 0.5),
        ("pon.fec_uncorrectable", "fec_per_s", 3.0, 0.07, 0.0),
    ],
)
def test_a_limit_has_a_delay_and_a_dead_band(
    inventory: Inventory, name: str, field: str, bad: float, between: float, good: float
) -> None:
    conditions = PortConditions(NetworkLayout(inventory))
    size = len(inventory.city.ports)

    def play(value: float, minutes: range) -> bool:
        columns = {f: np.full(size, np.nan) for f in PortTrends.__slots__}
        columns["tx_change_db"] = np.zeros(size)
        columns[field] = np.full(size, value)
        for minute in minutes:
            instant = CityInstant(inventory, CityState.empty(inventory), T + minute * 60_000)
            conditions.step(instant, PortTrends(**columns))
        return bool(conditions.by_type[name].active.all())

    assert play(bad, range(1, 20))
    assert play(between, range(20, 60))
    assert play(float("nan"), range(60, 100))
    assert not play(good, range(100, 1_600))
