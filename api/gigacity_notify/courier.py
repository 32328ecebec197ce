"""Delivers what is due over one channel, at the pace that it takes.

Each channel has a courier of its own, so that one that is away holds up nobody else's messages.
"""

from typing import Protocol

from gigacity_contract.clock import Clock
from gigacity_notify.calls import Judgement, Verdict
from gigacity_notify.configuration import Channel
from gigacity_notify.notice import AlarmNotice
from gigacity_notify.queue import DUE_AT_ONCE, NoticeQueue, QueuedMessage

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 600.0
GIVES_UP_AFTER_MS = 86_400_000
"""A message of yesterday's alarm helps nobody."""
BURST_MS = 100
"""So much may go ahead of the pace: a fast channel asks the queue ten times a second, no more."""


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
        self._free_ms = 0
        self._pause_s = 0.0
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
        return max(0.0, (self._free_ms - self._clock.now_ms()) / 1000)

    @property
    def has_more(self) -> bool:
        """Whether more is due, and the channel takes it."""
        return self._is_full and not self._is_held_up

    def deliver(self) -> int:
        """Try some messages that are due while the channel takes them; how many arrived."""
        arrived = 0
        self._is_held_up = False
        due = self._queue.due(self.channel.name, self._clock.now_ms())
        self._is_full = len(due) >= DUE_AT_ONCE
        for message in due:
            if self.is_dismissed:
                break
            if not self._may_send(message):
                self._is_held_up = True
                break
            arrived += self._attempt(message)
        return arrived

    def _may_send(self, message: QueuedMessage) -> bool:
        # The pace is our own rule and gives way to a fire; a channel that fails is not hammered.
        if message.notices[0].is_life_safety and not self._pause_s:
            return True
        ahead_ms = 0 if self._pause_s else BURST_MS
        return self._clock.now_ms() >= self._free_ms - ahead_ms

    def _attempt(self, message: QueuedMessage) -> bool:
        now_ms = self._clock.now_ms()
        # The moment keeps names apart when the queue's file was replaced.
        name = f"{message.made_ms}.{message.number}"
        judgement = self._sender.send(self.channel, message.notices, name, now_ms)
        self.error = judgement.why
        is_final = judgement.verdict is not Verdict.AGAIN
        if not is_final and now_ms - message.made_ms < GIVES_UP_AFTER_MS:
            self._pause_s = judgement.again_in_s or min(
                max(2 * self._pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S
            )
            self._free_ms = now_ms + round(self._pause_s * 1000)
            self._queue.again(message.number, self._free_ms, judgement.why)
            return False
        self._pause_s = 0.0
        pace_ms = 60_000 // self.channel.per_minute
        # A fire that went past the pace does not put off the others further.
        is_ahead = now_ms < self._free_ms - BURST_MS
        self._free_ms = self._free_ms if is_ahead else max(self._free_ms, now_ms) + pace_ms
        if judgement.verdict is Verdict.DELIVERED:
            self._queue.delivered(message.number)
            return True
        self._queue.bury(message.number, judgement.why)
        return False
