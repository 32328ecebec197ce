"""Tickets for the stream: an EventSource can send no header, and a key has no place in a URL.

A ticket stands for the key that asked for it, once and for a minute: what a proxy's log keeps of
the URL is of no use to anybody.
"""

import secrets
import threading
from collections import OrderedDict
from typing import NamedTuple

from gigacity_api.keys import ApiKey
from gigacity_contract.clock import Clock

VALID_S = 60
MAX_OF_KEY = 50
"""Unused tickets of one key; beyond it the oldest is void."""


class _Ticket(NamedTuple):
    key: ApiKey
    until_s: float


class Tickets:
    """Unused tickets; safe in several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tickets: OrderedDict[str, _Ticket] = OrderedDict()

    def issue(self, key: ApiKey) -> str:
        """A new ticket for a key."""
        now_s = self._clock.monotonic_s()
        text = f"gct_{secrets.token_urlsafe(32)}"
        with self._lock:
            for name in [n for n, ticket in self._tickets.items() if ticket.until_s <= now_s]:
                del self._tickets[name]
            mine = [n for n, ticket in self._tickets.items() if ticket.key.name == key.name]
            for name in mine[: len(mine) - MAX_OF_KEY + 1]:
                del self._tickets[name]
            self._tickets[text] = _Ticket(key, now_s + VALID_S)
        return text

    def redeem(self, text: str) -> ApiKey | None:
        """The key that a ticket stands for; the ticket is void afterwards."""
        with self._lock:
            ticket = self._tickets.pop(text, None)
        if ticket is None or ticket.until_s <= self._clock.monotonic_s():
            return None
        return ticket.key
