"""Gateways and registered devices, as the rows of their tables."""

from dataclasses import dataclass

from gigacity_simulators.citygen.dice import Dice, apportion
from gigacity_simulators.citygen.homes import Place
from gigacity_simulators.citygen.profile import Profile

HANDS_ON = "hands-on"

_URBAN_ONLY = frozenset({"elevator"})
_MOSTLY_URBAN = frozenset(
    {"access_gate", "parking_gate", "gas_detector", "gas_meter", "ev_charger"}
)
_MOSTLY_RURAL = frozenset({"street_light"})
_FEWEST_CAMERAS = 6


@dataclass
class Carrier:
    """A gateway and the communities whose devices it bundles."""

    id: str
    area: str


@dataclass
class DeviceRow:
    """Devices of one kind that share a gateway; ``gateway`` is empty where each connects alone."""

    community: str
    kind: str
    device: str
    gateway: str


@dataclass
class Equipment:
    """Everything of gateways.csv and devices.csv, and the cameras that places need."""

    carriers: list[Carrier]
    rows: list[DeviceRow]
    key_positions: list[int | None]
    """By community; None where it was not reported."""


def build_equipment(profile: Profile, places: list[Place], seed: int) -> Equipment:
    """Gateways, devices and key positions of every community."""
    dice = Dice(seed, "equipment")
    counts = {
        kind: apportion(
            total,
            [_weight(kind, place, dice) for place in places],
            at_least=_FEWEST_CAMERAS if kind == "camera" else 0,
        )
        for kind, total in profile.devices.items()
    }
    direct = {
        kind: _spread(number, counts[kind]) for kind, number in sorted(profile.direct.items())
    }
    carriers, carrier_of = _carriers(places)
    rows: list[DeviceRow] = []
    for index, place in enumerate(places):
        for kind in profile.devices:
            alone = index in direct.get(kind, frozenset())
            rows.extend(_rows(place, kind, counts[kind][index], carrier_of[index], alone=alone))
    if profile.hands_on:
        rows.insert(0, DeviceRow(places[0].code, "smoke_detector", HANDS_ON, ""))
    return Equipment(carriers, rows, [_key_positions(n, dice) for n in counts["camera"]])


def _weight(kind: str, place: Place, dice: Dice) -> float:
    households = place.households * dice.between(0.8, 1.2)
    if kind == "air_quality":
        return 1.0
    if kind in _URBAN_ONLY:
        return households if place.is_urban else 0.0
    if kind in _MOSTLY_URBAN:
        return households * (1.0 if place.is_urban else 0.3)
    if kind in _MOSTLY_RURAL:
        return households * (1.0 if place.is_urban else 1.6)
    return households


def _spread(number: int, counts: list[int]) -> frozenset[int]:
    """Indices of so many communities that have the kind, evenly over the city."""
    holders = [index for index, count in enumerate(counts) if count]
    if number > len(holders):
        raise ValueError(f"only {len(holders)} communities have a device that could be direct")
    return frozenset(holders[n * len(holders) // number] for n in range(number))


def _carriers(places: list[Place]) -> tuple[list[Carrier], list[str]]:
    """One gateway for an urban community, one for every two villages of an area."""
    carriers: list[Carrier] = []
    carrier_of: list[str] = []
    numbers: dict[str, int] = {}
    has_room: dict[str, bool] = {}
    for place in places:
        if place.is_urban or not has_room.get(place.area):
            number = numbers[place.area] = numbers.get(place.area, 0) + 1
            carriers.append(Carrier(f"gw-{place.area}-{number:03d}", place.area))
            has_room[place.area] = not place.is_urban
        else:
            has_room[place.area] = False
        carrier_of.append(f"gw-{place.area}-{numbers[place.area]:03d}")
    return carriers, carrier_of


def _rows(place: Place, kind: str, count: int, gateway: str, *, alone: bool) -> list[DeviceRow]:
    prefix = kind.replace("_", "-")
    bundled = count - 1 if alone else count
    rows: list[DeviceRow] = []
    if bundled:
        ids = "1" if bundled == 1 else f"{{1..{bundled}}}"
        rows.append(DeviceRow(place.code, kind, f"{prefix}-{ids}", gateway))
    if alone:
        rows.append(DeviceRow(place.code, kind, f"{prefix}-{count}", ""))
    return rows


def _key_positions(cameras: int, dice: Dice) -> int | None:
    """Mostly no more than the cameras that stand there, at times clearly more, at times unknown."""
    is_covered, share, is_missing = dice.chance(0.95), dice.between(0, 1), dice.chance(0.03)
    needed = cameras * (0.80 + 0.28 * share) if is_covered else cameras * (1.2 + 0.4 * share)
    return None if is_missing else max(1, int(needed))
