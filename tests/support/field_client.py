"""One publisher of the field under full control of its caller; for tests and for trying things.

It blocks: each call returns when the broker has answered, or raises. Nothing is published that the
caller did not ask for, except the will that every CONNECT carries.

    with FieldClient(broker, "371602/olt/olt-1") as olt:
        olt.publish(b'{"ts": 1767225600000, "ports": []}')
"""

import select
from collections.abc import Callable, Iterable
from types import TracebackType

from gigacity_contract.clock import Clock, SystemClock
from gigacity_contract.errors import GigacityError
from gigacity_contract.topics import MessageKind, topic_of
from gigacity_simulators.clients.broker import Broker
from gigacity_simulators.clients.connection import Ack, ConnectionState, PublisherConnection

_REPORT_LEVEL = {
    "olt": MessageKind.PON,
    "gateway": MessageKind.BUNDLE,
    "community": MessageKind.TELEMETRY,
}
_TURN_S = 0.05


class FieldClientError(GigacityError):
    """The broker refused, or did not answer in time; the message says which."""


class FieldClient:
    """Connects as one identity and publishes what it is given, at QoS 1."""

    def __init__(
        self,
        broker: Broker,
        identity: str,
        *,
        password: str | None = None,
        clock: Clock | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        """Without a password, the one that the broker's field secret gives is used."""
        self.identity = identity
        self.report_topic = topic_of(identity, _REPORT_LEVEL[identity.split("/")[1]])
        self.session_ms = 0
        """Session of the last CONNECT."""
        self._broker = broker
        self._password = password
        self._clock = clock or SystemClock()
        self._timeout_s = timeout_s
        self._connection: PublisherConnection | None = None
        self._poller: select.epoll | None = None
        self._acks: dict[int, Ack] = {}

    def connect(self, *, session_ms: int | None = None, with_birth: bool = True) -> None:
        """Connect and, if asked, publish the birth.

        Args:
            session_ms: What the device takes for the present; None: this machine's time.
            with_birth: Publish ``online`` and wait for its PUBACK.

        Raises:
            FieldError: the broker cannot be reached, refuses, or does not answer.
        """
        self.session_ms = self._clock.now_ms() if session_ms is None else session_ms
        connection = PublisherConnection(
            self._broker, self.identity, session_ms=self.session_ms, password=self._password
        )
        try:
            fd = connection.open()
        except OSError as error:
            connection.abort()
            raise FieldClientError(f"cannot reach {self._broker.address}: {error}") from error
        self._connection, self._acks = connection, {}
        self._poller = select.epoll()
        self._poller.register(fd, select.EPOLLIN)
        self._turn_until(lambda: connection.state is not ConnectionState.CONNECTING, "CONNACK")
        if connection.state is not ConnectionState.UP:
            self.abort()
            raise FieldClientError(f"{self.identity}: not connected: {connection.reason}")
        if with_birth:
            self._await(connection.births(self.session_ms))

    def publish(self, payload: bytes, *, topic: str | None = None, retain: bool = False) -> None:
        """Publish one message, by default on the identity's report topic, and await its PUBACK.

        Raises:
            FieldError: the broker refused the message, did not answer, or closed the connection.
        """
        self._await([self._up().publish(topic or self.report_topic, payload, retain=retain)])

    def publish_all(self, messages: Iterable[tuple[str, bytes]]) -> None:
        """Publish (topic, payload) pairs, as many at once as the broker allows.

        Raises:
            FieldError: as ``publish``.
        """
        sent: list[int | None] = []
        for topic, payload in messages:
            connection = self._up()
            if len(sent) - len(self._acks) >= connection.window:
                self._await([sent[len(sent) - connection.window]])
            sent.append(connection.publish(topic, payload))
        self._await(sent)

    def end(self, *, reason: str = "test", ts_ms: int | None = None) -> None:
        """Publish the orderly end, await its PUBACK, and disconnect: no will follows.

        Raises:
            FieldError: as ``publish``.
        """
        connection = self._up()
        now_ms = self._clock.now_ms() if ts_ms is None else ts_ms
        self._await(connection.farewells(now_ms, reason))
        connection.end()
        self.abort()

    def abort(self) -> None:
        """Drop the connection without a word: the broker publishes the will."""
        if self._connection is not None:
            self._connection.abort()
            self._connection = None
        if self._poller is not None:
            self._poller.close()
            self._poller = None

    def __enter__(self) -> "FieldClient":
        self.connect()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End in an orderly way, or, after an error, drop the connection."""
        if error is None and self._connection is not None:
            self.end()
        self.abort()

    def _up(self) -> PublisherConnection:
        if self._connection is None:
            raise FieldClientError(f"{self.identity}: not connected")
        return self._connection

    def _await(self, packet_ids: list[int | None]) -> None:
        if None in packet_ids:
            raise FieldClientError(f"{self.identity}: the connection is gone")
        self._turn_until(lambda: all(i in self._acks for i in packet_ids), "PUBACK")
        for packet_id in packet_ids:
            refusal = self._acks[packet_id].refusal if packet_id is not None else None
            if refusal is not None:
                raise FieldClientError(f"{self.identity}: message refused: {refusal}")

    def _turn_until(self, is_done: Callable[[], bool], awaited: str) -> None:
        connection, poller = self._up(), self._poller
        deadline_s = self._clock.monotonic_s() + self._timeout_s
        while not is_done() and poller is not None:
            if (
                connection.state in {ConnectionState.LOST, ConnectionState.REFUSED}
                and awaited != "CONNACK"
            ):
                raise FieldClientError(f"{self.identity}: connection lost: {connection.reason}")
            if self._clock.monotonic_s() > deadline_s:
                raise FieldClientError(
                    f"{self.identity}: no {awaited} within {self._timeout_s:g} s"
                )
            if connection.wants_write:
                connection.writable()
            if poller.poll(_TURN_S):
                connection.readable()
            connection.keepalive()
            self._acks.update((ack.packet_id, ack) for ack in connection.take_acks())
