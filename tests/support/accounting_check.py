"""The account of a run: what was acknowledged against what is stored or a dead letter.

``missing`` and ``wrong`` are lists of lost or changed points; ``foreign`` counts points that nobody
sent. All of them must be empty.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.support.accounting import Expected, Key, Source
from tests.support.accounting_publisher import Tally, status
from tests.support.processes_influx import InfluxServer

_REPORTS_A_QUERY = 500
_MAX_NAMED = 50

Letters = Collection[tuple[str, bytes]]
"""Topic and payload of messages that are dead letters as a whole, and of bundle entries."""


@dataclass
class Account:
    """What one comparison found."""

    messages: int = 0
    """Reports whose PUBACK came."""
    points: int = 0
    """Distinct points of them."""
    stored: int = 0
    dead_lettered: int = 0
    """Points of messages, and of bundle entries, that are dead letters."""
    missing: list[str] = field(default_factory=list)
    missing_points: int = 0
    wrong: list[str] = field(default_factory=list)
    foreign: int = 0
    unacknowledged: int = 0
    """Reports without a PUBACK: none, once the publishers have finished."""

    @property
    def is_exact(self) -> bool:
        """Whether the sets are equal."""
        return not (self.missing_points or self.wrong or self.foreign or self.unacknowledged)

    def add(self, other: "Account") -> None:
        """Take over another source's account."""
        for name, value in vars(other).items():
            mine = getattr(self, name)
            total = (mine + value)[:_MAX_NAMED] if isinstance(value, list) else mine + value
            setattr(self, name, total)


def account_for(sources: Iterable[Source], influx: InfluxServer, letters: Letters) -> Account:
    """Compare every report of the sources with the database."""
    total = Account()
    for source in sources:
        for first in range(0, len(source), _REPORTS_A_QUERY):
            last = min(first + _REPORTS_A_QUERY, len(source)) - 1
            total.add(_account_for_range(source, first, last, influx, letters))
    return total


def _account_for_range(
    source: Source, first: int, last: int, influx: InfluxServer, letters: Letters
) -> Account:
    found = _read(source, source.times_ms[first], source.times_ms[last], influx)
    account = Account()
    for number in range(first, last + 1):
        if not source.acknowledged[number]:
            account.unacknowledged += 1
            continue
        account.messages += 1
        whole = (source.topic, source.payload(number)) if letters else None
        for expected in source.expected(number):
            stored = found.pop((expected.measurement, source.times_ms[number]), {})
            dead = {
                key
                for key in expected.points
                if whole in letters or (source.topic, source.entry(number, key)) in letters
            }
            _compare(account, f"{source.identity} {number}", expected, stored, dead)
    account.foreign += sum(len(points) for points in found.values())
    return account


def _compare(
    account: Account,
    name: str,
    expected: Expected,
    stored: dict[Key, dict[str, Any]],
    dead: Collection[Key],
) -> None:
    account.points += len(expected.points)
    for key, fields in expected.points.items():
        row = stored.pop(key, None)
        if row is None and key in dead:
            account.dead_lettered += 1
        elif row is None:
            account.missing_points += 1
            account.missing.append(f"{name}: {expected.measurement} {key}")
        elif row != fields:
            account.wrong.append(f"{name}: {expected.measurement} {key}: {row} for {fields}")
        else:
            account.stored += 1
    account.foreign += len(stored)


Found = dict[tuple[str, int], dict[Key, dict[str, Any]]]


def _read(source: Source, from_ms: int, to_ms: int, influx: InfluxServer) -> Found:
    """Points of the source between two instants, by measurement and instant, then by key."""
    found: Found = {}
    for measurement in source.measurements:
        rows = influx.query(
            f"SELECT * FROM {measurement} WHERE {source.condition}"  # noqa: S608 - our own names
            f" AND time >= {from_ms}ms AND time <= {to_ms}ms"
        )
        for row in rows:
            key = tuple(row[tag] for tag in source.key_tags)
            fields = {
                name: value
                for name, value in row.items()
                if value is not None and name not in _TAGS and name != "time"
            }
            found.setdefault((measurement, row["time"]), {})[key] = fields
    return found


_TAGS = {"area", "olt", "slot", "port", "tech", "community", "device"}


@dataclass
class PresenceAccount:
    """What became of the births and orderly ends whose PUBACK came."""

    births: int = 0
    ends: int = 0
    dead_lettered: int = 0
    missing: list[str] = field(default_factory=list)


def account_for_presence(
    tallies: Iterable[Tally], influx: InfluxServer, letters: Letters
) -> PresenceAccount:
    """Compare births and ends with the rows of ``presence``."""
    rows: dict[tuple[str, int], dict[str, Any]] = {
        (row["id"], row["time"]): row for row in influx.query("SELECT * FROM presence", "forever")
    }
    account = PresenceAccount()
    for tally in tallies:
        for identity, sessions in tally.births.items():
            for session in sessions:
                account.births += 1
                row = rows.get((identity.rsplit("/", 1)[1], session), {})
                is_there = row.get("online_ms") == session
                _note_presence(account, identity, status(session, "online"), letters, is_there)
        for identity, ends in tally.ends.items():
            for session, ts in ends:
                account.ends += 1
                row = rows.get((identity.rsplit("/", 1)[1], session), {})
                is_there = (row.get("ended_ms"), row.get("end_source")) == (ts, "orderly")
                payload = status(session, "offline", ts)
                _note_presence(account, identity, payload, letters, is_there)
    return account


def _note_presence(
    account: PresenceAccount,
    identity: str,
    payload: bytes,
    letters: Letters,
    is_there: bool,
) -> None:
    if is_there:
        return
    if (f"gigacity/v1/{identity}/status", payload) in letters:
        account.dead_lettered += 1
    elif len(account.missing) < _MAX_NAMED:
        account.missing.append(f"{identity}: {payload.decode()}")
