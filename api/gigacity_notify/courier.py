"""Delivers what is due over one channel, at the pace that it takes.

Each channel has a courier of its own, so that one that is away holds up nobody else's messages.
Calls for help go one by one while the channel takes them, and together once it is behind.
"""

import math
import sqlite3
from typing import Protocol

import structlog

from gigacity_contract.clock import Clock
from gigacity_notify.calls import Judgement, Verdict
from gigacity_notify.configuration import Channel
from gigacity_notify.notice import AlarmNotice
from gigacity_notify.queue import DUE_AT_ONCE, NoticeQueue, QueuedMessage

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 600.0
GIVES_UP_AFTER_MS = 86_400_000
"""A message of yesterday's alarm helps nobody."""
FIRST_FAULT_MS, LONGEST_FAULT_MS = 2_000, 600_000
"""So much longer than its channel waits a message that we could not even try to send."""
BURST_MS = 100
"""So much may go ahead of the pace: a fast channel asks the queue ten times a second, no more."""


LOG = structlog.get_logger()


class Sender(Protocol):
    """Sends over every kind of channel; never raises for what the other side does."""

    def send(
        self, channel: Channel, notices: tuple[AlarmNotice, ...], message: str, now_ms: int
    ) -> Judgement:
        """Try once. ``message`` names the message: a repeated attempt has the same name."""
        ...


class Courier:
    """Delivers one channel's messages."""

    def __init__(self, queue: NoticeQueue, channel: Channel, sender: Sender, clock: Clock) -> None:
        self._queue = queue
        self.channel = channel
        self._sender = sender
        self._clock = clock
        self._free_ms = self._calls_free_ms = 0
        self._pause_s = 0.0
        self._held_until_ms = self._seen_ms = 0
        self._is_held_up = self._is_full = False
        self.is_dismissed = False
        """Whether its channel is not in the file any more: it begins no further attempt."""
        self.error = ""
        """Of the last attempt; empty: it arrived."""

    @property
    def free_in_s(self) -> float | None:
        """When the channel takes the next message; None: none waits for that."""
        if not self._is_held_up:
            return None
        return max(0.0, (self._held_until_ms - self._clock.now_ms()) / 1000)

    @property
    def has_more(self) -> bool:
        """Whether more is due, and the channel takes it."""
        return self._is_full and not self._is_held_up

    def deliver(self) -> int:
        """Try some messages that are due while the channel takes them; how many arrived."""
        arrived = 0
        self._is_held_up = False
        self._follow_clock()
        try:
            self._queue.settle()
        except sqlite3.Error as error:
            self._say_unwritten(error)
        for message in self._due():
            if self.is_dismissed:
                break
            if not self._may_send(message):
                self._is_held_up = True
                break
            arrived += self._attempt(message)
        return arrived

    def _follow_clock(self) -> None:
        # One that was set back must not hold the channel until it has caught up.
        now_ms = self._clock.now_ms()
        back_ms = max(0, self._seen_ms - now_ms)
        self._free_ms -= back_ms
        self._calls_free_ms -= back_ms
        self._seen_ms = now_ms

    def _say_unwritten(self, error: sqlite3.Error) -> None:
        self.error = f"the queue's file cannot be written: {error}"

    def _due(self) -> list[QueuedMessage]:
        now_ms = self._clock.now_ms()
        due = self._queue.due(self.channel.name, now_ms)
        self._is_full = len(due) >= DUE_AT_ONCE
        calls = sum(message.notices[0].is_life_safety for message in due)
        # None waits for others, but what waits for the channel anyway is told together.
        room = self._room_for_calls(now_ms)
        if calls >= DUE_AT_ONCE or 1 <= room < calls:
            try:
                joined = self._queue.join_calls(self.channel.name, now_ms)
            except sqlite3.Error as error:
                # Each by itself, then: they wait for no disk.
                self._say_unwritten(error)
                return due
            if joined is not None:
                self._is_full = True
                return [joined]
        return due

    def _room_for_calls(self, now_ms: int) -> int:
        """How many calls for help may go now.

        Our own pace gives way to a fire, a service's limit does not: of such a minute's messages
        a quarter goes to calls at once, and the others evenly.
        """
        if not self.channel.counts_calls:
            return DUE_AT_ONCE
        pace_ms, at_once = _pace_of_calls(self.channel.per_minute)
        used = max(0, self._calls_free_ms - now_ms) / pace_ms
        return max(0, math.floor(at_once - used))

    def _may_send(self, message: QueuedMessage) -> bool:
        # A channel that fails is not hammered.
        now_ms = self._clock.now_ms()
        if message.notices[0].is_life_safety and not self._pause_s:
            pace_ms, at_once = _pace_of_calls(self.channel.per_minute)
            self._held_until_ms = self._calls_free_ms - (at_once - 1) * pace_ms
            return self._room_for_calls(now_ms) > 0
        self._held_until_ms = self._free_ms
        ahead_ms = 0 if self._pause_s else BURST_MS
        return now_ms >= self._free_ms - ahead_ms

    def _attempt(self, message: QueuedMessage) -> bool:
        now_ms = self._clock.now_ms()
        # The moment keeps names apart when the queue's file was replaced.
        name = f"{message.made_ms}.{message.number}"
        fault_ms = 0
        try:
            judgement = self._sender.send(self.channel, message.notices, name, now_ms)
        except Exception as error:
            # A fault of ours with one message holds up no other one.
            LOG.exception("notify.send_failed", channel=self.channel.name)
            judgement = Judgement(
                Verdict.AGAIN, f"a fault of the notifier: {type(error).__name__}", FIRST_PAUSE_S
            )
            fault_ms = min(FIRST_FAULT_MS << min(message.attempts, 20), LONGEST_FAULT_MS)
        self.error = judgement.why
        try:
            self._keep(message, judgement, now_ms, fault_ms)
        except sqlite3.Error as error:
            self._say_unwritten(error)
        return judgement.verdict is Verdict.DELIVERED

    def _keep(
        self, message: QueuedMessage, judgement: Judgement, now_ms: int, fault_ms: int
    ) -> None:
        is_final = judgement.verdict is not Verdict.AGAIN
        if not is_final and now_ms - message.made_ms < GIVES_UP_AFTER_MS:
            self._pause_s = judgement.again_in_s or min(
                max(2 * self._pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S
            )
            self._free_ms = now_ms + round(self._pause_s * 1000)
            self._queue.again(message.number, self._free_ms + fault_ms, judgement.why)
            return
        self._pause_s = 0.0
        if message.notices[0].is_life_safety:
            pace_ms, _ = _pace_of_calls(self.channel.per_minute)
            self._calls_free_ms = max(self._calls_free_ms, now_ms) + pace_ms
        pace_ms = 60_000 // self.channel.per_minute
        # A fire that went past the pace does not put off the others further.
        is_ahead = now_ms < self._free_ms - BURST_MS
        self._free_ms = self._free_ms if is_ahead else max(self._free_ms, now_ms) + pace_ms
        if judgement.verdict is Verdict.DELIVERED:
            self._queue.delivered(message)
        elif len(message.notices) > 1 and message.notices[0].is_life_safety:
            # It may be for one of them.
            self._queue.part(message, now_ms)
        else:
            self._queue.bury(message, judgement.why)


def _pace_of_calls(per_minute: int) -> tuple[int, int]:
    """Milliseconds a call, and how many may go at once, so that no minute has more."""
    at_once = max(1, per_minute // 4)
    return 60_000 // max(1, per_minute - at_once), at_once
