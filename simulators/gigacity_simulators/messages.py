"""A message on its way to the broker."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One QoS 1 publication of one publisher."""

    topic: str
    payload: bytes
    due_ms: int
    """The earliest instant that it reports."""
    points: dict[str, int]
    """How many points it carries, by measurement; empty for a status."""
    retain: bool = False
