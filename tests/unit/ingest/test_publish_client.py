"""The quick reader on paho: choice, delivery, ends of connections, acknowledgements."""

import socket
from collections.abc import Iterator
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from gigacity_ingest.fast_path import publish_client
from gigacity_ingest.fast_path.publish_client import build_client, paho_problem
from gigacity_ingest.fast_path.publish_scanner import ScanningClient, StockClient
from tests.support.mqtt_stream import encode_publish, hear

PROPERTY = b"\x03\x00\x10application/json"


def publish(mid: int, properties: bytes = b"", payload: bytes = b"{}") -> bytes:
    return encode_publish(b"a/b", payload, 2, mid, properties, is_v5=True)


def message(mid: int) -> tuple[Any, ...]:
    return (mid, b"a/b", b"{}", 1, False, False)


@pytest.fixture
def client() -> ScanningClient:
    return ScanningClient(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5, manual_ack=True)


@pytest.fixture
def pair(client: ScanningClient) -> Iterator[socket.socket]:
    """The client is connected to this."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    client._sock = ours
    yield theirs
    client._sock_close()
    theirs.close()


class TestChoice:
    def test_this_paho_is_fit(self) -> None:
        assert paho_problem() is None
        assert isinstance(build_client(print, client_id="x"), ScanningClient)

    def test_another_version_gets_the_stock_reader(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(publish_client, "version", lambda _: "2.3.0")

        client = build_client(print, client_id="x")

        assert type(client) is StockClient
        assert client.deliver is print

    def test_a_missing_name_is_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(paho.Client, "_packet_read")

        assert "paho.Client._packet_read is missing" in str(paho_problem())

    def test_another_signature_is_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(paho.Client, "_loop_rc_handle", lambda _self, rc, _more: rc)

        assert "_loop_rc_handle" in str(paho_problem())

    def test_another_behaviour_is_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A reader that no longer goes through ``_sock_recv`` would hear nothing of a ping."""

        def deaf(self: paho.Client) -> MQTTErrorCode:
            return MQTTErrorCode.MQTT_ERR_SUCCESS

        monkeypatch.setattr(paho.Client, "_packet_read", deaf)

        assert "rehearsal" in str(paho_problem())

    def test_an_exception_in_the_rehearsal_is_a_reason(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(paho.Client, "_handle_publish", lambda _: 1 // 0)

        assert "ZeroDivisionError" in str(paho_problem())

    def test_websockets_get_the_stock_reader(self) -> None:
        assert type(build_client(print, client_id="x", transport="websockets")) is StockClient


class TestReading:
    def test_messages_before_between_and_after_other_packets(self, client: ScanningClient) -> None:
        heard = hear(client, [publish(1) + b"\xd0\x00" + publish(2, b"\x23\x00\x01") + publish(3)])

        assert heard.messages == [message(1), message(2), message(3)]

    def test_properties_are_read_by_paho_once(
        self, client: ScanningClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read = []
        original = client._packet_read

        def count() -> MQTTErrorCode:
            read.append(1)
            return original()

        monkeypatch.setattr(client, "_packet_read", count)

        heard = hear(client, [publish(n, PROPERTY) for n in range(1, 5)])

        assert heard.messages == [message(n) for n in range(1, 5)]
        assert len(read) == 1

    @pytest.mark.parametrize(
        "block", [b"\x23\x00\x01", b"\x02\x00\x00"], ids=["topic-alias", "runs-into-the-payload"]
    )
    def test_such_properties_are_never_learnt(self, client: ScanningClient, block: bytes) -> None:
        hear(client, [publish(1, block, b"payload")])

        assert not client._plain_properties

    def test_a_long_packet_is_joined_once(self, client: ScanningClient) -> None:
        """It arrives in a thousand pieces; only the first and the last are looked at."""
        whole = publish(1, payload=b"x" * 1_000_000)
        queue = [whole[at : at + 1000] for at in range(0, len(whole), 1000)]
        kept = []
        keep = client._keep

        def record(rest: bytes, needed: int) -> None:
            kept.append(len(rest))
            keep(rest, needed)

        client._keep = record  # type: ignore[method-assign] # to count how often bytes are moved

        heard = hear(client, queue)

        assert len(heard.messages) == 1
        assert len(kept) < 10

    def test_a_closed_connection_delivers_no_more(
        self, client: ScanningClient, pair: socket.socket
    ) -> None:
        """What was read with it belongs to an epoch that is over."""
        heard = []

        def end(*received: Any) -> None:
            heard.append(received)
            client._sock_close()

        client.deliver = end
        pair.sendall(publish(1) + publish(2))

        assert client.loop_read() == 0
        assert heard == [message(1)]
        assert client.loop_read() == MQTTErrorCode.MQTT_ERR_NO_CONN

    def test_half_a_packet_does_not_reach_the_next_connection(self, client: ScanningClient) -> None:
        hear(client, [publish(1)[:8]])

        assert hear(client, [publish(2)]).messages == [message(2)]

    def test_a_failed_delivery_comes_out_and_its_neighbours_follow(
        self, client: ScanningClient, pair: socket.socket
    ) -> None:
        heard = []

        def fail_first(*received: Any) -> None:
            heard.append(received)
            if len(heard) == 1:
                raise ValueError("no")

        client.deliver = fail_first
        pair.sendall(publish(1) + publish(2))
        with pytest.raises(ValueError, match="no"):
            client.loop_read()
        pair.sendall(publish(3))
        client.loop_read()

        assert heard == [message(1), message(2), message(3)]

    def test_bytes_that_arrive_prove_the_connection_alive(
        self, client: ScanningClient, pair: socket.socket
    ) -> None:
        """Without it paho would ping, and then give up, in the middle of a stream."""
        client._last_bytes_received = 0.0
        pair.sendall(publish(1)[:5])

        client.loop_read()

        assert client._last_bytes_received > 0

    def test_the_end_of_the_stream_is_a_lost_connection(
        self, client: ScanningClient, pair: socket.socket
    ) -> None:
        codes: list[Any] = []
        client.on_disconnect = lambda *arguments: codes.append(arguments[3])
        pair.shutdown(socket.SHUT_WR)

        assert client.loop_read() == MQTTErrorCode.MQTT_ERR_CONN_LOST
        assert len(codes) == 1
        assert client.socket() is None

    def test_a_packet_over_the_limit_ends_the_connection(self, client: ScanningClient) -> None:
        client.max_packet_bytes = 100

        heard = hear(client, [publish(1), publish(2, payload=b"x" * 200)[:20]])

        assert (heard.messages, heard.is_open) == ([message(1)], False)
        assert heard.code == MQTTErrorCode.MQTT_ERR_PROTOCOL

    def test_what_tls_has_decrypted_is_read_at_once(
        self, client: ScanningClient, pair: socket.socket
    ) -> None:
        """A selector says nothing of it."""

        class Decrypted:
            def __init__(self) -> None:
                self.parts = [publish(1)[:9], publish(1)[9:] + publish(2)]

            def recv(self, _size: int) -> bytes:
                return self.parts.pop(0)

            def pending(self) -> int:
                return len(self.parts)

            def close(self) -> None:
                pass

        heard: list[tuple[Any, ...]] = []
        client.deliver = lambda *received: heard.append(received)
        ours, client._sock = client._sock, Decrypted()  # type: ignore[assignment]

        client.loop_read()

        client._sock = ours
        assert heard == [message(1), message(2)]


class TestAcknowledging:
    @pytest.mark.parametrize("client_type", [StockClient, ScanningClient])
    def test_in_order_and_the_same_bytes(self, client_type: type[StockClient]) -> None:
        client = client_type(CallbackAPIVersion.VERSION2, manual_ack=True)
        ours, theirs = socket.socketpair()
        client._sock = ours

        client.ack_many([1, 300, 65535])

        assert theirs.recv(100) == b"\x40\x02\x00\x01\x40\x02\x01\x2c\x40\x02\xff\xff"
        client._sock_close()
        theirs.close()

    def test_none_sends_nothing(self, client: ScanningClient) -> None:
        client.ack_many([])

        assert not client.want_write()
