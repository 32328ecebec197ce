"""Daily roll-ups as rows of the storage table: of the raw measurements, under the same tags.

A number gives its minimum, maximum, mean and count; a flag its share of true; a text its last
value, and the share of messages that said ``up``. Fields that a message lacks are not counted, so
each field has a count of its own.
"""

from types import MappingProxyType

from gigacity_contract.fields import FieldSpec, FieldType
from gigacity_contract.local_time import TIME_ZONE
from gigacity_contract.measurements import (
    DEVICE_MEASUREMENTS,
    INDICATOR,
    PON_PORT,
    R1D,
    Measurement,
)

UP = "up"
"""The text whose share is kept."""

_DAY = f"the start of a day of {TIME_ZONE}"


def rolled_up_fields(field: FieldSpec) -> tuple[FieldSpec, ...]:
    """What a roll-up keeps of a field."""
    count = FieldSpec(f"{field.name}_count", FieldType.INTEGER, "1")
    if field.type is FieldType.BOOLEAN:
        return (
            FieldSpec(f"{field.name}_share", FieldType.FLOAT, "ratio"),
            FieldSpec(f"{field.name}_last", FieldType.BOOLEAN),
            count,
        )
    if field.type is FieldType.STRING:
        return (
            FieldSpec(f"{field.name}_up_share", FieldType.FLOAT, "ratio"),
            FieldSpec(f"{field.name}_last", FieldType.STRING),
            count,
        )
    return (
        FieldSpec(f"{field.name}_min", field.type, field.unit),
        FieldSpec(f"{field.name}_max", field.type, field.unit),
        FieldSpec(f"{field.name}_mean", FieldType.FLOAT, field.unit),
        count,
    )


def rolled_up(raw: Measurement) -> Measurement:
    """The daily roll-up of a raw measurement."""
    fields = tuple(part for field in raw.fields for part in rolled_up_fields(field))
    return Measurement(raw.name, R1D, raw.tags, fields, time=_DAY)


TELEMETRY: tuple[Measurement, ...] = (PON_PORT, *DEVICE_MEASUREMENTS.values())
"""The measurements that are rolled up."""

INDICATOR_DAILY = Measurement(
    INDICATOR.name,
    R1D,
    INDICATOR.tags,
    (
        *INDICATOR.fields,
        FieldSpec("as_of_ms", FieldType.INTEGER, "ms"),
        FieldSpec("value_min", FieldType.FLOAT),
        FieldSpec("value_max", FieldType.FLOAT),
        FieldSpec("value_mean", FieldType.FLOAT),
        FieldSpec("value_count", FieldType.INTEGER, "1"),
    ),
    time=f"{_DAY}; the figure is that of the day's last instant",
)
"""Daily figures, kept for ever."""

ROLLUPS: MappingProxyType[str, Measurement] = MappingProxyType(
    {row.name: row for row in (*map(rolled_up, TELEMETRY), INDICATOR_DAILY)}
)
"""By name, which is that of what is rolled up."""
