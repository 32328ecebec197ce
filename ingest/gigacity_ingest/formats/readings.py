"""What every decoder of a foreign format takes and gives; it knows the format, and nothing else.

A decoder takes the format apart: envelope, wrappers, history, sub-devices, time. Which object of
the city a reading belongs to, and which of its properties become which field, is the mapping's.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from gigacity_contract.decoding import RejectionReason


class ForeignMessage(msgspec.Struct, frozen=True, gc=False):
    """One MQTT message of a source."""

    topic: str
    """As it arrived, a query string behind ``?`` included."""
    payload: bytes
    is_retained: bool
    now_ms: int
    """The worker's wall clock when it came first."""


class Reading(msgspec.Struct, gc=False):
    """One report of one object, at one instant."""

    names: Mapping[str, str]
    """What the format says about whose report it is, such as ``productKey`` and ``deviceName``."""
    values: Mapping[str, Any]
    """Property to its bare value (JSON's types; nested where the format nests)."""
    time_ms: int | None = None
    """Epoch ms that the format states; None where it states none that is usable."""
    message_id: str = ""
    """What the format offers to recognise a redelivery by; unique only for a while."""
    parents: tuple[Mapping[str, Any], ...] = ()
    """Objects around ``values``, innermost first, where a list was taken apart."""


class SessionChange(msgspec.Struct, gc=False):
    """A birth or an end of an object's connection, in the format's own words."""

    names: Mapping[str, str]
    is_online: bool
    time_ms: int | None = None
    reason: str = ""


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What the format's devices expect to be told, once the readings are durable."""

    topic: str
    payload: bytes


class FormatFault(msgspec.Struct, frozen=True, gc=False):
    """A part of the message that could not be read; the rest is."""

    reason: RejectionReason
    error: str
    """Names the place in the message and what was expected."""
    raw: bytes = b""
    """The part; empty: the whole message."""


class Decoded(msgspec.Struct, gc=False):
    """Everything that one message held."""

    readings: list[Reading] = []
    sessions: list[SessionChange] = []
    answers: list[Answer] = []
    faults: list[FormatFault] = []
    ignored: dict[str, int] = {}
    """What the format holds and no reading is made of, by a short name: ``simulated``, ``join``."""


class FormatDecoder(Protocol):
    """Reads the messages of one source. Keeps state only where the format needs it."""

    def decode(self, message: ForeignMessage) -> Decoded:
        """What the message holds.

        Raises:
            PayloadError: nothing of it can be read.
        """
        ...  # pragma: no cover
