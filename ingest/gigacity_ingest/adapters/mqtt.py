"""One persistent MQTT 5 session, driven by its own selector loop.

Whoever owns it calls ``turn`` again and again, from one thread. Nothing here blocks but connecting,
which is bounded by a short timeout while there is no session to keep alive. Messages go to a
``Receiver``; its exceptions end the process, since a message must not be passed over.
"""

from collections.abc import Sequence
from typing import Any

import paho.mqtt.client as paho
import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gigacity_contract.clock import Clock
from gigacity_ingest.adapters.mqtt_client import (
    MQTTEndpoint,
    build_session_client,
    use_latest_password,
)
from gigacity_ingest.adapters.mqtt_failures import explain_end, explain_failure, explain_refusal
from gigacity_ingest.adapters.mqtt_handshake import HandshakeDeadline
from gigacity_ingest.adapters.mqtt_socket import SessionSocket
from gigacity_ingest.adapters.read_pause import ReadPause
from gigacity_ingest.adapters.reconnecting import ReconnectSchedule
from gigacity_ingest.adapters.session_requests import SessionRequests
from gigacity_ingest.adapters.status import HealthState
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.fast_path.publish_packets import Packet
from gigacity_ingest.fast_path.publish_scanner import StockClient
from gigacity_ingest.formats.readings import Answer
from gigacity_ingest.protocols import Receiver

_PING_LOOK_S = 0.5
_MESSAGES_A_TURN = 512
log = structlog.get_logger("mqtt")


class MQTTLink:
    """The session of one worker.

    Args:
        endpoint: which broker, as whom; without filters the session is only drained.
        receiver: gets messages and the begin and end of connections.
        waker: wakes ``turn`` from other threads.
        health: says whether the session is held and subscribed.
        subscriptions: says whether every filter is subscribed.
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
        self._health = health
        self._clock = clock
        self._reconnecting = ReconnectSchedule()
        self._handshake = HandshakeDeadline()
        self._has_session = False
        self._is_explained = False
        self._is_taking = True
        self._is_leaving = False
        self._ends_session = False
        self.has_ended_session = False
        self.delivered = 0
        """Messages that came, ever."""
        self._socket = SessionSocket(waker)
        self._pause = ReadPause()
        self._next_ping_look_s = 0.0
        self._read_bytes = 0
        self._client = self._build_client()
        self._requests = SessionRequests(self._client, endpoint, subscriptions)

    @property
    def is_connected(self) -> bool:
        """Whether a session is held on a live connection."""
        return self._has_session

    @property
    def granted(self) -> frozenset[str]:
        """Filters that the broker's last answer on this connection granted."""
        return self._requests.granted

    @property
    def answers(self) -> int:
        """Requests of ``ask`` that the broker answered, ever."""
        return self._requests.answers

    @property
    def broker_certificate(self) -> bytes | None:
        """The broker's certificate on this connection (DER); None without TLS or session."""
        return self._socket.certificate if self._has_session else None

    def _build_client(self) -> StockClient:
        client = build_session_client(self._endpoint, self._on_message)
        client.deliver_packets = self._on_packets
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_unsubscribe = self._on_unsubscribe
        client.on_disconnect = self._on_disconnect
        client.on_socket_open = lambda _client, _data, sock: self._socket.opened(sock)
        client.on_socket_close = lambda _client, _data, sock: self._socket.closed(sock)
        # With this callback set, paho leaves writing to our loop instead of sending each packet.
        client.on_socket_register_write = lambda *_: None
        return client

    # --- one turn of the loop ------------------------------------------------------------------

    def turn(self, timeout_s: float) -> None:
        """Connect if it is time, wait for the network or a wake-up, then serve what is there."""
        if not self._socket.is_open:
            self._connect_if_due()
        has_room = self._may_read()
        is_readable = self._wait(timeout_s, has_room=has_room)
        if self._socket.is_open and is_readable:
            self._read()
        self.flush()
        if self._socket.is_open:
            self._keep_alive(has_room=has_room)
        if self._has_session and self._is_taking:
            self._requests.subscribe_if_due(self._clock.monotonic_s())
        self._end_slow_handshake(has_room=has_room)

    def _wait(self, timeout_s: float, *, has_room: bool) -> bool:
        """Wait for what this turn serves; whether there is something to read."""
        pause_s, wants_write = self._pause_s(), self._client.want_write()
        if pause_s and not wants_write:
            self._socket.rest(min(timeout_s, pause_s))
            pause_s = self._pause_s()
            if pause_s:  # A wake-up ended it.
                return False
            timeout_s = 0.0  # What has gathered meanwhile is read in the same turn.
        return self._socket.wait(
            min(timeout_s, pause_s) if pause_s else timeout_s,
            may_read=has_room and not pause_s,
            wants_write=wants_write,
        )

    def _keep_alive(self, *, has_room: bool) -> None:
        """Let paho look whether a ping is due; in seconds, so that not every turn need ask."""
        if not has_room:
            self._client.suspend_ping_check()
        now_s = self._clock.monotonic_s()
        if now_s >= self._next_ping_look_s:
            self._next_ping_look_s = now_s + _PING_LOOK_S
            self._client.loop_misc()

    def _pause_s(self) -> float:
        """How long messages are left to gather; who waits for the end of the session does not."""
        return self._pause.left_s(self._clock.monotonic_s()) if self._is_taking else 0.0

    def flush(self) -> None:
        """Send what can be sent without waiting."""
        if self._socket.is_open and self._client.want_write():
            self._client.loop_write()

    def _read(self) -> None:
        """Handle packets until the socket has no whole one, or other work is due."""
        self._read_bytes, enough = 0, self.delivered + _MESSAGES_A_TURN
        while self.delivered < enough and self._may_read():
            before = self.delivered
            self._client.loop_read()
            if self.delivered == before or not (self._socket.is_open and self._client.has_more):
                break
        if self.delivered < enough:
            # Else more has come; over TLS so many short messages need not make many bytes.
            self._pause.note(self._read_bytes, self._clock.monotonic_s())

    def _may_read(self) -> bool:
        """Whether what comes is wanted now.

        Receive Maximum should bound what the broker sends before it is acknowledged. Mosquitto
        2.0 keeps to it only until the first acknowledgement, so the socket is left unread instead
        while the receiver holds enough.
        """
        return not self._is_taking or self._receiver.has_room()

    # --- connecting ----------------------------------------------------------------------------

    def next_due_s(self) -> float | None:
        """The monotonic time of the next attempt to connect; None while there is a connection."""
        return self._reconnecting.due_s if not self._socket.is_open else None

    def _connect_if_due(self) -> None:
        now_s = self._clock.monotonic_s()
        if now_s < self._reconnecting.due_s or not self._is_taking:
            return
        self._reconnecting.begin_attempt(now_s)
        self._is_explained = False
        self._handshake.begin(now_s, self.delivered)
        use_latest_password(self._client, self._endpoint)
        try:
            self._client.reconnect()
        except (OSError, ValueError) as error:
            self._handshake.end()
            self._fail(explain_failure(self._endpoint, error))

    def _fail(self, problem: str) -> None:
        """Say why this attempt ends; the end of the connection that follows adds nothing."""
        self._is_explained = True
        self._health.failed(problem)

    def _end_slow_handshake(self, *, has_room: bool) -> None:
        now_s = self._clock.monotonic_s()
        if not self._socket.is_open or not self._handshake.is_over(now_s):
            return
        if not has_room or self._handshake.has_moved(self.delivered):
            self._handshake.begin(now_s, self.delivered)
            return
        self._handshake.end()
        self._fail(f"{self._endpoint.address} accepts the connection but does not answer")
        self._socket.shut_down()

    # --- paho's callbacks ----------------------------------------------------------------------

    def _on_connect(
        self, _client: paho.Client, _data: Any, flags: Any, code: ReasonCode, _properties: Any
    ) -> None:
        if code.is_failure:
            self._fail(explain_refusal(self._endpoint, str(code)))
            return
        self._has_session = True
        self._reconnecting.begin_session(self._clock.monotonic_s())
        self._receiver.on_session(is_resumed=bool(flags.session_present))
        self._requests.begin()

    def subscribe_to(self, filters: tuple[str, ...]) -> None:
        """Have these from now on; nothing changes for those among them that there are already."""
        self._requests.change(filters, has_session=self._has_session)

    def ask(self) -> None:
        """Ask something that changes nothing; ``answers`` counts the answer."""
        self._requests.ask()

    def _on_subscribe(
        self, _client: Any, _data: Any, _mid: int, codes: list[ReasonCode], _properties: Any
    ) -> None:
        self._handshake.end()
        if self._is_leaving:
            self._disconnect()
            return
        if problem := self._requests.subscribed(codes, self._clock.monotonic_s()):
            self._fail(problem)
            self._socket.shut_down()
            return
        self._health.ok(broker=str(self._endpoint.address))

    def _on_unsubscribe(
        self, _client: Any, _data: Any, mid: int, _codes: list[ReasonCode], _properties: Any
    ) -> None:
        if not self._requests.unsubscribed(mid):
            return
        self._handshake.end()
        self._health.ok(broker=str(self._endpoint.address))
        if self._is_leaving:
            self._disconnect()

    def _disconnect(self) -> None:
        properties = None
        if self._ends_session:
            properties = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call] # paho
            properties.SessionExpiryInterval = 0
            self.has_ended_session = True
        self._client.disconnect(properties=properties)

    def _on_disconnect(
        self, _client: Any, _data: Any, _flags: Any, code: ReasonCode, _properties: Any
    ) -> None:
        had_session, self._has_session = self._has_session, False
        self._handshake.end()
        self._requests.end()
        self._reconnecting.end_connection(self._clock.monotonic_s())
        if had_session:
            self._receiver.on_connection_end()
        if self._is_explained or not self._is_taking:
            return
        self._health.failed(explain_end(self._endpoint, str(code)))

    def _on_message(  # noqa: PLR0917 - the hot path; see ``Receiver``.
        self, mid: int, topic: bytes, payload: bytes, qos: int, retain: bool, dup: bool
    ) -> None:
        self.delivered += 1
        self._read_bytes += len(payload)
        if self._is_taking:
            self._receiver.on_publish(mid, topic, payload, qos, retain, dup)

    def _on_packets(self, packets: list[Packet], start: int) -> None:
        self.delivered += len(packets)
        self._read_bytes += packets[-1][4] - start
        if self._is_taking:
            self._receiver.on_packets(packets, start)

    # --- acknowledging and ending --------------------------------------------------------------

    def acknowledge(self, mids: list[int]) -> None:
        """Queue acknowledgements in this order; only for packet ids of the present connection."""
        self._client.ack_many(mids)

    def answer(self, answers: Sequence[Answer]) -> None:
        """Queue answers and events of safety, at QoS 0: one that is lost is not sent again."""
        if not self._has_session:
            return
        for answer in answers:
            self._client.publish(answer.topic, answer.payload, qos=0)

    def stop_taking(self) -> None:
        """Pass over what still comes: it stays with the broker, not being acknowledged."""
        self._is_taking = False

    def leave(self, *, ends_session: bool = False) -> None:
        """End the connection in order; the session stays with the broker for the next start.

        Closing a socket on which messages are still coming resets it, and the broker may then not
        read the last acknowledgements. So it is asked something first: once the answer is there,
        it has handled all that was sent before.

        Args:
            ends_session: the session ends as well; only an empty one may.
        """
        if self._has_session:
            self._is_leaving, self._ends_session = True, ends_session
            self._requests.subscribe()

    def close(self) -> None:
        """Give the selector back."""
        self._socket.close()
