"""What devices say, and which of them say nothing while their carrier delivers."""

import numpy as np

from gigacity_api.alarms.catalogue import ALARM_TYPES
from gigacity_api.alarms.debounce import Debouncer
from gigacity_api.alarms.finding import AlarmFinding
from gigacity_api.alarms.knobs import knob
from gigacity_api.alarms.layout import NetworkLayout
from gigacity_api.alarms.model import AlarmResource, ResourceKind, RootCause
from gigacity_api.alarms.silence import COMMUNITY, GATEWAY, Silence
from gigacity_api.indicators.inventory import KINDS, Inventory
from gigacity_api.indicators.latest_state import NEVER
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.subjects.device.online import devices_online
from gigacity_api.indicators.verdicts import OUT, Flags, Integers

SILENT, BATTERY = "device.silent", "device.battery_low"
BATTERY_BACK_PCT = 5
NAMED = 50
"""Devices that an alarm names."""

SAFETY_OF_KIND = {
    "smoke_detector": "safety.smoke",
    "gas_detector": "safety.gas",
    "sos_button": "safety.sos",
    "access_gate": "safety.door_forced",
    "manhole_cover": "safety.manhole_displaced",
}
"""Which alarm a device of a kind raises when its event flag is set."""

LATE_MS = 300_000
"""A report that is older than this raises nothing: it tells of the past."""


def device_resource(inventory: Inventory, index: int) -> AlarmResource:
    """A device, named by its community and id."""
    row, name = inventory.device_range(index)
    area = inventory.city.areas[int(inventory.device_area[index])].code
    return AlarmResource(ResourceKind.DEVICE, f"{row.community}/{name}", area)


class DeviceConditions:
    """The conditions of devices of one city version, by carrier and by community."""

    def __init__(self, layout: NetworkLayout) -> None:
        self._layout = layout
        communities = len(layout.inventory.community_index)
        sizes = {SILENT: layout.carriers, BATTERY: communities}
        self.by_type = {
            name: Debouncer(
                size, on_s=ALARM_TYPES[name].on_delay_s, off_s=ALARM_TYPES[name].off_delay_s
            )
            for name, size in sizes.items()
        }
        devices = len(layout.device_carrier)
        self.is_silent: Flags = np.zeros(devices, dtype=np.bool_)
        self.is_low: Flags = np.zeros(devices, dtype=np.bool_)
        self._safety = {KINDS.index(kind): name for kind, name in SAFETY_OF_KIND.items()}

    def step(self, instant: CityInstant) -> None:
        """Take an instant."""
        inventory, at_ms = instant.inventory, instant.as_of_ms
        devices, layout = instant.state.devices, self._layout
        self.is_silent = (devices_online(instant).verdicts == OUT) & (devices.ts > NEVER)
        silent = np.bincount(layout.device_carrier[self.is_silent], minlength=layout.carriers)
        least = np.maximum(
            knob(inventory, "alarm_silent_devices"),
            knob(inventory, "alarm_silent_share") * layout.carrier_size,
        )
        self.by_type[SILENT].step(at_ms, silent >= least, silent < least / 2)
        charge, limit = devices["battery_pct"], knob(inventory, "alarm_battery_pct")
        self.is_low = np.where(
            charge < limit, True, np.where(charge >= limit + BATTERY_BACK_PCT, False, self.is_low)
        )
        community = inventory.device_community.astype(np.int64)
        size = len(inventory.community_index)
        low = np.bincount(community[self.is_low], minlength=size)
        self.by_type[BATTERY].step(at_ms, low > 0, low == 0)

    def findings(self, silence: Silence, powerless: Flags) -> list[AlarmFinding]:
        """Groups of silent devices, and communities with low batteries.

        Args:
            silence: gateways and communities that are silent as a whole have alarms of their own.
            powerless: communities in a power cut: what stands there is silent for that reason.
        """
        inventory, layout = self._layout.inventory, self._layout
        found = []
        gateways = len(inventory.gateway_index)
        quiet = np.zeros(layout.carriers, dtype=np.bool_)
        quiet[:gateways] = silence.by_type[GATEWAY].present
        still = silence.by_type[COMMUNITY].present
        for carrier in np.flatnonzero(self.by_type[SILENT].active & ~quiet).tolist():
            places = layout.communities_of_carrier.of_group(carrier)
            if powerless[places].any() or still[places].all():
                continue
            mine = layout.devices_of_carrier.of_group(carrier)
            found.append(self._group(SILENT, carrier, mine[self.is_silent[mine]]))
        for community in np.flatnonzero(self.by_type[BATTERY].active).tolist():
            mine = layout.devices_of_community.of_group(community)
            low = mine[self.is_low[mine]]
            found.append(self._group(BATTERY, gateways + community, low))
        return found

    def _group(self, name: str, carrier: int, devices: Integers) -> AlarmFinding:
        inventory = self._layout.inventory
        gateways = len(inventory.gateway_index)
        if carrier < gateways:
            gateway = inventory.city.gateways[carrier]
            resource = AlarmResource(ResourceKind.GATEWAY, gateway.id, gateway.area)
            index = carrier
        else:
            community = inventory.city.communities[carrier - gateways]
            resource = AlarmResource(ResourceKind.COMMUNITY, community.code, community.area)
            index = carrier if name == SILENT else carrier - gateways
        cause = RootCause("device", "confirmed", ("device",)) if name == SILENT else None
        return AlarmFinding(
            name, resource, int(self.by_type[name].since_ms[index]), cause,
            devices=len(devices), members=len(devices),
            detail=tuple(device_resource(inventory, int(d)).id for d in devices[:NAMED]),
        )  # fmt: skip

    def events(self, instant: CityInstant) -> list[AlarmFinding]:
        """What devices call out now, or called out within the last minutes.

        One that was taken back within an interval is found by the moment of its call. It counts
        as gone only once the device says so.
        """
        state, inventory = instant.state, instant.inventory
        called = state.events.ts
        recent = called > instant.as_of_ms - LATE_MS
        found = []
        for index in np.flatnonzero(recent).tolist():
            name = self._safety.get(inventory.kind_of_device[index])
            if name is not None:
                resource = device_resource(inventory, index)
                found.append(AlarmFinding(name, resource, int(called[index]), devices=1))
        return found


def carrier_findings(
    layout: NetworkLayout, silence: Silence, powerless: Flags
) -> list[AlarmFinding]:
    """Silent gateways and communities, each once: what a power cut explains is its part."""
    inventory = layout.inventory
    found = []
    community_silent = silence.by_type[COMMUNITY].present & ~powerless
    for index in np.flatnonzero(community_silent).tolist():
        condition, community = silence.by_type[COMMUNITY], inventory.city.communities[index]
        devices = layout.devices_of_community.of_group(index)
        mine = np.unique(layout.device_carrier[devices])
        gateways = mine[mine < len(inventory.gateway_index)]
        found.append(
            AlarmFinding(
                COMMUNITY,
                AlarmResource(ResourceKind.COMMUNITY, community.code, community.area),
                int(condition.since_ms[index]),
                RootCause("power", "suspected", ("power", "uplink", "gateway")),
                devices=len(devices),
                covers={GATEWAY: gateways},
                members=len(gateways),
                is_due=bool(condition.active[index]),
            )
        )
    hidden = community_silent | powerless
    condition = silence.by_type[GATEWAY]
    for index in np.flatnonzero(condition.present).tolist():
        places = layout.communities_of_carrier.of_group(index)
        if places.size and hidden[places].all():
            continue
        gateway = inventory.city.gateways[index]
        found.append(
            AlarmFinding(
                GATEWAY,
                AlarmResource(ResourceKind.GATEWAY, gateway.id, gateway.area),
                int(condition.since_ms[index]),
                RootCause("gateway", "suspected", ("gateway", "uplink", "power")),
                devices=int(layout.carrier_size[index]),
                covers={SILENT: np.array([index])},
                is_due=bool(condition.active[index]),
            )
        )
    return found
