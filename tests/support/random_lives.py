"""What the objects of a random city sample in twenty minutes, and what of it arrives, and when.

Every object samples at its own phase, once an interval. Reports are lost, held back and delivered
later, or lack fields; ports are upgraded; devices are switched off; sessions end.

What is *not* made here are the two things that bounds do not cover (docs/indicators.md):

- an object that changes while nothing is heard of it, before what was heard last has left its
  window (``_frozen``); a device changes by being switched off or on, so the reports before and
  after that are heard at once;
- a device that alone cannot deliver while its carrier can, unless ``OwnLinks`` asks for it: its
  reports are held back with those of its whole gateway, or of its whole area, whose backlog comes
  at one moment. A gateway that was cut off begins a new session.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from gigacity_city.model import City
from gigacity_contract.fields import KIND_FIELDS, FieldSpec, FieldType
from gigacity_contract.kinds import CATALOGUE, Values
from tests.support.random_city import INTERVAL_S, MAX_ONUS, PON_S, TECHS, WINDOW

START_MS = 1_800_000_000_000
GRID_MS = 60_000
INSTANTS = [START_MS + n * GRID_MS for n in range(9, 21)]
"""From the moment when every object has sampled for a whole window."""
END_MS = INSTANTS[-1]
SETTLE_MS = 30_000
PROMPT_MS = 20_000
"""What is not held back arrives within this time."""


class PortState(NamedTuple):
    """What a port samples."""

    tech: str
    admin: str
    oper: str
    onu_total: int
    onu_online: int
    onu_rx_min_dbm: float
    tx_dbm: float
    temp_c: float


@dataclass
class Report:
    """One sample."""

    due_ms: int
    arrives_ms: int | None
    """None: never."""
    state: PortState | Values | None = None
    """Of a device the ``values`` of its kind, with every field."""
    lacks: frozenset[str] = frozenset()
    """Fields that did not make it."""

    @property
    def is_prompt(self) -> bool:
        """Heard in time for every instant that it belongs to."""
        return self.arrives_ms is not None and self.arrives_ms <= self.due_ms + PROMPT_MS


class Session(NamedTuple):
    """A row of presence."""

    object: str
    id: str
    community: str | None
    start_ms: int
    end_ms: int | None
    arrives_ms: int
    is_outage: bool
    """Of a gateway that was cut off; in a city where all arrives there is none."""


@dataclass
class Device:
    """A registered device and its samples."""

    community: str
    area: str
    kind: str
    id: str
    gateway: str
    """Empty: it connects by itself."""
    reports: list[Report] = field(default_factory=list)
    ended_ms: list[int] = field(default_factory=list)
    """When its own sessions ended."""

    @property
    def window_ms(self) -> int:
        """How long a report counts."""
        return INTERVAL_S[self.kind] * 1000 * WINDOW


@dataclass
class World:
    """A city with the lives of its objects, in the order of the city's tables."""

    city: City
    ports: list[list[Report]]
    devices: list[Device]
    sessions: list[Session]


class Outage(NamedTuple):
    """Nothing passes from one moment to the other."""

    from_ms: int
    until_ms: int
    is_lost: bool


class OwnLinks(NamedTuple):
    """How the links of single devices fail that connect by themselves."""

    share: float
    """Of these devices, whose link fails once."""
    longest_s: int
    """For how long, at most; reports are held back meanwhile."""
    will_after_s: int | None = None
    """When the broker gives such a connection up and sends its will; None: it stays open."""


def random_world(
    dice: random.Random,
    city: City,
    *,
    hides_changes: bool = False,
    own_links: OwnLinks | None = None,
) -> World:
    """The lives of a city's objects.

    With ``hides_changes``, ports change whether or not anything is heard of it.
    """
    areas = {area.code: _outages(dice, 0.3, lost=0.0) for area in city.areas}
    gateways = {gateway.id: _outages(dice, 0.5, lost=0.5) for gateway in city.gateways}
    world = World(city, _ports(dice, city, areas, hides_changes), [], [])
    for gateway in city.gateways:
        world.sessions += _gateway_sessions(
            dice, gateway.id, gateways[gateway.id], areas[gateway.area]
        )
    anchors = _anchors(city)
    for row in city.devices.ranges:
        area = city.community_by_code[row.community].area
        own = [gateways[row.gateway]] if row.gateway else []
        for name in row.ids.ids():
            device = Device(row.community, area, row.kind, name, row.gateway)
            # While the first camera is always on, silence behind a gateway can be told from its
            # failing; without one, nothing there is switched off.
            anchor = anchors.get(row.gateway)
            may_be_off = not row.gateway or anchor not in {None, (row.community, name)}
            link = None if row.gateway or own_links is None else _own_link(dice, own_links)
            layers = [*own, [link] if link else [], areas[area]]
            _live(dice, device, layers, world, may_be_off=may_be_off and link is None)
            if link and own_links and own_links.will_after_s is not None:
                _break(world, device, link, own_links.will_after_s * 1000)
            world.devices.append(device)
    return world


def _anchors(city: City) -> dict[str, tuple[str, str]]:
    """A camera of each gateway that has any."""
    found: dict[str, tuple[str, str]] = {}
    for row in city.devices.ranges:
        if row.gateway and row.kind == "camera":
            found.setdefault(row.gateway, (row.community, next(iter(row.ids.ids()))))
    return found


def _outages(dice: random.Random, chance: float, *, lost: float) -> list[Outage]:
    if dice.random() >= chance:
        return []
    from_ms = START_MS + dice.randrange(END_MS - START_MS)
    length = dice.choice((1, 2, 4, 7)) * 60_000 + dice.randrange(60_000)
    return [Outage(from_ms, from_ms + length, dice.random() < lost)]


def _own_link(dice: random.Random, links: OwnLinks) -> Outage | None:
    if dice.random() >= links.share:
        return None
    from_ms = START_MS + dice.randrange(END_MS - START_MS)
    return Outage(from_ms, from_ms + 1000 * dice.randint(30, links.longest_s), is_lost=False)


def _break(world: World, device: Device, link: Outage, will_after_ms: int) -> None:
    """The broker gives the connection up while the device samples on; it comes back anew."""
    will_ms = link.from_ms + will_after_ms
    if will_ms < link.until_ms:
        first = Session(
            "device", device.id, device.community, START_MS - 1, will_ms, will_ms, False
        )
        again = first._replace(start_ms=link.until_ms, end_ms=None, arrives_ms=link.until_ms)
        world.sessions += [first, again]


def _passes(at_ms: int, layers: list[list[Outage]]) -> int | None:
    """When something that sets out at a moment comes through; None: never."""
    for outages in layers:
        for outage in outages:
            if outage.from_ms <= at_ms < outage.until_ms:
                if outage.is_lost:
                    return None
                at_ms = outage.until_ms
    return at_ms


def _report(dice: random.Random, due_ms: int, layers: list[list[Outage]]) -> Report:
    through = _passes(due_ms, layers)
    if through == due_ms:
        through += dice.randrange(PROMPT_MS)
    return Report(due_ms, through)


def _dues(dice: random.Random, interval_s: int) -> list[int]:
    interval = interval_s * 1000
    first = START_MS + 1 + dice.randrange(interval - 1)
    # Never at an evaluation tick: whether such a report counts is another test's question.
    return [due + (due % GRID_MS == 0) for due in range(first, END_MS, interval)]


def _frozen(reports: list[Report], window_ms: int) -> set[int]:
    """Reports that must say what the one before them said, since an older one still counts."""
    frozen: set[int] = set()
    for instant in INSTANTS:
        due = [n for n, r in enumerate(reports) if r.due_ms <= instant]
        heard = [n for n in due if (reports[n].arrives_ms or END_MS * 2) <= instant + SETTLE_MS]
        if heard and reports[heard[-1]].due_ms > instant - window_ms:
            frozen |= set(range(heard[-1] + 1, due[-1] + 1))
    return frozen


def _give_states(
    dice: random.Random,
    reports: list[Report],
    frozen: set[int],
    make: Callable[[], PortState | Values],
) -> None:
    state = make()
    for number, report in enumerate(reports):
        if number not in frozen and dice.random() < 0.3:
            state = make()
        report.state = state
        if dice.random() < 0.1:
            names = [name for name in _names(state) if name != "tech"]
            # A device's message without any field is none.
            most = len(names) if isinstance(state, PortState) else len(names) - 1
            report.lacks = frozenset(dice.sample(names, dice.randint(1, most)))


def _names(state: PortState | Values) -> tuple[str, ...]:
    return state._fields if isinstance(state, PortState) else state.__struct_fields__


def _ports(
    dice: random.Random, city: City, areas: dict[str, list[Outage]], hides_changes: bool
) -> list[list[Report]]:
    olts = {olt.id: _outages(dice, 0.5, lost=0.5) for olt in city.olts}
    phases = {olt.id: _dues(dice, PON_S) for olt in city.olts}
    lives = []
    for port in city.ports:
        own = _outages(dice, 0.3, lost=1.0)
        olt = city.olt_by_id[port.key.olt]
        layers = [own, olts[olt.id], areas[olt.area]]
        reports = [_report(dice, due, layers) for due in phases[olt.id]]
        for report in reports:
            if dice.random() < 0.1:
                report.arrives_ms = None
        total = dice.randint(0, MAX_ONUS)
        frozen = set() if hides_changes else _frozen(reports, PON_S * 1000 * WINDOW)
        _give_states(dice, reports, frozen, partial(_port_state, dice, total))
        lives.append(reports)
    return lives


def _port_state(dice: random.Random, onu_total: int) -> PortState:
    return PortState(
        tech=dice.choice(TECHS),
        admin=dice.choice(("up", "up", "up", "down")),
        oper=dice.choice(("up", "up", "up", "down")),
        onu_total=onu_total,
        onu_online=dice.randint(0, onu_total),
        onu_rx_min_dbm=dice.choice((-20.0, -27.5, -27.51, -28.0, -28.01)),
        tx_dbm=dice.choice((1.49, 1.5, 4.0, 7.0, 7.01, 10.0, 10.01)),
        temp_c=dice.choice((40.0, 70.0, 70.1)),
    )


def _values(dice: random.Random, kind: str) -> Values:
    """Of any kind: each field something of its type and range; flags are mostly set."""
    return CATALOGUE[kind].values(
        **{field.name: _value(dice, field) for field in KIND_FIELDS[kind]}
    )


def _value(dice: random.Random, field: FieldSpec) -> bool | int | float:
    if field.type is FieldType.BOOLEAN:
        return dice.random() < 0.8
    assert field.low is not None
    assert field.high is not None
    if field.type is FieldType.INTEGER:
        return dice.randint(int(field.low), int(field.high))
    return round(dice.uniform(field.low, field.high), 1)


def _gateway_sessions(
    dice: random.Random, gateway: str, outages: list[Outage], area: list[Outage]
) -> list[Session]:
    """A session from the beginning, and one after each outage; wills may tell of their ends."""
    sessions: list[Session] = []
    starts = [(START_MS - 1, False), *((outage.until_ms, True) for outage in outages)]
    for start, is_outage in starts:
        head = Session("gateway", gateway, None, start, None, start, is_outage)
        end = next((o.from_ms + 30_000 for o in outages if o.from_ms > start), None)
        rows = [head]
        if end is not None and dice.random() < 0.5:
            rows.append(head._replace(end_ms=end, arrives_ms=end, is_outage=True))
        for row in rows:
            through = _passes(row.arrives_ms, [area])
            assert through is not None
            sessions.append(row._replace(arrives_ms=through))
    return sessions


def _live(
    dice: random.Random,
    device: Device,
    layers: list[list[Outage]],
    world: World,
    *,
    may_be_off: bool,
) -> None:
    device.reports = [_report(dice, due, layers) for due in _dues(dice, INTERVAL_S[device.kind])]
    sessions: list[tuple[int, int | None]] = []
    if may_be_off and dice.random() < 0.5:
        sessions = _switch_off(dice, device, layers)
    frozen = _frozen(device.reports, device.window_ms)
    _give_states(dice, device.reports, frozen, partial(_values, dice, device.kind))
    if device.gateway:
        return
    for start, end in sessions or [(START_MS - 1, None)]:
        head = Session("device", device.id, device.community, start, None, start, False)
        world.sessions.append(head)
        if end is not None:
            world.sessions.append(head._replace(end_ms=end, arrives_ms=end))


def _switch_off(
    dice: random.Random, device: Device, layers: list[list[Outage]]
) -> list[tuple[int, int | None]]:
    """Drop the samples of a while; a device of its own ends its session, and comes back anew.

    Returns:
        Its sessions, if they are not the one that it has anyway.
    """
    reports = device.reports
    first = dice.randrange(1, len(reports))
    last = dice.randrange(first, len(reports))
    before, after = reports[first - 1], reports[last + 1 : last + 2]
    if not before.is_prompt or not all(report.is_prompt for report in after):
        return []
    device.reports = reports[:first] + reports[last + 1 :]
    if device.gateway:
        return []
    # A farewell or a will: who is gone for good is told of, once the way there is open.
    ended = _passes(before.due_ms + 1 + dice.randrange(INTERVAL_S[device.kind] * 1000 - 1), layers)
    if ended is None or (after and ended >= after[0].due_ms - 1):
        return []
    device.ended_ms.append(ended)
    return [(START_MS - 1, ended), *((report.due_ms - 1, None) for report in after)]
