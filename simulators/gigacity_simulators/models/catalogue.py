"""The model of every device kind; a test holds this table against the contract's catalogue."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from gigacity_contract.kinds import Values
from gigacity_simulators.models import buildings, metering, safety, streets

DeviceModel = Callable[[int, int, int], Values]
"""(key, virtual time in epoch ms, condition bits) -> values."""

DEVICE_MODELS: Final[MappingProxyType[str, DeviceModel]] = MappingProxyType(
    {
        "camera": safety.camera,
        "access_gate": safety.access_gate,
        "parking_gate": buildings.parking_gate,
        "smoke_detector": safety.smoke_detector,
        "gas_detector": safety.gas_detector,
        "elevator": buildings.elevator,
        "street_light": streets.street_light,
        "water_meter": metering.water_meter,
        "electricity_meter": metering.electricity_meter,
        "gas_meter": metering.gas_meter,
        "air_quality": streets.air_quality,
        "waste_bin": streets.waste_bin,
        "ev_charger": buildings.ev_charger,
        "sos_button": safety.sos_button,
        "manhole_cover": streets.manhole_cover,
    }
)

ALARM_KINDS: Final = frozenset(
    {
        "access_gate",
        "smoke_detector",
        "gas_detector",
        "elevator",
        "ev_charger",
        "sos_button",
        "manhole_cover",
    }
)
"""Kinds that raise events: their model shows ``condition.ALARM``, reported at once."""
