"""One round of telling people: what is new, what belongs together, what is still open.

Knows no socket and no thread: those call it (``running``).
"""

from collections.abc import Callable, Iterable
from datetime import tzinfo
from typing import Protocol

from gigacity_contract.clock import Clock
from gigacity_contract.safety import SafetyEvent
from gigacity_notify.configuration import Configuration
from gigacity_notify.gathering import gather
from gigacity_notify.notice import AlarmNotice
from gigacity_notify.queue import NoticeQueue
from gigacity_notify.reconciling import ListedAlarm, cleared, difference
from gigacity_notify.reminding import reminders
from gigacity_notify.routing import recipients
from gigacity_notify.safety import notice_of_event

FORGETS_AFTER_MS = 6 * 3_600_000
"""An alarm that the API never knew, such as an event that a worker passed on, counts as over."""


class AlarmSource(Protocol):
    """What is wrong, by the API."""

    is_whole: bool
    """Whether the last list had every open alarm; otherwise those that lack are not over."""

    def open_alarms(self) -> list[ListedAlarm] | None:
        """Every open alarm; None if nothing changed since the last call."""
        ...

    def is_over(self, alarm: str) -> bool | None:
        """Whether an alarm has cleared; None if the API does not know it."""
        ...

    def forget(self) -> None:
        """Ask for everything next time."""
        ...


class Notifier:
    """Turns alarms into messages for the queue."""

    def __init__(
        self,
        queue: NoticeQueue,
        configuration: Configuration,
        clock: Clock,
        zone: tzinfo,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """Make a notifier.

        Args:
            queue: keeps notices and messages.
            configuration: whom to tell of what.
            clock: the time.
            zone: of quiet hours.
            wake: called when there are new messages.
        """
        self._queue = queue
        self.configuration = configuration
        self._clock = clock
        self._zone = zone
        self._wake = wake

    def follow(self, configuration: Configuration) -> None:
        """Tell by another configuration from now on."""
        self.configuration = configuration

    def take(self, notice: AlarmNotice) -> None:
        """Take a notice on; one that was taken before changes nothing."""
        with self._queue.together():
            is_urgent = self._keep(notice)
        if is_urgent:
            self._wake()

    def _keep(self, notice: AlarmNotice) -> bool:
        """Whether it is new, and a message already."""
        now_ms = self._clock.now_ms()
        found = recipients(self.configuration, notice, now_ms, self._zone)
        to = [(recipient.channel, recipient.not_before_ms) for recipient in found]
        return self._queue.take(notice, to, now_ms) and notice.is_life_safety

    def take_events(self, events: Iterable[SafetyEvent]) -> None:
        """Take on what workers passed on about life and safety, all of it or nothing."""
        is_urgent = False
        now_ms = self._clock.now_ms()
        with self._queue.together():
            for event in events:
                notice = notice_of_event(event, now_ms)
                # One that is open was told; a device that repeats itself is the same alarm.
                if notice is not None and not self._queue.is_open(notice.alarm):
                    is_urgent |= self._keep(notice)
        if is_urgent:
            self._wake()

    def look(self, source: AlarmSource) -> None:
        """Compare the API's list with what people were told.

        Raises:
            ListingError: the API cannot say what is wrong.
        """
        listed = source.open_alarms()
        if listed is None:
            return
        try:
            self._work_in(listed, source)
        except BaseException:
            source.forget()
            raise

    def _work_in(self, listed: list[ListedAlarm], source: AlarmSource) -> None:
        now_ms = self._clock.now_ms()
        found = difference(listed, self._queue.open_alarms(), now_ms)
        # Asked before anything is changed: whoever calls for help meanwhile must not wait for it.
        vanished = found.vanished if source.is_whole else []
        gone = [(alarm, source.is_over(alarm.notice.alarm)) for alarm in vanished]
        with self._queue.together():
            is_urgent = [self._keep(notice) for notice in found.notices]
            if found.states:
                self._queue.keep_states(found.states)
            for alarm, is_over in gone:
                is_unknown = is_over is None
                if is_unknown and now_ms - alarm.notice.at_ms < FORGETS_AFTER_MS:
                    # It may be in the list with the next evaluation, which changes the list.
                    continue
                if is_over or is_unknown:
                    is_urgent.append(self._keep(cleared(alarm, now_ms)))
                else:
                    self._queue.let_go(alarm.notice.alarm)
        if any(is_urgent):
            self._wake()

    def make_messages(self) -> int:
        """Make messages of what is due; how many there are."""
        now_ms = self._clock.now_ms()
        # What waits may be taken back meanwhile by what comes later.
        with self._queue.lock:
            due = gather(self._queue.waiting(now_ms), self.configuration.grouping, now_ms)
            made = self._queue.make_messages(due, now_ms)
        if made:
            self._wake()
        return made

    def remind(self) -> int:
        """Tell again of what is open and nobody acknowledged; how many notices that made.

        They wait for each other as all notices do: thousands of open alarms are one message.
        """
        now_ms = self._clock.now_ms()
        with self._queue.lock:
            found = reminders(self.configuration, self._queue.open_alarms(), now_ms, self._zone)
            return self._queue.remind(found, now_ms)
