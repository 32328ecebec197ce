"""One persistent MQTT 5 session, driven by its own selector loop.

Whoever owns it calls ``turn`` again and again, from one thread. Nothing here blocks but connecting,
which is bounded by a short timeout while there is no session to keep alive. Messages go to a
``Receiver``; its exceptions end the process, since a message must not be passed over.
"""

import dataclasses
import selectors
import socket
import ssl
from typing import Any

import paho.mqtt.client as paho
import structlog
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from gigacity_contract.clock import Clock
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint, build_session_client
from gigacity_ingest.adapters.status import HealthState
from gigacity_ingest.adapters.subscription_results import SubscriptionResults
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.fast_path.publish_packets import Packet
from gigacity_ingest.fast_path.publish_scanner import StockClient
from gigacity_ingest.pipeline.backoff import Backoff
from gigacity_ingest.protocols import Receiver

HANDSHAKE_TIMEOUT_S = 10.0
"""Silence after connecting, until the subscription is granted; a broker that hangs says nothing."""
SETTLED_S = 5.0
"""A shorter session starts no new series of delays: two clients of one id would otherwise take it
from each other many times a second."""
_MESSAGES_A_TURN = 512
log = structlog.get_logger("mqtt")


class MQTTLink:
    """The session of one worker.

    Args:
        endpoint: which broker, as whom.
        receiver: gets messages and the begin and end of connections.
        waker: wakes ``turn`` from other threads.
        condition: says whether the session is held and subscribed.
        subscriptions: says whether filters that came later or are optional are subscribed, too.
        clock: for reconnecting.
    """

    def __init__(
        self,
        endpoint: MQTTEndpoint,
        receiver: Receiver,
        *,
        waker: Waker,
        health: HealthState,
        subscriptions: HealthState,
        clock: Clock,
    ) -> None:
        self._endpoint = endpoint
        self._receiver = receiver
        self._waker = waker
        self._health = health
        self._subscription_results = SubscriptionResults(
            endpoint.filters, optional=endpoint.optional_filters, health=subscriptions
        )
        self._clock = clock
        self._backoff = Backoff(first_s=0.25, cap_s=5.0)
        self._next_connect_s = 0.0
        self._handshake_until_s: float | None = None
        self._has_session = False
        self._session_since_s = 0.0
        self._is_explained = False
        self._is_taking = True
        self._is_leaving = False
        self._delivered = 0
        self._delivered_at_handshake = 0
        self._selector = selectors.DefaultSelector()
        self._selector.register(waker.fileno(), selectors.EVENT_READ)
        self._socket: Any = None
        self._events = 0
        self._client = self._build_client()

    @property
    def is_connected(self) -> bool:
        """Whether a session is held on a live connection."""
        return self._has_session

    @property
    def granted(self) -> frozenset[str]:
        """Filters that the broker's last answer on this connection granted."""
        return self._subscription_results.granted

    def _build_client(self) -> StockClient:
        client = build_session_client(self._endpoint, self._on_message)
        client.deliver_packets = self._on_packets
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_socket_open = self._on_socket_open
        client.on_socket_close = self._on_socket_close
        # With this callback set, paho leaves writing to our loop instead of sending each packet.
        client.on_socket_register_write = lambda *_: None
        return client

    # --- one turn of the loop ------------------------------------------------------------------

    def turn(self, timeout_s: float) -> None:
        """Connect if it is time, wait for the network or a wake-up, then serve what is there."""
        if self._socket is None:
            self._connect_if_due()
        may_read = self._may_read()
        self._watch(may_read=may_read)
        has_pending = may_read and self._has_pending_bytes()
        ready = self._selector.select(0.0 if has_pending else timeout_s)
        self._waker.clear()
        readable = has_pending or any(
            key.fileobj is self._socket and events & selectors.EVENT_READ for key, events in ready
        )
        if self._socket is not None and readable:
            self._read()
        self.flush()
        if self._socket is not None:
            if not may_read:
                self._client.suspend_ping_check()
            self._client.loop_misc()
        if (
            self._has_session
            and self._is_taking
            and self._subscription_results.is_due(self._clock.monotonic_s())
        ):
            self._subscribe()
        self._end_slow_handshake(may_read=may_read)

    def flush(self) -> None:
        """Send what can be sent without waiting."""
        if self._socket is not None and self._client.want_write():
            self._client.loop_write()

    def _read(self) -> None:
        """Handle packets until the socket has no whole one, or other work is due."""
        enough = self._delivered + _MESSAGES_A_TURN
        while self._delivered < enough and self._may_read():
            before = self._delivered
            self._client.loop_read()
            if self._socket is None or self._delivered == before:
                return

    def _may_read(self) -> bool:
        """Whether what comes is wanted now.

        Receive Maximum should bound what the broker sends before it is acknowledged. Mosquitto
        2.0 keeps to it only until the first acknowledgement, so the socket is left unread instead
        while the receiver holds enough.
        """
        return not self._is_taking or self._receiver.has_room()

    def _has_pending_bytes(self) -> bool:
        """Whether TLS holds bytes that it has already taken from the socket."""
        is_tls = isinstance(self._socket, ssl.SSLSocket)
        return is_tls and self._socket.pending() > 0

    def _watch(self, *, may_read: bool) -> None:
        """Tell the selector what this turn waits for."""
        if self._socket is None:
            return
        wanted = selectors.EVENT_READ if may_read else 0
        if self._client.want_write():
            wanted |= selectors.EVENT_WRITE
        if wanted == self._events:
            return
        if not wanted:
            self._selector.unregister(self._socket)
        elif self._events:
            self._selector.modify(self._socket, wanted)
        else:
            self._selector.register(self._socket, wanted)
        self._events = wanted

    # --- connecting ----------------------------------------------------------------------------

    def next_due_s(self) -> float | None:
        """The monotonic time of the next attempt to connect; None while there is a connection."""
        return self._next_connect_s if self._socket is None else None

    def _connect_if_due(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s < self._next_connect_s or not self._is_taking:
            return
        self._next_connect_s = now_s + self._backoff.next_s()
        self._is_explained = False
        self._expect_answer(now_s)
        address = self._endpoint.address
        try:
            self._client.reconnect()
        except (OSError, ValueError) as error:
            self._handshake_until_s = None
            text = f"no connection to {address}: {error}; check GIGACITY_MQTT_URL and the broker"
            if isinstance(error, ssl.SSLError):
                text = f"TLS with {address} failed: {error}; check GIGACITY_MQTT_CA"
            self._fail(text)

    def _fail(self, problem: str) -> None:
        """Say why this attempt ends; the end of the connection that follows adds nothing."""
        self._is_explained = True
        self._health.failed(problem)

    def _expect_answer(self, now_s: float) -> None:
        self._handshake_until_s = now_s + HANDSHAKE_TIMEOUT_S
        self._delivered_at_handshake = self._delivered

    def _end_slow_handshake(self, *, may_read: bool) -> None:
        until_s, now_s = self._handshake_until_s, self._clock.monotonic_s()
        if until_s is None or self._socket is None or now_s < until_s:
            return
        if not may_read or self._delivered != self._delivered_at_handshake:
            # A resumed session may send much before it answers the subscription.
            self._expect_answer(now_s)
            return
        self._handshake_until_s = None
        self._fail(f"{self._endpoint.address} accepts the connection but does not answer")
        self._break_connection()

    def _break_connection(self) -> None:
        """Make the next read see the end of the connection, so that paho tidies up itself."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            log.debug("connection_was_gone")

    # --- paho's callbacks ----------------------------------------------------------------------

    def _on_socket_open(self, _client: Any, _data: Any, sock: Any) -> None:
        self._socket, self._events = sock, 0

    def _on_socket_close(self, _client: Any, _data: Any, sock: Any) -> None:
        if self._events:
            self._selector.unregister(sock)
        self._socket, self._events = None, 0

    def _on_connect(
        self, client: paho.Client, _data: Any, flags: Any, code: ReasonCode, _properties: Any
    ) -> None:
        if code.is_failure:
            self._fail(self._explain_refusal(str(code)))
            return
        self._has_session = True
        self._session_since_s = self._clock.monotonic_s()
        self._receiver.on_session(is_resumed=bool(flags.session_present))
        if self._endpoint.former_filters:
            client.unsubscribe(list(self._endpoint.former_filters))
        self._subscribe()

    def subscribe_to(self, filters: tuple[str, ...]) -> None:
        """Have these from now on; nothing changes for those among them that there are already."""
        former = tuple(name for name in self._endpoint.former_filters if name not in filters)
        self._endpoint = dataclasses.replace(self._endpoint, filters=filters, former_filters=former)
        if self._has_session:
            self._subscribe()

    def _subscribe(self) -> None:
        # Retained messages come only for a subscription that is new to the session, and only they
        # carry the retain flag: a live will must be told from the copy of an old one.
        options = SubscribeOptions(
            qos=1, retainAsPublished=False, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB
        )
        self._client.subscribe([(name, options) for name in self._endpoint.filters])

    def _explain_refusal(self, code: str) -> str:
        text = f"{self._endpoint.address} refuses the connection: {code}"
        if code in {"Not authorized", "Bad user name or password"}:
            return f"{text}; check GIGACITY_MQTT_USERNAME and GIGACITY_MQTT_PASSWORD"
        if code == "Unsupported protocol version":
            return f"{text}; the worker needs MQTT 5 (devices may use 3.1.1)"
        return text

    def _on_subscribe(
        self, _client: Any, _data: Any, _mid: int, codes: list[ReasonCode], _properties: Any
    ) -> None:
        self._handshake_until_s = None
        if self._is_leaving:
            self._client.disconnect()
            return
        filters, now_s = self._endpoint.filters, self._clock.monotonic_s()
        if problem := self._subscription_results.judge(filters, codes, now_s):
            self._fail(problem)
            self._break_connection()
            return
        self._health.ok(broker=str(self._endpoint.address))

    def _on_disconnect(
        self, _client: Any, _data: Any, _flags: Any, code: ReasonCode, _properties: Any
    ) -> None:
        had_session, self._has_session = self._has_session, False
        self._handshake_until_s = None
        self._subscription_results.end()
        now_s = self._clock.monotonic_s()
        if had_session and now_s - self._session_since_s > SETTLED_S:
            self._backoff.reset()
        self._next_connect_s = now_s + self._backoff.next_s()
        if had_session:
            self._receiver.on_connection_end()
        if self._is_explained or not self._is_taking:
            return
        text = f"connection to {self._endpoint.address} ended: {code}"
        if str(code) in {"Session taken over", "Unspecified error"}:
            # Mosquitto 2.0 closes a session that is taken over without a word.
            text += f"; the broker ended, or another client uses the id {self._endpoint.client_id}"
        self._health.failed(text)

    def _on_message(  # noqa: PLR0917 - the hot path; see ``Receiver``.
        self, mid: int, topic: bytes, payload: bytes, qos: int, retain: bool, dup: bool
    ) -> None:
        self._delivered += 1
        if self._is_taking:
            self._receiver.on_publish(mid, topic, payload, qos, retain, dup)

    def _on_packets(self, packets: list[Packet], start: int) -> None:
        self._delivered += len(packets)
        if self._is_taking:
            self._receiver.on_packets(packets, start)

    # --- acknowledging and ending --------------------------------------------------------------

    def acknowledge(self, mids: list[int]) -> None:
        """Queue acknowledgements in this order; only for packet ids of the present connection."""
        self._client.ack_many(mids)

    def stop_taking(self) -> None:
        """Pass over what still comes: it stays with the broker, not being acknowledged."""
        self._is_taking = False

    def leave(self) -> None:
        """End the connection in order; the session stays with the broker for the next start.

        Closing a socket on which messages are still coming resets it, and the broker may then not
        read the last acknowledgements. So it is asked something first: once the answer is there,
        it has handled all that was sent before.
        """
        if self._has_session:
            self._is_leaving = True
            self._subscribe()

    def close(self) -> None:
        """Give the selector back."""
        self._selector.close()
