"""What ``gigacity notify health`` says, by the notes that the running process leaves in its file.

Pure, but for the queue that it is given.
"""

from typing import NamedTuple

import msgspec

from gigacity_notify.queue import NoticeQueue

BEAT_S = 10.0
"""How often the process leaves its notes."""
_SILENT_AFTER_S = 3 * BEAT_S
_BLIND_AFTER_S = 60.0
"""An API that is started again is away for less."""
_HEARTBEAT = "heartbeat_ms"
_BROKER = "broker"
_ALARMS = "alarms"


class BrokerStanding(msgspec.Struct, frozen=True):
    """How the notifier stands with the broker."""

    problem: str = ""
    """In words for the operator; empty: all is well."""
    bad_events: int = 0
    """Messages on topics of safety that could not be read, since the start."""


class AlarmsStanding(msgspec.Struct, frozen=True):
    """Whether the notifier knows what is wrong, by the API."""

    looked_ms: int
    """When the list of alarms was last worked in; before the first time, the start."""
    problem: str = ""
    """Why it was not since, in words for the operator; empty: all is well."""


class Health(NamedTuple):
    """What to show, and whether all is well."""

    lines: list[str]
    is_well: bool


def leave_notes(
    queue: NoticeQueue,
    now_ms: int,
    broker: BrokerStanding | None,
    alarms: AlarmsStanding | None = None,
) -> None:
    """Say that the rounds are made, and how it stands with broker and API; None: it asks none."""
    with queue.together():
        for name, standing in ((_BROKER, broker), (_ALARMS, alarms)):
            queue.set_note(name, "" if standing is None else msgspec.json.encode(standing).decode())
        queue.set_note(_HEARTBEAT, str(now_ms))


def health_of(queue: NoticeQueue, now_ms: int) -> Health:
    """Whether the process goes its rounds, and what it last said of the API and the broker."""
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
    note = queue.note(_ALARMS)
    is_blind = False
    if note:
        alarms = msgspec.json.decode(note, type=AlarmsStanding)
        blind_s = (now_ms - alarms.looked_ms) / 1000
        is_blind = abs(blind_s) > _BLIND_AFTER_S
        lines.append(f"alarms: {_what_is_known(alarms, blind_s)}")
    # A moment that is to come is of a clock that was set back: it proves nothing.
    is_silent = abs(age_s) > _SILENT_AFTER_S
    return Health(lines, is_well=not (is_silent or is_blind or broker.problem))


def _what_is_known(alarms: AlarmsStanding, blind_s: float) -> str:
    if alarms.problem:
        return f"not known for {blind_s:.0f} s, nobody is told of a new one: {alarms.problem}"
    return f"last known {blind_s:.0f} s ago"
