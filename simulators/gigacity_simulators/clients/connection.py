"""One MQTT 5 connection of one publisher, on paho, without paho's own loop.

A connection lives from CONNECT to its end and is then thrown away: nothing of an ended connection,
such as a packet id, can leak into the next. It never blocks except for the TCP and TLS handshake of
``open``, which is bounded. paho's ``loop_start`` and ``loop`` are not used: they cannot serve file
descriptors of 1024 and more, and take three descriptors a client.
"""

import socket
import ssl
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gigacity_simulators.clients.broker import Broker
from gigacity_simulators.messages import OutgoingMessage
from gigacity_simulators.sessions import NativeSession, SessionWords

CONNECT_TIMEOUT_S = 3.0
KEEPALIVE_S = 60
_FIRST_FAILURE_CODE = 128
_DEFAULT_WINDOW = 20


class ConnectionState(Enum):
    """Where a connection is in its life."""

    CONNECTING = auto()
    UP = auto()
    REFUSED = auto()
    """The broker answered CONNECT with a refusal; ``reason`` says why."""
    LOST = auto()
    ENDED = auto()
    """Closed on purpose."""


@dataclass(frozen=True, slots=True)
class Ack:
    """A PUBACK: which packet, and the broker's refusal if it refused it."""

    packet_id: int
    refusal: str | None


class PublisherConnection:
    """A paho client for one session of one publisher."""

    def __init__(
        self,
        broker: Broker,
        identity: str,
        *,
        session_ms: int,
        password: str | None = None,
        words: SessionWords | None = None,
    ) -> None:
        # Without a password of its own it takes the one derived from the field's secret.
        self.identity = identity
        self.words = words or NativeSession(identity)
        self.are_births_asked = False
        """A command wants to hear the births again."""
        self.state = ConnectionState.CONNECTING
        self.reason = ""
        self.window = _DEFAULT_WINDOW
        """How many messages may be in flight: the broker's Receive Maximum, at most 20."""
        self.acks: list[Ack] = []
        """PUBACKs since the owner last took them."""
        self.fd = -1
        """The file descriptor to watch, once open."""
        self._broker = broker
        client = Client(
            CallbackAPIVersion.VERSION2, client_id=identity, protocol=MQTTProtocolVersion.MQTTv5
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.username_pw_set(identity, password or broker.password_of(identity))
        if broker.tls is not None:
            client.tls_set_context(broker.tls)
        will = self.words.begin(session_ms)
        if will is not None:
            client.will_set(will.topic, will.payload, qos=1, retain=will.retain)
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        self._client = client

    def open(self) -> int:
        """Connect the socket and send CONNECT; the answer is the file descriptor to watch.

        Raises:
            OSError: the broker cannot be reached, or its certificate does not convince.
        """
        address = self._broker.address
        self._client.connect(address.host, address.port, keepalive=KEEPALIVE_S)
        sock = self._client.socket()
        if sock is None:
            raise ConnectionResetError("the broker closed the connection at once")
        self.fd = sock.fileno()
        return self.fd

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int | None:
        """Send at QoS 1; the packet id, or None if the connection is gone."""
        info = self._client.publish(topic, payload, qos=1, retain=retain)
        return None if info.rc == MQTTErrorCode.MQTT_ERR_NO_CONN else info.mid

    def births(self, now_ms: int) -> list[int | None]:
        """Say that this session is online."""
        self.are_births_asked = False
        return self._say(self.words.births(now_ms))

    def farewells(self, now_ms: int, reason: str) -> list[int | None]:
        """Say that this session ends in an orderly way; ``end`` follows the PUBACKs."""
        return self._say(self.words.farewells(now_ms, reason))

    def _say(self, messages: list[OutgoingMessage]) -> list[int | None]:
        return [self.publish(m.topic, m.payload, retain=m.retain) for m in messages]

    @property
    def wants_write(self) -> bool:
        """Whether bytes wait for the socket to take them."""
        return self._client.want_write()

    def readable(self) -> None:
        """The socket has something to read."""
        self._client.loop_read()
        # TLS decrypts more than one packet at a time, and epoll does not see the rest.
        while isinstance(sock := self._client.socket(), ssl.SSLSocket) and sock.pending():
            self._client.loop_read()

    def writable(self) -> None:
        """The socket takes bytes again."""
        self._client.loop_write()

    def keepalive(self) -> None:
        """Send PINGREQ when it is due; call it every few seconds."""
        self._client.loop_misc()

    def take_acks(self) -> list[Ack]:
        """PUBACKs since the last call."""
        acks, self.acks = self.acks, []
        return acks

    def end(self) -> None:
        """Disconnect in an orderly way: the will is not sent."""
        self.state = ConnectionState.ENDED
        self._client.disconnect()
        self.abort()

    def abort(self) -> None:
        """Drop the connection without a word: the broker sends the will."""
        if self.state in {ConnectionState.CONNECTING, ConnectionState.UP}:
            self.state = ConnectionState.ENDED
        sock = self._client.socket()
        if isinstance(sock, socket.socket):
            sock.close()

    def give_up(self, reason: str) -> None:
        """Drop a connection that does not come about."""
        self.abort()
        self.state, self.reason = ConnectionState.LOST, reason

    def _on_connect(
        self,
        client: Client,
        _data: Any,
        _flags: ConnectFlags,
        code: ReasonCode,
        props: Properties | None,
    ) -> None:
        if code.is_failure:
            self.state, self.reason = ConnectionState.REFUSED, str(code)
            return
        self.state = ConnectionState.UP
        self.window = min(self.window, getattr(props, "ReceiveMaximum", self.window))
        if self.words.commands:
            client.subscribe(self.words.commands, qos=1)

    def _on_disconnect(
        self,
        _client: Client,
        _data: Any,
        _flags: DisconnectFlags,
        code: ReasonCode,
        _props: Properties | None,
    ) -> None:
        if self.state in {ConnectionState.CONNECTING, ConnectionState.UP}:
            self.state, self.reason = ConnectionState.LOST, str(code)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        if self.words.is_birth_asked(message.topic, bytes(message.payload)):
            self.are_births_asked = True

    def _on_publish(
        self, _client: Client, _data: Any, mid: int, code: ReasonCode, _props: Properties
    ) -> None:
        is_refused = code.value >= _FIRST_FAILURE_CODE
        self.acks.append(Ack(mid, str(code) if is_refused else None))
