"""What ``gigacity notify health`` says, by the notes that the running process leaves in its file.

Pure, but for the queue that it is given.
"""

from typing import NamedTuple

import msgspec

from gigacity_notify.queue import NoticeQueue

BEAT_S = 10.0
"""How often the process leaves its notes."""
_SILENT_AFTER_S = 3 * BEAT_S
_HEARTBEAT = "heartbeat_ms"
_BROKER = "broker"


class BrokerStanding(msgspec.Struct, frozen=True):
    """How the notifier stands with the broker."""

    problem: str = ""
    """In words for the operator; empty: all is well."""
    bad_events: int = 0
    """Messages on topics of safety that could not be read, since the start."""


class Health(NamedTuple):
    """What to show, and whether all is well."""

    lines: list[str]
    is_well: bool


def leave_notes(queue: NoticeQueue, now_ms: int, broker: BrokerStanding | None) -> None:
    """Say that the rounds are made, and how it stands with the broker; None: it asks none."""
    queue.set_note(_BROKER, "" if broker is None else msgspec.json.encode(broker).decode())
    queue.set_note(_HEARTBEAT, str(now_ms))


def health_of(queue: NoticeQueue, now_ms: int) -> Health:
    """Whether the process goes its rounds, and what it said of the broker when it last did."""
    beat_ms = int(queue.note(_HEARTBEAT, "0"))
    if not beat_ms:
        return Health(["no round yet"], is_well=False)
    age_s = (now_ms - beat_ms) / 1000
    lines = [f"last round {age_s:.0f} s ago"]
    note = queue.note(_BROKER)
    broker = msgspec.json.decode(note, type=BrokerStanding) if note else BrokerStanding()
    if note:
        lines += [
            f"broker: {broker.problem or 'well'}",
            f"events of life and safety that could not be read: {broker.bad_events}",
        ]
    return Health(lines, is_well=age_s <= _SILENT_AFTER_S and not broker.problem)
