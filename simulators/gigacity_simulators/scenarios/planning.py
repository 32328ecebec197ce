"""From the events of a scenario to what happens to the objects of one city."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from gigacity_city.model import City
from gigacity_contract.errors import ConfigError
from gigacity_simulators.models.clocks import MAX_AHEAD_MS, ClockSkew
from gigacity_simulators.models.trouble import PortTrouble, TroubleKind
from gigacity_simulators.publisher_directory import PublisherDirectory, PublisherRole
from gigacity_simulators.scenarios.disturbing import Disturbance, DisturbanceKind
from gigacity_simulators.scenarios.language import ScenarioEvent
from gigacity_simulators.schedule.changes import ENDS, Action, Change
from gigacity_simulators.schedule.cuts import Cut
from gigacity_simulators.schedule.grid import Grid

_TROUBLES = {
    "branch_cut": TroubleKind.LIGHT_LOST,
    "onu_dying_gasp": TroubleKind.POWER_LOST,
    "optics_drift": TroubleKind.LEVEL_SINKS,
    "vendor_sentinels": TroubleKind.NO_VALUE,
}

_WITH_MEMORY = frozenset({PublisherRole.OLT, PublisherRole.GATEWAY})
_ROLES = {
    "olt_offline": {PublisherRole.OLT},
    "olt_power_loss": {PublisherRole.OLT},
    "gateway_reboot": {PublisherRole.GATEWAY},
}
"""Of which publishers are drawn; of the other kinds: all that keep what they could not send."""


class PlannedScenario(NamedTuple):
    """What happens to which objects, and when."""

    changes: list[Change]
    troubles: dict[int, list[PortTrouble]]
    """By port."""
    cuts: list[Cut]
    disturbances: list[Disturbance]
    """Of what publishers send."""
    skews: dict[int, list[ClockSkew]]
    """Of publishers' clocks."""


def plan_scenario(
    events: Sequence[ScenarioEvent],
    city: City,
    directory: PublisherDirectory,
    grid: Grid,
    *,
    start_ms: int,
    seed: int,
) -> PlannedScenario:
    """Plan them; what an event leaves open is drawn from the seed.

    Raises:
        ConfigError: an event names what the city has not.
    """
    planner = _Planner(city, directory, grid, start_ms)
    for number, event in enumerate(events):
        # Each of its own: one more event does not draw the others anew.
        planner.add(event, Random(f"{seed}/{number}"))  # noqa: S311 - repeatable, not secret
    return PlannedScenario(
        planner.changes,
        dict(planner.troubles),
        planner.cuts,
        planner.disturbances,
        dict(planner.skews),
    )


class _Planner:
    def __init__(
        self, city: City, directory: PublisherDirectory, grid: Grid, start_ms: int
    ) -> None:
        self._city = city
        self._directory = directory
        self._grid = grid
        self._start_ms = start_ms
        self.changes: list[Change] = []
        self.troubles: defaultdict[int, list[PortTrouble]] = defaultdict(list)
        self.cuts: list[Cut] = []
        self.disturbances: list[Disturbance] = []
        self.skews: defaultdict[int, list[ClockSkew]] = defaultdict(list)

    def add(self, event: ScenarioEvent, random: Random) -> None:
        """Plan one event."""
        match event.kind:
            case "feeder_cut":
                for port in self._ports(event, random):
                    self._episode(event, Action.PORT_LINK_LOST, port)
            case name if name in _TROUBLES:
                self._trouble(event, random)
            case "community_power_cut":
                for device, _ in self._devices(event, random):
                    self._episode(event, Action.DEVICE_DIES, device)
            case "camera_outage":
                cameras = [d for d, kind in self._devices(event, random) if kind == "camera"]
                for device in random.sample(cameras, round(event.share * len(cameras))):
                    self._episode(event, Action.PICTURE_LOST, device)
            case "duplicates" | "reordering" | "poison_burst" | "retained_flood":
                publishers = frozenset(self._publishers(event, random))
                kind = DisturbanceKind(event.kind)
                self.disturbances.append(Disturbance(kind, *self._span(event), publishers))
            case "clock_skew":
                self._skew(event, self._publishers(event, random))
            case _:
                self._cut(event, self._publishers(event, random))

    def _span(self, event: ScenarioEvent) -> tuple[int, int]:
        from_ms = self._grid.middle_from(self._start_ms + round(event.at_s * 1000))
        return from_ms, self._grid.middle_from(from_ms + round(event.for_s * 1000))

    def _episode(self, event: ScenarioEvent, action: Action, subject: int) -> None:
        from_ms, until_ms = self._span(event)
        self.changes.append(Change(from_ms, action, subject))
        self.changes.append(Change(until_ms, ENDS[action], subject))

    def _trouble(self, event: ScenarioEvent, random: Random) -> None:
        """Of one port; of a whole card where its driver is at fault."""
        kind = _TROUBLES[event.kind]
        amount = event.db if kind is TroubleKind.LEVEL_SINKS else event.share
        ports = list(self._ports(event, random))
        for port in ports if kind is TroubleKind.NO_VALUE else [random.choice(ports)]:
            self.troubles[port].append(PortTrouble(kind, *self._span(event), amount))

    def _cut(self, event: ScenarioEvent, publishers: Sequence[int]) -> None:
        from_ms, until_ms = self._span(event)
        # Who is cut off already stays so; nobody is let in by the end of another cut.
        held = {
            publisher
            for cut in self.cuts
            if not cut.is_connected and cut.from_ms <= until_ms and from_ms <= cut.until_ms
            for publisher in cut.publishers
        }
        chosen = tuple(publisher for publisher in publishers if publisher not in held)
        self.cuts.append(Cut(from_ms, until_ms, chosen, event.kind == "olt_power_loss"))

    def _skew(self, event: ScenarioEvent, publishers: Sequence[int]) -> None:
        from_ms, until_ms = self._span(event)
        # The odd millisecond: what is said with a wrong time never meets what has that time.
        skew = ClockSkew(from_ms, until_ms, round(event.by_s * 1000) + 1)
        for publisher in publishers:
            self.skews[publisher].append(skew)
        # What is dated ahead, and not refused, is believed until that time has come.
        believed_ms = until_ms + (skew.by_ms if 0 < skew.by_ms <= MAX_AHEAD_MS else 0)
        cut = Cut(from_ms, believed_ms, tuple(publishers), is_connected=True)
        self.cuts.append(cut)

    def _ports(self, event: ScenarioEvent, random: Random) -> Iterator[int]:
        """Of the OLT and its slot and port; the slot is drawn if a feeder names none."""
        ports = self._directory.ports_of[self._olt(event, random)]
        keys = self._city.ports
        slot = event.slot
        if slot < 0:
            slot = random.choice(sorted({keys[port].key.slot for port in ports}))
        chosen = [
            port
            for port in ports
            if keys[port].key.slot == slot and event.port in {-1, keys[port].key.port}
        ]
        if not chosen:
            raise ConfigError(f"{event.kind}: {event.olt} has no port {slot}/{event.port}")
        yield from chosen

    def _olt(self, event: ScenarioEvent, random: Random) -> int:
        ids = [olt.id for olt in self._city.olts]
        if not event.olt:
            known = [i for i, ports in enumerate(self._directory.ports_of) if ports]
            if not known:
                raise ConfigError(f"{event.kind}: the city has no OLT with ports")
            return random.choice(known)
        if event.olt not in ids:
            raise ConfigError(f"{event.kind}: the city has no OLT {event.olt}")
        return ids.index(event.olt)

    def _devices(self, event: ScenarioEvent, random: Random) -> Iterator[tuple[int, str]]:
        """Index and kind of the devices of a community."""
        groups = self._directory.groups
        known = sorted(
            {
                group.community
                for group in groups
                if group.kind == "camera" or event.kind != "camera_outage"
            }
        )
        if not known or event.community not in {"", *known}:
            what = "cameras" if event.kind == "camera_outage" else "devices"
            where = f"community {event.community}" if event.community else "it"
            raise ConfigError(f"{event.kind}: the city has no {what} in {where}")
        code = event.community or random.choice(known)
        for group in groups:
            if group.community == code:
                for device in range(group.offset, group.offset + group.count):
                    yield device, group.kind

    def _publishers(self, event: ScenarioEvent, random: Random) -> list[int]:
        publishers = list(enumerate(self._directory.publishers))
        if event.kind == "reconnect_storm":
            return [i for i, one in publishers if one.role in _WITH_MEMORY]
        if event.olt:
            return [self._olt(event, random)]
        roles = _ROLES.get(event.kind, _WITH_MEMORY)
        known = [index for index, one in publishers if one.role in roles]
        return sorted(random.sample(known, min(event.publishers, len(known))))
