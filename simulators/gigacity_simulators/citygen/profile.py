"""How large the generated cities are.

The full city has the size of Binzhou; the demo city is one twenty-fifth of it and runs at home.
"""

from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class CityProfile:
    """Counts of one city; those of OLTs, ports and devices are met exactly."""

    name: str
    scale: int
    """The count targets of the plan are divided by this."""
    urban_communities: int
    rural_communities: int
    households: int
    """About: buildings are whole."""
    olts_by_ports: dict[int, int]
    """Number of OLTs by their number of ports."""
    devices: dict[str, int]
    direct: dict[str, int]
    """Of the devices, how many connect by themselves; the rest stand behind gateways."""
    hands_on: bool
    """Registers one device more, which nothing simulates: for people to publish as."""
    cadence: dict[str, float] = field(default_factory=dict)
    """Intervals that differ from the base city: ``pon`` and ``device``, in seconds."""


CITY = CityProfile(
    name="city",
    scale=1,
    urban_communities=480,
    rural_communities=520,
    households=1_400_000,
    olts_by_ports={8: 275, 16: 2_225, 32: 100},
    devices={
        "camera": 24_000,
        "access_gate": 9_000,
        "parking_gate": 2_600,
        "smoke_detector": 45_000,
        "gas_detector": 18_000,
        "elevator": 6_000,
        "street_light": 38_000,
        "water_meter": 48_000,
        "electricity_meter": 48_000,
        "gas_meter": 30_000,
        "air_quality": 1_000,
        "waste_bin": 11_000,
        "ev_charger": 5_400,
        "sos_button": 6_000,
        "manhole_cover": 8_000,
    },
    direct={"air_quality": 240, "camera": 60, "ev_charger": 40, "elevator": 20},
    hands_on=False,
)
"""41,000 ports of 2,600 OLTs, 300,000 devices."""

DEMO = CityProfile(
    name="demo",
    scale=25,
    urban_communities=20,
    rural_communities=20,
    households=56_000,
    olts_by_ports={8: 8, 16: 88, 32: 4},
    devices={
        "camera": 640,
        "access_gate": 120,
        "parking_gate": 50,
        "smoke_detector": 419,
        "gas_detector": 180,
        "elevator": 100,
        "street_light": 380,
        "water_meter": 380,
        "electricity_meter": 380,
        "gas_meter": 90,
        "air_quality": 40,
        "waste_bin": 80,
        "ev_charger": 50,
        "sos_button": 50,
        "manhole_cover": 40,
    },
    direct={"air_quality": 16, "camera": 10, "ev_charger": 7, "elevator": 6},
    hands_on=True,
    cadence={"pon": 5, "device": 10},
)
"""1,600 ports of 100 OLTs, 3,000 devices, one of them for people's own hands."""

PROFILES: MappingProxyType[str, CityProfile] = MappingProxyType(
    {profile.name: profile for profile in (CITY, DEMO)}
)
