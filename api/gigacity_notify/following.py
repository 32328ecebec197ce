"""The alarms of which people were told: what was told, and what is still open."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from gigacity_notify.notice import AlarmNotice, key_range
from gigacity_notify.queue_file import QueueFile

KEEPS_TOLD_MS = 7 * 86_400_000


class OpenAlarm(NamedTuple):
    """An alarm of which people were told, and which has not cleared."""

    notice: AlarmNotice
    told_ms: int
    """Last time."""
    is_acknowledged: bool
    is_silent: bool
    """Shelved, closed or planned by now, or it comes and goes."""
    marks: Mapping[str, int]
    """When a channel was told again or others were, by its name."""


class AlarmState(NamedTuple):
    """What the API says of an alarm that is open, and tells nobody anything new."""

    alarm: str
    is_acknowledged: bool
    is_silent: bool


def held_mark(channel: str) -> str:
    """The mark of a channel that is told at the end of its quiet hours."""
    return f"held/{channel}"


_one = msgspec.json.Decoder(AlarmNotice).decode


class FollowedAlarms(QueueFile):
    """What the queue's file knows of alarms, apart from what must be delivered."""

    def _is_told(self, notice: AlarmNotice, now_ms: int) -> bool:
        done = self.base.execute(
            "INSERT OR IGNORE INTO told VALUES (?, ?)", (notice.key, now_ms)
        ).rowcount
        self.base.execute("DELETE FROM told WHERE at_ms < ?", (now_ms - KEEPS_TOLD_MS,))
        return done == 0

    def _follow(self, notice: AlarmNotice, to: list[tuple[str, int]], now_ms: int) -> None:
        if notice.act == "clear":
            self._forget(notice.alarm)
        elif notice.act == "acknowledge":
            self.base.execute(
                "UPDATE open_alarm SET acknowledged = 1 WHERE alarm = ?", (notice.alarm,)
            )
        else:
            self.base.execute(
                "INSERT INTO open_alarm (alarm, notice, raised_ms, told_ms) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (alarm) DO UPDATE SET notice = excluded.notice,"
                " told_ms = excluded.told_ms",
                (notice.alarm, msgspec.json.encode(notice), now_ms, now_ms),
            )
            self.base.execute(
                "DELETE FROM mark WHERE alarm = ? AND name >= 'held/' AND name < 'held0'",
                (notice.alarm,),
            )
            self._mark((notice.alarm, held_mark(c), due_ms) for c, due_ms in to if due_ms > now_ms)

    def _mark(self, marks: Iterable[tuple[str, str, int]]) -> None:
        self.base.executemany("INSERT OR REPLACE INTO mark VALUES (?, ?, ?)", marks)

    def _forget(self, alarm: str) -> None:
        for table in ("open_alarm", "silent_alarm", "mark"):
            self.base.execute(f"DELETE FROM {table} WHERE alarm = ?", (alarm,))  # noqa: S608 - our own tables

    def open_alarms(self) -> list[OpenAlarm]:
        """Alarms of which people were told, and which have not cleared."""
        with self.lock:
            rows = self.base.execute(
                "SELECT alarm, notice, told_ms, acknowledged,"
                " alarm IN (SELECT alarm FROM silent_alarm) FROM open_alarm ORDER BY raised_ms"
            ).fetchall()
            marked = self.base.execute("SELECT alarm, name, at_ms FROM mark").fetchall()
        marks: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for alarm, name, at_ms in marked:
            marks[alarm][name] = at_ms
        return [
            OpenAlarm(_one(raw), told, bool(is_acknowledged), bool(is_silent), marks[alarm])
            for alarm, raw, told, is_acknowledged, is_silent in rows
        ]

    def is_open(self, alarm: str) -> bool:
        """Whether people were told of an alarm, and it has not cleared."""
        with self.lock:
            found = self.base.execute("SELECT 1 FROM open_alarm WHERE alarm = ?", (alarm,))
            return found.fetchone() is not None

    def let_go(self, alarm: str) -> None:
        """An alarm is part of another one now: nobody is told of its end.

        What was told of it is forgotten: freed again it began when it always had, and would count
        as told.
        """
        with self.together():
            self._forget(alarm)
            self.base.execute("DELETE FROM told WHERE key >= ? AND key < ?", key_range(alarm))

    def keep_states(self, states: Iterable[AlarmState]) -> None:
        """Keep what the API says of open alarms.

        Where nobody works on an alarm any more, the next who does is told again.
        """
        with self.together():
            for state in states:
                self.base.execute(
                    "INSERT OR IGNORE INTO silent_alarm VALUES (?)"
                    if state.is_silent
                    else "DELETE FROM silent_alarm WHERE alarm = ?",
                    (state.alarm,),
                )
                if not state.is_acknowledged:
                    self.base.execute(
                        "UPDATE open_alarm SET acknowledged = 0 WHERE alarm = ?", (state.alarm,)
                    )
                    self.base.execute(
                        "DELETE FROM told WHERE key >= ? AND key < ?",
                        key_range(state.alarm, "acknowledge"),
                    )
