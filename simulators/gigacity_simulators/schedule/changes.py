"""What changes in the city, and when: a seeded state machine that is asked at every middle.

A change is for good (an upgrade) or begins an episode that ends at a later middle (a port down, a
device dead, a picture lost, an alarm). An object takes part in one episode at a time.
"""

import heapq
from collections.abc import Iterable
from enum import Enum, auto
from random import Random
from typing import NamedTuple, Protocol

from gigacity_simulators.models.noise import mix

UPGRADES = {
    "epon": "10g-epon+epon",
    "gpon": "xgs-pon",
    "gpon+xgs-pon": "xgs-pon",
    "10g-epon+epon": "10g-epon",
    "xg-pon": "xgs-pon",
    "gpon+xg-pon": "xgs-pon",
}
"""What a port becomes when its card is replaced."""


class Action(Enum):
    """What happens to a port or a device."""

    PORT_LINK_LOST = auto()
    PORT_LINK_BACK = auto()
    PORT_DISABLED = auto()
    PORT_ENABLED = auto()
    PORT_UPGRADED = auto()
    DEVICE_DIES = auto()
    DEVICE_RETURNS = auto()
    PICTURE_LOST = auto()
    PICTURE_BACK = auto()
    CAMERA_DAMAGED = auto()
    CAMERA_REPAIRED = auto()
    ALARM_RAISED = auto()
    ALARM_CLEARED = auto()


ENDS = {
    Action.PORT_LINK_LOST: Action.PORT_LINK_BACK,
    Action.PORT_DISABLED: Action.PORT_ENABLED,
    Action.DEVICE_DIES: Action.DEVICE_RETURNS,
    Action.PICTURE_LOST: Action.PICTURE_BACK,
    Action.CAMERA_DAMAGED: Action.CAMERA_REPAIRED,
    Action.ALARM_RAISED: Action.ALARM_CLEARED,
}
"""The action that ends an episode, by the one that began it."""


class Change(NamedTuple):
    """One thing that happens at a middle."""

    at_ms: int
    action: Action
    subject: int
    """Port index for a PORT_ action, device index for the others."""


class Candidates(Protocol):
    """What the plan has to know of the city to choose."""

    @property
    def port_count(self) -> int:
        """Ports, by index."""
        ...

    @property
    def device_count(self) -> int:
        """Devices, by index."""
        ...

    def port_actions(self, port: int) -> tuple[Action, ...]:
        """What may happen to this port now; empty: leave it alone."""
        ...

    def device_actions(self, device: int) -> tuple[Action, ...]:
        """What may happen to this device now; empty: leave it alone."""
        ...

    def silence_ms(self, device: int) -> int:
        """How long this device must be dead before anybody can tell."""
        ...


class ChangePlan:
    """Draws changes; the same seed, start and candidates give the same plan.

    ``reserved`` are objects that are left alone: whether it is a port, and its index.
    """

    def __init__(
        self,
        candidates: Candidates,
        *,
        seed: int,
        grid_ms: int,
        share_per_minute: float,
        reserved: Iterable[tuple[bool, int]] = (),
    ) -> None:
        self._candidates = candidates
        self._seed = mix(seed ^ 0xC4A6E5)
        self._grid_ms = grid_ms
        self._share = share_per_minute * grid_ms / 60_000
        self._port_debt = self._device_debt = 0.0
        self._busy = set(reserved)
        self._ends: list[tuple[int, int, Change]] = []
        self._drawn = 0

    def at_middle(self, at_ms: int) -> list[Change]:
        """The changes of this middle; ask once for each, in order.

        An object changes once a middle at most: two reports of one device would share their ``ts``.
        """
        ended = self._ended(at_ms)
        random = Random(mix(self._seed ^ at_ms))  # noqa: S311 # Repeatable, not secret.
        self._port_debt += self._share * self._candidates.port_count
        self._device_debt += self._share * self._candidates.device_count
        ports, self._port_debt = divmod(self._port_debt, 1)
        devices, self._device_debt = divmod(self._device_debt, 1)
        drawn = [self._draw(at_ms, random, is_port=True) for _ in range(int(ports))]
        drawn += [self._draw(at_ms, random, is_port=False) for _ in range(int(devices))]
        changes = ended + [change for change in drawn if change is not None]
        self._busy -= {_object_of(c) for c in changes if c.action not in ENDS}
        return changes

    def _ended(self, at_ms: int) -> list[Change]:
        ended = []
        while self._ends and self._ends[0][0] <= at_ms:
            ended.append(heapq.heappop(self._ends)[2])
        return ended

    def _draw(self, at_ms: int, random: Random, *, is_port: bool) -> Change | None:
        """One new change, or none if it falls on an object that is left alone."""
        known = self._candidates
        index = random.randrange(known.port_count if is_port else known.device_count)
        if (is_port, index) in self._busy:
            return None
        actions = known.port_actions(index) if is_port else known.device_actions(index)
        if not actions:
            return None
        change = Change(at_ms, random.choice(actions), index)
        self._busy.add(_object_of(change))
        end = ENDS.get(change.action)
        steps = random.randint(2, 10)
        if change.action is Action.DEVICE_DIES:
            steps += known.silence_ms(index) // self._grid_ms
        if end is not None:
            end_ms = at_ms + steps * self._grid_ms
            self._drawn += 1
            heapq.heappush(self._ends, (end_ms, self._drawn, Change(end_ms, end, index)))
        return change


def _object_of(change: Change) -> tuple[bool, int]:
    return change.action.name.startswith("PORT_"), change.subject
