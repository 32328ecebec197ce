"""Indicators that count devices: which ones, in which order, with what evidence."""

from dataclasses import dataclass
from typing import Any, ClassVar

from gigacity_api.indicators.definitions import Definition, heard_at
from gigacity_api.indicators.entries import Entry, Subject
from gigacity_api.indicators.inventory import CAMERA_KIND, Inventory
from gigacity_api.indicators.levels import Level, Population, by_level, every
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.standards import DEVICE_WINDOW
from gigacity_api.indicators.subjects.device.presence import device_presence
from gigacity_api.indicators.verdicts import Flags, Integers
from gigacity_city.model import City, Name

_FLAGS = {0: False, 1: True}


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
        """A device, its session and its gateway; of a camera what it says of itself."""
        state = instant.state
        row, name = instant.inventory.device_range(index)
        heard = heard_at(state.devices.ts[index])
        values: dict[str, Any] = {"kind": row.kind, "gateway": row.gateway or None}
        session = heard_at(state.sessions["device"].ts[index])
        if session is not None:
            values["session_ms"] = session
            if device_presence(instant).ended[index]:
                values["ended_ms"] = int(state.sessions["device"]["end_ms"][index])
        if row.kind == CAMERA_KIND and heard is not None:
            for said in ("intact", "picture"):
                values[said] = _FLAGS.get(int(state.devices[said][index]))
        return self._entry(
            instant, index, name, last_report_ms=heard, values=values, community=row.community
        )
