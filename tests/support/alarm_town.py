"""A small city by hand, with what may happen in it: streets whose every fibre is known by name.

Area 371602 has two OLTs with two cards of four ports; each port passes four buildings of eight
homes of one community. Area 371621 stands for the rest of the city: 100,000 homes that are well.
"""

from collections.abc import Iterable

from gigacity_city.model import (
    Area,
    Building,
    Cadence,
    City,
    Community,
    Gateway,
    Olt,
    Parameter,
    PortKey,
    RegisteredPort,
    UrbanRule,
)
from gigacity_city.registry import DeviceRange, DeviceRegistry, IdRange
from tests.support.alarm_city import KINDS, MAINS, NAME, SOURCE, Fault, World

NEAR, FAR = "371602", "371621"
ELM, OAK, ASH, SEA = "371602001000", "371602001001", "371602001002", "371621001000"
PORTS_OF = {
    ELM: ("olt-1/1/0", "olt-1/1/1", "olt-2/1/0"),
    OAK: ("olt-1/1/2", "olt-1/1/3", "olt-1/2/0", "olt-1/2/1", "olt-1/2/2", "olt-1/2/3"),
    ASH: ("olt-2/1/1", "olt-2/1/2", "olt-2/1/3", "olt-2/2/0", "olt-2/2/1", "olt-2/2/2",
          "olt-2/2/3"),
    SEA: ("olt-9/1/0", "olt-9/1/1", "olt-9/2/0", "olt-9/2/1"),
}  # fmt: skip
ONUS = 32


def _key(name: str) -> PortKey:
    olt, slot, port = name.split("/")
    return PortKey(olt, int(slot), int(port))


class Town(World):
    """The city, its healthy reports, and faults by name."""

    def __init__(self, *, devices_of_a_kind: int = 4, spare_homes: int = 100_000) -> None:
        """Make it.

        Args:
            devices_of_a_kind: in each community.
            spare_homes: of the rest of the city.
        """
        self._devices_of_a_kind, self._spare_homes = devices_of_a_kind, spare_homes
        super().__init__(1)
        self.onus = dict.fromkeys(self.onus, ONUS)

    def _make(self) -> City:
        names = sorted(name for mine in PORTS_OF.values() for name in mine)
        index = {name: number for number, name in enumerate(names)}
        buildings: list[Building] = []
        coverage: list[tuple[int, int]] = []
        for code, mine in PORTS_OF.items():
            for name in mine:
                homes = self._spare_homes // 16 if code == SEA else 8
                for branch in range(4):
                    coverage.append((len(buildings), index[name]))
                    buildings.append(Building(f"{name}-{branch}", code, homes))
        gateways: list[Gateway] = []
        ranges: list[DeviceRange] = []
        offset = 0
        for code in PORTS_OF:
            gateways += [Gateway(f"gw-{code}-{n}", code[:6]) for n in range(2)]
            for kind in KINDS:
                ids = IdRange(f"{kind}-", 1, self._devices_of_a_kind)
                gateway = f"gw-{code}-{int(kind not in MAINS)}"
                ranges.append(DeviceRange(code, kind, ids, gateway, offset))
                offset += self._devices_of_a_kind
        olts = sorted({_key(name).olt for name in names})
        return City(
            version="town-1", code="371600", name=NAME, profile="town", is_synthetic=True,
            areas=tuple(Area(code, NAME, "district") for code in (NEAR, FAR)),
            communities=tuple(Community(code, code, code[:6], 111, 100) for code in PORTS_OF),
            buildings=tuple(buildings),
            olts=tuple(Olt(olt, FAR if olt == "olt-9" else NEAR) for olt in olts),
            ports=tuple(RegisteredPort(_key(name), "xgs-pon") for name in names),
            coverage=tuple(sorted(coverage)), gateways=tuple(gateways),
            devices=DeviceRegistry(ranges), targets=(),
            parameters=(Parameter("households_per_10g_port", 32, SOURCE),), smart_items=(),
            urban=UrbanRule(frozenset({111}), frozenset(), frozenset(), SOURCE),
            cadence=Cadence(60, dict(KINDS), 3),
        )  # fmt: skip

    def ports(self, *beginnings: str) -> list[int]:
        """Ports whose names begin so."""
        return self._ports_where(
            lambda key: f"{key}/".startswith(tuple(b + "/" for b in beginnings))
        )

    def things(self, communities: Iterable[str], kinds: Iterable[str] = KINDS) -> set[int]:
        """Devices of communities."""
        places, wanted = set(communities), set(kinds)
        return {i for i, d in enumerate(self.devices) if d[0] in places and d[1] in wanted}

    def power_cut(self, community: str) -> Fault:
        """The homes of a community and what hangs on its mains go dark; batteries hold."""
        lost = dict.fromkeys(self.ports(*PORTS_OF[community]), ONUS)
        return Fault("power", ports={**lost}, devices=self.things([community], MAINS))

    def lost(self, port: str, onus: int) -> Fault:
        """A port loses ONUs; all of them: its feeder is cut."""
        return Fault("fibre", ports={self.ports(port)[0]: onus})

    def down(self, *beginnings: str) -> Fault:
        """Ports that say that they are down."""
        return Fault("down", ports={**dict.fromkeys(self.ports(*beginnings), "down")})

    def silent_olt(self, olt: str) -> Fault:
        """The broker sees its session end, and nobody hears it."""
        return Fault("olt", ports={**dict.fromkeys(self.ports(olt), "silent")}, ended=("olt", olt))

    def silent_gateway(self, gateway: str) -> Fault:
        """The same of a gateway."""
        mine = {i for i, d in enumerate(self.devices) if d[3] == gateway}
        return Fault("gateway", devices=mine, ended=("gateway", gateway))

    def dead_worker(self) -> Fault:
        """The only worker writes nothing more: neither reports nor its own rows."""
        everything = self.things(PORTS_OF)
        ports = dict.fromkeys(range(len(self.city.ports)), "silent")
        return Fault("worker", ports={**ports}, devices=everything)

    def silent_region(self, area: str) -> Fault:
        """Nobody of an area is heard."""
        mine = self._ports_where(lambda key: self.city.olt_by_id[key.olt].area == area)
        places = [code for code in PORTS_OF if code.startswith(area)]
        return Fault("area", ports={**dict.fromkeys(mine, "silent")}, devices=self.things(places))
