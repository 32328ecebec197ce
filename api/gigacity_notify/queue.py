"""The durable queue: notices that wait, messages to be delivered, alarms that are open.

A crash loses nothing that was taken, and repeats at most the attempt that was under way. Everything
is bounded; what must be given up is counted, and what could not be delivered stays to be seen.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from gigacity_notify.following import FollowedAlarms
from gigacity_notify.gathering import Gathered, Waiting
from gigacity_notify.notice import AlarmNotice
from gigacity_notify.queue_file import ALARM_OF_WAITING
from gigacity_notify.reminding import Reminder

MAX_WAITING = 50_000
MAX_MESSAGES = 5_000
"""Of one channel that is away; a pace of twenty a minute needs four hours for them."""
MAX_DEAD = 1_000
DUE_AT_ONCE = 20
"""Messages that are taken up before it is asked again what is most urgent."""
MAX_TOGETHER = 50
"""Calls that one message tells: a robot's 4,096 bytes hold a line for each."""


class QueuedMessage(NamedTuple):
    """One message that is to be delivered, or could not be."""

    number: int
    channel: str
    notices: tuple[AlarmNotice, ...]
    made_ms: int
    attempts: int
    error: str = ""


_OF_ALARM = f"{ALARM_OF_WAITING} = ?"
_FOR_EVER = 2**63 - 1
_LATER = "~"
"""Begins the lane of what ends a call for help: after every name of a community."""
_JOINED = "+"
"""Ends the lane of messages that tell several calls, or ends of calls."""
_IN_TURN = (
    f"lane = '', lane >= '{_LATER}', lane NOT IN ('{_JOINED}', '{_LATER}{_JOINED}'),"
    " row_number() OVER (PARTITION BY lane ORDER BY number), number"
)


def _lane(notice: AlarmNotice) -> str:
    """The community of a call for help; empty: it is none.

    Its end has a lane of its own: hundreds of calls that are over hold up nobody who calls now.
    """
    if not notice.is_life_safety:
        return ""
    community = notice.resource.partition("/")[0] or notice.alarm
    return _LATER + community if _is_end(notice) else community


def _is_end(notice: AlarmNotice) -> bool:
    """Whether somebody who called is safe, or cared for."""
    return notice.act in {"clear", "acknowledge"}


_one = msgspec.json.Decoder(AlarmNotice).decode
_many = msgspec.json.Decoder(tuple[AlarmNotice, ...]).decode


class NoticeQueue(FollowedAlarms):
    """The queue of one process. Threads may share it."""

    def __init__(self, path: Path) -> None:
        """Open the queue's file, or make it.

        Raises:
            sqlite3.Error: it cannot be used.
        """
        super().__init__(path)
        self._unrecorded: dict[tuple[int, int], str] = {}
        """What became of messages, by number and moment, that the file does not have: why each was
        given up; empty: it arrived. Numbers come again, so the moment tells them apart."""

    # ---- notices -------------------------------------------------------------------------------

    def take(self, notice: AlarmNotice, recipients: Iterable[tuple[str, int]], now_ms: int) -> bool:
        """Keep a notice for channels, each not before its time; False if it was taken before.

        A notice beyond the bound is counted, and not kept: the alarms themselves are at the API.
        A call for help waits for no others: it is a message at once, and no bound is in its way.
        """
        with self.together():
            if self._is_told(notice, now_ms):
                return False
            to = list(recipients)
            self._follow(notice, to, now_ms)
            if not notice.is_life_safety and self.number_waiting() >= MAX_WAITING:
                self.count("given_up")
                return True
            self._catch_up(notice, to)
            if notice.is_life_safety:
                for channel, _ in to:
                    self._enqueue(channel, (notice,), now_ms)
            else:
                self._wait(notice, to, now_ms)
            return True

    def remind(self, reminders: Iterable[Reminder], now_ms: int) -> int:
        """Let reminders wait for others of their group; how many there are.

        One that finds no room is due again the next time.
        """
        kept = 0
        with self.together():
            room = MAX_WAITING - self.number_waiting()
            for notice, channel, marks in reminders:
                if kept < room:
                    self._wait(notice, [(channel, now_ms)], now_ms)
                    self._mark((notice.alarm, name, now_ms) for name in marks)
                    kept += 1
        return kept

    def _wait(self, notice: AlarmNotice, to: list[tuple[str, int]], now_ms: int) -> None:
        raw = msgspec.json.encode(notice)
        self.base.executemany(
            "INSERT INTO waiting (channel, notice, since_ms, not_before_ms) VALUES (?, ?, ?, ?)",
            [(channel, raw, now_ms, due_ms) for channel, due_ms in to],
        )

    def _catch_up(self, notice: AlarmNotice, to: list[tuple[str, int]]) -> None:
        """What waits of the same alarm is not told after what came later.

        It goes with the newer notice, where only the newest is told; of an alarm that is over,
        channels that are not told so hear nothing any more.
        """
        self.base.executemany(
            f"UPDATE waiting SET not_before_ms = ? WHERE {_OF_ALARM} AND channel = ?"  # noqa: S608 - our own condition
            " AND not_before_ms > ?",
            [(due_ms, notice.alarm, channel, due_ms) for channel, due_ms in to],
        )
        if notice.act == "clear":
            self.base.execute(
                f"DELETE FROM waiting WHERE {_OF_ALARM}"  # noqa: S608 - our own condition
                " AND channel NOT IN (SELECT value FROM json_each(?))",
                (notice.alarm, msgspec.json.encode([channel for channel, _ in to]).decode()),
            )

    def waiting(self, now_ms: int = _FOR_EVER) -> list[Waiting]:
        """Notices that wait for others of their group.

        Args:
            now_ms: not those that are held beyond it; a night may hold thousands.
        """
        with self.lock:
            rows = self.base.execute(
                "SELECT number, channel, notice, since_ms, not_before_ms FROM waiting"
                " WHERE not_before_ms <= ? ORDER BY number",
                (now_ms,),
            ).fetchall()
        return [Waiting(n, channel, _one(raw), since, due) for n, channel, raw, since, due in rows]

    def make_messages(self, gathered: Iterable[Gathered], now_ms: int) -> int:
        """Turn notices that were gathered into messages; how many there are."""
        made = 0
        with self.together():
            for message in gathered:
                self.base.executemany(
                    "DELETE FROM waiting WHERE number = ?", [(n,) for n in message.numbers]
                )
                if message.notices:
                    self._enqueue(message.channel, message.notices, now_ms)
                    made += 1
        return made

    def _enqueue(self, channel: str, notices: tuple[AlarmNotice, ...], now_ms: int) -> None:
        lane = _lane(notices[0])
        if lane and not lane.startswith(_LATER):
            self._take_back(channel, lane, notices[0].alarm)
        self._insert(channel, notices, now_ms, lane)
        self._keep_within_bound(channel)

    def _insert(
        self, channel: str, notices: tuple[AlarmNotice, ...], now_ms: int, lane: str
    ) -> None:
        self.base.execute(
            "INSERT INTO message (channel, notices, made_ms, due_ms, lane) VALUES (?, ?, ?, ?, ?)",
            (channel, msgspec.json.encode(notices), now_ms, now_ms, lane),
        )

    def _take_back(self, channel: str, lane: str, alarm: str) -> None:
        """Somebody calls again: that the former call ended must not be heard after this one."""
        rows = self.base.execute(
            "SELECT number, notices FROM message WHERE dead = 0 AND channel = ?"
            " AND lane IN (?, ?) AND instr(notices, CAST(? AS BLOB))",
            (channel, _LATER + lane, _LATER + _JOINED, f'"{alarm}"'),
        ).fetchall()
        for number, raw in rows:
            left = [notice for notice in _many(raw) if notice.alarm != alarm]
            if left:
                self.base.execute(
                    "UPDATE message SET notices = ? WHERE number = ?",
                    (msgspec.json.encode(left), number),
                )
            else:
                self.base.execute("DELETE FROM message WHERE number = ?", (number,))

    def _keep_within_bound(self, channel: str) -> None:
        """Give up what helps least: the oldest, and who calls for help after all others."""
        of_channel = "FROM message WHERE dead = 0 AND channel = ?"
        (count,) = self.base.execute(f"SELECT count(*) {of_channel}", (channel,)).fetchone()
        excess = self.base.execute(
            f"SELECT number {of_channel} ORDER BY lane <> '', lane < '{_LATER}', number LIMIT ?",
            (channel, max(0, count - MAX_MESSAGES)),
        ).fetchall()
        for (number,) in excess:
            self._bury(number, f"{channel} was away, and newer messages took its place")

    # ---- messages ------------------------------------------------------------------------------

    def due(self, channel: str, now_ms: int, limit: int = DUE_AT_ONCE) -> list[QueuedMessage]:
        """Messages of a channel whose next attempt is due.

        Life and safety first, each community in its turn: a thousand calls of one, true or false,
        are not heard before the first of another. Who calls now is heard before it is told that
        others are safe. Of the others the oldest first.
        """
        # One that is made later than now waits for no clock that was set back.
        condition = "dead = 0 AND channel = ? AND (due_ms <= ? OR made_ms > ?)"
        values: tuple[str | int, ...] = (channel, now_ms, now_ms)
        with self.lock:
            if self._unrecorded:
                condition += " AND number NOT IN (SELECT value FROM json_each(?))"
                numbers = [number for number, _ in self._unrecorded]
                values += (msgspec.json.encode(numbers).decode(),)
            return self._messages(condition, values, limit, order=_IN_TURN)

    def join_calls(self, channel: str, now_ms: int) -> QueuedMessage | None:
        """Make one message of the calls for help that are due next; None: there is none.

        For a channel that is behind: what nobody has tried yet goes together, in its turn, and ends
        of calls by themselves. One that was tried keeps its notices, since it keeps its name.
        """
        with self.together():
            due = self.due(channel, now_ms, MAX_TOGETHER)
            if not due or not due[0].notices[0].is_life_safety:
                return None
            is_end = _is_end(due[0].notices[0])
            chosen = [
                m for m in due
                if m.notices[0].is_life_safety and _is_end(m.notices[0]) == is_end
                and not m.attempts
            ]  # fmt: skip
            if due[0].attempts or len(chosen) == 1:
                return due[0]
            notices = tuple(notice for message in chosen for notice in message.notices)
            self._insert(channel, notices, now_ms, (_LATER if is_end else "") + _JOINED)
            self.base.executemany(
                "DELETE FROM message WHERE number = ?", [(m.number,) for m in chosen]
            )
            return self.due(channel, now_ms, 1)[0]

    def part(self, message: QueuedMessage, now_ms: int) -> None:
        """Let each notice of a joined message be one of its own: together they were refused."""
        with self.together():
            for notice in message.notices:
                self._insert(message.channel, (notice,), now_ms, _lane(notice))
                # As tried before, so that nobody joins it again.
                self.base.execute(
                    "UPDATE message SET attempts = ? WHERE number = last_insert_rowid()",
                    (message.attempts + 1,),
                )
            self.base.execute("DELETE FROM message WHERE number = ?", (message.number,))

    def dead(self, limit: int = MAX_DEAD) -> list[QueuedMessage]:
        """Messages that were given up."""
        return self._messages("dead = 1", (), limit)

    def _messages(
        self, condition: str, values: tuple[str | int, ...], limit: int, order: str = "number"
    ) -> list[QueuedMessage]:
        with self.lock:
            rows = self.base.execute(
                "SELECT number, channel, notices, made_ms, attempts, error FROM message"  # noqa: S608 - our own conditions
                f" WHERE {condition} ORDER BY {order} LIMIT ?",
                (*values, limit),
            ).fetchall()
        return [
            QueuedMessage(n, c, _many(raw), made, tries, e) for n, c, raw, made, tries, e in rows
        ]

    def delivered(self, message: QueuedMessage) -> None:
        """A message arrived; after a loss of power it may go out again, under the same name.

        Raises:
            sqlite3.Error: as of ``settle``.
        """
        self._end(message, "")

    def again(self, number: int, due_ms: int, error: str) -> None:
        """An attempt failed; the next one is at ``due_ms``."""
        with self.together():
            self.base.execute(
                "UPDATE message SET attempts = attempts + 1, due_ms = ?, error = ?"
                " WHERE number = ?",
                (due_ms, error, number),
            )

    def bury(self, message: QueuedMessage, error: str) -> None:
        """A message is given up; it stays to be seen, up to a bound.

        Raises:
            sqlite3.Error: as of ``settle``.
        """
        self._end(message, error or "no reason was given")

    def _end(self, message: QueuedMessage, error: str) -> None:
        with self.lock:
            self._unrecorded[message.number, message.made_ms] = error
            self.settle()

    def settle(self) -> None:
        """Write what became of messages, if that could not be written yet.

        Raises:
            sqlite3.Error: it still cannot. No such message is due again in this process.
        """
        with self.lock:
            if not self._unrecorded:
                return
            with self.without_waiting():
                for (number, made_ms), error in self._unrecorded.items():
                    self._record_end(number, made_ms, error)
            self._unrecorded.clear()

    def _record_end(self, number: int, made_ms: int, error: str) -> None:
        of_message = "WHERE number = ? AND made_ms = ?"
        if not error:
            self.base.execute(f"DELETE FROM message {of_message}", (number, made_ms))  # noqa: S608 - our own condition
            self.count("delivered")
            return
        found = self.base.execute(
            f"UPDATE message SET attempts = attempts + 1 {of_message}",  # noqa: S608 - our own condition
            (number, made_ms),
        )
        if found.rowcount:
            self._bury(number, error)

    def _bury(self, number: int, error: str) -> None:
        self.base.execute(
            "UPDATE message SET dead = 1, error = ? WHERE number = ?", (error, number)
        )
        self.count("dead")
        self._keep_dead_within_bound()

    def _keep_dead_within_bound(self) -> None:
        self.base.execute(
            "DELETE FROM message WHERE dead = 1 AND number NOT IN"
            " (SELECT number FROM message WHERE dead = 1 ORDER BY number DESC LIMIT ?)",
            (MAX_DEAD,),
        )

    def bury_all_but(self, channels: Iterable[str]) -> None:
        """Give up what no channel is left for: its messages stay to be seen, its notices go."""
        names = msgspec.json.encode(list(channels)).decode()
        orphaned = "channel NOT IN (SELECT value FROM json_each(?))"
        with self.together():
            buried = self.base.execute(
                "UPDATE message SET dead = 1, error = 'no channel is called ' || channel"  # noqa: S608 - our own condition
                f" || ' any more' WHERE dead = 0 AND {orphaned}",
                (names,),
            ).rowcount
            dropped = self.base.execute(
                f"DELETE FROM waiting WHERE {orphaned}",  # noqa: S608 - our own condition
                (names,),
            ).rowcount
            # It is asked every second: only what there was to do is written.
            if buried:
                self.count("dead", buried)
                self._keep_dead_within_bound()
            if dropped:
                self.count("given_up", dropped)

    def revive(self, now_ms: int) -> int:
        """Try the messages that were given up again; how many there are."""
        with self.together():
            return self.base.execute(
                "UPDATE message SET dead = 0, attempts = 0, due_ms = ? WHERE dead = 1", (now_ms,)
            ).rowcount
