"""Instants as foreign formats write them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_ingest.formats.times import EARLIEST_MS, TimeRule, TimeUnit

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


def _read_alone(text: str, zone: ZoneInfo) -> int | None:
    """Without any memory of other texts."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    instant = instant if instant.tzinfo else instant.replace(tzinfo=zone)
    found = round(instant.timestamp() * 1000)
    return found if found >= EARLIEST_MS else None


@given(
    st.datetimes(datetime(2019, 12, 31), datetime(2031, 1, 1)),  # noqa: DTZ001 - local texts
    st.sampled_from(["", "Z", "+08:00", "-03:30", ".5", ".204511873Z", ",5", "+0800", "+08", "x"]),
    st.sampled_from(["00", "07", "30", "59", "60", "99", "3", "x1", "３０"]),
    st.sampled_from(["T", " "]),
    st.sampled_from([SHANGHAI, ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")]),
)
def test_a_text_means_the_same_whatever_came_in_its_minute(
    minute: datetime, rest: str, seconds: str, mark: str, zone: ZoneInfo
) -> None:
    """Hours that a zone has twice or never are among them."""
    start = minute.strftime(f"%Y-%m-%d{mark}%H:%M:")
    rule = TimeRule(zone=zone)
    for text in (f"{start}11{rest}", f"{start}{seconds}{rest}", f"{start}{seconds}"):
        assert rule.instant_ms(text) == _read_alone(text, zone)


@given(
    st.datetimes(datetime(2020, 1, 2), datetime(2090, 1, 1)),  # noqa: DTZ001
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "UTC"]),
    st.sampled_from(["seconds", "milliseconds", "microseconds"]),
)
def test_a_local_text_is_what_the_standard_library_says(
    local: datetime, zone: str, precision: str
) -> None:
    text = local.isoformat(timespec=precision)
    instant = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    rule = TimeRule(zone=ZoneInfo(zone))

    for _ in range(2):  # The second time from what was remembered.
        assert abs(rule.instant_ms(text) - instant.timestamp() * 1000) <= 0.51  # type: ignore[operator]
