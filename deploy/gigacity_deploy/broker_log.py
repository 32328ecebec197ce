"""Which publishers Mosquitto turned away, and which subscribe, read from its log. Pure.

On MQTT 3.1.1 a broker cannot refuse a message: it acknowledges and drops it, and only its own log
tells. Mosquitto (2.0.11 to 2.1) writes that line at level ``debug``, together with a few lines for
every message, so that it is switched on for some minutes rather than for good. Subscriptions are
logged always: Mosquitto's access file denies none, so that a publisher that subscribes reads
nothing, but makes the broker's work harder.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

_TURNED_AWAY = re.compile(
    r"(?P<why>Denied|Dropped too large) PUBLISH from (?P<who>\S+) \(d\d, q\d, r\d, m\d+,"
    r" '(?P<topic>.*)', \.\.\. \((?P<bytes>\d+) bytes\)\)"
)
_SUBSCRIBED = re.compile(
    r"(?:^|[ |])(?P<who>\d{6}/(?:olt|gateway|community)/\S+) [012] (?P<topic>.*)"
)
_DEBUG = re.compile(r"(Received|Sending) (PUBLISH|PUBACK|PINGREQ|PINGRESP|CONNACK|SUBSCRIBE)\b")
_SHOWN = 20
_MAX_COUNTED = 100_000
_REASONS = {"Denied": "outside its path", "Dropped too large": "too large"}


@dataclass
class TurnedAway:
    """What a log tells."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Messages or subscriptions by publisher (its user name) and reason."""
    topics: dict[tuple[str, str], str] = field(default_factory=dict)
    """The last topic of each."""
    tells: bool = False
    """Whether the log has the level at which such messages are named."""

    def add(self, line: str) -> None:
        """Count what a line says; one that says nothing is passed over."""
        if match := _TURNED_AWAY.search(line):
            self.tells = True
            key = match["who"], _REASONS[match["why"]]
        elif _DEBUG.search(line):
            self.tells = True
            return
        elif match := _SUBSCRIBED.search(line):
            key = match["who"], "subscriptions"
        else:
            return
        if key not in self.counts and len(self.counts) >= _MAX_COUNTED:
            key = "others", key[1]
        self.counts[key] += 1
        self.topics[key] = match["topic"]

    def detail(self) -> str:
        """What to tell a person."""
        lines = [
            f"{who}: {count:,} {reason}, the last to {self.topics[who, reason]}"
            for (who, reason), count in self.counts.most_common(_SHOWN)
        ]
        if more := len(self.counts) - len(lines):
            lines.append(f"and {more} more")
        if not self.tells:
            lines.append(
                "the log names no messages: set `log_type debug` in mosquitto.conf, send SIGHUP,"
                " and look again after some minutes (docs/runbook.md)"
            )
        return "; ".join(lines) or "no publisher was turned away"


def turned_away(lines: Iterable[str]) -> TurnedAway:
    """Count what a log says was dropped, and subscriptions; other lines are passed over."""
    found = TurnedAway()
    for line in lines:
        found.add(line)
    return found
