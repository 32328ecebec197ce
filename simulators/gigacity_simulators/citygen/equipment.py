"""Gateways and registered devices, as the rows of their tables."""

from dataclasses import dataclass

from gigacity_simulators.citygen.communities import GeneratedCommunity
from gigacity_simulators.citygen.profile import CityProfile
from gigacity_simulators.citygen.seeded_random import SeededRandom, apportion

HANDS_ON = "hands-on"

_URBAN_ONLY = frozenset({"elevator"})
_MOSTLY_URBAN = frozenset(
    {"access_gate", "parking_gate", "gas_detector", "gas_meter", "ev_charger"}
)
_MOSTLY_RURAL = frozenset({"street_light"})
_FEWEST_CAMERAS = 6


@dataclass
class GeneratedGateway:
    """A gateway and the communities whose devices it bundles."""

    id: str
    area: str


@dataclass
class GeneratedDevices:
    """Devices of one kind that share a gateway; ``gateway`` is empty where each connects alone."""

    community: str
    kind: str
    device: str
    gateway: str


@dataclass
class Equipment:
    """Everything of gateways.csv and devices.csv, and the cameras that communities need."""

    gateways: list[GeneratedGateway]
    rows: list[GeneratedDevices]
    key_positions: list[int | None]
    """By community; None where it was not reported."""


def build_equipment(
    profile: CityProfile, communities: list[GeneratedCommunity], seed: int
) -> Equipment:
    """Gateways, devices and key positions of every community."""
    rng = SeededRandom(seed, "equipment")
    counts = {
        kind: apportion(
            total,
            [_weight(kind, community, rng) for community in communities],
            at_least=_FEWEST_CAMERAS if kind == "camera" else 0,
        )
        for kind, total in profile.devices.items()
    }
    direct = {
        kind: _spread(number, counts[kind]) for kind, number in sorted(profile.direct.items())
    }
    gateways, gateway_of = _gateways(communities)
    rows: list[GeneratedDevices] = []
    for index, community in enumerate(communities):
        for kind in profile.devices:
            alone = index in direct.get(kind, frozenset())
            rows.extend(_rows(community, kind, counts[kind][index], gateway_of[index], alone=alone))
    if profile.hands_on:
        rows.insert(0, GeneratedDevices(communities[0].code, "smoke_detector", HANDS_ON, ""))
    return Equipment(gateways, rows, [_key_positions(n, rng) for n in counts["camera"]])


def _weight(kind: str, community: GeneratedCommunity, rng: SeededRandom) -> float:
    households = community.households * rng.between(0.8, 1.2)
    if kind == "air_quality":
        return 1.0
    if kind in _URBAN_ONLY:
        return households if community.is_urban else 0.0
    if kind in _MOSTLY_URBAN:
        return households * (1.0 if community.is_urban else 0.3)
    if kind in _MOSTLY_RURAL:
        return households * (1.0 if community.is_urban else 1.6)
    return households


def _spread(number: int, counts: list[int]) -> frozenset[int]:
    """Indices of so many communities that have the kind, evenly over the city."""
    holders = [index for index, count in enumerate(counts) if count]
    if number > len(holders):
        raise ValueError(f"only {len(holders)} communities have a device that could be direct")
    return frozenset(holders[n * len(holders) // number] for n in range(number))


def _gateways(communities: list[GeneratedCommunity]) -> tuple[list[GeneratedGateway], list[str]]:
    """One gateway for an urban community, one for every two villages of an area."""
    gateways: list[GeneratedGateway] = []
    gateway_of: list[str] = []
    numbers: dict[str, int] = {}
    has_room: dict[str, bool] = {}
    for community in communities:
        if community.is_urban or not has_room.get(community.area):
            number = numbers[community.area] = numbers.get(community.area, 0) + 1
            gateways.append(GeneratedGateway(f"gw-{community.area}-{number:03d}", community.area))
            has_room[community.area] = not community.is_urban
        else:
            has_room[community.area] = False
        gateway_of.append(f"gw-{community.area}-{numbers[community.area]:03d}")
    return gateways, gateway_of


def _rows(
    community: GeneratedCommunity, kind: str, count: int, gateway: str, *, alone: bool
) -> list[GeneratedDevices]:
    prefix = kind.replace("_", "-")
    bundled = count - 1 if alone else count
    rows: list[GeneratedDevices] = []
    if bundled:
        ids = "1" if bundled == 1 else f"{{1..{bundled}}}"
        rows.append(GeneratedDevices(community.code, kind, f"{prefix}-{ids}", gateway))
    if alone:
        rows.append(GeneratedDevices(community.code, kind, f"{prefix}-{count}", ""))
    return rows


def _key_positions(cameras: int, rng: SeededRandom) -> int | None:
    """Mostly no more than the cameras that stand there, at times clearly more, at times unknown."""
    is_covered, share, is_missing = rng.chance(0.95), rng.between(0, 1), rng.chance(0.03)
    needed = cameras * (0.80 + 0.28 * share) if is_covered else cameras * (1.2 + 0.4 * share)
    return None if is_missing else max(1, int(needed))
