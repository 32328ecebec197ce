"""Lines of telemetry are read as the database would give them back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_api.indicators.inventory import KINDS
from gigacity_api.indicators.row_loader import PORT_COLUMNS, device_row
from gigacity_api.indicators.told_rows import told_rows
from gigacity_contract.fields import FieldSpec, FieldType
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.measurements import DEVICE_MEASUREMENTS, PON_PORT, Measurement

_VALUES: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.BOOLEAN: st.booleans(),
    FieldType.INTEGER: st.integers(-(2**53), 2**53),
    FieldType.FLOAT: st.floats(allow_nan=False, allow_infinity=False),
    FieldType.STRING: st.sampled_from(("up", "down")),
}
_Point = tuple[Measurement, dict[str, str], dict[str, Any], int]
_names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)


def _said(fields: tuple[FieldSpec, ...]) -> st.SearchStrategy[dict[str, Any]]:
    each = {field.name: _VALUES[field.type] for field in fields}
    return st.fixed_dictionaries({}, optional=each).filter(bool)


@st.composite
def _points(draw: st.DrawFn) -> _Point:
    measurement = draw(st.sampled_from([PON_PORT, *DEVICE_MEASUREMENTS.values()]))
    tags = {tag: draw(_names) for tag in measurement.tags}
    return measurement, tags, draw(_said(measurement.fields)), draw(st.integers(0, 2**41))


@given(st.lists(_points(), min_size=1, max_size=20))
def test_every_value_comes_back(
    points: list[tuple[Any, dict[str, str], dict[str, Any], int]],
) -> None:
    found = told_rows("\n".join(encode_point(*point).decode() for point in points))
    for name, rows in found.items():
        mine = [point for point in points if point[0].name == name]
        kind = name.removeprefix("device_")
        columns = PORT_COLUMNS if name == PON_PORT.name else device_row(kind).__struct_fields__[1:]
        for row, (_, tags, fields, time) in zip(rows, mine, strict=True):
            assert row.time == time
            told = [getattr(row, column) for column in columns]
            assert told == [tags.get(column, fields.get(column)) for column in columns]
    assert sum(map(len, found.values())) == len(points)


@pytest.mark.parametrize(
    "line",
    [
        "", "pon_port", "pon_port,area=1 oper=up", 'pon_port,area=1 oper="up" x',
        'pon_port,area=1 oper="up"  1', 'pon_port,area=1 oper="a b" 1', "cpu,area=1 x=1i 1",
        "pon_port,area=a\\ b tx_dbm=1 1", 'pon_port,area=1 tx_dbm="1" 1', "pon_port tx_dbm= 1",
    ],
)  # fmt: skip
def test_what_no_worker_writes_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        told_rows(line)


def test_all_kinds_are_read() -> None:
    for kind in KINDS:
        name = DEVICE_MEASUREMENTS[kind].name
        assert list(told_rows(f"{name},community=c,device=d stamped=true 5")) == [name]
