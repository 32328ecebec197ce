"""What the worker remembers of the devices whose reports a gateway bundles.

A city's gateways carry hundreds of thousands of them, so each costs its id and the prefix of its
lines alone; whatever devices of one kind have in common is held once for each community.
"""

import msgspec

from gigacity_contract.kinds import Values
from gigacity_ingest.decode.point_spans import Series
from gigacity_ingest.decode.safety import flag_index
from gigacity_ingest.encode.device_lines import SHAPES_OF_VALUES
from gigacity_ingest.encode.line_builder import Shape

MAX_DEVICES_OF_A_GATEWAY = 100_000
MAX_GROUPS_OF_A_GATEWAY = 2000
"""All 15 kinds in 130 communities. A group that holds one device takes 500 bytes beside it, so a
gateway that invents communities would cost almost three times as much as one that does not."""

GroupKey = tuple[str, type[Values]]
"""Community, and the struct of the kind."""


class CarriedGroup(msgspec.Struct, gc=False):
    """Devices of one kind in one community that one gateway carries."""

    series: Series
    prefixes: dict[str, str]
    """Of the lines of each device, by its id."""
    last_seqs: dict[str, int]
    """Of the devices whose entries are counted."""
    shape: Shape
    """Of the point before; devices of one kind nearly always report the same fields."""
    flag: int
    """Where in their row the flag of danger stands; ``NO_FLAG`` if the kind has none."""


class CarriedDevices:
    """All devices of one gateway, within bounds."""

    __slots__ = ("_count", "groups")

    def __init__(self) -> None:
        self.groups: dict[GroupKey, CarriedGroup] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, key: GroupKey, series: Series, device: str, prefix: str) -> CarriedGroup:
        """Remember a device without a prefix; for a new one at a bound all others are forgotten.

        One that was counted before ``forget_prefixes`` is not new.
        """
        group = self.groups.get(key)
        if group is None or device not in group.last_seqs:
            is_full = self._count >= MAX_DEVICES_OF_A_GATEWAY
            if is_full or (group is None and len(self.groups) >= MAX_GROUPS_OF_A_GATEWAY):
                self.forget()
                group = None
            self._count += 1
        if group is None:
            values = key[1]
            group = self.groups[key] = CarriedGroup(
                series, {}, {}, SHAPES_OF_VALUES[values].full, flag_index(values)
            )
        group.prefixes[device] = prefix
        return group

    def forget(self) -> None:
        """Forget every device, and what was counted of it."""
        self.groups.clear()
        self._count = 0

    def forget_prefixes(self) -> None:
        """Meet every device anew; what was counted of it stays."""
        for group in self.groups.values():
            group.prefixes.clear()
        self._count = sum(len(group.last_seqs) for group in self.groups.values())
