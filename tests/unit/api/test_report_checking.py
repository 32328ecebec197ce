"""Checking an entry: every fault is found, each with its field."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gigacity_api.reports.catalogue import REPORTED, declarable
from gigacity_api.reports.checking import Checker, Draft
from gigacity_city.model import City
from gigacity_city.vocabulary import TARGETABLE
from tests.support.city import AREA_A, COMMUNITY_A, RETIRED_A

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "indicator": "service.end_to_end_online",
    "scope": "city",
    "as_of": "2026-10-31",
    "value": 0.975,
    "source": "滨数发〔2026〕12号",
}


@pytest.fixture
def checker(city: City) -> Checker:
    return Checker(city, round(NOW.timestamp() * 1000))


def accepted(checker: Checker, **changes: Any) -> Draft:
    draft, faults = checker.check(GOOD | changes)
    assert draft is not None, faults
    assert not faults
    return draft


def fields(checker: Checker, **changes: Any) -> list[str]:
    draft, faults = checker.check(GOOD | changes)
    assert draft is None
    assert all(fault.en and fault.zh for fault in faults)
    return [fault.field for fault in faults]


def test_a_good_entry_is_taken_as_it_is(checker: Checker, city: City) -> None:
    end_of_day = datetime.fromisoformat("2026-10-31T23:59:59+08:00")
    assert accepted(checker, reporter=" 市大数据局 ") == Draft(
        "service.end_to_end_online", "city", city.code, round(end_of_day.timestamp() * 1000), 0.975,
        None, None, "滨数发〔2026〕12号", "市大数据局",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"indicator": "brain.scenario"}, ["indicator"]),
        ({"indicator": "pon"}, ["indicator"]),
        ({"scope": "olt"}, ["scope"]),
        ({"scope": "village"}, ["scope"]),
        ({"scope": "community", "code": COMMUNITY_A}, ["scope"]),
        ({"scope": "area", "code": "371699"}, ["code"]),
        ({"scope": "area"}, ["code"]),
        ({"code": "371700"}, ["code"]),
        ({"as_of": "2026-11-25"}, ["as_of"]),
        ({"as_of": "2026-11-24T10:00:01+08:00"}, ["as_of"]),
        ({"as_of": "1999-12-31"}, ["as_of"]),
        ({"as_of": "2026-10-31T18:00:00"}, ["as_of"]),
        ({"as_of": "31.10.2026"}, ["as_of"]),
        ({"as_of": 20261031}, ["as_of"]),
        ({"value": -0.1}, ["value"]),
        ({"value": 97.5}, ["value"]),
        ({"value": "97.5%"}, ["value"]),
        ({"value": "many"}, ["value"]),
        ({"value": True}, ["value"]),
        ({"value": float("nan")}, ["value"]),
        ({"value": float("inf")}, ["value"]),
        ({"value": "1..2"}, ["value"]),
        ({"unit": "%"}, ["unit"]),
        ({"unit": "percent", "value": 97.5}, ["unit", "value"]),
        ({"indicator": "brain.scenarios", "value": -1}, ["value"]),
        ({"indicator": "brain.scenarios", "value": 30.5}, ["value"]),
        ({"indicator": "brain.scenarios", "value": 1e16}, ["value"]),
        ({"indicator": "brain.scenarios", "value": 30, "unit": "ratio"}, ["unit"]),
        ({"indicator": "brain.scenarios", "value": 30, "numerator": 30}, ["numerator"]),
        ({"numerator": 975}, ["denominator"]),
        ({"denominator": 1000}, ["numerator"]),
        ({"numerator": 975, "denominator": 0}, ["denominator"]),
        ({"numerator": 97.5, "denominator": 100}, ["numerator"]),
        ({"numerator": -975, "denominator": 1000}, ["numerator"]),
        ({"numerator": 970, "denominator": 1000}, ["value"]),
        ({"source": ""}, ["source"]),
        ({"source": "two\nlines"}, ["source"]),
        ({"source": "x" * 501}, ["source"]),
        ({"reporter": "a\x00b"}, ["reporter"]),
        ({"indicator": "nothing", "as_of": "soon", "source": None, "code": "1"},
         ["source", "indicator", "code", "as_of"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_field(
    checker: Checker, changes: dict[str, Any], wrong: list[str]
) -> None:
    assert fields(checker, **changes) == wrong


def test_every_missing_field_is_named(checker: Checker) -> None:
    _, faults = checker.check({})
    assert [f.field for f in faults] == ["indicator", "scope", "as_of", "value", "source"]


def test_the_hint_for_a_percentage_says_what_to_give(checker: Checker) -> None:
    _, faults = checker.check(GOOD | {"value": 97.5})
    assert "give 0.975" in faults[0].en
    _, faults = checker.check(GOOD | {"value": "97.5%"})
    assert "0.98 for 98 %" in faults[0].en


def test_a_retired_area_code_stands_for_its_successor(checker: Checker) -> None:
    assert accepted(checker, scope="area", code=RETIRED_A).code == AREA_A


def test_a_measured_figure_may_be_reported_where_it_has_a_level(checker: Checker) -> None:
    draft = accepted(
        checker, indicator="home.gigabit_access", scope="community", code=COMMUNITY_A, value=1,
        numerator=200, denominator=200, unit="ratio",
    )  # fmt: skip
    assert (draft.code, draft.numerator, draft.denominator) == (COMMUNITY_A, 200, 200)


def test_today_stands_for_this_moment_and_a_spreadsheet_date_for_its_day(checker: Checker) -> None:
    assert accepted(checker, as_of="2026-11-24").as_of_ms == NOW.timestamp() * 1000
    midnight = datetime(2026, 10, 31)  # noqa: DTZ001 - a spreadsheet's date has no zone
    assert accepted(checker, as_of=midnight).as_of_ms == accepted(checker).as_of_ms


def test_a_rate_may_be_a_fraction_and_exceed_one(checker: Checker) -> None:
    assert accepted(checker, indicator="mobile.stations_per_10k", value=15.9).value == 15.9


@pytest.mark.parametrize(
    "changes",
    [
        {"indicator": "brain.scenarios", "value": "1,5"},
        {"indicator": "brain.scenarios", "value": "1,"},
        {"value": "0,75", "numerator": "1,5", "denominator": "2,0"},
        {"value": 0.75, "numerator": "1,5", "denominator": "2,0"},
    ],
)
def test_a_decimal_comma_is_never_another_number(checker: Checker, changes: Any) -> None:
    """15 of 20 was stored for the last one."""
    assert "value" in (wrong := fields(checker, **changes)) or "numerator" in wrong


def test_a_code_that_a_spreadsheet_rounded_is_told_so(checker: Checker) -> None:
    _, faults = checker.check(GOOD | {"scope": "area", "code": "3.71602E+05"})
    assert "format the column as text" in faults[0].en
    assert accepted(checker, scope="area", code=371602.0).code == AREA_A
    assert accepted(checker, scope="area", code="３７１６０２").code == AREA_A


def test_numbers_may_come_as_text_with_thousands(checker: Checker) -> None:
    assert accepted(checker, indicator="brain.scenarios", value="1,200").value == 1200


def test_a_rounded_ratio_agrees_with_its_counts(checker: Checker) -> None:
    assert accepted(checker, value=0.975, numerator=9753, denominator=10_000).numerator == 9753


def test_every_reported_figure_is_one_that_may_have_a_target() -> None:
    assert set(REPORTED) <= set(TARGETABLE)
    for known in REPORTED.values():
        assert known.is_share <= (TARGETABLE[known.id] == "share")
        assert declarable(known.id) is known
