"""What a message costs that is not right, beside one that is: 16 ports of 20 fields."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from gigacity_contract.decoding import decode_pon

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

_PORT: dict[str, Any] = {
    "slot": 1, "tech": "xgs-pon", "admin": "up", "oper": "up", "tx_dbm": 5.2, "rx_dbm": -18.75,
    "onu_rx_min_dbm": -26.5, "bias_ma": 32.1, "temp_c": 41.5, "volt_v": 3.29, "onu_total": 34,
    "onu_online": 31, "down_bps": 2500000000, "up_bps": 410000000, "rx_bytes": 900719925474,
    "tx_bytes": 4503599627370, "bip_errors": 0, "fec_corrected": 12, "fec_uncorrectable": 3,
}  # fmt: skip
_REPORT = {"ts": 1767225600000, "seq": 41, "ports": [_PORT | {"port": p} for p in range(16)]}
GOOD = json.dumps(_REPORT).encode()
WITH_POINTS = json.dumps(json.loads(GOOD, parse_int=float)).encode()
MESSAGES: dict[str, tuple[bytes, int]] = {
    "a sentinel in every port": (GOOD.replace(b"-18.75", b"2147483647"), 10),
    "a scaled sentinel in every port": (GOOD.replace(b"-18.75", b"21474836.47"), 10),
    "whole numbers with a point": (WITH_POINTS, 10),
    "a mark and a NUL": (b"\xef\xbb\xbf" + GOOD + b"\0", 10),
    "nan in every port": (GOOD.replace(b"-18.75", b"-nan"), 16),
    "nan, and points without a zero": (
        WITH_POINTS.replace(b"-18.75", b"-nan").replace(b".0", b"."), 25,
    ),
}  # fmt: skip
"""With how many times the cost of the good one they may have."""


def least_us(decode: Callable[[bytes], object], payload: bytes) -> float:
    """The shortest of many calls: what other processes take is not counted."""
    shortest = float("inf")
    for _ in range(2000):
        started = time.perf_counter()
        decode(payload)
        shortest = min(shortest, time.perf_counter() - started)
    return shortest * 1e6


@pytest.mark.parametrize("name", MESSAGES)
def test_the_slow_path_stays_within_its_limit(name: str) -> None:
    payload, limit = MESSAGES[name]
    good_us, us = least_us(decode_pon, GOOD), least_us(decode_pon, payload)
    sys.stdout.write(f"\n{name}: {us:.0f} us, {us / good_us:.1f} times {good_us:.1f} us\n")

    assert us < limit * good_us
