"""All publishers of the city on one epoll loop: connects them by and by, sends, listens, retries.

One thread and one loop for thousands of clients; ``pump`` is the only place that waits. Nothing is
kept on disk: what a publisher has not delivered waits in its bounded memory.
"""

import select
from collections.abc import Sequence
from dataclasses import dataclass

from gigacity_contract.clock import Clock
from gigacity_simulators.clients.attendance import Attendance
from gigacity_simulators.clients.broker import Broker
from gigacity_simulators.clients.connection import Connection, State
from gigacity_simulators.clients.dialer import Dialer
from gigacity_simulators.clients.notices import Notices
from gigacity_simulators.clients.ramp import Ramp
from gigacity_simulators.clients.station import Station, Tally
from gigacity_simulators.messages import Message

_TEND_EVERY_S = 5.0
_MAX_EVENTS = 512


@dataclass(frozen=True, slots=True)
class FleetLimits:
    """How fast the fleet may connect and how much it may hold."""

    connects_per_s: float = 150.0
    max_handshakes: int = 50
    buffer_bytes: int = 512 * 1024 * 1024
    """Memory for undelivered messages, divided among the publishers."""


class Fleet:
    """The publishers by index; the ``Field`` of a simulation."""

    def __init__(
        self,
        broker: Broker,
        identities: Sequence[str],
        clock: Clock,
        notices: Notices,
        limits: FleetLimits | None = None,
    ) -> None:
        limits = limits or FleetLimits()
        share = max(64 * 1024, limits.buffer_bytes // max(1, len(identities)))
        self.tally = Tally()
        self.stations = [Station(identity, share) for identity in identities]
        self._broker = broker
        self._clock = clock
        self._notices = notices
        self._dialer = Dialer(
            Ramp(per_second=limits.connects_per_s, max_handshakes=limits.max_handshakes)
        )
        self._attendance = Attendance(clock.now_ms())
        self._epoll = select.epoll()
        self._by_fd: dict[int, int] = {}
        self._ready: set[int] = set()
        self._owing: set[int] = set()
        self._changes: list[tuple[int, bool]] = []
        self._tended = 0
        self._tended_at_s = clock.monotonic_s()

    @property
    def clients(self) -> int:
        """Publishers that should be connected."""
        return sum(station.allowed for station in self.stations)

    @property
    def connected(self) -> int:
        """Publishers that are."""
        return sum(station.is_up for station in self.stations)

    @property
    def dropped(self) -> int:
        """Messages that no longer fitted into their publisher's memory."""
        return sum(station.outbox.dropped for station in self.stations)

    def send(self, publisher: int, message: Message) -> None:
        """Take a message for delivery."""
        self.stations[publisher].take(message)
        self._ready.add(publisher)
        self._owing.add(publisher)

    def allow(self, publisher: int) -> None:
        """Let a publisher connect as soon as the ramp has a place."""
        now_s = self._clock.monotonic_s()
        self.stations[publisher].allowed = True
        self._attendance.expected(publisher, now_s)
        self._dialer.wish(publisher, now_s)

    def cut(self, publisher: int) -> None:
        """Break a connection without a farewell; what is not delivered waits."""
        station = self.stations[publisher]
        station.allowed = False
        station.drop_connection()
        self._attendance.excused(publisher)
        self._dialer.finished(publisher)

    def kill(self, publisher: int) -> None:
        """Break a connection without a farewell, and lose what was not delivered."""
        self.cut(publisher)
        self.stations[publisher].outbox.clear()

    def take_changes(self) -> list[tuple[int, bool]]:
        """Connections that came up (True) or were lost since the last call, in order."""
        changes, self._changes = self._changes, []
        return changes

    def undisturbed_since_ms(self) -> int:
        """Since when every allowed publisher has been connected, short absences aside."""
        return self._attendance.undisturbed_since_ms(
            self._clock.monotonic_s(), self._clock.now_ms()
        )

    def oldest_unacknowledged_ms(self) -> int | None:
        """The earliest instant among all undelivered messages."""
        self._owing = {i for i in self._owing if len(self.stations[i].outbox)}
        due = (self.stations[i].outbox.oldest_due_ms() for i in self._owing)
        return min((at_ms for at_ms in due if at_ms is not None), default=None)

    def pump(self, timeout_s: float) -> None:
        """Do what can be done now, then wait for the network for at most this long."""
        self._connect_some()
        self._flush()
        for fd, events in self._epoll.poll(timeout_s, maxevents=_MAX_EVENTS):
            publisher = self._by_fd.get(fd)
            if publisher is not None:
                self._serve(publisher, fd, events)
        self._flush()
        self._tend()

    def _connect_some(self) -> None:
        while (publisher := self._dialer.next(self._clock.monotonic_s())) is not None:
            station = self.stations[publisher]
            if station.allowed and station.connection is None:
                self._connect(publisher, station)

    def _connect(self, publisher: int, station: Station) -> None:
        connection = Connection(self._broker, station.identity, session_ms=self._clock.now_ms())
        try:
            fd = connection.open()
        except OSError as error:
            connection.abort()
            now_s = self._clock.monotonic_s()
            delay_s = self._dialer.unreachable(publisher, now_s)
            text = (
                f"cannot reach {self._broker.address}: {error}; is the broker running there?"
                f" Trying again in {delay_s:g} s"
            )
            self._notices.say("unreachable", text, now_s)
            return
        station.connection = connection
        self._dialer.started(publisher, self._clock.monotonic_s())
        self._by_fd[fd] = publisher
        self._epoll.register(fd, self._mask(connection))

    @staticmethod
    def _mask(connection: Connection) -> int:
        return select.EPOLLIN | (select.EPOLLOUT if connection.wants_write else 0)

    def _serve(self, publisher: int, fd: int, events: int) -> None:
        station = self.stations[publisher]
        connection = station.connection
        if connection is None:
            return
        if events & select.EPOLLOUT:
            connection.writable()
        if events & ~select.EPOLLOUT:
            connection.readable()
        self._settle(publisher, station)
        if station.connection is connection and connection.state in {State.UP, State.CONNECTING}:
            self._epoll.modify(fd, self._mask(connection))

    def _settle(self, publisher: int, station: Station) -> None:
        """Act on what a connection has become."""
        connection = station.connection
        if connection is None:
            return
        refusal = station.collect_acks(self.tally)
        now_s = self._clock.monotonic_s()
        if refusal is not None:
            text = (
                f"{station.identity}: the broker refuses its messages ({refusal}); its access list"
                " must hold: pattern write gigacity/v1/%u/#"
            )
            self._notices.say("not allowed", text, now_s)
        if len(station.outbox):
            self._ready.add(publisher)
        if connection.state is State.UP:
            if self._dialer.finished(publisher):
                self._came_up(publisher, station)
        elif connection.state is not State.CONNECTING:
            self._went_down(publisher, station, connection)

    def _came_up(self, publisher: int, station: Station) -> None:
        self._attendance.present(publisher)
        self._changes.append((publisher, True))
        station.retry.succeeded()
        station.announce(self.tally)
        self._ready.add(publisher)

    def _went_down(self, publisher: int, station: Station, connection: Connection) -> None:
        now_s = self._clock.monotonic_s()
        if not self._dialer.finished(publisher):
            self._changes.append((publisher, False))
        station.drop_connection()
        self._attendance.lost(publisher, now_s, self._clock.now_ms())
        delay_s = station.retry.failed(now_s)
        self._dialer.wish(publisher, now_s + delay_s)
        if connection.state is State.REFUSED:
            text = (
                f"{station.identity}: the broker refuses the connection ({connection.reason});"
                " check GIGACITY_SIMULATE_FIELD_SECRET and the broker's password file."
                f" Trying again in {delay_s:g} s"
            )
            self._notices.say("refused", text, now_s)
        else:
            text = f"{station.identity}: connection lost ({connection.reason}); connecting again"
            self._notices.say("lost", text, now_s)

    def _flush(self) -> None:
        ready, self._ready = self._ready, set()
        for publisher in ready:
            station = self.stations[publisher]
            if station.is_up:
                station.flush(self.tally)
                connection = station.connection
                if connection is not None and connection.state is State.LOST:
                    self._settle(publisher, station)
                elif connection is not None and connection.wants_write:
                    self._epoll.modify(connection.fd, self._mask(connection))

    def _tend(self) -> None:
        """Look after a share of the connections each time: keepalive, and handshakes that hang."""
        now_s = self._clock.monotonic_s()
        for publisher in self._dialer.overdue(now_s):
            self._give_up(publisher)
        share = (now_s - self._tended_at_s) / _TEND_EVERY_S
        self._tended_at_s = now_s
        size = len(self.stations)
        for _ in range(min(size, round(share * size) + 1)):
            self._tended = (self._tended + 1) % size
            station = self.stations[self._tended]
            if station.connection is not None:
                station.connection.tend()
                self._settle(self._tended, station)

    def _give_up(self, publisher: int) -> None:
        connection = self.stations[publisher].connection
        if connection is not None:
            connection.give_up("the broker does not answer CONNECT")
            self._settle(publisher, self.stations[publisher])

    def close(self, *, reason: str, timeout_s: float) -> None:
        """Deliver what is left, say farewell, and disconnect; at most this long."""
        deadline_s = self._clock.monotonic_s() + timeout_s
        for station in self.stations:
            station.allowed = station.is_up
        self._wait_settled(deadline_s - timeout_s / 3)
        now_ms = self._clock.now_ms()
        for station in self.stations:
            station.farewell(now_ms, reason, self.tally)
        self._wait_settled(deadline_s)
        for station in self.stations:
            if station.connection is not None and station.is_up:
                station.connection.end()
            station.drop_connection()
        self._epoll.close()

    def _wait_settled(self, deadline_s: float) -> None:
        self._dialer.forget_wishes()  # Nobody new connects from here on.
        while self._clock.monotonic_s() < deadline_s:
            self.pump(0.02)
            if all(station.is_settled for station in self.stations):
                return
