"""Numbers and dates of offices: one meaning is read, two are refused in words that help."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_api.reports.cells import CellError, read_day_or_moment, read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("32", 32), ("-5", -5), ("+5", 5), ("0.98", 0.98), ("007", 7), (" 32 ", 32),
        ("1,200", 1200), ("1,234,567", 1_234_567), ("12,345.67", 12_345.67),
        ("１２３", 123), ("１２３，４５６．７", 123_456.7), ("　３２　", 32), ("－３", -3),
    ],
)  # fmt: skip
def test_a_number_with_one_meaning_is_read(text: str, number: float) -> None:
    assert read_number(text, is_whole=True) == number


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1,5", "a decimal has a point"), ("1,", "a decimal has a point"),
        (",5", "a decimal has a point"), ("0,975", "a decimal has a point"),
        ("1,23", "a comma groups thousands"), ("12,34,567", "a comma groups thousands"),
        ("1234,567", "a comma groups thousands"), ("1,2000", "a comma groups thousands"),
        ("1.234,5", "a comma groups thousands"), ("1，5", "a comma groups thousands"),
        ("1.234.567", "digits alone"), ("1 200", "digits alone"), ("1\u00a0200", "digits alone"),
        ("1'200", "digits alone"), ("1_200", "digits alone"), ("3.2万", "digits alone"),
        ("三十二", "digits alone"), ("٣٢", "digits alone"), ("32个", "digits alone"),
        (".5", "digits alone"), ("5.", "digits alone"), ("1..2", "digits alone"),
        ("--5", "digits alone"), ("nan", "digits alone"), ("inf", "digits alone"),
        ("=1+1", "digits alone"), ("9" * 400, "digits alone"), ("", "digits alone"),
        ("1.2E+05", "is rounded"), ("97.5%", "0.98 for 98 %"), ("９７％", "0.98 for 98 %"),
    ],
)  # fmt: skip
def test_what_is_no_number_or_two_is_refused(text: str, hint: str) -> None:
    with pytest.raises(CellError, match=hint) as caught:
        read_number(text, is_whole=True)
    assert caught.value.zh


def test_a_group_that_may_be_a_fraction_is_refused_where_fractions_are() -> None:
    with pytest.raises(CellError, match=r"may be 18250 or 18\.250"):
        read_number("18,250", is_whole=False)
    assert read_number("18,250.0", is_whole=False) == 18_250
    assert read_number("1,018,250", is_whole=False) == 1_018_250


@pytest.mark.parametrize("value", [True, None, float("nan"), float("inf"), [], date(2026, 1, 1)])
def test_what_is_no_number_at_all_is_refused(value: Any) -> None:
    with pytest.raises(CellError):
        read_number(value, is_whole=False)


@given(st.integers(-(10**15), 10**15), st.booleans())
def test_whatever_a_spreadsheet_groups_by_thousands_is_that_number(n: int, wide: bool) -> None:
    text = f"{n:,}"
    if wide:
        text = text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    assert read_number(text, is_whole=True) == n


@given(st.text("0123456789,.+- ", max_size=12))
def test_no_text_is_read_as_another_number_than_python_reads_without_its_groups(text: str) -> None:
    try:
        found = read_number(text, is_whole=True)
    except CellError:
        return
    assert found == float(text.strip().replace(",", ""))
    if "," in text:
        whole = text.strip().lstrip("+-").partition(".")[0].split(",")
        assert [len(group) for group in whole[1:]] == [3] * (len(whole) - 1)


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-31", "2026/10/31", "2026.10.31", "2026年10月31日", "2026 年 10 月 31 日",
        "20261031", "2026/10/31 0:00", "2026/10/31 0:00:00", "2026-10-31 00:00:00",
        "２０２６－１０－３１", "２０２６年１０月３１日", "2026年10月31日 0:00:00",
    ],
)  # fmt: skip
def test_a_day_as_the_spreadsheets_of_this_country_write_it_is_read(text: str) -> None:
    assert read_day_or_moment(text) == date(2026, 10, 31)


@pytest.mark.parametrize("text", ["2026-1-5", "2026/1/5", "2026.1.5", "2026年1月5日"])
def test_a_day_needs_no_leading_zeros(text: str) -> None:
    assert read_day_or_moment(text) == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("10/11/2026", "more than one way"), ("31/10/2026", "more than one way"),
        ("10-11-26", "more than one way"), ("26/10/31", "more than one way"),
        ("31.10.2026", "more than one way"), ("2026-10/31", "more than one way"),
        ("2026/2/30", "there is no day"), ("2026-13-01", "there is no day"),
        ("2026-10-31T18:00:00", "without its zone"), ("2026-10-31 18:00", "without its zone"),
        (datetime(2026, 10, 31, 18), "without its zone"),  # noqa: DTZ001 - as a spreadsheet's
        (46326, "a spreadsheet's number of a day"), (46326.75, "a spreadsheet's number of a day"),
        ("2026-10", "neither a day"), ("2026年10月", "neither a day"), ("2026-W44-6", "neither"),
        ("Oct 31 2026", "neither a day"), ("二〇二六年十月三十一日", "neither a day"),
        ("2026-10-31T25:00:00Z", "neither a day"), (20261031, "neither a day"),
        (True, "neither a day"), (time(12), "neither a day"), ("", "neither a day"),
    ],
)  # fmt: skip
def test_what_is_no_day_or_two_is_refused(given: Any, hint: str) -> None:
    with pytest.raises(CellError, match=hint) as caught:
        read_day_or_moment(given)
    assert caught.value.zh


def test_a_moment_has_its_zone() -> None:
    moment = read_day_or_moment("2026-10-31T18:00:00+08:00")
    assert moment == datetime(2026, 10, 31, 10, tzinfo=UTC)
    assert isinstance(moment, datetime)
    assert read_day_or_moment("2026-10-31 10:00:00Z") == moment
    midnight = datetime(2026, 10, 31)  # noqa: DTZ001 - a spreadsheet's date
    assert read_day_or_moment(midnight) == date(2026, 10, 31)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_the_same_however_it_is_written(day: date) -> None:
    y, m, d = day.year, day.month, day.day
    texts = (f"{y}-{m:02}-{d:02}", f"{y}/{m}/{d}", f"{y}.{m}.{d}", f"{y}年{m}月{d}日")
    assert {read_day_or_moment(text) for text in texts} == {day}
    assert read_day_or_moment(f"{day + timedelta(1):%Y%m%d}") == day + timedelta(1)
