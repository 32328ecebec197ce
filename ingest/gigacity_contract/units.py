"""Annotated types of payload fields: one type, unit and plausible range each.

The range is what a working device can measure; a value outside it is implausible and is stored as
absent. msgspec checks ranges while it decodes, at almost no cost. Sources: ITU-T G.9807.1 and
SFF-8472 for optics; GB 3095 index ceilings for air; the rest are physical limits.
"""

from typing import Annotated

from msgspec import Meta

from gigacity_contract.identifiers import (
    COMMUNITY_PATTERN,
    ID_PATTERN,
    MAX_SAFE_INTEGER,
)


def _real(low: float, high: float, unit: str) -> Meta:
    return Meta(ge=low, le=high, extra={"unit": unit})


def _whole(low: int, high: int, unit: str) -> Meta:
    return Meta(ge=low, le=high, extra={"unit": unit})


EpochMs = Annotated[
    int,
    Meta(ge=0, le=MAX_SAFE_INTEGER, description="Epoch milliseconds, UTC", extra={"unit": "ms"}),
]
Sequence = Annotated[
    int, Meta(ge=0, le=MAX_SAFE_INTEGER, description="Counts the messages of one publisher")
]
Identifier = Annotated[str, Meta(pattern="^" + ID_PATTERN + r"\Z")]
CommunityCode = Annotated[str, Meta(pattern="^" + COMMUNITY_PATTERN + r"\Z")]

SlotNumber = Annotated[int, Meta(ge=0, le=255)]
Dbm = Annotated[float, _real(-60, 30, "dBm")]
Milliampere = Annotated[float, _real(0, 500, "mA")]
Celsius = Annotated[float, _real(-60, 150, "°C")]
Volt = Annotated[float, _real(0, 10, "V")]
MainsVolt = Annotated[float, _real(0, 1000, "V")]
Ampere = Annotated[float, _real(0, 1000, "A")]
Watt = Annotated[float, _real(0, 1_000_000, "W")]
Kilowatt = Annotated[float, _real(-1000, 1000, "kW")]
KilowattHour = Annotated[float, _real(0, 1e9, "kWh")]
CubicMetre = Annotated[float, _real(0, 1e9, "m³")]
CubicMetrePerHour = Annotated[float, _real(-1000, 1000, "m³/h")]
Percent = Annotated[float, _real(0, 100, "%")]
Centimetre = Annotated[float, _real(0, 2000, "cm")]
Degree = Annotated[float, _real(0, 180, "°")]
MicrogramPerCubicMetre = Annotated[float, _real(0, 5000, "µg/m³")]
Ppm = Annotated[float, _real(0, 50_000, "ppm")]
Decibel = Annotated[float, _real(0, 194, "dB(A)")]
ObscurationPercent = Annotated[float, _real(0, 100, "%/m")]
BitPerSecond = Annotated[int, _whole(0, 10**12, "bit/s")]
KilobitPerSecond = Annotated[int, _whole(0, 10**7, "kbit/s")]
SignalDbm = Annotated[int, _whole(-150, 0, "dBm")]
BatteryPercent = Annotated[int, _whole(0, 100, "%")]
OnuCount = Annotated[int, _whole(0, 1021, "1")]
Count = Annotated[int, _whole(0, 1_000_000, "1")]
Floor = Annotated[int, _whole(-20, 200, "1")]
Counter = Annotated[int, _whole(0, MAX_SAFE_INTEGER, "1")]
ByteCounter = Annotated[int, _whole(0, MAX_SAFE_INTEGER, "B")]
