"""Disturbs what publishers send, while the truth stays as it is. Pure apart from what it holds."""

import dataclasses
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from gigacity_simulators.messages import OutgoingMessage
from gigacity_simulators.simulation import Transport

_POISON = (
    b"",
    b"{",
    b"\xff\xfe\x00",
    b"[" * 5_000,
    b'{"ts": "yesterday"}',
    b'{"ts": 1e999, "seq": -1, "ports": {}}',
    b'{"gateway": null, "reports": [1, "two", {}]}',
    b"\x1f\x8b" + bytes(64),
)
"""Nothing of it is a report: each is a dead letter of the whole message."""


class DisturbanceKind(Enum):
    """What happens to messages; the values are events of scenarios."""

    DUPLICATES = "duplicates"
    REORDERING = "reordering"
    POISON = "poison_burst"
    RETAINED = "retained_flood"


class Disturbance(NamedTuple):
    """Of some publishers, for a while."""

    kind: DisturbanceKind
    from_ms: int
    until_ms: int
    publishers: frozenset[int]

    def holds(self, publisher: int, at_ms: int) -> bool:
        """Whether it holds for a message of this instant."""
        return self.from_ms <= at_ms < self.until_ms and publisher in self.publishers


class DisturbedTransport:
    """A ``Transport`` before another one: everything arrives there, and more, or in another order.

    Copies and poison carry no points: what the publishers meant to say is counted once.
    """

    def __init__(self, transport: Transport, disturbances: Sequence[Disturbance]) -> None:
        self._transport = transport
        self._disturbances = disturbances
        self._held: dict[int, OutgoingMessage] = {}
        """By publisher, a message that the next one overtakes."""

    def send(self, publisher: int, message: OutgoingMessage) -> None:
        """Take a message for delivery."""
        kinds = {d.kind for d in self._disturbances if d.holds(publisher, message.due_ms)}
        if DisturbanceKind.RETAINED in kinds:
            message = dataclasses.replace(message, retain=True)
        overtaken = self._held.pop(publisher, None)
        if overtaken is None and DisturbanceKind.REORDERING in kinds:
            self._held[publisher] = message
        else:
            self._transport.send(publisher, message)
        if overtaken is not None:
            self._transport.send(publisher, overtaken)
        for more in _additions(message, kinds):
            self._transport.send(publisher, more)

    def release(self) -> None:
        """Hand over what still waits to be overtaken."""
        held, self._held = self._held, {}
        for publisher, message in held.items():
            self._transport.send(publisher, message)

    def allow(self, publisher: int) -> None:
        """Let the publisher connect."""
        self._transport.allow(publisher)

    def cut(self, publisher: int) -> None:
        """Break its connection."""
        self._transport.cut(publisher)

    def kill(self, publisher: int) -> None:
        """Break its connection; what it had to send is gone."""
        self._held.pop(publisher, None)
        self._transport.kill(publisher)

    def undisturbed_since_ms(self) -> int:
        """Since when every publisher that should be connected has been."""
        return self._transport.undisturbed_since_ms()

    def oldest_unacknowledged_ms(self) -> int | None:
        """The earliest instant among the reports that no broker has acknowledged."""
        held = [message.due_ms for message in self._held.values()]
        sent_ms = self._transport.oldest_unacknowledged_ms()
        return min(held if sent_ms is None else [*held, sent_ms], default=None)


def _additions(message: OutgoingMessage, kinds: set[DisturbanceKind]) -> Iterator[OutgoingMessage]:
    if DisturbanceKind.DUPLICATES in kinds:
        yield dataclasses.replace(message, points={})
    if DisturbanceKind.POISON in kinds:
        for payload in _POISON:
            yield dataclasses.replace(message, payload=payload, points={})
