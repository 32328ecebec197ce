"""Finds PUBLISH packets in a stream of MQTT bytes. Pure: bytes in, packets out.

It takes only what it can judge by itself: whole packets of QoS 0 and 1 with a topic and, in MQTT 5,
without properties or with a block of properties that the full reader has accepted before. At
anything else it stops and says so, and the full reader takes over for one packet.
"""

from collections.abc import Container
from enum import Enum
from typing import Final, NamedTuple

Packet = tuple[int, bytes, bytes, int, int]
"""Packet id (0 for QoS 0), topic, payload, key of FLAGS, and where the packet ends."""

FLAGS: Final = tuple(((first >> 1) & 3, bool(first & 1), bool(first & 8)) for first in range(16))
"""QoS, retain and dup by the lower four bits of a packet's first byte."""

MAX_PACKET_BYTES: Final = 5 + 268_435_455
"""The protocol's own limit, with the header."""

_CONTINUES = 128
_LENGTH_BYTES = 4


class Stop(Enum):
    """Why a scan ended."""

    END = "end"
    """Every byte was taken."""
    MORE = "more"
    """A packet begins that is not whole."""
    FOREIGN = "foreign"
    """A whole packet for the full reader."""
    MALFORMED = "malformed"
    """A length that no packet can have: nothing behind it can be understood."""
    TOO_LARGE = "too_large"
    """A packet longer than allowed: it must not be waited for."""


class Scan(NamedTuple):
    """What a scan found."""

    packets: list[Packet]
    rest: int
    """Offset of the first byte that was not taken."""
    stop: Stop
    size: int
    """FOREIGN: length of that packet. MORE: bytes, from ``rest`` on, before it is worth another
    try. Otherwise 0."""


def scan_packets(  # noqa: C901, PLR0912 - one pass without calls: this loop meets every message.
    data: bytes,
    start: int = 0,
    *,
    is_v5: bool,
    plain_properties: Container[bytes] = frozenset(),
    max_packet_bytes: int = MAX_PACKET_BYTES,
) -> Scan:
    """Take every PUBLISH that stands at the beginning of ``data``.

    Args:
        data: received bytes, from the beginning of a packet on.
        start: where to begin.
        is_v5: MQTT 5, where a block of properties stands behind the packet id.
        plain_properties: blocks of up to 127 bytes, without their length, that are valid and hold
            no topic alias.
        max_packet_bytes: longest packet, with its header, that is taken or waited for.
    """
    packets: list[Packet] = []
    at, size = start, len(data)
    while at + 2 <= size:
        first, length, begin = data[at], data[at + 1], at + 2
        if length >= _CONTINUES:
            if begin < size and data[begin] < _CONTINUES:
                length, begin = length & 127 | data[begin] << 7, begin + 1
            else:
                begin, length = _measure(data, at)
                if begin < 0:
                    break
        end = begin + length
        if end > size or end - at > max_packet_bytes or first & 0xF4 != 0x30:
            break
        topic = begin + 2
        if topic >= end:
            break
        topic_end = body = topic + (data[begin] << 8 | data[begin + 1])
        mid = 0
        if first & 2:
            body += 2
            if body > end:
                break
            mid = data[topic_end] << 8 | data[topic_end + 1]
        if is_v5:
            if body >= end:
                break
            block = data[body]
            body += 1 + block
            if block and data[body - block : body] not in plain_properties:
                break
        if body > end or topic_end == topic:
            break
        packets.append((mid, data[topic:topic_end], data[body:end], first & 15, end))
        at = end
    return Scan(packets, at, *_judge(data, at, max_packet_bytes))


def _measure(data: bytes, at: int) -> tuple[int, int]:
    """Where the packet's content begins and how long it is.

    -1 as beginning if its length is not whole, -2 if it has more than four bytes.
    """
    length, place = 0, at + 1
    for count in range(_LENGTH_BYTES):
        if place >= len(data):
            return -1, 0
        length |= (data[place] & 127) << 7 * count
        place += 1
        if data[place - 1] < _CONTINUES:
            return place, length
    return (-2 if place < len(data) else -1), 0


def _judge(data: bytes, at: int, max_packet_bytes: int) -> tuple[Stop, int]:
    """Why the packet at ``at`` was not taken, and its length as far as it matters."""
    size = len(data)
    if at == size:
        return Stop.END, 0
    begin, length = _measure(data, at)
    if begin == -1:
        return Stop.MORE, size - at + 1
    if begin == -2:
        return Stop.MALFORMED, 0
    whole = begin + length - at
    if whole > max_packet_bytes:
        return Stop.TOO_LARGE, 0
    return (Stop.MORE if at + whole > size else Stop.FOREIGN), whole
