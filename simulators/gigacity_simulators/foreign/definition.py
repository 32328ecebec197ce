"""What a format is to the simulators: how it says a reading, and the mapping that reads it."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from gigacity_simulators.foreign.readings import FieldReading, WireMessage
from gigacity_simulators.foreign.styles import ValueStyle
from gigacity_simulators.publisher_directory import PublisherRole
from gigacity_simulators.sessions import PlainSession, SessionWords

Say = Callable[[str, Sequence[FieldReading]], Iterable[WireMessage]]
"""(id of the gateway or OLT, readings) -> messages."""


def _silent(sender: str) -> SessionWords:
    del sender
    return PlainSession()


class ForeignFormat(NamedTuple):
    """One format, by the name of its decoder."""

    name: str
    role: PublisherRole
    """Whose publishers speak it: OLTs, gateways, or devices that connect by themselves."""
    say: Say
    style: ValueStyle
    topics: tuple[str, ...]
    """Filters of its mapping."""
    identity: str
    """Of its mapping, as YAML in one line."""
    foreign_id: Callable[[str, str], str] | None = None
    """Of community and device, where its mapping looks them up."""
    more: tuple[str, ...] = ()
    """Further lines of the source: dialect, time, answers."""
    is_batch: bool = False
    """Many readings become one message; else each is said alone."""
    step_ms: int = 1
    """Of the times that it states: two reports of a device within one are one point."""
    session: Callable[[str], SessionWords] = _silent
    """Of a publisher, by the name that it has in topics."""
