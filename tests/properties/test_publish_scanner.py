"""The quick reader against paho's own, over the same bytes cut at the same places."""

from itertools import pairwise
from typing import Any

import hypothesis.strategies as st
import paho.mqtt.client as paho
from hypothesis import assume, example, given, settings
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from gigacity_ingest.fast_path.publish_packets import MAX_PACKET_BYTES, Stop, scan_packets
from gigacity_ingest.fast_path.publish_scanner import ScanningClient, StockClient
from tests.support.mqtt_stream import encode_packet, encode_publish, hear

PROPERTY_BLOCKS = st.sampled_from(
    [
        b"",
        b"\x01\x01",
        b"\x02\x00\x00\x00\x3c",
        b"\x03\x00\x10application/json",
        b"\x26\x00\x01a\x00\x01b" * 3,
        b"\x26\x00\x01a\x00\x46" + b"b" * 70 + b"\x01\x01" + b"\x26\x00\x01a\x00\x46" + b"b" * 70,
        b"\x0b\x05",
        b"\x23\x00\x01",
        b"\x01\x01\x23\x00\x01",
        b"\x01\x02",
        b"\x02\x00\x00",
        b"\x03\x00\x02\xff\xfe",
        b"\x7f",
    ]
)
TOPICS = st.sampled_from([b"gigacity/v1/371602/olt/olt-1/pon", b"a", b"", b"\xff\xfe", b"t" * 300])
PAYLOADS = st.one_of(st.binary(max_size=40), st.integers(0, 20_000).map(lambda size: b"p" * size))


@st.composite
def packets(draw: st.DrawFn, is_v5: bool) -> bytes:
    """One packet as a broker, or a broken one, may send it."""
    kind = draw(st.integers(0, 12))
    if kind == 0:
        return b"\xd0\x00"
    if kind == 1:
        return encode_packet(0x90, b"\x00\x05" + (b"\x00\x01" if is_v5 else b"\x01"))
    if kind == 2:
        return encode_packet(0x62, draw(st.integers(1, 3)).to_bytes(2))
    if kind == 3:
        return encode_packet(draw(st.integers(0, 255)), draw(st.binary(max_size=12)))
    return encode_publish(
        draw(TOPICS),
        draw(PAYLOADS),
        draw(st.sampled_from([0, 1, 2, 2, 2, 3, 8, 10, 11, 4, 6])),
        draw(st.integers(0, 65535)),
        draw(PROPERTY_BLOCKS) if draw(st.booleans()) else b"",
        is_v5,
    )


@st.composite
def chunked(draw: st.DrawFn, data: bytes) -> list[bytes]:
    """The same bytes, cut at random places."""
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=12)))
    places = [0, *cuts, len(data)]
    return [data[a:b] for a, b in pairwise(places) if b > a]


@st.composite
def streams(draw: st.DrawFn) -> tuple[bool, list[bytes]]:
    is_v5 = draw(st.booleans())
    parts = draw(st.lists(packets(is_v5), max_size=12))
    data = b"".join(parts)
    if draw(st.booleans()) and data:
        at = draw(st.integers(0, len(data) - 1))
        data = data[:at] + draw(st.binary(max_size=3)) + data[at + 1 :]
    return is_v5, draw(chunked(data))


def build(client_type: type[StockClient], is_v5: bool) -> StockClient:
    options: dict[str, Any] = {"manual_ack": True, "client_id": "x"}
    protocol = paho.MQTTv5 if is_v5 else paho.MQTTv311
    client = client_type(CallbackAPIVersion.VERSION2, protocol=protocol, **options)
    if isinstance(client, ScanningClient):
        client.max_packet_bytes = MAX_PACKET_BYTES
    return client


def meets_type_zero(data: bytes, is_v5: bool) -> bool:
    """Whether a packet of the reserved type 0 comes up, at which paho loses count if it is cut."""
    at, stop = 0, Stop.FOREIGN
    while stop is Stop.FOREIGN:
        _, at, stop, size = scan_packets(data, at, is_v5=is_v5)
        if at < len(data) and data[at] == 0:
            return True
        at += size
    return False


def compare(is_v5: bool, chunks: list[bytes]) -> None:
    """Both readers over the same bytes. Once closed, paho says either success or no connection."""
    assume(not meets_type_zero(b"".join(chunks), is_v5))

    stock = hear(build(StockClient, is_v5), chunks)
    quick = hear(build(ScanningClient, is_v5), chunks)

    if not stock.is_open and stock.code == MQTTErrorCode.MQTT_ERR_NO_CONN:
        stock.code = 0
    assert quick == stock
    assert not quick.error


@given(stream=streams())
@settings(max_examples=400, deadline=None)
def test_both_readers_make_the_same_of_any_stream(stream: tuple[bool, list[bytes]]) -> None:
    """Messages, their order and flags, what is sent back, and how it ends."""
    compare(*stream)


@given(is_v5=st.booleans(), data=st.binary(max_size=400), chunks=st.data())
@settings(max_examples=400, deadline=None)
@example(is_v5=True, data=b"\x32\xff\xff\xff\xff\x01", chunks=None)
@example(is_v5=False, data=b"\x32\xff\xff\xff\x7f", chunks=None)
def test_garbage_ends_the_connection_or_is_waited_for(
    is_v5: bool, data: bytes, chunks: Any
) -> None:
    """No exception, no endless loop, and never another outcome than the stock reader's."""
    compare(is_v5, [data] if chunks is None else chunks.draw(chunked(data)))


@given(stream=streams(), limit=st.integers(4, 200))
@settings(max_examples=200, deadline=None)
def test_no_more_is_kept_than_one_allowed_packet(
    stream: tuple[bool, list[bytes]], limit: int
) -> None:
    """A packet over the limit ends the connection before it is collected."""
    is_v5, chunks = stream
    client = build(ScanningClient, is_v5)
    assert isinstance(client, ScanningClient)
    client.max_packet_bytes = limit
    kept: list[int] = []
    keep = client._keep

    def record(rest: bytes, needed: int) -> None:
        kept.append(len(rest))
        keep(rest, needed)

    client._keep = record  # type: ignore[method-assign] # to see what is kept

    hear(client, chunks)

    # A header of five bytes is kept whatever the limit: its length is not known before.
    assert all(size < max(limit, 6) for size in kept)


@given(stream=streams())
@settings(max_examples=300, deadline=None)
def test_a_scan_takes_a_prefix_and_ends_at_a_packet(stream: tuple[bool, list[bytes]]) -> None:
    """Whatever the bytes, what was taken and what is left make up the whole."""
    is_v5, chunks = stream
    data = b"".join(chunks)

    scan = scan_packets(data, is_v5=is_v5)

    ends = [packet[4] for packet in scan.packets]
    assert ends == sorted(set(ends))
    assert scan.rest == (ends[-1] if ends else 0)
    assert (scan.stop is Stop.END) == (scan.rest == len(data))
    if scan.stop is Stop.MORE:
        assert scan.size > len(data) - scan.rest
    if scan.stop is Stop.FOREIGN:
        assert 0 < scan.size <= len(data) - scan.rest
