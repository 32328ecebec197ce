"""What the terminal shows, and what keys do to it. Pure."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

SEVERITIES = ("critical", "major", "minor", "warning", "indeterminate")
"""The worst first."""

FILTERS = ("indeterminate", "critical", "major", "minor")
"""What ``f`` goes through: everything, then this severity and worse."""


@dataclass(frozen=True)
class SystemReading:
    """What the API said last."""

    scorecard: dict[str, Any] | None = None
    alarms: tuple[dict[str, Any], ...] = ()
    """Open ones."""
    total: int = 0
    """How many are open, of which the API gave those."""
    known_at_s: float = 0.0
    """Own monotonic time at which the scorecard came."""
    trouble: str = ""
    """Why nothing newer is known."""

    def age_s(self, now_s: float) -> float | None:
        """Age of the last evaluation; by its own clock, which may be another than ours."""
        if self.scorecard is None:
            return None
        return float(self.scorecard["age_s"]) + now_s - self.known_at_s


class KeyAct(NamedTuple):
    """What somebody who pressed a key wants done."""

    what: str
    """``quit``, ``acknowledge``, or nothing."""
    alarm: str = ""


NO_ACT = KeyAct("")


def worst_first(alarm: dict[str, Any]) -> tuple[Any, ...]:
    """Order of the list: calls for help, then households, then severity, then the newest."""
    impact, severity = alarm["impact"], alarm["perceivedSeverity"]
    rank = SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
    newest = [-ord(c) for c in alarm["alarmRaisedTime"]]
    homes = -int(impact["householdsAtMost"])
    return (not alarm.get("isLifeSafety", False), homes, rank, newest)


@dataclass
class WatchBoard:
    """A reading, the row that is chosen, and the filter."""

    reading: SystemReading = field(default_factory=SystemReading)
    selected: str = ""
    """Id of the chosen alarm: it stays chosen wherever it moves."""
    filter: str = FILTERS[0]
    note: str = ""
    """What came of the last key."""

    @property
    def alarms(self) -> list[dict[str, Any]]:
        """Those that the filter leaves, worst first."""
        allowed = SEVERITIES[: SEVERITIES.index(self.filter) + 1]
        found = [a for a in self.reading.alarms if a["perceivedSeverity"] in allowed]
        return sorted(found, key=worst_first)

    @property
    def row(self) -> int:
        """Where the chosen alarm stands; -1: there is none."""
        ids = [alarm["id"] for alarm in self.alarms]
        if not ids:
            return -1
        return ids.index(self.selected) if self.selected in ids else 0

    def take(self, reading: SystemReading) -> None:
        """Show a newer reading."""
        self.reading = reading

    def press(self, key: str) -> KeyAct:
        """A key: ``up``, ``down``, or a character."""
        if key in {"q", "\x03"}:
            return KeyAct("quit")
        if key in {"j", "down", "k", "up"}:
            self._move(1 if key in {"j", "down"} else -1)
        elif key == "f":
            self.filter = FILTERS[(FILTERS.index(self.filter) + 1) % len(FILTERS)]
        elif key == "a" and self.row >= 0:
            return KeyAct("acknowledge", str(self.alarms[self.row]["id"]))
        return NO_ACT

    def _move(self, by: int) -> None:
        shown, row = self.alarms, self.row
        if shown:
            self.selected = str(shown[min(max(row + by, 0), len(shown) - 1)]["id"])


_ARROWS = {"[A": "up", "OA": "up", "[B": "down", "OB": "down"}


def keys_of(text: str) -> list[str]:
    """Keys of what a terminal sent; sequences that mean nothing here are left out."""
    found, rest = [], text
    while rest:
        first, rest = rest[0], rest[1:]
        if first != "\x1b":
            found.append(first)
            continue
        if rest[:2] in _ARROWS:
            found.append(_ARROWS[rest[:2]])
        if rest[:1] in {"[", "O"}:
            rest = rest[_length_of_sequence(rest) :]
    return found


def _length_of_sequence(rest: str) -> int:
    """Up to the letter that ends it; one that was cut off ends where the next begins."""
    for number, character in enumerate(rest[1:], 1):
        if "@" <= character <= "~":
            return number + 1
        if character == "\x1b":
            return number
    return len(rest)
