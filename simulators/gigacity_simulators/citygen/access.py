"""OLTs, ports and what they pass: three operators, each with its own network and pace of upgrade.

An operator's homes in an area stand in one line, and its ports divide that line into equal loads:
every port passes something, a large building is passed by several ports, small ones share one. As
two or three operators pass an urban building, homes summed by port count each of them that often.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gigacity_simulators.citygen.communities import GeneratedCommunity
from gigacity_simulators.citygen.profile import CityProfile
from gigacity_simulators.citygen.seeded_random import SeededRandom, apportion
from gigacity_simulators.citygen.townships import AREAS

OPERATORS = ("a", "b", "c")

_PORTS_PER_CARD = 16

_RURAL_LOAD = 1.3
"""A rural port serves fewer homes than an urban one, since fibres are longer."""

_OLD = {"a": "gpon", "b": "epon", "c": "gpon"}
_NEW: dict[str, tuple[tuple[str, float], ...]] = {
    "a": (("xgs-pon", 0.5), ("gpon+xgs-pon", 0.3), ("xg-pon", 0.2)),
    "b": (("10g-epon", 0.6), ("10g-epon+epon", 0.4)),
    "c": (("xgs-pon", 0.35), ("gpon+xgs-pon", 0.45), ("gpon+xg-pon", 0.2)),
}
_URBAN_UPGRADED = ((1.0, 0.66), (0.75, 0.10), (0.5, 0.12), (0.25, 0.04), (0.0, 0.08))
_RURAL_UPGRADED = ((1.0, 0.62), (0.75, 0.08), (0.5, 0.10), (0.25, 0.04), (0.0, 0.16))
"""Share of an OLT's ports that are 10G, with its weight."""

_FIFTY_GIG = "50g-pon+xgs-pon"
_FIFTY_GIG_EVERY = 300
"""One OLT of operator a in so many OLTs of the city has two ports for trials of 50G."""


@dataclass
class OltPlan:
    """One OLT with the technology of each port and the homes that each passes."""

    id: str
    area: str
    techs: list[str]
    passed: list[list[tuple[str, int]]]
    """By port: (community code, number of the home within it)."""

    def slots(self) -> Iterator[tuple[int, int, int]]:
        """(slot, port within the slot, index) of every port."""
        for index in range(len(self.techs)):
            slot, port = divmod(index, _PORTS_PER_CARD)
            yield slot + 1, port, index


@dataclass
class _LineStop:
    """One home in the line of an operator."""

    community: str
    number: int
    load: float
    is_urban: bool


def build_olts(
    profile: CityProfile, communities: list[GeneratedCommunity], seed: int
) -> list[OltPlan]:
    """Every OLT of the city, by area and operator."""
    rng = SeededRandom(seed, "access")
    lines = _lines(communities, rng)
    loads = [sum(stop.load for stop in stops) for stops in lines.values()]
    total = sum(profile.olts_by_ports.values())
    sizes = [ports for ports, count in profile.olts_by_ports.items() for _ in range(count)]
    rng.shuffle(sizes)
    olts: list[OltPlan] = []
    for (area, operator), count, stops in zip(
        lines, apportion(total, loads, at_least=1), lines.values(), strict=True
    ):
        mine, sizes = sizes[:count], sizes[count:]
        olts.extend(_network(area, operator, mine, stops, rng))
    for olt in olts[_FIFTY_GIG_EVERY // 3 :: _FIFTY_GIG_EVERY] or olts[:1]:
        olt.techs[:2] = [_FIFTY_GIG] * 2
    return olts


def _lines(
    communities: list[GeneratedCommunity], rng: SeededRandom
) -> dict[tuple[str, str], list[_LineStop]]:
    """Homes by (area, operator), in the order of their communities."""
    lines: dict[tuple[str, str], list[_LineStop]] = {
        (area.code, operator): [] for area in AREAS for operator in OPERATORS
    }
    for community in communities:
        operators = _operators(community, rng)
        weight = 1.0 if community.is_urban else _RURAL_LOAD
        for number, home in enumerate(community.homes, start=1):
            if rng.chance(0.003):
                continue  # A new building that no fibre has reached yet.
            for operator in operators:
                lines[community.area, operator].append(
                    _LineStop(community.code, number, home.households * weight, community.is_urban)
                )
    return {key: stops for key, stops in lines.items() if stops}


def _operators(community: GeneratedCommunity, rng: SeededRandom) -> list[str]:
    counts = ((3, 0.85), (2, 0.15)) if community.is_urban else ((1, 0.25), (2, 0.65), (3, 0.1))
    operators = list(OPERATORS)
    rng.shuffle(operators)
    return sorted(operators[: rng.weighted(counts)])


def _network(
    area: str, operator: str, sizes: list[int], stops: list[_LineStop], rng: SeededRandom
) -> list[OltPlan]:
    # Some ports are spare: equipped, registered, and connected to nothing yet.
    used = [size - rng.whole(0, 1) for size in sizes]
    by_port = _divide(stops, sum(used))
    olts: list[OltPlan] = []
    for number, (size, in_use) in enumerate(zip(sizes, used, strict=True), start=1):
        mine, by_port = by_port[:in_use], by_port[in_use:]
        techs = _techs(operator, size, rng, is_urban=mine[0][0].is_urban)
        passed = [[(stop.community, stop.number) for stop in stops] for stops in mine]
        passed.extend([] for _ in range(size - in_use))
        olts.append(OltPlan(f"olt-{area}-{operator}{number:03d}", area, techs, passed))
    return olts


def _divide(stops: list[_LineStop], ports: int) -> list[list[_LineStop]]:
    """Which homes each port passes."""
    by_port: list[list[_LineStop]] = [[] for _ in range(ports)]
    per_port = sum(stop.load for stop in stops) / ports
    position = 0.0
    for stop in stops:
        first = round(position / per_port)
        position += stop.load
        last = max(first, round(position / per_port) - 1)
        for port in range(first, last + 1):
            by_port[min(port, ports - 1)].append(stop)
    return by_port


def _techs(operator: str, size: int, rng: SeededRandom, *, is_urban: bool) -> list[str]:
    upgraded = rng.weighted(_URBAN_UPGRADED if is_urban else _RURAL_UPGRADED)
    new = rng.weighted(_NEW[operator])
    count = round(size * upgraded)
    return [new] * count + [_OLD[operator]] * (size - count)
