"""What is true of a random city at an instant: plain Python over the lives of its objects.

Sample-and-hold: an object is what it sampled last at or before the instant, whether or not that was
delivered; a device is online if it sampled inside its window and its session has not ended since.
Shares no code with the indicators, nor with the simulators' truth.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from gigacity_city.model import City, Community
from gigacity_contract.kinds import Camera
from tests.support.random_city import CITY_CODE
from tests.support.random_lives import Device, PortState, Report, World

TEN_GIG = {"10g-epon", "xgs-pon", "gpon+xgs-pon", "50g-pon"}


class Parts(NamedTuple):
    """Parts of a figure: in, the whole, and what nobody can know, since it was never reported."""

    inside: int
    whole: int
    unreported: int = 0


Place = tuple[str, str, str]


@dataclass
class Truth:
    """Every figure, and the verdict of every community, at one instant."""

    figures: dict[Place, Parts] = field(default_factory=dict)
    smart: dict[str, bool | None] = field(default_factory=dict)
    growth: dict[str, bool | None] | None = None

    def add(self, indicator: str, places: dict[str, str], parts: Parts) -> None:
        """Add to the figures of an object's places."""
        for scope, code in places.items():
            key = indicator, scope, code
            old = self.figures.get(key, Parts(0, 0))
            self.figures[key] = Parts(*(a + b for a, b in zip(old, parts, strict=True)))


def held_at(reports: list[Report], at_ms: int) -> Report | None:
    """The last sample at or before an instant."""
    held = None
    for report in reports:
        if report.due_ms <= at_ms:
            held = report
    return held


def _parameter(city: City, name: str) -> float:
    return next(p.value for p in city.parameters if p.name == name)


def truth_at(world: World, at_ms: int) -> Truth:
    """The truth of an instant."""
    truth = Truth()
    ten_gig = _ports(truth, world, at_ms)
    homes, served = _homes(truth, world, ten_gig)
    cameras = _devices(truth, world, at_ms)
    _communities(truth, world, homes, served, cameras)
    return truth


def _ports(truth: Truth, world: World, at_ms: int) -> list[bool]:
    city = world.city
    ten_gig: list[bool] = []
    for registered, reports in zip(city.ports, world.ports, strict=True):
        olt = next(o for o in city.olts if o.id == registered.key.olt)
        places = {"city": CITY_CODE, "area": olt.area, "olt": olt.id}
        held = held_at(reports, at_ms)
        assert held is not None
        state = held.state
        assert isinstance(state, PortState)
        is_up, counts = state.oper == "up", serves_10g(held)
        ten_gig.append(counts)
        truth.add("pon.ports_10g", places, Parts(counts, 1))
        truth.add("pon.port_share_10g", places, Parts(counts, 1))
        meant = state.admin == "up"
        truth.add("pon.port_availability", places, Parts(is_up and meant, int(meant)))
        truth.add("pon.optical_health", places, Parts(_is_healthy(city, state), 1))
        truth.add("onu.online", places, Parts(state.onu_online, state.onu_total))
        factor = _parameter(city, "households_per_10g_port")
        for scope, code in (("city", CITY_CODE), ("area", olt.area)):
            truth.add("home.gigabit_capacity", {scope: code}, Parts(int(counts * factor), 0))
    return ten_gig


def serves_10g(report: Report) -> bool:
    """Whether a port's sample says that it serves 10G downstream or more."""
    state = report.state
    assert isinstance(state, PortState)
    return state.oper == "up" and state.admin == "up" and state.tech in TEN_GIG


def _is_healthy(city: City, state: PortState) -> bool:
    return (
        state.onu_rx_min_dbm >= _parameter(city, "optics_onu_rx_min_dbm")
        and _parameter(city, "optics_tx_min_dbm") <= state.tx_dbm
        and state.tx_dbm <= _parameter(city, "optics_tx_max_dbm")
        and state.temp_c <= _parameter(city, "optics_temp_max_c")
    )


def _is_urban(city: City, community: Community) -> bool:
    if community.urban_class in {111, 112}:
        return True
    return community.urban_class in {121, 122} and community.code.startswith("371621001")


def _homes(
    truth: Truth, world: World, ten_gig: list[bool]
) -> tuple[dict[str, int], dict[str, int]]:
    city = world.city
    homes: dict[str, int] = defaultdict(int)
    served: dict[str, int] = defaultdict(int)
    for number, building in enumerate(city.buildings):
        community = next(c for c in city.communities if c.code == building.community)
        is_in = any(ten_gig[port] for place, port in city.coverage if place == number)
        inside = building.households if is_in else 0
        homes[community.code] += building.households
        served[community.code] += inside
        places = {"city": CITY_CODE, "area": community.area, "community": community.code}
        parts = Parts(inside, building.households)
        truth.add("community.gigabit_homes", places, parts)
        if _is_urban(city, community):
            truth.add("home.gigabit_access", places, parts)
        if city.urban.alternative is not None and str(community.urban_class).startswith("1"):
            truth.add("home.gigabit_access.alternative", places, parts)
        for scope in ("city", "area"):
            whole = Parts(0, building.households)
            truth.add("home.gigabit_capacity", {scope: places[scope]}, whole)
    return homes, served


def _is_online(device: Device, held: Report | None, at_ms: int) -> bool:
    if held is None or held.due_ms <= at_ms - device.window_ms:
        return False
    return not any(held.due_ms < end <= at_ms for end in device.ended_ms)


def _devices(truth: Truth, world: World, at_ms: int) -> dict[str, list[tuple[bool, bool, bool]]]:
    cameras: dict[str, list[tuple[bool, bool, bool]]] = defaultdict(list)
    for device in world.devices:
        held = held_at(device.reports, at_ms)
        online = _is_online(device, held, at_ms)
        places = {"city": CITY_CODE, "area": device.area, "community": device.community}
        truth.add("device.online", places, Parts(online, 1))
        wide = {scope: places[scope] for scope in ("city", "area")}
        truth.add(f"device.online.{device.kind}", wide, Parts(online, 1))
        if device.kind == "camera":
            state = held.state if held is not None else Camera(intact=False, picture=False)
            assert isinstance(state, Camera)
            well = online, online and bool(state.intact), online and bool(state.picture)
            cameras[device.community].append(well)
            for item, is_in in zip(("online", "intact", "picture"), well, strict=True):
                truth.add(f"community.camera_{item}", places, Parts(is_in, 1))
    return cameras


def _items(
    community: Community, homes: int, served: int, cameras: list[tuple[bool, bool, bool]]
) -> Iterator[tuple[str, int | None, int]]:
    """Items with numerator (None: not reported) and denominator."""
    yield "gigabit_homes", served, homes
    yield "mobile_5g_area", community.area_5g_m2, community.surface_m2
    yield "tv_households", community.tv_households, homes
    wanted = community.key_positions
    yield "camera_coverage", None if wanted is None else min(len(cameras), wanted), wanted or 0
    for number, item in enumerate(("camera_online", "camera_intact", "camera_picture")):
        yield item, sum(camera[number] for camera in cameras), len(cameras)


def _communities(
    truth: Truth,
    world: World,
    homes: dict[str, int],
    served: dict[str, int],
    cameras: dict[str, list[tuple[bool, bool, bool]]],
) -> None:
    required = [item for item in world.city.smart_items if item.required]
    has_growth = bool(required) and all(item.growth is not None for item in required)
    truth.growth = {} if has_growth else None
    for community in world.city.communities:
        code = community.code
        places = {"city": CITY_CODE, "area": community.area, "community": code}
        shares: dict[str, float] = {}
        for item, part, whole in _items(community, homes[code], served[code], cameras[code]):
            if item in {"mobile_5g_area", "tv_households", "camera_coverage"}:
                where = {"community": code} if item == "camera_coverage" else places
                parts = Parts(part or 0, whole, whole if part is None else 0)
                truth.add(f"community.{item}", where, parts)
            if part is not None and whole:
                shares[item] = part / whole
        basic = {item.id: item.threshold for item in required}
        truth.smart[code] = smart = _passes(shares, basic)
        if truth.growth is not None:
            higher = {item.id: item.growth.value for item in required if item.growth}
            both = (smart, _passes(shares, higher))
            truth.growth[code] = False if False in both else (None if None in both else True)
        parts = Parts(smart is True, 1, smart is None)
        wide = {scope: places[scope] for scope in ("city", "area")}
        truth.add("community.smart_coverage", wide, parts)


def _passes(shares: dict[str, float], thresholds: dict[str, float]) -> bool | None:
    if not thresholds:
        return None
    results = [shares[i] >= t if i in shares else None for i, t in thresholds.items()]
    if False in results:
        return False
    return None if None in results else True
