"""The alarms of which people were told: what was told, and what is still open."""

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
    is_escalated: bool


_one = msgspec.json.Decoder(AlarmNotice).decode


class FollowedAlarms(QueueFile):
    """What the queue's file knows of alarms, apart from what must be delivered."""

    def _is_told(self, notice: AlarmNotice, now_ms: int) -> bool:
        done = self.base.execute(
            "INSERT OR IGNORE INTO told VALUES (?, ?)", (notice.key, now_ms)
        ).rowcount
        self.base.execute("DELETE FROM told WHERE at_ms < ?", (now_ms - KEEPS_TOLD_MS,))
        return done == 0

    def _follow(self, notice: AlarmNotice, now_ms: int) -> None:
        if notice.act == "clear":
            self.base.execute("DELETE FROM open_alarm WHERE alarm = ?", (notice.alarm,))
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

    def open_alarms(self) -> list[OpenAlarm]:
        """Alarms of which people were told, and which have not cleared."""
        with self.lock:
            rows = self.base.execute(
                "SELECT notice, told_ms, acknowledged, escalated FROM open_alarm ORDER BY raised_ms"
            ).fetchall()
        return [OpenAlarm(_one(raw), told, bool(ack), bool(esc)) for raw, told, ack, esc in rows]

    def open_names(self) -> set[str]:
        """Ids of the open alarms."""
        with self.lock:
            rows = self.base.execute("SELECT alarm FROM open_alarm").fetchall()
        return {row[0] for row in rows}

    def let_go(self, alarm: str) -> None:
        """An alarm is part of another one now: nobody is told of its end.

        What was told of it is forgotten: freed again it began when it always had, and would count
        as told.
        """
        with self.lock, self.base:
            self.base.execute("BEGIN IMMEDIATE")
            self.base.execute("DELETE FROM open_alarm WHERE alarm = ?", (alarm,))
            self.base.execute("DELETE FROM told WHERE key >= ? AND key < ?", key_range(alarm))

    def repeated(self, alarm: str, now_ms: int) -> None:
        """People were told of an open alarm again."""
        with self.lock, self.base:
            self.base.execute("UPDATE open_alarm SET told_ms = ? WHERE alarm = ?", (now_ms, alarm))

    def escalated(self, alarm: str) -> None:
        """Others were told of it, too."""
        with self.lock, self.base:
            self.base.execute("UPDATE open_alarm SET escalated = 1 WHERE alarm = ?", (alarm,))
