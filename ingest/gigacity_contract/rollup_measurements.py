"""Roll-ups as rows of the storage table: derived from the raw measurements, under the same tags.

A number gives its minimum, maximum, mean and count; a flag its share of true; a text its last
value, and the share of messages that said ``up``. Fields that a message lacks are not counted, so
each field has a count of its own, by which means are weighted when windows are joined.
"""

from types import MappingProxyType

from gigacity_contract.fields import FieldSpec, FieldType
from gigacity_contract.measurements import (
    DEVICE_MEASUREMENTS,
    INDICATOR,
    PON_PORT,
    R1D,
    R5M,
    Measurement,
    RetentionPolicy,
)

UP = "up"
"""The text whose share is kept."""

FIVE_MINUTES_MS = 300_000
DAY_MS = 86_400_000
DAY_OFFSET_MS = 8 * 3_600_000
"""Days are those of Asia/Shanghai, which is UTC+8 all year."""


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


def rolled_up(raw: Measurement, policy: RetentionPolicy) -> Measurement:
    """The roll-up of a raw measurement in a policy."""
    fields = tuple(part for field in raw.fields for part in rolled_up_fields(field))
    length = "5 minutes" if policy is R5M else "a day of Asia/Shanghai"
    return Measurement(raw.name, policy, raw.tags, fields, time=f"the start of {length}")


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
    time="the start of a day of Asia/Shanghai; the figure is that of the day's last instant",
)
"""Daily figures, kept for ever."""

ROLLUPS: MappingProxyType[tuple[str, str], Measurement] = MappingProxyType(
    {
        (row.policy.name, row.name): row
        for row in (
            *(rolled_up(raw, policy) for policy in (R5M, R1D) for raw in TELEMETRY),
            INDICATOR_DAILY,
        )
    }
)
"""By policy and name: a roll-up has the name of what it rolls up."""
