"""Scanning PUBLISH packets, case by case."""

import pytest

from gigacity_ingest.fast_path.publish_packets import FLAGS, Stop, scan_packets
from tests.support.mqtt_stream import encode_packet, encode_publish

TOPIC = b"gigacity/v1/371602/olt/olt-1/pon"


def publish(
    payload: bytes = b"{}",
    *,
    flags: int = 2,
    mid: int = 7,
    properties: bytes = b"",
    is_v5: bool = True,
) -> bytes:
    return encode_publish(TOPIC, payload, flags, mid, properties, is_v5)


@pytest.mark.parametrize("is_v5", [False, True], ids=["3.1.1", "5"])
@pytest.mark.parametrize("size", [0, 1, 80, 200, 16_000, 16_400, 2_100_000])
def test_packets_of_every_length_are_taken(size: int, is_v5: bool) -> None:
    """One to four length bytes, one packet behind the other."""
    first, second = publish(b"x" * size, is_v5=is_v5), publish(mid=8, flags=0, is_v5=is_v5)

    scan = scan_packets(first + second, is_v5=is_v5)

    assert scan.packets == [
        (7, TOPIC, b"x" * size, 2, len(first)),
        (0, TOPIC, b"{}", 0, len(first + second)),
    ]
    assert (scan.rest, scan.stop) == (len(first + second), Stop.END)


def test_flags_are_those_of_the_first_byte() -> None:
    assert FLAGS[2] == (1, False, False)
    assert FLAGS[0b1011] == (1, True, True)
    assert FLAGS[1] == (0, True, False)


@pytest.mark.parametrize("size", range(1, len(publish())))
def test_a_packet_that_is_not_whole_is_left(size: int) -> None:
    """However it is cut, nothing is taken and the whole is asked for once its length is known."""
    whole, part = publish(), publish()[:size]

    scan = scan_packets(whole + part, is_v5=True)

    assert len(scan.packets) == 1
    assert (scan.rest, scan.stop) == (len(whole), Stop.MORE)
    assert scan.size == (2 if size == 1 else len(whole))


@pytest.mark.parametrize(
    "packet",
    [
        b"\xd0\x00",
        publish(flags=4),
        publish(flags=6),
        encode_publish(b"", b"{}", 2, 7, b"", is_v5=True),
        publish(properties=b"\x23\x00\x01"),
        publish(properties=b"\x26\x00\x01a" + b"\x00\x7eb" + b"b" * 125),
        encode_packet(0x32, b""),
        encode_packet(0x32, b"\x00"),
        encode_packet(0x32, b"\x00\x09abc"),
        encode_packet(0x32, b"\x00\x01a\x00"),
        encode_packet(0x32, b"\x00\x01a\x00\x07"),
        encode_packet(0x32, b"\x00\x01a\x00\x07\x09"),
    ],
    ids=[
        "pingresp", "qos-2", "qos-3", "no-topic", "topic-alias", "long-properties", "empty",
        "half-a-length", "topic-too-long", "half-an-id", "no-properties", "properties-too-long",
    ],
)  # fmt: skip
def test_everything_else_is_for_the_full_reader(packet: bytes) -> None:
    """The packet before it is taken; the one behind it waits."""
    before = publish()

    scan = scan_packets(before + packet + before, is_v5=True)

    assert len(scan.packets) == 1
    assert (scan.rest, scan.stop, scan.size) == (len(before), Stop.FOREIGN, len(packet))
    assert scan_packets(packet, is_v5=True) == ([], 0, Stop.FOREIGN, len(packet))


def test_properties_end_with_their_packet() -> None:
    """The byte behind it would make the block a known one."""
    packet = encode_packet(0x32, b"\x00\x01a\x00\x07\x02\x01")

    scan = scan_packets(packet + b"\x01", is_v5=True, plain_properties={b"\x01\x01"})

    assert (scan.packets, scan.stop, scan.size) == ([], Stop.FOREIGN, len(packet))


def test_known_properties_are_passed_over() -> None:
    block = b"\x03\x00\x10application/json"
    packet = publish(properties=block)

    assert scan_packets(packet, is_v5=True).stop is Stop.FOREIGN
    scan = scan_packets(packet, is_v5=True, plain_properties={block})
    assert scan.packets == [(7, TOPIC, b"{}", 2, len(packet))]


@pytest.mark.parametrize(
    ("data", "stop"),
    [
        (b"\x32\xff\xff\xff\xff\x01", Stop.MALFORMED),
        (b"\x32\xff\xff\xff\xff", Stop.MORE),
        (b"\x32\xff\xff\xff\x7f", Stop.TOO_LARGE),
        (b"\xd0\xff\x7f", Stop.TOO_LARGE),
        (publish(b"x" * 100), Stop.TOO_LARGE),
    ],
    ids=["five-length-bytes", "undecided", "256-megabytes", "another-kind", "whole"],
)
def test_lengths_that_are_not_waited_for(data: bytes, stop: Stop) -> None:
    assert scan_packets(data, is_v5=True, max_packet_bytes=100).stop is stop
