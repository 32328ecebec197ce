"""Lines of ``device_<kind>``: a cached prefix for each device, shapes for each kind."""

from functools import cache

from gigacity_contract.fields import FieldSpec
from gigacity_contract.kinds import KIND_OF_VALUES, Values
from gigacity_contract.measurements import DEVICE_MEASUREMENTS, STAMPED
from gigacity_contract.sentinels import ANY_SENTINELS
from gigacity_ingest.encode.line_builder import FieldShapes, marked

SHAPES_OF_VALUES = {
    values: FieldShapes(DEVICE_MEASUREMENTS[kind].fields) for values, kind in KIND_OF_VALUES.items()
}
"""Shapes of points by values struct."""
MEASUREMENT_OF_VALUES = {
    values: DEVICE_MEASUREMENTS[kind].name for values, kind in KIND_OF_VALUES.items()
}
"""Measurement name by values struct."""


STAMP = marked(f" {STAMPED.name}=true")
"""Behind the prefix of a point that has the time of its arrival; ``stamped_shapes`` go with it."""


@cache
def stamped_shapes(values: type[Values]) -> FieldShapes:
    """Shapes of points behind ``STAMP``; few kinds ever need them."""
    return FieldShapes(DEVICE_MEASUREMENTS[KIND_OF_VALUES[values]].fields, first=",")


def _may_hold_sentinel(field: FieldSpec) -> bool:
    """Whether a vendor's "no value" lies in the field's range, so that ranges do not catch it."""
    low, high = field.low, field.high
    if low is None or high is None:
        return False  # Neither true nor false is one.
    return any(low <= sentinel <= high for sentinel in ANY_SENTINELS)


HIDES_SENTINELS = frozenset(
    values
    for values, kind in KIND_OF_VALUES.items()
    if any(_may_hold_sentinel(field) for field in DEVICE_MEASUREMENTS[kind].fields)
)
"""Structs of whose fields some may hold a sentinel that passes its range."""


def device_prefix(values: type[Values], area: str, community: str, device: str) -> str:
    """Measurement and tags of a device's lines, ``marked``; keep it, it never changes.

    The codes and the id have passed the grammar of identities, which has nothing that a tag would
    have to escape.
    """
    name = MEASUREMENT_OF_VALUES[values]
    return f"{name};area={area};community={community};device={device}"
