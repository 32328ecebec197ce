"""What the encoder refuses: everything that one of the servers would refuse or read differently."""

import pytest

from gigacity_contract.errors import EncodeError
from gigacity_contract.line_protocol import MAX_KEY_BYTES, MAX_STRING_BYTES, encode_point
from gigacity_contract.measurements import (
    ARRIVAL,
    DEVICE_MEASUREMENTS,
    INDICATOR_LOG,
    MEASUREMENTS,
    PON_PORT,
    PRESENCE,
)

TAGS = {"area": "371602", "id": "olt-1", "object": "olt"}


def test_a_line_is_written_in_the_order_of_the_table_with_absent_parts_left_out() -> None:
    line = encode_point(
        PRESENCE,
        TAGS | {"community": ""},
        {"reason": 'a "b" \\', "online_ms": 5, "ended_ms": None},
        7,
    )

    assert line == rb'presence,area=371602,id=olt-1,object=olt online_ms=5i,reason="a \"b\" \\" 7'


def test_special_characters_of_a_tag_are_escaped() -> None:
    line = encode_point(ARRIVAL, {"worker": "a b,c=d"}, {"points": 1}, 1)

    assert line == rb"arrival,worker=a\ b\,c\=d points=1i 1"


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({}, "at least one field"),
        ({"ended_ms": None}, "at least one field"),
        ({"nosuch": 1}, "no field 'nosuch'"),
        ({"online_ms": 1.5}, "field online_ms is a integer"),
        ({"online_ms": True}, "field online_ms is a integer"),
        ({"online_ms": "1"}, "field online_ms is a integer"),
        ({"online_ms": 2**63}, "field online_ms is a integer"),
        ({"reason": 1}, "field reason is a string"),
        ({"reason": "two\nlines"}, "line break"),
        ({"reason": "cr\r"}, "line break"),
        ({"reason": "\ud800"}, "no Unicode"),
        ({"reason": "é" * (MAX_STRING_BYTES // 2 + 1)}, f"over {MAX_STRING_BYTES} bytes"),
    ],
)
def test_fields_that_no_server_stores_as_they_are(
    fields: dict[str, str | int | float | None], complaint: str
) -> None:
    with pytest.raises(EncodeError, match=complaint):
        encode_point(PRESENCE, TAGS, fields, 1)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), 10**400])
def test_a_float_must_be_finite(value: float) -> None:
    with pytest.raises(EncodeError, match="rx_dbm"):
        encode_point(PON_PORT, {"olt": "a"}, {"rx_dbm": value}, 1)


def test_a_boolean_must_be_one() -> None:
    with pytest.raises(EncodeError, match="intact is a boolean"):
        encode_point(DEVICE_MEASUREMENTS["camera"], {}, {"intact": 1}, 1)


@pytest.mark.parametrize(
    "value", ["a\n", "\r", "tab\t", "nul\x00", "back\\slash", "end\\", "\udfff"]
)
def test_tags_that_the_servers_refuse_or_read_differently(value: str) -> None:
    with pytest.raises(EncodeError, match="tag value"):
        encode_point(PRESENCE, {"id": value}, {"online_ms": 1}, 1)


@pytest.mark.parametrize("name", ["time", "_field", "_measurement", "host"])
def test_tags_that_the_table_does_not_name(name: str) -> None:
    with pytest.raises(EncodeError, match=f"no tag '{name}'"):
        encode_point(PRESENCE, {name: "x"}, {"online_ms": 1}, 1)


def test_a_tag_set_over_64_kib() -> None:
    with pytest.raises(EncodeError, match="exceed"):
        encode_point(PRESENCE, {"id": "x" * MAX_KEY_BYTES}, {"online_ms": 1}, 1)


def test_a_time_must_fit_64_bits_of_nanoseconds_in_the_precision_of_the_measurement() -> None:
    largest_ms = 9_223_372_036_854
    fields = {"revision": 1}

    assert encode_point(PRESENCE, {}, {"online_ms": 1}, largest_ms).endswith(b" 9223372036854")
    assert encode_point(INDICATOR_LOG, {}, fields, largest_ms * 10**6)
    for row, time in ((PRESENCE, largest_ms + 1), (INDICATOR_LOG, -(2**63) + 1)):
        with pytest.raises(EncodeError, match="beyond 64 bits"):
            encode_point(row, {}, {row.fields[-1].name: fields.get("x")}, time)


def test_a_precision_is_one_that_both_servers_read_alike() -> None:
    assert {m.precision for m in MEASUREMENTS.values()} <= {"ns", "ms", "s"}
