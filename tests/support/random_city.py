"""Random small cities: places, ports, devices, reported values, rules; their lives elsewhere.

A seed names a city for ever. Nothing here is shared with the indicators or the simulators.
"""

import random
from typing import Any

from gigacity_city.model import (
    Area,
    Building,
    Cadence,
    City,
    Community,
    Gateway,
    Name,
    Olt,
    Parameter,
    PortKey,
    RegisteredPort,
    SmartItem,
    Source,
    Target,
    Threshold,
    UrbanRule,
)
from gigacity_city.registry import DeviceRange, DeviceRegistry, IdRange
from gigacity_contract.kinds import CATALOGUE

CITY_CODE = "371600"
AREAS = ("371602", "371621", "371690")
"""A district, a county, and a zone whose communities keep the district's codes."""
SOURCE = Source("made up", "2026-01-01", confirmed=False)
NAME = Name("名", "name")
TECHS = ("gpon", "epon", "10g-epon", "xgs-pon", "gpon+xgs-pon", "50g-pon")
INTERVAL_S = {kind: (60, 120, 180)[number % 3] for number, kind in enumerate(CATALOGUE)}
"""Every kind of the catalogue; cameras, the first, every minute."""
PON_S = 60
WINDOW = 3
MAX_ONUS = 16
CLASSES = (111, 112, 121, 122, 123, 210, 220)
SEAT_STREET = "371621001"


def random_city(dice: random.Random) -> City:
    """A city of one to three areas."""
    areas = AREAS[: dice.randint(1, 3)]
    communities, buildings = _places(dice, areas)
    olts = [Olt(f"olt-{area}-{n}", area) for area in areas for n in range(dice.randint(1, 2))]
    ports = [
        RegisteredPort(PortKey(olt.id, 1, n), dice.choice(TECHS))
        for olt in olts
        for n in range(dice.randint(1, 4))
    ]
    coverage = sorted(
        {
            (building, port)
            for building in range(len(buildings))
            for port in dice.sample(range(len(ports)), min(len(ports), dice.choice((0, 1, 1, 3))))
        }
    )
    gateways = [Gateway(f"gw-{area}-{n}", area) for area in areas for n in range(2)]
    return City(
        version=f"{dice.getrandbits(64):016x}",
        code=CITY_CODE,
        name=NAME,
        profile="random",
        is_synthetic=True,
        areas=tuple(Area(code, NAME, "district") for code in areas),
        communities=tuple(communities),
        buildings=tuple(buildings),
        olts=tuple(olts),
        ports=tuple(ports),
        coverage=tuple(coverage),
        gateways=tuple(gateways),
        devices=DeviceRegistry(_devices(dice, communities)),
        targets=_targets(dice),
        parameters=_parameters(dice),
        smart_items=_items(dice),
        urban=_urban(dice),
        cadence=Cadence(PON_S, dict(INTERVAL_S), WINDOW),
    )


def _places(dice: random.Random, areas: tuple[str, ...]) -> tuple[list[Community], list[Building]]:
    communities: list[Community] = []
    buildings: list[Building] = []
    for number in range(dice.randint(1, 5)):
        area = dice.choice(areas)
        prefix = "371602" if area == "371690" else area
        code = f"{prefix}{dice.choice(('001', '002'))}{number:03d}"
        homes = [dice.randint(1, 40) for _ in range(dice.randint(0, 3))]
        buildings += [Building(f"{code}-{n}", code, count) for n, count in enumerate(homes)]
        surface = dice.randint(1, 1000)
        communities.append(
            Community(
                code,
                f"c{number}",
                area,
                dice.choice(CLASSES),
                surface,
                area_5g_m2=dice.choice((None, dice.randint(0, surface), surface)),
                tv_households=dice.choice((None, dice.randint(0, sum(homes)), sum(homes))),
                key_positions=dice.choice((None, dice.randint(0, 4))),
            )
        )
    return communities, buildings


def _devices(dice: random.Random, communities: list[Community]) -> list[DeviceRange]:
    ranges: list[DeviceRange] = []
    offset = 0
    for community in communities:
        for kind in INTERVAL_S:
            count = dice.choice((0, 1, 2, 4) if kind == "camera" else (0, 0, 1, 2))
            if not count:
                continue
            gateway = f"gw-{community.area}-{dice.randrange(2)}"
            if kind == "elevator" or dice.random() < 0.2:
                gateway = ""
            ids = IdRange(f"{kind}-", 1, count)
            ranges.append(DeviceRange(community.code, kind, ids, gateway, offset))
            offset += count
    return ranges


def _targets(dice: random.Random) -> tuple[Target, ...]:
    chosen: list[tuple[str, str, float]] = [
        ("pon.ports_10g", "", dice.randint(1, 8)),
        ("home.gigabit_access", "", 1.0),
        ("home.gigabit_capacity", "", 0.8),
        ("device.online", "", round(dice.random(), 2)),
    ]
    return tuple(
        Target(indicator, "city", code, value, "at_least", "2026-12-31", SOURCE)
        for indicator, code, value in chosen
    )


def _parameters(dice: random.Random) -> tuple[Parameter, ...]:
    values: dict[str, float] = {
        "households_per_10g_port": dice.choice((33, 36, 40)),
        "max_onus_per_pon_port": MAX_ONUS,
        "optics_onu_rx_min_dbm": dice.choice((-28, -27.5)),
        "optics_tx_min_dbm": 1.5,
        "optics_tx_max_dbm": dice.choice((7, 10)),
        "optics_temp_max_c": 70,
    }
    return tuple(Parameter(name, value, SOURCE) for name, value in values.items())


def _items(dice: random.Random) -> tuple[SmartItem, ...]:
    names = (
        "gigabit_homes", "mobile_5g_area", "tv_households", "camera_coverage", "camera_online",
        "camera_intact", "camera_picture",
    )  # fmt: skip
    chosen = dice.sample(names, dice.randint(1, len(names)))
    has_growth = dice.random() < 0.5
    items = []
    for name in chosen:
        basis: Any = "measured" if name.startswith(("camera_o", "camera_i", "giga")) else "reported"
        threshold = dice.choice((0.0, 0.3, 0.5, 0.7, 0.9))
        growth = Threshold(min(1.0, threshold + 0.2), SOURCE) if has_growth else None
        required = dice.random() < 0.8
        items.append(SmartItem(name, NAME, threshold, basis, required, SOURCE, growth))
    return tuple(items)


def _urban(dice: random.Random) -> UrbanRule:
    other = UrbanRule(frozenset({111, 112, 121, 122, 123}), frozenset(), frozenset(), SOURCE)
    streets = frozenset({SEAT_STREET})
    return UrbanRule(
        frozenset({111, 112}), frozenset({121, 122}), streets, SOURCE,
        alternative=dice.choice((None, other)),
    )  # fmt: skip
