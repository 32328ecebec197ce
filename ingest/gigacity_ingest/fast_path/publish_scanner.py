"""Reading MQTT quickly: paho with one receive buffer, our own scanner for PUBLISH, joined acks.

A guarded optimisation. Connecting, TLS, keepalive, sending and every packet that is not a plain
PUBLISH stay paho's. It reaches into private parts of paho 2.2; ``publish_client`` looks whether
they are there and behave as expected, and otherwise takes the stock reader with the same face.
"""

import ssl
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import paho.mqtt.client as paho
from paho.mqtt.enums import MessageType, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gigacity_ingest.fast_path.publish_packets import FLAGS, Packet, Stop, scan_packets

Deliver = Callable[[int, bytes, bytes, int, bool, bool], None]
"""Takes packet id (0 for QoS 0), topic, payload, QoS, retain and dup of one message."""

DeliverPackets = Callable[[list[Packet], int], None]
"""Takes packets and the offset at which the first one begins; must not end the connection."""

DEFAULT_MAX_PACKET_BYTES = 64 << 20
"""Well above what the broker is configured to let through (5 MiB), so that no message which the
broker accepted can end the connection, and be delivered again, for ever."""
RECEIVE_BYTES = 256 << 10
_RECEIVES_A_CALL = 16
"""Bounds the TLS records (16 KiB each) that one call takes before other work has its turn."""
_MAX_PLAIN_PROPERTIES = 4096
_MAX_BLOCK_BYTES = 127


class PublishClient(Protocol):
    """The face of both readers, beside all that ``paho.Client`` has."""

    deliver: Deliver
    """Called for every message, in order, from within ``loop_read``; ``on_message`` is taken.

    An exception from it comes out of ``loop_read``; close the connection then.
    """

    has_more: bool
    """False: the last ``loop_read`` took all that had come."""

    def ack_many(self, mids: Sequence[int]) -> MQTTErrorCode:
        """Acknowledge messages of QoS 1 of the present connection, in this order."""
        ...


def _nobody(*_: object) -> None:
    raise RuntimeError("set deliver before connecting")


class StockClient(paho.Client):
    """paho's own reader behind the same face; takes the arguments of ``paho.Client``."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.deliver: Deliver = _nobody
        self.deliver_packets: DeliverPackets | None = None
        """If it is set, the quick reader gives it whole runs of packets, and ``deliver`` gets only
        messages that paho had to read."""
        self.has_more = True
        """Whether more may have come than ``loop_read`` took; paho's own reader does not say."""
        self.on_message = self._forward

    def _forward(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        self.deliver(
            message.mid,
            message._topic,  # noqa: SLF001 - its public form decodes, and may raise.
            bytes(message.payload),
            message.qos,
            message.retain,
            message.dup,
        )

    def suspend_ping_check(self) -> None:
        """Say that the owner chooses not to read: an unread answer to a ping proves nothing."""
        self._ping_t = 0.0

    def ack_many(self, mids: Sequence[int]) -> MQTTErrorCode:
        """See ``PublishClient``."""
        for mid in mids:
            code = self.ack(mid, 1)
            if code:
                return code
        return MQTTErrorCode.MQTT_ERR_SUCCESS


class ScanningClient(StockClient):
    """See the module; takes the arguments of ``paho.Client``.

    ``loop_read`` makes one receive (over TLS as many as are decrypted already) and handles every
    whole packet of it. Nothing whole is left in the buffer when it returns, so that a selector on
    the socket suffices.
    """

    max_packet_bytes = DEFAULT_MAX_PACKET_BYTES
    """A longer packet ends the connection before it is collected."""

    # Defaults of the class, since paho's finalizer may close a client that was never made.
    _parts: list[bytes] = []  # noqa: RUF012 - replaced, never changed in place.
    _buffered = 0
    _needed = 0
    _foreign = b""
    _foreign_at = 0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._is_v5 = self._protocol == paho.MQTTv5
        self._plain_properties: set[bytes] = set()

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:  # noqa: ARG002 - paho's, unused too
        """Receive once and handle what is whole; see ``paho.Client.loop_read`` for the result."""
        for _ in range(_RECEIVES_A_CALL):
            sock = self._sock
            if sock is None:
                return MQTTErrorCode.MQTT_ERR_NO_CONN
            try:
                received = super()._sock_recv(RECEIVE_BYTES)
            except BlockingIOError:
                self.has_more = False
                return MQTTErrorCode.MQTT_ERR_SUCCESS
            except OSError as error:
                self._easy_log(paho.MQTT_LOG_ERR, "failed to receive on socket: %s", error)
                received = b""
            if not received:
                return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_CONN_LOST)
            with self._msgtime_mutex:
                self._last_bytes_received = paho.time_func()
            # TLS gives one record at a time, whatever else has come.
            self.has_more = len(received) == RECEIVE_BYTES or isinstance(sock, ssl.SSLSocket)
            code = self._take(received)
            if code or self._sock is not sock or not _pending_bytes(sock):
                return code
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _take(self, received: bytes) -> MQTTErrorCode:
        """Handle every whole packet, and keep the beginning of one that is not."""
        if self._parts:
            self._parts.append(received)
            self._buffered += len(received)
            # A long packet is joined once, not with every piece that arrives.
            if self._buffered < self._needed:
                return MQTTErrorCode.MQTT_ERR_SUCCESS
            received = b"".join(self._parts)
            self._keep(b"", 0)
        sock, at = self._sock, 0
        while True:
            scan = scan_packets(
                received,
                at,
                is_v5=self._is_v5,
                plain_properties=self._plain_properties,
                max_packet_bytes=self.max_packet_bytes,
            )
            if scan.packets:
                self._hand_over(received, at, scan.packets)
            if self._sock is not sock:
                return MQTTErrorCode.MQTT_ERR_SUCCESS
            at = scan.rest
            if scan.stop is Stop.FOREIGN:
                code = self._read_foreign(received[at : at + scan.size])
                if code or self._sock is not sock:
                    return code
                at += scan.size
            elif scan.stop in {Stop.END, Stop.MORE}:
                self._keep(received[at:], scan.size)
                return MQTTErrorCode.MQTT_ERR_SUCCESS
            else:
                self._easy_log(paho.MQTT_LOG_ERR, "received a packet that is %s", scan.stop.value)
                return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_PROTOCOL)

    def _hand_over(self, received: bytes, start: int, packets: list[Packet]) -> None:
        """Deliver messages until the connection ends; one whose delivery fails counts as read."""
        if self.deliver_packets is not None:
            self.deliver_packets(packets, start)
            return
        deliver, sock, done = self.deliver, self._sock, start
        try:
            for mid, topic, payload, flags, end in packets:
                done = end
                qos, retain, dup = FLAGS[flags]
                deliver(mid, topic, payload, qos, retain, dup)
                if self._sock is not sock:
                    return
        except BaseException:
            if self._sock is sock:
                self._keep(received[done:], 0)
            raise

    def _keep(self, rest: bytes, needed: int) -> None:
        self._parts = [rest] if rest else []
        self._buffered, self._needed = len(rest), needed

    def _read_foreign(self, packet: bytes) -> MQTTErrorCode:
        """Let paho read one whole packet."""
        self._foreign, self._foreign_at = packet, 0
        code = self._packet_read()
        if code == MQTTErrorCode.MQTT_ERR_AGAIN:
            # It was whole, and paho wants more of it: whatever it is, it is no packet.
            code = MQTTErrorCode.MQTT_ERR_PROTOCOL
        return self._loop_rc_handle(code) if code else code

    def _sock_recv(self, bufsize: int) -> bytes:
        """What paho's reader receives: the packet at hand, never the socket."""
        data = self._foreign[self._foreign_at : self._foreign_at + bufsize]
        if not data:
            raise BlockingIOError
        self._foreign_at += len(data)
        return data

    def _sock_close(self) -> None:
        """Bytes of an ended connection mean nothing on the next one."""
        self._keep(b"", 0)
        super()._sock_close()

    def _forward(self, client: paho.Client, data: object, message: paho.MQTTMessage) -> None:
        if self._is_v5:
            self._learn(message)
        super()._forward(client, data, message)

    def _learn(self, message: paho.MQTTMessage) -> None:
        """Remember a block of properties that paho accepted, so that it is read only once."""
        packet = self._in_packet["packet"]
        at = 2 + len(message._topic) + (2 if message.qos else 0)  # noqa: SLF001 - as above.
        size = packet[at] if at < len(packet) else 0
        if not 0 < size <= _MAX_BLOCK_BYTES or hasattr(message.properties, "TopicAlias"):
            return
        block = bytes(packet[at + 1 : at + 1 + size])
        if _is_complete(block):
            if len(self._plain_properties) >= _MAX_PLAIN_PROPERTIES:
                self._plain_properties.clear()
            self._plain_properties.add(block)

    def ack_many(self, mids: Sequence[int]) -> MQTTErrorCode:
        """See ``PublishClient``; all of them in one write."""
        if not mids:
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        data = b"".join([b"\x40\x02" + mid.to_bytes(2) for mid in mids])
        return self._packet_queue(MessageType.PUBACK, data, 0, 0)


def _pending_bytes(sock: Any) -> int:
    """Bytes that TLS has decrypted already, of which a selector knows nothing."""
    pending = getattr(sock, "pending", None)
    return pending() if pending is not None else 0


def _is_complete(block: bytes) -> bool:
    """Whether the block is valid by itself: paho may read on into the payload."""
    try:
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call] # paho's gap
        properties.unpack(bytes([len(block)]) + block)  # type: ignore[no-untyped-call] # as above
    except Exception:  # noqa: BLE001 - whatever paho raises: the block stays paho's to judge.
        return False
    return True
