"""Random access networks with one fault in them: what is reported, and what is true.

Plain Python; the truth shares no code with the alarm engine. A world reports every minute; a fault
begins at some second and ends at another.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from gigacity_api.indicators.row_loader import DeviceReportRow, PortRow, PresenceRow, device_row
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
    Source,
    UrbanRule,
)
from gigacity_city.registry import DeviceRange, DeviceRegistry, IdRange

START_MS = 1_800_000_000_000
MINUTE_MS = 60_000
AREAS = ("371602", "371621")
NAME = Name("名", "name")
SOURCE = Source("made up", "2026-01-01", confirmed=False)
TEN_GIG = ("xgs-pon", "10g-epon", "gpon+xgs-pon")
KINDS = {"camera": 60, "street_light": 300, "smoke_detector": 300, "water_meter": 300}
MAINS = {"camera", "street_light"}


@dataclass
class Fault:
    """What goes wrong, and what of it is true."""

    kind: str
    causes: set[str] = field(default_factory=set)
    """Slugs of which the alarm's cause must be one, or have it among its candidates."""
    types: set[str] = field(default_factory=set)
    resources: set[str] = field(default_factory=set)
    """Where it may be found."""
    ports: dict[int, str | int] = field(default_factory=dict)
    """``silent``, ``down``, or how many ONUs are lost, by index."""
    devices: set[int] = field(default_factory=set)
    """That say nothing."""
    ended: tuple[str, str] | None = None
    """Object and id whose session the broker saw end."""
    homes: int = 0
    """Households without a working 10G path."""
    is_exact: bool = True
    """Port totals tell exactly which ports work."""
    is_heard: bool = True
    """Its ports report: what is known is known."""


class World:
    """A city, its healthy reports, and a fault."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.dice = random.Random(seed)  # noqa: S311 - a city, not a secret
        self.city = self._make()
        self.passing: dict[int, set[int]] = {}
        for building, port in self.city.coverage:
            self.passing.setdefault(building, set()).add(port)
        ports = range(len(self.city.ports))
        self.onus = {p: self.dice.randint(16, 60) for p in ports}
        self.phase = {p: self.dice.randrange(5_000, 55_000) for p in ports}
        self.devices = list(self._devices())
        self.device_phase = [self.dice.randrange(1, KINDS[d[1]] * 1000) for d in self.devices]

    def _make(self) -> City:
        dice = self.dice
        areas = AREAS[: dice.randint(1, 2)]
        olts = [Olt(f"olt-{area}-{n}", area) for area in areas for n in range(dice.randint(2, 4))]
        ports = [
            RegisteredPort(PortKey(olt.id, slot, n), dice.choice((*TEN_GIG, "gpon")))
            for olt in olts
            for slot in range(1, dice.randint(2, 4))
            for n in range(dice.randint(2, 4))
        ]
        communities: list[Community] = []
        buildings: list[Building] = []
        coverage: set[tuple[int, int]] = set()
        for number in range(dice.randint(3, 7)):
            area = dice.choice(areas)
            code = f"{area}001{number:03d}"
            communities.append(Community(code, f"c{number}", area, dice.choice((111, 220)), 100))
            near = [i for i, p in enumerate(ports) if p.key.olt.split("-")[1] == area]
            mine = dice.sample(near, min(len(near), dice.randint(1, 4)))
            for n in range(dice.randint(1, 4)):
                chosen = set(dice.sample(mine, dice.randint(1, min(3, len(mine)))))
                if dice.random() < 0.1:
                    chosen.add(dice.choice(near))
                coverage |= {(len(buildings), port) for port in chosen}
                buildings.append(Building(f"{code}-{n}", code, dice.randint(1, 300)))
        gateways, ranges, offset = [], [], 0
        for community in communities:
            own = [Gateway(f"gw-{community.code}-{n}", community.area) for n in range(2)]
            gateways += own
            for kind in KINDS:
                count = dice.randint(2, 5)
                # Mains and battery devices hang on gateways of their own.
                gateway = own[0].id if kind in MAINS else own[1].id
                ids = IdRange(f"{kind}-", 1, count)
                ranges.append(DeviceRange(community.code, kind, ids, gateway, offset))
                offset += count
        return City(
            version=f"{dice.getrandbits(64):016x}", code="371600", name=NAME, profile="random",
            is_synthetic=True, areas=tuple(Area(code, NAME, "district") for code in areas),
            communities=tuple(communities), buildings=tuple(buildings), olts=tuple(olts),
            ports=tuple(ports), coverage=tuple(sorted(coverage)), gateways=tuple(gateways),
            devices=DeviceRegistry(ranges), targets=(),
            parameters=(Parameter("households_per_10g_port", 40, SOURCE),), smart_items=(),
            urban=UrbanRule(frozenset({111}), frozenset(), frozenset(), SOURCE),
            cadence=Cadence(60, dict(KINDS), 3),
        )  # fmt: skip

    def _devices(self) -> Iterator[tuple[str, str, str, str]]:
        for row in self.city.devices.ranges:
            for name in row.ids.ids():
                yield row.community, row.kind, name, row.gateway

    def port_rows(self, minute: int, fault: Fault | None) -> list[PortRow]:
        """What ports say in the minute that ends at this instant."""
        rows = []
        for index, port in enumerate(self.city.ports):
            what = fault.ports.get(index) if fault else None
            if what == "silent":
                continue
            at = START_MS + minute * MINUTE_MS - self.phase[index]
            key = port.key
            area = self.city.olt_by_id[key.olt].area
            row = PortRow(at, key.olt, str(key.slot), str(key.port), port.tech, area)
            row.admin, row.oper, row.onu_total = "up", "up", self.onus[index] + 3
            row.onu_online = self.onus[index]
            row.onu_rx_min_dbm, row.tx_dbm, row.temp_c = -22.0, 5.0, 40.0
            if what == "down":
                row.oper, row.onu_online = "down", None
            elif what == "off":
                row.admin, row.oper, row.onu_online = "down", "down", None
            elif isinstance(what, int):
                row.onu_online = self.onus[index] - what
            rows.append(row)
        return rows

    def device_rows(self, minute: int, fault: Fault | None) -> dict[str, list[DeviceReportRow]]:
        """What devices say in the minute."""
        end = START_MS + minute * MINUTE_MS
        found: dict[str, list[DeviceReportRow]] = {}
        for index, (community, kind, name, _) in enumerate(self.devices):
            if fault and index in fault.devices:
                continue
            every = KINDS[kind] * 1000
            at = (end - self.device_phase[index]) // every * every + self.device_phase[index]
            if end - MINUTE_MS < at <= end:
                area = self.city.community_by_code[community].area
                found.setdefault(kind, []).append(device_row(kind)(at, community, name, area))
        return found

    def presence(self, fault: Fault | None, at_ms: int) -> list[PresenceRow]:
        """Sessions of OLTs and gateways; the end of one that the broker saw go."""
        rows = []
        names = [("olt", o.id) for o in self.city.olts]
        names += [("gateway", g.id) for g in self.city.gateways]
        for kind, name in names:
            row = PresenceRow(START_MS - 3_600_000, kind, None, name, START_MS - 3_600_000)
            if fault and fault.ended == (kind, name):
                row.ended_ms = at_ms
            rows.append(row)
        return rows

    # Truth and faults.

    def homes_without(self, broken: set[int]) -> int:
        """Households of buildings that lost their last working 10G port, as one loop says it."""
        ten = {i for i, p in enumerate(self.city.ports) if p.tech in TEN_GIG}
        homes = 0
        for index, building in enumerate(self.city.buildings):
            mine = self.passing.get(index, set()) & ten
            if mine & broken and not mine - broken:
                homes += building.households
        return homes

    def _ports_where(self, test: Callable[[PortKey], bool]) -> list[int]:
        return [i for i, p in enumerate(self.city.ports) if test(p.key)]

    def fault(self) -> Fault:
        """Ten seeds in a row have one of each kind: dice leave some kind out of forty."""
        kinds = (
            self._olt, self._card, self._port, self._feeder, self._branch, self._power,
            self._gateway, self._area, self._switched_off, self._few_homes,
        )  # fmt: skip
        return kinds[self.seed % len(kinds)]()

    def _olt(self) -> Fault:
        olt = self.dice.choice(self.city.olts)
        mine = self._ports_where(lambda key: key.olt == olt.id)
        ended = ("olt", olt.id) if self.dice.random() < 0.5 else None
        return Fault(
            "olt", {"olt", "uplink"}, {"pon.olt_offline"}, {olt.id}, dict.fromkeys(mine, "silent"),
            ended=ended, homes=self.homes_without(set(mine)), is_heard=False,
        )  # fmt: skip

    def _card(self) -> Fault:
        key = self.dice.choice(self.city.ports).key
        mine = self._ports_where(lambda k: (k.olt, k.slot) == (key.olt, key.slot))
        return Fault(
            "card", {"card"}, {"pon.card_down"}, {f"{key.olt}/{key.slot}"},
            dict.fromkeys(mine, "down"), homes=self.homes_without(set(mine)),
        )  # fmt: skip

    def _used_port(self) -> int:
        return self.dice.choice(sorted({port for _, port in self.city.coverage}))

    def _port(self) -> Fault:
        port = self._used_port()
        return Fault(
            "port", {"port"}, {"pon.port_down"}, {str(self.city.ports[port].key)}, {port: "down"},
            homes=self.homes_without({port}),
        )  # fmt: skip

    def _feeder(self) -> Fault:
        port = self._used_port()
        return Fault(
            "feeder", {"feeder"}, {"pon.onu_loss"}, {str(self.city.ports[port].key)},
            {port: self.onus[port]}, homes=self.homes_without({port}),
        )  # fmt: skip

    def _branch(self) -> Fault:
        port = self._used_port()
        lost = self.dice.randint(max(8, -(-3 * self.onus[port] // 10)), self.onus[port] - 1)
        buildings = [b for b, p in self.city.coverage if p == port]
        hit = self.dice.sample(buildings, self.dice.randint(0, len(buildings)))
        ten = {i for i, p in enumerate(self.city.ports) if p.tech in TEN_GIG}
        homes = sum(
            self.city.buildings[b].households
            for b in hit
            if port in ten and not (self.passing[b] & ten) - {port}
        )
        return Fault(
            "branch", {"branch"}, {"pon.onu_loss"}, {str(self.city.ports[port].key)}, {port: lost},
            homes=homes, is_exact=False,
        )  # fmt: skip

    def _power(self) -> Fault:
        community = self.dice.choice(self.city.communities)
        inside = {i for i, b in enumerate(self.city.buildings) if b.community == community.code}
        ports: dict[int, str | int] = {}
        ten = {i for i, p in enumerate(self.city.ports) if p.tech in TEN_GIG}
        is_whole = True
        for port in sorted({p for b, p in self.city.coverage if b in inside}):
            passed = {b for b, p in self.city.coverage if p == port}
            share = len(passed & inside) / len(passed)
            lost = self.onus[port] if share == 1 else max(8, round(share * self.onus[port]))
            if lost < 0.3 * self.onus[port]:
                lost = -(-3 * self.onus[port] // 10)
            is_whole &= lost == self.onus[port]
            ports[port] = lost
        homes = sum(
            self.city.buildings[b].households for b in inside if self.passing.get(b, set()) & ten
        )
        silent = {
            i
            for i, (code, kind, _, _) in enumerate(self.devices)
            if code == community.code and kind in MAINS
        }
        found = {str(self.city.ports[p].key) for p in ports} | {community.code}
        return Fault(
            "power", {"power"}, {"pon.onu_loss"}, found, ports, silent, homes=homes,
            is_exact=is_whole,
        )  # fmt: skip

    def _gateway(self) -> Fault:
        gateway = self.dice.choice(self.city.gateways)
        silent = {i for i, d in enumerate(self.devices) if d[3] == gateway.id}
        return Fault(
            "gateway", {"gateway"}, {"gateway.silent"}, {gateway.id}, {}, silent,
            ended=("gateway", gateway.id) if self.dice.random() < 0.5 else None,
        )  # fmt: skip

    def _area(self) -> Fault:
        area = self.dice.choice(self.city.areas).code
        mine = self._ports_where(lambda key: self.city.olt_by_id[key.olt].area == area)
        silent = {
            i for i, d in enumerate(self.devices) if self.city.community_by_code[d[0]].area == area
        }
        return Fault(
            "area", {"uplink", "worker", "broker"}, {"platform.area_silent"}, {area},
            dict.fromkeys(mine, "silent"), silent, homes=self.homes_without(set(mine)),
            is_heard=False,
        )  # fmt: skip

    def _switched_off(self) -> Fault:
        return Fault("switched off", ports={self._used_port(): "off"})

    def _few_homes(self) -> Fault:
        port = self._used_port()
        return Fault("few homes", ports={port: self.dice.randint(1, 3)})
