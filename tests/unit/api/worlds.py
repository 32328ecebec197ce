"""Random small cities with reports, and what is true of them: plain Python, no indicator code.

The truth is sample-and-hold: the newest report of each object at or before the instant.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hypothesis import strategies as st

from gigacity_api.indicators.row_loader import DeviceReportRow, PortRow, PresenceRow
from gigacity_city.model import (
    Area,
    Building,
    Cadence,
    City,
    Community,
    Gateway,
    Name,
    Olt,
    PortKey,
    RegisteredPort,
    SmartItem,
    Source,
    Target,
    UrbanRule,
)
from gigacity_city.registry import DeviceRange, DeviceRegistry, IdRange
from tests.support.camera_rows import camera_row

T = 1_800_000_000_000
PON_S, DEVICE_S = 60, 60
WINDOW_MS = 180_000

SOURCE = Source("made up", "2026-01-01", confirmed=True)
NAME = Name("名", "name")
TECHS = ("gpon", "epon", "xgs-pon", "gpon+xgs-pon", "50g-pon")
TEN_GIG = {"xgs-pon", "gpon+xgs-pon", "50g-pon"}
AREAS = ("371602", "371621")
ITEMS = (
    ("gigabit_homes", 0.7, "measured"),
    ("mobile_5g_area", 0.8, "reported"),
    ("tv_households", 0.7, "reported"),
    ("camera_coverage", 0.9, "reported"),
    ("camera_online", 0.9, "measured"),
    ("camera_intact", 0.9, "measured"),
    ("camera_picture", 0.8, "measured"),
)


class PortReport(NamedTuple):
    """What a port said."""

    ts: int
    tech: str
    admin: str
    oper: str

    @property
    def is_in(self) -> bool:
        """10G and in service."""
        return self.tech in TEN_GIG and self.admin == "up" and self.oper == "up"


class CameraReport(NamedTuple):
    """What a camera said."""

    ts: int
    intact: bool
    picture: bool


@dataclass
class World:
    """A city and every report that its objects ever made."""

    city: City
    ports: dict[int, list[PortReport]] = field(default_factory=dict)
    cameras: dict[int, list[CameraReport]] = field(default_factory=dict)

    def port_rows(self, only: set[int] | None = None) -> list[PortRow]:
        """Rows of all ports, or of some."""
        rows = []
        for index, reports in self.ports.items():
            if only is not None and index not in only:
                continue
            key = self.city.ports[index].key
            area = self.city.olt_by_id[key.olt].area
            rows += [
                PortRow(r.ts, key.olt, str(key.slot), str(key.port), r.tech, area, r.admin, r.oper)
                for r in reports
            ]
        return rows

    def camera_rows(self) -> list[DeviceReportRow]:
        """Rows of all cameras."""
        rows: list[DeviceReportRow] = []
        names = [(r.community, i) for r in self.city.devices.ranges for i in r.ids.ids()]
        for index, reports in self.cameras.items():
            community, device = names[index]
            area = self.city.community_by_code[community].area
            rows += [
                camera_row(r.ts, community, device, area, r.intact, r.picture) for r in reports
            ]
        return rows

    # ---- what is true ----------------------------------------------------------------------

    def port_is_in(self, index: int, at_ms: int) -> bool:
        """By the newest report at or before the instant."""
        held = [r for r in self.ports.get(index, []) if r.ts <= at_ms]
        return bool(held) and max(held).is_in

    def true_ports(self, at_ms: int, areas: set[str]) -> tuple[int, int]:
        """10G ports in service, and all ports, of some areas."""
        mine = [
            i for i, p in enumerate(self.city.ports) if self.city.olt_by_id[p.key.olt].area in areas
        ]
        return sum(self.port_is_in(i, at_ms) for i in mine), len(mine)

    def true_homes(self, at_ms: int, areas: set[str]) -> tuple[int, int]:
        """Urban households with a 10G port in service, and all urban households."""
        inside = total = 0
        for index, building in enumerate(self.city.buildings):
            community = self.city.community_by_code[building.community]
            if community.urban_class not in {111, 112} or community.area not in areas:
                continue
            total += building.households
            passing = [port for b, port in self.city.coverage if b == index]
            if any(self.port_is_in(port, at_ms) for port in passing):
                inside += building.households
        return inside, total


def _item(id_: str, threshold: float, source: Any) -> SmartItem:
    return SmartItem(id_, NAME, threshold, source, required=True, reference=SOURCE)


def build_city(
    communities: list[Community],
    buildings: list[Building],
    ports: list[RegisteredPort],
    coverage: list[tuple[int, int]],
    cameras: list[int],
    **changes: Any,
) -> City:
    """A city of two areas with one OLT each; cameras by community, behind one gateway each."""
    ranges, offset = [], 0
    for community, count in zip(communities, cameras, strict=True):
        if count:
            ids = IdRange("camera-", 1, count)
            gateway = f"gw-{community.area}"
            ranges.append(DeviceRange(community.code, "camera", ids, gateway, offset))
            offset += count
    values: dict[str, Any] = {
        "version": "0123456789abcdef",
        "code": "371600",
        "name": NAME,
        "profile": "test",
        "is_synthetic": True,
        "areas": tuple(Area(code, NAME, "district") for code in AREAS),
        "communities": tuple(communities),
        "buildings": tuple(buildings),
        "olts": tuple(Olt(f"olt-{area}", area) for area in AREAS),
        "ports": tuple(ports),
        "coverage": tuple(coverage),
        "gateways": tuple(Gateway(f"gw-{area}", area) for area in AREAS),
        "devices": DeviceRegistry(ranges),
        "targets": (
            Target("pon.ports_10g", "city", "", 3, "at_least", "2025-12-31", SOURCE),
            Target("home.gigabit_access", "city", "", 0.5, "at_least", "2025-12-31", SOURCE),
        ),
        "parameters": (),
        "smart_items": tuple(_item(*item) for item in ITEMS),
        "urban": UrbanRule(frozenset({111, 112}), frozenset(), frozenset(), SOURCE),
        "cadence": Cadence(PON_S, {"camera": DEVICE_S}, 3),
        "not_assessed": (),
    }
    return City(**(values | changes))


_instants = st.integers(T - WINDOW_MS + 1, T)
_states = st.sampled_from(("up", "up", "up", "down"))


def _community(draw: st.DrawFn, number: int) -> Community:
    area = draw(st.sampled_from(AREAS))
    return Community(
        f"{area}{number:06d}", f"c{number}", area, draw(st.sampled_from((111, 220))), 1000,
        draw(st.none() | st.integers(0, 1000)), draw(st.none() | st.integers(0, 50)),
        draw(st.none() | st.integers(0, 3)),
    )  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A city and reports inside the window, at least one of every object."""
    communities = [_community(draw, n) for n in range(draw(st.integers(1, 3)))]
    buildings = [
        Building(f"{c.code}-{n}", c.code, draw(st.integers(1, 30)))
        for c in communities
        for n in range(draw(st.integers(1, 2)))
    ]
    ports = [
        RegisteredPort(PortKey(f"olt-{area}", 1, n), draw(st.sampled_from(TECHS)))
        for area in AREAS
        for n in range(draw(st.integers(1, 3)))
    ]
    pairs = [(b, p) for b in range(len(buildings)) for p in range(len(ports))]
    coverage = sorted(draw(st.sets(st.sampled_from(pairs))))
    cameras = [draw(st.integers(0, 3)) for _ in communities]
    world = World(build_city(communities, buildings, ports, coverage, cameras))
    for index in range(len(ports)):
        times = draw(st.sets(_instants, min_size=1, max_size=3))
        world.ports[index] = [
            PortReport(ts, draw(st.sampled_from(TECHS)), draw(_states), draw(_states))
            for ts in times
        ]
    for index in range(sum(cameras)):
        times = draw(st.sets(_instants, min_size=1, max_size=2))
        world.cameras[index] = [
            CameraReport(ts, draw(st.booleans()), draw(st.booleans())) for ts in times
        ]
    return world


def session(obj: str, id_: str, start: int, end: int | None = None, **more: Any) -> PresenceRow:
    """A row of presence."""
    return PresenceRow(start, obj, more.pop("community", None), id_, start, end, **more)
