"""Numbers that mean "no value", scaled as drivers scale readings; no reading is taken for one."""

import struct

import pytest

from gigacity_contract.decoding import DecodingNotes, decode_device, decode_pon
from gigacity_contract.fields import KIND_FIELDS, PORT_FIELDS, FieldSpec, FieldType
from gigacity_contract.sentinels import ANY_SENTINELS, SENTINELS
from tests.support.payload_strategies import encode

PORT = {"slot": 1, "port": 2, "tech": "gpon", "admin": "up", "oper": "up"}
NUMBERS = [
    (kind, field)
    for kind, fields in {"": PORT_FIELDS, **KIND_FIELDS}.items()
    for field in fields
    if field.type in {FieldType.FLOAT, FieldType.INTEGER}
]
IDS = [f"{kind}.{field.name}" for kind, field in NUMBERS]


def single(value: float) -> float:
    """As 32 bits hold it."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


def taken(kind: str, field: FieldSpec, value: float) -> tuple[float | None, DecodingNotes]:
    if kind:
        report, notes = decode_device(
            encode({"ts": 1, "kind": kind, "values": {field.name: value}})
        )
        return getattr(report.values, field.name), notes or DecodingNotes()
    port, notes = decode_pon(encode({"ts": 1, "ports": [PORT | {field.name: value}]}))
    return getattr(port.ports[0], field.name), notes or DecodingNotes()


def can_be_read(field: FieldSpec, value: float) -> bool:
    low, high = field.low or 0, field.high or 0
    is_kept = low <= value <= high and value not in ANY_SENTINELS
    return is_kept and (field.type is FieldType.FLOAT or float(value).is_integer())


@pytest.mark.parametrize(("kind", "field"), NUMBERS, ids=IDS)
def test_a_reading_is_never_taken_for_a_sentinel(kind: str, field: FieldSpec) -> None:
    """Whatever a field can hold it holds, though another's sentinel scaled looks the same."""
    readings = [value for value in SENTINELS if can_be_read(field, value)]
    readings += [field.low or 0, field.high or 0]

    assert [taken(kind, field, value) for value in readings] == [
        (value, DecodingNotes()) for value in readings
    ]


@pytest.mark.parametrize(("kind", "field"), NUMBERS, ids=IDS)
def test_what_no_field_can_hold_is_absent_counted_and_no_dead_letter(
    kind: str, field: FieldSpec
) -> None:
    sent = [value for value in SENTINELS if not can_be_read(field, value)]

    assert {taken(kind, field, value)[0] for value in sent} == {None}
    assert all(
        taken(kind, field, value)[1] == DecodingNotes(absent_fields={field.name: 1})
        for value in sent
    )


@pytest.mark.parametrize("sentinel", [2147483647, 2147483646, -2147483648, 4294967294, 4294967295])
@pytest.mark.parametrize("divisor", [10, 100, 1000, 10_000])
def test_a_driver_scales_and_prints_it_in_many_ways(sentinel: int, divisor: int) -> None:
    exact = sentinel / divisor
    ways = [exact, sentinel * (1 / divisor), float(int(exact)), single(sentinel / divisor),
            single(single(sentinel) / divisor)]  # fmt: skip
    ways += [float(f"{way:.{digits}f}") for way in ways for digits in range(7)]

    assert [way for way in ways if way not in SENTINELS] == []


@pytest.mark.parametrize(
    "value", [655.35, 65.535, 6553.5, 3276.7, 655.34, -327.68, 101.07, 21474736.47]
)
def test_narrow_and_shifted_ones_are_known(value: float) -> None:
    assert value in SENTINELS


@pytest.mark.parametrize("value", [33.0, 32.8, 66.0, 655.0, 328.0, 65536, 99999, 32768])
def test_a_wrong_unit_is_still_told(value: float) -> None:
    assert value not in SENTINELS
