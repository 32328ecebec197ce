"""Every alarm that is known, and the changes of each: the life cycle of RFC 8632.

Each change is a new ``Alarm`` in place of the old one, an entry of its history, a row of the log,
and an event of the stream. Time is passed in.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from gigacity_api.alarms.catalogue import ALARM_TYPES
from gigacity_api.alarms.model import (
    MAX_HISTORY,
    UNTOUCHED,
    Act,
    Alarm,
    AlarmEvent,
    OperatorView,
    StatusChange,
)

MAX_ACTIVE = 20_000
"""Alarms that are active at a time; further ones are counted, and raised once there is room."""

MAX_CLEARED = 5_000
"""Cleared alarms that are remembered; the oldest are forgotten first, and stay in the log."""

FLAP_WINDOW_MS, FLAP_RAISES = 1_800_000, 3
"""Raised more often than so many times within the window, an alarm flaps."""

SYSTEM = "gigacity"
"""Who does what no operator did."""


class AlarmBook:
    """Alarms by id, and what became of them. One thread at a time."""

    def __init__(self, listener: Callable[[AlarmEvent], None] = lambda _: None) -> None:
        self._active: dict[str, Alarm] = {}
        self._cleared: OrderedDict[str, Alarm] = OrderedDict()
        self._raises: dict[str, deque[int]] = {}
        self._restless: set[str] = set()
        """Shelved or flapping: time alone changes them."""
        self._listener = listener
        self._number = 0
        self.overflow = 0
        """Raises for which there was no room."""

    @property
    def active(self) -> dict[str, Alarm]:
        """Alarms that are not cleared, by id; not to be changed."""
        return self._active

    def all(self) -> list[Alarm]:
        """Every alarm that is known."""
        return [*self._active.values(), *self._cleared.values()]

    def get(self, id_: str) -> Alarm | None:
        """One alarm."""
        return self._active.get(id_) or self._cleared.get(id_)

    def load(self, alarms: Iterable[Alarm]) -> None:
        """What is known from the log, oldest change first; nobody is told again."""
        for alarm in alarms:
            self._keep(alarm)

    def _keep(self, alarm: Alarm) -> None:
        self._active.pop(alarm.id, None)
        self._cleared.pop(alarm.id, None)
        if alarm.is_shelved or alarm.is_flapping:
            self._restless.add(alarm.id)
        else:
            self._restless.discard(alarm.id)
        if not alarm.is_cleared:
            self._active[alarm.id] = alarm
            return
        self._cleared[alarm.id] = alarm
        while len(self._cleared) > MAX_CLEARED:
            gone, _ = self._cleared.popitem(last=False)
            self._raises.pop(gone, None)
            self._restless.discard(gone)

    def has_room(self, *, is_life_safety: bool) -> bool:
        """Whether one more alarm may be raised; those about life and safety always may."""
        if is_life_safety or len(self._active) < MAX_ACTIVE:
            return True
        self.overflow += 1
        return False

    def raise_(self, alarm: Alarm) -> AlarmEvent:
        """Raise an alarm that is not active.

        Args:
            alarm: as it should stand; history, operator's state and counts come from its last life.
        """
        known, at_ms = self.get(alarm.id), alarm.reported_ms
        if known is not None:
            # A shelf outlives the alarm; what was acknowledged or closed was its last life.
            operator = known.operator if known.is_shelved else UNTOUCHED
            alarm = msgspec.structs.replace(
                alarm, first_raised_ms=known.first_raised_ms, operator=operator,
                times_raised=known.times_raised + 1, history=known.history,
                is_flapping=known.is_flapping,
            )  # fmt: skip
        raises = self._raises.setdefault(alarm.id, deque(maxlen=FLAP_RAISES + 1))
        raises.append(at_ms)
        if len(raises) > FLAP_RAISES and at_ms - raises[0] <= FLAP_WINDOW_MS:
            alarm = msgspec.structs.replace(alarm, is_flapping=True)
        return self._done(alarm, Act.RAISE, at_ms)

    def change(self, id_: str, at_ms: int, **fields: Any) -> AlarmEvent:
        """Change an active alarm, and say so in its history.

        Args:
            id_: of the alarm.
            at_ms: when.
            fields: what is new.
        """
        alarm = msgspec.structs.replace(self._active[id_], changed_ms=at_ms, **fields)
        return self._done(alarm, Act.CHANGE, at_ms)

    def update(self, id_: str, **fields: Any) -> None:
        """Bring up to date what is not worth an entry."""
        self._active[id_] = msgspec.structs.replace(self._active[id_], **fields)

    def clear(self, id_: str, at_ms: int, why: str = "") -> AlarmEvent:
        """Clear an active alarm."""
        alarm = msgspec.structs.replace(
            self._active[id_], is_cleared=True, cleared_ms=at_ms, changed_ms=at_ms
        )
        return self._done(alarm, Act.CLEAR, at_ms, why=why)

    def act(
        self, id_: str, act: Act, at_ms: int, *, who: str, why: str = "", until_ms: int = 0
    ) -> AlarmEvent | None:
        """What an operator does; None: there is no such alarm."""
        alarm = self.get(id_)
        if alarm is None:
            return None
        state = {
            Act.ACKNOWLEDGE: "ack", Act.UNACKNOWLEDGE: "none", Act.SHELVE: "shelved",
            Act.UNSHELVE: "none", Act.CLOSE: "closed",
        }.get(act)  # fmt: skip
        if state is not None:
            view = OperatorView(state, who, at_ms, why, until_ms)  # type: ignore[arg-type]
            alarm = msgspec.structs.replace(alarm, operator=view, changed_ms=at_ms)
        return self._done(alarm, act, at_ms, who=who, why=why, until_ms=until_ms)

    def followed(self, alarm: Alarm) -> AlarmEvent:
        """Take an alarm as another process changed it; only this process's stream is told."""
        self._keep(alarm)
        self._number += 1
        act = alarm.history[0].act if alarm.history else Act.CHANGE
        return _event(self._number, act, alarm, alarm.changed_ms)

    def repeated(self, alarm: Alarm, at_ms: int) -> AlarmEvent:
        """An event that says again how an alarm stands; only the log is told."""
        return _event(self._number, Act.REPEAT, alarm, at_ms)

    def rest(self, at_ms: int) -> list[AlarmEvent]:
        """Shelves that have run out, and alarms that flap no longer."""
        events = []
        for id_ in sorted(self._restless):
            alarm = self.get(id_)
            if alarm is not None and alarm.is_shelved and alarm.operator.until_ms <= at_ms:
                event = self.act(id_, Act.UNSHELVE, at_ms, who=SYSTEM, why="expired")
                events += [event] if event else []
                alarm = self.get(id_)
            if alarm is not None and alarm.is_flapping and self._has_rested(id_, at_ms):
                calm = msgspec.structs.replace(alarm, is_flapping=False, changed_ms=at_ms)
                events.append(self._done(calm, Act.CHANGE, at_ms, why="rests"))
        return events

    def _has_rested(self, id_: str, at_ms: int) -> bool:
        raises = self._raises.get(id_)
        return not raises or at_ms - raises[-1] > FLAP_WINDOW_MS

    def _done(
        self,
        alarm: Alarm,
        act: Act,
        at_ms: int,
        *,
        who: str = "",
        why: str = "",
        until_ms: int = 0,
    ) -> AlarmEvent:
        entry = StatusChange(
            at_ms, act, alarm.severity, who, why, until_ms, alarm.cause.slug if alarm.cause else ""
        )
        history = (entry, *alarm.history)[:MAX_HISTORY]
        alarm = msgspec.structs.replace(alarm, history=history)
        self._keep(alarm)
        self._number += 1
        event = _event(self._number, act, alarm, at_ms)
        self._listener(event)
        return event


def _event(number: int, act: Act, alarm: Alarm, at_ms: int) -> AlarmEvent:
    is_life_safety = ALARM_TYPES[alarm.type].is_life_safety
    return AlarmEvent(
        number=number, act=act, alarm=alarm, at_ms=at_ms, is_life_safety=is_life_safety
    )
