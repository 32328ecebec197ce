"""Events of life and safety, as a worker passes them on the moment it decodes them.

They go to whoever tells people, past database and evaluation. The report itself is stored as every
other; the alarm engine finds it there, too.
"""

from types import MappingProxyType
from typing import Annotated

import msgspec
from msgspec import Meta

from gigacity_contract.kinds import (
    CATALOGUE,
    AccessGate,
    GasDetector,
    ManholeCover,
    SmokeDetector,
    SOSButton,
    Values,
)

SAFETY_ROOT = "gigacity/safety"
"""Topics: ``gigacity/safety/{area}/{community}/{device}``; outside ``gigacity/v1``, which is the
field's."""

SAFETY_FLAGS: MappingProxyType[type[Values], str] = MappingProxyType(
    {
        SmokeDetector: "alarm",
        GasDetector: "alarm",
        SOSButton: "pressed",
        AccessGate: "forced",
        ManholeCover: "displaced",
    }
)
"""The field that is true while life or safety is in danger, by kind of device."""

SAFETY_KINDS = frozenset(k.name for k in CATALOGUE.values() if k.values in SAFETY_FLAGS)


class SafetyEvent(msgspec.Struct, frozen=True):
    """What a device called out."""

    kind: Annotated[str, Meta(max_length=64)]
    area: Annotated[str, Meta(max_length=12)]
    community: Annotated[str, Meta(max_length=12)]
    device: Annotated[str, Meta(max_length=64)]
    ts: int
    """Epoch ms, of the device."""

    @property
    def topic(self) -> str:
        """Where it is published."""
        return f"{SAFETY_ROOT}/{self.area}/{self.community}/{self.device}"
