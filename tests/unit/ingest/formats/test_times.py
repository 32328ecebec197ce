"""Instants as foreign formats write them."""

from zoneinfo import ZoneInfo

import pytest

from gigacity_ingest.formats.times import TimeRule, TimeUnit

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON_MS = 1_764_504_000_000
"""2025-11-30 12:00:00 UTC."""


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_764_504_000, NOON_MS),
        (1_764_504_000.25, NOON_MS + 250),
        (1_764_504_000_000, NOON_MS),
        (1_764_504_000_000_000, NOON_MS),
        (1_764_504_000_000_000_000, NOON_MS),
        ("1764504000", NOON_MS),
        ("1764504000123", NOON_MS + 123),
        ("2025-11-30T12:00:00Z", NOON_MS),
        ("20251130T120000Z", NOON_MS),
        ("2025-11-30T12:00:00.204511873Z", NOON_MS + 205),
        ("2025-11-30T20:00:00+08:00", NOON_MS),
        ("2025-11-30 12:00:00", NOON_MS),
        ("20251130120000", NOON_MS),
        ("20251130120000881", NOON_MS + 881),
        ("20251130112233344", NOON_MS - 2_246_656),
        (20251130120000, NOON_MS),
        (20251130120000881, NOON_MS + 881),
        ("202511301200", None),
        (0, None),
        (2018249, None),
        (None, None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        ("1970-01-01T00:00:00Z", None),
        ("soon", None),
        ({}, None),
    ],
    ids=repr,
)
def test_the_unit_follows_from_the_magnitude(value: object, expected: int | None) -> None:
    assert TimeRule().instant_ms(value) == expected


def test_a_stated_unit_overrides_the_magnitude() -> None:
    assert TimeRule(unit=TimeUnit.SECONDS).instant_ms(NOON_MS // 1000) == NOON_MS
    assert TimeRule(unit=TimeUnit.MILLISECONDS).instant_ms(NOON_MS // 1000) is None


def test_a_zone_is_for_texts_without_an_offset_alone() -> None:
    rule = TimeRule(zone=SHANGHAI)
    assert rule.instant_ms("2025-11-30 20:00:00.123") == NOON_MS + 123
    assert rule.instant_ms("2025-11-30T12:00:00Z") == NOON_MS
    assert rule.instant_ms(NOON_MS) == NOON_MS


def test_a_format_of_its_own_reads_seventeen_local_digits() -> None:
    rule = TimeRule(zone=SHANGHAI, format="%Y%m%d%H%M%S%f")
    assert rule.instant_ms("20251130200000881") == NOON_MS + 881
