"""The log of alarms in the database: added to, never overwritten, read back at a start.

Rows that the database does not take wait here, in order; when too many wait the oldest are given
up, and counted: the next row of the same alarm tells its whole state again.
"""

import threading
from collections import deque
from typing import NamedTuple

import msgspec
import structlog

from gigacity_api.alarms.maintenance import MaintenanceWindow
from gigacity_api.alarms.model import Act, Alarm, AlarmEvent
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.alarms import ALARM_COLUMNS, alarm_rows
from gigacity_contract.errors import EncodeError
from gigacity_contract.line_protocol import MAX_STRING_BYTES, encode_point
from gigacity_contract.measurements import ALARM

DAY_MS = 86_400_000
KEPT_DAYS = 30
"""Read at a start. What is active is written again each day, so it is never older than one."""

MAX_WAITING = 50_000
LINES_PER_FLUSH = 1_000
OVERLAP_MS = 60_000
"""Read again by those who follow: the clock of the process that writes may be behind."""

LONGEST_TEXT = 1_000
"""Characters of what an operator says, at most."""

MAINTENANCE = "maintenance"
"""Type of the rows that hold a maintenance window."""

_log = structlog.get_logger("gigacity_api.alarms")


class AlarmRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``alarm``: time, then ``ALARM_COLUMNS``."""

    time: int
    kind: str
    type: str
    record: str | None


assert AlarmRow.__struct_fields__[1:] == ALARM_COLUMNS  # noqa: S101 - two lists of one order


class LoggedAlarms(NamedTuple):
    """What a range of the log says, each as it stood last, oldest change first."""

    alarms: list[Alarm]
    windows: list[MaintenanceWindow]


class AlarmLog:
    """Writes and reads the log. Any thread may add; one flushes and reads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._last_ns = 0
        self.given_up = 0
        """Rows that were never stored."""

    @property
    def waiting(self) -> int:
        """Rows that wait for the database."""
        return len(self._waiting)

    def add(self, event: AlarmEvent) -> None:
        """Queue what happened to an alarm."""
        entry = event.alarm.history[0] if event.alarm.history else None
        why = entry.why if entry is not None and event.act is not Act.REPEAT else ""
        who = entry.who if entry is not None and event.act is not Act.REPEAT else ""
        alarm, cause = event.alarm, event.alarm.cause
        fields = {
            "id": alarm.id, "act": str(event.act), "resource": alarm.resource.id,
            "area": alarm.resource.area or None, "severity": str(alarm.severity),
            "cleared": alarm.is_cleared, "root": alarm.parent is None,
            "raised_ms": alarm.raised_ms, "households": alarm.impact.households,
            "households_at_most": alarm.impact.households_at_most,
            "cause": cause.slug if cause else None, "certainty": cause.certainty if cause else None,
            "text_zh": _line(alarm.text.zh), "text_en": _line(alarm.text.en),
            "who": _line(who) or None, "why": _line(why) or None,
            "record": _record(alarm),
        }  # fmt: skip
        tags = {"kind": str(alarm.resource.kind), "type": alarm.type}
        self._queue(tags, fields, event.at_ms)

    def add_window(self, window: MaintenanceWindow, at_ms: int) -> None:
        """Queue a maintenance window, or its cancellation."""
        tags = {"kind": str(window.resource.kind), "type": MAINTENANCE}
        fields: dict[str, str | int | bool | None] = {
            "id": window.id, "act": "cancel" if window.is_cancelled else "plan",
            "resource": window.resource.id, "area": window.resource.area or None,
            "who": _line(window.who), "why": _line(window.why),
            "record": msgspec.json.encode(window).decode(),
        }  # fmt: skip
        self._queue(tags, fields, at_ms)

    def _queue(
        self, tags: dict[str, str], fields: dict[str, str | int | bool | None], at_ms: int
    ) -> None:
        with self._lock:
            # Two rows of one type at one moment would be one row.
            self._last_ns = max(at_ms * 1_000_000, self._last_ns + 1)
            try:
                line = encode_point(ALARM, tags, fields, self._last_ns)
            except EncodeError as error:
                _log.error("alarm not logged", id=fields["id"], reason=str(error))
                self.given_up += 1
                return
            if len(self._waiting) >= MAX_WAITING:
                self._waiting.popleft()
                self.given_up += 1
            self._waiting.append(line)

    def flush(self) -> None:
        """Write what waits.

        Raises:
            StoreError: it stays queued; call again.
        """
        while self._waiting:
            with self._lock:
                lines = [self._waiting[i] for i in range(min(LINES_PER_FLUSH, len(self._waiting)))]
            self._store.write(ALARM, lines)
            with self._lock:
                for line in lines:
                    if self._waiting and self._waiting[0] is line:
                        self._waiting.popleft()

    def read(self, after_ms: int, until_ms: int) -> LoggedAlarms:
        """What the rows of a range say.

        Raises:
            StoreError: the database cannot answer.
        """
        newest: dict[tuple[bool, str], tuple[int, Alarm | MaintenanceWindow]] = {}
        for batch in self._store.rows(alarm_rows(after_ms, until_ms), AlarmRow):
            for row in batch:
                found = _decoded(row)
                if found is None:
                    continue
                key = (isinstance(found, Alarm), found.id)
                known = newest.get(key)
                if known is None or _rank(row.time, found) >= _rank(*known):
                    newest[key] = (row.time, found)
        entries = [entry for _, entry in sorted(newest.values(), key=lambda each: each[0])]
        return LoggedAlarms(
            [e for e in entries if isinstance(e, Alarm)],
            [e for e in entries if isinstance(e, MaintenanceWindow)],
        )


def _rank(time: int, entry: Alarm | MaintenanceWindow) -> tuple[int, int]:
    """Rows come back in milliseconds: of two of one moment the longer history is the later one."""
    return time, len(entry.history) if isinstance(entry, Alarm) else int(entry.is_cancelled)


def _decoded(row: AlarmRow) -> Alarm | MaintenanceWindow | None:
    text = row.record or ""
    try:
        if row.type == MAINTENANCE:
            return msgspec.json.decode(text, type=MaintenanceWindow)
        return msgspec.json.decode(text, type=Alarm)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        # Written by another release: what it says cannot be gone on with.
        _log.warning("alarm of the log not understood", type=row.type, reason=str(error))
        return None


def _record(alarm: Alarm) -> str:
    """The alarm as a text that the database takes; of a longer one its texts are shortened.

    Comments may be long, and an alarm that is not written would be lost with the process. No entry
    of the history is left out: by their number the later one of two rows is told.
    """
    text, room = msgspec.json.encode(alarm), LONGEST_TEXT
    while len(text) > MAX_STRING_BYTES and room:
        room //= 2
        alarm = msgspec.structs.replace(
            alarm,
            history=tuple(
                msgspec.structs.replace(entry, who=entry.who[:room], why=entry.why[:room])
                for entry in alarm.history
            ),
            children=alarm.children[:room],
        )
        text = msgspec.json.encode(alarm)
    return text.decode()


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_TEXT]
