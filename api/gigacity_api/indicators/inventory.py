"""The registered objects of one city version as columns: what figures are counted over.

Built once for a loaded city. Indices are those of the city's own tables, so that a verdict column,
an evidence entry and a row of the city file always speak of the same object.
"""

from bisect import bisect_right
from collections.abc import Callable, Hashable
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from gigacity_api.indicators.verdicts import Flags, Indices, Integers
from gigacity_city.model import City
from gigacity_city.registry import DeviceRange
from gigacity_contract.kinds import CATALOGUE

KINDS: tuple[str, ...] = tuple(CATALOGUE)
"""Device kinds in the order of their index."""

CAMERA_KIND = "camera"
"""The kind whose reports the smart-community standard asks about."""

DIRECT = -1
"""Gateway index of a device that connects by itself."""

T = TypeVar("T")


def _column(values: list[int]) -> Indices:
    return np.array(values, dtype=np.int32)


class Inventory:
    """Columns over one city version, and the look-ups that turn a row's tags into an index."""

    def __init__(self, city: City) -> None:
        self.city = city
        self._made: dict[Hashable, Any] = {}
        self.area_index = {area.code: i for i, area in enumerate(city.areas)}
        self.community_index = {c.code: i for i, c in enumerate(city.communities)}
        self.olt_index = {olt.id: i for i, olt in enumerate(city.olts)}
        self.gateway_index = {gateway.id: i for i, gateway in enumerate(city.gateways)}
        self.community_area = _column([self.area_index[c.area] for c in city.communities])
        self.community_is_urban: Flags = np.array(
            [city.urban.is_urban(c) for c in city.communities], dtype=np.bool_
        )
        other = city.urban.alternative
        self.community_is_urban_otherwise: Flags = np.array(
            [other is not None and other.is_urban(c) for c in city.communities], dtype=np.bool_
        )
        self._build_ports()
        self._build_buildings()
        self._build_devices()

    def _build_ports(self) -> None:
        city = self.city
        self.olt_area = _column([self.area_index[olt.area] for olt in city.olts])
        self.port_olt = _column([self.olt_index[p.key.olt] for p in city.ports])
        self.port_area = self.olt_area[self.port_olt]
        self.port_of_tags: dict[tuple[str, str, str], int] = {
            (p.key.olt, str(p.key.slot), str(p.key.port)): i for i, p in enumerate(city.ports)
        }

    def _build_buildings(self) -> None:
        city = self.city
        self.building_community = _column(
            [self.community_index[b.community] for b in city.buildings]
        )
        self.building_area = self.community_area[self.building_community]
        self.households: Integers = np.array([b.households for b in city.buildings], dtype=np.int64)
        pairs = np.array(city.coverage, dtype=np.int32).reshape(-1, 2)
        pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
        self.coverage_building: Indices = np.ascontiguousarray(pairs[:, 0])
        self.coverage_port: Indices = np.ascontiguousarray(pairs[:, 1])
        self.community_households: Integers = np.bincount(
            self.building_community, weights=self.households, minlength=len(city.communities)
        ).astype(np.int64)

    def _build_devices(self) -> None:
        city, cadence = self.city, self.city.cadence
        kinds: list[int] = []
        communities: list[int] = []
        gateways: list[int] = []
        offsets: list[int] = []
        # Ids repeat from community to community (camera-1): one string stands for all of them.
        shared: dict[str, str] = {}
        self.device_of_tags: dict[str, dict[str, int]] = {c.code: {} for c in city.communities}
        for row in city.devices.ranges:
            ids = [shared.setdefault(i, i) for i in row.ids.ids()]
            kinds += [KINDS.index(row.kind)] * len(ids)
            communities += [self.community_index[row.community]] * len(ids)
            gateways += [self.gateway_index[row.gateway] if row.gateway else DIRECT] * len(ids)
            offsets.append(row.offset)
            places = zip(ids, range(row.offset, row.offset + len(ids)), strict=True)
            self.device_of_tags[row.community].update(places)
        self._range_offsets = offsets
        self.device_kind = _column(kinds)
        self.kind_of_device = bytes(kinds)
        """The same as bytes, which plain Python indexes faster than an array."""
        self.device_community = _column(communities)
        self.device_gateway = _column(gateways)
        self.device_area = self.community_area[self.device_community]
        windows = np.array([cadence.window_ms(kind) for kind in KINDS], dtype=np.int64)
        intervals = np.array([cadence.expected_s(kind) * 1000 for kind in KINDS], dtype=np.int64)
        self.device_window_ms: Integers = windows[self.device_kind]
        patience = np.array([cadence.patience_ms(kind) for kind in KINDS], dtype=np.int64)
        is_direct = self.device_gateway == DIRECT
        self.device_patience_ms: Integers = np.where(
            is_direct, patience[self.device_kind], self.device_window_ms
        )
        """How long each device has to be silent before that may mean *out*."""
        self.device_interval_ms: Integers = intervals[self.device_kind]

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is the same at every instant of this city version, made when it is first asked."""
        if key not in self._made:
            self._made[key] = make()
        found: T = self._made[key]
        return found

    def parameter(self, name: str) -> float | None:
        """A number of the city file, if it is there."""
        found = self.city.parameter_by_name.get(name)
        return None if found is None else found.value

    def device_range(self, index: int) -> tuple[DeviceRange, str]:
        """The registry's row and the id of a device."""
        row = self.city.devices.ranges[bisect_right(self._range_offsets, index) - 1]
        first = row.ids.first
        name = row.ids.prefix if first is None else f"{row.ids.prefix}{first + index - row.offset}"
        return row, name

    def ports_of_building(self, index: int) -> list[int]:
        """Ports that pass a building."""
        first, last = np.searchsorted(self.coverage_building, [index, index + 1])
        return [int(port) for port in self.coverage_port[first:last]]

    @cached_property
    def devices_of_kind(self) -> dict[str, Indices]:
        """Device indices by kind."""
        return {
            kind: np.flatnonzero(self.device_kind == i).astype(np.int32)
            for i, kind in enumerate(KINDS)
        }
