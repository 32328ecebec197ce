"""The worst ports and the lowest batteries of each area, as rows that boards read.

The evaluator holds all of it in memory; a board that looked for them in raw rows would have the
database open the series of every port and device for each viewer.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gigacity_api.alarms.trends import PortTrends
from gigacity_api.evaluator.port_trends import PortTrendsReader
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.indicators.city_state import CHARGE_FIELD, CHARGED_KINDS
from gigacity_api.indicators.inventory import KINDS, Inventory
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.subjects.device.presence import device_presence
from gigacity_api.indicators.subjects.port.subject import fresh_ports
from gigacity_api.indicators.verdicts import Indices, Numbers
from gigacity_api.storage.protocols import Store
from gigacity_contract.clock import Clock
from gigacity_contract.line_protocol import FieldValue, encode_point
from gigacity_contract.measurements import LOW_BATTERY, PORT_POWER, WORST_PORT

EVERY_MS = 240_000
"""Boards look ten minutes back, so that two of them are there."""
EVERY_TICKS = 4
"""Where ticks are short: who looks at a system that has just begun need not wait for minutes."""

PORTS, DEVICES = 20, 10
"""Rows of a list and area: as many as a board shows, which then has the worst of any areas."""

BAND_BOUNDS_DBM = (-28.0, -25.0, -22.0, -18.0, -8.0)
TEN_MINUTES_S = 600


class WorstObjects:
    """Writes the lists of the newest evaluation; one that cannot be written is not made up for."""

    def __init__(
        self,
        store: Store,
        cache: PublicationCache,
        trends: PortTrendsReader,
        clock: Clock,
        *,
        tick_ms: int,
    ) -> None:
        """Nothing is written yet.

        Args:
            store: takes the rows.
            cache: of publications.
            trends: what ports' longer past says.
            clock: of the process.
            tick_ms: between two evaluations.
        """
        self._store, self._cache, self._trends, self._clock = store, cache, trends, clock
        self._every_ms = min(EVERY_MS, EVERY_TICKS * tick_ms)
        self._done_ms = 0
        self._has_trends = False

    def refresh(self) -> None:
        """Write, if it is time.

        Raises:
            StoreError: not written; what is worst then will be.
        """
        now_ms = self._clock.now_ms()
        newest = self._cache.newest()
        if newest is None or newest.evaluation is None:
            return
        instant = newest.evaluation.instant
        trends = self._trends.of(instant.inventory)
        # The first trends are not made to wait: the lists before them were without theirs.
        if now_ms - self._done_ms < self._every_ms and self._has_trends == (trends is not None):
            return
        self._done_ms, self._has_trends = now_ms, trends is not None
        ports = list(worst_ports(instant, trends))
        for measurement, lines in (
            (WORST_PORT, ports),
            (PORT_POWER, list(power_bands(instant))),
            (LOW_BATTERY, list(low_batteries(instant))),
        ):
            if lines:
                self._store.write(measurement, lines)


class _Ranked(NamedTuple):
    """One place of a list."""

    area: str
    rank: int
    position: int
    """In the values."""


def _lowest(
    inventory: Inventory, values: Numbers, areas: Indices, objects: Indices, count: int
) -> Iterator[_Ranked]:
    """The objects with the least values of each area; what is not known is nowhere.

    Args:
        inventory: of the city.
        values: of each of the objects.
        areas: of each of the objects.
        objects: their indices.
        count: of a list.
    """
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.lexsort((objects[known], values[known], areas[known]))]
    starts = np.searchsorted(areas[order], np.arange(len(inventory.area_index) + 1))
    for code, index in inventory.area_index.items():
        mine = order[starts[index] : min(starts[index + 1], starts[index] + count)]
        for rank, position in enumerate(mine.tolist(), start=1):
            yield _Ranked(code, rank, position)


def worst_ports(instant: CityInstant, trends: PortTrends | None) -> Iterator[bytes]:
    """Rows of ``worst_port``; without trends those that need none."""
    inventory, ports = instant.inventory, instant.state.ports
    is_fresh = fresh_ports(instant)
    lists: list[tuple[str, Numbers, int]] = [
        ("weakest", np.where(is_fresh, ports["onu_rx_min_dbm"], np.nan), 1),
        ("hottest", np.where(is_fresh, ports["temp_c"], np.nan), -1),
    ]
    if trends is not None:
        errors = np.round(trends.fec_per_s * TEN_MINUTES_S)
        lists += [
            ("busiest", trends.down_bps, -1),
            ("faulty", np.where(errors > 0, errors, np.nan), -1),
            ("drifting", np.abs(trends.rx_change_db), -1),
        ]
    every = np.arange(len(inventory.port_olt), dtype=np.int32)
    for by, values, sign in lists:
        for place in _lowest(inventory, sign * values, inventory.port_area, every, PORTS):
            key = inventory.city.ports[place.position].key
            tags = {"area": place.area, "by": by, "rank": f"{place.rank:02}"}
            row: dict[str, FieldValue | None] = {
                "olt": key.olt, "slot": str(key.slot), "port": str(key.port),
                "value": round(float(values[place.position]), 2),
            }  # fmt: skip
            yield encode_point(WORST_PORT, tags, row, instant.as_of_ms)


def power_bands(instant: CityInstant) -> Iterator[bytes]:
    """Rows of ``port_power``, one an area."""
    inventory = instant.inventory
    power = instant.state.ports["onu_rx_min_dbm"]
    known = np.flatnonzero(fresh_ports(instant) & np.isfinite(power))
    bands = np.digitize(power[known], BAND_BOUNDS_DBM)
    names = [field.name for field in PORT_POWER.fields]
    for code, index in inventory.area_index.items():
        mine = bands[inventory.port_area[known] == index]
        counts = np.bincount(mine, minlength=len(names)).tolist()
        yield encode_point(
            PORT_POWER, {"area": code}, dict(zip(names, counts, strict=True)), instant.as_of_ms
        )


def low_batteries(instant: CityInstant) -> Iterator[bytes]:
    """Rows of ``low_battery``."""
    inventory, charge = instant.inventory, instant.state.devices[CHARGE_FIELD]
    is_known = device_presence(instant).fresh & np.isfinite(charge)
    for kind in CHARGED_KINDS:
        mine = np.flatnonzero(is_known & (inventory.device_kind == KINDS.index(kind))).astype(
            np.int32
        )
        for place in _lowest(inventory, charge[mine], inventory.device_area[mine], mine, DEVICES):
            row, name = inventory.device_range(int(mine[place.position]))
            tags = {"area": place.area, "kind": kind, "rank": f"{place.rank:02}"}
            fields: dict[str, FieldValue | None] = {
                "community": row.community, "device": name,
                "battery_pct": round(float(charge[mine[place.position]])),
            }  # fmt: skip
            yield encode_point(LOW_BATTERY, tags, fields, instant.as_of_ms)
