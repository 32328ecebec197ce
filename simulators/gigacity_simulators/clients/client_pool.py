"""All publishers of the city on one epoll loop: connects them by and by, sends, listens, retries.

One thread and one loop for thousands of clients; ``pump`` is the only place that waits. Nothing is
kept on disk: what a publisher has not delivered waits in its bounded memory.
"""

import select
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gigacity_contract.clock import Clock
from gigacity_simulators.clients.broker import Broker
from gigacity_simulators.clients.connect_rate import ConnectRateLimiter
from gigacity_simulators.clients.connection import ConnectionState, PublisherConnection
from gigacity_simulators.clients.connection_tracker import ConnectionTracker
from gigacity_simulators.clients.dialer import Dialer
from gigacity_simulators.clients.publisher_client import DeliveryCounts, PublisherClient
from gigacity_simulators.clients.rate_limited_log import RateLimitedLog
from gigacity_simulators.messages import OutgoingMessage
from gigacity_simulators.sessions import SessionWords

_KEEPALIVE_EVERY_S = 5.0
_MAX_EVENTS = 512


@dataclass(frozen=True, slots=True)
class ClientPoolLimits:
    """How fast the pool may connect and how much it may hold."""

    connects_per_s: float = 150.0
    max_handshakes: int = 50
    buffer_bytes: int = 512 * 1024 * 1024
    """Memory for undelivered messages, divided among the publishers."""


class ClientPool:
    """The publishers by index; the ``Transport`` of a simulation."""

    def __init__(
        self,
        broker: Broker,
        identities: Sequence[str] | Mapping[str, SessionWords],
        clock: Clock,
        log: RateLimitedLog,
        limits: ClientPoolLimits | None = None,
    ) -> None:
        # With words of their own, or else all of them speak the native contract.
        words = identities if isinstance(identities, Mapping) else {}
        limits = limits or ClientPoolLimits()
        share = max(64 * 1024, limits.buffer_bytes // max(1, len(identities)))
        self.counts = DeliveryCounts()
        self.publishers = [
            PublisherClient(identity, share, words.get(identity)) for identity in identities
        ]
        self._broker = broker
        self._clock = clock
        self._log = log
        self._dialer = Dialer(
            ConnectRateLimiter(
                per_second=limits.connects_per_s, max_handshakes=limits.max_handshakes
            )
        )
        self._tracker = ConnectionTracker(clock.now_ms())
        self._epoll = select.epoll()
        self._by_fd: dict[int, int] = {}
        self._ready: set[int] = set()
        self._owing: set[int] = set()
        self._changes: list[tuple[int, bool]] = []
        self._kept_alive = 0
        self._kept_alive_at_s = clock.monotonic_s()

    @property
    def clients(self) -> int:
        """Publishers that should be connected."""
        return sum(client.allowed for client in self.publishers)

    @property
    def connected(self) -> int:
        """Publishers that are."""
        return sum(client.is_up for client in self.publishers)

    @property
    def dropped(self) -> int:
        """Messages that no longer fitted into their publisher's memory."""
        return sum(client.outbox.dropped for client in self.publishers)

    def send(self, publisher: int, message: OutgoingMessage) -> None:
        """Take a message for delivery."""
        self.publishers[publisher].take(message)
        self._ready.add(publisher)
        self._owing.add(publisher)

    def allow(self, publisher: int) -> None:
        """Let a publisher connect as soon as the rate of connecting allows."""
        now_s = self._clock.monotonic_s()
        self.publishers[publisher].allowed = True
        self._tracker.expected(publisher, now_s)
        self._dialer.wish(publisher, now_s)

    def cut(self, publisher: int) -> None:
        """Break a connection without a farewell; what is not delivered waits."""
        client = self.publishers[publisher]
        client.allowed = False
        client.drop_connection()
        self._tracker.not_expected(publisher)
        self._dialer.finished(publisher)

    def kill(self, publisher: int) -> None:
        """Break a connection without a farewell, and lose what was not delivered."""
        self.cut(publisher)
        self.publishers[publisher].outbox.clear()

    def take_changes(self) -> list[tuple[int, bool]]:
        """Connections that came up (True) or were lost since the last call, in order."""
        changes, self._changes = self._changes, []
        return changes

    def undisturbed_since_ms(self) -> int:
        """Since when every allowed publisher has been connected, short absences aside."""
        return self._tracker.undisturbed_since_ms(self._clock.monotonic_s(), self._clock.now_ms())

    def oldest_unacknowledged_ms(self) -> int | None:
        """The earliest instant among all undelivered messages."""
        self._owing = {i for i in self._owing if len(self.publishers[i].outbox)}
        due = (self.publishers[i].outbox.oldest_due_ms() for i in self._owing)
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
        self._maintain()

    def _connect_some(self) -> None:
        while (publisher := self._dialer.next(self._clock.monotonic_s())) is not None:
            client = self.publishers[publisher]
            if client.allowed and client.connection is None:
                self._connect(publisher, client)

    def _connect(self, publisher: int, client: PublisherClient) -> None:
        connection = PublisherConnection(
            self._broker,
            client.identity,
            session_ms=self._clock.now_ms(),
            words=client.words,
        )
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
            self._log.say("unreachable", text, now_s)
            return
        client.connection = connection
        self._dialer.started(publisher, self._clock.monotonic_s())
        self._by_fd[fd] = publisher
        self._epoll.register(fd, self._mask(connection))

    @staticmethod
    def _mask(connection: PublisherConnection) -> int:
        return select.EPOLLIN | (select.EPOLLOUT if connection.wants_write else 0)

    def _serve(self, publisher: int, fd: int, events: int) -> None:
        client = self.publishers[publisher]
        connection = client.connection
        if connection is None:
            return
        if events & select.EPOLLOUT:
            connection.writable()
        if events & ~select.EPOLLOUT:
            connection.readable()
        self._settle(publisher, client)
        if client.connection is connection and connection.state in {
            ConnectionState.UP,
            ConnectionState.CONNECTING,
        }:
            self._epoll.modify(fd, self._mask(connection))

    def _settle(self, publisher: int, client: PublisherClient) -> None:
        """Act on what a connection has become."""
        connection = client.connection
        if connection is None:
            return
        refusal = client.collect_acks(self.counts)
        now_s = self._clock.monotonic_s()
        if refusal is not None:
            text = (
                f"{client.identity}: the broker refuses its messages ({refusal}); its access list"
                " must hold: pattern write gigacity/v1/%u/#, and of other formats the lines that"
                " gigacity credentials field makes from their mappings"
            )
            self._log.say("not allowed", text, now_s)
        if len(client.outbox):
            self._ready.add(publisher)
        if connection.state is ConnectionState.UP:
            if self._dialer.finished(publisher):
                self._came_up(publisher, client)
            elif connection.are_births_asked:
                client.announce(self._clock.now_ms(), self.counts)
        elif connection.state is not ConnectionState.CONNECTING:
            self._went_down(publisher, client, connection)

    def _came_up(self, publisher: int, client: PublisherClient) -> None:
        self._tracker.connected(publisher)
        self._changes.append((publisher, True))
        client.retry.succeeded()
        client.announce(self._clock.now_ms(), self.counts)
        self._ready.add(publisher)

    def _went_down(
        self, publisher: int, client: PublisherClient, connection: PublisherConnection
    ) -> None:
        now_s = self._clock.monotonic_s()
        if not self._dialer.finished(publisher):
            self._changes.append((publisher, False))
        client.drop_connection()
        self._tracker.lost(publisher, now_s, self._clock.now_ms())
        delay_s = client.retry.failed(now_s)
        self._dialer.wish(publisher, now_s + delay_s)
        if connection.state is ConnectionState.REFUSED:
            text = (
                f"{client.identity}: the broker refuses the connection ({connection.reason});"
                " check GIGACITY_SIMULATE_FIELD_SECRET and the broker's password file."
                f" Trying again in {delay_s:g} s"
            )
            self._log.say("refused", text, now_s)
        else:
            text = f"{client.identity}: connection lost ({connection.reason}); connecting again"
            self._log.say("lost", text, now_s)

    def _flush(self) -> None:
        ready, self._ready = self._ready, set()
        now_ms = self._clock.now_ms()
        for publisher in ready:
            client = self.publishers[publisher]
            if client.is_up:
                client.flush(now_ms, self.counts)
                connection = client.connection
                if connection is not None and connection.state is ConnectionState.LOST:
                    self._settle(publisher, client)
                elif connection is not None and connection.wants_write:
                    self._epoll.modify(connection.fd, self._mask(connection))

    def _maintain(self) -> None:
        """Look after a share of the connections each time: keepalive, and handshakes that hang."""
        now_s = self._clock.monotonic_s()
        for publisher in self._dialer.overdue(now_s):
            self._give_up(publisher)
        share = (now_s - self._kept_alive_at_s) / _KEEPALIVE_EVERY_S
        self._kept_alive_at_s = now_s
        size = len(self.publishers)
        for _ in range(min(size, round(share * size) + 1)):
            self._kept_alive = (self._kept_alive + 1) % size
            client = self.publishers[self._kept_alive]
            if client.connection is not None:
                client.connection.keepalive()
                self._settle(self._kept_alive, client)

    def _give_up(self, publisher: int) -> None:
        connection = self.publishers[publisher].connection
        if connection is not None:
            connection.give_up("the broker does not answer CONNECT")
            self._settle(publisher, self.publishers[publisher])

    def close(self, *, reason: str, timeout_s: float) -> None:
        """Deliver what is left, say farewell, and disconnect; at most this long."""
        deadline_s = self._clock.monotonic_s() + timeout_s
        for client in self.publishers:
            client.allowed = client.is_up
        self._wait_settled(deadline_s - timeout_s / 3)
        now_ms = self._clock.now_ms()
        for client in self.publishers:
            client.farewell(now_ms, reason, self.counts)
        self._wait_settled(deadline_s)
        for client in self.publishers:
            if client.connection is not None and client.is_up:
                client.connection.end()
            client.drop_connection()
        self._epoll.close()

    def _wait_settled(self, deadline_s: float) -> None:
        self._dialer.forget_wishes()  # Nobody new connects from here on.
        while self._clock.monotonic_s() < deadline_s:
            self.pump(0.02)
            if all(client.is_settled for client in self.publishers):
                return
