"""What mapping gives: reports of known objects in the contract's own structs, and why not."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from gigacity_contract.decoding import Extent, RejectionReason
from gigacity_contract.kinds import Values
from gigacity_contract.payloads import Port
from gigacity_contract.topics import Publisher


class ReportTarget(NamedTuple):
    """The object of the city that a reading or a session belongs to."""

    publisher: Publisher
    """``OLT`` or ``DEVICE``."""
    area: str
    """Current code."""
    community: str
    """12-digit code; empty for an OLT."""
    id: str


class TimeOrigin(StrEnum):
    """Where the time of a report comes from."""

    STATED = "stated"
    """The message states it."""
    ARRIVAL = "arrival"
    """It states none: the worker's clock, so that a redelivery would be another point."""


class MappingFault(msgspec.Struct, frozen=True, gc=False):
    """Why a reading, or a field of it, is not stored."""

    reason: RejectionReason
    extent: Extent
    """``ENTRY``: nothing of this reading; ``PARTIAL``: the fields that ``error`` names."""
    error: str
    """Names source, object, property and what was expected."""


_MAX_WRONG = 20
"""Texts of one fault."""


def field_fault(what: str, wrong: list[str], *, is_all: bool) -> MappingFault:
    """That fields of a reading are of a wrong type.

    Args:
        what: source and object.
        wrong: a text for each field.
        is_all: nothing of the reading is left.
    """
    extent = Extent.ENTRY if is_all else Extent.PARTIAL
    text = f"{what}: {'; '.join(wrong[:_MAX_WRONG])}"
    return MappingFault(RejectionReason.BAD_FIELD, extent, text)


class Mapped(msgspec.Struct, gc=False):
    """What became of one reading; of all readings of one OLT at one instant in a message."""

    target: ReportTarget | None
    """None: it could not be told whose reading it is, see ``faults``."""
    time_ms: int = 0
    """Epoch ms. Not checked against the clock: that is whoever stores it."""
    time_origin: TimeOrigin = TimeOrigin.STATED
    values: Values | None = None
    """Of a device, by the struct of its kind; at least one of them is there. None: nothing is."""
    ports: list[Port] = []
    """Of an OLT, each once; whole."""
    message_id: str = ""
    """As the format gave it; what is stamped on arrival is recognised by it when it comes again."""
    sequence: int | None = None
    """The device's own number of the message, where the source says where it stands."""
    faults: list[MappingFault] = []

    @property
    def is_stored(self) -> bool:
        """Whether there is anything to store."""
        return self.target is not None and (self.values is not None or bool(self.ports))
