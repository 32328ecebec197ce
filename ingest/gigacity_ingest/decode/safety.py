"""Finds what must not wait for the database among the reports of devices."""

from types import MappingProxyType
from typing import TypeAlias

from gigacity_contract.kinds import Values
from gigacity_contract.measurements import DEVICE_MEASUREMENTS
from gigacity_contract.safety import SAFETY_FLAGS, SafetyEvent

NO_FLAG = -1

SafetyCall: TypeAlias = tuple[str, int]
"""The prefix of a device's lines, which names it, and the ``ts`` of its report. A device that calls
for hours makes one of these with every report, so that it is no more than that."""

_FLAG_INDEX: MappingProxyType[type[Values], int] = MappingProxyType(
    {values: values.__struct_fields__.index(name) for values, name in SAFETY_FLAGS.items()}
)
_KIND_OF_MEASUREMENT = {m.name: kind for kind, m in DEVICE_MEASUREMENTS.items()}


def flag_index(values: type[Values]) -> int:
    """Where in a kind's row the flag of danger stands; ``NO_FLAG`` if it has none."""
    return _FLAG_INDEX.get(values, NO_FLAG)


def safety_event(prefix: str, ts: int) -> SafetyEvent:
    """The event of a device whose flag is set.

    Args:
        prefix: of its lines (``device_prefix``), which names it.
        ts: of its report, epoch ms.
    """
    measurement, *tags = prefix.split(";")
    named = dict(tag.split("=", 1) for tag in tags)
    return SafetyEvent(
        _KIND_OF_MEASUREMENT[measurement], named["area"], named["community"], named["device"], ts
    )
