"""Reads what only alarms ask of ports, and seldom: load and errors, light over a week, lost ONUs.

Load and errors are read once in five minutes, daily means once a day, area by area in the
background; so an interval's evaluation reads no more than it did without alarms. What ONUs said
last is asked only while ONUs are lost.
"""

import msgspec
import numpy as np
import structlog

from gigacity_api.alarms.correlation import LossCounts
from gigacity_api.alarms.trends import PortTrends
from gigacity_api.errors import StoreError
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.verdicts import Flags, Integers, Numbers
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.alarms import (
    DAY_COLUMNS,
    LOAD_COLUMNS,
    LOSS_COLUMNS,
    load_rows,
    loss_rows,
    optics_of_day,
)
from gigacity_contract.clock import Clock
from gigacity_contract.local_time import DAY_MS, day_start_ms
from gigacity_contract.technology import DOWNSTREAM_GBPS

_log = structlog.get_logger("gigacity_api.alarms")

EVERY_S = 300.0
"""Between two readings of load and errors."""
EMPTY_AGAIN_S = 20.0
"""After a reading that found no report: a system that has just begun has some soon."""

WEEK_MS = 7 * DAY_MS


class LossRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``loss_rows``."""

    time: int
    olt: str
    slot: str
    port: str
    onu_off_power: int | None
    onu_off_los: int | None


class LoadRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``load_rows``."""

    time: int
    olt: str
    slot: str
    port: str
    tech: str | None
    down_bps: int | None
    fec_uncorrectable: int | None


class OpticsRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``optics_of_day``."""

    time: int
    olt: str
    slot: str
    port: str
    onu_rx_min_dbm_mean: float | None
    tx_dbm_mean: float | None
    bias_ma_mean: float | None


for _row, _columns in ((LossRow, LOSS_COLUMNS), (LoadRow, LOAD_COLUMNS), (OpticsRow, DAY_COLUMNS)):
    assert _row.__struct_fields__[1:] == _columns  # noqa: S101 - two lists of one order


class PortTrendsReader:
    """A task of the background that keeps ``PortTrends`` current."""

    name = "port trends"

    def __init__(self, store: Store, cache: PublicationCache, clock: Clock) -> None:
        self._store, self._cache, self._clock = store, cache, clock
        self._next_s = 0.0
        self._day_ms = 0
        self._inventory: Inventory | None = None
        self._trends: PortTrends | None = None
        self._fec: Numbers = np.zeros(0)
        self._fec_ms: Integers = np.zeros(0, dtype=np.int64)

    def step(self) -> bool:
        """Read, if it is time. Raises StoreError to be called again."""
        if self._clock.monotonic_s() < self._next_s:
            return False
        inventory = self._cache.inventory
        size = len(inventory.port_olt)
        if inventory is not self._inventory:
            self._fec, self._fec_ms = np.full(size, np.nan), np.zeros(size, dtype=np.int64)
            self._trends, self._day_ms = PortTrends.unknown(size), 0
        known = self._trends or PortTrends.unknown(size)
        utilisation, fec_per_s, down_bps = self._load(inventory)
        now_ms = self._clock.now_ms()
        day_ms = day_start_ms(now_ms) - DAY_MS
        changes = known.rx_change_db, known.tx_change_db, known.bias_change
        if day_ms != self._day_ms:
            changes = self._week(inventory, day_ms)
        # Yesterday's means are rolled up some time after midnight: until then it is asked again.
        self._day_ms = day_ms if np.isfinite(changes[0]).any() else 0
        self._trends = PortTrends(utilisation, fec_per_s, *changes, down_bps)
        self._inventory = inventory
        wait_s = EVERY_S if np.isfinite(down_bps).any() else EMPTY_AGAIN_S
        self._next_s = self._clock.monotonic_s() + wait_s
        return True

    def of(self, inventory: Inventory) -> PortTrends | None:
        """What is known of the ports of a city version; None: nothing yet."""
        return self._trends if inventory is self._inventory else None

    def _load(self, inventory: Inventory) -> tuple[Numbers, Numbers, Numbers]:
        size = len(inventory.port_olt)
        used, fec, down = (np.full(size, np.nan) for _ in range(3))
        at: Integers = np.zeros(size, dtype=np.int64)
        now_ms = self._clock.now_ms()
        after_ms = now_ms - inventory.city.cadence.pon_window_ms()
        for area in inventory.area_index:
            for batch in self._store.rows(load_rows(area, after_ms, now_ms), LoadRow):
                for row in batch:
                    place = inventory.port_of_tags.get((row.olt, row.slot, row.port))
                    if place is None or row.time <= at[place]:
                        continue
                    at[place] = row.time
                    nominal = _nominal_bps(row.tech)
                    if row.down_bps is not None:
                        down[place] = row.down_bps
                        used[place] = row.down_bps / nominal if nominal else np.nan
                    if row.fec_uncorrectable is not None:
                        fec[place] = row.fec_uncorrectable
        seconds = (at - self._fec_ms) / 1000
        grown = fec - self._fec
        # Counters begin again with their port.
        is_rate = (self._fec_ms > 0) & (seconds > 0) & (grown >= 0)
        rate = np.where(is_rate, grown / np.where(seconds > 0, seconds, 1), np.nan)
        self._fec, self._fec_ms = fec, at
        return used, rate, down

    def _week(self, inventory: Inventory, day_ms: int) -> tuple[Numbers, Numbers, Numbers]:
        now, before = self._day(inventory, day_ms), self._day(inventory, day_ms - WEEK_MS)
        with np.errstate(divide="ignore", invalid="ignore"):
            bias = np.where(before[2] > 0, now[2] / before[2] - 1, np.nan)
        return now[0] - before[0], now[1] - before[1], bias

    def _day(self, inventory: Inventory, day_ms: int) -> tuple[Numbers, Numbers, Numbers]:
        size = len(inventory.port_olt)
        rx, tx, bias = (np.full(size, np.nan) for _ in range(3))
        for area in inventory.area_index:
            for batch in self._store.rows(optics_of_day(area, day_ms), OpticsRow):
                for row in batch:
                    place = inventory.port_of_tags.get((row.olt, row.slot, row.port))
                    if place is not None:
                        rx[place] = _number(row.onu_rx_min_dbm_mean)
                        tx[place] = _number(row.tx_dbm_mean)
                        bias[place] = _number(row.bias_ma_mean)
        return rx, tx, bias

    def losses(self, inventory: Inventory, as_of_ms: int, lost: Flags) -> LossCounts | None:
        """What the ONUs of some ports said last; None: nobody tells, or the database does not."""
        size = len(inventory.port_olt)
        power, signal = np.full(size, -1, dtype=np.int64), np.full(size, -1, dtype=np.int64)
        after_ms = as_of_ms - inventory.city.cadence.pon_window_ms()
        areas = np.unique(inventory.port_area[lost])
        at: Integers = np.zeros(size, dtype=np.int64)
        try:
            for index in areas.tolist():
                query = loss_rows(inventory.city.areas[index].code, after_ms, as_of_ms)
                for batch in self._store.rows(query, LossRow):
                    for row in batch:
                        place = inventory.port_of_tags.get((row.olt, row.slot, row.port))
                        if place is not None and row.time > at[place]:
                            at[place] = row.time
                            power[place] = -1 if row.onu_off_power is None else row.onu_off_power
                            signal[place] = -1 if row.onu_off_los is None else row.onu_off_los
        except StoreError as error:
            _log.warning("alarms cannot ask what ONUs said", reason=str(error))
            return None
        return LossCounts(power, signal)


def _nominal_bps(tech: str | None) -> float:
    rates = [DOWNSTREAM_GBPS.get(token, 0) for token in (tech or "").split("+")]
    return max(rates, default=0) * 1e9


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
