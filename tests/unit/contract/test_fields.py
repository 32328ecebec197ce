"""Fields as data: types, units, ranges."""

import pytest

from gigacity_contract.fields import (
    KIND_FIELDS,
    PORT_FIELDS,
    PORT_TAGS,
    FieldSpec,
    FieldType,
)
from gigacity_contract.kinds import CATALOGUE, KIND_OF_VALUES
from gigacity_contract.measurements import DEVICE_MEASUREMENTS, MEASUREMENTS, PON_PORT

ALL = [*PORT_FIELDS, *(f for fields in KIND_FIELDS.values() for f in fields)]
NUMBERS = [f for f in ALL if f.type in {FieldType.FLOAT, FieldType.INTEGER}]
BY_NAME = {f.name: f for f in PORT_FIELDS}


def test_a_field_says_what_its_struct_says() -> None:
    assert BY_NAME["rx_dbm"] == FieldSpec("rx_dbm", FieldType.FLOAT, "dBm", -60, 30)
    assert BY_NAME["onu_online"] == FieldSpec("onu_online", FieldType.INTEGER, "1", 0, 1021)
    assert BY_NAME["oper"] == FieldSpec("oper", FieldType.STRING)
    assert KIND_FIELDS["camera"][0] == FieldSpec("intact", FieldType.BOOLEAN)


def test_identity_becomes_tags_and_nothing_is_both() -> None:
    assert not {f.name for f in PORT_FIELDS} & set(PORT_TAGS)
    for row in MEASUREMENTS.values():
        assert not {f.name for f in row.fields} & set(row.tags)


@pytest.mark.parametrize("field", NUMBERS)
def test_every_number_has_a_unit_and_a_range(field: FieldSpec) -> None:
    assert field.unit
    assert field.low is not None
    assert field.high is not None
    assert field.low < field.high


def test_the_catalogue_is_complete() -> None:
    required = (
        "camera access_gate parking_gate smoke_detector gas_detector elevator street_light"
        " water_meter electricity_meter gas_meter air_quality waste_bin ev_charger sos_button"
        " manhole_cover"
    )

    assert set(required.split()) <= CATALOGUE.keys()
    assert CATALOGUE.keys() == KIND_FIELDS.keys() == DEVICE_MEASUREMENTS.keys()
    assert set(KIND_OF_VALUES.values()) == CATALOGUE.keys()
    for kind in CATALOGUE.values():
        assert 60 <= kind.expected_interval_s <= 86_400
        assert kind.en
        assert kind.zh


def test_tags_are_sorted_as_influxdb_sorts_them() -> None:
    for row in MEASUREMENTS.values():
        assert list(row.tags) == sorted(row.tags)
        assert not {"time", "_field", "_measurement"} & {*row.tags, *(f.name for f in row.fields)}
    assert PON_PORT.tags == ("area", "olt", "port", "slot", "tech")
