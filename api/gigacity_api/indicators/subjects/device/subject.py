"""Indicators that count devices: which ones, in which order, with what evidence."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gigacity_api.indicators.city_state import field_types
from gigacity_api.indicators.definitions import Definition, heard_at
from gigacity_api.indicators.entries import Entry, Subject
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level, Population, by_level, every
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.standards import DEVICE_WINDOW
from gigacity_api.indicators.subjects.device.presence import device_presence
from gigacity_api.indicators.verdicts import Flags, Integers
from gigacity_city.model import City, Name
from gigacity_contract.fields import FieldType

_FLAGS = {0: False, 1: True}


def _said(value: np.generic, type_: FieldType) -> Any:
    """A kept value as it was reported; None where the report lacks it."""
    if type_ is FieldType.BOOLEAN:
        return _FLAGS.get(int(value))
    if np.isnan(value):
        return None
    return int(value) if type_ is FieldType.INTEGER else float(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceIndicator(Definition):
    """A figure of devices, of all or of one kind."""

    subject: ClassVar[Subject] = Subject.DEVICE
    levels: tuple[Level, ...] = (Level.CITY, Level.AREA, Level.COMMUNITY)
    window: Name = DEVICE_WINDOW
    kind: str | None = None

    @property
    def device_kind(self) -> str | None:
        """None: of every kind."""
        return self.kind

    def windows_ms(self, city: City) -> dict[str, int]:
        """How long reports count, by kind."""
        kinds = (self.kind,) if self.kind else city.device_kinds
        return {kind: city.cadence.window_ms(kind) for kind in kinds}

    def make_population(self, inventory: Inventory) -> Population:
        """The devices that count."""
        size = len(inventory.device_kind)
        index = inventory.devices_of_kind[self.kind] if self.kind else every(size)
        levels = by_level(
            index, self.levels, area=inventory.device_area, community=inventory.device_community
        )
        kinds = frozenset({self.kind} if self.kind else inventory.devices_of_kind)
        return Population(index, levels, (("devices", levels),), kinds)

    def is_of_community(self, inventory: Inventory, community: int) -> Flags:
        """Devices of a community."""
        found: Flags = inventory.device_community == community
        return found

    def code_order(self, inventory: Inventory) -> list[int]:
        """By community, then prefix and number of their id; a row's numbers ascend already."""
        rows = sorted(
            inventory.city.devices.ranges,
            key=lambda row: (row.community, row.ids.prefix, row.ids.first or 0),
        )
        return [index for row in rows for index in range(row.offset, row.offset + len(row.ids))]

    def last_reports(self, instant: CityInstant) -> Integers:
        """When each device reported last."""
        return instant.state.devices.ts

    def entry(self, instant: CityInstant, index: int) -> Entry:
        """A device, its session and its gateway; what is kept of its newest report."""
        state = instant.state
        row, name = instant.inventory.device_range(index)
        heard = heard_at(state.devices.ts[index])
        values: dict[str, Any] = {"kind": row.kind, "gateway": row.gateway or None}
        session = heard_at(state.sessions["device"].ts[index])
        if session is not None:
            values["session_ms"] = session
            if device_presence(instant).ended[index]:
                values["ended_ms"] = int(state.sessions["device"]["end_ms"][index])
        if heard is not None:
            for field, type_ in field_types(row.kind).items():
                values[field] = _said(state.devices[field][index], type_)
        return self._entry(
            instant, index, name, last_report_ms=heard, values=values, community=row.community
        )
