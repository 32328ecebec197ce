"""The simulated city as it is now: state of ports, condition of devices; changed by Changes."""

from gigacity_city.model import City
from gigacity_contract.payloads import PortState
from gigacity_simulators.models.catalogue import ALARM_KINDS
from gigacity_simulators.models.condition import ALARM, DAMAGED, DEAD, NO_PICTURE, SOUND
from gigacity_simulators.models.noise import unit
from gigacity_simulators.models.pon import PortTruth
from gigacity_simulators.publisher_directory import NOBODY, PublisherDirectory
from gigacity_simulators.schedule.changes import UPGRADES, Action, Change

# How a city looks on an ordinary day: what share of it is not as it should be.
_LINK_LOST = 0.015
_DISABLED = 0.005
_DEAD = 0.02
_NO_PICTURE = 0.02
_DAMAGED = 0.02

_BITS = {
    Action.DEVICE_DIES: DEAD,
    Action.DEVICE_RETURNS: DEAD,
    Action.PICTURE_LOST: NO_PICTURE,
    Action.PICTURE_BACK: NO_PICTURE,
    Action.CAMERA_DAMAGED: DAMAGED,
    Action.CAMERA_REPAIRED: DAMAGED,
    Action.ALARM_RAISED: ALARM,
    Action.ALARM_CLEARED: ALARM,
}
_SETS_BIT = frozenset(
    {
        Action.DEVICE_DIES,
        Action.PICTURE_LOST,
        Action.CAMERA_DAMAGED,
        Action.ALARM_RAISED,
    }
)


class World:
    """States by index. It is the ``Candidates`` of the change plan, too."""

    def __init__(self, city: City, directory: PublisherDirectory) -> None:
        self._city = city
        self._directory = directory
        self.ports = [
            PortTruth(port.tech, *_first_state(key))
            for port, key in zip(city.ports, directory.port_keys, strict=True)
        ]
        self.conditions = bytearray(len(directory.device_keys))
        self._heartbeats = _heartbeats(city, directory)
        for group in directory.groups:
            for device in range(group.offset, group.offset + group.count):
                self.conditions[device] = self._first_condition(device, group.kind)

    def _first_condition(self, device: int, kind: str) -> int:
        key = self._directory.device_keys[device]
        if device not in self._heartbeats and unit(key, 201) < _DEAD:
            return DEAD
        if kind != "camera":
            return SOUND
        condition = NO_PICTURE if unit(key, 202) < _NO_PICTURE else SOUND
        return condition | (DAMAGED if unit(key, 203) < _DAMAGED else SOUND)

    @property
    def port_count(self) -> int:
        """Ports, by index."""
        return len(self.ports)

    @property
    def device_count(self) -> int:
        """Devices, by index."""
        return len(self.conditions)

    def port_actions(self, port: int) -> tuple[Action, ...]:
        """A working port may fail, be disabled or be upgraded."""
        state = self.ports[port]
        if state.oper == "down":
            return ()
        failures = (Action.PORT_LINK_LOST, Action.PORT_LINK_LOST, Action.PORT_DISABLED)
        return (*failures, Action.PORT_UPGRADED) if state.tech in UPGRADES else failures

    def device_actions(self, device: int) -> tuple[Action, ...]:
        """A sound device may die or show what its kind can show."""
        if self._directory.publisher_of[device] == NOBODY or self.conditions[device]:
            return ()
        kind = self._directory.groups[self._directory.group_of[device]].kind
        actions = () if device in self._heartbeats else (Action.DEVICE_DIES,)
        if kind == "camera":
            return (*actions, Action.PICTURE_LOST, Action.CAMERA_DAMAGED)
        return (*actions, Action.ALARM_RAISED) if kind in ALARM_KINDS else actions

    def silence_ms(self, device: int) -> int:
        """The kind's freshness window."""
        kind = self._directory.groups[self._directory.group_of[device]].kind
        return self._city.cadence.window_ms(kind)

    def is_alive(self, device: int) -> bool:
        """Whether the device samples and answers."""
        return not self.conditions[device] & DEAD

    def apply(self, change: Change) -> None:
        """Let it happen."""
        match change.action:
            case Action.PORT_LINK_LOST:
                self._set_port(change.subject, oper="down")
            case Action.PORT_LINK_BACK:
                self._set_port(change.subject, oper="up")
            case Action.PORT_DISABLED:
                self._set_port(change.subject, admin="down", oper="down")
            case Action.PORT_ENABLED:
                self._set_port(change.subject, admin="up", oper="up")
            case Action.PORT_UPGRADED:
                state = self.ports[change.subject]
                self.ports[change.subject] = state._replace(tech=UPGRADES[state.tech])
            case action if action in _SETS_BIT:
                self.conditions[change.subject] |= _BITS[action]
            case action:
                self.conditions[change.subject] &= ~_BITS[action]

    def _set_port(self, port: int, *, oper: PortState, admin: PortState | None = None) -> None:
        state = self.ports[port]
        self.ports[port] = state._replace(oper=oper, admin=admin or state.admin)


def _first_state(key: int) -> tuple[PortState, PortState]:
    draw = unit(key, 200)
    if draw < _DISABLED:
        return "down", "down"
    return "up", "down" if draw < _DISABLED + _LINK_LOST else "up"


def _heartbeats(city: City, directory: PublisherDirectory) -> frozenset[int]:
    """One device of each gateway that never dies, the most frequent of its reporters.

    An evaluator knows that a gateway is alive from what its devices report; were all of them dead,
    nothing could tell whether it is the gateway that fails.
    """
    best: dict[int, tuple[float, int]] = {}
    for group in directory.groups:
        if group.gateway == NOBODY or directory.publisher_of[group.offset] == NOBODY:
            continue
        candidate = (city.cadence.expected_s(group.kind), group.offset)
        best[group.gateway] = min(best.get(group.gateway, candidate), candidate)
    return frozenset(device for _, device in best.values())
